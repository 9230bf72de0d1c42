use proptest::prelude::*;

use super::*;

/// Source: traits.md §2, shape `bf`, in tenths of a per cent.
const BLACK_FRIDAY: [u32; 24] =
    [52, 36, 26, 22, 22, 26, 34, 44, 52, 56, 60, 63, 61, 54, 50, 48, 46, 44, 43, 43, 41, 34, 25, 18];

const DAY: Duration = Duration::from_hours(24);

fn new_york() -> Zone {
    Zone::named("America/New_York").unwrap()
}

/// Midnight in New York, Black Friday.
fn midnight() -> Timestamp {
    "2026-11-27T05:00:00Z".parse().unwrap()
}

fn per_hour(curve: &Curve, starts: Timestamp) -> Vec<u64> {
    let mut hours = vec![0; 25];
    for number in 0..curve.arrivals() {
        hours[(curve.arrival(number).since(starts).seconds() / 3_600) as usize] += 1;
    }
    hours
}

#[test]
fn each_local_hour_gets_the_share_that_the_curve_states() {
    let curve = Curve::new(1, 100_000, (midnight(), DAY), &new_york(), &BLACK_FRIDAY, &[]);
    let found = per_hour(&curve, midnight());
    for (hour, weight) in BLACK_FRIDAY.iter().enumerate() {
        let expected = u64::from(*weight) * 100;
        assert!(found[hour].abs_diff(expected) <= 2, "hour {hour}: {} of {expected}", found[hour]);
    }
}

#[test]
fn a_spike_holds_its_share_and_the_rest_keeps_its_shape() {
    let spike = Spike { at: Duration::from_hours(12), lasts: Duration::from_mins(5), share_ppm: 80_000 };
    let curve = Curve::new(3, 13_000, (midnight(), DAY), &new_york(), &BLACK_FRIDAY, &[spike]);
    let from = midnight().plus(Duration::from_hours(12));
    let until = from.plus(Duration::from_mins(5));
    let inside = (0..13_000).filter(|at| (from..until).contains(&curve.arrival(*at))).count();
    // 8 % of the day, and what the hour brings by itself in five minutes: 61 of 92 % of a thousandth / 12.
    assert!((1_095..=1_105).contains(&inside), "{inside}");
    let noon = per_hour(&curve, midnight());
    assert!(noon[11].abs_diff(13_000 * 92 * 63 / 100_000) <= 2, "{}", noon[11]);
}

#[test]
fn the_hour_that_autumn_repeats_comes_twice_and_that_of_spring_not_at_all() {
    let mut second_hour_only = [0; 24];
    second_hour_only[1] = 1;
    // Sunday 1 November 2026, 25 hours; 14 March 2027, 23 hours.
    let autumn: Timestamp = "2026-11-01T04:00:00Z".parse().unwrap();
    let day = (autumn, Duration::from_hours(25));
    let found = per_hour(&Curve::new(1, 1_000, day, &new_york(), &second_hour_only, &[]), autumn);
    assert_eq!((found[1], found[2]), (500, 500));

    let mut third_hour_too = second_hour_only;
    third_hour_too[2] = 1;
    let spring: Timestamp = "2027-03-14T05:00:00Z".parse().unwrap();
    let day = (spring, Duration::from_hours(23));
    let found = per_hour(&Curve::new(1, 1_000, day, &new_york(), &third_hour_too, &[]), spring);
    assert_eq!((found[1], found[2]), (1_000, 0));
}

#[test]
fn an_empty_curve_is_an_even_one() {
    let curve = Curve::new(1, 2_400, (midnight(), DAY), &Zone::utc(), &[0; 24], &[]);
    assert_eq!(per_hour(&curve, midnight())[..24], [100; 24]);
}

#[test]
fn a_million_arrivals_never_go_back() {
    let curve = Curve::new(1, 1_000_000, (midnight(), DAY), &new_york(), &BLACK_FRIDAY, &[]);
    assert!((1..1_000_000).all(|number| curve.arrival(number - 1) <= curve.arrival(number)));
}

proptest! {
    #[test]
    fn arrivals_are_in_order_and_within_the_day(
        seed in any::<u64>(),
        arrivals in 1u64..2_000,
        minutes in 1u64..4_000,
        start in 0i64..200_000_000,
        weights in prop::array::uniform24(prop_oneof![Just(0u32), 0u32..100, any::<u32>()]),
        spikes in prop::collection::vec((0u64..5_000, 0u64..300, 0u32..700_000), 0..4),
    ) {
        let starts = Timestamp::from_seconds(1_700_000_000 + start);
        let lasts = Duration::from_mins(minutes);
        let spikes: Vec<Spike> = spikes
            .into_iter()
            .map(|(at, lasts, share_ppm)| Spike {
                at: Duration::from_mins(at),
                lasts: Duration::from_mins(lasts),
                share_ppm,
            })
            .collect();
        let curve = Curve::new(seed, arrivals, (starts, lasts), &new_york(), &weights, &spikes);
        let all: Vec<Timestamp> = (0..arrivals).map(|number| curve.arrival(number)).collect();
        prop_assert!(all.is_sorted());
        prop_assert!(*all.first().unwrap() >= starts);
        prop_assert!(*all.last().unwrap() < starts.plus(lasts));
    }
}
