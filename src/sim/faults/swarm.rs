//! Which faults a seed switches off, leaves as they are, or makes extreme.
//!
//! Runs that differ in what goes wrong find more than runs in which a little of everything does: a bug that
//! needs many lost answers hides behind throttling that spaces the calls out.

use super::{FaultRates, Latency};
use crate::domain::Duration;
use crate::sim::random::{Domain, draws};

/// What an extreme fault is at the least.
///
/// Source: traits.md §4, column *storm*. Assumption: what is not listed there (latency of reads and of Shopify,
/// requests lost before, the lag of the index, server failures).
fn storm() -> FaultRates {
    FaultRates {
        webhook_lost_ppm: 10_000,
        webhook_duplicated_ppm: 150_000,
        webhook_reordered_ppm: 100_000,
        webhook_delay: Latency { median: Duration::from_secs(60), p99: Duration::from_hours(1) },
        shopify_throttled_ppm: 200_000,
        shopify_latency: Latency { median: Duration::from_millis(400), p99: Duration::from_secs(8) },
        shopify_failed_ppm: 20_000,
        netsuite_throttled_ppm: 300_000,
        netsuite_read: Latency { median: Duration::from_secs(2), p99: Duration::from_secs(40) },
        netsuite_write: Latency { median: Duration::from_secs(6), p99: Duration::from_secs(120) },
        answer_lost_after_ppm: 20_000,
        answer_lost_before_ppm: 20_000,
        record_changed_ppm: 10_000,
        record_locked_ppm: 10_000,
        search_lag: Latency { median: Duration::from_secs(30), p99: Duration::from_mins(10) },
    }
}

/// Beyond this a run spends its day on repeating itself.
const EXTREME_PPM_MAX: u32 = 400_000;

/// The rates of one seed. Each kind has its own luck: a new kind changes no other.
pub fn swarm(stated: &FaultRates, seed: u64) -> FaultRates {
    let storm = storm();
    let mut kind = 0;
    let mut choose = || {
        kind += 1;
        draws(seed, Domain::Swarm, kind, 0, 0).below(3)
    };
    let mut chance = |stated: u32, storm: u32| match choose() {
        0 => 0,
        1 => stated,
        _ => stated.saturating_mul(10).max(storm).min(EXTREME_PPM_MAX.max(stated)),
    };
    let webhook_lost_ppm = chance(stated.webhook_lost_ppm, storm.webhook_lost_ppm);
    let webhook_duplicated_ppm = chance(stated.webhook_duplicated_ppm, storm.webhook_duplicated_ppm);
    let webhook_reordered_ppm = chance(stated.webhook_reordered_ppm, storm.webhook_reordered_ppm);
    let shopify_throttled_ppm = chance(stated.shopify_throttled_ppm, storm.shopify_throttled_ppm);
    let shopify_failed_ppm = chance(stated.shopify_failed_ppm, storm.shopify_failed_ppm);
    let netsuite_throttled_ppm = chance(stated.netsuite_throttled_ppm, storm.netsuite_throttled_ppm);
    let answer_lost_after_ppm = chance(stated.answer_lost_after_ppm, storm.answer_lost_after_ppm);
    let answer_lost_before_ppm = chance(stated.answer_lost_before_ppm, storm.answer_lost_before_ppm);
    let record_changed_ppm = chance(stated.record_changed_ppm, storm.record_changed_ppm);
    let record_locked_ppm = chance(stated.record_locked_ppm, storm.record_locked_ppm);
    // A latency cannot be off: two of three seeds leave it as stated.
    let mut latency = |stated: Latency, storm: Latency| match choose() {
        0 | 1 => stated,
        _ => Latency { median: stated.median.max(storm.median), p99: stated.p99.max(storm.p99) },
    };
    FaultRates {
        webhook_lost_ppm,
        webhook_duplicated_ppm,
        webhook_reordered_ppm,
        webhook_delay: latency(stated.webhook_delay, storm.webhook_delay),
        shopify_throttled_ppm,
        shopify_latency: latency(stated.shopify_latency, storm.shopify_latency),
        shopify_failed_ppm,
        netsuite_throttled_ppm,
        netsuite_read: latency(stated.netsuite_read, storm.netsuite_read),
        netsuite_write: latency(stated.netsuite_write, storm.netsuite_write),
        answer_lost_after_ppm,
        answer_lost_before_ppm,
        record_changed_ppm,
        record_locked_ppm,
        search_lag: latency(stated.search_lag, storm.search_lag),
    }
}
