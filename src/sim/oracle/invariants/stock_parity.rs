//! Claim: each location shows what can still be promised: never more than there is, and at rest exactly that.
//!
//! Checked whenever a level is written (not more than the world has, but for what staff took within the promised
//! lag) and at rest, level by level, from the world's own record of stock and sales. A look-up a level. Proved by the
//! defect `stale-retry`: levels of an hour ago are written again (failures.md B4).

use super::super::stock::WorldStock;
use super::super::{Breach, seen::SeenLevel};
use super::{Invariant, Invariants, Name};
use crate::domain::Timestamp;

pub const INVARIANT: Invariant = Invariant {
    name: "stock-parity",
    claim: "every storefront shows what can still be promised, and never more than there is",
    checked: "at every write of a level, and at rest for every level",
    cost: "a look-up a level",
    defect: "stale-retry",
};

pub fn written(invariants: &mut Invariants, stock: &WorldStock, level: &SeenLevel, now: Timestamp) {
    let most = stock.published_at_most(level.shop, level.location, &level.sku, now);
    let Some(most) = most else { return };
    invariants.tally(Name::StockParity).check(level.available <= most, || Breach {
        at: now,
        money: None,
        what: format!("{} at location {} of {}", level.sku, level.location, level.shop),
        said: format!(
            "was set to {}, and there are {most}: {} phantom units",
            level.available,
            level.available - most
        ),
    });
}

pub fn at_rest(invariants: &mut Invariants, stock: &WorldStock, level: &SeenLevel, now: Timestamp) {
    let wanted = stock.published(level.shop, level.location, &level.sku);
    let Some(wanted) = wanted else { return };
    // Below zero stands what was sold beyond what was shown; there is nothing to show.
    let shown = level.available.max(0);
    invariants.tally(Name::StockParity).check(shown == wanted, || Breach {
        at: now,
        money: None,
        what: format!("{} at location {} of {}", level.sku, level.location, level.shop),
        said: match shown > wanted {
            true => format!("shows {shown}, must show {wanted}: {} phantom units", shown - wanted),
            false => format!("shows {shown}, must show {wanted}: {} units are invisible", wanted - shown),
        },
    });
}
