//! The intake under attack: forgeries as fast as they go in, and a thousand peers that never end what they began, while
//! Shopify's own deliveries come at their pace.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use super::{Load, Shape, base64, body, delivery, resident, send, write_all};
use crate::machine::cpu;

const FORGERS: usize = 32;
/// Forgeries that are written before their answers are read.
const AT_ONCE: usize = 16;
const SLOW: usize = 1_000;
const GENUINE: usize = 16;
const PAUSE: Duration = Duration::from_millis(40);

pub struct Attack {
    pub genuine: Load,
    pub forgeries_per_second: f64,
    /// CPU time of the server, the genuine deliveries' included.
    pub cpu_per_forgery: Duration,
    pub slow: u64,
    /// MiB.
    pub grown: f64,
}

pub async fn run(at: SocketAddr, server: u32, lasts: Duration) -> Attack {
    let handle = tokio::runtime::Handle::current();
    let quiet = super::load(at, Shape::Webhook, GENUINE, Duration::from_millis(500), 1).await;
    let before = resident(server);
    let is_over = Arc::new(AtomicBool::new(false));
    let (refused, slow) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    for _ in 0..SLOW {
        handle.spawn(linger(at, Arc::clone(&slow), Arc::clone(&is_over)));
    }
    for _ in 0..FORGERS {
        handle.spawn(forge(at, Arc::clone(&refused), Arc::clone(&is_over)));
    }
    // Until all of them are at it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (began, counted, busy) = (Instant::now(), refused.load(Ordering::Relaxed), cpu(server));
    let next = Arc::new(AtomicU64::new(quiet.acknowledged + 1_000));
    let senders: Vec<_> = (0..GENUINE)
        .map(|_| handle.spawn(send(at, Shape::Webhook, Arc::clone(&next), began + lasts, PAUSE)))
        .collect();
    let (mut latencies, mut most) = (Vec::new(), before);
    while began.elapsed() < lasts {
        tokio::time::sleep(Duration::from_millis(200)).await;
        most = most.max(resident(server));
    }
    let forged = refused.load(Ordering::Relaxed) - counted;
    let cpu_per_forgery = (cpu(server) - busy) / u32::try_from(forged.max(1)).unwrap_or(u32::MAX);
    let forgeries_per_second = forged as f64 / began.elapsed().as_secs_f64();
    for sender in senders {
        latencies.extend(sender.await.expect("no genuine delivery is refused"));
    }
    let seconds = began.elapsed().as_secs_f64();
    let open = slow.load(Ordering::Relaxed);
    is_over.store(true, Ordering::Relaxed);
    latencies.sort_unstable();
    let genuine = Load { acknowledged: latencies.len() as u64, seconds, latencies };
    Attack { genuine, forgeries_per_second, cpu_per_forgery, slow: open, grown: most - before }
}

/// Sends forgeries and counts the refusals.
async fn forge(at: SocketAddr, refused: Arc<AtomicU64>, is_over: Arc<AtomicBool>) {
    let body = body(7);
    let one = delivery(7, &body, &base64(&[7; 32]));
    let many = one.repeat(AT_ONCE);
    let mut piece = vec![0; 64 << 10];
    while !is_over.load(Ordering::Relaxed) {
        let Ok(stream) = TcpStream::connect(at).await else { continue };
        'connection: while write_all(&stream, many.as_bytes()).await.is_ok() {
            let mut answered = 0;
            while answered < AT_ONCE {
                if stream.readable().await.is_err() {
                    break 'connection;
                }
                match stream.try_read(&mut piece) {
                    Ok(0) => break 'connection,
                    Ok(read) => {
                        let answers = piece[..read].windows(12).filter(|at| *at == b"HTTP/1.1 401").count();
                        answered += answers;
                        refused.fetch_add(answers as u64, Ordering::Relaxed);
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(_) => break 'connection,
                }
            }
            if is_over.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

/// Begins a request, adds a byte of it each second, and begins anew when it is shown out.
async fn linger(at: SocketAddr, open: Arc<AtomicU64>, is_over: Arc<AtomicBool>) {
    while !is_over.load(Ordering::Relaxed) {
        let Ok(stream) = TcpStream::connect(at).await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        open.fetch_add(1, Ordering::Relaxed);
        let begun = write_all(&stream, b"POST /webhooks/shopify HTTP/1.1\r\nhost: a\r\nx-slow: ").await;
        let mut goes_on = begun.is_ok();
        while goes_on && !is_over.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            goes_on = write_all(&stream, b"x").await.is_ok();
        }
        open.fetch_sub(1, Ordering::Relaxed);
    }
}
