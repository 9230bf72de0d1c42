//! Learns which variants may differ from their items: from what NetSuite says has changed, and by a comparison of all
//! of them from time to time.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::ids::VariantId;
use crate::domain::price::Variant;
use crate::domain::{Flow, Lane, ShopKey, Sku, Timestamp};
use crate::engine::{Engine, Ports};
use crate::policy::products::ProductPolicy;
use crate::ports::store::{Cause, Feed, Hint, StoreError, Watermark};
use crate::ports::{Call, Entity, Items, PlatformError, PriceLists, Runtime, Store};

/// Nothing was learned. It is tried again either way.
struct Interrupted;

impl From<PlatformError> for Interrupted {
    fn from(_: PlatformError) -> Interrupted {
        Interrupted
    }
}

impl From<StoreError> for Interrupted {
    fn from(_: StoreError) -> Interrupted {
        Interrupted
    }
}

/// What a shop sells as last listed, and how often it was asked in vain.
#[derive(Default)]
struct Listed {
    variants: Vec<Variant>,
    at: Option<Timestamp>,
    attempt: u32,
}

/// Polls what has changed, and compares everything from time to time.
pub(in crate::engine) async fn products<P: Ports>(engine: Arc<Engine<P>>, shop: ShopKey) {
    let Some(policy) = engine.policy.products.clone() else { return };
    let mut listed = Listed::default();
    loop {
        let pause = match poll(&engine, shop, &policy, &mut listed).await {
            Ok(()) => {
                listed.attempt = 0;
                policy.poll_every
            }
            Err(Interrupted) => {
                listed.attempt += 1;
                engine.policy.engine.backoff_max.min(policy.poll_every)
            }
        };
        engine.runtime.sleep(pause).await;
    }
}

async fn poll<P: Ports>(
    engine: &Engine<P>,
    shop: ShopKey,
    policy: &ProductPolicy,
    listed: &mut Listed,
) -> Result<(), Interrupted> {
    let merchant = engine.policy.merchant;
    let began = engine.runtime.now();
    let entity = Entity { merchant, shop, flow: Flow::Product, record: 0 };
    let call = Call { entity, lane: Lane::Prices, attempt: listed.attempt };
    let hint = |variant: VariantId, version: Timestamp| Hint {
        entity: Entity { record: variant.get(), ..entity },
        lane: Lane::Prices,
        version,
        cause: Cause::Sweep,
    };
    if listed.at.is_none_or(|at| began.since(at) >= policy.compare_every) {
        listed.variants = engine.shopify.variants(call, shop).await?;
        let all: Vec<Hint> =
            listed.variants.iter().map(|variant| hint(variant.id, Timestamp::ORIGIN)).collect();
        engine.store.record(&all, None, engine.runtime.now()).await?;
        listed.at = Some(began);
        engine.wake();
    }
    let reached = engine.store.watermark(merchant, shop, Feed::ItemsChanged).await?;
    let since = reached.map_or(engine.started_at, |watermark| watermark.at).minus(policy.poll_overlap);
    let saved = engine.netsuite.items_saved(call, since, &engine.policy.netsuite.zone).await?;
    let saved: BTreeMap<Sku, Timestamp> = saved.into_iter().collect();
    // A variant that is not listed yet is found by the next comparison.
    let changed = listed.variants.iter().filter_map(|it| Some(hint(it.id, *saved.get(&it.sku)?)));
    let changed: Vec<Hint> = changed.collect();
    let watermark = Watermark { merchant, shop, feed: Feed::ItemsChanged, at: began };
    engine.store.record(&changed, Some(watermark), engine.runtime.now()).await?;
    if !changed.is_empty() {
        engine.wake();
    }
    Ok(())
}
