//! Claim: every step is in the audit chain, and no entry was changed afterwards.
//!
//! Checked at rest by recomputing every hash. One SHA-256 a step. Proved by the defect `tampered-audit`: one entry
//! is rewritten in the store.

use super::super::Breach;
use super::super::seen::SeenChain;
use super::{Invariant, Invariants, Name};
use crate::domain::Timestamp;

pub const INVARIANT: Invariant = Invariant {
    name: "audit-chain",
    claim: "every step is recorded, and no record was changed afterwards",
    checked: "at rest, entry by entry",
    cost: "one SHA-256 a step",
    defect: "tampered-audit",
};

pub fn chain(invariants: &mut Invariants, chain: &SeenChain, now: Timestamp) {
    let tally = invariants.tally(Name::AuditChain);
    tally.checked += chain.entries.saturating_sub(1);
    // A step can be durable although the engine was killed before it heard so: never the other way round.
    let holds = chain.broken_at.is_none() && chain.entries >= chain.steps;
    tally.check(holds, || Breach {
        at: now,
        money: None,
        what: "the audit chain".into(),
        said: match chain.broken_at {
            Some(at) => format!("entry {at} of {} is not what was written", chain.entries),
            None => format!("holds {} entries for {} steps", chain.entries, chain.steps),
        },
    });
}
