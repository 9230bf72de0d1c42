use proptest::prelude::*;

use super::*;

#[test]
fn d1_a_book_date_depends_on_the_zone_and_not_on_the_instant_alone() {
    let at: Timestamp = "2026-11-30T23:50:00Z".parse().unwrap();
    for (zone, date) in [
        ("Europe/London", "2026-11-30"),
        ("Europe/Paris", "2026-12-01"),
        ("America/Los_Angeles", "2026-11-30"),
        ("Pacific/Kiritimati", "2026-12-01"),
    ] {
        assert_eq!(Zone::named(zone).unwrap().book_date(at).to_string(), date, "{zone}");
    }
}

#[test]
fn d1_a_gap_moves_forward_and_a_fold_means_the_earlier_instant() {
    let london = Zone::named("Europe/London").unwrap();
    let at = |text: &str| london.instant(text.parse().unwrap()).unwrap().to_string();
    assert_eq!(at("2011-03-27T01:30:00"), "2011-03-27T01:30:00Z");
    assert_eq!(at("2010-10-31T01:30:00"), "2010-10-31T00:30:00Z");
}

#[test]
fn dates_read_back_and_refuse_what_is_none() {
    assert_eq!("2028-02-29".parse::<BookDate>().unwrap().to_string(), "2028-02-29");
    assert!("2026-02-29".parse::<BookDate>().is_err());
    assert!("31/12/2026".parse::<BookDate>().is_err());
}

#[test]
fn lengths_print_their_largest_two_units() {
    let shown: Vec<String> = [250, 1_000, 61_250, 3_600_000, 9_000_000, 90_000_000]
        .map(|millis| Duration::from_millis(millis).to_string())
        .to_vec();
    assert_eq!(shown, ["0.250s", "1s", "1m 1s", "1h", "2h 30m", "1d 1h"]);
}

proptest! {
    #[test]
    fn instants_read_back_as_themselves(nanos: i64) {
        let at = Timestamp::from_nanos(nanos);
        prop_assert_eq!(at.to_string().parse(), Ok(at));
    }

    #[test]
    fn book_dates_read_back_as_themselves(days in -100_000i32..100_000) {
        let date = BookDate::from_epoch_days(days);
        prop_assert_eq!(date.to_string().parse(), Ok(date));
    }
}
