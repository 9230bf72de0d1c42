//! One block per distinct failure: money and orders first, what led there, the rule, how to run it again.

use std::fmt::Write;

use super::Subject;
use super::figures;
use super::finding::{Finding, Place, Rule};
use super::ink::Ink;
use crate::sim::oracle::Breach;

/// Breaches told in full.
const BREACHES_SHOWN: usize = 3;
/// Enough to see what happened, few enough to be read.
const TIMELINE_LINES: usize = 6;
/// Column at which the headline's seed and instant begin, if there is room.
const HEADLINE_WIDTH: usize = 60;

/// The block, ended by a line break.
///
/// `runs` is how many seeds of the scenario ran. `replay` is the one command that shows it again.
pub fn block(finding: &Finding, subject: &Subject, runs: usize, replay: &str, ink: Ink) -> String {
    let mut text = String::new();
    let broke = finding.rule.broke();
    let when = finding.at().map_or(String::new(), |at| {
        format!(" · {} simulated", figures::clock(at, subject.starts, &subject.zone))
    });
    let gap = HEADLINE_WIDTH.saturating_sub(broke.chars().count()).max(2);
    let seed = format!("seed {}{when}", finding.seed);
    line(&mut text, &format!("{}   {}{:gap$}{}", ink.red("✗ BROKEN"), ink.bold(&broke), "", ink.dim(&seed)));
    consequences(&mut text, finding, ink);
    if !finding.timeline.is_empty() {
        text.push('\n');
        let from = finding.timeline.len().saturating_sub(TIMELINE_LINES);
        for (at, what) in &finding.timeline[from..] {
            let clock = figures::clock(*at, subject.starts, &subject.zone);
            line(&mut text, &format!("  {}  {what}", ink.dim(&clock)));
        }
    }
    text.push('\n');
    match &finding.rule {
        Rule::Invariant { claim, .. } => line(&mut text, &format!("  rule      {claim} (always on)")),
        Rule::Promise { limit, at, .. } => caret(&mut text, at, limit, "this promise", ink),
        Rule::Balance { stated, at, .. } => caret(&mut text, at, &stated.to_string(), "this balance", ink),
        Rule::Count { at, .. } => caret(&mut text, at, "", "this expectation", ink),
    }
    line(&mut text, &format!("  scenario  {}: {}", subject.name, subject.title));
    if runs > 1 {
        let shown = if finding.seeds.len() > 1 { ", smallest shown" } else { "" };
        line(
            &mut text,
            &format!(
                "  seen      in {} of {}{shown}",
                finding.seeds.len(),
                figures::counted(runs as u64, "seed")
            ),
        );
    }
    line(&mut text, &format!("  replay    {}", ink.bold(replay)));
    text
}

/// The breaches in words, money first, and what is at risk in all.
fn consequences(text: &mut String, finding: &Finding, ink: Ink) {
    for breach in finding.breaches.iter().take(BREACHES_SHOWN) {
        line(text, &format!("  {}", said(breach, ink)));
    }
    let more = finding.breaches.len().saturating_sub(BREACHES_SHOWN);
    let at_risk = finding.at_risk();
    let kept_all = match &finding.rule {
        Rule::Invariant { broken, .. } => *broken == finding.breaches.len() as u64,
        _ => true,
    };
    let at_least = if kept_all { "" } else { "at least " };
    let total = match at_risk.is_empty() {
        true => String::new(),
        false => format!("{at_least}{} at risk", figures::listed(&at_risk)),
    };
    match (more, total.is_empty()) {
        (0, true) => {}
        (0, false) if finding.breaches.len() == 1 && kept_all => {}
        (0, false) => line(text, &format!("  in all {total}")),
        (more, true) => line(text, &format!("  and {} more", figures::grouped(more as u64))),
        (more, false) => line(text, &format!("  and {} more; in all {total}", figures::grouped(more as u64))),
    }
}

fn said(breach: &Breach, ink: Ink) -> String {
    match breach.money {
        Some(money) => format!("{} · {}: {}", ink.bold(&money.to_string()), breach.what, breach.said),
        None => format!("{}: {}", breach.what, breach.said),
    }
}

/// The line of the scenario file with the rule underlined.
fn caret(text: &mut String, place: &Place, underlined: &str, label: &str, ink: Ink) {
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    line(text, &format!("  {margin} ┌ {}:{number}", place.file));
    let Some(source) = &place.text else { return };
    let source = source.trim_end();
    let (start, length) = match source.find(underlined) {
        Some(at) if !underlined.is_empty() => (source[..at].chars().count(), underlined.chars().count()),
        _ => {
            let indent = source.chars().take_while(|c| c.is_whitespace()).count();
            (indent, source.chars().count() - indent)
        }
    };
    line(text, &format!("  {number} │ {source}"));
    let under = format!("{}{} {label}", " ".repeat(start), "─".repeat(length.max(1)));
    line(text, &format!("  {margin} │ {}", ink.red(&under)));
}

/// Adds a line without blanks at its end.
fn line(text: &mut String, line: &str) {
    writeln!(text, "{}", line.trim_end()).expect("a string takes any text");
}

#[cfg(test)]
mod tests;
