//! Executor events a second: what a simulated day may spend on scheduling.
//!
//! Not here: the engine and the twins that run in it.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::domain::{Duration, Timestamp};
use plimsoll::ports::Runtime;
use plimsoll::sim::executor::{Executor, Group, yield_now};

const EVENTS: u64 = 1_000_000;

/// `tasks` tasks sleep in turns until a million timers have fired.
fn timers(tasks: u64) -> u64 {
    let mut executor = Executor::new(1, Timestamp::ORIGIN);
    let runtime = executor.runtime(Group::World);
    for task in 0..tasks {
        let own = runtime.clone();
        runtime.spawn(async move {
            for turn in 0..EVENTS / tasks {
                own.sleep(Duration::from_nanos(1 + (task * 7_919 + turn * 104_729) % 1_000_003)).await;
            }
        });
    }
    executor.run_until_idle_or(Timestamp::END).expect("sleepers let time pass");
    executor.polls()
}

/// A million tasks are spawned, as for each webhook delivery, and sleep once.
fn spawns() -> u64 {
    let mut executor = Executor::new(1, Timestamp::ORIGIN);
    let runtime = executor.runtime(Group::World);
    let own = runtime.clone();
    runtime.spawn(async move {
        for _ in 0..EVENTS {
            own.sleep(Duration::from_micros(1)).await;
            let child = own.clone();
            own.spawn(async move { child.sleep(Duration::from_micros(50)).await });
        }
    });
    executor.run_until_idle_or(Timestamp::END).expect("sleepers let time pass");
    executor.polls()
}

/// Sixty-four ready tasks among which the seed chooses, a million times.
fn choices() -> u64 {
    let mut executor = Executor::new(1, Timestamp::ORIGIN);
    let runtime = executor.runtime(Group::World);
    for _ in 0..64 {
        runtime.spawn(async {
            for _ in 0..EVENTS / 64 {
                yield_now().await;
            }
        });
    }
    executor.run_until_idle_or(Timestamp::END).expect("the tasks end");
    executor.polls()
}

fn executor(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("executor");
    group.throughput(Throughput::Elements(EVENTS)).sample_size(10);
    for tasks in [1, 64, 4_096] {
        group.bench_function(format!("timers of {tasks} tasks"), |bencher| {
            bencher.iter(|| black_box(timers(tasks)));
        });
    }
    group.bench_function("spawn and sleep", |bencher| bencher.iter(|| black_box(spawns())));
    group.bench_function("choice among 64", |bencher| bencher.iter(|| black_box(choices())));
    group.finish();
}

criterion_group!(benches, executor);
criterion_main!(benches);
