//! `plimsoll run`, and what `replay` shares with it: one scenario, one seed, and what it came to.

use super::args::{JudgingArguments, RunArguments};
use super::campaign;
use super::console::Console;
use super::exit::Exit;
use super::interrupt::Interrupt;
use super::machine::Stopwatch;
use super::progress::{Live, Phase};
use super::simulator::{RunRequest, Simulator, SimulatorError};
use super::trouble::Trouble;
use crate::ledger::{self, books::Books};
use crate::report::document::{self, RunDocument};
use crate::report::finding::Findings;
use crate::report::folder::Folder;
use crate::report::{Effort, Subject, account, failure, figures, mark};
use crate::scenario::Scenario;
use crate::sim::result::{Progress, RunResult, Verdict, never_exercised, verdict};

/// # Errors
/// A file that cannot be used, or a simulation that could not go on.
pub fn run(
    simulator: &dyn Simulator,
    asked: &RunArguments,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let scenario =
        simulator.load(&asked.scenario, asked.orders).map_err(|error| Trouble::Files(vec![*error]))?;
    let orders = asked.orders.filter(|_| scenario.drawn.is_some());
    let subject =
        Subject::new(&scenario, asked.scenario.clone(), orders, asked.judging.fidelity.name(), None);
    let seed = asked.seed.unwrap_or_else(|| campaign::seeds(&scenario.seeds, Some(0))[0]);
    let request = RunRequest { seed, fidelity: asked.judging.fidelity, profile: asked.profile };
    let (result, effort) = if asked.export.is_empty() {
        watched(simulator, &scenario, &request, interrupt, console)?
    } else {
        let ((result, books), effort) = watching(&scenario, &request, interrupt, console, |progress| {
            simulator.run_with_books(&scenario, &request, progress)
        })?;
        export(&books, &scenario, seed, asked, console)?;
        (result, effort)
    };
    told(&subject, &result, &effort, asked.judging, console)
}

/// Runs with live progress.
///
/// # Errors
/// A simulation that could not go on.
pub fn watched(
    simulator: &dyn Simulator,
    scenario: &Scenario,
    request: &RunRequest,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Result<(RunResult, Effort), Trouble> {
    watching(scenario, request, interrupt, console, |progress| simulator.run(scenario, request, progress))
}

/// Does the run with live progress, whatever it gives back.
///
/// # Errors
/// A simulation that could not go on.
pub fn watching<T>(
    scenario: &Scenario,
    request: &RunRequest,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
    run: impl FnOnce(&mut dyn FnMut(Progress)) -> Result<T, SimulatorError>,
) -> Result<(T, Effort), Trouble> {
    console.talk(&format!(
        "plimsoll {}: {}, seed {}, {} calls\n",
        env!("CARGO_PKG_VERSION"),
        scenario.name,
        request.seed,
        request.fidelity.name()
    ));
    let orders = campaign::orders(scenario);
    let mut live =
        Live::new(console, interrupt.clone(), Phase { seeds: 1, work: orders, ..Phase::default() });
    live.begin(&scenario.name, orders);
    let stopwatch = Stopwatch::start();
    let result = run(&mut |progress| live.tick(progress));
    let effort = stopwatch.effort();
    live.finish();
    let failed = |cause| Trouble::Simulation { what: format!("the run of {}", scenario.name), cause };
    Ok((result.map_err(failed)?, effort))
}

/// Writes the ledger in each format into the folder, named for scenario and seed.
fn export(
    books: &Books,
    scenario: &Scenario,
    seed: u64,
    asked: &RunArguments,
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    let folder = Folder::prepare(&asked.out).map_err(Trouble::Folder)?;
    for format in &asked.export {
        let mut text = String::new();
        ledger::export::write(books, &scenario.name, format.of_ledger(), &mut text)
            .expect("a string takes any text");
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
        let name: String = scenario.name.chars().map(plain).collect();
        let file = format!("{name}-{seed}.{}", format.of_ledger().name());
        folder.put(&file, &text).map_err(Trouble::Report)?;
        console.talk(&format!("wrote {}\n", folder.path().join(file).display()));
    }
    Ok(())
}

/// Tells what a run came to, as text or JSON.
///
/// # Errors
/// The output cannot be written.
pub fn told(
    subject: &Subject,
    result: &RunResult,
    effort: &Effort,
    judging: JudgingArguments,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let mut findings = Findings::default();
    findings.add(0, subject, result, &campaign::line_of);
    let alone = std::slice::from_ref(result);
    let found = verdict(alone);
    if console.json {
        let fidelity = judging.fidelity.name();
        let document = RunDocument::new(subject, result, effort, fidelity, findings.all());
        console.data(&document::text(&document))?;
    } else {
        let ink = console.ink;
        let mut text = account::page(subject, result, effort, ink);
        for finding in findings.all() {
            let replay = subject.replay_command(finding.seed);
            text.push('\n');
            text.push_str(&failure::block(finding, subject, 1, &replay, ink));
        }
        let open = never_exercised(alone);
        let (shape, word) = mark(found);
        let because = match found {
            Verdict::Held => "every promise and invariant held in this run".to_owned(),
            Verdict::Broken => figures::counted(findings.all().len() as u64, "finding"),
            Verdict::Inconclusive => format!("nothing broke, but {}", open.join("; ")),
        };
        text.push_str(&format!("\n{}   {because}\n", ink.verdict(found, &format!("{shape} {word}"))));
        console.data(&text)?;
    }
    Ok(match found {
        Verdict::Held => Exit::Held,
        Verdict::Broken => Exit::Broken,
        Verdict::Inconclusive if judging.allow_inconclusive => Exit::Held,
        Verdict::Inconclusive => Exit::Inconclusive,
    })
}

#[cfg(test)]
mod tests;
