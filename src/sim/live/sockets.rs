//! Sockets of the twins: who listens where, and HTTP in and out.
//!
//! Lives here: ports, connections, TLS, and the reading of a request to its end. Not here: what is answered
//! ([`super::exchange`]), which connections carry webhooks out ([`super::hooks`]).

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_rustls::TlsAcceptor;

use super::tls::Identity;

use crate::domain::Timestamp;
use crate::mocks::http::{Asked, Told};

/// Bytes of a request's body. Source: netsuite.md §10 names 10 MB for REST; Shopify takes less.
const BODY_BYTES_MAX: usize = 10 << 20;

/// How many ports are tried, one after the other.
const PORTS_TRIED: u16 = 200;

/// Somebody answers requests: with an answer, or by cutting the connection.
pub(in crate::sim) trait Answers: Send + Sync + 'static {
    fn answer(&self, asked: Asked) -> impl Future<Output = Option<Told>> + Send;
}

/// The connection is cut without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the answer is lost")]
struct Lost;

/// Listens at the first free port from `wanted` on; at any that is free for 0.
///
/// # Errors
/// None of them is free.
pub(in crate::sim) fn listen(wanted: u16) -> io::Result<std::net::TcpListener> {
    let mut last = None;
    for tried in 0..PORTS_TRIED {
        let Some(port) = wanted.checked_add(tried) else { break };
        match std::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

/// Serves the listener for as long as the runtime lives; over TLS if there is something to show.
///
/// # Errors
/// The system does not hand the listener over.
pub(in crate::sim) fn serve(
    handle: &Handle,
    listener: std::net::TcpListener,
    tls: Option<&Identity>,
    answers: Arc<impl Answers>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let _inside = handle.enter();
    let listener = TcpListener::from_std(listener)?;
    let spawner = handle.clone();
    let tls = tls.map(|identity| TlsAcceptor::from(Arc::clone(&identity.server)));
    handle.spawn(async move {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new());
        // Some clients look headers up as the platforms spell them, letter by letter.
        http.title_case_headers(true);
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::task::yield_now().await;
                continue;
            };
            // An answer is one small segment: to wait for more would only delay it.
            stream.set_nodelay(true).ok();
            let (http, tls, answers) = (http.clone(), tls.clone(), Arc::clone(&answers));
            spawner.spawn(async move {
                match tls {
                    None => converse(&http, stream, answers).await,
                    // Whoever does not trust us hangs up here.
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            converse(&http, stream, answers).await;
                        }
                    }
                }
            });
        }
    });
    Ok(())
}

/// One connection to its end.
async fn converse(
    http: &http1::Builder,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    answers: Arc<impl Answers>,
) {
    let service = service_fn(move |request| {
        let answers = Arc::clone(&answers);
        async move { exchange(&*answers, request).await }
    });
    // A connection that breaks is the peer's matter, or was cut on purpose.
    http.serve_connection(TokioIo::new(stream), service).await.ok();
}

/// An instant as the header `Date` states it, in whole seconds.
pub(in crate::sim) fn date(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_second(at.seconds()).unwrap_or_default();
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

async fn exchange(answers: &impl Answers, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Lost> {
    let asked = match read(request).await {
        Ok(asked) => asked,
        Err(status) => return Ok(spelled(Told { status, headers: Vec::new(), body: Vec::new() })),
    };
    answers.answer(asked).await.map(spelled).ok_or(Lost)
}

/// # Errors
/// The status of the refusal: too large, or broken off.
async fn read(request: Request<Incoming>) -> Result<Asked, u16> {
    let (head, body) = request.into_parts();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => return Err(413),
        Err(_) => return Err(400),
    };
    Ok(Asked {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
    })
}

fn spelled(told: Told) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(told.body)));
    *response.status_mut() =
        hyper::StatusCode::from_u16(told.status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in told.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
