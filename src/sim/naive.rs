//! The connector that everybody writes first: a webhook is the truth, a job books it, a retry books it again.
//!
//! It runs against the same twins, clients, transports and faults as the engine, with the same seed, and is judged by
//! the same oracle. It maps an order to a sales order exactly as the engine does, so all that differs is how events,
//! retries and money are handled:
//!
//! - `orders/paid` is acknowledged at once and worked on in memory; nothing durable knows of it (failures.md A5).
//! - Nothing is swept, and the subscription is made once, when the connector is installed (A5).
//! - A failed job is run again from its beginning: each write is a new record, whether or not the earlier one was
//!   saved. A webhook that comes twice is two jobs (A4).
//! - The order's total is one deposit under its first tender (A2).
//! - A customer is whoever has the e-mail, in whichever shop (B10).
//! - Calls are made when there is something to say, whatever the limits.
//! - What NetSuite refuses goes to a log.
//!
//! Not here: what it is run in ([`super::run`]), what its day looks like ([`crate::scenario::built_in`]).

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};

use crate::domain::customer::normalise_email;
use crate::domain::ids::OrderId;
use crate::domain::{CustomerDeposit, Duration, ExternalId, Flow, Lane, Order, ShopKey, Timestamp};
use crate::engine::order::translate;
use crate::engine::stock::kits::Kits;
use crate::mocks::netsuite::DocumentKind;
use crate::mocks::shopify::PendingDelivery;
use crate::platforms::shopify::wire::Delivery;
use crate::platforms::{netsuite, shopify};
use crate::policy::{Policy, ShopPolicy};
use crate::ports::shopify::Topic;
use crate::ports::store::StoreError;
use crate::ports::{
    Admission, Call, Entity, NetSuite, PlatformError, Recovery, Runtime, Shopify, ThrottleStatus,
};
use crate::scenario::Scenario;
use crate::sim::deliveries::Receiver;
use crate::sim::executor::SimRuntime;
use crate::sim::rehearsal::{CALLBACK, Rehearsal, RunOptions};
use crate::sim::result::{Progress, RunResult};
use crate::sim::run::{RunError, run_subject};
use crate::sim::stage::Stage;
use crate::sim::subject::Subject;
use crate::sim::transports::{NetsuiteLink, ShopifyLink};

/// How often a job is run before it is given up.
///
/// Assumption: the default of a job queue; three is the least that any of the common ones has.
const RUNS_MAX: u32 = 3;

/// Between two runs of a job.
const PAUSE: Duration = Duration::from_secs(10);

/// Plays the scenario to the naive connector, and audits what it has made of it.
///
/// # Errors
/// The simulation itself failed.
pub fn run(
    scenario: &Scenario,
    seed: u64,
    progress: &mut dyn FnMut(Progress),
) -> Result<RunResult, RunError> {
    let options = RunOptions { seed, ..RunOptions::default() };
    run_subject(scenario, &options, &Naive::default(), progress)
}

/// The connector as a run sees it.
#[derive(Default)]
struct Naive {
    /// Held by every job, so that its holders are the jobs under way; a crash lets go of it with them.
    jobs: Arc<()>,
}

impl Subject for Naive {
    fn start(&self, rehearsal: &Rehearsal<SimRuntime>, runtime: SimRuntime) {
        let (shopify, netsuite) = rehearsal.links(&runtime);
        let connector = Arc::new(Connector {
            shopify: shopify::Client::new(Arc::new(shopify), Arc::new(NoLimits)),
            netsuite: netsuite::Client::new(netsuite, NoLimits),
            policy: Arc::clone(&rehearsal.policy),
            stage: Arc::clone(&rehearsal.stage),
            being_posted: Mutex::default(),
            runtime: runtime.clone(),
        });
        let webhooks = Webhooks { connector: Arc::clone(&connector), jobs: Arc::downgrade(&self.jobs) };
        rehearsal.open_door(Arc::new(webhooks));
        runtime.spawn(async move { connector.install().await });
    }

    fn left(&self, _: &Rehearsal<SimRuntime>, _: Timestamp) -> Result<u64, StoreError> {
        Ok(Arc::strong_count(&self.jobs) as u64 - 1)
    }

    fn is_at_rest(
        &self,
        rehearsal: &Rehearsal<SimRuntime>,
        left: u64,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(left == 0 && rehearsal.stage.scene().deliveries_open == 0)
    }
}

/// Lets every call go, and hears of no limit.
struct NoLimits;

impl Admission for NoLimits {
    async fn shopify(&self, _: ShopKey, _: Lane, _: u32) {}

    fn shopify_done(&self, _: ShopKey, _: u32, _: Option<ThrottleStatus>, _: bool) {}

    async fn netsuite(&self, _: Lane) {}

    fn netsuite_done(&self, _: bool) {}
}

/// The webhook endpoint.
struct Webhooks<R: Runtime> {
    connector: Arc<Connector<R>>,
    jobs: Weak<()>,
}

impl<R: Runtime> Receiver for Webhooks<R> {
    /// Answers 200 at once and works afterwards, as every guide advises; what it forgets is to write the job down.
    fn receive(&self, pending: PendingDelivery) -> Pin<Box<dyn Future<Output = bool> + Send>> {
        let (connector, under_way) = (Arc::clone(&self.connector), self.jobs.upgrade());
        self.connector.runtime.spawn(async move {
            connector.work(&pending.delivery).await;
            drop(under_way);
        });
        Box::pin(std::future::ready(true))
    }
}

struct Connector<R: Runtime> {
    shopify: shopify::Client<ShopifyLink<R>, NoLimits>,
    netsuite: netsuite::Client<NetsuiteLink<R>, NoLimits>,
    policy: Arc<Policy>,
    stage: Arc<Stage>,
    being_posted: Mutex<BTreeSet<ExternalId>>,
    runtime: R,
}

impl<R: Runtime> Connector<R> {
    /// Subscribes. Whoever installs it sees whether that worked, and never looks again.
    async fn install(&self) {
        for shop in &self.policy.shops {
            let call = self.call(shop, 0, 0);
            while self.shopify.subscribe(call, shop.key, Topic::OrdersPaid, CALLBACK).await.is_err() {
                self.runtime.sleep(PAUSE).await;
            }
        }
    }

    fn call(&self, shop: &ShopPolicy, record: u64, attempt: u32) -> Call {
        let entity = Entity { merchant: self.policy.merchant, shop: shop.key, flow: Flow::Order, record };
        Call { entity, lane: Lane::Orders, attempt }
    }

    /// One job: books the order that the webhook names, from the beginning each time it is run.
    async fn work(&self, delivery: &Delivery) {
        let Some(shop) = self.policy.shops.iter().find(|shop| *shop.domain == *delivery.shop_domain) else {
            return;
        };
        let id = delivery.payload.order_id();
        for attempt in 0..RUNS_MAX {
            let Err(error) = self.book(self.call(shop, id.get(), attempt), shop, id).await else {
                self.stage.scene().steps_done += 1;
                return;
            };
            let now = self.runtime.now();
            let again = matches!(error.recovery(), Recovery::Retry | Recovery::LookUpThenRetry);
            let again = again && attempt + 1 < RUNS_MAX;
            let becomes = if again { "is run again from its beginning" } else { "ends in a log" };
            self.stage.scene().tell(now, || format!("order {id} of {} {becomes}: {error}", shop.key));
            if !again {
                return;
            }
            self.runtime.sleep(PAUSE).await;
        }
    }

    async fn book(&self, call: Call, shop: &ShopPolicy, id: OrderId) -> Result<(), PlatformError> {
        let Some(order) = self.shopify.order(call, shop.key, id).await? else { return Ok(()) };
        let Ok(mut sales_order) = translate::sales_order(&order, shop, &self.policy, &Kits::default()) else {
            return Ok(());
        };
        sales_order.customer = self.customer(call, shop, &order).await?;
        let record = self.new_record(DocumentKind::SalesOrder, sales_order.external_id);
        sales_order.external_id = record.name.clone();
        self.netsuite.upsert_sales_order(call, &sales_order).await?;

        let Some(paid) = order.captures().next() else { return Ok(()) };
        let Some(account) = self.policy.tender_account(shop, &paid.tender) else { return Ok(()) };
        let record =
            self.new_record(DocumentKind::CustomerDeposit, ExternalId::for_deposit(shop.key, paid.id));
        let deposit = CustomerDeposit {
            external_id: record.name.clone(),
            customer: sales_order.customer,
            sales_order: sales_order.external_id,
            subsidiary: sales_order.subsidiary,
            currency: order.currency,
            date: self.policy.book_date(shop, paid.processed_at),
            original_date: None,
            payment: order.total,
            account,
        };
        self.netsuite.upsert_customer_deposit(call, &deposit).await.map(drop)
    }

    /// Whoever has the e-mail; else a new customer.
    async fn customer(
        &self,
        call: Call,
        shop: &ShopPolicy,
        order: &Order,
    ) -> Result<ExternalId, PlatformError> {
        let record = translate::customer_record(order, shop, &self.policy);
        if let Some(email) = record.email.as_deref() {
            let like = self.netsuite.customers_like(call, &record.external_id, Some(email)).await?;
            let same = like.into_iter().find(|known| {
                known.email.as_deref().map(normalise_email) == Some(normalise_email(email))
                    && known.external_id.is_some()
            });
            if let Some(known) = same.and_then(|known| known.external_id) {
                return Ok(known);
            }
        }
        self.netsuite.upsert_customer(call, &record).await?;
        Ok(record.external_id)
    }

    /// A name that no record has, so that each write makes a record, as a plain `POST` does.
    ///
    /// The client writes by external id and would find its earlier record again: that is the remedy which this
    /// connector lacks. The first record keeps the name by which the audit looks for it, so that only what is there
    /// twice counts as doubled.
    fn new_record(&self, kind: DocumentKind, key: ExternalId) -> NewRecord<'_> {
        let scene = self.stage.scene();
        let mut posted = self.being_posted.lock().expect("nothing panics while it holds the names");
        let mut name = key.clone();
        let mut copies = 1;
        while posted.contains(&name) || scene.netsuite.document_by_key(kind, name.as_str()).is_some() {
            copies += 1;
            name = ExternalId::from_netsuite(format!("{key}-{copies}"));
        }
        posted.insert(name.clone());
        NewRecord { name, being_posted: &self.being_posted }
    }
}

/// Keeps the name from others while the record is on its way; free again if it never arrived.
struct NewRecord<'a> {
    name: ExternalId,
    being_posted: &'a Mutex<BTreeSet<ExternalId>>,
}

impl Drop for NewRecord<'_> {
    fn drop(&mut self) {
        self.being_posted.lock().expect("nothing panics while it holds the names").remove(&self.name);
    }
}

#[cfg(test)]
mod tests;
