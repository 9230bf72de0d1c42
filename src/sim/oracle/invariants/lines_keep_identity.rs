//! Claim: each line of an order is one line of its sales order, with its item and its units, even where one item
//! stands on several lines (failures.md B13).
//!
//! Checked at rest by the line's own key. A pass over the lines of each order. Proved by the defect
//! `merged-lines`: two lines of one item are sent as one.

use super::super::seen::SeenSalesOrder;
use super::super::stock::WorldStock;
use super::super::{Breach, worth};
use super::{Invariant, Invariants, Name};
use crate::domain::order::LineItem;
use crate::domain::sales_order::LineKey;
use crate::domain::{Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "lines-keep-identity",
    claim: "every line of an order is its own line in NetSuite, with the same item and units",
    checked: "at rest, for every line of every order",
    cost: "a pass over the lines of each order",
    defect: "merged-lines",
};

pub fn order(
    invariants: &mut Invariants,
    stock: &WorldStock,
    order: &Order,
    sales_order: &SeenSalesOrder,
    now: Timestamp,
) {
    let mut standing = 0;
    let mut wrong = None;
    // A bundle is as many lines as it has members: `bundle-relief` looks at them.
    let is_bundle = |line: &LineItem| line.sku.as_ref().is_some_and(|sku| stock.is_kit(sku));
    for line in order.lines.iter().filter(|line| line.quantity > 0 && !is_bundle(line)) {
        standing += 1;
        let mut same = sales_order.lines.iter().filter(|seen| seen.key == Some(LineKey::Goods(line.id)));
        let one = match (same.next(), same.next()) {
            (Some(seen), None) => {
                let item = line.is_gift_card || line.sku.as_ref().is_none_or(|sku| *sku == seen.item);
                seen.quantity == line.quantity && item
            }
            _ => false,
        };
        if !one && wrong.is_none() {
            wrong = Some(line);
        }
    }
    let goods = sales_order.lines.iter().filter(|seen| matches!(seen.key, Some(LineKey::Goods(_)))).count();
    let holds = wrong.is_none() && goods == standing;
    invariants.tally(Name::LinesKeepIdentity).check(holds, || Breach {
        at: now,
        money: worth(order),
        what: format!("order {} ({})", order.name, order.id),
        said: match wrong {
            Some(line) => format!(
                "line {} ({} × {}) is not one line of the sales order",
                line.id, line.quantity, line.title
            ),
            None => format!("has {standing} lines, its sales order has {goods}"),
        },
    });
}
