//! Reads how one company location stands, asks `plan`, and performs what it says.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Action, Observed, SeenOrder, plan};
use crate::domain::ids::{CompanyLocationId, OrderId};
use crate::domain::standing::StandingOrder;
use crate::domain::{ExternalId, InternalId, ShopKey, Timestamp};
use crate::engine::step::{Draft, refusal, within_limits};
use crate::engine::{Engine, Ports};
use crate::ports::store::{Claim, Link, LinkKind};
use crate::ports::{BuyerAccounts, OrderPayment, PlatformError, Recovery, Runtime, Shopify, Store};

pub(in crate::engine) async fn drive<P: Ports>(
    engine: &Arc<Engine<P>>,
    claim: &Claim,
    draft: &mut Draft,
) -> Result<(), PlatformError> {
    let (entity, runtime) = (claim.entity, &engine.runtime);
    let (Some(policy), Some(shop)) = (&engine.policy.terms, engine.policy.shop(entity.shop)) else {
        return Ok(());
    };
    let key = ExternalId::for_company_location(entity.shop, CompanyLocationId::new(entity.record));
    let read_at = runtime.now();
    let standing =
        within_limits(runtime, claim, |call| engine.netsuite.standing(call, &key, shop.currency)).await?;
    // The order flow makes the customer; a location without one has ordered nothing.
    let Some(standing) = standing else { return Ok(()) };
    let settled = settled(engine, claim).await;
    let mut orders = Vec::new();
    for id in standing.orders.iter().filter_map(|order| number(entity.shop, order)) {
        if settled.contains(&id) {
            continue;
        }
        let order = within_limits(runtime, claim, |call| engine.shopify.order(call, entity.shop, id)).await?;
        let Some(order) = order else { continue };
        let terms =
            within_limits(runtime, claim, |call| engine.shopify.order_terms(call, entity.shop, id)).await?;
        orders.push(SeenOrder { order, terms });
    }
    let seen =
        Observed { key: &key, standing: &standing, orders: &orders, paid_elsewhere: &policy.paid_elsewhere };
    for action in plan(&seen) {
        match action {
            Action::Release(order) => {
                within_limits(runtime, claim, |call| engine.netsuite.approve_sales_order(call, &order))
                    .await?;
                draft.did("release", &order);
            }
            Action::GiveTerms { order, due_in_days } => {
                let placed = orders.iter().find(|seen| seen.order.id == order);
                let issued_at = placed.map_or(read_at, |seen| seen.order.processed_at);
                let answer = within_limits(runtime, claim, |call| {
                    engine.shopify.give_terms(call, entity.shop, order, due_in_days, issued_at)
                })
                .await;
                match answer {
                    Ok(()) => draft.did("terms", ExternalId::for_order(entity.shop, order)),
                    // Days that Shopify has no template for: the other orders go on.
                    Err(error) if error.recovery() == Recovery::HandToPerson => {
                        draft.findings.push((entity, refusal(&error)));
                    }
                    Err(error) => return Err(error),
                }
            }
            Action::MarkAsPaid(order) => {
                within_limits(runtime, claim, |call| engine.shopify.mark_as_paid(call, entity.shop, order))
                    .await?;
                draft.did("mark paid", ExternalId::for_order(entity.shop, order));
                draft.links.push(link(entity.record, order.get(), ExternalId::for_order(entity.shop, order)));
            }
            Action::Settle(order) => {
                draft.links.push(link(entity.record, order.get(), ExternalId::for_order(entity.shop, order)));
            }
            Action::Report(finding) => draft.findings.push((entity, finding)),
        }
    }
    let version = claim.link.as_ref().map_or(claim.version, |link| link.version.max(claim.version));
    draft.links.push(Link { version, read_at, ..link(entity.record, entity.record, key) });
    Ok(())
}

/// Orders of the location with which nothing more will happen.
async fn settled<P: Ports>(engine: &Engine<P>, claim: &Claim) -> BTreeSet<OrderId> {
    let entity = claim.entity;
    let links =
        engine.store.links_under(entity.merchant, entity.shop, LinkKind::Company, entity.record).await;
    // Without our records every order is looked at again, which costs calls and changes nothing.
    links.unwrap_or_default().into_iter().map(|link| OrderId::new(link.record)).collect()
}

/// Shopify's number of an order, from the key of its sales order.
fn number(shop: ShopKey, order: &StandingOrder) -> Option<OrderId> {
    let key = order.external_id.as_ref()?;
    let number = key.as_str().strip_prefix(shop.as_str())?.strip_prefix("-order-")?;
    number.parse().ok().map(OrderId::new)
}

fn link(location: u64, record: u64, external_id: ExternalId) -> Link {
    Link {
        kind: LinkKind::Company,
        record,
        parent: location,
        external_id,
        internal_id: InternalId::new(0),
        version: Timestamp::ORIGIN,
        read_at: Timestamp::ORIGIN,
        digest: 0,
    }
}
