//! Claim: once faults have healed and shoppers have gone, the backlog is empty within the time that the limits
//! allow.
//!
//! Checked at rest against a bound: the work that was left divided by the budget, plus the longest pauses that
//! policy permits. Once a run. Proved by the defect `endless-backoff`: every retry is put off by a week.

use super::super::Breach;
use super::super::seen::SeenWork;
use super::{Invariant, Invariants, Name};
use crate::domain::Timestamp;

pub const INVARIANT: Invariant = Invariant {
    name: "converges",
    claim: "after the last fault the backlog is worked off in the time that the limits allow",
    checked: "once, at rest",
    cost: "nothing an order",
    defect: "endless-backoff",
};

pub fn work(invariants: &mut Invariants, work: &SeenWork, now: Timestamp) {
    let left = work.pending.iter().filter(|pending| !work.excused.contains(*pending)).count();
    let holds = left == 0 && work.drained_at <= work.bound;
    invariants.tally(Name::Converges).check(holds, || Breach {
        at: now,
        money: None,
        what: "the backlog".into(),
        said: if left > 0 {
            format!("{left} pieces of work are left; it had to be empty by {}", work.bound)
        } else {
            format!("was empty at {}, it had to be by {}", work.drained_at, work.bound)
        },
    });
}
