//! What the oracle is shown: NetSuite's records, the engine's exceptions and work, refusals, and the causes that
//! the world gave for people to hear of. Plain values, filled in by the simulation.

pub mod after_purchase;
pub mod documents;
pub mod settlement;

use std::collections::{BTreeMap, BTreeSet};

use super::books;
use crate::domain::ids::OrderId;
use crate::domain::sales_order::LineKey;
use crate::domain::{BookDate, CauseCode, Currency, Flow, InternalId, Money, Order, ShopKey, Sku, Timestamp};

#[derive(Debug, Clone)]
pub struct SeenSalesOrder {
    pub external_id: Box<str>,
    pub customer_external_id: Box<str>,
    pub subsidiary: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    pub total: Money,
    /// Open lines only.
    pub lines: Vec<SeenLine>,
    /// Tax of the open lines by code, each code once.
    pub taxes: Vec<(InternalId, i128)>,
    /// The same row by row: position of the line in `lines`, code, amount.
    pub tax_rows: Vec<(u32, InternalId, i64)>,
}

#[derive(Debug, Clone)]
pub struct SeenLine {
    pub key: Option<LineKey>,
    pub item: Sku,
    pub quantity: u32,
    pub amount_minor: i64,
    pub tax_minor: i64,
    /// Of discounts only: which code or offer it was.
    pub label: Option<Box<str>>,
}

#[derive(Debug, Clone)]
pub struct SeenDeposit {
    pub external_id: Box<str>,
    pub subsidiary: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    pub payment: Money,
    pub debit_account: InternalId,
    pub credit_account: InternalId,
}

#[derive(Debug, Clone)]
pub struct SeenCustomer {
    pub external_id: Option<Box<str>>,
}

#[derive(Debug, Clone)]
pub struct SeenException {
    pub shop: ShopKey,
    pub flow: Flow,
    pub record: u64,
    pub code: CauseCode,
    pub at_risk: Option<Money>,
    pub owner: Box<str>,
    pub deadline: Timestamp,
    pub raised_at: Timestamp,
    pub detail: Box<str>,
}

/// What a Shopify location shows of one item.
#[derive(Debug, Clone)]
pub struct SeenLevel {
    pub shop: ShopKey,
    pub location: u64,
    pub sku: Box<str>,
    pub available: i64,
}

/// The store's account of its work at rest.
#[derive(Debug, Clone, Default)]
pub struct SeenWork {
    /// Entities with a hint that has not ended.
    pub pending: Vec<(ShopKey, Flow, u64)>,
    /// Entities with an open exception.
    pub excused: BTreeSet<(ShopKey, Flow, u64)>,
    /// Webhooks that were acknowledged.
    pub acknowledged: u64,
    /// When the last piece of work was done that is not excused.
    pub drained_at: Timestamp,
    /// When it must have been, at the latest.
    pub bound: Timestamp,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct SeenChain {
    pub entries: u64,
    pub broken_at: Option<u64>,
    /// Steps that are known to have been committed.
    pub steps: u64,
}

/// Refusals of the run, by who could know.
#[derive(Debug, Clone, Copy, Default)]
pub struct SeenRefusals {
    pub calls: u64,
    /// Shopify's bucket was known to be too low.
    pub shopify_foreseeable: u64,
    /// Our own calls in flight filled the slots.
    pub netsuite_foreseeable: u64,
}

/// What the world did that must end with a person.
#[derive(Debug, Clone, Default)]
pub struct Causes {
    /// Items that NetSuite refuses at rest.
    inactive: BTreeSet<Sku>,
    /// Months whose periods were shut at some time, and whether they still are.
    shut: BTreeMap<(i16, i8), bool>,
    /// Buyer and buyer under a mistyped e-mail, by shop; 0 stands for a contact that only NetSuite knows.
    pairs: BTreeMap<(ShopKey, u64), BTreeSet<u64>>,
    /// Orders of buyers who pay no tax.
    exempt: BTreeSet<(ShopKey, OrderId)>,
}

impl Causes {
    pub fn item_inactive(&mut self, sku: Sku, at_rest: bool) {
        if at_rest {
            self.inactive.insert(sku);
        }
    }

    pub fn period_was_shut(&mut self, month: BookDate, at_rest: bool) {
        let (year, month, _) = month.year_month_day();
        self.shut.insert((year, month), at_rest);
    }

    /// `typo` is the number of the customer under the mistyped e-mail, `of` that of the original, 0 if NetSuite
    /// alone knows it.
    pub fn mistyped(&mut self, shop: ShopKey, typo: u64, of: u64) {
        self.pairs.entry((shop, typo)).or_default().insert(of);
    }

    /// The order's buyer pays no tax, by law or certificate.
    pub fn tax_exempt(&mut self, shop: ShopKey, order: OrderId) {
        self.exempt.insert((shop, order));
    }

    pub(super) fn is_tax_exempt(&self, order: &Order) -> bool {
        self.exempt.contains(&(order.shop, order.id))
    }

    /// Why an order may be missing in NetSuite.
    pub(super) fn excuse(&self, order: &Order) -> Option<CauseCode> {
        let refused = order
            .lines
            .iter()
            .filter(|line| line.quantity > 0)
            .filter_map(|line| line.sku.as_ref())
            .any(|sku| self.inactive.contains(sku));
        refused.then_some(CauseCode::ReferenceRejected)
    }

    pub(super) fn period_shut(&self, date: BookDate) -> bool {
        let (year, month, _) = date.year_month_day();
        self.shut.get(&(year, month)).copied().unwrap_or_default()
    }

    /// The month was shut at some time, so a document may be dated after it.
    pub(super) fn period_was_ever_shut(&self, date: BookDate) -> bool {
        let (year, month, _) = date.year_month_day();
        self.shut.contains_key(&(year, month))
    }

    /// Row 13: money of the buyer is held beyond what the order now comes to.
    pub(super) fn surplus(&self, order: &Order) -> Option<CauseCode> {
        (books::owed_to_buyer(order) > 0).then_some(CauseCode::CapturedExceedsOrder)
    }

    pub(super) fn likely_duplicates(&self) -> Vec<(ShopKey, u64, u64)> {
        let ordered = |left: u64, right: u64| (left.min(right), left.max(right));
        self.pairs
            .iter()
            .flat_map(|((shop, typo), originals)| {
                originals.iter().map(move |of| {
                    let (low, high) = ordered(*typo, *of);
                    (*shop, low, high)
                })
            })
            .collect()
    }

    /// The record under which an exception is compared: of two likely duplicates either may have been found
    /// first, so both stand for the pair.
    pub(super) fn pair_of(&self, exception: &SeenException) -> u64 {
        if exception.code != CauseCode::CustomerLikelyDuplicate {
            return exception.record;
        }
        for (shop, low, high) in self.likely_duplicates() {
            if shop == exception.shop && (low == exception.record || high == exception.record) {
                return if low == 0 { high } else { low };
            }
        }
        exception.record
    }
}
