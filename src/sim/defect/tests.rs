//! Method: the same scenario and seed with and without each defect. With it, it acts and the invariant that names it
//! breaks; without it, everything holds.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;
use crate::sim::oracle::invariants;
use crate::sim::rehearsal::RunOptions;
use crate::sim::result::RunResult;
use crate::sim::run::run;

/// Each defect, where it has something to spoil, and how many orders that takes.
const PLANTED: [(Kind, &str, Option<u64>); 16] = [
    (Kind::SwallowedWrite, "lost/webhooks", Some(60)),
    (Kind::AlteredAmount, "lost/webhooks", Some(20)),
    (Kind::RenamedCustomer, "lost/webhooks", Some(20)),
    (Kind::MergedLines, "lost/webhooks", Some(60)),
    (Kind::WrongPolicy, "routing/french-storefront", None),
    (Kind::MiscountedPosting, "lost/webhooks", Some(20)),
    (Kind::MispostedTender, "tenders/split", None),
    (Kind::DoubledDeposit, "lost/webhooks", Some(20)),
    (Kind::ForgottenHint, "lost/webhooks", Some(60)),
    (Kind::GreedyGovernor, "peak/flash-sale", Some(6_000)),
    (Kind::EndlessBackoff, "lost/answers", Some(100)),
    (Kind::UnraisedException, "duplicates/customers", None),
    (Kind::FalseException, "lost/webhooks", Some(20)),
    (Kind::TamperedAudit, "lost/webhooks", Some(20)),
    (Kind::StaleRetry, "failures/b04-stale-retry", None),
    (Kind::ParentRelieved, "failures/b09-bundle", None),
];

/// Further defects of invariants that are proved above: the invariant, and what it says of the difference.
const FURTHER: [(Kind, &str, &str, &str); 3] = [
    (
        Kind::HiddenErrors,
        "failures/b02-refused-batch",
        "stock-parity",
        "shows 0, must show 40: 40 units are invisible",
    ),
    (Kind::OnHandForAvailable, "failures/b14-committed-once", "stock-parity", "30 units are invisible"),
    (Kind::UnseenForgotten, "failures/b14-sold-and-not-booked", "stock-parity", "12 phantom units"),
];

fn play(scenario: &str, orders: Option<u64>, defect: Option<Defect>) -> RunResult {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{scenario}.toml"));
    let scenario = Scenario::load(&path, LoadOptions { orders }).unwrap();
    run(&scenario, &RunOptions { seed: 7, defect, ..RunOptions::default() }, &mut |_| {}).unwrap()
}

fn broken(result: &RunResult) -> BTreeSet<&'static str> {
    result
        .invariants
        .iter()
        .filter(|invariant| invariant.broken > 0)
        .map(|invariant| invariant.name)
        .collect()
}

#[test]
fn each_defect_acts_and_breaks_the_invariant_that_names_it() {
    let (mut proved, mut unproved) = (BTreeSet::new(), Vec::new());
    for (kind, scenario, orders) in PLANTED {
        let defect = Defect::plant(kind);
        let spoilt = play(scenario, orders, Some(defect));
        let (name, acted) = spoilt.defect.unwrap();
        let named = invariants::ALL.into_iter().find(|invariant| invariant.defect == name);
        let named = named.unwrap_or_else(|| panic!("no invariant names {name}"));
        if acted == 0 || !broken(&spoilt).contains(named.name) {
            unproved.push(format!(
                "{name} acted {acted} times and broke {:?}, not {}",
                broken(&spoilt),
                named.name
            ));
            continue;
        }
        let breach = spoilt.invariants.iter().find(|invariant| invariant.name == named.name).unwrap();
        assert!(!breach.breaches.is_empty(), "{} says nothing of what it found", named.name);
        proved.insert(named.name);
    }
    assert!(unproved.is_empty(), "{}", unproved.join("\n"));
    assert_eq!(proved.len(), invariants::ALL.len(), "every invariant has a defect that breaks it");
}

#[test]
fn further_defects_of_stock_are_told_in_units() {
    for (kind, scenario, invariant, said) in FURTHER {
        let spoilt = play(scenario, None, Some(Defect::plant(kind)));
        let (name, acted) = spoilt.defect.unwrap();
        assert!(acted > 0, "{name} never acted");
        let found = spoilt.invariants.iter().find(|known| known.name == invariant).unwrap();
        let breaches: Vec<&str> = found.breaches.iter().map(|breach| breach.said.as_str()).collect();
        assert!(breaches.iter().any(|breach| breach.contains(said)), "{name}: {breaches:?}");
    }
}

/// Failures.md A3: looked at every fifteen minutes, ten are sold beside six of ten: six orders of 45.00 to refund.
#[test]
fn a_slow_feed_oversells_six() {
    let spoilt = play("failures/a03-oversell", None, Some(Defect::plant(Kind::SlowFeed)));
    let promise = spoilt.promises.iter().find(|promise| &*promise.name == "oversold-units").unwrap();
    assert_eq!((promise.held, promise.observed.as_str(), spoilt.orders), (Some(false), "6", 10));
    let prompt = play("failures/a03-oversell", None, None);
    let promise = prompt.promises.iter().find(|promise| &*promise.name == "oversold-units").unwrap();
    assert_eq!((promise.held, promise.observed.as_str(), prompt.orders), (Some(true), "0", 4));
}

#[test]
fn without_a_defect_the_same_runs_are_clean() {
    let runs: BTreeSet<(&str, Option<u64>)> = PLANTED.map(|(_, scenario, orders)| (scenario, orders)).into();
    for (scenario, orders) in runs {
        let clean = play(scenario, orders, None);
        assert_eq!(broken(&clean), BTreeSet::new(), "{scenario}");
        assert!(clean.defect.is_none());
    }
}
