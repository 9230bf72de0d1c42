//! How an order stands: what it came to as it was placed, what was paid and is owed, and the words that Shopify shows
//! for both and for what has shipped.
//!
//! Source: shopify.md §d.1 (totals, statuses), §d.2 (enumerations), §g.

use super::changes::NotPossible;
use super::rows::{ChargeKind, OrderRow, Target, TransactionKind, TransactionStatus};
use super::work::Work;
use crate::domain::Timestamp;
use crate::domain::fulfillment::FulfillmentOrderStatus;

/// Seconds from the last step to the archive.
const CLOSES_AFTER: i64 = 1;

/// What an order came to, edits that took something away left out. In minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Placed {
    /// Goods after discounts.
    pub subtotal: i64,
    pub discounts: i64,
    pub tax: i64,
    pub total: i64,
}

impl OrderRow {
    pub(super) fn placed(&self) -> Placed {
        let mut placed = Placed::default();
        let mut delivery: i64 = self.shipping.iter().map(|line| line.price).sum();
        for line in &self.lines {
            placed.subtotal += line.unit_price * i64::from(line.ordered);
        }
        for charge in &self.charges {
            match charge.kind {
                ChargeKind::Tax => placed.tax += charge.amount,
                ChargeKind::Discount if charge.target < Target::shipping(0) => {
                    placed.subtotal -= charge.amount;
                    placed.discounts += charge.amount;
                }
                ChargeKind::Discount => {
                    delivery -= charge.amount;
                    placed.discounts += charge.amount;
                }
            }
        }
        let (duties, fees, tip) = self.extras();
        let tax = if self.taxes_included { 0 } else { placed.tax };
        placed.total = placed.subtotal + delivery + tax + duties + fees + tip;
        placed
    }

    /// Money that ever came in.
    pub(super) fn came_in(&self) -> i64 {
        self.transactions.iter().filter(|entry| entry.captured()).map(|entry| entry.amount).sum()
    }

    /// Money that went back.
    pub(super) fn went_back(&self) -> i64 {
        self.transactions.iter().filter(|entry| entry.gives_back()).map(|entry| entry.amount).sum()
    }

    /// Authorised and not captured yet.
    pub(super) fn capturable(&self) -> i64 {
        self.transactions.iter().filter(|entry| entry.is_open).map(|entry| entry.amount).sum()
    }

    /// What is still owed: nothing for what is authorised.
    pub(super) fn outstanding(&self) -> i64 {
        (self.totals().total - self.covered()).max(0)
    }

    /// `displayFinancialStatus`; `None` for an order of the API that nothing was stated of.
    pub(super) fn financial_status(&self) -> Option<&str> {
        let (came, back) = (self.came_in(), self.went_back());
        let has = |kind: TransactionKind| self.transactions.iter().any(|entry| entry.kind == kind);
        let is_waiting = self.transactions.iter().any(|entry| entry.status == TransactionStatus::Pending);
        if came > 0 {
            return Some(match () {
                () if back >= came => "REFUNDED",
                () if back > 0 => "PARTIALLY_REFUNDED",
                () if self.is_paid || self.cancelled().is_some() => "PAID",
                () => "PARTIALLY_PAID",
            });
        }
        if self.capturable() > 0 {
            return Some("AUTHORIZED");
        }
        if has(TransactionKind::Void) {
            return Some("VOIDED");
        }
        let stated = self.noted().filter(|noted| noted.is_by_api && !is_waiting);
        match stated {
            Some(noted) => noted.financial.as_deref(),
            None if self.is_paid => Some("PAID"),
            None => Some("PENDING"),
        }
    }

    /// `displayFulfillmentStatus`.
    pub(super) fn fulfillment_status(&self) -> &'static str {
        let Some(work) = &self.work else { return "UNFULFILLED" };
        let left: u32 = work.orders.iter().map(|order| order.remaining()).sum();
        let has_shipped = (0..self.lines.len()).any(|line| self.fulfilled(line) > 0);
        let is = |status: FulfillmentOrderStatus| work.orders.iter().any(|order| order.status() == status);
        match (has_shipped, left) {
            (true, 0) => "FULFILLED",
            (true, _) => "PARTIALLY_FULFILLED",
            (false, _) if self.cancelled().is_some() => "UNFULFILLED",
            (false, _) if is(FulfillmentOrderStatus::OnHold) => "ON_HOLD",
            (false, _) if is(FulfillmentOrderStatus::InProgress) => "IN_PROGRESS",
            (false, _) => "UNFULFILLED",
        }
    }

    /// When the order was archived, in seconds, if it is by now: a moment after it was complete or cancelled.
    ///
    /// Source: shopify.md §d.2, and recorded exchanges: a read at once after the last fulfillment shows it open, one
    /// two seconds later closed. Archiving what is complete is a setting of the shop's, on by default.
    pub(super) fn closed_at(&self, now: Timestamp) -> Option<i64> {
        let paid = matches!(self.financial_status(), Some("PAID" | "PARTIALLY_REFUNDED" | "REFUNDED"));
        let is_complete = paid && self.outstanding() == 0 && self.fulfillment_status() == "FULFILLED";
        let shipments = self.work.iter().flat_map(|work| &work.shipments).filter(|it| !it.is_cancelled);
        let last = shipments.map(|it| it.at).chain(self.transactions.iter().map(|entry| entry.at)).max();
        let closes = self.cancelled().or(last.filter(|_| is_complete))? + CLOSES_AFTER;
        (now.seconds() > closes).then_some(closes)
    }

    /// Why the order cannot be cancelled now, if it cannot.
    ///
    /// Source: shopify.md §d.4. Recorded: fulfillments hinder nothing where there is no financial status.
    pub(super) fn hinders_cancelling(&self) -> Option<NotPossible> {
        let has_shipped = (0..self.lines.len()).any(|line| self.fulfilled(line) > 0);
        match () {
            () if has_shipped && self.financial_status().is_some() => Some(NotPossible::HasFulfillments),
            () if self.has_returns() => Some(NotPossible::HasReturns),
            () => None,
        }
    }

    /// Whether a return ever came back.
    pub(super) fn has_returns(&self) -> bool {
        self.refunds().iter().any(|refund| refund.is_return)
    }
}

impl Work {
    /// What may be done with a fulfillment order now. Source: recorded exchanges.
    pub(super) fn actions(&self, at: usize) -> Vec<&'static str> {
        let Some(order) = self.orders.get(at) else { return vec![] };
        match order.status() {
            FulfillmentOrderStatus::Open => {
                let mut actions = vec!["CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD"];
                if order.remaining() > 1 {
                    actions.push("SPLIT");
                }
                let siblings = self.orders.iter().enumerate().filter(|(other, sibling)| {
                    *other != at
                        && sibling.status() == FulfillmentOrderStatus::Open
                        && sibling.location == order.location
                });
                if siblings.count() > 0 {
                    actions.push("MERGE");
                }
                actions
            }
            FulfillmentOrderStatus::InProgress => {
                vec!["CREATE_FULFILLMENT", "REPORT_PROGRESS", "HOLD", "MARK_AS_OPEN"]
            }
            FulfillmentOrderStatus::OnHold => vec!["RELEASE_HOLD", "HOLD", "MOVE"],
            _ => vec![],
        }
    }
}
