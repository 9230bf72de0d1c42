//! What the processor's account holds when a month ends (postings.md row 35): fees, disputes and reserves whose rows are
//! dated in the month and whose payout is issued after it. Posted on the last day and turned around on the next.
//!
//! Charges and refunds are not among them: they stand in clearing until they are paid out.

use std::collections::BTreeMap;

use super::Action;
use super::journals::{Books, Leg, Own, Part, Unit};
use super::rules::{Account, Rule, fee_account, rule};
use crate::domain::ids::PayoutId;
use crate::domain::money::MoneyError;
use crate::domain::payout::BalanceTransaction;
use crate::domain::{BookDate, ExternalId, Money, Timestamp};
use crate::policy::{Policy, ShopPolicy};

/// What is said of one month's end.
#[derive(Debug)]
pub struct Observed<'a> {
    pub shop: &'a ShopPolicy,
    /// The last day of the month.
    pub ends: BookDate,
    pub rows: &'a [BalanceTransaction],
    /// When the payouts of these rows were issued.
    pub issued_at: &'a BTreeMap<PayoutId, Timestamp>,
    pub own: &'a Own,
}

pub const ACCRUED: &str = "accrued";
const RELEASED: &str = "released";
pub const UNITS: [&str; 2] = [ACCRUED, RELEASED];

/// What is still to do.
///
/// # Errors
/// Amounts of several currencies, or out of range.
pub fn plan(seen: &Observed, policy: &Policy) -> Result<Vec<Action>, MoneyError> {
    let mut actions = Vec::new();
    for name in UNITS {
        let parts = parts(seen, policy, name)?;
        with_unit(seen, name, |unit| unit.bring(seen.own, &parts, &mut actions));
    }
    Ok(actions)
}

/// The journal of the last day, whose digest is kept.
///
/// # Errors
/// As [`plan`].
pub fn accrued(seen: &Observed, policy: &Policy) -> Result<Vec<Part>, MoneyError> {
    parts(seen, policy, ACCRUED)
}

fn parts(seen: &Observed, policy: &Policy, name: &str) -> Result<Vec<Part>, MoneyError> {
    let Some(shop) = policy.settlement.as_ref().and_then(|known| known.shop(seen.shop.key)) else {
        return Ok(vec![]);
    };
    let mut held: BTreeMap<Account, Money> = BTreeMap::new();
    for row in seen.rows.iter().filter(|row| is_held(seen, policy, row)) {
        let mut add = |account: Account, amount: Money| {
            let so_far = held.get(&account).copied().unwrap_or(Money::zero(amount.currency()));
            so_far.checked_add(amount).map(|sum| held.insert(account, sum))
        };
        add(fee_account(&row.kind), row.fee)?;
        if let Some(Rule::To(account)) = rule(&row.kind)
            && matches!(account, Account::Fees | Account::Disputes | Account::DisputeFees | Account::Reserve)
        {
            add(account, row.amount.checked_neg()?)?;
        }
    }
    let (date, said) = match name {
        ACCRUED => (seen.ends, "held by the processor at the end of"),
        _ => (seen.ends.tomorrow(), "turned around: held by the processor at the end of"),
    };
    let (year, month, _) = seen.ends.year_month_day();
    let memo: Box<str> = format!("{said} {year}-{month:02}").into();
    let mut legs = Vec::new();
    for (account, amount) in held.into_iter().filter(|(_, amount)| !amount.is_zero()) {
        let amount = if name == ACCRUED { amount } else { amount.checked_neg()? };
        legs.push(Leg { account: account.of(&shop.accounts), amount, memo: memo.clone() });
    }
    let Some(first) = legs.first() else { return Ok(vec![]) };
    let currency = first.amount.currency();
    let rest = super::journals::total(currency, &legs)?.checked_neg()?;
    if !rest.is_zero() {
        legs.push(Leg { account: shop.accounts.accruals, amount: rest, memo: memo.clone() });
    }
    let books = Books::One(policy.seller(seen.shop).id, legs);
    Ok(vec![Part { currency, date, memo, books }])
}

/// Dated in the month or before, and in no payout that was issued by then.
fn is_held(seen: &Observed, policy: &Policy, row: &BalanceTransaction) -> bool {
    let by_then = |at: Timestamp| policy.book_date(seen.shop, at) <= seen.ends;
    let paid = row.payout.and_then(|payout| seen.issued_at.get(&payout)).is_some_and(|at| by_then(*at));
    by_then(row.processed_at) && !paid
}

pub(super) fn with_unit<T>(seen: &Observed, name: &'static str, work: impl FnOnce(&Unit<'_>) -> T) -> T {
    let (year, month, _) = seen.ends.year_month_day();
    let shop = seen.shop.key;
    let key = |part: &str, edition| ExternalId::for_accrual(shop, year, month, part, edition);
    work(&Unit { name, key: &key, second: None })
}
