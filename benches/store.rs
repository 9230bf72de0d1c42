//! What an order costs the store: three hints, its share of a claim, and a step with three links and an audit
//! entry. Told for commit groups of 1, 16 and 64 operations; beside it, making a fresh store.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::domain::{Duration, ExternalId, Flow, InternalId, Lane, Timestamp};
use plimsoll::ports::store::{
    AuditEntry, Cause, Claim, Hint, LaneRoom, Link, LinkKind, Outcome, Step, Store,
};
use plimsoll::ports::{Entity, Runtime};
use plimsoll::store::{GroupLimits, InlineStore};

/// Time stands still and groups close by size alone.
#[derive(Clone)]
struct Still;

impl Runtime for Still {
    fn now(&self) -> Timestamp {
        NOW
    }

    fn sleep_until(&self, _: Timestamp) -> impl Future<Output = ()> + Send + 'static {
        std::future::pending()
    }

    fn spawn(&self, _: impl Future<Output = ()> + Send + 'static) {}
}

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const BATCH: u64 = 1_024;

fn entity(record: u64) -> Entity {
    Entity {
        merchant: "acme".parse().expect("a key"),
        shop: "fr".parse().expect("a key"),
        flow: Flow::Order,
        record,
    }
}

fn store(operations_max: u32) -> InlineStore<Still> {
    let limits = GroupLimits { operations_max, wait_max: Duration::from_millis(10) };
    InlineStore::in_memory(Still, limits).expect("memory is left")
}

/// Starts the call. Whether its group is durable by now is of no interest here.
fn start<T>(call: impl Future<Output = T>) -> Poll<T> {
    pin!(call).poll(&mut Context::from_waker(Waker::noop()))
}

fn hints(store: &InlineStore<Still>, first: u64) {
    for record in first..first + BATCH {
        for late in 0..3 {
            let version = Timestamp::from_seconds(NOW.seconds() - 10 + late);
            let hint = Hint { entity: entity(record), lane: Lane::Orders, version, cause: Cause::Delivery };
            black_box(start(store.record(&[hint], None, NOW)).is_ready());
        }
    }
}

fn claims(store: &InlineStore<Still>) -> Vec<Claim> {
    let lanes = Lane::ALL.map(|lane| LaneRoom { lane, room: 32 });
    let mut all = Vec::new();
    while all.len() < BATCH as usize {
        let claimed = pin!(store.claim(entity(0).merchant, &lanes, NOW, NOW.plus(Duration::from_mins(5))));
        let mut claimed = claimed;
        let mut context = Context::from_waker(Waker::noop());
        let some = loop {
            match claimed.as_mut().poll(&mut context) {
                Poll::Ready(some) => break some.expect("the store works"),
                Poll::Pending => store.close_open_group(),
            }
        };
        assert!(!some.is_empty(), "every hint is due");
        all.extend(some);
    }
    all
}

fn step(claim: &Claim) -> Step {
    let order = claim.entity.record;
    let link = |kind, record, parent, external_id: String| Link {
        kind,
        record,
        parent,
        external_id: ExternalId::from_netsuite(external_id),
        internal_id: InternalId::new(order + 50_000),
        version: NOW,
        read_at: NOW,
        digest: order.wrapping_mul(0x9E37_79B9_7F4A_7C15),
    };
    Step {
        entity: claim.entity,
        lease: claim.lease,
        outcome: Outcome::Done,
        links: vec![
            link(LinkKind::SalesOrder, order, order, format!("fr-order-{order}")),
            link(LinkKind::CustomerDeposit, order * 2, order, format!("fr-deposit-{}", order * 2)),
            link(LinkKind::Customer, order * 3, order * 3, format!("fr-customer-{}", order * 3)),
        ],
        follow_ups: vec![],
        raise: vec![],
        converged: vec![],
        audit: AuditEntry {
            at: NOW,
            cause: claim.cause,
            read_version: claim.version,
            policy_hash: [7; 32],
            actions: format!("upsert fr-customer-{order}; upsert fr-order-{order}").into(),
            outcome: "done".into(),
        },
    }
}

fn order(criterion: &mut Criterion) {
    for size in [1, 16, 64] {
        let mut group = criterion.benchmark_group(format!("store/groups-of-{size}"));
        group.throughput(Throughput::Elements(BATCH)).sample_size(20);
        let mut next = 5_000_000;
        let shared = store(size);
        group.bench_function("order", |bencher| {
            bencher.iter(|| {
                hints(&shared, next);
                next += BATCH;
                for claim in claims(&shared) {
                    black_box(start(shared.commit(step(&claim), NOW)).is_ready());
                }
            });
        });
        group.bench_function("record", |bencher| {
            bencher.iter_batched(
                || store(size),
                |store| {
                    hints(&store, 5_000_000);
                    store
                },
                BatchSize::LargeInput,
            );
        });
        group.bench_function("claim", |bencher| {
            let filled = || {
                let store = store(size);
                hints(&store, 5_000_000);
                store
            };
            bencher.iter_batched(filled, |store| (claims(&store), store), BatchSize::LargeInput);
        });
        group.bench_function("commit", |bencher| {
            let claimed = || {
                let store = store(size);
                hints(&store, 5_000_000);
                let steps: Vec<_> = claims(&store).iter().map(step).collect();
                (store, steps)
            };
            let commit = |(store, steps): (InlineStore<Still>, Vec<Step>)| {
                for step in steps {
                    black_box(start(store.commit(step, NOW)).is_ready());
                }
                store
            };
            bencher.iter_batched(claimed, commit, BatchSize::LargeInput);
        });
        group.finish();
    }
    criterion.bench_function("store/fresh", |bencher| bencher.iter(|| store(64)));
}

criterion_group!(benches, order);
criterion_main!(benches);
