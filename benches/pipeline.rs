//! The whole pipeline: what an order costs with twins, clients, engine, SQLite and oracle.
//!
//! Not here: what each of them costs alone (`convert`, `executor`, `store`, `world`).

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::domain::Duration;
use plimsoll::scenario::Scenario;
use plimsoll::scenario::load::LoadOptions;
use plimsoll::sim::rehearsal::RunOptions;
use plimsoll::sim::run::run;
use plimsoll::sim::transports::Fidelity;

/// Orders of the hour: as many as an hour of merchant L in the small.
const ORDERS: u64 = 2_000;

fn load(name: &str, orders: Option<u64>) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    Scenario::load(&path, LoadOptions { orders }).expect("the scenario is checked in")
}

fn orders_of(scenario: &Scenario, fidelity: Fidelity) -> u64 {
    let options = RunOptions { seed: 7, fidelity, ..RunOptions::default() };
    run(scenario, &options, &mut |_| {}).expect("the simulation goes on to its end").orders
}

fn pipeline(criterion: &mut Criterion) {
    let mut hour = load("peak/million.toml", Some(ORDERS));
    hour.lasts = Duration::from_hours(1);
    let storm = load("crash/storm.toml", None);
    let all_flows = load("crash/storm-all-flows.toml", None);
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(10);
    for (name, scenario, fidelity) in [
        ("an hour of 2,000 orders, typed", &hour, Fidelity::Typed),
        ("an hour of 2,000 orders, bytes", &hour, Fidelity::Bytes),
        ("20 orders in a storm", &storm, Fidelity::Typed),
        ("20 orders in a storm, all flows", &all_flows, Fidelity::Typed),
    ] {
        group.throughput(Throughput::Elements(orders_of(scenario, fidelity)));
        group.bench_function(name, |bencher| bencher.iter(|| black_box(orders_of(scenario, fidelity))));
    }
    group.finish();
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
