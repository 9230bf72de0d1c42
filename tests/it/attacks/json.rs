//! JSON and numbers: attacks J1 to J4 and J6, at the intake and where the platforms' answers are read.

use plimsoll::domain::{Currency, Money};
use plimsoll::platforms::netsuite::wire::JsonDecimal;
use plimsoll::platforms::shopify::wire::{DecimalText, Gid, kind};
use plimsoll::ports::inbox::AsideReason;

use crate::intake::{FRIDAY, Post, order, with_house};

fn with_note(note: &str) -> String {
    order(5_001, FRIDAY).replace(r#""currency":"EUR""#, &format!(r#""note":{note}"#))
}

/// Rows of a name, a body and whether it asks for work; what does not is kept byte by byte. All are acknowledged.
fn check(name: &str, cases: Vec<(&str, &str, Vec<u8>, bool)>) {
    with_house(name, async |house| {
        let mut due = false;
        let mut aside = Vec::new();
        for (name, topic, body, asks) in cases {
            assert_eq!(Post::new(topic, body.clone()).send(house.at).await, 200, "{name}");
            due |= asks;
            if !asks {
                aside.push(body);
            }
            assert_eq!(house.due().await, u64::from(due), "{name}");
            assert_eq!(house.aside().await.len(), aside.len(), "{name}");
        }
        let kept = house.aside().await;
        assert!(kept.iter().all(|one| one.reason == AsideReason::Unreadable));
        assert_eq!(kept.into_iter().map(|one| one.body.unwrap().into_vec()).collect::<Vec<_>>(), aside);
    });
}

#[test]
fn j1_nesting_beyond_what_readers_agree_on_is_set_aside() {
    let nested =
        |depth: usize| with_note(&format!("{}{}", "[".repeat(depth), "]".repeat(depth))).into_bytes();
    let topic = "orders/updated";
    check(
        "j1",
        vec![
            ("127 levels with the object around them", topic, nested(126), true),
            ("128 levels", topic, nested(127), false),
            ("a million levels", topic, nested(1_000_000), false),
            (
                "a million levels that are never closed",
                topic,
                with_note(&"[{".repeat(500_000)).into_bytes(),
                false,
            ),
        ],
    );
}

#[test]
fn j4_keys_that_readers_could_tell_apart_or_not_are_set_aside() {
    let plain = order(5_001, FRIDAY);
    let with = |more: &str| plain.replace(r#""currency":"EUR""#, more).into_bytes();
    let edit = |more: &str| {
        let body = format!(
            r#"{{"order_edit":{{"id":1,"app_id":null,"order_id":5001,"committed_at":"{FRIDAY}"{more}}}}}"#
        );
        body.into_bytes()
    };
    let (updated, edited) = ("orders/updated", "orders/edited");
    check(
        "j4",
        vec![
            ("a total twice", updated, with(r#""total_price":"1.00""#), false),
            ("the id twice", updated, with(r#""id":5002"#), false),
            ("the id in another case", updated, with(r#""Id":5002"#), false),
            ("a key spelled with an escape", updated, with(r#""\u0069d":5002"#), false),
            ("a Cyrillic letter", updated, with("\"t\u{43e}tal_price\":\"1.00\""), false),
            ("a zero-width letter", updated, with("\"id\u{200b}\":5002"), false),
            ("an edit of two orders", edited, edit(r#","order_id":5002"#), false),
            ("an edit of an order in another case", edited, edit(r#","Order_id":5002"#), false),
            ("an edit of an order in other letters", edited, edit(",\"\u{43e}rder_id\":5002"), false),
            ("an edit as it is sent", edited, edit(""), true),
        ],
    );
}

#[test]
fn j3_amounts_are_exact_or_refused() {
    // Shopify sends amounts as text: whatever is no text of digits was not sent by it.
    for token in
        ["0.1", "10", "1e400", "1E2", "-0", "NaN", "null", "true", "{}", "123456789012345678901234567890"]
    {
        assert!(serde_json::from_str::<DecimalText>(token).is_err(), "{token}");
    }
    for text in
        ["", "1e2", "1E400", "NaN", "Infinity", "+1", " 1", "1 ", "1,5", "0x10", "٣", "1.2.3", ".", "-"]
    {
        let token = serde_json::to_string(text).unwrap();
        assert!(serde_json::from_str::<DecimalText>(&token).is_err(), "{text:?}");
        assert!(Money::parse(text, Currency::EUR).is_err(), "{text:?}");
    }
    assert!(serde_json::from_str::<DecimalText>("\"123456789012345678901234567890\"").is_err());
    let amount = |text: &str| serde_json::from_str::<DecimalText>(&format!("\"{text}\"")).unwrap().minor(2);
    assert_eq!(
        [amount("0.1"), amount("-0"), amount("-0.0"), amount("0.001")],
        [Some(10), Some(0), Some(0), None]
    );
    // NetSuite sends numbers: each is read from its letters, so none was ever a float.
    let number = |token: &str| serde_json::from_str::<JsonDecimal>(token).ok()?.to_money(Currency::EUR);
    let eur = |minor| Some(Money::new(minor, Currency::EUR));
    for (token, expected) in [
        ("0.1", eur(10)),
        ("0.10", eur(10)),
        ("1E2", eur(10_000)),
        ("-0", eur(0)),
        ("90071992547409.93", eur(9_007_199_254_740_993)),
        ("0.30000000000000004", None),
        ("1e400", None),
        ("1e-400", None),
        ("-1e2147483648", None),
        ("123456789012345678901234567890", None),
        ("NaN", None),
        ("\"NaN\"", None),
        ("null", None),
        ("[1]", None),
    ] {
        assert_eq!(number(token), expected, "{token}");
    }
}

#[test]
fn j6_ids_are_exact_64_bit_numbers_or_refused() {
    let gid =
        |number: &str| serde_json::from_str::<Gid<kind::Order>>(&format!("\"gid://shopify/Order/{number}\""));
    for number in [1, (1 << 53) + 1, 1 << 63, u64::MAX] {
        assert_eq!(gid(&number.to_string()).unwrap().number(), number);
    }
    for text in ["", "-1", "+1", "1.0", "1e3", "18446744073709551616", " 1", "١", "1/2"] {
        assert!(gid(text).is_err(), "{text:?}");
    }
    for token in ["5001", "null", "\"5001\"", "\"gid://shopify/Refund/5001\"", "\"gid://Shopify/Order/5001\""]
    {
        assert!(serde_json::from_str::<Gid<kind::Order>>(token).is_err(), "{token}");
    }
}

/// Untyped values take many times the memory of their text, and lose digits: none is made where deliveries come in,
/// answers are read or orders worked on. What `plimsoll check` asks (`survey`) is on no order's way.
#[test]
fn j2_no_untyped_json_is_made_on_the_way_of_an_order() {
    fn sources(path: &std::path::Path, out: &mut Vec<(String, String)>) {
        if path.is_dir() {
            std::fs::read_dir(path).unwrap().for_each(|entry| sources(&entry.unwrap().path(), out));
        } else if !path.ends_with("tests.rs") && !path.ends_with("survey.rs") {
            out.push((path.display().to_string(), std::fs::read_to_string(path).unwrap_or_default()));
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for room in ["intake", "platforms", "engine", "store", "reconcile", "domain"] {
        sources(&root.join(room), &mut found);
    }
    assert!(found.len() > 100, "the sources were not found");
    for (path, text) in found {
        assert!(!text.contains("serde_json::Value") && !text.contains("Map<String, Value>"), "{path}");
    }
}
