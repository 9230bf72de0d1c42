//! An order as the twin keeps it: some 400 bytes for one of three lines. Amounts in minor units.

use std::sync::Arc;

use super::noted::Noted;
use super::texts::TextId;
use super::work::Work;
use crate::domain::Currency;
use crate::domain::customer::Address;
use crate::domain::refund::{AdjustmentReason, RefundFeeKind, Restock};
use rust_decimal::Decimal;

/// The largest amount and sum that clients of the API may state, in minor units: what is derived of such ones fits. No
/// limit of Shopify's is on record.
pub(super) const AMOUNT_MAX: i64 = 100_000_000_000_000;
/// The units of all lines of an order together, as [`AMOUNT_MAX`].
pub(super) const UNITS_MAX: u64 = 1_000_000_000;

/// No text: a custom item without a SKU.
pub(super) const NO_TEXT: TextId = TextId::MAX;

/// Append-only rows in chunks, so that growth never copies a million of them.
pub(super) struct Arena<T> {
    chunks: Vec<Vec<T>>,
}

const CHUNK: usize = 4_096;

impl<T> Default for Arena<T> {
    fn default() -> Arena<T> {
        Arena { chunks: Vec::new() }
    }
}

impl<T> Arena<T> {
    pub(super) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    pub(super) fn push(&mut self, row: T) {
        if self.chunks.last().is_none_or(|last| last.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        self.chunks.last_mut().expect("a chunk with room was just ensured").push(row);
    }

    pub(super) fn get(&self, at: usize) -> &T {
        &self.chunks[at / CHUNK][at % CHUNK]
    }

    pub(super) fn get_mut(&mut self, at: usize) -> &mut T {
        &mut self.chunks[at / CHUNK][at % CHUNK]
    }
}

pub(super) struct OrderRow {
    /// Whole seconds since 1970, as all instants of an order.
    pub created: i64,
    pub processed: i64,
    pub updated: i64,
    pub buyer: BuyerRow,
    pub ship_to: Option<Arc<Address>>,
    pub lines: Box<[LineRow]>,
    /// Discounts and taxes of lines and shipping, sorted by what they stand on.
    pub charges: Box<[Charge]>,
    pub shipping: Box<[ShippingRow]>,
    pub transactions: Box<[TransactionRow]>,
    /// What is to ship and has shipped; none while everything is still to ship as it was first routed.
    pub work: Option<Box<Work>>,
    /// What most orders do not have.
    pub rare: Option<Box<Rare>>,
    pub taxes_included: bool,
    /// `orders/paid` has been said.
    pub is_paid: bool,
}

#[derive(Clone, Default)]
pub(super) struct Rare {
    pub cancelled: Option<i64>,
    pub duties: i64,
    pub fees: i64,
    pub tip: i64,
    pub presentment: Option<(Currency, Decimal)>,
    pub noted: Option<Box<Noted>>,
    /// In the order in which they were made.
    pub refunds: Vec<RefundRow>,
}

#[derive(Clone)]
pub(super) struct RefundRow {
    pub at: i64,
    pub lines: Box<[RefundLineRow]>,
    pub shipping: Box<[RefundShippingRow]>,
    pub duties: Part,
    pub tip: Part,
    /// Kept: amount, and tax.
    pub fees: Box<[(RefundFeeKind, i64, i64)]>,
    /// What was paid beyond the parts, as the shop and as the buyer sees it.
    pub adjustment: Option<(AdjustmentReason, i64, i64)>,
    /// Positions among the order's transactions.
    pub transactions: Box<[u16]>,
    pub is_return: bool,
}

#[derive(Clone, Copy)]
pub(super) struct RefundLineRow {
    pub line: u16,
    pub restock: Restock,
    pub units: u32,
    /// Of these, units that had left.
    pub left: u32,
    /// Of these, units that no longer stand on the order.
    pub taken: u32,
    pub subtotal: Part,
    pub tax: Part,
}

#[derive(Clone, Copy)]
pub(super) struct RefundShippingRow {
    /// Position of the shipping line.
    pub line: u16,
    /// Net of discounts.
    pub net: Part,
    pub tax: Part,
}

/// What goes back, as the shop counts it and as the buyer sees it.
#[derive(Clone, Copy, Default)]
pub(super) struct Part {
    pub own: i64,
    pub seen: i64,
}

impl RefundLineRow {
    /// Units that got their money and are to ship all the same (shopify.md §h.1, `NO_RESTOCK` before fulfillment).
    pub(super) fn units_kept(&self) -> u32 {
        self.units - self.taken
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BuyerRow {
    Customer(u32),
    Company(u32),
    Guest(u32),
    /// Neither e-mail nor phone.
    Nobody,
}

#[derive(Clone, Copy)]
pub(super) struct LineRow {
    pub unit_price: i64,
    pub sku: TextId,
    pub title: TextId,
    /// Units that the charges cover.
    pub ordered: u32,
    /// Units that still stand.
    pub quantity: u32,
    pub is_gift_card: bool,
}

#[derive(Clone, Copy)]
pub(super) struct ShippingRow {
    pub price: i64,
    pub title: TextId,
}

/// What a charge stands on. Lines sort before shipping lines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target(u16);

impl Target {
    const SHIPPING: u16 = 0x8000;

    pub(super) fn line(index: usize) -> Target {
        assert!(index < usize::from(Target::SHIPPING), "an order has fewer than 32,768 lines");
        Target(index as u16)
    }

    pub(super) fn shipping(index: usize) -> Target {
        Target(Target::SHIPPING | index as u16)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ChargeKind {
    Discount,
    Tax,
}

#[derive(Clone, Copy)]
pub(super) struct Charge {
    /// Of a discount what it takes off, not negative.
    pub amount: i64,
    /// Discount application or tax kind in the texts.
    pub label: u32,
    pub target: Target,
    pub kind: ChargeKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TransactionKind {
    Authorization,
    Capture,
    Sale,
    Refund,
    Void,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TransactionStatus {
    Success,
    Pending,
    Failure,
}

#[derive(Clone, Copy)]
pub(super) struct TransactionRow {
    pub amount: i64,
    pub presentment: i64,
    pub at: i64,
    pub gateway: TextId,
    pub rounding: i32,
    /// Position of the payment that a refund gives back, or of the authorisation that a capture takes.
    pub parent: u16,
    pub kind: TransactionKind,
    pub status: TransactionStatus,
    /// An authorisation of which nothing was captured or voided yet.
    pub is_open: bool,
}

/// No parent: a payment of its own.
pub(super) const NO_PARENT: u16 = u16::MAX;

impl TransactionRow {
    /// Position of the transaction that this one follows.
    pub(super) fn parent(&self) -> Option<usize> {
        (self.parent != NO_PARENT).then_some(usize::from(self.parent))
    }

    /// A refund that moved money, or is to.
    pub(super) fn gives_back(&self) -> bool {
        self.kind == TransactionKind::Refund && self.status != TransactionStatus::Failure
    }

    pub(super) fn captured(&self) -> bool {
        self.status == TransactionStatus::Success
            && matches!(self.kind, TransactionKind::Capture | TransactionKind::Sale)
    }
}

/// `currentTotalTaxSet` and `currentTotalPriceSet`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Totals {
    pub tax: i64,
    pub total: i64,
}

impl OrderRow {
    pub(super) fn cancelled(&self) -> Option<i64> {
        self.rare.as_ref().and_then(|rare| rare.cancelled)
    }

    /// Duties, additional fees and tip, as they were charged.
    pub(super) fn extras(&self) -> (i64, i64, i64) {
        self.rare.as_ref().map_or((0, 0, 0), |rare| (rare.duties, rare.fees, rare.tip))
    }

    /// The same, less what was given back of them.
    pub(super) fn extras_left(&self) -> (i64, i64, i64) {
        let charged = self.extras();
        let less = |left: (i64, i64, i64), refund: &RefundRow| {
            (left.0 - refund.duties.own, left.1, left.2 - refund.tip.own)
        };
        self.refunds().iter().fold(charged, less)
    }

    pub(super) fn refunds(&self) -> &[RefundRow] {
        self.rare.as_ref().map_or(&[], |rare| &rare.refunds)
    }

    pub(super) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    pub(super) fn presentment(&self) -> Option<(Currency, Decimal)> {
        self.rare.as_ref().and_then(|rare| rare.presentment)
    }

    pub(super) fn charges_on(&self, target: Target) -> &[Charge] {
        let from = self.charges.partition_point(|charge| charge.target < target);
        let until = self.charges.partition_point(|charge| charge.target <= target);
        &self.charges[from..until]
    }

    /// What stands now. Charges keep describing the units once ordered and count by the share that stands
    /// (shopify.md §d.1: 2 × 100 with 26 tax, edited to one unit: current total 113, current tax 13).
    pub(super) fn totals(&self) -> Totals {
        let (duties, fees, tip) = self.extras_left();
        let mut parts = i128::from(duties) + i128::from(fees) + i128::from(tip);
        let mut tax = 0i128;
        for line in &self.lines {
            parts += i128::from(line.unit_price) * i128::from(line.quantity);
        }
        for shipping in &self.shipping {
            parts += i128::from(shipping.price);
        }
        for charge in &self.charges {
            let amount = match self.lines.get(usize::from(charge.target.0)) {
                Some(line) => standing(charge.amount, line.quantity, line.ordered),
                None => charge.amount,
            };
            match charge.kind {
                ChargeKind::Discount => parts -= i128::from(amount),
                ChargeKind::Tax => tax += i128::from(amount),
            }
        }
        for back in self.refunds().iter().flat_map(|refund| &*refund.shipping) {
            parts -= i128::from(back.net.own);
            tax -= i128::from(back.tax.own);
        }
        if !self.taxes_included {
            parts += tax;
        }
        let fits = |amount: i128| i64::try_from(amount).expect("an order's total fits its currency");
        Totals { tax: fits(tax), total: fits(parts) }
    }

    /// Money that came in and was not given back.
    pub(super) fn received(&self) -> i64 {
        let came: i64 =
            self.transactions.iter().filter(|entry| entry.captured()).map(|entry| entry.amount).sum();
        came - self.given_back()
    }

    fn given_back(&self) -> i64 {
        self.transactions.iter().filter(|entry| entry.gives_back()).map(|entry| entry.amount).sum()
    }

    /// Captured, or authorised and still open: what a further payment need not cover.
    pub(super) fn covered(&self) -> i64 {
        let open = self.transactions.iter().filter(|entry| entry.captured() || entry.is_open);
        open.map(|entry| entry.amount).sum::<i64>() - self.given_back()
    }
}

/// The share of a charge that falls to the units which still stand, half away from zero.
pub(super) fn standing(amount: i64, quantity: u32, ordered: u32) -> i64 {
    if quantity == ordered {
        return amount;
    }
    let share = i128::from(amount) * i128::from(quantity);
    let rounded = super::arithmetic::divide_half_away(share, i128::from(ordered.max(1)));
    i64::try_from(rounded).expect("a share is smaller than the whole")
}
