//! What left the warehouse: item fulfillments as NetSuite reports them, fulfillments and fulfillment orders as
//! Shopify does.

use super::ids::{
    ExternalId, FulfillmentId, FulfillmentOrderId, FulfillmentOrderLineId, InternalId, LineItemId, Sku,
};
use super::money::Money;
use super::sales_order::LineKey;
use super::time::{BookDate, Timestamp};

/// One parcel with its carrier's number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parcel {
    pub carrier: Option<Box<str>>,
    pub number: Box<str>,
    pub url: Option<Box<str>>,
}

/// A fulfillment as Shopify shows it to the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfillment {
    pub id: FulfillmentId,
    pub created_at: Timestamp,
    pub is_cancelled: bool,
    /// Units by line; each line once.
    pub lines: Vec<(LineItemId, u32)>,
    pub parcels: Vec<Parcel>,
}

/// Work for one location, as Shopify routes it. Read anew before each fulfillment: moves, splits and holds make
/// new ones (shopify.md §g).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FulfillmentOrder {
    pub id: FulfillmentOrderId,
    pub status: FulfillmentOrderStatus,
    /// Shopify's number of the location; `None` if it was deleted.
    pub location: Option<u64>,
    pub lines: Vec<FulfillmentOrderLine>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FulfillmentOrderLine {
    pub id: FulfillmentOrderLineId,
    pub line: LineItemId,
    pub remaining: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FulfillmentOrderStatus {
    Open,
    InProgress,
    Scheduled,
    OnHold,
    Incomplete,
    Closed,
    Cancelled,
}

impl FulfillmentOrderStatus {
    /// Whether `fulfillmentCreate` accepts it.
    pub fn is_fulfillable(self) -> bool {
        matches!(self, FulfillmentOrderStatus::Open | FulfillmentOrderStatus::InProgress)
    }
}

/// A fulfillment as the engine creates it in Shopify: all of one order and one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFulfillment {
    pub lines: Vec<(FulfillmentOrderId, Vec<(FulfillmentOrderLineId, u32)>)>,
    pub parcels: Vec<Parcel>,
    pub notify_customer: bool,
}

/// An item fulfillment as NetSuite reports it. Cost posts when it is shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownShipment {
    pub internal_id: InternalId,
    pub external_id: Option<ExternalId>,
    pub status: ShipStatus,
    pub date: BookDate,
    pub location: InternalId,
    pub lines: Vec<ShippedLine>,
    pub parcels: Vec<Parcel>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippedLine {
    /// NetSuite's number of the sales order's line.
    pub order_line: u32,
    /// `None` when a person added the line to the sales order.
    pub key: Option<LineKey>,
    pub item: Sku,
    pub quantity: u32,
    /// Cost relieved, in the subsidiary's base currency; zero before it is shipped.
    pub cost: Money,
}

/// Source: netsuite.md §14.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ShipStatus {
    Picked,
    Packed,
    Shipped,
}
