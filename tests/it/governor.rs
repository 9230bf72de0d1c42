//! The governor on the simulation's executor: never more calls than slots, never a call that the bucket would refuse,
//! and a share for every lane.
//!
//! The platforms are stood in for by their arithmetic alone, with answers that overtake each other.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use plimsoll::domain::{Duration, Lane, ShopKey, Timestamp};
use plimsoll::engine::governor::Governor;
use plimsoll::policy::Policy;
use plimsoll::ports::{Admission, Runtime, ThrottleStatus};
use plimsoll::sim::executor::{Executor, Group, SimRuntime};
use proptest::prelude::*;

use crate::plays::load;

const ORIGIN: Timestamp = Timestamp::from_seconds(1_000_000);
const HOUR: Duration = Duration::from_hours(1);

fn policy(slots: u32, restore_rate: u32) -> Policy {
    let mut policy = (*load("crash/storm").policy).clone();
    policy.netsuite.slots = slots;
    policy.shops[0].restore_rate = restore_rate;
    policy
}

fn governed(policy: &Policy) -> (Executor, SimRuntime, Governor<SimRuntime>) {
    let mut executor = Executor::new(1, ORIGIN);
    let runtime = executor.runtime(Group::Engine(0));
    let governor = Governor::new(runtime.clone(), policy);
    (executor, runtime, governor)
}

/// Shopify's bucket in billionths of a point: what is asked is taken when a call arrives, and what it did not cost is
/// given back when it is done. Source: shopify.md §b.1.
struct Bucket {
    level: i128,
    maximum: i128,
    rate: i128,
    at: Timestamp,
    refused: u32,
}

impl Bucket {
    fn refill(&mut self, now: Timestamp) {
        let restored = i128::from(now.since(self.at).nanos()) * self.rate;
        self.level = (self.level + restored).min(self.maximum);
        self.at = now;
    }

    fn take(&mut self, points: u32, now: Timestamp) {
        self.refill(now);
        let asked = i128::from(points) * 1_000_000_000;
        self.refused += u32::from(asked > self.level);
        self.level = (self.level - asked).max(0);
    }

    fn give_back(&mut self, points: u32, now: Timestamp) -> ThrottleStatus {
        self.refill(now);
        self.level = (self.level + i128::from(points) * 1_000_000_000).min(self.maximum);
        ThrottleStatus {
            maximum_available: (self.maximum / 1_000_000_000) as f64,
            currently_available: (self.level / 1_000_000_000) as f64,
            restore_rate: self.rate as f64,
        }
    }
}

/// One call: when it is wanted, what it asks for and costs, and its three ways in milliseconds.
#[derive(Debug, Clone)]
struct ShopifyCall {
    wanted: u64,
    points: u32,
    cost: u32,
    lane: Lane,
    ways: [u64; 3],
}

fn shopify_call() -> impl Strategy<Value = ShopifyCall> {
    (0u64..20_000, 1u32..900, 0u32..=100, 0usize..Lane::ALL.len(), [1u64..4_000, 0u64..2_000, 1u64..4_000])
        .prop_map(|(wanted, points, percent, lane, ways)| ShopifyCall {
            wanted,
            points,
            cost: points * percent / 100,
            lane: Lane::ALL[lane],
            ways,
        })
}

/// Calls that were refused, and calls that came back.
fn through_the_bucket(calls: &[ShopifyCall], level_at_start: u32) -> (u32, usize) {
    const RATE: u32 = 100;
    let policy = policy(1, RATE);
    let shop = policy.shops[0].key;
    let (mut executor, runtime, governor) = governed(&policy);
    let points = |points: u32| i128::from(points) * 1_000_000_000;
    let bucket = Arc::new(Mutex::new(Bucket {
        level: points(level_at_start),
        maximum: points(RATE * 20),
        rate: i128::from(RATE),
        at: ORIGIN,
        refused: 0,
    }));
    let done = Arc::new(Mutex::new(0));
    for call in calls.iter().cloned() {
        let (own, governor) = (runtime.clone(), governor.clone());
        let (bucket, done) = (Arc::clone(&bucket), Arc::clone(&done));
        runtime.spawn(async move {
            let pause = |millis| own.sleep(Duration::from_millis(millis));
            pause(call.wanted).await;
            governor.shopify(shop, call.lane, call.points).await;
            pause(call.ways[0]).await;
            bucket.lock().unwrap().take(call.points, own.now());
            pause(call.ways[1]).await;
            let seen = bucket.lock().unwrap().give_back(call.points - call.cost, own.now());
            pause(call.ways[2]).await;
            governor.shopify_done(shop, call.points, Some(seen), false);
            *done.lock().unwrap() += 1;
        });
    }
    executor.run_until(ORIGIN.plus(HOUR)).unwrap();
    let (refused, done) = (bucket.lock().unwrap().refused, *done.lock().unwrap());
    (refused, done)
}

proptest! {
    /// Whatever is asked when, and however answers overtake each other: nothing is refused, everything comes through.
    #[test]
    fn no_call_is_sent_that_shopify_would_refuse(calls in prop::collection::vec(shopify_call(), 1..60)) {
        prop_assert_eq!(through_the_bucket(&calls, 2_000), (0, calls.len()));
    }

    /// An engine that starts where another has just died does not know that the bucket is almost empty.
    #[test]
    fn an_engine_that_starts_asks_before_it_trusts_the_bucket(
        calls in prop::collection::vec(shopify_call(), 1..60),
    ) {
        // As much as one of the dearest calls.
        prop_assert_eq!(through_the_bucket(&calls, 900), (0, calls.len()));
    }

    #[test]
    fn no_more_calls_are_under_way_than_there_are_slots(
        slots in 1u32..20,
        calls in prop::collection::vec((0u64..5_000, 1u64..3_000, 0usize..Lane::ALL.len(), 0u32..5), 1..100),
    ) {
        let (mut executor, runtime, governor) = governed(&policy(slots, 100));
        // Under way, the most at once, and done.
        let seen = Arc::new(Mutex::new((0u32, 0u32, 0usize)));
        for (wanted, takes, lane, luck) in calls.iter().copied() {
            let (own, governor, seen) = (runtime.clone(), governor.clone(), Arc::clone(&seen));
            runtime.spawn(async move {
                own.sleep(Duration::from_millis(wanted)).await;
                governor.netsuite(Lane::ALL[lane]).await;
                {
                    let mut seen = seen.lock().unwrap();
                    seen.0 += 1;
                    seen.1 = seen.1.max(seen.0);
                }
                own.sleep(Duration::from_millis(takes)).await;
                {
                    let mut seen = seen.lock().unwrap();
                    seen.0 -= 1;
                    seen.2 += 1;
                }
                governor.netsuite_done(luck == 0);
            });
        }
        executor.run_until(ORIGIN.plus(HOUR)).unwrap();
        let (_, most, done) = *seen.lock().unwrap();
        prop_assert!(most <= slots, "{} at once on {} slots", most, slots);
        prop_assert_eq!(done, calls.len());
    }
}

/// The lanes of so many calls that all wait for one slot, in the order in which they get it.
fn served(policy: &Policy, waiting: &[(Lane, usize)]) -> Vec<Lane> {
    let (mut executor, runtime, governor) = governed(policy);
    let order = Arc::new(Mutex::new(Vec::new()));
    let first = governor.clone();
    executor.complete(Group::Engine(0), async move { first.netsuite(Lane::Lock).await }).unwrap();
    for (lane, count) in waiting.iter().copied() {
        for _ in 0..count {
            let (own, governor, order) = (runtime.clone(), governor.clone(), Arc::clone(&order));
            runtime.spawn(async move {
                governor.netsuite(lane).await;
                order.lock().unwrap().push(lane);
                own.sleep(Duration::from_millis(10)).await;
                governor.netsuite_done(false);
            });
        }
    }
    executor.run_until(ORIGIN.plus(Duration::from_secs(1))).unwrap();
    governor.netsuite_done(false);
    executor.run_until(ORIGIN.plus(HOUR)).unwrap();
    let order = order.lock().unwrap();
    order.clone()
}

#[test]
fn without_floors_the_most_urgent_lane_goes_first() {
    let mut policy = policy(1, 100);
    policy.engine.lane_floor_percent = [0; Lane::ALL.len()];
    let order = served(&policy, &[(Lane::Backfill, 3), (Lane::Orders, 3), (Lane::Lock, 3)]);
    assert_eq!(order, [[Lane::Lock; 3], [Lane::Orders; 3], [Lane::Backfill; 3]].concat());
}

#[test]
fn every_lane_gets_its_floor_while_all_of_them_wait() {
    let policy = policy(1, 100);
    let order = served(&policy, &Lane::ALL.map(|lane| (lane, 400)));
    assert_eq!(order.len(), 400 * Lane::ALL.len());
    let while_all_wait = &order[..400];
    for lane in Lane::ALL {
        let floor = usize::from(policy.engine.lane_floor_percent[lane.index()]);
        let found = while_all_wait.iter().filter(|served| **served == lane).count();
        assert!(floor > 0, "{} would starve", lane.name());
        // One call either way is rounding.
        assert!(
            (found + 1) * 100 >= floor * while_all_wait.len(),
            "{}: {found} of 400, {floor} %",
            lane.name()
        );
    }
}

/// Calls that are let in at once when nothing is under way.
fn let_in(
    executor: &mut Executor,
    runtime: &SimRuntime,
    governor: &Governor<SimRuntime>,
    wanted: u32,
) -> u32 {
    let count = Arc::new(Mutex::new(0));
    for _ in 0..wanted {
        let (governor, count) = (governor.clone(), Arc::clone(&count));
        runtime.spawn(async move {
            governor.netsuite(Lane::Orders).await;
            *count.lock().unwrap() += 1;
        });
    }
    executor.run_until(executor.now().plus(Duration::from_millis(1))).unwrap();
    *count.lock().unwrap()
}

#[test]
fn the_ceiling_falls_on_a_refusal_and_recovers_slot_by_slot() {
    let (mut executor, runtime, governor) = governed(&policy(10, 100));
    assert_eq!(let_in(&mut executor, &runtime, &governor, 30), 10);
    // Neighbours hold four slots: four of the ten are refused, six remain, and nobody else is let in.
    for _ in 0..4 {
        governor.netsuite_done(true);
    }
    assert_eq!(let_in(&mut executor, &runtime, &governor, 0), 0);
    let waiting = Arc::new(Mutex::new(0));
    for _ in 0..10 {
        let (governor, waiting) = (governor.clone(), Arc::clone(&waiting));
        runtime.spawn(async move {
            governor.netsuite(Lane::Lock).await;
            *waiting.lock().unwrap() += 1;
        });
    }
    let starts = executor.now();
    let mut let_in_by = |seconds: u64| {
        executor.run_until(starts.plus(Duration::from_secs(seconds))).unwrap();
        *waiting.lock().unwrap()
    };
    // Four refusals in a row doubled the pause three times: 250 ms, then 2 s.
    assert_eq!([0, 2, 4, 6, 8, 60].map(&mut let_in_by), [0, 1, 2, 3, 4, 4]);
}

/// Polls once, then drops: what a lease that runs out does to a call that waits.
fn waits_and_goes(future: impl Future<Output = ()>) {
    let polled = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Pending);
}

#[test]
fn a_waiting_call_that_goes_away_takes_nothing() {
    let (mut executor, runtime, governor) = governed(&policy(1, 100));
    assert_eq!(let_in(&mut executor, &runtime, &governor, 1), 1);
    waits_and_goes(governor.netsuite(Lane::Lock));
    governor.netsuite_done(false);
    assert_eq!(let_in(&mut executor, &runtime, &governor, 1), 1);
}

#[test]
fn a_call_that_goes_away_at_the_instant_it_is_let_in_gives_its_slot_back() {
    let (mut executor, runtime, governor) = governed(&policy(1, 100));
    assert_eq!(let_in(&mut executor, &runtime, &governor, 1), 1);
    {
        let mut waits = pin!(governor.netsuite(Lane::Lock));
        assert_eq!(waits.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        governor.netsuite_done(false);
    }
    assert_eq!(let_in(&mut executor, &runtime, &governor, 1), 1);
}

#[test]
fn a_call_that_goes_away_at_the_instant_it_is_let_in_gives_its_points_back() {
    let policy = policy(1, 100);
    let shop: ShopKey = policy.shops[0].key;
    let (mut executor, _, governor) = governed(&policy);
    let full =
        ThrottleStatus { maximum_available: 2_000.0, currently_available: 2_000.0, restore_rate: 100.0 };
    let admit = |executor: &mut Executor, points| {
        let own = governor.clone();
        let admitted = async move { own.shopify(shop, Lane::Orders, points).await };
        executor.complete(Group::Engine(0), admitted).unwrap();
    };
    admit(&mut executor, 1_500);
    {
        let mut waits = pin!(governor.shopify(shop, Lane::Lock, 1_900));
        assert_eq!(waits.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        governor.shopify_done(shop, 1_500, Some(full), false);
    }
    let before = executor.now();
    admit(&mut executor, 1_900);
    assert_eq!(executor.now(), before, "nothing had to be restored first");
}
