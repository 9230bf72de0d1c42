//! The wiring of the service: engine, intake, governor, real clients, store, and how all of it stops.
//!
//! A power cut or a kill at any point loses only uncommitted work, which the next start repeats. Platforms that are
//! away, credentials that were revoked and a full disk end nothing: steps fail, are tried again, and become exceptions.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use rustls::RootCertStore;
use tokio::net::TcpListener;

use super::config::Config;
use super::gauges::Gauges;
use super::rotation::{self, Again, Held};
use super::stop_asked;
use super::tokio::{Pace, TokioRuntime};
use super::watched::{WakingInbox, Watched, Watchers};
use crate::domain::{CauseCode, Duration, Timestamp};
use crate::engine::events::Observer;
use crate::engine::governor::Governor;
use crate::engine::{Engine, Parts, Ports};
use crate::intake::{self, Beside, Keys, Listeners, Metrics, Owner, People, ShopAccess};
use crate::platforms::bank::StatementFolder;
use crate::platforms::https::{Https, Limits, NoRoots};
use crate::platforms::{netsuite, shopify};
use crate::policy::Policy;
use crate::ports::store::StoreError;
use crate::ports::{Runtime, Store};
use crate::store::{FileStore, OpenError};

/// What stands behind the engine's ports in production.
pub struct ServicePorts;

impl Ports for ServicePorts {
    type Runtime = TokioRuntime;
    type Shopify =
        shopify::Client<Watched<shopify::http::HttpTransport<TokioRuntime>>, Governor<TokioRuntime>>;
    type NetSuite =
        netsuite::Client<Watched<netsuite::http::HttpTransport<TokioRuntime>>, Governor<TokioRuntime>>;
    type Bank = StatementFolder;
    type Store = FileStore;
}

/// How long a stop waits for steps under way. With the intake's own wait it stays below the half minute that
/// managers of services give.
const STEPS_END_WITHIN: Duration = Duration::from_secs(12);

/// How long the intake waits for deliveries under way when it stops.
const DELIVERIES_END_WITHIN: Duration = Duration::from_secs(8);

/// What is still running when a stop has waited long enough is cut off: it repeats from the store.
const CUT_OFF_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error("the store cannot be read: {0}")]
    Unreadable(#[from] StoreError),
    #[error("cannot listen at {address}: {cause}")]
    Listen { address: SocketAddr, cause: std::io::Error },
    #[error(transparent)]
    NoRoots(#[from] NoRoots),
    #[error(transparent)]
    Intake(#[from] intake::ServeError),
    #[error("the system gives no threads or no signals: {0}")]
    System(std::io::Error),
}

/// Where the service listens, once it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    pub webhooks: SocketAddr,
    pub watch: SocketAddr,
}

/// Serves until SIGTERM or Ctrl-C, then stops in good order: accepts no more, ends what is under way, and closes the
/// store. Time passes as `pace` says, or else as the machine's clock shows it. `again` reads the configuration anew
/// when secrets were rotated; `witness` looks on. A second signal is for the caller of the process to see: `second` is
/// called, and is not expected to return.
///
/// # Errors
/// As [`ServeError`] says, before anything was accepted.
pub fn serve(
    config: &Config,
    pace: Option<Pace>,
    again: Again,
    witness: Option<Arc<dyn Observer>>,
    ready: impl FnOnce(Listening),
    second: impl FnOnce() + Send + 'static,
) -> Result<(), ServeError> {
    let threads =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::System)?;
    let handle = threads.handle().clone();
    let runtime = TokioRuntime::by(handle, pace);
    let served = threads.block_on(run(config, again, witness, &runtime, ready, second));
    // Every clone of the store that a task held goes with the task; the last one closes the file.
    threads.shutdown_timeout(CUT_OFF_WITHIN);
    served
}

async fn run(
    config: &Config,
    again: Again,
    witness: Option<Arc<dyn Observer>>,
    runtime: &TokioRuntime,
    ready: impl FnOnce(Listening),
    second: impl FnOnce() + Send + 'static,
) -> Result<(), ServeError> {
    // Before anything is begun, so that no signal falls between.
    let stop = stop_asked();
    let store = FileStore::open_of(&config.store, config.policy.merchant)?;
    let (deliveries, watch) = (bind(config.listen.webhooks).await?, bind(config.listen.watch).await?);
    let at = |listener: &TcpListener, asked| listener.local_addr().unwrap_or(asked);
    let listening = Listening {
        webhooks: at(&deliveries, config.listen.webhooks),
        watch: at(&watch, config.listen.watch),
    };
    let gauges = Arc::new(Gauges::new(&config.policy, runtime.now()));
    let governor = Governor::new(runtime.clone(), &config.policy);
    let (shopify, netsuite) = clients(config, runtime, &governor, &gauges)?;
    let policy = Arc::new(config.policy.clone());
    let engine: Arc<Engine<ServicePorts>> = Engine::start(Parts {
        runtime: runtime.clone(),
        shopify,
        netsuite,
        bank: StatementFolder::new(config.statements.clone()),
        store: store.clone(),
        policy: Arc::clone(&policy),
        observer: Arc::new(Watchers { gauges: Arc::clone(&gauges), witness }),
        callback: config.listen.callback.clone(),
    })
    .await?;
    let metrics = Arc::new(Metrics::default());
    let figures = Figures { gauges, governor, store: store.clone(), policy: Arc::clone(&policy) };
    metrics.show(Box::new(figures));
    tracing::info!(
        merchant = %policy.merchant, webhooks = %listening.webhooks, watch = %listening.watch,
        "the service has started"
    );
    ready(listening);
    let inbox = WakingInbox { store, engine: Arc::clone(&engine) };
    let listeners = Listeners { deliveries, watch };
    let stopped = async {
        match stop {
            Ok(asked) => asked.await,
            // Without handlers the signals end the process by themselves, which the store outlives.
            Err(_) => std::future::pending().await,
        }
        tracing::info!("asked to stop: what is under way is ended");
        runtime.spawn(async move {
            if let Ok(asked) = stop_asked() {
                asked.await;
                second();
            }
        });
    };
    let told = intake_config(config, &policy);
    let of_shops = told.shops.iter().zip(&config.shops);
    let held = of_shops.map(|(access, shop)| Held {
        shop: shop.key,
        keys: Arc::clone(&access.keys),
        secret: shop.webhook_secret.clone(),
    });
    runtime.spawn(rotation::watch(held.collect(), again, runtime.clone()));
    intake::serve(told, listeners, inbox, runtime.clone(), metrics, stopped).await?;
    let ended = tokio::time::timeout(STEPS_END_WITHIN.to_std(), engine.stop()).await.is_ok();
    tracing::info!(all_steps_ended = ended, "the service has stopped");
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|cause| ServeError::Listen { address, cause })
}

pub type Clients = (<ServicePorts as Ports>::Shopify, <ServicePorts as Ports>::NetSuite);

/// # Errors
/// The machine has no root certificates, and somebody beyond it is to be spoken to.
pub fn clients(
    config: &Config,
    runtime: &TokioRuntime,
    governor: &Governor<TokioRuntime>,
    gauges: &Arc<Gauges>,
) -> Result<Clients, NoRoots> {
    let https = Arc::new(https(config, runtime.speed())?);
    let version = config.api_version.to_string().parse().expect("the version that is pinned is one");
    let doors = config.shops.iter().map(|shop| (shop.key, shop.access.clone()));
    let to_shops = shopify::http::HttpTransport::new(runtime.clone(), Arc::clone(&https), version, doors);
    let to_account = netsuite::http::HttpTransport::new(runtime.clone(), https, config.netsuite.clone());
    Ok((
        shopify::Client::new(
            Arc::new(Watched::new(to_shops, Arc::clone(gauges))),
            Arc::new(governor.clone()),
        ),
        netsuite::Client::new(Watched::new(to_account, Arc::clone(gauges)), governor.clone()),
    ))
}

/// What the machine itself may take for an answer of a platform that is simulated in fast motion on it. Without it, a
/// busy machine at 480 times the speed gives up after an eighth of a second, asks again, and is busier for it.
const MACHINE_TAKES: Duration = Duration::from_secs(1);

/// Patience is by the clock of the service, which is `speed` times as fast as the machine's.
///
/// # Errors
/// As [`clients`].
pub fn https(config: &Config, speed: u32) -> Result<Https, NoRoots> {
    let usual = Limits::default();
    let limits = Limits { answer: usual.answer.max(MACHINE_TAKES.times(speed.into())), ..usual };
    let mut endpoints =
        config.shops.iter().map(|shop| &shop.access.endpoint).chain([&config.netsuite.endpoint]);
    match endpoints.any(|endpoint| endpoint.to_string().starts_with("https:")) {
        true => Https::with_platform_roots_and(&config.trust, limits),
        // Nobody beyond this machine is spoken to, so nobody is trusted.
        false => Ok(Https::trusting(RootCertStore::empty(), limits)),
    }
}

fn intake_config(config: &Config, policy: &Policy) -> intake::Config {
    let owner = |code| {
        let rule = policy.exception(code);
        Owner { name: rule.owner.clone(), deadline: rule.deadline }
    };
    let people = People {
        policy_hash: policy.hash,
        contradictions: owner(CauseCode::DeliveryContradicts),
        privacy: owner(CauseCode::ErasureRequested),
    };
    let shops = config.shops.iter().map(|shop| {
        let keys = match &shop.webhook_secret_previous {
            None => Keys::new(shop.webhook_secret.expose().as_bytes()),
            Some(previous) => {
                let keys = Keys::new(previous.expose().as_bytes());
                // For as long as it is configured.
                keys.rotate(shop.webhook_secret.expose().as_bytes(), Timestamp::END);
                keys
            }
        };
        ShopAccess { domain: shop.domain.clone(), shop: shop.key, keys: Arc::new(keys) }
    });
    let mut told = intake::Config::new(policy.merchant, shops.collect(), people);
    told.path = config.listen.path.clone();
    told.api_versions = vec![config.api_version];
    told.limits.drain_within = DELIVERIES_END_WITHIN;
    told
}

/// What is asked anew each time that somebody looks.
struct Figures {
    gauges: Arc<Gauges>,
    governor: Governor<TokioRuntime>,
    store: FileStore,
    policy: Arc<Policy>,
}

impl Beside for Figures {
    fn text(&self) -> Pin<Box<dyn Future<Output = String> + Send + '_>> {
        Box::pin(async {
            let open = self.store.open_exceptions(self.policy.merchant).await;
            self.gauges.text(&self.governor.budgets(), open.ok().as_deref())
        })
    }
}
