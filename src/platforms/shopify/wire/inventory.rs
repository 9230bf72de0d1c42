//! Inventory levels and the writing of them, as Shopify spells both. Source: shopify.md §f.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Connection, Gid, kind};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InventoryLevelsData {
    pub location: Option<StockedLocation>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockedLocation {
    pub inventory_levels: Connection<InventoryLevel>,
}

/// Selected with exactly two quantities, in the order asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InventoryLevel {
    pub item: InventoryItem,
    pub quantities: [InventoryQuantity; 2],
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InventoryItem {
    pub id: Gid<kind::InventoryItem>,
    pub sku: Option<Arc<str>>,
    pub tracked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryQuantity {
    pub name: QuantityName,
    pub quantity: i64,
}

/// A state of stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantityName {
    Available,
    Committed,
    OnHand,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventorySetQuantitiesData {
    pub inventory_set_quantities: Option<InventorySetQuantitiesPayload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventorySetQuantitiesPayload {
    /// Null when nothing was set.
    pub inventory_adjustment_group: Option<InventoryAdjustmentGroup>,
    pub user_errors: Vec<InventoryUserError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryAdjustmentGroup {
    pub id: Gid<kind::InventoryAdjustmentGroup>,
}

/// `["input","quantities","3","changeFromQuantity"]` names the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryUserError {
    pub code: Option<Box<str>>,
    pub field: Option<Vec<Box<str>>>,
    pub message: Box<str>,
}
