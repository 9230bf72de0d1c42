//! What goes wrong: which fault befalls a call or a webhook delivery, decided by key and counted.
//!
//! Each decision is a function of (rates, weather, seed, key, instant); what is remembered is only how often
//! what took effect, so that scheduled weather which never did can be reported. Here also: latencies, since
//! they are drawn with the fault. Not here: the limits and locks of the platforms (the twins keep them; ask
//! [`Faults::conditions`] for what the weather makes of them), nor the carrying out of a verdict (the
//! transports).
//!
//! The first opinion wins: maintenance before throttling, throttling before loss, loss before a refusal of
//! the record. Latencies are no faults: they go on in the time to settle, everything else ends with the day.

mod effects;
mod forecast;
mod swarm;

use super::random::{Domain, Draws, draws};
use crate::domain::{Duration, Timestamp};
use crate::scenario::{FaultRates, Latency, Scenario, Weather, WeatherKind};

pub use effects::{Effects, FaultKind};
pub use forecast::{Conditions, Forecast, Kill, Turn, Webhooks};
pub use swarm::swarm;

/// What a call is drawn by.
///
/// `entity` and `attempt` come with the call; `call` numbers the calls of one attempt, so that the same request
/// sent twice does not have the same luck twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallKey {
    pub entity: u64,
    pub call: u64,
    pub attempt: u32,
}

impl CallKey {
    /// The key of a port call. The merchant is left out: a simulation has one.
    pub fn of(call: &crate::ports::Call, number_in_attempt: u64) -> CallKey {
        let shop = call
            .entity
            .shop
            .as_str()
            .bytes()
            .fold(0, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
        let flow = call.entity.flow as u64;
        CallKey {
            entity: draws(shop, Domain::Other, call.entity.record, flow, 0).word(),
            call: number_in_attempt,
            attempt: call.attempt,
        }
    }
}

/// Whether a request may change something on the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    /// The record that is changed, as the twin numbers it: some faults befall a record, not a call. `None` when the
    /// request makes a new one, which nobody else can have changed or hold.
    Write {
        record: Option<u64>,
    },
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub fate: Fate,
    /// From sending to the moment when the platform does its work, or refuses.
    pub before: Duration,
    /// From that moment to the answer's arrival.
    pub after: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The platform does what it is asked, by its own rules.
    Answered,
    /// Refused as over a limit, although it was not. Nothing was done.
    Throttled,
    /// Maintenance. Nothing was done.
    Unavailable,
    /// A server failure before anything was done, which the caller cannot know.
    Failed,
    /// The request never arrives; the caller waits in vain.
    LostBefore,
    /// The work is done; the caller waits in vain.
    LostAfter,
    /// Somebody saved the record meanwhile. Nothing was done.
    RecordChanged,
    /// A workflow holds the record. Nothing was done.
    RecordLocked,
}

/// What happens to one webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeliveryVerdict {
    /// When its copies arrive, after it was triggered; none when it is lost, two when it is doubled.
    pub arrivals: [Option<Duration>; 2],
}

impl DeliveryVerdict {
    pub fn is_lost(&self) -> bool {
        self.arrivals == [None, None]
    }
}

/// The luck of one run.
#[derive(Debug, Clone)]
pub struct Faults {
    seed: u64,
    /// As the scenario states them, or as the swarm made them.
    rates: FaultRates,
    forecast: Forecast,
    effects: Effects,
    /// Webhooks that the weather of that index still drops for sure.
    to_drop: Vec<u32>,
}

/// How far a delivery that is overtaken lags behind, on average: long enough that later ones pass it.
///
/// Assumption: ten times the median delay, at least ten seconds. Source: traits.md §4 gives the share only.
const OVERTAKEN_AT_LEAST: Duration = Duration::from_secs(10);
const OVERTAKEN_MEDIANS: u64 = 10;

/// The second copy of a doubled delivery comes this much later on average.
///
/// Source: shopify.md §c.1: a handler that is slower than five seconds is delivered to again.
const COPY_AFTER: Duration = Duration::from_secs(5);

impl Faults {
    /// The luck of that scenario's run with that seed.
    pub fn of(scenario: &Scenario, seed: u64) -> Faults {
        let rates = if scenario.swarm { swarm(&scenario.faults, seed) } else { scenario.faults.clone() };
        Faults::new(seed, rates, &scenario.weather, scenario.starts, scenario.starts.plus(scenario.lasts))
    }

    /// No fault begins at or after `ends`.
    pub fn new(
        seed: u64,
        rates: FaultRates,
        weather: &[Weather],
        starts: Timestamp,
        ends: Timestamp,
    ) -> Faults {
        let to_drop = weather.iter().map(|entry| match entry.what {
            WeatherKind::Webhooks { lose_first, .. } => lose_first,
            _ => 0,
        });
        Faults {
            seed,
            rates,
            to_drop: to_drop.collect(),
            forecast: Forecast::new(seed, weather, starts, ends),
            effects: Effects::new(weather.len()),
        }
    }

    /// The rates of this run.
    pub fn rates(&self) -> &FaultRates {
        &self.rates
    }

    /// What took effect so far.
    pub fn effects(&self) -> &Effects {
        &self.effects
    }

    /// The scheduled weather and its turns.
    pub fn forecast(&self) -> &Forecast {
        &self.forecast
    }

    /// What the weather makes of limits and locks at that instant.
    pub fn conditions(&mut self, at: Timestamp) -> &Conditions {
        self.forecast.at(at)
    }

    /// To be told of weather that others carry out: a subscription deleted, a period locked, an engine killed.
    /// `weather` is the position in the scenario.
    pub fn took_effect(&mut self, kind: FaultKind, weather: Option<usize>) {
        self.effects.add(kind, weather);
    }

    pub fn on_shopify_call(&mut self, key: CallKey, at: Timestamp) -> Verdict {
        let mut luck = draws(self.seed, Domain::ShopifyCall, key.entity, key.call, key.attempt);
        let latency = luck.latency(self.rates.shopify_latency);
        let fate = self.shopify_fate(&mut luck, at);
        split(latency, fate, &mut luck)
    }

    pub fn on_netsuite_call(&mut self, key: CallKey, access: Access, at: Timestamp) -> Verdict {
        let mut luck = draws(self.seed, Domain::NetSuiteCall, key.entity, key.call, key.attempt);
        let latency = luck.latency(match access {
            Access::Read => self.rates.netsuite_read,
            Access::Write { .. } => self.rates.netsuite_write,
        });
        let slow = self.forecast.at(at).netsuite_latency;
        let latency = slow.map_or(latency, |(percent, weather)| {
            self.effects.add(FaultKind::NetSuiteSlow, Some(weather));
            Duration::from_nanos(latency.nanos() / 100).times(u64::from(percent))
        });
        let fate = self.netsuite_fate(&mut luck, access, at);
        split(latency, fate, &mut luck)
    }

    /// `number` is the webhook's own, the same for each of its copies.
    pub fn on_delivery(&mut self, number: u64, at: Timestamp) -> DeliveryVerdict {
        let mut luck = draws(self.seed, Domain::Delivery, number, 0, 0);
        let calm = self.forecast.is_over(at);
        let mut delay = luck.latency(self.rates.webhook_delay);
        if calm {
            return DeliveryVerdict { arrivals: [Some(delay), None] };
        }
        let weather = self.forecast.at(at).webhooks;
        let chances = weather.map_or_else(|| forecast::Webhooks::of(&self.rates), |(chances, _)| chances);
        let by = weather.map(|(_, weather)| weather);
        // Drawn one after the other whatever comes of them, so that a scenario that switches one fault off
        // leaves the others where they were.
        let (lost, doubled) = (luck.chance(chances.lost_ppm), luck.chance(chances.duplicated_ppm));
        let overtaken = luck.chance(chances.reordered_ppm);
        let (late, lag, copy) = (
            luck.within(chances.late_up_to),
            luck.exponential(self.overtaken_by()),
            luck.exponential(COPY_AFTER),
        );
        let dropped = by.is_some_and(|weather| match self.to_drop[weather].checked_sub(1) {
            Some(left) => {
                self.to_drop[weather] = left;
                true
            }
            None => false,
        });
        if lost || dropped {
            self.effects.add(FaultKind::WebhookLost, by);
            return DeliveryVerdict::default();
        }
        if late > Duration::ZERO {
            self.effects.add(FaultKind::WebhookLate, by);
            delay = delay.plus(late);
        }
        if overtaken {
            self.effects.add(FaultKind::WebhookReordered, by);
            delay = delay.plus(lag);
        }
        let second = doubled.then(|| {
            self.effects.add(FaultKind::WebhookDuplicated, by);
            delay.plus(copy)
        });
        DeliveryVerdict { arrivals: [Some(delay), second] }
    }

    /// Whether our receiver answers a delivery that arrives now. If not, Shopify tries again later.
    pub fn receiver_answers(&mut self, at: Timestamp) -> bool {
        let Some(weather) = self.forecast.at(at).receiver_down else { return true };
        self.effects.add(FaultKind::ReceiverDown, Some(weather));
        false
    }

    /// How long it stays invisible that the warehouse took an order, beside the usual.
    pub fn lock_late(&mut self, at: Timestamp) -> Duration {
        let Some((by, weather)) = self.forecast.at(at).lock_late else { return Duration::ZERO };
        self.effects.add(FaultKind::LockLate, Some(weather));
        by
    }

    /// How far the search index is behind for this record's version.
    pub fn search_lag(&mut self, record: u64, version: u64, at: Timestamp) -> Duration {
        let lag = draws(self.seed, Domain::SearchIndex, record, version, 0).latency(self.rates.search_lag);
        let Some((by, weather)) = self.forecast.at(at).search_lag else { return lag };
        self.effects.add(FaultKind::SearchLags, Some(weather));
        lag.plus(by)
    }

    fn shopify_fate(&mut self, luck: &mut Draws, at: Timestamp) -> Fate {
        let (throttled, failed) =
            (luck.chance(self.rates.shopify_throttled_ppm), luck.chance(self.rates.shopify_failed_ppm));
        if self.forecast.is_over(at) {
            return Fate::Answered;
        }
        let opinions = [
            (throttled, FaultKind::ShopifyThrottled, Fate::Throttled),
            (failed, FaultKind::ShopifyFailed, Fate::Failed),
        ];
        for (happens, kind, fate) in opinions {
            if happens {
                self.effects.add(kind, None);
                return fate;
            }
        }
        Fate::Answered
    }

    fn netsuite_fate(&mut self, luck: &mut Draws, access: Access, at: Timestamp) -> Fate {
        if self.forecast.is_over(at) {
            return Fate::Answered;
        }
        let now = self.forecast.at(at);
        let (down, locked_by) = (now.netsuite_down, now.records_locked);
        let (after_ppm, before_ppm, losing) = match now.answers_lost {
            Some((after_ppm, before_ppm, weather)) => (after_ppm, before_ppm, Some(weather)),
            None => (self.rates.answer_lost_after_ppm, self.rates.answer_lost_before_ppm, None),
        };
        let rates = &self.rates;
        let (throttled, before) = (luck.chance(rates.netsuite_throttled_ppm), luck.chance(before_ppm));
        let (changed, locked) = (luck.chance(rates.record_changed_ppm), luck.chance(rates.record_locked_ppm));
        let after = luck.chance(after_ppm);
        let (writes, record) = match access {
            Access::Read => (false, None),
            Access::Write { record } => (true, record),
        };
        let (changed, locked) = (changed && record.is_some(), locked && record.is_some());
        let held = locked_by
            .filter(|(ppm, weather)| record.is_some_and(|record| self.is_held(record, *ppm, *weather)));
        // The answer to a read that is lost is a request that never came: nothing was done either way.
        let opinions = [
            (down.is_some(), FaultKind::NetSuiteDown, down, Fate::Unavailable),
            (throttled, FaultKind::NetSuiteThrottled, None, Fate::Throttled),
            (before, FaultKind::LostBefore, losing, Fate::LostBefore),
            (held.is_some(), FaultKind::RecordLocked, held.map(|(_, weather)| weather), Fate::RecordLocked),
            (locked, FaultKind::RecordLocked, None, Fate::RecordLocked),
            (changed, FaultKind::RecordChanged, None, Fate::RecordChanged),
            (writes && after, FaultKind::LostAfter, losing, Fate::LostAfter),
        ];
        for (happens, kind, weather, fate) in opinions {
            if happens {
                self.effects.add(kind, weather);
                return fate;
            }
        }
        Fate::Answered
    }

    /// A workflow holds the same records for as long as the weather lasts, whoever calls how often.
    fn is_held(&self, record: u64, ppm: u32, weather: usize) -> bool {
        draws(self.seed, Domain::RecordLock, record, weather as u64, 0).chance(ppm)
    }

    fn overtaken_by(&self) -> Duration {
        self.rates.webhook_delay.median.times(OVERTAKEN_MEDIANS).max(OVERTAKEN_AT_LEAST)
    }
}

/// Shares a latency between the way there with the work, and the way back.
fn split(latency: Duration, fate: Fate, luck: &mut Draws) -> Verdict {
    let before = match fate {
        // A refusal at the door costs no work.
        Fate::Throttled | Fate::Unavailable => Duration::from_nanos(latency.nanos() / 10),
        // The work takes effect somewhere within the call, which is what makes a timeout ambiguous.
        _ => luck.within(latency),
    };
    let after = match fate {
        Fate::Throttled | Fate::Unavailable => Duration::ZERO,
        _ => Duration::from_nanos(latency.nanos() - before.nanos()),
    };
    Verdict { fate, before, after }
}

impl forecast::Webhooks {
    fn of(rates: &FaultRates) -> forecast::Webhooks {
        forecast::Webhooks {
            lost_ppm: rates.webhook_lost_ppm,
            duplicated_ppm: rates.webhook_duplicated_ppm,
            reordered_ppm: rates.webhook_reordered_ppm,
            late_up_to: Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests;
