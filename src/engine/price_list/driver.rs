//! Reads one price list and what was agreed with its buyers, asks `plan`, and performs what it says.

use std::sync::Arc;

use super::{Action, Observed, levels, plan};
use crate::domain::ids::PriceListId;
use crate::domain::price::ServedPrices;
use crate::domain::{CauseCode, ExternalId, InternalId, ShopKey, Timestamp};
use crate::engine::exception::Finding;
use crate::engine::step::{Draft, Overdue, within_limits};
use crate::engine::{Engine, Ports};
use crate::policy::PricePolicy;
use crate::ports::store::{Claim, Feed, Link, LinkKind};
use crate::ports::{AgreedPrices, PlatformError, PriceLists, Recovery, Runtime, Store};

/// Prices that an exception names; the rest is counted.
const NAMED_MAX: usize = 8;

pub(in crate::engine) async fn drive<P: Ports>(
    engine: &Arc<Engine<P>>,
    claim: &Claim,
    draft: &mut Draft,
) -> Result<(), PlatformError> {
    let Some(policy) = &engine.policy.prices else { return Ok(()) };
    let (entity, runtime) = (claim.entity, &engine.runtime);
    let id = PriceListId::new(entity.record);
    let read_at = runtime.now();
    let served =
        within_limits(runtime, claim, |call| engine.shopify.served_prices(call, entity.shop, id)).await?;
    // A list that is gone, or is seen by no company, is nobody's contract.
    let Some(served) = served.filter(|served| !served.head.locations.is_empty()) else { return Ok(()) };
    draft.overdue = Some(unproven(engine, claim, policy, &served).await);

    let currency = served.head.currency;
    let keys: Vec<ExternalId> = served
        .head
        .locations
        .iter()
        .map(|location| ExternalId::for_company_location(entity.shop, *location))
        .collect();
    let buyers = within_limits(runtime, claim, |call| engine.netsuite.buyers(call, &keys, currency)).await?;
    let levels = levels(&buyers);
    let items =
        within_limits(runtime, claim, |call| engine.netsuite.item_prices(call, currency, &levels)).await?;
    let variants = within_limits(runtime, claim, |call| engine.shopify.variants(call, entity.shop)).await?;

    let seen =
        Observed { shop: entity.shop, served: &served, variants: &variants, buyers: &buyers, items: &items };
    for action in plan(&seen) {
        match action {
            Action::Report(finding) => draft.findings.push((entity, finding)),
            Action::Change(changes) => {
                let answer = within_limits(runtime, claim, |call| {
                    engine.shopify.change_prices(call, entity.shop, id, currency, &changes)
                })
                .await;
                match answer {
                    Ok(()) => draft.did("serve", format_args!("{} prices of list {id}", changes.len())),
                    Err(error) if error.recovery() == Recovery::HandToPerson => {
                        let detail = format!("price list {id}: {error}");
                        draft.findings.push((entity, Finding::new(CauseCode::PriceRejected, None, detail)));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }
    draft.overdue = None;
    let version = claim.link.as_ref().map_or(claim.version, |link| link.version.max(claim.version));
    draft.links.push(link(entity.shop, id, version, read_at));
    Ok(())
}

fn link(shop: ShopKey, id: PriceListId, version: Timestamp, read_at: Timestamp) -> Link {
    Link {
        kind: LinkKind::PriceList,
        record: id.get(),
        parent: id.get(),
        external_id: ExternalId::for_price_list(shop, id),
        // NetSuite has no record of its own for it.
        internal_id: InternalId::new(0),
        version,
        read_at,
        digest: 0,
    }
}

/// What a person must know if the list cannot be compared in time: who sees which prices, and since when nobody
/// can tell whether they still hold.
async fn unproven<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    policy: &PricePolicy,
    served: &ServedPrices,
) -> Overdue {
    let entity = claim.entity;
    let feed = engine.store.watermark(entity.merchant, entity.shop, Feed::PricesChanged).await;
    let read_to = feed.ok().flatten().map_or(Timestamp::ORIGIN, |watermark| watermark.at);
    let compared = claim.link.as_ref().map_or(Timestamp::ORIGIN, |link| link.read_at);
    // Nothing was known to have changed up to the last poll; what is known to have changed is unproven since then.
    let mut proven = compared.max(read_to).max(engine.started_at.min(claim.recorded_at));
    if claim.version > Timestamp::ORIGIN {
        proven = proven.min(claim.version.max(compared));
    }
    let due = proven.plus(policy.prove_within);
    let buyers: Vec<String> = served.head.locations.iter().map(|location| location.to_string()).collect();
    let mut prices: Vec<String> = served
        .fixed
        .iter()
        .take(NAMED_MAX)
        .map(|(variant, schedule)| format!("variant {variant} at {}", schedule.first()))
        .collect();
    if served.fixed.len() > NAMED_MAX {
        prices.push(format!("{} more", served.fixed.len() - NAMED_MAX));
    }
    let prices = if prices.is_empty() { "retail prices".to_owned() } else { prices.join(", ") };
    let detail = format!(
        "company locations {} are served {prices} by price list {}; not compared with NetSuite since {proven}, \
         due {due}",
        buyers.join(", "),
        served.head.id
    );
    Overdue { due, finding: Finding::new(CauseCode::PriceUnproven, None, detail) }
}
