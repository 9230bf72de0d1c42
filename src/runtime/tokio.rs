//! `ports::Runtime` over tokio: production's clock, sleep and spawn.
//!
//! The one place where the machine's clock is read. The same code also runs on virtual time: built with
//! [`TokioRuntime::starting_at`] inside a paused tokio runtime, it is the second opinion on the simulation's
//! own executor.

use std::future::Future;
use std::time::SystemTime;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::domain::{Duration, Timestamp};
use crate::ports::Runtime;

/// A handle on a tokio runtime that somebody else owns; dropping that runtime ends every task.
#[derive(Debug, Clone)]
pub struct TokioRuntime {
    handle: Handle,
    clock: Clock,
}

#[derive(Debug, Clone, Copy)]
enum Clock {
    /// The machine's wall clock: follows its corrections, as the platforms' clocks do.
    Wall,
    /// What tokio's own clock shows, counted from a given instant.
    /// `speed` times as fast.
    Counted { origin: Instant, starts: Timestamp, speed: u32 },
}

/// The longest single sleep: the wall clock is looked at again at least this often, so that a sleep across a
/// suspended machine or a corrected clock ends in time.
const SLEEP_MAX: Duration = Duration::from_mins(1);

impl TokioRuntime {
    pub fn on_wall_clock(handle: Handle) -> TokioRuntime {
        TokioRuntime { handle, clock: Clock::Wall }
    }

    /// Time passes as `pace` says, or else as the machine's clock shows it.
    pub fn by(handle: Handle, pace: Option<Pace>) -> TokioRuntime {
        match pace {
            None => TokioRuntime::on_wall_clock(handle),
            Some(Pace { now, speed }) => TokioRuntime::paced(handle, now, speed),
        }
    }

    /// How many times as fast as the machine's its clock runs.
    pub const fn speed(&self) -> u32 {
        match self.clock {
            Clock::Wall => 1,
            Clock::Counted { speed, .. } => speed,
        }
    }

    /// The clock shows `starts` now and moves with tokio's, which a paused runtime moves in jumps.
    pub fn starting_at(handle: Handle, starts: Timestamp) -> TokioRuntime {
        TokioRuntime::paced(handle, starts, 1)
    }

    /// As [`TokioRuntime::starting_at`], `speed` times as fast: for platforms that are simulated in fast motion. A
    /// speed of 0 counts as 1.
    pub fn paced(handle: Handle, starts: Timestamp, speed: u32) -> TokioRuntime {
        let origin = tokio_clock(&handle);
        TokioRuntime { handle, clock: Clock::Counted { origin, starts, speed: speed.max(1) } }
    }
}

/// The clock of platforms that are simulated in fast motion, as it stands when the service starts.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub now: Timestamp,
    pub speed: u32,
}

/// A thread that is not inside the runtime would see the machine's clock instead of the paused one.
fn tokio_clock(handle: &Handle) -> Instant {
    let _inside = handle.enter();
    Instant::now()
}

/// What the machine's clock shows.
#[expect(clippy::disallowed_methods, reason = "the one real clock")]
pub fn wall_clock() -> Timestamp {
    match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => Timestamp::ORIGIN.plus(nanoseconds(since)),
        Err(before) => Timestamp::ORIGIN.minus(nanoseconds(before.duration())),
    }
}

fn nanoseconds(length: std::time::Duration) -> Duration {
    Duration::from_nanos(u64::try_from(length.as_nanos()).unwrap_or(u64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "this is the Runtime port")]
async fn sleep(length: Duration) {
    tokio::time::sleep(length.to_std()).await;
}

impl Runtime for TokioRuntime {
    fn now(&self) -> Timestamp {
        match self.clock {
            Clock::Wall => wall_clock(),
            Clock::Counted { origin, starts, speed } => {
                let passed = nanoseconds(tokio_clock(&self.handle).duration_since(origin));
                starts.plus(passed.times(speed.into()))
            }
        }
    }

    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send + 'static {
        let own = self.clone();
        async move {
            loop {
                let left = at.since(own.now());
                if left == Duration::ZERO {
                    return;
                }
                sleep(match own.clock {
                    Clock::Wall => left.min(SLEEP_MAX),
                    // Rounded up, so that a sleep never ends a nanosecond short and has to be slept again.
                    Clock::Counted { speed, .. } => {
                        Duration::from_nanos(left.nanos().div_ceil(u64::from(speed)))
                    }
                })
                .await;
            }
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(async move {
            let broken = AbortOnPanic;
            task.await;
            drop(broken);
        });
    }
}

/// A task that panics has met a broken invariant. Tokio would go on without it, silently; the process ends
/// instead, and its restart repeats from the store whatever was not committed.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests;
