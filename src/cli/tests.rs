//! Whole commands against made-up results: what is printed where, and the exit code.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};

use super::simulator::{RunRequest, SimulatorError};
use super::*;
use crate::ledger::books::Books;
use crate::policy::file_error::FileError;
use crate::reconcile::close::items::Statement;
use crate::report::tests::{broken, held};
use crate::scenario::Scenario;
use crate::scenario::import::{ImportError, ImportOptions, Imported};
use crate::sim::result::{Progress, RunResult};

type Outcomes = Box<dyn Fn(&Scenario, u64) -> Result<RunResult, SimulatorError>>;

/// Loads as ever, and runs by table.
pub struct MadeUp {
    engine: Outcomes,
    /// Scenario, seed and orders of each run.
    pub ran: RefCell<Vec<(String, u64, u64)>>,
}

impl MadeUp {
    pub fn new(engine: impl Fn(&Scenario, u64) -> Result<RunResult, SimulatorError> + 'static) -> MadeUp {
        MadeUp { engine: Box::new(engine), ran: RefCell::default() }
    }

    pub fn holding() -> MadeUp {
        MadeUp::new(|_, seed| Ok(held(seed)))
    }
}

impl Simulator for MadeUp {
    fn load(&self, path: &Path, orders: Option<u64>) -> Result<Scenario, Box<FileError>> {
        Simulation.load(path, orders)
    }

    fn bad_friday(&self) -> Scenario {
        Simulation.bad_friday()
    }

    fn run(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError> {
        self.ran.borrow_mut().push((scenario.name.to_string(), request.seed, campaign::orders(scenario)));
        progress(Progress::default());
        (self.engine)(scenario, request.seed)
    }

    fn run_with_books(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(RunResult, Books), SimulatorError> {
        Ok((self.run(scenario, request, progress)?, crate::ledger::export::tests::books()))
    }

    fn run_to_close(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(RunResult, Books, Vec<Statement>), SimulatorError> {
        let (result, books) = self.run_with_books(scenario, request, progress)?;
        Ok((result, books, vec![]))
    }

    fn run_naive(
        &self,
        _: &Scenario,
        seed: u64,
        _: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError> {
        Ok(broken(seed))
    }

    fn import(&self, history: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        Simulation.import(history, options)
    }

    fn schema(&self) -> &'static str {
        "{}\n"
    }
}

/// Exit, stdout, stderr.
pub fn command(simulator: &dyn Simulator, line: &str) -> (Exit, String, String) {
    let arguments = Arguments::try_parse_from(line.split_whitespace()).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console::captured(&mut out, &mut err, arguments.talk.json, arguments.talk.quiet);
    let exit = perform(simulator, &arguments.verb, &Interrupt::default(), &mut console);
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// A folder of one test's own, removed at its end.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("plimsoll-cli-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// As printed, at a width that does not depend on the terminal.
fn help(line: &[&str]) -> String {
    Arguments::command().term_width(100).try_get_matches_from(line).unwrap_err().to_string()
}

#[test]
fn the_top_help_fits_forty_lines() {
    let help = help(&["plimsoll", "--help"]);
    assert!(help.lines().count() <= 40, "{}\n{help}", help.lines().count());
    insta::assert_snapshot!(help);
}

#[test]
fn every_verb_shows_examples_before_options() {
    let mut helps = String::new();
    for verb in ["try", "run", "certify", "replay", "import", "schema"] {
        let help = help(&["plimsoll", verb, "--help"]);
        let (examples, options) = (help.find("Examples:").unwrap(), help.find("Options:").unwrap());
        assert!(examples < options, "{help}");
        helps.push_str(&format!("=== {verb}\n{help}"));
    }
    insta::assert_snapshot!(helps);
}

#[test]
fn every_exit_has_its_own_code() {
    let exits = [
        Exit::Held,
        Exit::Failed,
        Exit::Refused,
        Exit::Broken,
        Exit::Inconclusive,
        Exit::Unreachable,
        Exit::NotDeterministic,
    ];
    assert_eq!(exits.map(Exit::code), [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn the_schema_goes_to_stdout() {
    assert_eq!(command(&MadeUp::holding(), "plimsoll schema"), (Exit::Held, "{}\n".into(), String::new()));
}
