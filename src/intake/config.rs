//! What the intake is told: shops and their secrets, topics, bounds, and who hears of what it cannot settle.

use std::sync::Arc;

use super::Routes;
use super::signature::Keys;
use crate::domain::{Duration, MerchantKey, ShopKey};
use crate::platforms::shopify::wire::{API_VERSION, ApiVersion, WebhookTopic};

#[derive(Debug, Clone)]
pub struct Config {
    pub merchant: MerchantKey,
    pub shops: Vec<ShopAccess>,
    /// Topics that are subscribed to; the three compliance topics are always received.
    pub topics: Vec<WebhookTopic>,
    /// Versions by which payloads may be rendered.
    pub api_versions: Vec<ApiVersion>,
    /// Where deliveries are posted.
    pub path: Box<str>,
    pub people: People,
    pub limits: Limits,
    pub retention: Retention,
}

/// One shop: its `{shop}.myshopify.com` domain, our key for it, and the secret that signs its deliveries.
#[derive(Debug, Clone)]
pub struct ShopAccess {
    /// In lower case.
    pub domain: Box<str>,
    pub shop: ShopKey,
    /// Shared, so that a new secret takes effect while the intake runs.
    pub keys: Arc<Keys>,
}

/// Who hears of what a person must settle.
#[derive(Debug, Clone)]
pub struct People {
    pub policy_hash: [u8; 32],
    pub contradictions: Owner,
    pub privacy: Owner,
}

#[derive(Debug, Clone)]
pub struct Owner {
    pub name: Box<str>,
    /// From the delivery on.
    pub deadline: Duration,
}

/// What a peer may take of this process. Source of the time bounds: shopify.md §c.1 (an exchange ends within 5 s,
/// so whoever needs longer is not Shopify).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub body_bytes_max: usize,
    /// Bytes of bodies on their way in, over all connections, beyond the first 16 KiB of each.
    pub buffered_bytes_max: usize,
    /// For the headers of a request, and for the next request on a connection that is kept open.
    pub headers_within: Duration,
    pub body_within: Duration,
    pub connections_max: usize,
    /// Of one address. Behind an ingress all of them are the ingress's.
    pub connections_per_address_max: usize,
    /// Genuine deliveries that wait for their commit; one more is answered 503.
    pub commits_waiting_max: usize,
    /// How long a stop waits for what is under way.
    pub drain_within: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes_max: 8 << 20,
            buffered_bytes_max: 32 << 20,
            headers_within: Duration::from_secs(5),
            body_within: Duration::from_secs(10),
            connections_max: 4_096,
            connections_per_address_max: 4_096,
            commits_waiting_max: 4_096,
            drain_within: Duration::from_secs(10),
        }
    }
}

/// How long what was received is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Ids of deliveries. Shopify repeats one for 4 hours; a replay may come later. Source: shopify.md §c.1.
    pub deliveries: Duration,
    /// Raw bodies that were set aside.
    pub bodies: Duration,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { deliveries: Duration::from_hours(60 * 24), bodies: Duration::from_hours(30 * 24) }
    }
}

impl Config {
    /// All topics and the version that this program knows, at `/webhooks/shopify`, with the usual bounds.
    pub fn new(merchant: MerchantKey, shops: Vec<ShopAccess>, people: People) -> Config {
        Config {
            merchant,
            shops,
            topics: WebhookTopic::KNOWN.to_vec(),
            api_versions: vec![API_VERSION],
            path: "/webhooks/shopify".into(),
            people,
            limits: Limits::default(),
            retention: Retention::default(),
        }
    }

    pub(super) fn routes(&self) -> Routes {
        let shops = self.shops.iter().map(|access| (access.domain.clone(), access.shop)).collect();
        Routes { merchant: self.merchant, shops }
    }
}
