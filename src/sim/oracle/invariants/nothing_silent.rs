//! Claim: whatever was acknowledged has ended, as done or as an open exception that names a person.
//!
//! Checked at rest for each order and for each hint that has not ended. Constant work an order. Proved by the
//! defect `forgotten-hint`: some orders' webhooks are acknowledged, and neither they nor the sweep record anything.

use super::super::seen::SeenWork;
use super::super::{Breach, worth};
use super::{Invariant, Invariants, Name};
use crate::domain::{Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "nothing-silent",
    claim: "nothing that was acknowledged is forgotten: it is done, or somebody is told",
    checked: "at rest, for every order and every piece of work that has not ended",
    cost: "constant work an order",
    defect: "forgotten-hint",
};

pub fn order(invariants: &mut Invariants, order: &Order, found: bool, now: Timestamp) {
    let nothing_to_book = order.lines.iter().all(|line| line.quantity == 0) && order.total.is_zero();
    invariants.tally(Name::NothingSilent).check(found || nothing_to_book, || Breach {
        at: now,
        money: worth(order),
        what: format!("order {} ({})", order.name, order.id),
        said: "is neither in NetSuite nor in an exception".into(),
    });
}

pub fn work(invariants: &mut Invariants, work: &SeenWork, now: Timestamp) {
    for pending in &work.pending {
        let (shop, flow, record) = pending;
        invariants.tally(Name::NothingSilent).check(work.excused.contains(pending), || Breach {
            at: now,
            money: None,
            what: format!("{} {record} of {shop}", flow.name()),
            said: "is still waiting at rest, and no exception tells anybody".into(),
        });
    }
}
