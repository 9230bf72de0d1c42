use super::*;
use crate::report::tests::{at, usd};

#[test]
fn thousands_are_grouped() {
    for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(grouped(number), text);
    }
}

#[test]
fn a_clock_face_is_local_and_names_its_day_only_when_it_is_another() {
    let zone = Zone::named("America/New_York").unwrap();
    let starts = at("2026-11-27T05:00:00Z");
    assert_eq!(clock(at("2026-11-27T19:22:07Z"), starts, &zone), "14:22:07");
    assert_eq!(clock(at("2026-11-28T05:00:01Z"), starts, &zone), "2026-11-28 00:00:01");
}

#[test]
fn amounts_are_summed_by_currency_and_without_sign() {
    let eur = Money::new(-300, Currency::EUR);
    assert_eq!(listed(&totals([usd(100), eur, usd(-250), usd(0)])), "3.00 EUR and 3.50 USD");
    assert_eq!(listed(&totals([])), "");
}

#[test]
fn a_total_beyond_range_is_not_shown_wrong() {
    assert_eq!(totals([usd(i64::MAX), usd(1)]), []);
}

#[test]
fn wall_time_reads_as_spoken() {
    for (milliseconds, text) in
        [(40, "0.0 s"), (12_400, "12.4 s"), (200_000, "3 min 20 s"), (7_260_000, "2 h 1 min")]
    {
        assert_eq!(wall(time::Duration::from_millis(milliseconds)), text);
    }
}
