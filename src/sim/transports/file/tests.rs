use std::sync::Arc;

use crate::domain::{Duration, Flow, Lane, Timestamp};
use crate::platforms::shopify::client::{Transport as _, TransportError};
use crate::platforms::shopify::operation::{
    Answer, BulkOperationVariables, BulkRunVariables, Request, orders_in_bulk,
};
use crate::platforms::shopify::wire::Gid;
use crate::platforms::shopify::wire::bulk::BulkStatus;
use crate::ports::{Call, Entity, Runtime};
use crate::scenario::Scenario;
use crate::scenario::built_in::bad_friday;
use crate::sim::executor::{Executor, Group, SimRuntime};
use crate::sim::rehearsal::{Rehearsal, RunOptions};
use crate::sim::transports::{Fidelity, ShopifyLink};

/// What one way told, and when.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Each file that was asked for: when its answer came, and what it was.
    files: Vec<(Timestamp, Result<String, TransportError>)>,
    objects: u64,
    calls: u64,
    injected: u64,
    points_before: u32,
    points_after: u32,
    trace: u128,
}

/// A Friday of which one call in three to Shopify fails.
fn friday() -> Scenario {
    let mut scenario = bad_friday();
    scenario.swarm = false;
    scenario.faults.shopify_throttled_ppm = 150_000;
    scenario.faults.shopify_failed_ppm = 150_000;
    scenario
}

/// Asks until there is an answer.
async fn ask(link: &ShopifyLink<SimRuntime>, call: Call, request: &Request) -> Answer {
    for attempt in 0.. {
        let call = Call { attempt, ..call };
        let answer = link.send(call, call.entity.shop, request.clone()).await.unwrap();
        if let Some(data) = answer.data {
            return data;
        }
        link.runtime.sleep(Duration::from_secs(1)).await;
    }
    unreachable!("attempts have no end")
}

/// Lists the orders of two hours in bulk and fetches the file a dozen times, then one that is not there.
async fn list(link: ShopifyLink<SimRuntime>, call: Call) -> Seen {
    let shop = call.entity.shop;
    let run = Request::BulkRun(BulkRunVariables { query: orders_in_bulk("") });
    let Answer::BulkRun(begun) = ask(&link, call, &run).await else { panic!("another answer") };
    let id = begun.bulk_operation_run_query.unwrap().bulk_operation.unwrap().id;
    let look = Request::BulkOperation(BulkOperationVariables { id: Gid::new(id.number()) });
    let done = loop {
        let Answer::BulkOperation(data) = ask(&link, call, &look).await else { panic!("another answer") };
        let operation = data.bulk_operation.unwrap();
        if operation.status == BulkStatus::Completed {
            break operation;
        }
        link.runtime.sleep(Duration::from_secs(1)).await;
    };
    let url = done.url.unwrap();
    let absent = url.replace(&id.number().to_string(), "1");
    let mut seen = Seen { objects: done.object_count.parse().unwrap(), ..Seen::default() };
    let points = || link.stage.scene().shopify.bucket(shop, link.runtime.now()).available();
    link.runtime.sleep(Duration::from_mins(5)).await;
    seen.points_before = points();
    for (attempt, url) in (0..24).flat_map(|attempt| [(attempt, &*url), (attempt, &*absent)]) {
        let file = link.fetch(Call { attempt, ..call }, shop, url).await;
        seen.files.push((link.runtime.now(), file));
    }
    seen.points_after = points();
    seen
}

fn over(fidelity: Fidelity, seed: u64) -> Seen {
    let scenario = friday();
    let mut executor = Executor::new(seed, scenario.starts);
    let (world, engine) = (executor.runtime(Group::World), executor.runtime(Group::Engine(0)));
    let options = RunOptions { seed, fidelity, ..RunOptions::default() };
    let rehearsal = Rehearsal::new(&scenario, &options, world, engine.clone()).unwrap();
    executor.run_until(scenario.starts.plus(Duration::from_hours(2))).unwrap();
    let shop = rehearsal.policy.shops[0].key;
    let entity = Entity { merchant: rehearsal.policy.merchant, shop, flow: Flow::Order, record: 0 };
    let call = Call { entity, lane: Lane::Orders, attempt: 0 };
    let (link, _) = rehearsal.links(&engine);
    let stage = Arc::clone(&rehearsal.stage);
    let before = stage.scene().calls.shopify;
    let mut seen = executor.complete(Group::Engine(0), list(link, call)).unwrap();
    let scene = stage.scene();
    seen.calls = scene.calls.shopify - before;
    seen.injected = scene.refusals.injected;
    seen.trace = scene.trace.value();
    seen
}

/// One seed's transcript is compared word for word, and holds each thing that may be told of a file.
#[test]
fn a_file_comes_at_the_same_time_with_the_same_luck_over_every_way() {
    let typed = over(Fidelity::Typed, 1);
    let status = |code| Err(TransportError::Status { code, request_id: None });
    let count = |wanted: &Result<String, TransportError>| {
        typed.files.iter().filter(|(_, file)| file == wanted).count()
    };
    let (missing, failed) = (count(&status(404)), count(&status(503)));
    let whole = typed.files.iter().filter_map(|(_, file)| file.as_ref().ok());
    let lines: Vec<u64> = whole.map(|file| file.lines().count() as u64).collect();
    assert!(typed.objects > 10, "{typed:?}");
    assert!(lines.len() > 8 && lines.iter().all(|lines| *lines == typed.objects), "{typed:?}");
    assert_eq!(lines.len(), missing, "the same luck, whatever stands behind the address: {typed:?}");
    assert_eq!(lines.len() + missing + failed, typed.files.len(), "{typed:?}");
    assert!(failed > 0 && typed.injected > 0, "{typed:?}");
    assert!(typed.calls as usize >= typed.files.len() + 2);
    assert!(typed.points_after >= typed.points_before, "{typed:?}");
    assert!(typed.files.windows(2).all(|pair| pair[0].0 < pair[1].0), "each takes its time");
    assert_eq!(typed, over(Fidelity::Bytes, 1));
    assert_eq!(typed, over(Fidelity::Http, 1));
}
