//! What of an order stands on the sales order, and what of its refunds was billed before: pure arithmetic on what
//! Shopify states, the same today as in a year.
//!
//! A refund takes back what was billed, or what never was. That is told by what Shopify had fulfilled when the refund
//! was made, never by what is in NetSuite by now: the answer must not change while documents are being written.

use crate::domain::ids::ShippingLineId;
use crate::domain::money::MoneyError;
use crate::domain::order::{LineItem, ShippingLine};
use crate::domain::refund::{Refund, RefundShipping, Restock};
use crate::domain::{Money, Order, Timestamp};

/// The units of an order, line by line, and the nature of each refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// On the sales order, in the order of the order's lines: ordered, less edited out, less taken back before they
    /// were billed. A return of shipped goods never shrinks it.
    pub wanted: Vec<u32>,
    /// In the order of the order's refunds.
    pub refunds: Vec<RefundUnits>,
}

/// How much of one refund was billed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundUnits {
    /// Of each refund line, the units that were billed before.
    pub billed: Vec<u32>,
    /// Something of the order had been fulfilled, so delivery, duties and tip were billed before.
    pub after_delivery: bool,
}

impl Units {
    pub fn of(order: &Order) -> Units {
        let mut wanted: Vec<u32> = order.lines.iter().map(|line| line.quantity).collect();
        if order.refunds.is_empty() {
            return Units { wanted, refunds: vec![] };
        }
        let mut taken_back = vec![0u32; order.lines.len()];
        let mut refunds = Vec::with_capacity(order.refunds.len());
        for refund in &order.refunds {
            let billed = refund
                .lines
                .iter()
                .map(|part| {
                    let Some(at) = order.lines.iter().position(|line| line.id == part.line) else { return 0 };
                    if part.restock == Restock::Cancel {
                        return 0;
                    }
                    let fulfilled = fulfilled(order, &order.lines[at], refund.created_at);
                    let billed = part.quantity.min(fulfilled.saturating_sub(taken_back[at]));
                    taken_back[at] += billed;
                    wanted[at] += billed;
                    billed
                })
                .collect();
            refunds.push(RefundUnits { billed, after_delivery: any_fulfilled(order, refund.created_at) });
        }
        for (units, line) in wanted.iter_mut().zip(&order.lines) {
            *units = (*units).min(line.quantity_ordered);
        }
        Units { wanted, refunds }
    }

    /// What was taken back of a delivery charge before it was billed: its price and its tax.
    pub fn undelivered(&self, order: &Order, line: &ShippingLine) -> Result<(Money, Money), MoneyError> {
        let zero = Money::zero(order.currency);
        let mut undelivered = (zero, zero);
        for (refund, units) in order.refunds.iter().zip(&self.refunds) {
            for part in refund.shipping.iter().filter(|_| !units.after_delivery) {
                if shipping_line(order, part).is_some_and(|known| known.id == line.id) {
                    undelivered.0 = undelivered.0.checked_add(part.subtotal)?;
                    undelivered.1 = undelivered.1.checked_add(part.tax)?;
                }
            }
        }
        Ok(undelivered)
    }

    /// Duties on the sales order: what was charged, less what was given back before it was billed.
    pub fn duties(&self, order: &Order) -> Result<Money, MoneyError> {
        self.refunds_of(order, false).try_fold(order.duties, |sum, refund| sum.checked_sub(refund.duties))
    }

    /// Tip on the sales order, likewise.
    pub fn tip(&self, order: &Order) -> Result<Money, MoneyError> {
        self.refunds_of(order, false).try_fold(order.tip, |sum, refund| sum.checked_sub(refund.tip))
    }

    fn refunds_of<'a>(&'a self, order: &'a Order, after_delivery: bool) -> impl Iterator<Item = &'a Refund> {
        let pairs = order.refunds.iter().zip(&self.refunds);
        pairs.filter(move |(_, units)| units.after_delivery == after_delivery).map(|(refund, _)| refund)
    }
}

/// The delivery charge that a refund gives back; the first one if it names none.
pub fn shipping_line<'a>(order: &'a Order, part: &RefundShipping) -> Option<&'a ShippingLine> {
    let named = |id: ShippingLineId| order.shipping.iter().find(|line| line.id == id);
    part.line.and_then(named).or_else(|| order.shipping.first())
}

/// Units of a line that Shopify had fulfilled at an instant.
fn fulfilled(order: &Order, line: &LineItem, at: Timestamp) -> u32 {
    let standing = order.fulfillments.iter().filter(|known| !known.is_cancelled && known.created_at <= at);
    standing.flat_map(|known| &known.lines).filter(|(id, _)| *id == line.id).map(|(_, units)| *units).sum()
}

fn any_fulfilled(order: &Order, at: Timestamp) -> bool {
    order.fulfillments.iter().any(|known| !known.is_cancelled && known.created_at <= at)
}

/// The share of `part` in `whole` units of an amount, half away from zero (postings.md N2).
///
/// # Errors
/// Out of range.
pub fn share(amount: Money, part: u32, whole: u32) -> Result<Money, MoneyError> {
    if part == whole || amount.is_zero() {
        return Ok(amount);
    }
    amount.share(i64::from(part), i64::from(whole.max(1)))
}
