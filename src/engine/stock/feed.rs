//! Starts the comparison of each location, again and again, and remembers what NetSuite said of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::Books;
use crate::domain::{Flow, Lane, ShopKey, Timestamp};
use crate::engine::exception::Finding;
use crate::engine::{Engine, Ports};
use crate::ports::store::{Cause, Hint};
use crate::ports::{Entity, Runtime, Store};

/// What NetSuite said of the locations, kept beside the store: it is read anew after a restart.
#[derive(Debug, Default)]
pub struct Feed(Mutex<BTreeMap<Entity, Remembered>>);

/// What NetSuite said of one location.
#[derive(Debug, Default)]
pub struct Remembered {
    pub books: Books,
    /// What must be told to a person for as long as nothing else is read.
    pub findings: Vec<Finding>,
    /// Levels must be compared even if nothing else changes.
    pub is_restless: bool,
    /// Inventory items whose levels Shopify refused to set, and why; tried again when everything is read anew.
    pub refused: Vec<(u64, String)>,
    /// When the latest reading began; nothing before the first.
    pub read_from: Option<Timestamp>,
    /// When everything was last read, not only changes.
    pub whole_at: Option<Timestamp>,
}

impl Feed {
    /// Takes out what is remembered. A step that fails does not put it back, so that the next one reads everything.
    pub fn take(&self, entity: Entity) -> Remembered {
        self.lock().remove(&entity).unwrap_or_default()
    }

    pub fn put(&self, entity: Entity, remembered: Remembered) {
        self.lock().insert(entity, remembered);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Entity, Remembered>> {
        self.0.lock().expect("no code panics while it holds the feed")
    }
}

/// Asks for a comparison of each location of a shop, as often as policy says.
pub(in crate::engine) async fn run<P: Ports>(engine: Arc<Engine<P>>, shop: ShopKey) {
    let merchant = engine.policy.merchant;
    let locations = engine.policy.shop(shop).map(|shop| shop.locations.clone()).unwrap_or_default();
    if locations.is_empty() {
        return;
    }
    loop {
        let hints: Vec<Hint> = locations
            .iter()
            .map(|(location, _)| Hint {
                entity: Entity { merchant, shop, flow: Flow::Stock, record: *location },
                lane: Lane::Stock,
                version: Timestamp::ORIGIN,
                cause: Cause::Sweep,
            })
            .collect();
        // A hint that could not be recorded is recorded by the next round.
        if engine.store.record(&hints, None, engine.runtime.now()).await.is_ok() {
            engine.wake();
        }
        engine.runtime.sleep(engine.policy.stock.every).await;
    }
}
