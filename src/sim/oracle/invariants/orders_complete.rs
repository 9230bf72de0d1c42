//! Claim: each order of the shops is one sales order, and each sales order is one order.
//!
//! Checked at rest: every order that the world placed is looked up by the key that it must carry; every sales
//! order that no order claims is stray. One look-up an order. An order may be missing only for a cause that the
//! world gave (an inactive item), and then an exception must say so.
//! Proved by the defect `swallowed-write`: NetSuite's save is answered and never made.

use super::super::seen::SeenSalesOrder;
use super::super::{Breach, worth};
use super::{Invariant, Invariants, Name};
use crate::domain::{CauseCode, Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "orders-complete",
    claim: "every order is in NetSuite exactly once",
    checked: "at rest, order by order and sales order by sales order",
    cost: "one look-up an order",
    defect: "swallowed-write",
};

pub fn order(
    invariants: &mut Invariants,
    order: &Order,
    found: bool,
    excuse: Option<CauseCode>,
    now: Timestamp,
) {
    invariants.tally(Name::OrdersComplete).check(found || excuse.is_some() || has_nothing(order), || {
        Breach {
            at: now,
            money: worth(order),
            what: format!("order {} ({})", order.name, order.id),
            said: format!("is not in NetSuite; it was placed in {} at {}", order.shop, order.created_at),
        }
    });
}

/// Called off before anything was paid: there is nothing to book.
pub fn has_nothing(order: &Order) -> bool {
    order.lines.iter().all(|line| line.quantity == 0) && order.total.is_zero()
}

pub fn stray(invariants: &mut Invariants, sales_order: &SeenSalesOrder, now: Timestamp) {
    invariants.tally(Name::OrdersComplete).check(false, || Breach {
        at: now,
        money: Some(sales_order.total),
        what: format!("sales order {}", sales_order.external_id),
        said: "stands for no order of any shop, or stands for one a second time".into(),
    });
}
