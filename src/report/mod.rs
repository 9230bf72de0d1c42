//! What runs came to, told to people and to machines.
//!
//! Lives here: a certification as plain values, its findings ([`finding`]), and its forms: [`failure`] blocks, the
//! [`account`] of one run and the [`table`] for a terminal, the JSON [`document`], [`junit`], the [`summary`] for
//! CI, and the [`folder`] that they are written to. Not here: running anything, reading clocks, deciding what is
//! right.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::domain::{InternalId, Timestamp, Zone};
use crate::scenario::Scenario;
use crate::sim::result::{RunResult, Verdict, never_exercised, verdict};

pub mod account;
pub mod close;
pub mod document;
pub mod failure;
pub mod figures;
pub mod finding;
pub mod folder;
pub mod ink;
pub mod junit;
pub mod matching;
pub mod summary;
pub mod table;

use finding::Findings;

/// What a scenario is called and how to run it again.
#[derive(Debug, Clone)]
pub struct Subject {
    pub name: Box<str>,
    pub title: Box<str>,
    pub owner: Option<Box<str>>,
    pub why: Option<Box<str>>,
    /// As given on the command line, for the command that replays it.
    pub path: PathBuf,
    pub starts: Timestamp,
    /// Clock faces are shown in the zone of the first shop.
    pub zone: Zone,
    /// Orders asked for on the command line, or as the share of a load scenario.
    pub orders: Option<u64>,
    /// How calls reach the simulated platforms, as on the command line; `typed` is the default there.
    pub fidelity: &'static str,
    /// Of a load scenario that runs at a share: orders to draw, of how many.
    pub share: Option<(u64, u64)>,
    pub accounts: BTreeMap<InternalId, Box<str>>,
    pub not_covered: Vec<(Box<str>, Box<str>)>,
}

impl Subject {
    pub fn new(
        scenario: &Scenario,
        path: PathBuf,
        orders: Option<u64>,
        fidelity: &'static str,
        share: Option<(u64, u64)>,
    ) -> Subject {
        let profile = &scenario.profile;
        Subject {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            owner: scenario.owner.clone(),
            why: scenario.why.clone(),
            path,
            starts: scenario.starts,
            zone: profile.shops.first().map_or_else(Zone::utc, |shop| shop.zone.clone()),
            orders,
            fidelity,
            share,
            accounts: profile.accounts.iter().map(|account| (account.id, account.name.clone())).collect(),
            not_covered: scenario.not_covered.clone(),
        }
    }

    /// The command that runs one seed of it again, anywhere where the scenario file is.
    pub fn replay_command(&self, seed: u64) -> String {
        let orders = self.orders.map_or(String::new(), |orders| format!(" --orders {orders}"));
        let fidelity = match self.fidelity {
            "typed" => String::new(),
            other => format!(" --fidelity {other}"),
        };
        format!("plimsoll replay {} --seed {seed}{orders}{fidelity}", self.path.display())
    }
}

/// What one run took of this machine. `None` where the system does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Effort {
    pub wall: std::time::Duration,
    /// Of the process, during the run.
    pub cpu: Option<std::time::Duration>,
    /// Of the process so far: a later run never shows less than an earlier one.
    pub peak_rss_bytes: Option<u64>,
    /// Of the machine over 1, 5 and 15 minutes, at the end of the run.
    pub load_average: Option<[f64; 3]>,
}

/// One scenario over its seeds.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub subject: Subject,
    /// All that were to run, in order; those that did are in `results`.
    pub seeds: Vec<u64>,
    pub results: Vec<RunResult>,
    /// Beside `results`.
    pub efforts: Vec<Effort>,
}

impl Outcome {
    pub fn verdict(&self) -> Verdict {
        match verdict(&self.results) {
            Verdict::Held if self.results.len() < self.seeds.len() => Verdict::Inconclusive,
            found => found,
        }
    }

    /// What proves nothing about this scenario, in words; empty when all was exercised.
    pub fn open_questions(&self) -> Vec<String> {
        let missing = self.seeds.len() - self.results.len();
        if self.results.is_empty() {
            return vec!["it was not run".to_owned()];
        }
        let mut open = never_exercised(&self.results);
        if missing > 0 {
            open.push(format!("{missing} of {} seeds were not run", self.seeds.len()));
        }
        open
    }

    pub fn orders(&self) -> u64 {
        self.results.iter().map(|run| run.orders).sum()
    }

    /// Calls to both platforms.
    pub fn calls(&self) -> u64 {
        self.results.iter().map(|run| run.calls.shopify + run.calls.netsuite).sum()
    }
}

/// Why not all seeds ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CutShort {
    Interrupted,
    FailFast,
    /// The simulation itself failed, in these words.
    Failed(String),
}

impl CutShort {
    pub fn words(&self) -> String {
        match self {
            CutShort::Interrupted => "interrupted: the remaining seeds did not run".to_owned(),
            CutShort::FailFast => "stopped at the first failure, as asked".to_owned(),
            CutShort::Failed(cause) => cause.clone(),
        }
    }
}

/// All scenarios of one `certify`.
#[derive(Debug, Clone)]
pub struct Certification {
    pub outcomes: Vec<Outcome>,
    pub findings: Findings,
    pub cut_short: Option<CutShort>,
    pub allow_inconclusive: bool,
    pub fidelity: &'static str,
    pub effort: Effort,
}

impl Certification {
    pub fn verdict(&self) -> Verdict {
        let verdicts = || self.outcomes.iter().map(Outcome::verdict);
        if verdicts().any(|verdict| verdict == Verdict::Broken) {
            Verdict::Broken
        } else if self.cut_short.is_some() || verdicts().any(|verdict| verdict == Verdict::Inconclusive) {
            Verdict::Inconclusive
        } else {
            Verdict::Held
        }
    }

    pub fn runs(&self) -> usize {
        self.outcomes.iter().map(|outcome| outcome.results.len()).sum()
    }

    /// The verdict with what it rests on, in one sentence without its mark.
    pub fn sentence(&self) -> String {
        if let Some(CutShort::Failed(cause)) = &self.cut_short {
            return cause.clone();
        }
        let scenarios = self.outcomes.len();
        let (runs, orders) = (self.runs() as u64, self.outcomes.iter().map(Outcome::orders).sum());
        let base = format!(
            "{}, {}, {}",
            figures::counted(scenarios as u64, "scenario"),
            figures::counted(runs, "run"),
            figures::counted(orders, "order")
        );
        match self.verdict() {
            Verdict::Held => format!("every promise and invariant held in every run listed: {base}"),
            Verdict::Broken => {
                let broken = self.outcomes.iter().filter(|outcome| outcome.verdict() == Verdict::Broken);
                let found = figures::counted(self.findings.all().len() as u64, "finding");
                format!("{found} in {} of {base}", broken.count())
            }
            Verdict::Inconclusive => {
                let open: usize = self.outcomes.iter().map(|outcome| outcome.open_questions().len()).sum();
                let why = match &self.cut_short {
                    Some(cut_short) => cut_short.words(),
                    None => format!("{} never exercised", figures::were(open as u64, "thing")),
                };
                let allowed = if self.allow_inconclusive { " (allowed)" } else { "" };
                format!("nothing broke, but {why}{allowed}: {base}")
            }
        }
    }
}

/// What proves nothing, scenario by scenario; those that did not run at all are told in one line.
pub fn open_questions(certification: &Certification) -> Vec<String> {
    let (not_run, run): (Vec<&Outcome>, Vec<&Outcome>) =
        certification.outcomes.iter().partition(|outcome| outcome.results.is_empty());
    let of_run = run.iter().flat_map(|outcome| {
        let name = &outcome.subject.name;
        outcome.open_questions().into_iter().map(move |open| format!("{name}: {open}"))
    });
    let names: Vec<&str> = not_run.iter().map(|outcome| &*outcome.subject.name).collect();
    let not_run = (!names.is_empty()).then(|| format!("not run: {}", names.join(", ")));
    of_run.chain(not_run).collect()
}

/// Shape, word: status is never colour alone.
pub const fn mark(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Held => ("✓", "HELD"),
        Verdict::Broken => ("✗", "BROKEN"),
        Verdict::Inconclusive => ("?", "INCONCLUSIVE"),
    }
}

#[cfg(test)]
pub(crate) mod tests;
