//! What passes between the engine and its ports in production, watched: calls that fail are counted and logged, and a
//! delivery that was kept wakes the engine.

use std::sync::Arc;

use super::gauges::{CallResult, Gauges};
use crate::domain::{Lane, MerchantKey, Order, ShopKey, Timestamp};
use crate::engine::events::{Event, Observer};
use crate::engine::{Engine, Ports};
use crate::platforms::{netsuite, shopify};
use crate::ports::inbox::{Aside, Matter, Receipt, Received, SetAside};
use crate::ports::store::StoreError;
use crate::ports::{Call, Inbox, Platform};

/// A transport that tells what became of its calls.
#[derive(Debug)]
pub struct Watched<T> {
    transport: T,
    gauges: Arc<Gauges>,
}

impl<T> Watched<T> {
    pub fn new(transport: T, gauges: Arc<Gauges>) -> Watched<T> {
        Watched { transport, gauges }
    }

    /// Reasons are told only where they are words of ours or of the network: others may quote a record.
    fn note(
        &self,
        platform: Platform,
        call: Call,
        result: CallResult,
        reason: Option<&dyn std::fmt::Display>,
    ) {
        self.gauges.note_call(platform, result);
        if result == CallResult::Answered {
            return;
        }
        let entity = call.entity;
        tracing::warn!(
            merchant = %entity.merchant, shop = %entity.shop, flow = entity.flow.name(), record = entity.record,
            attempt = call.attempt, platform = %platform, result = result.name(),
            reason = reason.map(tracing::field::display),
            "a call failed"
        );
    }
}

impl<T> Watched<T> {
    fn note_shopify(&self, call: Call, error: Option<&shopify::client::TransportError>) {
        use shopify::client::TransportError;
        let (result, reason): (_, Option<&dyn std::fmt::Display>) = match error {
            None => (CallResult::Answered, None),
            Some(error @ TransportError::NotSent { .. }) => (CallResult::NotSent, Some(error)),
            Some(error @ TransportError::NoAnswer { .. }) => (CallResult::NoAnswer, Some(error)),
            Some(TransportError::Status { code: 429, .. }) => (CallResult::Throttled, None),
            Some(error @ TransportError::Status { .. }) => (CallResult::Refused, Some(error)),
            Some(TransportError::Unreadable { .. }) => (CallResult::Unreadable, None),
            Some(error @ TransportError::Unauthorized { .. }) => (CallResult::Unauthorized, Some(error)),
            Some(error @ TransportError::Misconfigured { .. }) => (CallResult::Misconfigured, Some(error)),
        };
        self.note(Platform::Shopify, call, result, reason);
    }
}

impl<T: shopify::client::Transport> shopify::client::Transport for Watched<T> {
    async fn send(
        &self,
        call: Call,
        shop: ShopKey,
        request: shopify::operation::Request,
    ) -> Result<shopify::operation::Response, shopify::client::TransportError> {
        let answer = self.transport.send(call, shop, request).await;
        self.note_shopify(call, answer.as_ref().err());
        answer
    }

    async fn fetch(
        &self,
        call: Call,
        shop: ShopKey,
        url: &str,
    ) -> Result<String, shopify::client::TransportError> {
        let file = self.transport.fetch(call, shop, url).await;
        self.note_shopify(call, file.as_ref().err());
        file
    }
}

impl<T: netsuite::client::Transport> netsuite::client::Transport for Watched<T> {
    async fn send(
        &self,
        call: Call,
        request: netsuite::operation::Request,
    ) -> Result<netsuite::operation::Response, netsuite::client::TransportError> {
        use netsuite::client::TransportError;
        let answer = self.transport.send(call, request).await;
        let (result, reason): (_, Option<&dyn std::fmt::Display>) = match &answer {
            Ok(response) => match &response.answer {
                Ok(_) => (CallResult::Answered, None),
                Err(error) if error.status == 429 => (CallResult::Throttled, None),
                Err(error) if error.status == 401 || error.status == 403 => (CallResult::Unauthorized, None),
                Err(_) => (CallResult::Refused, None),
            },
            Err(error @ TransportError::NotSent { .. }) => (CallResult::NotSent, Some(error)),
            Err(error @ TransportError::NoAnswer { .. }) => (CallResult::NoAnswer, Some(error)),
            Err(TransportError::Unreadable { .. }) => (CallResult::Unreadable, None),
            Err(error @ TransportError::Unauthorized { .. }) => (CallResult::Unauthorized, Some(error)),
            Err(error @ TransportError::Misconfigured { .. }) => (CallResult::Misconfigured, Some(error)),
        };
        self.note(Platform::NetSuite, call, result, reason);
        answer
    }
}

/// The gauges, and whoever else looks on.
pub struct Watchers {
    pub gauges: Arc<Gauges>,
    pub witness: Option<Arc<dyn Observer>>,
}

impl Observer for Watchers {
    fn observe(&self, event: Event) {
        self.gauges.observe(event);
        if let Some(witness) = &self.witness {
            witness.observe(event);
        }
    }

    fn order_read(&self, order: &Order) {
        if let Some(witness) = &self.witness {
            witness.order_read(order);
        }
    }
}

/// The store's inbox, and the engine that works on what is put there.
pub struct WakingInbox<P: Ports> {
    pub store: P::Store,
    pub engine: Arc<Engine<P>>,
}

impl<P: Ports> WakingInbox<P> {
    fn wake(&self, kept: &Result<Received, StoreError>) {
        if let Ok(Received::Kept) = kept {
            self.engine.wake();
        }
    }
}

impl<P: Ports> Inbox for WakingInbox<P>
where
    P::Store: Inbox,
{
    async fn keep(&self, receipt: Receipt, matter: Matter, now: Timestamp) -> Result<Received, StoreError> {
        let kept = self.store.keep(receipt, matter, now).await;
        self.wake(&kept);
        kept
    }

    async fn set_aside(&self, aside: Aside, now: Timestamp) -> Result<Received, StoreError> {
        let (merchant, reason) = (aside.receipt.merchant, aside.reason.name());
        let shop = aside.receipt.shop;
        let kept = self.store.set_aside(aside, now).await;
        if kept == Ok(Received::Kept) {
            tracing::warn!(%merchant, shop = shop.map(tracing::field::display), reason, "a delivery was set aside");
        }
        kept
    }

    async fn aside(&self, merchant: MerchantKey, from: u64, limit: u32) -> Result<Vec<SetAside>, StoreError> {
        self.store.aside(merchant, from, limit).await
    }

    async fn forget(
        &self,
        merchant: MerchantKey,
        deliveries_before: Timestamp,
        bodies_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.store.forget(merchant, deliveries_before, bodies_before, limit).await
    }

    async fn waiting_by_lane(&self, merchant: MerchantKey) -> Result<[u64; Lane::ALL.len()], StoreError> {
        self.store.waiting_by_lane(merchant).await
    }
}
