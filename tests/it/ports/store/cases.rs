//! The cases of the suite. Each is one behaviour that the port promises.

use plimsoll::domain::{CauseCode, Duration, Lane};
use plimsoll::ports::Entity;
use plimsoll::ports::store::{
    Cause, Depth, ExceptionState, Feed, Hint, LaneRoom, LinkKind, Outcome, StoreError, Watermark,
};

use super::forms::{Form, on_file, on_inline};
use super::*;

/// Runs each case against each form, under its own name.
macro_rules! conformance {
    ($($case:ident),* $(,)?) => {
        mod inline {
            $(#[test] fn $case() { super::on_inline(super::$case); })*
        }
        mod file {
            $(#[test] fn $case() { super::on_file(stringify!($case), super::$case); })*
        }
    };
}

conformance![
    two_workers_never_hold_the_same_entity,
    an_expired_lease_is_claimed_anew_with_a_higher_fencing_number,
    an_old_lease_commits_renews_and_releases_nothing,
    a_lease_that_expired_but_was_not_claimed_anew_still_commits,
    a_renewed_lease_holds_longer,
    a_released_entity_is_due_at_once,
    a_hint_for_work_in_progress_makes_it_due_again_after_done,
    a_hint_for_work_in_progress_makes_a_retry_due_at_once,
    hints_for_a_waiting_entity_merge,
    a_hint_for_a_version_that_was_brought_over_is_dropped,
    a_claim_tells_the_entitys_own_link,
    lanes_are_served_by_urgency_and_within_their_room,
    a_retry_waits_for_its_time,
    a_parked_entity_waits_for_a_new_hint,
    follow_ups_are_claimed_like_other_hints,
    links_are_found_by_external_id_and_by_parent,
    an_announced_link_outlives_its_step_until_the_next_one_replaces_it,
    an_exception_opens_changes_converges_and_reopens,
    an_exception_of_another_cause_stays_open,
    a_watermark_never_goes_back,
    the_audit_chain_has_no_gaps_and_verifies,
    merchants_and_shops_do_not_see_each_other,
    concurrent_operations_share_groups_and_all_succeed,
];

async fn two_workers_never_hold_the_same_entity(store: impl Form) {
    store.record(&[unversioned(1), unversioned(2), unversioned(3)], None, at(0)).await.unwrap();
    let (first, second) = tokio::join!(claim_upto(&store, 2, at(1)), claim_upto(&store, 2, at(1)));
    let mut all = [records(&first), records(&second)].concat();
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3]);
    assert!(claim_all(&store, at(2)).await.is_empty());
}

async fn an_expired_lease_is_claimed_anew_with_a_higher_fencing_number(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let first = claim_one(&store, at(1)).await;
    assert_eq!(store.next_due(merchant()).await.unwrap(), Some(at(61)));
    assert!(claim_all(&store, at(60)).await.is_empty());
    let second = claim_one(&store, at(61)).await;
    assert!(second.lease.fencing > first.lease.fencing);
    assert_eq!((first.attempt, second.attempt), (0, 1));
    assert_eq!(second.recorded_at, at(0));
}

async fn an_old_lease_commits_renews_and_releases_nothing(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let old = claim_one(&store, at(1)).await;
    let current = claim_one(&store, at(100)).await;
    let lost = StoreError::LeaseLost { entity: order(1) };
    let mut late = step(&old, Outcome::Done);
    late.links.push(order_link(1, at(0), at(5)));
    late.follow_ups.push(unversioned(2));
    late.raise.push(exception(1, CauseCode::DocumentRefused, at(100)));
    assert_eq!(store.commit(late, at(101)).await, Err(lost.clone()));
    let retry = step(&old, Outcome::Retry { at: at(200) });
    assert_eq!(store.commit(retry, at(101)).await, Err(lost.clone()));
    assert_eq!(store.renew(order(1), old.lease, at(500)).await, Err(lost.clone()));
    assert_eq!(store.release(order(1), old.lease, at(101)).await, Err(lost.clone()));

    assert_eq!(store.links_under(merchant(), shop(), LinkKind::SalesOrder, 1).await.unwrap(), []);
    assert_eq!(store.open_exceptions(merchant()).await.unwrap(), []);
    assert_eq!(store.audit(merchant(), 1, 10).await.unwrap(), []);
    let held = Depth { due: 0, waiting: 0, leased: 1 };
    assert_eq!(store.depth(merchant(), at(101)).await.unwrap(), held);

    let unheard_of = Entity { shop: "it".parse().unwrap(), ..order(1) };
    let refused = store.release(unheard_of, current.lease, at(101)).await;
    assert_eq!(refused, Err(StoreError::LeaseLost { entity: unheard_of }));

    store.commit(step(&current, Outcome::Done), at(102)).await.unwrap();
    assert_eq!(store.commit(step(&current, Outcome::Done), at(103)).await, Err(lost), "a step commits once");
}

async fn a_lease_that_expired_but_was_not_claimed_anew_still_commits(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(1)).await;
    assert_eq!(store.depth(merchant(), at(500)).await.unwrap().due, 1);
    store.commit(step(&claim, Outcome::Done), at(500)).await.unwrap();
    assert_eq!(store.depth(merchant(), at(500)).await.unwrap(), Depth::default());
}

async fn a_renewed_lease_holds_longer(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(0)).await;
    let lease = store.renew(order(1), claim.lease, at(300)).await.unwrap();
    assert_eq!((lease.fencing, lease.until), (claim.lease.fencing, at(300)));
    assert!(claim_all(&store, at(299)).await.is_empty());
    assert_eq!(records(&claim_all(&store, at(300)).await), [1]);
}

async fn a_released_entity_is_due_at_once(store: impl Form) {
    store.record(&[hint(1, at(-9))], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(0)).await;
    store.release(order(1), claim.lease, at(1)).await.unwrap();
    let again = claim_one(&store, at(1)).await;
    assert_eq!((again.version, again.recorded_at), (at(-9), at(0)));
}

async fn a_hint_for_work_in_progress_makes_it_due_again_after_done(store: impl Form) {
    store.record(&[hint(1, at(-9))], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(1)).await;
    store.record(&[hint(1, at(2))], None, at(3)).await.unwrap();
    let urgent = Hint { lane: Lane::Lock, cause: Cause::Sweep, ..hint(1, at(4)) };
    store.record(&[urgent], None, at(5)).await.unwrap();
    assert!(claim_all(&store, at(6)).await.is_empty(), "nobody else works on it meanwhile");
    store.commit(step(&claim, Outcome::Done), at(7)).await.unwrap();
    assert_eq!(store.next_due(merchant()).await.unwrap(), Some(at(7)));
    let next = claim_one(&store, at(7)).await;
    assert_eq!((next.version, next.recorded_at, next.attempt), (at(4), at(3), 0));
    assert_eq!((next.lane, next.cause), (Lane::Lock, Cause::Delivery));
    store.commit(step(&next, Outcome::Done), at(8)).await.unwrap();
    assert_eq!(store.depth(merchant(), at(9)).await.unwrap(), Depth::default());
}

async fn a_hint_for_work_in_progress_makes_a_retry_due_at_once(store: impl Form) {
    store.record(&[hint(1, at(-9))], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(1)).await;
    store.record(&[hint(1, at(2))], None, at(3)).await.unwrap();
    store.commit(step(&claim, Outcome::Retry { at: at(50) }), at(4)).await.unwrap();
    let again = claim_one(&store, at(4)).await;
    assert_eq!((again.version, again.recorded_at, again.attempt), (at(2), at(0), 1));
}

async fn hints_for_a_waiting_entity_merge(store: impl Form) {
    store.record(&[hint(1, at(-5))], None, at(0)).await.unwrap();
    store.record(&[hint(1, at(-7)), hint(1, at(-3))], None, at(1)).await.unwrap();
    store.record(&[Hint { lane: Lane::Lock, ..hint(1, at(-4)) }], None, at(2)).await.unwrap();
    store.record(&[Hint { lane: Lane::Backfill, ..hint(1, at(-8)) }], None, at(3)).await.unwrap();
    let claim = claim_one(&store, at(4)).await;
    assert_eq!((claim.lane, claim.version, claim.recorded_at), (Lane::Lock, at(-3), at(0)));

    store.commit(step(&claim, Outcome::Retry { at: at(100) }), at(5)).await.unwrap();
    assert!(claim_all(&store, at(6)).await.is_empty());
    store.record(&[hint(1, at(5))], None, at(7)).await.unwrap();
    let claim = claim_one(&store, at(7)).await;
    assert_eq!((claim.version, claim.recorded_at), (at(5), at(0)), "a new hint makes a retry due");
}

async fn a_hint_for_a_version_that_was_brought_over_is_dropped(store: impl Form) {
    store.record(&[hint(1, at(10))], None, at(11)).await.unwrap();
    let claim = claim_one(&store, at(11)).await;
    let mut done = step(&claim, Outcome::Done);
    done.links.push(order_link(1, at(10), at(11)));
    store.commit(done, at(12)).await.unwrap();

    store.record(&[hint(1, at(10)), hint(1, at(9))], None, at(13)).await.unwrap();
    assert_eq!(store.depth(merchant(), at(13)).await.unwrap(), Depth::default());
    store.record(&[unversioned(1)], None, at(14)).await.unwrap();
    let claim = claim_one(&store, at(14)).await;

    // Read within the version's second: a later change of that second may be missing.
    let mut done = step(&claim, Outcome::Done);
    done.links.push(order_link(1, at(20), at(20).plus(Duration::from_millis(999))));
    store.commit(done, at(21)).await.unwrap();
    store.record(&[hint(1, at(20))], None, at(22)).await.unwrap();
    let claim = claim_one(&store, at(22)).await;
    store.commit(step(&claim, Outcome::Done), at(22)).await.unwrap();

    store.record(&[hint(1, at(21))], None, at(23)).await.unwrap();
    assert_eq!(records(&claim_all(&store, at(23)).await), [1], "a newer version is work");
}

async fn a_claim_tells_the_entitys_own_link(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(0)).await;
    assert_eq!(claim.link, None);
    let mut retry = step(&claim, Outcome::Retry { at: at(1) });
    retry.links.push(order_link(1, at(0), at(0)));
    retry.links.push(deposit_link(7, 1));
    store.commit(retry, at(1)).await.unwrap();
    assert_eq!(claim_one(&store, at(1)).await.link, Some(order_link(1, at(0), at(0))));
}

async fn lanes_are_served_by_urgency_and_within_their_room(store: impl Form) {
    let in_lane = |record, lane| Hint { lane, ..unversioned(record) };
    store.record(&[in_lane(1, Lane::Backfill)], None, at(0)).await.unwrap();
    store.record(&[in_lane(2, Lane::Orders)], None, at(1)).await.unwrap();
    store.record(&[in_lane(3, Lane::Orders)], None, at(2)).await.unwrap();
    store.record(&[in_lane(4, Lane::Orders)], None, at(3)).await.unwrap();
    store.record(&[in_lane(5, Lane::Lock)], None, at(4)).await.unwrap();
    let room = |lane, room| LaneRoom { lane, room };
    let lanes = [room(Lane::Backfill, 5), room(Lane::Orders, 2), room(Lane::Lock, 1), room(Lane::Stock, 9)];
    let claims = store.claim(merchant(), &lanes, at(5), at(65)).await.unwrap();
    assert_eq!(records(&claims), [5, 2, 3, 1]);
    let none = store.claim(merchant(), &[room(Lane::Orders, 0)], at(5), at(65)).await.unwrap();
    assert_eq!(none, []);
    assert_eq!(store.depth(merchant(), at(5)).await.unwrap(), Depth { due: 1, waiting: 0, leased: 4 });

    // Expired leases count against the room of their lane, and go before what waits.
    let claims = store.claim(merchant(), &[room(Lane::Orders, 1)], at(65), at(99)).await.unwrap();
    assert_eq!(records(&claims), [2]);
}

async fn a_retry_waits_for_its_time(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(1)).await;
    store.commit(step(&claim, Outcome::Retry { at: at(30) }), at(2)).await.unwrap();
    assert_eq!(store.depth(merchant(), at(29)).await.unwrap(), Depth { due: 0, waiting: 1, leased: 0 });
    assert_eq!(store.next_due(merchant()).await.unwrap(), Some(at(30)));
    assert!(claim_all(&store, at(29)).await.is_empty());
    let again = claim_one(&store, at(30)).await;
    assert_eq!((again.attempt, again.recorded_at), (1, at(0)));
}

async fn a_parked_entity_waits_for_a_new_hint(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(0)).await;
    let mut parked = step(&claim, Outcome::Parked);
    parked.raise.push(exception(1, CauseCode::RouteMissing, at(0)));
    store.commit(parked, at(1)).await.unwrap();
    assert_eq!(store.depth(merchant(), at(999)).await.unwrap(), Depth::default());
    store.record(&[unversioned(1)], None, at(1_000)).await.unwrap();
    assert_eq!(claim_one(&store, at(1_000)).await.attempt, 0);
}

async fn follow_ups_are_claimed_like_other_hints(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(0)).await;
    let mut done = step(&claim, Outcome::Done);
    done.follow_ups.push(Hint { cause: Cause::FollowUp, ..unversioned(2) });
    store.commit(done, at(5)).await.unwrap();
    let next = claim_one(&store, at(5)).await;
    assert_eq!((next.entity, next.cause, next.recorded_at), (order(2), Cause::FollowUp, at(5)));
}

async fn links_are_found_by_external_id_and_by_parent(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(0)).await;
    let mut retry = step(&claim, Outcome::Retry { at: at(0) });
    retry.links =
        vec![order_link(1, at(0), at(1)), deposit_link(8, 1), deposit_link(7, 1), deposit_link(9, 2)];
    store.commit(retry, at(0)).await.unwrap();
    let deposit = deposit_link(7, 1);
    let found =
        store.link(merchant(), shop(), LinkKind::CustomerDeposit, &deposit.external_id).await.unwrap();
    assert_eq!(found, Some(deposit.clone()));
    let found = store.link(merchant(), shop(), LinkKind::SalesOrder, &deposit.external_id).await.unwrap();
    assert_eq!(found, None);
    let under = store.links_under(merchant(), shop(), LinkKind::CustomerDeposit, 1).await.unwrap();
    assert_eq!(under, [deposit.clone(), deposit_link(8, 1)]);

    let claim = claim_one(&store, at(0)).await;
    let mut done = step(&claim, Outcome::Done);
    let changed = Link { internal_id: InternalId::new(5), digest: 3, ..deposit };
    done.links = vec![changed.clone()];
    store.commit(done, at(0)).await.unwrap();
    let under = store.links_under(merchant(), shop(), LinkKind::CustomerDeposit, 1).await.unwrap();
    assert_eq!(under, [changed, deposit_link(8, 1)], "writing a link again brings it to the new values");
}

async fn an_announced_link_outlives_its_step_until_the_next_one_replaces_it(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    claim_one(&store, at(0)).await;
    let announced = Link { kind: LinkKind::Amendment, version: at(900), ..deposit_link(7, 1) };
    store.announce(order(1), announced.clone(), [7; 32]).await.unwrap();
    // The engine that held the lease commits nothing any more.
    let successor = claim_one(&store, at(999)).await;
    let under = async || store.links_under(merchant(), shop(), LinkKind::Amendment, 1).await.unwrap();
    assert_eq!(under().await, std::slice::from_ref(&announced));
    let mut done = step(&successor, Outcome::Done);
    let landed = Link { version: at(3), ..announced };
    done.links = vec![landed.clone()];
    store.commit(done, at(1_000)).await.unwrap();
    assert_eq!(under().await, [landed]);
}

async fn an_exception_opens_changes_converges_and_reopens(store: impl Form) {
    let code = CauseCode::DocumentRefused;
    let key = ExceptionKey { entity: order(1), code };
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();

    // Each step: what it raises, what it says converged, when.
    let first = exception(1, code, at(0));
    let unchanged = Exception {
        raised_at: at(10),
        owner: "nobody".into(),
        deadline: at(99_999),
        ..exception(1, code, at(10))
    };
    let retrying = Exception { state: ExceptionState::Retrying, detail: "again".into(), ..unchanged.clone() };
    let anew = Exception { owner: "warehouse".into(), ..exception(1, code, at(40)) };
    for (raise, converged, now) in [
        (vec![first.clone()], vec![], at(0)),
        (vec![unchanged], vec![], at(10)),
        (vec![retrying], vec![], at(20)),
        (vec![], vec![key], at(30)),
        (vec![], vec![key], at(35)),
        (vec![anew], vec![], at(40)),
    ] {
        let claim = claim_one(&store, now).await;
        let next = Outcome::Retry { at: now };
        let open = Step { raise, converged, ..step(&claim, next) };
        store.commit(open, now).await.unwrap();
        let of_entity = store.open_exceptions_of(order(1)).await.unwrap();
        assert_eq!(of_entity, store.open_exceptions(merchant()).await.unwrap());
        match now.since(at(0)).seconds() {
            0 | 10 => assert_eq!(of_entity, std::slice::from_ref(&first)),
            20 => assert_eq!(
                (of_entity[0].state, &*of_entity[0].owner, of_entity[0].raised_at),
                (ExceptionState::Retrying, "finance", at(0))
            ),
            30 | 35 => assert_eq!(of_entity, []),
            _ => assert_eq!(
                (of_entity[0].state, &*of_entity[0].owner, of_entity[0].raised_at),
                (ExceptionState::Reopened, "warehouse", at(40))
            ),
        }
    }
    let history = store.history(key).await;
    let told: Vec<_> = history.iter().map(|change| (change.changed_at, change.exception.state)).collect();
    let expected = [
        (at(0), ExceptionState::Open),
        (at(20), ExceptionState::Retrying),
        (at(30), ExceptionState::Converged),
        (at(40), ExceptionState::Reopened),
    ];
    assert_eq!(told, expected);
    assert_eq!(history[0].exception, first);
}

async fn an_exception_of_another_cause_stays_open(store: impl Form) {
    store.record(&[unversioned(1)], None, at(0)).await.unwrap();
    let claim = claim_one(&store, at(0)).await;
    let mut both = step(&claim, Outcome::Retry { at: at(1) });
    both.raise.push(exception(1, CauseCode::Unanswered, at(2)));
    both.raise.push(Exception { at_risk: None, ..exception(1, CauseCode::RecordLocked, at(1)) });
    store.commit(both, at(1)).await.unwrap();
    let codes = |open: Vec<Exception>| open.iter().map(|known| known.key.code).collect::<Vec<_>>();
    let open = store.open_exceptions(merchant()).await.unwrap();
    assert_eq!(codes(open), [CauseCode::RecordLocked, CauseCode::Unanswered], "oldest first");
    let claim = claim_one(&store, at(1)).await;
    let one = Step {
        converged: vec![ExceptionKey { entity: order(1), code: CauseCode::RecordLocked }],
        ..step(&claim, Outcome::Done)
    };
    store.commit(one, at(2)).await.unwrap();
    let open = store.open_exceptions_of(order(1)).await.unwrap();
    assert_eq!(codes(open), [CauseCode::Unanswered]);
}

async fn a_watermark_never_goes_back(store: impl Form) {
    let mark = |seconds| Watermark {
        merchant: merchant(),
        shop: shop(),
        feed: Feed::OrdersUpdated,
        at: at(seconds),
    };
    assert_eq!(store.watermark(merchant(), shop(), Feed::OrdersUpdated).await.unwrap(), None);
    for (written, kept) in [(5, 5), (9, 9), (7, 9)] {
        store.record(&[], Some(mark(written)), at(10)).await.unwrap();
        let found = store.watermark(merchant(), shop(), Feed::OrdersUpdated).await.unwrap();
        assert_eq!(found, Some(mark(kept)));
    }
}

async fn the_audit_chain_has_no_gaps_and_verifies(store: impl Form) {
    let hints: Vec<_> = (1..=9).map(unversioned).collect();
    store.record(&hints, None, at(0)).await.unwrap();
    let claims = claim_all(&store, at(0)).await;
    for claim in &claims {
        store.commit(step(claim, Outcome::Done), at(1)).await.unwrap();
    }
    let report = store.verify_audit(merchant()).await.unwrap();
    assert_eq!((report.entries, report.broken_at), (9, None));
    let entries = store.audit(merchant(), 4, 3).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [4, 5, 6]);
    assert_eq!(entries[0].entity, claims[3].entity);
    assert_eq!(entries[0].entry, step(&claims[3], Outcome::Done).audit);
}

async fn merchants_and_shops_do_not_see_each_other(store: impl Form) {
    let entities = [
        order(1),
        Entity { shop: "de".parse().unwrap(), ..order(1) },
        Entity { merchant: "zenith".parse().unwrap(), ..order(1) },
        Entity { flow: Flow::Customer, ..order(1) },
    ];
    let hints = entities.map(|entity| Hint { entity, ..unversioned(1) });
    store.record(&hints, None, at(0)).await.unwrap();
    let ours = claim_all(&store, at(0)).await;
    assert_eq!(ours.len(), 3, "two shops and two flows of ours");
    let theirs = store
        .claim(entities[2].merchant, &[LaneRoom { lane: Lane::Orders, room: 9 }], at(0), at(60))
        .await
        .unwrap();
    assert_eq!(theirs.len(), 1);
    let fr = ours.iter().find(|claim| claim.entity == order(1)).unwrap();
    let mut done = step(fr, Outcome::Done);
    done.links.push(order_link(1, at(0), at(0)));
    done.raise.push(exception(1, CauseCode::RouteMissing, at(0)));
    store.commit(done, at(0)).await.unwrap();
    store.commit(step(&theirs[0], Outcome::Done), at(0)).await.unwrap();

    let external_id = order_link(1, at(0), at(0)).external_id;
    for entity in &entities[1..3] {
        let found = store.link(entity.merchant, entity.shop, LinkKind::SalesOrder, &external_id).await;
        assert_eq!(found.unwrap(), None);
        assert_eq!(store.open_exceptions_of(*entity).await.unwrap(), []);
    }
    assert_eq!(store.open_exceptions(entities[2].merchant).await.unwrap(), []);
    for whose in [merchant(), entities[2].merchant] {
        let report = store.verify_audit(whose).await.unwrap();
        assert_eq!((report.entries, report.broken_at), (1, None), "a chain of its own");
    }
}

async fn concurrent_operations_share_groups_and_all_succeed(store: impl Form) {
    let mut tasks = tokio::task::JoinSet::new();
    for record in 1..=50 {
        let store = store.clone();
        tasks.spawn(async move { store.record(&[unversioned(record)], None, at(0)).await });
    }
    while let Some(recorded) = tasks.join_next().await {
        recorded.unwrap().unwrap();
    }
    let claims = claim_all(&store, at(0)).await;
    assert_eq!(claims.len(), 50);
    for claim in claims {
        let store = store.clone();
        tasks.spawn(async move { store.commit(step(&claim, Outcome::Done), at(1)).await.map(|_| ()) });
    }
    while let Some(committed) = tasks.join_next().await {
        committed.unwrap().unwrap();
    }
    let report = store.verify_audit(merchant()).await.unwrap();
    assert_eq!((report.entries, report.broken_at), (50, None));
}
