//! Claim: what the books owe to holders of gift cards is what Shopify's cards are worth (failures.md A8).
//!
//! Source: postings.md, Identities: GCL = Shopify balances − balances of unposted free cards. Checked at rest for each
//! entity. Nothing an order. Proved by the defect `card-as-revenue`: cards are billed on an income account.

use super::super::Breach;
use super::{Invariant, Invariants, Name};
use crate::domain::{Money, Timestamp};
use crate::scenario::Subsidiary;

pub const INVARIANT: Invariant = Invariant {
    name: "gift-card-liability",
    claim: "the liability for gift cards is what the cards that Shopify holds are worth",
    checked: "at rest, for every entity",
    cost: "nothing an order",
    defect: "card-as-revenue",
};

/// `owed` stands on the liability, `outstanding` on the cards, `unposted` is redeemed and waits for a person.
pub fn at_rest(
    invariants: &mut Invariants,
    seller: &Subsidiary,
    owed: i128,
    outstanding: i128,
    unposted: i128,
    now: Timestamp,
) {
    let difference = owed - outstanding - unposted;
    invariants.tally(Name::GiftCardLiability).check(difference == 0, || Breach {
        at: now,
        money: Some(Money::new(i64::try_from(difference).unwrap_or(i64::MAX), seller.currency)),
        what: format!("gift cards of {}", seller.name),
        said: format!("the books owe {owed} minor units, the cards are worth {outstanding}"),
    });
}
