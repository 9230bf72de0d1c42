//! The versioned JSON documents: of one run, and of a certification.
//!
//! A key is added freely, and never renamed, removed or given another meaning without a new [`VERSION`]. Amounts
//! are decimal text with their currency; lengths are seconds; instants are RFC 3339 in UTC.

use std::collections::BTreeMap;

use serde::Serialize;

use super::finding::{Finding, Place, Rule};
use super::{Certification, Effort, Outcome, Subject, figures};
use crate::domain::{Money, Timestamp};
use crate::scenario::import::{Imported, Part};
use crate::sim::oracle::Breach;
use crate::sim::result::{InvariantResult, OpenException, RunResult, Verdict, never_exercised, verdict};

/// Of the documents' form, not of the program.
pub const VERSION: u32 = 1;

/// One run.
#[derive(Debug, Serialize)]
pub struct RunDocument {
    plimsoll: u32,
    document: &'static str,
    version: &'static str,
    #[serde(flatten)]
    run: Run,
    findings: Vec<FindingEntry>,
    replay: String,
}

impl RunDocument {
    pub fn new(
        subject: &Subject,
        run: &RunResult,
        effort: &Effort,
        fidelity: &'static str,
        findings: &[Finding],
    ) -> RunDocument {
        RunDocument {
            plimsoll: VERSION,
            document: "run",
            version: env!("CARGO_PKG_VERSION"),
            run: Run::new(run, effort, fidelity),
            findings: findings.iter().map(|finding| FindingEntry::new(finding, subject, 1)).collect(),
            replay: subject.replay_command(run.seed),
        }
    }
}

/// The same day by a naive connector and by the engine.
#[derive(Debug, Serialize)]
pub struct TryDocument {
    plimsoll: u32,
    document: &'static str,
    version: &'static str,
    naive: Run,
    engine: Run,
}

impl TryDocument {
    pub fn new(
        naive: (&RunResult, &Effort),
        engine: (&RunResult, &Effort),
        fidelity: &'static str,
    ) -> TryDocument {
        TryDocument {
            plimsoll: VERSION,
            document: "try",
            version: env!("CARGO_PKG_VERSION"),
            naive: Run::new(naive.0, naive.1, fidelity),
            engine: Run::new(engine.0, engine.1, fidelity),
        }
    }
}

/// What an import wrote, and where each line of the history went.
#[derive(Debug, Serialize)]
pub struct ImportDocument {
    plimsoll: u32,
    document: &'static str,
    version: &'static str,
    scenarios: Vec<String>,
    orders: u64,
    file: PartEntry,
    played: PartEntry,
    carried: BTreeMap<&'static str, PartEntry>,
    left_out: PartEntry,
    rejected: PartEntry,
}

/// Lines of a history, and their sum as decimal text in its currency.
#[derive(Debug, Serialize)]
struct PartEntry {
    lines: u64,
    sum: String,
}

impl PartEntry {
    fn new(part: &Part) -> PartEntry {
        PartEntry { lines: part.lines, sum: part.sum.to_string() }
    }
}

impl ImportDocument {
    pub fn new(imported: &Imported) -> ImportDocument {
        let tally = &imported.tally;
        ImportDocument {
            plimsoll: VERSION,
            document: "import",
            version: env!("CARGO_PKG_VERSION"),
            scenarios: imported.scenarios.iter().map(|path| path.display().to_string()).collect(),
            orders: imported.orders,
            file: PartEntry::new(&tally.file),
            played: PartEntry::new(&tally.played),
            carried: tally.carried.iter().map(|(kind, part)| (kind.name(), PartEntry::new(part))).collect(),
            left_out: PartEntry::new(&tally.left_out),
            rejected: PartEntry::new(&tally.rejected),
        }
    }
}

/// All scenarios over their seeds.
#[derive(Debug, Serialize)]
pub struct CertificationDocument {
    plimsoll: u32,
    document: &'static str,
    version: &'static str,
    verdict: &'static str,
    sentence: String,
    /// Why not all seeds ran; absent when they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_short: Option<String>,
    allow_inconclusive: bool,
    orders: u64,
    calls: u64,
    #[serde(flatten)]
    effort: EffortEntry,
    scenarios: Vec<ScenarioEntry>,
    findings: Vec<FindingEntry>,
}

impl CertificationDocument {
    pub fn new(certification: &Certification) -> CertificationDocument {
        let outcomes = &certification.outcomes;
        let findings = certification.findings.all().iter().map(|finding| {
            let outcome = &outcomes[finding.scenario];
            FindingEntry::new(finding, &outcome.subject, outcome.results.len())
        });
        CertificationDocument {
            plimsoll: VERSION,
            document: "certification",
            version: env!("CARGO_PKG_VERSION"),
            verdict: word(certification.verdict()),
            sentence: certification.sentence(),
            cut_short: certification.cut_short.as_ref().map(super::CutShort::words),
            allow_inconclusive: certification.allow_inconclusive,
            orders: outcomes.iter().map(Outcome::orders).sum(),
            calls: outcomes.iter().map(Outcome::calls).sum(),
            effort: EffortEntry::new(&certification.effort),
            scenarios: outcomes
                .iter()
                .map(|outcome| ScenarioEntry::new(outcome, certification.fidelity))
                .collect(),
            findings: findings.collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct ScenarioEntry {
    scenario: Box<str>,
    title: Box<str>,
    owner: Option<Box<str>>,
    why: Option<Box<str>>,
    file: String,
    verdict: &'static str,
    seeds: Vec<u64>,
    /// Of a load scenario that ran at a share of its orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<Share>,
    /// In words, over all seeds.
    never_exercised: Vec<String>,
    runs: Vec<Run>,
}

#[derive(Debug, Serialize)]
struct Share {
    orders: u64,
    of: u64,
}

impl ScenarioEntry {
    fn new(outcome: &Outcome, fidelity: &'static str) -> ScenarioEntry {
        let subject = &outcome.subject;
        let runs = outcome.results.iter().zip(&outcome.efforts);
        ScenarioEntry {
            scenario: subject.name.clone(),
            title: subject.title.clone(),
            owner: subject.owner.clone(),
            why: subject.why.clone(),
            file: subject.path.display().to_string(),
            verdict: word(outcome.verdict()),
            seeds: outcome.seeds.clone(),
            share: subject.share.map(|(orders, of)| Share { orders, of }),
            never_exercised: outcome.open_questions(),
            runs: runs.map(|(run, effort)| Run::new(run, effort, fidelity)).collect(),
        }
    }
}

/// What the two documents say alike of one run.
#[derive(Debug, Serialize)]
struct Run {
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
    exceptions: Vec<ExceptionEntry>,
    lag_seconds: BTreeMap<&'static str, Lag>,
    faults: BTreeMap<&'static str, u64>,
    weather: Vec<WeatherEntry>,
    refusals: RefusalsEntry,
    not_played: Vec<NotPlayed>,
    not_covered: BTreeMap<Box<str>, Box<str>>,
    never_exercised: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    defect: Option<Defect>,
}

impl Run {
    fn new(run: &RunResult, effort: &Effort, fidelity: &'static str) -> Run {
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
            defect: run.defect.map(|(name, acted)| Defect { name, acted }),
        }
    }
}

#[derive(Debug, Serialize)]
struct Platforms {
    shopify: u64,
    netsuite: u64,
}

#[derive(Debug, Serialize)]
struct EffortEntry {
    wall_seconds: f64,
    /// `null` where the system does not tell; so for the two below.
    cpu_seconds: Option<f64>,
    peak_rss_bytes: Option<u64>,
    load_average: Option<[f64; 3]>,
}

impl EffortEntry {
    fn new(effort: &Effort) -> EffortEntry {
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
struct Amount {
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

#[derive(Debug, Serialize)]
struct FindingEntry {
    scenario: Box<str>,
    kind: &'static str,
    name: Box<str>,
    /// What was demanded and what was found.
    broke: String,
    /// Of an invariant.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<Box<str>>,
    /// Of a promise or a stated balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    seeds: Vec<u64>,
    seeds_run: usize,
    seed_shown: u64,
    at: Option<String>,
    at_risk: Vec<Amount>,
    breaches: Vec<BreachEntry>,
    timeline: Vec<Moment>,
    replay: String,
}

#[derive(Debug, Serialize)]
struct BreachEntry {
    at: String,
    money: Option<Amount>,
    what: String,
    said: String,
}

#[derive(Debug, Serialize)]
struct Moment {
    at: String,
    what: String,
}

impl FindingEntry {
    fn new(finding: &Finding, subject: &Subject, seeds_run: usize) -> FindingEntry {
        let place: Option<&Place> = match &finding.rule {
            Rule::Invariant { .. } => None,
            Rule::Promise { at, .. } | Rule::Balance { at, .. } => Some(at),
        };
        let claim = match &finding.rule {
            Rule::Invariant { claim, .. } => Some(claim.clone()),
            _ => None,
        };
        let breach = |breach: &Breach| BreachEntry {
            at: breach.at.to_string(),
            money: breach.money.map(Amount::from),
            what: breach.what.clone(),
            said: breach.said.clone(),
        };
        let moment = |(at, what): &(Timestamp, String)| Moment { at: at.to_string(), what: what.clone() };
        FindingEntry {
            scenario: subject.name.clone(),
            kind: finding.rule.kind(),
            name: finding.rule.name().into(),
            broke: finding.rule.broke(),
            claim,
            file: place.map(|place| place.file.clone()),
            line: place.map(|place| place.line),
            seeds: finding.seeds.clone(),
            seeds_run,
            seed_shown: finding.seed,
            at: finding.at().map(|at| at.to_string()),
            at_risk: finding.at_risk().into_iter().map(Amount::from).collect(),
            breaches: finding.breaches.iter().map(breach).collect(),
            timeline: finding.timeline.iter().map(moment).collect(),
            replay: subject.replay_command(finding.seed),
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Broken => "broken",
        Verdict::Inconclusive => "inconclusive",
    }
}

/// Any document as text, indented, ended by a line break.
pub fn text(document: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(document).expect("keys are text, and no value of it can fail");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
