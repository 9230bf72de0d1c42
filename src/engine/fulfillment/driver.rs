//! Performs what the plan says about one order's parcels and bills.

use super::allot::allot;
use super::{Action, Observed, plan};
use crate::domain::fulfillment::Fulfillment;
use crate::domain::ids::FulfillmentId;
use crate::domain::{CauseCode, ExternalId, Flow, InternalId, Order, SalesOrder, Timestamp};
use crate::engine::exception::Finding;
use crate::engine::order::units::Units;
use crate::engine::posting::{Document, post};
use crate::engine::step::{Draft, refusal, within_limits};
use crate::engine::{Engine, Ports};
use crate::policy::ShopPolicy;
use crate::ports::netsuite::Booked;
use crate::ports::shopify::Fulfillments;
use crate::ports::store::{Claim, Link, LinkKind};
use crate::ports::{Entity, Platform, PlatformError, Recovery, Runtime};

/// Tells Shopify what left and bills what Shopify was told, in one go: `order` learns of each new fulfillment, so
/// that its invoice needs no second read. True if all that is due was done.
pub(in crate::engine) async fn drive<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    shop: &ShopPolicy,
    order: &mut Order,
    wanted: &SalesOrder,
    booked: &Booked,
    draft: &mut Draft,
) -> Result<bool, PlatformError> {
    let entity = Entity { flow: Flow::Fulfillment, ..claim.entity };
    let now = engine.runtime.now();
    let units = Units::of(order);
    let first = plan(&Observed { order, units: &units, shop, wanted, booked }, &engine.policy, now);
    let tells = first.iter().any(|action| matches!(action, Action::Fulfill { .. }));
    let mut settled = true;
    if tells {
        settled &= tell(engine, claim, entity, order, &first, draft).await?;
    }
    let actions = if tells {
        let units = Units::of(order);
        plan(&Observed { order, units: &units, shop, wanted, booked }, &engine.policy, now)
    } else {
        first
    };
    for action in actions {
        match action {
            // What Shopify would not take is a finding already.
            Action::Fulfill { .. } => {}
            Action::Retrack { fulfillment, parcels } => {
                let answer = within_limits(&engine.runtime, claim, |call| {
                    engine.shopify.retrack(call, order.shop, fulfillment, &parcels)
                })
                .await;
                settled &= done(answer, entity, fulfillment, draft)?.is_some();
            }
            Action::Bill { fulfillment, invoice } => {
                let at_risk = Some(order.total);
                let external_id = invoice.external_id.clone();
                let document = Document::Invoice(booked.sales_order.internal_id, invoice);
                match post(engine, claim, entity, document, at_risk, draft).await? {
                    Some(id) => draft.links.push(link(order, fulfillment, external_id, id)),
                    None => settled = false,
                }
            }
            Action::Adopt { fulfillment, invoice } => {
                let external_id = ExternalId::for_invoice(order.shop, fulfillment);
                draft.links.push(link(order, fulfillment, external_id, invoice));
            }
            Action::Report(finding) => {
                settled = false;
                draft.findings.push((entity, finding));
            }
        }
    }
    Ok(settled)
}

fn link(order: &Order, fulfillment: FulfillmentId, external_id: ExternalId, internal_id: InternalId) -> Link {
    Link {
        kind: LinkKind::Invoice,
        record: fulfillment.get(),
        parent: order.id.get(),
        external_id,
        internal_id,
        version: Timestamp::ORIGIN,
        read_at: Timestamp::ORIGIN,
        digest: 0,
    }
}

/// Makes the Shopify fulfillments of the shipments that the plan names.
async fn tell<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    entity: Entity,
    order: &mut Order,
    actions: &[Action],
    draft: &mut Draft,
) -> Result<bool, PlatformError> {
    let (shop, id) = (order.shop, order.id);
    let mut open =
        within_limits(&engine.runtime, claim, |call| engine.shopify.fulfillment_orders(call, shop, id))
            .await?;
    if open.is_empty() {
        // Routing takes moments after checkout; a parcel is never that fast, but a test may be.
        return Err(PlatformError::Unavailable {
            platform: Platform::Shopify,
            reason: format!("order {id} is not routed to a location yet"),
        });
    }
    let mut settled = true;
    for action in actions {
        let Action::Fulfill { shipment, lines, parcels } = action else { continue };
        let allotted = allot(lines, parcels, &mut open);
        for (fulfillment, units) in allotted.fulfillments {
            let answer = within_limits(&engine.runtime, claim, |call| {
                engine.shopify.fulfill(call, shop, &fulfillment)
            })
            .await;
            let Some(told) = done(answer, entity, *shipment, draft)? else {
                settled = false;
                continue;
            };
            draft.did("fulfill", told);
            order.fulfillments.push(Fulfillment {
                id: told,
                created_at: engine.runtime.now().floor_second(),
                is_cancelled: false,
                lines: units.into_iter().collect(),
                parcels: fulfillment.parcels,
            });
        }
        for (units, code, what) in [
            (&allotted.held, CauseCode::FulfillmentHeld, "shopify holds"),
            (&allotted.refused, CauseCode::ShipmentUnmatched, "shopify has no open fulfillment order for"),
        ] {
            if let Some((line, count)) = units.iter().next() {
                settled = false;
                let detail = format!(
                    "item fulfillment {shipment} of order {id} left; {what} {count} of line {line}, {} lines in all",
                    units.len()
                );
                draft.findings.push((entity, Finding::new(code, Some(order.total), detail)));
            }
        }
    }
    Ok(settled)
}

/// An answer, or a finding if a person must act; what may be tried again is an error.
fn done<V>(
    answer: Result<V, PlatformError>,
    entity: Entity,
    what: impl std::fmt::Display,
    draft: &mut Draft,
) -> Result<Option<V>, PlatformError> {
    let error = match answer {
        Ok(value) => return Ok(Some(value)),
        Err(error) => error,
    };
    match error.recovery() {
        Recovery::Retry | Recovery::LookUpThenRetry => Err(error),
        Recovery::HandToPerson | Recovery::FixConfiguration => {
            let mut finding = refusal(&error);
            finding.detail = format!("{what}: {}", finding.detail);
            draft.findings.push((entity, finding));
            Ok(None)
        }
    }
}
