//! Calls of a simulation over real sockets: spelled and signed by the real transports of our clients, answered through
//! the twins' HTTP faces by a server of this process.
//!
//! The task of the world that carries a call waits for the exchange and for nothing else, at a virtual time that stands
//! still. So whatever the machine's scheduler does, the same calls meet the same twins in the same order.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::RootCertStore;
use tokio::runtime::Runtime as Threads;

use crate::domain::{ShopKey, Timestamp, Zone};
use crate::mocks::http::{Asked, Told};
use crate::mocks::{netsuite, shopify};
use crate::platforms::https::{Endpoint, Https, Limits};
use crate::platforms::netsuite::auth::signature::TokenKeys;
use crate::platforms::netsuite::client::Transport as _;
use crate::platforms::secret::Secret;
use crate::platforms::shopify::client::{Transport as _, TransportError};
use crate::platforms::shopify::operation as shopify_operation;
use crate::platforms::{self, netsuite::operation as netsuite_operation};
use crate::ports::{Call, Runtime};
use crate::scenario::Profile;
use crate::sim::live::keys::{ACCOUNT, Keys};
use crate::sim::live::sockets::{self, Answers};
use crate::sim::stage::Stage;

/// The sockets of one run.
pub struct Loopback {
    shopify: platforms::shopify::http::HttpTransport<Still>,
    netsuite: platforms::netsuite::http::HttpTransport<Still>,
    clock: Still,
    threads: Threads,
}

/// What keeps calls from crossing sockets: this machine, never the run.
#[derive(Debug, thiserror::Error)]
#[error("this machine gives no sockets: {0}")]
pub struct NoSockets(#[from] std::io::Error);

/// A clock that the simulation sets. Nothing waits by it.
#[derive(Debug, Clone)]
struct Still {
    at: Arc<AtomicI64>,
    handle: tokio::runtime::Handle,
}

impl Runtime for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.at.load(Ordering::Relaxed))
    }

    fn sleep_until(&self, _: Timestamp) -> impl Future<Output = ()> + Send + 'static {
        std::future::pending()
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }
}

/// Both twins, as a server of this process asks them.
struct Twins {
    stage: Arc<Stage>,
    clock: Still,
    faces: Mutex<(shopify::http::Face, netsuite::http::Face)>,
}

/// A door of the server: of a shop, or of the account.
struct Door {
    twins: Arc<Twins>,
    domain: Option<Box<str>>,
}

impl Answers for Door {
    async fn answer(&self, mut asked: Asked) -> Option<Told> {
        let now = self.twins.clock.now();
        let mut faces = self.twins.faces.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scene = self.twins.stage.scene();
        Some(match &self.domain {
            Some(domain) => {
                asked.name_host(domain);
                faces.0.answer(&mut scene.shopify, &asked, now)
            }
            None => {
                let mut told = faces.1.answer(&mut scene.netsuite, &asked, now);
                told.headers.push(("Date", sockets::date(now)));
                told
            }
        })
    }
}

impl Loopback {
    /// Opens the sockets of a run.
    ///
    /// # Errors
    /// The machine has none to give.
    pub fn open(stage: &Arc<Stage>, profile: &Profile) -> Result<Loopback, NoSockets> {
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let handle = threads.handle().clone();
        let clock = Still { at: Arc::new(AtomicI64::new(0)), handle: handle.clone() };
        // Nobody but this process can reach them, and the run must not depend on luck.
        let keys = Keys::from_seed(b"loopback");
        let mut shops = shopify::http::Face::new();
        for shop in &profile.shops {
            shops.install(shop.key, keys.app(shop.key));
        }
        let faces =
            Mutex::new((shops, netsuite::http::Face::new(keys.account("http")).with_zone(Zone::utc())));
        let twins = Arc::new(Twins { stage: Arc::clone(stage), clock: clock.clone(), faces });
        let open = |domain: Option<Box<str>>| -> Result<Endpoint, NoSockets> {
            let listener = sockets::listen(0)?;
            let at = listener.local_addr()?;
            sockets::serve(&handle, listener, None, Arc::new(Door { twins: Arc::clone(&twins), domain }))?;
            Ok(format!("http://{at}").parse().expect("an address of this machine is an endpoint"))
        };
        let mut doors = Vec::new();
        for shop in &profile.shops {
            let token = Secret::new(&keys.app(shop.key).token);
            let access = platforms::shopify::http::ShopAccess {
                endpoint: open(Some(shop.domain.clone()))?,
                credentials: platforms::shopify::auth::Credentials::Lasting { token },
            };
            doors.push((shop.key, access));
        }
        let token = keys.token();
        let account = platforms::netsuite::http::AccountAccess {
            id: ACCOUNT.parse().expect("the twin's account has an id"),
            endpoint: open(None)?,
            credentials: platforms::netsuite::auth::Credentials::Tokens(TokenKeys {
                consumer_key: token.consumer_key.clone(),
                consumer_secret: Secret::new(&token.consumer_secret),
                token: Secret::new(&token.token),
                token_secret: Secret::new(&token.token_secret),
            }),
        };
        let https = Arc::new(Https::trusting(RootCertStore::empty(), Limits::default()));
        let version = platforms::shopify::wire::API_VERSION.to_string();
        let version = version.parse().expect("the version that we speak is one");
        Ok(Loopback {
            shopify: platforms::shopify::http::HttpTransport::new(
                clock.clone(),
                Arc::clone(&https),
                version,
                doors,
            ),
            netsuite: platforms::netsuite::http::HttpTransport::new(clock.clone(), https, account),
            clock,
            threads,
        })
    }

    /// Crosses to a shop and back, at that instant. Nobody may hold the stage meanwhile.
    ///
    /// # Panics
    /// The sockets of this process fail, or the face does not speak as the platform: no run can go on.
    pub fn shopify(
        &self,
        call: Call,
        shop: ShopKey,
        request: shopify_operation::Request,
        now: Timestamp,
    ) -> shopify_operation::Response {
        self.clock.at.store(now.nanos(), Ordering::Relaxed);
        let crossed = self.threads.block_on(self.shopify.send(call, shop, request));
        crossed.unwrap_or_else(|error| panic!("a call to {shop} crosses loopback: {error:?}"))
    }

    /// As [`Loopback::shopify`], for a file. One that is not there is an answer too.
    ///
    /// # Errors
    /// The server has no such file.
    ///
    /// # Panics
    /// As [`Loopback::shopify`].
    pub fn file(
        &self,
        call: Call,
        shop: ShopKey,
        url: &str,
        now: Timestamp,
    ) -> Result<String, TransportError> {
        self.clock.at.store(now.nanos(), Ordering::Relaxed);
        match self.threads.block_on(self.shopify.fetch(call, shop, url)) {
            answer @ (Ok(_) | Err(TransportError::Status { .. })) => answer,
            Err(error) => panic!("a file of {shop} crosses loopback: {error:?}"),
        }
    }

    /// As [`Loopback::shopify`], to the account.
    ///
    /// # Panics
    /// As [`Loopback::shopify`].
    pub fn netsuite(
        &self,
        call: Call,
        request: netsuite_operation::Request,
        now: Timestamp,
    ) -> netsuite_operation::Response {
        self.clock.at.store(now.nanos(), Ordering::Relaxed);
        let name = request.name();
        let crossed = self.threads.block_on(self.netsuite.send(call, request));
        crossed.unwrap_or_else(|error| panic!("{name} crosses loopback: {error:?}"))
    }
}
