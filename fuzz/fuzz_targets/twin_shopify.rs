//! What a stranger posts to the Shopify twin's GraphQL endpoint, request after request, over a shop that has sold: it is
//! answered with 200 and JSON, and the twin goes on. Requests stand one after the other with a zero byte between them; one
//! that begins with `{"` is a whole body, any other text is a document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::domain::{Currency, Duration, ShopKey, Timestamp, Zone};
use plimsoll::mocks::http::Asked;
use plimsoll::mocks::shopify::http::{Access, Face};
use plimsoll::mocks::shopify::{
    CheckoutBuyer, CustomerDetails, ExactLine, ExactOrder, Payment, PaymentStanding, ShopSettings, ShopifyTwin,
};

const NOW: Timestamp = Timestamp::from_seconds(1_795_755_600);

fuzz_target!(|data: &[u8]| {
    let (mut twin, mut face) = (twin(), Face::new());
    let token = "shpat_fuzzed".to_owned();
    face.install(shop(), Access { token: token.as_str().into(), ..Access::default() });
    for (number, part) in data.split(|byte| *byte == 0).take(4).enumerate() {
        let text = String::from_utf8_lossy(part);
        let body = match text.starts_with("{\"") {
            true => part.to_vec(),
            false => serde_json::json!({ "query": text }).to_string().into_bytes(),
        };
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let asked = Asked {
            method: "POST".to_owned(),
            path: "/admin/api/2026-10/graphql.json".to_owned(),
            query: String::new(),
            headers: vec![header("host", "fr.myshopify.com"), header("x-shopify-access-token", &token)],
            body,
        };
        let told = face.answer(&mut twin, &asked, NOW.plus(Duration::from_secs(number as u64)));
        let answer: serde_json::Value = serde_json::from_slice(&told.body).expect("an answer is JSON");
        assert!(told.status == 200 || told.status == 400, "{} {answer}", told.status);
    }
});

fn shop() -> ShopKey {
    "fr".parse().expect("a short word is a key")
}

fn twin() -> ShopifyTwin {
    let mut twin = ShopifyTwin::new();
    twin.add_shop(ShopSettings {
        key: shop(),
        domain: "fr.myshopify.com".into(),
        currency: Currency::EUR,
        zone: Zone::utc(),
        restore_rate: 1_000,
        bucket: 20_000,
        order_number_start: 1001,
    });
    twin.add_location(shop(), 7_131);
    twin.add_variant(shop(), "MUG", 1_200);
    let details = CustomerDetails { name: Some("Jo Roe".into()), email: Some("jo@example.com".into()), phone: None };
    let buyer = twin.add_customer(shop(), details).expect("nobody has that address yet");
    let line = ExactLine {
        sku: Some("MUG".into()),
        title: "Mug".into(),
        quantity: 2,
        unit_price: 1_200,
        discounts: vec![],
        taxes: vec![],
        is_gift_card: false,
    };
    let payment = Payment {
        gateway: "shopify_payments".into(),
        amount: None,
        presentment: None,
        rounding: 0,
        standing: PaymentStanding::Captured,
    };
    let order = ExactOrder {
        buyer: CheckoutBuyer::Customer(buyer),
        lines: vec![line],
        shipping: vec![],
        duties: 0,
        fees: 0,
        tip: 0,
        taxes_included: false,
        presentment: None,
        payments: vec![payment],
        ship_to: None,
        processed_at: None,
    };
    twin.place_exact(shop(), &order, NOW);
    twin
}
