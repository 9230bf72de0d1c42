//! The real way to Shopify: GraphQL over HTTPS.
//!
//! Not here: what errors allow (`client`), tokens (`auth`), JSON (`operation` spells and reads it).
//!
//! Source: shopify.md §a (endpoint, headers, versions), §b.3 (error bodies and statuses).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::Method;

use super::auth::{Credentials, NoToken, Tokens};
use super::client::{Transport, TransportError};
use super::operation::{Request, Response};
use crate::domain::{Duration, ShopKey, Timestamp};
use crate::platforms::https::{Endpoint, Failure, HttpAnswer, Https, Outgoing, Url};
use crate::platforms::secret::Secret;
use crate::ports::{Call, Runtime};

/// A quarter's version of the API: `2026-10`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiVersion(Box<str>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no version: stable ones are a year and the month 01, 04, 07 or 10, such as 2026-10")]
pub struct UnknownVersion {
    pub text: String,
}

impl FromStr for ApiVersion {
    type Err = UnknownVersion;

    /// Only stable versions: `unstable` and release candidates change below one's feet.
    fn from_str(text: &str) -> Result<ApiVersion, UnknownVersion> {
        let is_stable = text.split_once('-').is_some_and(|(year, month)| {
            year.len() == 4
                && year.bytes().all(|byte| byte.is_ascii_digit())
                && matches!(month, "01" | "04" | "07" | "10")
        });
        if is_stable { Ok(ApiVersion(text.into())) } else { Err(UnknownVersion { text: text.to_owned() }) }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One shop: where it is spoken to, and as whom.
#[derive(Debug, Clone)]
pub struct ShopAccess {
    /// `https://{shop}.myshopify.com`.
    pub endpoint: Endpoint,
    pub credentials: Credentials,
}

/// Carries requests to any number of shops.
#[derive(Debug)]
pub struct HttpTransport<R> {
    runtime: R,
    https: Arc<Https>,
    version: ApiVersion,
    shops: BTreeMap<ShopKey, Door>,
}

#[derive(Debug)]
struct Door {
    endpoint: Endpoint,
    tokens: Tokens,
    /// Until when an edge asked us to stay away.
    closed_until: Mutex<Timestamp>,
}

/// An edge that asks for more is not believed beyond this.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(5);

impl<R: Runtime> HttpTransport<R> {
    /// The version is pinned: an answer rendered by another one is not read.
    pub fn new(
        runtime: R,
        https: Arc<Https>,
        version: ApiVersion,
        shops: impl IntoIterator<Item = (ShopKey, ShopAccess)>,
    ) -> HttpTransport<R> {
        let doors = shops.into_iter().map(|(key, ShopAccess { endpoint, credentials })| {
            let closed_until = Mutex::new(Timestamp::ORIGIN);
            (key, Door { endpoint, tokens: Tokens::new(credentials), closed_until })
        });
        HttpTransport { runtime, https, version, shops: doors.collect() }
    }

    async fn post(&self, door: &Door, token: &Secret, body: String) -> Result<HttpAnswer, TransportError> {
        let target = format!("/admin/api/{}/graphql.json", self.version);
        let request = Outgoing::new(Method::POST, &door.endpoint, &target, body)
            .with("Content-Type", "application/json")
            .with_secret("X-Shopify-Access-Token", token.expose())
            .map_err(failed)?;
        let answer = self.https.exchange(&self.runtime, request).await.map_err(failed)?;
        if answer.status == 429
            && let Some(wait) = answer.header("Retry-After").and_then(seconds)
        {
            let until = self.runtime.now().plus(wait.min(RETRY_AFTER_MAX));
            *door.closed_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        }
        Ok(answer)
    }

    /// The text of an answer that was rendered by our version, or why it cannot be read.
    fn text(&self, answer: &HttpAnswer, token: &Secret) -> Result<String, TransportError> {
        let request_id = answer.header("X-Request-Id");
        if answer.is_redirect() {
            // Followed, it would take the token to a host that nobody configured.
            let reason = format!("redirected to {}, which is not followed", answer.redirects_to());
            return Err(TransportError::Misconfigured { field: "endpoint", reason });
        }
        if answer.status != 200 {
            return Err(TransportError::Status {
                code: answer.status,
                request_id: request_id.map(|id| token.masked(id.to_owned()).into()),
            });
        }
        // A version that is retired or unknown is no error: the oldest supported one answers instead.
        if let Some(served) =
            answer.header("X-Shopify-API-Version").filter(|served| **served != *self.version.0)
        {
            let reason = format!("version {served} was served where {} was asked for", self.version);
            return Err(TransportError::Misconfigured { field: "api version", reason });
        }
        match answer.not_json() {
            Some(kind) => Err(unreadable(format!("content type {kind} where JSON belongs"), answer, token)),
            None => Ok(answer.text(&[token])),
        }
    }

    fn door(&self, shop: ShopKey) -> Result<&Door, TransportError> {
        self.shops.get(&shop).ok_or_else(|| TransportError::Unauthorized {
            reason: format!("no credentials for the shop {shop}"),
        })
    }

    /// One exchange with a shop, and the token that it went with.
    async fn exchange(&self, shop: ShopKey, body: &str) -> Result<(HttpAnswer, Secret), TransportError> {
        let door = self.door(shop)?;
        if self.runtime.now() < *door.closed_until.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(TransportError::Status { code: 429, request_id: None });
        }
        let mut is_second = false;
        loop {
            let token =
                door.tokens.token(&self.https, &self.runtime, &door.endpoint).await.map_err(no_token)?;
            let answer = self.post(door, &token, body.to_owned()).await?;
            // Refused at the door, so nothing ran: a token that ended early is replaced once.
            if answer.status == 401 && !is_second && door.tokens.refused(&token).await {
                is_second = true;
                continue;
            }
            return Ok((answer, token));
        }
    }

    /// The answer's JSON to a body that is sent as it is.
    pub(super) async fn ask(&self, shop: ShopKey, body: String) -> Result<String, TransportError> {
        let (answer, token) = self.exchange(shop, &body).await?;
        self.text(&answer, &token)
    }
}

impl<R: Runtime> Transport for HttpTransport<R> {
    async fn send(&self, _: Call, shop: ShopKey, request: Request) -> Result<Response, TransportError> {
        let (answer, token) = self.exchange(shop, &request.body()).await?;
        let text = self.text(&answer, &token)?;
        Response::parse(request.operation(), &text).map_err(|reason| unreadable(reason, &answer, &token))
    }

    /// The file lies with another host, which is told nothing of who asks: its address is its own permission.
    async fn fetch(&self, _: Call, shop: ShopKey, url: &str) -> Result<String, TransportError> {
        let door = self.door(shop)?;
        let found = url.parse::<Url>().ok().filter(|url| is_fit(url, &door.endpoint));
        let url = found.ok_or_else(|| TransportError::Unreadable {
            reason: "a file that lies where Shopify keeps none".to_owned(),
        })?;
        let request = Outgoing::new(Method::GET, &url.endpoint, &url.target, String::new());
        let answer = self.https.fetch(&self.runtime, request).await.map_err(failed)?;
        match answer.status {
            200 => Ok(answer.text(&[])),
            code => Err(TransportError::Status { code, request_id: None }),
        }
    }
}

/// Where Shopify keeps files that it wrote, besides the shop's own host. No other is asked, whatever an answer names.
/// Source: recorded bulk operations.
const FILES: &str = "https://storage.googleapis.com";

fn is_fit(url: &Url, own: &Endpoint) -> bool {
    url.endpoint == *own || url.endpoint.to_string() == FILES
}

fn unreadable(reason: String, answer: &HttpAnswer, token: &Secret) -> TransportError {
    let of = answer.header("X-Request-Id").map_or_else(String::new, |id| format!(" (request {id})"));
    TransportError::Unreadable { reason: token.masked(format!("{reason}{of}")) }
}

fn failed(failure: Failure) -> TransportError {
    match failure {
        Failure::NotSent { reason } => TransportError::NotSent { reason },
        Failure::NoAnswer { waited } => TransportError::NoAnswer { waited },
        Failure::Unreadable { reason } => TransportError::Unreadable { reason },
    }
}

fn no_token(error: NoToken) -> TransportError {
    match error {
        NoToken::Unavailable { reason } => TransportError::NotSent { reason },
        NoToken::Refused { reason } => TransportError::Unauthorized { reason },
    }
}

/// `2` and `2.0` are both sent; a begun second counts as a whole one. Source: shopify.md §b.6.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let begun = fraction.bytes().any(|digit| digit != b'0');
    Some(Duration::from_secs(whole.parse::<u32>().ok()?.into()).plus(Duration::from_secs(begun.into())))
}

#[cfg(test)]
mod tests;
