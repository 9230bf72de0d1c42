//! Claim: what stands on a clearing account is what was captured by its store, gateway and currency, no more at
//! any moment and no less at rest; customer deposits are the same money owed.
//!
//! Source: postings.md, Identities: CLR = captured, DEP = captured, while nothing is billed, refunded or paid out.
//! Checked at each posting (never above) and at rest (equal). Constant work a document. Proved by the defect
//! `doubled-deposit`: a deposit is saved a second time under another key.

use std::collections::BTreeMap;

use super::super::Breach;
use super::super::books::{Expected, Intent};
use super::super::seen::SeenDeposit;
use super::{Invariant, Invariants, Name};
use crate::domain::{InternalId, Money, Timestamp};
use crate::scenario::AccountKind;

pub const INVARIANT: Invariant = Invariant {
    name: "clearing-identity",
    claim: "clearing accounts hold what was captured and customer deposits what is owed for it",
    checked: "at each posting, and at rest for every clearing, liability and deposit account",
    cost: "constant work a document",
    defect: "doubled-deposit",
};

pub fn posted(
    invariants: &mut Invariants,
    at: Timestamp,
    document: &SeenDeposit,
    balance: i128,
    captured: i128,
) {
    invariants.tally(Name::ClearingIdentity).check(balance <= captured, || Breach {
        at,
        money: Some(Money::new(i64::try_from(balance - captured).unwrap_or(i64::MAX), document.currency)),
        what: format!("account {}", document.debit_account),
        said: format!("holds more than was ever captured into it, since deposit {}", document.external_id),
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
    balances: &BTreeMap<InternalId, i128>,
    now: Timestamp,
) {
    for account in intent.accounts() {
        let watched = matches!(
            intent.account_kind(account),
            Some(
                AccountKind::Clearing
                    | AccountKind::CustomerDeposits
                    | AccountKind::GiftCardLiability
                    | AccountKind::StoreCreditLiability
            )
        );
        if !watched {
            continue;
        }
        let difference = balances.get(&account).copied().unwrap_or_default() - expected.balance(account);
        invariants.tally(Name::ClearingIdentity).check(difference == 0, || Breach {
            at: now,
            money: intent
                .account_currency(account)
                .map(|currency| Money::new(i64::try_from(difference).unwrap_or(i64::MAX), currency)),
            what: intent.account_name(account),
            said: "differs from what was captured".into(),
        });
    }
}
