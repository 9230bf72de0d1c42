use super::*;
use crate::domain::Sku;

const START: Timestamp = Timestamp::from_seconds(1_795_755_600);
const DAY: Duration = Duration::from_hours(24);

fn hour(hours: u64) -> Timestamp {
    START.plus(Duration::from_hours(hours))
}

/// Source: traits.md §4, profile *busy*.
fn busy() -> FaultRates {
    let seconds =
        |median, p99| Latency { median: Duration::from_secs(median), p99: Duration::from_secs(p99) };
    FaultRates {
        webhook_lost_ppm: 1_000,
        webhook_duplicated_ppm: 20_000,
        webhook_reordered_ppm: 30_000,
        webhook_delay: seconds(6, 240),
        shopify_throttled_ppm: 30_000,
        shopify_latency: seconds(1, 3),
        shopify_failed_ppm: 2_000,
        netsuite_throttled_ppm: 50_000,
        netsuite_read: seconds(1, 8),
        netsuite_write: seconds(3, 25),
        answer_lost_after_ppm: 1_000,
        answer_lost_before_ppm: 1_000,
        record_changed_ppm: 2_000,
        record_locked_ppm: 2_000,
        search_lag: seconds(2, 30),
    }
}

fn weather(from: u64, lasts: u64, what: WeatherKind) -> Weather {
    Weather { index: 0, at: Duration::from_hours(from), lasts: Duration::from_hours(lasts), what }
}

fn faults(rates: FaultRates, weather: &[Weather]) -> Faults {
    Faults::new(7, rates, weather, START, START.plus(DAY))
}

fn key(entity: u64) -> CallKey {
    CallKey { entity, call: 0, attempt: 0 }
}

const CHANGE: fn(u64) -> Access = |record| Access::Write { record: Some(record) };

#[test]
fn profile_chances_come_out_as_stated() {
    let mut faults = faults(busy(), &[]);
    for number in 0..100_000 {
        faults.on_delivery(number, hour(1));
        faults.on_shopify_call(key(number), hour(1));
        faults.on_netsuite_call(key(number), CHANGE(number), hour(1));
    }
    for (kind, low, high) in [
        (FaultKind::WebhookLost, 70, 130),
        (FaultKind::WebhookDuplicated, 1_800, 2_200),
        (FaultKind::WebhookReordered, 2_800, 3_200),
        (FaultKind::ShopifyThrottled, 2_800, 3_200),
        (FaultKind::ShopifyFailed, 150, 250),
        (FaultKind::NetSuiteThrottled, 4_700, 5_300),
        (FaultKind::LostBefore, 65, 130),
        (FaultKind::LostAfter, 65, 130),
        (FaultKind::RecordChanged, 150, 240),
        (FaultKind::RecordLocked, 150, 240),
    ] {
        let count = faults.effects().of(kind);
        assert!((low..=high).contains(&count), "{}: {count}", kind.name());
    }
}

#[test]
fn luck_depends_on_the_key_alone() {
    let mut all = faults(busy(), &[]);
    let whole: Vec<Verdict> =
        (0..2_000).map(|at| all.on_netsuite_call(key(at), CHANGE(at), hour(1))).collect();
    // Every second order is gone, and the rest comes in another order: nobody's luck changes.
    let mut some = faults(busy(), &[]);
    for at in (0..2_000).rev().step_by(2) {
        assert_eq!(some.on_netsuite_call(key(at), CHANGE(at), hour(9)), whole[at as usize]);
    }
    let again = CallKey { attempt: 1, ..key(1) };
    assert_ne!(some.on_netsuite_call(again, CHANGE(1), hour(1)), whole[1]);
}

#[test]
fn a_read_is_never_changed_locked_or_done_without_an_answer() {
    let certain = FaultRates {
        record_changed_ppm: 1_000_000,
        record_locked_ppm: 1_000_000,
        answer_lost_after_ppm: 1_000_000,
        ..FaultRates::default()
    };
    let mut faults = faults(certain, &[]);
    let mut fate = |access| faults.on_netsuite_call(key(1), access, hour(1)).fate;
    assert_eq!(fate(Access::Read), Fate::Answered);
    // Nobody holds what does not exist yet; its answer may be lost.
    assert_eq!(fate(Access::Write { record: None }), Fate::LostAfter);
    assert_eq!(fate(CHANGE(1)), Fate::RecordLocked);
}

#[test]
fn nothing_new_goes_wrong_after_the_day() {
    let storm = [
        weather(0, 48, WeatherKind::NetSuiteDown),
        weather(0, 48, WeatherKind::ReceiverDown),
        weather(23, 5, WeatherKind::RecordsLocked { ppm: 1_000_000 }),
        weather(25, 5, WeatherKind::NetSuiteDown),
    ];
    let mut faults = faults(swarm(&busy(), 3), &storm);
    for number in 0..5_000 {
        let netsuite = faults.on_netsuite_call(key(number), CHANGE(number), START.plus(DAY));
        let shopify = faults.on_shopify_call(key(number), hour(30));
        assert_eq!((netsuite.fate, shopify.fate), (Fate::Answered, Fate::Answered));
        let delivery = faults.on_delivery(number, hour(24));
        assert!(delivery.arrivals[0].is_some() && delivery.arrivals[1].is_none());
        assert!(faults.receiver_answers(hour(24)));
    }
    assert_eq!(faults.effects().kinds().count(), 0);
    assert_eq!(*faults.conditions(hour(24)), Conditions::default());
    assert_eq!(faults.effects().idle_weather().collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn weather_holds_while_it_lasts_and_is_counted_by_its_entry() {
    let entries = [
        weather(2, 2, WeatherKind::NetSuiteDown),
        weather(6, 1, WeatherKind::AnswersLost { after_ppm: 1_000_000, before_ppm: 0 }),
        weather(8, 1, WeatherKind::NetSuiteSlow { latency_percent: 800, slots: Some(6) }),
        weather(10, 1, WeatherKind::ReceiverDown),
        weather(12, 1, WeatherKind::SearchLags { by: Duration::from_mins(5) }),
        weather(14, 1, WeatherKind::OthersBusy { slots: 9 }),
    ];
    let calm = FaultRates { netsuite_write: busy().netsuite_write, ..FaultRates::default() };
    let mut faults = faults(calm, &entries);
    let plain = faults.on_netsuite_call(key(1), CHANGE(1), hour(1));
    let mut fate = |at| faults.on_netsuite_call(key(1), CHANGE(1), at).fate;
    assert_eq!((plain.fate, fate(hour(2))), (Fate::Answered, Fate::Unavailable));
    assert_eq!((fate(hour(4)), fate(hour(6))), (Fate::Answered, Fate::LostAfter));
    let slow = faults.on_netsuite_call(key(1), CHANGE(1), hour(8));
    let (length, usual) = (slow.before.plus(slow.after), plain.before.plus(plain.after));
    assert!(length.nanos().abs_diff(usual.times(8).nanos()) < 1_000, "{length} against {usual}");
    assert_eq!(faults.conditions(hour(8)).netsuite_slots, Some((6, 2)));
    assert!(!faults.receiver_answers(hour(10)) && faults.receiver_answers(hour(11)));
    assert_eq!(faults.search_lag(1, 1, hour(12)), Duration::from_mins(5));
    assert_eq!(faults.conditions(hour(14)).others_busy, Some((9, 5)));
    assert_eq!(faults.effects().idle_weather().collect::<Vec<_>>(), [5]);
    faults.took_effect(FaultKind::OthersBusy, Some(5));
    assert_eq!(faults.effects().of_weather(5), 1);
    let mut both = faults.effects().clone();
    both.merge(faults.effects());
    assert_eq!((both.of(FaultKind::OthersBusy), both.of_weather(0)), (2, 2));
}

#[test]
fn misbehaving_webhooks_override_the_profile_and_drop_the_first_ones() {
    let what = WeatherKind::Webhooks {
        lost_ppm: 0,
        duplicated_ppm: 1_000_000,
        reordered_ppm: 0,
        late_up_to: Duration::from_mins(20),
        lose_first: 3,
    };
    let mut faults = faults(FaultRates::default(), &[weather(2, 1, what)]);
    assert!(!faults.on_delivery(1, hour(1)).is_lost());
    let verdicts: Vec<DeliveryVerdict> = (1..=10).map(|at| faults.on_delivery(at, hour(2))).collect();
    assert!(verdicts[..3].iter().all(DeliveryVerdict::is_lost));
    for verdict in &verdicts[3..] {
        let [Some(first), Some(second)] = verdict.arrivals else { panic!("{verdict:?} is not doubled") };
        assert!(first < Duration::from_mins(20) && first <= second);
    }
    assert_eq!(faults.effects().of_weather(0), 3 + 7 + 7);
}

#[test]
fn a_workflow_holds_the_same_records_for_as_long_as_it_lasts() {
    let entries = [weather(1, 2, WeatherKind::RecordsLocked { ppm: 300_000 })];
    let mut faults = faults(FaultRates::default(), &entries);
    let mut held = |call, at| -> Vec<u64> {
        let locked = |faults: &mut Faults, record| {
            faults.on_netsuite_call(key(call), CHANGE(record), at).fate == Fate::RecordLocked
        };
        (0..1_000).filter(|record| locked(&mut faults, *record)).collect()
    };
    let first = held(1, hour(1));
    assert!((250..350).contains(&first.len()), "{}", first.len());
    assert_eq!(held(2, hour(2)), first);
    assert!(held(3, hour(3)).is_empty());
}

#[test]
fn kills_come_as_often_and_as_far_apart_as_stated() {
    let killed = WeatherKind::EngineKilled { times: 3, every: Duration::from_mins(7) };
    let inactive = WeatherKind::ItemInactive { sku: Sku("HB-0001".into()) };
    let faults = faults(FaultRates::default(), &[weather(18, 0, killed), weather(5, 2, inactive)]);
    let kills = faults.forecast().kills();
    let at = |minutes| hour(18).plus(Duration::from_mins(minutes));
    assert_eq!(kills.iter().map(|kill| kill.at).collect::<Vec<_>>(), [at(0), at(7), at(14)]);
    let turns: Vec<_> = faults.forecast().turns().iter().map(|turn| (turn.weather, turn.begins)).collect();
    assert_eq!(turns, [(1, true), (1, false), (0, true)]);
    assert_eq!(faults.forecast().entry(1).what, WeatherKind::ItemInactive { sku: Sku("HB-0001".into()) });
}

#[test]
fn swarm_switches_each_kind_off_leaves_it_or_makes_it_extreme() {
    let stated = busy();
    let mut seen = [0; 3];
    for seed in 0..300 {
        let rates = swarm(&stated, seed);
        assert_eq!(rates, swarm(&stated, seed));
        seen[match rates.netsuite_throttled_ppm {
            0 => 0,
            50_000 => 1,
            _ => 2,
        }] += 1;
        assert!(rates.netsuite_throttled_ppm <= 400_000);
        assert!(rates.netsuite_write.median >= stated.netsuite_write.median);
    }
    assert!(seen.iter().all(|seeds| (70..130).contains(seeds)), "{seen:?}");
    // Two kinds are chosen apart from each other.
    let alike = (0..300).filter(|seed| {
        let rates = swarm(&stated, *seed);
        (rates.webhook_lost_ppm == 0) == (rates.netsuite_throttled_ppm == 0)
    });
    assert!((120..210).contains(&alike.count()));
}
