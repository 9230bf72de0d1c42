//! Claim: debits equal credits, in every document and over all accounts.
//!
//! Checked at each posting, and over all balances by currency at rest. Constant work a document. Proved by the
//! defect `miscounted-posting`: one posting of one document is a minor unit off.

use std::collections::BTreeMap;

use super::super::Breach;
use super::super::seen::documents::SeenPosted;
use super::{Invariant, Invariants, Name};
use crate::domain::{Currency, InternalId, Money, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "books-balance",
    claim: "debits equal credits in every document and in the whole ledger",
    checked: "at each posting, and at rest by currency",
    cost: "constant work a document",
    defect: "miscounted-posting",
};

pub fn posted(invariants: &mut Invariants, at: Timestamp, document: &SeenPosted<'_>) {
    let (document_sum, base_sum) = document.imbalance;
    invariants.tally(Name::BooksBalance).check(document_sum == 0 && base_sum == 0, || Breach {
        at,
        money: Some(Money::new(i64::try_from(document_sum).unwrap_or(i64::MAX), document.currency)),
        what: format!("{} {}", document.kind, (document.name)()),
        said: format!(
            "debits and credits differ by {document_sum}, in base currency by {base_sum} minor units"
        ),
    });
}

pub fn balances(
    invariants: &mut Invariants,
    balances: &BTreeMap<(InternalId, Currency), i128>,
    now: Timestamp,
) {
    let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
    for ((_, currency), minor) in balances {
        *sums.entry(*currency).or_default() += minor;
    }
    for (currency, sum) in sums {
        invariants.tally(Name::BooksBalance).check(sum == 0, || Breach {
            at: now,
            money: Some(Money::new(i64::try_from(sum).unwrap_or(i64::MAX), currency)),
            what: format!("the ledger in {currency}"),
            said: "debits and credits of all accounts differ".into(),
        });
    }
}
