//! `plimsoll reconcile`: both platforms are read through the real clients, compared, and nothing is written.
//!
//! Lives here: the reading, call by call, within the limits. What is compared is in [`crate::reconcile`]; the matching
//! of a payout's rows and the level that a location should show are the engine's own pure functions.

mod payouts;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use super::config::Config;
use super::gauges::Gauges;
use super::serve::{ServicePorts, clients};
use super::tokio::TokioRuntime;
use crate::domain::ids::OrderId;
use crate::domain::{Duration, ExternalId, Flow, InternalId, Lane, MoneyError, ShopKey, Timestamp};
use crate::engine::Ports;
use crate::engine::governor::Governor;
use crate::engine::settlement::matching;
use crate::engine::stock::{self, Books, kits::Kits};
use crate::engine::sweep::bulk;
use crate::platforms::https::NoRoots;
use crate::policy::{Policy, ShopPolicy};
use crate::ports::netsuite::Billing;
use crate::ports::settlement::{KnownJournal, Page};
use crate::ports::shopify::OrderStamp;
use crate::ports::stock::STOCK_ROWS_MAX;
use crate::ports::store::Exception;
use crate::ports::{
    Call, Entity, InventoryLevels, NetSuite, PlatformError, Recovery, Runtime, SettlementBooks, Shopify,
    StockBooks,
};
use crate::reconcile::discrepancy::{Discrepancy, Kind, explain};
use crate::reconcile::order;
use crate::store::{OpenError, read_exceptions};

/// Tries of one call that changed nothing and may be repeated.
const TRIES: u32 = 6;

/// Between two tries; it doubles.
const PAUSE: Duration = Duration::from_secs(1);

/// Documents that one question names at the most. Source: the ports' own bounds.
const JOURNALS_ASKED: usize = 100;

#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    #[error(transparent)]
    NoRoots(#[from] NoRoots),
    #[error(transparent)]
    Platform(#[from] PlatformError),
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error("amounts cannot be compared: {0}")]
    Money(#[from] MoneyError),
}

/// What was compared, and what disagreed.
#[derive(Debug, Default)]
pub struct Reconciliation {
    pub orders: u64,
    pub payouts: u64,
    pub levels: u64,
    pub discrepancies: Vec<Discrepancy>,
}

/// Compares by the configuration of the service. Must be called inside a tokio runtime.
///
/// # Errors
/// A platform that does not answer in spite of patience, or a store that cannot be read.
pub async fn reconcile(
    config: &Config,
    runtime: &TokioRuntime,
    since: Timestamp,
) -> Result<Reconciliation, ReconcileError> {
    let policy = &config.policy;
    let open = read_exceptions(&config.store, policy.merchant)?;
    let gauges = Arc::new(Gauges::new(policy, runtime.now()));
    let governor = Governor::new(runtime.clone(), policy);
    let (shopify, netsuite) = clients(config, runtime, &governor, &gauges)?;
    let sides: Sides<'_, ServicePorts> = Sides { policy, runtime, shopify: &shopify, netsuite: &netsuite };
    compare(sides, since, &open).await
}

/// Whom to read, and by which rules.
pub struct Sides<'a, P: Ports> {
    pub policy: &'a Policy,
    pub runtime: &'a P::Runtime,
    pub shopify: &'a P::Shopify,
    pub netsuite: &'a P::NetSuite,
}

/// Compares every order that changed on either side since then, every payout issued since then, and all stock.
///
/// # Errors
/// A platform that does not answer in spite of patience.
pub async fn compare<P: Ports>(
    sides: Sides<'_, P>,
    since: Timestamp,
    open: &[Exception],
) -> Result<Reconciliation, ReconcileError> {
    let Sides { policy, runtime, shopify, netsuite } = sides;
    let told = Reconciliation::default();
    let mut reading = Reading::<P> { policy, runtime, shopify, netsuite, since, told };
    let mut seen = BTreeSet::new();
    for shop in &policy.shops {
        reading.orders(shop, &mut seen).await?;
        reading.stock(shop).await?;
    }
    reading.moved(&mut seen).await?;
    for shop in policy.settlement.iter().flat_map(|settlement| &settlement.shops) {
        reading.payouts(shop).await?;
    }
    let mut told = reading.told;
    explain(&mut told.discrepancies, open, runtime.now());
    told.discrepancies.sort_by_key(|it| (it.shop, it.flow, it.record, it.kind));
    Ok(told)
}

struct Reading<'a, P: Ports> {
    policy: &'a Policy,
    runtime: &'a P::Runtime,
    shopify: &'a P::Shopify,
    netsuite: &'a P::NetSuite,
    since: Timestamp,
    told: Reconciliation,
}

impl<P: Ports> Reading<'_, P> {
    fn call(&self, shop: ShopKey, flow: Flow, record: u64) -> Call {
        let entity = Entity { merchant: self.policy.merchant, shop, flow, record };
        Call { entity, lane: Lane::Backfill, attempt: 0 }
    }

    /// Reads have no effect, so whatever may pass is tried again.
    async fn patiently<T, F: Future<Output = Result<T, PlatformError>> + Send>(
        &self,
        ask: impl Fn() -> F + Send + Sync,
    ) -> Result<T, PlatformError> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match ask().await {
                Err(error) if matches!(error.recovery(), Recovery::Retry | Recovery::LookUpThenRetry) => {
                    self.runtime.sleep(pause).await;
                    pause = pause.times(2);
                }
                done => return done,
            }
        }
        ask().await
    }

    async fn orders(
        &mut self,
        shop: &ShopPolicy,
        seen: &mut BTreeSet<(ShopKey, u64)>,
    ) -> Result<(), ReconcileError> {
        let call = self.call(shop.key, Flow::Order, 0);
        let (mut after, mut pages) = (None, 0);
        loop {
            let page = self
                .patiently(|| self.shopify.orders_updated(call, shop.key, self.since, after.clone()))
                .await?;
            let reached = page.orders.last().map_or(self.since, |stamp| stamp.updated_at);
            self.listed(shop, page.orders, seen).await?;
            (after, pages) = (page.next, pages + 1);
            if after.is_some() && pages == self.policy.engine.bulk_after_pages {
                let rest = bulk::orders_updated(self.shopify, self.runtime, call, shop.key, reached).await;
                if let Some(rest) = rest {
                    return self.listed(shop, rest, seen).await;
                }
            }
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn listed(
        &mut self,
        shop: &ShopPolicy,
        orders: Vec<OrderStamp>,
        seen: &mut BTreeSet<(ShopKey, u64)>,
    ) -> Result<(), ReconcileError> {
        for stamp in orders {
            if seen.insert((shop.key, stamp.id.get())) {
                self.order(shop, stamp.id, Timestamp::ORIGIN).await?;
            }
        }
        Ok(())
    }

    async fn order(
        &mut self,
        shop: &ShopPolicy,
        id: OrderId,
        moved_at: Timestamp,
    ) -> Result<(), ReconcileError> {
        let call = self.call(shop.key, Flow::Order, id.get());
        let key = ExternalId::for_order(shop.key, id);
        // NetSuite first: whatever is booked after this reading was ordered before that of Shopify.
        let booked = self.patiently(|| self.netsuite.booked(call, &key)).await?;
        let order = self.patiently(|| self.shopify.order(call, shop.key, id)).await?;
        self.told.orders += 1;
        let Some(order) = order else {
            if booked.is_some() {
                self.told.discrepancies.push(order::unknown(shop.key, id.get(), moved_at));
            }
            return Ok(());
        };
        let mut found = order::compare(&order, booked.as_ref(), shop, self.policy)?;
        self.drop_reissued(shop.key, &order, &mut found).await?;
        self.told.discrepancies.append(&mut found);
        Ok(())
    }

    /// A refund that was issued again has a journal in place of its customer refund.
    async fn drop_reissued(
        &self,
        shop: ShopKey,
        order: &crate::domain::Order,
        found: &mut Vec<Discrepancy>,
    ) -> Result<(), ReconcileError> {
        if !found.iter().any(|it| it.kind == Kind::RefundMissing) {
            return Ok(());
        }
        let keys: Vec<ExternalId> = order
            .transactions
            .iter()
            .map(|transaction| ExternalId::for_transaction_journal(shop, transaction.id, "reissue"))
            .collect();
        let call = self.call(shop, Flow::Order, order.id.get());
        let journals = self.journals(call, &keys).await?;
        for key in journals.iter().filter_map(|journal| journal.external_id.as_ref()) {
            if let Some(refund) = matching::refund_of_reissue(shop, key) {
                let gone = format!("no document {refund}");
                found.retain(|it| it.kind != Kind::RefundMissing || it.detail != gone);
            }
        }
        Ok(())
    }

    /// Sales orders that moved in NetSuite and that no listing of Shopify has named.
    async fn moved(&mut self, seen: &mut BTreeSet<(ShopKey, u64)>) -> Result<(), ReconcileError> {
        let policy = self.policy;
        let Some(first) = policy.shops.first() else { return Ok(()) };
        let call = self.call(first.key, Flow::Order, 0);
        let mut after = None;
        loop {
            let page = self.patiently(|| self.netsuite.orders_moved(call, self.since, after.clone())).await?;
            let Some(last) = page.last().cloned() else { return Ok(()) };
            for moved in page {
                let Some(key) = &moved.external_id else { continue };
                let ours = policy.shops.iter().find_map(|shop| Some((shop, order::order_of(shop.key, key)?)));
                let Some((shop, number)) = ours else { continue };
                if seen.insert((shop.key, number)) {
                    self.order(shop, OrderId::new(number), moved.modified_at).await?;
                }
            }
            if after.as_ref() == Some(&last) {
                return Ok(());
            }
            after = Some(last);
        }
    }

    async fn stock(&mut self, shop: &ShopPolicy) -> Result<(), ReconcileError> {
        if shop.locations.is_empty() {
            return Ok(());
        }
        let call = self.call(shop.key, Flow::Stock, 0);
        let kits = Kits::of_rows(self.patiently(|| self.netsuite.kits(call)).await?);
        for (location, in_books) in &shop.locations {
            let call = self.call(shop.key, Flow::Stock, *location);
            // Levels before books, as the engine reads them.
            let mut levels = Vec::new();
            let mut after = None;
            loop {
                let page =
                    self.patiently(|| self.shopify.levels(call, shop.key, *location, after.clone())).await?;
                let Some(page) = page else { break };
                levels.extend(page.levels);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            let books = self.books(call, shop.key, *in_books).await?;
            self.told.levels += levels.len() as u64;
            let buffer = self.policy.stock.buffer;
            let plan = stock::plan(&stock::Observed { levels: &levels, books: &books, kits: &kits, buffer });
            let clears = self.runtime.now().plus(self.policy.engine.lane_deadline[Lane::Stock.index()]);
            for change in plan.changes {
                let detail = format!("item {}: {} shown, {} allowed", change.item, change.from, change.to);
                let mut found = Discrepancy::new(Kind::StockLevel, shop.key, Flow::Stock, *location, detail);
                if plan.is_provisional {
                    found = found.clearing(clears);
                }
                self.told.discrepancies.push(found);
            }
        }
        Ok(())
    }

    async fn books(&self, call: Call, shop: ShopKey, location: InternalId) -> Result<Books, PlatformError> {
        let mut books = Books::default();
        let mut after = InternalId::new(0);
        loop {
            let rows = self.patiently(|| self.netsuite.stock(call, shop, location, None, after)).await?;
            let is_last = rows.len() < STOCK_ROWS_MAX;
            after = rows.last().map_or(after, |row| row.item);
            books.extend(rows.into_iter().filter_map(|row| Some((row.sku.clone()?, row))));
            if is_last {
                return Ok(books);
            }
        }
    }

    async fn journals(&self, call: Call, keys: &[ExternalId]) -> Result<Vec<KnownJournal>, PlatformError> {
        let mut journals = Vec::new();
        for asked in keys.chunks(JOURNALS_ASKED) {
            journals.extend(self.patiently(|| self.netsuite.journals(call, asked)).await?);
        }
        Ok(journals)
    }

    async fn all<T: Send, F: Future<Output = Result<Page<T>, PlatformError>> + Send>(
        &self,
        ask: impl Fn(Option<String>) -> F + Send + Sync,
    ) -> Result<Vec<T>, PlatformError> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let page = self.patiently(|| ask(after.clone())).await?;
            items.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(items);
            }
        }
    }
}

#[cfg(test)]
mod tests;
