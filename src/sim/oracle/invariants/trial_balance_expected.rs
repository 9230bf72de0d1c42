//! Claim: every account stands at exactly what the orders of the day make it, and every capture is booked on its
//! account, on its day, for its amount.
//!
//! Checked at rest for each capture and each account of the chart. A look-up a capture. Proved by the defect
//! `misposted-tender`: gift cards are debited to the card processor's clearing account.

use std::collections::BTreeMap;

use super::super::Breach;
use super::super::books::{Expected, Intent};
use super::super::seen::{Causes, SeenDeposit};
use super::{Invariant, Invariants, Name};
use crate::domain::order::Transaction;
use crate::domain::{InternalId, Money, Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "trial-balance-expected",
    claim: "every account stands at exactly what the day's orders make it",
    checked: "at rest, for every capture and every account",
    cost: "a look-up a capture",
    defect: "misposted-tender",
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

pub fn balances(
    invariants: &mut Invariants,
    intent: &Intent,
    expected: &Expected,
    balances: &BTreeMap<InternalId, i128>,
    now: Timestamp,
) {
    let unknown = balances.keys().copied().filter(|account| intent.account_kind(*account).is_none());
    for account in intent.accounts().chain(unknown) {
        let wanted = expected.balance(account);
        let found = balances.get(&account).copied().unwrap_or_default();
        invariants.tally(Name::TrialBalanceExpected).check(wanted == found, || Breach {
            at: now,
            money: intent
                .account_currency(account)
                .map(|currency| Money::new(i64::try_from(found - wanted).unwrap_or(i64::MAX), currency)),
            what: intent.account_name(account),
            said: format!("must stand at {wanted}, stands at {found} minor units"),
        });
    }
}
