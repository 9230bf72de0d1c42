//! `plimsoll check`: the configuration, the policy and both platforms, looked at before anything is begun.

use serde::Serialize;

use super::args::CheckArguments;
use super::console::Console;
use super::exit::Exit;
use super::serve;
use super::trouble::Trouble;
use crate::report::document;
use crate::runtime::check::{Answer, Finding, check};
use crate::runtime::tokio::TokioRuntime;

#[derive(Serialize)]
struct Document<'a> {
    findings: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    what: &'a str,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a str>,
}

/// # Errors
/// A configuration that cannot be used, or output that cannot be written.
pub fn check_all(asked: &CheckArguments, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let config = serve::load(&asked.config)?;
    console.talk(&format!("{} and {} can be read\n", asked.config.display(), config.policy_path.display()));
    let threads = serve::threads()?;
    let runtime = TokioRuntime::on_wall_clock(threads.handle().clone());
    let findings = threads.block_on(check(&config, &runtime)).map_err(|error| Trouble::Service {
        cause: error.to_string(),
        remedy: "install the system's package of root certificates".to_owned(),
    })?;
    let text = match console.json {
        true => document::text(&Document { findings: findings.iter().map(line).collect() }),
        false => findings.iter().map(shown).collect(),
    };
    console.data(&text)?;
    Ok(exit(&findings))
}

/// Whoever cannot be reached comes first: what is wrong beyond is not known yet.
fn exit(findings: &[Finding]) -> Exit {
    let any = |of: fn(&Answer) -> bool| findings.iter().any(|finding| of(&finding.result));
    if any(|answer| matches!(answer, Answer::Unreachable { .. })) {
        Exit::Unreachable
    } else if any(|answer| matches!(answer, Answer::Wrong { .. })) {
        Exit::Refused
    } else {
        Exit::Held
    }
}

fn shown(finding: &Finding) -> String {
    match &finding.result {
        Answer::Good => format!("✓ {}\n", finding.what),
        Answer::Wrong { cause, remedy } | Answer::Unreachable { cause, remedy } => {
            format!("✗ {}: {cause}\n  {remedy}\n", finding.what)
        }
    }
}

fn line(finding: &Finding) -> Line<'_> {
    let (result, said) = match &finding.result {
        Answer::Good => ("good", None),
        Answer::Wrong { cause, remedy } => ("wrong", Some((cause, remedy))),
        Answer::Unreachable { cause, remedy } => ("unreachable", Some((cause, remedy))),
    };
    Line {
        what: &finding.what,
        result,
        cause: said.map(|(cause, _)| cause.as_str()),
        remedy: said.map(|(_, remedy)| remedy.as_str()),
    }
}
