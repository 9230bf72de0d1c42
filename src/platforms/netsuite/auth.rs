//! How a request to NetSuite is authorised: signed with a token, or with an access token bought by a certificate.
//!
//! In reading order: [`signature`] (OAuth 1.0a), [`assertion`] (what buys an access token), and here which of both an
//! account uses. Not here: requests (`http`).
//!
//! Source: netsuite.md §3.1 (token-based authentication), §3.2 (client credentials).

use std::sync::atomic::{AtomicI64, Ordering};

use hyper::Method;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::domain::{Duration, Timestamp};
use crate::platforms::https::{Endpoint, HttpAnswer, Https, Outgoing};
use crate::platforms::secret::Secret;
use crate::ports::Runtime;
use assertion::AssertionKey;
use signature::TokenKeys;

pub mod assertion;
pub mod signature;

/// How this integration proves itself to an account.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Every request is signed.
    Tokens(TokenKeys),
    /// A certificate buys access tokens of an hour.
    Certificate {
        /// Of the integration record.
        client_id: Box<str>,
        /// The id that the mapping of certificates shows.
        certificate_id: Box<str>,
        key: AssertionKey,
    },
}

pub const TOKEN_PATH: &str = "/services/rest/auth/oauth2/v1/token";

/// What a request is signed as.
#[derive(Debug)]
pub(super) struct ToSign<'a> {
    pub(super) method: &'static str,
    /// Escaped, without query.
    pub(super) path: &'a str,
    pub(super) query: &'a [(&'a str, &'a str)],
}

/// What one try of a request is sent with.
#[derive(Debug)]
pub(super) struct Authorization {
    /// The value of the header `Authorization`.
    pub(super) header: Secret,
    access_token: Option<Secret>,
    /// How the account's clock was thought to stand against ours.
    ahead_seconds: i64,
}

/// Why there is nothing to send with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoAuthorization {
    /// Nobody could be asked: try again.
    Unavailable {
        reason: String,
    },
    Refused {
        reason: String,
    },
}

/// The credentials of one account, with the access token in hand and the account's clock.
#[derive(Debug)]
pub(super) struct Authority {
    /// With capitals and underscore: `1234567_SB1`.
    realm: Box<str>,
    credentials: Credentials,
    /// One caller at a time asks for a new one.
    held: Mutex<Option<Held>>,
    pub(super) clock: AccountClock,
}

#[derive(Debug)]
struct Held {
    token: Secret,
    renew_at: Timestamp,
}

/// An access token is renewed this long before it ends: longer than any call takes.
const RENEW_BEFORE: Duration = Duration::from_mins(5);

/// `expires_in` comes as a number or as text (§3.2).
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Seconds,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
}

impl Authority {
    pub(super) fn new(realm: &str, credentials: Credentials) -> Authority {
        let clock = AccountClock { ahead_seconds: AtomicI64::new(0) };
        Authority { realm: realm.into(), credentials, held: Mutex::new(None), clock }
    }

    /// A signature of this one try, or the access token in hand, or a new one.
    pub(super) async fn authorize<R: Runtime>(
        &self,
        https: &Https,
        runtime: &R,
        endpoint: &Endpoint,
        request: &ToSign<'_>,
    ) -> Result<Authorization, NoAuthorization> {
        let (client_id, certificate_id, key) = match &self.credentials {
            Credentials::Tokens(keys) => {
                let ahead_seconds = self.clock.ahead_seconds();
                let at = self.clock.shown(runtime.now()).seconds();
                let url = format!("{endpoint}{}", request.path);
                let nonce = signature::nonce();
                let header = keys.header(&self.realm, request.method, &url, request.query, &nonce, at);
                return Ok(Authorization { header, access_token: None, ahead_seconds });
            }
            Credentials::Certificate { client_id, certificate_id, key } => (client_id, certificate_id, key),
        };
        let mut held = self.held.lock().await;
        let usable = held.as_ref().filter(|held| runtime.now() < held.renew_at);
        let token = match usable {
            Some(held) => held.token.clone(),
            None => {
                let asked_at = runtime.now();
                let mut is_second = false;
                let (token, life) = loop {
                    let ahead = self.clock.ahead_seconds();
                    let at = self.clock.shown(runtime.now());
                    let assertion = key.assertion(client_id, certificate_id, endpoint, at);
                    match self.buy(https, runtime, endpoint, &assertion).await {
                        Ok(bought) => break bought,
                        // An assertion from the future or the past is refused; the refusal tells the time.
                        Err(NoAuthorization::Refused { .. })
                            if !is_second && self.clock.ahead_seconds() != ahead =>
                        {
                            is_second = true;
                        }
                        Err(refused) => return Err(refused),
                    }
                };
                let margin = RENEW_BEFORE.min(Duration::from_nanos(life.nanos() / 2));
                *held = Some(Held { token: token.clone(), renew_at: asked_at.plus(life).minus(margin) });
                token
            }
        };
        let header = Secret::new(&format!("Bearer {}", token.expose()));
        Ok(Authorization { header, access_token: Some(token), ahead_seconds: self.clock.ahead_seconds() })
    }

    async fn buy<R: Runtime>(
        &self,
        https: &Https,
        runtime: &R,
        endpoint: &Endpoint,
        assertion: &Secret,
    ) -> Result<(Secret, Duration), NoAuthorization> {
        let unavailable =
            |reason: String| NoAuthorization::Unavailable { reason: format!("no access token: {reason}") };
        let refused =
            |reason: String| NoAuthorization::Refused { reason: format!("no access token: {reason}") };
        let body = signature::form(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.expose()),
        ]);
        let request = Outgoing::new(Method::POST, endpoint, TOKEN_PATH, body)
            .with("Content-Type", "application/x-www-form-urlencoded");
        let answer =
            https.exchange(runtime, request).await.map_err(|failure| unavailable(failure.to_string()))?;
        self.clock.heard(&answer, runtime.now());
        let status = answer.status;
        if answer.is_success() {
            // The answer is made of secrets: no error may quote it.
            let unreadable = || unavailable("the token endpoint answered without a token".to_owned());
            let granted: Granted = serde_json::from_str(&answer.text(&[])).map_err(|_| unreadable())?;
            let seconds = match granted.expires_in {
                Seconds::Number(seconds) => seconds,
                Seconds::Text(text) => text.parse().map_err(|_| unreadable())?,
            };
            return Ok((Secret::new(&granted.access_token), Duration::from_secs(seconds)));
        }
        if status == 429 || status >= 500 {
            return Err(unavailable(format!("http status {status}")));
        }
        match serde_json::from_str::<Denied>(&answer.text(&[assertion])) {
            Ok(Denied { error }) => Err(refused(error)),
            Err(_) => Err(refused(format!("http status {status}"))),
        }
    }

    /// After a 401: whether the same request, authorised anew, may fare better.
    pub(super) async fn may_try_again(&self, refused: &Authorization) -> bool {
        let Some(token) = &refused.access_token else {
            // A signature is right or wrong, and only a wrong clock can be mended here.
            return self.clock.ahead_seconds() != refused.ahead_seconds;
        };
        let mut held = self.held.lock().await;
        // Another call may have got a new one meanwhile.
        if held.as_ref().is_some_and(|held| held.token.expose() == token.expose()) {
            *held = None;
        }
        true
    }

    /// Everything that an answer might repeat.
    pub(super) fn secrets<'a>(&'a self, authorization: &'a Authorization) -> Vec<&'a Secret> {
        let mut secrets = vec![&authorization.header];
        secrets.extend(&authorization.access_token);
        if let Credentials::Tokens(keys) = &self.credentials {
            secrets.extend([&keys.token, &keys.consumer_secret, &keys.token_secret]);
        }
        secrets
    }
}

/// What the account's clock shows, by the `Date` of its answers: stamps that are too old or too new are refused.
#[derive(Debug)]
pub(super) struct AccountClock {
    ahead_seconds: AtomicI64,
}

/// `Date` has whole seconds and is as old as the answer's way: less than this is no news.
const NEWS_SECONDS: u64 = 5;

impl AccountClock {
    pub(super) fn ahead_seconds(&self) -> i64 {
        self.ahead_seconds.load(Ordering::Relaxed)
    }

    fn shown(&self, ours: Timestamp) -> Timestamp {
        let ahead = self.ahead_seconds();
        let length = Duration::from_secs(ahead.unsigned_abs());
        if ahead < 0 { ours.minus(length) } else { ours.plus(length) }
    }

    pub(super) fn heard(&self, answer: &HttpAnswer, ours: Timestamp) {
        let Some(date) = answer.date() else { return };
        let ahead = date.seconds() - ours.seconds();
        if ahead.abs_diff(self.ahead_seconds()) > NEWS_SECONDS {
            self.ahead_seconds.store(ahead, Ordering::Relaxed);
        }
    }
}
