//! What the running service counts of the engine and of its calls, and its text for Prometheus.
//!
//! Counters only: which record it was stands in the store and in the log, never in a label. What the intake counts is
//! in [`crate::intake::metrics`], which shows this text behind its own.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::domain::{CauseCode, Currency, Duration, Lane, ShopKey, Timestamp};
use crate::engine::events::{Event, Observer};
use crate::engine::governor::Budgets;
use crate::policy::Policy;
use crate::ports::Platform;
use crate::ports::store::{Exception, Outcome};

/// How a call to a platform ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallResult {
    Answered,
    Throttled,
    /// With a status or a reason of business.
    Refused,
    Unauthorized,
    NotSent,
    NoAnswer,
    Unreadable,
    Misconfigured,
}

impl CallResult {
    pub const ALL: [CallResult; 8] = [
        CallResult::Answered,
        CallResult::Throttled,
        CallResult::Refused,
        CallResult::Unauthorized,
        CallResult::NotSent,
        CallResult::NoAnswer,
        CallResult::Unreadable,
        CallResult::Misconfigured,
    ];

    pub fn name(self) -> &'static str {
        match self {
            CallResult::Answered => "answered",
            CallResult::Throttled => "throttled",
            CallResult::Refused => "refused",
            CallResult::Unauthorized => "unauthorized",
            CallResult::NotSent => "not-sent",
            CallResult::NoAnswer => "no-answer",
            CallResult::Unreadable => "unreadable",
            CallResult::Misconfigured => "misconfigured",
        }
    }
}

/// Upper bounds of the buckets of lag, with their labels in seconds: from a second to an hour, about the deadlines
/// that lanes usually have.
const BUCKETS: [(Duration, &str); 9] = [
    (Duration::from_secs(1), "1"),
    (Duration::from_secs(5), "5"),
    (Duration::from_secs(15), "15"),
    (Duration::from_mins(1), "60"),
    (Duration::from_mins(2), "120"),
    (Duration::from_mins(5), "300"),
    (Duration::from_mins(15), "900"),
    (Duration::from_mins(30), "1800"),
    (Duration::from_hours(1), "3600"),
];

#[derive(Debug, Default)]
struct Lag {
    /// Each step counts in the first bucket that holds it; the last takes those beyond all bounds.
    steps: [AtomicU64; BUCKETS.len() + 1],
    millis: AtomicU64,
}

const OUTCOMES: [&str; 3] = ["done", "retry", "parked"];

#[derive(Debug, Default)]
pub struct Gauges {
    lag: [Lag; Lane::ALL.len()],
    steps: [[AtomicU64; OUTCOMES.len()]; Lane::ALL.len()],
    shopify_calls: [AtomicU64; CallResult::ALL.len()],
    netsuite_calls: [AtomicU64; CallResult::ALL.len()],
    swept_at: Mutex<BTreeMap<ShopKey, Timestamp>>,
    subscribed: AtomicU64,
    started_at: Timestamp,
    /// Of the merchant's shops: sums of money are shown for these even while there are none.
    currencies: Vec<Currency>,
}

impl Gauges {
    pub fn new(policy: &Policy, now: Timestamp) -> Gauges {
        let mut currencies: Vec<Currency> = policy.shops.iter().map(|shop| shop.currency).collect();
        currencies.sort();
        currencies.dedup();
        Gauges { currencies, started_at: now, ..Gauges::default() }
    }

    fn note_lag(&self, lane: Lane, lag: Duration) {
        let of = &self.lag[lane.index()];
        let at = BUCKETS.iter().position(|(bound, _)| lag <= *bound).unwrap_or(BUCKETS.len());
        of.steps[at].fetch_add(1, Ordering::Relaxed);
        of.millis.fetch_add(lag.millis(), Ordering::Relaxed);
    }

    pub(super) fn note_call(&self, platform: Platform, result: CallResult) {
        let calls = match platform {
            Platform::Shopify => &self.shopify_calls,
            Platform::NetSuite => &self.netsuite_calls,
            Platform::Bank => return,
        };
        calls[result as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The text that Prometheus reads. `open` is `None` when the store does not answer: then nothing is said of
    /// exceptions, for missing figures are no zeros.
    pub(super) fn text(&self, budgets: &Budgets, open: Option<&[Exception]>) -> String {
        let mut text = String::with_capacity(8_192);
        self.write(&mut text, budgets, open).expect("a String takes any text");
        text
    }

    fn write(&self, text: &mut String, budgets: &Budgets, open: Option<&[Exception]>) -> std::fmt::Result {
        self.write_lag(text)?;
        self.write_calls(text)?;
        write_budgets(text, budgets)?;
        head(
            text,
            "swept_timestamp_seconds",
            "gauge",
            "When a shop's changed orders were last read to the end.",
        )?;
        for (shop, at) in self.swept_at.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            writeln!(text, "plimsoll_swept_timestamp_seconds{{shop=\"{shop}\"}} {}", at.seconds())?;
        }
        head(text, "subscriptions_created_total", "counter", "Webhook subscriptions that were missing.")?;
        writeln!(text, "plimsoll_subscriptions_created_total {}", self.subscribed.load(Ordering::Relaxed))?;
        head(text, "start_time_seconds", "gauge", "When this process started.")?;
        writeln!(text, "plimsoll_start_time_seconds {}", self.started_at.seconds())?;
        head(text, "store_answers", "gauge", "Whether the store answered just now: 1 or 0.")?;
        writeln!(text, "plimsoll_store_answers {}", u8::from(open.is_some()))?;
        match open {
            Some(open) => write_exceptions(text, open, &self.currencies),
            None => Ok(()),
        }
    }

    fn write_lag(&self, text: &mut String) -> std::fmt::Result {
        head(text, "lag_seconds", "histogram", "From the first hint until both sides agree, by lane.")?;
        for (lane, lag) in Lane::ALL.into_iter().zip(&self.lag) {
            let lane = lane.name();
            let mut below = 0;
            for (at, (_, label)) in BUCKETS.iter().enumerate() {
                below += lag.steps[at].load(Ordering::Relaxed);
                writeln!(text, "plimsoll_lag_seconds_bucket{{lane=\"{lane}\",le=\"{label}\"}} {below}")?;
            }
            below += lag.steps[BUCKETS.len()].load(Ordering::Relaxed);
            let millis = lag.millis.load(Ordering::Relaxed);
            writeln!(text, "plimsoll_lag_seconds_bucket{{lane=\"{lane}\",le=\"+Inf\"}} {below}")?;
            let (seconds, rest) = (millis / 1_000, millis % 1_000);
            writeln!(text, "plimsoll_lag_seconds_sum{{lane=\"{lane}\"}} {seconds}.{rest:03}")?;
            writeln!(text, "plimsoll_lag_seconds_count{{lane=\"{lane}\"}} {below}")?;
        }
        head(text, "steps_total", "counter", "Steps that were committed, by lane and outcome.")?;
        for (lane, outcomes) in Lane::ALL.into_iter().zip(&self.steps) {
            for (outcome, count) in OUTCOMES.iter().zip(outcomes) {
                let (lane, count) = (lane.name(), count.load(Ordering::Relaxed));
                writeln!(text, "plimsoll_steps_total{{lane=\"{lane}\",outcome=\"{outcome}\"}} {count}")?;
            }
        }
        Ok(())
    }

    fn write_calls(&self, text: &mut String) -> std::fmt::Result {
        head(text, "calls_total", "counter", "Calls to platforms by how they ended.")?;
        for (platform, calls) in
            [(Platform::Shopify, &self.shopify_calls), (Platform::NetSuite, &self.netsuite_calls)]
        {
            for result in CallResult::ALL {
                let (name, count) = (result.name(), calls[result as usize].load(Ordering::Relaxed));
                writeln!(text, "plimsoll_calls_total{{platform=\"{platform}\",result=\"{name}\"}} {count}")?;
            }
        }
        Ok(())
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(text, "# HELP plimsoll_{name} {help}\n# TYPE plimsoll_{name} {kind}")
}

fn write_budgets(text: &mut String, budgets: &Budgets) -> std::fmt::Result {
    head(text, "shopify_points_left", "gauge", "Points of a shop's bucket that are certainly left.")?;
    for shop in &budgets.shops {
        writeln!(text, "plimsoll_shopify_points_left{{shop=\"{}\"}} {:.0}", shop.key, shop.points_left)?;
    }
    head(text, "shopify_points_max", "gauge", "Points that a shop's full bucket holds.")?;
    for shop in &budgets.shops {
        writeln!(text, "plimsoll_shopify_points_max{{shop=\"{}\"}} {:.0}", shop.key, shop.points_max)?;
    }
    head(text, "netsuite_slots_in_use", "gauge", "NetSuite slots that calls of ours hold.")?;
    writeln!(text, "plimsoll_netsuite_slots_in_use {}", budgets.slots_in_use)?;
    head(text, "netsuite_slots_max", "gauge", "NetSuite slots that calls of ours may hold now.")?;
    writeln!(text, "plimsoll_netsuite_slots_max {}", budgets.slots_max)
}

/// Causes by which the parts of something do not come to its whole: until a person finds why, nothing accounts for
/// the money.
const UNEXPLAINED: [CauseCode; 3] =
    [CauseCode::AmountsDisagree, CauseCode::RefundDisagrees, CauseCode::PayoutNotBalanced];

/// Sums in minor units, by currency.
type Sums = BTreeMap<Currency, i128>;

/// By cause and by currency. `currencies` without any money are shown as zero.
fn write_exceptions(text: &mut String, open: &[Exception], currencies: &[Currency]) -> std::fmt::Result {
    let mut by_cause: BTreeMap<&str, u64> = CauseCode::ALL.iter().map(|code| (code.name(), 0)).collect();
    let mut at_risk: Sums = currencies.iter().map(|currency| (*currency, 0)).collect();
    let mut unexplained = at_risk.clone();
    for exception in open {
        *by_cause.entry(exception.key.code.name()).or_default() += 1;
        let Some(money) = exception.at_risk else { continue };
        *at_risk.entry(money.currency()).or_default() += i128::from(money.minor());
        if UNEXPLAINED.contains(&exception.key.code) {
            *unexplained.entry(money.currency()).or_default() += i128::from(money.minor());
        }
    }
    head(text, "exceptions_open", "gauge", "Exceptions that are open, by cause.")?;
    for (cause, count) in by_cause {
        writeln!(text, "plimsoll_exceptions_open{{cause=\"{cause}\"}} {count}")?;
    }
    head(text, "money_at_risk", "gauge", "Sums of what open exceptions put at risk, by currency.")?;
    write_sums(text, "money_at_risk", &at_risk)?;
    head(
        text,
        "money_unexplained",
        "gauge",
        "Of that, what nothing accounts for: parts do not come to a whole.",
    )?;
    write_sums(text, "money_unexplained", &unexplained)
}

fn write_sums(text: &mut String, name: &str, sums: &Sums) -> std::fmt::Result {
    for (currency, minor) in sums {
        let (sign, size) = (if *minor < 0 { "-" } else { "" }, minor.unsigned_abs());
        let digits = currency.minor_digits();
        let unit = 10u128.pow(digits);
        write!(text, "plimsoll_{name}{{currency=\"{}\"}} {sign}{}", currency.code(), size / unit)?;
        match digits {
            0 => writeln!(text)?,
            _ => writeln!(text, ".{:0width$}", size % unit, width = digits as usize)?,
        }
    }
    Ok(())
}

/// Counts and logs what the engine says of itself.
impl Observer for Gauges {
    fn observe(&self, event: Event) {
        match event {
            Event::StepEnded { entity, lane, outcome, attempt, lag, .. } => {
                let (at, name) = match outcome {
                    Outcome::Done => (0, "done"),
                    Outcome::Retry { .. } => (1, "retry"),
                    Outcome::Parked => (2, "parked"),
                };
                self.steps[lane.index()][at].fetch_add(1, Ordering::Relaxed);
                if let Some(lag) = lag {
                    self.note_lag(lane, lag);
                }
                tracing::info!(
                    merchant = %entity.merchant, shop = %entity.shop, flow = entity.flow.name(),
                    record = entity.record, attempt, lane = lane.name(), outcome = name,
                    lag_ms = lag.map(Duration::millis), "a step ended"
                );
            }
            Event::Raised { key, .. } => {
                let entity = key.entity;
                tracing::warn!(
                    merchant = %entity.merchant, shop = %entity.shop, flow = entity.flow.name(),
                    record = entity.record, cause = key.code.name(), "an exception was raised"
                );
            }
            Event::Swept { at, shop, found, in_bulk } => {
                self.swept_at.lock().unwrap_or_else(PoisonError::into_inner).insert(shop, at);
                if found > 0 {
                    tracing::info!(%shop, found, in_bulk, "a sweep found orders");
                }
            }
            Event::Subscribed { shop, topic, .. } => {
                self.subscribed.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%shop, topic = topic.name(), "a webhook subscription was missing and was made");
            }
            Event::StockCompared { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests;
