//! The comparison of live data, over whole days of the simulation: at rest nothing is unexplained, and with nobody
//! between the platforms every paid order is found missing, to the penny.

use std::sync::mpsc;

use plimsoll::domain::Timestamp;
use plimsoll::engine::governor::Governor;
use plimsoll::platforms::{netsuite, shopify};
use plimsoll::ports::{Runtime, Store};
use plimsoll::reconcile::discrepancy::{Kind, Standing};
use plimsoll::runtime::reconcile::{Reconciliation, Sides, compare};
use plimsoll::sim::executor::{Executor, Group, SimRuntime};
use plimsoll::sim::rehearsal::{Rehearsal, RunOptions, SimPorts, at_once};

use crate::plays::load;

/// Plays a scenario to the end of its time to settle, with the engine or with nobody, and compares.
fn compared(name: &str, with_engine: bool) -> Reconciliation {
    let scenario = load(name);
    let options = RunOptions { seed: 1, ..RunOptions::default() };
    let mut executor = Executor::new(1, scenario.starts);
    let world = executor.runtime(Group::World);
    let engine = executor.runtime(Group::Engine(0));
    let rehearsal = Rehearsal::new(&scenario, &options, world, engine.clone()).unwrap();
    if with_engine {
        rehearsal.start_engine(engine.clone());
    }
    let rest = scenario.starts.plus(scenario.lasts).plus(scenario.settle);
    executor.run_until(rest).unwrap();
    let open = at_once(rehearsal.store.open_exceptions(rehearsal.policy.merchant)).unwrap();
    let (tell, told) = mpsc::channel();
    let policy = rehearsal.policy.clone();
    let (to_shops, to_account) = rehearsal.links(&engine);
    let (since, runtime) = (scenario.starts, engine.clone());
    engine.spawn(async move {
        let governor = Governor::new(runtime.clone(), &policy);
        let shopify = shopify::Client::new(to_shops.into(), governor.clone().into());
        let netsuite = netsuite::Client::new(to_account, governor);
        let sides: Sides<'_, SimPorts<SimRuntime>> =
            Sides { policy: &policy, runtime: &runtime, shopify: &shopify, netsuite: &netsuite };
        tell.send(compare(sides, since, &open).await).unwrap();
    });
    let mut until: Timestamp = rest;
    loop {
        until = until.plus(plimsoll::domain::Duration::from_mins(10));
        executor.run_until(until).unwrap();
        if let Ok(told) = told.try_recv() {
            return told.unwrap();
        }
    }
}

#[test]
fn at_rest_nothing_is_unexplained() {
    for name in [
        "try/bad-friday",
        "order/edited",
        "order/shipped",
        "tenders/split",
        "discounts/stacked",
        "settlement/a02-split-tender",
        "lost/in-bulk",
    ] {
        let told = compared(name, true);
        assert!(told.orders > 0, "{name}");
        let unexplained: Vec<_> =
            told.discrepancies.iter().filter(|it| it.standing == Standing::Unexplained).collect();
        assert!(unexplained.is_empty(), "{name}: {unexplained:#?}");
    }
}

#[test]
fn with_nobody_between_the_platforms_every_order_is_found_missing() {
    let told = compared("try/bad-friday", false);
    assert_eq!(told.orders, 200);
    let missing = told.discrepancies.iter().filter(|it| {
        it.kind == Kind::SalesOrderMissing && it.standing == Standing::Unexplained && it.amount.is_some()
    });
    assert_eq!(missing.count(), 200);
}
