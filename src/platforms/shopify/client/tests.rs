use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;
use crate::domain::{Flow, Lane};
use crate::platforms::shopify::operation::{ErrorExtensions, Extensions, SearchReport, SearchWarning};
use crate::ports::Entity;

/// Gives the scripted answers in turn.
struct Script(Mutex<VecDeque<Result<Response, TransportError>>>);

impl Transport for Script {
    async fn send(&self, _: Call, _: ShopKey, _: Request) -> Result<Response, TransportError> {
        let next = self.0.lock().unwrap().pop_front();
        match next {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    /// No file is in the script.
    async fn fetch(&self, _: Call, _: ShopKey, _: &str) -> Result<String, TransportError> {
        std::future::pending().await
    }
}

/// Counts points in and out.
#[derive(Default)]
struct Ledger {
    taken: Mutex<(u32, u32)>,
    throttled: Mutex<bool>,
}

impl Admission for Ledger {
    async fn shopify(&self, _: ShopKey, _: Lane, points: u32) {
        self.taken.lock().unwrap().0 += points;
    }

    fn shopify_done(&self, _: ShopKey, points: u32, _: Option<ThrottleStatus>, throttled: bool) {
        self.taken.lock().unwrap().1 += points;
        *self.throttled.lock().unwrap() |= throttled;
    }

    async fn netsuite(&self, _: Lane) {}

    fn netsuite_done(&self, _: bool) {}
}

fn shop() -> ShopKey {
    "us".parse().unwrap()
}

fn call() -> Call {
    let merchant = "m".parse().unwrap();
    let entity = Entity { merchant, shop: shop(), flow: Flow::Order, record: 1 };
    Call { entity, lane: Lane::Orders, attempt: 0 }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn client(answer: Option<Result<Response, TransportError>>) -> Client<Script, Ledger> {
    Client::new(Arc::new(Script(Mutex::new(answer.into_iter().collect()))), Arc::new(Ledger::default()))
}

fn coded(code: &str) -> Result<Response, TransportError> {
    let extensions = ErrorExtensions { code: Some(code.into()), ..ErrorExtensions::default() };
    Ok(Response::refused(GraphQlError { message: code.to_owned(), extensions }, None))
}

/// What a failure of a read, and of a mutation, allows next.
#[test]
fn failures_say_what_may_be_done_next() {
    let status = |code| Err(TransportError::Status { code, request_id: None });
    let lost = Err(TransportError::NoAnswer { waited: Duration::from_secs(30) });
    for (answer, read, mutation) in [
        (coded("THROTTLED"), "Throttled", "Throttled"),
        (status(429), "Throttled", "Throttled"),
        (coded("INTERNAL_SERVER_ERROR"), "Unavailable", "OutcomeUnknown"),
        (status(502), "Unavailable", "OutcomeUnknown"),
        (lost, "Unavailable", "OutcomeUnknown"),
        (Err(TransportError::NotSent { reason: "no route".to_owned() }), "Unavailable", "Unavailable"),
        (Err(TransportError::Unauthorized { reason: "no token".to_owned() }), "Unauthorized", "Unauthorized"),
        (
            Err(TransportError::Misconfigured { field: "api version", reason: "older".to_owned() }),
            "BadReference",
            "BadReference",
        ),
        (status(401), "Unauthorized", "Unauthorized"),
        (coded("ACCESS_DENIED"), "Unauthorized", "Unauthorized"),
        (coded("undefinedField"), "Refused", "Refused"),
        (status(404), "Refused", "Refused"),
        (
            Ok(Response { data: None, errors: vec![], extensions: Extensions::default() }),
            "Unreadable",
            "Unreadable",
        ),
    ] {
        let name = |error: PlatformError| format!("{error:?}").split([' ', '{']).next().unwrap().to_owned();
        let reader = client(Some(answer.clone()));
        let failed = block_on(reader.order(call(), shop(), OrderId::new(1))).unwrap_err();
        assert_eq!(name(failed), read, "reading, {answer:?}");
        let writer = client(Some(answer.clone()));
        let failed =
            block_on(writer.subscribe(call(), shop(), Topic::OrdersPaid, "https://x.example")).unwrap_err();
        assert_eq!(name(failed), mutation, "writing, {answer:?}");
        let taken = *reader.admission.taken.lock().unwrap();
        assert_eq!(taken, (55, 55), "points go back whatever happened");
        assert_eq!(*reader.admission.throttled.lock().unwrap(), read == "Throttled");
    }
}

#[test]
fn a_dropped_call_gives_its_points_back() {
    let client = client(None);
    let mut waiting = Box::pin(client.order(call(), shop(), OrderId::new(1)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    assert_eq!(*client.admission.taken.lock().unwrap(), (55, 0));
    drop(waiting);
    assert_eq!(*client.admission.taken.lock().unwrap(), (55, 55));
}

#[test]
fn a_search_warning_is_an_error_because_every_row_matched() {
    let page = wire::Connection { nodes: vec![], page_info: wire::PageInfo::default() };
    let warning = SearchWarning { field: "x".into(), message: "Invalid search field".into(), code: None };
    let report = SearchReport { path: vec!["orders".into()], query: "x:1".into(), warnings: vec![warning] };
    let response = Response {
        data: Some(Answer::OrdersUpdated(wire::OrdersUpdatedData { orders: page })),
        errors: vec![],
        extensions: Extensions { cost: None, search: vec![report] },
    };
    let failed = block_on(client(Some(Ok(response))).orders_updated(call(), shop(), Timestamp::ORIGIN, None));
    assert!(matches!(failed, Err(PlatformError::Unreadable { .. })), "{failed:?}");
}
