//! Claim: each order is booked by the entity that sells it, in its currency and under the right day.
//!
//! Checked at rest against the shop profile. Constant work an order. Proved by the defect `wrong-policy`: the
//! French storefront routed to the British books (failures.md B7).

use super::super::books::Intent;
use super::super::seen::SeenSalesOrder;
use super::super::{Breach, worth};
use super::{Invariant, Invariants, Name};
use crate::domain::{Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "subsidiary-right",
    claim: "every order is in the books of the entity that sells it, in its currency and on its day",
    checked: "at rest, for every order that is in NetSuite",
    cost: "constant work an order",
    defect: "wrong-policy",
};

pub fn order(
    invariants: &mut Invariants,
    intent: &Intent,
    order: &Order,
    sales_order: &SeenSalesOrder,
    now: Timestamp,
) {
    let Some(seller) = intent.seller(order.shop) else { return };
    let date = seller.books_zone.book_date(order.processed_at);
    let holds = sales_order.subsidiary == seller.id
        && sales_order.currency == order.currency
        && sales_order.date == date;
    invariants.tally(Name::SubsidiaryRight).check(holds, || Breach {
        at: now,
        money: worth(order),
        what: format!("order {} ({})", order.name, order.id),
        said: format!(
            "belongs to {} ({}) in {} on {date}; it is booked in subsidiary {} in {} on {}",
            seller.name,
            seller.id,
            order.currency,
            sales_order.subsidiary,
            sales_order.currency,
            sales_order.date
        ),
    });
}
