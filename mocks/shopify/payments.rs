//! Shopify Payments: the processor's ledger of each shop, its payouts and disputes.
//!
//! The world is the processor: it says which rows there are, what they cost, and when a payout leaves. The twin keeps
//! them as Shopify does and holds what Shopify guarantees: a row is in one payout at most, and a payout's net is the
//! sum of its rows' nets without its own transfer. Amounts are minor units of the currency that is paid out. What each
//! file holds: `ledger` the rows, `disputes` disputes, `answer` the API, `search` its search texts, `truth` domain
//! values for who compares the books.
//!
//! Assumption: listings below the account show a change at once; nothing is published of a lag there. A reader has an
//! overlap anyway, because statuses of old payouts change.
//!
//! Source: shopify.md §m.

mod answer;
mod disputes;
mod ledger;
mod search;
mod truth;

use std::sync::Arc;

use super::rows::TransactionStatus;
use super::{Shop, ShopifyTwin, ids};
use crate::domain::ids::{BalanceTransactionId, DisputeId, OrderId, PayoutId, TransactionId};
use crate::domain::order::TransactionKind;
use crate::domain::payout::{BalanceKind, PayoutStatus};
use crate::domain::{Currency, Money, ShopKey, Timestamp};

pub use disputes::NewDispute;

use disputes::DisputeRow;
use ledger::Ledger;

/// The gateway whose money comes through payouts; that of any other never does (shopify.md §m.3).
pub const GATEWAY: &str = "shopify_payments";

/// A row as the processor books it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceRow {
    pub kind: BalanceKind,
    /// Above zero is the merchant's: a charge's gross, a refund's below zero.
    pub amount: i64,
    /// Above zero is kept by the processor. Its net is the amount less the fee.
    pub fee: i64,
    /// The sale, capture or refund that the row settles.
    pub order_transaction: Option<TransactionId>,
    /// The dispute that brought the row about.
    pub dispute: Option<DisputeId>,
    /// Unless stated, the order of the transaction.
    pub order: Option<OrderId>,
    pub processed_at: Timestamp,
    /// Free text of adjustments.
    pub reason: Option<Arc<str>>,
}

/// Which of the rows that are in no payout yet go into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayoutRows<'a> {
    /// All that were processed before this instant.
    Before(Timestamp),
    These(&'a [BalanceTransactionId]),
}

/// A transaction of an order by which the processor took money or gave it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    pub order: OrderId,
    pub transaction: TransactionId,
    /// A sale, a capture or a refund.
    pub kind: TransactionKind,
    /// What a refund gives back, or the authorisation behind a capture.
    pub parent: Option<TransactionId>,
    /// In the shop's currency, not negative for refunds either.
    pub amount: Money,
    /// What the shopper saw.
    pub presentment: Money,
    pub processed_at: Timestamp,
}

/// Why the processor cannot do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    #[error("the shop has no Shopify Payments account")]
    NoAccount,
    #[error("there is no such row")]
    UnknownRow,
    #[error("there is no such payout")]
    UnknownPayout,
    #[error("there is no such dispute")]
    UnknownDispute,
    #[error("there is no such order or transaction")]
    UnknownOrder,
    /// A row is in one payout at most, and only a scheduled one gains or loses rows.
    #[error("the row is in a payout already")]
    Taken,
    #[error("the payout is no longer scheduled")]
    Submitted,
    /// Failed and cancelled are final, and what was paid was not cancelled.
    #[error("no payout goes from {from:?} to {to:?}")]
    Status { from: PayoutStatus, to: PayoutStatus },
    #[error("a payout needs a row")]
    Empty,
    /// The dispute is over.
    #[error("the dispute was decided already")]
    Decided,
}

/// The payments of one shop; no account until one is opened.
#[derive(Default)]
pub(super) struct Payments {
    account: Option<Account>,
    /// The app may not read payments.
    is_denied: bool,
}

struct Account {
    currency: Currency,
    ledger: Ledger,
    disputes: Vec<DisputeRow>,
}

impl ShopifyTwin {
    /// Gives the shop an account that pays out in `currency`. Before, `shopifyPaymentsAccount` is null.
    pub fn open_payments(&mut self, shop: ShopKey, currency: Currency) {
        let account = Account { currency, ledger: Ledger::default(), disputes: Vec::new() };
        self.shop_mut(shop).payments.account = Some(account);
    }

    /// Takes the app's scopes of payments away, or gives them back.
    pub fn deny_payments(&mut self, shop: ShopKey, is_denied: bool) {
        self.shop_mut(shop).payments.is_denied = is_denied;
    }

    /// Books a row, in no payout yet.
    ///
    /// The row of a failed or cancelled payout's money that comes back is booked this way too, as are adjustments,
    /// reserves and every other type.
    ///
    /// # Errors
    /// No account, or an order or transaction that the shop does not have.
    pub fn add_balance_row(
        &mut self,
        shop: ShopKey,
        row: BalanceRow,
        _now: Timestamp,
    ) -> Result<BalanceTransactionId, NotPossible> {
        let reason = row.reason.as_ref().map(|text| self.texts.keep(text));
        let shop = self.shop_mut(shop);
        let of = shop.order_of(&row)?;
        let ordinal = shop.ordinal;
        let account = shop.account_mut()?;
        let known = |id| ids::dispute_position(ordinal, id).filter(|at| *at < account.disputes.len());
        let dispute = row.dispute.map(|id| known(id).ok_or(NotPossible::UnknownDispute)).transpose()?;
        let at = account.ledger.add(&row, of, reason);
        if let Some(dispute) = dispute {
            account.ledger.name_dispute(at, dispute);
        }
        Ok(ids::balance_transaction(ordinal, at))
    }

    /// Puts rows that are in no payout yet into a new one, scheduled, and books its own transfer. The net is the sum
    /// of the rows' nets; below zero it is a withdrawal.
    ///
    /// # Errors
    /// No account, no row to pay out, or one that is in a payout or does not exist.
    pub fn schedule_payout(
        &mut self,
        shop: ShopKey,
        rows: PayoutRows<'_>,
        issued_at: Timestamp,
        now: Timestamp,
    ) -> Result<PayoutId, NotPossible> {
        let shop = self.shop_mut(shop);
        let ordinal = shop.ordinal;
        let ledger = &mut shop.account_mut()?.ledger;
        let rows = match rows {
            PayoutRows::Before(instant) => ledger.pending_before(instant),
            PayoutRows::These(these) => {
                let at = |id: &BalanceTransactionId| ledger.position(ordinal, *id);
                these.iter().map(at).collect::<Result<_, _>>()?
            }
        };
        Ok(ids::payout(ordinal, ledger.schedule(rows, issued_at, now)?))
    }

    /// Moves a row into a scheduled payout, or out of it: membership may change until the payout is submitted.
    ///
    /// # Errors
    /// A payout that is submitted, on either side, or a row or payout that does not exist.
    pub fn move_balance_row(
        &mut self,
        shop: ShopKey,
        row: BalanceTransactionId,
        to: Option<PayoutId>,
    ) -> Result<(), NotPossible> {
        let shop = self.shop_mut(shop);
        let ordinal = shop.ordinal;
        let ledger = &mut shop.account_mut()?.ledger;
        let row = ledger.position(ordinal, row)?;
        let to = to.map(|payout| ledger.payout_position(ordinal, payout)).transpose()?;
        ledger.move_row(row, to)
    }

    /// A scheduled payout is paid, failed or cancelled; a paid one may still fail. The rows stay in it: the money that
    /// comes back is a row of its own that the processor books ([`ShopifyTwin::add_balance_row`] with
    /// `TRANSFER_FAILURE` or `TRANSFER_CANCEL`) and pays out later.
    ///
    /// # Errors
    /// No such payout, or a change that no payout goes through.
    pub fn set_payout_status(
        &mut self,
        shop: ShopKey,
        payout: PayoutId,
        status: PayoutStatus,
        _now: Timestamp,
    ) -> Result<(), NotPossible> {
        let shop = self.shop_mut(shop);
        let ordinal = shop.ordinal;
        let ledger = &mut shop.account_mut()?.ledger;
        let payout = ledger.payout_position(ordinal, payout)?;
        ledger.set_status(payout, status)
    }

    /// Sales, captures and refunds of this gateway that succeeded in orders that changed at or after `since`, and
    /// that no row settles yet: what the processor books next. By the time of the change.
    pub fn received(&self, shop: ShopKey, since: Timestamp) -> Vec<Received> {
        let shop = self.shop(shop);
        let (Some(account), Some(gateway)) = (&shop.payments.account, self.texts.find(GATEWAY)) else {
            return Vec::new();
        };
        let mut received = Vec::new();
        for n in shop.index.changed_since(since) {
            let row = shop.orders.get(n);
            for (at, entry) in row.transactions.iter().enumerate() {
                let kind = match entry.kind {
                    super::rows::TransactionKind::Capture => TransactionKind::Capture,
                    super::rows::TransactionKind::Sale => TransactionKind::Sale,
                    super::rows::TransactionKind::Refund => TransactionKind::Refund,
                    _ => continue,
                };
                let is_ours = entry.gateway == gateway && entry.status == TransactionStatus::Success;
                if !is_ours || account.ledger.settles(n, at) {
                    continue;
                }
                let shown = row.presentment().map_or(shop.settings.currency, |(shown, _)| shown);
                received.push(Received {
                    order: ids::order(shop.ordinal, n),
                    transaction: ids::transaction(shop.ordinal, n, at),
                    kind,
                    parent: entry.parent().map(|parent| ids::transaction(shop.ordinal, n, parent)),
                    amount: Money::new(entry.amount, shop.settings.currency),
                    presentment: Money::new(entry.presentment, shown),
                    processed_at: Timestamp::from_seconds(entry.at),
                });
            }
        }
        received
    }
}

impl Shop {
    fn account_mut(&mut self) -> Result<&mut Account, NotPossible> {
        self.payments.account.as_mut().ok_or(NotPossible::NoAccount)
    }

    /// Positions of the order and transaction that a row names.
    fn order_of(&self, row: &BalanceRow) -> Result<ledger::Of, NotPossible> {
        let order = row.order.map(|id| self.order_at(id).ok_or(NotPossible::UnknownOrder)).transpose()?;
        let Some(id) = row.order_transaction else {
            return Ok(ledger::Of { order, transaction: None });
        };
        let (of, transaction) =
            ids::transaction_position(self.ordinal, id).ok_or(NotPossible::UnknownOrder)?;
        let exists = of < self.orders.len() && transaction < self.orders.get(of).transactions.len();
        if !exists || order.is_some_and(|order| order != of) {
            return Err(NotPossible::UnknownOrder);
        }
        Ok(ledger::Of { order: Some(of), transaction: Some(transaction) })
    }
}

#[cfg(test)]
mod tests;
