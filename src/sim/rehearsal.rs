//! One run put together: twins, world, weather, store and engine (or what stands in its place, [`super::subject`])
//! on one runtime, whichever that is.
//!
//! Who moves the clock is not decided here: [`super::run`] does it with our own executor, and a test with paused
//! tokio.

use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::domain::Duration;
use crate::engine::events::Observer;
use crate::engine::governor::Governor;
use crate::engine::{Engine, Parts, Ports};
use crate::intake::{self, Routes};
use crate::mocks::shopify::PendingDelivery;
use crate::platforms::{netsuite, shopify};
use crate::policy::Policy;
use crate::ports::Runtime;
use crate::ports::store::StoreError;
use crate::scenario::Scenario;
use crate::sim::bank::BankLink;
use crate::sim::climate;
use crate::sim::defect::{Defect, Planted};
use crate::sim::deliveries::{Door, Receiver};
use crate::sim::meter::Clock;
use crate::sim::planted_store::PlantedStore;
use crate::sim::stage::Stage;
use crate::sim::traffic::Traffic;
use crate::sim::transports::loopback::{Loopback, NoSockets};
use crate::sim::transports::{Fidelity, NetsuiteLink, ShopifyLink, Way};
use crate::sim::world::World;
use crate::store::{GroupLimits, InlineStore, OpenError};

/// How one run is made.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    pub seed: u64,
    pub fidelity: Fidelity,
    /// Kill the engine once, right after this poll of its tasks.
    pub kill_at_poll: Option<u64>,
    pub defect: Option<Defect>,
    /// Keep account of where the time goes, by this clock.
    pub clock: Option<Clock>,
}

/// Steps that share one durable commit, and how long the first of them waits for the others.
///
/// Assumption: a busy production disk takes tens of milliseconds for a durable commit (measures.md §7: p99 of
/// 256 blocked senders 35–90 ms), so a tenth of a second is what a step may wait for one.
const GROUP: GroupLimits = GroupLimits { operations_max: 64, wait_max: Duration::from_millis(100) };

/// Where webhooks are sent. Nothing listens there but the run itself.
pub const CALLBACK: &str = "https://plimsoll.example/webhooks";

/// What stands behind the engine's ports in a simulation.
pub struct SimPorts<R>(PhantomData<R>);

impl<R: Runtime> Ports for SimPorts<R> {
    type Runtime = R;
    type Shopify = shopify::Client<ShopifyLink<R>, Governor<R>>;
    type NetSuite = netsuite::Client<NetsuiteLink<R>, Governor<R>>;
    type Bank = BankLink<R>;
    type Store = PlantedStore<R>;
}

/// Why a run cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum NotStaged {
    #[error("the store cannot be opened: {0}")]
    Open(#[from] OpenError),
    #[error(transparent)]
    Sockets(#[from] NoSockets),
}

pub struct Rehearsal<R> {
    pub stage: Arc<Stage>,
    pub world: Arc<World>,
    pub traffic: Arc<Traffic<R>>,
    pub store: InlineStore<R>,
    pub policy: Arc<Policy>,
    world_runtime: R,
    door: Door,
    planted: Planted,
    way: Way,
    seed: u64,
}

impl<R: Runtime> Rehearsal<R> {
    /// Sets the stage and sends in weather and shoppers. The engine is started apart.
    ///
    /// # Errors
    /// The store cannot be opened, or there are no sockets for calls that cross them.
    pub fn new(
        scenario: &Scenario,
        options: &RunOptions,
        world_runtime: R,
        engine_runtime: R,
    ) -> Result<Rehearsal<R>, NotStaged> {
        let planted = Planted::new(options.defect);
        let world = Arc::new(World::of(scenario, options.seed));
        let stage = Stage::new(scenario, options.seed, world.skus(), planted.clone());
        let door = Door::default();
        let store = InlineStore::in_memory(engine_runtime, GROUP)?;
        climate::start(&stage, scenario, &world_runtime);
        let traffic =
            Traffic::new(Arc::clone(&stage), Arc::clone(&world), world_runtime.clone(), door.clone());
        traffic.start();
        let policy = planted.policy(&scenario.policy);
        let way = match options.fidelity {
            Fidelity::Typed => Way::Typed,
            Fidelity::Bytes => Way::Bytes,
            Fidelity::Http => Way::Http(Arc::new(Loopback::open(&stage, &scenario.profile)?)),
        };
        let seed = options.seed;
        Ok(Rehearsal { stage, world, traffic, store, policy, world_runtime, door, planted, way, seed })
    }

    /// The ways to both twins, for clients that live on that runtime.
    pub fn links(&self, runtime: &R) -> (ShopifyLink<R>, NetsuiteLink<R>) {
        let (way, world) = (&self.way, &self.world_runtime);
        let shopify = ShopifyLink {
            stage: Arc::clone(&self.stage),
            world: world.clone(),
            runtime: runtime.clone(),
            way: way.clone(),
        };
        let netsuite = NetsuiteLink {
            stage: Arc::clone(&self.stage),
            world: world.clone(),
            runtime: runtime.clone(),
            way: way.clone(),
        };
        (shopify, netsuite)
    }

    /// Has webhooks delivered to that receiver from now on.
    pub fn open_door(&self, receiver: Arc<dyn Receiver>) {
        self.door.set(Some(receiver));
    }

    /// Starts an engine on the store as it is, and opens the door for webhooks when it is ready.
    pub fn start_engine(&self, runtime: R) {
        let governor = Governor::new(runtime.clone(), &self.policy);
        let (shopify, netsuite) = self.links(&runtime);
        let store = PlantedStore {
            store: self.store.with_runtime(runtime.clone()),
            planted: self.planted.clone(),
            runtime: runtime.clone(),
        };
        let stage = Arc::clone(&self.stage);
        let observer: Arc<dyn Observer> = stage;
        let parts: Parts<SimPorts<R>> = Parts {
            runtime: runtime.clone(),
            shopify: shopify::Client::new(Arc::new(shopify), Arc::new(governor.clone())),
            netsuite: netsuite::Client::new(netsuite, governor),
            bank: BankLink { stage: Arc::clone(&self.stage), runtime: runtime.clone(), seed: self.seed },
            store,
            policy: Arc::clone(&self.policy),
            observer,
            callback: CALLBACK.into(),
        };
        let shops = self.policy.shops.iter().map(|shop| (shop.domain.clone(), shop.key)).collect();
        let routes = Routes { merchant: self.policy.merchant, shops };
        let (door, planted) = (self.door.clone(), self.planted.clone());
        runtime.spawn(async move {
            // The store was opened before; an engine that cannot read it finds no work and breaks every promise.
            if let Ok(engine) = Engine::start(parts).await {
                door.set(Some(Arc::new(Intake { engine, routes: Arc::new(routes), planted })));
            }
        });
    }

    /// What a crash does to everything but the engine's tasks.
    pub fn engine_died(&self) {
        self.door.set(None);
        self.store.discard_open_group();
    }

    /// Pieces of work that have not ended, waiting and in progress alike.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn unfinished(&self) -> Result<u64, StoreError> {
        self.store.unfinished_count(self.policy.merchant)
    }

    /// Acknowledged webhooks and the like are durable from here on.
    pub fn close(&self) {
        self.door.set(None);
        self.store.close_open_group();
    }
}

/// The result of a future that never waits, as the reads of the store in memory are.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a read of the store in memory waits for nothing"),
    }
}

/// The receiver of one engine.
struct Intake<R: Runtime> {
    engine: Arc<Engine<SimPorts<R>>>,
    routes: Arc<Routes>,
    planted: Planted,
}

impl<R: Runtime> Receiver for Intake<R> {
    fn receive(&self, pending: PendingDelivery) -> Pin<Box<dyn Future<Output = bool> + Send>> {
        let delivery = pending.delivery;
        if self.planted.drops(&delivery) {
            return Box::pin(std::future::ready(true));
        }
        let (engine, routes) = (Arc::clone(&self.engine), Arc::clone(&self.routes));
        Box::pin(async move {
            let now = engine.runtime.now();
            let kept = intake::receive(&engine.store, &routes, &delivery, now).await.is_ok();
            engine.wake();
            kept
        })
    }
}
