//! What the stock flow asks of both platforms.

use std::future::Future;

use super::{Call, PlatformError};
use crate::domain::{InternalId, ShopKey, Sku, Timestamp};

/// What Shopify says of one item at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryLevel {
    /// Shopify's number of the inventory item.
    pub item: u64,
    /// `None` for a variant without one.
    pub sku: Option<Sku>,
    /// Shopify keeps count of it.
    pub is_tracked: bool,
    pub available: i64,
    /// Sold and not yet fulfilled.
    pub committed: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelPage {
    pub levels: Vec<InventoryLevel>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// What `available` of one item is to become, if it still is what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LevelChange {
    pub item: u64,
    pub from: i64,
    pub to: i64,
}

/// The most rows of one write. Source: shopify.md §f.
pub const LEVELS_AT_ONCE: usize = 250;

/// How a write of levels ended: all rows or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LevelsSet {
    All,
    /// Nothing was set, because of these rows.
    None(Vec<RefusedLevel>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLevel {
    /// Position in the call.
    pub row: usize,
    pub why: LevelRefusal,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LevelRefusal {
    /// The level is no longer what it was compared with.
    Stale,
    /// With Shopify's code and text.
    Refused(String),
}

/// Levels of Shopify's locations.
pub trait InventoryLevels: Send + Sync {
    /// The levels of a location, by page; `None` if Shopify knows no such location.
    fn levels(
        &self,
        call: Call,
        shop: ShopKey,
        location: u64,
        after: Option<String>,
    ) -> impl Future<Output = Result<Option<LevelPage>, PlatformError>> + Send;

    /// Sets `available` of at most [`LEVELS_AT_ONCE`] items, all or none. `key` makes a repetition of the same call
    /// within a day the same call: another content needs another key, and so does another try of the same content
    /// after anything else was written.
    fn set_levels(
        &self,
        call: Call,
        shop: ShopKey,
        location: u64,
        key: &str,
        changes: &[LevelChange],
    ) -> impl Future<Output = Result<LevelsSet, PlatformError>> + Send;
}

/// What NetSuite says of one stocked item at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    pub item: InternalId,
    /// The item's external id; `None` for an item that no shop can sell.
    pub sku: Option<Sku>,
    /// On hand less committed, never below zero.
    pub available: i64,
    /// Sold beyond what is on hand.
    pub back_ordered: i64,
    /// Committed or back-ordered for sales orders of the shop that asks.
    pub of_shop: i64,
}

/// One member of a kit, as NetSuite defines it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitRow {
    pub kit: Sku,
    /// `None` when the kit has no member, or one without external id or inactive.
    pub member: Option<Sku>,
    /// Units in one kit.
    pub quantity: u32,
    /// The member's base price, in minor units of the account's base currency: a weight, not money that moves.
    pub base_price: u64,
}

/// Stock and kits in NetSuite.
pub trait StockBooks: Send + Sync {
    /// Items whose availability at the location changed at or after `since`, all items without it, in the order of
    /// their ids after `after`. At most [`STOCK_ROWS_MAX`]; fewer are the last.
    fn stock(
        &self,
        call: Call,
        shop: ShopKey,
        location: InternalId,
        since: Option<Timestamp>,
        after: InternalId,
    ) -> impl Future<Output = Result<Vec<StockRow>, PlatformError>> + Send;

    /// Every kit's members, kit by kit in their order.
    fn kits(&self, call: Call) -> impl Future<Output = Result<Vec<KitRow>, PlatformError>> + Send;
}

/// Rows of one answer of [`StockBooks::stock`]. Source: netsuite.md §11.1, the largest page.
pub const STOCK_ROWS_MAX: usize = 1_000;
