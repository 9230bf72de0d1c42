use proptest::prelude::*;

use super::*;
use crate::domain::Currency;

fn minors(amount: i64, weights: &[u64], rounding: Rounding) -> Vec<i64> {
    let parts = allocate(Money::new(amount, Currency::USD), weights, rounding).unwrap();
    parts.into_iter().map(Money::minor).collect()
}

#[test]
fn pennies_left_over_go_from_the_first_share_to_the_last() {
    assert_eq!(minors(1, &[1, 1, 1], Rounding::FirstToLast), [1, 0, 0]);
    assert_eq!(minors(500, &[3333, 3333, 3334], Rounding::FirstToLast), [167, 167, 166]);
    assert_eq!(minors(-5, &[1, 1], Rounding::FirstToLast), [-3, -2]);
    assert_eq!(minors(10, &[0, 3, 3, 3], Rounding::FirstToLast), [0, 4, 3, 3]);
    assert_eq!(minors(7, &[0, 0], Rounding::FirstToLast), [7, 0]);
}

#[test]
fn largest_remainder_serves_the_largest_fraction_first() {
    assert_eq!(minors(100, &[1, 1, 4], Rounding::LargestRemainder), [17, 17, 66]);
    assert_eq!(minors(500, &[3333, 3333, 3334], Rounding::LargestRemainder), [167, 166, 167]);
}

#[test]
fn nothing_can_be_split_over_no_shares() {
    assert!(allocate(Money::new(1, Currency::USD), &[], Rounding::FirstToLast).is_err());
}

proptest! {
    /// Splitting an amount loses nothing, whatever the sign, the weights and the number of shares.
    #[test]
    fn m4_split_conserves_the_amount(
        amount: i64,
        weights in prop::collection::vec(any::<u64>(), 1..60),
        largest: bool,
    ) {
        let rounding = if largest { Rounding::LargestRemainder } else { Rounding::FirstToLast };
        let parts = allocate(Money::new(amount, Currency::USD), &weights, rounding).unwrap();
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(parts.iter().map(|part| i128::from(part.minor())).sum::<i128>(), i128::from(amount));
        prop_assert!(parts.iter().all(|part| part.minor().signum() * amount.signum() >= 0));
    }
}
