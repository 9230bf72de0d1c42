//! Hands due entities to steps, each to one at a time, as many at once as policy says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::Notify;

use super::race::first_of;
use super::{Engine, Ports, step};
use crate::domain::{Duration, Lane, Timestamp};
use crate::ports::store::LaneRoom;
use crate::ports::{Runtime, Store};

/// How long a wake-up waits for more of its kind, so that claims come in batches.
// A tenth of a fast NetSuite read: it adds nothing that a shopper or a warehouse could notice.
const LINGER: Duration = Duration::from_millis(50);

/// A store that fails is asked again after this long.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// What is being worked on, and whether more may be begun.
#[derive(Debug, Default)]
pub(super) struct Steps {
    under_way: AtomicU32,
    /// No more is claimed.
    stopping: AtomicBool,
    /// The queue has seen that, and no claim of its own is on the way.
    is_closed: AtomicBool,
    ended: Notify,
}

impl Steps {
    /// Begins no more steps, and resolves when those under way have been committed.
    pub async fn stop(&self, wake: &Notify) {
        self.stopping.store(true, Ordering::Relaxed);
        wake.notify_one();
        while !self.is_closed.load(Ordering::Relaxed) || self.under_way.load(Ordering::Relaxed) > 0 {
            self.ended.notified().await;
        }
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.ended.notify_one();
    }

    /// How many were under way, this one included.
    fn end_one(&self) -> u32 {
        let before = self.under_way.fetch_sub(1, Ordering::Relaxed);
        if self.stopping.load(Ordering::Relaxed) {
            self.ended.notify_one();
        }
        before
    }
}

pub(super) async fn run<P: Ports>(engine: Arc<Engine<P>>) {
    let steps = &engine.steps;
    while !steps.stopping.load(Ordering::Relaxed) {
        let room = engine.policy.engine.steps_at_once.saturating_sub(steps.under_way.load(Ordering::Relaxed));
        let next = if room == 0 { Ok(Timestamp::END) } else { hand_out(&engine, room).await };
        let until = match next {
            Ok(until) => until,
            Err(_) => engine.runtime.now().plus(STORE_RETRY),
        };
        if until == Timestamp::END {
            engine.wake.notified().await;
        } else {
            first_of(engine.wake.notified(), engine.runtime.sleep_until(until)).await;
        }
        engine.runtime.sleep(LINGER).await;
    }
    steps.close();
}

/// Starts a step for each entity that is due, and says when to look again if nothing happens before.
async fn hand_out<P: Ports>(
    engine: &Arc<Engine<P>>,
    room: u32,
) -> Result<Timestamp, crate::ports::store::StoreError> {
    let now = engine.runtime.now();
    let merchant = engine.policy.merchant;
    let lanes = lane_room(room, &engine.policy.engine.lane_floor_percent);
    let claims = engine.store.claim(merchant, &lanes, now, now.plus(engine.policy.engine.lease)).await?;
    for claim in claims {
        engine.steps.under_way.fetch_add(1, Ordering::Relaxed);
        let engine_of_step = Arc::clone(engine);
        engine.runtime.spawn(async move {
            let look_again = step::run(&engine_of_step, claim).await;
            let was_full = engine_of_step.steps.end_one() >= engine_of_step.policy.engine.steps_at_once;
            if look_again || was_full {
                engine_of_step.wake();
            }
        });
    }
    // A step that ended while the store was asked has woken nobody, because there was room.
    if engine.steps.under_way.load(Ordering::Relaxed) >= engine.policy.engine.steps_at_once {
        return Ok(Timestamp::END);
    }
    Ok(engine.store.next_due(merchant).await?.unwrap_or(Timestamp::END))
}

/// A lane may take all the room but the floors of the lanes that are more urgent.
fn lane_room(room: u32, floors: &[u8; Lane::ALL.len()]) -> [LaneRoom; Lane::ALL.len()] {
    Lane::ALL.map(|lane| {
        let kept: u32 = Lane::ALL
            .into_iter()
            .filter(|other| *other < lane)
            .map(|other| room * u32::from(floors[other.index()]) / 100)
            .sum();
        LaneRoom { lane, room: room.saturating_sub(kept).max(1) }
    })
}
