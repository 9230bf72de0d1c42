//! Distinct failures: what broke in many seeds the same way is one finding.
//!
//! The fingerprint is the scenario, the rule, and the words of the breach without their numbers. Shown is the
//! smallest run in which it was seen: fewest orders, then the lowest seed.

use std::collections::BTreeMap;

use super::Subject;
use super::figures;
use crate::domain::{Money, Timestamp};
use crate::sim::oracle::Breach;
use crate::sim::result::RunResult;

/// The rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    Invariant { name: Box<str>, claim: Box<str>, checked: u64, broken: u64 },
    Promise { name: Box<str>, limit: Box<str>, observed: String, at: Place },
    Balance { account: String, stated: Money, found: Money, at: Place },
}

/// A line of the scenario file, as read when the finding was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Box<str>,
    /// From 1.
    pub line: usize,
    /// `None` where the file cannot be read again, e.g. because it is built in.
    pub text: Option<Box<str>>,
}

impl Rule {
    pub fn kind(&self) -> &'static str {
        match self {
            Rule::Invariant { .. } => "invariant",
            Rule::Promise { .. } => "promise",
            Rule::Balance { .. } => "balance",
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Rule::Invariant { name, .. } | Rule::Promise { name, .. } => name,
            Rule::Balance { account, .. } => account,
        }
    }

    /// What was demanded and what was found, in one line.
    pub fn broke(&self) -> String {
        match self {
            Rule::Invariant { name, checked, broken, .. } => {
                format!(
                    "{name}: {} of {} broke",
                    figures::grouped(*broken),
                    figures::counted(*checked, "check")
                )
            }
            Rule::Promise { name, limit, observed, .. } => {
                format!("{name} must be {limit}, found {observed}")
            }
            Rule::Balance { account, stated, found, .. } => {
                format!("{account} must come to {stated}, came to {found}")
            }
        }
    }
}

/// One distinct failure.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Position of the scenario.
    pub scenario: usize,
    pub rule: Rule,
    /// In which it was seen, in the order of the runs.
    pub seeds: Vec<u64>,
    /// The run that is shown: its orders and seed.
    pub orders: u64,
    pub seed: u64,
    pub trace_hash: String,
    /// Breaches of this shape in the run shown; the run may keep only the first ones.
    pub breaches: Vec<Breach>,
    /// What led there, oldest first; empty if another finding of the run comes before it.
    pub timeline: Vec<(Timestamp, String)>,
}

impl Finding {
    /// When it broke in the run shown.
    pub fn at(&self) -> Option<Timestamp> {
        self.breaches.first().map(|breach| breach.at).or(self.timeline.last().map(|(at, _)| *at))
    }

    /// What is at risk by currency, over the breaches that were kept.
    pub fn at_risk(&self) -> Vec<Money> {
        match &self.rule {
            Rule::Balance { stated, found, .. } => figures::totals(found.checked_sub(*stated).ok()),
            _ => figures::totals(self.breaches.iter().filter_map(|breach| breach.money)),
        }
    }
}

/// Reads one line of a file again, numbered from 1.
pub type LineReader<'r> = &'r dyn Fn(&str, usize) -> Option<String>;

type Fingerprint = (usize, &'static str, Box<str>, String);

/// Findings in the order in which they were first seen.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    found: Vec<Finding>,
    positions: BTreeMap<Fingerprint, usize>,
}

impl Findings {
    pub fn all(&self) -> &[Finding] {
        &self.found
    }

    pub fn of(&self, scenario: usize) -> impl Iterator<Item = &Finding> {
        self.found.iter().filter(move |finding| finding.scenario == scenario)
    }

    /// Adds what broke in a run, and returns the positions of findings that were not seen before.
    pub fn add(
        &mut self,
        scenario: usize,
        subject: &Subject,
        run: &RunResult,
        reader: LineReader<'_>,
    ) -> Vec<usize> {
        let before = self.found.len();
        for (fingerprint, finding) in broken(scenario, subject, run, reader) {
            match self.positions.get(&fingerprint) {
                None => {
                    self.positions.insert(fingerprint, self.found.len());
                    self.found.push(finding);
                }
                Some(at) => {
                    let known = &mut self.found[*at];
                    let mut seeds = std::mem::take(&mut known.seeds);
                    seeds.push(run.seed);
                    if (finding.orders, finding.seed) < (known.orders, known.seed) {
                        *known = finding;
                    }
                    known.seeds = seeds;
                }
            }
        }
        (before..self.found.len()).collect()
    }
}

/// Each distinct failure of one run. The first one carries the timeline.
fn broken(
    scenario: usize,
    subject: &Subject,
    run: &RunResult,
    reader: LineReader<'_>,
) -> Vec<(Fingerprint, Finding)> {
    let mut found: Vec<(Fingerprint, Finding)> = Vec::new();
    let finding = |rule: Rule, breaches: Vec<Breach>| Finding {
        scenario,
        rule,
        seeds: vec![run.seed],
        orders: run.orders,
        seed: run.seed,
        trace_hash: run.trace_hash.clone(),
        breaches,
        timeline: Vec::new(),
    };
    for invariant in run.invariants.iter().filter(|invariant| invariant.broken > 0) {
        let mut shapes: BTreeMap<String, Vec<Breach>> = BTreeMap::new();
        for breach in &invariant.breaches {
            shapes.entry(shape(&breach.said)).or_default().push(breach.clone());
        }
        if shapes.is_empty() {
            shapes.insert(String::new(), Vec::new());
        }
        for (shape, breaches) in shapes {
            let rule = Rule::Invariant {
                name: invariant.name.into(),
                claim: invariant.claim.into(),
                checked: invariant.checked,
                broken: invariant.broken,
            };
            found.push(((scenario, rule.kind(), rule.name().into(), shape), finding(rule, breaches)));
        }
    }
    // By instant, so that what broke first is told first and with what led there.
    found.sort_by_key(|(_, finding)| finding.at().unwrap_or(Timestamp::END));
    let place = |file: &str, line: usize| Place {
        file: file.into(),
        line,
        text: reader(file, line).map(String::into_boxed_str),
    };
    for promise in run.promises.iter().filter(|promise| promise.held == Some(false)) {
        let rule = Rule::Promise {
            name: promise.name.clone(),
            limit: promise.limit.clone(),
            observed: promise.observed.clone(),
            at: place(&promise.file, promise.line),
        };
        let shape = promise.line.to_string();
        found.push(((scenario, rule.kind(), rule.name().into(), shape), finding(rule, Vec::new())));
    }
    for expected in run.expectations.iter().filter(|expected| expected.stated != expected.found) {
        let rule = Rule::Balance {
            account: match subject.accounts.get(&expected.account) {
                Some(name) => format!("account {} ({name})", expected.account),
                None => format!("account {}", expected.account),
            },
            stated: expected.stated,
            found: expected.found,
            at: place(&expected.file, expected.line),
        };
        let shape = expected.line.to_string();
        found.push(((scenario, rule.kind(), rule.name().into(), shape), finding(rule, Vec::new())));
    }
    for expected in run.expected_orders.iter().filter(|expected| expected.stated != expected.found) {
        let rule = Rule::Balance {
            account: format!("{} of the sales order of {}", expected.what.name(), expected.order),
            stated: expected.stated,
            found: expected.found,
            at: place(&expected.file, expected.line),
        };
        let shape = expected.line.to_string();
        found.push(((scenario, rule.kind(), rule.name().into(), shape), finding(rule, Vec::new())));
    }
    // Of a promise or a balance alone the run keeps no story: it is judged at rest, over all that happened.
    if let Some((_, first)) = found.first_mut()
        && matches!(first.rule, Rule::Invariant { .. })
    {
        first.timeline.clone_from(&run.timeline);
    }
    found
}

/// The words of a breach without its numbers, names in upper case and instants.
fn shape(said: &str) -> String {
    let mut shape = String::with_capacity(said.len());
    for word in said.split_whitespace() {
        let particular = word.bytes().any(|byte| byte.is_ascii_digit())
            || word.len() > 1
                && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_punctuation());
        if !shape.is_empty() {
            shape.push(' ');
        }
        shape.push_str(if particular { "#" } else { word });
    }
    shape
}
