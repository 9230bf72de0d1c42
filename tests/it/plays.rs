//! Scenario files loaded, varied and played: what the tests of the whole simulation start from.
//!
//! Not here: any claim; each is a test in a file of its own.

use std::path::{Path, PathBuf};
use std::thread;

use plimsoll::scenario::load::LoadOptions;
use plimsoll::scenario::{Scenario, WeatherKind};
use plimsoll::sim::rehearsal::RunOptions;
use plimsoll::sim::result::RunResult;
use plimsoll::sim::run::run;

/// Threads that share a long list of runs.
pub const THREADS: u64 = 2;

pub fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// A scenario by its name, e.g. `lost/answers`.
pub fn load(name: &str) -> Scenario {
    load_with(name, LoadOptions::default())
}

pub fn load_with(name: &str, options: LoadOptions) -> Scenario {
    let path = scenarios().join(format!("{name}.toml"));
    Scenario::load(&path, options).unwrap_or_else(|refused| panic!("{name}: {refused:?}"))
}

/// The same day with an engine that nobody kills.
pub fn without_kills(mut scenario: Scenario) -> Scenario {
    scenario.weather.retain(|weather| !matches!(weather.what, WeatherKind::EngineKilled { .. }));
    scenario
}

pub fn play(scenario: &Scenario, options: &RunOptions) -> RunResult {
    run(scenario, options, &mut |_| {}).unwrap_or_else(|failed| panic!("{options:?}: {failed}"))
}

/// The invariants that broke, with their first breach: empty when all held.
pub fn breaches(run: &RunResult) -> Vec<String> {
    let broken = run.invariants.iter().filter(|invariant| invariant.broken > 0);
    broken
        .map(|invariant| format!("{} {}: {:?}", invariant.name, invariant.broken, invariant.breaches))
        .collect()
}

/// Runs the check for each number on [`THREADS`] threads. A panic in one of them fails the test.
pub fn on_threads(numbers: std::ops::Range<u64>, check: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (own, check) = (numbers.clone(), &check);
            scope.spawn(move || own.filter(|number| number % THREADS == thread).for_each(check));
        }
    });
}
