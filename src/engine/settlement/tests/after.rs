//! Rows 32 and 35: what a dispute cost in the end, and what is held when a month ends.

use super::*;
use crate::domain::payout::{Dispute, DisputeStatus};

fn dispute(status: DisputeStatus, finalized: Option<&str>) -> Dispute {
    Dispute {
        id: DisputeId::new(77),
        order: Some(OrderId::new(5_001)),
        is_inquiry: false,
        status,
        amount: eur(16_900),
        initiated_at: at(0),
        finalized_on: finalized.map(|instant| instant.parse().unwrap()),
    }
}

fn taken(amount: i64) -> BalanceTransaction {
    of_order(1, BalanceKind::DisputeWithdrawal, amount, 0)
}

fn given_back(amount: i64) -> BalanceTransaction {
    let mut row = of_order(1, BalanceKind::DisputeReversal, amount, 0);
    row.id = BalanceTransactionId::new(2);
    row
}

fn lost(dispute: &Dispute, rows: &[BalanceTransaction], own: &mut Own) -> Vec<String> {
    let policy = policy();
    let mut said = Vec::new();
    loop {
        let seen = dispute::Observed { shop: &policy.shops[0], dispute, rows, own };
        let actions = dispute::plan(&seen, &policy).unwrap();
        if actions.is_empty() {
            return said;
        }
        said.extend(actions.iter().map(in_words));
        actions.iter().for_each(|action| post(own, action));
    }
}

/// Failures.md B15: 169.00 with a fee of 15.00. The fee is an expense since its row; what is lost here is the rest.
#[test]
fn what_a_dispute_did_not_give_back_is_a_loss_when_it_is_over() {
    let finalized = Some("2026-12-31T23:30:00Z");
    let lost_whole = "fr-dispute-77-lost 2027-01-01: DLOSS 169.00, DSP -169.00";
    let lost_rest = "fr-dispute-77-lost 2027-01-01: DLOSS 69.00, DSP -69.00";
    let table: [(Dispute, Vec<BalanceTransaction>, &[&str]); 8] = [
        (dispute(DisputeStatus::Lost, finalized), vec![taken(-16_900)], &[lost_whole]),
        (dispute(DisputeStatus::Accepted, finalized), vec![taken(-16_900)], &[lost_whole]),
        (dispute(DisputeStatus::Lost, finalized), vec![taken(-16_900), given_back(10_000)], &[lost_rest]),
        (dispute(DisputeStatus::Won, finalized), vec![taken(-16_900), given_back(10_000)], &[lost_rest]),
        (dispute(DisputeStatus::Won, finalized), vec![taken(-16_900), given_back(16_900)], &[]),
        // Won, and the money is still to come.
        (dispute(DisputeStatus::Won, finalized), vec![taken(-16_900)], &[]),
        (dispute(DisputeStatus::UnderReview, None), vec![taken(-16_900)], &[]),
        (dispute(DisputeStatus::Lost, finalized), vec![], &[]),
    ];
    for (dispute, rows, wanted) in table {
        assert_eq!(lost(&dispute, &rows, &mut Own::default()), wanted, "{:?} {rows:?}", dispute.status);
    }
    let mut inquiry = dispute(DisputeStatus::Lost, finalized);
    inquiry.is_inquiry = true;
    assert_eq!(lost(&inquiry, &[taken(-16_900)], &mut Own::default()), Vec::<String>::new());
}

#[test]
fn a_decided_dispute_is_looked_at_until_its_rows_are_there() {
    let finalized = Some("2026-12-01T10:00:00Z");
    let policy = policy();
    let table = [
        (dispute(DisputeStatus::Won, finalized), vec![taken(-16_900)], true),
        (dispute(DisputeStatus::Won, finalized), vec![taken(-16_900), given_back(16_900)], false),
        (dispute(DisputeStatus::Lost, finalized), vec![], true),
        (dispute(DisputeStatus::Lost, finalized), vec![taken(-16_900)], false),
        (dispute(DisputeStatus::UnderReview, None), vec![taken(-16_900)], false),
    ];
    for (dispute, rows, wanted) in table {
        let own = Own::default();
        let seen = dispute::Observed { shop: &policy.shops[0], dispute: &dispute, rows: &rows, own: &own };
        assert_eq!(dispute::is_awaited(&seen), wanted, "{:?} {rows:?}", dispute.status);
    }
}

#[test]
fn two_disputes_of_an_order_lose_what_was_their_own() {
    let mut first = dispute(DisputeStatus::Lost, Some("2026-12-01T10:00:00Z"));
    first.amount = eur(5_000);
    let mut second = taken(-11_900);
    second.id = BalanceTransactionId::new(3);
    assert_eq!(
        lost(&first, &[taken(-5_000), second], &mut Own::default()),
        ["fr-dispute-77-lost 2026-12-01: DLOSS 50.00, DSP -50.00"]
    );
}

/// The first of two was won and its money came back; the second took 119.00 from the same order and is lost. Looked at
/// again when all of it is over, the first has lost nothing.
#[test]
fn the_rows_of_one_dispute_are_no_loss_of_another() {
    let of = |id: u64, mut row: BalanceTransaction, number: u64| {
        row.id = BalanceTransactionId::new(number);
        row.dispute = Some(DisputeId::new(id));
        row
    };
    let rows = [
        of(77, taken(-5_000), 1),
        of(77, given_back(5_000), 2),
        of(78, taken(-11_900), 3),
        // A row that names no dispute is of the order's.
        row(4, BalanceKind::Charge, 16_900, 0),
    ];
    let mut first = dispute(DisputeStatus::Won, Some("2026-12-01T10:00:00Z"));
    first.amount = eur(5_000);
    assert_eq!(lost(&first, &rows, &mut Own::default()), Vec::<String>::new());
    let mut second = dispute(DisputeStatus::Lost, Some("2026-12-20T10:00:00Z"));
    (second.id, second.amount) = (DisputeId::new(78), eur(11_900));
    assert_eq!(
        lost(&second, &rows, &mut Own::default()),
        ["fr-dispute-78-lost 2026-12-20: DLOSS 119.00, DSP -119.00"]
    );
    let policy = policy();
    let own = Own::default();
    let seen = dispute::Observed { shop: &policy.shops[0], dispute: &first, rows: &rows[..1], own: &own };
    assert!(dispute::is_awaited(&seen), "the reversal of the other is not its own");
}

#[test]
fn a_loss_that_is_given_back_late_is_turned_around() {
    let mut own = Own::default();
    let over = dispute(DisputeStatus::Lost, Some("2026-12-01T10:00:00Z"));
    lost(&over, &[taken(-16_900)], &mut own);
    assert_eq!(
        lost(&over, &[taken(-16_900), given_back(16_900)], &mut own),
        ["fr-dispute-77-lost-reversed 2026-12-01: DLOSS -169.00, DSP 169.00"]
    );
}

fn held(rows: &[BalanceTransaction], own: &mut Own) -> Vec<String> {
    let policy = policy();
    let issued_at: BTreeMap<PayoutId, Timestamp> = [
        (PayoutId::new(900), "2026-11-30T22:00:00Z".parse().unwrap()),
        (PayoutId::new(901), "2026-11-30T23:30:00Z".parse().unwrap()),
    ]
    .into();
    let ends = "2026-11-30".parse().unwrap();
    let mut said = Vec::new();
    loop {
        let seen = accrual::Observed { shop: &policy.shops[0], ends, rows, issued_at: &issued_at, own };
        let actions = accrual::plan(&seen, &policy).unwrap();
        if actions.is_empty() {
            return said;
        }
        said.extend(actions.iter().map(in_words));
        actions.iter().for_each(|action| post(own, action));
    }
}

#[test]
fn what_the_processor_holds_when_a_month_ends_is_accrued_and_turned_around_the_next_day() {
    let in_payout = |id: u64, mut row: BalanceTransaction, payout: Option<u64>| {
        row.id = BalanceTransactionId::new(id);
        row.payout = payout.map(PayoutId::new);
        row
    };
    let mut december = in_payout(6, row(6, BalanceKind::StripeFee, -9_999, 0), None);
    // Midnight in Paris was half an hour ago.
    december.processed_at = "2026-11-30T23:30:00Z".parse().unwrap();
    let rows = [
        // Paid out in November: booked with its payout.
        in_payout(1, of_order(1, BalanceKind::Charge, 10_000, 175), Some(900)),
        // Paid out on 1 December by the books' zone, or not yet.
        in_payout(2, of_order(2, BalanceKind::Charge, 12_000, 205), Some(901)),
        in_payout(3, row(3, BalanceKind::DisputeWithdrawal, -16_900, 1_500), None),
        in_payout(4, row(4, BalanceKind::ReservedFunds, -80_000, 0), Some(901)),
        in_payout(5, row(5, BalanceKind::ShippingLabel, -745, 0), None),
        december,
    ];
    let mut own = Own::default();
    assert_eq!(
        held(&rows, &mut own),
        [
            "fr-accrual-2026-11-accrued-1 2026-11-30: FEE 2.05, DFEE 15.00, DSP 169.00, RSV 800.00, ACC -986.05",
            "fr-accrual-2026-11-released-1 2026-12-01: FEE -2.05, DFEE -15.00, DSP -169.00, RSV -800.00, ACC 986.05",
        ]
    );
    assert_eq!(held(&rows, &mut own), Vec::<String>::new());
    assert_eq!(held(&[], &mut Own::default()), Vec::<String>::new());
}

#[test]
fn a_subject_is_read_back_from_its_number() {
    for subject in [
        Subject::Payout(PayoutId::new(623_721_858)),
        Subject::Dispute(DisputeId::new(623_721_858)),
        Subject::Line(BankLine::number("21000-7")),
        Subject::Month { year: 2026, month: 11 },
    ] {
        assert_eq!(Subject::of(subject.record()), subject);
    }
}
