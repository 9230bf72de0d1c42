//! The real way to NetSuite: REST records and SuiteQL over HTTPS.
//!
//! Not here: what errors allow (`refusal`), authorisation (`auth`), paths and JSON (`operation` spells and reads them).
//!
//! Source: netsuite.md §2 (hosts), §4 (headers), §9.1 (errors), §11.1 (pages).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use hyper::Method;

use super::auth::signature::form;
use super::auth::{Authority, Credentials, NoAuthorization, ToSign};
use super::client::{Transport, TransportError};
use super::operation::suiteql::{PAGED_MAX, joined, next_offset};
use super::operation::{self, HttpRequest, Request, Response};
use crate::platforms::https::{Endpoint, Failure, HttpAnswer, Https, Outgoing};
use crate::ports::{Call, Runtime};

/// The id of an account: `1234567`, `1234567_SB1`, `TSTDRV123456`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountId(Box<str>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no account id: letters, digits and underscores, such as 1234567_SB1")]
pub struct NotAnAccountId {
    pub text: String,
}

impl FromStr for AccountId {
    type Err = NotAnAccountId;

    /// Takes the form of host names, `1234567-sb1`, too.
    fn from_str(text: &str) -> Result<AccountId, NotAnAccountId> {
        let id = text.to_ascii_uppercase().replace('-', "_");
        match !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            true => Ok(AccountId(id.into())),
            false => Err(NotAnAccountId { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AccountId {
    /// The first part of the account's host names: `1234567-sb1`.
    fn host_label(&self) -> String {
        self.0.to_ascii_lowercase().replace('_', "-")
    }

    /// The host that the account's page of URLs usually shows. Configuration may name another: data centres move.
    pub fn usual_endpoint(&self) -> Endpoint {
        format!("https://{}.suitetalk.api.netsuite.com", self.host_label())
            .parse()
            .expect("account ids are parts of host names")
    }
}

/// One account: where it is spoken to, and as whom.
#[derive(Debug, Clone)]
pub struct AccountAccess {
    pub id: AccountId,
    pub endpoint: Endpoint,
    pub credentials: Credentials,
}

/// Carries requests to one account.
#[derive(Debug, Clone)]
pub struct HttpTransport<R> {
    runtime: R,
    https: Arc<Https>,
    endpoint: Endpoint,
    host_label: Arc<str>,
    authority: Arc<Authority>,
}

impl<R: Runtime> HttpTransport<R> {
    pub fn new(runtime: R, https: Arc<Https>, account: AccountAccess) -> HttpTransport<R> {
        let AccountAccess { id, endpoint, credentials } = account;
        let authority = Arc::new(Authority::new(&id.0, credentials));
        let host_label = id.host_label().into();
        HttpTransport { runtime, https, endpoint, host_label, authority }
    }

    /// The host that a location names, if it is neither the one that was asked nor one of the account's own: accounts
    /// have several, which all begin alike.
    fn foreign_host(&self, location: &str) -> Option<String> {
        let host = self.endpoint.other_host(location)?;
        let is_ours =
            host.split('.').next().is_some_and(|label| label.eq_ignore_ascii_case(&self.host_label));
        (!is_ours).then_some(host)
    }

    /// All rows of a statement as the text of one page, or the answer that came instead.
    pub(super) async fn rows(&self, http: &HttpRequest) -> Result<(u16, String), TransportError> {
        let first = self.once(http, "0").await?;
        let told = self.all_pages(http, first).await?;
        Ok((told.answer.status, told.body))
    }

    /// One page, or the whole of what has no pages. Authorised anew for each try.
    async fn once(&self, http: &HttpRequest, offset: &str) -> Result<Told, TransportError> {
        let query: Vec<(&str, &str)> = http
            .query
            .iter()
            .map(|(name, value)| (*name, if *name == "offset" { offset } else { *value }))
            .collect();
        let target = match query.is_empty() {
            true => http.path.clone(),
            false => format!("{}?{}", http.path, form(&query)),
        };
        let signed = ToSign { method: http.method.name(), path: &http.path, query: &query };
        let mut is_second = false;
        loop {
            let authorization = self
                .authority
                .authorize(&self.https, &self.runtime, &self.endpoint, &signed)
                .await
                .map_err(not_authorized)?;
            let body = http.body.clone().unwrap_or_default();
            let mut request = Outgoing::new(method(http.method), &self.endpoint, &target, body);
            for (name, value) in &http.headers {
                request = request.with(name, value);
            }
            let request =
                request.with_secret("Authorization", authorization.header.expose()).map_err(failed)?;
            let answer = self.https.exchange(&self.runtime, request).await.map_err(failed)?;
            self.authority.clock.heard(&answer, self.runtime.now());
            // Refused at the door, so nothing ran, not even of a write.
            if answer.status == 401 && !is_second && self.authority.may_try_again(&authorization).await {
                is_second = true;
                continue;
            }
            let secrets = self.authority.secrets(&authorization);
            let body = answer.text(&secrets);
            let operation = answer.header("X-N-OperationId").map(str::to_owned);
            let operation =
                operation.map(|id| secrets.iter().fold(id, |id, secret| secret.masked(id)).into_boxed_str());
            return Ok(Told { answer, operation, body });
        }
    }

    /// The page with everything behind it, put together as one.
    async fn all_pages(&self, http: &HttpRequest, first: Told) -> Result<Told, TransportError> {
        let mut pages = vec![first.body];
        let (mut last, mut operation) = (first.answer, first.operation);
        let mut asked = 0;
        while last.is_success()
            && let Some(offset) = next_offset(&pages[pages.len() - 1]).filter(|_| last.not_json().is_none())
        {
            if offset >= PAGED_MAX {
                // NetSuite gives no row behind these, and would not say so (§11.1).
                let reason = format!("more than {PAGED_MAX} rows");
                return Err(TransportError::Unreadable { reason });
            }
            if offset <= asked {
                // The page that was asked for is not the one that came: asking on would never end.
                let reason = format!("rows from {asked} on were asked for, and others came");
                return Err(TransportError::Unreadable { reason });
            }
            asked = offset;
            let page = self.once(http, &offset.to_string()).await?;
            if !page.answer.is_success() {
                return Ok(page);
            }
            (last, operation) = (page.answer, page.operation);
            pages.push(page.body);
        }
        let body = match pages.len() {
            1 => pages.remove(0),
            _ => joined(&pages).map_err(|reason| TransportError::Unreadable { reason })?,
        };
        Ok(Told { answer: last, operation, body })
    }
}

/// An answer with its body as text, secrets masked.
struct Told {
    answer: HttpAnswer,
    /// What NetSuite's support asks for.
    operation: Option<Box<str>>,
    body: String,
}

impl<R: Runtime> Transport for HttpTransport<R> {
    async fn send(&self, _: Call, request: Request) -> Result<Response, TransportError> {
        let http = request.to_http();
        let mut told = self.once(&http, "0").await?;
        if let Request::SuiteQl(_) = request {
            told = self.all_pages(&http, told).await?;
        }
        let Told { answer, operation, body } = told;
        if answer.is_redirect() {
            // A wrong data centre answers so; followed, the signature would not fit its host.
            let reason = format!("redirected to {}, which is not followed", answer.redirects_to());
            return Err(TransportError::Misconfigured { field: "endpoint", reason });
        }
        let of = || operation.as_ref().map_or_else(String::new, |id| format!(" (operation {id})"));
        if answer.is_success()
            && !request.writes()
            && let Some(kind) = answer.not_json()
        {
            let reason = format!("content type {kind} where JSON belongs{}", of());
            return Err(TransportError::Unreadable { reason });
        }
        if let Some(other) = answer.header("Location").and_then(|at| self.foreign_host(at)) {
            let reason = format!("the record of another account, at {other}{}", of());
            return Err(TransportError::Unreadable { reason });
        }
        let mut response = Response::read(&request, answer.status, answer.header("Location"), &body)
            .map_err(|error| TransportError::Unreadable { reason: format!("{error}{}", of()) })?;
        if let Err(error) = &mut response.answer {
            error.operation = operation;
        }
        Ok(response)
    }
}

const fn method(method: operation::Method) -> Method {
    match method {
        operation::Method::Get => Method::GET,
        operation::Method::Post => Method::POST,
        operation::Method::Put => Method::PUT,
        operation::Method::Patch => Method::PATCH,
    }
}

fn failed(failure: Failure) -> TransportError {
    match failure {
        Failure::NotSent { reason } => TransportError::NotSent { reason },
        Failure::NoAnswer { waited } => TransportError::NoAnswer { waited },
        Failure::Unreadable { reason } => TransportError::Unreadable { reason },
    }
}

fn not_authorized(error: NoAuthorization) -> TransportError {
    match error {
        NoAuthorization::Unavailable { reason } => TransportError::NotSent { reason },
        NoAuthorization::Refused { reason } => TransportError::Unauthorized { reason },
    }
}

#[cfg(test)]
mod tests;
