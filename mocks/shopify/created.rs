//! Orders that an API client creates, with every amount as it states it, and the cancellation of an order by a job.
//!
//! Source: shopify.md §d.4 and recorded exchanges. Not here: what the request looks like (`http`), and what a
//! cancellation does (`refunds`).

use std::sync::Arc;

use super::changes::NotPossible;
use super::checkout::{CheckoutBuyer, ExactOrder};
use super::noted::Noted;
use super::people::CustomerDetails;
use super::{ShopifyTwin, ids};
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::{Duration, ShopKey, Timestamp};

/// How long after the request an order is cancelled.
///
/// Source: shopify.md §d.4: tens of seconds were seen; this many is an assumption.
const CANCELS_AFTER: Duration = Duration::from_secs(15);
/// Source: shopify.md §d.4.
const STAFF_NOTE_MAX: usize = 255;

/// Who an order is for, as a client says it.
#[derive(Debug, Clone)]
pub enum Holder {
    /// A customer that the shop has.
    Known(CustomerId),
    /// The customer with that e-mail or phone, created if there is none.
    Upsert(CustomerDetails),
    /// As the order itself says.
    Stated,
}

/// How an order is to be cancelled.
#[derive(Debug, Clone)]
pub struct CancelRequest {
    /// A name of the enumeration `OrderCancelReason`.
    pub reason: Box<str>,
    pub refund: bool,
    pub restock: bool,
    pub staff_note: Option<Box<str>>,
}

/// A cancellation that is under way.
pub(super) struct Cancellation {
    order: OrderId,
    due: Timestamp,
    request: CancelRequest,
}

/// Why an order is not cancelled: field, text and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotCancelled {
    pub field: &'static str,
    pub message: &'static str,
    pub code: Option<&'static str>,
}

impl ShopifyTwin {
    /// An order with these amounts and notes. Its fulfillment orders are there at once (recorded).
    ///
    /// With `claims`, its units are taken from the stock that is there.
    ///
    /// # Panics
    /// As [`ShopifyTwin::place_exact`].
    pub fn create_order(
        &mut self,
        shop: ShopKey,
        order: &ExactOrder,
        mut noted: Noted,
        claims: bool,
        now: Timestamp,
    ) -> OrderId {
        noted.tags.sort_unstable();
        noted.tags.dedup();
        noted.is_by_api = true;
        noted.bypasses_stock = !claims;
        let id = self.place_noted(shop, order, noted, now);
        let at = self.position(shop);
        if let Some(n) = self.shops[at].order_at(id) {
            self.shops[at].orders.get_mut(n).work_mut();
        }
        id
    }

    /// The customer behind an order, created if need be.
    pub(super) fn buyer_of(&mut self, at: usize, holder: &Holder) -> Option<CheckoutBuyer> {
        let key = self.shops[at].settings.key;
        let details = match holder {
            Holder::Stated => return None,
            Holder::Known(id) => return Some(CheckoutBuyer::Customer(*id)),
            Holder::Upsert(details) => details,
        };
        let known = details.email.as_deref().and_then(|email| self.customer_by_email(key, email));
        let known = known.or_else(|| self.customer_by_phone(key, details.phone.as_deref()?));
        let found = known.or_else(|| self.add_customer(key, details.clone()).ok())?;
        let shop = &mut self.shops[at];
        if let (Some(name), Some(position)) = (&details.name, ids::customer_position(shop.ordinal, found)) {
            shop.people.customers[position].name = Some(Arc::clone(name));
        }
        Some(CheckoutBuyer::Customer(found))
    }

    /// Whether the shop has that customer.
    pub(super) fn has_customer(&self, at: usize, id: CustomerId) -> bool {
        let shop = &self.shops[at];
        ids::customer_position(shop.ordinal, id).is_some_and(|at| at < shop.people.customers.len())
    }

    /// The mutation `orderCancel`: begins a job that cancels the order a while later.
    pub(super) fn begin_cancel(
        &mut self,
        at: usize,
        order: OrderId,
        request: CancelRequest,
        now: Timestamp,
    ) -> Result<(), NotCancelled> {
        let refused = |message| NotCancelled { field: "orderId", message, code: Some("INVALID") };
        let shop = &self.shops[at];
        let missing =
            NotCancelled { field: "orderId", message: "Order does not exist", code: Some("NOT_FOUND") };
        let n = shop.order_at(order).ok_or(missing)?;
        if request.staff_note.as_ref().is_some_and(|note| note.chars().count() > STAFF_NOTE_MAX) {
            let message = "Staff note is too long. Maximum length is 255 characters.";
            return Err(NotCancelled { field: "staffNote", message, code: Some("INVALID") });
        }
        let row = shop.orders.get(n);
        if row.cancelled().is_some() {
            return Err(refused("Cannot cancel an order that has already been canceled"));
        }
        if shop.cancellations.iter().any(|pending| pending.order == order) {
            return Err(NotCancelled { code: None, ..refused("Cancellation is already in progress") });
        }
        match row.hinders_cancelling() {
            Some(NotPossible::HasFulfillments) => {
                return Err(refused("Cannot cancel an order that has outstanding fulfillments"));
            }
            Some(_) => return Err(refused("Cannot cancel an order that has returns")),
            None => {}
        }
        let due = now.plus(CANCELS_AFTER);
        self.shops[at].cancellations.push(Cancellation { order, due, request });
        Ok(())
    }

    /// Carries out the cancellations that are due. One that became impossible meanwhile changes nothing.
    pub(super) fn settle_cancellations(&mut self, at: usize, now: Timestamp) {
        if self.shops[at].cancellations.iter().all(|pending| pending.due > now) {
            return;
        }
        let key = self.shops[at].settings.key;
        let pending = std::mem::take(&mut self.shops[at].cancellations);
        let (due, later) = pending.into_iter().partition(|pending| pending.due <= now);
        self.shops[at].cancellations = later;
        let due: Vec<Cancellation> = due;
        for Cancellation { order, due, request } in due {
            if self.cancel(key, order, request.refund, request.restock, due).is_ok()
                && let Some(n) = self.shops[at].order_at(order)
            {
                self.shops[at].orders.get_mut(n).noted_mut().cancel_reason = Some(request.reason);
            }
        }
    }
}
