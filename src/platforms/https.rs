//! One exchange over HTTPS: bytes out, bytes in, within a time and a size.
//!
//! No redirect is followed, no proxy is asked, nothing is decompressed and nothing is sent twice. Not here: what is
//! signed (`auth`), what an answer means (`http` of each platform).

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::future::poll_fn;
use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::Poll;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::domain::{Duration, Timestamp};
use crate::platforms::secret::Secret;
use crate::ports::Runtime;

/// Scheme and host that requests go to: `https://acme.myshopify.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// In lower case, without the default port and without a slash at the end.
    origin: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEndpoint {
    #[error("`{text}` is not a scheme and a host, such as https://acme.myshopify.com")]
    Malformed { text: String },
    /// Tokens would cross the network in the clear.
    #[error("`{text}` is not https; only this machine itself may be spoken to without")]
    NotEncrypted { text: String },
}

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Endpoint, BadEndpoint> {
        let malformed = || BadEndpoint::Malformed { text: text.to_owned() };
        let uri: Uri = text.to_ascii_lowercase().parse().map_err(|_| malformed())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(malformed());
        };
        if uri.path_and_query().is_some_and(|rest| rest.as_str() != "/") || authority.as_str().contains('@') {
            return Err(malformed());
        }
        let usual_port = match (scheme, uri.host()) {
            ("https", Some(_)) => 443,
            ("http", Some("127.0.0.1" | "localhost" | "[::1]")) => 80,
            ("http", _) => return Err(BadEndpoint::NotEncrypted { text: text.to_owned() }),
            _ => return Err(malformed()),
        };
        let host = match authority.port_u16() {
            Some(port) if port == usual_port => authority.host(),
            _ => authority.as_str(),
        };
        Ok(Endpoint { origin: format!("{scheme}://{host}").into() })
    }
}

impl Endpoint {
    /// The host that an absolute URL names, if it is not this one; `None` for a path.
    pub fn other_host(&self, url: &str) -> Option<String> {
        let url: Uri = url.parse().ok()?;
        let own: Uri = self.origin.parse().ok()?;
        let host = url.host()?;
        (!own.host().is_some_and(|own| own.eq_ignore_ascii_case(host))).then(|| host.to_owned())
    }
}

/// An absolute address that somebody else named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    pub endpoint: Endpoint,
    /// Path and query, escaped.
    pub target: Box<str>,
}

impl FromStr for Url {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Url, BadEndpoint> {
        let malformed = || BadEndpoint::Malformed { text: text.to_owned() };
        let uri: Uri = text.parse().map_err(|_| malformed())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(malformed());
        };
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Ok(Url { endpoint: format!("{scheme}://{authority}").parse()?, target: target.into() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// From the first byte sent to the last one read. Source: netsuite.md §10.3, what public clients wait.
    pub answer: Duration,
    /// Bytes of an answer's body. The largest that we ask for, a page of 1,000 rows, stays below a tenth of it.
    pub body_max: usize,
    /// As `answer`, for a file.
    pub file: Duration,
    /// Bytes of a file: two million orders, at a hundred bytes each.
    pub file_max: usize,
}

impl Limits {
    pub const USUAL: Limits = Limits {
        connect: Duration::from_secs(10),
        answer: Duration::from_secs(60),
        body_max: 16 * 1024 * 1024,
        file: Duration::from_mins(10),
        file_max: 200 * 1024 * 1024,
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::USUAL
    }
}

/// Connections to any host, kept open between exchanges.
#[derive(Debug)]
pub struct Https {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    limits: Limits,
}

/// The machine names no root certificate that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no root certificates on this machine: {reason}")]
pub struct NoRoots {
    pub reason: String,
}

/// Why an exchange gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The other side never saw the request.
    NotSent { reason: String },
    /// The request left; the answer did not come, or not to its end.
    NoAnswer { waited: Duration },
    /// What came is not HTTP, or too long.
    Unreadable { reason: String },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NotSent { reason } | Failure::Unreadable { reason } => f.write_str(reason),
            Failure::NoAnswer { waited } => write!(f, "no answer within {waited}"),
        }
    }
}

/// An idle connection is dropped before the usual middlebox drops it: a request written to one that is already
/// closed on the other side has an unknown outcome.
const IDLE_MAX: std::time::Duration = std::time::Duration::from_secs(15);

impl Https {
    /// Trusts what the machine trusts: merchants run proxies with roots of their own.
    ///
    /// # Errors
    /// The machine has no root certificates.
    pub fn with_platform_roots(limits: Limits) -> Result<Https, NoRoots> {
        Https::with_platform_roots_and(&[], limits)
    }

    /// Trusts what the machine trusts, and these certificates.
    ///
    /// # Errors
    /// There are none at all.
    pub fn with_platform_roots_and(
        trust: &[CertificateDer<'static>],
        limits: Limits,
    ) -> Result<Https, NoRoots> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        roots.add_parsable_certificates(trust.iter().cloned());
        if roots.is_empty() {
            let reason = found.errors.first().map_or_else(|| "none found".to_owned(), ToString::to_string);
            return Err(NoRoots { reason });
        }
        Ok(Https::trusting(roots, limits))
    }

    /// Trusts these roots only.
    pub fn trusting(roots: RootCertStore, limits: Limits) -> Https {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider speaks TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(limits.connect.to_std()));
        // Which hosts may be spoken to in the clear was decided by `Endpoint`.
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_MAX)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Https { client, limits }
    }

    /// Sends once and reads the answer to its end. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// No answer, or none that can be read; an answer of any status is an answer.
    pub async fn exchange<R: Runtime>(&self, runtime: &R, request: Outgoing) -> Result<HttpAnswer, Failure> {
        self.within(runtime, request, self.limits.answer, self.limits.body_max).await
    }

    /// As [`Https::exchange`], of a file: larger and slower than any answer.
    ///
    /// # Errors
    /// As [`Https::exchange`].
    pub async fn fetch<R: Runtime>(&self, runtime: &R, request: Outgoing) -> Result<HttpAnswer, Failure> {
        self.within(runtime, request, self.limits.file, self.limits.file_max).await
    }

    async fn within<R: Runtime>(
        &self,
        runtime: &R,
        request: Outgoing,
        longest: Duration,
        body_max: usize,
    ) -> Result<HttpAnswer, Failure> {
        let sent_at = runtime.now();
        let work = async {
            let response = self.client.request(request.0).await.map_err(|error| broken(&error))?;
            let (head, body) = response.into_parts();
            let body = read(body, body_max).await?;
            Ok(HttpAnswer { status: head.status.as_u16(), headers: head.headers, body })
        };
        let lost = || Failure::NoAnswer { waited: runtime.now().since(sent_at) };
        match within(work, runtime.sleep(longest)).await {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(Broken::Failed(failure))) => Err(failure),
            Some(Err(Broken::Lost)) | None => Err(lost()),
        }
    }
}

enum Broken {
    Failed(Failure),
    /// Cut off after the request had left.
    Lost,
}

async fn read(mut body: Incoming, body_max: usize) -> Result<Vec<u8>, Broken> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Broken::Lost)?.into_data() else { continue };
        if bytes.len() + data.len() > body_max {
            let reason = format!("an answer of more than {body_max} bytes");
            return Err(Broken::Failed(Failure::Unreadable { reason }));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// What a broken exchange leaves open: only failures of which it is known that nothing was written count as unsent.
fn broken(error: &hyper_util::client::legacy::Error) -> Broken {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<hyper::Error>());
    if error.is_connect() || cause.is_some_and(hyper::Error::is_canceled) {
        return Broken::Failed(Failure::NotSent { reason: innermost(error) });
    }
    if cause.is_some_and(hyper::Error::is_parse) {
        return Broken::Failed(Failure::Unreadable { reason: innermost(error) });
    }
    Broken::Lost
}

fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}

/// `None` when the time was up first.
async fn within<T>(work: impl Future<Output = T>, time: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut time) = (pin!(work), pin!(time));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => time.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// A request as it will be sent.
#[derive(Debug)]
pub struct Outgoing(Request<Full<Bytes>>);

impl Outgoing {
    /// `target` is path and query, escaped.
    pub fn new(method: Method, endpoint: &Endpoint, target: &str, body: String) -> Outgoing {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() =
            format!("{endpoint}{target}").parse().expect("endpoints are hosts and targets are escaped");
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("plimsoll/", env!("CARGO_PKG_VERSION"))));
        Outgoing(request)
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: &'static str) -> Outgoing {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("names of headers are fixed text");
        self.0.headers_mut().insert(name, HeaderValue::from_static(value));
        self
    }

    /// A header that is kept out of every log.
    ///
    /// # Errors
    /// The value has characters that a header cannot carry.
    pub fn with_secret(mut self, name: &'static str, value: &str) -> Result<Outgoing, Failure> {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("names of headers are fixed text");
        let mut value = HeaderValue::from_str(value).map_err(|_| Failure::NotSent {
            reason: format!("the credentials have characters that `{name}` cannot carry"),
        })?;
        value.set_sensitive(true);
        self.0.headers_mut().insert(name, value);
        Ok(self)
    }
}

/// An answer of any status.
#[derive(Debug, Clone)]
pub struct HttpAnswer {
    pub status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl HttpAnswer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    pub const fn is_redirect(&self) -> bool {
        self.status >= 300 && self.status < 400
    }

    /// Where a redirect points, without what may stand behind the host: paths and queries can carry tokens.
    pub fn redirects_to(&self) -> String {
        let location = self.header("location").and_then(|location| location.parse::<Uri>().ok());
        location.and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_else(|| "elsewhere".to_owned())
    }

    /// The body as text without these secrets, which an error page may repeat.
    pub fn text(&self, secrets: &[&Secret]) -> String {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        secrets.iter().fold(text, |text, secret| secret.masked(text))
    }

    /// `None` for JSON; else what the body says that it is.
    pub fn not_json(&self) -> Option<&str> {
        let kind = self.headers.get(CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap_or("unreadable"));
        let essence = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let is_json = essence == "application/json" || essence.ends_with("+json");
        (!is_json).then_some(if kind.is_empty() { "none" } else { kind })
    }

    /// The other side's clock when it answered, in whole seconds.
    pub fn date(&self) -> Option<Timestamp> {
        let date = jiff::fmt::rfc2822::parse(self.header("date")?).ok()?;
        Some(Timestamp::from_seconds(date.timestamp().as_second()))
    }
}

#[cfg(test)]
mod tests;
