//! Method: payouts of `settlement/tests.rs` in books of another currency; NetSuite is asked what it posted by a table of
//! rates, line by line, and each difference is said in the words of postings.md.

use super::*;
use crate::domain::payout::BalanceKind;
use crate::engine::settlement::tests::{Case, bank_line, days, gbp, of_order, payout};

/// The books of the seller are in pounds, at 0.86 when the order was paid.
fn abroad(mut case: Case) -> Case {
    case.policy.subsidiaries[0].currency = Currency::GBP;
    for record in &mut case.records {
        record.base = at_rate(record.amount, "0.86");
        record.exchange_rate = "0.86".parse().unwrap();
    }
    case
}

fn at_rate(amount: Money, rate: &str) -> Money {
    Money::round_half_up(amount.to_decimal() * rate.parse::<rust_decimal::Decimal>().unwrap(), Currency::GBP)
        .unwrap()
}

/// NetSuite says what it posted: journals at the bank have a rate of their own.
fn read_back(case: &mut Case, issued: &str, banked: &str) {
    for (key, known) in &mut case.own.journals {
        let rate = if key.as_str().contains("-at-bank-") { banked } else { issued };
        let in_base = |amount: Money| match amount.currency() {
            Currency::GBP => amount,
            _ => at_rate(amount, rate),
        };
        known.bases = known.lines.iter().map(|(_, amount)| in_base(*amount)).collect();
    }
}

#[test]
fn nothing_is_realised_before_netsuite_said_what_it_posted() {
    let mut case = abroad(payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]));
    let said = case.settle(days(1));
    assert_eq!(said, ["fr-payout-900-issued-1 2026-11-28: PIT 117.95, CLR -120.00, FEE 2.05"]);
    let shop = &case.policy.settlement.as_ref().unwrap().shops[0];
    assert!(is_awaited(&case.policy.shops[0], &case.payout, shop, &case.policy, &case.own));
    read_back(&mut case, "0.87", "0.87");
    let shop = &case.policy.settlement.as_ref().unwrap().shops[0];
    assert!(!is_awaited(&case.policy.shops[0], &case.payout, shop, &case.policy, &case.own));
}

/// 120.00 at 0.86 are 103.20, at 0.87 they are 104.40: a gain of 1.20; 20.00 given back the other way round: a loss of 0.20.
#[test]
fn each_row_realises_its_own_difference() {
    let mut case = abroad(payout(vec![
        of_order(1, BalanceKind::Charge, 12_000, 205),
        of_order(2, BalanceKind::Refund, -2_000, 0),
    ]));
    case.settle(days(1));
    read_back(&mut case, "0.87", "0.87");
    assert_eq!(
        case.settle(days(1)),
        ["fr-payout-900-exchange-1 2026-11-28: CLR 1.20, FXR -1.20, CLR -0.20, FXR 0.20"]
    );
    read_back(&mut case, "0.87", "0.87");
    assert_eq!(case.settle(days(2)), Vec::<String>::new());
}

#[test]
fn a_payout_at_the_rate_of_its_orders_realises_nothing() {
    let mut case = abroad(payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]));
    case.settle(days(1));
    read_back(&mut case, "0.86", "0.86");
    assert_eq!(case.settle(days(1)), Vec::<String>::new());
}

/// 117.95 left at 0.86 and arrived at 0.85.
#[test]
fn what_the_way_to_the_bank_took_is_realised_once_it_is_there() {
    let mut case = abroad(payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]));
    case.bank = Some(vec![bank_line("B1", "2026-12-01", 11_795)]);
    let said = case.settle(days(3));
    assert_eq!(said.last().unwrap(), "fr-payout-900-at-bank-1 2026-12-01: BANK 117.95, PIT -117.95");
    read_back(&mut case, "0.86", "0.85");
    assert_eq!(case.settle(days(3)), ["fr-payout-900-exchange-at-bank-1 2026-12-01: PIT -1.18, FXR 1.18"]);
}

/// 120.00 EUR are 103.20 GBP to the books and 102.00 GBP to the processor, who pays in pounds.
#[test]
fn the_bridge_is_empty_in_base_currency() {
    let mut case = abroad(payout(vec![of_order(1, BalanceKind::Charge, 12_000, 0)]));
    for row in &mut case.rows {
        (row.amount, row.fee, row.net) = (gbp(10_200), gbp(0), gbp(10_200));
    }
    case.payout.net = gbp(10_200);
    case.settle(days(1));
    read_back(&mut case, "0.87", "0.87");
    assert_eq!(
        case.settle(days(1)),
        ["fr-payout-900-exchange-1 2026-11-28: CLR 1.20, FXR -1.20, FXB -2.40, FXR 2.40"]
    );
}

#[test]
fn differences_of_many_rows_are_split_between_pairs() {
    let rows: Vec<_> = (1..=700).map(|id| of_order(id, BalanceKind::Charge, 1_000, 0)).collect();
    let mut case = abroad(payout(rows));
    case.settle(days(1));
    read_back(&mut case, "0.87", "0.87");
    let said = case.settle(days(1));
    assert_eq!(said.len(), 2);
    assert!(said[1].starts_with("fr-payout-900-exchange-2-1 "), "{}", &said[1][..40]);
}
