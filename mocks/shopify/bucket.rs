//! The leaky bucket of one app in one shop. Source: shopify.md §b.1: continuous refill, requested cost taken
//! before, the difference to the actual cost given back after.

use crate::domain::Timestamp;

/// Points are kept in billionths, so that a refill over any number of nanoseconds is exact.
const BILLIONTHS: i64 = 1_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    level: i64,
    maximum: i64,
    /// Points per second of the plan.
    rate: u32,
    restore_percent: u32,
    at: Timestamp,
}

impl Bucket {
    pub(super) fn full(maximum: u32, rate: u32) -> Bucket {
        let maximum = i64::from(maximum) * BILLIONTHS;
        Bucket { level: maximum, maximum, rate, restore_percent: 100, at: Timestamp::ORIGIN }
    }

    /// The bucket after the refill up to `now`.
    pub(super) fn at(mut self, now: Timestamp) -> Bucket {
        let passed = i128::from(now.since(self.at).nanos());
        let refill = passed * i128::from(self.rate) * i128::from(self.restore_percent) / 100;
        let level = (i128::from(self.level) + refill).min(i128::from(self.maximum));
        self.level = i64::try_from(level).expect("a level is at most the maximum");
        self.at = self.at.max(now);
        self
    }

    /// Takes the points, or says that they are not there.
    pub(super) fn take(&mut self, points: u32, now: Timestamp) -> bool {
        *self = self.at(now);
        let wanted = i64::from(points) * BILLIONTHS;
        let fits = wanted <= self.level;
        if fits {
            self.level -= wanted;
        }
        fits
    }

    pub(super) fn give_back(&mut self, points: u32) {
        self.level = (self.level + i64::from(points) * BILLIONTHS).min(self.maximum);
    }

    pub(super) fn set_restore_percent(&mut self, percent: u32, now: Timestamp) {
        *self = self.at(now);
        self.restore_percent = percent;
    }

    /// Whole points, as Shopify states them.
    pub fn available(&self) -> u32 {
        u32::try_from(self.level / BILLIONTHS).expect("a level is between zero and the maximum")
    }

    pub fn maximum(&self) -> u32 {
        u32::try_from(self.maximum / BILLIONTHS).expect("the maximum was given as u32")
    }

    /// Points per second, after a temporary cut.
    pub fn restore_rate(&self) -> f64 {
        f64::from(self.rate) * f64::from(self.restore_percent) / 100.0
    }
}
