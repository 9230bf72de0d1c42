//! What a dispute cost in the end (postings.md row 32): its rows went to disputes receivable with their payouts, and
//! what was not returned when nothing can change any more is a loss.

use super::Action;
use super::journals::{Books, Leg, Own, Part, Unit};
use super::rules::{Account, Rule, rule};
use crate::domain::ExternalId;
use crate::domain::money::{MoneyError, Sum};
use crate::domain::payout::{BalanceTransaction, Dispute, DisputeStatus};
use crate::policy::{Policy, ShopPolicy};

/// What is said of one dispute.
#[derive(Debug)]
pub struct Observed<'a> {
    pub shop: &'a ShopPolicy,
    pub dispute: &'a Dispute,
    /// Rows since it was opened; those of other orders and of other disputes are passed over.
    pub rows: &'a [BalanceTransaction],
    pub own: &'a Own,
}

pub const LOST: &str = "lost";

/// What is still to do. An inquiry moved no money, and nothing is lost before the end.
///
/// # Errors
/// Amounts of several currencies, or out of range.
pub fn plan(seen: &Observed, policy: &Policy) -> Result<Vec<Action>, MoneyError> {
    let mut actions = Vec::new();
    let parts = parts(seen, policy)?;
    with_unit(seen, |unit| unit.bring(seen.own, &parts, &mut actions));
    Ok(actions)
}

/// The journal of the loss; none if nothing was lost.
///
/// # Errors
/// As [`plan`].
pub fn parts(seen: &Observed, policy: &Policy) -> Result<Vec<Part>, MoneyError> {
    let dispute = seen.dispute;
    let shop = policy.settlement.as_ref().and_then(|known| known.shop(seen.shop.key));
    let (Some(shop), Some(finalized), Some(order), false) =
        (shop, dispute.finalized_on, dispute.order, dispute.is_inquiry)
    else {
        return Ok(vec![]);
    };
    let rows: Vec<&BalanceTransaction> = own_rows(seen).collect();
    let Some(first) = rows.first() else { return Ok(vec![]) };
    let currency = first.amount.currency();
    let away = Sum::of(currency, rows.iter().map(|row| row.amount))?.checked_neg()?;
    let returned = rows.iter().any(|row| row.amount.minor() > 0);
    // Won in part: the rest is lost. Won and not returned yet: the money is still to come (shopify.md §m.3).
    let is_over = dispute.status.is_lost() || (dispute.status == DisputeStatus::Won && returned);
    if !is_over || away.minor() <= 0 {
        return Ok(vec![]);
    }
    // An order may be disputed twice, and rows that name no dispute be of either: each loses no more than was its own.
    let own_share = dispute.amount.currency() == currency && dispute.amount < away;
    let lost = if own_share { dispute.amount } else { away };
    let memo: Box<str> = format!("dispute {} of order {order} is lost", dispute.id).into();
    let legs = vec![
        Leg { account: shop.accounts.dispute_losses, amount: lost, memo: memo.clone() },
        Leg { account: shop.accounts.disputes, amount: lost.checked_neg()?, memo: memo.clone() },
    ];
    let date = policy.book_date(seen.shop, finalized);
    let books = Books::One(policy.seller(seen.shop).id, legs);
    Ok(vec![Part { currency, date, memo, books }])
}

/// What was taken for this dispute and given back. Rows that name no dispute count by their order.
fn own_rows<'a>(seen: &Observed<'a>) -> impl Iterator<Item = &'a BalanceTransaction> + use<'a> {
    let (id, order) = (seen.dispute.id, seen.dispute.order);
    let is_of_it = move |row: &&BalanceTransaction| match row.dispute {
        Some(named) => named == id,
        None => order.is_some() && row.order == order,
    };
    let moves = |row: &&BalanceTransaction| rule(&row.kind) == Some(Rule::To(Account::Disputes));
    seen.rows.iter().filter(is_of_it).filter(moves)
}

/// Decided, and a row that is to follow is not there yet: what was taken, or what a won one gives back.
pub fn is_awaited(seen: &Observed) -> bool {
    let dispute = seen.dispute;
    if dispute.finalized_on.is_none() || dispute.order.is_none() || dispute.is_inquiry {
        return false;
    }
    let mut of_it = own_rows(seen);
    match dispute.status {
        DisputeStatus::Won => of_it.all(|row| row.amount.minor() <= 0),
        status => status.is_lost() && of_it.next().is_none(),
    }
}

pub(super) fn with_unit<T>(seen: &Observed, work: impl FnOnce(&Unit<'_>) -> T) -> T {
    let (shop, dispute) = (seen.shop.key, seen.dispute.id);
    let key = |part: &str, edition: u32| match edition {
        1 => ExternalId::for_dispute(shop, dispute, part),
        _ => ExternalId::for_dispute(shop, dispute, &format!("{part}-{edition}")),
    };
    work(&Unit { name: LOST, key: &key, second: None })
}
