//! The audit at rest: everything that the world did and NetSuite holds, shown to the oracle; and the run's result.

use std::collections::BTreeMap;

use crate::domain::sales_order::LineKey;
use crate::domain::{FixedSet, InternalId, Lane, Money, ShopKey, Timestamp};
use crate::ledger::{Document, DocumentKind, LedgerHash, Posting};
use crate::mocks::netsuite;
use crate::mocks::shopify::ShopifyTwin;
use crate::ports::store::{Exception, StoreError};
use crate::ports::{Runtime, Store};
use crate::scenario::{ExpectedAmount, PromiseKind, Scenario};
use crate::sim::oracle::seen::{SeenChain, SeenCustomer, SeenException, SeenLine, SeenSalesOrder, SeenWork};
use crate::sim::rehearsal::{Rehearsal, at_once};
use crate::sim::result::{
    ExpectationResult, ExpectedOrderResult, InvariantResult, LaneLag, OpenException, PromiseResult,
    RunResult, WeatherResult,
};
use crate::sim::stage::{Scene, seen_deposit};

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
    for (shop, typo, of) in mistyped {
        scene.oracle.causes().mistyped(shop, typo, of);
    }
    let now = ended.now;
    let ledger_hash = books(&mut scene, now);
    scene.show_prices(&scenario.profile, now);
    scene.show_terms(&scenario.profile, now);
    let seen: Vec<SeenException> = open.iter().map(seen_exception).collect();
    scene.oracle.exceptions(&seen, now);
    let chain = SeenChain { entries: chain.entries, broken_at: chain.broken_at, steps: scene.steps };
    let refusals = scene.seen_refusals();
    let work = SeenWork { acknowledged: scene.acknowledged, ..work };
    scene.oracle.at_rest(&work, &chain, &refusals, now);
    Ok(result(&scene, rehearsal, scenario, seed, ended, ledger_hash, &open))
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
    work.pending = unfinished.into_iter().map(|entity| (entity.shop, entity.flow, entity.record)).collect();
    Ok(work)
}

/// Goes through all orders with what stands for them, then through what stands for none. Returns the ledger's hash.
fn books(scene: &mut Scene, now: Timestamp) -> String {
    let Scene { shopify, netsuite, oracle, .. } = scene;
    let mut hash = LedgerHash::with_capacity(netsuite.documents_count());
    let mut matched = 0;
    let shops: Vec<_> = shopify.shop_keys().collect();
    for shop in shops.iter().copied() {
        for order in shopify.orders_truth(shop) {
            let key = format!("{shop}-order-{}", order.id);
            let document = netsuite.document_by_key(netsuite::DocumentKind::SalesOrder, &key);
            let sales_order = document.and_then(|document| seen_sales_order(&document));
            let mut deposits = Vec::with_capacity(order.transactions.len());
            for (at, transaction) in order.transactions.iter().enumerate() {
                // What came to nothing is booked by nobody.
                let received = transaction.amount.minor() + transaction.rounding.minor();
                if !transaction.captured() || received == 0 {
                    continue;
                }
                let key = format!("{shop}-deposit-{}", transaction.id);
                let found = netsuite.document_by_key(netsuite::DocumentKind::CustomerDeposit, &key);
                matched += usize::from(found.is_some());
                deposits.push((at, found.and_then(|document| seen_deposit(&document))));
            }
            matched += usize::from(sales_order.is_some());
            oracle.order(&order, sales_order.as_ref(), &deposits, now);
        }
    }
    let has_strays = matched < netsuite.documents_count();
    let claimed = if has_strays { claimed(shopify, &shops) } else { FixedSet::default() };
    let mut balances: BTreeMap<InternalId, i128> = BTreeMap::new();
    for document in netsuite.documents() {
        let Some(booked) = booked(&document) else { continue };
        for posting in &booked.postings {
            *balances.entry(posting.account).or_default() += i128::from(posting.amount.minor());
        }
        hash.add(&booked);
        if !has_strays || claimed.contains(booked.external_id.as_str()) {
            continue;
        }
        match document.kind() {
            netsuite::DocumentKind::SalesOrder => {
                if let Some(seen) = seen_sales_order(&document) {
                    oracle.stray_sales_order(&seen, now);
                }
            }
            _ => {
                if let Some(seen) = seen_deposit(&document) {
                    oracle.stray_deposit(&seen, now);
                }
            }
        }
    }
    for (external_id, _) in netsuite.customers() {
        oracle.customer(&SeenCustomer { external_id }, now);
    }
    oracle.balances(&balances, now);
    hash.finish()
}

/// The external ids that orders and their captures claim.
fn claimed(shopify: &ShopifyTwin, shops: &[ShopKey]) -> FixedSet<Box<str>> {
    let mut claimed = FixedSet::default();
    for shop in shops {
        for order in shopify.orders_truth(*shop) {
            claimed.insert(format!("{shop}-order-{}", order.id).into());
            claimed.extend(order.captures().map(|capture| format!("{shop}-deposit-{}", capture.id).into()));
        }
    }
    claimed
}

fn booked(document: &netsuite::Document<'_>) -> Option<Document> {
    let kind = match document.kind() {
        netsuite::DocumentKind::SalesOrder => DocumentKind::SalesOrder,
        netsuite::DocumentKind::CustomerDeposit => DocumentKind::CustomerDeposit,
        netsuite::DocumentKind::JournalEntry => DocumentKind::JournalEntry,
    };
    let postings = document.postings();
    Some(Document {
        external_id: document.external_id()?,
        kind,
        subsidiary: document.subsidiary(),
        currency: document.currency(),
        date: document.date(),
        postings: postings
            .map(|posting| Posting { account: posting.account, amount: posting.amount })
            .collect(),
    })
}

fn seen_sales_order(document: &netsuite::Document<'_>) -> Option<SeenSalesOrder> {
    let currency = document.currency();
    let mut total = 0i64;
    let mut lines = Vec::new();
    // A closed line keeps its amount in NetSuite and is owed by nobody (netsuite.md §13.3).
    for line in document.lines().filter(|line| !line.is_closed) {
        total = total.checked_add(line.amount.minor())?.checked_add(line.tax.minor())?;
        lines.push(SeenLine {
            key: line.key,
            item: crate::domain::Sku(line.item.into()),
            quantity: line.quantity,
            amount_minor: line.amount.minor(),
            tax_minor: line.tax.minor(),
            label: match line.key {
                Some(LineKey::GoodsDiscount(..) | LineKey::ShippingDiscount(..)) => {
                    line.description.map(Into::into)
                }
                _ => None,
            },
        });
    }
    let mut taxes: Vec<(InternalId, i128)> = Vec::new();
    for tax in document.taxes() {
        let minor = i128::from(tax.amount.minor());
        match taxes.iter_mut().find(|(code, _)| *code == tax.code) {
            Some((_, sum)) => *sum += minor,
            None => taxes.push((tax.code, minor)),
        }
    }
    Some(SeenSalesOrder {
        external_id: document.external_id()?.as_str().into(),
        customer_external_id: document
            .customer_external_id()
            .map(|id| id.as_str().into())
            .unwrap_or_default(),
        subsidiary: document.subsidiary(),
        currency,
        date: document.date(),
        total: Money::new(total, currency),
        lines,
        taxes,
    })
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
            called_for: scene.orders > 0 && scene.oracle.calls_for(invariant),
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
        defect: rehearsal.stage.planted.report(),
    }
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
    let mut balances: BTreeMap<InternalId, i128> = BTreeMap::new();
    for balance in scene.netsuite.balances() {
        *balances.entry(balance.account).or_default() += balance.minor;
    }
    let found = |account| balances.get(&account).copied().unwrap_or_default();
    let expected = scenario.expectations.iter();
    expected
        .map(|expected| ExpectationResult {
            account: expected.account,
            stated: expected.balance,
            found: Money::new(
                i64::try_from(found(expected.account)).unwrap_or(i64::MAX),
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
