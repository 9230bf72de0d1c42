//! Listings that Shopify writes into a file by itself: for what would be too many pages.
//!
//! Source: shopify.md §d.5.

use std::future::Future;

use super::{Call, PlatformError};
use crate::domain::{ShopKey, Timestamp};
use crate::ports::shopify::OrderStamp;

/// The number of a listing that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BulkId(pub u64);

/// A file that is there to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkFile {
    /// `None` if it has no rows.
    pub url: Option<Box<str>>,
    pub rows: u64,
}

/// How far a listing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkState {
    UnderWay,
    Done(BulkFile),
    /// It will not be done.
    Ended {
        reason: String,
    },
}

pub trait BulkListings: Send + Sync {
    /// Asks for the orders whose `updated_at` is at or after `since`, as far as the search index knows them now; `None`
    /// while as many listings are under way as may be.
    fn list_orders_updated(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
    ) -> impl Future<Output = Result<Option<BulkId>, PlatformError>> + Send;

    fn bulk_state(
        &self,
        call: Call,
        shop: ShopKey,
        id: BulkId,
    ) -> impl Future<Output = Result<BulkState, PlatformError>> + Send;

    /// Every row of the file: one that is cut short is unreadable.
    fn listed_orders(
        &self,
        call: Call,
        shop: ShopKey,
        file: &BulkFile,
    ) -> impl Future<Output = Result<Vec<OrderStamp>, PlatformError>> + Send;
}
