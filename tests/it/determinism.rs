//! A run is a function of scenario, seed and code; and the books are the same however calls are spelled and whoever
//! schedules the tasks.
//!
//! Debug against release, and one process against another: `tests/determinism.sh`.

use std::thread;

use plimsoll::domain::Timestamp;
use plimsoll::ports::Runtime;
use plimsoll::runtime::tokio::TokioRuntime;
use plimsoll::scenario::{Scenario, WeatherKind};
use plimsoll::sim::audit::{Ended, audit};
use plimsoll::sim::rehearsal::{Rehearsal, RunOptions};
use plimsoll::sim::result::RunResult;
use plimsoll::sim::transports::Fidelity;

use crate::plays::{breaches, load, on_threads, play, without_kills};

/// Weather whose outcome depends on which of two events comes first, so that other timing may rightly end in other
/// books: a posting period that is locked, an item that is inactive for a while. Excluded by name, so that it stays
/// out should the storm ever schedule it.
fn depends_on_timing(weather: &WeatherKind) -> bool {
    matches!(weather, WeatherKind::PeriodLocked { .. } | WeatherKind::ItemInactive { .. })
}

/// The storm with nothing in it that another timing may rightly book otherwise.
fn storm() -> Scenario {
    let mut storm = load("crash/storm");
    storm.weather.retain(|weather| !depends_on_timing(&weather.what));
    storm
}

fn with_seed(seed: u64) -> RunOptions {
    RunOptions { seed, ..RunOptions::default() }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_the_same_books_every_time() {
    let storm = load("crash/storm");
    on_threads(0..20, |seed| {
        let (first, second) = (play(&storm, &with_seed(seed)), play(&storm, &with_seed(seed)));
        assert_eq!(first.trace_hash, second.trace_hash, "seed {seed}");
        assert_eq!(first.ledger_hash, second.ledger_hash, "seed {seed}");
        assert_eq!(format!("{first:?}"), format!("{second:?}"), "seed {seed}");
    });
}

#[test]
fn another_seed_gives_another_trace() {
    let storm = load("crash/storm");
    assert_ne!(play(&storm, &with_seed(1)).trace_hash, play(&storm, &with_seed(2)).trace_hash);
}

/// Memory is laid out differently on each thread: each first fills its heap in a pattern of its own and keeps some
/// of it.
#[test]
fn the_same_seed_gives_the_same_trace_on_any_thread_whatever_its_memory_holds() {
    let expected = play(&load("crash/anywhere"), &with_seed(3));
    thread::scope(|scope| {
        for pattern in 1..=4usize {
            let expected = &expected;
            scope.spawn(move || {
                let mut ballast: Vec<Vec<u8>> =
                    (0..1_000).map(|at| vec![pattern as u8; 1 + at * pattern * 37 % 4_096]).collect();
                let mut at = 0;
                ballast.retain(|_| {
                    at += 1;
                    at % (pattern + 1) == 0
                });
                let scenario = load("crash/anywhere");
                let found = play(&scenario, &with_seed(3));
                assert_eq!(found.trace_hash, expected.trace_hash, "pattern {pattern}");
                assert_eq!(found.ledger_hash, expected.ledger_hash, "pattern {pattern}");
                drop(ballast);
            });
        }
    });
}

#[test]
fn the_books_are_the_same_whether_calls_cross_as_types_or_as_text() {
    let storm = storm();
    on_threads(0..100, |seed| {
        let typed = play(&storm, &with_seed(seed));
        let bytes = play(&storm, &RunOptions { fidelity: Fidelity::Bytes, ..with_seed(seed) });
        assert_eq!(breaches(&typed), Vec::<String>::new(), "seed {seed}, typed");
        assert_eq!(breaches(&bytes), Vec::<String>::new(), "seed {seed}, bytes");
        assert_eq!(typed.ledger_hash, bytes.ledger_hash, "seed {seed}");
        assert_eq!(typed.trace_hash, bytes.trace_hash, "seed {seed}");
    });
}

/// A socket of this machine is crossed by each call, with the real transports on one side and the twins' faces on the
/// other.
#[test]
fn the_books_are_the_same_whether_calls_cross_as_types_as_text_or_over_sockets() {
    let storm = storm();
    on_threads(0..50, |seed| {
        let typed = play(&storm, &with_seed(seed));
        let bytes = play(&storm, &RunOptions { fidelity: Fidelity::Bytes, ..with_seed(seed) });
        let http = play(&storm, &RunOptions { fidelity: Fidelity::Http, ..with_seed(seed) });
        assert_eq!(breaches(&http), Vec::<String>::new(), "seed {seed}, http");
        assert_eq!(typed.ledger_hash, bytes.ledger_hash, "seed {seed}");
        assert_eq!(typed.ledger_hash, http.ledger_hash, "seed {seed}");
        assert_eq!(typed.trace_hash, http.trace_hash, "seed {seed}");
    });
}

/// What a sweep reads as a file is the same file on each way.
#[test]
fn a_listing_in_bulk_is_the_same_whichever_way_it_crosses() {
    let scenario = load("lost/in-bulk");
    let in_bulk = |run: &RunResult| run.timeline.iter().filter(|(_, what)| what.contains("in bulk")).count();
    on_threads(0..2, |seed| {
        let typed = play(&scenario, &with_seed(seed));
        assert!(in_bulk(&typed) > 2, "seed {seed}");
        assert_eq!(breaches(&typed), Vec::<String>::new(), "seed {seed}");
        let bytes = play(&scenario, &RunOptions { fidelity: Fidelity::Bytes, ..with_seed(seed) });
        assert_eq!(typed.trace_hash, bytes.trace_hash, "seed {seed}");
        let http = play(&scenario, &RunOptions { fidelity: Fidelity::Http, ..with_seed(seed) });
        assert_eq!(typed.trace_hash, http.trace_hash, "seed {seed}");
    });
}

#[test]
fn the_books_are_the_same_on_our_own_executor_and_on_paused_tokio() {
    let storm = without_kills(storm());
    on_threads(0..100, |seed| {
        let own = play(&storm, &with_seed(seed));
        let tokio = on_tokio(&storm, &with_seed(seed));
        assert_eq!(breaches(&tokio), Vec::<String>::new(), "seed {seed}, tokio");
        assert_eq!(own.orders, tokio.orders, "seed {seed}");
        assert_eq!(own.ledger_hash, tokio.ledger_hash, "seed {seed}");
    });
}

/// The second opinion: tokio chooses who is polled when, and its clock jumps from timer to timer.
fn on_tokio(scenario: &Scenario, options: &RunOptions) -> RunResult {
    let tokio =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let runtime = TokioRuntime::starting_at(tokio.handle().clone(), scenario.starts);
    let inside = tokio.enter();
    let rehearsal = Rehearsal::new(scenario, options, runtime.clone(), runtime.clone()).unwrap();
    rehearsal.start_engine(runtime.clone());
    drop(inside);
    let rest = scenario.starts.plus(scenario.lasts).plus(scenario.settle);
    tokio.block_on(runtime.sleep_until(rest));
    // Whether it drained in time is asked on our own executor, which looks from outside.
    let ended = Ended { now: runtime.now(), crashes: 0, drained_at: rest, bound: Timestamp::END };
    audit(&rehearsal, scenario, options.seed, ended).unwrap()
}
