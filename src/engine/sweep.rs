//! Finds what webhooks missed: changed orders by a watermark with overlap, and subscriptions that are gone.

pub(crate) mod bulk;
pub(super) mod moved;

use std::sync::Arc;

use super::events::Event;
use super::{Engine, Ports};
use crate::domain::{Flow, Lane, ShopKey, Timestamp};
use crate::ports::shopify::{OrderStamp, Topic};
use crate::ports::store::{Cause, Feed, Hint, StoreError, Watermark};
use crate::ports::{Call, Entity, Paging, Platform, PlatformError, Runtime, Shopify, Store};

/// Rows of a listing in bulk that the store takes at once: as many as a page has.
const ROWS_AT_ONCE: usize = 250;

/// Reads the orders that changed since the watermark, again and again.
///
/// The watermark is the start of the last sweep that read its feed to the end, so a sweep that starts late or
/// fails in the middle leaves no gap (failures.md B1); the overlap covers what the search index shows late.
pub(super) async fn orders<P: Ports>(engine: Arc<Engine<P>>, shop: ShopKey) {
    let mut attempt = 0;
    loop {
        // A sweep that failed is repeated soon, from the same watermark.
        let pause = if sweep_orders(&engine, shop, attempt).await.is_ok() {
            attempt = 0;
            engine.policy.engine.sweep_every
        } else {
            attempt += 1;
            engine.policy.engine.backoff_max
        };
        engine.runtime.sleep(pause).await;
    }
}

/// Why a sweep ended early. It is repeated either way.
pub(super) enum Interrupted {
    Platform,
    Store,
}

impl From<PlatformError> for Interrupted {
    fn from(_: PlatformError) -> Interrupted {
        Interrupted::Platform
    }
}

impl From<StoreError> for Interrupted {
    fn from(_: StoreError) -> Interrupted {
        Interrupted::Store
    }
}

/// How far a feed was read. What was before the engine was put in place is brought over by a backfill, not by a sweep.
pub(super) async fn reached<P: Ports>(
    engine: &Engine<P>,
    shop: ShopKey,
    feed: Feed,
    now: Timestamp,
) -> Result<Timestamp, Interrupted> {
    let merchant = engine.policy.merchant;
    if let Some(reached) = engine.store.watermark(merchant, shop, feed).await? {
        return Ok(reached.at);
    }
    // Kept at once: an engine that dies before its first sweep must not begin later.
    let first = Watermark { merchant, shop, feed, at: engine.started_at };
    engine.store.record(&[], Some(first), now).await?;
    Ok(first.at)
}

async fn sweep_orders<P: Ports>(engine: &Engine<P>, shop: ShopKey, attempt: u32) -> Result<(), Interrupted> {
    let merchant = engine.policy.merchant;
    let settings = &engine.policy.engine;
    let began = engine.runtime.now();
    let since = reached(engine, shop, Feed::OrdersUpdated, began).await?.minus(settings.sweep_overlap);
    let entity = Entity { merchant, shop, flow: Flow::Order, record: 0 };
    let call = Call { entity, lane: Lane::Orders, attempt };
    let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
    let (mut found, mut in_bulk) = (0, false);
    let watermark = Watermark { merchant, shop, feed: Feed::OrdersUpdated, at: began };
    for pages in 1.. {
        let page = engine.shopify.orders_updated(call, shop, since, after).await?;
        after = paging.follow(page.next)?;
        found += page.orders.len() as u32;
        hint(engine, entity, &page.orders, after.is_none().then_some(watermark)).await?;
        if after.is_none() {
            break;
        }
        if pages == settings.bulk_after_pages
            && let Some(last) = page.orders.last()
            && let Some(rest) =
                bulk::orders_updated(&engine.shopify, &engine.runtime, call, shop, last.updated_at).await
        {
            found += rest.len() as u32;
            in_bulk = true;
            hint(engine, entity, &rest, Some(watermark)).await?;
            break;
        }
    }
    engine.observer.observe(Event::Swept { at: engine.runtime.now(), shop, found, in_bulk });
    Ok(())
}

/// Somebody is to look at these orders; the watermark is kept with the last of them.
async fn hint<P: Ports>(
    engine: &Engine<P>,
    shop: Entity,
    orders: &[OrderStamp],
    watermark: Option<Watermark>,
) -> Result<(), StoreError> {
    let hint = |stamp: &OrderStamp| Hint {
        entity: Entity { record: stamp.id.get(), ..shop },
        lane: Lane::Orders,
        version: stamp.updated_at,
        cause: Cause::Sweep,
    };
    let (first, last) = orders.split_at(orders.len().saturating_sub(ROWS_AT_ONCE));
    for rows in first.chunks(ROWS_AT_ONCE) {
        let hints: Vec<Hint> = rows.iter().map(hint).collect();
        engine.store.record(&hints, None, engine.runtime.now()).await?;
    }
    let hints: Vec<Hint> = last.iter().map(hint).collect();
    if !hints.is_empty() || watermark.is_some() {
        engine.store.record(&hints, watermark, engine.runtime.now()).await?;
    }
    if !orders.is_empty() {
        engine.wake();
    }
    Ok(())
}

/// Keeps a subscription for each topic: Shopify deletes one after eight deliveries failed in a row, and says so
/// to nobody but the emergency contact (shopify.md §c.1).
pub(super) async fn subscriptions<P: Ports>(engine: Arc<Engine<P>>, shop: ShopKey) {
    let merchant = engine.policy.merchant;
    let entity = Entity { merchant, shop, flow: Flow::Order, record: 0 };
    let mut attempt = 0;
    loop {
        let call = Call { entity, lane: Lane::Orders, attempt };
        let pause = if keep_subscriptions(&engine, call, shop).await.is_ok() {
            attempt = 0;
            engine.policy.engine.subscriptions_every
        } else {
            attempt += 1;
            engine.policy.engine.backoff_max
        };
        engine.runtime.sleep(pause).await;
    }
}

async fn keep_subscriptions<P: Ports>(
    engine: &Engine<P>,
    call: Call,
    shop: ShopKey,
) -> Result<(), PlatformError> {
    let existing = engine.shopify.subscriptions(call, shop).await?;
    for topic in Topic::ALL {
        if existing.iter().any(|known| known.topic == topic && *known.uri == *engine.callback) {
            continue;
        }
        engine.shopify.subscribe(call, shop, topic, &engine.callback).await?;
        engine.observer.observe(Event::Subscribed { at: engine.runtime.now(), shop, topic });
    }
    Ok(())
}
