//! Claim: what stands on a clearing account is what was captured by its store, gateway and currency less what was given
//! back or paid out, no more at any moment and no less at rest; customer deposits are what is still owed for it; and what
//! the processor holds stands where it must: on its way to the bank, returned, disputed, in reserve, or owed by a sister.
//!
//! Source: postings.md, Identities: CLR = captured − refunded + failed refunds − rows of posted payouts, DEP = captured −
//! applied − refunded unbilled, PIT = issued − at bank − returned, DSP = open disputes, RSV = held, ICR = ICP. Checked at
//! each posting (never above what was captured; deposits never the
//! wrong way round; what is due from a sister is due to one) and at rest (equal). Constant work a posting. Proved by the defect `doubled-deposit`: a deposit is
//! saved a second time under another key; and by `one-sided-debt`: what a payout makes a sister owe is booked as her income.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Breach;
use super::super::books::{Expected, Intent};
use super::super::seen::SeenDeposit;
use super::super::seen::documents::SeenPosted;
use super::{Invariant, Invariants, Name};
use crate::domain::{Currency, InternalId, Money, Timestamp};
use crate::scenario::AccountKind;

pub const INVARIANT: Invariant = Invariant {
    name: "clearing-identity",
    claim: "clearing accounts hold what was captured and neither given back nor paid out, and customer deposits what is owed for it",
    checked: "at each posting, and at rest for every clearing, liability, deposit and settlement account",
    cost: "constant work a posting",
    defect: "doubled-deposit, one-sided-debt",
};

/// An account on which money of shoppers stands now stands at `balance`, and may at the most stand at `most`.
pub fn posted(
    invariants: &mut Invariants,
    at: Timestamp,
    document: &SeenPosted<'_>,
    account: InternalId,
    balance: i128,
    most: i128,
) {
    invariants.tally(Name::ClearingIdentity).check(balance <= most, || Breach {
        at,
        money: Some(Money::new(i64::try_from(balance - most).unwrap_or(i64::MAX), document.currency)),
        what: format!("account {account}"),
        said: format!(
            "holds more than was ever captured into it, since {} {}",
            document.kind,
            (document.name)()
        ),
    });
}

/// What a journal leaves due from one sister and not to the other is `rest`.
pub fn owed(invariants: &mut Invariants, at: Timestamp, document: &SeenPosted<'_>, rest: i128) {
    invariants.tally(Name::ClearingIdentity).check(rest == 0, || Breach {
        at,
        money: Some(Money::new(i64::try_from(rest).unwrap_or(i64::MAX), document.currency)),
        what: format!("{} {}", document.kind, (document.name)()),
        said: "makes due from one sister entity what is due to none".into(),
    });
}

pub fn stray(invariants: &mut Invariants, deposit: &SeenDeposit, now: Timestamp) {
    invariants.tally(Name::ClearingIdentity).check(false, || Breach {
        at: now,
        money: Some(deposit.payment),
        what: format!("deposit {}", deposit.external_id),
        said: "stands for no capture of any order, or stands for one a second time".into(),
    });
}

pub fn balances(
    invariants: &mut Invariants,
    intent: &Intent,
    expected: &Expected,
    balances: &BTreeMap<(InternalId, Currency), i128>,
    now: Timestamp,
) {
    let mut accounts: BTreeSet<(InternalId, Currency)> = expected.accounts().collect();
    accounts.extend(balances.keys().copied());
    let posted: BTreeSet<InternalId> = accounts.iter().map(|(account, _)| *account).collect();
    let untouched = intent.chart().filter(|account| !posted.contains(&account.id));
    accounts.extend(untouched.map(|account| (account.id, account.currency)));
    for (account, currency) in accounts {
        let watched = matches!(
            intent.account_kind(account),
            Some(
                AccountKind::Clearing
                    | AccountKind::CustomerDeposits
                    | AccountKind::GiftCardLiability
                    | AccountKind::StoreCreditLiability
                    | AccountKind::PayoutsInTransit
                    | AccountKind::PayoutsReturned
                    | AccountKind::Disputes
                    | AccountKind::Reserve
                    | AccountKind::DueFrom
                    | AccountKind::DueTo
            )
        );
        if !watched {
            continue;
        }
        let found = balances.get(&(account, currency)).copied().unwrap_or_default();
        let difference = found - expected.balance(account, currency);
        invariants.tally(Name::ClearingIdentity).check(difference == 0, || Breach {
            at: now,
            money: Some(Money::new(i64::try_from(difference).unwrap_or(i64::MAX), currency)),
            what: intent.account_name(account),
            said: "differs from what was captured, given back and paid out".into(),
        });
    }
    let mut between: BTreeMap<Currency, i128> = BTreeMap::new();
    for ((account, currency), minor) in balances {
        if let Some(AccountKind::DueFrom | AccountKind::DueTo) = intent.account_kind(*account) {
            *between.entry(*currency).or_default() += minor;
        }
    }
    for (currency, minor) in between {
        invariants.tally(Name::ClearingIdentity).check(minor == 0, || Breach {
            at: now,
            money: Some(Money::new(i64::try_from(minor).unwrap_or(i64::MAX), currency)),
            what: "what sister entities owe each other".into(),
            said: "is due to one and not from the other".into(),
        });
    }
}
