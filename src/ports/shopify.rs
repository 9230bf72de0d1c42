//! What the engine asks of Shopify.

use std::future::Future;

use super::{Call, PlatformError};
use crate::domain::fulfillment::{FulfillmentOrder, NewFulfillment, Parcel};
use crate::domain::ids::{FulfillmentId, GiftCardId, OrderId};
use crate::domain::{BookDate, Money, Order, ShopKey, Timestamp};

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
    RefundsCreate,
    FulfillmentsCreate,
    FulfillmentsUpdate,
}

impl Topic {
    pub const ALL: [Topic; 8] = [
        Topic::OrdersCreate,
        Topic::OrdersUpdated,
        Topic::OrdersPaid,
        Topic::OrdersEdited,
        Topic::OrdersCancelled,
        Topic::RefundsCreate,
        Topic::FulfillmentsCreate,
        Topic::FulfillmentsUpdate,
    ];

    /// As in the header of a delivery: `orders/create`.
    pub fn name(self) -> &'static str {
        match self {
            Topic::OrdersCreate => "orders/create",
            Topic::OrdersUpdated => "orders/updated",
            Topic::OrdersPaid => "orders/paid",
            Topic::OrdersEdited => "orders/edited",
            Topic::OrdersCancelled => "orders/cancelled",
            Topic::RefundsCreate => "refunds/create",
            Topic::FulfillmentsCreate => "fulfillments/create",
            Topic::FulfillmentsUpdate => "fulfillments/update",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub topic: Topic,
    pub uri: String,
}

pub trait Shopify: Send + Sync {
    /// The order as it is now, with all lines, transactions, fulfillments and refunds; `None` if Shopify knows no such order.
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

/// What the engine asks of Shopify about shipping.
pub trait Fulfillments: Send + Sync {
    /// The order's fulfillment orders as they are now, closed ones included. Empty while Shopify still routes.
    fn fulfillment_orders(
        &self,
        call: Call,
        shop: ShopKey,
        order: OrderId,
    ) -> impl Future<Output = Result<Vec<FulfillmentOrder>, PlatformError>> + Send;

    /// Tells the buyer what left. Shopify knows no idempotency here: after an unknown outcome, read the order's
    /// fulfillments before trying again (shopify.md §g).
    fn fulfill(
        &self,
        call: Call,
        shop: ShopKey,
        fulfillment: &NewFulfillment,
    ) -> impl Future<Output = Result<FulfillmentId, PlatformError>> + Send;

    /// Replaces the parcels of a fulfillment: a number that was corrected.
    fn retrack(
        &self,
        call: Call,
        shop: ShopKey,
        fulfillment: FulfillmentId,
        parcels: &[Parcel],
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;
}

/// A gift card as Shopify lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftCard {
    pub id: GiftCardId,
    pub created_at: Timestamp,
    pub initial: Money,
    pub balance: Money,
    /// The order line that sold it; `None` for a card that was given away.
    pub sold_by: Option<OrderId>,
    pub is_enabled: bool,
    pub expires_on: Option<BookDate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftCardPage {
    pub cards: Vec<GiftCard>,
    pub next: Option<String>,
}

/// No webhook speaks of gift cards: they are read by when they were created, and all of them now and then
/// (shopify.md §i).
pub trait GiftCards: Send + Sync {
    fn gift_cards(
        &self,
        call: Call,
        shop: ShopKey,
        created_since: Timestamp,
        after: Option<String>,
    ) -> impl Future<Output = Result<GiftCardPage, PlatformError>> + Send;
}
