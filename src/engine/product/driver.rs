//! Reads one variant and its item, asks `plan`, and performs what it says.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Action, Known, Observed, plan};
use crate::domain::ids::VariantId;
use crate::domain::product::{Field, Fields, SoldVariant};
use crate::domain::{ExternalId, InternalId, ShopKey, Timestamp};
use crate::engine::step::{Draft, refusal, within_limits};
use crate::engine::{Engine, Ports};
use crate::ports::store::{Claim, Link, LinkKind};
use crate::ports::{Items, Platform, PlatformError, Products, Recovery, Runtime, Store};

pub(in crate::engine) async fn drive<P: Ports>(
    engine: &Arc<Engine<P>>,
    claim: &Claim,
    draft: &mut Draft,
) -> Result<(), PlatformError> {
    let (entity, runtime) = (claim.entity, &engine.runtime);
    let (Some(policy), Some(shop)) = (&engine.policy.products, engine.policy.shop(entity.shop)) else {
        return Ok(());
    };
    let id = VariantId::new(entity.record);
    let read_at = runtime.now();
    let variant = within_limits(runtime, claim, |call| {
        engine.shopify.sold_variant(call, entity.shop, id, shop.currency)
    })
    .await?;
    // A variant that is gone, or that nothing in NetSuite stands for, has nobody to agree with.
    let Some(variant) = variant else { return Ok(()) };
    let Some(sku) = &variant.sku else { return Ok(()) };
    let zone = &engine.policy.netsuite.zone;
    let item =
        within_limits(runtime, claim, |call| engine.netsuite.item(call, sku, shop.currency, zone)).await?;
    let Some(item) = item else { return Ok(()) };
    let links =
        engine.store.links_under(entity.merchant, entity.shop, LinkKind::ProductField, id.get()).await;
    // Whoever does not know what was settled would undo what people did since: nothing is done until it is known.
    let links = links.map_err(|error| PlatformError::Unavailable {
        platform: Platform::NetSuite,
        reason: format!("not asked: {error}"),
    })?;
    let known = known(&links);

    let is_unsettled = claim.attempt > 0 || engine.second_looks().contains(&entity);
    let seen = Observed { shop: entity.shop, item: &item, variant: &variant, known: &known, is_unsettled };
    let mut plan = plan(&seen, &policy.owners);
    let mut is_refused = false;
    for mut action in std::mem::take(&mut plan.actions) {
        if let Action::SetProduct(fields) = &mut action
            && is_refused
            && fields.remove(&Field::Status).is_some()
        {
            // What buyers would then see is not what was meant for them.
            plan.known.remove(&Field::Status);
            if fields.is_empty() {
                continue;
            }
        }
        let (fields, answer) = match &action {
            Action::Report(finding) => {
                draft.findings.push((entity, finding.clone()));
                continue;
            }
            Action::SetVariant(fields) => {
                let set = |call| engine.shopify.set_variant(call, entity.shop, &variant, fields);
                (fields, within_limits(runtime, claim, set).await)
            }
            Action::SetProduct(fields) => {
                let set = |call| engine.shopify.set_product(call, entity.shop, variant.product, fields);
                (fields, within_limits(runtime, claim, set).await)
            }
        };
        match answer {
            Ok(()) => draft.did("set", format_args!("{} of variant {id}", names(fields))),
            Err(error) if error.recovery() == Recovery::HandToPerson => {
                // What Shopify refuses is not known to be settled.
                plan.known.retain(|field, _| !fields.contains_key(field));
                draft.findings.push((entity, refusal(&error)));
                is_refused = true;
            }
            Err(error) => return Err(error),
        }
    }
    let version = claim.link.as_ref().map_or(claim.version, |link| link.version.max(claim.version));
    draft.read_version = variant.saved_at;
    draft.links.push(link(entity.shop, &variant, version, read_at));
    let changed = plan.known.iter().filter(|(field, now)| known.get(field) != Some(now));
    draft.links.extend(changed.map(|(field, now)| field_link(entity.shop, &variant, *field, *now, read_at)));
    Ok(())
}

fn known(links: &[Link]) -> BTreeMap<Field, Known> {
    let of_field = |link: &Link| Some((Field::from_number(link.record)?, Known::unpack(link.digest)));
    links.iter().filter_map(of_field).collect()
}

/// For the audit: names, never values.
fn names(fields: &Fields) -> String {
    let names: Vec<&str> = fields.keys().map(|field| field.name()).collect();
    names.join(" and ")
}

fn link(shop: ShopKey, variant: &SoldVariant, version: Timestamp, read_at: Timestamp) -> Link {
    Link {
        kind: LinkKind::Product,
        record: variant.id.get(),
        parent: variant.id.get(),
        external_id: ExternalId::for_variant(shop, variant.id),
        // The SKU is the item's external id; its internal id is never needed.
        internal_id: InternalId::new(0),
        version,
        read_at,
        digest: 0,
    }
}

fn field_link(shop: ShopKey, variant: &SoldVariant, field: Field, known: Known, read_at: Timestamp) -> Link {
    Link {
        kind: LinkKind::ProductField,
        record: field as u64,
        external_id: ExternalId::for_variant_field(shop, variant.id, field),
        digest: known.pack(),
        ..link(shop, variant, Timestamp::ORIGIN, read_at)
    }
}
