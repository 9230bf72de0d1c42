use super::*;
use crate::domain::Currency;

const ACCOUNT: InternalId = InternalId::new(11_000);

fn day(text: &str) -> BookDate {
    text.parse().unwrap()
}

fn at(hours: i64) -> Timestamp {
    Timestamp::from_seconds(hours * 3_600)
}

fn add(banks: &mut Banks, value_date: &str, minor: i64, visible_at: Timestamp) -> u64 {
    banks.add(ACCOUNT, day(value_date), Money::new(minor, Currency::GBP), None, visible_at)
}

fn read(banks: &Banks, since: &str, now: Timestamp) -> Vec<i64> {
    banks.statement(ACCOUNT, day(since), now).map(|line| line.amount.minor()).collect()
}

#[test]
fn lines_are_read_by_value_date_and_may_show_up_late() {
    let mut banks = Banks::default();
    add(&mut banks, "2026-11-11", 3, at(30));
    add(&mut banks, "2026-11-10", 1, at(1));
    add(&mut banks, "2026-11-10", 2, at(40));
    assert_eq!(read(&banks, "2026-11-10", at(1)), [1]);
    assert_eq!(read(&banks, "2026-11-10", at(30)), [1, 3]);
    assert_eq!(read(&banks, "2026-11-10", at(40)), [1, 2, 3]);
    assert_eq!(read(&banks, "2026-11-11", at(40)), [3]);
}

#[test]
fn only_a_line_that_nobody_can_have_read_is_withheld() {
    let mut banks = Banks::default();
    let early = add(&mut banks, "2026-11-10", 1, at(1));
    let late = add(&mut banks, "2026-11-10", 2, at(40));
    assert!(!banks.withhold(ACCOUNT, early, at(30)));
    assert!(banks.withhold(ACCOUNT, late, at(30)));
    assert!(!banks.withhold(ACCOUNT, late, at(30)), "it is gone");
    assert_eq!(read(&banks, "2026-11-10", at(50)), [1]);
}
