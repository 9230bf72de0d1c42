//! Claim: a company owes no more than its limit before anything of it reaches the warehouse, every order on terms
//! says when it is due, and what was paid by transfer is paid in Shopify once.
//!
//! Checked at rest for every order of a company. Constant work an order. Proved by the defect `terms-dropped`: payment
//! terms are answered as given and were not.

use super::super::Breach;
use super::{Invariant, Invariants, Name};
use crate::domain::{Money, Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "terms-kept",
    claim: "every company keeps to its credit limit and terms, and what it paid by transfer is paid once",
    checked: "at rest, for every order of a company, and for every limit",
    cost: "constant work an order",
    defect: "terms-dropped",
};

/// One order of a company as Shopify has it.
pub struct Due<'a> {
    pub order: &'a Order,
    /// Agreed and found, in days.
    pub agreed_days: Option<u32>,
    pub found_days: Option<u32>,
    /// Paid by transfer, as staff keyed it.
    pub transferred: i64,
}

pub fn order(invariants: &mut Invariants, due: &Due, now: Timestamp) {
    let order = due.order;
    let captured = |elsewhere: bool| -> i64 {
        let of = order.captures().filter(|capture| (capture.tender.gateway() == "manual") == elsewhere);
        of.map(|capture| capture.amount.minor()).sum()
    };
    let (by_shopify, elsewhere, total) = (captured(false), captured(true), order.total.minor());
    let breach = |said: String| Breach {
        at: now,
        money: Some(order.total),
        what: format!("order {} ({})", order.name, order.id),
        said,
    };
    let wanted = if due.transferred >= total && due.transferred > 0 { total - by_shopify } else { 0 };
    invariants.tally(Name::TermsKept).check(elsewhere == wanted, || {
        let money = |minor| Money::new(minor, order.currency);
        breach(format!(
            "{} came by transfer; Shopify shows {} as paid outside it",
            money(due.transferred),
            money(elsewhere)
        ))
    });
    if by_shopify + elsewhere < total {
        invariants.tally(Name::TermsKept).check(due.agreed_days == due.found_days, || {
            let days =
                |days: Option<u32>| days.map_or("at once".to_owned(), |days| format!("in {days} days"));
            breach(format!("is due {}, agreed is {}", days(due.found_days), days(due.agreed_days)))
        });
    }
}

/// One company at rest: what is released and unpaid, and what waits, each oldest first.
pub fn limit(
    invariants: &mut Invariants,
    name: &str,
    limit: Money,
    released: i64,
    held: &[i64],
    now: Timestamp,
) {
    let breach =
        |said: String| Breach { at: now, money: Some(limit), what: format!("the limit of {name}"), said };
    let money = |minor| Money::new(minor, limit.currency());
    let tally = invariants.tally(Name::TermsKept);
    tally.check(released <= limit.minor(), || {
        breach(format!("{} went to the warehouse unpaid", money(released)))
    });
    for minor in held {
        tally.check(released + minor > limit.minor(), || {
            breach(format!("an order over {} is held, and only {} is owed", money(*minor), money(released)))
        });
    }
}
