//! Method: rows of every kind and sign, in the profile that settles at home and in the one whose payouts go to a sister,
//! and what they must come to; the figures are those of failures.md A1 and B15.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::domain::ids::{BalanceTransactionId, DisputeId, OrderId, PayoutId, TransactionId};
use crate::domain::payout::{DisputeStatus, PayoutStatus};
use crate::domain::{Currency, Timestamp};
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;

fn intent(scenario: &str) -> Intent {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/settlement/{scenario}.toml"));
    Intent::new(Scenario::load(&path, LoadOptions::default()).unwrap().profile)
}

fn uk() -> ShopKey {
    "uk".parse().unwrap()
}

fn gbp(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().unwrap())
}

fn row(id: u64, kind: BalanceKind, amount: i64, fee: i64) -> SeenRow {
    SeenRow {
        shop: uk(),
        id: BalanceTransactionId::new(id),
        kind,
        currency: "GBP".parse().unwrap(),
        amount,
        fee,
        shop_amount: None,
        order_transaction: Some(TransactionId::new(id)),
        order: Some(OrderId::new(id)),
        processed_at: Timestamp::ORIGIN,
        payout: None,
    }
}

fn net(rows: &[SeenRow]) -> Money {
    gbp(rows.iter().map(|row| row.amount - row.fee).sum())
}

fn sheet(journal: &Journal) -> Sheet {
    let mut sheet = journal.closing.clone();
    journal.lines.iter().for_each(|line| sheet.add_line(line));
    sheet
}

fn deposited(minor: i64) -> SeenRecord {
    let date = "2026-11-09".parse().unwrap();
    SeenRecord { account: InternalId::new(11_110), amount: gbp(minor), date }
}

fn none(_: &str) -> Option<SeenRecord> {
    None
}

#[test]
fn three_charges_come_to_what_the_bank_shows() {
    let intent = intent("a01-late-record");
    let parties = intent.parties(uk()).unwrap();
    let rows = [(1, 12_000, 205), (2, 8_000, 145), (3, 5_000, 100)]
        .map(|(id, amount, fee)| row(id, BalanceKind::Charge, amount, fee));
    let books = sheet(&parties.journal(rows.iter(), net(&rows), &none).unwrap());
    let gbp: Currency = "GBP".parse().unwrap();
    let of = |account| books.of(InternalId::new(account), gbp);
    assert_eq!((of(11_150), of(11_110), of(16_000)), (24_550, -25_000, 450));
}

#[test]
fn a_row_without_its_document_is_named_with_its_amount() {
    let rows = [row(1, BalanceKind::Charge, 12_000, 205), row(2, BalanceKind::Charge, 8_000, 145)];
    let first = |key: &str| (key == "uk-deposit-1").then(|| deposited(12_000));
    assert_eq!(lacks(rows.iter(), &first), [Lacks::Counterpart(gbp(8_000))]);
    let both = |key: &str| {
        let minor = if key == "uk-deposit-1" { 12_000 } else { 7_999 };
        Some(deposited(minor))
    };
    assert_eq!(lacks(rows.iter(), &both), [Lacks::SameAmount(gbp(8_000))]);
    let unknown = [row(3, BalanceKind::from_name("HOVERBOARD"), 1, 0)];
    assert_eq!(lacks(unknown.iter(), &none), [Lacks::Type]);
}

#[test]
fn what_came_back_of_a_dispute_is_not_lost() {
    let intent = intent("b15-dispute");
    let parties = intent.parties(uk()).unwrap();
    let mut dispute = SeenDispute {
        shop: uk(),
        id: DisputeId::new(1),
        order: OrderId::new(1),
        is_inquiry: false,
        amount: gbp(16_900),
        initiated_at: Timestamp::ORIGIN,
        ended: None,
        came_back: 0,
    };
    let lost =
        |dispute: &SeenDispute| parties.lost(dispute).of(InternalId::new(16_020), dispute.amount.currency());
    assert_eq!(lost(&dispute), 0);
    dispute.ended = Some((Timestamp::ORIGIN, DisputeStatus::Lost));
    assert_eq!(lost(&dispute), 16_900);
    dispute.came_back = 10_000;
    assert_eq!(lost(&dispute), 6_900);
    dispute.is_inquiry = true;
    assert_eq!(lost(&dispute), 0);
}

#[test]
fn a_statement_is_read_by_amount_alone() {
    let payout = SeenPayout {
        shop: uk(),
        id: PayoutId::new(1),
        issued_at: Timestamp::ORIGIN,
        net: gbp(100),
        statuses: vec![(Timestamp::ORIGIN, PayoutStatus::Paid)],
        trace: None,
        came_back_in: None,
    };
    let read = |amounts: &[i64]| AtBank::of(&payout, amounts.iter().map(|minor| gbp(*minor)));
    let seen = |arrived, came_back, others| AtBank { arrived, came_back, others };
    assert_eq!(read(&[]), seen(false, false, false));
    assert_eq!(read(&[100]), seen(true, false, false));
    assert_eq!(read(&[100, -100]), seen(true, true, false));
    assert_eq!(read(&[99]), seen(false, false, true));
    assert_eq!(read(&[100, 100]), seen(true, false, true));
    assert_eq!(read(&[-100]), seen(false, false, true));
}

proptest! {
    /// Both sides of every payout balance, whoever is paid.
    #[test]
    fn every_payout_balances_in_the_books_of_each(
        rows in prop::collection::vec((0..BalanceKind::PUBLISHED.len(), -50_000i64..50_000, -300i64..300), 0..30),
        to_a_sister: bool,
    ) {
        let intent = intent(if to_a_sister { "intercompany" } else { "a01-late-record" });
        let parties = intent.parties(uk()).unwrap();
        let rows: Vec<SeenRow> = (1..)
            .zip(rows)
            .map(|(id, (kind, amount, fee))| row(id, BalanceKind::PUBLISHED[kind].clone(), amount, fee))
            .collect();
        let books = sheet(&parties.journal(rows.iter(), net(&rows), &none).unwrap());
        let theirs = [parties.owner_accounts.in_transit, parties.owner_accounts.returned, parties.owner_accounts.due_to];
        let (mut sold, mut paid) = (0i128, 0i128);
        for (account, _, minor) in books.iter() {
            *(if theirs.contains(&account) { &mut paid } else { &mut sold }) += minor;
        }
        prop_assert_eq!(sold + paid, 0);
        if to_a_sister {
            prop_assert_eq!((sold, paid), (0, 0));
        }
    }
}
