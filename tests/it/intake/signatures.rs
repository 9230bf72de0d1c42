//! Who may speak at all: attacks W1, W2, W11 on the signature, the path and the type.

use plimsoll::domain::Duration;
use plimsoll::intake::metrics::DeliveryResult;
use plimsoll::ports::inbox::AsideReason;

use super::{DOMAIN, Post, SECRET, base64, config, sign, with_config, with_house};

#[test]
fn a_genuine_delivery_is_acknowledged_and_its_order_is_due() {
    with_house("genuine", async |house| {
        assert_eq!(Post::order(5_001).send(house.at).await, 200);
        assert_eq!(house.due().await, 1);
        assert_eq!(house.metrics.count(DeliveryResult::Kept), 1);
    });
}

#[test]
fn w1_every_malformed_or_wrong_signature_is_refused_and_stores_nothing() {
    with_house("signatures", async |house| {
        let post = Post::order(5_001);
        let genuine = sign(SECRET, &post.body);
        let hex: String = genuine.bytes().map(|byte| format!("{byte:02x}")).collect();
        let flipped = |at: usize| {
            let mut text = genuine.clone().into_bytes();
            text[at] = if text[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(text).unwrap()
        };
        let reserialised =
            post.body.iter().copied().filter(|byte| *byte != b' ').chain(*b" ").collect::<Vec<u8>>();
        let cases = [
            ("none", post.clone().without("x-shopify-hmac-sha256")),
            ("empty", post.clone().with("x-shopify-hmac-sha256", "")),
            ("short", post.clone().with("x-shopify-hmac-sha256", &genuine[..20])),
            ("long", post.clone().with("x-shopify-hmac-sha256", &format!("{genuine}{genuine}"))),
            ("not base64", post.clone().with("x-shopify-hmac-sha256", &"!".repeat(44))),
            ("hex", post.clone().with("x-shopify-hmac-sha256", &hex[..64])),
            ("two headers", post.clone().and("x-shopify-hmac-sha256", &genuine)),
            ("first byte wrong", post.clone().with("x-shopify-hmac-sha256", &flipped(0))),
            ("last byte wrong", post.clone().with("x-shopify-hmac-sha256", &flipped(41))),
            ("zeros", post.clone().with("x-shopify-hmac-sha256", &base64(&[0; 32]))),
            ("another body", post.clone().with("x-shopify-hmac-sha256", &sign(SECRET, &reserialised))),
            ("another shop's secret", post.clone().signed_with(b"hush-us")),
            ("no secret", post.clone().signed_with(b"")),
            ("unknown shop", post.clone().with("x-shopify-shop-domain", "x.myshopify.com").signed_with(b"x")),
        ];
        let refused = cases.len() as u64;
        for (name, case) in cases {
            assert_eq!(case.send(house.at).await, 401, "{name}");
        }
        assert_eq!(house.metrics.count(DeliveryResult::BadSignature), refused);
        assert_eq!((house.due().await, house.aside().await.len()), (0, 0));
    });
}

/// Not which byte is wrong but only that one is may be learned from how long it takes. The comparison is ring's;
/// what is tested is that nothing before it looks at the code.
#[test]
fn w1_refusal_takes_as_long_for_the_first_byte_as_for_the_last() {
    let keys = plimsoll::intake::Keys::new(SECRET);
    let body = [b'x'; 64];
    let genuine: [u8; 32] = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET), &body)
        .as_ref()
        .try_into()
        .unwrap();
    let now = super::later();
    let wrong_at = [0, 31].map(|at| {
        let mut wrong = genuine;
        wrong[at] ^= 1;
        wrong
    });
    #[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
    let time = |signature: &[u8; 32]| {
        let began = std::time::Instant::now();
        for _ in 0..100 {
            assert!(!std::hint::black_box(&keys).verify(&body, signature, now));
        }
        began.elapsed().as_nanos() as i64
    };
    // Alternating, so that whatever else the machine does falls on both; medians, so that its pauses do not count.
    let mut differences: Vec<i64> = (0..1_000).map(|_| time(&wrong_at[0]) - time(&wrong_at[1])).collect();
    differences.sort_unstable();
    let (median, noise) = (differences[500].abs(), differences[750] - differences[250]);
    assert!(median < noise.max(2_000), "{median} ns per hundred, noise {noise} ns");
}

#[test]
fn w2_the_previous_secret_is_accepted_within_the_rotation_window_and_refused_after_it() {
    let config = config();
    let keys = config.shops[0].keys.clone();
    with_config("rotation", config, async |house| {
        keys.rotate(b"hush-new", super::later());
        assert_eq!(Post::order(1).send(house.at).await, 200);
        assert_eq!(Post::order(2).signed_with(b"hush-new").send(house.at).await, 200);
        keys.rotate(b"hush-newer", super::later().minus(Duration::from_hours(24 * 365 * 200)));
        assert_eq!(Post::order(3).signed_with(b"hush-new").send(house.at).await, 401);
        assert_eq!(Post::order(4).signed_with(b"hush-newer").send(house.at).await, 200);
        assert_eq!(house.due().await, 3);
    });
}

#[test]
fn w11_wrong_path_verb_and_type_are_refused() {
    with_house("wrong", async |house| {
        let post = Post::order(1);
        assert_eq!(Post { path: "/", ..post.clone() }.send(house.at).await, 404);
        assert_eq!(Post { path: "/webhooks/shopify/x", ..post.clone() }.send(house.at).await, 404);
        assert_eq!(Post { path: "/metrics", method: "GET", ..post.clone() }.send(house.at).await, 404);
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            assert_eq!(Post { method, ..post.clone() }.send(house.at).await, 405, "{method}");
        }
        for kind in ["text/plain", "application/xml", "", "application/jsonp"] {
            assert_eq!(post.clone().with("content-type", kind).send(house.at).await, 415, "{kind}");
        }
        assert_eq!(post.clone().without("content-type").send(house.at).await, 415);
        assert_eq!(post.clone().and("content-encoding", "gzip").send(house.at).await, 415);
        assert_eq!(house.due().await, 0);
        let with_charset = post.with("content-type", "application/json; charset=utf-8");
        assert_eq!(with_charset.send(house.at).await, 200);
    });
}

#[test]
fn w11_what_is_signed_but_unknown_is_set_aside_with_its_bytes() {
    with_house("unknown", async |house| {
        let topic = Post::new("products/update", r#"{"id":1}"#);
        let version = Post::order(1).with("x-shopify-api-version", "2031-01");
        let shop = Post::order(2).with("x-shopify-shop-domain", "gone.myshopify.com");
        let nameless = Post::order(3).without("x-shopify-webhook-id");
        let garbled = Post::order(4).with("x-shopify-webhook-id", "1234");
        let expected = [
            (&topic, AsideReason::UnknownTopic),
            (&version, AsideReason::UnknownVersion),
            (&shop, AsideReason::UnknownShop),
            (&nameless, AsideReason::HeaderMalformed),
            (&garbled, AsideReason::HeaderMalformed),
        ];
        for (post, reason) in expected {
            assert_eq!(post.send(house.at).await, 200, "{reason:?}");
            assert_eq!(post.send(house.at).await, 200, "{reason:?} again");
        }
        let aside = house.aside().await;
        assert_eq!(
            aside.iter().map(|one| one.reason).collect::<Vec<_>>(),
            expected.map(|(_, reason)| reason)
        );
        for (one, (post, _)) in aside.iter().zip(expected) {
            assert_eq!(one.body.as_deref(), Some(&*post.body));
        }
        assert_eq!(house.due().await, 0);
    });
}

#[test]
fn shop_domain_is_found_in_any_case() {
    with_house("case", async |house| {
        let post = Post::order(1).with("x-shopify-shop-domain", &DOMAIN.to_uppercase());
        assert_eq!(post.send(house.at).await, 200);
        assert_eq!(house.due().await, 1);
    });
}
