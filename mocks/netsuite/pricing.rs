//! Prices: of items by level, currency and quantity; what was agreed with single customers; and when either was
//! last saved. The account prices no transaction by itself: lines come with their amounts.
//!
//! Source: netsuite.md §12.1 (fields of a customer and the order of prices), §11.5 (tables), §11.3 (times).
//! Assumption: saving a price moves the item's `lastmodifieddate`, saving what is agreed the customer's.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::Chart;
use super::{Customer, NetsuiteTwin};
use crate::domain::{Currency, InternalId, Money, Timestamp};
use crate::platforms::netsuite::operation::suiteql::prices::{
    AgreedGroupRow, AgreedItemRow, BuyerRow, ChangedRow, ItemPriceRow, PriceQuery, PriceRows, ROWS_MAX,
    ReceivablesRow,
};
use crate::platforms::netsuite::wire::{JsonDecimal, LocalTime};

/// Prices of the account. Items and customers are positions.
#[derive(Debug, Default)]
pub(super) struct Pricing {
    /// By item, then by currency, level and the quantity from which it holds; minor units of the currency.
    prices: BTreeMap<u32, BTreeMap<(Currency, InternalId, u32), i64>>,
    /// Pricing group of an item.
    groups: BTreeMap<u32, InternalId>,
    agreed_items: BTreeMap<(u32, u32, Currency), Agreed>,
    agreed_groups: BTreeMap<(u32, InternalId), InternalId>,
    customers: BTreeMap<u32, Standing>,
    /// When each was last saved: by time, for whoever asks what is new.
    items_saved: Saved,
    customers_saved: Saved,
}

/// What is agreed for one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    Level(InternalId),
    /// In minor units.
    Custom(i64),
}

/// One price of an item: from that many units on.
#[derive(Debug, Clone, Copy)]
pub(super) struct PriceEntry {
    pub item: u32,
    pub currency: Currency,
    pub level: InternalId,
    pub from: u32,
    pub minor: i64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct AgreedItem {
    pub customer: u32,
    pub item: u32,
    pub currency: Currency,
    pub agreed: Agreed,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct AgreedGroup {
    pub customer: u32,
    pub group: InternalId,
    pub level: InternalId,
}

#[derive(Debug, Default, Clone, Copy)]
struct Standing {
    level: Option<InternalId>,
    credit_limit: Option<Money>,
}

#[derive(Debug, Default)]
struct Saved {
    at: BTreeMap<u32, Timestamp>,
    in_order: BTreeSet<(Timestamp, u32)>,
}

impl Saved {
    fn note(&mut self, record: u32, now: Timestamp) {
        let now = now.floor_second();
        if let Some(before) = self.at.insert(record, now) {
            self.in_order.remove(&(before, record));
        }
        self.in_order.insert((now, record));
    }
}

impl Pricing {
    /// Something of the item was saved.
    pub(super) fn item_saved(&mut self, item: u32, now: Timestamp) {
        self.items_saved.note(item, now);
    }

    /// When the item was last saved; the beginning of time for one that nobody has touched since it was set up.
    pub(super) fn saved_at(&self, item: u32) -> Timestamp {
        self.items_saved.at.get(&item).copied().unwrap_or(Timestamp::ORIGIN)
    }

    /// Items by position with the time of their last save, from an instant on.
    pub(super) fn items_since(&self, since: Timestamp) -> impl Iterator<Item = (u32, Timestamp)> + '_ {
        self.items_saved.in_order.range((since, 0)..).map(|(at, item)| (*item, *at))
    }

    /// Every price, by item.
    pub(super) fn entries(&self) -> impl Iterator<Item = PriceEntry> + '_ {
        self.prices.iter().flat_map(|(&item, prices)| {
            prices.iter().map(move |(&(currency, level, from), &minor)| PriceEntry {
                item,
                currency,
                level,
                from,
                minor,
            })
        })
    }

    pub(super) fn agreed_items(&self) -> impl Iterator<Item = AgreedItem> + '_ {
        self.agreed_items.iter().map(|(&(customer, item, currency), &agreed)| AgreedItem {
            customer,
            item,
            currency,
            agreed,
        })
    }

    pub(super) fn agreed_groups(&self) -> impl Iterator<Item = AgreedGroup> + '_ {
        self.agreed_groups.iter().map(|(&(customer, group), &level)| AgreedGroup { customer, group, level })
    }

    /// Pricing group of an item.
    pub(super) fn group(&self, item: u32) -> Option<InternalId> {
        self.groups.get(&item).copied()
    }

    /// Price level and credit limit of a customer.
    pub(super) fn standing(&self, customer: u32) -> (Option<InternalId>, Option<Money>) {
        let Standing { level, credit_limit } = self.customers.get(&customer).copied().unwrap_or_default();
        (level, credit_limit)
    }

    /// When something of the customer was last saved; the beginning of time if nobody has touched it.
    pub(super) fn customer_saved_at(&self, customer: u32) -> Timestamp {
        self.customers_saved.at.get(&customer).copied().unwrap_or(Timestamp::ORIGIN)
    }

    /// The price of a single unit, in minor units.
    pub(super) fn price(&self, item: u32, currency: Currency, level: InternalId) -> Option<i64> {
        let prices = self.prices.get(&item)?;
        let first = (currency, level, 0)..=(currency, level, 1);
        prices.range(first).map(|(_, minor)| *minor).min()
    }
}

impl NetsuiteTwin {
    /// The price of one unit from that many on; `None` takes it away. `false` if there is no such item.
    pub fn set_price(
        &mut self,
        item: &str,
        level: InternalId,
        from: u32,
        currency: Currency,
        minor: Option<i64>,
        now: Timestamp,
    ) -> bool {
        let Some(at) = self.chart.item_position(item) else { return false };
        let prices = self.pricing.prices.entry(at).or_default();
        match minor {
            Some(minor) => prices.insert((currency, level, from), minor),
            None => prices.remove(&(currency, level, from)),
        };
        self.pricing.items_saved.note(at, now);
        true
    }

    /// Puts an item into a pricing group. `false` if there is no such item.
    pub fn set_pricing_group(&mut self, item: &str, group: InternalId, now: Timestamp) -> bool {
        let Some(at) = self.chart.item_position(item) else { return false };
        self.pricing.groups.insert(at, group);
        self.pricing.items_saved.note(at, now);
        true
    }

    /// Sets a customer's price level. `false` if no customer carries that external id.
    pub fn set_price_level(&mut self, customer: &str, level: Option<InternalId>, now: Timestamp) -> bool {
        self.save_standing(customer, now, |pricing, at| {
            pricing.customers.entry(at).or_default().level = level;
        })
    }

    /// As [`NetsuiteTwin::set_price_level`], for the credit limit.
    pub fn set_credit_limit(&mut self, customer: &str, limit: Option<Money>, now: Timestamp) -> bool {
        self.save_standing(customer, now, |pricing, at| {
            pricing.customers.entry(at).or_default().credit_limit = limit;
        })
    }

    /// Sets what is agreed with a customer for one item; `None` ends it. `false` if either does not exist.
    pub fn agree_item(
        &mut self,
        customer: &str,
        item: &str,
        currency: Currency,
        agreed: Option<Agreed>,
        now: Timestamp,
    ) -> bool {
        let Some(item) = self.chart.item_position(item) else { return false };
        self.save_standing(customer, now, |pricing, at| {
            match agreed {
                Some(agreed) => pricing.agreed_items.insert((at, item, currency), agreed),
                None => pricing.agreed_items.remove(&(at, item, currency)),
            };
        })
    }

    /// Sets the level that holds for a pricing group with one customer. `false` if there is no such customer.
    pub fn agree_group(
        &mut self,
        customer: &str,
        group: InternalId,
        level: InternalId,
        now: Timestamp,
    ) -> bool {
        self.save_standing(customer, now, |pricing, at| {
            pricing.agreed_groups.insert((at, group), level);
        })
    }

    fn save_standing(&mut self, customer: &str, now: Timestamp, set: impl FnOnce(&mut Pricing, u32)) -> bool {
        let known = self.names.find(customer).and_then(|key| self.customers_by_key.get(&key).copied());
        if let Some(at) = known {
            set(&mut self.pricing, at);
            self.pricing.customers_saved.note(at, now);
        }
        known.is_some()
    }

    pub(super) fn prices(&self, query: &PriceQuery) -> PriceRows {
        let pricing = &self.pricing;
        match query {
            PriceQuery::ItemsChanged { since } => {
                PriceRows::Changed(self.saved(&pricing.items_saved, *since, |at| {
                    (Chart::item_id(at), Some(self.chart.item_external_id(at).into()))
                }))
            }
            PriceQuery::CustomersChanged { since } => {
                PriceRows::Changed(self.saved(&pricing.customers_saved, *since, |at| {
                    let key = self.customers[at as usize].key;
                    (Customer::id(at), key.map(|key| self.names.text(key)))
                }))
            }
            PriceQuery::Buyers { keys } => PriceRows::Buyers(self.buyers(keys)),
            PriceQuery::AgreedItems { customers, currency } => {
                PriceRows::AgreedItems(self.agreed_items(customers, *currency))
            }
            PriceQuery::AgreedGroups { customers } => {
                let of = |id: &InternalId| {
                    let at = Customer::position(*id)?;
                    let first = (at, InternalId::new(0));
                    Some(pricing.agreed_groups.range(first..).take_while(move |((of, _), _)| *of == at))
                };
                let rows = customers.iter().filter_map(of).flatten();
                let row = |(&(at, group), &level): (&(u32, InternalId), &InternalId)| AgreedGroupRow {
                    customer: Customer::id(at),
                    pricinggroup: group,
                    level,
                };
                PriceRows::AgreedGroups(rows.map(row).collect())
            }
            PriceQuery::PaymentsChanged { since } => PriceRows::Changed(self.payments_changed(*since)),
            PriceQuery::OpenOrders { customer, currency } => {
                PriceRows::OpenOrders(self.open_orders(*customer, *currency))
            }
            PriceQuery::Receivables { customer, currency } => {
                let unpaid = self.open_receivables(*customer, *currency);
                let unpaid = Some(JsonDecimal::of_money(Money::new(unpaid, *currency)));
                PriceRows::Receivables(vec![ReceivablesRow { unpaid }])
            }
            PriceQuery::ItemPrices { currency, levels, after } => {
                PriceRows::ItemPrices(self.item_prices(*currency, levels, *after))
            }
        }
    }

    /// What was saved at or after that reading of the account's clock.
    fn saved(
        &self,
        saved: &Saved,
        since: LocalTime,
        record: impl Fn(u32) -> (InternalId, Option<Box<str>>),
    ) -> Vec<ChangedRow> {
        let zone = &self.settings.zone;
        // A fold repeats readings: begin early enough, and compare readings as the query does.
        let earliest = since.latest(zone).minus(crate::domain::Duration::from_hours(2));
        let rows = saved.in_order.range((earliest, 0)..);
        rows.filter_map(|(at, position)| {
            let changed = LocalTime::of(*at, zone);
            let (id, externalid) = record(*position);
            (changed >= since).then_some(ChangedRow { id, externalid, changed })
        })
        .collect()
    }

    fn buyers(&self, keys: &[Box<str>]) -> Vec<BuyerRow> {
        let found = keys.iter().filter_map(|key| {
            let at = *self.customers_by_key.get(&self.names.find(key)?)?;
            let record = &self.customers[at as usize];
            if record.is_inactive {
                return None;
            }
            let standing = self.pricing.customers.get(&at).copied().unwrap_or_default();
            Some(BuyerRow {
                id: Customer::id(at),
                externalid: key.clone(),
                pricelevel: standing.level,
                terms: record.terms.clone(),
                creditlimit: standing.credit_limit.map(JsonDecimal::of_money),
            })
        });
        let mut rows: Vec<BuyerRow> = found.collect();
        rows.sort_by_key(|row| row.id);
        rows.dedup_by_key(|row| row.id);
        rows
    }

    fn agreed_items(&self, customers: &[InternalId], currency: Currency) -> Vec<AgreedItemRow> {
        let mut rows = Vec::new();
        for at in customers.iter().filter_map(|id| Customer::position(*id)) {
            for ((of, item, in_currency), agreed) in
                self.pricing.agreed_items.iter().skip_while(|((of, ..), _)| *of < at)
            {
                if *of != at {
                    break;
                }
                if *in_currency != currency {
                    continue;
                }
                let (level, price) = match agreed {
                    Agreed::Level(level) => (Some(*level), None),
                    Agreed::Custom(minor) => {
                        (None, Some(JsonDecimal::of_money(Money::new(*minor, currency))))
                    }
                };
                let item = self.chart.item_external_id(*item).into();
                rows.push(AgreedItemRow { customer: Customer::id(at), item, level, price });
            }
        }
        rows
    }

    fn item_prices(&self, currency: Currency, levels: &[InternalId], after: InternalId) -> Vec<ItemPriceRow> {
        let pricing = &self.pricing;
        let mut rows = Vec::new();
        for (&item, prices) in &pricing.prices {
            let id = Chart::item_id(item);
            if id <= after || self.chart.is_inactive(item) {
                continue;
            }
            let in_currency =
                (currency, InternalId::new(0), 0)..=(currency, InternalId::new(u64::MAX), u32::MAX);
            for (&(_, level, quantity), minor) in prices.range(in_currency) {
                if rows.len() == ROWS_MAX {
                    return rows;
                }
                if levels.contains(&level) {
                    rows.push(ItemPriceRow {
                        id,
                        item: self.chart.item_external_id(item).into(),
                        pricinggroup: pricing.groups.get(&item).copied(),
                        pricelevel: level,
                        quantity: JsonDecimal::whole(i64::from(quantity)),
                        unitprice: JsonDecimal::of_money(Money::new(*minor, currency)),
                    });
                }
            }
        }
        rows
    }
}
