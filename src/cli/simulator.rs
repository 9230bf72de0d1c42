//! What the commands ask of the simulation.
//!
//! Two stand behind it: [`super::simulation`], and in the tests of this room a table of made-up results.

use std::error::Error;
use std::path::Path;

use super::args::Fidelity;
use crate::ledger::books::Books;
use crate::policy::file_error::FileError;
use crate::reconcile::close::items::Statement;
use crate::scenario::Scenario;
use crate::scenario::import::{ImportError, ImportOptions, Imported};
use crate::sim::result::{Progress, RunResult};

/// An error of our own, not of the integration under test: exit code 1.
pub type SimulatorError = Box<dyn Error>;

/// One run of one scenario.
#[derive(Debug, Clone, Copy)]
pub struct RunRequest {
    pub seed: u64,
    pub fidelity: Fidelity,
    /// Keep account of where the time goes.
    pub profile: bool,
}

pub trait Simulator {
    /// Reads a scenario with the files that it builds on. `orders` are drawn instead of the file's total.
    ///
    /// # Errors
    /// The first thing in one of the files that is wrong, with its place.
    fn load(&self, path: &Path, orders: Option<u64>) -> Result<Scenario, Box<FileError>>;

    /// The built-in day of `try`, which needs no file.
    fn bad_friday(&self) -> Scenario;

    /// Runs the engine. `progress` is told at most some thousand times how far it has come.
    ///
    /// # Errors
    /// What kept the simulation itself from going on. A broken promise is no error but a result.
    fn run(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError>;

    /// As [`Simulator::run`], with NetSuite's ledger as it stands at rest.
    ///
    /// # Errors
    /// As [`Simulator::run`].
    fn run_with_books(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(RunResult, Books), SimulatorError>;

    /// As [`Simulator::run_with_books`], with what the processor's accounts say at rest.
    ///
    /// # Errors
    /// As [`Simulator::run`].
    fn run_to_close(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(RunResult, Books, Vec<Statement>), SimulatorError>;

    /// Runs a connector that trusts every webhook and every answer, on the same world and luck.
    ///
    /// # Errors
    /// As [`Simulator::run`].
    fn run_naive(
        &self,
        scenario: &Scenario,
        seed: u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError>;

    /// Makes scenarios of a trading history.
    ///
    /// # Errors
    /// A history that cannot be read or does not add up.
    fn import(&self, history: &Path, options: &ImportOptions) -> Result<Imported, ImportError>;

    /// The JSON Schema of scenario files.
    fn schema(&self) -> &'static str;
}
