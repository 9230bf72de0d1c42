//! What happens to orders that are there: captured, paid, edited, touched. Each moves `updated_at`, enters the search
//! index, and is said by webhooks. Not here: how they come to be ([`super::placing`]).

use std::sync::Arc;

use rust_decimal::Decimal;

use super::arithmetic::{Rates, divide_half_away, present};
use super::checkout::{DiscountKind, ExactLine, ExactTax, Payment, PaymentStanding, Presentment};
use super::rows::{
    Charge, ChargeKind, LineRow, NO_PARENT, NO_TEXT, OrderRow, Target, TransactionKind, TransactionRow,
    TransactionStatus,
};
use super::texts::{TaxKind, Texts};
use super::work::HoldReason;
use super::{Shop, ShopifyTwin};
use crate::domain::ids::OrderId;
use crate::domain::{Currency, ShopKey, Timestamp};
use crate::platforms::shopify::wire::WebhookTopic;

/// Shopify would refuse this change of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    #[error("order does not exist")]
    NoSuchOrder,
    #[error("the line item does not exist on the order")]
    NoSuchLine,
    #[error("the order has been cancelled")]
    Cancelled,
    #[error("nothing is authorised that could be captured")]
    NothingToCapture,
    #[error("there must be at least one change to be made")]
    NoChange,
    #[error("not that many units are left to fulfill")]
    NothingToFulfill,
    #[error("the fulfillment order does not exist, or is closed")]
    NoSuchFulfillmentOrder,
    #[error("the fulfillment does not exist, or was cancelled")]
    NoSuchFulfillment,
    #[error("the location does not exist, or is the same")]
    NoSuchLocation,
    #[error("the order has no such refund")]
    NoSuchRefund,
    #[error("quantity cannot refund more items than were purchased")]
    TooManyUnits,
    #[error("fulfillment line item was not found")]
    NotShipped,
    #[error("there is less left of it to refund")]
    NothingLeft,
    #[error("refund amount is greater than net payment received")]
    RefundExceedsPayment,
    #[error("transactions require a parent_id associated with the order")]
    WrongParent,
    #[error("cannot cancel an order that has outstanding fulfillments")]
    HasFulfillments,
    #[error("cannot cancel an order that has returns")]
    HasReturns,
    #[error("the gift card does not exist, or is disabled")]
    NoSuchGiftCard,
}

impl ShopifyTwin {
    /// Takes the money of every open authorisation, as far as the order still comes to that much.
    ///
    /// # Errors
    /// The order does not exist, or nothing is open.
    pub fn capture(&mut self, shop: ShopKey, order: OrderId, now: Timestamp) -> Result<(), NotPossible> {
        let (at, n) = self.find(shop, order)?;
        let row = self.shops[at].orders.get_mut(n);
        let mut due = row.totals().total - row.received();
        let mut transactions = std::mem::take(&mut row.transactions).into_vec();
        let before = transactions.len();
        for at_held in 0..before {
            let held = &mut transactions[at_held];
            if !held.is_open || due <= 0 {
                continue;
            }
            held.is_open = false;
            let amount = held.amount.min(due);
            due -= amount;
            // A part of an authorisation is the same part of what the shopper sees.
            let presentment =
                divide_half_away(i128::from(held.presentment) * i128::from(amount), i128::from(held.amount));
            let captured = TransactionRow {
                amount,
                presentment: i64::try_from(presentment).expect("a part is smaller than the whole"),
                at: now.seconds(),
                parent: at_held as u16,
                kind: TransactionKind::Capture,
                ..*held
            };
            transactions.push(captured);
        }
        let has_captured = transactions.len() > before;
        for captured in &transactions[before..] {
            self.shops[at].pots.draw(&self.texts, captured);
        }
        let row = self.shops[at].orders.get_mut(n);
        row.transactions = transactions.into_boxed_slice();
        if !has_captured {
            return Err(NotPossible::NothingToCapture);
        }
        self.money_came(at, n, now);
        Ok(())
    }

    /// A further payment, e.g. of what an edit added, or one that fails.
    ///
    /// # Errors
    /// The order does not exist, or was cancelled.
    pub fn pay(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        payment: &Payment,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let (at, n) = self.find_open(shop, order)?;
        let shop = &mut self.shops[at];
        let row = shop.orders.get_mut(n);
        let rest = row.totals().total - row.covered();
        let taken = pay(row, shop.settings.currency, payment, rest, now, &mut self.texts);
        shop.pots.draw(&self.texts, &taken);
        let mut transactions = std::mem::take(&mut row.transactions).into_vec();
        transactions.push(taken);
        row.transactions = transactions.into_boxed_slice();
        self.money_came(at, n, now);
        Ok(())
    }

    /// Changes how many units of a line stand; zero removes it. Fewer than ordered: the line's charges stay
    /// those of the ordered units. More than ordered: the units that came on top bring their tax, and no discount.
    ///
    /// # Errors
    /// Order or line do not exist, the order was cancelled, the line has that quantity already, or the units that
    /// would go have left: only unfulfilled quantities can change (shopify.md §d.4).
    pub fn edit_quantity(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        line: usize,
        quantity: u32,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let (at, n) = self.find_open(shop, order)?;
        let texts = &self.texts;
        let shop = &mut self.shops[at];
        let row = shop.orders.get_mut(n);
        let before = row.lines.get(line).ok_or(NotPossible::NoSuchLine)?.quantity;
        if before == quantity {
            return Err(NotPossible::NoChange);
        }
        if quantity > before {
            shop.add_work(n, line, quantity - before, now);
        } else if row.unfulfilled(line) < before - quantity {
            return Err(NotPossible::NothingToFulfill);
        } else if let Some(work) = &mut row.work {
            work.withdraw(line, before - quantity);
        }
        let row = shop.orders.get_mut(n);
        shop.inventory.sold(row.stock_of(line), i64::from(quantity) - i64::from(before));
        let edited = &mut row.lines[line];
        let added = i64::from(quantity.saturating_sub(edited.ordered));
        edited.quantity = quantity;
        edited.ordered = edited.ordered.max(quantity);
        if added > 0 {
            let base = edited.unit_price * added;
            add_tax(&mut row.charges, Target::line(line), base, row.taxes_included, texts);
        }
        self.edited(at, n, now);
        Ok(())
    }

    /// Adds a line whose amounts are given. It is paid for by a further payment.
    ///
    /// # Errors
    /// The order does not exist, or was cancelled.
    pub fn edit_add_line(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        line: &ExactLine,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let (at, n) = self.find_open(shop, order)?;
        let position = self.shops[at].orders.get(n).lines.len();
        self.shops[at].add_work(n, position, line.quantity, now);
        self.add_line(at, n, line);
        self.edited(at, n, now);
        Ok(())
    }

    /// A line that goes out in exchange for what comes back; while that is on its way it waits.
    ///
    /// Source: shopify.md §h.3.
    pub(super) fn add_exchange(
        &mut self,
        at: usize,
        n: usize,
        line: &ExactLine,
        waits: bool,
        now: Timestamp,
    ) {
        let hold = waits.then_some(HoldReason::AwaitingReturnItems);
        let position = self.add_line(at, n, line);
        let work = self.shops[at].orders.get_mut(n).work_mut();
        if !work.orders.iter().any(|order| order.lines.iter().any(|it| usize::from(it.line) == position)) {
            work.add(&[(position, line.quantity)], 0, hold, now.seconds());
        }
    }

    /// Its position.
    fn add_line(&mut self, at: usize, n: usize, line: &ExactLine) -> usize {
        let Shop { orders, inventory, .. } = &mut self.shops[at];
        let row = orders.get_mut(n);
        let position = row.lines.len();
        let mut lines = std::mem::take(&mut row.lines).into_vec();
        let added = exact_line(line, &mut self.texts);
        lines.push(added);
        row.lines = lines.into_boxed_slice();
        inventory.sold(row.stock_of(position), i64::from(added.quantity));
        let mut charges = std::mem::take(&mut row.charges).into_vec();
        exact_charges(&line.discounts, &line.taxes, Target::line(position), &mut self.texts, &mut charges);
        charges.sort_by_key(|charge| charge.target);
        row.charges = charges.into_boxed_slice();
        position
    }

    /// Moves `updated_at` and nothing else, as tags, notes and other apps do.
    ///
    /// # Errors
    /// The order does not exist.
    pub fn touch(&mut self, shop: ShopKey, order: OrderId, now: Timestamp) -> Result<(), NotPossible> {
        let (at, n) = self.find(shop, order)?;
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(())
    }

    pub(super) fn find(&self, shop: ShopKey, order: OrderId) -> Result<(usize, usize), NotPossible> {
        let at = self.position(shop);
        self.shops[at].order_at(order).map(|n| (at, n)).ok_or(NotPossible::NoSuchOrder)
    }

    pub(super) fn find_open(&self, shop: ShopKey, order: OrderId) -> Result<(usize, usize), NotPossible> {
        let (at, n) = self.find(shop, order)?;
        match self.shops[at].orders.get(n).cancelled() {
            Some(_) => Err(NotPossible::Cancelled),
            None => Ok((at, n)),
        }
    }

    fn edited(&mut self, at: usize, n: usize, now: Timestamp) {
        let shop = &mut self.shops[at];
        let currency = shop.settings.currency;
        let row = shop.orders.get_mut(n);
        // Paid turns to partially paid when an edit adds more than was received (shopify.md §d.1).
        row.is_paid = row.is_paid && is_paid_in_full(row, currency);
        self.changed(at, n, now, &[WebhookTopic::OrdersEdited, WebhookTopic::OrdersUpdated]);
    }

    /// After a transaction: says `paid` when the order becomes so.
    pub(super) fn money_came(&mut self, at: usize, n: usize, now: Timestamp) {
        let shop = &mut self.shops[at];
        let currency = shop.settings.currency;
        let row = shop.orders.get_mut(n);
        let was_paid = row.is_paid;
        row.is_paid = is_paid_in_full(row, currency);
        let topics: &[WebhookTopic] = if row.is_paid && !was_paid {
            &[WebhookTopic::OrdersPaid, WebhookTopic::OrdersUpdated]
        } else {
            &[WebhookTopic::OrdersUpdated]
        };
        self.changed(at, n, now, topics);
        self.ship_gift_cards(at, n, now);
    }

    pub(super) fn changed(&mut self, at: usize, n: usize, now: Timestamp, topics: &[WebhookTopic]) {
        self.changed_by(at, n, now, topics, 0);
    }

    /// As [`ShopifyTwin::changed`], by the refund or fulfillment of that number.
    pub(super) fn changed_by(
        &mut self,
        at: usize,
        n: usize,
        now: Timestamp,
        topics: &[WebhookTopic],
        subject: u64,
    ) {
        let shop = &mut self.shops[at];
        let row = shop.orders.get_mut(n);
        row.updated = row.updated.max(now.seconds());
        shop.index.record(n, now);
        self.announce(at, n, now, topics, subject);
    }
}

/// The transaction that a payment makes; `rest` is what the earlier ones leave.
pub(super) fn pay(
    row: &OrderRow,
    currency: Currency,
    payment: &Payment,
    rest: i64,
    now: Timestamp,
    texts: &mut Texts,
) -> TransactionRow {
    let amount = payment.amount.unwrap_or(rest.max(0));
    let (kind, status) = match payment.standing {
        PaymentStanding::Captured => (TransactionKind::Sale, TransactionStatus::Success),
        PaymentStanding::Authorized => (TransactionKind::Authorization, TransactionStatus::Success),
        PaymentStanding::Pending => (TransactionKind::Sale, TransactionStatus::Pending),
        PaymentStanding::Failed => (TransactionKind::Sale, TransactionStatus::Failure),
    };
    TransactionRow {
        amount,
        presentment: payment.presentment.unwrap_or_else(|| present(amount, currency, shown(row))),
        at: now.seconds(),
        gateway: texts.keep(&payment.gateway),
        rounding: payment.rounding,
        parent: NO_PARENT,
        kind,
        status,
        is_open: kind == TransactionKind::Authorization && amount > 0,
    }
}

pub(super) fn shown(row: &OrderRow) -> Option<Presentment> {
    row.presentment().map(|(currency, rate)| Presentment { currency, rate })
}

/// Judged in what the shopper sees, because transactions are converted at rates of their own.
///
/// Source: shopify.md §o.
pub(super) fn is_paid_in_full(row: &OrderRow, currency: Currency) -> bool {
    let seen: i64 = row.transactions.iter().filter(|it| it.captured()).map(|it| it.presentment).sum();
    seen >= present(row.totals().total, currency, shown(row))
}

pub(super) fn exact_line(line: &ExactLine, texts: &mut Texts) -> LineRow {
    LineRow {
        unit_price: line.unit_price,
        sku: line.sku.as_ref().map_or(NO_TEXT, |sku| texts.keep(sku)),
        title: texts.keep(&line.title),
        ordered: line.quantity,
        quantity: line.quantity,
        is_gift_card: line.is_gift_card,
    }
}

pub(super) fn exact_charges(
    discounts: &[(Arc<str>, i64)],
    taxes: &[ExactTax],
    target: Target,
    texts: &mut Texts,
    charges: &mut Vec<Charge>,
) {
    for (label, amount) in discounts {
        let label = texts.keep_discount(DiscountKind::Code, label);
        charges.push(Charge { amount: *amount, label, target, kind: ChargeKind::Discount });
    }
    for tax in taxes {
        let label = texts.keep_tax(TaxKind {
            title: tax.title.clone(),
            rate: tax.rate.normalize(),
            channel_liable: tax.channel_liable,
        });
        charges.push(Charge { amount: tax.amount, label, target, kind: ChargeKind::Tax });
    }
}

/// Adds to each tax line of `target` the tax on `base`, at the line's own rates.
fn add_tax(charges: &mut [Charge], target: Target, base: i64, included: bool, texts: &Texts) {
    let is_tax = |charge: &&mut Charge| charge.target == target && charge.kind == ChargeKind::Tax;
    let own: Vec<Decimal> =
        charges.iter_mut().filter(is_tax).map(|charge| texts.tax(charge.label).rate).collect();
    let rates = Rates::new(own.iter().copied(), included);
    for (at, charge) in charges.iter_mut().filter(is_tax).enumerate() {
        charge.amount += rates.tax(at, base);
    }
}
