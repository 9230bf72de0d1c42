//! Refunds as Shopify states them. A refund that exists does not mean that money moved: its transactions say that.
//!
//! Source: shopify.md §h.1.

use super::ids::{LineItemId, RefundId, RefundLineId, ShippingLineId, TransactionId};
use super::money::{Money, MoneyError, Sum};
use super::time::Timestamp;

/// Amounts in shop currency, at the order's rate; transactions are at the rate of their own moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub created_at: Timestamp,
    /// The refund belongs to a return: goods came back, or are to.
    pub is_return: bool,
    pub lines: Vec<RefundLine>,
    pub shipping: Vec<RefundShipping>,
    pub duties: Money,
    pub tip: Money,
    /// What was kept: positive.
    pub fees: Vec<RefundFee>,
    /// Positive gives more back than the parts come to, negative less.
    pub adjustments: Vec<RefundAdjustment>,
    /// The parts in the currency that the buyer saw.
    pub presentment: Money,
    /// Which of the order's transactions move this refund's money.
    pub transactions: Vec<TransactionId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundLine {
    pub id: RefundLineId,
    pub line: LineItemId,
    pub quantity: u32,
    /// After discounts, as the order's prices are: with tax inside where these have it.
    pub subtotal: Money,
    pub tax: Money,
    pub restock: Restock,
    /// Shopify's number of the location to which the units came back.
    pub location: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundShipping {
    pub line: Option<ShippingLineId>,
    /// With tax inside where the order's prices have it.
    pub subtotal: Money,
    pub tax: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundFee {
    pub kind: RefundFeeKind,
    /// With tax inside where the order's prices have it.
    pub amount: Money,
    pub tax: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundFeeKind {
    Restocking,
    ReturnShipping,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundAdjustment {
    pub reason: AdjustmentReason,
    pub amount: Money,
    pub tax: Money,
}

/// Source: shopify.md §h.1, `OrderAdjustment.reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AdjustmentReason {
    RefundDiscrepancy,
    PendingRefundDiscrepancy,
    FullReturnBalancing,
    Restock,
    Damage,
    Customer,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Restock {
    /// The units never left: their commitment is released and nothing moves.
    Cancel,
    /// The units are back on the shelf.
    Return,
    NoRestock,
    /// From before restock types.
    Legacy,
}

impl Refund {
    /// What the parts come to: lines, shipping, duties and tip, less fees kept, and adjustments.
    ///
    /// # Errors
    /// Amounts of different currencies, or out of range.
    pub fn parts(&self, taxes_included: bool) -> Result<Money, MoneyError> {
        let mut sum = Sum::new(self.duties.currency());
        let mut part = |amount: Money, tax: Money, sign: i64| -> Result<(), MoneyError> {
            sum.add(amount.checked_mul(sign)?)?;
            if taxes_included { Ok(()) } else { sum.add(tax.checked_mul(sign)?) }
        };
        for line in &self.lines {
            part(line.subtotal, line.tax, 1)?;
        }
        for shipping in &self.shipping {
            part(shipping.subtotal, shipping.tax, 1)?;
        }
        for fee in &self.fees {
            part(fee.amount, fee.tax, -1)?;
        }
        for adjustment in &self.adjustments {
            part(adjustment.amount, adjustment.tax, 1)?;
        }
        sum.add(self.duties)?;
        sum.add(self.tip)?;
        sum.total()
    }
}
