//! Webhooks as they leave: signed POSTs to the address of the subscription.
//!
//! Loss, delay and repetition are [`crate::sim::deliveries`]' matter; here is one POST and whether it was acknowledged.
//!
//! Source: shopify.md §c.1 (5 seconds for an exchange, of which one to connect), §c.2 (headers and signature).

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use hyper::Method;
use ring::hmac;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::host::Message;
use crate::domain::Duration;
use crate::mocks::shopify::PendingDelivery;
use crate::platforms::base64;
use crate::platforms::https::{Endpoint, Failure, Https, Limits, Outgoing};
use crate::runtime::tokio::TokioRuntime;
use crate::sim::deliveries::Receiver;

/// What a receiver is given. Not scaled with the speed: it lives by the machine's clock.
pub(super) const PATIENCE: Limits =
    Limits { connect: Duration::from_secs(1), answer: Duration::from_secs(5), ..Limits::USUAL };

pub(super) struct Hooks {
    pub handle: Handle,
    pub https: Arc<Https>,
    /// Client secrets by the shop's domain.
    pub secrets: BTreeMap<Box<str>, hmac::Key>,
    /// Where every delivery goes instead of the host of its address, as an ingress or a tunnel forwards it.
    pub ingress: Option<Endpoint>,
    pub host: Sender<Message>,
}

impl Receiver for Hooks {
    fn receive(&self, pending: PendingDelivery) -> Pin<Box<dyn Future<Output = bool> + Send>> {
        let Ok(request) = self.request(&pending) else { return Box::pin(std::future::ready(false)) };
        let (done, acknowledged) = oneshot::channel();
        let (https, host) = (Arc::clone(&self.https), self.host.clone());
        let clock = TokioRuntime::on_wall_clock(self.handle.clone());
        self.handle.spawn(async move {
            let answer = https.exchange(&clock, request).await;
            // The host may have ended meanwhile.
            let _ = done.send(answer.is_ok_and(|answer| answer.is_success()));
            let _ = host.send(Message::Woken);
        });
        Box::pin(async move { acknowledged.await.unwrap_or(false) })
    }
}

impl Hooks {
    /// # Errors
    /// The address cannot be called.
    fn request(&self, pending: &PendingDelivery) -> Result<Outgoing, Failure> {
        let unusable = |reason: String| Failure::NotSent { reason };
        let (origin, target) = split(&pending.uri);
        let endpoint = match &self.ingress {
            Some(ingress) => ingress.clone(),
            None => origin.parse().map_err(|error| unusable(format!("{error}")))?,
        };
        target.parse::<hyper::http::uri::PathAndQuery>().map_err(|error| unusable(format!("{error}")))?;
        let delivery = &pending.delivery;
        let body = delivery.payload.to_json();
        let key = self.secrets.get(&*delivery.shop_domain);
        let key = key.ok_or_else(|| unusable(format!("no secret of {}", delivery.shop_domain)))?;
        let signature = base64::standard(hmac::sign(key, body.as_bytes()).as_ref());
        Outgoing::new(Method::POST, &endpoint, target, body)
            .with("Content-Type", "application/json")
            .with_secret("X-Shopify-Topic", delivery.topic.header())?
            .with_secret("X-Shopify-Hmac-Sha256", &signature)?
            .with_secret("X-Shopify-Shop-Domain", &delivery.shop_domain)?
            .with_secret("X-Shopify-API-Version", &delivery.api_version.to_string())?
            .with_secret("X-Shopify-Webhook-Id", &delivery.webhook_id.to_string())?
            .with_secret("X-Shopify-Event-Id", &delivery.event_id.to_string())?
            .with_secret("X-Shopify-Triggered-At", &delivery.triggered_at.to_string())
    }
}

/// Scheme and host, and what follows them.
fn split(uri: &str) -> (&str, &str) {
    let host_at = uri.find("://").map_or(0, |at| at + 3);
    let path_at = uri[host_at..].find('/').map_or(uri.len(), |at| host_at + at);
    match &uri[path_at..] {
        "" => (uri, "/"),
        path => (&uri[..path_at], path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_what_follows_it() {
        for (uri, expected) in [
            ("https://hooks.example/webhooks/shopify", ("https://hooks.example", "/webhooks/shopify")),
            ("https://hooks.example", ("https://hooks.example", "/")),
            ("http://127.0.0.1:80/a?b=c", ("http://127.0.0.1:80", "/a?b=c")),
        ] {
            assert_eq!(split(uri), expected);
        }
    }
}
