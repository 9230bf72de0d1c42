//! What one run came to: plain values that terminal, JSON and reports all read.

use crate::domain::{CauseCode, Duration, InternalId, Lane, Money, ShopKey, Timestamp};
use crate::scenario::ExpectedAmount;
use crate::sim::meter::Spent;
use crate::sim::oracle::{Breach, TaxDrift};
use crate::sim::volumes::Volumes;

/// One scenario, one seed.
#[derive(Debug, Clone)]
pub struct RunResult {
    pub scenario: Box<str>,
    pub title: Box<str>,
    pub seed: u64,
    /// Orders that the world placed.
    pub orders: u64,
    pub calls: Calls,
    /// Steps that the engine committed, sweeps not counted.
    pub steps: u64,
    pub crashes: u32,
    /// From the start of the scenario to rest.
    pub virtual_time: Duration,
    /// Of every event in order, 32 hexadecimal digits.
    pub trace_hash: String,
    /// SHA-256 of the ledger's economic content.
    pub ledger_hash: String,
    /// SHA-256 of the policy file.
    pub policy_hash: String,
    pub invariants: Vec<InvariantResult>,
    pub promises: Vec<PromiseResult>,
    pub expectations: Vec<ExpectationResult>,
    pub expected_orders: Vec<ExpectedOrderResult>,
    pub expected_counts: Vec<ExpectedCountResult>,
    /// What was shipped, billed and given back.
    pub volumes: Volumes,
    /// Where the shops' tax is not what the merchant's schedule makes it.
    pub tax_drift: Vec<TaxDrift>,
    /// Open at rest.
    pub exceptions: Vec<OpenException>,
    pub lag: Vec<LaneLag>,
    /// What happened by profile or swarm, by kind, with counts. Reported, never demanded.
    pub faults: Vec<(&'static str, u64)>,
    /// What the scenario scheduled, with how often it took effect.
    pub weather: Vec<WeatherResult>,
    pub refusals: Refusals,
    /// What led to the first breach, oldest first.
    pub timeline: Vec<(Timestamp, String)>,
    /// What the recorded day holds and the run does not play: kind, count, sum.
    pub not_played: Vec<(Box<str>, u64, Money)>,
    pub not_covered: Vec<(Box<str>, Box<str>)>,
    /// Where the time went, if somebody asked. The one part of a result that differs from run to run.
    pub spent: Option<Spent>,
    /// The planted defect, if any, and how often it acted.
    pub defect: Option<(&'static str, u64)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    pub shopify: u64,
    pub netsuite: u64,
    pub deliveries: u64,
}

#[derive(Debug, Clone)]
pub struct InvariantResult {
    pub name: &'static str,
    pub claim: &'static str,
    pub checked: u64,
    pub broken: u64,
    /// The first ones.
    pub breaches: Vec<Breach>,
    /// The scenario's traffic calls for it, so never having checked it proves nothing.
    pub called_for: bool,
}

#[derive(Debug, Clone)]
pub struct PromiseResult {
    pub name: Box<str>,
    /// As written, e.g. `<= 15m`.
    pub limit: Box<str>,
    pub observed: String,
    /// `None`: nothing was measured.
    pub held: Option<bool>,
    pub file: Box<str>,
    pub line: usize,
}

/// `[[expect]]`: a stated balance against the one at rest.
#[derive(Debug, Clone)]
pub struct ExpectationResult {
    pub account: InternalId,
    pub stated: Money,
    pub found: Money,
    pub file: Box<str>,
    pub line: usize,
}

/// `[[expect]]`: a stated amount of a sales order against the one at rest.
#[derive(Debug, Clone)]
pub struct ExpectedOrderResult {
    /// As the script names it.
    pub order: Box<str>,
    pub what: ExpectedAmount,
    pub stated: Money,
    pub found: Money,
    pub file: Box<str>,
    pub line: usize,
}

/// `[[expect]]`: a stated number of exceptions or documents against the one at rest.
#[derive(Debug, Clone)]
pub struct ExpectedCountResult {
    /// `invoices of A`.
    pub what: Box<str>,
    /// `2`, or `1, 18.00 GBP at risk`.
    pub stated: Box<str>,
    pub found: Box<str>,
    pub file: Box<str>,
    pub line: usize,
}

#[derive(Debug, Clone)]
pub struct OpenException {
    pub shop: ShopKey,
    pub flow: &'static str,
    pub record: u64,
    pub code: CauseCode,
    pub owner: Box<str>,
    pub raised_at: Timestamp,
    pub deadline: Timestamp,
    pub at_risk: Option<Money>,
    pub detail: Box<str>,
    pub next_step: Box<str>,
}

/// From the first hint of a piece of work until it was done.
#[derive(Debug, Clone, Copy)]
pub struct LaneLag {
    pub lane: Lane,
    pub count: u64,
    pub p50: Duration,
    pub p99: Duration,
    pub max: Duration,
}

#[derive(Debug, Clone)]
pub struct WeatherResult {
    /// In the words of the file: `14:00 webhooks misbehave`.
    pub what: Box<str>,
    pub took_effect: u64,
}

/// Refusals for the limits, by who could know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refusals {
    pub shopify_foreseeable: u64,
    pub netsuite_foreseeable: u64,
    /// By injection.
    pub injected: u64,
    /// By a cut of the limits.
    pub by_cut: u64,
    /// By other integrations.
    pub by_neighbours: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every invariant, promise and stated balance held, and all that was scheduled happened.
    Held,
    Broken,
    /// Nothing broke, but something was never exercised.
    Inconclusive,
}

impl RunResult {
    /// Of this run alone; weather counts over all seeds of a scenario, see [`verdict`].
    pub fn broken(&self) -> bool {
        self.invariants.iter().any(|invariant| invariant.broken > 0)
            || self.promises.iter().any(|promise| promise.held == Some(false))
            || self.expectations.iter().any(|expected| expected.stated != expected.found)
            || self.expected_orders.iter().any(|expected| expected.stated != expected.found)
            || self.expected_counts.iter().any(|expected| expected.stated != expected.found)
    }
}

/// What was never exercised over all runs of one scenario, in words.
pub fn never_exercised(runs: &[RunResult]) -> Vec<String> {
    let Some(first) = runs.first() else { return vec!["no run".to_owned()] };
    let mut never = Vec::new();
    for (at, weather) in first.weather.iter().enumerate() {
        if runs.iter().all(|run| run.weather.get(at).is_none_or(|seen| seen.took_effect == 0)) {
            never.push(format!("the weather `{}` never took effect", weather.what));
        }
    }
    for (at, invariant) in first.invariants.iter().enumerate() {
        let unchecked = |run: &RunResult| run.invariants[at].called_for && run.invariants[at].checked == 0;
        if runs.iter().all(unchecked) {
            never.push(format!("the invariant `{}` was never checked", invariant.name));
        }
    }
    for (at, promise) in first.promises.iter().enumerate() {
        if runs.iter().all(|run| run.promises[at].held.is_none()) {
            never.push(format!("the promise `{}` was never measured", promise.name));
        }
    }
    never
}

/// Of one scenario over all its seeds.
pub fn verdict(runs: &[RunResult]) -> Verdict {
    if runs.iter().any(RunResult::broken) {
        Verdict::Broken
    } else if never_exercised(runs).is_empty() {
        Verdict::Held
    } else {
        Verdict::Inconclusive
    }
}

/// How far a run has come, for a person who watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    pub elapsed: Duration,
    pub lasts: Duration,
    pub orders: u64,
    pub orders_total: u64,
    /// Orders whose work was done.
    pub done: u64,
    pub waiting: u64,
    pub netsuite_slots_used: u32,
    pub netsuite_slots: u32,
    pub shopify_used_percent: u8,
}
