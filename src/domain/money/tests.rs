use proptest::prelude::*;

use super::*;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

#[test]
fn amounts_read_and_print_by_their_currency() {
    for (text, currency, minor, shown) in [
        ("15.0", Currency::USD, 1500, "15.00 USD"),
        ("1204.11", Currency::USD, 120_411, "1,204.11 USD"),
        ("-0.05", Currency::USD, -5, "-0.05 USD"),
        ("500", Currency::JPY, 500, "500 JPY"),
        ("1200.0", Currency::JPY, 1200, "1,200 JPY"),
        ("1.25", Currency::KWD, 1250, "1.250 KWD"),
        ("7.250000", Currency::EUR, 725, "7.25 EUR"),
        ("-92233720368547758.08", Currency::USD, i64::MIN, "-92,233,720,368,547,758.08 USD"),
    ] {
        let money = Money::parse(text, currency).unwrap();
        assert_eq!((money.minor(), money.to_string().as_str()), (minor, shown), "{text}");
    }
}

#[test]
fn j3_what_is_not_an_exact_amount_is_refused() {
    for (text, currency) in [
        ("0.105", Currency::USD),
        ("0.5", Currency::JPY),
        ("1e3", Currency::USD),
        ("", Currency::USD),
        ("-", Currency::USD),
        (".5", Currency::USD),
        ("5.", Currency::USD),
        ("1,000.00", Currency::USD),
        ("NaN", Currency::USD),
        ("92233720368547758.08", Currency::USD),
        ("100000000000000000000000000000", Currency::USD),
    ] {
        assert!(Money::parse(text, currency).is_err(), "{text}");
    }
}

#[test]
fn m3_mixed_currencies_are_an_error_and_never_a_number() {
    let mixed = usd(100).checked_add(Money::new(100, Currency::EUR));
    assert_eq!(mixed, Err(MoneyError::MixedCurrencies { left: Currency::USD, right: Currency::EUR }));
    assert!(Sum::of(Currency::USD, [usd(1), Money::new(1, Currency::JPY)]).is_err());
}

#[test]
fn m1_overflow_is_an_error() {
    assert!(usd(i64::MAX).checked_add(usd(1)).is_err());
    assert!(usd(i64::MAX).checked_mul(2).is_err());
    assert!(usd(i64::MIN).checked_neg().is_err());
    assert!(Sum::of(Currency::USD, [usd(i64::MAX), usd(i64::MAX)]).is_err());
    assert_eq!(
        Sum::of(Currency::USD, [usd(i64::MAX), usd(i64::MAX), usd(i64::MIN), usd(i64::MIN)]),
        Ok(usd(-2))
    );
}

#[test]
fn a_half_is_rounded_away_from_zero() {
    for (value, minor) in
        [("0.005", 1), ("-0.005", -1), ("0.0049", 0), ("1.774", 177), ("216.658333", 21_666)]
    {
        assert_eq!(Money::round_half_up(value.parse().unwrap(), Currency::USD), Ok(usd(minor)), "{value}");
    }
}

proptest! {
    #[test]
    fn every_amount_reads_back_as_itself(minor: i64, at in 0usize..36) {
        let currency = Currency::all().nth(at).unwrap();
        let money = Money::new(minor, currency);
        let mut plain = String::new();
        money.write_plain(&mut plain).unwrap();
        prop_assert_eq!(Money::parse(&plain, currency), Ok(money));
        prop_assert_eq!(Money::round_half_up(money.to_decimal(), currency), Ok(money));
    }

    #[test]
    fn addition_is_undone_by_subtraction(left in -1_000_000_000i64..1_000_000_000, right in -1_000_000_000i64..1_000_000_000) {
        prop_assert_eq!(usd(left).checked_add(usd(right)).unwrap().checked_sub(usd(right)), Ok(usd(left)));
    }
}
