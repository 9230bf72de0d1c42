//! The price flow: every company location is served what was agreed with it in NetSuite.
//!
//! Lives here: which of several agreed prices wins ([`agreed`]), and `plan`, which brings one price list of Shopify
//! to it. Reading and performing is [`driver`]; learning what has changed is [`watch`]. Prices are served ahead of
//! any basket, so no look-up stands between a buyer and a price, and a look-up that fails changes no price.

pub mod driver;
pub mod watch;

use std::collections::{BTreeMap, BTreeSet};

use super::exception::Finding;
use crate::domain::price::{
    AgreedPrice, BASE_LEVEL, KnownBuyer, PriceChange, PriceSchedule, PricedItem, ServedPrices, Variant,
};
use crate::domain::{CauseCode, Currency, ExternalId, InternalId, ShopKey, Sku};

/// Prices and breaks in one call. Source: shopify.md §n.
const ENTRIES_MAX: usize = 250;

/// What both sides say of one price list.
#[derive(Debug)]
pub struct Observed<'a> {
    pub shop: ShopKey,
    pub served: &'a ServedPrices,
    pub variants: &'a [Variant],
    /// Of the list's locations, those that NetSuite knows.
    pub buyers: &'a [KnownBuyer],
    pub items: &'a [PricedItem],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// One call's worth.
    Change(Vec<PriceChange>),
    Report(Finding),
}

/// The price levels that the buyers' prices may come from.
pub fn levels(buyers: &[KnownBuyer]) -> Vec<InternalId> {
    let mut levels = BTreeSet::from([BASE_LEVEL]);
    for buyer in buyers {
        levels.extend(buyer.price_level);
        levels.extend(buyer.group_levels.iter().map(|(_, level)| *level));
        levels.extend(buyer.item_prices.iter().filter_map(|price| match price.price {
            AgreedPrice::Level(level) => Some(level),
            AgreedPrice::Custom(_) => None,
        }));
    }
    levels.into_iter().collect()
}

/// What was agreed with one buyer for one item: the customer's own price for the item beats the level of the item's
/// pricing group, that beats the customer's level, and that the base price. A level that has no price for the item
/// says nothing.
///
/// Source: netsuite.md §12.1 (practitioner ordering).
pub fn agreed(buyer: &KnownBuyer, item: &PricedItem, currency: Currency) -> Option<PriceSchedule> {
    let own = buyer.item_prices.iter().find(|price| price.item == item.sku && price.currency == currency);
    let group = item
        .group
        .and_then(|group| buyer.group_levels.iter().find(|(of, _)| *of == group).map(|(_, level)| *level));
    let of_level = |level: InternalId| item.levels.get(&level).cloned();
    let own = own.and_then(|own| match own.price {
        AgreedPrice::Custom(minor) => PriceSchedule::new(currency, [(1, minor)]),
        AgreedPrice::Level(level) => of_level(level),
    });
    own.or_else(|| group.and_then(of_level))
        .or_else(|| buyer.price_level.and_then(of_level))
        .or_else(|| of_level(BASE_LEVEL))
}

/// What is still to do for one price list.
///
/// Calling it again on the result of its own actions yields no change
/// (`a_price_list_is_settled_by_its_own_actions` proves it for any list).
pub fn plan(seen: &Observed) -> Vec<Action> {
    let mut actions = Vec::new();
    let head = &seen.served.head;
    for location in &head.locations {
        let key = ExternalId::for_company_location(seen.shop, *location);
        if !seen.buyers.iter().any(|buyer| buyer.external_id == key) {
            actions.push(Action::Report(Finding::new(
                CauseCode::CompanyUnmapped,
                None,
                format!("company location {location} sees price list {}; NetSuite has no {key}", head.id),
            )));
        }
    }
    // Whom nobody knows has agreed on nothing: what the list serves stays as it is.
    if seen.buyers.is_empty() {
        return actions;
    }
    let items: BTreeMap<&Sku, &PricedItem> = seen.items.iter().map(|item| (&item.sku, item)).collect();
    let mut changes = Vec::new();
    for variant in seen.variants {
        let item = items.get(&variant.sku);
        let wanted = match item.map(|item| common(seen, item)) {
            None => None,
            Some(Ok(wanted)) => wanted,
            Some(Err(finding)) => {
                actions.push(Action::Report(finding));
                continue;
            }
        };
        let fixed = seen.served.fixed.get(&variant.id);
        if wanted.as_ref() != fixed {
            changes.push(PriceChange { variant: variant.id, to: wanted });
        }
    }
    actions.extend(batches(changes).into_iter().map(Action::Change));
    actions
}

/// What all buyers of the list have agreed on, or that they have not agreed on the same.
fn common(seen: &Observed, item: &PricedItem) -> Result<Option<PriceSchedule>, Finding> {
    let currency = seen.served.head.currency;
    let mut of_buyers = seen.buyers.iter().map(|buyer| (buyer, agreed(buyer, item, currency)));
    let Some((first, wanted)) = of_buyers.next() else { return Ok(None) };
    match of_buyers.find(|(_, other)| *other != wanted) {
        None => Ok(wanted),
        Some((other, _)) => Err(Finding::new(
            CauseCode::PriceRejected,
            None,
            format!(
                "{} and {} share price list {} and have different prices for {}",
                first.external_id, other.external_id, seen.served.head.id, item.sku
            ),
        )),
    }
}

/// As few calls as the limit allows; no variant is cut in two.
fn batches(changes: Vec<PriceChange>) -> Vec<Vec<PriceChange>> {
    let mut batches: Vec<Vec<PriceChange>> = Vec::new();
    let mut entries = ENTRIES_MAX;
    for change in changes {
        let own = 1 + change.to.as_ref().map_or(0, |schedule| schedule.further().count());
        if entries + own > ENTRIES_MAX {
            batches.push(Vec::new());
            entries = 0;
        }
        entries += own;
        batches.last_mut().expect("one was begun").push(change);
    }
    batches
}

#[cfg(test)]
mod tests;
