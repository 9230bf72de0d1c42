//! Method: one line, day by day.

use super::*;
use crate::domain::Money;
use crate::engine::fixtures::eur;

fn policy() -> SettlementPolicy {
    SettlementPolicy {
        every: Duration::from_hours(1),
        compare_every: Duration::from_hours(12),
        overlap: Duration::from_hours(24 * 14),
        settling_window: Duration::from_hours(24 * 3),
        bank_window: Duration::from_hours(24 * 7),
        bank_trace: Some("0910".into()),
        shops: vec![],
    }
}

#[test]
fn a_line_without_a_payout_is_told_when_its_days_are_over() {
    let line = BankLine {
        id: "21000-7".into(),
        value_date: "2026-11-28".parse().unwrap(),
        amount: eur(50_000),
        reference: Some("091000700000001".into()),
    };
    let told = |today: &str| told(&line, today.parse().unwrap(), &policy());
    assert!(told("2026-11-28").is_none() && told("2026-11-30").is_none());
    let finding = told("2026-12-01").unwrap();
    assert_eq!((finding.code, finding.at_risk), (CauseCode::BankDiffers, Some::<Money>(eur(50_000))));
    assert_eq!(
        finding.detail.to_string(),
        "line 21000-7 of 500.00 EUR, 091000700000001, is of no payout; it was to have one by 2026-12-01"
    );
}
