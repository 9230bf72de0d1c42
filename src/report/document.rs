//! The versioned JSON documents: of one run, and of a certification.
//!
//! A key is added freely, and never renamed, removed or given another meaning without a new [`VERSION`]. Amounts
//! are decimal text with their currency; lengths are seconds; instants are RFC 3339 in UTC.

use std::collections::BTreeMap;

use serde::Serialize;

use super::finding::Finding;
use super::{Certification, Effort, Outcome, Subject};
use crate::scenario::import::{Imported, Part};
use crate::sim::result::{RunResult, Verdict};

pub mod close;
mod finding;
pub mod ledger;
pub mod matching;
mod run;
mod volumes;

use finding::FindingEntry;
use run::{EffortEntry, Run};

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
    returned: PartEntry,
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
            returned: PartEntry::new(&tally.returned),
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
