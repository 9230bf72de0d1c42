//! Shares out both platforms' limits by lane, so that nothing is sent that is known to be refused.
//!
//! Lives here: what we know of each bucket and of the slots, who waits, and who goes next. Not here: retrying
//! after a refusal (the driver), or the price of a call (`platforms::shopify::cost`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::oneshot;

use crate::domain::{Duration, Lane, ShopKey, Timestamp};
use crate::policy::Policy;
use crate::ports::{Admission, Runtime, ThrottleStatus};

/// A refused slot means that neighbours hold more than we thought: the ceiling falls to what we hold and stays there
/// this long. Then each call that succeeds raises it by one, and so does each further pause without any.
// Oracle documents no Retry-After (netsuite.md §0.1). A quarter of a second is a tenth of a typical save.
const CEILING_HOLD: Duration = Duration::from_millis(250);

/// A refusal so soon after the last says that the neighbours stay: the pause doubles, up to this.
const CEILING_HOLD_MAX: Duration = Duration::from_secs(4);

/// Successes between two refusals from which on they count as unrelated.
const CALM: u32 = 8;

/// Points that we assume a bucket holds before Shopify has told us: any plan's bucket is larger.
///
/// Source: shopify.md §b.1: 20 times the restore rate, at least 2,000.
const BUCKET_SECONDS: f64 = 20.0;

pub struct Governor<R> {
    runtime: R,
    state: Arc<Mutex<State>>,
}

impl<R: Clone> Clone for Governor<R> {
    fn clone(&self) -> Self {
        Governor { runtime: self.runtime.clone(), state: Arc::clone(&self.state) }
    }
}

struct State {
    buckets: BTreeMap<ShopKey, Bucket>,
    slots: Slots,
    floors: [u8; Lane::ALL.len()],
}

/// What is certainly left of one shop's bucket, as far as the last answers and the calls in flight tell.
struct Bucket {
    level: f64,
    as_of: Timestamp,
    maximum: f64,
    restore_rate: f64,
    in_flight_points: f64,
    /// Shopify has told us of it. Until then one call at a time finds out: an earlier engine may have emptied it.
    is_known: bool,
    line: Line<f64>,
    /// A timer is under way that will look at the line again.
    timer_set: bool,
}

struct Slots {
    contract: u32,
    ceiling: u32,
    /// When the ceiling may rise.
    rise_at: Timestamp,
    /// How long it stays after the last refusal.
    hold: Duration,
    /// Successes since the last refusal.
    calm: u32,
    in_use: u32,
    line: Line<()>,
    timer_set: bool,
}

/// Who waits, by lane, and who was served of late.
struct Line<W> {
    waiting: [VecDeque<(W, oneshot::Sender<()>)>; Lane::ALL.len()],
    served: [u32; Lane::ALL.len()],
    served_total: u32,
}

/// What is left of the limits, for those who watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Budgets {
    pub shops: Vec<ShopBudget>,
    pub slots_in_use: u32,
    /// That we may hold now: the contract's, or fewer while neighbours hold them.
    pub slots_max: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ShopBudget {
    pub key: ShopKey,
    /// Certainly left, calls in flight taken off.
    pub points_left: f64,
    pub points_max: f64,
}

impl<R: Runtime> Governor<R> {
    pub fn budgets(&self) -> Budgets {
        let mut state = self.state();
        let now = self.runtime.now();
        let shops = state.buckets.iter_mut().map(|(key, bucket)| {
            bucket.refill(now);
            let points_left = (bucket.level - bucket.in_flight_points).max(0.0);
            ShopBudget { key: *key, points_left, points_max: bucket.maximum }
        });
        let shops = shops.collect();
        Budgets { shops, slots_in_use: state.slots.in_use, slots_max: state.slots.ceiling }
    }

    pub fn new(runtime: R, policy: &Policy) -> Governor<R> {
        let now = runtime.now();
        let buckets = policy
            .shops
            .iter()
            .map(|shop| {
                let restore_rate = f64::from(shop.restore_rate);
                let maximum = restore_rate * BUCKET_SECONDS;
                let bucket = Bucket {
                    level: maximum,
                    as_of: now,
                    maximum,
                    restore_rate,
                    in_flight_points: 0.0,
                    is_known: false,
                    line: Line::new(),
                    timer_set: false,
                };
                (shop.key, bucket)
            })
            .collect();
        let slots = Slots {
            contract: policy.netsuite.slots,
            ceiling: policy.netsuite.slots,
            rise_at: now,
            hold: CEILING_HOLD,
            calm: CALM,
            in_use: 0,
            line: Line::new(),
            timer_set: false,
        };
        let state = State { buckets, slots, floors: policy.engine.lane_floor_percent };
        Governor { runtime, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while it holds the governor's state")
    }

    /// Lets in everyone who fits now, and sets a timer for the next one who will fit by waiting alone.
    fn pump_shop(&self, state: &mut State, shop: ShopKey) {
        let now = self.runtime.now();
        let floors = state.floors;
        let Some(bucket) = state.buckets.get_mut(&shop) else { return };
        bucket.refill(now);
        while let Some(lane) = bucket.line.next(&floors) {
            if !bucket.is_known && bucket.in_flight_points > 0.0 {
                return;
            }
            let points =
                bucket.line.waiting[lane.index()].front().expect("the chosen lane has somebody waiting").0;
            let missing = points - (bucket.level - bucket.in_flight_points);
            let idle_and_full = bucket.in_flight_points == 0.0 && bucket.level >= bucket.maximum;
            if missing > 0.0 && !idle_and_full {
                if !bucket.timer_set && bucket.restore_rate > 0.0 {
                    bucket.timer_set = true;
                    let wait = Duration::from_nanos((missing / bucket.restore_rate * 1e9) as u64 + 1);
                    self.later(wait, move |governor, state| {
                        if let Some(bucket) = state.buckets.get_mut(&shop) {
                            bucket.timer_set = false;
                        }
                        governor.pump_shop(state, shop);
                    });
                }
                return;
            }
            if bucket.line.admit(lane) {
                bucket.in_flight_points += points;
            }
        }
    }

    fn pump_slots(&self, state: &mut State) {
        let now = self.runtime.now();
        let slots = &mut state.slots;
        if slots.ceiling < slots.contract && now >= slots.rise_at {
            slots.ceiling += 1;
            slots.rise_at = now.plus(slots.hold);
        }
        while slots.in_use < slots.ceiling {
            let Some(lane) = slots.line.next(&state.floors) else { return };
            if slots.line.admit(lane) {
                slots.in_use += 1;
            }
        }
        if slots.ceiling < slots.contract && !slots.timer_set && !slots.line.is_empty() {
            slots.timer_set = true;
            let wait = slots.rise_at.since(now).plus(Duration::from_nanos(1));
            self.later(wait, |governor, state| {
                state.slots.timer_set = false;
                governor.pump_slots(state);
            });
        }
    }

    fn later(&self, wait: Duration, act: impl FnOnce(&Governor<R>, &mut State) + Send + 'static) {
        let governor = self.clone();
        let sleep = self.runtime.sleep(wait);
        self.runtime.spawn(async move {
            sleep.await;
            let mut state = governor.state();
            act(&governor, &mut state);
        });
    }
}

impl Bucket {
    fn refill(&mut self, now: Timestamp) {
        let seconds = now.since(self.as_of).nanos() as f64 / 1e9;
        self.level = (self.level + seconds * self.restore_rate).min(self.maximum);
        self.as_of = now;
    }
}

impl<W> Line<W> {
    fn new() -> Line<W> {
        Line {
            waiting: std::array::from_fn(|_| VecDeque::new()),
            served: [0; Lane::ALL.len()],
            served_total: 0,
        }
    }

    fn is_empty(&self) -> bool {
        self.waiting.iter().all(VecDeque::is_empty)
    }

    /// The most urgent lane that has had less than its floor; failing that, the most urgent one.
    fn next(&self, floors: &[u8; Lane::ALL.len()]) -> Option<Lane> {
        let mut waiting = Lane::ALL.into_iter().filter(|lane| !self.waiting[lane.index()].is_empty());
        let below_floor = |lane: &Lane| {
            self.served[lane.index()] * 100 < u32::from(floors[lane.index()]) * self.served_total
        };
        waiting.clone().find(below_floor).or_else(|| waiting.next())
    }

    /// Lets the first of the lane in; false if it has stopped waiting.
    fn admit(&mut self, lane: Lane) -> bool {
        let Some((_, gate)) = self.waiting[lane.index()].pop_front() else { return false };
        if gate.send(()).is_err() {
            return false;
        }
        self.served[lane.index()] += 1;
        self.served_total += 1;
        if self.served_total >= 1_024 {
            self.served_total = 0;
            for served in &mut self.served {
                *served /= 2;
                self.served_total += *served;
            }
        }
        true
    }
}

impl<R: Runtime> Admission for Governor<R> {
    async fn shopify(&self, shop: ShopKey, lane: Lane, points: u32) {
        let admitted = {
            let mut state = self.state();
            let Some(bucket) = state.buckets.get_mut(&shop) else { return };
            let (gate, admitted) = oneshot::channel();
            bucket.line.waiting[lane.index()].push_back((f64::from(points), gate));
            self.pump_shop(&mut state, shop);
            admitted
        };
        let unused = |state: &mut State| {
            if let Some(bucket) = state.buckets.get_mut(&shop) {
                bucket.in_flight_points = (bucket.in_flight_points - f64::from(points)).max(0.0);
            }
            self.pump_shop(state, shop);
        };
        Waiting { governor: self, admitted, unused }.until_admitted().await;
    }

    /// The level after an answer is the lower of two upper bounds: what we thought plus everything that this
    /// call may have been refunded, and what Shopify reports less all calls that are still under way. Either
    /// alone would overrate the bucket when answers overtake each other.
    fn shopify_done(&self, shop: ShopKey, points: u32, seen: Option<ThrottleStatus>, _throttled: bool) {
        let mut state = self.state();
        let now = self.runtime.now();
        let Some(bucket) = state.buckets.get_mut(&shop) else { return };
        bucket.refill(now);
        bucket.in_flight_points = (bucket.in_flight_points - f64::from(points)).max(0.0);
        match seen {
            Some(seen) => {
                bucket.is_known = true;
                bucket.maximum = seen.maximum_available;
                bucket.restore_rate = seen.restore_rate;
                bucket.level = bucket.level.min(seen.currently_available).max(0.0);
            }
            None => bucket.level = (bucket.level - f64::from(points)).max(0.0),
        }
        self.pump_shop(&mut state, shop);
    }

    async fn netsuite(&self, lane: Lane) {
        let admitted = {
            let mut state = self.state();
            let (gate, admitted) = oneshot::channel();
            state.slots.line.waiting[lane.index()].push_back(((), gate));
            self.pump_slots(&mut state);
            admitted
        };
        let unused = |state: &mut State| {
            state.slots.in_use = state.slots.in_use.saturating_sub(1);
            self.pump_slots(state);
        };
        Waiting { governor: self, admitted, unused }.until_admitted().await;
    }

    fn netsuite_done(&self, throttled: bool) {
        let mut state = self.state();
        let now = self.runtime.now();
        let slots = &mut state.slots;
        slots.in_use = slots.in_use.saturating_sub(1);
        if throttled {
            let doubled = slots.hold.times(2).min(CEILING_HOLD_MAX);
            slots.hold = if slots.calm < CALM { doubled } else { CEILING_HOLD };
            slots.calm = 0;
            slots.ceiling = slots.in_use.max(1);
            slots.rise_at = now.plus(slots.hold);
        } else {
            slots.calm = slots.calm.saturating_add(1);
            if now >= slots.rise_at && slots.ceiling < slots.contract {
                slots.ceiling += 1;
            }
        }
        self.pump_slots(&mut state);
    }
}

/// Somebody in a line. Whoever goes away after the gate opened and before going through (a lease that ran out at
/// that instant) gives back what was set aside, or it would be missing for ever.
struct Waiting<'a, R: Runtime, U: FnMut(&mut State)> {
    governor: &'a Governor<R>,
    admitted: oneshot::Receiver<()>,
    unused: U,
}

impl<R: Runtime, U: FnMut(&mut State)> Waiting<'_, R, U> {
    async fn until_admitted(mut self) {
        // The sender lives as long as the line; if it is gone, so is the engine.
        let _ = (&mut self.admitted).await;
    }
}

impl<R: Runtime, U: FnMut(&mut State)> Drop for Waiting<'_, R, U> {
    fn drop(&mut self) {
        self.admitted.close();
        // A gate that was gone through holds nothing any more.
        if self.admitted.try_recv().is_ok() {
            (self.unused)(&mut self.governor.state());
        }
    }
}

#[cfg(test)]
mod tests;
