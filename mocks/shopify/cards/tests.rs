use super::super::refunds::{MoneyBack, RefundEntry, RefundPayment, RefundUnits};
use super::super::tests::{at, basket, line, payment, twin, us};
use super::super::{CheckoutLine, PaymentStanding};
use super::*;
use crate::domain::Currency;
use crate::platforms::shopify::operation::{Answer, GiftCardsVariables, Request};
use crate::platforms::shopify::wire::GiftCard;

fn card(face_value: i64, units: u32) -> CheckoutLine {
    CheckoutLine { sku: None, taxable: false, is_gift_card: true, ..line("Gift card", units, face_value) }
}

fn listed(twin: &mut ShopifyTwin, since: i64) -> Vec<GiftCard> {
    let query = format!("created_at:>='{}'", at(since)).into_boxed_str();
    let request = Request::GiftCards(GiftCardsVariables { query, after: None });
    match twin.answer(us(), &request, at(1_000)).data {
        Some(Answer::GiftCards(data)) => data.gift_cards.nodes,
        _ => panic!("no cards"),
    }
}

#[test]
fn a_card_is_issued_when_its_line_is_fulfilled() {
    let mut twin = twin(Currency::USD);
    let mut checkout = basket(vec![card(5_000, 2)]);
    checkout.payments = vec![payment(None, PaymentStanding::Authorized)];
    let id = twin.checkout(us(), &checkout, at(0));
    assert_eq!(twin.gift_cards_outstanding(us()), 0);
    twin.capture(us(), id, at(60)).unwrap();
    assert_eq!(twin.gift_cards_outstanding(us()), 10_000);
    let cards = listed(&mut twin, 60);
    assert_eq!((cards.len(), cards[0].order.unwrap().id.number()), (2, id.get()));
    assert_eq!(listed(&mut twin, 61), vec![]);
}

#[test]
fn paying_by_card_draws_on_what_is_outstanding_and_a_refund_restores_it() {
    let mut twin = twin(Currency::USD);
    twin.open_balances(us(), 2_000, 300);
    twin.issue_gift_card(us(), 1_000, None, at(0));
    let mut checkout = basket(vec![line("A", 1, 2_500)]);
    checkout.payments = vec![super::super::Payment {
        gateway: "gift_card".into(),
        ..payment(None, PaymentStanding::Captured)
    }];
    let id = twin.checkout(us(), &checkout, at(10));
    assert_eq!(
        (twin.gift_cards_outstanding(us()), listed(&mut twin, 0)[0].balance.amount.to_string()),
        (500, "5.0".into())
    );
    let back =
        |amount, parent| RefundPayment { parent, amount, presentment: None, standing: MoneyBack::Succeeded };
    let entry = RefundEntry { payments: vec![back(700, Some(0)), back(200, None)], ..RefundEntry::default() };
    twin.refund(us(), id, &entry, at(20)).unwrap();
    assert_eq!((twin.gift_cards_outstanding(us()), twin.store_credit_outstanding(us())), (1_200, 500));
    twin.settle_refund(us(), id, 0, false, at(30)).unwrap();
    assert_eq!((twin.gift_cards_outstanding(us()), twin.store_credit_outstanding(us())), (500, 300));
}

#[test]
fn a_card_whose_price_went_back_is_worth_nothing() {
    let mut twin = twin(Currency::USD);
    let id = twin.checkout(us(), &basket(vec![card(5_000, 2)]), at(0));
    let entry = RefundEntry {
        lines: vec![RefundUnits {
            line: 0,
            units: 1,
            restock: Some(crate::domain::refund::Restock::NoRestock),
        }],
        payments: vec![RefundPayment {
            parent: Some(0),
            amount: 5_000,
            presentment: None,
            standing: MoneyBack::Succeeded,
        }],
        ..RefundEntry::default()
    };
    twin.refund(us(), id, &entry, at(20)).unwrap();
    assert_eq!(twin.gift_cards_outstanding(us()), 5_000);
    assert_eq!(listed(&mut twin, 0).iter().map(|card| card.enabled).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn an_expired_card_keeps_its_balance_and_pays_nothing() {
    let mut twin = twin(Currency::USD);
    let id = twin.issue_gift_card(us(), 1_000, None, at(0));
    let today: BookDate = "2026-11-29".parse().unwrap();
    assert_eq!(twin.expire_gift_card(us(), id, today), Ok(1_000));
    assert_eq!(twin.expire_gift_card(us(), id, today), Err(NotPossible::NoSuchGiftCard));
    assert_eq!(twin.gift_cards_outstanding(us()), 1_000);
    assert!(!listed(&mut twin, 0)[0].enabled);
}
