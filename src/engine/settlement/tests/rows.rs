//! Rows 26–31 and 36: what each type of row is posted to.

use super::*;

/// What the row alone is posted as, without the payout's own line.
fn posted(row: BalanceTransaction) -> String {
    let said = payout(vec![row]).settle(days(1));
    let [only] = said.as_slice() else { panic!("{said:?}") };
    match only.strip_prefix("fr-payout-900-issued-1 2026-11-28: PIT ") {
        Some(rest) => rest.split_once(", ").unwrap().1.to_owned(),
        None => only.clone(),
    }
}

#[test]
fn each_type_of_row_is_posted_to_its_account() {
    use BalanceKind as Row;
    let rows = [
        // Row 27.
        (of_order(1, Row::Charge, 12_000, 205), "CLR -120.00, FEE 2.05"),
        (of_order(1, Row::Refund, -5_000, 0), "CLR 50.00"),
        (of_order(1, Row::RefundFailure, 5_000, 0), "CLR -50.00"),
        (of_order(1, Row::ShopCashCredit, 3_000, 0), "CLR -30.00"),
        (row(1, Row::ShopCashCredit, 3_000, 0), "ADV -30.00"),
        // Row 28.
        (of_order(1, Row::Refund, -5_000, -23), "CLR 50.00, FEE -0.23"),
        (row(1, Row::StripeFee, -90, 0), "FEE 0.90"),
        (row(1, Row::ReferralFeeTax, -90, 0), "FEE 0.90"),
        // Row 29.
        (row(1, Row::DisputeWithdrawal, -16_900, 0), "DSP 169.00"),
        (row(1, Row::DisputeWithdrawal, -16_900, 1_500), "DSP 169.00, DFEE 15.00"),
        (row(1, Row::ChargebackFee, -1_500, 0), "DFEE 15.00"),
        (row(1, Row::DisputeReversal, 16_900, 0), "DSP -169.00"),
        (row(1, Row::ChargebackFeeRefund, 1_500, 0), "DFEE -15.00"),
        // Row 30.
        (row(1, Row::ReservedFunds, -80_000, 0), "RSV 800.00"),
        (row(1, Row::ReservedFundsReversal, 80_000, 0), "RSV -800.00"),
        // Row 31.
        (row(1, Row::ShippingLabel, -745, 0), "FRT 7.45"),
        (row(1, Row::ShippingLabelAdjustment, 45, 0), "FRT -0.45"),
        (row(1, Row::CustomsDuty, -745, 0), "DUTY 7.45"),
        (row(1, Row::Advance, 500_000, 0), "LOAN -5000.00"),
        (row(1, Row::LendingCapitalRemittance, -9_900, 0), "LOAN 99.00"),
        (row(1, Row::ShopCashCampaignBillingDebit, -1_000, 0), "ADV 10.00"),
        (row(1, Row::VatRefundCredit, 1_000, 0), "FTX -10.00"),
        (row(1, Row::Adjustment, -1_000, 0), "ADJ 10.00"),
        // Row 34.
        (row(1, Row::TransferFailure, 24_550, 0), "RPO -245.50"),
        (row(1, Row::TransferCancel, 24_550, 0), "RPO -245.50"),
    ];
    for (row, wanted) in rows {
        let kind = row.kind.name().to_owned();
        assert_eq!(posted(row), wanted, "{kind}");
    }
}

/// Every type that is published has a rule, and each rule works with either sign.
#[test]
fn m5_every_published_type_is_posted_and_balances() {
    for kind in BalanceKind::PUBLISHED {
        for sign in [1, -1] {
            let mut case = payout(vec![
                of_order(1, kind.clone(), sign * 1_234, 56),
                of_order(2, BalanceKind::Charge, 99_900, 0),
            ]);
            let said = case.settle(days(1));
            assert_eq!(said.len(), 1, "{}: {said:?}", kind.name());
            assert!(said[0].starts_with("fr-payout-900-issued-1"), "{}: {said:?}", kind.name());
            assert_eq!(case.balances().values().sum::<i64>(), 0);
            let paid = if *kind == BalanceKind::Transfer { 99_900 - 56 } else { case.payout.net.minor() };
            assert_eq!(case.balances()["PIT"], paid, "{}", kind.name());
        }
    }
}

#[test]
fn m5_a_type_that_nobody_published_parks_its_payout() {
    let unknown = BalanceKind::from_name("MOON_DUST_CREDIT");
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205), row(2, unknown, 100, 0)]);
    assert_eq!(
        case.settle(days(1)),
        ["payout-type-unknown: MOON_DUST_CREDIT: balance transaction 2, 1.00 EUR"]
    );
    assert!(case.own.journals.is_empty(), "no rule is guessed, and nothing is posted without it");
}

#[test]
fn lines_name_row_transaction_and_document() {
    let case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    let actions = case.plan(days(1));
    let [Action::Post { document: Document::Journal(entry), .. }] = actions.as_slice() else {
        panic!("{actions:?}")
    };
    assert_eq!(&*entry.memo, "payout 900");
    assert_eq!(&*entry.memos[1], "CHARGE: balance transaction 1, transaction 1001, fr-deposit-1001 (70001)");
}

/// A withdrawal: the processor takes money from the bank.
#[test]
fn m5_a_negative_payout_credits_transit() {
    let mut case = payout(vec![
        of_order(1, BalanceKind::Charge, 1_000, 33),
        of_order(2, BalanceKind::Refund, -9_000, 0),
    ]);
    case.bank = Some(vec![bank_line("B1", "2026-12-01", -8_033)]);
    assert_eq!(
        case.settle(days(3)),
        [
            "fr-payout-900-issued-1 2026-11-28: PIT -80.33, CLR -10.00, FEE 0.33, CLR 90.00",
            "fr-payout-900-at-bank-1 2026-12-01: BANK -80.33, PIT 80.33",
        ]
    );
}

#[test]
fn a_payout_of_nothing_is_posted_without_a_line_for_it() {
    let mut case =
        payout(vec![of_order(1, BalanceKind::Charge, 1_000, 0), of_order(2, BalanceKind::Refund, -1_000, 0)]);
    case.bank = Some(vec![]);
    assert_eq!(case.settle(days(30)), ["fr-payout-900-issued-1 2026-11-28: CLR -10.00, CLR 10.00"]);
}

/// Row 36: each side balances, and what one is owed the other owes.
#[test]
fn a_payout_to_another_subsidiary_balances_on_both_sides() {
    let mut case = payout(vec![
        of_order(1, BalanceKind::Charge, 12_000, 205),
        of_order(2, BalanceKind::Refund, -2_000, 0),
    ]);
    paid_to_another(&mut case.policy);
    case.bank = Some(vec![bank_line("B1", "2026-12-01", 9_795)]);
    assert_eq!(
        case.settle(days(3)),
        [
            "fr-payout-900-issued-1 2026-11-28: ICR 97.95, CLR -120.00, FEE 2.05, CLR 20.00 | icp -97.95, pit 97.95",
            "fr-payout-900-at-bank-1 2026-12-01: bank 97.95, pit -97.95",
        ]
    );
    let balances = case.balances();
    assert_eq!(balances["ICR"], -balances["icp"]);
}

/// The failed payout stands in the books of the one that was to be paid, so its money comes back there.
#[test]
fn money_of_a_failed_payout_comes_back_to_the_one_that_was_to_be_paid() {
    let mut case = payout(vec![
        of_order(1, BalanceKind::Charge, 12_000, 0),
        row(2, BalanceKind::TransferFailure, 5_000, 0),
    ]);
    paid_to_another(&mut case.policy);
    assert_eq!(
        case.settle(days(1)),
        ["fr-payout-900-issued-1 2026-11-28: ICR 120.00, CLR -120.00 | icp -120.00, pit 170.00, rpo -50.00"]
    );
}

/// Postings.md N5c: one journal per currency, joined by the bridge.
#[test]
fn a_payout_in_another_currency_goes_over_the_bridge() {
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    for row in &mut case.rows {
        (row.amount, row.fee, row.net) = (gbp(10_320), gbp(176), gbp(10_144));
    }
    case.payout.net = gbp(10_144);
    assert_eq!(
        case.settle(days(1)),
        [
            "fr-payout-900-issued-1 2026-11-28: PIT 101.44, FXB -103.20, FEE 1.76",
            "fr-payout-900-issued-2-1 2026-11-28: FXB 120.00, CLR -120.00",
        ]
    );
}

/// A journal takes 1,000 lines: 1,500 charges with their fees are four, of which each balances.
#[test]
fn a_large_payout_is_split_by_size() {
    let rows: Vec<_> = (1..=1_500).map(|id| of_order(id, BalanceKind::Charge, 1_000, 30)).collect();
    let mut case = payout(rows);
    let said = case.settle(days(1));
    assert_eq!(said.len(), 4);
    assert!(said[3].starts_with("fr-payout-900-issued-4-1 "), "{}", &said[3][..40]);
    let balances = case.balances();
    assert_eq!((balances["PIT"], balances["CLR"], balances["FEE"]), (1_455_000, -1_500_000, 45_000));
    assert_eq!(case.settle(days(2)), Vec::<String>::new());
}
