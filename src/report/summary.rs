//! A certification in at most forty lines of Markdown, for a CI step summary.

use super::figures::{self, grouped};
use super::{Certification, mark, open_questions};
use crate::sim::result::Verdict;

pub const LINES_MAX: usize = 40;

/// Parts have fixed shares, so that many scenarios cannot crowd out what broke.
const ROWS_MAX: usize = 13;
const FINDINGS_MAX: usize = 6;
const OPEN_MAX: usize = 5;

pub fn markdown(certification: &Certification) -> String {
    let verdict = certification.verdict();
    let (shape, word) = mark(verdict);
    let mut lines =
        vec![format!("## {shape} {word}"), String::new(), format!("{}.", certification.sentence())];
    lines.push(String::new());
    rows(certification, &mut lines);
    findings(certification, &mut lines);
    open(certification, &mut lines);
    let effort = &certification.effort;
    let cpu = effort.cpu.map_or(String::new(), |cpu| format!(", {} of CPU", figures::wall(cpu)));
    let memory =
        effort.peak_rss_bytes.map_or(String::new(), |bytes| format!(", {}", figures::mebibytes(bytes)));
    lines.push(String::new());
    lines.push(format!(
        "plimsoll {}, {} calls, {}{cpu}{memory}",
        env!("CARGO_PKG_VERSION"),
        certification.fidelity,
        figures::wall(effort.wall)
    ));
    lines.join("\n") + "\n"
}

/// What broke first, then what is open, then the rest in order.
fn rows(certification: &Certification, lines: &mut Vec<String>) {
    lines.push("| scenario | seeds | orders | calls | verdict |".to_owned());
    lines.push("| --- | ---: | ---: | ---: | --- |".to_owned());
    let mut outcomes: Vec<_> = certification.outcomes.iter().collect();
    outcomes.sort_by_key(|outcome| match outcome.verdict() {
        Verdict::Broken => 0,
        Verdict::Inconclusive => 1,
        Verdict::Held => 2,
    });
    for outcome in outcomes.iter().take(ROWS_MAX) {
        let (shape, word) = mark(outcome.verdict());
        lines.push(format!(
            "| {} | {} | {} | {} | {shape} {} |",
            cell(&outcome.subject.name),
            outcome.results.len(),
            grouped(outcome.orders()),
            grouped(outcome.calls()),
            word.to_lowercase()
        ));
    }
    more(outcomes.len(), ROWS_MAX, "scenario", lines);
}

fn findings(certification: &Certification, lines: &mut Vec<String>) {
    let found = certification.findings.all();
    if found.is_empty() {
        return;
    }
    lines.push(String::new());
    for finding in found.iter().take(FINDINGS_MAX) {
        let outcome = &certification.outcomes[finding.scenario];
        let first = finding.breaches.first().map_or(String::new(), |breach| format!("{breach}. "));
        lines.push(format!(
            "- **{}** {}`{}`",
            cell(&finding.rule.broke()),
            cell(&first),
            outcome.subject.replay_command(finding.seed)
        ));
    }
    more(found.len(), FINDINGS_MAX, "finding", lines);
}

fn open(certification: &Certification, lines: &mut Vec<String>) {
    let open = open_questions(certification);
    if open.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.extend(open.iter().take(OPEN_MAX).map(|open| format!("- not exercised: {}", cell(open))));
    more(open.len(), OPEN_MAX, "open question", lines);
}

fn more(all: usize, shown: usize, noun: &str, lines: &mut Vec<String>) {
    if let Some(hidden) = all.checked_sub(shown).filter(|hidden| *hidden > 0) {
        lines.push(String::new());
        lines.push(format!(
            "and {}, in report.json",
            figures::counted(hidden as u64, &format!("more {noun}"))
        ));
    }
}

/// One line, without what Markdown would take for the edge of a column.
fn cell(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace('|', "\\|")
}

#[cfg(test)]
mod tests;
