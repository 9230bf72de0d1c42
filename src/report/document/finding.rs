//! One finding within a document.

use serde::Serialize;

use super::run::Amount;
use crate::domain::Timestamp;
use crate::report::Subject;
use crate::report::finding::{Finding, Place, Rule};
use crate::sim::oracle::Breach;

#[derive(Debug, Serialize)]
pub struct FindingEntry {
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
    pub fn new(finding: &Finding, subject: &Subject, seeds_run: usize) -> FindingEntry {
        let place: Option<&Place> = match &finding.rule {
            Rule::Invariant { .. } => None,
            Rule::Promise { at, .. } | Rule::Balance { at, .. } | Rule::Count { at, .. } => Some(at),
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
