//! What is missing waits, what is late is posted, what changed is turned around: never edited, never plugged.

use super::*;

/// Failures.md A1, figure by figure: the order of 80.00 is billed two hours after the payout. A connector posts the
/// deposit with a variance of 78.55 that nobody ever looks at again.
#[test]
fn a_late_record_is_waited_for_and_nothing_is_plugged() {
    let mut case = payout(vec![
        of_order(1, BalanceKind::Charge, 12_000, 205),
        of_order(2, BalanceKind::Charge, 8_000, 145),
        of_order(3, BalanceKind::Charge, 5_000, 100),
    ]);
    assert_eq!(case.payout.net, eur(24_550));
    let late = case.records.remove(1);
    let hours = |count| days(0).plus(Duration::from_hours(count));
    assert_eq!(case.settle(hours(0)), ["waits until 2026-12-01T22:30:00Z: fr-deposit-1002"]);
    assert_eq!(case.settle(hours(1)), ["waits until 2026-12-01T22:30:00Z: fr-deposit-1002"]);
    assert!(case.own.journals.is_empty());
    case.records.push(late);
    assert_eq!(
        case.settle(hours(2)),
        ["fr-payout-900-issued-1 2026-11-28: PIT 245.50, CLR -120.00, FEE 2.05, CLR -80.00, FEE 1.45, \
          CLR -50.00, FEE 1.00"]
    );
    assert_eq!(case.settle(days(30)), Vec::<String>::new());
}

#[test]
fn m5_a_row_without_a_document_becomes_an_exception_when_its_time_is_over() {
    let mut case = payout(vec![
        of_order(1, BalanceKind::Charge, 12_000, 205),
        of_order(2, BalanceKind::Refund, -3_000, 0),
    ]);
    case.records.clear();
    assert_eq!(case.settle(days(2)), ["waits until 2026-12-01T22:30:00Z: fr-deposit-1001, fr-refund-1002"]);
    assert_eq!(
        case.settle(days(3)),
        ["payout-line-unmatched: missing: balance transaction 1 of transaction 1001, 120.00 EUR; \
          missing: balance transaction 2 of transaction 1002, -30.00 EUR"]
    );
    let findings = case.plan(days(3));
    assert!(
        matches!(&findings[0], Action::Report(finding) if finding.at_risk == Some(eur(15_000))),
        "money both ways is at risk: {findings:?}"
    );
}

#[test]
fn documents_that_disagree_are_named_by_what_is_wrong_with_them() {
    type Spoil = fn(&mut Case);
    let spoils: [(&str, Spoil); 4] = [
        ("payout-amount-differs: amount:", |case| case.records[0].amount = eur(11_000)),
        ("payout-amount-differs: fee:", |case| case.records[0].amount = eur(11_795)),
        ("clearing-unmatched: mapping:", |case| case.records[0].account = Some(InternalId::new(1111))),
        ("duplicate-clearing-record: duplicate: fr-deposit-1001", |case| {
            let mut again = case.records[0].clone();
            again.internal_id = InternalId::new(70_999);
            case.records.push(again);
        }),
    ];
    for (wanted, spoil) in spoils {
        let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
        spoil(&mut case);
        let said = case.settle(days(1));
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with(wanted), "{said:?} is not {wanted}");
        assert!(case.own.journals.is_empty());
    }
}

#[test]
fn m5_rows_that_do_not_come_to_the_net_are_not_posted() {
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    case.payout.net = eur(11_000);
    assert_eq!(
        case.settle(days(1)),
        ["payout-not-balanced: payout 900: rows come to 117.95 EUR, its net is 110.00 EUR"]
    );
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    (case.rows[0].fee, case.own) = (eur(200), Own::default());
    assert_eq!(
        case.settle(days(1)),
        ["payout-not-balanced: payout 900: rows come to 117.95 EUR, its net is 117.95 EUR; net of balance \
          transaction 1 is not amount less fee"]
    );
}

#[test]
fn a_scheduled_payout_is_left_until_it_is_paid() {
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    case.payout.status = PayoutStatus::Scheduled;
    assert_eq!(case.settle(days(9)), Vec::<String>::new());
}

/// The journal is turned around as it was posted, and posted anew under the next edition.
#[test]
fn a_journal_that_no_longer_agrees_with_the_rows_is_reversed_and_posted_anew() {
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    case.settle(days(1));
    let more = of_order(2, BalanceKind::Charge, 1_000, 30);
    case.records.push(record(&more));
    case.rows.push(more);
    case.payout.net = eur(11_795 + 970);
    assert_eq!(
        case.settle(days(2)),
        [
            "fr-payout-900-issued-reversed-1 2026-11-28: PIT -117.95, CLR 120.00, FEE -2.05",
            "fr-payout-900-issued-2 2026-11-28: PIT 127.65, CLR -120.00, FEE 2.05, CLR -10.00, FEE 0.30",
        ]
    );
    assert_eq!(case.settle(days(3)), Vec::<String>::new());
    let balances = case.balances();
    assert_eq!((balances["PIT"], balances["CLR"], balances["FEE"]), (12_765, -13_000, 235));
}

/// While a new row waits for its document, what was posted stays as it is.
#[test]
fn what_stands_is_left_until_all_rows_have_their_counterparts_again() {
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    case.settle(days(1));
    let more = of_order(2, BalanceKind::Charge, 1_000, 30);
    let late = record(&more);
    case.rows.push(more);
    case.payout.net = eur(11_795 + 970);
    assert_eq!(case.settle(days(2)), ["waits until 2026-12-01T22:30:00Z: fr-deposit-1002"]);
    case.records.push(late);
    assert_eq!(case.settle(days(2)).len(), 2);
}

#[test]
fn a_journal_that_somebody_changed_is_told_and_left_alone() {
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    case.settle(days(1));
    let key = case.own.journals.keys().next().unwrap().clone();
    let lines = case.own.journals[&key].lines.clone();
    case.own.journals.get_mut(&key).unwrap().lines[1].0 = InternalId::new(4_711);
    assert_eq!(
        case.settle(days(2)),
        ["journal-changed: fr-payout-900-issued-1 does not say what was posted"]
    );
    case.own.journals.get_mut(&key).unwrap().lines = lines;
    assert_eq!(case.settle(days(3)), Vec::<String>::new(), "it closes when the change is undone");
}

#[test]
fn a_journal_that_somebody_reversed_is_posted_anew() {
    let mut case = payout(vec![of_order(1, BalanceKind::Charge, 12_000, 205)]);
    case.settle(days(1));
    let known = case.own.journals.values_mut().next().unwrap();
    known.reversed_on = Some("2026-12-01".parse().unwrap());
    assert_eq!(
        case.settle(days(4)),
        ["fr-payout-900-issued-2 2026-11-28: PIT 117.95, CLR -120.00, FEE 2.05"]
    );
    assert_eq!(case.settle(days(5)), Vec::<String>::new());
}

/// One unit: what is missing of it is posted, and if it is to be reversed, all of it is.
#[test]
fn parts_of_a_split_journal_stand_or_fall_together() {
    let rows: Vec<_> = (1..=1_200).map(|id| of_order(id, BalanceKind::Charge, 1_000, 0)).collect();
    let mut case = payout(rows);
    let first = case.plan(days(1)).remove(0);
    post(&mut case.own, &first);
    let said = case.settle(days(1));
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("fr-payout-900-issued-2-1"));
    case.rows.pop();
    case.payout.net = eur(1_199_000);
    let said: Vec<String> =
        case.settle(days(2)).iter().map(|text| text.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(
        said,
        [
            "fr-payout-900-issued-reversed-1",
            "fr-payout-900-issued-2-reversed-1",
            "fr-payout-900-issued-2",
            "fr-payout-900-issued-2-2",
        ]
    );
}
