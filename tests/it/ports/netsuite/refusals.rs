//! Every refusal of the platform becomes the error that says what may be done next.

use plimsoll::domain::{Currency, Duration, ExternalId, InternalId, Money, Sku};
use plimsoll::mocks::netsuite::{
    RecordKind, concurrency_response, conflict_response, login_response, maintenance_response,
    unexpected_response,
};
use plimsoll::platforms::netsuite::{Response, TransportError};
use plimsoll::ports::{NetSuite, Platform, PlatformError, Recovery};

use super::world::{
    FR_INCOME, Fidelity, NOW, UK, UK_BANK_EUR, UK_CLEARING, World, buyer, call, day, deposit, order, run,
    world,
};
use super::{in_each, write_all};

/// Answers one call with this, and says what the client made of it: for a write and for a read.
fn told(answer: impl Fn() -> Result<Response, TransportError>) -> (PlatformError, PlatformError) {
    let world = world(Fidelity::Typed);
    world.wire.instead.lock().unwrap().push(answer());
    let write = run(world.client.upsert_sales_order(call(), &order(5001))).unwrap_err();
    world.wire.instead.lock().unwrap().push(answer());
    let read = run(world.client.booked(call(), &order(5001).external_id)).unwrap_err();
    (write, read)
}

#[test]
fn answers_without_a_rule_mean_what_the_platform_means() {
    use Recovery::{FixConfiguration, LookUpThenRetry, Retry};
    let both = |response: fn() -> Response| {
        let (write, read) = told(|| Ok(response()));
        (write.recovery(), read.recovery())
    };
    assert_eq!(both(concurrency_response), (Retry, Retry));
    assert_eq!(both(maintenance_response), (Retry, Retry));
    assert_eq!(both(conflict_response), (LookUpThenRetry, LookUpThenRetry));
    assert_eq!(both(login_response), (FixConfiguration, FixConfiguration));
    assert_eq!(both(|| unexpected_response(7)), (LookUpThenRetry, Retry));
    // A concurrency refusal in its other form: HTTP 400.
    let other_form = || Response { status: 400, ..concurrency_response() };
    assert_eq!(both(other_form), (Retry, Retry));
}

#[test]
fn a_lost_answer_is_unknown_and_a_lost_request_is_not() {
    let waited = Duration::from_secs(60);
    let (write, _) = told(|| Err(TransportError::NoAnswer { waited }));
    assert_eq!(write, PlatformError::OutcomeUnknown { platform: Platform::NetSuite, waited });
    let (write, _) = told(|| Err(TransportError::NotSent { reason: "no route".to_owned() }));
    assert_eq!(write.recovery(), Recovery::Retry);
}

#[test]
fn every_call_gives_its_slot_back_and_a_refused_one_says_so() {
    let world = world(Fidelity::Bytes);
    write_all(&world);
    world.twin().set_others(5);
    let refused = run(world.client.upsert_customer(call(), &buyer())).unwrap_err();
    assert_eq!(refused, PlatformError::Throttled { platform: Platform::NetSuite });
    assert_eq!(world.gate.under_way.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert_eq!(world.gate.throttled.load(std::sync::atomic::Ordering::Relaxed), 1);
    world.twin().set_others(4);
    run(world.client.upsert_customer(call(), &buyer())).unwrap();
}

#[test]
fn slots_are_refused_at_once_and_one_pool_serves_all() {
    let world = world(Fidelity::Typed);
    let mut twin = world.twin();
    twin.set_others(3);
    let (one, two) = (twin.begin().unwrap(), twin.begin().unwrap());
    assert_eq!(twin.slots_in_use(), 5);
    assert_eq!(twin.begin().unwrap_err().status, 429);
    twin.end(one);
    twin.set_slots(4);
    assert!(twin.begin().is_err(), "one of ours and three others fill four slots");
    twin.end(two);
    let slot = twin.begin().unwrap();
    twin.end(slot);
}

fn refuse_order(world: &World, change: impl FnOnce(&mut plimsoll::domain::SalesOrder)) -> PlatformError {
    let mut changed = order(5002);
    change(&mut changed);
    let refused = run(world.client.upsert_sales_order(call(), &changed)).unwrap_err();
    let kept = run(world.client.booked(call(), &changed.external_id)).unwrap();
    assert_eq!(kept, None, "a refused write leaves nothing");
    refused
}

fn refuse_deposit(
    world: &World,
    change: impl FnOnce(&mut plimsoll::domain::CustomerDeposit),
) -> PlatformError {
    let mut changed = deposit(77, &order(5001), 100);
    change(&mut changed);
    let before: Vec<_> = world.twin().balances().collect();
    let refused = run(world.client.upsert_customer_deposit(call(), &changed)).unwrap_err();
    assert_eq!(world.twin().balances().collect::<Vec<_>>(), before);
    refused
}

fn field(error: PlatformError) -> String {
    match error {
        PlatformError::BadReference { field, .. } => field,
        other => panic!("expected a bad reference, got {other:?}"),
    }
}

#[test]
fn a_reference_that_does_not_hold_names_its_field() {
    in_each(|world| {
        write_all(world);
        let unknown = ExternalId::from_netsuite("nobody");
        assert_eq!(
            field(refuse_order(world, |order| order.lines[1].item = Sku("NONE".into()))),
            "item.items[1].item"
        );
        assert_eq!(
            field(refuse_order(world, |order| order.lines[0].item = Sku("GONE".into()))),
            "item.items[0].item"
        );
        assert_eq!(field(refuse_order(world, |order| order.customer = unknown.clone())), "entity");
        assert_eq!(field(refuse_order(world, |order| order.subsidiary = InternalId::new(99))), "subsidiary");
        assert_eq!(field(refuse_order(world, |order| order.subsidiary = UK)), "entity");
        assert_eq!(field(refuse_order(world, |order| order.location = InternalId::new(99))), "location");
        assert_eq!(
            field(refuse_order(world, |order| order.lines[0].taxes[0].code = InternalId::new(99))),
            "taxDetails.items[0]"
        );
        // The location of another subsidiary: the text names both, and no path is given.
        assert_eq!(field(refuse_order(world, |order| order.location = InternalId::new(30))), "record");
        assert_eq!(field(refuse_deposit(world, |deposit| deposit.sales_order = unknown)), "salesOrder");
        assert_eq!(field(refuse_deposit(world, |deposit| deposit.account = UK_CLEARING)), "record");
        assert_eq!(field(refuse_deposit(world, |deposit| deposit.account = FR_INCOME)), "account");
        assert_eq!(
            field(refuse_deposit(world, |deposit| {
                deposit.currency = Currency::USD;
                deposit.payment = Money::new(100, Currency::USD);
            })),
            "currency"
        );
    });
}

#[test]
fn a_customer_made_inactive_cannot_be_used() {
    in_each(|world| {
        write_all(world);
        assert!(world.twin().set_customer_inactive(buyer().external_id.as_str(), true));
        assert_eq!(field(refuse_order(world, |_| {})), "entity");
    });
}

#[test]
fn amounts_beyond_the_currency_and_payments_of_nothing_are_refused() {
    in_each(|world| {
        write_all(world);
        let kwd = Money::new(1_005, Currency::KWD);
        let refused = refuse_order(world, |order| order.lines[0].amount = kwd);
        assert!(matches!(refused, PlatformError::Refused { .. }), "{refused:?}");
        let refused = refuse_deposit(world, |deposit| deposit.payment = Money::zero(Currency::EUR));
        assert!(matches!(refused, PlatformError::Refused { .. }), "{refused:?}");
    });
}

#[test]
fn a_locked_period_stops_deposits_and_lets_orders_and_repetitions_pass() {
    in_each(|world| {
        write_all(world);
        world.twin().lock_period(day("2026-11-01"));
        let refused = refuse_deposit(world, |_| {});
        assert!(matches!(refused, PlatformError::PeriodClosed { .. }), "{refused:?}");
        run(world.client.upsert_sales_order(call(), &order(5002))).unwrap();
        // The same deposit again has no G/L impact; another amount has.
        run(world.client.upsert_customer_deposit(call(), &deposit(9, &order(5001), 12_000))).unwrap();
        let refused =
            run(world.client.upsert_customer_deposit(call(), &deposit(9, &order(5001), 12_001))).unwrap_err();
        assert!(matches!(refused, PlatformError::PeriodClosed { .. }), "{refused:?}");
        let mut next = deposit(78, &order(5001), 100);
        next.date = day("2026-12-01");
        run(world.client.upsert_customer_deposit(call(), &next)).unwrap();
        world.twin().open_period(day("2026-11-15"));
        run(world.client.upsert_customer_deposit(call(), &deposit(79, &order(5001), 100))).unwrap();
    });
}

#[test]
fn a_workflows_lock_hides_the_record_from_reads_and_writes() {
    in_each(|world| {
        write_all(world);
        let key = order(5001).external_id;
        assert!(world.twin().lock_record(RecordKind::SalesOrder, key.as_str()));
        let locked = |error: PlatformError| assert!(matches!(error, PlatformError::RecordLocked { .. }));
        locked(run(world.client.booked(call(), &key)).unwrap_err());
        locked(run(world.client.upsert_sales_order(call(), &order(5001))).unwrap_err());
        locked(run(world.client.amend_sales_order(call(), &key, &[])).unwrap_err());
        assert!(world.twin().unlock_record(RecordKind::SalesOrder, key.as_str()));
        assert!(run(world.client.booked(call(), &key)).unwrap().is_some());
    });
}

#[test]
fn an_amendment_of_nothing_is_refused_not_created() {
    in_each(|world| {
        let refused = run(world.client.amend_sales_order(call(), &order(1).external_id, &[])).unwrap_err();
        assert!(matches!(refused, PlatformError::Refused { .. }), "{refused:?}");
        assert_eq!(world.twin().documents_count(), 0);
    });
}

#[test]
fn a_foreign_bank_takes_only_its_own_currency() {
    let world = world(Fidelity::Typed);
    let mut guest = buyer();
    guest.subsidiary = UK;
    guest.currency = Currency::USD;
    run(world.client.upsert_customer(call(), &guest)).unwrap();
    let mut abroad = order(5001);
    abroad.subsidiary = UK;
    abroad.location = InternalId::new(30);
    abroad.currency = Currency::USD;
    abroad.lines.truncate(1);
    abroad.lines[0].taxes.clear();
    abroad.lines[0].amount = Money::new(5_000, Currency::USD);
    run(world.client.upsert_sales_order(call(), &abroad)).unwrap();
    let mut money = deposit(9, &abroad, 5_000);
    money.subsidiary = UK;
    money.account = UK_BANK_EUR;
    assert_eq!(field(run(world.client.upsert_customer_deposit(call(), &money)).unwrap_err()), "account");
    money.account = super::world::UK_BANK_USD;
    let id = run(world.client.upsert_customer_deposit(call(), &money)).unwrap();
    let twin = world.twin();
    // 50.00 USD at 0.7931 is 39.655, half away from zero.
    let base: Vec<_> = twin.document(id).unwrap().postings().map(|posting| posting.base).collect();
    assert_eq!(base, [Money::new(3_966, Currency::GBP), Money::new(-3_966, Currency::GBP)]);
}

#[test]
fn a_request_that_is_not_understood_is_refused_in_the_platforms_words() {
    let world = world(Fidelity::Bytes);
    let mut twin = world.twin();
    let mut ask = |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let answer = twin.execute_text(method, path, &[], headers, body, NOW);
        (answer.status, answer.body)
    };
    let root = "/services/rest/record/v1";
    let (status, body) = ask("GET", &format!("{root}/bad-path/eid:1"), &[], "");
    assert!(status == 404 && body.contains("does not exist"), "{body}");
    let (status, body) = ask("PUT", &format!("{root}/customer/eid:a"), &[], "{");
    assert!(status == 400 && body.contains("Invalid content in the request body"), "{body}");
    let (status, body) = ask("PUT", &format!("{root}/customer/eid:a"), &[], "{}");
    assert!(status == 400 && body.contains("Please enter value(s) for: Company Name"), "{body}");
    let (status, body) = ask("GET", &format!("{root}/salesOrder/eid:a%7Cb"), &[], "");
    assert!(status == 404 && body.contains("NONEXISTENT_ID"), "{body}");
    let suiteql = "/services/rest/query/v1/suiteql";
    let (status, body) = ask("POST", suiteql, &[("prefer", "transient")], r#"{"q":"SELECT 1"}"#);
    assert!(status == 400 && body.contains("Invalid search query"), "{body}");
}

/// Nothing is cut: what is too long for its field refuses the whole record, and what fits to the letter is taken.
#[test]
fn t1_a_text_longer_than_its_field_refuses_the_record() {
    in_each(|world| {
        let named = |name: String| {
            let record = plimsoll::domain::CustomerRecord { is_person: false, name: name.into(), ..buyer() };
            run(world.client.upsert_customer(call(), &record))
        };
        let refused = named("x".repeat(84));
        let Err(PlatformError::Refused { reason, .. }) = refused else { panic!("{refused:?}") };
        assert!(reason.contains("companyname") && reason.contains("( 83 )"), "{reason}");
        named("\u{e9}".repeat(83)).unwrap();
        let mut long = order(5001);
        long.other_ref = "#".repeat(46).into();
        let refused = run(world.client.upsert_sales_order(call(), &long));
        assert!(matches!(refused, Err(PlatformError::Refused { .. })), "{refused:?}");
        long.other_ref = "#".repeat(45).into();
        run(world.client.upsert_sales_order(call(), &long)).unwrap();
    });
}
