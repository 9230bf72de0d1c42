//! The listeners: accept, serve within the limits, stop in good order.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use super::config::{Config, Limits};
use super::connections::Connections;
use super::handler::{self, Intake};
use super::metrics::Metrics;
use super::race::first;
use super::watch;
use crate::domain::Duration;
use crate::ports::{Inbox, Runtime};

/// How much of a request's head and body is read ahead.
const READ_AHEAD_BYTES: usize = 64 << 10;

/// After a failed accept, such as for want of file descriptors: others must close first.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// How often old deliveries are forgotten, and how many at a time: a few at once delay nobody's commit.
const FORGET_EVERY: Duration = Duration::from_mins(1);
const FORGET_MAX: u32 = 1_000;

/// Where the intake listens. TLS ends at the ingress before it.
pub struct Listeners {
    pub deliveries: TcpListener,
    /// `/healthz`, `/readyz` and `/metrics`, not for the public.
    pub watch: TcpListener,
}

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("no shop is configured, so no delivery could be verified")]
    NoShop,
    #[error("the webhook path `{path}` is no path")]
    BadPath { path: String },
}

/// Receives deliveries until `stop` resolves; then accepts no more, and returns when what is under way has been
/// answered or [`Limits::drain_within`] is over.
///
/// The store and the runtime stay the caller's: the queue works on the same store.
///
/// # Errors
/// As [`ServeError`] says, before anything is accepted.
pub async fn serve<S, R>(
    config: Config,
    listeners: Listeners,
    store: S,
    runtime: R,
    metrics: Arc<Metrics>,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ServeError>
where
    S: Inbox + 'static,
    R: Runtime,
{
    if config.shops.is_empty() {
        return Err(ServeError::NoShop);
    }
    if !config.path.starts_with('/') || config.path.contains(['{', '}', '*', '?', '#']) {
        return Err(ServeError::BadPath { path: config.path.to_string() });
    }
    let (path, limits) = (config.path.clone(), config.limits);
    let intake = Arc::new(Intake::new(config, store, runtime.clone(), Arc::clone(&metrics)));
    let deliveries =
        Router::new().route(&path, post(handler::receive::<S, R>)).with_state(Arc::clone(&intake));
    let watched = Router::new()
        .route("/healthz", get(watch::healthz))
        .route("/readyz", get(watch::readyz::<S, R>))
        .route("/metrics", get(watch::metrics::<S, R>))
        .with_state(Arc::clone(&intake));
    let graceful = GracefulShutdown::new();
    // What watches must get through when deliveries take all there is: it has a count of its own, seen by no
    // metric.
    let (public, own) =
        (Connections::new(limits, metrics), Connections::new(limits, Arc::new(Metrics::default())));
    let accepting = async {
        first(
            accept(listeners.deliveries, deliveries, &public, limits, &runtime, &graceful),
            first(accept(listeners.watch, watched, &own, limits, &runtime, &graceful), forget(&intake)),
        )
        .await;
    };
    first(stop, accepting).await;
    intake.stopping.store(true, Ordering::Relaxed);
    first(graceful.shutdown(), runtime.sleep(limits.drain_within)).await;
    Ok(())
}

/// Never ends; dropping it closes the listener.
async fn accept<R: Runtime>(
    listener: TcpListener,
    router: Router,
    connections: &Connections,
    limits: Limits,
    runtime: &R,
    graceful: &GracefulShutdown,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.headers_within.to_std())
        .max_buf_size(READ_AHEAD_BYTES);
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(_) => {
                runtime.sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let Some(slot) = connections.admit(peer.ip()) else { continue };
        let connection =
            graceful.watch(http.serve_connection(io(stream), TowerToHyperService::new(router.clone())));
        runtime.spawn(async move {
            // A connection that breaks is the peer's matter: it got no answer, and comes again.
            connection.await.ok();
            drop(slot);
        });
    }
}

fn io(stream: TcpStream) -> TokioIo<TcpStream> {
    // An answer is one small segment: to wait for more to send would only delay it. It is a wish, not a need.
    stream.set_nodelay(true).ok();
    TokioIo::new(stream)
}

/// Never ends.
async fn forget<S: Inbox + 'static, R: Runtime>(intake: &Intake<S, R>) {
    let (merchant, retention) = (intake.config().merchant, intake.config().retention);
    loop {
        intake.runtime.sleep(FORGET_EVERY).await;
        let now = intake.runtime.now();
        let (deliveries, bodies) = (now.minus(retention.deliveries), now.minus(retention.bodies));
        while let Ok(FORGET_ENOUGH..) = intake.store.forget(merchant, deliveries, bodies, FORGET_MAX).await {}
    }
}

/// So many gone in one go means that more are due.
const FORGET_ENOUGH: u64 = FORGET_MAX as u64;
