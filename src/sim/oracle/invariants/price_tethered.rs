//! Claim: a company sees and pays what was agreed with it, or what was agreed until so short a time ago as promised.
//!
//! Checked whenever a company looks or buys, and at rest for every company, item and quantity. A walk over the
//! price rows of the merchant each. Proved by the defects `nightly-price-job` (changes of the day are not seen
//! before night, failures.md B8) and `retail-on-timeout` (a look-up that fails puts retail prices in place).

use super::super::Breach;
use super::super::contracts::Contracts;
use super::{Invariant, Invariants, Name};
use crate::domain::ids::PriceListId;
use crate::domain::{Currency, Money, Sku, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "price-tethered",
    claim: "every company sees and pays the price that was agreed with it",
    checked: "whenever a company looks or buys, and at rest for every price",
    cost: "a walk over the merchant's price rows a look",
    defect: "nightly-price-job, retail-on-timeout",
};

/// A price as it was served.
pub struct Look<'a> {
    pub company: usize,
    pub sku: &'a Sku,
    pub quantity: u32,
    pub minor: i64,
    pub currency: Currency,
}

/// A company looks at a price, or buys at it. A price of which people were told in time that nobody can vouch for it
/// breaks no promise; `stated` is what the story says that must be seen.
pub fn served(
    invariants: &mut Invariants,
    contracts: &Contracts,
    look: &Look,
    stated: Option<Money>,
    lists: &[PriceListId],
    now: Timestamp,
) {
    let allowed = contracts.allowed(look.company, look.sku, look.quantity, now);
    let holds = allowed.contains(&look.minor) || contracts.is_told(lists) || contracts.is_opening(now);
    invariants.tally(Name::PriceTethered).check(holds, || breach(contracts, look, now));
    if let Some(stated) = stated {
        invariants.tally(Name::PriceTethered).check(stated.minor() == look.minor, || Breach {
            said: format!("sees {} where the story says {stated}", Money::new(look.minor, look.currency)),
            ..breach(contracts, look, now)
        });
    }
}

/// At rest there is nothing left to wait for.
pub fn at_rest(invariants: &mut Invariants, contracts: &Contracts, look: &Look, now: Timestamp) {
    let agreed = contracts.agreed(look.company, look.sku, look.quantity, now);
    let holds = agreed == Some(look.minor);
    invariants.tally(Name::PriceTethered).check(holds, || breach(contracts, look, now));
}

/// What a basket came to, where the story says what it must.
pub fn asked(
    invariants: &mut Invariants,
    buyer: &str,
    order: &str,
    stated: Money,
    total: i64,
    now: Timestamp,
) {
    invariants.tally(Name::PriceTethered).check(stated.minor() == total, || Breach {
        at: now,
        money: Some(stated),
        what: format!("order {order} of {buyer}"),
        said: format!("is asked for {}", Money::new(total, stated.currency())),
    });
}

fn breach(contracts: &Contracts, look: &Look, now: Timestamp) -> Breach {
    let money = |minor: i64| Money::new(minor, look.currency);
    let agreed = contracts.agreed(look.company, look.sku, look.quantity, now);
    let gap = agreed.map(|agreed| look.minor.abs_diff(agreed).saturating_mul(u64::from(look.quantity)));
    Breach {
        at: now,
        money: gap.and_then(|gap| i64::try_from(gap).ok()).map(money),
        what: format!("{} of {} for {}", look.quantity, look.sku, contracts.name(look.company)),
        said: match agreed {
            Some(agreed) => format!("each served at {}, agreed is {}", money(look.minor), money(agreed)),
            None => format!("each served at {}, nothing was agreed", money(look.minor)),
        },
    }
}
