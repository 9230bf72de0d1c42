//! What the engine asks of Shopify.

use std::future::Future;

use super::{Call, PlatformError};
use crate::domain::Order;
use crate::domain::ids::OrderId;
use crate::domain::{ShopKey, Timestamp};

/// An order that a listing found, with the version it had in the search index: possibly older than the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderStamp {
    pub id: OrderId,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPage {
    pub orders: Vec<OrderStamp>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// A webhook topic that the engine listens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    OrdersCreate,
    OrdersUpdated,
    OrdersPaid,
    OrdersEdited,
    OrdersCancelled,
}

impl Topic {
    pub const ALL: [Topic; 5] = [
        Topic::OrdersCreate,
        Topic::OrdersUpdated,
        Topic::OrdersPaid,
        Topic::OrdersEdited,
        Topic::OrdersCancelled,
    ];

    /// As in the header of a delivery: `orders/create`.
    pub fn name(self) -> &'static str {
        match self {
            Topic::OrdersCreate => "orders/create",
            Topic::OrdersUpdated => "orders/updated",
            Topic::OrdersPaid => "orders/paid",
            Topic::OrdersEdited => "orders/edited",
            Topic::OrdersCancelled => "orders/cancelled",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub topic: Topic,
    pub uri: String,
}

pub trait Shopify: Send + Sync {
    /// The order as it is now, with all lines and transactions; `None` if Shopify knows no such order.
    ///
    /// A read by id sees every write before it; a listing may not. Source: shopify.md §d.3.
    fn order(
        &self,
        call: Call,
        shop: ShopKey,
        id: OrderId,
    ) -> impl Future<Output = Result<Option<Order>, PlatformError>> + Send;

    /// Orders whose `updated_at` is at or after `since`, oldest first, as far as the search index knows them.
    fn orders_updated(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
        after: Option<String>,
    ) -> impl Future<Output = Result<OrderPage, PlatformError>> + Send;

    /// The shop-scoped subscriptions of this app; topics that the engine does not know are left out.
    fn subscriptions(
        &self,
        call: Call,
        shop: ShopKey,
    ) -> impl Future<Output = Result<Vec<Subscription>, PlatformError>> + Send;

    /// Creates a subscription. One that exists already is not an error.
    fn subscribe(
        &self,
        call: Call,
        shop: ShopKey,
        topic: Topic,
        uri: &str,
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;
}
