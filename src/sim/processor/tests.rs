//! Worlds without an engine: what the processor and the banks do is theirs alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;
use crate::domain::payout::PayoutStatus;
use crate::scenario::Scenario;
use crate::scenario::load::LoadOptions;
use crate::sim::executor::{Executor, Group, SimRuntime};
use crate::sim::oracle::seen::settlement::SeenPayout;
use crate::sim::rehearsal::{Rehearsal, RunOptions};

fn story(name: &str, orders: Option<u64>) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/settlement/{name}.toml"));
    Scenario::load(&path, LoadOptions { orders }).unwrap_or_else(|refused| panic!("{name}: {refused:?}"))
}

fn played(scenario: &Scenario, seed: u64, check: impl FnOnce(&Settlement, &Rehearsal<SimRuntime>)) {
    let mut executor = Executor::new(seed, scenario.starts);
    let (world, engine) = (executor.runtime(Group::World), executor.runtime(Group::Engine(0)));
    let options = RunOptions { seed, ..RunOptions::default() };
    let rehearsal = Rehearsal::new(scenario, &options, world, engine).unwrap();
    executor.run_until(scenario.starts.plus(scenario.lasts)).unwrap();
    let seen = std::mem::take(rehearsal.stage.scene().oracle.settlement());
    check(&seen, &rehearsal);
}

fn nets(name: &str) -> Vec<i64> {
    let mut nets = Vec::new();
    played(&story(name, None), 1, |seen, _| {
        nets = seen.payouts().iter().map(|payout| payout.net.minor()).collect()
    });
    nets
}

/// Source: failures.md A1 and B15.
#[test]
fn stories_are_paid_out_to_the_minor_unit() {
    assert_eq!(nets("a01-late-record"), [24_550]);
    assert_eq!(nets("a02-split-tender"), [16_670]);
    assert_eq!(nets("b06-cut-off"), [7_362]);
    assert_eq!(nets("b15-dispute"), [83_105, -73_600, 45_300]);
    assert_eq!(nets("b15-negative"), [4_900, -6_000]);
    assert_eq!(nets("b15-failed-retried"), [1_000_000, 1_000_000]);
    assert_eq!(nets("b15-reserve"), [16_175, 2_000]);
    assert_eq!(nets("intercompany"), [16_695]);
}

#[test]
fn a_weekend_over_the_end_of_the_month_is_one_payout() {
    played(&story("month-end-saturday", None), 1, |seen, _| {
        let [payout] = seen.payouts() else { panic!("{:?}", seen.payouts()) };
        let zone = Zone::named("Europe/London").unwrap();
        assert_eq!(
            (payout.net.minor(), zone.book_date(payout.issued_at).to_string()),
            (19_625, "2026-11-03".into())
        );
    });
}

#[test]
fn what_failed_before_anybody_read_it_is_on_the_statement_once() {
    played(&story("b15-failed-retried", None), 1, |seen, _| {
        let [failed, retried] = seen.payouts() else { panic!("{:?}", seen.payouts()) };
        assert_eq!((failed.status(), retried.status()), (PayoutStatus::Failed, PayoutStatus::Paid));
        let carried = seen.rows().iter().find(|row| Some(row.id) == failed.came_back_in).unwrap();
        assert_eq!((&carried.kind, carried.payout), (&BalanceKind::TransferFailure, Some(retried.id)));
        let [line] = seen.bank_lines() else { panic!("{:?}", seen.bank_lines()) };
        assert_eq!((line.payout, &line.reference), (Some(retried.id), &retried.trace));
    });
}

#[test]
fn stories_name_nothing_that_cannot_be_played() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/settlement");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // One is a load, the others change journals, which nobody posts here.
        if ["l-quarter", "c05-rollback", "closed-month"].contains(&&*name) {
            continue;
        }
        played(&story(&name, None), 1, |_, rehearsal| {
            let scene = rehearsal.stage.scene();
            let said = scene.timeline.iter().find(|(_, said)| said.contains("could not play"));
            assert_eq!(said, None, "{name}");
        });
    }
}

/// Every payout is the sum of its rows, no row is in two, what failed comes back once, and the bank shows what arrived.
#[test]
fn a_quarter_adds_up_whatever_the_luck() {
    let scenario = story("l-quarter", Some(700));
    for seed in 1..4 {
        played(&scenario, seed, |seen, rehearsal| {
            let mut sums: BTreeMap<u64, i64> = BTreeMap::new();
            let mut ids = BTreeSet::new();
            for row in seen.rows() {
                assert!(ids.insert(row.id), "seed {seed}: {row:?} is there twice");
                if let Some(payout) = row.payout {
                    *sums.entry(payout.get()).or_default() += row.amount - row.fee;
                }
            }
            assert!(seen.payouts().len() > 107, "seed {seed}: each type has its turn");
            for payout in seen.payouts() {
                assert_eq!(sums[&payout.id.get()], payout.net.minor(), "seed {seed}: {payout:?}");
            }
            assert_eq!(sums.len(), seen.payouts().len(), "seed {seed}");
            days_hold(seen, rehearsal, seed);
            banks_hold(seen, seed);
            twin_agrees(seen, rehearsal, seed);
            let kinds: BTreeSet<&BalanceKind> = seen.rows().iter().map(|row| &row.kind).collect();
            let missing =
                BalanceKind::PUBLISHED.iter().filter(|kind| amounts::is_other(kind) && !kinds.contains(kind));
            assert_eq!(missing.count(), 0, "seed {seed}");
        });
    }
}

fn days_hold(seen: &Settlement, rehearsal: &Rehearsal<SimRuntime>, seed: u64) {
    let profile = rehearsal.world.profile();
    let calendar = Calendar::new(&profile.processor.as_ref().unwrap().holidays);
    for payout in seen.payouts() {
        let storefront = profile.shops.iter().find(|storefront| storefront.key == payout.shop).unwrap();
        let day = storefront.zone.book_date(payout.issued_at);
        assert!(calendar.is_business_day(day), "seed {seed}: {payout:?} on {day}");
    }
}

fn banks_hold(seen: &Settlement, seed: u64) {
    let of = |payout: &SeenPayout| -> Vec<i64> {
        let lines = seen.bank_lines().iter().filter(|line| line.payout == Some(payout.id));
        lines.map(|line| line.amount.minor()).collect()
    };
    for payout in seen.payouts() {
        let net = payout.net.minor();
        let lines = of(payout);
        match payout.status() {
            PayoutStatus::Scheduled | PayoutStatus::Canceled => {
                assert!(lines.is_empty(), "seed {seed}: {payout:?}")
            }
            PayoutStatus::Paid => assert_eq!(lines, [net], "seed {seed}: {payout:?}"),
            PayoutStatus::Failed => {
                assert!(lines.is_empty() || lines == [net, -net], "seed {seed}: {payout:?} {lines:?}");
            }
        }
        let came_back = matches!(payout.status(), PayoutStatus::Failed | PayoutStatus::Canceled);
        assert_eq!(payout.came_back_in.is_some(), came_back, "seed {seed}: {payout:?}");
        if let Some(row) = payout.came_back_in {
            let row = seen.rows().iter().find(|known| known.id == row).unwrap();
            assert_eq!((row.amount, row.fee), (net, 0), "seed {seed}: {payout:?}");
            assert_ne!(row.payout, Some(payout.id), "seed {seed}");
        }
    }
}

/// What Shopify's twin tells is what was done to it.
fn twin_agrees(seen: &Settlement, rehearsal: &Rehearsal<SimRuntime>, seed: u64) {
    let scene = rehearsal.stage.scene();
    for storefront in &rehearsal.world.profile().shops {
        let told: Vec<_> = scene.shopify.payouts(storefront.key).collect();
        let done: Vec<_> = seen.payouts().iter().filter(|payout| payout.shop == storefront.key).collect();
        assert_eq!(told.len(), done.len(), "seed {seed}");
        for (told, done) in told.iter().zip(done) {
            assert_eq!(
                (told.id, told.net, told.status, &told.trace),
                (done.id, done.net, done.status(), &done.trace),
                "seed {seed}"
            );
        }
        let charges: BTreeSet<_> = scene
            .shopify
            .balance_rows(storefront.key)
            .filter(|row| row.kind == BalanceKind::Charge)
            .map(|row| row.order_transaction.unwrap())
            .collect();
        let rows =
            seen.rows().iter().filter(|row| row.shop == storefront.key && row.kind == BalanceKind::Charge);
        assert_eq!(rows.count(), charges.len(), "seed {seed}: one row for each charge");
    }
}
