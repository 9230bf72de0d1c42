//! Claim: every account stands at exactly what the orders of the day make it, and every capture is booked on its
//! account, on its day, for its amount.
//!
//! Checked at rest for each capture, for all documents of each order together, for the day of each, and for each
//! account of the chart. A pass over the postings of each order. Proved by the defect
//! `misposted-tender`: gift cards are debited to the card processor's clearing account, and `rates-ignored`: what rates
//! of exchange leave over is booked by nobody.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Breach;
use super::super::books::sheet::Sheet;
use super::super::books::{Expected, Intent};
use super::super::seen::{Causes, SeenDeposit};
use super::{Invariant, Invariants, Name};
use crate::domain::order::Transaction;
use crate::domain::{BookDate, Currency, InternalId, Money, Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "trial-balance-expected",
    claim: "every account stands at exactly what the day's orders make it",
    checked: "at rest, for every capture, every order and every account",
    cost: "a pass over the postings of each order",
    defect: "misposted-tender, rates-ignored",
};

#[expect(clippy::too_many_arguments, reason = "both sides of one capture, and what excuses a difference")]
pub fn deposit(
    invariants: &mut Invariants,
    intent: &Intent,
    causes: &Causes,
    order: &Order,
    transaction: &Transaction,
    account: InternalId,
    deposit: Option<&SeenDeposit>,
    now: Timestamp,
) {
    let date = intent.book_date(order.shop, transaction);
    let received = transaction.amount.minor().checked_add(transaction.rounding.minor());
    let seller = intent.seller(order.shop);
    let holds = deposit.is_some_and(|deposit| {
        Some(deposit.payment.minor()) == received
            && deposit.currency == order.currency
            && deposit.debit_account == account
            && seller.is_some_and(|seller| {
                deposit.credit_account == seller.deposits && deposit.subsidiary == seller.id
            })
            && (deposit.date == date || (deposit.date > date && causes.period_was_ever_shut(date)))
    });
    invariants.tally(Name::TrialBalanceExpected).check(holds, || Breach {
        at: now,
        money: Some(transaction.amount),
        what: format!("order {} ({}), transaction {}", order.name, order.id, transaction.id),
        said: match deposit {
            None => format!("was captured by {} and is in no deposit", transaction.tender.gateway()),
            Some(deposit) => format!(
                "must debit {} on {date}; {} debits {} with {} on {}",
                intent.account_name(account),
                deposit.external_id,
                intent.account_name(deposit.debit_account),
                deposit.payment,
                deposit.date
            ),
        },
    });
}

/// All documents of one order, against what the order must come to.
pub fn order(
    invariants: &mut Invariants,
    intent: &Intent,
    order: &Order,
    wanted: &Sheet,
    found: &Sheet,
    now: Timestamp,
) {
    let off = wanted.difference(found);
    invariants.tally(Name::TrialBalanceExpected).check(off.is_none(), || {
        let (account, currency, wanted, found) = off.unwrap_or((InternalId::new(0), order.currency, 0, 0));
        let amount = |minor: i128| Money::new(i64::try_from(minor).unwrap_or(i64::MAX), currency);
        Breach {
            at: now,
            money: Some(amount(found - wanted)),
            what: format!("order {} ({})", order.name, order.id),
            said: format!(
                "must bring {} to {}, its documents bring it to {}",
                intent.account_name(account),
                amount(wanted),
                amount(found)
            ),
        }
    });
}

/// All journals of a payout, a dispute or a month, against what it must come to.
pub fn settled(
    invariants: &mut Invariants,
    intent: &Intent,
    what: &dyn Fn() -> String,
    wanted: &Sheet,
    found: &Sheet,
    now: Timestamp,
) {
    let off = wanted.difference(found);
    invariants.tally(Name::TrialBalanceExpected).check(off.is_none(), || {
        let Some((account, currency, wanted, found)) = off else {
            unreachable!("a breach is only put into words where there is a difference")
        };
        let amount = |minor: i128| Money::new(i64::try_from(minor).unwrap_or(i64::MAX), currency);
        Breach {
            at: now,
            money: Some(amount(found - wanted)),
            what: what(),
            said: format!(
                "must bring {} to {}, its journals bring it to {}",
                intent.account_name(account),
                amount(wanted),
                amount(found)
            ),
        }
    });
}

/// The day on which a document of an order is booked: that of what happened, or a later one where the period was shut.
#[expect(clippy::too_many_arguments, reason = "a document, its days, and what excuses a later one")]
pub fn dated(
    invariants: &mut Invariants,
    causes: &Causes,
    order: &Order,
    kind: &str,
    name: Option<&str>,
    wanted: BookDate,
    found: BookDate,
    now: Timestamp,
) {
    let holds = found == wanted || (found > wanted && causes.period_was_ever_shut(wanted));
    invariants.tally(Name::TrialBalanceExpected).check(holds, || Breach {
        at: now,
        money: None,
        what: format!("order {} ({}), {kind} {}", order.name, order.id, name.unwrap_or("without a key")),
        said: format!("belongs to {wanted}, is booked on {found}"),
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
        let wanted = expected.balance(account, currency);
        let found = balances.get(&(account, currency)).copied().unwrap_or_default();
        invariants.tally(Name::TrialBalanceExpected).check(wanted == found, || Breach {
            at: now,
            money: Some(Money::new(i64::try_from(found - wanted).unwrap_or(i64::MAX), currency)),
            what: intent.account_name(account),
            said: format!("must stand at {wanted}, stands at {found} minor units"),
        });
    }
}
