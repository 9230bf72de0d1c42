//! The webhook receiver: what a delivery says may have changed, recorded as a hint before it is acknowledged.
//!
//! A webhook is a hint and nothing more: of its body only the record's number and version are read. In reading
//! order: [`config`], [`signature`], what a genuine delivery says ([`examine`], `outline`), the bounded reading of
//! bodies (`body`), the listeners ([`serve`]) and what they tell ([`metrics`]).

mod body;
pub mod config;
mod connections;
pub mod examine;
mod handler;
pub mod metrics;
mod outline;
mod race;
mod server;
pub mod signature;
mod watch;

use crate::domain::{Flow, Lane, MerchantKey, ShopKey, Timestamp};
use crate::platforms::shopify::wire::{Delivery, WebhookPayload};
use crate::ports::store::{Cause, Hint, StoreError};
use crate::ports::{Entity, Store};

pub use config::{Config, Limits, Owner, People, Retention, ShopAccess};
pub use metrics::{Beside, Metrics};
pub use server::{Listeners, ServeError, serve};
pub use signature::Keys;

/// Whose deliveries are received.
#[derive(Debug, Clone)]
pub struct Routes {
    pub merchant: MerchantKey,
    /// Shops by their domain.
    pub shops: Vec<(Box<str>, ShopKey)>,
}

impl Routes {
    /// The hint in a delivery; `None` if it is of a shop that is not ours.
    pub fn hint(&self, delivery: &Delivery) -> Option<Hint> {
        let (_, shop) = self.shops.iter().find(|(domain, _)| **domain == *delivery.shop_domain)?;
        // Only the order's own payload names its version; what others say is no later than the delivery.
        let (version, lane) = match &delivery.payload {
            WebhookPayload::Order(order) => (order.updated_at.at, Lane::Orders),
            WebhookPayload::Edit(_) => (delivery.triggered_at.floor_second(), Lane::Orders),
            // Mostly the echo of our own confirmation: no more urgent than an order.
            WebhookPayload::Fulfillment(_) => (delivery.triggered_at.floor_second(), Lane::Orders),
            WebhookPayload::Refund(_) => (delivery.triggered_at.floor_second(), Lane::Refunds),
        };
        let record = delivery.payload.order_id().get();
        let entity = Entity { merchant: self.merchant, shop: *shop, flow: Flow::Order, record };
        Some(Hint { entity, lane, version, cause: Cause::Delivery })
    }
}

/// Resolves when the delivery may be acknowledged: what it says is durable, or it is none of ours.
///
/// # Errors
/// The store could not keep it: answer 503, and Shopify delivers it again.
pub async fn receive(
    store: &impl Store,
    routes: &Routes,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<(), StoreError> {
    match routes.hint(delivery) {
        Some(hint) => store.record(&[hint], None, now).await,
        None => Ok(()),
    }
}
