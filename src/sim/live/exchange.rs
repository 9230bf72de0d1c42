//! One request of whoever connects: the same latency, faults, slots and refusals as a call of the engine in simulation
//! meets, and in between the face of the twin.
//!
//! Lives here: the platform's side of a request, as a task of the world. Not here: sockets ([`super::sockets`]), how a
//! fault is spelled ([`super::spelled`]), what a fault is ([`crate::sim::faults`]).

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::callers::Callers;
use super::{sockets, spelled};
use crate::domain::{Duration, FixedMap, ShopKey, Timestamp};
use crate::mocks::http::{Asked, Told};
use crate::mocks::netsuite::{self, DocumentKind};
use crate::mocks::shopify;
use crate::ports::Runtime;
use crate::sim::executor::SimRuntime;
use crate::sim::faults::{Access, CallKey, Fate, Verdict};
use crate::sim::refusals;
use crate::sim::stage::{Scene, Stage, kind};

/// What a request is answered with; `None` cuts the connection, because the answer is lost.
pub type Outcome = Option<Told>;

/// The faces of both twins, and what is remembered of requests.
pub struct Exchange {
    pub stage: Arc<Stage>,
    world: SimRuntime,
    /// What the clocks of callers show, if not the virtual time.
    clocks: Option<fn() -> Timestamp>,
    inside: Mutex<Inside>,
}

struct Inside {
    shopify: shopify::http::Face,
    netsuite: netsuite::http::Face,
    callers: Callers,
    /// How often the same request came: a retry has luck of its own.
    attempts: FixedMap<u64, u32>,
    seen: Seen,
}

/// What was seen of the traffic of an integration.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub requests: u64,
    /// Requests whose answers are still to come.
    pub open: u64,
    pub by_status: BTreeMap<u16, u64>,
    /// Answers that were lost on purpose: the connection was cut.
    pub cut: u64,
    /// Requests that broke the twin: a fault of ours, never of the integration.
    pub twin_failures: u64,
    /// Of requests that may have changed something: the last one that was carried out.
    pub written_at: Option<Timestamp>,
    pub asked_at: Option<Timestamp>,
    /// What was asked for and the twins do not do, by name.
    pub unsupported: BTreeMap<String, u64>,
    /// GraphQL documents that were known from before, and those that had to be read.
    pub documents: (u64, u64),
}

impl Exchange {
    pub fn new(
        stage: Arc<Stage>,
        world: SimRuntime,
        shopify: shopify::http::Face,
        netsuite: netsuite::http::Face,
        clocks: Option<fn() -> Timestamp>,
    ) -> Exchange {
        let inside = Inside {
            shopify,
            netsuite,
            callers: Callers::default(),
            attempts: FixedMap::default(),
            seen: Seen::default(),
        };
        Exchange { stage, world, clocks, inside: Mutex::new(inside) }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn seen(&self) -> Seen {
        let inside = self.inside();
        let mut seen = inside.seen.clone();
        for (name, count) in inside.netsuite.counters() {
            *seen.unsupported.entry(format!("netsuite: {name}")).or_default() += count;
        }
        let counters = inside.shopify.counters();
        seen.documents = (counters.documents_known, counters.documents_new);
        for (name, count) in counters.unsupported {
            *seen.unsupported.entry(format!("shopify: {name}")).or_default() += count;
        }
        seen
    }

    /// Carries out a request to the account, for as long as that takes, even if the caller is gone.
    pub async fn netsuite(&self, asked: Asked, caller: Weak<()>) -> Outcome {
        let call = self.inside().callers.begin(caller);
        let outcome = self.netsuite_answer(asked).await;
        let mut scene = self.stage.scene();
        for (refused, awaited) in self.inside().callers.end(call) {
            refused.blame(&mut scene, awaited);
        }
        outcome
    }

    async fn netsuite_answer(&self, asked: Asked) -> Outcome {
        let world = &self.world;
        let (body_hash, arrived) = (self.noted(&asked, world.now()), world.now());
        let started = {
            let mut scene = self.stage.scene();
            scene.calls.netsuite += 1;
            let (record, access) = access(&scene, &asked);
            let attempt = self.attempt(body_hash);
            let key = CallKey { entity: record, call: body_hash, attempt };
            let verdict = scene.faults.on_netsuite_call(key, access, arrived);
            refusals::begin(&mut scene, verdict.fate, arrived).map(|slot| (slot, verdict))
        };
        let (slot, verdict) = match started {
            Ok(started) => started,
            Err(refused) => {
                let answer = netsuite::http::refusal(&refused.response);
                self.inside().callers.refused(refused);
                world.sleep(refusals::DOOR).await;
                return self.told(Some(answer));
            }
        };
        world.sleep(verdict.before).await;
        let outcome = {
            let now = world.now();
            let mut scene = self.stage.scene();
            let outcome = match spelled::netsuite(verdict.fate, now) {
                Some(told) => Some(told),
                None if verdict.fate == Fate::LostBefore => None,
                None => {
                    let told = self.ask_netsuite(&mut scene, &asked, now);
                    scene.show_postings(now);
                    self.note_write(&asked, &told, now);
                    (verdict.fate != Fate::LostAfter).then_some(told)
                }
            };
            let status = outcome.as_ref().map_or(0, |told| told.status);
            scene.trace.event(kind::NETSUITE_CALL, now, body_hash, u64::from(status));
            outcome
        };
        world.sleep(verdict.after).await;
        {
            let mut scene = self.stage.scene();
            if let Some(slot) = slot {
                scene.netsuite.end(slot);
            }
        }
        self.told(outcome)
    }

    /// Carries out a request to a shop.
    pub async fn shopify(&self, shop: ShopKey, asked: Asked) -> Outcome {
        let world = &self.world;
        let (body_hash, arrived) = (self.noted(&asked, world.now()), world.now());
        let verdict = {
            let mut scene = self.stage.scene();
            scene.calls.shopify += 1;
            let key = CallKey { entity: 0, call: body_hash, attempt: self.attempt(body_hash) };
            match is_for_tokens(&asked) {
                // No fault of the platform's is told of them.
                true => Verdict { fate: Fate::Answered, before: Duration::ZERO, after: Duration::ZERO },
                false => scene.faults.on_shopify_call(key, arrived),
            }
        };
        world.sleep(verdict.before).await;
        let told = {
            let now = world.now();
            let mut scene = self.stage.scene();
            if verdict.fate == Fate::Throttled {
                scene.refusals.injected += 1;
            }
            let told = match spelled::shopify(&scene.shopify, shop, &asked, verdict.fate, now) {
                Some(told) => told,
                None => {
                    let told = self.ask_shopify(&mut scene, &asked, now);
                    if spelled::is_throttled(&told) {
                        refusals::blame_for_points(&mut scene, now);
                    }
                    scene.show_written(now);
                    self.note_write(&asked, &told, now);
                    told
                }
            };
            scene.trace.event(kind::SHOPIFY_CALL, now, body_hash, u64::from(told.status));
            told
        };
        world.sleep(verdict.after).await;
        self.told(Some(told))
    }

    /// A twin that panics has met a case that it should have refused: whoever asked is told of a failure, and the
    /// world goes on.
    fn ask_netsuite(&self, scene: &mut Scene, asked: &Asked, now: Timestamp) -> Told {
        let mut inside = self.inside();
        let face = &mut inside.netsuite;
        let theirs = self.clocks.map_or(now, |clock| clock());
        match catch_unwind(AssertUnwindSafe(|| face.answer_caller(&mut scene.netsuite, asked, now, theirs))) {
            Ok(mut told) => {
                if self.clocks.is_none() {
                    told.headers.push(("Date", sockets::date(now)));
                }
                told
            }
            Err(_) => inside.seen.broken(),
        }
    }

    fn ask_shopify(&self, scene: &mut Scene, asked: &Asked, now: Timestamp) -> Told {
        let mut inside = self.inside();
        let face = &mut inside.shopify;
        match catch_unwind(AssertUnwindSafe(|| face.answer(&mut scene.shopify, asked, now))) {
            Ok(told) => told,
            Err(_) => inside.seen.broken(),
        }
    }

    /// Counts a request that came in. Returns what tells it from others.
    fn noted(&self, asked: &Asked, now: Timestamp) -> u64 {
        let mut inside = self.inside();
        inside.seen.requests += 1;
        inside.seen.open += 1;
        inside.seen.asked_at = Some(now);
        drop(inside);
        let parts = [asked.method.as_bytes(), asked.path.as_bytes(), asked.query.as_bytes(), &asked.body];
        let bytes = parts.iter().flat_map(|part| part.iter().copied().chain([0]));
        bytes.fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
    }

    fn attempt(&self, hash: u64) -> u32 {
        let mut inside = self.inside();
        let attempts = inside.attempts.entry(hash).or_default();
        *attempts += 1;
        *attempts - 1
    }

    fn note_write(&self, asked: &Asked, told: &Told, now: Timestamp) {
        if told.status < 300 && may_write(asked) {
            self.inside().seen.written_at = Some(now);
        }
    }

    fn told(&self, outcome: Outcome) -> Outcome {
        let mut inside = self.inside();
        inside.seen.open -= 1;
        match &outcome {
            Some(told) => *inside.seen.by_status.entry(told.status).or_default() += 1,
            None => inside.seen.cut += 1,
        }
        outcome
    }
}

impl Seen {
    fn broken(&mut self) -> Told {
        self.twin_failures += 1;
        let headers = vec![("Content-Type", "application/json".to_owned())];
        Told {
            status: 500,
            headers,
            body: br#"{"errors":"the twin failed; this is a fault of plimsoll"}"#.to_vec(),
        }
    }
}

fn is_for_tokens(asked: &Asked) -> bool {
    asked.path.contains("/oauth/") || asked.path.contains("/oauth2/")
}

/// Whether a request that succeeded can have changed anything.
fn may_write(asked: &Asked) -> bool {
    if asked.method == "GET" || is_for_tokens(asked) || asked.path.contains("/query/") {
        return false;
    }
    let is_graphql = asked.path.ends_with("/graphql.json");
    !is_graphql || asked.body.windows(8).any(|word| word == b"mutation")
}

/// Whether the request changes a record that exists, and the number that its luck is drawn by.
fn access(scene: &Scene, asked: &Asked) -> (u64, Access) {
    if asked.method == "GET" || asked.path.contains("/query/") || is_for_tokens(asked) {
        return (0, Access::Read);
    }
    let below = asked.path.split_once("/record/v1/").map_or("", |(_, below)| below);
    let mut parts = below.split('/');
    let (record_type, key) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let kind = match record_type {
        "salesOrder" => Some(DocumentKind::SalesOrder),
        "customerDeposit" => Some(DocumentKind::CustomerDeposit),
        "creditMemo" => Some(DocumentKind::CreditMemo),
        _ => None,
    };
    let record = match (kind, key.strip_prefix("eid:")) {
        (Some(kind), Some(eid)) => {
            scene.netsuite.document_by_key(kind, eid).map(|document| document.internal_id().get())
        }
        // A transform opens the record that it is made from.
        _ => key.parse().ok(),
    };
    (record.unwrap_or_default(), Access::Write { record })
}
