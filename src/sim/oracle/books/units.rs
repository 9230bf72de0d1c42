//! How many units of each line stand, were shipped as the buyer was told, and came back: from Shopify's record alone.

use crate::domain::refund::Restock;
use crate::domain::{Order, Timestamp};

/// Units of one line of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineUnits {
    /// Units that the order's amounts cover.
    pub ordered: u32,
    /// Units that the sales order must hold: what was ordered less what was edited out or cancelled before it was
    /// billed. Goods that come back do not shrink it, though Shopify's own count of what stands does.
    pub standing: u32,
    /// Units in fulfillments that were not cancelled.
    pub fulfilled: u32,
}

/// Units of one line of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RefundedUnits {
    pub billed: u32,
    /// They never left: the money comes out of the deposits.
    pub unbilled: u32,
}

#[derive(Debug, Clone, Default)]
pub struct Units {
    /// By position of the order's lines.
    pub lines: Vec<LineUnits>,
    /// By position of the order's refunds, then of their lines.
    pub refunded: Vec<Vec<RefundedUnits>>,
}

impl Units {
    pub fn of(order: &Order) -> Units {
        let mut units = Units {
            lines: order
                .lines
                .iter()
                .map(|line| LineUnits {
                    ordered: line.quantity_ordered,
                    standing: line.quantity,
                    fulfilled: fulfilled(order, line.id, Timestamp::END),
                })
                .collect(),
            refunded: Vec::with_capacity(order.refunds.len()),
        };
        let mut came_back = vec![0; if order.refunds.is_empty() { 0 } else { order.lines.len() }];
        for refund in &order.refunds {
            let of_refund = refund.lines.iter().map(|line| {
                let Some(at) = order.lines.iter().position(|known| known.id == line.line) else {
                    return RefundedUnits::default();
                };
                if line.restock == Restock::Cancel {
                    return RefundedUnits { billed: 0, unbilled: line.quantity };
                }
                let left = fulfilled(order, line.line, refund.created_at).saturating_sub(came_back[at]);
                let billed = line.quantity.min(left);
                came_back[at] += billed;
                RefundedUnits { billed, unbilled: line.quantity - billed }
            });
            units.refunded.push(of_refund.collect());
        }
        for (line, billed) in units.lines.iter_mut().zip(came_back) {
            line.standing += billed;
        }
        units
    }

    /// Units of a line that the sales order must hold.
    pub fn standing(&self, line: usize) -> u32 {
        self.lines.get(line).map_or(0, |line| line.standing)
    }
}

/// Units of a line in fulfillments made until then.
fn fulfilled(order: &Order, line: crate::domain::ids::LineItemId, until: Timestamp) -> u32 {
    let counted = order.fulfillments.iter().filter(|made| !made.is_cancelled && made.created_at <= until);
    counted.flat_map(|made| &made.lines).filter(|(of, _)| *of == line).map(|(_, units)| units).sum()
}
