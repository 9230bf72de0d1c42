//! [`AgreedPrices`] over a [`Transport`].

use std::collections::BTreeMap;

use super::{Client, Transport, is_behind, unexpected, unreadable};
use crate::domain::price::{AgreedPrice, ItemPrice, KnownBuyer, PriceSchedule, PricedItem, PricingChange};
use crate::domain::{Currency, ExternalId, InternalId, Money, Sku, Timestamp, Zone};
use crate::platforms::netsuite::convert::NotConvertible;
use crate::platforms::netsuite::operation::suiteql::prices::{
    AgreedItemRow, BuyerRow, ChangedRow, ItemPriceRow, PriceQuery, PriceRows, ROWS_MAX,
};
use crate::platforms::netsuite::operation::suiteql::{Query, Rows};
use crate::platforms::netsuite::operation::{Answer, Request};
use crate::platforms::netsuite::wire::{JsonDecimal, LocalTime};
use crate::ports::{Admission, AgreedPrices, Call, PlatformError};

impl<T: Transport, A: Admission> Client<T, A> {
    pub(super) async fn price_rows(&self, call: Call, query: PriceQuery) -> Result<PriceRows, PlatformError> {
        match self.send(call, Request::SuiteQl(Query::Prices(query))).await? {
            Answer::Rows(Rows::Prices(rows)) => Ok(rows),
            _ => Err(mismatched()),
        }
    }

    pub(super) async fn changed(
        &self,
        call: Call,
        query: PriceQuery,
        zone: &Zone,
    ) -> Result<Vec<PricingChange>, PlatformError> {
        let PriceRows::Changed(rows) = self.price_rows(call, query).await? else { return Err(mismatched()) };
        let change =
            |row: ChangedRow| PricingChange { external_id: row.externalid, at: row.changed.latest(zone) };
        Ok(rows.into_iter().map(change).collect())
    }
}

impl<T: Transport, A: Admission> AgreedPrices for Client<T, A> {
    async fn items_changed(
        &self,
        call: Call,
        since: Timestamp,
        zone: &Zone,
    ) -> Result<Vec<PricingChange>, PlatformError> {
        self.changed(call, PriceQuery::ItemsChanged { since: LocalTime::of(since, zone) }, zone).await
    }

    async fn customers_changed(
        &self,
        call: Call,
        since: Timestamp,
        zone: &Zone,
    ) -> Result<Vec<PricingChange>, PlatformError> {
        self.changed(call, PriceQuery::CustomersChanged { since: LocalTime::of(since, zone) }, zone).await
    }

    async fn buyers(
        &self,
        call: Call,
        keys: &[ExternalId],
        currency: Currency,
    ) -> Result<Vec<KnownBuyer>, PlatformError> {
        let mut buyers = BTreeMap::new();
        for keys in keys.chunks(ROWS_MAX) {
            let keys = keys.iter().map(|key| key.as_str().into()).collect();
            let PriceRows::Buyers(rows) = self.price_rows(call, PriceQuery::Buyers { keys }).await? else {
                return Err(mismatched());
            };
            for row in rows {
                buyers.insert(row.id, known_buyer(row, currency)?);
            }
        }
        if buyers.is_empty() {
            return Ok(Vec::new());
        }
        let customers: Vec<InternalId> = buyers.keys().copied().collect();
        let query = PriceQuery::AgreedItems { customers: customers.clone(), currency };
        let PriceRows::AgreedItems(items) = self.price_rows(call, query).await? else {
            return Err(mismatched());
        };
        for row in items {
            if let Some(buyer) = buyers.get_mut(&row.customer) {
                buyer.item_prices.push(item_price(row, currency)?);
            }
        }
        let query = PriceQuery::AgreedGroups { customers };
        let PriceRows::AgreedGroups(groups) = self.price_rows(call, query).await? else {
            return Err(mismatched());
        };
        for row in groups {
            if let Some(buyer) = buyers.get_mut(&row.customer) {
                buyer.group_levels.push((row.pricinggroup, row.level));
            }
        }
        Ok(buyers.into_values().collect())
    }

    async fn item_prices(
        &self,
        call: Call,
        currency: Currency,
        levels: &[InternalId],
    ) -> Result<Vec<PricedItem>, PlatformError> {
        let mut items = Vec::new();
        let mut after = InternalId::new(0);
        loop {
            let query = PriceQuery::ItemPrices { currency, levels: levels.to_vec(), after };
            let PriceRows::ItemPrices(mut rows) = self.price_rows(call, query).await? else {
                return Err(mismatched());
            };
            let is_full = rows.len() >= ROWS_MAX;
            if is_full {
                // The last item may go on: the next page begins with it, whole.
                let last = rows[rows.len() - 1].id;
                let before = rows.len();
                rows.retain(|row| row.id != last);
                if rows.is_empty() {
                    return Err(unexpected(&format!("item {last} alone has {before} prices")));
                }
            }
            is_behind(rows.chunk_by(|left, right| left.id == right.id).map(|of_item| of_item[0].id), after)?;
            after = rows.last().map_or(after, |row| row.id);
            for of_item in rows.chunk_by(|left, right| left.id == right.id) {
                items.push(priced_item(of_item, currency)?);
            }
            if !is_full {
                return Ok(items);
            }
        }
    }
}

fn known_buyer(row: BuyerRow, currency: Currency) -> Result<KnownBuyer, PlatformError> {
    let limit = row.creditlimit.map(|limit| {
        Money::round_half_up(limit.to_decimal(), currency).map_err(|error| not_money("creditlimit", error))
    });
    Ok(KnownBuyer {
        internal_id: row.id,
        external_id: ExternalId::from_netsuite(row.externalid),
        price_level: row.pricelevel,
        terms: row.terms,
        credit_limit: limit.transpose()?,
        item_prices: Vec::new(),
        group_levels: Vec::new(),
    })
}

fn item_price(row: AgreedItemRow, currency: Currency) -> Result<ItemPrice, PlatformError> {
    let price = match (row.level, row.price) {
        (Some(level), _) => AgreedPrice::Level(level),
        (None, Some(price)) => AgreedPrice::Custom(minor(price, currency)?),
        (None, None) => return Err(unexpected("an item price has neither a level nor an amount")),
    };
    Ok(ItemPrice { item: Sku(row.item), currency, price })
}

/// `rows` are of one item, ordered by level; there is at least one.
fn priced_item(rows: &[ItemPriceRow], currency: Currency) -> Result<PricedItem, PlatformError> {
    let mut levels = BTreeMap::new();
    for of_level in rows.chunk_by(|left, right| left.pricelevel == right.pricelevel) {
        let mut breaks = Vec::with_capacity(of_level.len());
        for row in of_level {
            let from = row.quantity.to_count().ok_or_else(|| unexpected("a quantity is no count"))?;
            breaks.push((from, minor(row.unitprice, currency)?));
        }
        // Breaks without a first price leave the item without a price at this level.
        if let Some(schedule) = PriceSchedule::new(currency, breaks) {
            levels.insert(of_level[0].pricelevel, schedule);
        }
    }
    Ok(PricedItem { sku: Sku(rows[0].item.clone()), group: rows[0].pricinggroup, levels })
}

/// NetSuite keeps unit prices with more digits than the currency where the account says so; Shopify does not.
fn minor(price: JsonDecimal, currency: Currency) -> Result<i64, PlatformError> {
    Money::round_half_up(price.to_decimal(), currency)
        .map(Money::minor)
        .map_err(|error| not_money("unitprice", error))
}

fn not_money(what: &'static str, error: impl std::fmt::Display) -> PlatformError {
    unreadable(NotConvertible { what, reason: error.to_string() })
}

fn mismatched() -> PlatformError {
    unexpected("a query was not answered with its rows")
}
