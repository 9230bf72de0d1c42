//! One order against what NetSuite holds of it. A whole day, at rest and unattended, is in `tests/it/reconcile.rs`.

use crate::domain::order::TransactionKind;
use crate::domain::{ExternalId, InternalId, KnownDeposit, Money, Order};
use crate::engine::fixtures::{at, booked, card, eur, fulfillment, line, order, policy, refund, shipment};
use crate::engine::order::translate;
use crate::ports::netsuite::Booked;
use crate::reconcile::order::compare;

/// A paid order of two mugs, and NetSuite in step with it.
fn in_step() -> (Order, Booked) {
    let order = order(vec![line(1, "MUG", 2, 1_200)], vec![card(9, 2_400)]);
    let policy = policy();
    let wanted = translate::sales_order(&order, &policy.shops[0], &policy, &Default::default()).unwrap();
    let booked = booked(&wanted, &order);
    (order, booked)
}

/// Kinds and amounts of what differs.
fn differs(order: &Order, booked: Option<&Booked>) -> Vec<(&'static str, Option<Money>)> {
    let policy = policy();
    let found = compare(order, booked, &policy.shops[0], &policy).unwrap();
    found.into_iter().map(|it| (it.kind.name(), it.amount)).collect()
}

#[test]
fn an_order_in_step_has_no_discrepancy_and_an_absent_one_is_missing_with_its_money() {
    let (order, booked) = in_step();
    assert_eq!(differs(&order, Some(&booked)), []);
    assert_eq!(differs(&order, None), [("sales-order-missing", Some(eur(2_400)))]);
}

#[test]
fn an_order_that_came_to_nothing_need_not_be_booked() {
    let (mut order, _) = in_step();
    order.cancelled_at = Some(at(0));
    order.transactions.clear();
    assert_eq!(differs(&order, None), []);
}

#[test]
fn each_deposit_is_held_against_its_capture() {
    let (order, mut booked) = in_step();
    booked.deposits[0].payment = eur(2_000);
    booked.deposits[0].account = Some(InternalId::new(1));
    assert_eq!(
        differs(&order, Some(&booked)),
        [("deposit-amount", Some(eur(400))), ("deposit-account", Some(eur(2_400)))]
    );
    let by_hand = KnownDeposit { external_id: None, ..booked.deposits[0].clone() };
    booked.deposits = vec![by_hand];
    assert_eq!(
        differs(&order, Some(&booked)),
        [("deposit-missing", Some(eur(2_400))), ("deposit-unmatched", Some(eur(-2_000)))]
    );
}

#[test]
fn money_back_is_held_against_its_customer_refund() {
    let (mut order, booked) = in_step();
    let mut back = card(10, 1_200);
    back.kind = TransactionKind::Refund;
    order.transactions.push(back);
    order.refunds.push(refund(3, 10));
    assert_eq!(differs(&order, Some(&booked)), [("refund-missing", Some(eur(-1_200)))]);
}

#[test]
fn another_total_is_a_discrepancy_until_something_is_given_back() {
    let (mut order, mut booked) = in_step();
    booked.sales_order.lines[0].amount = eur(2_300);
    assert_eq!(differs(&order, Some(&booked)), [("order-total", Some(eur(100)))]);
    order.refunds.push(refund(3, 10));
    assert_eq!(differs(&order, Some(&booked)), []);
}

#[test]
fn units_are_compared_in_both_directions() {
    let (mut order, mut booked) = in_step();
    booked.shipments = vec![shipment(5, "1Z", &[(1, 1, "MUG", 2)])];
    assert_eq!(differs(&order, Some(&booked)), [("shipment-unconfirmed", None)]);
    order.fulfillments = vec![fulfillment(7, 10, "1Z", &[(1, 2)])];
    assert_eq!(differs(&order, Some(&booked)), []);
    booked.shipments.clear();
    assert_eq!(differs(&order, Some(&booked)), [("shipment-missing", None)]);
}

#[test]
fn only_external_ids_of_the_shop_are_taken_for_orders() {
    let of = |text: &str| {
        crate::reconcile::order::order_of("fr".parse().unwrap(), &ExternalId::from_netsuite(text))
    };
    assert_eq!(of("fr-order-5001"), Some(5001));
    for other in ["uk-order-5001", "fr-order-", "fr-order-5x", "fr-transaction-5001", "5001"] {
        assert_eq!(of(other), None, "{other}");
    }
}
