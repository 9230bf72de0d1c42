//! The audit at rest: everything that the world did and NetSuite holds, shown to the oracle; and the run's result.
//! Documents by order are in [`books`], what is read of each in [`documents`].

mod books;
mod documents;

use std::collections::BTreeMap;

use crate::domain::sales_order::LineKey;
use crate::domain::{Currency, Flow, InternalId, Lane, Money, ShopKey, Timestamp};
use crate::mocks::netsuite;
use crate::ports::store::{Exception, StoreError};
use crate::ports::{Runtime, Store};
use crate::scenario::{Aftermath, ExpectedAmount, ExpectedBalance, PromiseKind, Scenario, Scripted};
use crate::sim::oracle::seen::{SeenChain, SeenException, SeenLine, SeenWork};
use crate::sim::rehearsal::{Rehearsal, at_once};
use crate::sim::result::{
    ExpectationResult, ExpectedOrderResult, InvariantResult, LaneLag, OpenException, PromiseResult,
    RunResult, WeatherResult,
};
use crate::sim::stage::Scene;
pub(in crate::sim) use books::hash_of_month;
use books::{books, seen_sales_order};
use counts::{expected_counts, volumes};

mod counts;
mod outside;

pub use outside::from_outside;

/// What the driver of a run knows of its end.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    pub now: Timestamp,
    pub crashes: u32,
    /// When the backlog was first found empty after the last arrival.
    pub drained_at: Timestamp,
    /// When it had to be, at the latest.
    pub bound: Timestamp,
}

/// Audits the run and says what it came to.
///
/// # Errors
/// The store cannot be read.
pub fn audit<R: Runtime>(
    rehearsal: &Rehearsal<R>,
    scenario: &Scenario,
    seed: u64,
    ended: Ended,
) -> Result<RunResult, StoreError> {
    rehearsal.close();
    let merchant = rehearsal.policy.merchant;
    let store = &rehearsal.store;
    if rehearsal.stage.planted.tampers() {
        store.damage_audit_entry(merchant, 1)?;
    }
    let open = at_once(store.open_exceptions(merchant))?;
    let chain = at_once(store.verify_audit(merchant))?;
    let work = work(rehearsal, &open, ended)?;
    let mistyped = rehearsal.traffic.mistyped();
    let mut scene = rehearsal.stage.scene();
    let now = ended.now;
    let ledger_hash = shown(&mut scene, mistyped, scenario, now);
    let seen: Vec<SeenException> = open.iter().map(seen_exception).collect();
    scene.oracle.exceptions(&seen, now);
    let chain = SeenChain { entries: chain.entries, broken_at: chain.broken_at, steps: scene.steps };
    let refusals = scene.seen_refusals();
    let work = SeenWork { acknowledged: scene.acknowledged, ..work };
    scene.oracle.at_rest(&work, &chain, &refusals, now);
    Ok(result(&scene, rehearsal, scenario, seed, ended, ledger_hash, &open))
}

/// Shows the oracle everything that stands at rest. Returns the ledger's hash.
fn shown(
    scene: &mut Scene,
    mistyped: Vec<(ShopKey, u64, u64)>,
    scenario: &Scenario,
    now: Timestamp,
) -> String {
    for (shop, typo, of) in mistyped {
        scene.oracle.causes().mistyped(shop, typo, of);
    }
    let ledger_hash = books(scene, now);
    scene.show_prices(&scenario.profile, now);
    scene.show_terms(&scenario.profile, now);
    scene.show_products(&scenario.profile, now);
    ledger_hash
}

/// Everything that has not ended, and what excuses it.
fn work<R: Runtime>(
    rehearsal: &Rehearsal<R>,
    open: &[Exception],
    ended: Ended,
) -> Result<SeenWork, StoreError> {
    let mut work = SeenWork { drained_at: ended.drained_at, bound: ended.bound, ..SeenWork::default() };
    work.excused = open
        .iter()
        .map(|exception| exception.key.entity)
        .map(|entity| (entity.shop, entity.flow, entity.record))
        .collect();
    let unfinished = rehearsal.store.unfinished(rehearsal.policy.merchant)?;
    // The feed of stock is looked at for ever: what it leaves is judged by `stock-parity`.
    let unfinished = unfinished.into_iter().filter(|entity| entity.flow != Flow::Stock);
    work.pending = unfinished.map(|entity| (entity.shop, entity.flow, entity.record)).collect();
    Ok(work)
}

fn seen_exception(exception: &Exception) -> SeenException {
    SeenException {
        shop: exception.key.entity.shop,
        flow: exception.key.entity.flow,
        record: exception.key.entity.record,
        code: exception.key.code,
        at_risk: exception.at_risk,
        owner: exception.owner.clone(),
        deadline: exception.deadline,
        raised_at: exception.raised_at,
        detail: exception.detail.clone(),
    }
}

fn result<R: Runtime>(
    scene: &Scene,
    rehearsal: &Rehearsal<R>,
    scenario: &Scenario,
    seed: u64,
    ended: Ended,
    ledger_hash: String,
    open: &[Exception],
) -> RunResult {
    let invariants = scene
        .oracle
        .tallies()
        .map(|(invariant, tally)| InvariantResult {
            name: invariant.name,
            claim: invariant.claim,
            checked: tally.checked,
            broken: tally.broken,
            breaches: tally.breaches.clone(),
            called_for: scene.orders > 0
                && is_called_for(invariant.name, scenario)
                && scene.oracle.calls_for(invariant),
        })
        .collect();
    let effects = scene.faults.effects();
    RunResult {
        scenario: scenario.name.clone(),
        title: scenario.title.clone(),
        seed,
        orders: scene.orders,
        calls: scene.calls,
        steps: scene.steps,
        crashes: ended.crashes,
        virtual_time: ended.now.since(scenario.starts),
        trace_hash: scene.trace.to_string(),
        ledger_hash,
        policy_hash: rehearsal.policy.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        invariants,
        promises: scenario
            .promises
            .iter()
            .map(|promise| kept(promise, scene, scenario, open, ended))
            .collect(),
        expectations: expectations(scene, scenario),
        expected_orders: expected_orders(rehearsal, scene, scenario),
        expected_counts: expected_counts(rehearsal, scene, scenario, open),
        volumes: volumes(scene),
        tax_drift: scene.oracle.tax_drift(),
        exceptions: open.iter().map(open_exception).collect(),
        lag: Lane::ALL.into_iter().filter_map(|lane| lane_lag(scene, lane)).collect(),
        faults: effects.kinds().map(|(kind, count)| (kind.name(), count)).collect(),
        weather: scenario
            .weather
            .iter()
            .enumerate()
            .map(|(at, weather)| WeatherResult {
                what: format!("{} after {}", weather.what.words(), weather.at).into(),
                took_effect: effects.of_weather(at),
            })
            .collect(),
        refusals: scene.refusals,
        timeline: scene.timeline.clone(),
        not_played: scenario.recorded.iter().flat_map(|recorded| recorded.not_played.clone()).collect(),
        not_covered: scenario.not_covered.clone(),
        spent: None,
        defect: rehearsal.stage.planted.report(),
    }
}

/// Whether the traffic of a scenario is such that an invariant must have had something to check.
fn is_called_for(invariant: &str, scenario: &Scenario) -> bool {
    let scripted = |named: fn(&Aftermath) -> bool| {
        let events = scenario.scripted.iter();
        events
            .map(|event| &event.what)
            .any(|what| matches!(what, Scripted::After { what, .. } if named(what)))
    };
    let keeps_stock = scenario.profile.shops.iter().any(|shop| !shop.locations.is_empty());
    match invariant {
        "stock-parity" => keeps_stock,
        "bundle-relief" => keeps_stock && sells_bundles(scenario),
        "shipped-once" | "address-honoured" => {
            scenario.warehouse.is_some() || scripted(|what| matches!(what, Aftermath::Ship(_)))
        }
        "refunded-once" => {
            scenario.after_purchase.as_ref().is_some_and(|habits| habits.returned_ppm > 0)
                || scripted(|what| matches!(what, Aftermath::Refund(_)))
        }
        "payouts-matched" => scenario.profile.processor.is_some(),
        // Not every merchant of a scenario sells or takes cards.
        "gift-card-liability" => false,
        _ => true,
    }
}

/// Drawn traffic never does; a script says so.
fn sells_bundles(scenario: &Scenario) -> bool {
    let kits = &scenario.profile.stock.kits;
    scenario.scripted.iter().any(|event| match &event.what {
        Scripted::Order(order) => {
            let mut skus = order.lines.iter().filter_map(|line| line.sku.as_ref());
            skus.any(|sku| kits.iter().any(|kit| kit.sku == *sku && !kit.members.is_empty()))
        }
        _ => false,
    })
}

fn lane_lag(scene: &Scene, lane: Lane) -> Option<LaneLag> {
    let lag = &scene.lag[lane.index()];
    (lag.count() > 0).then(|| LaneLag {
        lane,
        count: lag.count(),
        p50: lag.quantile(50),
        p99: lag.quantile(99),
        max: lag.max(),
    })
}

fn expectations(scene: &Scene, scenario: &Scenario) -> Vec<ExpectationResult> {
    let mut balances: BTreeMap<(InternalId, Option<Currency>), i128> = BTreeMap::new();
    for balance in scene.netsuite.balances() {
        *balances.entry((balance.account, Some(balance.currency))).or_default() += balance.minor;
        *balances.entry((balance.account, None)).or_default() += balance.base_minor;
    }
    let found = |expected: &ExpectedBalance| {
        let currency = Some(expected.balance.currency()).filter(|_| !expected.is_in_base);
        balances.get(&(expected.account, currency)).copied().unwrap_or_default()
    };
    let expected = scenario.expectations.iter();
    expected
        .map(|expected| ExpectationResult {
            account: expected.account,
            stated: expected.balance,
            found: Money::new(
                i64::try_from(found(expected)).unwrap_or(i64::MAX),
                expected.balance.currency(),
            ),
            file: (&*expected.file).into(),
            line: expected.line,
        })
        .collect()
}

/// What the sales orders of scripted orders came to. An order that is not in NetSuite came to nothing.
fn expected_orders<R: Runtime>(
    rehearsal: &Rehearsal<R>,
    scene: &Scene,
    scenario: &Scenario,
) -> Vec<ExpectedOrderResult> {
    let sales_order = |name: &str| {
        let (shop, order) = rehearsal.traffic.scripted_order(name)?;
        let kind = netsuite::DocumentKind::SalesOrder;
        seen_sales_order(&scene.netsuite.document_by_key(kind, &format!("{shop}-order-{order}"))?)
    };
    let discount = |line: &&SeenLine| {
        matches!(line.key, Some(LineKey::GoodsDiscount(..) | LineKey::ShippingDiscount(..)))
    };
    let found = |expected: &crate::scenario::ExpectedOrder| {
        let Some(seen) = sales_order(&expected.order) else { return 0 };
        match expected.what {
            ExpectedAmount::Total => seen.total.minor(),
            ExpectedAmount::Tax => seen.lines.iter().map(|line| line.tax_minor).sum(),
            ExpectedAmount::Discount => {
                -seen.lines.iter().filter(discount).map(|line| line.amount_minor).sum::<i64>()
            }
        }
    };
    let expected = scenario.expected_orders.iter();
    expected
        .map(|expected| ExpectedOrderResult {
            order: expected.order.clone(),
            what: expected.what,
            stated: expected.amount,
            found: Money::new(found(expected), expected.amount.currency()),
            file: (&*expected.file).into(),
            line: expected.line,
        })
        .collect()
}

fn open_exception(exception: &Exception) -> OpenException {
    OpenException {
        shop: exception.key.entity.shop,
        flow: exception.key.entity.flow.name(),
        record: exception.key.entity.record,
        code: exception.key.code,
        owner: exception.owner.clone(),
        raised_at: exception.raised_at,
        deadline: exception.deadline,
        at_risk: exception.at_risk,
        detail: exception.detail.clone(),
        next_step: exception.next_step.clone(),
    }
}

fn kept(
    promise: &crate::scenario::Promise,
    scene: &Scene,
    scenario: &Scenario,
    open: &[Exception],
    ended: Ended,
) -> PromiseResult {
    let share = |refused: u64, calls: u64| (calls > 0).then(|| refused * 1_000_000 / calls);
    let in_percent = |ppm: u64| format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100);
    let (held, observed) = match promise.kind {
        PromiseKind::LagP99 { lane, at_most } => match lane_lag(scene, lane) {
            Some(lag) => (Some(lag.p99 <= at_most), lag.p99.to_string()),
            None => (None, "nothing measured".to_owned()),
        },
        PromiseKind::LagMax { lane, at_most } => match lane_lag(scene, lane) {
            Some(lag) => (Some(lag.max <= at_most), lag.max.to_string()),
            None => (None, "nothing measured".to_owned()),
        },
        PromiseKind::ExceptionsOpen { at_most } => {
            (Some(open.len() as u64 <= at_most), open.len().to_string())
        }
        PromiseKind::OversoldUnits { at_most } => {
            let oversold = scene.oracle.stock.oversold();
            (Some(oversold <= at_most), oversold.to_string())
        }
        PromiseKind::TurnedAway { at_most } => {
            let turned_away = scene.oracle.stock.turned_away;
            (Some(turned_away <= at_most), turned_away.to_string())
        }
        PromiseKind::DrainedWithin { at_most } => {
            let took = ended.drained_at.since(scenario.starts.plus(scenario.lasts));
            (Some(took <= at_most), took.to_string())
        }
        PromiseKind::ShopifyThrottled { at_most_ppm } => {
            let refused = scene.refusals.by_cut + scene.refusals.shopify_foreseeable;
            let found = share(refused, scene.calls.shopify);
            (found.map(|ppm| ppm <= u64::from(at_most_ppm)), found.map_or_else(String::new, in_percent))
        }
        PromiseKind::NetSuiteThrottled { at_most_ppm } => {
            let refused = scene.refusals.by_neighbours + scene.refusals.netsuite_foreseeable;
            let found = share(refused, scene.calls.netsuite);
            (found.map(|ppm| ppm <= u64::from(at_most_ppm)), found.map_or_else(String::new, in_percent))
        }
    };
    PromiseResult {
        name: promise.name.clone(),
        limit: promise.text.clone(),
        observed,
        held,
        file: (&*promise.file).into(),
        line: promise.line,
    }
}

#[cfg(test)]
mod tests;
