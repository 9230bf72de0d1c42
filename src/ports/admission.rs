//! Leave to call a platform. Clients ask for it before each request, so that nothing is sent that is known
//! to be refused.

use std::future::Future;

use crate::domain::{Lane, ShopKey};

/// What Shopify said of our bucket in its last answer. Points may have fractions, but none that matter here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThrottleStatus {
    pub maximum_available: f64,
    pub currently_available: f64,
    /// Points per second.
    pub restore_rate: f64,
}

/// Shares out both platforms' limits. Implemented by the engine's governor, and by the naive connector's lack
/// of one.
pub trait Admission: Send + Sync {
    /// Resolves when a query of this requested cost fits the shop's bucket, counting calls in flight.
    fn shopify(&self, shop: ShopKey, lane: Lane, points: u32) -> impl Future<Output = ()> + Send;

    /// The call admitted with `points` came back. `seen` is `None` when no answer arrived.
    fn shopify_done(&self, shop: ShopKey, points: u32, seen: Option<ThrottleStatus>, throttled: bool);

    /// Resolves when a slot of the account is free for this lane.
    fn netsuite(&self, lane: Lane) -> impl Future<Output = ()> + Send;

    /// The call came back, with or without an answer.
    fn netsuite_done(&self, throttled: bool);
}
