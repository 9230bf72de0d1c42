//! What customer service and the processor do to an order beside edits: another address, a capture at the rate of its
//! own moment.
//!
//! Source: shopify.md §d.4 (a change of address moves `updated_at`), §o (each transaction is converted at its own time).

use std::sync::Arc;

use super::ShopifyTwin;
use super::changes::NotPossible;
use super::rows::{TransactionKind, TransactionRow};
use crate::domain::customer::Address;
use crate::domain::ids::OrderId;
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::wire::WebhookTopic;

impl ShopifyTwin {
    /// The order is to be sent elsewhere.
    ///
    /// # Errors
    /// The order does not exist, or was cancelled.
    pub fn change_address(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        to: &Address,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let (at, n) = self.find_open(shop, order)?;
        self.shops[at].orders.get_mut(n).ship_to = Some(Arc::new(to.clone()));
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(())
    }

    /// Takes the money of the first open authorisation: `amount` in shop currency, at the rate of this moment, and
    /// what the shopper saw of it; unless stated, all that the authorisation showed.
    ///
    /// # Errors
    /// The order does not exist or was cancelled, or nothing is authorised.
    pub fn capture_at_rate(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        amount: i64,
        presentment: Option<i64>,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let (at, n) = self.find_open(shop, order)?;
        let row = self.shops[at].orders.get_mut(n);
        let open = row.transactions.iter().position(|entry| entry.is_open);
        let held = open.ok_or(NotPossible::NothingToCapture)?;
        let mut transactions = std::mem::take(&mut row.transactions).into_vec();
        transactions[held].is_open = false;
        let authorized = transactions[held];
        transactions.push(TransactionRow {
            amount,
            presentment: presentment.unwrap_or(authorized.presentment),
            at: now.seconds(),
            parent: u16::try_from(held).expect("an order has fewer than 2¹⁶ transactions"),
            kind: TransactionKind::Capture,
            ..authorized
        });
        let captured = *transactions.last().expect("one was just pushed");
        row.transactions = transactions.into_boxed_slice();
        self.shops[at].pots.draw(&self.texts, &captured);
        self.money_came(at, n, now);
        Ok(())
    }

    /// Fulfillments of all shops that were not cancelled.
    pub fn fulfillments_count(&self) -> u64 {
        let of_shop = |shop: &super::Shop| -> u64 {
            (0..shop.orders.len())
                .filter_map(|n| shop.orders.get(n).work.as_ref())
                .map(|work| work.shipments.iter().filter(|shipment| !shipment.is_cancelled).count() as u64)
                .sum()
        };
        self.shops.iter().map(of_shop).sum()
    }
}
