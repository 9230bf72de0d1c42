//! The books balance, whatever is written in whatever order.

use std::collections::BTreeMap;

use plimsoll::domain::{Currency, InternalId, Money};
use plimsoll::mocks::netsuite::NetsuiteTwin;
use plimsoll::platforms::netsuite::wire::{
    CurrencyReference, JournalEntryBody, JournalLineBody, JsonDecimal, Reference, Sublist,
};
use plimsoll::platforms::netsuite::{Request, Response};
use plimsoll::ports::NetSuite;
use proptest::prelude::*;

use super::world::{
    FR, FR_CLEARING, FR_DEPOSITS, FR_GIFT_CARDS, Fidelity, NOW, UK_CLEARING, call, day, deposit, order, run,
    world,
};
use super::write_all;

fn journal(eid: &str, currency: Currency, sides: &[(InternalId, i64)]) -> Request {
    let items = sides
        .iter()
        .map(|(account, minor)| {
            let amount = JsonDecimal::of_money(Money::new(minor.abs(), currency));
            JournalLineBody {
                account: Reference::Id(*account),
                debit: (*minor >= 0).then_some(amount),
                credit: (*minor < 0).then_some(amount),
                memo: None,
            }
        })
        .collect();
    Request::CreateJournalEntry {
        body: Box::new(JournalEntryBody {
            external_id: Some(eid.into()),
            subsidiary: Some(Reference::Id(FR)),
            currency: Some(CurrencyReference(currency)),
            tran_date: Some(day("2026-11-28")),
            memo: None,
            original_date: None,
            line: Some(Sublist { items }),
        }),
    }
}

fn detail(response: &Response) -> &str {
    &response.answer.as_ref().unwrap_err().details[0].detail
}

/// Every document's debits equal its credits in both currencies, and the balances are their sums.
pub fn assert_balanced(twin: &NetsuiteTwin) {
    let mut sums: BTreeMap<(InternalId, Currency), (i128, i128)> = BTreeMap::new();
    for document in twin.documents() {
        let (mut own, mut base) = (0i128, 0i128);
        for posting in document.postings() {
            own += i128::from(posting.amount.minor());
            base += i128::from(posting.base.minor());
            let sum = sums.entry((posting.account, posting.amount.currency())).or_default();
            sum.0 += i128::from(posting.amount.minor());
            sum.1 += i128::from(posting.base.minor());
        }
        assert_eq!((own, base), (0, 0), "{:?}", document.external_id());
    }
    for balance in twin.balances() {
        let sum = sums.remove(&(balance.account, balance.currency)).unwrap_or_default();
        assert_eq!((balance.minor, balance.base_minor), sum, "account {}", balance.account);
    }
    assert!(sums.is_empty());
}

#[test]
fn a_sales_order_posts_nothing_and_a_deposit_moves_clearing_to_deposits() {
    let world = world(Fidelity::Typed);
    let (_, sales_order, deposit) = write_all(&world);
    let twin = world.twin();
    assert_eq!(twin.document(sales_order).unwrap().postings().count(), 0);
    let postings: Vec<_> = twin.document(deposit).unwrap().postings().collect();
    let sides: Vec<_> = postings.iter().map(|posting| (posting.account, posting.amount.minor())).collect();
    assert_eq!(sides, [(FR_CLEARING, 12_000), (FR_DEPOSITS, -12_000)]);
    let document = twin.document(deposit).unwrap();
    assert_eq!(document.sales_order().unwrap().internal_id(), sales_order);
    assert_eq!(document.customer_external_id(), Some(order(5001).customer));
    assert_balanced(&twin);
}

#[test]
fn a_journal_must_balance_within_its_subsidiary_and_exists_once() {
    let world = world(Fidelity::Bytes);
    let mut twin = world.twin();
    let good = journal("fr-payout-1", Currency::EUR, &[(FR_GIFT_CARDS, 700), (FR_CLEARING, -700)]);
    let http = good.to_http();
    let text = twin.execute_text(
        http.method.name(),
        &http.path,
        &http.query,
        &http.headers,
        &http.body.unwrap(),
        NOW,
    );
    assert_eq!((text.status, &*text.body), (204, ""));
    assert!(text.header("location").unwrap().starts_with("/services/rest/record/v1/journalEntry/"));
    assert!(detail(&twin.execute(&good, NOW)).contains("This record already exists"));
    let uneven = journal("e-2", Currency::EUR, &[(FR_GIFT_CARDS, 701), (FR_CLEARING, -700)]);
    assert!(detail(&twin.execute(&uneven, NOW)).contains("must balance"));
    let elsewhere = journal("e-3", Currency::EUR, &[(UK_CLEARING, 700), (FR_CLEARING, -700)]);
    assert!(detail(&twin.execute(&elsewhere, NOW)).contains("cannot be used with the subsidiary"));
    twin.close_period(day("2026-11-01"));
    let late = journal("e-4", Currency::EUR, &[(FR_GIFT_CARDS, 1), (FR_CLEARING, -1)]);
    assert!(detail(&twin.execute(&late, NOW)).contains("closed period"));
    assert_balanced(&twin);
}

#[test]
fn a_planted_defect_unbalances_one_document_and_the_balances() {
    let world = world(Fidelity::Typed);
    let (_, sales_order, deposit) = write_all(&world);
    let mut twin = world.twin();
    assert!(!twin.miscount_posting(sales_order, 1), "a sales order has nothing to miscount");
    assert!(twin.miscount_posting(deposit, 1));
    let sum: i64 = twin.document(deposit).unwrap().postings().map(|posting| posting.amount.minor()).sum();
    assert_eq!(sum, 1);
    assert_eq!(twin.balances().map(|balance| balance.minor).sum::<i128>(), 1);
}

#[derive(Debug, Clone)]
enum Deed {
    Order(u64),
    Deposit { transaction: u64, order: u64, minor: i64, gift_card: bool },
    Journal { number: u64, parts: Vec<i64>, foreign: bool },
    Lock(bool),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        (0u64..4).prop_map(Deed::Order),
        (0u64..6, 0u64..4, -5i64..20_000, any::<bool>()).prop_map(
            |(transaction, order, minor, gift_card)| Deed::Deposit { transaction, order, minor, gift_card }
        ),
        (0u64..6, proptest::collection::vec(-9_999i64..9_999, 1..6), any::<bool>())
            .prop_map(|(number, parts, foreign)| Deed::Journal { number, parts, foreign }),
        any::<bool>().prop_map(Deed::Lock),
    ];
    proptest::collection::vec(deed, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Some deeds are refused, some repeat or change what stands: the books balance after each.
    #[test]
    fn books_balance_after_any_deeds(deeds in deeds(), bytes in any::<bool>()) {
        let world = world(if bytes { Fidelity::Bytes } else { Fidelity::Typed });
        write_all(&world);
        for deed in deeds {
            match deed {
                Deed::Order(number) => {
                    run(world.client.upsert_sales_order(call(), &order(number))).unwrap();
                }
                Deed::Deposit { transaction, order: number, minor, gift_card } => {
                    let mut money = deposit(transaction, &order(number), minor);
                    if gift_card {
                        money.account = FR_GIFT_CARDS;
                    }
                    let _refused_or_not = run(world.client.upsert_customer_deposit(call(), &money));
                }
                Deed::Journal { number, parts, foreign } => {
                    let currency = if foreign { Currency::USD } else { Currency::EUR };
                    let mut sides: Vec<_> = parts.iter().map(|minor| (FR_CLEARING, *minor)).collect();
                    sides.push((FR_GIFT_CARDS, -parts.iter().sum::<i64>()));
                    world.twin().execute(&journal(&format!("fr-payout-{number}"), currency, &sides), NOW);
                }
                Deed::Lock(true) => world.twin().lock_period(day("2026-11-01")),
                Deed::Lock(false) => world.twin().open_period(day("2026-11-01")),
            }
            assert_balanced(&world.twin());
        }
    }
}
