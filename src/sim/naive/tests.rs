use super::run as run_naive;
use crate::scenario::built_in::bad_friday;
use crate::sim::rehearsal::RunOptions;
use crate::sim::result::{InvariantResult, RunResult};
use crate::sim::run::run as run_engine;

fn naive(seed: u64) -> RunResult {
    run_naive(&bad_friday(), seed, &mut |_| {}).expect("the simulation does not fail")
}

fn engine(seed: u64) -> RunResult {
    let options = RunOptions { seed, ..RunOptions::default() };
    run_engine(&bad_friday(), &options, &mut |_| {}).expect("the simulation does not fail")
}

fn pinned() -> u64 {
    bad_friday().seeds.pinned[0]
}

fn invariant<'a>(result: &'a RunResult, name: &str) -> &'a InvariantResult {
    result.invariants.iter().find(|invariant| invariant.name == name).expect("the invariant exists")
}

fn said(result: &RunResult) -> String {
    let mut text = String::new();
    for broken in result.invariants.iter().filter(|invariant| invariant.broken > 0) {
        text.push_str(&format!("{} ({})\n", broken.name, broken.broken));
        broken.breaches.iter().for_each(|breach| text.push_str(&format!("  {breach}\n")));
    }
    result.timeline.iter().for_each(|(at, what)| text.push_str(&format!("{at} {what}\n")));
    text
}

#[test]
fn the_naive_connector_loses_orders_and_doubles_others() {
    let result = naive(pinned());
    let complete = invariant(&result, "orders-complete");
    let told = |part: &str| complete.breaches.iter().any(|breach| breach.said.contains(part));
    assert!(told("is not in NetSuite"), "{}", said(&result));
    assert!(told("a second time"), "{}", said(&result));
    for currency in ["GBP", "EUR", "USD"] {
        let named = complete.breaches.iter().any(|breach| breach.to_string().contains(currency));
        assert!(named, "nothing went wrong in {currency}: {}", said(&result));
    }
    let clearing = invariant(&result, "clearing-identity");
    assert!(clearing.broken > 0 && clearing.breaches.iter().all(|breach| breach.money.is_some()));
    assert!(invariant(&result, "trial-balance-expected").broken > 0);
    assert!(result.exceptions.is_empty(), "it tells nobody");
}

#[test]
fn the_engine_holds_everything_on_the_same_day() {
    let result = engine(pinned());
    assert!(!result.broken(), "{}", said(&result));
    assert!(result.weather.iter().all(|weather| weather.took_effect > 0), "{:?}", result.weather);
}

#[test]
fn both_meet_the_same_shoppers_and_repeat_themselves() {
    let (first, second) = (naive(pinned()), naive(pinned()));
    assert_eq!((&first.trace_hash, &first.ledger_hash), (&second.trace_hash, &second.ledger_hash));
    let (third, fourth) = (engine(pinned()), engine(pinned()));
    assert_eq!((&third.trace_hash, &third.ledger_hash), (&fourth.trace_hash, &fourth.ledger_hash));
    assert_eq!(first.orders, third.orders);
    assert_ne!(first.ledger_hash, third.ledger_hash);
}

#[test]
fn on_a_calm_day_the_naive_connector_books_every_order_once() {
    let mut calm = bad_friday();
    calm.weather.clear();
    let result = run_naive(&calm, pinned(), &mut |_| {}).expect("the simulation does not fail");
    assert_eq!(invariant(&result, "orders-complete").broken, 0, "{}", said(&result));
    // Split tenders need no bad weather to be booked wrong.
    assert!(invariant(&result, "trial-balance-expected").broken > 0);
}
