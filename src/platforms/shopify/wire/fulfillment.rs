//! What was shipped and what is to ship, as Shopify's JSON spells them.
//!
//! Source: shopify.md §g.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Connection, DateTime, Gid, Ref, UserError, kind};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fulfillment {
    pub id: Gid<kind::Fulfillment>,
    pub created_at: DateTime,
    pub status: FulfillmentStatus,
    pub tracking_info: Vec<TrackingInfo>,
    pub fulfillment_line_items: Connection<FulfillmentLineItem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FulfillmentStatus {
    Success,
    Cancelled,
    Error,
    Failure,
    /// Enumerations may gain values inside a version. Source: shopify.md §a.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingInfo {
    pub company: Option<Arc<str>>,
    pub number: Option<Box<str>>,
    pub url: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentLineItem {
    /// Null for a line whose units were all removed.
    pub quantity: Option<u32>,
    pub line_item: Ref<kind::LineItem>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FulfillmentOrdersData {
    pub order: Option<FulfillmentOrders>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentOrders {
    pub id: Gid<kind::Order>,
    pub fulfillment_orders: Connection<FulfillmentOrder>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentOrder {
    pub id: Gid<kind::FulfillmentOrder>,
    pub status: FulfillmentOrderStatus,
    pub assigned_location: AssignedLocation,
    pub line_items: Connection<FulfillmentOrderLineItem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FulfillmentOrderStatus {
    Open,
    InProgress,
    Scheduled,
    OnHold,
    Incomplete,
    Closed,
    Cancelled,
    #[serde(other)]
    Unknown,
}

/// A snapshot; its location is null once that was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignedLocation {
    pub location: Option<Ref<kind::Location>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentOrderLineItem {
    pub id: Gid<kind::FulfillmentOrderLineItem>,
    pub remaining_quantity: u32,
    pub line_item: Ref<kind::LineItem>,
}

/// A further page of a fulfillment order's lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentOrderLinesData {
    pub fulfillment_order: Option<FulfillmentOrderLines>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentOrderLines {
    pub id: Gid<kind::FulfillmentOrder>,
    pub line_items: Connection<FulfillmentOrderLineItem>,
}

/// A further page of a fulfillment's lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FulfillmentLinesData {
    pub fulfillment: Option<FulfillmentLines>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentLines {
    pub id: Gid<kind::Fulfillment>,
    pub fulfillment_line_items: Connection<FulfillmentLineItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentInput {
    pub line_items_by_fulfillment_order: Vec<FulfillmentOrderLineItemsInput>,
    pub tracking_info: Option<FulfillmentTrackingInput>,
    #[serde(default)]
    pub notify_customer: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentOrderLineItemsInput {
    pub fulfillment_order_id: Gid<kind::FulfillmentOrder>,
    /// Empty for everything that remains.
    #[serde(default)]
    pub fulfillment_order_line_items: Vec<FulfillmentOrderLineItemInput>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentOrderLineItemInput {
    pub id: Gid<kind::FulfillmentOrderLineItem>,
    pub quantity: u32,
}

/// One carrier for all numbers; `urls` is empty or has one for each number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FulfillmentTrackingInput {
    pub company: Option<Box<str>>,
    #[serde(default)]
    pub numbers: Vec<Box<str>>,
    #[serde(default)]
    pub urls: Vec<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentCreateData {
    pub fulfillment_create: Option<FulfillmentPayload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentTrackingInfoUpdateData {
    pub fulfillment_tracking_info_update: Option<FulfillmentPayload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentPayload {
    pub fulfillment: Option<Ref<kind::Fulfillment>>,
    pub user_errors: Vec<UserError>,
}
