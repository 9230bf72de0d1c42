//! The sync engine: flows that read both sides, decide with a pure `plan`, act, and record.
//!
//! Lives here: the flows ([`order`] with [`edit`], [`fulfillment`] and [`refund`]; [`customer`], [`price_list`], [`terms`],
//! [`stock`], [`product`], [`settlement`]) and what drives them: [`queue`] hands out work, [`step`] runs
//! one piece of it, [`governor`] admits calls, [`sweep`] finds what webhooks missed, [`exception`] says what a
//! person must know. Not here: any platform, store or clock; all of them come in through `ports`.

pub mod customer;
pub mod edit;
pub mod events;
pub mod exception;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod fulfillment;
pub mod gift_card;
pub mod governor;
pub mod order;
mod posting;
pub mod price_list;
pub mod product;
pub mod queue;
mod race;
pub mod refund;
pub mod settlement;
mod silence;
pub mod step;
pub mod stock;
pub mod sweep;
pub mod terms;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;

use crate::domain::Timestamp;
use crate::engine::events::Observer;
use crate::engine::exception::OpenExceptions;
use crate::engine::stock::feed::Feed;
use crate::engine::stock::kits::KnownKits;
use crate::policy::Policy;
use crate::ports::netsuite::Billing;
use crate::ports::shopify::{Fulfillments, GiftCards};
use crate::ports::store::StoreError;
use crate::ports::{
    AgreedPrices, Bank, BulkListings, BuyerAccounts, Entity, InventoryLevels, Items, NetSuite, OrderPayment,
    Payments, PriceLists, Products, Runtime, SettlementBooks, Shopify, StockBooks, Store,
};

/// The ports together: what stands behind them in production or in simulation.
pub trait Ports: 'static {
    type Runtime: Runtime;
    type Shopify: Shopify
        + Fulfillments
        + GiftCards
        + BulkListings
        + PriceLists
        + OrderPayment
        + InventoryLevels
        + Products
        + Payments
        + 'static;
    type NetSuite: NetSuite
        + Billing
        + AgreedPrices
        + BuyerAccounts
        + StockBooks
        + Items
        + SettlementBooks
        + 'static;
    type Bank: Bank + 'static;
    type Store: Store + 'static;
}

/// Everything that a flow works with.
pub struct Engine<P: Ports> {
    pub runtime: P::Runtime,
    pub shopify: P::Shopify,
    pub netsuite: P::NetSuite,
    pub bank: P::Bank,
    pub store: P::Store,
    pub policy: Arc<Policy>,
    pub observer: Arc<dyn Observer>,
    /// Where webhooks are to be delivered.
    pub callback: Box<str>,
    open: OpenExceptions,
    started_at: Timestamp,
    /// Entities that are being looked at a second time, because an answer to an earlier write may still be out.
    second_looks: Mutex<BTreeSet<Entity>>,
    /// Orders that the warehouse has, and by when something of each must be shipped.
    silences: silence::Silences,
    /// Payouts and disputes that wait for the other side, and when to look again.
    unsettled: silence::Silences,
    /// What NetSuite said of stock and kits.
    feed: Feed,
    kits: KnownKits,
    steps: queue::Steps,
    /// Something may have become due.
    wake: Notify,
}

/// What an engine is made of.
pub struct Parts<P: Ports> {
    pub runtime: P::Runtime,
    pub shopify: P::Shopify,
    pub netsuite: P::NetSuite,
    pub bank: P::Bank,
    pub store: P::Store,
    pub policy: Arc<Policy>,
    pub observer: Arc<dyn Observer>,
    pub callback: Box<str>,
}

impl<P: Ports> Engine<P> {
    /// Picks up where the store says that an earlier engine ended, and spawns the queue, for each shop the sweep
    /// and the upkeep of its webhook subscriptions, and the sweep of what moved in NetSuite.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn start(parts: Parts<P>) -> Result<Arc<Engine<P>>, StoreError> {
        let open = OpenExceptions::load(&parts.store, parts.policy.merchant).await?;
        let engine: Arc<Engine<P>> = Arc::new(Engine {
            started_at: parts.runtime.now(),
            runtime: parts.runtime,
            shopify: parts.shopify,
            netsuite: parts.netsuite,
            bank: parts.bank,
            store: parts.store,
            policy: parts.policy,
            observer: parts.observer,
            callback: parts.callback,
            open,
            second_looks: Mutex::default(),
            silences: silence::Silences::default(),
            unsettled: silence::Silences::default(),
            feed: Feed::default(),
            kits: KnownKits::default(),
            steps: queue::Steps::default(),
            wake: Notify::new(),
        });
        engine.runtime.spawn(queue::run(Arc::clone(&engine)));
        for shop in &engine.policy.shops {
            engine.runtime.spawn(sweep::orders(Arc::clone(&engine), shop.key));
            engine.runtime.spawn(sweep::subscriptions(Arc::clone(&engine), shop.key));
            engine.runtime.spawn(gift_card::watch(Arc::clone(&engine), shop.key));
            if engine.policy.prices.is_some() {
                engine.runtime.spawn(price_list::watch::prices(Arc::clone(&engine), shop.key));
            }
            engine.runtime.spawn(stock::feed::run(Arc::clone(&engine), shop.key));
            if engine.policy.products.is_some() {
                engine.runtime.spawn(product::watch::products(Arc::clone(&engine), shop.key));
            }
        }
        if let Some(first) = engine.policy.shops.first() {
            engine.runtime.spawn(sweep::moved::orders(Arc::clone(&engine), first.key));
        }
        if engine.policy.settlement.is_some() {
            engine.runtime.spawn(settlement::sweep::run(Arc::clone(&engine)));
        }
        Ok(engine)
    }

    fn second_looks(&self) -> MutexGuard<'_, BTreeSet<Entity>> {
        self.second_looks.lock().expect("no code panics while it holds the second looks")
    }

    /// Watches a released order until something of it is shipped, or no longer.
    fn watch_silence(&self, entity: Entity, until: Option<Timestamp>) {
        self.silences.watch(entity, until);
    }

    /// Orders whose time to be shipped has passed. Each is named once.
    fn silent_by_now(&self, now: Timestamp) -> Vec<Entity> {
        self.silences.due(now)
    }

    /// Looks at a payout or a dispute again then, or no longer.
    fn watch_unsettled(&self, entity: Entity, until: Option<Timestamp>) {
        self.unsettled.watch(entity, until);
    }

    /// Payouts and disputes that are to be looked at again. Each is named once.
    fn unsettled_by_now(&self, now: Timestamp) -> Vec<Entity> {
        self.unsettled.due(now)
    }

    /// Begins no more steps, and resolves when those under way have been committed. What waits stays in the store.
    pub async fn stop(&self) {
        self.steps.stop(&self.wake).await;
    }

    /// Tells the queue that a hint was recorded.
    pub fn wake(&self) {
        self.wake.notify_one();
    }
}
