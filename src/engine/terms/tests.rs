//! Method: a company with orders drawn over every way in which one may stand. Its limit is compared with a plain
//! count, and a plan is carried out and asked again.

use proptest::prelude::*;

use super::*;
use crate::domain::ids::{CompanyLocationId, TransactionId};
use crate::domain::order::{Buyer, Transaction, TransactionKind, TransactionStatus};
use crate::domain::{Currency, InternalId, ShopKey, Timestamp};

const LOCATION: CompanyLocationId = CompanyLocationId::new(2_101);

fn shop() -> ShopKey {
    "uk".parse().unwrap()
}

fn gbp(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().unwrap())
}

fn key() -> ExternalId {
    ExternalId::for_company_location(shop(), LOCATION)
}

/// An order over `total`, of which so much came by these gateways.
fn order(id: u64, total: i64, payments: &[(&str, i64)]) -> Order {
    let currency: Currency = "GBP".parse().unwrap();
    let transactions = (1..).zip(payments).map(|(n, (gateway, minor))| Transaction {
        id: TransactionId::new(id * 10 + n),
        kind: TransactionKind::Sale,
        status: TransactionStatus::Success,
        tender: Tender::from_gateway(gateway),
        amount: gbp(*minor),
        presentment: gbp(*minor),
        rounding: gbp(0),
        processed_at: Timestamp::ORIGIN,
    });
    Order {
        shop: shop(),
        id: OrderId::new(id),
        name: format!("#{id}").into(),
        created_at: Timestamp::ORIGIN,
        processed_at: Timestamp::ORIGIN,
        updated_at: Timestamp::ORIGIN,
        cancelled_at: None,
        currency,
        presentment_currency: currency,
        taxes_included: true,
        buyer: Buyer { key: CustomerKey::CompanyLocation(LOCATION), name: None, email: None, phone: None },
        ship_to: None,
        lines: vec![],
        shipping: vec![],
        duties: gbp(0),
        additional_fees: gbp(0),
        tip: gbp(0),
        tax: gbp(0),
        total: gbp(total),
        transactions: transactions.collect(),
    }
}

fn booked(id: u64, status: SalesOrderStatus, total: i64, paid: i64) -> StandingOrder {
    StandingOrder {
        internal_id: InternalId::new(5_000 + id),
        external_id: Some(ExternalId::for_order(shop(), OrderId::new(id))),
        status,
        total: gbp(total),
        paid: gbp(paid),
        deposited: gbp(0),
    }
}

fn standing(limit: Option<i64>, orders: Vec<StandingOrder>) -> Standing {
    Standing { terms: Some("Net 30".into()), credit_limit: limit.map(gbp), receivables: gbp(0), orders }
}

fn decide(standing: &Standing, orders: &[SeenOrder]) -> Vec<Action> {
    plan(&Observed { key: &key(), standing, orders, paid_elsewhere: "manual" })
}

fn seen(order: Order, days: Option<u32>) -> SeenOrder {
    SeenOrder { order, terms: days.map(|days| OrderTerms { due_in_days: Some(days) }) }
}

use SalesOrderStatus::{Billed, PendingApproval, PendingFulfillment};

#[test]
fn an_order_within_the_limit_is_released_and_one_over_it_waits_for_a_person() {
    let orders = vec![
        booked(1, PendingFulfillment, 5_000, 0),
        booked(2, PendingApproval, 4_000, 0),
        booked(3, PendingApproval, 4_000, 0),
    ];
    let actions = decide(&standing(Some(10_000), orders), &[]);
    let [Action::Release(released), Action::Report(finding)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(released.as_str(), "uk-order-2");
    assert_eq!((finding.code, finding.at_risk), (CauseCode::CreditLimitExceeded, Some(gbp(4_000))));
    assert_eq!(
        finding.detail,
        "uk-company-2101 may owe 100.00 GBP and owes 90.00 GBP; held: uk-order-3 over 40.00 GBP"
    );
}

#[test]
fn without_a_limit_everything_is_released() {
    let actions = decide(&standing(None, vec![booked(1, PendingApproval, i64::from(u32::MAX), 0)]), &[]);
    assert_eq!(actions, [Action::Release(ExternalId::for_order(shop(), OrderId::new(1)))]);
}

#[test]
fn an_order_paid_by_transfer_is_marked_once() {
    let account = standing(None, vec![booked(1, Billed, 4_000, 4_000)]);
    let before = decide(&account, &[seen(order(1, 4_000, &[]), Some(30))]);
    assert_eq!(before, [Action::MarkAsPaid(OrderId::new(1))]);
    let after = decide(&account, &[seen(order(1, 4_000, &[("manual", 4_000)]), Some(30))]);
    assert_eq!(after, [Action::Settle(OrderId::new(1))]);
}

#[test]
fn a_part_paid_by_transfer_leaves_the_order_owed() {
    let account = standing(None, vec![booked(1, Billed, 4_000, 3_999)]);
    assert_eq!(decide(&account, &[seen(order(1, 4_000, &[]), Some(30))]), []);
}

#[test]
fn an_order_marked_as_paid_without_a_payment_is_reported() {
    let account = standing(None, vec![booked(1, Billed, 4_000, 0)]);
    let actions = decide(&account, &[seen(order(1, 4_000, &[("manual", 4_000)]), Some(30))]);
    let [Action::Report(finding)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!((finding.code, finding.at_risk), (CauseCode::PaidElsewhereUnmatched, Some(gbp(4_000))));
}

#[test]
fn an_order_on_credit_gets_the_terms_that_netsuite_agreed() {
    let account = standing(None, vec![booked(1, PendingFulfillment, 4_000, 0)]);
    let actions = decide(&account, &[seen(order(1, 4_000, &[]), None)]);
    assert_eq!(actions, [Action::GiveTerms { order: OrderId::new(1), due_in_days: 30 }]);
}

#[test]
fn an_order_paid_by_card_is_no_matter_of_credit() {
    assert!(!is_on_credit(&order(1, 4_000, &[("shopify_payments", 4_000)])));
    assert!(is_on_credit(&order(1, 4_000, &[("shopify_payments", 3_000)])));
}

/// What the actions make of both sides.
fn carry_out(account: &Standing, orders: &[SeenOrder], actions: &[Action]) -> (Standing, Vec<SeenOrder>) {
    let (mut account, mut orders) = (account.clone(), orders.to_vec());
    for action in actions {
        match action {
            Action::Release(key) => {
                let of_key = account.orders.iter_mut().find(|order| order.external_id.as_ref() == Some(key));
                of_key.unwrap().status = PendingFulfillment;
            }
            Action::GiveTerms { order, due_in_days } => {
                let of_id = orders.iter_mut().find(|seen| seen.order.id == *order);
                of_id.unwrap().terms = Some(OrderTerms { due_in_days: Some(*due_in_days) });
            }
            Action::MarkAsPaid(id) => {
                let at = orders.iter().position(|seen| seen.order.id == *id).unwrap();
                let minor = orders[at].order.total.minor();
                orders[at].order = order(id.get(), minor, &[("manual", minor)]);
            }
            Action::Settle(id) => orders.retain(|seen| seen.order.id != *id),
            Action::Report(_) => {}
        }
    }
    (account, orders)
}

fn drawn() -> impl Strategy<Value = Vec<(bool, i64, bool, bool, bool)>> {
    prop::collection::vec((any::<bool>(), 1i64..5_000, any::<bool>(), any::<bool>(), any::<bool>()), 0..8)
}

proptest! {
    #[test]
    fn terms_are_settled_by_their_own_actions(limit in prop::option::of(0i64..12_000), drawn in drawn()) {
        let of = |(id, (waits, total, paid, by_card, has_terms)): (u64, &(bool, i64, bool, bool, bool))| {
            let status = if *waits { PendingApproval } else { PendingFulfillment };
            let payments: &[(&str, i64)] = if *by_card { &[("shopify_payments", *total)] } else { &[] };
            let days = has_terms.then_some(30);
            let paid = if *paid && !*by_card { *total } else { 0 };
            (booked(id, status, *total, paid), seen(order(id, *total, payments), days))
        };
        let (booked, orders): (Vec<_>, Vec<_>) = (1..).zip(&drawn).map(of).unzip();
        let account = standing(limit, booked);
        let actions = decide(&account, &orders);
        let (account, orders) = carry_out(&account, &orders, &actions);
        let again = decide(&account, &orders);
        let writes = |action: &&Action| !matches!(action, Action::Report(_) | Action::Settle(_));
        prop_assert_eq!(again.iter().filter(writes).count(), 0, "{:?}", again);
    }

    /// What is released after a plan never comes to more than the limit, unless it did before.
    #[test]
    fn no_plan_takes_a_buyer_over_its_limit(limit in 0i64..12_000, drawn in drawn()) {
        let of = |(id, (waits, total, ..)): (u64, &(bool, i64, bool, bool, bool))| {
            booked(id, if *waits { PendingApproval } else { PendingFulfillment }, *total, 0)
        };
        let account = standing(Some(limit), (1..).zip(&drawn).map(of).collect());
        let owed = |account: &Standing| -> i64 {
            let released = account.orders.iter().filter(|order| order.status == PendingFulfillment);
            released.map(|order| order.total.minor()).sum()
        };
        let before = owed(&account);
        let (after, _) = carry_out(&account, &[], &decide(&account, &[]));
        prop_assert!(owed(&after) <= limit.max(before));
    }
}
