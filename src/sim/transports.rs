//! How the engine's clients reach the twins: latency, faults and slots, over types, over JSON text or over sockets
//! ([`loopback`]). Files that Shopify names by an address are fetched in `file`.
//!
//! The platform's side of a call runs as a task of the world. So when the engine is killed, what it had sent still
//! arrives, and lands after its restart, as it would in life.

mod file;
pub mod loopback;

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::domain::{Duration, ShopKey, Timestamp};
use crate::mocks::netsuite::{self, DocumentKind};
use crate::platforms::netsuite::client as netsuite_client;
use crate::platforms::netsuite::operation as netsuite_operation;
use crate::platforms::shopify::client as shopify_client;
use crate::platforms::shopify::operation as shopify_operation;
use crate::ports::{Call, Runtime};
use crate::sim::climate;
use crate::sim::faults::{Access, CallKey, Fate};
use crate::sim::meter::{self, Room};
use crate::sim::refusals;
use crate::sim::stage::{Scene, Stage, kind};

use loopback::Loopback;

/// How long our clients wait for an answer. Source: netsuite.md §10.3, what public clients wait.
pub const CLIENT_WAITS: Duration = Duration::from_secs(60);

/// What crosses between client and twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fidelity {
    /// Wire types, without JSON.
    #[default]
    Typed,
    /// JSON text in memory: everything is spelled and read.
    Bytes,
    /// Sockets of this machine: signed, sent, received and read as in production.
    Http,
}

/// How a call of one run crosses.
#[derive(Clone)]
pub enum Way {
    Typed,
    Bytes,
    Http(Arc<Loopback>),
}

impl Way {
    /// Whether a call of that fate comes to the twin. Others are answered on the way.
    const fn reaches(fate: Fate) -> bool {
        matches!(fate, Fate::Answered | Fate::LostAfter)
    }
}

/// The way to the Shopify twin.
pub struct ShopifyLink<R> {
    pub stage: Arc<Stage>,
    /// Of the world: the platform's side outlives the engine.
    pub world: R,
    pub runtime: R,
    pub way: Way,
}

/// The way to the NetSuite twin.
pub struct NetsuiteLink<R> {
    pub stage: Arc<Stage>,
    pub world: R,
    pub runtime: R,
    pub way: Way,
}

/// Tells apart the calls of one attempt.
fn fingerprint(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

impl<R: Runtime> shopify_client::Transport for ShopifyLink<R> {
    async fn send(
        &self,
        call: Call,
        shop: ShopKey,
        mut request: shopify_operation::Request,
    ) -> Result<shopify_operation::Response, shopify_client::TransportError> {
        let sent_at = self.runtime.now();
        let verdict = {
            let mut scene = self.stage.scene();
            self.stage.planted.alter_shopify(&mut request);
            scene.calls.shopify += 1;
            let key = CallKey::of(&call, fingerprint(&[request.operation().name()]));
            scene.faults.on_shopify_call(key, sent_at)
        };
        let (answer, answered) = oneshot::channel();
        let (stage, way) = (Arc::clone(&self.stage), self.way.clone());
        let arrives = self.world.sleep(verdict.before);
        let (world, entity) = (self.world.clone(), call.entity.record);
        self.world.spawn(async move {
            arrives.await;
            let response = {
                let now = world.now();
                let _entered = meter::enter(Room::Twins);
                let crossed = match (stage.planted.swallow_terms(&request), &way) {
                    (None, Way::Http(loopback)) if Way::reaches(verdict.fate) => {
                        Some(loopback.shopify(call, shop, request.clone(), now))
                    }
                    (swallowed, _) => swallowed,
                };
                let mut scene = stage.scene();
                let mut response =
                    shopify_answer(&mut scene, &way, shop, &request, verdict.fate, crossed, now);
                scene.show_written(now);
                if let Some(again) = stage.planted.again(shop, &request, &response) {
                    scene.shopify.answer(shop, &again, now);
                    scene.show_written(now);
                }
                stage.planted.misread_shopify(&mut response);
                let refused = response.data.is_none();
                scene.trace.event(
                    kind::SHOPIFY_CALL,
                    now,
                    entity,
                    u64::from(refused) << 8 | verdict.fate as u64,
                );
                response
            };
            world.sleep(verdict.after).await;
            // Nobody listens when the engine was killed meanwhile.
            let _ = answer.send(response);
        });
        match answered.await {
            Ok(response) => Ok(response),
            Err(_) => {
                Err(shopify_client::TransportError::NoAnswer { waited: self.runtime.now().since(sent_at) })
            }
        }
    }

    async fn fetch(
        &self,
        call: Call,
        shop: ShopKey,
        url: &str,
    ) -> Result<String, shopify_client::TransportError> {
        file::fetch(self, call, shop, url).await
    }
}

/// The answer, unless it came across sockets already or was swallowed.
fn shopify_answer(
    scene: &mut Scene,
    way: &Way,
    shop: ShopKey,
    request: &shopify_operation::Request,
    fate: Fate,
    crossed: Option<shopify_operation::Response>,
    now: Timestamp,
) -> shopify_operation::Response {
    let response = match (fate, crossed) {
        (_, Some(crossed)) => crossed,
        (Fate::Throttled, None) => {
            scene.refusals.injected += 1;
            return scene.shopify.throttled(shop, request, now);
        }
        (Fate::Failed, None) => return scene.shopify.internal_error(shop, request, now),
        (_, None) => match way {
            Way::Typed | Way::Http(_) => scene.shopify.answer(shop, request, now),
            Way::Bytes => {
                let text = scene.shopify.answer_bytes(shop, &request.body(), now);
                shopify_operation::Response::parse(request.operation(), &text)
                    .expect("the twin spells answers that the client can read")
            }
        },
    };
    if response.errors.iter().any(|error| error.code() == "THROTTLED") {
        refusals::blame_for_points(scene, now);
    }
    response
}

impl<R: Runtime> netsuite_client::Transport for NetsuiteLink<R> {
    async fn send(
        &self,
        call: Call,
        mut request: netsuite_operation::Request,
    ) -> Result<netsuite_operation::Response, netsuite_client::TransportError> {
        let sent_at = self.runtime.now();
        let started = {
            let mut scene = self.stage.scene();
            scene.calls.netsuite += 1;
            scene.awaited += 1;
            self.stage.planted.alter(&mut request);
            self.stage.planted.alter_knowing(&scene.shopify, &scene.netsuite, &mut request);
            let (access, eid) = access(&scene, &request);
            let key = CallKey::of(&call, fingerprint(&[request.name(), eid]));
            let verdict = scene.faults.on_netsuite_call(key, access, sent_at);
            let begun = refusals::begin(&mut scene, verdict.fate, sent_at);
            begun.map(|slot| (slot, verdict)).map_err(|refused| {
                let awaited = scene.awaited;
                refused.blame(&mut scene, awaited);
                refused.response
            })
        };
        let awaited = Awaited { stage: &self.stage };
        let (slot, verdict) = match started {
            Ok(started) => started,
            Err(refused) => {
                // Refused at the door: the answer takes a round trip and no work.
                self.runtime.sleep(refusals::DOOR).await;
                drop(awaited);
                let wait = self.stage.planted.wait_of_refused();
                if wait > Duration::ZERO {
                    self.runtime.sleep(wait).await;
                }
                return Ok(*refused);
            }
        };
        let (answer, answered) = oneshot::channel();
        let (stage, way) = (Arc::clone(&self.stage), self.way.clone());
        let works = self.world.sleep(verdict.before);
        let (world, entity) = (self.world.clone(), call.entity.record);
        self.world.spawn(async move {
            works.await;
            let response = {
                let now = world.now();
                let _entered = meter::enter(Room::Twins);
                let response = netsuite_answer(&stage, &way, call, &request, verdict.fate, now);
                let mut scene = stage.scene();
                let status = response.as_ref().map_or(0, |response| response.status);
                scene.trace.event(
                    kind::NETSUITE_CALL,
                    now,
                    entity,
                    fingerprint(&[request.name()]) << 16 | u64::from(status),
                );
                response
            };
            world.sleep(verdict.after).await;
            {
                let mut scene = stage.scene();
                if let Some(slot) = slot {
                    scene.netsuite.end(slot);
                }
            }
            if let Some(response) = response {
                let _ = answer.send(response);
            }
        });
        if verdict.before.plus(verdict.after) <= CLIENT_WAITS
            && let Ok(response) = answered.await
        {
            return Ok(response);
        }
        self.runtime.sleep_until(sent_at.plus(CLIENT_WAITS)).await;
        Err(netsuite_client::TransportError::NoAnswer { waited: CLIENT_WAITS })
    }
}

/// A call whose answer the engine waits for. What it no longer waits for, or waited for in an earlier life, may
/// still hold a slot, but the engine cannot know that.
struct Awaited<'a> {
    stage: &'a Stage,
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.stage.scene().awaited -= 1;
    }
}

/// Whether the request changes a record that exists, and the key by which it is told from others.
fn access<'a>(scene: &Scene, request: &'a netsuite_operation::Request) -> (Access, &'a str) {
    use netsuite_operation::Request;
    let existing = |kind, eid: &str| {
        let record = scene.netsuite.document_by_key(kind, eid).map(|document| document.internal_id().get());
        Access::Write { record }
    };
    match request {
        Request::UpsertCustomer { eid, .. } => (Access::Write { record: None }, eid),
        Request::UpsertSalesOrder { eid, .. } | Request::AmendSalesOrder { eid, .. } => {
            (existing(DocumentKind::SalesOrder, eid), eid)
        }
        Request::UpsertCustomerDeposit { eid, .. } => (existing(DocumentKind::CustomerDeposit, eid), eid),
        Request::CreateJournalEntry { .. } | Request::CreateIntercompanyJournal { .. } => {
            (Access::Write { record: None }, "")
        }
        Request::GetSalesOrder { eid } => (Access::Read, eid),
        Request::SuiteQl(_) => (Access::Read, ""),
        // A transform opens the record that it is made from.
        Request::TransformInvoice { sales_order, .. } => {
            (Access::Write { record: Some(sales_order.get()) }, request.external_id().unwrap_or(""))
        }
        Request::TransformDepositApplication { deposit, .. } => {
            (Access::Write { record: Some(deposit.get()) }, request.external_id().unwrap_or(""))
        }
        Request::ApplyCreditMemo { eid, .. } => (existing(DocumentKind::CreditMemo, eid), eid),
        Request::CreateInvoice { .. }
        | Request::CreateCreditMemo { .. }
        | Request::CreateCustomerRefund { .. }
        | Request::CreateInventoryAdjustment { .. } => {
            (Access::Write { record: None }, request.external_id().unwrap_or(""))
        }
    }
}

/// What comes back; `None` when the answer is lost.
fn netsuite_answer(
    stage: &Stage,
    way: &Way,
    call: Call,
    request: &netsuite_operation::Request,
    fate: Fate,
    now: Timestamp,
) -> Option<netsuite_operation::Response> {
    if matches!(fate, Fate::LostBefore | Fate::Unavailable) {
        stage.planted.fall_back(&mut stage.scene().shopify, request);
    }
    match fate {
        Fate::LostBefore => return None,
        Fate::Unavailable => return Some(netsuite::maintenance_response()),
        Fate::Failed => return Some(netsuite::unexpected_response(now.nanos().unsigned_abs())),
        Fate::RecordChanged => return Some(netsuite::conflict_response()),
        Fate::RecordLocked => return Some(netsuite::locked_response()),
        Fate::Throttled => return Some(netsuite::concurrency_response()),
        Fate::Answered | Fate::LostAfter => {}
    }
    if let Some(response) = stage.planted.swallow(request) {
        return Some(response);
    }
    let crossed = match way {
        Way::Http(loopback) => Some(loopback.netsuite(call, request.clone(), now)),
        Way::Typed | Way::Bytes => None,
    };
    let mut scene = stage.scene();
    let scene = &mut *scene;
    let mut response = match (crossed, way) {
        (Some(crossed), _) => crossed,
        (None, Way::Bytes) => over_text(scene, request, now),
        (None, _) => scene.netsuite.execute(request, now),
    };
    stage.planted.blind(&mut response, now);
    stage.planted.misread_netsuite(&mut response);
    climate::note_refusal(scene, &response);
    stage.planted.override_period(&mut scene.netsuite, request, &mut response, now);
    stage.planted.after_write(&mut scene.netsuite, request, now);
    stage.planted.alter_answer(&scene.netsuite, request, &mut response);
    scene.show_postings(now);
    (fate != Fate::LostAfter).then_some(response)
}

fn over_text(
    scene: &mut Scene,
    request: &netsuite_operation::Request,
    now: Timestamp,
) -> netsuite_operation::Response {
    let http = request.to_http();
    let body = http.body.as_deref().unwrap_or_default();
    let answer =
        scene.netsuite.execute_text(http.method.name(), &http.path, &http.query, &http.headers, body, now);
    netsuite_operation::Response::read(request, answer.status, answer.header("Location"), &answer.body)
        .expect("the twin spells answers that the client can read")
}
