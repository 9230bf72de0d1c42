use std::collections::VecDeque;
use std::future::{Future, ready};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::*;
use crate::domain::ids::OrderId;
use crate::domain::{Flow, Lane};
use crate::ports::bulk::{BulkFile, BulkId};
use crate::ports::{Entity, Platform, PlatformError};

/// A clock that moves on when somebody waits for it.
#[derive(Clone)]
struct Clock(Arc<Mutex<Timestamp>>);

impl Runtime for Clock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send + 'static {
        *self.0.lock().unwrap() = at;
        ready(())
    }

    fn spawn(&self, _: impl Future<Output = ()> + Send + 'static) {
        unreachable!("a listing has no task of its own");
    }
}

/// What Shopify says, in turn; the last state stays.
struct Scripted {
    begun: Result<Option<BulkId>, PlatformError>,
    states: Mutex<VecDeque<Result<BulkState, PlatformError>>>,
    looks: Mutex<u32>,
}

impl BulkListings for Scripted {
    async fn list_orders_updated(
        &self,
        _: Call,
        _: ShopKey,
        _: Timestamp,
    ) -> Result<Option<BulkId>, PlatformError> {
        self.begun.clone()
    }

    async fn bulk_state(&self, _: Call, _: ShopKey, id: BulkId) -> Result<BulkState, PlatformError> {
        assert_eq!(id, BulkId(7));
        *self.looks.lock().unwrap() += 1;
        let mut states = self.states.lock().unwrap();
        match states.len() {
            1 => states[0].clone(),
            _ => states.pop_front().unwrap(),
        }
    }

    async fn listed_orders(
        &self,
        _: Call,
        _: ShopKey,
        file: &BulkFile,
    ) -> Result<Vec<OrderStamp>, PlatformError> {
        if file.url.is_none() {
            return Err(unavailable());
        }
        let stamp = |n| OrderStamp { id: OrderId::new(n), updated_at: Timestamp::ORIGIN };
        Ok((1..=file.rows).map(stamp).collect())
    }
}

fn refused() -> PlatformError {
    PlatformError::Refused { platform: Platform::Shopify, reason: "no".to_owned() }
}

fn unavailable() -> PlatformError {
    PlatformError::Unavailable { platform: Platform::Shopify, reason: "away".to_owned() }
}

fn done(rows: u64) -> Result<BulkState, PlatformError> {
    Ok(BulkState::Done(BulkFile { url: Some("https://files.example/7".into()), rows }))
}

/// How many orders were listed, after how many looks and seconds.
fn listed(
    begun: Result<Option<BulkId>, PlatformError>,
    states: impl IntoIterator<Item = Result<BulkState, PlatformError>>,
) -> (Option<usize>, u32, u64) {
    let states = Mutex::new(states.into_iter().collect());
    let shopify = Scripted { begun, states, looks: Mutex::new(0) };
    let clock = Clock(Arc::new(Mutex::new(Timestamp::ORIGIN)));
    let shop: ShopKey = "uk".parse().unwrap();
    let entity = Entity { merchant: "m".parse().unwrap(), shop, flow: Flow::Order, record: 0 };
    let call = Call { entity, lane: Lane::Orders, attempt: 0 };
    let found = {
        let reading = pin!(orders_updated(&shopify, &clock, call, shop, Timestamp::ORIGIN));
        match reading.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(found) => found.map(|orders| orders.len()),
            Poll::Pending => panic!("the clock moves on by itself"),
        }
    };
    let looks = *shopify.looks.lock().unwrap();
    (found, looks, clock.now().since(Timestamp::ORIGIN).seconds())
}

#[test]
fn a_listing_is_looked_at_until_it_is_there_and_read_once() {
    let under_way = || Ok(BulkState::UnderWay);
    let ended = || Ok(BulkState::Ended { reason: "TIMEOUT".to_owned() });
    let begun = || Ok(Some(BulkId(7)));
    let cut_off = || Ok(BulkState::Done(BulkFile { url: None, rows: 3 }));
    let cases = [
        ("at once", begun(), vec![done(3)], (Some(3), 1, 1)),
        ("after a while", begun(), vec![under_way(), under_way(), done(2)], (Some(2), 3, 7)),
        ("without rows", begun(), vec![done(0)], (Some(0), 1, 1)),
        ("never", begun(), vec![under_way()], (None, 64, 1_801)),
        ("ended from outside", begun(), vec![ended()], (None, 1, 1)),
        ("away in the middle", begun(), vec![under_way(), Err(unavailable())], (None, 2, 3)),
        ("a file that cannot be reached", begun(), vec![cut_off()], (None, 1, 1)),
        ("as many as may be under way", Ok(None), vec![], (None, 0, 0)),
        ("refused", Err(refused()), vec![], (None, 0, 0)),
        ("away", Err(unavailable()), vec![], (None, 0, 0)),
    ];
    for (case, begun, states, expected) in cases {
        assert_eq!(listed(begun, states), expected, "{case}");
    }
}
