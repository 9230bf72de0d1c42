//! One step: one claimed entity, read, decided, acted on, and committed in one transaction.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::events::Event;
use super::exception::Finding;
use super::{Engine, Ports};
use super::{gift_card, order, price_list, product, settlement, stock, terms};
use crate::domain::digest::digest_of;
use crate::domain::{CauseCode, Duration, Flow, Timestamp};
use crate::ports::store::{
    AuditEntry, Claim, Exception, ExceptionState, Hint, Lease, Link, Outcome, Step, StoreError,
};
use crate::ports::{Call, Entity, PlatformError, Recovery, Runtime, Store};

/// Tries of one call inside a step when the platform refused it for its limits: nothing was done, so nothing
/// needs to be re-read.
const THROTTLED_TRIES: u32 = 8;

/// NetSuite works on a request for this long at the most, whether or not anybody still waits for the answer.
///
/// Source: netsuite.md §10.2 (web-services request time), §0.1.4.
pub(super) const REQUEST_LASTS_MAX: Duration = Duration::from_mins(15);

/// What a step has learned and done so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub links: Vec<Link>,
    pub findings: Vec<(Entity, Finding)>,
    pub follow_ups: Vec<Hint>,
    pub actions: String,
    pub read_version: Timestamp,
    /// What a person must know if the step gets no answers until then; nothing once it has them.
    pub overdue: Option<Overdue>,
    /// What is not there yet and may still come, for the audit trail; empty if nothing is waited for.
    pub awaits: String,
}

/// A finding that waits for its time.
#[derive(Debug)]
pub(super) struct Overdue {
    pub due: Timestamp,
    pub finding: Finding,
}

impl Draft {
    pub fn did(&mut self, verb: &str, external_id: impl std::fmt::Display) {
        use std::fmt::Write;
        if !self.actions.is_empty() {
            self.actions.push_str(", ");
        }
        write!(self.actions, "{verb} {external_id}").expect("a String takes any text");
    }
}

/// Runs the step to its commit. True if the queue should look again: something fell due, or will.
pub(super) async fn run<P: Ports>(engine: &Arc<Engine<P>>, claim: Claim) -> bool {
    let mut draft = Draft::default();
    let (ended, lease) = {
        let drive = async {
            match claim.entity.flow {
                Flow::Order => order::driver::drive(engine, &claim, &mut draft).await,
                // Buyers are brought over by the orders that name them; shipping and refunds are looked after with them.
                Flow::Customer | Flow::Fulfillment | Flow::Refund => Ok(()),
                Flow::GiftCard => gift_card::drive(engine, &claim, &mut draft).await,
                Flow::Price => price_list::driver::drive(engine, &claim, &mut draft).await,
                Flow::Terms => terms::driver::drive(engine, &claim, &mut draft).await,
                Flow::Stock => stock::driver::drive(engine, &claim, &mut draft).await,
                Flow::Product => product::driver::drive(engine, &claim, &mut draft).await,
                Flow::Settlement => settlement::driver::drive(engine, &claim, &mut draft).await,
            }
        };
        match keep_lease(engine, &claim, drive).await {
            Ok(ended) => ended,
            // Somebody else has the entity now and repeats, without a second effect, what was done here.
            Err(_) => return true,
        }
    };
    let now = engine.runtime.now();
    let complete = ended.is_ok();
    let (mut outcome, said) = conclude(engine, &claim, &mut draft, ended, now);
    let is_second_look = engine.second_looks().remove(&claim.entity);
    let settled = outcome == Outcome::Done;
    // A late write of a level fails by its comparison, and the feed is looked at again anyway.
    let disturbed =
        (claim.attempt > 0 || claim.recorded_at <= engine.started_at) && claim.entity.flow != Flow::Stock;
    if settled && disturbed && !draft.actions.is_empty() {
        // An earlier request of which no answer came may still be under way, and may land on top of this one.
        outcome = Outcome::Retry { at: now.plus(REQUEST_LASTS_MAX) };
        engine.second_looks().insert(claim.entity);
    }
    let raise = exceptions(engine, &claim, draft.findings, outcome, now);
    // A step that ran to its end found everything that there is to find: what it did not find has healed.
    let mut converged = if complete { engine.open.of(looked_after(claim.entity)) } else { vec![] };
    converged.retain(|key| !key.code.is_ended_by_person() && !raise.iter().any(|raised| raised.key == *key));
    let keys: Vec<_> = raise.iter().map(|exception| exception.key).collect();
    let step = Step {
        entity: claim.entity,
        lease,
        outcome,
        links: draft.links,
        follow_ups: draft.follow_ups,
        raise,
        converged: converged.clone(),
        audit: AuditEntry {
            at: now,
            cause: claim.cause,
            read_version: draft.read_version,
            policy_hash: engine.policy.hash,
            actions: draft.actions.into_boxed_str(),
            outcome: said,
        },
    };
    // A step that cannot be committed is repeated when its lease runs out.
    let committed = engine.store.commit(step, now).await;
    if committed.is_ok() {
        engine.open.note(&keys, &converged);
        let at = engine.runtime.now();
        for key in keys {
            engine.observer.observe(Event::Raised { at, key });
        }
        let lag = (settled && !is_second_look).then(|| at.since(claim.recorded_at));
        let (entity, lane, attempt) = (claim.entity, claim.lane, claim.attempt);
        engine.observer.observe(Event::StepEnded { at, entity, lane, outcome, attempt, lag });
    }
    committed.unwrap_or(true) || matches!(outcome, Outcome::Retry { .. })
}

/// Runs the work and renews its lease for as long as it takes.
async fn keep_lease<P: Ports, W>(
    engine: &Engine<P>,
    claim: &Claim,
    work: impl Future<Output = W>,
) -> Result<(W, Lease), StoreError> {
    let mut work = pin!(work);
    let mut lease = claim.lease;
    loop {
        let half = Duration::from_nanos(engine.policy.engine.lease.nanos() / 2);
        let mut alarm = pin!(engine.runtime.sleep(half));
        let done = std::future::poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => alarm.as_mut().poll(context).map(|()| None),
        })
        .await;
        if let Some(done) = done {
            return Ok((done, lease));
        }
        let until = engine.runtime.now().plus(engine.policy.engine.lease);
        lease = engine.store.renew(claim.entity, lease, until).await?;
    }
}

/// Calls a platform, and again while it refuses for its limits.
pub(super) async fn within_limits<R: Runtime, V, F: Future<Output = Result<V, PlatformError>>>(
    runtime: &R,
    claim: &Claim,
    call: impl Fn(Call) -> F,
) -> Result<V, PlatformError> {
    let mut tried = 0;
    loop {
        let attempt = claim.attempt.saturating_mul(THROTTLED_TRIES).saturating_add(tried);
        let answer = call(Call { entity: claim.entity, lane: claim.lane, attempt }).await;
        match answer {
            Err(PlatformError::Throttled { .. }) if tried + 1 < THROTTLED_TRIES => {
                let pause = jittered(Duration::from_millis(250).times(1 << tried), claim.entity, attempt);
                runtime.sleep(pause).await;
                tried += 1;
            }
            answer => return answer,
        }
    }
}

/// How the step ends, and what the audit says of it.
fn conclude<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    draft: &mut Draft,
    ended: Result<(), PlatformError>,
    now: Timestamp,
) -> (Outcome, Box<str>) {
    let settings = &engine.policy.engine;
    let own = |finding: &(Entity, Finding)| looked_after(claim.entity).any(|entity| entity == finding.0);
    match ended {
        Ok(()) => {
            if draft.findings.iter().any(|finding| own(finding) && finding.1.code == CauseCode::OrderVanished)
            {
                return (Outcome::Parked, "parked".into());
            }
            // What a person can mend without touching the order is looked at again by itself.
            if draft.findings.iter().any(|finding| own(finding) && mended_elsewhere(finding.1.code)) {
                return (Outcome::Retry { at: now.plus(settings.patience) }, "waits for a person".into());
            }
            match draft.awaits.is_empty() {
                true => (Outcome::Done, "done".into()),
                false => (Outcome::Done, std::mem::take(&mut draft.awaits).into_boxed_str()),
            }
        }
        Err(error) => {
            let said = format!("retry: {error}").into_boxed_str();
            match error.recovery() {
                Recovery::Retry | Recovery::LookUpThenRetry => {
                    if let Some(overdue) = draft.overdue.take() {
                        // Told before the time is over rather than after: the next try may come too late.
                        if now.plus(settings.backoff_max.times(2)) > overdue.due {
                            draft.findings.push((claim.entity, overdue.finding));
                        }
                    } else if now.since(claim.recorded_at) > settings.patience {
                        let code = match error {
                            PlatformError::RecordLocked { .. } => CauseCode::RecordLocked,
                            _ => CauseCode::Unanswered,
                        };
                        draft.findings.push((claim.entity, Finding::new(code, None, error.to_string())));
                    }
                    let doubled = settings.backoff_first.times(1 << claim.attempt.min(20));
                    let pause = doubled.min(settings.backoff_max);
                    (Outcome::Retry { at: now.plus(jittered(pause, claim.entity, claim.attempt)) }, said)
                }
                Recovery::HandToPerson | Recovery::FixConfiguration => {
                    draft.findings.push((claim.entity, refusal(&error)));
                    (Outcome::Retry { at: now.plus(settings.patience) }, said)
                }
            }
        }
    }
}

/// An error that repeating cannot help, as something that a person can act on.
pub(super) fn refusal(error: &PlatformError) -> Finding {
    let code = match error {
        PlatformError::BadReference { .. } => CauseCode::ReferenceRejected,
        PlatformError::PeriodClosed { .. } => CauseCode::PeriodShut,
        PlatformError::Unauthorized { .. } => CauseCode::Unauthorized,
        _ => CauseCode::DocumentRefused,
    };
    Finding::new(code, None, error.to_string())
}

/// The entities whose work one step does: shipping and refunds of an order are looked after with the order.
fn looked_after(entity: Entity) -> impl Iterator<Item = Entity> {
    let with = match entity.flow {
        Flow::Order => &[Flow::Fulfillment, Flow::Refund][..],
        _ => &[],
    };
    std::iter::once(entity).chain(with.iter().map(move |flow| Entity { flow: *flow, ..entity }))
}

/// Causes whose remedy lies outside both platforms' records of the order, so that neither a webhook nor a sweep will
/// announce it.
fn mended_elsewhere(code: CauseCode) -> bool {
    !matches!(
        code,
        CauseCode::CapturedExceedsOrder
            | CauseCode::CustomerLikelyDuplicate
            | CauseCode::ChangedAfterRelease
            | CauseCode::AddressChangedAfterRelease
            | CauseCode::CancelledAfterRelease
            | CauseCode::ShipmentUnmatched
            | CauseCode::SilentOrder
            | CauseCode::RefundDisagrees
            | CauseCode::RefundExceedsCaptured
            | CauseCode::RefundFailed
            | CauseCode::KeyedByHand
            | CauseCode::StockReturnUnrelieved
            | CauseCode::FulfilledInShopify
            // Levels are compared again by the next look at the feed.
            | CauseCode::ItemUnmapped
            | CauseCode::LocationUnmapped
            | CauseCode::StockRejected
            | CauseCode::StockDrift
            | CauseCode::OversoldUnits
            // Products are compared again from time to time.
            | CauseCode::FieldOwnedElsewhere
    )
}

fn exceptions<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    findings: Vec<(Entity, Finding)>,
    outcome: Outcome,
    now: Timestamp,
) -> Vec<Exception> {
    findings
        .into_iter()
        .map(|(entity, finding)| {
            let own = looked_after(claim.entity).any(|known| known == entity);
            let retrying = own && matches!(outcome, Outcome::Retry { .. });
            let state = if retrying { ExceptionState::Retrying } else { ExceptionState::Open };
            finding.raise(entity, state, &engine.policy, now)
        })
        .collect()
}

/// Between three quarters and five quarters of the pause, by a draw that depends on the entity and the attempt
/// alone: retries of many orders spread out, and a run repeats itself.
fn jittered(pause: Duration, entity: Entity, attempt: u32) -> Duration {
    let draw = digest_of(&(entity, attempt)) % 1_001;
    Duration::from_nanos(pause.nanos() / 4 * 3 + pause.nanos() / 2_000 * draw)
}
