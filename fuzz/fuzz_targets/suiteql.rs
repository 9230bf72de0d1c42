//! What NetSuite answers, as bytes: queries, records, refusals. The client makes values or an error of them and ends.
//! Answers stand one after the other with a zero byte between them; behind the last one no more come.

#![no_main]

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use plimsoll::domain::ids::OrderId;
use plimsoll::domain::{Currency, Duration, ExternalId, Flow, InternalId, Lane, ShopKey, Sku, Timestamp, Zone};
use plimsoll::platforms::netsuite::client::{Client, Transport, TransportError};
use plimsoll::platforms::netsuite::operation::suiteql::Query;
use plimsoll::platforms::netsuite::operation::suiteql::{joined, next_offset};
use plimsoll::platforms::netsuite::operation::{Request, Response};
use plimsoll::ports::netsuite::Billing;
use plimsoll::ports::{
    Admission, AgreedPrices, BuyerAccounts, Call, Entity, Items, NetSuite, SettlementBooks, StockBooks, ThrottleStatus,
};

struct Open;

impl Admission for Open {
    async fn shopify(&self, _: ShopKey, _: Lane, _: u32) {}
    fn shopify_done(&self, _: ShopKey, _: u32, _: Option<ThrottleStatus>, _: bool) {}
    async fn netsuite(&self, _: Lane) {}
    fn netsuite_done(&self, _: bool) {}
}

struct Told {
    status: u16,
    bodies: Mutex<Vec<String>>,
}

impl Transport for Told {
    async fn send(&self, _: Call, request: Request) -> Result<Response, TransportError> {
        let body = self.bodies.lock().unwrap().pop();
        let body = body.ok_or(TransportError::NoAnswer { waited: Duration::ZERO })?;
        let location = body.lines().next();
        Response::read(&request, self.status, location, &body)
            .map_err(|error| TransportError::Unreadable { reason: error.to_string() })
    }
}

/// Nothing here waits: what is not ready at once never will be.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for nothing"),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    let bodies: Vec<String> =
        data.split(|byte| *byte == 0).map(|body| String::from_utf8_lossy(body).into_owned()).rev().collect();
    if let Some(query) = Query::parse(&bodies[0]) {
        assert_eq!(query.render(), bodies[0]);
    }
    let _ = next_offset(&bodies[0]);
    let _ = joined(&bodies);
    let status = [200, 204, 400, 404, 429, 500][usize::from(kind >> 5) % 6];
    let client = Client::new(Told { status, bodies: Mutex::new(bodies) }, Open);
    let shop: ShopKey = "fr".parse().unwrap();
    let entity = Entity { merchant: "acme".parse().unwrap(), shop, flow: Flow::Order, record: 1 };
    let call = Call { entity, lane: Lane::Orders, attempt: 0 };
    let (zone, since) = (Zone::named("America/New_York").unwrap(), Timestamp::ORIGIN);
    let key = ExternalId::for_order(shop, OrderId::new(1));
    let keys = std::slice::from_ref(&key);
    match kind & 31 {
        0 => drop(now(client.customers_like(call, &key, Some("jo@example.com")))),
        1 => drop(now(client.booked(call, &key))),
        2 => drop(now(client.amend_sales_order(call, &key, &[]))),
        3 => drop(now(client.item(call, &Sku("SKU-1".into()), Currency::EUR, &zone))),
        4 => drop(now(client.items_saved(call, since, &zone))),
        5 => drop(now(client.stock(call, shop, InternalId::new(1), None, InternalId::new(0)))),
        6 => drop(now(client.kits(call))),
        7 => drop(now(client.clearing_records(call, keys))),
        8 => drop(now(client.journals(call, keys))),
        9 => drop(now(client.items_changed(call, since, &zone))),
        10 => drop(now(client.customers_changed(call, since, &zone))),
        11 => drop(now(client.buyers(call, keys, Currency::EUR))),
        12 => drop(now(client.standing(call, &key, Currency::EUR))),
        13 => drop(now(client.payments_changed(call, since, &zone))),
        _ => drop(now(client.orders_moved(call, since, None))),
    }
});
