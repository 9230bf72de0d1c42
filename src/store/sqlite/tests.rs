use proptest::prelude::*;
use rusqlite::Connection;

use super::Core;
use crate::domain::{Flow, Lane, MerchantKey, Timestamp};
use crate::ports::Entity;
use crate::ports::store::{AuditEntry, Cause, Claim, Depth, Hint, LaneRoom, Outcome, Step};

/// One thing that happens to the queue; numbers pick an entity, a lane, a claim or a time.
#[derive(Debug, Clone)]
enum Event {
    Record { record: u64, lane: usize },
    Claim { lane: usize, room: u32 },
    Finish { claim: usize },
    Retry { claim: usize, after: i64 },
    Release { claim: usize },
    Pass { seconds: i64 },
    Seal,
    Discard,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0u64..6, 0usize..8).prop_map(|(record, lane)| Event::Record { record, lane }),
        4 => (0usize..8, 1u32..4).prop_map(|(lane, room)| Event::Claim { lane, room }),
        2 => (0usize..6).prop_map(|claim| Event::Finish { claim }),
        2 => (0usize..6, 0i64..20).prop_map(|(claim, after)| Event::Retry { claim, after }),
        1 => (0usize..6).prop_map(|claim| Event::Release { claim }),
        2 => (0i64..15).prop_map(|seconds| Event::Pass { seconds }),
        1 => Just(Event::Seal),
        1 => Just(Event::Discard),
    ]
}

fn merchant() -> MerchantKey {
    "acme".parse().unwrap()
}

fn entity(record: u64) -> Entity {
    Entity { merchant: merchant(), shop: "fr".parse().unwrap(), flow: Flow::Order, record }
}

fn step(claim: &Claim, outcome: Outcome, now: Timestamp) -> Step {
    Step {
        entity: claim.entity,
        lease: claim.lease,
        outcome,
        links: vec![],
        follow_ups: vec![],
        raise: vec![],
        converged: vec![],
        audit: AuditEntry {
            at: now,
            cause: claim.cause,
            read_version: claim.version,
            policy_hash: [7; 32],
            actions: "".into(),
            outcome: "".into(),
        },
    }
}

/// The depth as the table alone tells it.
fn counted(connection: &Connection, now: Timestamp) -> Depth {
    let count = |condition: &str| -> u64 {
        let sql = format!("SELECT count(*) FROM hint WHERE {condition}");
        connection.query_row(&sql, [now.nanos()], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
    };
    Depth {
        due: count("due_at <= ?1"),
        waiting: count("due_at > ?1 AND fencing = 0"),
        leased: count("due_at > ?1 AND fencing > 0"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What memory keeps of the queue is what the table says, whatever happened, crashes included; and no
    /// fencing number is durable twice.
    #[test]
    fn depth_agrees_with_the_table(events in proptest::collection::vec(event(), 1..80)) {
        let mut core = Core::open(Connection::open_in_memory().unwrap()).unwrap();
        let mut now = Timestamp::from_seconds(1_000);
        let mut claims: Vec<Claim> = Vec::new();
        let mut highest = 0;
        core.begin().unwrap();
        for event in events {
            match event {
                Event::Record { record, lane } => {
                    let hint = Hint {
                        entity: entity(record),
                        lane: Lane::ALL[lane],
                        version: Timestamp::ORIGIN,
                        cause: Cause::Delivery,
                    };
                    core.record(&[hint], None, now).unwrap();
                }
                Event::Claim { lane, room } => {
                    let until = Timestamp::from_seconds(now.seconds() + 10);
                    let lanes = [LaneRoom { lane: Lane::ALL[lane], room }];
                    let taken = core.claim(merchant(), &lanes, now, until).unwrap();
                    prop_assert!(taken.len() <= room as usize);
                    for claim in taken {
                        prop_assert!(claim.lease.fencing > highest);
                        highest = claim.lease.fencing;
                        claims.push(claim);
                    }
                }
                Event::Finish { claim } => {
                    if let Some(claim) = claims.get(claim) {
                        core.commit(&step(claim, Outcome::Done, now), now).ok();
                    }
                }
                Event::Retry { claim, after } => {
                    if let Some(claim) = claims.get(claim) {
                        let at = Timestamp::from_seconds(now.seconds() + after);
                        core.commit(&step(claim, Outcome::Retry { at }, now), now).ok();
                    }
                }
                Event::Release { claim } => {
                    if let Some(claim) = claims.get(claim) {
                        core.release(claim.entity, claim.lease, now).ok();
                    }
                }
                Event::Pass { seconds } => now = Timestamp::from_seconds(now.seconds() + seconds),
                Event::Seal => {
                    core.seal().unwrap();
                    core.begin().unwrap();
                    // As after the start of a process that many hints waited for.
                    core.merchants.iter_mut().for_each(|merchant| merchant.counts = None);
                }
                Event::Discard => {
                    core.discard();
                    highest = 0;
                    claims.clear();
                    core.begin().unwrap();
                }
            }
            let depth = core.depth(merchant(), now).unwrap();
            prop_assert_eq!(depth, counted(&core.connection, now));
            let all = depth.due + depth.waiting + depth.leased;
            prop_assert_eq!(core.unfinished_count(merchant()).unwrap(), all);
            let next: Option<i64> =
                core.connection.query_row("SELECT min(due_at) FROM hint", [], |row| row.get(0)).unwrap();
            let told = core.next_due(merchant()).unwrap();
            let late = next.is_some_and(|next| told.is_none_or(|told| told.nanos() > next));
            prop_assert!(!late, "told {told:?}, due at {next:?}");
            prop_assert_eq!(core.verify_audit(merchant()).unwrap().broken_at, None);
        }
    }
}

#[test]
fn a_failed_operation_leaves_the_others_of_its_group_untouched() {
    let mut core = Core::open(Connection::open_in_memory().unwrap()).unwrap();
    let now = Timestamp::from_seconds(1_000);
    let hint = |record| Hint {
        entity: entity(record),
        lane: Lane::Orders,
        version: Timestamp::ORIGIN,
        cause: Cause::Delivery,
    };
    core.begin().unwrap();
    core.alone(|core| core.record(&[hint(1)], None, now)).unwrap();
    core.connection
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON hint WHEN NEW.record = 3
             BEGIN SELECT raise(ABORT, 'no room'); END",
        )
        .unwrap();
    core.alone(|core| core.record(&[hint(2), hint(3)], None, now)).unwrap_err();
    core.alone(|core| core.record(&[hint(4)], None, now)).unwrap();
    core.seal().unwrap();
    let rooms = [LaneRoom { lane: Lane::Orders, room: 10 }];
    core.begin().unwrap();
    let claims = core.claim(merchant(), &rooms, now, Timestamp::from_seconds(1_010)).unwrap();
    assert_eq!(claims.iter().map(|claim| claim.entity.record).collect::<Vec<_>>(), [1, 4]);
}

#[test]
fn the_queries_of_the_queue_use_its_indexes() {
    let core = Core::open(Connection::open_in_memory().unwrap()).unwrap();
    for (sql, parameters, index) in [
        (
            "SELECT shop FROM hint WHERE merchant = ?1 AND due_at <= ?2 AND fencing > 0 ORDER BY due_at",
            2,
            "hint_leased",
        ),
        (
            "SELECT shop FROM hint WHERE merchant = ?1 AND lane = ?2 AND due_at <= ?3 AND fencing = 0
          ORDER BY due_at LIMIT 5",
            3,
            "hint_waiting",
        ),
        ("SELECT min(due_at) FROM hint WHERE merchant = ?1 AND lane = ?2 AND fencing = 0", 2, "hint_waiting"),
        ("SELECT min(due_at) FROM hint WHERE merchant = ?1 AND fencing > 0", 1, "hint_leased"),
    ] {
        let mut statement = core.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> = statement
            .query_map(rusqlite::params_from_iter(vec![1i64; parameters]), |row| row.get(3))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let plan = plan.join("; ");
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}
