use proptest::prelude::*;

use super::*;

#[test]
fn texts_that_read() {
    assert_eq!(duration("1h 30m"), Ok(Duration::from_mins(90)));
    assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1_500)));
    assert_eq!(duration("2d"), Ok(Duration::from_hours(48)));
    assert_eq!(share("2.0%"), Ok(20_000));
    assert_eq!(share("100 %"), Ok(1_000_000));
    assert_eq!(factor("x1.5"), Ok(150));
    assert_eq!(rate_of_tax("8.875%"), Ok(Decimal::new(8_875, 5)));
    assert_eq!(moment("12:05"), Ok(Moment::Clock(civil::time(12, 5, 0, 0))));
    assert_eq!(moment("90s"), Ok(Moment::AfterStart(Duration::from_secs(90))));
    assert_eq!(at_most_of("<= 15m", duration), Ok(Duration::from_mins(15)));
    assert_eq!(at_most_of("= 0", count), Ok(0));
    assert_eq!(burst("8% at 12:00, spread over 5m").map(|burst| burst.share_ppm), Ok(80_000));
    assert_eq!(
        start("2026-11-27T00:00:00[America/New_York]").map(|(at, _)| at.to_string()),
        Ok("2026-11-27T05:00:00Z".to_owned())
    );
}

/// Each text with the part of it that is pointed at.
#[test]
fn texts_that_do_not_read_are_pointed_into() {
    fn refused<T: std::fmt::Debug>(
        grammar: fn(&str) -> Result<T, Misread>,
        text: &str,
    ) -> (&str, &'static str) {
        let error = grammar(text).unwrap_err();
        (&text[error.at], error.code)
    }
    let table = [
        (refused(duration, "5 parsecs"), ("5 parsecs", "wrong-unit")),
        (refused(duration, "1h 5x"), ("x", "wrong-unit")),
        (refused(duration, "-5m"), ("-5m", "negative")),
        (refused(duration, "900000d"), ("900000d", "out-of-range")),
        (
            refused(duration, "99999999999999999999999999999999h"),
            ("99999999999999999999999999999999h", "out-of-range"),
        ),
        (refused(duration, ""), ("", "wrong-unit")),
        (refused(positive_duration, "0s"), ("0s", "out-of-range")),
        (refused(share, "0.3"), ("0.3", "wrong-unit")),
        (refused(share, "101%"), ("101", "over-100-percent")),
        (refused(share, "-1%"), ("-1", "negative")),
        (refused(share, "0.00001%"), ("0.00001", "too-precise")),
        (refused(factor, "8"), ("8", "not-a-factor")),
        (refused(factor, "x0.5"), ("x0.5", "not-a-factor")),
        (refused(moment, "25:00"), ("25:00", "not-a-time")),
        (refused(moment, "noon"), ("noon", "wrong-unit")),
        (refused(zone, "Europe/Lndon"), ("Europe/Lndon", "unknown-zone")),
        (refused(start, "2026-11-27T00:00:00[Mars/Base]"), ("Mars/Base", "unknown-zone")),
        (refused(start, "2026-13-27T00:00:00[UTC]"), ("2026-13-27T00:00:00", "not-a-time")),
        (refused(start, "2026-11-27T00:00:00Z"), ("2026-11-27T00:00:00Z", "no-zone")),
        (refused(currency, "EURO"), ("EURO", "unknown-currency")),
        (refused(money, "59.90"), ("59.90", "not-an-amount")),
        (refused(money, "1.234 USD"), ("1.234 USD", "not-an-amount")),
        (refused(money, "99999999999999999999 USD"), ("99999999999999999999 USD", "not-an-amount")),
        (refused(amount, "-1.00 USD"), ("-1.00 USD", "negative")),
        (refused(|text: &str| at_most_of(text, count), "< 5"), ("< 5", "not-a-limit")),
        (refused(|text: &str| at_most_of(text, count), "= 5"), ("= 5", "not-a-limit")),
        (refused(burst, "8% at noon, spread over 5m"), ("noon", "wrong-unit")),
        (refused(burst, "8% at 12:00"), ("8% at 12:00", "not-a-burst")),
        (refused(exchange_rate, "0"), ("0", "not-a-rate")),
        (refused(exchange_rate, "1e3"), ("1e3", "not-a-rate")),
    ];
    for (at, (found, expected)) in table.into_iter().enumerate() {
        assert_eq!(found, expected, "row {at}");
    }
}

proptest! {
    /// What a duration shows of itself reads back, as far as it shows it.
    #[test]
    fn a_duration_in_seconds_reads_back(seconds in 0u64..86_400) {
        let length = Duration::from_secs(seconds);
        let text = format!("{}h {}m {}s", seconds / 3_600, seconds / 60 % 60, seconds % 60);
        prop_assert_eq!(duration(&text), Ok(length));
    }

    /// Shares are exact in parts per million.
    #[test]
    fn a_share_keeps_each_millionth(ppm in 0u32..=1_000_000) {
        prop_assert_eq!(share(&format!("{}.{:04}%", ppm / 10_000, ppm % 10_000)), Ok(ppm));
    }

    #[test]
    fn a_factor_keeps_two_decimals(percent in 100u32..=100_000) {
        prop_assert_eq!(factor(&format!("x{}.{:02}", percent / 100, percent % 100)), Ok(percent));
    }

    #[test]
    fn an_amount_reads_back(minor in any::<i64>(), at in 0usize..36) {
        let currency = Currency::all().nth(at).unwrap();
        let mut plain = String::new();
        Money::new(minor, currency).write_plain(&mut plain).unwrap();
        prop_assert_eq!(money(&format!("{plain} {currency}")), Ok(Money::new(minor, currency)));
    }

    /// Any text is read or refused, and what is pointed at is part of it.
    #[test]
    fn nothing_panics_and_places_lie_within(text in "\\PC{0,24}|[0-9.%x:hms<= -]{0,16}") {
        let within = |misread: Misread| prop_assert_ok(text.get(misread.at).is_some());
        let results = [
            duration(&text).err(), share(&text).err(), factor(&text).err(), moment(&text).err(),
            start(&text).err(), zone(&text).err(), money(&text).err(), currency(&text).err(),
            burst(&text).err(), at_most_of(&text, share).err(), rate_of_tax(&text).err(), date(&text).err(),
        ];
        for misread in results.into_iter().flatten() {
            within(misread)?;
        }
    }
}

fn prop_assert_ok(held: bool) -> Result<(), TestCaseError> {
    prop_assert!(held);
    Ok(())
}
