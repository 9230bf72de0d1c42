//! What Shopify answers, as bytes: the client makes values or an error of them, and ends. Answers stand one after the
//! other with a zero byte between them; behind the last one no more come.

#![no_main]

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use plimsoll::domain::ids::{OrderId, PayoutId, VariantId};
use plimsoll::domain::{Currency, Duration, Flow, Lane, ShopKey, Timestamp};
use plimsoll::platforms::shopify::client::{Client, Transport, TransportError};
use plimsoll::platforms::shopify::operation::{Request, Response};
use plimsoll::ports::bulk::{BulkFile, BulkId, BulkListings};
use plimsoll::ports::shopify::{Fulfillments, GiftCards};
use plimsoll::ports::{
    Admission, Call, Entity, InventoryLevels, Payments, PriceLists, Products, Shopify, ThrottleStatus,
};

struct Open;

impl Admission for Open {
    async fn shopify(&self, _: ShopKey, _: Lane, _: u32) {}
    fn shopify_done(&self, _: ShopKey, _: u32, _: Option<ThrottleStatus>, _: bool) {}
    async fn netsuite(&self, _: Lane) {}
    fn netsuite_done(&self, _: bool) {}
}

struct Told(Mutex<Vec<String>>);

impl Told {
    fn next(&self) -> Result<String, TransportError> {
        self.0.lock().unwrap().pop().ok_or(TransportError::NoAnswer { waited: Duration::ZERO })
    }
}

impl Transport for Told {
    async fn send(&self, _: Call, _: ShopKey, request: Request) -> Result<Response, TransportError> {
        let body = self.next()?;
        Response::parse(request.operation(), &body).map_err(|reason| TransportError::Unreadable { reason })
    }

    async fn fetch(&self, _: Call, _: ShopKey, _: &str) -> Result<String, TransportError> {
        self.next()
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
    let client = Client::new(Arc::new(Told(Mutex::new(bodies))), Arc::new(Open));
    let shop: ShopKey = "fr".parse().unwrap();
    let entity = Entity { merchant: "acme".parse().unwrap(), shop, flow: Flow::Order, record: 1 };
    let call = Call { entity, lane: Lane::Orders, attempt: 0 };
    let (order, since) = (OrderId::new(5_001), Timestamp::ORIGIN);
    match kind % 14 {
        0 | 1 => drop(now(client.order(call, shop, order))),
        2 => drop(now(client.orders_updated(call, shop, since, None))),
        3 => drop(now(client.subscriptions(call, shop))),
        4 => drop(now(client.fulfillment_orders(call, shop, order))),
        5 => drop(now(client.gift_cards(call, shop, since, None))),
        6 => drop(now(client.payouts(call, shop, since, None))),
        7 => drop(now(client.balance_transactions(call, shop, PayoutId::new(1), None))),
        8 => drop(now(client.disputes(call, shop, since, None))),
        9 => drop(now(client.levels(call, shop, 1, None))),
        10 => drop(now(client.price_lists(call, shop))),
        11 => drop(now(client.bulk_state(call, shop, BulkId(7)))),
        12 => {
            let file = BulkFile { url: Some("https://storage.googleapis.com/7".into()), rows: 1 };
            drop(now(client.listed_orders(call, shop, &file)));
        }
        _ => drop(now(client.sold_variant(call, shop, VariantId::new(1), Currency::EUR))),
    }
});
