//! Claim: no call is sent that the engine, knowing its calls in flight and the last answer, could know would be
//! refused.
//!
//! Checked at each call by the transports: a refusal is foreseeable if our own calls alone filled the limit.
//! Refusals by injection, by a cut of the limits or by neighbours are counted apart. A counter a call. Proved by
//! the defect `greedy-governor`: the engine is told of twice the slots that the account has.

use super::super::Breach;
use super::super::seen::SeenRefusals;
use super::{Invariant, Invariants, Name};
use crate::domain::Timestamp;

pub const INVARIANT: Invariant = Invariant {
    name: "limits-respected",
    claim: "no call is sent that was known to be refused for the platforms' limits",
    checked: "at each call",
    cost: "a counter a call",
    defect: "greedy-governor",
};

pub fn refusals(invariants: &mut Invariants, seen: &SeenRefusals, now: Timestamp) {
    let foreseeable = seen.shopify_foreseeable + seen.netsuite_foreseeable;
    let tally = invariants.tally(Name::LimitsRespected);
    tally.checked += seen.calls.saturating_sub(1);
    tally.check(foreseeable == 0, || Breach {
        at: now,
        money: None,
        what: "the governor".into(),
        said: format!(
            "sent {} calls into a bucket that it knew to be too low and {} beyond its own slots",
            seen.shopify_foreseeable, seen.netsuite_foreseeable
        ),
    });
}
