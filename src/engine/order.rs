//! The order flow: one sales order for each Shopify order, one customer deposit for each successful capture.
//!
//! Lives here: `plan`, which decides. Translating an order is [`translate`]; reading, performing and recording
//! is [`driver`].

pub mod driver;
pub mod translate;
pub mod units;

use super::edit::{self, Written};
use super::exception::Finding;
use crate::domain::customer::Address;
use crate::domain::ids::TransactionId;
use crate::domain::money::{MoneyError, Sum};
use crate::domain::order::{Transaction, TransactionKind, TransactionStatus};
use crate::domain::sales_order::LineChange;
use crate::domain::{CauseCode, CustomerDeposit, ExternalId, Money, Order, SalesOrder};
use crate::policy::{Policy, ShopPolicy};
use crate::ports::netsuite::Booked;

/// What both sides say of one order.
#[derive(Debug)]
pub struct Observed<'a> {
    pub order: &'a Order,
    pub shop: &'a ShopPolicy,
    /// The order as a sales order, or why it cannot be one.
    pub wanted: Result<SalesOrder, Finding>,
    pub netsuite: Seen,
    /// External ids of the deposits that are known to be booked.
    pub deposits: Vec<ExternalId>,
    /// When the engine last changed the sales order.
    pub written: Written,
}

/// What is known of NetSuite's side.
#[derive(Debug)]
pub enum Seen {
    /// Nobody can have written yet: no step of this order was ever started before.
    NothingYet,
    /// It was looked up and is not there.
    Absent,
    /// It was written before exactly as it is wanted now.
    AsWanted,
    Booked(Box<Booked>),
}

/// A write that the plan decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    BookSalesOrder(SalesOrder),
    Amend { key: ExternalId, changes: Vec<LineChange> },
    Readdress { key: ExternalId, ship_to: Address },
    BookDeposit { transaction: TransactionId, deposit: CustomerDeposit },
    Report(Finding),
}

/// What is still to do for one order.
///
/// Reads no clock and calls nobody: the driver reads, asks, performs and records. Calling it again on the result
/// of its own actions yields no write (`plan_is_settled_by_its_own_actions` proves it for any order).
pub fn plan(seen: &Observed, policy: &Policy) -> Vec<Action> {
    let wanted = match &seen.wanted {
        Ok(wanted) => wanted,
        Err(finding) => return vec![Action::Report(finding.clone())],
    };
    let mut actions = Vec::with_capacity(2);
    match &seen.netsuite {
        Seen::AsWanted => {}
        Seen::NothingYet | Seen::Absent if wanted.lines.is_empty() => {}
        Seen::NothingYet | Seen::Absent => actions.push(Action::BookSalesOrder(wanted.clone())),
        Seen::Booked(booked) => actions.extend(edit::plan(seen.order, wanted, booked, seen.written)),
    }
    let has_sales_order =
        !(wanted.lines.is_empty() && matches!(seen.netsuite, Seen::NothingYet | Seen::Absent));
    if has_sales_order {
        actions.extend(deposits(seen, wanted, policy));
    }
    actions.extend(surplus(seen.order).map(Action::Report));
    actions
}

/// A deposit for each capture that has none yet.
fn deposits<'a>(
    seen: &'a Observed,
    wanted: &'a SalesOrder,
    policy: &'a Policy,
) -> impl Iterator<Item = Action> + use<'a> {
    let order = seen.order;
    order.captures().filter_map(move |transaction| {
        let external_id = ExternalId::for_deposit(order.shop, transaction.id);
        // Paid to the bank: the payment on the invoice books it (postings.md row 12).
        if policy.is_paid_elsewhere(order, transaction) {
            return None;
        }
        // An order worth nothing is captured too; there is no money to book.
        if transaction.received().is_ok_and(Money::is_zero) || seen.deposits.contains(&external_id) {
            return None;
        }
        let action = match deposit(transaction, external_id, seen, wanted, policy) {
            Ok(deposit) => Action::BookDeposit { transaction: transaction.id, deposit },
            Err(finding) => Action::Report(finding),
        };
        Some(action)
    })
}

fn deposit(
    transaction: &Transaction,
    external_id: ExternalId,
    seen: &Observed,
    wanted: &SalesOrder,
    policy: &Policy,
) -> Result<CustomerDeposit, Finding> {
    let payment = transaction.received().map_err(|error| {
        Finding::new(CauseCode::AmountsDisagree, Some(transaction.amount), format!("{external_id}: {error}"))
    })?;
    let account = policy.tender_account(seen.shop, &transaction.tender).ok_or_else(|| {
        let gateway = transaction.tender.gateway();
        Finding::new(
            CauseCode::GatewayUnmapped,
            Some(payment),
            format!("{external_id} came in by `{gateway}`, for which policy names no clearing account"),
        )
    })?;
    Ok(CustomerDeposit {
        external_id,
        customer: wanted.customer.clone(),
        sales_order: wanted.external_id.clone(),
        subsidiary: wanted.subsidiary,
        currency: wanted.currency,
        date: policy.book_date(seen.shop, transaction.processed_at),
        original_date: None,
        payment,
        account,
    })
}

/// More money came in than the order now comes to (postings.md row 13). Judged in what the buyer paid with: shop
/// money is converted at each transaction's own time, and what differs by that alone is N5a's.
fn surplus(order: &Order) -> Option<Finding> {
    let held = held(order).ok()?;
    let surplus = held.checked_sub(order.total).ok()?.checked_sub(kept(order).ok()?).ok()?;
    if surplus.minor() <= 0 || is_paid_exactly(order) {
        return None;
    }
    Some(Finding::new(
        CauseCode::CapturedExceedsOrder,
        Some(surplus),
        format!("order {} holds {held} against a total of {}", order.id, order.total),
    ))
}

/// What refunds kept back of what came back: fees, and what Shopify states as given back less (postings.md row 17).
/// Shopify's total no longer counts the goods and does not count these.
fn kept(order: &Order) -> Result<Money, MoneyError> {
    let gross =
        |amount: Money, tax: Money| if order.taxes_included { Ok(amount) } else { amount.checked_add(tax) };
    let mut kept = Sum::new(order.currency);
    for refund in &order.refunds {
        for fee in &refund.fees {
            kept.add(gross(fee.amount, fee.tax)?)?;
        }
        for less in refund.adjustments.iter().filter(|it| it.amount.minor() < 0) {
            kept.add(gross(less.amount, less.tax)?.checked_neg()?)?;
        }
    }
    kept.total()
}

/// The same as the buyer saw it: at the rate at which the order was paid.
fn kept_presentment(order: &Order) -> Result<Money, MoneyError> {
    let kept = kept(order)?;
    let paid = Sum::of(order.currency, order.captures().map(|it| it.amount))?;
    let shown = Sum::of(order.presentment_currency, order.captures().map(|it| it.presentment))?;
    if kept.is_zero() || paid.is_zero() {
        return Ok(Money::zero(order.presentment_currency));
    }
    shown.share(kept.minor(), paid.minor())
}

/// Whether the buyer has paid exactly what the order comes to and what was kept of it, in the currency that the buyer
/// saw.
pub fn is_paid_exactly(order: &Order) -> bool {
    let mut held = Sum::new(order.total_presentment.currency());
    for transaction in &order.transactions {
        let amount = if transaction.captured() {
            Ok(transaction.presentment)
        } else if is_refunded(transaction) {
            transaction.presentment.checked_neg()
        } else {
            continue;
        };
        if amount.and_then(|amount| held.add(amount)).is_err() {
            return false;
        }
    }
    if order.refunds.is_empty() {
        return held.total() == Ok(order.total_presentment);
    }
    let kept = kept_presentment(order).and_then(|kept| held.total()?.checked_sub(kept));
    kept == Ok(order.total_presentment)
}

/// A refund that moved money.
pub fn is_refunded(transaction: &Transaction) -> bool {
    transaction.kind == TransactionKind::Refund && transaction.status == TransactionStatus::Success
}

/// Captured less refunded.
fn held(order: &Order) -> Result<Money, MoneyError> {
    let mut held = Sum::new(order.currency);
    for transaction in &order.transactions {
        if transaction.captured() {
            held.add(transaction.amount)?;
        } else if is_refunded(transaction) {
            held.add(transaction.amount.checked_neg()?)?;
        }
    }
    held.total()
}

#[cfg(test)]
mod tests;
