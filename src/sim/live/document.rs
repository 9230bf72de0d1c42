//! What the control port tells and takes, as JSON.
//!
//! `GET /verdict` answers with [`VerdictDocument`]; `POST /exceptions` takes a list of [`ReportedException`], which
//! replaces the one before. Times are RFC 3339 in UTC, amounts are `12.30 GBP`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::host::Host;
use super::verdict::State;
use crate::domain::{CauseCode, ExternalId, Flow, MerchantKey, Money, Order, ShopKey, Timestamp};
use crate::mocks::netsuite::DocumentKind;
use crate::ports::Entity;
use crate::ports::store::{Exception, ExceptionKey, ExceptionState};
use crate::sim::oracle::invariants::orders_complete;
use crate::sim::result::{RunResult, Verdict, never_exercised, verdict};
use crate::sim::stage::Scene;

/// The state of a run, and what was found.
#[derive(Debug, Clone, Serialize)]
pub struct VerdictDocument {
    pub scenario: Box<str>,
    pub seed: u64,
    pub now: String,
    pub ends: String,
    pub speed: u32,
    /// `running`, `settling`, `at-rest`, `overdue` or `failed`.
    pub state: &'static str,
    /// Why the world cannot go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// `held`, `broken` or `inconclusive`; `open` before everything was compared.
    pub verdict: &'static str,
    /// Everything was compared; otherwise only what is checked as it happens.
    pub audited: bool,
    pub orders: Orders,
    pub calls: Calls,
    pub requests: Requests,
    pub refusals: Refusals,
    pub invariants: Vec<InvariantRow>,
    pub exceptions_expected: Vec<ExceptionRow>,
    /// Absent while the integration has reported none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exceptions_reported: Option<usize>,
    pub never_exercised: Vec<String>,
    pub faults: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Orders {
    pub placed: u64,
    pub landed: u64,
    /// To be sales orders, and none yet.
    pub in_flight: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Calls {
    pub shopify: u64,
    pub netsuite: u64,
    pub deliveries: u64,
    pub deliveries_acknowledged: u64,
    pub deliveries_open: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Requests {
    pub open: u64,
    pub by_status: BTreeMap<u16, u64>,
    pub answers_cut: u64,
    pub twin_failures: u64,
    pub unsupported: BTreeMap<String, u64>,
    /// GraphQL documents that were parsed and validated before, and those that were new.
    pub documents_known: u64,
    pub documents_new: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Refusals {
    pub shopify_foreseeable: u64,
    pub netsuite_foreseeable: u64,
    pub injected: u64,
    pub by_cut: u64,
    pub by_neighbours: u64,
}

#[derive(Debug, Clone, Serialize)]
pub struct InvariantRow {
    pub name: &'static str,
    pub claim: &'static str,
    pub checked: u64,
    pub broken: u64,
    pub breaches: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct ExceptionRow {
    pub shop: ShopKey,
    pub record: u64,
    pub code: &'static str,
}

/// One open exception of an integration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReportedException {
    /// The shop's key in the scenario.
    pub shop: String,
    /// `order`, `refund`, `stock` and so on.
    pub flow: String,
    /// Shopify's number of the record.
    pub record: u64,
    /// A cause code: `customer-likely-duplicate`.
    pub code: String,
    pub owner: Box<str>,
    pub raised_at: String,
    pub deadline: String,
    #[serde(default)]
    pub at_risk: Option<String>,
    #[serde(default)]
    pub detail: Box<str>,
}

impl ReportedException {
    /// # Errors
    /// What is wrong with it, naming the field.
    pub fn read(&self, merchant: MerchantKey) -> Result<Exception, String> {
        let shop = self.shop.parse().map_err(|error| format!("`shop`: {error}"))?;
        let flow = Flow::ALL.into_iter().find(|flow| flow.name() == self.flow);
        let flow = flow.ok_or_else(|| format!("`flow`: `{}` is no flow", self.flow))?;
        let code = CauseCode::ALL.into_iter().find(|code| code.name() == self.code);
        let code = code.ok_or_else(|| format!("`code`: `{}` is no cause code", self.code))?;
        let at_risk = self.at_risk.as_deref().map(str::parse::<Money>).transpose();
        let instant = |field: &str, text: &str| {
            text.parse::<Timestamp>().map_err(|error| format!("`{field}`: {error}"))
        };
        Ok(Exception {
            key: ExceptionKey { entity: Entity { merchant, shop, flow, record: self.record }, code },
            state: ExceptionState::Open,
            raised_at: instant("raised-at", &self.raised_at)?,
            owner: self.owner.clone(),
            deadline: instant("deadline", &self.deadline)?,
            at_risk: at_risk.map_err(|error| format!("`at-risk`: {error}"))?,
            detail: self.detail.clone(),
            next_step: Box::default(),
        })
    }
}

/// Orders that are to be sales orders and are none yet.
fn in_flight(scene: &Scene, landed: u64) -> u64 {
    if landed == scene.orders {
        return 0;
    }
    let orders = |shop| scene.shopify.orders_truth(shop);
    let waits = |order: &Order| {
        let key = ExternalId::for_order(order.shop, order.id);
        let found = scene.netsuite.document_by_key(DocumentKind::SalesOrder, key.as_str());
        found.is_none() && !orders_complete::has_nothing(order)
    };
    scene.shopify.shop_keys().flat_map(orders).filter(waits).count() as u64
}

impl Host {
    /// The state of the run. With `audited`, everything is compared as if nothing more came.
    pub fn document(&mut self, audited: bool) -> VerdictDocument {
        let state = self.state();
        let seen = self.exchange.seen();
        self.note_landed();
        let audited = audited || state == State::AtRest || self.judged.is_some();
        let audited = audited && state != State::Failed;
        let (result, due) = match (&self.judged, audited) {
            (Some(judged), _) => (Some(judged.clone()), self.due_at_end.clone()),
            (None, true) => {
                let (result, due) = self.probe();
                (Some(result), due)
            }
            (None, false) => (None, Default::default()),
        };
        let scene = self.rehearsal.stage.scene();
        let running: Vec<InvariantRow> = scene
            .oracle
            .tallies()
            .map(|(invariant, tally)| InvariantRow {
                name: invariant.name,
                claim: invariant.claim,
                checked: tally.checked,
                broken: tally.broken,
                breaches: tally.breaches.iter().map(ToString::to_string).collect(),
            })
            .collect();
        let invariants = result.as_ref().map_or(running, rows);
        let found = match &result {
            Some(result) => word(verdict(std::slice::from_ref(result))),
            None if invariants.iter().any(|row| row.broken > 0) => "broken",
            None => "open",
        };
        VerdictDocument {
            scenario: self.scenario.name.clone(),
            seed: self.seed,
            now: self.executor.now().to_string(),
            ends: self.scenario.starts.plus(self.scenario.lasts).to_string(),
            speed: self.pace.speed(),
            state: state.name(),
            failed: self.failed.clone(),
            verdict: found,
            audited,
            orders: Orders {
                placed: scene.orders,
                landed: self.landing.landed,
                in_flight: in_flight(&scene, self.landing.landed),
            },
            calls: Calls {
                shopify: scene.calls.shopify,
                netsuite: scene.calls.netsuite,
                deliveries: scene.calls.deliveries,
                deliveries_acknowledged: scene.acknowledged,
                deliveries_open: scene.deliveries_open,
            },
            requests: Requests {
                open: seen.open,
                by_status: seen.by_status,
                answers_cut: seen.cut,
                twin_failures: seen.twin_failures,
                unsupported: seen.unsupported,
                documents_known: seen.documents.0,
                documents_new: seen.documents.1,
            },
            refusals: Refusals {
                shopify_foreseeable: scene.refusals.shopify_foreseeable,
                netsuite_foreseeable: scene.refusals.netsuite_foreseeable,
                injected: scene.refusals.injected,
                by_cut: scene.refusals.by_cut,
                by_neighbours: scene.refusals.by_neighbours,
            },
            invariants,
            exceptions_expected: due
                .into_iter()
                .map(|(shop, record, code)| ExceptionRow { shop, record, code: code.name() })
                .collect(),
            exceptions_reported: self.reported.as_ref().map(Vec::len),
            never_exercised: result.map(|result| never_exercised(&[result])).unwrap_or_default(),
            faults: scene.faults.effects().kinds().map(|(kind, count)| (kind.name(), count)).collect(),
        }
    }

    /// Takes the list of open exceptions that an integration reports.
    ///
    /// # Errors
    /// Which one is wrong, and why.
    pub fn report(&mut self, reported: &[ReportedException]) -> Result<(), String> {
        let merchant = self.rehearsal.policy.merchant;
        let mut open = Vec::new();
        for (at, exception) in reported.iter().enumerate() {
            open.push(exception.read(merchant).map_err(|cause| format!("exception {at}: {cause}"))?);
        }
        let before = self.reported.take().unwrap_or_default();
        let mut scene = self.rehearsal.stage.scene();
        for exception in &open {
            let key = exception.key;
            if !before.iter().any(|known| known.key == key) {
                scene.oracle.raised(key.entity.shop, key.entity.record, key.code);
            }
            if key.code == CauseCode::PriceUnproven {
                scene.oracle.told_of_prices(key.entity.record, true);
            }
        }
        for gone in before.iter().filter(|known| !open.iter().any(|exception| exception.key == known.key)) {
            if gone.key.code == CauseCode::PriceUnproven {
                scene.oracle.told_of_prices(gone.key.entity.record, false);
            }
        }
        drop(scene);
        self.reported = Some(open);
        Ok(())
    }
}

fn rows(result: &RunResult) -> Vec<InvariantRow> {
    let rows = result.invariants.iter().map(|found| InvariantRow {
        name: found.name,
        claim: found.claim,
        checked: found.checked,
        broken: found.broken,
        breaches: found.breaches.iter().map(ToString::to_string).collect(),
    });
    rows.collect()
}

const fn word(found: Verdict) -> &'static str {
    match found {
        Verdict::Held => "held",
        Verdict::Broken => "broken",
        Verdict::Inconclusive => "inconclusive",
    }
}
