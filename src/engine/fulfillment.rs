//! What was shipped: each shipped item fulfillment is told to Shopify once, each Shopify fulfillment is billed once.
//!
//! Lives here: `plan`, which decides. Which parcel is which fulfillment is [`parcels`], what a fulfillment is billed
//! is [`invoice`], which fulfillment orders it closes is [`allot`]; reading, performing and recording is [`driver`].

pub mod allot;
pub mod driver;
pub mod invoice;
pub mod parcels;

use super::exception::Finding;
use super::order::units::Units;
use crate::domain::billing::{Invoice, InvoiceLine, KnownInvoice};
use crate::domain::fulfillment::{Parcel, ShipStatus};
use crate::domain::ids::FulfillmentId;
use crate::domain::order::LineItem;
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::{CauseCode, ExternalId, InternalId, Money, Order, SalesOrder, Timestamp};
use crate::policy::{Policy, ShopPolicy};
use crate::ports::netsuite::Booked;
use invoice::{Basis, Ledger, NoInvoice};
use parcels::{LineUnits, Parcels};

/// What both sides say of one order's parcels and bills.
#[derive(Debug)]
pub struct Observed<'a> {
    pub order: &'a Order,
    pub units: &'a Units,
    pub shop: &'a ShopPolicy,
    pub wanted: &'a SalesOrder,
    pub booked: &'a Booked,
}

/// A write that the plan decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Tell Shopify what left. Which fulfillment orders that closes is read and decided right before
    /// ([`allot::allot`]).
    Fulfill {
        shipment: InternalId,
        lines: LineUnits,
        parcels: Vec<Parcel>,
    },
    /// The warehouse corrected the numbers.
    Retrack {
        fulfillment: FulfillmentId,
        parcels: Vec<Parcel>,
    },
    Bill {
        fulfillment: FulfillmentId,
        invoice: Invoice,
    },
    /// A person billed it exactly as it would have been billed: theirs stands for ours.
    Adopt {
        fulfillment: FulfillmentId,
        invoice: InternalId,
    },
    Report(Finding),
}

/// Whether a warehouse ships it. Cards, and things without a SKU, are billed when Shopify fulfills them (postings.md
/// rows 8, 9).
pub fn is_shipped(line: &LineItem) -> bool {
    !line.is_gift_card && line.sku.is_some()
}

/// What is still to do for the parcels and bills of one order.
///
/// Reads no clock but `now` and calls nobody. Calling it again on the result of its own actions yields no write.
pub fn plan(seen: &Observed, policy: &Policy, now: Timestamp) -> Vec<Action> {
    let mut actions = Vec::new();
    if seen.booked.shipments.is_empty() && seen.order.fulfillments.is_empty() {
        actions.extend(silence(seen, policy, now).map(Action::Report));
        return actions;
    }
    let parcels = Parcels::of(seen.order, seen.units, seen.wanted, &seen.booked.shipments);
    if let Some((shipment, what)) = parcels.unmatched.first() {
        let mut detail = format!("item fulfillment {shipment} of {} {what}", seen.wanted.external_id);
        if parcels.unmatched.len() > 1 {
            detail.push_str(&format!("; {} more lines do not match", parcels.unmatched.len() - 1));
        }
        actions.push(report(seen, CauseCode::ShipmentUnmatched, detail));
    }
    for (fulfillment, numbers) in &parcels.renumbered {
        actions.push(Action::Retrack { fulfillment: *fulfillment, parcels: numbers.to_vec() });
    }
    for (shipment, lines) in &parcels.untold {
        actions.push(Action::Fulfill {
            shipment: shipment.internal_id,
            lines: lines.clone(),
            parcels: shipment.parcels.clone(),
        });
    }
    if let Some(first) = parcels.unshipped.first() {
        let detail = format!(
            "fulfillment {first} of {} has no item fulfillment that was shipped; {} such in all",
            seen.wanted.external_id,
            parcels.unshipped.len()
        );
        actions.push(report(seen, CauseCode::FulfilledInShopify, detail));
    }
    actions.extend(bills(seen, policy, &parcels));
    actions.extend(silence(seen, policy, now).map(Action::Report));
    actions
}

fn report(seen: &Observed, code: CauseCode, detail: String) -> Action {
    Action::Report(Finding::new(code, Some(seen.order.total), detail))
}

/// One invoice for each fulfillment that has none, oldest first.
fn bills(seen: &Observed, policy: &Policy, parcels: &Parcels) -> Vec<Action> {
    let order = seen.order;
    let mut due: Vec<_> = order
        .fulfillments
        .iter()
        .filter(|known| !known.is_cancelled && !parcels.unshipped.contains(&known.id))
        .filter(|known| {
            let key = ExternalId::for_invoice(order.shop, known.id);
            !seen.booked.invoices.iter().any(|invoice| invoice.external_id.as_ref() == Some(&key))
        })
        .collect();
    due.sort_by_key(|known| known.id);
    let mut actions = Vec::new();
    let mut so_far = Ledger::new(seen.wanted.currency);
    let mut by_hand: Vec<&KnownInvoice> = Vec::new();
    for invoice in &seen.booked.invoices {
        if !is_ours(order, invoice) {
            by_hand.push(invoice);
        } else if let Err(error) = so_far.count(invoice) {
            return vec![report(seen, CauseCode::AmountsDisagree, format!("invoices: {error}"))];
        }
    }
    let basis = Basis { order, units: seen.units, wanted: seen.wanted, booked: &seen.booked.sales_order };
    for known in due {
        let date = match parcels.shipped_on.get(&known.id) {
            Some(date) => *date,
            None => policy.book_date(seen.shop, known.created_at),
        };
        let invoice = match basis.invoice(known, date, &so_far) {
            Ok(invoice) if invoice.lines.is_empty() => continue,
            Ok(invoice) => invoice,
            // A line that was added since is written first, and its number read (`order::plan`).
            Err(NoInvoice::LineMissing(key)) => {
                let detail = format!("{} has no open line `{key}` to bill", seen.wanted.external_id);
                actions.push(report(seen, CauseCode::ChangedAfterRelease, detail));
                continue;
            }
            Err(NoInvoice::Money(error)) => {
                actions.push(report(seen, CauseCode::AmountsDisagree, format!("invoice: {error}")));
                continue;
            }
        };
        if so_far.count_planned(&invoice).is_err() {
            continue;
        }
        if let Some(at) = by_hand.iter().position(|hand| says_the_same(hand, &invoice)) {
            let hand = by_hand.remove(at);
            actions.push(Action::Adopt { fulfillment: known.id, invoice: hand.internal_id });
            continue;
        }
        actions.push(Action::Bill { fulfillment: known.id, invoice });
    }
    if let Some(hand) = by_hand.first() {
        // What it has billed cannot be billed again, and what it should have billed is not known: a person decides.
        actions.retain(|action| !matches!(action, Action::Bill { .. }));
        let detail = format!(
            "invoice {} of {} over {} was keyed by hand and bills what no fulfillment does",
            hand.internal_id, seen.wanted.external_id, hand.total
        );
        let at_risk = Some(hand.total);
        actions.push(Action::Report(Finding::new(CauseCode::KeyedByHand, at_risk, detail)));
    }
    if !can_be_billed(seen.booked.sales_order.status) {
        let refused = actions.iter().any(|action| matches!(action, Action::Bill { .. }));
        actions.retain(|action| !matches!(action, Action::Bill { .. }));
        if refused {
            let status = seen.booked.sales_order.status;
            let detail =
                format!("{} was shipped and is {status:?}: it cannot be billed", seen.wanted.external_id);
            actions.push(report(seen, CauseCode::KeyedByHand, detail));
        }
    }
    actions
}

/// Source: netsuite.md §13.3: what is not approved, cancelled, or closed by hand is not billed.
fn can_be_billed(status: SalesOrderStatus) -> bool {
    match status {
        SalesOrderStatus::PendingFulfillment
        | SalesOrderStatus::PartiallyFulfilled
        | SalesOrderStatus::PendingBillingPartiallyFulfilled
        | SalesOrderStatus::PendingBilling => true,
        SalesOrderStatus::PendingApproval
        | SalesOrderStatus::Cancelled
        | SalesOrderStatus::Billed
        | SalesOrderStatus::Closed => false,
    }
}

/// Whether the engine wrote it. Exchange differences bill no fulfillment and are counted elsewhere.
fn is_ours(order: &Order, invoice: &KnownInvoice) -> bool {
    let Some(key) = invoice.external_id.as_ref().map(ExternalId::as_str) else { return false };
    let rest = key.strip_prefix(order.shop.as_str());
    rest.is_some_and(|rest| rest.starts_with("-invoice-") || rest.starts_with("-fx-"))
}

/// An invoice that a person keyed says what ours would: same lines, units and amounts.
fn says_the_same(hand: &KnownInvoice, ours: &Invoice) -> bool {
    let same = |line: &InvoiceLine| {
        hand.lines.iter().any(|known| {
            let tax = line.taxes.iter().map(|tax| i128::from(tax.amount.minor())).sum::<i128>();
            known.key == Some(line.key)
                && known.quantity == line.quantity
                && known.amount == line.amount
                && i128::from(known.tax.minor()) == tax
        })
    };
    let billed = |line: &&crate::domain::billing::BilledLine| line.quantity > 0 || !line.amount.is_zero();
    hand.lines.iter().filter(billed).count() == ours.lines.len() && ours.lines.iter().all(same)
}

/// Until when a released order may stay unshipped, if anything of it still waits.
pub fn silent_until(booked: &Booked, policy: &Policy) -> Option<Timestamp> {
    let limit = policy.warehouse.silent_after?;
    let released = booked.sales_order.released_at?;
    let waits = matches!(
        booked.sales_order.status,
        SalesOrderStatus::PendingApproval | SalesOrderStatus::PendingFulfillment
    ) && booked.shipments.iter().all(|known| known.status != ShipStatus::Shipped);
    waits.then(|| released.plus(limit))
}

/// Released long ago, and nothing was shipped, though no call ever failed.
fn silence(seen: &Observed, policy: &Policy, now: Timestamp) -> Option<Finding> {
    let until = silent_until(seen.booked, policy)?;
    if now < until || seen.order.cancelled_at.is_some() {
        return None;
    }
    let at_risk: Option<Money> = Some(seen.order.total);
    let detail = format!("{} was released and nothing was shipped by {until}", seen.wanted.external_id);
    Some(Finding::new(CauseCode::SilentOrder, at_risk, detail))
}

#[cfg(test)]
mod tests;
