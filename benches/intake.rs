//! Durable intake beside the least that could do it: 64 connections post signed bodies of 2 KB, each with an id and an
//! order of its own, and count what is answered 200 after its commit.
//!
//! The reference is a handler that checks the signature and inserts id and body, unique, into SQLite with full
//! synchronisation and a commit shared by whatever waits. Rounds alternate; what counts is the ratio within a
//! pair. Server and senders share the process and its cores, in both alike. After each round the rows are
//! counted: an answer without a row ends the run. Last, how soon a store with a million hints takes the next one after
//! its process was killed.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use plimsoll::domain::{Flow, Lane, Timestamp};
use plimsoll::intake::{self, Config, Keys, Listeners, Metrics, Owner, People, ShopAccess};
use plimsoll::ports::store::{Cause, Hint};
use plimsoll::ports::{Entity, Runtime, Store};
use plimsoll::runtime::tokio::TokioRuntime;
use plimsoll::store::FileStore;
use ring::hmac;
use rusqlite::Connection;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const SECRET: &[u8] = b"hush";
const DOMAIN: &str = "fr-acme.myshopify.com";
const CONNECTIONS: usize = 64;
const BODY_BYTES: usize = 2_048;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

struct Round {
    acknowledged: u64,
    seconds: f64,
    p50: Duration,
    p99: Duration,
    cpu: Duration,
}

fn main() {
    // `cargo test --benches` only asks whether it builds and starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    if let Some(folder) = std::env::var_os(FOLDER) {
        return fill(Path::new(&folder));
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{CONNECTIONS} connections, bodies of {BODY_BYTES} bytes, load before: {}", load.trim());
    let mut ratios = Vec::new();
    for number in 1..=ROUNDS {
        let thin = round("thin", |folder| Box::pin(thin(folder.to_owned())));
        let ours = round("ours", |folder| Box::pin(ours(folder.to_owned())));
        for (name, round) in [("thin", &thin), ("ours", &ours)] {
            println!(
                "round {number} {name}: {:>6.0}/s  p50 {:>5.1} ms  p99 {:>5.1} ms  {:>3.0} us CPU with the sender's",
                round.acknowledged as f64 / round.seconds,
                round.p50.as_secs_f64() * 1e3,
                round.p99.as_secs_f64() * 1e3,
                round.cpu.as_secs_f64() * 1e6 / round.acknowledged as f64,
            );
        }
        ratios.push((ours.acknowledged as f64 / ours.seconds) / (thin.acknowledged as f64 / thin.seconds));
    }
    ratios.sort_unstable_by(f64::total_cmp);
    let (low, high) = (ratios[0], ratios[ROUNDS - 1]);
    println!("ours / thin: median {:.2}, {low:.2} to {high:.2}", ratios[ROUNDS / 2]);
    let mut recoveries: Vec<Duration> = (0..3).map(|_| recover()).collect();
    recoveries.sort_unstable();
    println!("killed with {PENDING} hints pending: first durable hint after {recoveries:.1?}");
}

/// Names the folder to the process that is to be killed.
const FOLDER: &str = "PLIMSOLL_BENCH_INTAKE";
const PENDING: u64 = 1_000_000;

fn hint(record: u64) -> Hint {
    let merchant = "acme".parse().expect("it is a key");
    let shop = "fr".parse().expect("it is a key");
    let entity = Entity { merchant, shop, flow: Flow::Order, record };
    Hint { entity, lane: Lane::Orders, version: Timestamp::ORIGIN, cause: Cause::Delivery }
}

fn blocking() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("it needs nothing")
}

/// Fills a store, says so, and waits to be killed in the middle of writing.
fn fill(folder: &Path) {
    let store = FileStore::open(&folder.join("plimsoll.db")).expect("the folder is ours");
    blocking().block_on(async {
        for batch in 0..PENDING / 10_000 {
            let hints: Vec<_> = (1..=10_000).map(|n| hint(batch * 10_000 + n)).collect();
            store.record(&hints, None, Timestamp::ORIGIN).await.expect("the disk has room");
        }
        println!("filled");
        for record in PENDING + 1.. {
            store.record(&[hint(record)], None, Timestamp::ORIGIN).await.expect("the disk has room");
        }
    });
}

/// From the kill of a process with a million hints pending to the first hint that the next one makes durable. The
/// start of a process is not in it, nor the intake's own, which is two sockets.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn recover() -> Duration {
    let folder = std::env::temp_dir().join(format!("plimsoll-intake-recover-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder is ours");
    let mut child = Command::new(std::env::current_exe().expect("it runs"))
        .env(FOLDER, &folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("processes are left");
    let mut line = String::new();
    let told = BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line);
    assert!(told.is_ok() && line.trim() == "filled", "{line}");
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    let began = Instant::now();
    let store = FileStore::open(&folder.join("plimsoll.db")).expect("the folder is ours");
    let first = async { store.record(&[hint(u64::MAX)], None, Timestamp::ORIGIN).await };
    blocking().block_on(first).expect("the disk has room");
    let took = began.elapsed();
    drop(store);
    std::fs::remove_dir_all(&folder).ok();
    took
}

/// Where a server listens, and how many rows it has once it was told to end.
struct Server {
    at: SocketAddr,
    end: Box<dyn FnOnce() -> Boxed<u64>>,
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn round(name: &str, start: impl Fn(&Path) -> Boxed<Server>) -> Round {
    let folder = std::env::temp_dir().join(format!("plimsoll-intake-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder is ours");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads are left");
    let round = runtime.block_on(async {
        let server = start(&folder).await;
        let (began, cpu) = (Instant::now(), cpu());
        let next = Arc::new(AtomicU64::new(1));
        let senders: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                tokio::runtime::Handle::current().spawn(send(server.at, Arc::clone(&next), began + ROUND))
            })
            .collect();
        let mut latencies = Vec::new();
        for sender in senders {
            latencies.extend(sender.await.expect("a sender does not fail"));
        }
        let (seconds, cpu) = (began.elapsed().as_secs_f64(), self::cpu() - cpu);
        let rows = (server.end)().await;
        assert_eq!(rows, latencies.len() as u64, "{name}: rows and answers");
        latencies.sort_unstable();
        let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
        Round { acknowledged: rows, seconds, p50: at(0.5), p99: at(0.99), cpu }
    });
    std::fs::remove_dir_all(&folder).ok();
    round
}

/// CPU time of this process so far, user and system.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
    // A tick is 10 ms on every Linux that we know.
    Duration::from_millis(ticks * 10)
}

/// Posts one delivery after the other, and tells how long each took.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
async fn send(at: SocketAddr, next: Arc<AtomicU64>, until: Instant) -> Vec<Duration> {
    let stream = TcpStream::connect(at).await.expect("the server listens");
    stream.set_nodelay(true).expect("it is a TCP socket");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    let mut latencies = Vec::with_capacity(4_096);
    let mut piece = [0; 4_096];
    while Instant::now() < until {
        let id = next.fetch_add(1, Ordering::Relaxed);
        let mut body = format!(
            r#"{{"id":{id},"admin_graphql_api_id":"gid://shopify/Order/{id}","updated_at":"2026-11-27T09:00:00+01:00","note":""#
        );
        while body.len() < BODY_BYTES - 2 {
            body.push('x');
        }
        body.push_str("\"}");
        let signature = base64(hmac::sign(&key, body.as_bytes()).as_ref());
        let request = format!(
            "POST /webhooks/shopify HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
             x-shopify-topic: orders/create\r\nx-shopify-hmac-sha256: {signature}\r\n\
             x-shopify-shop-domain: {DOMAIN}\r\nx-shopify-api-version: 2026-10\r\n\
             x-shopify-webhook-id: 00000000-0000-4000-8000-{id:012x}\r\n\
             x-shopify-triggered-at: 2026-11-27T08:00:00.123Z\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let began = Instant::now();
        let mut left = request.as_bytes();
        while !left.is_empty() {
            stream.writable().await.expect("the server is there");
            match stream.try_write(left) {
                Ok(written) => left = &left[written..],
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => panic!("{error}"),
            }
        }
        let mut read = 0;
        // Neither server answers with a body.
        while !piece[..read].ends_with(b"\r\n\r\n") {
            stream.readable().await.expect("the server is there");
            match stream.try_read(&mut piece[read..]) {
                Ok(0) => panic!("the server closed the connection"),
                Ok(more) => read += more,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert!(piece.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&piece[..read]));
        latencies.push(began.elapsed());
    }
    latencies
}

async fn ours(folder: PathBuf) -> Server {
    let owner = || Owner { name: "it".into(), deadline: plimsoll::domain::Duration::from_hours(24) };
    let people = People { policy_hash: [7; 32], contradictions: owner(), privacy: owner() };
    let access = ShopAccess {
        domain: DOMAIN.into(),
        shop: "fr".parse().expect("it is a key"),
        keys: Arc::new(Keys::new(SECRET)),
    };
    let merchant = "acme".parse().expect("it is a key");
    let config = Config::new(merchant, vec![access], people);
    let store = FileStore::open(&folder.join("plimsoll.db")).expect("the folder is ours");
    let runtime = TokioRuntime::on_wall_clock(tokio::runtime::Handle::current());
    let listeners = Listeners { deliveries: listen().await, watch: listen().await };
    let at = listeners.deliveries.local_addr().expect("it listens");
    let (stop, stopped) = oneshot::channel::<()>();
    let (end, ended) = oneshot::channel();
    let serving = intake::serve(
        config,
        listeners,
        store.clone(),
        runtime.clone(),
        Arc::new(Metrics::default()),
        async {
            stopped.await.ok();
        },
    );
    runtime.spawn(async move {
        serving.await.expect("the configuration is right");
        end.send(()).ok();
    });
    let end = move || -> Boxed<u64> {
        Box::pin(async move {
            stop.send(()).ok();
            ended.await.ok();
            store.depth(merchant, Timestamp::END).await.expect("the store works").due
        })
    };
    Server { at, end: Box::new(end) }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port is free")
}

/// One insert on its way to the reference's writer.
struct Row {
    id: String,
    body: Bytes,
    reply: oneshot::Sender<()>,
}

#[derive(Clone)]
struct Thin {
    key: hmac::Key,
    rows: mpsc::Sender<Row>,
}

async fn thin(folder: PathBuf) -> Server {
    let path = folder.join("thin.db");
    let connection = Connection::open(&path).expect("the folder is ours");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE delivery (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
        )
        .expect("SQLite takes it");
    let (rows, arriving) = mpsc::channel::<Row>();
    std::thread::spawn(move || write(&connection, &arriving));
    let state = Thin { key: hmac::Key::new(hmac::HMAC_SHA256, SECRET), rows };
    let router = Router::new().route("/webhooks/shopify", post(keep)).with_state(state);
    let listener = listen().await;
    let at = listener.local_addr().expect("it listens");
    let handle = tokio::runtime::Handle::current();
    handle.clone().spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("descriptors are left");
            stream.set_nodelay(true).ok();
            let service = TowerToHyperService::new(router.clone());
            handle.spawn(async move {
                let http = hyper::server::conn::http1::Builder::new();
                http.serve_connection(TokioIo::new(stream), service).await.ok();
            });
        }
    });
    let end = move || -> Boxed<u64> {
        Box::pin(async move {
            let reader = Connection::open(&path).expect("the file is there");
            let count = reader.query_row("SELECT count(*) FROM delivery", [], |row| row.get::<_, i64>(0));
            count.expect("the table is there").cast_unsigned()
        })
    };
    Server { at, end: Box::new(end) }
}

async fn keep(State(thin): State<Thin>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let expected = base64(hmac::sign(&thin.key, &body).as_ref());
    if header("x-shopify-hmac-sha256") != expected {
        return StatusCode::UNAUTHORIZED;
    }
    let (reply, answer) = oneshot::channel();
    let id = header("x-shopify-webhook-id").to_owned();
    match thin.rows.send(Row { id, body, reply }).is_ok() && answer.await.is_ok() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn write(connection: &Connection, arriving: &mpsc::Receiver<Row>) {
    let mut group = Vec::new();
    while let Ok(first) = arriving.recv() {
        group.push(first);
        group.extend(arriving.try_iter().take(255));
        connection.execute_batch("BEGIN").expect("SQLite works");
        for row in &group {
            connection
                .prepare_cached("INSERT INTO delivery (id, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
                .and_then(|mut statement| statement.execute(rusqlite::params![row.id, &row.body[..]]))
                .expect("SQLite works");
        }
        connection.execute_batch("COMMIT").expect("the disk has room");
        for row in group.drain(..) {
            row.reply.send(()).ok();
        }
    }
}

fn base64(bytes: &[u8]) -> String {
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
