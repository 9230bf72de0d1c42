//! Claim: whatever a person must act on is open as an exception at rest, not one fewer.
//!
//! Checked at rest: the set that follows from what the world did, against the set that is open. A look-up each.
//! Proved by the defect `unraised-exception`: exceptions are dropped on their way into the store.

use super::super::Breach;
use super::{Invariant, Invariants, Name};
use crate::domain::Timestamp;

pub const INVARIANT: Invariant = Invariant {
    name: "exceptions-complete",
    claim: "everything that needs a person is open as an exception",
    checked: "at rest, for every cause that the world gave",
    cost: "a look-up each",
    defect: "unraised-exception",
};

pub fn due(invariants: &mut Invariants, said: &str, raised: bool, now: Timestamp) {
    invariants.tally(Name::ExceptionsComplete).check(raised, || Breach {
        at: now,
        money: None,
        what: said.to_owned(),
        said: "needs a person, and nobody was told".into(),
    });
}

/// The set was compared to its end, empty or not.
pub fn closed(invariants: &mut Invariants) {
    invariants.tally(Name::ExceptionsComplete).checked += 1;
}
