//! Finds what moved in NetSuite: orders that were released, picked, shipped, closed or billed by hand. NetSuite tells
//! nobody (netsuite.md §19), so it is asked again and again, with an overlap for rows that show up late.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Interrupted, reached};
use crate::domain::ids::OrderId;
use crate::domain::{ExternalId, Flow, InternalId, Lane, ShopKey, Timestamp};
use crate::engine::{Engine, Ports};
use crate::ports::netsuite::{Billing, MovedOrder};
use crate::ports::store::{Cause, Feed, Hint, Watermark};
use crate::ports::{Call, Entity, Runtime, Store};

/// Rows of one reading at the most; fewer mean that there are no more.
///
/// Source: netsuite.md §11.1: a page of SuiteQL has at most 1,000 rows.
const PAGE: usize = 1_000;

/// Orders that were hinted already, by the save that was hinted: the overlap shows each of them several times.
type Hinted = BTreeMap<InternalId, Timestamp>;

/// One for the account. The watermark is kept under the shop that policy names first.
pub(in crate::engine) async fn orders<P: Ports>(engine: Arc<Engine<P>>, shop: ShopKey) {
    let mut attempt = 0;
    let mut hinted = Hinted::new();
    // An engine that was away has forgotten which released orders it was watching: all of them are looked at again.
    let mut back =
        engine.policy.warehouse.silent_after.unwrap_or_default().max(engine.policy.engine.moved_overlap);
    loop {
        let since_overlap = std::mem::replace(&mut back, engine.policy.engine.moved_overlap);
        let pause = if sweep(&engine, shop, since_overlap, &mut hinted, attempt).await.is_ok() {
            attempt = 0;
            engine.policy.engine.moved_every
        } else {
            back = since_overlap;
            attempt += 1;
            engine.policy.engine.backoff_max
        };
        engine.runtime.sleep(pause).await;
    }
}

async fn sweep<P: Ports>(
    engine: &Engine<P>,
    shop: ShopKey,
    overlap: crate::domain::Duration,
    hinted: &mut Hinted,
    attempt: u32,
) -> Result<(), Interrupted> {
    let merchant = engine.policy.merchant;
    let began = engine.runtime.now();
    let feed = Feed::OrdersMoved;
    let since = reached(engine, shop, feed, began).await?.minus(overlap);
    let account = Entity { merchant, shop, flow: Flow::Order, record: 0 };
    let mut after: Option<MovedOrder> = None;
    let mut hints: Vec<Hint> = engine.silent_by_now(began).into_iter().map(hint).collect();
    loop {
        let call = Call { entity: account, lane: Lane::Fulfillment, attempt };
        let page = engine.netsuite.orders_moved(call, since, after.take()).await?;
        let is_last = page.len() < PAGE;
        for moved in &page {
            if hinted.get(&moved.internal_id) == Some(&moved.modified_at) {
                continue;
            }
            hinted.insert(moved.internal_id, moved.modified_at);
            // An order that a person keyed in NetSuite is not ours.
            let Some((shop, order)) = moved.external_id.as_ref().and_then(|key| of_ours(engine, key)) else {
                continue;
            };
            hints.push(hint(Entity { shop, record: order.get(), ..account }));
        }
        let watermark = is_last.then_some(Watermark { merchant, shop, feed, at: began });
        if !hints.is_empty() || watermark.is_some() {
            engine.store.record(&hints, watermark, engine.runtime.now()).await?;
        }
        if !hints.is_empty() {
            engine.wake();
        }
        hints.clear();
        if is_last {
            hinted.retain(|_, modified_at| *modified_at >= since);
            return Ok(());
        }
        after = page.into_iter().last();
    }
}

/// A hint that names no version: what Shopify's record says of its age tells nothing of NetSuite's.
fn hint(entity: Entity) -> Hint {
    Hint { entity, lane: Lane::Fulfillment, version: Timestamp::ORIGIN, cause: Cause::Sweep }
}

/// The Shopify order behind an external id of ours.
fn of_ours<P: Ports>(engine: &Engine<P>, key: &ExternalId) -> Option<(ShopKey, OrderId)> {
    engine.policy.shops.iter().find_map(|shop| {
        let rest = key.as_str().strip_prefix(shop.key.as_str())?.strip_prefix("-order-")?;
        Some((shop.key, OrderId::new(rest.parse().ok()?)))
    })
}
