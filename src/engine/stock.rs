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
                plan.changes.push(LevelChange { item: level.item, from: level.available, to: units });
            }
            Some(_) => {}
        }
    }
    let oversold: Vec<&Sku> =
        seen.books.values().filter(|row| row.back_ordered > 0).filter_map(|row| row.sku.as_ref()).collect();
    for (code, skus) in [
        (CauseCode::ItemUnmapped, unmapped),
        (CauseCode::BundleUnresolved, unresolved),
        (CauseCode::OversoldUnits, oversold),
    ] {
        plan.findings.extend(named(code, skus));
    }
    plan
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
