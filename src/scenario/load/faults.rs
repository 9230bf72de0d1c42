//! Fault profiles by name, and what a file changes of them.
//!
//! Source: traits.md §4 for webhooks, throttling, writes and lost answers. The rows that it does not have are
//! assumptions, marked below; a file overrides any of them.

use super::super::file::{Faults, LatencyText};
use super::super::{FaultRates, Latency};
use crate::domain::Duration;
use crate::policy::document::{Placed, Refused, ShortOr, Sources};
use crate::policy::{grammar, load};

const PROFILES: [&str; 4] = ["none", "calm", "busy", "storm"];

const fn latency(median_ms: u64, p99_ms: u64) -> Latency {
    Latency { median: Duration::from_millis(median_ms), p99: Duration::from_millis(p99_ms) }
}

/// No fault at all, at the latencies of a calm day: what is left is the engine's own doing.
const NONE: FaultRates = FaultRates {
    webhook_lost_ppm: 0,
    webhook_duplicated_ppm: 0,
    webhook_reordered_ppm: 0,
    webhook_delay: latency(1_500, 20_000),
    shopify_throttled_ppm: 0,
    shopify_latency: latency(150, 800),
    shopify_failed_ppm: 0,
    netsuite_throttled_ppm: 0,
    netsuite_read: latency(500, 2_500),
    netsuite_write: latency(1_800, 9_000),
    answer_lost_after_ppm: 0,
    answer_lost_before_ppm: 0,
    record_changed_ppm: 0,
    record_locked_ppm: 0,
    search_lag: latency(2_000, 15_000),
};

/// Assumptions in all three: Shopify's latency, NetSuite's reads (a look-up takes about a second on a busy
/// day), the search lag; a request fails or is lost before the save as often as an answer is lost after it; a
/// record has changed under our hands as often as it is locked.
const CALM: FaultRates = FaultRates {
    webhook_lost_ppm: 200,
    webhook_duplicated_ppm: 3_000,
    webhook_reordered_ppm: 5_000,
    shopify_throttled_ppm: 1_000,
    shopify_failed_ppm: 100,
    netsuite_throttled_ppm: 1_000,
    answer_lost_after_ppm: 100,
    answer_lost_before_ppm: 100,
    record_changed_ppm: 500,
    record_locked_ppm: 500,
    ..NONE
};

const BUSY: FaultRates = FaultRates {
    webhook_lost_ppm: 1_000,
    webhook_duplicated_ppm: 20_000,
    webhook_reordered_ppm: 30_000,
    webhook_delay: latency(6_000, 240_000),
    shopify_throttled_ppm: 30_000,
    shopify_latency: latency(250, 2_000),
    shopify_failed_ppm: 1_000,
    netsuite_throttled_ppm: 50_000,
    netsuite_read: latency(700, 5_000),
    netsuite_write: latency(2_500, 25_000),
    answer_lost_after_ppm: 1_000,
    answer_lost_before_ppm: 1_000,
    record_changed_ppm: 2_000,
    record_locked_ppm: 2_000,
    search_lag: latency(10_000, 120_000),
};

/// The tail of the delay reaches a day at about one webhook in a thousand: that fixes the 99th percentile.
const STORM: FaultRates = FaultRates {
    webhook_lost_ppm: 10_000,
    webhook_duplicated_ppm: 150_000,
    webhook_reordered_ppm: 100_000,
    webhook_delay: latency(60_000, 14_400_000),
    shopify_throttled_ppm: 200_000,
    shopify_latency: latency(600, 10_000),
    shopify_failed_ppm: 20_000,
    netsuite_throttled_ppm: 300_000,
    netsuite_read: latency(1_500, 20_000),
    netsuite_write: latency(6_000, 120_000),
    answer_lost_after_ppm: 20_000,
    answer_lost_before_ppm: 20_000,
    record_changed_ppm: 10_000,
    record_locked_ppm: 10_000,
    search_lag: latency(60_000, 900_000),
};

/// Rates, and whether each seed makes an extreme choice of them.
pub(super) fn faults(
    sources: &Sources,
    written: Option<&Placed<ShortOr<Faults>>>,
) -> Result<(FaultRates, bool), Refused> {
    let Some(written) = written else { return Ok((CALM, false)) };
    match written.get() {
        ShortOr::Short(name) => Ok((profile(sources, &Placed::at(written.span(), name.clone()))?, false)),
        ShortOr::Long(keys) => {
            let base = keys.profile.as_ref().map_or(Ok(CALM), |name| profile(sources, name))?;
            Ok((overridden(sources, base, keys)?, keys.swarm))
        }
    }
}

fn profile(sources: &Sources, name: &Placed<String>) -> Result<FaultRates, Refused> {
    Ok([NONE, CALM, BUSY, STORM][load::choice(sources, name, &PROFILES)?].clone())
}

fn overridden(sources: &Sources, base: FaultRates, keys: &Faults) -> Result<FaultRates, Refused> {
    let mut rates = base;
    for (slot, text) in [
        (&mut rates.webhook_lost_ppm, &keys.webhook_lost),
        (&mut rates.webhook_duplicated_ppm, &keys.webhook_duplicated),
        (&mut rates.webhook_reordered_ppm, &keys.webhook_reordered),
        (&mut rates.shopify_throttled_ppm, &keys.shopify_throttled),
        (&mut rates.shopify_failed_ppm, &keys.shopify_failed),
        (&mut rates.netsuite_throttled_ppm, &keys.netsuite_throttled),
        (&mut rates.answer_lost_after_ppm, &keys.answer_lost_after),
        (&mut rates.answer_lost_before_ppm, &keys.answer_lost_before),
        (&mut rates.record_changed_ppm, &keys.record_changed),
        (&mut rates.record_locked_ppm, &keys.record_locked),
    ] {
        if let Some(text) = text {
            *slot = sources.read(text, grammar::share)?;
        }
    }
    for (slot, text) in [
        (&mut rates.webhook_delay, &keys.webhook_delay),
        (&mut rates.shopify_latency, &keys.shopify_latency),
        (&mut rates.netsuite_read, &keys.netsuite_read),
        (&mut rates.netsuite_write, &keys.netsuite_write),
        (&mut rates.search_lag, &keys.search_lag),
    ] {
        if let Some(text) = text {
            *slot = latency_of(sources, text)?;
        }
    }
    Ok(rates)
}

pub(super) fn latency_of(sources: &Sources, text: &LatencyText) -> Result<Latency, Refused> {
    let median = sources.read(&text.median, grammar::positive_duration)?;
    let p99 = sources.read(&text.p99, grammar::positive_duration)?;
    if p99 < median {
        return Err(sources
            .error(text.p99.span(), "out-of-range", "the 99th percentile is below the median")
            .remedy("half of the calls are faster than the median, one in a hundred slower than `p99`"));
    }
    Ok(Latency { median, p99 })
}
