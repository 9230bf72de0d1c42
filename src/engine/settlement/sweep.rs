//! Finds payouts, disputes and bank lines that are new or have changed. Nobody tells of them (shopify.md §m.3), and old
//! payouts change their status, so they are asked for again and again, with an overlap of days.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Subject;
use crate::domain::payout::{BankLine, DisputeStatus, Payout, PayoutStatus};
use crate::domain::{BookDate, Duration, Flow, InternalId, Lane, Money, ShopKey, Timestamp};
use crate::engine::sweep::{self, Interrupted};
use crate::engine::{Engine, Ports};
use crate::policy::settlement::{SettlementPolicy, ShopSettlement};
use crate::ports::store::{Cause, Feed, Hint, Watermark};
use crate::ports::{Bank, Call, Entity, Paging, Payments, Platform, Runtime, Store};

/// How long a dispute may take to be decided, with time to spare.
///
/// Source: shopify.md §m.3: review up to about 75 days.
pub(super) const DISPUTE_LASTS: Duration = Duration::from_hours(24 * 120);

/// What was hinted already, as it was then: the overlap shows each of it many times. An engine that was away has
/// forgotten it, and looks at everything in the overlap once.
#[derive(Default)]
struct Seen {
    payouts: BTreeMap<Entity, (PayoutStatus, Money, Option<Box<str>>)>,
    disputes: BTreeMap<Entity, (DisputeStatus, Option<Timestamp>)>,
    /// Payouts by bank account and trace.
    traces: BTreeMap<(InternalId, Box<str>), Entity>,
    lines: BTreeSet<(InternalId, Box<str>)>,
    /// Lines that are the processor's by their looks and of no payout that is known.
    strays: BTreeSet<(InternalId, Box<str>)>,
    /// When all payouts of a shop were last compared.
    compared: BTreeMap<ShopKey, Timestamp>,
}

/// One for the merchant: shops first, so that the bank's lines find their payouts.
pub(in crate::engine) async fn run<P: Ports>(engine: Arc<Engine<P>>) {
    let Some(policy) = engine.policy.settlement.clone() else { return };
    let mut seen = Seen::default();
    let mut attempt = 0;
    loop {
        let mut failed = false;
        for shop in &policy.shops {
            failed |= payouts(&engine, &policy, shop, &mut seen, attempt).await.is_err();
        }
        let mut asked = BTreeSet::new();
        for shop in policy.shops.iter().filter(|_| engine.bank.is_connected()) {
            if asked.insert(shop.owner) {
                failed |= bank(&engine, &policy, shop, &mut seen, attempt).await.is_err();
            }
        }
        let pause = if failed {
            attempt += 1;
            engine.policy.engine.backoff_max
        } else {
            attempt = 0;
            policy.every
        };
        engine.runtime.sleep(pause).await;
    }
}

/// Payouts and disputes of one shop, the month that ended, and what was to be looked at again by now.
async fn payouts<P: Ports>(
    engine: &Engine<P>,
    policy: &SettlementPolicy,
    shop: &ShopSettlement,
    seen: &mut Seen,
    attempt: u32,
) -> Result<(), Interrupted> {
    let merchant = engine.policy.merchant;
    let began = engine.runtime.now();
    let feed = Feed::PayoutsIssued;
    let reached = sweep::reached(engine, shop.shop, feed, began).await?;
    let whole = Entity { merchant, shop: shop.shop, flow: Flow::Settlement, record: 0 };
    let call = Call { entity: whole, lane: Lane::Settlement, attempt };
    let of = |subject: Subject| Entity { record: subject.record(), ..whole };
    let bank = engine.policy.subsidiaries[shop.owner].accounts.bank;
    let mut hints: Vec<Hint> = Vec::new();
    let mut changed_payouts = Vec::new();
    let mut changed_disputes = Vec::new();
    let since = reached.minus(policy.overlap);
    let compared = seen.compared.get(&shop.shop);
    let all = compared.is_none_or(|at| *at <= began.minus(policy.compare_every));
    let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
    loop {
        let page = engine.shopify.payouts(call, shop.shop, since, after).await?;
        for payout in page.items {
            let entity = of(Subject::Payout(payout.id));
            if let Some(trace) = &payout.trace {
                seen.traces.insert((bank, trace.clone()), entity);
            }
            let Payout { status, net, trace, .. } = payout;
            let now = (status, net, trace);
            if all || seen.payouts.get(&entity) != Some(&now) {
                changed_payouts.push((entity, now));
            }
        }
        after = paging.follow(page.next)?;
        if after.is_none() {
            break;
        }
    }
    let since = began.minus(DISPUTE_LASTS);
    let mut paging = Paging::of(Platform::Shopify);
    loop {
        let page = engine.shopify.disputes(call, shop.shop, since, after).await?;
        for dispute in page.items {
            let entity = of(Subject::Dispute(dispute.id));
            let now = (dispute.status, dispute.finalized_on);
            // An open one has nothing to be posted but its rows, which come with their payouts.
            if dispute.finalized_on.is_some() && seen.disputes.get(&entity) != Some(&now) {
                changed_disputes.push((entity, now));
            }
        }
        after = paging.follow(page.next)?;
        if after.is_none() {
            break;
        }
    }
    hints.extend(changed_payouts.iter().map(|(entity, _)| hint(*entity)));
    hints.extend(changed_disputes.iter().map(|(entity, _)| hint(*entity)));
    hints.extend(month_that_ended(engine, shop.shop, reached, began).map(|month| hint(of(month))));
    // A claim of another shop's is as good in these hints as in its own.
    hints.extend(engine.unsettled_by_now(began).into_iter().map(hint));
    let watermark = Watermark { merchant, shop: shop.shop, feed, at: began };
    engine.store.record(&hints, Some(watermark), engine.runtime.now()).await?;
    // Remembered only now: what was not recorded is to be hinted again.
    seen.payouts.extend(changed_payouts);
    if all {
        seen.compared.insert(shop.shop, began);
    }
    seen.disputes.extend(changed_disputes);
    if !hints.is_empty() {
        engine.wake();
    }
    Ok(())
}

/// The month whose last day lies between the watermark and now.
fn month_that_ended<P: Ports>(
    engine: &Engine<P>,
    shop: ShopKey,
    reached: Timestamp,
    now: Timestamp,
) -> Option<Subject> {
    let policy = engine.policy.shop(shop)?;
    let (from, to) = (engine.policy.book_date(policy, reached), engine.policy.book_date(policy, now));
    let ended = to.last_of_month(1);
    let (year, month, _) = ended.year_month_day();
    (from <= ended).then_some(Subject::Month { year, month })
}

/// The statement of the account that this shop's payouts go to.
async fn bank<P: Ports>(
    engine: &Engine<P>,
    policy: &SettlementPolicy,
    shop: &ShopSettlement,
    seen: &mut Seen,
    attempt: u32,
) -> Result<(), Interrupted> {
    let merchant = engine.policy.merchant;
    let began = engine.runtime.now();
    let feed = Feed::BankStatement;
    let reached = sweep::reached(engine, shop.shop, feed, began).await?;
    let owner = &engine.policy.subsidiaries[shop.owner];
    let account = owner.accounts.bank;
    let since: BookDate = owner.bank_zone.book_date(reached.minus(policy.overlap));
    let whole = Entity { merchant, shop: shop.shop, flow: Flow::Settlement, record: 0 };
    let call = Call { entity: whole, lane: Lane::Settlement, attempt };
    let mut hints = Vec::new();
    let (mut found, mut strays) = (Vec::new(), Vec::new());
    let (mut after, mut paging) = (None, Paging::of(Platform::Bank));
    loop {
        let page = engine.bank.statement(call, account, since, after).await?;
        for line in page.items {
            let key = (account, line.id);
            // A line whose payout is not known yet is looked at again by the next sweep, and the money of others never.
            let Some(trace) = line.reference else { continue };
            let is_processors = policy.bank_trace.as_ref().is_some_and(|known| trace.starts_with(&**known));
            match seen.traces.get(&(account, trace)) {
                Some(payout) if !seen.lines.contains(&key) => {
                    hints.push(hint(*payout));
                    found.push(key);
                }
                None if is_processors && !seen.strays.contains(&key) => {
                    let record = Subject::Line(BankLine::number(&key.1)).record();
                    hints.push(hint(Entity { record, ..whole }));
                    strays.push(key);
                }
                _ => {}
            }
        }
        after = paging.follow(page.next)?;
        if after.is_none() {
            break;
        }
    }
    let watermark = Watermark { merchant, shop: shop.shop, feed, at: began };
    engine.store.record(&hints, Some(watermark), engine.runtime.now()).await?;
    seen.lines.extend(found);
    seen.strays.extend(strays);
    if !hints.is_empty() {
        engine.wake();
    }
    Ok(())
}

/// A hint that names no version: a payout's status and a bank's line have none.
fn hint(entity: Entity) -> Hint {
    Hint { entity, lane: Lane::Settlement, version: Timestamp::ORIGIN, cause: Cause::Sweep }
}
