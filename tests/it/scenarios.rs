//! Every scenario file holds, and the verdict tells a scenario that proves nothing from one that holds.

use std::fs;
use std::path::Path;

use plimsoll::domain::{Duration, Money};
use plimsoll::scenario::load::LoadOptions;
use plimsoll::scenario::{Scenario, Weather, WeatherKind};
use plimsoll::sim::rehearsal::RunOptions;
use plimsoll::sim::result::{RunResult, Verdict, never_exercised, verdict};

use crate::plays::{breaches, load, load_with, play, scenarios};

/// The share of its orders that a scenario tagged `load` is played with here: it tests the file, not the load.
const LOAD_PERCENT: u64 = 1;

#[test]
fn every_scenario_holds_with_its_first_seed() {
    let names = names();
    assert!(names.len() >= 18, "the scenarios were found: {names:?}");
    let wrong: Vec<String> = names.iter().flat_map(|name| not_held(name)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What does not hold, each in words that begin with the scenario's name.
fn not_held(name: &str) -> Vec<String> {
    let scenario = at_one_percent_if_load(name);
    let seed = *scenario.seeds.pinned.first().expect("a scenario pins a seed");
    let run = play(&scenario, &RunOptions { seed, ..RunOptions::default() });
    let mut wrong = breaches(&run);
    let broken = run.promises.iter().filter(|promise| promise.held == Some(false));
    wrong.extend(
        broken.map(|promise| format!("{} {}, but {}", promise.name, promise.limit, promise.observed)),
    );
    let other = run.expectations.iter().filter(|expected| expected.stated != expected.found);
    wrong.extend(other.map(|expected| {
        format!("account {}: {} stated, {} found", expected.account, expected.stated, expected.found)
    }));
    let amounts = run.expected_orders.iter().filter(|expected| expected.stated != expected.found);
    wrong.extend(amounts.map(|expected| {
        let (order, what) = (&expected.order, expected.what.name());
        format!("{what} of {order}: {} stated, {} found", expected.stated, expected.found)
    }));
    wrong.extend(never_exercised(std::slice::from_ref(&run)));
    wrong.into_iter().map(|what| format!("{name}, seed {seed}: {what}")).collect()
}

fn at_one_percent_if_load(name: &str) -> Scenario {
    let full = load(name);
    match &full.drawn {
        Some(drawn) if full.tags.iter().any(|tag| &**tag == "load") => {
            load_with(name, LoadOptions { orders: Some(drawn.total * LOAD_PERCENT / 100) })
        }
        _ => full,
    }
}

/// Every file below `scenarios/` that tells a story; shops and policies are what stories build on.
fn names() -> Vec<String> {
    let mut names = Vec::new();
    gather(&scenarios(), &mut names);
    names.sort();
    names
}

fn gather(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, names);
        } else if path.extension().is_some_and(|ending| ending == "toml")
            && fs::read_to_string(&path).unwrap().lines().any(|line| line == "[scenario]")
        {
            let below = path.strip_prefix(scenarios()).unwrap().with_extension("");
            names.push(below.to_string_lossy().replace('\\', "/"));
        }
    }
}

#[test]
fn weather_that_never_takes_effect_proves_nothing() {
    let mut scenario = load("tenders/split");
    let night_after = scenario.lasts.plus(scenario.settle).plus(Duration::from_hours(1));
    scenario.weather = vec![Weather {
        index: 0,
        at: night_after,
        lasts: Duration::from_mins(1),
        what: WeatherKind::ReceiverDown,
    }];
    let run = first(&scenario);
    assert_eq!(breaches(&run), Vec::<String>::new());
    assert_eq!(verdict(std::slice::from_ref(&run)), Verdict::Inconclusive);
    let never = never_exercised(std::slice::from_ref(&run));
    assert!(never[0].contains("webhook receiver is down"), "{never:?}");
}

#[test]
fn weather_need_take_effect_in_one_of_several_runs_only() {
    let scenario = load("tenders/split");
    let calm = first(&scenario);
    let (mut idle, mut effective) = (calm.clone(), calm);
    let weather = |took_effect| plimsoll::sim::result::WeatherResult { what: "rain".into(), took_effect };
    idle.weather = vec![weather(0)];
    effective.weather = vec![weather(1)];
    assert_eq!(verdict(std::slice::from_ref(&idle)), Verdict::Inconclusive);
    assert_eq!(verdict(&[idle, effective]), Verdict::Held);
}

#[test]
fn a_false_statement_of_a_balance_breaks_the_scenario() {
    let mut scenario = load("tenders/split");
    let stated = scenario.expectations.first_mut().expect("the scenario states balances");
    stated.balance = Money::new(stated.balance.minor() + 1, stated.balance.currency());
    let run = first(&scenario);
    assert_eq!(breaches(&run), Vec::<String>::new(), "it is the statement that is wrong, not the books");
    assert_eq!(verdict(&[run]), Verdict::Broken);
}

#[test]
fn no_run_at_all_proves_nothing() {
    assert_eq!(verdict(&[]), Verdict::Inconclusive);
}

fn first(scenario: &Scenario) -> RunResult {
    play(scenario, &RunOptions { seed: scenario.seeds.pinned[0], ..RunOptions::default() })
}
