//! The real transports against servers that answer as platforms, edges and broken networks do, over loopback sockets.

mod netsuite;
mod secrets;
mod shopify;
mod tls;

use std::future::Future;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use plimsoll::domain::{Duration, Flow, Lane, ShopKey, Timestamp};
use plimsoll::platforms::https::{Endpoint, Https, Limits};
use plimsoll::ports::{Admission, Call, Entity, Runtime, ThrottleStatus};
use plimsoll::runtime::tokio::TokioRuntime;
use rustls::RootCertStore;
use tokio::runtime::Handle;

/// Lets everything through.
#[derive(Debug, Clone, Copy)]
struct Open;

impl Admission for Open {
    async fn shopify(&self, _: ShopKey, _: Lane, _: u32) {}
    fn shopify_done(&self, _: ShopKey, _: u32, _: Option<ThrottleStatus>, _: bool) {}
    async fn netsuite(&self, _: Lane) {}
    fn netsuite_done(&self, _: bool) {}
}

/// The machine's clock, set forward or back by the test.
#[derive(Debug, Clone)]
struct SetClock {
    inner: TokioRuntime,
    ahead_seconds: Arc<AtomicI64>,
}

impl SetClock {
    fn new() -> SetClock {
        let inner = TokioRuntime::on_wall_clock(Handle::current());
        SetClock { inner, ahead_seconds: Arc::new(AtomicI64::new(0)) }
    }

    fn set_ahead(&self, seconds: i64) {
        self.ahead_seconds.store(seconds, Ordering::Relaxed);
    }
}

impl Runtime for SetClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead_seconds.load(Ordering::Relaxed);
        Timestamp::from_nanos(self.inner.now().nanos() + ahead * 1_000_000_000)
    }

    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send + 'static {
        let left = at.since(self.now());
        self.inner.sleep(left)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.inner.spawn(task);
    }
}

fn shop() -> ShopKey {
    "us".parse().unwrap()
}

fn call() -> Call {
    let entity = Entity { merchant: "m".parse().unwrap(), shop: shop(), flow: Flow::Order, record: 1 };
    Call { entity, lane: Lane::Orders, attempt: 0 }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Long enough for a busy machine to answer, and short enough to wait for one that does not.
fn https() -> Arc<Https> {
    let limits = Limits { answer: Duration::from_secs(20), body_max: 64 * 1024, ..Limits::default() };
    Arc::new(Https::trusting(RootCertStore::empty(), limits))
}

fn impatient() -> Arc<Https> {
    let limits = Limits { answer: Duration::from_millis(300), ..Limits::default() };
    Arc::new(Https::trusting(RootCertStore::empty(), limits))
}

/// What a broken network or server does with a request that it has read.
#[derive(Debug, Clone, Copy)]
enum Oddity {
    /// These bytes, then the connection ends.
    Says(&'static str),
    /// A body that never ends.
    Endless,
    /// Nothing at all, and the connection stays open.
    Silent,
}

/// A server that reads whole requests and answers each in that way.
fn odd(oddity: Oddity) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            read_request(&mut connection);
            match oddity {
                Oddity::Says(text) => drop(connection.write_all(text.as_bytes())),
                Oddity::Silent => silent.push(connection),
                Oddity::Endless => {
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"data\":\"";
                    let mut sent = connection.write_all(head.as_bytes());
                    while sent.is_ok() {
                        sent = connection.write_all(&[b'x'; 4096]);
                    }
                }
            }
        }
    });
    format!("http://127.0.0.1:{port}").parse().unwrap()
}

fn read_request(connection: &mut TcpStream) {
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = connection.read(&mut buffer).unwrap_or(0);
        seen.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&seen).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return;
            }
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        if read == 0 || body.len() >= length.parse().unwrap() {
            return;
        }
    }
}

/// A port where nobody listens.
fn nobody() -> Endpoint {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}").parse().unwrap()
}
