use super::*;
use crate::domain::ExternalId;
use crate::domain::ids::{BalanceTransactionId, TransactionId};
use crate::domain::payout::BalanceKind;
use crate::domain::{Money, Timestamp};
use crate::ledger::DocumentKind;
use crate::ledger::books::{Account, AccountKind, Heading, Note};
use crate::reconcile::close::tests::around;
use crate::reconcile::settlement::Cause;

const CLEARING: InternalId = InternalId::new(1110);
const TRANSIT: InternalId = InternalId::new(1150);
const RESERVE: InternalId = InternalId::new(1180);
const DISPUTES: InternalId = InternalId::new(1170);
const REST: InternalId = InternalId::new(9999);

/// A ledger under construction: every entry against one account, its lines with their memos.
struct Ledger(Books);

impl Ledger {
    fn new() -> Ledger {
        let account =
            |id| Account { id, kind: AccountKind::OtherCurrentAsset, subsidiary: InternalId::new(2) };
        let accounts = [CLEARING, TRANSIT, RESERVE, DISPUTES, REST].map(account).to_vec();
        let mut books = Books::default();
        books.accounts = accounts;
        Ledger(books)
    }

    fn add(&mut self, key: &str, kind: DocumentKind, day: i32, lines: &[(InternalId, i64, &str)]) {
        let heading = Heading {
            number: InternalId::new(self.0.entries().len() as u64 + 1),
            external_id: (!key.is_empty()).then(|| ExternalId::from_netsuite(key)),
            kind,
            date: BookDate::from_epoch_days(day),
            currency: Currency::GBP,
            base_currency: Currency::GBP,
        };
        let rest = -lines.iter().map(|(_, minor, _)| minor).sum::<i64>();
        let all = lines.iter().map(|(account, minor, _)| (*account, *minor)).chain([(REST, rest)]);
        let all = all.map(|(account, minor)| Line { account, minor, base: minor }).collect();
        let memos: Vec<&str> = lines.iter().map(|(_, _, memo)| *memo).chain([""]).collect();
        self.0.add_noted(heading, all, Note { line_memos: memos.join("\n").into(), ..Note::default() });
    }

    fn journal(&mut self, key: &str, day: i32, lines: &[(InternalId, i64, &str)]) {
        self.add(key, DocumentKind::JournalEntry, day, lines);
    }

    fn deposit(&mut self, transaction: u64, day: i32, minor: i64) {
        let key = format!("uk-deposit-{transaction}");
        self.add(&key, DocumentKind::CustomerDeposit, day, &[(CLEARING, minor, "")]);
    }

    fn items(&self, day: i32, statements: &[Statement]) -> Vec<Itemised> {
        let roles = BTreeMap::from([
            (CLEARING, Role::Clearing),
            (TRANSIT, Role::InTransit),
            (RESERVE, Role::Reserve),
            (DISPUTES, Role::Disputes),
        ]);
        let listed = items(&self.0, &roles, &Around { statements, ..around(BookDate::from_epoch_days(day)) });
        for list in &listed {
            assert_eq!(list.sum(), list.balance, "{list:?}");
        }
        listed
    }
}

fn statement(rows: Vec<BalanceTransaction>) -> Statement {
    let shop: ShopKey = "uk".parse().unwrap();
    Statement { shop, zone: Zone::utc(), payouts: vec![], rows, clearing: CLEARING }
}

fn charge(transaction: u64) -> BalanceTransaction {
    let amount = Money::new(4_000, Currency::GBP);
    BalanceTransaction {
        id: BalanceTransactionId::new(transaction),
        kind: BalanceKind::Charge,
        amount,
        fee: Money::zero(Currency::GBP),
        net: amount,
        order_transaction: Some(TransactionId::new(transaction)),
        dispute: None,
        order: None,
        payout: None,
        processed_at: Timestamp::from_seconds(0),
        reason: None,
    }
}

/// Of a thousand charges of 40.00 a day, one is in no payout's journal: after 90 days 9 % of a day's sales are left, and
/// what is told is which ninety charges they are. Source: failures.md C-1.
#[test]
fn what_never_left_clearing_is_ninety_items_and_not_a_number() {
    const A_DAY: u64 = 1_000;
    let mut ledger = Ledger::new();
    for day in 0..90u64 {
        let first = 5_000_000 + day * A_DAY;
        let memos: Vec<String> = (first + 1..first + A_DAY)
            .map(|number| format!("CHARGE: balance transaction {}, transaction {number}", number + 7))
            .collect();
        (first..first + A_DAY).for_each(|number| ledger.deposit(number, day as i32, 4_000));
        let lines: Vec<(InternalId, i64, &str)> =
            memos.iter().map(|memo| (CLEARING, -4_000, memo.as_str())).collect();
        ledger.journal(&format!("uk-payout-{}-issued-1", day + 70), day as i32, &lines);
    }
    let listed = ledger.items(89, &[statement(vec![])]);
    let [clearing] = listed.as_slice() else { panic!("{listed:?}") };
    let a_day = i128::from(A_DAY) * 4_000;
    assert_eq!((clearing.items.len(), clearing.balance), (90, a_day * 9 / 100));
    let as_of = BookDate::from_epoch_days(89);
    let ages: Vec<i32> = clearing.items.iter().map(|item| item.days(as_of)).collect();
    assert_eq!(ages, (0..90).rev().collect::<Vec<i32>>());
    assert_eq!(&*clearing.items[0].of, "charge of transaction 5000000");
    assert_eq!(clearing.items[0].why, Why::Matched(Cause::Missing));
    assert_eq!(clearing.items[89].why, Why::Matched(Cause::Timing));
}

#[test]
fn a_record_without_a_row_says_what_it_waits_for() {
    let mut ledger = Ledger::new();
    ledger.deposit(1, 10, 4_000);
    ledger.deposit(2, 10, 4_000);
    let listed = ledger.items(11, &[statement(vec![charge(1)])]);
    let told: Vec<_> = listed[0].items.iter().map(|item| (&*item.of, item.why, item.clears)).collect();
    let clears = Some(BookDate::from_epoch_days(15));
    assert_eq!(
        told,
        [
            ("charge of transaction 1", Why::NotPaidOut, clears),
            ("charge of transaction 2", Why::Matched(Cause::Timing), clears),
        ]
    );
    let other = ledger.items(11, &[]);
    assert_eq!(other[0].items[0].why, Why::OtherGateway);
}

#[test]
fn a_row_without_a_record_is_an_item_below_zero() {
    let mut ledger = Ledger::new();
    let memo = "CHARGE: balance transaction 9, transaction 1";
    ledger.journal("uk-payout-7-issued-1", 10, &[(CLEARING, -4_000, memo)]);
    let listed = ledger.items(20, &[statement(vec![])]);
    let item = &listed[0].items[0];
    assert_eq!((item.minor, item.why), (-4_000, Why::Matched(Cause::Missing)));
}

#[test]
fn what_was_turned_around_is_no_item() {
    let mut ledger = Ledger::new();
    let memo = "CHARGE: balance transaction 9, transaction 1";
    ledger.deposit(1, 9, 4_000);
    ledger.journal("uk-payout-7-issued-1", 10, &[(CLEARING, -4_000, memo)]);
    ledger.journal("uk-payout-7-issued-reversed-1", 10, &[(CLEARING, 4_000, "")]);
    ledger.journal("uk-payout-7-issued-2", 10, &[(CLEARING, -4_000, memo)]);
    assert_eq!(ledger.items(10, &[statement(vec![])])[0].items, []);
    // By hand, and on a later day: until then it stands.
    ledger.journal("", 12, &[(CLEARING, 4_000, "")]);
    assert_eq!(ledger.items(11, &[statement(vec![])])[0].items, []);
    assert_eq!(ledger.items(12, &[statement(vec![])])[0].items.len(), 1);
}

#[test]
fn a_line_keyed_by_hand_is_an_item_of_its_own() {
    let mut ledger = Ledger::new();
    ledger.journal("", 10, &[(CLEARING, 55, ""), (TRANSIT, 7, "")]);
    let listed = ledger.items(10, &[statement(vec![])]);
    let whys: Vec<Why> = listed.iter().flat_map(|list| &list.items).map(|item| item.why).collect();
    assert_eq!(whys, [Why::KeyedByHand, Why::KeyedByHand]);
}

#[test]
fn payouts_are_items_until_the_bank_has_them() {
    let mut ledger = Ledger::new();
    ledger.journal("uk-payout-7-issued-1", 10, &[(TRANSIT, 500, "payout 7")]);
    ledger.journal("uk-payout-8-issued-1", 11, &[(TRANSIT, 300, "payout 8")]);
    ledger.journal("uk-payout-7-at-bank-1", 12, &[(TRANSIT, -500, "payout 7 at the bank: line 1")]);
    let told = |day| {
        let list = ledger.items(day, &[statement(vec![])]).remove(0);
        list.items.into_iter().map(|item| (item.of, item.minor, item.why)).collect::<Vec<_>>()
    };
    assert_eq!(told(13), [("payout 8".into(), 300, Why::InTransit)]);
    assert_eq!(told(19), [("payout 8".into(), 300, Why::NotAtBank)]);
}

#[test]
fn what_is_released_comes_off_what_was_held() {
    let mut ledger = Ledger::new();
    let row = |number| format!("RESERVED_FUNDS: balance transaction {number}");
    let rows = [row(1), row(2), row(3), row(4)];
    let lines = [(RESERVE, 2_000, &*rows[0]), (RESERVE, 1_500, &*rows[1])];
    ledger.journal("uk-payout-7-issued-1", 10, &lines);
    ledger.journal("uk-payout-8-issued-1", 12, &[(RESERVE, -1_500, &rows[2]), (RESERVE, -600, &rows[3])]);
    let listed = ledger.items(13, &[statement(vec![])]);
    let told: Vec<_> = listed[0].items.iter().map(|item| (&*item.of, item.minor)).collect();
    assert_eq!(told, [("RESERVED_FUNDS row 1", 1_400)]);
}

#[test]
fn a_dispute_is_an_item_until_it_is_lost_and_an_accrual_until_the_next_day() {
    let order = |number| Some(crate::domain::ids::OrderId::new(number));
    let taken = BalanceTransaction { kind: BalanceKind::DisputeWithdrawal, order: order(44), ..charge(9) };
    let mut ledger = Ledger::new();
    ledger.journal("uk-accrual-2026-11-accrued-1", 9, &[(DISPUTES, 70, "held")]);
    ledger.journal("uk-accrual-2026-11-released-1", 10, &[(DISPUTES, -70, "turned around")]);
    let memo = "DISPUTE_WITHDRAWAL: balance transaction 9, transaction 9";
    ledger.journal("uk-payout-7-issued-1", 11, &[(DISPUTES, 16_900, memo)]);
    let lost = "dispute 3 of order 44 is lost";
    ledger.journal("uk-dispute-3-lost", 60, &[(DISPUTES, -16_900, lost)]);
    let told = |day| {
        let list = ledger.items(day, &[statement(vec![taken.clone()])]).remove(0);
        list.items.into_iter().map(|item| (item.of, item.why)).collect::<Vec<_>>()
    };
    assert_eq!(told(9), [("accrual of 2026-11".into(), Why::Accrued)]);
    assert_eq!(told(11), [("dispute of order 44".into(), Why::DisputeOpen)]);
    assert_eq!(told(60), []);
}
