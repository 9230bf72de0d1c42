//! The real thing behind [`Simulator`]: scenario files from disk, and the simulation of this crate.

use std::path::Path;

use super::args::Fidelity;
use super::simulator::{RunRequest, Simulator, SimulatorError};
use crate::policy::file_error::FileError;
use crate::scenario::Scenario;
use crate::scenario::import::{ImportError, ImportOptions, Imported, import};
use crate::scenario::load::{LoadOptions, SCHEMA};
use crate::sim::rehearsal::RunOptions;
use crate::sim::result::{Progress, RunResult};
use crate::sim::{run, transports};

/// Has no state: a run is a function of scenario and seed.
#[derive(Debug, Clone, Copy)]
pub struct Simulation;

/// There is nothing to compare the engine with.
#[derive(Debug, thiserror::Error)]
#[error("this build carries no naive connector")]
struct NoNaiveConnector;

/// The files of the day that `try` plays, by the paths under which they name each other.
const BAD_FRIDAY: [(&str, &str); 3] = [
    ("scenarios/lost/answers.toml", include_str!("../../scenarios/lost/answers.toml")),
    ("scenarios/shops/harbour.toml", include_str!("../../scenarios/shops/harbour.toml")),
    ("scenarios/policies/harbour.toml", include_str!("../../scenarios/policies/harbour.toml")),
];

impl Simulator for Simulation {
    fn load(&self, path: &Path, orders: Option<u64>) -> Result<Scenario, Box<FileError>> {
        Scenario::load(path, LoadOptions { orders })
    }

    fn bad_friday(&self) -> Result<Scenario, Box<FileError>> {
        let built_in = |path: &Path| {
            let found = BAD_FRIDAY.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| std::io::ErrorKind::NotFound.into())
        };
        Scenario::load_with(Path::new(BAD_FRIDAY[0].0), LoadOptions::default(), &built_in)
    }

    fn run(
        &self,
        scenario: &Scenario,
        request: &RunRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError> {
        let fidelity = match request.fidelity {
            Fidelity::Typed => transports::Fidelity::Typed,
            Fidelity::Bytes => transports::Fidelity::Bytes,
        };
        let options = RunOptions { seed: request.seed, fidelity, ..RunOptions::default() };
        Ok(run::run(scenario, &options, progress)?)
    }

    fn run_naive(
        &self,
        _scenario: &Scenario,
        _seed: u64,
        _progress: &mut dyn FnMut(Progress),
    ) -> Result<RunResult, SimulatorError> {
        Err(Box::new(NoNaiveConnector))
    }

    fn import(&self, history: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
        import(history, options)
    }

    fn schema(&self) -> &'static str {
        SCHEMA
    }
}

#[cfg(test)]
mod tests;
