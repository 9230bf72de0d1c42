//! Claim: each buyer is one customer in NetSuite, and each order is booked on its own buyer.
//!
//! Checked when a customer is saved (no second record under one key), for each order at rest (the record that it
//! is booked on), and for each record at rest. A look-up each. Proved by the defect `renamed-customer`: every
//! second save carries another external id.

use std::collections::BTreeMap;

use super::super::books::Intent;
use super::super::seen::{SeenCustomer, SeenSalesOrder};
use super::super::{Breach, worth};
use super::{Invariant, Invariants, Name};
use crate::domain::{Order, ShopKey, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "customers-unique",
    claim: "every buyer has exactly one customer record, and every order is booked on it",
    checked: "at each save of a customer, and at rest for every order and record",
    cost: "a look-up each",
    defect: "renamed-customer",
};

pub fn saved(invariants: &mut Invariants, at: Timestamp, external_id: &str, records: u64) {
    invariants.tally(Name::CustomersUnique).check(records == 1, || Breach {
        at,
        money: None,
        what: format!("customer {external_id}"),
        said: format!("there are {records} records under this key"),
    });
}

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
    intent: &Intent,
    known: &BTreeMap<(ShopKey, Box<str>), u64>,
    customer: &SeenCustomer,
    now: Timestamp,
) {
    // A record without a key of ours is one that people keep.
    let Some(external_id) = &customer.external_id else { return };
    let shop = external_id.split('-').next().and_then(|shop| shop.parse::<ShopKey>().ok());
    let shop = shop.filter(|shop| intent.storefront(*shop).is_some());
    let buyer = shop.is_some_and(|shop| known.contains_key(&(shop, external_id.clone())));
    invariants.tally(Name::CustomersUnique).check(buyer && customer.records == 1, || Breach {
        at: now,
        money: None,
        what: format!("customer {external_id}"),
        said: if customer.records == 1 {
            "stands for no buyer of any shop".into()
        } else {
            format!("there are {} records under this key", customer.records)
        },
    });
}
