use proptest::prelude::*;

use super::*;
use BulkStatus::{Canceled, Canceling, Completed, Created, Running};

fn at(millis: u64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000).plus(Duration::from_millis(millis))
}

fn found(objects: usize) -> Found {
    Found::orders(0, (0..objects as u32).map(|n| (n, 1_700_000_000)).collect())
}

fn run(bulk: &mut Bulk, objects: usize, now: Timestamp) -> u64 {
    bulk.begin((Kind::Query, "{}"), found(objects), Duration::ZERO, now).number
}

/// A thousand rows, asked for at 0, are there at 600 ms.
#[test]
fn an_operation_goes_through_its_states_by_time() {
    let days = 7 * 24 * 3_600 * 1_000;
    for (objects, cancelled, now, status, count, bytes) in [
        (1_000, None, 0, Created, 0, None),
        (1_000, None, 299, Created, 0, None),
        (1_000, None, 300, Running, 0, None),
        (1_000, None, 599, Running, 0, None),
        (1_000, None, 600, Completed, 1_000, Some(1_000)),
        (1_000, None, 600 + days - 1, Completed, 1_000, Some(1_000)),
        (1_000, None, 600 + days, Completed, 1_000, None),
        (1, None, 299, Created, 0, None),
        (1, None, 301, Completed, 1, Some(1)),
        (0, None, 299, Created, 0, None),
        (0, None, 300, Completed, 0, None),
        (1_000, Some(100), 100, Canceling, 0, None),
        (1_000, Some(100), 599, Canceling, 0, None),
        (1_000, Some(100), 600, Canceled, 1_000, Some(1_000)),
        (1_000, Some(100), 600 + days, Canceled, 1_000, None),
    ] {
        let mut bulk = Bulk::of(0);
        let number = run(&mut bulk, objects, at(0));
        if let Some(cancelled) = cancelled {
            bulk.cancel(number, at(cancelled)).unwrap();
        }
        let operation = bulk.find(number).unwrap();
        let lines = operation.file(at(now)).map(|text| text.lines().count());
        let seen = (operation.status(at(now)), operation.counts(at(now)).0, lines);
        assert_eq!(seen, (status, count, bytes), "{objects} rows at {now} ms, cancelled {cancelled:?}");
        assert_eq!(operation.has_file(at(now)), bytes.is_some());
    }
}

#[test]
fn so_many_run_at_a_time_as_the_version_allows() {
    let refused = |bulk: &Bulk, kind, version, now| bulk.busy(kind, version, at(now)).map(|it| it.message);
    let mut bulk = Bulk::of(3);
    let ids: Vec<String> =
        (0..5).map(|_| format!("gid://shopify/BulkOperation/{}", run(&mut bulk, 0, at(0)))).collect();
    let message = |ids: &str| {
        let text = format!("A bulk query operation for this app and shop is already in progress: {ids}.");
        Some(text.into_boxed_str())
    };
    for version in ["2026-01", "2026-10", "unstable"] {
        assert_eq!(refused(&bulk, Kind::Query, version, 299), message(&ids.join(", ")));
    }
    assert_eq!(refused(&bulk, Kind::Mutation, "2026-10", 0), None);
    assert_eq!(refused(&bulk, Kind::Query, "2026-10", 300), None);
    let mut one = Bulk::of(3);
    run(&mut one, 0, at(0));
    assert_eq!(refused(&one, Kind::Query, "2025-10", 299), message(&ids[0]));
    assert_eq!(refused(&one, Kind::Query, "2026-01", 299), None);
    assert_eq!(refused(&one, Kind::Query, "2025-10", 300), None);
    // One that is being cancelled does not hold its place.
    one.cancel(one.operations()[0].number, at(1)).unwrap();
    assert_eq!(refused(&one, Kind::Query, "2025-10", 2), None);
}

#[test]
fn a_text_that_is_too_long_is_refused_before_all_else() {
    let mut bulk = Bulk::of(0);
    for _ in 0..5 {
        run(&mut bulk, 0, at(0));
    }
    let code = |bytes: usize, now| bulk.refuse_query(&"x".repeat(bytes), "2026-10", at(now))?.code;
    assert_eq!(code(TEXT_BYTES_MAX + 1, 0).as_deref(), Some("INVALID"));
    assert_eq!(code(TEXT_BYTES_MAX, 0).as_deref(), Some("OPERATION_IN_PROGRESS"));
    assert_eq!(code(TEXT_BYTES_MAX, 300), None);
}

#[test]
fn only_what_runs_can_be_cancelled() {
    let mut bulk = Bulk::of(0);
    let number = run(&mut bulk, 1_000, at(0));
    assert_eq!(bulk.cancel(number + 1, at(0)), Err(NotCancelled::Unknown));
    assert_eq!(bulk.cancel(number, at(600)), Err(NotCancelled::IsAlready(Completed)));
    assert_eq!(bulk.cancel(number, at(599)), Ok(()));
    assert_eq!(bulk.cancel(number, at(599)), Err(NotCancelled::IsAlready(Canceling)));
    assert_eq!(bulk.cancel(number, at(600)), Err(NotCancelled::IsAlready(Canceled)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is asked for when: never more than five run, nothing goes back in time, and a file is there exactly
    /// while it may be fetched, with a line for each object.
    #[test]
    fn limits_and_states_hold(asked in prop::collection::vec((0u64..900, 0usize..4_000), 1..16)) {
        let mut bulk = Bulk::of(1);
        let mut now = 0;
        for (pause, objects) in asked {
            now += pause;
            let running = bulk.operations().iter().filter(|it| it.is_running(at(now))).count();
            prop_assert!(running <= 5);
            prop_assert_eq!(bulk.refuse_query("{}", "2026-10", at(now)).is_some(), running == 5);
            if running < 5 {
                run(&mut bulk, objects, at(now));
            }
        }
        let rank = |status| match status {
            Created => 0,
            Running => 1,
            _ => 2,
        };
        for operation in bulk.operations() {
            let moments = (0..4).map(|part| now.saturating_sub(600) + part * 400).map(at);
            let states: Vec<u8> = moments.map(|moment| rank(operation.status(moment))).collect();
            prop_assert!(states.is_sorted(), "{:?}", states);
            let objects = operation.found.objects;
            let last = operation.completes.plus(KEPT).minus(Duration::from_nanos(1));
            for (moment, is_there) in [
                (operation.completes.minus(Duration::from_nanos(1)), false),
                (operation.completes, true),
                (last, true),
                (operation.completes.plus(KEPT), false),
            ] {
                let lines = operation.file(moment).map(|text| text.lines().count());
                prop_assert_eq!(lines, (is_there && objects > 0).then_some(objects));
            }
        }
    }
}
