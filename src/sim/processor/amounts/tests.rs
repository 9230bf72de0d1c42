use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::*;
use crate::sim::random::{Domain, draws};

fn gbp(minor: i64) -> Money {
    Money::new(minor, Currency::GBP)
}

/// Source: failures.md A1.
#[test]
fn a_fee_is_a_share_and_a_fixed_part_rounded_half_up() {
    let rule = FeeRule { rate: Decimal::new(15, 3), fixed: gbp(25) };
    for (gross, cost) in [(120_00, 2_05), (80_00, 1_45), (50_00, 1_00), (33, 25), (34, 26)] {
        assert_eq!(fee(rule, gbp(gross)), gbp(cost), "{gross}");
    }
}

#[test]
fn every_other_type_comes_in_its_turn_and_leaves_most_of_the_balance() {
    let mut seen = BTreeSet::new();
    for number in 0..120 {
        let (kind, amount) = other(number, &mut draws(1, Domain::Other, number, 0, 0), gbp(4_000));
        assert!(is_other(&kind) && amount.minor() != 0 && amount.minor().abs() <= 1_000, "{kind:?} {amount}");
        seen.insert(kind);
    }
    assert_eq!(seen.len(), BalanceKind::PUBLISHED.iter().filter(|kind| is_other(kind)).count());
}

#[test]
fn a_type_and_its_reversal_have_opposite_signs() {
    for kind in BalanceKind::PUBLISHED {
        let reversal = BalanceKind::from_name(&format!("{}_REVERSAL", kind.name()));
        if !matches!(reversal, BalanceKind::Unknown(_)) {
            assert_ne!(takes(kind), takes(&reversal), "{}", kind.name());
        }
    }
}
