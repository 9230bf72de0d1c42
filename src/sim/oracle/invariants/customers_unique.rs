//! Claim: each buyer is one customer in NetSuite, and each order is booked on its own buyer.
//!
//! Checked at rest, for each order (the record that it is booked on) and for each record (the buyer that it stands
//! for). A look-up each. Proved by the defect `renamed-customer`: a
//! customer is saved a second time under another external id.

use super::super::books::Intent;
use super::super::seen::{SeenCustomer, SeenSalesOrder};
use super::super::{Breach, worth};
use super::{Invariant, Invariants, Name};
use crate::domain::{FixedSet, Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "customers-unique",
    claim: "every buyer has exactly one customer record, and every order is booked on it",
    checked: "at rest, for every order and every record",
    cost: "a look-up each",
    defect: "renamed-customer",
};

pub fn buyer(
    invariants: &mut Invariants,
    order: &Order,
    key: &str,
    sales_order: &SeenSalesOrder,
    now: Timestamp,
) {
    invariants.tally(Name::CustomersUnique).check(*sales_order.customer_external_id == *key, || Breach {
        at: now,
        money: worth(order),
        what: format!("order {} ({})", order.name, order.id),
        said: format!("is booked on {}, its buyer is {key}", sales_order.customer_external_id),
    });
}

pub fn at_rest(
    invariants: &mut Invariants,
    known: &FixedSet<Box<str>>,
    customer: &SeenCustomer,
    now: Timestamp,
) {
    // A record without a key of ours is one that people keep.
    let Some(external_id) = &customer.external_id else { return };
    let buyer = known.contains(external_id);
    invariants.tally(Name::CustomersUnique).check(buyer, || Breach {
        at: now,
        money: None,
        what: format!("customer {external_id}"),
        said: "stands for no buyer of any shop, or for one a second time".into(),
    });
}

/// Records without a key can be found by nobody's retry: only those that people keep may lack one.
pub fn keyless(invariants: &mut Invariants, intent: &Intent, found: u64, now: Timestamp) {
    let kept = intent.contacts();
    invariants.tally(Name::CustomersUnique).check(found == kept, || Breach {
        at: now,
        money: None,
        what: "customers without an external id".into(),
        said: format!("there are {found}, of which people keep {kept}"),
    });
}
