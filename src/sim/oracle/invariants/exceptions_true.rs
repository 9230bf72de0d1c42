//! Claim: every open exception is about something that happened and still stands, with an owner and a deadline.
//!
//! Checked at rest for each open exception. A look-up each. Proved by the defect `false-exception`: one is raised
//! for an order that needs nobody.

use super::super::Breach;
use super::super::seen::SeenException;
use super::{Invariant, Invariants, Name};
use crate::domain::Timestamp;

pub const INVARIANT: Invariant = Invariant {
    name: "exceptions-true",
    claim: "every open exception is true, and names its owner and deadline",
    checked: "at rest, for every open exception",
    cost: "a look-up each",
    defect: "false-exception",
};

pub fn raised(invariants: &mut Invariants, exception: &SeenException, due: bool, now: Timestamp) {
    let complete = !exception.owner.is_empty() && exception.deadline > exception.raised_at;
    invariants.tally(Name::ExceptionsTrue).check(due && complete, || Breach {
        at: now,
        money: exception.at_risk,
        what: format!(
            "{} of {} {} {}",
            exception.code.name(),
            exception.shop,
            exception.flow.name(),
            exception.record
        ),
        said: if due {
            "names no owner or no deadline".into()
        } else {
            format!("is open without a cause: {}", exception.detail)
        },
    });
}

/// The set was compared to its end, empty or not.
pub fn closed(invariants: &mut Invariants) {
    invariants.tally(Name::ExceptionsTrue).checked += 1;
}
