//! A listing of changed orders that is too long for pages, read as a file that Shopify writes by itself: it costs a
//! dozen points however many orders there are, where pages cost thirteen points for every 250.
//!
//! Whatever keeps us from the file, a network that lets nobody through to where it lies included, leaves the pages to be
//! read on: slower, and as complete.

use crate::domain::{Duration, ShopKey, Timestamp};
use crate::ports::bulk::{BulkListings, BulkState};
use crate::ports::shopify::OrderStamp;
use crate::ports::{Call, Runtime};

/// Between the first two looks at a listing; it doubles.
const LOOK_FIRST: Duration = Duration::from_secs(1);
const LOOK_MAX: Duration = Duration::from_secs(30);
/// What takes longer is left to itself. Shopify lets one run for ten days (shopify.md §d.5), orders cannot wait for it.
const PATIENCE: Duration = Duration::from_mins(30);

/// Every order that changed since then; `None` if the file is not written or cannot be read, or not soon.
pub(crate) async fn orders_updated<S: BulkListings>(
    shopify: &S,
    runtime: &impl Runtime,
    call: Call,
    shop: ShopKey,
    since: Timestamp,
) -> Option<Vec<OrderStamp>> {
    let id = shopify.list_orders_updated(call, shop, since).await.ok()??;
    let (until, mut pause) = (runtime.now().plus(PATIENCE), LOOK_FIRST);
    while runtime.now() < until {
        runtime.sleep(pause).await;
        pause = pause.times(2).min(LOOK_MAX);
        match shopify.bulk_state(call, shop, id).await.ok()? {
            BulkState::UnderWay => {}
            BulkState::Done(file) => return shopify.listed_orders(call, shop, &file).await.ok(),
            BulkState::Ended { .. } => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests;
