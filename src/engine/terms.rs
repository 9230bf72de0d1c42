//! The terms flow: a company location's credit limit, its payment terms, and what it pays outside Shopify.
//!
//! Lives here: `plan`, which decides for one location at a time, so that two of its orders never share the same room
//! under the limit. Reading and performing is [`driver`].

pub mod driver;

use super::exception::Finding;
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, Tender};
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::standing::{OrderTerms, Standing, StandingOrder, net_days};
use crate::domain::{CauseCode, CustomerKey, ExternalId, Money, MoneyError, Sum};

/// What both sides say of one location.
#[derive(Debug)]
pub struct Observed<'a> {
    pub key: &'a ExternalId,
    pub standing: &'a Standing,
    /// Those of its orders that are not settled yet, as Shopify has them.
    pub orders: &'a [SeenOrder],
    /// The gateway by which Shopify shows money that it did not take.
    pub paid_elsewhere: &'a str,
}

#[derive(Debug, Clone)]
pub struct SeenOrder {
    pub order: Order,
    pub terms: Option<OrderTerms>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The sales order waits for approval, and its buyer's limit allows it.
    Release(ExternalId),
    GiveTerms {
        order: OrderId,
        due_in_days: u32,
    },
    MarkAsPaid(OrderId),
    /// Nothing is left to do for this order, ever.
    Settle(OrderId),
    Report(Finding),
}

/// Whether an order by a company may exceed what its buyer may owe: it has not been paid for in full.
pub fn is_on_credit(order: &Order) -> bool {
    matches!(order.buyer.key, CustomerKey::CompanyLocation(_))
        && outstanding(order).is_none_or(|left| left > 0)
}

/// What is still to be paid, in minor units; `None` when the amounts cannot be added up.
fn outstanding(order: &Order) -> Option<i64> {
    let mut captured = Sum::new(order.currency);
    for transaction in order.captures() {
        captured.add(transaction.amount).ok()?;
    }
    order.total.checked_sub(captured.total().ok()?).ok().map(Money::minor)
}

/// What is still to do for one location.
///
/// Calling it again on the result of its own actions yields no write (`terms_are_settled_by_their_own_actions`).
pub fn plan(seen: &Observed) -> Vec<Action> {
    let mut actions = match credit(seen) {
        Ok(actions) => actions,
        Err(error) => {
            let detail = format!("{}: {error}", seen.key);
            vec![Action::Report(Finding::new(CauseCode::AmountsDisagree, None, detail))]
        }
    };
    let days = seen.standing.terms.as_deref().and_then(net_days);
    for SeenOrder { order, terms } in seen.orders {
        let key = ExternalId::for_order(order.shop, order.id);
        let booked = seen.standing.orders.iter().find(|booked| booked.external_id.as_ref() == Some(&key));
        let Some(booked) = booked else { continue };
        let is_paid = outstanding(order).is_some_and(|left| left <= 0);
        let is_marked = order.captures().any(|capture| {
            matches!(&capture.tender, Tender::Gateway(gateway) if **gateway == *seen.paid_elsewhere)
        });
        let is_paid_elsewhere = booked.paid.minor() > 0 && booked.paid.minor() >= booked.total.minor();
        match (is_paid, is_marked, is_paid_elsewhere) {
            (true, true, false) => {
                let detail =
                    format!("shopify says that {key} was paid outside it; netsuite has {}", booked.paid);
                let cause = CauseCode::PaidElsewhereUnmatched;
                actions.push(Action::Report(Finding::new(cause, Some(order.total), detail)));
            }
            (true, ..) => actions.push(Action::Settle(order.id)),
            (false, _, true) => actions.push(Action::MarkAsPaid(order.id)),
            (false, _, false) => {
                if let (None, Some(due_in_days)) = (terms, days) {
                    actions.push(Action::GiveTerms { order: order.id, due_in_days });
                }
            }
        }
    }
    actions
}

/// Releases, oldest first, what fits under the limit; what does not waits, and a person hears of it.
fn credit(seen: &Observed) -> Result<Vec<Action>, MoneyError> {
    let standing = seen.standing;
    let currency = standing.receivables.currency();
    let owed = |order: &StandingOrder| -> Result<Money, MoneyError> {
        let left = order.total.checked_sub(order.paid)?.checked_sub(order.deposited)?;
        Ok(if left.minor() > 0 { left } else { Money::zero(currency) })
    };
    let waits = |order: &&StandingOrder| order.status == SalesOrderStatus::PendingApproval;
    let mut exposure = Sum::new(currency);
    exposure.add(standing.receivables)?;
    for order in standing.orders.iter().filter(|order| order.is_unbilled() && !waits(order)) {
        exposure.add(owed(order)?)?;
    }
    let mut exposure = exposure.total()?;
    let (mut actions, mut held, mut at_risk) = (Vec::new(), Vec::new(), Sum::new(currency));
    for order in standing.orders.iter().filter(waits) {
        // An order without a key of ours is somebody else's to approve.
        let Some(key) = &order.external_id else { continue };
        let with_it = exposure.checked_add(owed(order)?)?;
        match standing.credit_limit {
            Some(limit) if with_it.minor() > limit.minor() => {
                held.push(format!("{key} over {}", owed(order)?));
                at_risk.add(order.total)?;
            }
            _ => {
                exposure = with_it;
                actions.push(Action::Release(key.clone()));
            }
        }
    }
    if let (Some(limit), false) = (standing.credit_limit, held.is_empty()) {
        let detail = format!("{} may owe {limit} and owes {exposure}; held: {}", seen.key, held.join(", "));
        let cause = CauseCode::CreditLimitExceeded;
        actions.push(Action::Report(Finding::new(cause, Some(at_risk.total()?), detail)));
    }
    Ok(actions)
}

#[cfg(test)]
mod tests;
