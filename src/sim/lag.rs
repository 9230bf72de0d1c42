//! How long work took, as a histogram of fixed memory: quantiles to within three percent, the maximum exactly.

use crate::domain::Duration;

/// Buckets per doubling: the relative error of a quantile is below 1/32.
const STEPS: u64 = 32;

#[derive(Debug, Clone, Default)]
pub struct LagHistogram {
    buckets: Vec<u64>,
    count: u64,
    max: Duration,
}

impl LagHistogram {
    pub fn add(&mut self, lag: Duration) {
        let bucket = bucket(lag.nanos() / 1_000);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += 1;
        self.count += 1;
        self.max = self.max.max(lag);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn max(&self) -> Duration {
        self.max
    }

    /// The lag that `percent` of the work did not exceed; zero if there was none.
    pub fn quantile(&self, percent: u64) -> Duration {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_micros(upper_bound(bucket as u64)).min(self.max);
            }
        }
        self.max
    }
}

/// Linear below 32 microseconds, then 32 steps for each doubling.
fn bucket(micros: u64) -> usize {
    if micros < STEPS {
        return micros as usize;
    }
    let doubling = u64::from(micros.ilog2()) - u64::from(STEPS.ilog2());
    ((doubling + 1) * STEPS + (micros >> doubling) - STEPS) as usize
}

fn upper_bound(bucket: u64) -> u64 {
    if bucket < STEPS {
        return bucket;
    }
    let doubling = bucket / STEPS - 1;
    ((bucket % STEPS + STEPS + 1) << doubling) - 1
}

#[cfg(test)]
mod tests;
