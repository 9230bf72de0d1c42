//! Prices of business buyers: what a unit costs by quantity, what NetSuite has agreed with a buyer, and what
//! Shopify serves. Not here: which of several agreed prices wins (the engine and the oracle each say so by
//! themselves).

use std::collections::BTreeMap;

use super::currency::Currency;
use super::ids::{CompanyLocationId, ExternalId, InternalId, PriceListId, ShopKey, Sku, VariantId};
use super::money::Money;
use super::time::Timestamp;

/// The price level that every item has.
///
/// Assumption: `Base Price` carries the internal id 1, as in every account seen; to be checked before go-live.
pub const BASE_LEVEL: InternalId = InternalId::new(1);

/// What one unit costs, by how many are bought: the first break begins at one unit, and each costs another amount
/// than the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PriceSchedule {
    currency: Currency,
    /// From how many units on, and the price of one in minor units.
    breaks: Box<[(u32, i64)]>,
}

impl PriceSchedule {
    pub fn flat(price: Money) -> PriceSchedule {
        PriceSchedule { currency: price.currency(), breaks: Box::new([(1, price.minor())]) }
    }

    /// From breaks in any order. Zero units mean the first unit, as NetSuite writes it; of two breaks at the same
    /// quantity the later one counts. `None` without a price for the first unit.
    pub fn new(currency: Currency, breaks: impl IntoIterator<Item = (u32, i64)>) -> Option<PriceSchedule> {
        let sorted: BTreeMap<u32, i64> =
            breaks.into_iter().map(|(from, minor)| (from.max(1), minor)).collect();
        if sorted.keys().next() != Some(&1) {
            return None;
        }
        let mut kept: Vec<(u32, i64)> = Vec::with_capacity(sorted.len());
        for (from, minor) in sorted {
            if kept.last().is_none_or(|(_, before)| *before != minor) {
                kept.push((from, minor));
            }
        }
        Some(PriceSchedule { currency, breaks: kept.into_boxed_slice() })
    }

    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Price of one of so many units.
    pub fn at(&self, quantity: u32) -> Money {
        let after = self.breaks.partition_point(|(from, _)| *from <= quantity.max(1));
        Money::new(self.breaks[after - 1].1, self.currency)
    }

    /// Price of a single unit.
    pub fn first(&self) -> Money {
        Money::new(self.breaks[0].1, self.currency)
    }

    /// The breaks beyond the first unit: from how many units on, and the price of one.
    pub fn further(&self) -> impl Iterator<Item = (u32, Money)> + '_ {
        self.breaks[1..].iter().map(|(from, minor)| (*from, Money::new(*minor, self.currency)))
    }
}

/// A buyer as NetSuite knows it: one customer record for each company location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBuyer {
    pub internal_id: InternalId,
    pub external_id: ExternalId,
    pub price_level: Option<InternalId>,
    /// Payment terms such as `Net 30`.
    pub terms: Option<Box<str>>,
    pub credit_limit: Option<Money>,
    /// `itemPricing` of the customer record.
    pub item_prices: Vec<ItemPrice>,
    /// `groupPricing`: pricing group of items, and the level that holds for it.
    pub group_levels: Vec<(InternalId, InternalId)>,
}

/// What is agreed with one buyer for one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemPrice {
    pub item: Sku,
    pub currency: Currency,
    pub price: AgreedPrice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreedPrice {
    Level(InternalId),
    /// In minor units, for any quantity.
    Custom(i64),
}

/// An item with its prices by level, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedItem {
    pub sku: Sku,
    pub group: Option<InternalId>,
    pub levels: BTreeMap<InternalId, PriceSchedule>,
}

/// Something in NetSuite that prices follow from was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricingChange {
    /// External id of the item or customer; nothing if it has none.
    pub external_id: Option<Box<str>>,
    /// Whole seconds.
    pub at: Timestamp,
}

impl ExternalId {
    /// The key under which the store keeps how far a price list was compared. NetSuite never sees it.
    pub fn for_price_list(shop: ShopKey, list: PriceListId) -> ExternalId {
        ExternalId::of_customer(format!("{shop}-prices-{list}"))
    }
}

/// A price list of Shopify and who sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceListHead {
    pub id: PriceListId,
    pub currency: Currency,
    /// Through the catalog; empty for the list of a market or of nobody.
    pub locations: Vec<CompanyLocationId>,
}

/// A price list with the fixed prices that it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedPrices {
    pub head: PriceListHead,
    pub fixed: BTreeMap<VariantId, PriceSchedule>,
}

/// Something that Shopify sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    pub id: VariantId,
    pub sku: Sku,
}

/// What a price list is to serve for one variant from now on; `None` takes the fixed price away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceChange {
    pub variant: VariantId,
    pub to: Option<PriceSchedule>,
}
