use proptest::prelude::*;

use super::JsonDecimal;
use crate::domain::{Currency, Money};

#[test]
fn numbers_are_read_as_the_platform_may_print_them() {
    for (text, mantissa, digits) in [
        ("0", 0, 0),
        ("-0.0", 0, 0),
        (".5", 5, 1),
        ("40", 40, 0),
        ("40.00", 40, 0),
        ("-3.55", -355, 2),
        ("1e2", 100, 0),
        ("8.875", 8875, 3),
        ("125E-2", 125, 2),
    ] {
        assert_eq!(text.parse(), Ok(JsonDecimal::new(mantissa, digits)), "{text}");
    }
    for text in ["", "-", ".", "1.2.3", "12a", "99999999999999999999", "1e400"] {
        assert!(text.parse::<JsonDecimal>().is_err(), "{text}");
    }
}

#[test]
fn an_amount_with_more_digits_than_its_currency_is_none() {
    assert_eq!(JsonDecimal::new(1005, 3).to_money(Currency::USD), None);
    assert_eq!(JsonDecimal::new(1000, 3).to_money(Currency::USD), Some(Money::new(100, Currency::USD)));
    assert_eq!(JsonDecimal::new(5, 1).to_money(Currency::JPY), None);
    assert_eq!(JsonDecimal::whole(5).to_money(Currency::JPY), Some(Money::new(5, Currency::JPY)));
}

#[test]
fn a_share_travels_as_percent_and_comes_back() {
    for share in ["0.2", "0.08875", "0", "1", "0.077"] {
        let share = share.parse().unwrap();
        assert_eq!(JsonDecimal::percent_of_share(share).unwrap().share_of_percent(), share);
    }
    assert_eq!(JsonDecimal::percent_of_share("0.08875".parse().unwrap()).unwrap().to_string(), "8.875");
}

proptest! {
    /// No minor unit is lost on the way through JSON text, at any size.
    #[test]
    fn amounts_survive_json(minor in any::<i64>(), at in 0usize..36) {
        let currency = Currency::all().nth(at).unwrap();
        let amount = Money::new(minor, currency);
        let text = serde_json::to_string(&JsonDecimal::of_money(amount)).unwrap();
        let back: JsonDecimal = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(back.to_money(currency), Some(amount));
    }
}
