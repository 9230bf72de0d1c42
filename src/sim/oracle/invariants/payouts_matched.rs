//! Claim: every line of a payout's journals stands for one row of it, or for what the bank says, and every row has its
//! line; until then the payout is a named timing item whose date has not passed, or somebody was told.
//!
//! Checked at each journal of a payout, line by line, and by the hour for payouts whose time is over. A look-up a line.
//! Nothing may make a journal come out even (failures.md A1, B16). Proved by the defects `plugged-payout` (a row that is
//! left out is made up for by a line of its own), `netted-fee` (a charge is booked less its fee) and `payout-again` (a
//! payout is posted a second time, because the answer was lost).

use super::super::Breach;
use super::super::seen::settlement::SeenPayout;
use super::{Invariant, Invariants, Name};
use crate::domain::{Money, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "payouts-matched",
    claim: "every line of a payout is matched, or waits by name until a stated day, or somebody was told",
    checked: "at each journal of a payout, and by the hour for payouts that are not posted",
    cost: "a look-up a line",
    defect: "plugged-payout, netted-fee, payout-again",
};

/// Something that must hold of a journal that was just posted.
pub fn check(
    invariants: &mut Invariants,
    holds: bool,
    at: Timestamp,
    money: Option<Money>,
    key: &str,
    said: &dyn Fn() -> String,
) {
    invariants.tally(Name::PayoutsMatched).check(holds, || Breach {
        at,
        money,
        what: format!("journal {key}"),
        said: said(),
    });
}

/// The time of a payout's rows is over.
pub fn overdue(invariants: &mut Invariants, payout: &SeenPayout, holds: bool, now: Timestamp) {
    invariants.tally(Name::PayoutsMatched).check(holds, || Breach {
        at: now,
        money: Some(payout.net),
        what: format!("payout {} of {}", payout.id, payout.shop),
        said: format!("was issued at {} and is not posted, and nobody was told", payout.issued_at),
    });
}
