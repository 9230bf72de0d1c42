//! Senders of deliveries over loopback sockets, as each server wants them, and what servers take of the machine.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ring::hmac;
use tokio::net::TcpStream;

pub mod attack;
pub mod recover;

pub const SECRET: &[u8] = b"hush";
pub const DOMAIN: &str = "fr-acme.myshopify.com";
const BODY_BYTES: usize = 2_048;

/// Whom a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A signed delivery of Shopify.
    Webhook,
    /// A call that Restate accepts durably and runs later, with an idempotency key.
    Restate,
}

impl Shape {
    pub fn named(name: &str) -> Option<Shape> {
        match name {
            "webhook" => Some(Shape::Webhook),
            "restate" => Some(Shape::Restate),
            _ => None,
        }
    }

    fn request(self, id: u64, key: &hmac::Key) -> String {
        let body = body(id);
        match self {
            Shape::Webhook => delivery(id, &body, &base64(hmac::sign(key, body.as_bytes()).as_ref())),
            Shape::Restate => format!(
                "POST /intake/receive/send HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
                 idempotency-key: {id}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ),
        }
    }
}

fn body(id: u64) -> String {
    let mut body = format!(
        r#"{{"id":{id},"admin_graphql_api_id":"gid://shopify/Order/{id}","updated_at":"2026-11-27T09:00:00+01:00","note":""#
    );
    while body.len() < BODY_BYTES - 2 {
        body.push('x');
    }
    body.push_str("\"}");
    body
}

fn delivery(id: u64, body: &str, signature: &str) -> String {
    format!(
        "POST /webhooks/shopify HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         x-shopify-topic: orders/create\r\nx-shopify-hmac-sha256: {signature}\r\n\
         x-shopify-shop-domain: {DOMAIN}\r\nx-shopify-api-version: 2026-10\r\n\
         x-shopify-webhook-id: 00000000-0000-4000-8000-{id:012x}\r\n\
         x-shopify-triggered-at: 2026-11-27T08:00:00.123Z\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What came of some seconds of load.
pub struct Load {
    pub acknowledged: u64,
    pub seconds: f64,
    /// In order.
    latencies: Vec<Duration>,
}

impl Load {
    pub fn per_second(&self) -> f64 {
        self.acknowledged as f64 / self.seconds
    }

    /// In milliseconds; `share` from 0 to 1.
    pub fn at(&self, share: f64) -> f64 {
        let at = (self.latencies.len().saturating_sub(1) as f64 * share) as usize;
        self.latencies.get(at).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }
}

/// As many connections as asked, each posting one delivery after the other, with ids from `first` on.
pub async fn load(at: SocketAddr, shape: Shape, connections: usize, lasts: Duration, first: u64) -> Load {
    let began = Instant::now();
    let next = Arc::new(AtomicU64::new(first));
    let handle = tokio::runtime::Handle::current();
    let senders: Vec<_> = (0..connections)
        .map(|_| handle.spawn(send(at, shape, Arc::clone(&next), began + lasts, Duration::ZERO)))
        .collect();
    let mut latencies = Vec::new();
    for sender in senders {
        latencies.extend(sender.await.expect("a sender does not fail"));
    }
    latencies.sort_unstable();
    Load { acknowledged: latencies.len() as u64, seconds: began.elapsed().as_secs_f64(), latencies }
}

/// Posts one delivery after the other, with a pause between, and tells how long each took.
async fn send(
    at: SocketAddr,
    shape: Shape,
    next: Arc<AtomicU64>,
    until: Instant,
    pause: Duration,
) -> Vec<Duration> {
    let stream = TcpStream::connect(at).await.expect("the server listens");
    stream.set_nodelay(true).expect("it is a TCP socket");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    let mut latencies = Vec::with_capacity(4_096);
    while Instant::now() < until {
        let request = shape.request(next.fetch_add(1, Ordering::Relaxed), &key);
        let began = Instant::now();
        write_all(&stream, request.as_bytes()).await.expect("the server is there");
        let status = read_answer(&stream).await.expect("the server is there");
        assert!(matches!(status, 200 | 202), "answered {status}");
        latencies.push(began.elapsed());
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
    latencies
}

async fn write_all(stream: &TcpStream, mut left: &[u8]) -> std::io::Result<()> {
    while !left.is_empty() {
        stream.writable().await?;
        match stream.try_write(left) {
            Ok(written) => left = &left[written..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads one answer to its end: its status.
async fn read_answer(stream: &TcpStream) -> std::io::Result<u16> {
    let (mut piece, mut read) = ([0; 8_192], 0);
    loop {
        stream.readable().await?;
        match stream.try_read(&mut piece[read..]) {
            Ok(0) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            Ok(more) => read += more,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        }
        let text = String::from_utf8_lossy(&piece[..read]);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let is_whole = match length {
            Some(length) => body.len() >= length,
            None => !head.contains("transfer-encoding: chunked") || body.ends_with("0\r\n\r\n"),
        };
        if is_whole {
            return head
                .get(9..12)
                .and_then(|status| status.parse().ok())
                .ok_or(std::io::ErrorKind::InvalidData.into());
        }
    }
}

/// Memory that a process holds now, in MiB.
pub fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1_024.0
}

pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| chunk.get(at).copied().unwrap_or(0);
        let word = u32::from_be_bytes([0, byte(0), byte(1), byte(2)]);
        for at in 0..4 {
            let digit = char::from(DIGITS[(word >> (18 - 6 * at) & 63) as usize]);
            write!(text, "{}", if at <= chunk.len() { digit } else { '=' }).expect("a String takes any text");
        }
    }
    text
}
