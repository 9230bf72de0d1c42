//! One run within a document, and what its entries share: amounts and effort.

use std::collections::BTreeMap;

use serde::Serialize;

use super::volumes::VolumesEntry;
use super::word;
use crate::domain::Money;
use crate::report::{Effort, figures};
use crate::sim::meter::{Room, Spent};
use crate::sim::result::{InvariantResult, OpenException, RunResult, never_exercised, verdict};

/// What the two documents say alike of one run.
#[derive(Debug, Serialize)]
pub struct Run {
    scenario: Box<str>,
    title: Box<str>,
    seed: u64,
    verdict: &'static str,
    fidelity: &'static str,
    orders: u64,
    /// To both platforms.
    calls: u64,
    calls_by_platform: Platforms,
    /// Webhooks that arrived, again and late ones too.
    deliveries: u64,
    steps: u64,
    crashes: u32,
    virtual_seconds: f64,
    #[serde(flatten)]
    effort: EffortEntry,
    trace_hash: String,
    ledger_hash: String,
    policy_hash: String,
    invariants: Vec<InvariantEntry>,
    promises: Vec<PromiseEntry>,
    expectations: Vec<ExpectationEntry>,
    expected_orders: Vec<ExpectedOrderEntry>,
    expected_counts: Vec<ExpectedCountEntry>,
    volumes: VolumesEntry,
    tax_drift: Vec<TaxDriftEntry>,
    exceptions: Vec<ExceptionEntry>,
    lag_seconds: BTreeMap<&'static str, Lag>,
    faults: BTreeMap<&'static str, u64>,
    weather: Vec<WeatherEntry>,
    refusals: RefusalsEntry,
    not_played: Vec<NotPlayed>,
    not_covered: BTreeMap<Box<str>, Box<str>>,
    never_exercised: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Profile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    defect: Option<Defect>,
}

impl Run {
    pub fn new(run: &RunResult, effort: &Effort, fidelity: &'static str) -> Run {
        let alone = std::slice::from_ref(run);
        let refusals = run.refusals;
        Run {
            scenario: run.scenario.clone(),
            title: run.title.clone(),
            seed: run.seed,
            verdict: word(verdict(alone)),
            fidelity,
            orders: run.orders,
            calls: run.calls.shopify + run.calls.netsuite,
            calls_by_platform: Platforms { shopify: run.calls.shopify, netsuite: run.calls.netsuite },
            deliveries: run.calls.deliveries,
            steps: run.steps,
            crashes: run.crashes,
            virtual_seconds: figures::seconds(run.virtual_time),
            effort: EffortEntry::new(effort),
            trace_hash: run.trace_hash.clone(),
            ledger_hash: run.ledger_hash.clone(),
            policy_hash: run.policy_hash.clone(),
            invariants: run.invariants.iter().map(InvariantEntry::new).collect(),
            promises: run
                .promises
                .iter()
                .map(|promise| PromiseEntry {
                    name: promise.name.clone(),
                    limit: promise.limit.clone(),
                    observed: promise.observed.clone(),
                    held: promise.held,
                    file: promise.file.clone(),
                    line: promise.line,
                })
                .collect(),
            expectations: run
                .expectations
                .iter()
                .map(|expected| ExpectationEntry {
                    account: expected.account.get(),
                    stated: expected.stated.into(),
                    found: expected.found.into(),
                    held: expected.stated == expected.found,
                })
                .collect(),
            expected_orders: run
                .expected_orders
                .iter()
                .map(|expected| ExpectedOrderEntry {
                    order: expected.order.clone(),
                    amount: expected.what.name(),
                    stated: expected.stated.into(),
                    found: expected.found.into(),
                    held: expected.stated == expected.found,
                })
                .collect(),
            expected_counts: run
                .expected_counts
                .iter()
                .map(|expected| ExpectedCountEntry {
                    what: expected.what.clone(),
                    stated: expected.stated.clone(),
                    found: expected.found.clone(),
                    held: expected.stated == expected.found,
                })
                .collect(),
            volumes: VolumesEntry::new(&run.volumes),
            tax_drift: run
                .tax_drift
                .iter()
                .map(|drift| TaxDriftEntry {
                    shop: drift.shop.to_string(),
                    kind: drift.kind.name(),
                    orders: drift.orders,
                    sum: drift.sum.into(),
                })
                .collect(),
            exceptions: run.exceptions.iter().map(ExceptionEntry::new).collect(),
            lag_seconds: run
                .lag
                .iter()
                .map(|lag| {
                    let [p50, p99, max] = [lag.p50, lag.p99, lag.max].map(figures::seconds);
                    (lag.lane.name(), Lag { count: lag.count, p50, p99, max })
                })
                .collect(),
            faults: run.faults.iter().copied().collect(),
            weather: run
                .weather
                .iter()
                .map(|weather| WeatherEntry { what: weather.what.clone(), took_effect: weather.took_effect })
                .collect(),
            refusals: RefusalsEntry {
                shopify_foreseeable: refusals.shopify_foreseeable,
                netsuite_foreseeable: refusals.netsuite_foreseeable,
                injected: refusals.injected,
                by_cut: refusals.by_cut,
                by_neighbours: refusals.by_neighbours,
            },
            not_played: run
                .not_played
                .iter()
                .map(|(kind, lines, sum)| NotPlayed { kind: kind.clone(), count: *lines, sum: (*sum).into() })
                .collect(),
            not_covered: run.not_covered.iter().cloned().collect(),
            never_exercised: never_exercised(alone),
            profile: run.spent.map(|spent| Profile::new(&spent, run)),
            defect: run.defect.map(|(name, acted)| Defect { name, acted }),
        }
    }
}

/// Where the time of the run's thread went. By the wall clock, so on a busy machine the shares say more than the sums.
#[derive(Debug, Serialize)]
struct Profile {
    spent_seconds: BTreeMap<&'static str, f64>,
    microseconds_per_order: f64,
    calls_per_order: f64,
    steps_per_order: f64,
}

impl Profile {
    fn new(spent: &Spent, run: &RunResult) -> Profile {
        let seconds = |nanos: u64| (nanos / 1_000_000) as f64 / 1_000.0;
        let orders = run.orders.max(1);
        let hundredths = |count: u64| (count * 100 / orders) as f64 / 100.0;
        Profile {
            spent_seconds: Room::ALL.map(|room| (room.name(), seconds(spent.of(room)))).into(),
            microseconds_per_order: hundredths(spent.all() / 1_000),
            calls_per_order: hundredths(run.calls.shopify + run.calls.netsuite),
            steps_per_order: hundredths(run.steps),
        }
    }
}

#[derive(Debug, Serialize)]
struct Platforms {
    shopify: u64,
    netsuite: u64,
}

#[derive(Debug, Serialize)]
pub struct EffortEntry {
    wall_seconds: f64,
    /// `null` where the system does not tell; so for the two below.
    cpu_seconds: Option<f64>,
    peak_rss_bytes: Option<u64>,
    load_average: Option<[f64; 3]>,
}

impl EffortEntry {
    pub fn new(effort: &Effort) -> EffortEntry {
        let seconds = |length: std::time::Duration| length.as_millis() as f64 / 1_000.0;
        EffortEntry {
            wall_seconds: seconds(effort.wall),
            cpu_seconds: effort.cpu.map(seconds),
            peak_rss_bytes: effort.peak_rss_bytes,
            load_average: effort.load_average,
        }
    }
}

#[derive(Debug, Serialize)]
struct InvariantEntry {
    name: &'static str,
    checked: u64,
    broken: u64,
    called_for: bool,
}

impl InvariantEntry {
    fn new(invariant: &InvariantResult) -> InvariantEntry {
        let InvariantResult { name, checked, broken, called_for, .. } = *invariant;
        InvariantEntry { name, checked, broken, called_for }
    }
}

#[derive(Debug, Serialize)]
struct PromiseEntry {
    name: Box<str>,
    limit: Box<str>,
    observed: String,
    held: Option<bool>,
    file: Box<str>,
    line: usize,
}

#[derive(Debug, Serialize)]
struct ExpectationEntry {
    account: u64,
    stated: Amount,
    found: Amount,
    held: bool,
}

#[derive(Debug, Serialize)]
struct ExpectedOrderEntry {
    order: Box<str>,
    amount: &'static str,
    stated: Amount,
    found: Amount,
    held: bool,
}

#[derive(Debug, Serialize)]
struct ExpectedCountEntry {
    what: Box<str>,
    stated: Box<str>,
    found: Box<str>,
    held: bool,
}

/// Tax charged less tax by the merchant's schedule.
#[derive(Debug, Serialize)]
struct TaxDriftEntry {
    shop: String,
    kind: &'static str,
    orders: u64,
    sum: Amount,
}

#[derive(Debug, Serialize)]
struct ExceptionEntry {
    shop: String,
    flow: &'static str,
    record: u64,
    code: &'static str,
    owner: Box<str>,
    deadline: String,
    at_risk: Option<Amount>,
    detail: Box<str>,
    next_step: Box<str>,
}

impl ExceptionEntry {
    fn new(exception: &OpenException) -> ExceptionEntry {
        ExceptionEntry {
            shop: exception.shop.to_string(),
            flow: exception.flow,
            record: exception.record,
            code: exception.code.name(),
            owner: exception.owner.clone(),
            deadline: exception.deadline.to_string(),
            at_risk: exception.at_risk.map(Amount::from),
            detail: exception.detail.clone(),
            next_step: exception.next_step.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Lag {
    count: u64,
    p50: f64,
    p99: f64,
    max: f64,
}

#[derive(Debug, Serialize)]
struct WeatherEntry {
    what: Box<str>,
    took_effect: u64,
}

#[derive(Debug, Serialize)]
struct RefusalsEntry {
    shopify_foreseeable: u64,
    netsuite_foreseeable: u64,
    injected: u64,
    by_cut: u64,
    by_neighbours: u64,
}

#[derive(Debug, Serialize)]
struct NotPlayed {
    kind: Box<str>,
    count: u64,
    sum: Amount,
}

#[derive(Debug, Serialize)]
struct Defect {
    name: &'static str,
    acted: u64,
}

/// `{"amount": "184.20", "currency": "USD"}`: never a number, which many readers would make a float.
#[derive(Debug, Serialize)]
pub struct Amount {
    amount: String,
    currency: &'static str,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Amount {
        let mut amount = String::new();
        money.write_plain(&mut amount).expect("a string takes any text");
        Amount { amount, currency: money.currency().code() }
    }
}
