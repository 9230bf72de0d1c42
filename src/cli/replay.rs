//! `plimsoll replay`: a failing seed again, and the proof that it did exactly the same.

use std::fs;
use std::path::Path;

use super::args::{Fidelity, JudgingArguments, ReplayArguments};
use super::console::Console;
use super::exit::Exit;
use super::interrupt::Interrupt;
use super::run_once;
use super::simulator::{RunRequest, Simulator};
use super::trouble::Trouble;
use crate::report::Subject;
use crate::report::document;
use crate::report::folder::Case;

/// # Errors
/// A scenario without a seed, a file that cannot be used, or a simulation that could not go on.
pub fn replay(
    simulator: &dyn Simulator,
    asked: &ReplayArguments,
    interrupt: &Interrupt,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let is_case = asked.what.extension().is_some_and(|ending| ending == "json");
    let case = if is_case { Some(case(asked)?) } else { None };
    let (path, seed, orders, judging) = match (&case, asked.seed) {
        (Some(case), _) => {
            let fidelity = fidelity(&asked.what, case)?;
            (&case.scenario, case.seed, case.orders, JudgingArguments { fidelity, ..asked.judging })
        }
        (None, Some(seed)) => (&asked.what, seed, asked.orders, asked.judging),
        (None, None) => {
            return Err(Trouble::Usage {
                cause: "which seed is to be replayed?".to_owned(),
                remedy: format!(
                    "plimsoll replay {} --seed S, with the seed of the failure",
                    asked.what.display()
                ),
            });
        }
    };
    let scenario = simulator.load(path, orders).map_err(|error| Trouble::Files(vec![*error]))?;
    let subject = Subject::new(&scenario, path.clone(), orders, judging.fidelity.name(), None);
    let request = RunRequest { seed, fidelity: judging.fidelity, profile: false };
    let (result, effort) = run_once::watched(simulator, &scenario, &request, interrupt, console)?;
    let verified = case.is_none_or(|case| verified(&case, &result.trace_hash, console));
    let exit = run_once::told(&subject, &result, &effort, judging, console)?;
    Ok(if verified { exit } else { Exit::NotDeterministic })
}

/// Whether this run did exactly what the case says, and tells so.
fn verified(case: &Case, trace_hash: &str, console: &mut Console<'_>) -> bool {
    if *case.trace_hash == *trace_hash {
        console.talk(&format!("✓ the same run: trace {trace_hash} matches the case\n"));
        return true;
    }
    let mark = console.err_ink.red("✗ NOT THE SAME RUN");
    console.complain(&format!(
        "{mark} the case says trace {}, this run came to {trace_hash}.\n  Either the program, the scenario or a file \
         that it builds on has changed since, or the same seed does not do the same.\n",
        case.trace_hash
    ));
    false
}

/// Reads a case.
fn case(asked: &ReplayArguments) -> Result<Case, Trouble> {
    if asked.seed.is_some() || asked.orders.is_some() {
        return Err(Trouble::Usage {
            cause: "a case states its own seed and orders".to_owned(),
            remedy: "leave out --seed and --orders, or give the scenario file instead".to_owned(),
        });
    }
    let path = &asked.what;
    let text = fs::read_to_string(path).map_err(|cause| Trouble::Unreadable { path: path.clone(), cause })?;
    let case: Case = serde_json::from_str(&text).map_err(|error| not_a_case(path, &error.to_string()))?;
    if case.plimsoll != document::VERSION {
        return Err(not_a_case(path, &format!("it is of version {}", case.plimsoll)));
    }
    Ok(case)
}

fn fidelity(path: &Path, case: &Case) -> Result<Fidelity, Trouble> {
    [Fidelity::Typed, Fidelity::Bytes]
        .into_iter()
        .find(|fidelity| fidelity.name() == &*case.fidelity)
        .ok_or_else(|| not_a_case(path, &format!("it names the fidelity `{}`", case.fidelity)))
}

fn not_a_case(path: &Path, cause: &str) -> Trouble {
    Trouble::Usage {
        cause: format!("`{}` is not a case that this program can replay: {cause}", path.display()),
        remedy: "certify --out DIR writes cases to DIR/cases; a scenario file takes --seed".to_owned(),
    }
}

#[cfg(test)]
mod tests;
