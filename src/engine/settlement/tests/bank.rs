//! Rows 33 and 34: the bank's statement, and payouts that come back.

use super::*;

const ISSUED_LINE: &str = "fr-payout-900-issued-1 2026-11-28: PIT 117.95, CLR -120.00, FEE 2.05";

fn one_charge(bank: Vec<BankLine>) -> Case {
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    case.bank = Some(bank);
    case
}

#[test]
fn the_statement_moves_transit_to_the_bank_on_its_value_date() {
    let mut case = one_charge(vec![]);
    assert_eq!(case.settle(days(1)), [ISSUED_LINE, "waits until 2026-12-05T22:30:00Z: "]);
    case.bank = Some(vec![bank_line("B1", "2026-12-02", 11_795)]);
    assert_eq!(case.settle(days(4)), ["fr-payout-900-at-bank-1 2026-12-02: BANK 117.95, PIT -117.95"]);
    assert_eq!(case.settle(days(40)), Vec::<String>::new());
    assert!(!case.balances().contains_key("PIT"));
}

#[test]
fn what_the_bank_says_otherwise_is_an_exception_and_is_not_posted() {
    let table: [(Vec<BankLine>, &[&str]); 4] = [
        (vec![], &["bank-differs: payout 900: it is not on the bank's statement"]),
        (
            vec![bank_line("B1", "2026-12-02", 11_700)],
            &["bank-differs: payout 900: line B1 of 117.00 EUR is not the payout of 117.95 EUR"],
        ),
        (
            vec![bank_line("B1", "2026-12-02", 11_795), bank_line("B2", "2026-12-03", 11_795)],
            &[
                "fr-payout-900-at-bank-1 2026-12-02: BANK 117.95, PIT -117.95",
                "bank-differs: payout 900: line B2 of 117.95 EUR is not the payout of 117.95 EUR",
            ],
        ),
        (
            vec![bank_line("B1", "2026-12-02", 11_795), bank_line("B2", "2026-12-03", -11_795)],
            &[
                "fr-payout-900-at-bank-1 2026-12-02: BANK 117.95, PIT -117.95",
                "fr-payout-900-back-from-bank-1 2026-12-03: BANK -117.95, PIT 117.95",
                "bank-differs: payout 900: the bank sent it back; Shopify shows it as paid",
            ],
        ),
    ];
    for (bank, wanted) in table {
        let mut case = one_charge(bank);
        let said = case.settle(days(8));
        assert_eq!(said[0], ISSUED_LINE);
        assert_eq!(said[1..], *wanted);
    }
}

#[test]
fn what_the_bank_has_waits_for_the_rows_that_it_is_made_of() {
    let mut case = one_charge(vec![bank_line("B1", "2026-12-02", 11_795)]);
    let records = std::mem::take(&mut case.records);
    let said = case.settle(days(2));
    assert!(said.iter().all(|line| line.starts_with("waits until")), "{said:?}");
    let said = case.settle(days(5));
    assert!(matches!(&said[..], [one] if one.starts_with("payout-line-unmatched")), "{said:?}");
    assert!(case.balances().is_empty(), "nothing leaves transit that was never put on it");
    case.records = records;
    let at_bank = "fr-payout-900-at-bank-1 2026-12-02: BANK 117.95, PIT -117.95";
    assert_eq!(case.settle(days(6)), [ISSUED_LINE, at_bank]);
}

#[test]
fn without_statements_nothing_is_said_of_the_bank() {
    let mut case = one_charge(vec![]);
    case.bank = None;
    assert_eq!(case.settle(days(90)), [ISSUED_LINE]);
}

/// Failures.md B15: the bank shows one deposit, and so do the books.
#[test]
fn a_failed_payout_comes_back_and_a_later_one_carries_it() {
    let mut case = one_charge(vec![]);
    case.settle(days(1));
    case.payout.status = PayoutStatus::Failed;
    assert_eq!(
        case.settle(days(3)),
        [
            "fr-payout-900-returned-1 2026-12-01: RPO 117.95, PIT -117.95",
            "payout-failed: payout 900 of 117.95 EUR failed; no later one has carried it",
        ]
    );
    assert_eq!(case.settle(days(4)).len(), 1, "the exception stays until the money is on its way again");
    case.carried_by = Some(PayoutId::new(901));
    assert_eq!(case.settle(days(5)), Vec::<String>::new());
    let mut later = payout(vec![row(2, BalanceKind::TransferFailure, 11_795, 0)]);
    later.payout.id = PayoutId::new(901);
    later.bank = Some(vec![bank_line("B9", "2026-12-04", 11_795)]);
    later.settle(days(6));
    let mut both = case.balances();
    for (account, amount) in later.balances() {
        *both.entry(account).or_default() += amount;
    }
    both.retain(|_, amount| *amount != 0);
    let wanted = [("BANK", 11_795), ("CLR", -12_000), ("FEE", 205)];
    assert_eq!(both, wanted.map(|(name, amount)| (name.to_owned(), amount)).into());
}

#[test]
fn a_payout_that_failed_on_its_way_was_issued_all_the_same() {
    let mut case =
        one_charge(vec![bank_line("B1", "2026-12-02", 11_795), bank_line("B2", "2026-12-03", -11_795)]);
    case.payout.status = PayoutStatus::Failed;
    case.carried_by = Some(PayoutId::new(901));
    assert_eq!(case.settle(days(5)).len(), 4);
    let balances = case.balances();
    assert_eq!((balances.get("PIT"), balances.get("BANK"), balances["RPO"]), (None, None, 11_795));
}

#[test]
fn what_failed_and_is_at_the_bank_is_not_turned_around_before_somebody_says_why() {
    let mut case = one_charge(vec![bank_line("B1", "2026-12-02", 11_795)]);
    case.payout.status = PayoutStatus::Failed;
    case.carried_by = Some(PayoutId::new(901));
    assert_eq!(
        case.settle(days(5)),
        [
            ISSUED_LINE,
            "fr-payout-900-at-bank-1 2026-12-02: BANK 117.95, PIT -117.95",
            "bank-differs: payout 900: the bank has it; Shopify shows it as failed",
        ]
    );
}

#[test]
fn a_cancelled_payout_either_comes_back_whole_or_gives_its_rows_back() {
    let mut case = one_charge(vec![]);
    case.settle(days(1));
    case.payout.status = PayoutStatus::Canceled;
    assert_eq!(
        case.settle(days(2)),
        [
            "fr-payout-900-returned-1 2026-11-30: RPO 117.95, PIT -117.95",
            "payout-failed: payout 900 of 117.95 EUR was cancelled; no later one has carried it",
        ]
    );
    case.rows.clear();
    assert_eq!(
        case.settle(days(3)),
        [
            "fr-payout-900-issued-reversed-1 2026-11-28: PIT -117.95, CLR 120.00, FEE -2.05",
            "fr-payout-900-returned-reversed-1 2026-11-30: RPO -117.95, PIT 117.95",
        ]
    );
    assert!(case.balances().is_empty());
}
