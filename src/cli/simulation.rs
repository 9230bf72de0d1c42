//! The real thing behind [`Simulator`]: scenario files from disk, and the simulation of this crate.

use std::path::Path;

use super::args::Fidelity;
use super::machine;
use super::simulator::{RunRequest, Simulator, SimulatorError};
use crate::ledger::books::Books;
use crate::policy::file_error::FileError;
use crate::reconcile::close::items::Statement;
use crate::scenario::import::{ImportError, ImportOptions, Imported, import};
use crate::scenario::load::{LoadOptions, SCHEMA};
use crate::scenario::{Scenario, built_in};
use crate::sim::meter::Clock;
use crate::sim::rehearsal::RunOptions;
use crate::sim::result::{Progress, RunResult};
use crate::sim::{naive, run, transports};

/// Has no state: a run is a function of scenario and seed.
#[derive(Debug, Clone, Copy)]
pub struct Simulation;

impl Simulator for Simulation {
    fn load(&self, path: &Path, orders: Option<u64>) -> Result<Scenario, Box<FileError>> {
        Scenario::load(path, LoadOptions { orders })
    }

    fn bad_friday(&self) -> Scenario {
        built_in::bad_friday()
    }

    fn run(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError> {
        Ok(run::run(scenario, &options(request), progress)?)
    }

    fn run_with_books(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(RunResult, Books), SimulatorError> {
        let (result, books, _) = run::run_with_books(scenario, &options(request), progress)?;
        Ok((result, books))
    }

    fn run_to_close(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(RunResult, Books, Vec<Statement>), SimulatorError> {
        Ok(run::run_to_close(scenario, &options(request), progress)?)
    }

    fn run_naive(
        &self,
        scenario: &Scenario,
        seed: u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError> {
        Ok(naive::run(scenario, seed, progress)?)
    }

    fn import(&self, history: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        import(history, options)
    }

    fn schema(&self) -> &'static str {
        SCHEMA
    }
}

fn options(request: &RunRequest) -> RunOptions {
    let fidelity = match request.fidelity {
        Fidelity::Typed => transports::Fidelity::Typed,
        Fidelity::Bytes => transports::Fidelity::Bytes,
        Fidelity::Http => transports::Fidelity::Http,
    };
    let clock = request.profile.then_some(machine::nanoseconds as Clock);
    RunOptions { seed: request.seed, fidelity, clock, ..RunOptions::default() }
}
