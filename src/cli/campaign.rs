//! Scenarios over their seeds: which, how many orders, in what order, and when to stop.

use std::fs;
use std::path::{Path, PathBuf};

use super::args::{CertifyArguments, Fidelity};
use super::console::Console;
use super::interrupt::Interrupt;
use super::machine::Stopwatch;
use super::progress::{Live, Phase};
use super::simulator::{RunRequest, Simulator};
use super::trouble::Trouble;
use crate::policy::file_error::FileError;
use crate::report::figures::{self, grouped};
use crate::report::finding::Findings;
use crate::report::{Certification, CutShort, Outcome, Subject};
use crate::scenario::{Scenario, Scripted, Seeds};

/// Scenarios with this tag measure load, which takes long, so that they run at a share unless asked for in full.
const LOAD_TAG: &str = "load";
/// 1 %.
const LOAD_SHARE: u64 = 100;

/// A scenario, and what is to be run of it.
pub struct Planned {
    pub scenario: Scenario,
    pub subject: Subject,
    pub seeds: Vec<u64>,
}

impl Planned {
    /// Orders of one run.
    pub fn orders(&self) -> u64 {
        orders(&self.scenario)
    }
}

/// Orders that one run of a scenario places.
pub fn orders(scenario: &Scenario) -> u64 {
    let drawn = scenario.drawn.as_ref().map_or(0, |drawn| drawn.total);
    let recorded = scenario.recorded.as_ref().map_or(0, |recorded| recorded.orders.len() as u64);
    let placed = scenario.scripted.iter().filter(|event| matches!(event.what, Scripted::Order(_)));
    drawn + recorded + placed.count() as u64
}

/// Loads all scenarios, so that a file which cannot be used stops us now and not after an hour.
///
/// # Errors
/// All files that cannot be used.
pub fn plan(
    simulator: &dyn Simulator,
    paths: &[PathBuf],
    asked: &CertifyArguments,
) -> Result<Vec<Planned>, Trouble> {
    let mut planned = Vec::new();
    let mut wrong = Vec::new();
    for path in paths {
        match plan_one(simulator, path, asked) {
            Ok(one) => planned.push(one),
            Err(error) => wrong.push(*error),
        }
    }
    if wrong.is_empty() { Ok(planned) } else { Err(Trouble::Files(wrong)) }
}

fn plan_one(
    simulator: &dyn Simulator,
    path: &Path,
    asked: &CertifyArguments,
) -> Result<Planned, Box<FileError>> {
    let mut scenario = simulator.load(path, asked.orders)?;
    let mut drawn = asked.orders.filter(|_| scenario.drawn.is_some());
    let mut share = None;
    if let (None, false, Some(traffic)) = (asked.orders, asked.full, &scenario.drawn)
        && scenario.tags.iter().any(|tag| &**tag == LOAD_TAG)
    {
        let part = (traffic.total / LOAD_SHARE).max(1);
        share = Some((part, traffic.total));
        drawn = Some(part);
        scenario = simulator.load(path, drawn)?;
    }
    let subject = Subject::new(&scenario, path.to_owned(), drawn, asked.judging.fidelity.name(), share);
    let seeds = match asked.seed {
        Some(seed) => vec![seed],
        None => seeds(&scenario.seeds, asked.seeds),
    };
    Ok(Planned { scenario, subject, seeds })
}

/// The pinned seeds, then so many others counted from 1; at least one.
pub fn seeds(stated: &Seeds, sweep: Option<u32>) -> Vec<u64> {
    let mut seeds = Vec::new();
    for seed in &stated.pinned {
        if !seeds.contains(seed) {
            seeds.push(*seed);
        }
    }
    let pinned = seeds.clone();
    let swept = sweep.unwrap_or(stated.sweep) as usize;
    seeds.extend((1..).filter(|seed| !pinned.contains(seed)).take(swept));
    if seeds.is_empty() {
        seeds.push(1);
    }
    seeds
}

/// How a campaign ends early and what its runs are like.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub fidelity: Fidelity,
    pub fail_fast: bool,
    pub allow_inconclusive: bool,
}

/// Runs every seed of every scenario, telling findings as they come.
pub fn run(
    simulator: &dyn Simulator,
    planned: &[Planned],
    manner: Manner,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Certification {
    let stopwatch = Stopwatch::start();
    let phase = Phase {
        seeds: planned.iter().map(|one| one.seeds.len()).sum(),
        work: planned.iter().map(|one| one.orders() * one.seeds.len() as u64).sum(),
        ..Phase::default()
    };
    let ink = console.err_ink;
    let mut live = Live::new(console, interrupt.clone(), phase);
    let mut findings = Findings::default();
    let mut cut_short = None;
    let mut outcomes: Vec<Outcome> = planned
        .iter()
        .map(|one| Outcome {
            subject: one.subject.clone(),
            seeds: one.seeds.clone(),
            results: Vec::new(),
            efforts: Vec::new(),
        })
        .collect();
    'all: for (position, one) in planned.iter().enumerate() {
        for seed in &one.seeds {
            if interrupt.asked() {
                cut_short = Some(CutShort::Interrupted);
                break 'all;
            }
            live.begin(&one.subject.name, one.orders());
            let of_run = Stopwatch::start();
            let request = RunRequest { seed: *seed, fidelity: manner.fidelity, profile: false };
            let result = match simulator.run(&one.scenario, &request, &mut |progress| live.tick(progress)) {
                Ok(result) => result,
                Err(cause) => {
                    let words = format!("the run of {} with seed {seed} failed: {cause}", one.subject.name);
                    cut_short = Some(CutShort::Failed(words));
                    break 'all;
                }
            };
            for at in findings.add(position, &one.subject, &result, &line_of) {
                let finding = &findings.all()[at];
                let first = finding.breaches.first().map_or(String::new(), |breach| format!("; {breach}"));
                let (mark, broke) = (ink.red("✗"), finding.rule.broke());
                live.above(&format!("{mark} {} seed {seed}: {broke}{first}\n", one.subject.name));
            }
            live.phase.findings = findings.all().len();
            live.end();
            let broken = result.broken();
            outcomes[position].results.push(result);
            outcomes[position].efforts.push(of_run.effort());
            if broken && manner.fail_fast {
                cut_short = Some(CutShort::FailFast);
                break 'all;
            }
        }
    }
    let all_ran = outcomes.iter().all(|outcome| outcome.results.len() == outcome.seeds.len());
    live.finish();
    Certification {
        outcomes,
        findings,
        cut_short: cut_short.filter(|why| !all_ran || matches!(why, CutShort::Failed(_))),
        allow_inconclusive: manner.allow_inconclusive,
        fidelity: manner.fidelity.name(),
        effort: stopwatch.effort(),
    }
}

/// Reads one line of a file again, for the caret. `None` for what is built in.
pub fn line_of(file: &str, line: usize) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().nth(line.checked_sub(1)?).map(str::to_owned)
}

/// The line that says what will be run, so that a pasted log describes itself.
pub fn announcement(planned: &[Planned], fidelity: Fidelity) -> String {
    let runs: usize = planned.iter().map(|one| one.seeds.len()).sum();
    let orders: u64 = planned.iter().map(|one| one.orders() * one.seeds.len() as u64).sum();
    let mut text = format!(
        "plimsoll {}: {}, {}, {}, {} calls\n",
        env!("CARGO_PKG_VERSION"),
        figures::counted(planned.len() as u64, "scenario"),
        figures::counted(runs as u64, "run"),
        figures::counted(orders, "order"),
        fidelity.name(),
    );
    for one in planned {
        if let Some((part, all)) = one.subject.share {
            text.push_str(&format!(
                "{}: 1 % of its orders, {} of {}; --full runs all\n",
                one.subject.name,
                grouped(part),
                grouped(all)
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests;
