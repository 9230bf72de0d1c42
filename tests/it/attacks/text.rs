//! Text of strangers: attacks T1 and T2, on its way to NetSuite and to people.

use std::sync::{Arc, Mutex};

use plimsoll::domain::field_limit::{ADDRESSEE, COMPANY_NAME};
use plimsoll::domain::{Currency, Sku, Zone};
use plimsoll::platforms::netsuite::client::{Client, Transport, TransportError};
use plimsoll::platforms::netsuite::operation::suiteql::Query;
use plimsoll::platforms::netsuite::operation::{Request, Response};
use plimsoll::platforms::netsuite::wire::{LineBody, Reference};
use plimsoll::ports::{Call, Items, PlatformError};

use super::outbound::{Open, block_on, call};

/// SKUs that readers take for one another.
const NEARLY_THE_SAME: [&str; 14] = [
    "MUG",
    "mug",
    "MUG ",
    " MUG",
    "\u{ff2d}\u{ff35}\u{ff27}",
    "CAF\u{c9}",
    "CAFE\u{301}",
    "007",
    "7",
    "NULL",
    "1E5",
    "100000",
    "MUG\u{200b}",
    "'; --",
];

#[test]
fn t2_a_sku_travels_letter_by_letter() {
    for sku in NEARLY_THE_SAME {
        let body = LineBody { item: Some(Reference::ExternalId(sku.into())), ..LineBody::default() };
        let text = serde_json::to_string(&body).unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["item"]["externalId"], serde_json::Value::String(sku.to_owned()), "{text}");
        let query = Query::Item(plimsoll::platforms::netsuite::operation::suiteql::ItemQuery {
            item: sku.into(),
            currency: Currency::EUR,
        });
        assert_eq!(Query::parse(&query.render()), Some(query));
    }
    let skus: std::collections::BTreeSet<Sku> =
        NEARLY_THE_SAME.iter().map(|sku| Sku((*sku).into())).collect();
    assert_eq!(skus.len(), NEARLY_THE_SAME.len(), "no two of them are the same");
}

/// Says the same rows to every query.
struct Rows(Arc<Mutex<String>>);

impl Transport for Rows {
    async fn send(&self, _: Call, request: Request) -> Result<Response, TransportError> {
        let body = self.0.lock().unwrap().clone();
        Response::read(&request, 200, None, &body)
            .map_err(|error| TransportError::Unreadable { reason: error.to_string() })
    }
}

fn rows(skus: &[&str]) -> String {
    let items: Vec<_> = (1..)
        .zip(skus)
        .map(|(id, sku)| {
            serde_json::json!({"id": format!("{id}"), "item": sku, "isonline": "T", "changed": "2026-11-27 09:00:00"})
        })
        .collect();
    serde_json::json!({"count": items.len(), "hasMore": false, "offset": 0, "totalResults": items.len(), "items": items})
        .to_string()
}

/// NetSuite compares as its account is set up to. What it finds under a similar name is not guessed to be meant.
#[test]
fn t2_an_item_is_the_one_that_is_named_or_a_person_is_asked() {
    let said = Arc::new(Mutex::new(String::new()));
    let client = Client::new(Rows(Arc::clone(&said)), Open);
    let zone = Zone::utc();
    let ask = |found: &[&str]| {
        *said.lock().unwrap() = rows(found);
        block_on(client.item(call(), &Sku("MUG".into()), Currency::EUR, &zone))
    };
    assert_eq!(ask(&[]), Ok(None));
    assert_eq!(ask(&["MUG"]).unwrap().unwrap().sku, Sku("MUG".into()));
    for found in [&["mug"][..], &["MUG "], &["\u{ff2d}\u{ff35}\u{ff27}"], &["MUG", "mug"], &["MUG", "MUG"]] {
        let asked = ask(found);
        assert!(matches!(asked, Err(PlatformError::BadReference { .. })), "{found:?}: {asked:?}");
    }
}

/// The same lengths at both ends: what the engine lets through, the account takes.
#[test]
fn t1_limits_count_as_the_platform_does() {
    let emoji = "\u{1f600}".repeat(41);
    assert!(ADDRESSEE.takes(&emoji) && ADDRESSEE.takes(&format!("{emoji}x")));
    assert!(!ADDRESSEE.takes(&"\u{1f600}".repeat(42)), "two units each");
    let note = "n".repeat(10 << 20);
    assert_eq!(COMPANY_NAME.cut(&note).len(), 83);
}
