use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::*;

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

#[test]
fn paused_clock_starts_where_it_is_told_and_jumps_to_the_next_sleeper() {
    let starts: Timestamp = "2026-11-27T05:00:00Z".parse().unwrap();
    let owner = paused();
    let runtime = TokioRuntime::starting_at(owner.handle().clone(), starts);
    assert_eq!(runtime.now(), starts);
    let day = Duration::from_hours(24);
    owner.block_on(runtime.sleep(day));
    let late = runtime.now().since(starts.plus(day));
    assert!(runtime.now() >= starts.plus(day) && late <= Duration::from_millis(1), "late by {late}");
    owner.block_on(runtime.sleep_until(starts));
}

#[test]
fn spawned_tasks_run_in_the_order_of_their_instants() {
    let owner = paused();
    let runtime = TokioRuntime::starting_at(owner.handle().clone(), Timestamp::ORIGIN);
    let seen = Arc::new(Mutex::new(Vec::new()));
    for seconds in [3, 1, 2] {
        let (own, seen) = (runtime.clone(), Arc::clone(&seen));
        runtime.spawn(async move {
            own.sleep(Duration::from_secs(seconds)).await;
            seen.lock().unwrap().push(seconds);
        });
    }
    owner.block_on(runtime.sleep(Duration::from_secs(10)));
    assert_eq!(*seen.lock().unwrap(), [1, 2, 3]);
}

#[test]
fn dropping_the_owner_ends_the_tasks() {
    let owner = paused();
    let runtime = TokioRuntime::on_wall_clock(owner.handle().clone());
    let alive = Arc::new(AtomicU64::new(0));
    let held = Arc::clone(&alive);
    runtime.spawn(async move {
        std::future::pending::<()>().await;
        held.fetch_add(1, Ordering::Relaxed);
    });
    owner.block_on(std::future::ready(()));
    drop(owner);
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn wall_clock_is_of_this_century() {
    let owner = paused();
    let runtime = TokioRuntime::on_wall_clock(owner.handle().clone());
    assert!(runtime.now() > "2025-01-01T00:00:00Z".parse().unwrap());
    owner.block_on(runtime.sleep_until(Timestamp::ORIGIN));
}
