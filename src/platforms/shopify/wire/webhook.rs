//! Webhook deliveries: topics, headers, and of the payload what we read. Unknown fields are ignored, because
//! a delivery is a hint and the order is read anew.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::scalars::{Gid, Uuid, kind};
use crate::domain::Timestamp;
use crate::domain::ids::OrderId;

/// Topics of orders, their refunds and fulfillments. One that came after this program reads as `Other`. Source: shopify.md §c.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WebhookTopic {
    OrdersCreate,
    OrdersUpdated,
    OrdersPaid,
    OrdersEdited,
    OrdersCancelled,
    RefundsCreate,
    FulfillmentsCreate,
    FulfillmentsUpdate,
    #[serde(other)]
    Other,
}

impl WebhookTopic {
    /// The topic that the schema spells so; `Other` for one that this program does not know.
    pub fn of_schema(name: &str) -> WebhookTopic {
        let known = WebhookTopic::KNOWN.into_iter().find(|topic| topic.name_in_schema() == name);
        known.unwrap_or(WebhookTopic::Other)
    }

    /// As the schema spells it: `ORDERS_CREATE`.
    pub fn name_in_schema(self) -> String {
        self.header().to_ascii_uppercase().replace('/', "_")
    }

    /// The topics that this program knows.
    pub const KNOWN: [WebhookTopic; 8] = [
        WebhookTopic::OrdersCreate,
        WebhookTopic::OrdersUpdated,
        WebhookTopic::OrdersPaid,
        WebhookTopic::OrdersEdited,
        WebhookTopic::OrdersCancelled,
        WebhookTopic::RefundsCreate,
        WebhookTopic::FulfillmentsCreate,
        WebhookTopic::FulfillmentsUpdate,
    ];

    /// As in the header `X-Shopify-Topic`.
    pub const fn header(self) -> &'static str {
        match self {
            WebhookTopic::OrdersCreate => "orders/create",
            WebhookTopic::OrdersUpdated => "orders/updated",
            WebhookTopic::OrdersPaid => "orders/paid",
            WebhookTopic::OrdersEdited => "orders/edited",
            WebhookTopic::OrdersCancelled => "orders/cancelled",
            WebhookTopic::RefundsCreate => "refunds/create",
            WebhookTopic::FulfillmentsCreate => "fulfillments/create",
            WebhookTopic::FulfillmentsUpdate => "fulfillments/update",
            WebhookTopic::Other => "other",
        }
    }

    pub fn from_header(text: &str) -> WebhookTopic {
        WebhookTopic::KNOWN.into_iter().find(|topic| topic.header() == text).unwrap_or(WebhookTopic::Other)
    }
}

/// One POST: its headers and its body.
///
/// Source: shopify.md §c.2. The signature is no field here: the intake checks it over the raw bytes before it
/// makes a `Delivery`.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// `{shop}.myshopify.com`.
    pub shop_domain: Arc<str>,
    pub topic: WebhookTopic,
    /// The same on every retry of one delivery: what duplicates are recognised by.
    pub webhook_id: Uuid,
    /// Shared by all deliveries of one merchant action; a correlation key only.
    pub event_id: Uuid,
    pub api_version: ApiVersion,
    /// When the change happened, below a second: an old one marks a stale retry.
    pub triggered_at: Timestamp,
    pub payload: WebhookPayload,
}

/// The version a payload or an answer was rendered by, such as `2026-10`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ApiVersion {
    pub year: u16,
    pub month: u8,
}

/// The version that this client asks for. Source: shopify.md, head.
pub const API_VERSION: ApiVersion = ApiVersion { year: 2026, month: 10 };

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A body, by the shape that its topic has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WebhookPayload {
    Order(OrderWebhook),
    /// `orders/edited` says only what was added and removed.
    Edit(OrderEditWebhook),
    Refund(RefundWebhook),
    Fulfillment(FulfillmentWebhook),
}

/// Topics create, updated, cancelled and paid share this shape, of which we read three fields.
///
/// Source: shopify.md §c.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderWebhook {
    pub id: u64,
    pub admin_graphql_api_id: Gid<kind::Order>,
    pub updated_at: OffsetInstant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEditWebhook {
    pub order_edit: OrderEdit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEdit {
    pub id: u64,
    pub order_id: u64,
    pub committed_at: OffsetInstant,
}

/// Of `refunds/create` we read whose refund it is. Source: shopify.md §c.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundWebhook {
    pub id: u64,
    pub order_id: u64,
    pub created_at: OffsetInstant,
}

/// Of `fulfillments/create` and `fulfillments/update` we read whose fulfillment it is. Source: shopify.md §c.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentWebhook {
    pub id: u64,
    pub order_id: u64,
    pub updated_at: OffsetInstant,
}

impl WebhookPayload {
    /// # Errors
    /// A body without the fields that its topic carries, or of a topic that this program does not know.
    pub fn parse(topic: WebhookTopic, body: &str) -> Result<WebhookPayload, String> {
        match topic {
            WebhookTopic::OrdersEdited => {
                serde_json::from_str(body).map(WebhookPayload::Edit).map_err(|error| error.to_string())
            }
            WebhookTopic::RefundsCreate => {
                serde_json::from_str(body).map(WebhookPayload::Refund).map_err(|error| error.to_string())
            }
            WebhookTopic::FulfillmentsCreate | WebhookTopic::FulfillmentsUpdate => {
                serde_json::from_str(body).map(WebhookPayload::Fulfillment).map_err(|error| error.to_string())
            }
            WebhookTopic::Other => Err("a topic that nobody subscribed to".to_owned()),
            _ => serde_json::from_str(body).map(WebhookPayload::Order).map_err(|error| error.to_string()),
        }
    }

    pub fn order_id(&self) -> OrderId {
        OrderId::new(match self {
            WebhookPayload::Order(order) => order.id,
            WebhookPayload::Edit(edit) => edit.order_edit.order_id,
            WebhookPayload::Refund(refund) => refund.order_id,
            WebhookPayload::Fulfillment(fulfillment) => fulfillment.order_id,
        })
    }

    /// The order's version that the payload speaks of, in whole seconds.
    pub fn updated_at(&self) -> Timestamp {
        match self {
            WebhookPayload::Order(order) => order.updated_at.at,
            WebhookPayload::Edit(edit) => edit.order_edit.committed_at.at,
            WebhookPayload::Refund(refund) => refund.created_at.at,
            WebhookPayload::Fulfillment(fulfillment) => fulfillment.updated_at.at,
        }
    }

    /// The body as it travels.
    pub fn to_json(&self) -> String {
        match self {
            WebhookPayload::Order(order) => serde_json::to_string(order),
            WebhookPayload::Edit(edit) => serde_json::to_string(edit),
            WebhookPayload::Refund(refund) => serde_json::to_string(refund),
            WebhookPayload::Fulfillment(fulfillment) => serde_json::to_string(fulfillment),
        }
        .expect("a payload has no map with keys that are not text")
    }
}

/// An instant in the shop's zone, `2021-12-31T19:00:00-05:00`: webhooks spell instants so.
///
/// Source: shopify.md §b.5.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OffsetInstant {
    pub at: Timestamp,
    /// Seconds east of Greenwich.
    pub offset: i32,
}

impl fmt::Display for OffsetInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = Timestamp::from_seconds(self.at.seconds() + i64::from(self.offset)).to_string();
        let clock = local.strip_suffix('Z').unwrap_or(&local);
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.unsigned_abs() / 60;
        write!(f, "{clock}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl fmt::Debug for OffsetInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for OffsetInstant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OffsetInstant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let at: Timestamp = text.parse().map_err(D::Error::custom)?;
        Ok(OffsetInstant { at, offset: offset_of(&text) })
    }
}

/// Seconds east of Greenwich of a text already known to be RFC 3339.
fn offset_of(text: &str) -> i32 {
    let Some(tail) = text.len().checked_sub(6).and_then(|from| text.get(from..)) else { return 0 };
    let (Some(hours), Some(minutes)) = (tail.get(1..3), tail.get(4..6)) else { return 0 };
    match (tail.as_bytes()[0], hours.parse::<i32>(), minutes.parse::<i32>()) {
        (b'+', Ok(hours), Ok(minutes)) => hours * 3_600 + minutes * 60,
        (b'-', Ok(hours), Ok(minutes)) => -(hours * 3_600 + minutes * 60),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
