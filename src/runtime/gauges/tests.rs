use super::{CallResult, Gauges};
use crate::domain::{CauseCode, Duration, Flow, Lane, Money, Timestamp};
use crate::engine::events::{Event, Observer};
use crate::engine::governor::{Budgets, ShopBudget};
use crate::ports::store::{Exception, ExceptionKey, ExceptionState, Outcome};
use crate::ports::{Entity, Platform};

fn entity() -> Entity {
    Entity { merchant: "acme".parse().unwrap(), shop: "fr".parse().unwrap(), flow: Flow::Order, record: 1 }
}

fn open(code: CauseCode, amount: &str) -> Exception {
    Exception {
        key: ExceptionKey { entity: entity(), code },
        state: ExceptionState::Open,
        raised_at: Timestamp::ORIGIN,
        owner: "desk".into(),
        deadline: Timestamp::ORIGIN,
        at_risk: Some(Money::parse(amount, "EUR".parse().unwrap()).unwrap()),
        detail: "".into(),
        next_step: "".into(),
    }
}

fn budgets() -> Budgets {
    let shop = ShopBudget { key: "fr".parse().unwrap(), points_left: 1999.6, points_max: 2000.0 };
    Budgets { shops: vec![shop], slots_in_use: 2, slots_max: 15 }
}

#[test]
fn money_and_causes_are_told_by_sum_and_count() {
    let exceptions = [
        open(CauseCode::GatewayUnmapped, "1204.11"),
        open(CauseCode::GatewayUnmapped, "0.09"),
        open(CauseCode::PayoutNotBalanced, "-3.00"),
    ];
    let text = Gauges::default().text(&budgets(), Some(&exceptions));
    for line in [
        "plimsoll_exceptions_open{cause=\"gateway-unmapped\"} 2",
        "plimsoll_exceptions_open{cause=\"stock-drift\"} 0",
        "plimsoll_money_at_risk{currency=\"EUR\"} 1201.20",
        "plimsoll_money_unexplained{currency=\"EUR\"} -3.00",
        "plimsoll_shopify_points_left{shop=\"fr\"} 2000",
        "plimsoll_netsuite_slots_in_use 2",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
}

#[test]
fn without_the_store_nothing_is_said_of_exceptions() {
    let text = Gauges::default().text(&budgets(), None);
    assert!(text.contains("plimsoll_store_answers 0"), "{text}");
    assert!(!text.contains("plimsoll_exceptions_open") && !text.contains("plimsoll_money"), "{text}");
}

#[test]
fn steps_and_calls_are_counted_where_they_belong() {
    let gauges = Gauges::default();
    let ended = |outcome, lag| Event::StepEnded {
        at: Timestamp::ORIGIN,
        entity: entity(),
        lane: Lane::Refunds,
        outcome,
        attempt: 0,
        lag,
    };
    gauges.observe(ended(Outcome::Done, Some(Duration::from_millis(61_500))));
    gauges.observe(ended(Outcome::Retry { at: Timestamp::ORIGIN }, None));
    gauges.note_call(Platform::NetSuite, CallResult::Throttled);
    let text = gauges.text(&budgets(), None);
    for line in [
        "plimsoll_lag_seconds_bucket{lane=\"refunds\",le=\"60\"} 0",
        "plimsoll_lag_seconds_bucket{lane=\"refunds\",le=\"120\"} 1",
        "plimsoll_lag_seconds_sum{lane=\"refunds\"} 61.500",
        "plimsoll_lag_seconds_count{lane=\"refunds\"} 1",
        "plimsoll_steps_total{lane=\"refunds\",outcome=\"retry\"} 1",
        "plimsoll_calls_total{platform=\"netsuite\",result=\"throttled\"} 1",
        "plimsoll_calls_total{platform=\"shopify\",result=\"throttled\"} 0",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
}
