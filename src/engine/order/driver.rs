//! Reads both sides of one order, asks `plan`, and performs what it says.

use std::sync::Arc;

use super::translate::{self, fit};
use super::{Action, Observed, Seen, plan};
use crate::domain::digest::digest_of;
use crate::domain::field_limit::Loss;
use crate::domain::ids::OrderId;
use crate::domain::{
    CauseCode, CustomerKey, CustomerRecord, ExternalId, Flow, InternalId, Lane, Money, Order, SalesOrder,
    Timestamp,
};
use crate::engine::edit::Written;
use crate::engine::exception::Finding;
use crate::engine::posting::{Document, post};
use crate::engine::step::{Draft, REQUEST_LASTS_MAX, within_limits};
use crate::engine::{Engine, Ports, customer, fulfillment, refund, stock};
use crate::policy::ShopPolicy;
use crate::ports::netsuite::Billing;
use crate::ports::store::{Cause, Claim, Hint, Link, LinkKind};
use crate::ports::{Entity, NetSuite, Platform, PlatformError, Runtime, Shopify, Store};

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
    let Some(mut order) = read else {
        let detail = format!("shopify knows no order {id}");
        draft.findings.push((entity, Finding::new(CauseCode::OrderVanished, None, detail)));
        return Ok(());
    };
    engine.observer.order_read(&order);
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
    let digest = wanted.as_ref().map(|wanted| digest_of_wants(&order, wanted)).unwrap_or_default();
    let (netsuite, deposits) = look(engine, claim, wanted.is_ok(), digest).await?;
    let written = written(engine, claim, &netsuite).await;
    let is_new = matches!(netsuite, Seen::NothingYet | Seen::Absent);
    let has_money = || order.captures().any(|capture| !capture.received().is_ok_and(Money::is_zero));
    let is_called_off = is_new && wanted.as_ref().is_ok_and(|it| it.lines.is_empty()) && has_money();
    let wanted = match is_called_off {
        true => translate::called_off(&order, shop, policy, &kits),
        false => wanted,
    };
    let seen = Observed { order: &order, shop, wanted, netsuite, deposits, written };
    let actions = plan(&seen, policy);

    let record = translate::customer_record(&order, shop, policy);
    let writes = actions.iter().any(|action| !matches!(action, Action::Report(_)));
    let newcomer = if writes { bring_customer(engine, claim, &record, draft).await? } else { None };
    if newcomer.is_some() {
        lost(draft, fit::losses_of_buyer(&order, record.is_person));
    }
    let mut own_link = known_link(claim, &seen);
    // What is added to an order that is known to be with the warehouse raced nobody.
    let unaware = !matches!(&seen.netsuite, Seen::Booked(booked) if booked.sales_order.released_at.is_some());
    let mut settled = !is_called_off;
    if is_called_off {
        // Its lines are closed by the next look.
        draft.follow_ups.push(Hint {
            entity,
            lane: claim.lane,
            version: Timestamp::ORIGIN,
            cause: Cause::FollowUp,
        });
    }
    for action in actions {
        match action {
            Action::BookSalesOrder(sales_order) => {
                let id = within_limits(&engine.runtime, claim, |call| {
                    engine.netsuite.upsert_sales_order(call, &sales_order)
                })
                .await?;
                draft.did("book", &sales_order.external_id);
                lost(draft, fit::losses_of_order(&order));
                own_link =
                    Some(link(LinkKind::SalesOrder, &order, order.id.get(), sales_order.external_id, id));
            }
            Action::Amend { key, changes } => {
                if unaware {
                    announce(engine, claim, &order, AMENDED_LINES, own_link.as_ref()).await?;
                }
                let written = within_limits(&engine.runtime, claim, |call| {
                    engine.netsuite.amend_sales_order(call, &key, &changes)
                })
                .await;
                if unaware {
                    let at = landed_at(&written, engine.runtime.now());
                    draft.links.extend(amendment(&order, AMENDED_LINES, own_link.as_ref(), at));
                }
                written?;
                draft.did("amend", &key);
            }
            Action::Readdress { key, ship_to } => {
                announce(engine, claim, &order, READDRESSED, own_link.as_ref()).await?;
                let written = within_limits(&engine.runtime, claim, |call| {
                    engine.netsuite.readdress_sales_order(call, &key, &ship_to)
                })
                .await;
                let at = landed_at(&written, engine.runtime.now());
                draft.links.extend(amendment(&order, READDRESSED, own_link.as_ref(), at));
                written?;
                draft.did("readdress", &key);
                lost(draft, order.ship_to.iter().flat_map(fit::losses_of_address).collect());
            }
            Action::BookDeposit { transaction, deposit } => {
                let (at_risk, external_id) = (Some(deposit.payment), deposit.external_id.clone());
                let document = Document::Deposit(deposit);
                if let Some(id) = post(engine, claim, entity, document, at_risk, draft).await? {
                    let kind = LinkKind::CustomerDeposit;
                    draft.links.push(link(kind, &order, transaction.get(), external_id, id));
                }
            }
            Action::Report(finding) => {
                settled &= found_again_by_shopify_alone(finding.code);
                draft.findings.push((entity, finding));
            }
        }
    }
    if let Some(id) = newcomer {
        compare_customer(engine, claim, &order, &record, draft).await?;
        draft.links.push(link(LinkKind::Customer, &order, buyer_number(&order), record.external_id, id));
    }
    let Observed { wanted, netsuite, .. } = seen;
    let digest = match wanted {
        Ok(wanted) => {
            settled &= follow(engine, claim, shop, &mut order, &wanted, netsuite, writes, draft).await?;
            if settled { digest_of_wants(&order, &wanted) } else { UNSETTLED }
        }
        Err(_) => UNSETTLED,
    };
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

/// The digest of a link whose order needs another look at NetSuite, whatever Shopify says.
const UNSETTLED: u64 = 0;

/// `record` of an amendment's link.
const AMENDED_LINES: u64 = 0;
const READDRESSED: u64 = 1;

/// Everything of an order that NetSuite is to show: another digest, or another look is needed.
fn digest_of_wants(order: &Order, wanted: &SalesOrder) -> u64 {
    if order.fulfillments.is_empty() && order.refunds.is_empty() {
        return digest_of(wanted).max(1);
    }
    let told: Vec<_> = order
        .fulfillments
        .iter()
        .map(|known| {
            let mut lines = known.lines.clone();
            lines.sort_unstable();
            (known.id, known.is_cancelled, lines)
        })
        .collect();
    let refunds: Vec<_> = order.refunds.iter().map(|refund| refund.id).collect();
    let money: Vec<_> = order.transactions.iter().map(|it| (it.id, it.kind, it.status)).collect();
    digest_of(&(wanted, told, refunds, money)).max(1)
}

/// Shipping and refunds, after the sales order and its deposits. True if all that is due was done.
#[expect(clippy::too_many_arguments, reason = "what the step has read and written so far")]
async fn follow<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    shop: &ShopPolicy,
    order: &mut Order,
    wanted: &SalesOrder,
    netsuite: Seen,
    wrote: bool,
    draft: &mut Draft,
) -> Result<bool, PlatformError> {
    let booked = match netsuite {
        Seen::AsWanted => return Ok(true),
        Seen::Booked(booked) => Some(*booked),
        Seen::NothingYet | Seen::Absent => None,
    };
    let of_order = !order.fulfillments.is_empty() || !order.refunds.is_empty();
    let of_warehouse = booked.as_ref().is_some_and(|booked| !booked.shipments.is_empty());
    let key = &wanted.external_id;
    let booked = match booked {
        None if !of_order => return Ok(true),
        Some(booked) if !wrote || !(of_order || of_warehouse) => booked,
        // What was just written has numbers that the documents to come refer to.
        _ => match within_limits(&engine.runtime, claim, |call| engine.netsuite.booked(call, key)).await? {
            Some(booked) => booked,
            None => return Ok(true),
        },
    };
    let now = engine.runtime.now();
    let silent = fulfillment::silent_until(&booked, &engine.policy).filter(|until| *until > now);
    engine.watch_silence(claim.entity, silent);
    let before = draft.actions.len();
    let mut settled = fulfillment::driver::drive(engine, claim, shop, order, wanted, &booked, draft).await?;
    if !refund::may_owe(order, &booked) {
        return Ok(settled);
    }
    let booked = if draft.actions.len() == before {
        booked
    } else {
        match within_limits(&engine.runtime, claim, |call| engine.netsuite.booked(call, key)).await? {
            Some(booked) => booked,
            None => return Ok(settled),
        }
    };
    settled &= refund::driver::drive(engine, claim, shop, order, wanted, booked, draft).await?;
    Ok(settled)
}

/// Findings that a step sees in the Shopify order itself, without a look at NetSuite.
fn found_again_by_shopify_alone(code: CauseCode) -> bool {
    matches!(code, CauseCode::GatewayUnmapped | CauseCode::CapturedExceedsOrder)
}

/// When the engine last changed a sales order that the warehouse has by now.
async fn written<P: Ports>(engine: &Engine<P>, claim: &Claim, seen: &Seen) -> Written {
    if !matches!(seen, Seen::Booked(booked) if booked.sales_order.released_at.is_some()) {
        return Written::default();
    }
    let entity = claim.entity;
    let links =
        engine.store.links_under(entity.merchant, entity.shop, LinkKind::Amendment, entity.record).await;
    let at =
        |links: &[Link], record| links.iter().find(|link| link.record == record).map(|link| link.version);
    // A store that cannot be read now cannot commit this step either.
    let links = links.unwrap_or_default();
    Written { lines: at(&links, AMENDED_LINES), address: at(&links, READDRESSED) }
}

/// Texts that were longer than their fields, beside the write that cut them.
fn lost(draft: &mut Draft, losses: Vec<Loss>) {
    for loss in losses {
        draft.did("cut", loss);
    }
}

/// When a change reached the sales order, at the latest; long ago if it cannot have.
fn landed_at(written: &Result<(), PlatformError>, now: Timestamp) -> Timestamp {
    match written {
        Ok(()) | Err(PlatformError::OutcomeUnknown { .. }) => now,
        Err(_) => Timestamp::ORIGIN,
    }
}

/// Keeps that a sales order is about to be changed: an engine that is killed between the change and its commit leaves a
/// successor that would take the sales order for one that always said so. Until then, the change may land for as long as
/// a request lasts.
async fn announce<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    order: &Order,
    record: u64,
    own: Option<&Link>,
) -> Result<(), PlatformError> {
    let until = engine.runtime.now().plus(REQUEST_LASTS_MAX);
    let Some(link) = amendment(order, record, own, until) else { return Ok(()) };
    let kept = engine.store.announce(claim.entity, link, engine.policy.hash).await;
    // Nothing was sent: the step is tried again once the store takes it.
    kept.map_err(|error| PlatformError::Unavailable {
        platform: Platform::NetSuite,
        reason: format!("nothing was sent to it, because {error}"),
    })
}

/// Remembers when a sales order that existed was changed.
fn amendment(order: &Order, record: u64, own: Option<&Link>, now: Timestamp) -> Option<Link> {
    let what = if record == AMENDED_LINES { "lines" } else { "address" };
    let external_id = ExternalId::for_order(order.shop, order.id);
    let key = ExternalId::from_netsuite(format!("{external_id}-{what}"));
    let id = own?.internal_id;
    Some(Link { version: now, parent: order.id.get(), ..link(LinkKind::Amendment, order, record, key, id) })
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
    // Work of the two most urgent lanes was asked for by what NetSuite shows.
    let undisturbed = claim.attempt == 0
        && claim.recorded_at > engine.started_at
        && !matches!(claim.lane, Lane::Lock | Lane::Fulfillment);
    match &claim.link {
        _ if !translated => return Ok((Seen::Absent, vec![])),
        None if undisturbed => return Ok((Seen::NothingYet, vec![])),
        Some(link) if undisturbed && link.digest == digest && digest != UNSETTLED => {
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
            (Seen::Booked(Box::new(booked)), deposits)
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
