//! The face as a client meets it.

mod agreement;
mod bulk;
mod documents;
mod orders;
mod records;

use super::*;
use crate::domain::{Currency, Duration};
use crate::mocks::shopify::tests::{at, twin, us};
use crate::platforms::shopify::operation::{Operation, OrdersUpdatedVariables, Request, Response};

/// The face of one shop, `us.myshopify.com`, with one app in it.
struct Bench {
    face: Face,
    twin: ShopifyTwin,
    now: Timestamp,
}

fn bench() -> Bench {
    let mut face = Face::new();
    let access = Access {
        token: "shpat_lasting".into(),
        client_id: "app".into(),
        client_secret: "shhh".into(),
        refresh_token: "shprt_first".into(),
        scopes: "read_orders,write_inventory".into(),
    };
    face.install(us(), access);
    Bench { face, twin: twin(Currency::USD), now: at(0) }
}

impl Bench {
    fn ask(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Told {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let asked = Asked {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            body: body.as_bytes().to_vec(),
        };
        self.face.answer(&mut self.twin, &asked, self.now)
    }

    fn graphql(&mut self, token: &str, body: &str) -> Told {
        let headers = [("host", "us.myshopify.com"), ("x-shopify-access-token", token)];
        self.ask("POST", "/admin/api/2026-10/graphql.json", &headers, body)
    }

    fn grant(&mut self, fields: serde_json::Value) -> serde_json::Value {
        let headers = [("host", "us.myshopify.com"), ("content-type", "application/json")];
        let told = self.ask("POST", "/admin/oauth/access_token", &headers, &fields.to_string());
        serde_json::from_slice(&told.body).unwrap()
    }
}

fn header<'a>(told: &'a Told, name: &str) -> Option<&'a str> {
    told.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

fn text(told: &Told) -> &str {
    std::str::from_utf8(&told.body).unwrap()
}

fn orders_updated() -> String {
    Request::OrdersUpdated(OrdersUpdatedVariables {
        query: "updated_at:>='2026-11-27T05:00:00Z'".into(),
        after: None,
    })
    .body()
}

#[test]
fn our_own_document_is_answered() {
    let mut bench = bench();
    let told = bench.graphql("shpat_lasting", &orders_updated());
    assert_eq!(told.status, 200);
    assert_eq!(header(&told, "X-Shopify-API-Version"), Some("2026-10"));
    assert!(header(&told, "X-Request-Id").is_some());
    let response = Response::parse(Operation::OrdersUpdated, text(&told)).unwrap();
    assert!(response.errors.is_empty() && response.data.is_some(), "{}", text(&told));
}

#[test]
fn without_a_token_nobody_is_let_in() {
    let mut bench = bench();
    for token in ["", "shpat_other"] {
        let told = bench.graphql(token, &orders_updated());
        assert_eq!(told.status, 401);
        assert_eq!(
            text(&told),
            r#"{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}"#
        );
    }
}

#[test]
fn a_shop_is_named_by_its_host_or_by_the_first_segment_of_the_path() {
    let mut bench = bench();
    let token = ("x-shopify-access-token", "shpat_lasting");
    let by_host = [("host", "us.myshopify.com:443"), token];
    let by_path = [("host", "127.0.0.1:8080"), token];
    let body = orders_updated();
    let path = "/admin/api/2026-10/graphql.json";
    assert_eq!(bench.ask("POST", path, &by_host, &body).status, 200);
    assert_eq!(bench.ask("POST", &format!("/us.myshopify.com{path}"), &by_path, &body).status, 200);
    assert_eq!(bench.ask("POST", path, &by_path, &body).status, 404);
    assert_eq!(bench.ask("GET", path, &by_host, "").status, 404);
}

#[test]
fn client_credentials_buy_a_token_of_a_day() {
    let mut bench = bench();
    let asked = serde_json::json!({
        "client_id": "app", "client_secret": "shhh", "grant_type": "client_credentials",
    });
    let granted = bench.grant(asked);
    assert_eq!(granted["expires_in"], 86_399);
    let token = granted["access_token"].as_str().unwrap().to_owned();
    assert_eq!(bench.graphql(&token, &orders_updated()).status, 200);
    bench.now = bench.now.plus(Duration::from_secs(86_399));
    assert_eq!(bench.graphql(&token, &orders_updated()).status, 401);
}

#[test]
fn a_refresh_token_buys_until_the_one_after_it_was_used() {
    let mut bench = bench();
    let mut refresh = |token: &str| {
        bench.grant(serde_json::json!({
            "client_id": "app", "client_secret": "shhh", "grant_type": "refresh_token", "refresh_token": token,
        }))
    };
    let first = refresh("shprt_first");
    assert_eq!(first["expires_in"], 3_600);
    let again = refresh("shprt_first");
    let second = again["refresh_token"].as_str().unwrap();
    assert!(refresh(second)["access_token"].is_string());
    let dead = refresh("shprt_first");
    assert_eq!(dead["error"], "invalid_request");
    assert_eq!(dead["error_description"], "This request requires an active refresh_token");
}
