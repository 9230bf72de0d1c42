//! The stock flow: what each Shopify location shows as available is what NetSuite can still promise there.
//!
//! Lives here: `plan`, which decides. Reading, writing and recording is [`driver`], starting it [`feed`], bundles
//! [`kits`].

pub mod driver;
pub mod feed;
pub mod kits;

use std::collections::BTreeMap;

use super::exception::Finding;
use crate::domain::{CauseCode, FixedMap, Sku};
use crate::ports::stock::{InventoryLevel, LevelChange, StockRow};
use kits::{Kits, Member};

/// What both sides say of one location. The levels were read first, then the books: an order that is sold in
/// between makes the comparison of its level fail, and one that is booked in between is in both figures or in
/// neither.
#[derive(Debug)]
pub struct Observed<'a> {
    pub levels: &'a [InventoryLevel],
    pub books: &'a Books,
    pub kits: &'a Kits,
    /// Units that are never shown.
    pub buffer: i64,
}

/// What NetSuite says of a location, item by item.
pub type Books = FixedMap<Sku, StockRow>;

/// What is to be done at one location.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub changes: Vec<LevelChange>,
    pub findings: Vec<Finding>,
    /// A level is set lower for units that NetSuite does not show yet: it is to be compared again when it does.
    pub is_provisional: bool,
}

/// What is still to do for one location.
///
/// Published is what is available in NetSuite, less what Shopify has sold and NetSuite does not show yet, less the
/// buffer, and never below zero; a bundle's is the least that its members allow. Both figures are taken member by
/// member, because a bundle's sale lowers its members in NetSuite only.
///
/// Reads no clock and calls nobody. Calling it again on the result of its own changes yields none
/// (`a_plan_is_settled_by_its_own_changes` proves it for any stock).
pub fn plan(seen: &Observed) -> Plan {
    let unseen = unseen(seen);
    let mut plan = Plan::default();
    let mut unmapped = Vec::new();
    let mut unresolved = Vec::new();
    for level in seen.levels.iter().filter(|level| level.is_tracked) {
        // A variant without a SKU is nothing that NetSuite could know.
        let Some(sku) = &level.sku else { continue };
        let published = match seen.kits.members(sku) {
            Some(None) => {
                unresolved.push(sku);
                continue;
            }
            Some(Some(members)) => published_bundle(seen, &unseen, members),
            None => published_item(seen, &unseen, sku),
        };
        match published {
            // Not a zero: nobody knows whether it can be sold (failures.md C-3).
            None => unmapped.push(sku),
            Some(units) if units != level.available => {
                plan.is_provisional |= parts(seen, sku).any(|part| unseen.contains_key(part));
                plan.changes.push(LevelChange { item: level.item, from: level.available, to: units });
            }
            Some(_) => {}
        }
    }
    for (code, skus) in [(CauseCode::ItemUnmapped, unmapped), (CauseCode::BundleUnresolved, unresolved)] {
        plan.findings.extend(named(code, skus));
    }
    plan
}

/// Items of which more is sold than there is.
pub fn oversold(books: &Books) -> Option<Finding> {
    let rows = books.values().filter(|row| row.back_ordered > 0);
    named(CauseCode::OversoldUnits, rows.filter_map(|row| row.sku.as_ref()).collect())
}

/// Whether what NetSuite says now of an item asks for its level to be compared.
///
/// An order of ours that is booked, changed or cancelled moves what is available and what is of the shop against
/// each other: Shopify's level has moved by itself when it was placed. One that ships moves only what is of the shop.
/// Everything else is the work of somebody whom Shopify does not know.
pub fn is_stirred(before: Option<&StockRow>, now: &StockRow) -> bool {
    let Some(before) = before else { return true };
    let free = |row: &StockRow| row.available - row.back_ordered;
    free(before) != free(now) && free(before) + before.of_shop != free(now) + now.of_shop
}

/// The items of the books that a unit of `sku` takes.
fn parts<'a>(seen: &Observed<'a>, sku: &'a Sku) -> impl Iterator<Item = &'a Sku> {
    let members = seen.kits.members(sku);
    let own = members.is_none().then_some(sku);
    own.into_iter().chain(members.flatten().unwrap_or_default().iter().map(|member| &member.sku))
}

/// Units that Shopify has sold and no sales order in NetSuite shows, by item of the books.
///
/// Shopify's own count of what is committed is asked, not our list of pending orders: it knows every order, also
/// one whose webhook was lost (failures.md B14).
fn unseen<'a>(seen: &Observed<'a>) -> BTreeMap<&'a Sku, i64> {
    let mut sold: BTreeMap<&Sku, i64> = BTreeMap::new();
    for level in seen.levels.iter().filter(|level| level.committed != 0) {
        let Some(sku) = &level.sku else { continue };
        match seen.kits.members(sku) {
            Some(Some(members)) => {
                for member in members {
                    *sold.entry(&member.sku).or_default() += level.committed * i64::from(member.quantity);
                }
            }
            Some(None) => {}
            None => *sold.entry(sku).or_default() += level.committed,
        }
    }
    sold.retain(|sku, units| {
        *units -= seen.books.get(*sku).map_or(0, |row| row.of_shop);
        *units > 0
    });
    sold
}

fn published_item(seen: &Observed, unseen: &BTreeMap<&Sku, i64>, sku: &Sku) -> Option<i64> {
    let row = seen.books.get(sku)?;
    Some((row.available - unseen.get(sku).copied().unwrap_or(0) - seen.buffer).max(0))
}

/// The least that the members allow. A member that is named twice is counted once, with all its units.
fn published_bundle(seen: &Observed, unseen: &BTreeMap<&Sku, i64>, members: &[Member]) -> Option<i64> {
    let mut needed: BTreeMap<&Sku, i64> = BTreeMap::new();
    for member in members {
        *needed.entry(&member.sku).or_default() += i64::from(member.quantity);
    }
    needed
        .into_iter()
        .map(|(sku, units)| published_item(seen, unseen, sku).map(|available| available / units.max(1)))
        .collect::<Option<Vec<i64>>>()?
        .into_iter()
        .min()
}

/// One finding that names the first few.
fn named(code: CauseCode, mut skus: Vec<&Sku>) -> Option<Finding> {
    const NAMED: usize = 10;
    if skus.is_empty() {
        return None;
    }
    skus.sort_unstable();
    let mut detail = String::new();
    for sku in skus.iter().take(NAMED) {
        if !detail.is_empty() {
            detail.push_str(", ");
        }
        detail.push_str(&sku.0);
    }
    if skus.len() > NAMED {
        detail.push_str(&format!(" and {} more", skus.len() - NAMED));
    }
    Some(Finding::new(code, None, detail))
}

#[cfg(test)]
mod tests;
