//! A signed body under any topic: it asks for one piece of work or is set aside, and never anything else. The first
//! byte chooses the topic, the first line is the time in the header, the rest is the body.

#![no_main]

use std::sync::{Arc, LazyLock};

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use plimsoll::domain::Duration;
use plimsoll::intake::examine::{Examiner, Genuine};
use plimsoll::intake::{Config, Keys, Owner, People, ShopAccess};
use plimsoll::ports::inbox::Matter;

const TOPICS: [&str; 11] = [
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/edited",
    "orders/cancelled",
    "refunds/create",
    "fulfillments/create",
    "fulfillments/update",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
];

static EXAMINER: LazyLock<Examiner> = LazyLock::new(|| {
    let owner = || Owner { name: "it".into(), deadline: Duration::from_hours(24) };
    let people = People { policy_hash: [7; 32], contradictions: owner(), privacy: owner() };
    let access = ShopAccess {
        domain: "fr-acme.myshopify.com".into(),
        shop: "fr".parse().unwrap(),
        keys: Arc::new(Keys::new(b"hush")),
    };
    Examiner::new(Config::new("acme".parse().unwrap(), vec![access], people))
});

fuzz_target!(|data: &[u8]| {
    let Some((topic, data)) = data.split_first() else { return };
    let cut = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (triggered_at, body) = (&data[..cut], data.get(cut + 1..).unwrap_or(&[]));
    let now = "2026-11-27T08:00:00Z".parse().unwrap();
    let mut headers = HeaderMap::new();
    let topic = TOPICS[usize::from(*topic) % TOPICS.len()];
    headers.insert("x-shopify-topic", HeaderValue::from_static(topic));
    headers.insert("x-shopify-shop-domain", HeaderValue::from_static("fr-acme.myshopify.com"));
    headers.insert("x-shopify-api-version", HeaderValue::from_static("2026-10"));
    let id = HeaderValue::from_static("00000000-0000-4000-8000-000000000001");
    headers.insert("x-shopify-webhook-id", id);
    if let Ok(text) = HeaderValue::from_bytes(triggered_at) {
        headers.insert("x-shopify-triggered-at", text);
    }
    let genuine = Genuine { headers: &headers, body, now };
    let receipt = EXAMINER.receipt(&genuine);
    match EXAMINER.matter(&genuine, &receipt) {
        Ok(Matter::Hint(hint)) => {
            assert_ne!(hint.entity.record, 0);
            let digits = hint.entity.record.to_string();
            let stands = body.windows(digits.len()).any(|window| window == digits.as_bytes());
            assert!(stands, "order {digits} stands nowhere in the body");
        }
        Ok(Matter::DataRequest(_) | Matter::Redact(_)) => {}
        Err(reason) => {
            let aside = EXAMINER.aside(&genuine, receipt, reason);
            assert_eq!(&*aside.body, body);
        }
    }
});
