//! Refunds: units taken back or left with the buyer, delivery, duties and tip given back, fees kept, and the money that
//! goes back by the payments that brought it.
//!
//! Source: shopify.md §h.1, §h.3. A refund that exists does not mean that money moved: its transactions say that, and
//! they may fail after they succeeded.

mod valuing;

pub(super) use valuing::parts;
use valuing::{check_payments, due, refundable, suggest, value};

use super::arithmetic::present;
use super::changes::{NotPossible, shown};
use super::checkout::ExactLine;
use super::rows::{
    NO_PARENT, OrderRow, RefundRow, Target, TransactionKind, TransactionRow, TransactionStatus,
};
use super::work::HoldReason;
use super::{Shop, ShopifyTwin, ids};
use crate::domain::ids::{OrderId, RefundId, TransactionId};
use crate::domain::refund::{AdjustmentReason, RefundFeeKind, Restock};
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::wire::WebhookTopic;

/// The tender of credit that a refund grants. Source: shopify.md §i; the string is unverified there.
pub(super) const STORE_CREDIT: &str = "shopify_store_credit";

/// A refund as staff or an app ask for it. Amounts in minor units of the shop's currency; what units and delivery are
/// worth, and the tax on fees, is Shopify's to say.
#[derive(Debug, Clone, Default)]
pub struct RefundEntry {
    pub lines: Vec<RefundUnits>,
    pub shipping: Option<ShippingRefund>,
    pub duties: i64,
    pub tip: i64,
    /// Kept of what comes back: with tax inside where the order's prices have it.
    pub fees: Vec<(RefundFeeKind, i64)>,
    /// Why more or less is paid than the parts come to.
    pub reason: Option<AdjustmentReason>,
    pub is_return: bool,
    /// Goods that go out in the stead of what comes back.
    pub exchange: Vec<ExactLine>,
    /// The goods of a return are still on their way: what goes out in exchange waits for
    /// [`ShopifyTwin::receive_return`].
    pub awaits_goods: bool,
    pub payments: Vec<RefundPayment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundUnits {
    /// Position among the order's lines.
    pub line: usize,
    pub units: u32,
    /// `None`: back on the shelf if they have left, else never picked.
    pub restock: Option<Restock>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShippingRefund {
    All,
    /// With tax inside where the order's prices have it.
    Part(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundPayment {
    /// Position among the order's transactions of the payment that it gives back; `None` grants store credit. The
    /// gateway is the parent's, whatever was asked for.
    pub parent: Option<usize>,
    pub amount: i64,
    /// What the buyer's statement shows; `None` to convert at the order's rate. Given, the amount is that of a rate of
    /// its own moment (shopify.md §o).
    pub presentment: Option<i64>,
    pub standing: MoneyBack,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyBack {
    Succeeded,
    Pending,
    Failed,
}

/// What Shopify would pay for a refund.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuggestedRefund {
    pub amount: i64,
    /// What the buyer sees of it.
    pub presentment: i64,
    /// What the units of each line come to: after discounts, and their tax.
    pub lines: Vec<(i64, i64)>,
    /// By the payments that have something left, oldest first.
    pub payments: Vec<RefundPayment>,
}

/// A payment of which something can still go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refundable {
    /// Position among the order's transactions.
    pub parent: usize,
    pub amount: i64,
    pub presentment: i64,
}

/// What a refund comes to before anything was written.
struct Valued {
    row: RefundRow,
    /// Units by which each line shrinks, and of these what never left.
    shrinks: Vec<(usize, u32, u32)>,
}

impl ShopifyTwin {
    /// Makes a refund, and the return behind it.
    ///
    /// # Errors
    /// The order does not exist, more units or money than there is, or a parent that brought no money.
    pub fn refund(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        entry: &RefundEntry,
        now: Timestamp,
    ) -> Result<RefundId, NotPossible> {
        let (at, n) = self.find(shop, order)?;
        let currency = self.shops[at].settings.currency;
        let row = self.shops[at].orders.get(n);
        let valued = value(row, currency, &self.texts, entry, false)?;
        check_payments(row, currency, &entry.payments)?;
        if !entry.exchange.is_empty() && row.cancelled().is_some() {
            return Err(NotPossible::Cancelled);
        }
        for line in &entry.exchange {
            self.add_exchange(at, n, line, entry.awaits_goods, now);
        }
        let id = self.give_back(at, n, valued, entry, now);
        self.changed_by(at, n, now, &[WebhookTopic::RefundsCreate, WebhookTopic::OrdersUpdated], id.get());
        Ok(id)
    }

    /// What the refund would come to, spread over the payments that have something left.
    ///
    /// # Errors
    /// As [`ShopifyTwin::refund`], whatever its payments.
    pub fn suggested_refund(
        &self,
        shop: ShopKey,
        order: OrderId,
        entry: &RefundEntry,
    ) -> Result<SuggestedRefund, NotPossible> {
        let (at, n) = self.find(shop, order)?;
        let currency = self.shops[at].settings.currency;
        let row = self.shops[at].orders.get(n);
        let parts = value(row, currency, &self.texts, entry, false)?.row;
        let (amount, presentment) = due(row, currency, &parts, entry);
        let lines = parts.lines.iter().map(|line| (line.subtotal.own, line.tax.own)).collect();
        Ok(SuggestedRefund { lines, ..suggest(row, amount, presentment) })
    }

    /// Payments of the order that can still be given back, oldest first.
    pub fn refundable(&self, shop: ShopKey, order: OrderId) -> Vec<Refundable> {
        let shop = self.shop(shop);
        shop.order_at(order).map_or_else(Vec::new, |n| refundable(shop.orders.get(n)))
    }

    pub fn refunds_count(&self, shop: ShopKey, order: OrderId) -> usize {
        let shop = self.shop(shop);
        shop.order_at(order).map_or(0, |n| shop.orders.get(n).refunds().len())
    }

    /// Whether money of the refund, counted from 0, failed and was not sent again.
    pub fn has_failed_refund(&self, shop: ShopKey, order: OrderId, refund: usize) -> bool {
        let shop = self.shop(shop);
        let Some(row) = shop.order_at(order).map(|n| shop.orders.get(n)) else { return false };
        let own = row.refunds().get(refund).map_or(&[][..], |refund| &refund.transactions);
        has_failed(row, own).next().is_some()
    }

    /// Gateways of the order's transactions, in their order.
    pub fn gateways(&self, shop: ShopKey, order: OrderId) -> Vec<std::sync::Arc<str>> {
        let shop = self.shop(shop);
        let Some(n) = shop.order_at(order) else { return vec![] };
        let entries = shop.orders.get(n).transactions.iter();
        entries.map(|entry| std::sync::Arc::clone(self.texts.get(entry.gateway))).collect()
    }

    /// The processor's word on the money of a refund, counted from 0: what is pending succeeds or fails, what had
    /// succeeded may fail later. The transactions that changed.
    ///
    /// # Errors
    /// The order or refund does not exist, or nothing of it changes.
    pub fn settle_refund(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        refund: usize,
        succeeds: bool,
        now: Timestamp,
    ) -> Result<Vec<TransactionId>, NotPossible> {
        let (at, n) = self.find(shop, order)?;
        let shop = &mut self.shops[at];
        let row = shop.orders.get_mut(n);
        let own = row.refunds().get(refund).ok_or(NotPossible::NoSuchRefund)?.transactions.clone();
        let mut settled = Vec::new();
        for position in own.iter().map(|it| usize::from(*it)) {
            let entry = &mut row.transactions[position];
            match (entry.status, succeeds) {
                (TransactionStatus::Pending, true) => {
                    entry.status = TransactionStatus::Success;
                    entry.at = now.seconds();
                }
                (TransactionStatus::Pending | TransactionStatus::Success, false) => {
                    entry.status = TransactionStatus::Failure;
                }
                _ => continue,
            }
            settled.push(position);
        }
        if settled.is_empty() {
            return Err(NotPossible::NoChange);
        }
        let shop = &mut self.shops[at];
        for position in settled.iter().filter(|_| !succeeds) {
            shop.pots.take_back(&self.texts, &shop.orders.get(n).transactions[*position]);
        }
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        let ordinal = self.shops[at].ordinal;
        Ok(settled.into_iter().map(|position| ids::transaction(ordinal, n, position)).collect())
    }

    /// Gives the money of a refund whose transactions failed once more, by new transactions of the same refund.
    ///
    /// # Errors
    /// The order or refund does not exist, none of its money failed, or the payment was given back meanwhile.
    pub fn reissue_refund(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        refund: usize,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let (at, n) = self.find(shop, order)?;
        let currency = self.shops[at].settings.currency;
        let row = self.shops[at].orders.get(n);
        let own = &row.refunds().get(refund).ok_or(NotPossible::NoSuchRefund)?.transactions;
        let mut transactions = own.to_vec();
        let failed: Vec<TransactionRow> = has_failed(row, own).collect();
        if failed.is_empty() {
            return Err(NotPossible::NoChange);
        }
        let again = failed.iter().map(|entry| RefundPayment {
            parent: entry.parent(),
            amount: entry.amount,
            presentment: Some(entry.presentment),
            standing: MoneyBack::Succeeded,
        });
        check_payments(row, currency, &again.collect::<Vec<RefundPayment>>())?;
        for entry in failed {
            let again = TransactionRow { at: now.seconds(), status: TransactionStatus::Success, ..entry };
            self.shops[at].pots.restore(&self.texts, &again);
            transactions.push(push(self.shops[at].orders.get_mut(n), again));
        }
        let row = self.shops[at].orders.get_mut(n);
        row.rare_mut().refunds[refund].transactions = transactions.into_boxed_slice();
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(())
    }

    /// The goods of a return came: what goes out in their stead may ship.
    ///
    /// # Errors
    /// The order does not exist.
    pub fn receive_return(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let (at, n) = self.find(shop, order)?;
        self.shops[at].orders.get_mut(n).work_mut().release(HoldReason::AwaitingReturnItems);
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(())
    }

    /// Cancels the order: nothing of it stands, and what was held is voided. With `refund`, what was captured goes back
    /// by the payments that brought it; without, it stays.
    ///
    /// Source: shopify.md §d.1: a cancelled order with refund has a current total of 0 while received and
    /// refunded stay; §d.4 for what cannot be cancelled.
    ///
    /// # Errors
    /// The order does not exist, was cancelled before, or something of it has left or came back.
    pub fn cancel(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        refund: bool,
        restock: bool,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let (at, n) = self.find_open(shop, order)?;
        let currency = self.shops[at].settings.currency;
        let row = self.shops[at].orders.get_mut(n);
        if let Some(hindered) = row.hinders_cancelling() {
            return Err(hindered);
        }
        void_what_is_held(row, now);
        row.rare_mut().cancelled = Some(now.seconds());
        let payments: Vec<RefundPayment> = refundable(row)
            .into_iter()
            .filter(|_| refund)
            .map(|left| RefundPayment {
                parent: Some(left.parent),
                amount: left.amount,
                presentment: Some(left.presentment),
                standing: MoneyBack::Succeeded,
            })
            .collect();
        let mut subject = 0;
        let mut topics = vec![WebhookTopic::OrdersCancelled];
        if !payments.is_empty() {
            let how = if restock { Restock::Cancel } else { Restock::NoRestock };
            let standing = row.lines.iter().enumerate().filter(|(_, line)| line.quantity > 0);
            let lines =
                standing.map(|(line, kept)| RefundUnits { line, units: kept.quantity, restock: Some(how) });
            let (duties, _, tip) = row.extras_left();
            let entry = RefundEntry {
                lines: lines.collect(),
                shipping: Some(ShippingRefund::All),
                duties,
                tip,
                payments,
                ..RefundEntry::default()
            };
            row.rare_mut().fees = 0;
            let valued = value(row, currency, &self.texts, &entry, true)?;
            check_payments(row, currency, &entry.payments)?;
            subject = self.give_back(at, n, valued, &entry, now).get();
            topics.push(WebhookTopic::RefundsCreate);
        }
        let Shop { orders, inventory, .. } = &mut self.shops[at];
        let row = orders.get_mut(n);
        // What left the shelf before does not come back to it with the money.
        for line in 0..row.lines.len() {
            inventory.sold(row.stock_of(line), -i64::from(row.unfulfilled(line)));
        }
        clear(row);
        topics.push(WebhookTopic::OrdersUpdated);
        self.changed_by(at, n, now, &topics, subject);
        Ok(())
    }

    /// Writes what was valued, and moves the money.
    fn give_back(
        &mut self,
        at: usize,
        n: usize,
        valued: Valued,
        entry: &RefundEntry,
        now: Timestamp,
    ) -> RefundId {
        let currency = self.shops[at].settings.currency;
        let store_credit = self.texts.keep(&STORE_CREDIT.into());
        let Valued { row: mut refund, shrinks } = valued;
        refund.at = now.seconds();
        let mut transactions = Vec::with_capacity(entry.payments.len());
        for payment in &entry.payments {
            let row = self.shops[at].orders.get_mut(n);
            let shown = payment.presentment.unwrap_or_else(|| present(payment.amount, currency, shown(row)));
            let gateway = payment.parent.map_or(store_credit, |parent| row.transactions[parent].gateway);
            let back = TransactionRow {
                amount: payment.amount,
                presentment: shown,
                at: now.seconds(),
                gateway,
                rounding: 0,
                parent: payment.parent.map_or(NO_PARENT, |parent| parent as u16),
                kind: TransactionKind::Refund,
                status: match payment.standing {
                    MoneyBack::Succeeded => TransactionStatus::Success,
                    MoneyBack::Pending => TransactionStatus::Pending,
                    MoneyBack::Failed => TransactionStatus::Failure,
                },
                is_open: false,
            };
            transactions.push(push(row, back));
            if payment.standing != MoneyBack::Failed {
                self.shops[at].pots.restore(&self.texts, &back);
            }
        }
        refund.transactions = transactions.into_boxed_slice();
        let Shop { orders, inventory, .. } = &mut self.shops[at];
        let row = orders.get_mut(n);
        let shrinks_of_cards: Vec<(usize, u32)> = shrinks
            .iter()
            .filter(|(line, ..)| row.lines[*line].is_gift_card)
            .map(|(line, units, never_left)| (*line, units - never_left))
            .collect();
        for (line, units, never_left) in shrinks {
            inventory.sold(row.stock_of(line), -i64::from(never_left));
            row.lines[line].quantity -= units;
            if let Some(work) = &mut row.work {
                work.withdraw(line, never_left);
            }
        }
        for (line, units) in shrinks_of_cards {
            self.shops[at].pots.disable_sold(n, line, units);
        }
        let Shop { orders, inventory, .. } = &mut self.shops[at];
        let row = orders.get_mut(n);
        for line in refund.lines.iter().filter(|line| line.restock == Restock::Return) {
            inventory.restocked(row.stock_of(usize::from(line.line)), i64::from(line.left));
        }
        let refunds = &mut row.rare_mut().refunds;
        refunds.reserve_exact(1);
        refunds.push(refund);
        let position = refunds.len() - 1;
        ids::refund(self.shops[at].ordinal, n, position)
    }
}

/// Pushes a transaction; its position.
fn push(row: &mut OrderRow, entry: TransactionRow) -> u16 {
    let mut transactions = std::mem::take(&mut row.transactions).into_vec();
    transactions.reserve_exact(1);
    transactions.push(entry);
    row.transactions = transactions.into_boxed_slice();
    u16::try_from(row.transactions.len() - 1).expect("an order has fewer than 2¹⁶ transactions")
}

/// Transactions of these that failed and have no later one of the same amount.
fn has_failed<'a>(row: &'a OrderRow, own: &'a [u16]) -> impl Iterator<Item = TransactionRow> + 'a {
    let entry = |position: &u16| row.transactions[usize::from(*position)];
    own.iter().enumerate().filter_map(move |(at, position)| {
        let failed = entry(position);
        let again = own[at + 1..].iter().any(|later| {
            let later = entry(later);
            later.amount == failed.amount && later.parent == failed.parent
        });
        (failed.status == TransactionStatus::Failure && !again).then_some(failed)
    })
}

/// A void moves nothing. Source: shopify.md §d.4: its amount is 0.0.
fn void_what_is_held(row: &mut OrderRow, now: Timestamp) {
    for at in 0..row.transactions.len() {
        let held = row.transactions[at];
        if held.is_open {
            row.transactions[at].is_open = false;
            let parent = u16::try_from(at).expect("an order has fewer than 2¹⁶ transactions");
            let void = TransactionRow {
                amount: 0,
                presentment: 0,
                at: now.seconds(),
                parent,
                is_open: false,
                ..held
            };
            push(row, TransactionRow { kind: TransactionKind::Void, ..void });
        }
    }
}

/// Nothing of a cancelled order stands, whether or not its money went back.
fn clear(row: &mut OrderRow) {
    for line in 0..row.lines.len() {
        row.lines[line].quantity = 0;
        if let Some(work) = &mut row.work {
            work.withdraw(line, u32::MAX);
        }
    }
    if !row.refunds().is_empty() {
        return;
    }
    row.shipping = Box::default();
    let of_lines = row.charges.iter().filter(|charge| charge.target < Target::shipping(0)).copied();
    row.charges = of_lines.collect();
    let rare = row.rare_mut();
    (rare.duties, rare.fees, rare.tip) = (0, 0, 0);
}

#[cfg(test)]
mod tests;
