//! Business buyers as the merchant intends them: price levels, what was agreed with whom, terms and limits, and
//! what happens to them during a day.

use crate::domain::{Duration, InternalId, Money, Sku};

/// Nothing in it for a merchant without business buyers.
#[derive(Debug, Clone, Default)]
pub struct Wholesale {
    /// A change of a price reaches every buyer within this.
    pub within: Duration,
    /// Prices by level; those of the base level are retail, too.
    pub prices: Vec<LevelPrice>,
    /// Pricing groups of items.
    pub groups: Vec<(Sku, InternalId)>,
    pub companies: Vec<Company>,
}

/// One unit from so many on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelPrice {
    pub sku: Sku,
    pub level: InternalId,
    pub from: u32,
    pub price: Money,
}

/// A company with one location.
#[derive(Debug, Clone)]
pub struct Company {
    pub key: Box<str>,
    pub name: Box<str>,
    pub email: Box<str>,
    /// Position in [`super::Profile::shops`].
    pub shop: usize,
    pub level: Option<InternalId>,
    pub terms: Option<Box<str>>,
    pub credit_limit: Option<Money>,
    pub items: Vec<(Sku, Agreement)>,
    /// Pricing group and the level that holds for it.
    pub groups: Vec<(InternalId, InternalId)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    Level(InternalId),
    /// For any quantity.
    Price(Money),
}

/// Companies are named by their position in [`Wholesale::companies`].
#[derive(Debug, Clone)]
pub enum WholesaleEvent {
    /// Staff change, in NetSuite, what somebody pays or owes.
    Change(AgreementChange),
    /// A company orders at the prices that it is served at that moment.
    Buy(Purchase),
    /// A buyer looks at a price, and must see this one.
    Sees { company: usize, sku: Sku, quantity: u32, price: Money },
    /// Staff key, in NetSuite, what came by bank transfer for an order.
    PayInNetSuite { order: Box<str>, amount: Money },
}

#[derive(Debug, Clone)]
pub enum AgreementChange {
    Price(LevelPrice),
    Level { company: usize, level: InternalId },
    Item { company: usize, sku: Sku, agreement: Agreement },
    CreditLimit { company: usize, limit: Money },
}

#[derive(Debug, Clone)]
pub struct Purchase {
    pub name: Box<str>,
    pub company: usize,
    /// Items and units.
    pub lines: Vec<(Sku, u32)>,
    /// What the buyer must be asked to pay in all.
    pub total: Option<Money>,
    /// Paid at once by this gateway; on terms otherwise.
    pub gateway: Option<Box<str>>,
}
