//! What two sides disagree on, record by record, and whether anything accounts for it.
//!
//! Lives here: the value, and its explanation by open exceptions and by time. What is compared is in [`super::order`]
//! and in the callers that read payouts and stock.

use std::collections::BTreeMap;

use crate::domain::{CauseCode, Currency, Flow, Money, ShopKey, Timestamp};
use crate::ports::store::Exception;

/// What kind of thing disagrees. A closed list: nothing is "other".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An order that is not in NetSuite.
    SalesOrderMissing,
    /// A sales order of ours for an order that Shopify does not know.
    OrderUnknown,
    /// Both know the order, and what stands of it comes to different totals.
    OrderTotal,
    DepositMissing,
    DepositAmount,
    DepositAccount,
    /// A deposit on the order that no capture stands behind.
    DepositUnmatched,
    RefundMissing,
    RefundAmount,
    RefundAccount,
    RefundUnmatched,
    /// Shipped in NetSuite, and the buyer was not told.
    ShipmentUnconfirmed,
    /// The buyer was told, and NetSuite shipped nothing.
    ShipmentMissing,
    /// Shopify shows another level than NetSuite allows.
    StockLevel,
    /// Rows of a payout without their counterpart, or with another one.
    PayoutRows,
    /// A payout without its journal.
    PayoutUnbooked,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Kind::SalesOrderMissing => "sales-order-missing",
            Kind::OrderUnknown => "order-unknown",
            Kind::OrderTotal => "order-total",
            Kind::DepositMissing => "deposit-missing",
            Kind::DepositAmount => "deposit-amount",
            Kind::DepositAccount => "deposit-account",
            Kind::DepositUnmatched => "deposit-unmatched",
            Kind::RefundMissing => "refund-missing",
            Kind::RefundAmount => "refund-amount",
            Kind::RefundAccount => "refund-account",
            Kind::RefundUnmatched => "refund-unmatched",
            Kind::ShipmentUnconfirmed => "shipment-unconfirmed",
            Kind::ShipmentMissing => "shipment-missing",
            Kind::StockLevel => "stock-level",
            Kind::PayoutRows => "payout-rows",
            Kind::PayoutUnbooked => "payout-unbooked",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    pub kind: Kind,
    pub shop: ShopKey,
    pub flow: Flow,
    /// As hints and exceptions number it: the order, the payout, the location.
    pub record: u64,
    /// Shopify's side less NetSuite's; `None` where no money differs.
    pub amount: Option<Money>,
    /// With ids and external ids, never names or addresses.
    pub detail: String,
    /// Until then the service may still be on its way.
    pub clears: Option<Timestamp>,
    pub standing: Standing,
}

/// What accounts for a discrepancy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Unexplained,
    /// It may still clear by itself.
    Timing,
    /// A person has been told.
    Excepted {
        code: CauseCode,
        owner: Box<str>,
        deadline: Timestamp,
    },
}

impl Discrepancy {
    pub fn new(kind: Kind, shop: ShopKey, flow: Flow, record: u64, detail: impl Into<String>) -> Discrepancy {
        let (amount, clears, standing) = (None, None, Standing::Unexplained);
        Discrepancy { kind, shop, flow, record, amount, detail: detail.into(), clears, standing }
    }

    #[must_use]
    pub fn of(self, amount: Money) -> Discrepancy {
        Discrepancy { amount: Some(amount), ..self }
    }

    #[must_use]
    pub fn clearing(self, at: Timestamp) -> Discrepancy {
        Discrepancy { clears: Some(at), ..self }
    }
}

/// Says of each discrepancy what accounts for it: an open exception of its record first, then time.
pub fn explain(found: &mut [Discrepancy], open: &[Exception], now: Timestamp) {
    let mut by_record: BTreeMap<(ShopKey, Flow, u64), &Exception> = BTreeMap::new();
    for exception in open {
        let entity = exception.key.entity;
        by_record.entry((entity.shop, tended(entity.flow), entity.record)).or_insert(exception);
    }
    for discrepancy in found {
        let known = by_record.get(&(discrepancy.shop, tended(discrepancy.flow), discrepancy.record));
        discrepancy.standing = match (known, discrepancy.clears) {
            (Some(exception), _) => Standing::Excepted {
                code: exception.key.code,
                owner: exception.owner.clone(),
                deadline: exception.deadline,
            },
            (None, Some(clears)) if now <= clears => Standing::Timing,
            _ => Standing::Unexplained,
        };
    }
}

/// Shipping and refunds of an order are looked after with the order.
const fn tended(flow: Flow) -> Flow {
    match flow {
        Flow::Customer | Flow::Fulfillment | Flow::Refund => Flow::Order,
        other => other,
    }
}

/// How much nothing accounts for, by currency, in minor units without regard to sign: what is too much here does not
/// make up for what is too little there.
pub fn unexplained(found: &[Discrepancy]) -> BTreeMap<Currency, i128> {
    let mut sums = BTreeMap::new();
    for discrepancy in found.iter().filter(|it| it.standing == Standing::Unexplained) {
        let Some(amount) = discrepancy.amount else { continue };
        *sums.entry(amount.currency()).or_default() += i128::from(amount.minor()).abs();
    }
    sums
}

#[cfg(test)]
mod tests;
