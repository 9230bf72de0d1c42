use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::*;
use crate::domain::ids::OrderId;
use crate::domain::{Flow, Lane};
use crate::platforms::shopify::client::TransportError;
use crate::platforms::shopify::operation::Response;
use crate::ports::{Entity, ThrottleStatus};

/// Gives scripted bodies in turn, and one file.
struct Scripted {
    bodies: Mutex<VecDeque<&'static str>>,
    file: Result<&'static str, TransportError>,
}

impl Transport for Scripted {
    async fn send(&self, _: Call, _: ShopKey, request: Request) -> Result<Response, TransportError> {
        let body = self.bodies.lock().unwrap().pop_front().unwrap();
        Ok(Response::parse(request.operation(), body).unwrap())
    }

    async fn fetch(&self, _: Call, _: ShopKey, url: &str) -> Result<String, TransportError> {
        assert_eq!(url, "https://files.example/7");
        self.file.clone().map(str::to_owned)
    }
}

struct Open;

impl Admission for Open {
    async fn shopify(&self, _: ShopKey, _: Lane, _: u32) {}
    fn shopify_done(&self, _: ShopKey, _: u32, _: Option<ThrottleStatus>, _: bool) {}
    async fn netsuite(&self, _: Lane) {}
    fn netsuite_done(&self, _: bool) {}
}

fn shop() -> ShopKey {
    "uk".parse().unwrap()
}

fn call() -> Call {
    let entity = Entity { merchant: "m".parse().unwrap(), shop: shop(), flow: Flow::Order, record: 0 };
    Call { entity, lane: Lane::Orders, attempt: 0 }
}

fn client(body: Option<&'static str>, file: Result<&'static str, TransportError>) -> Client<Scripted, Open> {
    Client::new(Arc::new(Scripted { bodies: Mutex::new(body.into_iter().collect()), file }), Arc::new(Open))
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn a_listing_is_begun_or_must_wait_or_is_refused() {
    let begun = |body| {
        block_on(client(Some(body), Ok("")).list_orders_updated(call(), shop(), Timestamp::ORIGIN))
            .map_err(|error| error.to_string())
    };
    let payload = r#"{"data":{"bulkOperationRunQuery":{"bulkOperation":{"id":"gid://shopify/BulkOperation/7"},"userErrors":[]}}}"#;
    assert_eq!(begun(payload), Ok(Some(BulkId(7))));
    let busy = r#"{"data":{"bulkOperationRunQuery":{"bulkOperation":null,"userErrors":[{"field":null,"message":"A bulk query operation for this app and shop is already in progress: gid://shopify/BulkOperation/1.","code":"OPERATION_IN_PROGRESS"}]}}}"#;
    assert_eq!(begun(busy), Ok(None));
    let invalid = r#"{"data":{"bulkOperationRunQuery":{"bulkOperation":null,"userErrors":[{"field":["query"],"message":"Bulk queries must contain at least one connection.","code":"INVALID"}]}}}"#;
    assert!(begun(invalid).unwrap_err().contains("must contain at least one connection"));
    let nothing = r#"{"data":{"bulkOperationRunQuery":{"bulkOperation":null,"userErrors":[]}}}"#;
    assert!(begun(nothing).unwrap_err().contains("neither"));
}

#[test]
fn every_state_says_whether_to_wait_to_read_or_to_give_up() {
    let ended = |reason: &str| Ok(BulkState::Ended { reason: reason.to_owned() });
    let file = |rows, url: Option<&str>| Ok(BulkState::Done(BulkFile { url: url.map(Box::from), rows }));
    let url = "https://files.example/7";
    let cases = [
        ("CREATED", "null", "0", "null", Ok(BulkState::UnderWay)),
        ("RUNNING", "null", "12", "null", Ok(BulkState::UnderWay)),
        ("CANCELING", "null", "12", "null", Ok(BulkState::UnderWay)),
        ("COMPLETED", "null", "2", r#""https://files.example/7""#, file(2, Some(url))),
        ("COMPLETED", "null", "0", "null", file(0, None)),
        ("COMPLETED", "null", "2", "null", Err(())),
        ("COMPLETED", "null", "some", r#""https://files.example/7""#, Err(())),
        ("CANCELED", "null", "0", "null", ended("it was ended from outside")),
        ("FAILED", r#""TIMEOUT""#, "0", "null", ended("TIMEOUT")),
        ("EXPIRED", "null", "9", "null", ended("it was ended from outside")),
    ];
    for (status, code, count, url, expected) in cases {
        let body = format!(
            r#"{{"data":{{"bulkOperation":{{"id":"gid://shopify/BulkOperation/7","status":"{status}","errorCode":{code},"objectCount":"{count}","url":{url}}}}}}}"#
        );
        let client = client(Some(body.leak()), Ok(""));
        let state = block_on(client.bulk_state(call(), shop(), BulkId(7)));
        assert_eq!(state.map_err(|_| ()), expected, "{status} {count} {url}");
    }
    let gone = client(Some(r#"{"data":{"bulkOperation":null}}"#), Ok(""));
    assert_eq!(
        block_on(gone.bulk_state(call(), shop(), BulkId(7))),
        Ok(BulkState::Ended { reason: "it is not there any more".to_owned() })
    );
}

const ROWS: &str = "{\"id\":\"gid://shopify/Order/5001\",\"updatedAt\":\"2026-11-27T05:00:00Z\"}
{\"id\":\"gid://shopify/Order/5002\",\"updatedAt\":\"2026-11-27T05:00:01Z\"}
";

#[test]
fn a_file_is_read_whole_or_not_at_all() {
    let read = |text: Result<&'static str, TransportError>, rows, url: Option<&str>| {
        let file = BulkFile { url: url.map(Box::from), rows };
        let listed = block_on(client(None, text).listed_orders(call(), shop(), &file));
        listed.map(|orders| orders.iter().map(|stamp| stamp.id).collect::<Vec<_>>())
    };
    let url = Some("https://files.example/7");
    assert_eq!(read(Ok(ROWS), 2, url), Ok(vec![OrderId::new(5_001), OrderId::new(5_002)]));
    assert_eq!(read(Ok(ROWS), 0, None), Ok(vec![]));
    for (text, rows) in [(ROWS, 3), (&ROWS[..60], 1), ("<html>", 1), ("", 1), ("null", 1)] {
        assert!(matches!(read(Ok(text), rows, url), Err(PlatformError::Unreadable { .. })), "{text}");
    }
    let gone = TransportError::Status { code: 404, request_id: None };
    assert!(matches!(read(Err(gone), 2, url), Err(PlatformError::Refused { .. })));
    let away = TransportError::Status { code: 503, request_id: None };
    assert!(matches!(read(Err(away), 2, url), Err(PlatformError::Unavailable { .. })));
}
