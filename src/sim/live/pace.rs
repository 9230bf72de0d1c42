//! How virtual time follows the machine's clock.
//!
//! The one place of the simulation where real time is read: everything else takes the instant as a value.

use std::time::Instant;

use crate::domain::{Duration, Timestamp};

/// Virtual time runs `speed` times as fast as the machine's.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    since: Instant,
    from: Timestamp,
    speed: u32,
}

impl Pace {
    /// The clock shows `from` now. A speed of 0 counts as 1.
    pub fn new(from: Timestamp, speed: u32) -> Pace {
        Pace { since: instant(), from, speed: speed.max(1) }
    }

    pub fn now(&self) -> Timestamp {
        self.from.plus(scaled(self.since.elapsed(), self.speed))
    }

    pub fn speed(&self) -> u32 {
        self.speed
    }

    /// Goes on from where the clock stands, so much faster or slower.
    pub fn set_speed(&mut self, speed: u32) {
        *self = Pace::new(self.now(), speed);
    }

    /// Skips what lies between.
    pub fn advance(&mut self, by: Duration) {
        *self = Pace::new(self.now().plus(by), self.speed);
    }

    /// How long the machine's clock takes until virtual time is there.
    pub fn until(&self, at: Timestamp) -> std::time::Duration {
        std::time::Duration::from_nanos(at.since(self.now()).nanos() / u64::from(self.speed))
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever connects lives by the machine's clock")]
fn instant() -> Instant {
    Instant::now()
}

fn scaled(length: std::time::Duration, speed: u32) -> Duration {
    let nanos = length.as_nanos().saturating_mul(u128::from(speed));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_skipped_and_time_scaled_are_time_passed() {
        let starts = Timestamp::from_seconds(1_000);
        let mut pace = Pace::new(starts, 1_000);
        pace.advance(Duration::from_hours(1));
        assert!(pace.now() >= starts.plus(Duration::from_hours(1)));
        let far = pace.now().plus(Duration::from_secs(500));
        assert!(pace.until(far) <= std::time::Duration::from_millis(500));
        pace.set_speed(0);
        assert_eq!(pace.speed(), 1);
        assert_eq!(pace.until(starts), std::time::Duration::ZERO);
    }
}
