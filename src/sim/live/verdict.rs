//! What can be said of an integration from outside: its books, stock, shipments and limits, and the exceptions that it
//! reports.
//!
//! Lives here: when there is rest, what has landed, and the judgement. The rules are the oracle's; how a judgement
//! travels is in [`super::document`].

use std::collections::BTreeSet;

use super::host::Host;
use crate::domain::ids::OrderId;
use crate::domain::{CauseCode, Duration, Lane, ShopKey, Timestamp};
use crate::mocks::netsuite::DocumentKind;
use crate::platforms::shopify::operation::{Answer, Request, WebhookSubscriptionCreateVariables};
use crate::platforms::shopify::wire::WebhookTopic;
use crate::sim::audit::{Ended, from_outside};
use crate::sim::result::{Progress, RunResult};

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Shoppers still come.
    Running,
    /// Nothing new happens; the integration has work to do.
    Settling,
    /// Nothing moves any more.
    AtRest,
    /// The time to settle is over, and something still moves.
    Overdue,
    /// The world cannot go on.
    Failed,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Settling => "settling",
            State::AtRest => "at-rest",
            State::Overdue => "overdue",
            State::Failed => "failed",
        }
    }
}

/// Sales orders as they come to be in NetSuite.
#[derive(Debug, Default)]
pub(super) struct Landing {
    /// Documents that were looked at.
    documents: usize,
    pub landed: u64,
}

/// An exception that must be open.
pub type Due = (ShopKey, u64, CauseCode);

impl Host {
    pub fn now(&self) -> Timestamp {
        self.executor.now()
    }

    /// Why the world cannot go on, if it cannot.
    pub fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// The last word is said.
    pub fn is_judged(&self) -> bool {
        self.judged.is_some()
    }

    /// How far the run has come, for a person who watches.
    pub fn progress(&self) -> Progress {
        let scene = self.rehearsal.stage.scene();
        let scripted = self.rehearsal.world.scripted().count() as u64;
        Progress {
            elapsed: self.now().since(self.scenario.starts),
            lasts: self.scenario.lasts.plus(self.scenario.settle),
            orders: scene.orders,
            orders_total: self.rehearsal.world.orders() + scripted,
            done: self.landing.landed,
            waiting: scene.orders.saturating_sub(self.landing.landed),
            netsuite_slots_used: scene.netsuite.slots_in_use(),
            netsuite_slots: scene.contract_slots,
            shopify_used_percent: 0,
        }
    }

    /// Subscribes every shop to all topics of orders, on behalf of an integration that does not do it itself.
    ///
    /// # Errors
    /// What Shopify has against the address.
    pub fn subscribe(&mut self, uri: &str) -> Result<(), String> {
        let now = self.now();
        let mut scene = self.rehearsal.stage.scene();
        let shops: Vec<ShopKey> = scene.shopify.shop_keys().collect();
        for shop in shops {
            for topic in WebhookTopic::KNOWN {
                let variables = WebhookSubscriptionCreateVariables { topic, uri: uri.into() };
                let asked = Request::WebhookSubscriptionCreate(variables);
                let answer = scene.shopify.answer(shop, &asked, now);
                let Some(Answer::WebhookSubscriptionCreate(data)) = answer.data else {
                    return Err(format!("{shop} takes no subscription now"));
                };
                let errors = data.webhook_subscription_create.map(|it| it.user_errors).unwrap_or_default();
                if let Some(error) = errors.first() {
                    return Err(format!("{shop} refuses {uri}: {}", error.message));
                }
            }
        }
        Ok(())
    }

    fn ends(&self) -> Timestamp {
        self.scenario.starts.plus(self.scenario.lasts)
    }

    pub fn state(&self) -> State {
        let now = self.now();
        if self.failed.is_some() {
            State::Failed
        } else if now < self.ends() {
            State::Running
        } else if self.rest_since.is_some() {
            State::AtRest
        } else if now >= self.ends().plus(self.scenario.settle) {
            State::Overdue
        } else {
            State::Settling
        }
    }

    /// Counts sales orders that are new in NetSuite, and how long each took from the order in Shopify.
    pub(super) fn note_landed(&mut self) {
        let now = self.executor.now();
        let mut scene = self.rehearsal.stage.scene();
        let scene = &mut *scene;
        while let Some(document) = scene.netsuite.document_at(self.landing.documents) {
            self.landing.documents += 1;
            if document.kind() == DocumentKind::SalesOrder
                && let Some(key) = document.external_id()
                && let Some((shop, order)) = order_of(key.as_str())
                && scene.shopify.shop_keys().any(|known| known == shop)
                && let Some(order) = scene.shopify.order_truth(shop, order)
            {
                self.landing.landed += 1;
                // Looked at once a minute, so no order is shown to be faster than it was.
                scene.lag[Lane::Orders.index()].add(now.since(order.created_at));
            }
        }
    }

    /// Rest: shoppers have gone, nothing is under way, and nothing was written for as long as the integration's sweep
    /// may take to find something.
    pub(super) fn note_rest(&mut self) {
        let now = self.now();
        let seen = self.exchange.seen();
        let written_at = seen.written_at.unwrap_or(self.scenario.starts);
        let settings = &self.rehearsal.policy.engine;
        let lag = {
            let scene = self.rehearsal.stage.scene();
            if scene.deliveries_open > 0 {
                self.rest_since = None;
                return;
            }
            scene.faults.rates().search_lag.p99
        };
        let quiet = settings.sweep_every.times(2).plus(lag).plus(MARGIN);
        let since = written_at.max(self.ends());
        if now >= since.plus(quiet) {
            self.rest_since.get_or_insert(now);
        } else {
            self.rest_since = None;
        }
    }

    /// The judgement as if nothing more came, which leaves the oracle as it was; and the exceptions that must be open.
    pub(super) fn probe(&mut self) -> (RunResult, BTreeSet<Due>) {
        let before = self.rehearsal.stage.scene().oracle.clone();
        let result = self.judge();
        let mut scene = self.rehearsal.stage.scene();
        let due = scene.oracle.all_due().collect();
        scene.oracle = before;
        (result, due)
    }

    /// The last word: the world stands still from here on.
    pub fn finish(&mut self) -> &RunResult {
        if self.judged.is_none() {
            let result = self.judge();
            self.due_at_end = self.rehearsal.stage.scene().oracle.all_due().collect();
            self.judged = Some(result);
        }
        self.judged.as_ref().expect("it was just made")
    }

    fn judge(&mut self) -> RunResult {
        self.note_landed();
        let now = self.now();
        let drained_at = self.exchange.seen().written_at.unwrap_or(self.scenario.starts).max(self.ends());
        let ended = Ended { now, crashes: 0, drained_at, bound: Timestamp::END };
        let (open, is_late) = (self.reported.as_deref(), self.state() == State::Overdue);
        from_outside(&self.rehearsal, &self.scenario, self.seed, ended, open, is_late)
    }
}

/// The order that a sales order's key names: `uk-order-5001`.
fn order_of(key: &str) -> Option<(ShopKey, OrderId)> {
    let (shop, order) = key.split_once("-order-")?;
    Some((shop.parse().ok()?, OrderId::new(order.parse().ok()?)))
}

/// Beyond two sweeps: what a slow answer and a backoff may take.
const MARGIN: Duration = Duration::from_mins(10);
