//! Learns which price lists may have become wrong: from what NetSuite says has changed, and by a full comparison
//! from time to time.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::ids::CompanyLocationId;
use crate::domain::price::{PriceListHead, PricingChange};
use crate::domain::{ExternalId, Flow, Lane, ShopKey, Timestamp};
use crate::engine::{Engine, Ports};
use crate::policy::PricePolicy;
use crate::ports::store::{Cause, Feed, Hint, StoreError, Watermark};
use crate::ports::{AgreedPrices, BuyerAccounts, Call, Entity, PlatformError, PriceLists, Runtime, Store};

/// Why a poll ended early. It is repeated either way.
enum Interrupted {
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

/// The price lists of a shop as last listed, and what remains to be asked.
#[derive(Default)]
struct Known {
    lists: Vec<PriceListHead>,
    listed_at: Timestamp,
    attempt: u32,
}

/// Polls what has changed, and compares everything from time to time.
pub(in crate::engine) async fn prices<P: Ports>(engine: Arc<Engine<P>>, shop: ShopKey) {
    let Some(policy) = engine.policy.prices.clone() else { return };
    let mut known = Known::default();
    loop {
        let pause = match poll(&engine, shop, &policy, &mut known).await {
            Ok(()) => {
                known.attempt = 0;
                policy.poll_every
            }
            Err(why) => {
                known.attempt += 1;
                if matches!(why, Interrupted::Platform) {
                    // Nobody can tell what has changed: each list is to be proved, or to be told of.
                    let hints = hints(&engine, shop, &known.lists, Timestamp::ORIGIN);
                    if engine.store.record(&hints, None, engine.runtime.now()).await.is_ok() {
                        engine.wake();
                    }
                }
                engine.policy.engine.backoff_max.min(policy.poll_every)
            }
        };
        engine.runtime.sleep(pause).await;
    }
}

async fn poll<P: Ports>(
    engine: &Engine<P>,
    shop: ShopKey,
    policy: &PricePolicy,
    known: &mut Known,
) -> Result<(), Interrupted> {
    let merchant = engine.policy.merchant;
    let began = engine.runtime.now();
    let call = Call {
        entity: Entity { merchant, shop, flow: Flow::Price, record: 0 },
        lane: Lane::Prices,
        attempt: known.attempt,
    };
    let is_first = known.listed_at == Timestamp::ORIGIN;
    if is_first || began.since(known.listed_at) >= policy.compare_every {
        known.lists = engine.shopify.price_lists(call, shop).await?;
        let all = hints(engine, shop, &known.lists, Timestamp::ORIGIN);
        engine.store.record(&all, None, engine.runtime.now()).await?;
        known.listed_at = began;
        engine.wake();
    }
    if known.lists.is_empty() {
        return Ok(());
    }
    let reached = engine.store.watermark(merchant, shop, Feed::PricesChanged).await?;
    let reached = reached.map_or(engine.started_at, |watermark| watermark.at);
    let since = reached.minus(policy.poll_overlap);
    let zone = &engine.policy.netsuite.zone;
    let items = engine.netsuite.items_changed(call, since, zone).await?;
    let customers = engine.netsuite.customers_changed(call, since, zone).await?;
    let mut due: BTreeMap<u64, Hint> = BTreeMap::new();
    let mut add = |hints: Vec<Hint>| {
        for hint in hints {
            let latest = due.entry(hint.entity.record).or_insert(hint);
            latest.version = latest.version.max(hint.version);
        }
    };
    // A price of an item may be anybody's; what is agreed with a customer is on its own lists.
    if let Some(latest) = items.iter().map(|change| change.at).max() {
        add(hints(engine, shop, &known.lists, latest));
    }
    for change in &customers {
        let Some(key) = &change.external_id else { continue };
        let of_buyer = known.lists.iter().filter(|list| {
            list.locations
                .iter()
                .any(|location| ExternalId::for_company_location(shop, *location).as_str() == &**key)
        });
        add(hints(engine, shop, of_buyer, change.at));
    }
    let mut due: Vec<Hint> = due.into_values().collect();
    if engine.policy.terms.is_some() {
        // A limit or terms may have changed, or a payment come in.
        let payments = engine.netsuite.payments_changed(call, since, zone).await?;
        due.extend(standings(engine, shop, &known.lists, customers.iter().chain(&payments)));
    }
    let watermark = Watermark { merchant, shop, feed: Feed::PricesChanged, at: began };
    engine.store.record(&due, Some(watermark), engine.runtime.now()).await?;
    if !due.is_empty() {
        engine.wake();
    }
    Ok(())
}

/// Hints for the buyers of these changes.
fn standings<'a, P: Ports>(
    engine: &Engine<P>,
    shop: ShopKey,
    lists: &[PriceListHead],
    changes: impl Iterator<Item = &'a PricingChange>,
) -> Vec<Hint> {
    let merchant = engine.policy.merchant;
    let mut latest: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for change in changes {
        if let Some(key) = &change.external_id {
            let at = latest.entry(key).or_default();
            *at = change.at.max(*at);
        }
    }
    let locations = lists.iter().flat_map(|list| &list.locations);
    let changed = locations.filter_map(|location| {
        let key = ExternalId::for_company_location(shop, *location);
        latest.get(key.as_str()).map(|at| (location, *at))
    });
    let hint = |(location, version): (&CompanyLocationId, Timestamp)| Hint {
        entity: Entity { merchant, shop, flow: Flow::Terms, record: location.get() },
        lane: Lane::Orders,
        version,
        cause: Cause::Sweep,
    };
    changed.map(hint).collect()
}

fn hints<'a, P: Ports>(
    engine: &Engine<P>,
    shop: ShopKey,
    lists: impl IntoIterator<Item = &'a PriceListHead>,
    version: Timestamp,
) -> Vec<Hint> {
    let merchant = engine.policy.merchant;
    let hint = |list: &PriceListHead| Hint {
        entity: Entity { merchant, shop, flow: Flow::Price, record: list.id.get() },
        lane: Lane::Prices,
        version,
        cause: Cause::Sweep,
    };
    lists.into_iter().map(hint).collect()
}
