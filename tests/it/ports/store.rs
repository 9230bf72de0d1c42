//! What any store must do, told once and run against each: the inline form and the file.

mod cases;
mod forms;

use plimsoll::domain::{
    CauseCode, Currency, Duration, ExternalId, Flow, InternalId, Lane, MerchantKey, Money, ShopKey, Timestamp,
};
use plimsoll::ports::Entity;
use plimsoll::ports::store::{
    AuditEntry, Cause, Claim, Exception, ExceptionKey, ExceptionState, Hint, LaneRoom, Link, LinkKind,
    Outcome, Step, Store,
};

/// Long enough for every step of a case.
const LEASE: Duration = Duration::from_secs(60);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_000_000 + seconds)
}

fn merchant() -> MerchantKey {
    "acme".parse().unwrap()
}

fn shop() -> ShopKey {
    "fr".parse().unwrap()
}

fn order(record: u64) -> Entity {
    Entity { merchant: merchant(), shop: shop(), flow: Flow::Order, record }
}

fn hint(record: u64, version: Timestamp) -> Hint {
    Hint { entity: order(record), lane: Lane::Orders, version, cause: Cause::Delivery }
}

fn unversioned(record: u64) -> Hint {
    hint(record, Timestamp::ORIGIN)
}

async fn claim_upto(store: &impl Store, room: u32, now: Timestamp) -> Vec<Claim> {
    let lanes = Lane::ALL.map(|lane| LaneRoom { lane, room });
    store.claim(merchant(), &lanes, now, now.plus(LEASE)).await.unwrap()
}

async fn claim_all(store: &impl Store, now: Timestamp) -> Vec<Claim> {
    claim_upto(store, 100, now).await
}

async fn claim_one(store: &impl Store, now: Timestamp) -> Claim {
    let mut claims = claim_all(store, now).await;
    assert_eq!(claims.len(), 1, "{claims:?}");
    claims.remove(0)
}

fn records(claims: &[Claim]) -> Vec<u64> {
    claims.iter().map(|claim| claim.entity.record).collect()
}

fn step(claim: &Claim, outcome: Outcome) -> Step {
    Step {
        entity: claim.entity,
        lease: claim.lease,
        outcome,
        links: vec![],
        follow_ups: vec![],
        raise: vec![],
        converged: vec![],
        audit: AuditEntry {
            at: claim.lease.until,
            cause: claim.cause,
            read_version: claim.version,
            policy_hash: [7; 32],
            actions: format!("upsert fr-order-{}", claim.entity.record).into(),
            outcome: "done".into(),
        },
    }
}

fn order_link(record: u64, version: Timestamp, read_at: Timestamp) -> Link {
    Link {
        kind: LinkKind::SalesOrder,
        record,
        parent: record,
        external_id: ExternalId::from_netsuite(format!("fr-order-{record}")),
        internal_id: InternalId::new(record + 40_000),
        version,
        read_at,
        digest: u64::MAX - record,
    }
}

fn deposit_link(transaction: u64, order: u64) -> Link {
    Link {
        kind: LinkKind::CustomerDeposit,
        record: transaction,
        parent: order,
        external_id: ExternalId::from_netsuite(format!("fr-deposit-{transaction}")),
        ..order_link(order, at(0), at(1))
    }
}

fn exception(record: u64, code: CauseCode, now: Timestamp) -> Exception {
    Exception {
        key: ExceptionKey { entity: order(record), code },
        state: ExceptionState::Open,
        raised_at: now,
        owner: "finance".into(),
        deadline: now.plus(Duration::from_hours(4)),
        at_risk: Some(Money::new(5_990, Currency::EUR)),
        detail: "fr-order-1 was refused".into(),
        next_step: "correct the item".into(),
    }
}
