//! `plimsoll certify`: all scenarios, all seeds, every promise and invariant; a table, the failures, a verdict.

use super::against::Against;
use super::args::CertifyArguments;
use super::campaign::{self, Manner};
use super::console::Console;
use super::discover;
use super::exit::Exit;
use super::interrupt::Interrupt;
use super::simulator::Simulator;
use super::trouble::Trouble;
use crate::report::document::{self, CertificationDocument};
use crate::report::folder::Folder;
use crate::report::ink::Ink;
use crate::report::{Certification, CutShort, failure, mark, open_questions, table};
use crate::sim::result::Verdict;

/// # Errors
/// What could not be read, written or run at all; a broken promise is no error but an exit.
pub fn certify(
    simulator: &dyn Simulator,
    asked: &CertifyArguments,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let paths = discover::scenarios(&asked.paths)?;
    let planned = campaign::plan(simulator, &paths, asked)?;
    let against = Against::of(&asked.against, &planned, interrupt)?;
    let simulator: &dyn Simulator = match &against {
        Some(against) => against,
        None => simulator,
    };
    // Before anything runs: an hour of seeds is not to end with a full disk or a mistyped path.
    let folder = asked.out.as_deref().map(Folder::prepare).transpose().map_err(Trouble::Folder)?;
    console.talk(&campaign::announcement(&planned, asked.judging.fidelity));
    let manner = Manner {
        fidelity: asked.judging.fidelity,
        fail_fast: asked.fail_fast,
        allow_inconclusive: asked.judging.allow_inconclusive,
    };
    let certification = campaign::run(simulator, &planned, manner, interrupt, console);
    let written = folder.as_ref().map_or(Ok(()), |folder| folder.write(&certification));
    if console.json {
        console.data(&document::text(&CertificationDocument::new(&certification)))?;
        let sentence = last_line(&certification, console.err_ink);
        console.talk(&sentence);
    } else {
        console.data(&text(&certification, folder.as_ref(), console.ink))?;
    }
    written.map_err(Trouble::Report)?;
    if let Some(folder) = &folder {
        console
            .talk(&format!("written to {}: report.json, junit.xml, summary.md\n", folder.path().display()));
    }
    Ok(exit(&certification))
}

/// The answer that the process gives.
pub fn exit(certification: &Certification) -> Exit {
    match certification.verdict() {
        Verdict::Broken => Exit::Broken,
        _ if matches!(certification.cut_short, Some(CutShort::Failed(_))) => Exit::Failed,
        Verdict::Held => Exit::Held,
        Verdict::Inconclusive if certification.allow_inconclusive => Exit::Held,
        Verdict::Inconclusive => Exit::Inconclusive,
    }
}

/// Table, failures, what was never exercised, verdict.
fn text(certification: &Certification, folder: Option<&Folder>, ink: Ink) -> String {
    let mut text = table::certification(certification, ink);
    for finding in certification.findings.all() {
        let outcome = &certification.outcomes[finding.scenario];
        let replay = match folder {
            Some(folder) => {
                format!("plimsoll replay {}", folder.case_path(finding, &outcome.subject).display())
            }
            None => outcome.subject.replay_command(finding.seed),
        };
        text.push('\n');
        text.push_str(&failure::block(finding, &outcome.subject, outcome.results.len(), &replay, ink));
    }
    let open = open_questions(certification);
    if !open.is_empty() {
        text.push_str(&format!("\n{}\n", ink.yellow("? Not exercised, so not proven")));
        text.extend(open.iter().map(|open| format!("  {open}\n")));
    }
    let not_covered = certification.outcomes.iter().map(|outcome| &outcome.subject);
    let not_covered: Vec<String> = not_covered
        .filter(|subject| !subject.not_covered.is_empty())
        .map(|subject| {
            let what: Vec<&str> = subject.not_covered.iter().map(|(what, _)| &**what).collect();
            format!("  {}: {}\n", subject.name, what.join(", "))
        })
        .collect();
    if !not_covered.is_empty() {
        text.push_str("\nNot covered, as the scenarios say\n");
        text.extend(not_covered);
    }
    text.push('\n');
    text.push_str(&last_line(certification, ink));
    text
}

fn last_line(certification: &Certification, ink: Ink) -> String {
    let verdict = certification.verdict();
    let (shape, word) = mark(verdict);
    let status = match &certification.cut_short {
        Some(CutShort::Failed(_)) => ink.red("✗ FAILED"),
        Some(_) => ink.verdict(verdict, &format!("{shape} {word} PARTIAL")),
        None => ink.verdict(verdict, &format!("{shape} {word}")),
    };
    format!("{status}   {}\n", certification.sentence())
}

#[cfg(test)]
mod tests;
