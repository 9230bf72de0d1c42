use proptest::prelude::*;

use super::*;

#[test]
fn amounts_are_spelled_with_trimmed_zeros_and_one_decimal() {
    for (minor, digits, text) in [
        (1500, 2, "15.0"),
        (725, 2, "7.25"),
        (0, 2, "0.0"),
        (190_990, 2, "1909.9"),
        (1200, 0, "1200.0"),
        (1250, 3, "1.25"),
        (-5, 2, "-0.05"),
    ] {
        assert_eq!(DecimalText::from_minor(minor, digits).to_string(), text);
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in ["", "-", ".5", "5.", "1e3", "1,0", "--1", "99999999999999999999", "0.1234567890123"] {
        assert!(text.parse::<DecimalText>().is_err(), "{text}");
    }
}

#[test]
fn ids_name_their_kind() {
    let id: Gid<kind::Order> = "gid://shopify/Order/18446744073709551615".parse().unwrap();
    assert_eq!(id.number(), u64::MAX);
    for text in ["gid://shopify/Customer/1", "gid://shopify/Order/", "gid://shopify/Order/x", "1"] {
        assert!(text.parse::<Gid<kind::Order>>().is_err(), "{text}");
    }
}

#[test]
fn a_rate_is_a_json_number_that_never_was_a_float() {
    for (json, decimal, shown) in
        [("0.0875", "0.0875", "0.0875"), ("1", "1", "1.0"), ("5e-2", "0.05", "0.05"), ("0.2", "0.20", "0.2")]
    {
        let rate: Rate = serde_json::from_str(json).unwrap();
        assert_eq!(rate.0, decimal.parse().unwrap());
        assert_eq!(serde_json::to_string(&rate).unwrap(), shown);
    }
    assert!(serde_json::from_str::<Rate>("\"0.2\"").is_err());
}

#[test]
fn instants_have_whole_seconds_in_utc() {
    let json = "\"2026-06-25T01:33:56Z\"";
    let read: DateTime = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
}

proptest! {
    #[test]
    fn every_amount_reads_back_as_itself(minor in -(1i64 << 55)..1 << 55, digits in 0u8..4) {
        let text = DecimalText::from_minor(minor, digits).to_string();
        let read: DecimalText = text.parse().unwrap();
        prop_assert_eq!(read.minor(u32::from(digits)), Some(minor), "{}", text);
    }

    #[test]
    fn every_uuid_reads_back_as_itself(number: u128) {
        prop_assert_eq!(Uuid(number).to_string().parse(), Ok(Uuid(number)));
    }
}
