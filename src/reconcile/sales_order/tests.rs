use super::*;
use crate::domain::ids::LineItemId;
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::{Currency, ExternalId, InternalId, Money, Sku};

fn wanted(lines: &[(u64, &str, u32, i64)]) -> SalesOrder {
    let line = |(id, sku, quantity, minor): &(u64, &str, u32, i64)| SalesOrderLine {
        key: LineKey::Goods(LineItemId::new(*id)),
        item: Sku((*sku).into()),
        quantity: *quantity,
        amount: Money::new(*minor, Currency::GBP),
        taxes: vec![],
        memo: None,
    };
    SalesOrder {
        external_id: ExternalId::from_netsuite("uk-order-1"),
        customer: ExternalId::from_netsuite("uk-customer-1"),
        subsidiary: InternalId::new(1),
        location: InternalId::new(1),
        currency: Currency::GBP,
        date: "2026-11-27".parse().unwrap(),
        other_ref: "#1001".into(),
        ship_to: None,
        is_held: false,
        lines: lines.iter().map(line).collect(),
    }
}

fn booked(of: &SalesOrder) -> KnownSalesOrder {
    let known = |(at, line): (usize, &SalesOrderLine)| KnownLine {
        line: at as u32 * 10 + 1,
        key: Some(line.key),
        item: line.item.clone(),
        quantity: line.quantity,
        amount: line.amount,
        taxes: line.taxes.clone(),
        is_closed: false,
    };
    KnownSalesOrder {
        internal_id: InternalId::new(9),
        customer: InternalId::new(8),
        subsidiary: of.subsidiary,
        currency: of.currency,
        date: of.date,
        status: SalesOrderStatus::PendingFulfillment,
        lines: of.lines.iter().enumerate().map(known).collect(),
        total: of.total().unwrap(),
    }
}

/// failures.md B13: two lines of one item, one of them free.
#[test]
fn lines_are_matched_by_identity_and_never_by_item() {
    let before = wanted(&[(1, "MUG", 1, 3_000), (2, "MUG", 1, 0)]);
    let after = wanted(&[(1, "MUG", 1, 3_000)]);
    assert_eq!(differences(&after, &booked(&before)), [LineChange::Close { line: 11 }]);
}

#[test]
fn agreement_needs_no_change() {
    let order = wanted(&[(1, "MUG", 1, 3_000), (2, "CUP", 3, 900)]);
    assert_eq!(differences(&order, &booked(&order)), []);
}

#[test]
fn changed_and_new_components_are_set_and_added() {
    let before = wanted(&[(1, "MUG", 1, 3_000)]);
    let after = wanted(&[(1, "MUG", 2, 6_000), (3, "CUP", 1, 300)]);
    let expected =
        [LineChange::Set { line: 1, to: after.lines[0].clone() }, LineChange::Add(after.lines[1].clone())];
    assert_eq!(differences(&after, &booked(&before)), expected);
}

#[test]
fn a_second_line_for_one_component_is_closed() {
    let order = wanted(&[(1, "MUG", 1, 3_000)]);
    let mut doubled = booked(&order);
    doubled.lines.push(KnownLine { line: 21, ..doubled.lines[0].clone() });
    assert_eq!(differences(&order, &doubled), [LineChange::Close { line: 21 }]);
}

#[test]
fn a_line_that_a_person_added_stays() {
    let order = wanted(&[(1, "MUG", 1, 3_000)]);
    let mut by_hand = booked(&order);
    by_hand.lines.push(KnownLine { line: 21, key: None, ..by_hand.lines[0].clone() });
    assert_eq!(differences(&order, &by_hand), []);
}
