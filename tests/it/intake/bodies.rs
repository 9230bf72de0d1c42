//! Hostile JSON and text: attacks J1, J2, J4, J5, J6, T1 as far as they reach the intake.

use plimsoll::ports::inbox::AsideReason;

use super::{FRIDAY, Post, order, with_house};

fn with_note(note: &str) -> String {
    order(5_001, FRIDAY).replace(r#""currency":"EUR""#, &format!(r#""note":{note}"#))
}

/// Retries cannot mend these: they are acknowledged, kept byte by byte and never processed.
#[test]
fn j5_a_signed_body_that_cannot_be_read_is_kept_byte_by_byte() {
    with_house("unreadable", async |house| {
        let plain = order(5_001, FRIDAY);
        let id = |text: &str| plain.replace(r#""id":5001,"#, &format!(r#""id":{text},"#)).into_bytes();
        let cases: Vec<(&str, Vec<u8>)> = vec![
            ("empty", vec![]),
            ("no object", b"[]".to_vec()),
            ("cut short", plain.as_bytes()[..plain.len() - 1].to_vec()),
            ("trailing text", [plain.as_bytes(), b"{}"].concat()),
            ("nested 128 deep", with_note(&format!("{}{}", "[".repeat(127), "]".repeat(127))).into_bytes()),
            ("nested a million deep", with_note(&"[".repeat(1_000_000)).into_bytes()),
            ("a key twice", with_note(r#""a","note":"b""#).into_bytes()),
            ("the id twice", with_note(r#""a","id":1"#).into_bytes()),
            ("a key in two cases", with_note(r#""a","Note":"b""#).into_bytes()),
            ("byte order mark", [b"\xef\xbb\xbf", plain.as_bytes()].concat()),
            ("invalid UTF-8", [&plain.as_bytes()[..plain.len() - 1], b",\"x\":\"\xff\"}"].concat()),
            ("UTF-16", plain.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("half a character, where nobody reads", with_note(r#""\ud800""#).into_bytes()),
            ("its other half", with_note(r#""\udc69\ud83d""#).into_bytes()),
            ("a bare NUL in a text", with_note("\"\0\"").into_bytes()),
            ("negative id", id("-1")),
            ("id of no order", id("0")),
            ("id beyond 64 bits", id("18446744073709551616")),
            ("fractional id", id("5001.0")),
            ("id as a float", id("5.001e3")),
            ("id as text", id("\"5001\"")),
            ("global id as id", id("\"gid://shopify/Order/5001\"")),
            ("id unlike its global id", id("5002")),
            ("no version", plain.replace(FRIDAY, "yesterday").into_bytes()),
        ];
        let expected: Vec<_> = cases.iter().map(|(_, body)| body.clone()).collect();
        for (name, body) in cases {
            assert_eq!(Post::new("orders/updated", body).send(house.at).await, 200, "{name}");
        }
        let aside = house.aside().await;
        assert!(aside.iter().all(|one| one.reason == AsideReason::Unreadable));
        assert_eq!(aside.into_iter().map(|one| one.body.unwrap().into_vec()).collect::<Vec<_>>(), expected);
        assert_eq!(house.due().await, 0);
    });
}

/// Nothing of these is interpreted, so nothing can be got wrong: the order is read anew.
#[test]
fn odd_values_in_fields_that_nobody_reads_do_no_harm() {
    with_house("odd", async |house| {
        let notes = [
            format!("{}{}", "[".repeat(126), "]".repeat(126)),
            r#""\ud83d\udc69""#.to_owned(),
            r#""a path: C:\\ud800""#.to_owned(),
            r#""\u0000""#.to_owned(),
            "\"\u{202e}\u{200b}\u{1f468}\u{200d}\u{1f469}\r\\n\"".replace('\r', "\\r"),
            "0.1".to_owned(),
            "1e400".to_owned(),
            "-0".to_owned(),
            "123456789012345678901234567890".to_owned(),
            format!("[{}1]", r#"{"a":0},"#.repeat(200_000)),
            format!("[{}0]", "[],".repeat(500_000)),
            format!("\"{}\"", "x".repeat(2_000_000)),
        ];
        for note in notes {
            assert_eq!(Post::new("orders/updated", with_note(&note)).send(house.at).await, 200);
        }
        assert_eq!((house.due().await, house.aside().await.len()), (1, 0));
    });
}

#[test]
fn j6_ids_beyond_2_to_the_53_stay_exact() {
    with_house("ids", async |house| {
        let ids = [(1 << 53) + 1, 1 << 63, u64::MAX];
        for id in ids {
            assert_eq!(Post::order(id).send(house.at).await, 200);
        }
        let lanes =
            plimsoll::domain::Lane::ALL.map(|lane| plimsoll::ports::store::LaneRoom { lane, room: 9 });
        let claims = plimsoll::ports::Store::claim(
            &house.store,
            super::merchant(),
            &lanes,
            super::later(),
            plimsoll::domain::Timestamp::END,
        );
        let mut found: Vec<_> = claims.await.unwrap().iter().map(|claim| claim.entity.record).collect();
        found.sort_unstable();
        assert_eq!(found, ids);
    });
}
