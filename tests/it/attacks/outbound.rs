//! What leaves for the platforms, and what hostile ones answer: attacks Q1 to Q5.

use std::future::Future;
use std::sync::{Arc, Mutex};

use plimsoll::domain::ids::{OrderId, PayoutId, PriceListId, VariantId};
use plimsoll::domain::{
    Currency, Duration, ExternalId, Flow, InternalId, Lane, ShopKey, Sku, Timestamp, Zone,
};
use plimsoll::platforms::netsuite;
use plimsoll::platforms::netsuite::operation::suiteql::{LITERAL_MAX, Query};
use plimsoll::platforms::shopify;
use plimsoll::platforms::shopify::operation::{
    Operation, OrderVariables, OrdersUpdatedVariables, SearchVariables,
};
use plimsoll::platforms::shopify::wire::Gid;
use plimsoll::ports::{
    Admission, Call, Entity, Items, NetSuite, Paging, Payments, Platform, PlatformError, PriceLists,
    Products, Shopify, StockBooks, ThrottleStatus,
};

/// Lets everything through.
pub struct Open;

impl Admission for Open {
    async fn shopify(&self, _: ShopKey, _: Lane, _: u32) {}
    fn shopify_done(&self, _: ShopKey, _: u32, _: Option<ThrottleStatus>, _: bool) {}
    async fn netsuite(&self, _: Lane) {}
    fn netsuite_done(&self, _: bool) {}
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn shop() -> ShopKey {
    "fr".parse().unwrap()
}

pub fn call() -> Call {
    let entity = Entity { merchant: "acme".parse().unwrap(), shop: shop(), flow: Flow::Order, record: 1 };
    Call { entity, lane: Lane::Orders, attempt: 0 }
}

/// Draws from a fixed seed, so that a failure comes again.
struct Draws(u64);

impl Draws {
    /// Source: splitmix64, public domain.
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ bits >> 31) % below as u64) as usize
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 28] = [
            "'",
            "''",
            "\\",
            "%",
            "_",
            "\"",
            ";",
            "--",
            "/*",
            "*/",
            "||",
            "' OR 1=1--",
            "'||x",
            " ESCAPE '\\'",
            "@",
            "@%",
            "\u{2019}",
            "\u{ff07}",
            "\u{2bc}",
            "\0",
            "\n",
            "\r",
            "\t",
            "a",
            "Z",
            "7",
            " ",
            "\u{1f600}",
        ];
        (0..self.next(12)).map(|_| PIECES[self.next(PIECES.len())]).collect()
    }
}

/// A hundred thousand; for more: `STRINGS=10000000 cargo test --release --test it q1_`.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long a run is, from the command line")]
fn q1_no_text_leaves_its_literal() {
    let strings = std::env::var("STRINGS").map_or(100_000, |text| text.parse().unwrap());
    let mut draws = Draws(7);
    for at in 0..strings {
        let (key, local) = (draws.text().into_boxed_str(), draws.text().into_boxed_str());
        let query = match at % 2 {
            0 => Query::CustomersLike { external_id: key, local_part: Some(local) },
            _ => Query::DocumentsOf { sales_order: InternalId::new(at), external_id: key },
        };
        let text = query.render();
        assert_eq!(Query::parse(&text).as_ref(), Some(&query), "{text}");
    }
}

struct Never;

impl netsuite::client::Transport for Never {
    async fn send(
        &self,
        _: Call,
        request: netsuite::operation::Request,
    ) -> Result<netsuite::operation::Response, netsuite::client::TransportError> {
        panic!("{} was sent", request.name());
    }
}

#[test]
fn q1_what_no_literal_can_hold_is_not_sent() {
    let client = netsuite::Client::new(Never, Open);
    let zone = Zone::utc();
    let fits = "x".repeat(LITERAL_MAX);
    let long = format!("{fits}x");
    let quotes = "'".repeat(LITERAL_MAX / 2 + 1);
    for text in ["a\0b", &long, &quotes] {
        let asked = block_on(client.item(call(), &Sku(text.into()), Currency::EUR, &zone));
        let Err(PlatformError::Refused { reason, .. }) = asked else { panic!("{asked:?}") };
        assert!(!reason.contains(text), "the text is a stranger's");
        let key = ExternalId::for_order(shop(), OrderId::new(1));
        let asked = block_on(client.customers_like(call(), &key, Some(&format!("{text}@example.com"))));
        assert!(matches!(asked, Err(PlatformError::Refused { .. })), "{asked:?}");
    }
    let item =
        |item: &str| netsuite::operation::suiteql::ItemQuery { item: item.into(), currency: Currency::EUR };
    assert_eq!(Query::Item(item(&fits)).check(), Ok(()));
}

#[test]
fn q2_an_id_stays_one_part_of_its_path() {
    let mut draws = Draws(11);
    let fixed =
        ["a/b", "a?b", "..", "../../x", "%2f", "a)b", "a|b", "a b", "#", "é", "a\r\nHost: x", "", "\0"];
    let drawn: Vec<String> = (0..10_000).map(|_| draws.text()).collect();
    for eid in fixed.into_iter().chain(drawn.iter().map(String::as_str)) {
        let http = netsuite::operation::Request::GetSalesOrder { eid: eid.into() }.to_http();
        let escaped = http.path.strip_prefix("/services/rest/record/v1/salesOrder/eid:").unwrap();
        assert!(
            escaped.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-%".contains(&byte)),
            "{eid:?} became {escaped}"
        );
        assert_eq!(unescaped(escaped), eid.as_bytes(), "{escaped}");
        // What a filter could be smuggled into is fixed text.
        assert_eq!(http.query, [("expandSubResources", "true")]);
    }
}

fn unescaped(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}

#[test]
fn q3_values_travel_as_variables_and_never_in_the_document() {
    use plimsoll::platforms::shopify::operation::Request;
    let hostile = "\"}}) { shop { name } } #' OR id:*";
    let cursor = || Some(Box::from(hostile));
    let requests = [
        Request::Order(OrderVariables { id: Gid::new(1), lines: 10 }),
        Request::OrdersUpdated(OrdersUpdatedVariables { query: hostile.into(), after: cursor() }),
        Request::Payouts(SearchVariables { query: hostile.into(), after: cursor() }),
        Request::Disputes(SearchVariables { query: hostile.into(), after: cursor() }),
    ];
    for request in requests {
        let body: serde_json::Value = serde_json::from_str(&request.body()).unwrap();
        assert_eq!(body["query"].as_str().unwrap().trim(), request.operation().document().trim());
    }
    for operation in Operation::ALL {
        let document = operation.document();
        assert!(!document.contains("query: \"") && !document.contains("%s"), "{document}");
    }
}

/// Search text is made of instants and numbers alone, so there is nothing in it to escape: the files that ask are read
/// for what they put in.
#[test]
fn q3_no_text_of_strangers_enters_a_search() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/platforms/shopify");
    let mut searches = 0;
    for file in ["client.rs", "client/payments.rs", "client/gift_cards.rs"] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        for search in text.split("format!(\"").skip(1).filter(|part| {
            let said = part.split('"').next().unwrap_or("");
            said.contains("_at:") || said.contains("_id:")
        }) {
            searches += 1;
            let (said, arguments) = search.split_once('"').unwrap();
            let number = said == "payments_transfer_id:{payout}";
            assert!(
                number
                    || arguments.starts_with(", since.floor_second())")
                    || arguments.starts_with(", created_since.floor_second())"),
                "{said}"
            );
        }
    }
    assert!(searches >= 5, "{searches}");
}

/// Gives the same answer to whatever Shopify is asked.
#[derive(Debug)]
struct Same(String);

impl shopify::client::Transport for Same {
    async fn send(
        &self,
        _: Call,
        _: ShopKey,
        request: shopify::operation::Request,
    ) -> Result<shopify::operation::Response, shopify::client::TransportError> {
        shopify::operation::Response::parse(request.operation(), &self.0)
            .map_err(|reason| shopify::client::TransportError::Unreadable { reason })
    }

    async fn fetch(&self, _: Call, _: ShopKey, _: &str) -> Result<String, shopify::client::TransportError> {
        Ok(self.0.clone())
    }
}

fn says(data: &str) -> shopify::Client<Same, Open> {
    shopify::Client::new(Arc::new(Same(format!(r#"{{"data":{data}}}"#))), Arc::new(Open))
}

fn is_unreadable<T: std::fmt::Debug>(answer: Result<T, PlatformError>) {
    assert!(matches!(answer, Err(PlatformError::Unreadable { .. })), "{answer:?}");
}

const CIRCLE: &str = r#""nodes":[],"pageInfo":{"hasNextPage":true,"endCursor":"again"}"#;

#[test]
fn q4_a_listing_that_leads_in_a_circle_ends() {
    is_unreadable(block_on(
        says(&format!(r#"{{"webhookSubscriptions":{{{CIRCLE}}}}}"#)).subscriptions(call(), shop()),
    ));
    is_unreadable(block_on(says(&format!(r#"{{"priceLists":{{{CIRCLE}}}}}"#)).price_lists(call(), shop())));
    is_unreadable(block_on(says(&format!(r#"{{"productVariants":{{{CIRCLE}}}}}"#)).variants(call(), shop())));
    let mut paging = Paging::of(Platform::Shopify);
    for cursor in ["a", "b", "c"] {
        assert_eq!(paging.follow(Some(cursor)), Ok(Some(cursor)));
    }
    is_unreadable(paging.follow(Some("b")));
    assert_eq!(paging.follow(None::<&str>), Ok(None));
}

#[test]
fn q4_a_listing_without_end_ends() {
    let mut paging = Paging::of(Platform::Shopify);
    let pages = (0..).take_while(|page: &usize| paging.follow(Some(page.to_string())).is_ok()).count();
    assert_eq!(pages, plimsoll::ports::paging::PAGES_MAX);
}

#[test]
fn q4_another_record_than_was_asked_for_is_no_answer() {
    let payout = r#"{"node":{"id":"gid://shopify/ShopifyPaymentsPayout/2","issuedAt":"2026-11-27T08:00:00Z",
        "net":{"amount":"1.0","currencyCode":"EUR"},"status":"PAID","externalTraceId":null}}"#;
    let asked = |id| block_on(says(payout).payout(call(), shop(), PayoutId::new(id)));
    assert!(asked(2).unwrap().is_some(), "the answer is a right one, for that number");
    is_unreadable(asked(1));
    let variant = r#"{"productVariant":{"id":"gid://shopify/ProductVariant/2","sku":"MUG","price":"1.0","barcode":null,
        "updatedAt":"2026-11-27T08:00:00Z","inventoryItem":{"measurement":{"weight":null}},
        "product":{"id":"gid://shopify/Product/3","title":"Mug","status":"ACTIVE","hasOnlyDefaultVariant":true,
        "updatedAt":"2026-11-27T08:00:00Z"}}}"#;
    let asked = |id| block_on(says(variant).sold_variant(call(), shop(), VariantId::new(id), Currency::EUR));
    assert!(asked(2).unwrap().is_some());
    is_unreadable(asked(1));
    let list = r#"{"priceList":{"id":"gid://shopify/PriceList/2","currency":"EUR","catalog":null,
        "prices":{"nodes":[],"pageInfo":{"hasNextPage":false,"endCursor":null}}}}"#;
    let asked = |id| block_on(says(list).served_prices(call(), shop(), PriceListId::new(id)));
    assert!(asked(2).unwrap().is_some());
    is_unreadable(asked(1));
}

/// What comes beside an error is not read: half of an answer is none.
#[test]
fn q4_data_beside_errors_is_not_believed() {
    let body = r#"{"data":{"priceLists":{"nodes":[],"pageInfo":{"hasNextPage":false,"endCursor":null}}},
        "errors":[{"message":"one field failed","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#;
    let client = shopify::Client::new(Arc::new(Same(body.to_owned())), Arc::new(Open));
    let asked = block_on(client.price_lists(call(), shop()));
    assert!(matches!(asked, Err(PlatformError::Unavailable { .. })), "{asked:?}");
}

/// Answers of NetSuite one after the other, then none.
struct Told(Mutex<Vec<(u16, Option<&'static str>, String)>>);

impl netsuite::client::Transport for Told {
    async fn send(
        &self,
        _: Call,
        request: netsuite::operation::Request,
    ) -> Result<netsuite::operation::Response, netsuite::client::TransportError> {
        let mut answers = self.0.lock().unwrap();
        if answers.is_empty() {
            return Err(netsuite::client::TransportError::NoAnswer { waited: Duration::ZERO });
        }
        let (status, location, body) = answers.remove(0);
        netsuite::operation::Response::read(&request, status, location, &body)
            .map_err(|error| netsuite::client::TransportError::Unreadable { reason: error.to_string() })
    }
}

fn told(answers: Vec<(u16, Option<&'static str>, String)>) -> netsuite::Client<Told, Open> {
    netsuite::Client::new(Told(Mutex::new(answers)), Open)
}

#[test]
fn q4_a_location_of_another_type_is_not_what_was_saved() {
    let key = ExternalId::for_order(shop(), OrderId::new(1));
    for (location, is_read) in [
        ("https://1.suitetalk.api.netsuite.com/services/rest/record/v1/salesOrder/647", true),
        ("/services/rest/record/v1/salesorder/647/", true),
        ("/services/rest/record/v1/invoice/647", false),
        ("/services/rest/record/v1/salesOrder/+647", false),
        ("/services/rest/record/v1/salesOrder/-1", false),
        ("/services/rest/record/v1/salesOrder/eid:x", false),
        ("/services/rest/record/v1/salesOrder/", false),
        ("647", false),
        ("", false),
    ] {
        let client = told(vec![(204, Some(location), String::new())]);
        let saved = block_on(client.amend_sales_order(call(), &key, &[]));
        assert_eq!(saved.is_ok(), is_read, "{location}: {saved:?}");
    }
}

fn page(items: &[serde_json::Value]) -> String {
    serde_json::json!({"count": items.len(), "hasMore": false, "offset": 0, "totalResults": items.len(), "items": items})
        .to_string()
}

/// Pages are asked for from behind the last id that came: rows that lie before it would come for ever.
#[test]
fn q4_rows_that_do_not_go_on_end_the_reading() {
    let saved = |id: u64| serde_json::json!({"id": id.to_string(), "externalid": format!("SKU-{id}"), "changed": "2026-11-27 09:00:00"});
    let full: Vec<_> = (1..=1_000).map(saved).collect();
    let (first, again) = ((200, None, page(&full)), (200, None, page(&full)));
    is_unreadable(block_on(told(vec![first, again]).items_saved(call(), Timestamp::ORIGIN, &Zone::utc())));
    let backwards = page(&[saved(2), saved(1)]);
    is_unreadable(block_on(told(vec![(200, None, backwards)]).items_saved(
        call(),
        Timestamp::ORIGIN,
        &Zone::utc(),
    )));
    let stock = |id: u64| serde_json::json!({"id": id.to_string(), "quantityavailable": "1", "quantitybackordered": "0"});
    let rows = page(&[stock(7)]);
    let ask = |after| {
        let client = told(vec![(200, None, rows.clone())]);
        block_on(client.stock(call(), shop(), InternalId::new(1), None, InternalId::new(after)))
    };
    assert_eq!(ask(6).unwrap().len(), 1);
    is_unreadable(ask(7));
}

/// A create has no key that NetSuite would honour. Whatever it refuses, the document is looked for under its external
/// id, and an answer that was lost is unknown and never taken for a refusal.
#[test]
fn q5_a_create_is_looked_up_by_its_external_id_before_it_is_tried_again() {
    use plimsoll::domain::billing::JournalEntry;
    use plimsoll::ports::netsuite::Billing;
    let entry = JournalEntry {
        external_id: ExternalId::from_netsuite("fr-journal-1"),
        subsidiary: InternalId::new(2),
        currency: Currency::EUR,
        date: "2026-11-27".parse().unwrap(),
        original_date: None,
        memo: "test".into(),
        lines: vec![],
        memos: vec![],
    };
    let refused = || {
        (
            400,
            None,
            r#"{"o:errorDetails":[{"detail":"This record already exists","o:errorCode":"USER_ERROR"}]}"#
                .to_owned(),
        )
    };
    let found = told(vec![refused(), (200, None, page(&[serde_json::json!({"id": "77"})]))]);
    assert_eq!(block_on(found.post_journal(call(), &entry)), Ok(InternalId::new(77)));
    let absent = told(vec![refused(), (200, None, page(&[]))]);
    assert!(matches!(block_on(absent.post_journal(call(), &entry)), Err(PlatformError::Refused { .. })));
    let lost = block_on(told(vec![]).post_journal(call(), &entry));
    assert!(matches!(lost, Err(PlatformError::OutcomeUnknown { .. })), "{lost:?}");
}
