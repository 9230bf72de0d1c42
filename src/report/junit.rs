//! JUnit XML for CI: a suite for each scenario, a case for each invariant, promise, balance and weather of it.
//!
//! What was never exercised is *skipped*, because a case that passes without having been checked would lie.

use std::fmt::Write;

use super::finding::Finding;
use super::ink::Ink;
use super::{Certification, Outcome, failure};

/// The whole file.
pub fn xml(certification: &Certification) -> String {
    let suites: Vec<Suite> =
        (0..certification.outcomes.len()).map(|at| Suite::new(certification, at)).collect();
    let total = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    write_line(
        &mut text,
        format_args!(
            "<testsuites name=\"plimsoll\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{}\">",
            total(|suite| suite.cases.len()),
            total(Suite::failures),
            total(Suite::skipped),
            seconds(certification.effort.wall),
        ),
    );
    for suite in &suites {
        suite.write(&mut text);
    }
    text.push_str("</testsuites>\n");
    text
}

struct Suite {
    name: String,
    time: std::time::Duration,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    result: CaseResult,
}

enum CaseResult {
    Passed,
    /// A line, and the whole block.
    Failed(String, String),
    Skipped(&'static str),
}

impl Suite {
    fn new(certification: &Certification, at: usize) -> Suite {
        let outcome = &certification.outcomes[at];
        let mut cases = Vec::new();
        if let Some(first) = outcome.results.first() {
            for (position, invariant) in first.invariants.iter().enumerate() {
                let seen = || outcome.results.iter().filter_map(|run| run.invariants.get(position));
                let not_checked = if seen().any(|invariant| invariant.called_for) {
                    "never checked, although the traffic calls for it"
                } else {
                    "not called for by this scenario's traffic"
                };
                let checked = seen().any(|invariant| invariant.checked > 0);
                let failed = failed(certification, at, "invariant", invariant.name);
                cases.push(Case::new(format!("invariant {}", invariant.name), failed, checked, not_checked));
            }
            for (position, promise) in first.promises.iter().enumerate() {
                let measured = outcome
                    .results
                    .iter()
                    .any(|run| run.promises.get(position).is_some_and(|promise| promise.held.is_some()));
                let failed = failed(certification, at, "promise", &promise.name);
                let name = format!("promise {} {}", promise.name, promise.limit);
                cases.push(Case::new(name, failed, measured, "never measured"));
            }
            for expected in &first.expectations {
                let account = match outcome.subject.accounts.get(&expected.account) {
                    Some(name) => format!("account {} ({name})", expected.account),
                    None => format!("account {}", expected.account),
                };
                let failed = failed(certification, at, "balance", &account);
                cases.push(Case::new(format!("balance of {account}"), failed, true, ""));
            }
            for expected in &first.expected_orders {
                let name = format!("{} of the sales order of {}", expected.what.name(), expected.order);
                let failed = failed(certification, at, "balance", &name);
                cases.push(Case::new(name, failed, true, ""));
            }
            for (position, weather) in first.weather.iter().enumerate() {
                let seen = outcome
                    .results
                    .iter()
                    .any(|run| run.weather.get(position).is_some_and(|weather| weather.took_effect > 0));
                cases.push(Case::new(format!("weather {}", weather.what), None, seen, "never took effect"));
            }
        } else {
            cases.push(Case::new("run".to_owned(), None, false, "not run"));
        }
        Suite {
            name: outcome.subject.name.to_string(),
            time: outcome.efforts.iter().map(|effort| effort.wall).sum(),
            cases,
        }
    }

    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| matches!(case.result, CaseResult::Failed(..))).count()
    }

    fn skipped(&self) -> usize {
        self.cases.iter().filter(|case| matches!(case.result, CaseResult::Skipped(_))).count()
    }

    fn write(&self, text: &mut String) {
        let name = escaped(&self.name);
        write_line(
            text,
            format_args!(
                "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{}\">",
                self.cases.len(),
                self.failures(),
                self.skipped(),
                seconds(self.time),
            ),
        );
        for case in &self.cases {
            let opening = format!("    <testcase classname=\"{name}\" name=\"{}\"", escaped(&case.name));
            match &case.result {
                CaseResult::Passed => write_line(text, format_args!("{opening}/>")),
                CaseResult::Skipped(why) => write_line(
                    text,
                    format_args!("{opening}><skipped message=\"{}\"/></testcase>", escaped(why)),
                ),
                CaseResult::Failed(line, block) => write_line(
                    text,
                    format_args!(
                        "{opening}><failure message=\"{}\">{}</failure></testcase>",
                        escaped(line),
                        escaped(block)
                    ),
                ),
            }
        }
        text.push_str("  </testsuite>\n");
    }
}

impl Case {
    fn new(name: String, failed: Option<CaseResult>, exercised: bool, otherwise: &'static str) -> Case {
        let result = match failed {
            Some(failed) => failed,
            None if exercised => CaseResult::Passed,
            None => CaseResult::Skipped(otherwise),
        };
        Case { name, result }
    }
}

/// All findings of one rule as one failure.
fn failed(certification: &Certification, at: usize, kind: &str, name: &str) -> Option<CaseResult> {
    let outcome: &Outcome = &certification.outcomes[at];
    let of_rule = |finding: &&Finding| finding.rule.kind() == kind && finding.rule.name() == name;
    let findings: Vec<&Finding> = certification.findings.of(at).filter(of_rule).collect();
    let line = findings.first()?.rule.broke();
    let blocks = findings.iter().map(|finding| {
        let replay = outcome.subject.replay_command(finding.seed);
        failure::block(finding, &outcome.subject, outcome.results.len(), &replay, Ink::PLAIN)
    });
    Some(CaseResult::Failed(line, blocks.collect::<Vec<_>>().join("\n")))
}

fn seconds(length: std::time::Duration) -> String {
    format!("{}.{:03}", length.as_secs(), length.subsec_millis())
}

/// For attribute values and text alike. Characters that XML 1.0 cannot hold become `?`.
///
/// Source: Extensible Markup Language (XML) 1.0, §2.2 "Characters" and §2.4 "Character Data and Markup".
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' | '\t' => escaped.push(c),
            '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => escaped.push('?'),
            _ => escaped.push(c),
        }
    }
    escaped
}

fn write_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a string takes any text");
    text.push('\n');
}

#[cfg(test)]
mod tests;
