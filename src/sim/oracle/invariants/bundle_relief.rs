//! Claim: a bundle that is sold takes its members from stock, each with its units, and its price is theirs to the
//! last minor unit.
//!
//! Checked at rest, bundle by bundle: its line stands on the sales order as one line for each member, in the kit's
//! order, with its item and units; that the amounts add up is `totals-tie`. A pass over the lines. Proved by the
//! defect `parent-relieved`: the bundle itself is ordered (failures.md B9).

use super::super::seen::SeenSalesOrder;
use super::super::stock::WorldStock;
use super::super::{Breach, worth};
use super::{Invariant, Invariants, Name};
use crate::domain::order::LineItem;
use crate::domain::sales_order::LineKey;
use crate::domain::{Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "bundle-relief",
    claim: "every bundle that is sold takes exactly its members from stock",
    checked: "at rest, for every bundle on every order",
    cost: "a pass over the lines of orders that sell bundles",
    defect: "parent-relieved",
};

pub fn order(
    invariants: &mut Invariants,
    stock: &WorldStock,
    order: &Order,
    sales_order: &SeenSalesOrder,
    now: Timestamp,
) {
    for line in order.lines.iter().filter(|line| line.quantity > 0) {
        let members = line.sku.as_ref().filter(|sku| stock.is_kit(sku)).and_then(|sku| stock.members(sku));
        let Some(members) = members else { continue };
        let holds = (0u16..).zip(members).all(|(number, member)| {
            let key = Some(LineKey::Component(line.id, number));
            let mut own = sales_order.lines.iter().filter(|seen| seen.key == key);
            let is_right = |seen: &super::super::seen::SeenLine| {
                seen.item == member.sku && seen.quantity == line.quantity * member.quantity
            };
            own.next().is_some_and(is_right) && own.next().is_none()
        });
        let alone = components(sales_order, line) == members.len();
        invariants.tally(Name::BundleRelief).check(holds && alone, || Breach {
            at: now,
            money: worth(order),
            what: format!("order {} ({})", order.name, order.id),
            said: format!(
                "{} × {} must take {}; its sales order does not",
                line.quantity,
                line.title,
                members
                    .iter()
                    .map(|member| format!("{} × {}", line.quantity * member.quantity, member.sku))
                    .collect::<Vec<_>>()
                    .join(" and ")
            ),
        });
    }
}

/// Lines that stand for this line's goods.
fn components(sales_order: &SeenSalesOrder, line: &LineItem) -> usize {
    let of_line = |key: Option<LineKey>| match key {
        Some(LineKey::Component(id, _) | LineKey::Goods(id)) => id == line.id,
        _ => false,
    };
    sales_order.lines.iter().filter(|seen| of_line(seen.key)).count()
}
