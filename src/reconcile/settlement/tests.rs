//! The matcher by examples and by its laws.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use proptest::prelude::*;

use super::*;
use crate::domain::Currency;

const CLEARING: u64 = 1150;

fn day(number: i32) -> BookDate {
    BookDate::from_epoch_days(20_000 + number)
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn terms() -> Terms {
    Terms { as_of: day(10), booked_within: 3, paid_out_within: 5 }
}

/// A charge of an order, on the clearing account, ten days old.
fn charge(identity: u64, order: u64, minor: i64) -> Line {
    Line {
        identity: NonZeroU64::new(identity),
        account: NonZeroU64::new(CLEARING),
        order: NonZeroU64::new(order),
        ..Line::new(Kind::Charge, usd(minor), day(0))
    }
}

/// Pairs, groups and differences in one line each: `1=1`, `1+2=1`, `missing 1/`.
fn check(left: &[Line], right: &[Line], expected: &str) {
    let settlement = settle(left, right, &terms());
    let names = |lines: &[u32]| lines.iter().map(|at| (at + 1).to_string()).collect::<Vec<_>>().join("+");
    let mut pairs = settlement.pairs.clone();
    pairs.sort_unstable();
    let mut said: Vec<String> =
        pairs.iter().map(|(left, right)| format!("{}={}", left + 1, right + 1)).collect();
    for group in &settlement.groups {
        let (lefts, rights) = (settlement.left_of_group(group), settlement.right_of_group(group));
        said.push(format!("{}={}", names(lefts), names(rights)));
    }
    for difference in &settlement.differences {
        let (lefts, rights) = (settlement.left_of(difference), settlement.right_of(difference));
        said.push(format!("{} {}/{}", difference.cause.name(), names(lefts), names(rights)));
    }
    assert_eq!(said.join(", "), expected);
    conserves(left, right, &settlement);
}

/// Every line stands in exactly one place, matches agree, and the sides differ by the differences.
fn conserves(left: &[Line], right: &[Line], settlement: &Settlement) {
    let mut seen = [vec![0; left.len()], vec![0; right.len()]];
    let mut balance: BTreeMap<(Currency, Option<NonZeroU64>), i128> = BTreeMap::new();
    let mut matched = |lefts: &[u32], rights: &[u32]| {
        lefts.iter().for_each(|at| seen[0][*at as usize] += 1);
        rights.iter().for_each(|at| seen[1][*at as usize] += 1);
        let mut currencies: Vec<Currency> = lefts.iter().map(|at| left[*at as usize].currency).collect();
        currencies.extend(rights.iter().map(|at| right[*at as usize].currency));
        currencies.dedup();
        let sum = difference::total(left, lefts) - difference::total(right, rights);
        (sum, currencies.len())
    };
    for (at, other) in &settlement.pairs {
        assert_eq!(matched(&[*at], &[*other]), (0, 1), "a pair agrees");
    }
    for group in &settlement.groups {
        let sides = (settlement.left_of_group(group), settlement.right_of_group(group));
        assert_eq!(matched(sides.0, sides.1), (0, 1), "a group agrees in sum");
    }
    for difference in &settlement.differences {
        matched(settlement.left_of(difference), settlement.right_of(difference));
    }
    let mut add = |line: &Line, sign: i128| {
        *balance.entry((line.currency, line.account)).or_default() += sign * i128::from(line.amount);
    };
    left.iter().for_each(|line| add(line, 1));
    right.iter().for_each(|line| add(line, -1));
    for difference in &settlement.differences {
        settlement.left_of(difference).iter().for_each(|at| add(&left[*at as usize], -1));
        settlement.right_of(difference).iter().for_each(|at| add(&right[*at as usize], 1));
    }
    assert!(balance.values().all(|rest| *rest == 0), "no account is left with {balance:?}");
    assert!(seen.iter().flatten().all(|times| *times == 1), "each line stands in one place: {seen:?}");
}

#[test]
fn the_same_transaction_on_both_sides_is_a_pair() {
    check(&[charge(1, 9, 100), charge(2, 9, 100)], &[charge(2, 9, 100), charge(1, 9, 100)], "1=2, 2=1");
}

#[test]
fn amounts_never_pair_what_identity_tells_apart() {
    check(&[charge(1, 9, 100)], &[charge(2, 9, 100)], "missing 1/, missing /1");
}

#[test]
fn a_record_without_identity_is_found_by_order_and_amount() {
    check(&[charge(1, 9, 100)], &[charge(0, 9, 100)], "1=1");
}

#[test]
fn a_charge_that_was_booked_in_parts_matches_their_sum() {
    check(&[charge(1, 9, 100)], &[charge(1, 9, 60), charge(1, 9, 40)], "1=1+2");
    check(&[charge(1, 9, 100)], &[charge(0, 9, 60), charge(0, 9, 40)], "1=1+2");
    check(&[charge(0, 9, 30), charge(0, 9, 70), charge(0, 9, 5)], &[charge(0, 9, 100)], "1+2=1, missing 3/");
    check(&[charge(0, 9, 30), charge(0, 9, 70)], &[charge(0, 9, 45), charge(0, 9, 55)], "1+2=1+2");
}

#[test]
fn a_record_turned_around_and_booked_anew_comes_to_one() {
    check(&[charge(1, 9, 100)], &[charge(1, 9, 100), charge(1, 9, -100), charge(1, 9, 100)], "1=1+2+3");
}

#[test]
fn the_same_event_once_more_is_a_duplicate() {
    check(&[charge(1, 9, 100)], &[charge(1, 9, 100), charge(1, 9, 100)], "1=1, duplicate /2");
    check(&[charge(1, 9, 100), charge(1, 9, 100)], &[charge(1, 9, 100)], "1=1, duplicate 2/");
    check(&[charge(1, 9, 100)], &[charge(1, 9, 100), charge(0, 9, 100)], "1=1, duplicate /2");
}

#[test]
fn a_line_alone_is_timing_until_its_clear_date_and_missing_after_it() {
    let late = Line { date: day(7), ..charge(1, 9, 100) };
    check(&[late], &[], "timing 1/");
    check(&[Line { date: day(6), ..late }], &[], "missing 1/");
    check(&[], &[Line { date: day(5), ..late }], "timing /1");
    let settlement = settle(&[late], &[], &terms());
    assert_eq!(settlement.differences[0].clears, Some(day(10)));
    assert_eq!((settlement.unexplained(day(10)).count(), settlement.unexplained(day(11)).count()), (0, 1));
}

#[test]
fn amounts_that_differ_are_told_by_what_explains_them() {
    let row = Line { fee: 3, origin: 90, origin_currency: Some(Currency::EUR), ..charge(1, 9, 100) };
    check(&[row], &[charge(1, 9, 97)], "fee 1/1");
    check(&[row], &[charge(1, 9, 99)], "rounding 1/1");
    check(&[row], &[charge(1, 9, 80)], "amount 1/1");
    let seen = |minor| Line { origin: 90, origin_currency: Some(Currency::EUR), ..charge(1, 9, minor) };
    check(&[row], &[seen(95)], "exchange 1/1");
    check(&[row], &[Line { currency: Currency::EUR, ..charge(1, 9, 90) }], "exchange 1/1");
    check(&[row], &[Line { account: NonZeroU64::new(1160), ..charge(1, 9, 100) }], "mapping 1/1");
    check(&[row], &[Line { booked: 100, ..charge(1, 9, 97) }], "unauthorised-change 1/1");
    check(&[charge(1, 9, 100)], &[charge(1, 9, 33), charge(1, 9, 33), charge(1, 9, 33)], "rounding 1/1+2+3");
}

#[test]
fn the_processors_own_rows_are_told_by_their_kind() {
    let of = |kind| Line { kind, ..charge(1, 9, -100) };
    check(&[of(Kind::Dispute)], &[], "dispute 1/");
    check(&[of(Kind::Reserve)], &[], "reserve 1/");
    check(&[of(Kind::Adjustment), of(Kind::Fee)], &[], "adjustment 1/, adjustment 2/");
    check(&[of(Kind::Dispute)], &[charge(1, 9, -100)], "dispute 1/, missing /1");
}

/// failures.md A1: what the variance line of a connector hides is one timing item, and nothing is short.
#[test]
fn a_late_record_leaves_one_timing_item_and_no_variance() {
    let row = |identity, minor, fee| Line { fee, date: day(9), ..charge(identity, identity, minor) };
    let rows = [row(1, 12_000, 205), row(2, 8_000, 145), row(3, 5_000, 100)];
    check(&rows, &[charge(1, 1, 12_000), charge(3, 3, 5_000)], "1=1, 3=2, timing 2/");
    check(&rows, &[charge(1, 1, 12_000), charge(3, 3, 5_000), charge(2, 2, 8_000)], "1=1, 2=3, 3=2");
}

fn any_line() -> impl Strategy<Value = Line> {
    let numbers = (0u64..6, 0u64..4, 1u64..3, -6i64..7, 0i64..2, 0i32..12);
    let sorts = (0usize..6, any::<bool>(), any::<bool>(), any::<bool>());
    (numbers, sorts).prop_map(
        |((identity, order, account, amount, fee, date), (kind, euro, seen, changed))| Line {
            identity: NonZeroU64::new(identity),
            order: NonZeroU64::new(order),
            account: NonZeroU64::new(account),
            amount,
            fee,
            origin: 1,
            booked: amount + i64::from(changed && date == 0),
            date: day(date),
            shop: 0,
            origin_currency: seen.then_some(Currency::GBP),
            currency: if euro && date < 3 { Currency::EUR } else { Currency::USD },
            kind: Kind::ALL[kind / 3],
        },
    )
}

proptest! {
    /// No tolerance and no plug: whatever the sides say, they differ by their differences, to the minor unit, on
    /// every account and in every currency.
    #[test]
    fn the_sides_differ_by_the_differences(
        left in prop::collection::vec(any_line(), 0..24),
        right in prop::collection::vec(any_line(), 0..24),
    ) {
        let settlement = settle(&left, &right, &terms());
        conserves(&left, &right, &settlement);
        for (at, other) in &settlement.pairs {
            let (one, two) = (&left[*at as usize], &right[*other as usize]);
            prop_assert!(one.kind == two.kind && one.account == two.account);
            if let (Some(one), Some(two)) = (one.identity, two.identity) {
                prop_assert_eq!(one, two);
            }
        }
    }

    #[test]
    fn a_side_agrees_with_itself_in_any_order(
        lines in prop::collection::vec(any_line(), 0..24).prop_shuffle(),
    ) {
        let lines: Vec<Line> = lines.into_iter().map(|line| Line { booked: line.amount, ..line }).collect();
        let mut turned = lines.clone();
        turned.reverse();
        let settlement = settle(&lines, &turned, &terms());
        let placed = lines.iter().filter(|line| line.identity.is_some() || line.order.is_some()).count();
        let told: usize = settlement.differences.iter().map(|of| settlement.left_of(of).len()).sum();
        prop_assert_eq!(told, lines.len() - placed);
    }
}
