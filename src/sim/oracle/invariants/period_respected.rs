//! Claim: nothing is posted into a month that is shut, and a shut month stays as it was, document by document and
//! account by account. Memos and the order of lines are not looked at.
//!
//! Checked at each posting by its date, and when a month is opened again and at rest by a digest over everything that is
//! dated in it. A look-up a posting, and a pass over the documents for each month that was shut. Source: postings.md N6.
//! Proved by the defect `overridden-period`: the connector's role may post into shut periods, and does.

use super::super::Breach;
use super::{Invariant, Invariants, Name};
use crate::domain::{BookDate, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "period-respected",
    claim: "nothing is posted into a month that is shut, and a shut month stays as it was",
    checked: "at each posting, and for each shut month when it is opened again and at rest",
    cost: "a look-up a posting, and a pass over the documents for each shut month",
    defect: "overridden-period",
};

pub fn saved(
    invariants: &mut Invariants,
    is_open: bool,
    kind: &str,
    name: &dyn Fn() -> String,
    date: BookDate,
    at: Timestamp,
) {
    invariants.tally(Name::PeriodRespected).check(is_open, || Breach {
        at,
        money: None,
        what: format!("{kind} {}", name()),
        said: format!("was saved with {date}, a day of a month that was shut"),
    });
}

pub fn compared(invariants: &mut Invariants, month: BookDate, is_same: bool, now: Timestamp) {
    let (year, number, _) = month.year_month_day();
    invariants.tally(Name::PeriodRespected).check(is_same, || Breach {
        at: now,
        money: None,
        what: format!("month {year}-{number:02}"),
        said: "holds something else than when it was shut".into(),
    });
}
