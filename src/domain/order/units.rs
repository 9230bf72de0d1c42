//! How many units of a line were shipped, given back before and after they were, and still stand to be billed.
//!
//! Shopify's current quantity shrinks with every unit refunded. Books need to know which of these had left: goods
//! that come back never shrink what was sold.

use super::{LineItem, Order};
use crate::domain::ids::LineItemId;
use crate::domain::refund::Restock;

/// Of the units of one refund line, those that had left when it was made, and those that had not and never will.
/// Units that are in neither got money and still are to ship (shopify.md §h.1: `NO_RESTOCK` before fulfillment).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RefundedUnits {
    pub billed: u32,
    pub unbilled: u32,
}

impl Order {
    /// Units of a line in fulfillments that stand.
    pub fn units_fulfilled(&self, line: LineItemId) -> u32 {
        let standing = self.fulfillments.iter().filter(|fulfillment| !fulfillment.is_cancelled);
        standing.flat_map(|it| &it.lines).filter(|(id, _)| *id == line).map(|(_, units)| *units).sum()
    }

    /// For each refund, for each of its lines, how its units split. Units that had left are taken first, because a
    /// refund that restocks nothing does not say which it means.
    pub fn refunded_units(&self) -> Vec<Vec<RefundedUnits>> {
        let mut billed_before: Vec<(LineItemId, u32)> = Vec::new();
        let split = |(refund, line): (&crate::domain::refund::Refund, &crate::domain::refund::RefundLine),
                     billed_before: &mut Vec<(LineItemId, u32)>| {
            if line.restock == Restock::Cancel {
                return RefundedUnits { billed: 0, unbilled: line.quantity };
            }
            let earlier = self
                .fulfillments
                .iter()
                .filter(|it| !it.is_cancelled && it.created_at <= refund.created_at)
                .flat_map(|it| &it.lines);
            let left: u32 = earlier.filter(|(id, _)| *id == line.line).map(|(_, units)| *units).sum();
            let known = billed_before.iter().position(|(id, _)| *id == line.line).unwrap_or_else(|| {
                billed_before.push((line.line, 0));
                billed_before.len() - 1
            });
            let billed = line.quantity.min(left.saturating_sub(billed_before[known].1));
            billed_before[known].1 += billed;
            let is_money_only = line.restock == Restock::NoRestock && line.subtotal.is_zero();
            let unbilled = if is_money_only { 0 } else { line.quantity - billed };
            RefundedUnits { billed, unbilled }
        };
        self.refunds
            .iter()
            .map(|refund| {
                refund.lines.iter().map(|line| split((refund, line), &mut billed_before)).collect()
            })
            .collect()
    }

    /// Units of a line that were or will be sold: ordered, less edited out, less given back before they left.
    /// A return of shipped goods does not shrink it.
    pub fn units_standing(&self, line: &LineItem) -> u32 {
        if self.refunds.is_empty() {
            return line.quantity;
        }
        let splits = self.refunded_units();
        let of_line = self.refunds.iter().zip(&splits).flat_map(|(refund, splits)| refund.lines.iter().zip(splits));
        let billed = of_line.filter(|(entry, _)| entry.line == line.id).map(|(_, split)| split.billed);
        line.quantity + billed.sum::<u32>()
    }
}

#[cfg(test)]
mod tests;
