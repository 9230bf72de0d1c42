//! Reads both sides of one order, asks `plan`, and performs what it says.

use std::sync::Arc;

use super::{Action, Observed, Seen, plan, translate};
use crate::domain::digest::digest_of;
use crate::domain::ids::OrderId;
use crate::domain::{
    CauseCode, CustomerDeposit, CustomerKey, CustomerRecord, ExternalId, Flow, InternalId, Order, Timestamp,
};
use crate::engine::exception::Finding;
use crate::engine::step::{Draft, refusal, within_limits};
use crate::engine::{Engine, Ports, customer, stock};
use crate::policy::Late;
use crate::ports::store::{Cause, Claim, Hint, Link, LinkKind};
use crate::ports::{Entity, NetSuite, PlatformError, Recovery, Runtime, Shopify, Store};

/// How many months a late document is moved on in search of an open period.
const LATE_MONTHS_MAX: u32 = 12;

pub(in crate::engine) async fn drive<P: Ports>(
    engine: &Arc<Engine<P>>,
    claim: &Claim,
    draft: &mut Draft,
) -> Result<(), PlatformError> {
    let entity = claim.entity;
    let policy = &engine.policy;
    let id = OrderId::new(entity.record);
    let read_at = engine.runtime.now();
    let read =
        within_limits(&engine.runtime, claim, |call| engine.shopify.order(call, entity.shop, id)).await?;
    let Some(order) = read else {
        let detail = format!("shopify knows no order {id}");
        draft.findings.push((entity, Finding::new(CauseCode::OrderVanished, None, detail)));
        return Ok(());
    };
    draft.read_version = order.updated_at;
    let Some(shop) = policy.shop(entity.shop) else {
        let detail = format!("policy does not know the shop of order {id}");
        draft.findings.push((entity, Finding::new(CauseCode::RouteMissing, Some(order.total), detail)));
        return Ok(());
    };
    let kits = match shop.locations.is_empty() {
        true => Arc::default(),
        false => stock::driver::kits(engine, claim, false).await?,
    };
    let wanted = translate::sales_order(&order, shop, policy, &kits);
    let digest = wanted.as_ref().map(digest_of).unwrap_or_default();
    let (netsuite, deposits) = look(engine, claim, wanted.is_ok(), digest).await?;
    let seen = Observed { order: &order, shop, wanted, netsuite, deposits };
    let actions = plan(&seen, policy);

    let record = translate::customer_record(&order, shop, policy);
    let writes = actions.iter().any(|action| !matches!(action, Action::Report(_)));
    let newcomer = if writes { bring_customer(engine, claim, &record, draft).await? } else { None };
    let mut own_link = known_link(claim, &seen);
    for action in actions {
        match action {
            Action::BookSalesOrder(sales_order) => {
                let id = within_limits(&engine.runtime, claim, |call| {
                    engine.netsuite.upsert_sales_order(call, &sales_order)
                })
                .await?;
                draft.did("book", &sales_order.external_id);
                own_link =
                    Some(link(LinkKind::SalesOrder, &order, order.id.get(), sales_order.external_id, id));
            }
            Action::Amend { key, changes } => {
                within_limits(&engine.runtime, claim, |call| {
                    engine.netsuite.amend_sales_order(call, &key, &changes)
                })
                .await?;
                draft.did("amend", &key);
            }
            Action::BookDeposit { transaction, deposit } => {
                if let Some(id) = book_deposit(engine, claim, &deposit, draft).await? {
                    let kind = LinkKind::CustomerDeposit;
                    draft.links.push(link(kind, &order, transaction.get(), deposit.external_id, id));
                }
            }
            Action::Report(finding) => draft.findings.push((entity, finding)),
        }
    }
    if let Some(id) = newcomer {
        compare_customer(engine, claim, &order, &record, draft).await?;
        draft.links.push(link(LinkKind::Customer, &order, buyer_number(&order), record.external_id, id));
    }
    if policy.terms.is_some()
        && let CustomerKey::CompanyLocation(location) = order.buyer.key
    {
        // How the buyer stands is a matter of all its orders together.
        draft.follow_ups.push(Hint {
            entity: Entity { flow: Flow::Terms, record: location.get(), ..entity },
            lane: claim.lane,
            version: Timestamp::ORIGIN,
            cause: Cause::FollowUp,
        });
    }
    // Only now is this version wholly brought over.
    draft.links.extend(own_link.map(|link| Link { version: order.updated_at, read_at, digest, ..link }));
    Ok(())
}

/// A link that says nothing of a version yet.
fn link(
    kind: LinkKind,
    order: &Order,
    record: u64,
    external_id: ExternalId,
    internal_id: InternalId,
) -> Link {
    let parent = if kind == LinkKind::Customer { record } else { order.id.get() };
    let (version, read_at) = (Timestamp::ORIGIN, Timestamp::ORIGIN);
    Link { kind, record, parent, external_id, internal_id, version, read_at, digest: 0 }
}

/// Shopify's number of the buyer; 0 for a guest.
fn buyer_number(order: &Order) -> u64 {
    match order.buyer.key {
        CustomerKey::Customer(id) => id.get(),
        CustomerKey::CompanyLocation(id) => id.get(),
        CustomerKey::Guest => 0,
    }
}

/// What is known of NetSuite's side: from our own records if nothing can have come between, else looked up.
async fn look<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    translated: bool,
    digest: u64,
) -> Result<(Seen, Vec<ExternalId>), PlatformError> {
    let entity = claim.entity;
    // A piece of work that an earlier engine may have begun can have written more than it recorded.
    let undisturbed = claim.attempt == 0 && claim.recorded_at > engine.started_at;
    match &claim.link {
        _ if !translated => return Ok((Seen::Absent, vec![])),
        None if undisturbed => return Ok((Seen::NothingYet, vec![])),
        Some(link) if undisturbed && link.digest == digest => {
            let under = engine.store.links_under(
                entity.merchant,
                entity.shop,
                LinkKind::CustomerDeposit,
                entity.record,
            );
            if let Ok(links) = under.await {
                return Ok((Seen::AsWanted, links.into_iter().map(|link| link.external_id).collect()));
            }
        }
        _ => {}
    }
    let key = ExternalId::for_order(entity.shop, OrderId::new(entity.record));
    let booked = within_limits(&engine.runtime, claim, |call| engine.netsuite.booked(call, &key)).await?;
    Ok(match booked {
        None => (Seen::Absent, vec![]),
        Some(booked) => {
            let deposits = booked.deposits.iter().filter_map(|deposit| deposit.external_id.clone()).collect();
            (Seen::Booked(booked), deposits)
        }
    })
}

/// The link of a sales order that exists already.
fn known_link(claim: &Claim, seen: &Observed) -> Option<Link> {
    let Seen::Booked(booked) = &seen.netsuite else { return claim.link.clone() };
    let order = seen.order;
    let external_id = ExternalId::for_order(order.shop, order.id);
    Some(link(LinkKind::SalesOrder, order, order.id.get(), external_id, booked.sales_order.internal_id))
}

/// Makes sure that the buyer's record exists; its id if it was not yet compared with others.
async fn bring_customer<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    record: &CustomerRecord,
    draft: &mut Draft,
) -> Result<Option<InternalId>, PlatformError> {
    let entity = claim.entity;
    let known =
        engine.store.link(entity.merchant, entity.shop, LinkKind::Customer, &record.external_id).await;
    if let Ok(Some(_)) = known {
        return Ok(None);
    }
    let id =
        within_limits(&engine.runtime, claim, |call| engine.netsuite.upsert_customer(call, record)).await?;
    draft.did("upsert", &record.external_id);
    Ok(Some(id))
}

/// Looks for records under a very similar e-mail. Asked after the record was made, so that of two that are made
/// at once at least one finds the other.
async fn compare_customer<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    order: &Order,
    record: &CustomerRecord,
    draft: &mut Draft,
) -> Result<(), PlatformError> {
    let (CustomerKey::Customer(_) | CustomerKey::CompanyLocation(_), Some(email)) =
        (&order.buyer.key, &record.email)
    else {
        return Ok(());
    };
    let candidates = within_limits(&engine.runtime, claim, |call| {
        engine.netsuite.customers_like(call, &record.external_id, Some(email))
    })
    .await?;
    if let Some(finding) = customer::likely_duplicate(order.shop, record, &candidates, Some(order.total)) {
        let buyer = Entity { flow: Flow::Customer, record: buyer_number(order), ..claim.entity };
        draft.findings.push((buyer, finding));
    }
    Ok(())
}

/// Books one deposit. If its period is shut and policy says so, it is dated in the next open one. What a person
/// must mend for this one does not keep the others from being booked: then there is a finding and no id.
async fn book_deposit<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    deposit: &CustomerDeposit,
    draft: &mut Draft,
) -> Result<Option<InternalId>, PlatformError> {
    let mut dated = deposit.clone();
    for _ in 0..LATE_MONTHS_MAX {
        let answer = within_limits(&engine.runtime, claim, |call| {
            engine.netsuite.upsert_customer_deposit(call, &dated)
        })
        .await;
        let error = match answer {
            Ok(id) => {
                draft.did("deposit", &deposit.external_id);
                return Ok(Some(id));
            }
            Err(error) => error,
        };
        if matches!(error, PlatformError::PeriodClosed { .. }) && engine.policy.late == Late::NextOpen {
            dated.date = dated.date.first_of_next_month();
            dated.original_date = Some(deposit.date);
            continue;
        }
        match error.recovery() {
            Recovery::Retry | Recovery::LookUpThenRetry => return Err(error),
            Recovery::HandToPerson | Recovery::FixConfiguration => {
                let mut finding = refusal(&error);
                finding.at_risk = Some(deposit.payment);
                finding.detail = format!("{}: {}", deposit.external_id, finding.detail);
                draft.findings.push((claim.entity, finding));
                return Ok(None);
            }
        }
    }
    let detail = format!("{}: no open period within {LATE_MONTHS_MAX} months", deposit.external_id);
    draft.findings.push((claim.entity, Finding::new(CauseCode::PeriodShut, Some(deposit.payment), detail)));
    Ok(None)
}
