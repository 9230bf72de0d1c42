//! Webhook secrets that change while the service runs: read again at SIGHUP, without dropping a delivery.
//!
//! A configuration that cannot be used changes nothing: the secrets in force stay. Everything else in it takes effect
//! at the next start.

use std::sync::Arc;

use super::config::Config;
use super::tokio::TokioRuntime;
use crate::domain::{Duration, ShopKey};
use crate::intake::Keys;
use crate::platforms::secret::Secret;
use crate::ports::Runtime;

/// How long deliveries that were signed with the secret before are still accepted.
///
/// Source: shopify.md §c.2: a change of the secret takes up to an hour.
const BEFORE_LASTS: Duration = Duration::from_hours(1);

/// The secret in force of one shop.
pub(super) struct Held {
    pub shop: ShopKey,
    pub keys: Arc<Keys>,
    pub secret: Secret,
}

/// Reads the configuration again; what is wrong with it is told in words.
pub type Again = Arc<dyn Fn() -> Result<Config, String> + Send + Sync>;

/// Never ends where the system has such a signal.
#[cfg(unix)]
pub(super) async fn watch(mut held: Vec<Held>, again: Again, runtime: TokioRuntime) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = match signal(SignalKind::hangup()) {
        Ok(asked) => asked,
        Err(error) => {
            tracing::warn!(%error, "secrets cannot be read again while the service runs");
            return;
        }
    };
    while asked.recv().await.is_some() {
        match again() {
            Ok(config) => take_over(&mut held, &config, &runtime),
            Err(cause) => {
                tracing::error!(%cause, "the configuration cannot be used: the secrets in force stay")
            }
        }
    }
}

#[cfg(not(unix))]
pub(super) async fn watch(_: Vec<Held>, _: Again, _: TokioRuntime) {}

fn take_over(held: &mut [Held], config: &Config, runtime: &TokioRuntime) {
    let mut changed = 0;
    for shop in &config.shops {
        let Some(known) = held.iter_mut().find(|known| known.shop == shop.key) else { continue };
        if known.secret.expose() != shop.webhook_secret.expose() {
            known.keys.rotate(shop.webhook_secret.expose().as_bytes(), runtime.now().plus(BEFORE_LASTS));
            known.secret = shop.webhook_secret.clone();
            changed += 1;
            tracing::info!(shop = %shop.key, "a webhook secret was replaced");
        }
    }
    tracing::info!(changed, "the secrets were read again");
}
