//! How items describe what is sold: title, barcode, weight, and whether it is shown to buyers. Only items of which
//! somebody said something have a row.
//!
//! Source: netsuite.md §15, §11.3 (times). Assumption: saving any field moves the item's `lastmodifieddate`.

use std::collections::BTreeMap;

use super::NetsuiteTwin;
use super::chart::Chart;
use crate::domain::price::BASE_LEVEL;
use crate::domain::product::Weight;
use crate::domain::{Currency, Duration, InternalId, Money, Timestamp};
use crate::platforms::netsuite::operation::suiteql::prices::{ChangedRow, ROWS_MAX};
use crate::platforms::netsuite::operation::suiteql::{ItemQuery, ItemRow, SavedItemsQuery};
use crate::platforms::netsuite::wire::{JsonDecimal, LocalTime};

/// By position of the item.
pub(super) type Descriptions = BTreeMap<u32, Description>;

/// What an item says of itself beside its prices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    pub display_name: Option<Box<str>>,
    pub upc_code: Option<Box<str>>,
    pub weight: Option<Weight>,
    pub is_online: bool,
}

/// Weights are kept in grams. Source: the item record, `weightUnit`.
pub(super) const GRAMS: InternalId = InternalId::new(4);

impl NetsuiteTwin {
    /// Somebody edits an item and saves it. `false` if there is no such item.
    pub fn describe_item(&mut self, item: &str, edit: impl FnOnce(&mut Description), now: Timestamp) -> bool {
        let Some(at) = self.chart.item_position(item) else { return false };
        edit(self.descriptions.entry(at).or_default());
        self.pricing.item_saved(at, now);
        true
    }

    /// What an item says of itself, for an observer.
    pub fn description(&self, item: &str) -> Option<&Description> {
        self.descriptions.get(&self.chart.item_position(item)?)
    }

    /// The base price of one unit in minor units, for an observer.
    pub fn base_price(&self, item: &str, currency: Currency) -> Option<i64> {
        self.pricing.price(self.chart.item_position(item)?, currency, BASE_LEVEL)
    }

    /// The first page of what was saved.
    pub(super) fn saved_items(&self, query: &SavedItemsQuery) -> Vec<ChangedRow> {
        let zone = &self.settings.zone;
        // A fold repeats readings: begin early enough, and compare readings as the query does.
        let earliest = query.since.latest(zone).minus(Duration::from_hours(2));
        let row = |(at, saved): (u32, Timestamp)| {
            let (id, changed) = (Chart::item_id(at), LocalTime::of(saved, zone));
            let externalid = Some(self.chart.item_external_id(at).into());
            (id > query.after && changed >= query.since).then_some(ChangedRow { id, externalid, changed })
        };
        let mut rows: Vec<ChangedRow> = self.pricing.items_since(earliest).filter_map(row).collect();
        rows.sort_unstable_by_key(|row| row.id);
        rows.truncate(ROWS_MAX);
        rows
    }

    pub(super) fn item_rows(&self, query: &ItemQuery) -> Vec<ItemRow> {
        let found = self.chart.item_position(&query.item).filter(|at| !self.chart.is_inactive(*at));
        let row = |at: u32| {
            let said = self.descriptions.get(&at).cloned().unwrap_or_default();
            let price = self.pricing.price(at, query.currency, BASE_LEVEL);
            ItemRow {
                id: Chart::item_id(at),
                item: query.item.clone(),
                displayname: said.display_name,
                upccode: said.upc_code,
                weight: said.weight.map(|weight| JsonDecimal::new(weight.milligrams(), 3)),
                weightunit: said.weight.map(|_| GRAMS),
                isonline: said.is_online,
                changed: LocalTime::of(self.pricing.saved_at(at), &self.settings.zone),
                price: price.map(|minor| JsonDecimal::of_money(Money::new(minor, query.currency))),
            }
        };
        found.map(row).into_iter().collect()
    }
}
