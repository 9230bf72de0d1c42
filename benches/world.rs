//! What a drawn order costs before anyone has seen it: its purchase, and the luck of its calls.
//!
//! Not here: the twins and the engine that deal with it.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::domain::customer::GuestRecords;
use plimsoll::domain::{Currency, Duration, Sku, Timestamp, Zone};
use plimsoll::scenario::{
    Catalogue, DrawnTraffic, FaultRates, Latency, Profile, ServiceItemNames, Storefront,
};
use plimsoll::sim::faults::{Access, CallKey, Faults};
use plimsoll::sim::trace::TraceHash;
use plimsoll::sim::world::World;

const ORDERS: u64 = 100_000;
const DAY: Duration = Duration::from_hours(24);

fn profile() -> Arc<Profile> {
    let sku = |name: &str| Sku(name.into());
    Arc::new(Profile {
        merchant: "harbour".parse().expect("a key"),
        account_zone: Zone::utc(),
        subsidiaries: Vec::new(),
        shops: vec![Storefront {
            key: "us".parse().expect("a key"),
            domain: "harbour-us.myshopify.com".into(),
            currency: Currency::USD,
            zone: Zone::utc(),
            seller: 0,
            guests: GuestRecords::PerEmail,
            weight: 1,
            taxes_included: false,
            taxes: Vec::new(),
            nexus: Vec::new(),
            clearing: Vec::new(),
            presentment: Vec::new(),
            locations: Vec::new(),
            buffer: 0,
            oversells: false,
            is_published: true,
            stock_lag: plimsoll::domain::Duration::from_mins(5),
            payout_owner: 0,
            payout_currency: Currency::USD,
        }],
        accounts: Vec::new(),
        rates: Vec::new(),
        service_items: ServiceItemNames {
            shipping: sku("shipping"),
            discount: sku("discount"),
            duties: sku("duties"),
            fees: sku("fees"),
            tip: sku("tip"),
            gift_card: sku("gift-card"),
            custom: sku("custom"),
            returns: sku("returns"),
            goodwill: sku("goodwill"),
            restocking: sku("restocking"),
            exchange: sku("exchange"),
        },
        catalogue: Catalogue {
            prefix: "HB".into(),
            count: 3_000,
            price_minor: (500, 9_900),
            named: Vec::new(),
        },
        wholesale: Default::default(),
        known_customers: Vec::new(),
        stock: plimsoll::scenario::Stock::default(),
        processor: None,
    })
}

fn traffic() -> DrawnTraffic {
    DrawnTraffic {
        total: ORDERS,
        curve: [1; 24],
        spikes: Vec::new(),
        tenders: vec![("shopify_payments".into(), 70), ("paypal".into(), 25), ("gift-card".into(), 5)],
        lines_typical: 2,
        lines_heaviest: 45,
        units_typical: 3,
        discounted_ppm: 350_000,
        stacked_ppm: 80_000,
        split_tender_ppm: 40_000,
        guest_ppm: 200_000,
        returning_ppm: 300_000,
        b2b_ppm: 15_000,
        typo_ppm: 10_000,
        repeated_sku_ppm: 30_000,
        late_capture_ppm: 50_000,
        capture_delay_median: Duration::from_mins(17),
        edit_ppm: 20_000,
        edit_within: Duration::from_hours(2),
    }
}

fn rates() -> FaultRates {
    let latency = Latency { median: Duration::from_millis(2_500), p99: Duration::from_secs(25) };
    FaultRates {
        netsuite_throttled_ppm: 50_000,
        netsuite_write: latency,
        answer_lost_after_ppm: 1_000,
        record_locked_ppm: 2_000,
        ..FaultRates::default()
    }
}

fn world(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("world");
    group.throughput(Throughput::Elements(ORDERS)).sample_size(10);
    let world = World::new(1, &profile(), Some(&traffic()), Timestamp::ORIGIN, DAY);
    group.bench_function("purchases", |bencher| {
        bencher.iter(|| (0..ORDERS).for_each(|number| drop(black_box(world.purchase(number)))));
    });
    let mut faults = Faults::new(1, rates(), &[], Timestamp::ORIGIN, Timestamp::ORIGIN.plus(DAY));
    let write = Access::Write { record: Some(1) };
    group.bench_function("verdicts on calls", |bencher| {
        bencher.iter(|| {
            for entity in 0..ORDERS {
                let key = CallKey { entity, call: 0, attempt: 0 };
                black_box(faults.on_netsuite_call(key, write, Timestamp::ORIGIN));
            }
        });
    });
    group.bench_function("traced events", |bencher| {
        bencher.iter(|| {
            let mut trace = TraceHash::new();
            (0..ORDERS).for_each(|number| trace.event(1, Timestamp::ORIGIN, number, 7));
            black_box(trace.value())
        });
    });
    group.finish();
}

criterion_group!(benches, world);
criterion_main!(benches);
