//! Access tokens of shops: where they come from, and when a new one is due.
//!
//! Not here: requests with a token (`http`), or where secrets are read from.
//!
//! Source: shopify.md §a (tokens, lives, errors of the token endpoint).

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hyper::Method;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::domain::{Duration, Timestamp};
use crate::platforms::https::{Endpoint, Https, Outgoing};
use crate::platforms::secret::Secret;
use crate::ports::Runtime;

/// How an app proves itself to a shop.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A token that holds until the app is uninstalled.
    Lasting { token: Secret },
    /// Tokens of an hour, each bought with a refresh token that changes with every use.
    Refreshed {
        client_id: Box<str>,
        client_secret: Secret,
        /// Holds the refresh token and nothing else. Written anew with each use, so it must be on a disk that
        /// lasts.
        kept_in: PathBuf,
    },
    /// Tokens of a day, for apps of the shop's own organisation.
    ClientCredentials { client_id: Box<str>, client_secret: Secret },
}

/// Why there is no token to send with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoToken {
    /// Nobody could be asked: try again.
    Unavailable { reason: String },
    /// Asked, and refused; or the refresh token cannot be kept.
    Refused { reason: String },
}

/// The token of one shop. One caller at a time asks for a new one: a refresh token is good for one use.
#[derive(Debug)]
pub(super) struct Tokens {
    credentials: Credentials,
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    token: Secret,
    renew_at: Timestamp,
}

/// A token is renewed this long before it ends: longer than any call takes.
const RENEW_BEFORE: Duration = Duration::from_mins(5);

#[derive(Serialize)]
struct Grant<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    grant_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
    #[serde(default)]
    refresh_token: Option<String>,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Tokens {
    pub(super) fn new(credentials: Credentials) -> Tokens {
        Tokens { credentials, held: Mutex::new(None) }
    }

    /// The token to send with, a new one if that in hand is about to end.
    pub(super) async fn token<R: Runtime>(
        &self,
        https: &Https,
        runtime: &R,
        endpoint: &Endpoint,
    ) -> Result<Secret, NoToken> {
        let (client_id, client_secret, kept_in) = match &self.credentials {
            Credentials::Lasting { token } => return Ok(token.clone()),
            Credentials::Refreshed { client_id, client_secret, kept_in } => {
                (client_id, client_secret, Some(kept_in))
            }
            Credentials::ClientCredentials { client_id, client_secret } => (client_id, client_secret, None),
        };
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_ref().filter(|held| runtime.now() < held.renew_at) {
            return Ok(held.token.clone());
        }
        let refresh_token = kept_in.map(|path| kept(path)).transpose()?;
        let grant = Grant {
            client_id,
            client_secret: client_secret.expose(),
            grant_type: if refresh_token.is_some() { "refresh_token" } else { "client_credentials" },
            refresh_token: refresh_token.as_ref().map(Secret::expose),
        };
        let mut secrets = vec![client_secret];
        secrets.extend(&refresh_token);
        let asked_at = runtime.now();
        let granted = ask(https, runtime, endpoint, &grant, &secrets).await?;
        if let (Some(path), Some(next)) = (kept_in, &granted.refresh_token) {
            // Before the new token is used: from then on the old refresh token is dead.
            keep(path, next).map_err(|error| NoToken::Refused {
                reason: format!("the next refresh token cannot be kept in {}: {error}", path.display()),
            })?;
        }
        let life = Duration::from_secs(granted.expires_in);
        // A token that lives shorter than the margin is used for half its life.
        let margin = RENEW_BEFORE.min(Duration::from_nanos(life.nanos() / 2));
        let token = Secret::new(&granted.access_token);
        *held = Some(Held { token: token.clone(), renew_at: asked_at.plus(life).minus(margin) });
        Ok(token)
    }

    /// Forgets a token that was refused. Whether asking for another may help.
    pub(super) async fn refused(&self, token: &Secret) -> bool {
        if matches!(self.credentials, Credentials::Lasting { .. }) {
            return false;
        }
        let mut held = self.held.lock().await;
        // Another call may have got a new one meanwhile.
        if held.as_ref().is_some_and(|held| held.token.expose() == token.expose()) {
            *held = None;
        }
        true
    }
}

async fn ask<R: Runtime>(
    https: &Https,
    runtime: &R,
    endpoint: &Endpoint,
    grant: &Grant<'_>,
    secrets: &[&Secret],
) -> Result<Granted, NoToken> {
    let unavailable = |reason: String| NoToken::Unavailable { reason: format!("no token: {reason}") };
    let body = serde_json::to_string(grant).expect("a grant is a struct of texts");
    let request = Outgoing::new(Method::POST, endpoint, "/admin/oauth/access_token", body)
        .with("Content-Type", "application/json");
    let answer =
        https.exchange(runtime, request).await.map_err(|failure| unavailable(failure.to_string()))?;
    if answer.is_success() {
        // Not through `text`, which masks: the answer is made of secrets, and no error may quote it.
        return serde_json::from_str(&answer.text(&[]))
            .map_err(|_| unavailable("the token endpoint answered without a token".to_owned()));
    }
    let status = answer.status;
    if status == 429 || status >= 500 {
        return Err(unavailable(format!("http status {status}")));
    }
    let reason = match serde_json::from_str::<Denied>(&answer.text(secrets)) {
        Ok(Denied { error, error_description }) => format!("{error}: {error_description}"),
        Err(_) => format!("http status {status}"),
    };
    Err(NoToken::Refused { reason: format!("no token: {reason}") })
}

fn kept(path: &Path) -> Result<Secret, NoToken> {
    let text = fs::read_to_string(path).map_err(|error| NoToken::Refused {
        reason: format!("no refresh token in {}: {error}", path.display()),
    })?;
    Ok(Secret::new(text.trim()))
}

/// Puts the token beside the old one and then in its place, so that one of both can always be read.
fn keep(path: &Path, token: &str) -> io::Result<()> {
    let beside = path.with_extension("next");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(token.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The rename itself must outlive a power cut as well.
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
