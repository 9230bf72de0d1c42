//! The webhook intake over loopback sockets: every attack on its endpoint, and what it keeps through a crash.
//!
//! Requests are written byte by byte where a client library would be too polite to send them.

mod bodies;
mod crash;
mod house;
mod limits;
mod privacy;
mod replays;
mod signatures;
mod watch;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use plimsoll::domain::{Duration, MerchantKey, Timestamp};
use plimsoll::intake::{self, Config, Keys, Listeners, Metrics, Owner, People, ShopAccess};
use plimsoll::ports::inbox::SetAside;
use plimsoll::ports::{Inbox, Runtime, Store};
use plimsoll::runtime::tokio::TokioRuntime;
use plimsoll::store::FileStore;
use ring::{digest, hmac};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

pub const SECRET: &[u8] = b"hush-fr";
pub const DOMAIN: &str = "fr-acme.myshopify.com";

pub fn merchant() -> MerchantKey {
    "acme".parse().unwrap()
}

pub fn config() -> Config {
    let owner = |name: &str| Owner { name: name.into(), deadline: Duration::from_hours(24) };
    let people = People { policy_hash: [7; 32], contradictions: owner("it"), privacy: owner("privacy") };
    let access = |domain: &str, shop: &str, secret: &[u8]| ShopAccess {
        domain: domain.into(),
        shop: shop.parse().unwrap(),
        keys: Arc::new(Keys::new(secret)),
    };
    // The third shop has the first one's app, and so its secret.
    let shops = vec![
        access(DOMAIN, "fr", SECRET),
        access("us-acme.myshopify.com", "us", b"hush-us"),
        access("be-acme.myshopify.com", "be", SECRET),
    ];
    Config::new(merchant(), shops, people)
}

/// A running intake on a store in a folder of its own.
pub struct House<S> {
    pub store: S,
    pub metrics: Arc<Metrics>,
    pub at: SocketAddr,
    pub watch: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: oneshot::Receiver<()>,
}

impl<S: Inbox + Clone + 'static> House<S> {
    pub async fn open(config: Config, store: S) -> House<S> {
        let runtime = TokioRuntime::on_wall_clock(tokio::runtime::Handle::current());
        let deliveries = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let watch = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, watch_at) = (deliveries.local_addr().unwrap(), watch.local_addr().unwrap());
        let metrics = Arc::new(Metrics::default());
        let (stop, stopped) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let serving = intake::serve(
            config,
            Listeners { deliveries, watch },
            store.clone(),
            runtime.clone(),
            Arc::clone(&metrics),
            async {
                stopped.await.ok();
            },
        );
        runtime.spawn(async move {
            serving.await.unwrap();
            end.send(()).ok();
        });
        House { store, metrics, at, watch: watch_at, stop: Some(stop), ended }
    }

    pub fn ask_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub async fn close(mut self) -> S {
        if self.stop.is_some() {
            self.ask_to_stop();
        }
        self.ended.await.unwrap();
        self.store
    }

    pub async fn aside(&self) -> Vec<SetAside> {
        self.store.aside(merchant(), 0, 1_000).await.unwrap()
    }
}

impl House<FileStore> {
    pub async fn due(&self) -> u64 {
        self.store.depth(merchant(), later()).await.unwrap().due
    }
}

/// After everything that a test receives.
pub fn later() -> Timestamp {
    "2200-01-01T00:00:00Z".parse().unwrap()
}

/// Runs a case against an intake with the usual configuration.
pub fn with_house<F: Future<Output = ()>>(name: &str, case: impl FnOnce(House<FileStore>) -> F) {
    with_config(name, config(), case);
}

pub fn with_config<F: Future<Output = ()>>(
    name: &str,
    config: Config,
    case: impl FnOnce(House<FileStore>) -> F,
) {
    let folder = Folder::new(name);
    block_on(async {
        let house = House::open(config, FileStore::open(&folder.store()).unwrap()).await;
        case(house).await;
    });
}

pub fn block_on<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(task)
}

/// A folder of one test, removed with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("intake-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn store(&self) -> PathBuf {
        self.0.join("plimsoll.db")
    }

    /// How often a text stands in any file of the store.
    pub fn occurrences(&self, text: &str) -> usize {
        let files =
            std::fs::read_dir(&self.0).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        files.map(|bytes| bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()).sum()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = u32::from_be_bytes([
            0,
            chunk[0],
            chunk.get(1).copied().unwrap_or(0),
            chunk.get(2).copied().unwrap_or(0),
        ]);
        for at in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

pub fn sign(secret: &[u8], body: &[u8]) -> String {
    base64(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), body).as_ref())
}

pub fn sha256(body: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, body).as_ref().try_into().unwrap()
}

/// An order's body as Shopify sends it, trimmed.
pub fn order(id: u64, updated_at: &str) -> String {
    format!(
        r##"{{"id":{id},"admin_graphql_api_id":"gid://shopify/Order/{id}","name":"#{id}","email":"jo@example.com","currency":"EUR","customer":{{"id":7,"email":"jo@example.com"}},"order_status_url":"https://{DOMAIN}/1/orders/abc/authenticate?key=1","total_price":"59.90","updated_at":"{updated_at}","line_items":[]}}"##
    )
}

pub const FRIDAY: &str = "2026-11-27T09:00:00+01:00";

static DELIVERIES: AtomicU64 = AtomicU64::new(1);

pub fn fresh_id() -> String {
    format!("00000000-0000-4000-8000-{:012x}", DELIVERIES.fetch_add(1, Ordering::Relaxed))
}

/// A request that can be spoilt header by header.
#[derive(Clone)]
pub struct Post {
    pub method: &'static str,
    pub path: &'static str,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Post {
    /// As Shopify would send it.
    pub fn new(topic: &str, body: impl Into<Vec<u8>>) -> Post {
        let body = body.into();
        let headers = [
            ("host", "hooks.acme.example"),
            ("content-type", "application/json"),
            ("x-shopify-topic", topic),
            ("x-shopify-hmac-sha256", &sign(SECRET, &body)),
            ("x-shopify-shop-domain", DOMAIN),
            ("x-shopify-api-version", "2026-10"),
            ("x-shopify-webhook-id", &fresh_id()),
            ("x-shopify-event-id", &fresh_id()),
            ("x-shopify-triggered-at", "2026-11-27T08:00:00.123456Z"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        Post { method: "POST", path: "/webhooks/shopify", headers, body }
    }

    pub fn order(id: u64) -> Post {
        Post::new("orders/updated", order(id, FRIDAY))
    }

    pub fn with(mut self, name: &str, value: &str) -> Post {
        self.headers.retain(|(known, _)| known != name);
        self.and(name, value)
    }

    /// One more header, of a name that may be there.
    pub fn and(mut self, name: &str, value: &str) -> Post {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Post {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn signed_with(self, secret: &[u8]) -> Post {
        let signature = sign(secret, &self.body);
        self.with("x-shopify-hmac-sha256", &signature)
    }

    pub fn head(&self) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head
    }

    pub fn bytes(&self) -> Vec<u8> {
        let head = format!("{}content-length: {}\r\n\r\n", self.head(), self.body.len());
        [head.as_bytes(), &self.body].concat()
    }

    /// The status of the answer.
    pub async fn send(&self, at: SocketAddr) -> u16 {
        exchange(at, &self.bytes()).await.0
    }
}

/// Sends bytes as they are, and reads one answer: its status and all of its text. Status 0 for a connection that
/// was closed without one.
pub async fn exchange(at: SocketAddr, bytes: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(at).await.unwrap();
    // The peer may answer and close before it has read everything.
    stream.write_all(bytes).await.ok();
    read_answer(&mut stream).await
}

/// What tokio offers with a feature that nothing but these tests would need.
pub trait Wire {
    fn write_all(&mut self, bytes: &[u8]) -> impl Future<Output = io::Result<()>>;

    /// 0 at the end of the stream.
    fn read(&mut self, into: &mut [u8]) -> impl Future<Output = io::Result<usize>>;

    fn read_to_end(&mut self, into: &mut Vec<u8>) -> impl Future<Output = io::Result<()>>;
}

impl Wire for TcpStream {
    async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.writable().await?;
            match self.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            self.readable().await?;
            match self.try_read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }

    async fn read_to_end(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        let mut piece = [0; 4_096];
        loop {
            match self.read(&mut piece).await? {
                0 => return Ok(()),
                read => into.extend_from_slice(&piece[..read]),
            }
        }
    }
}

pub async fn read_answer(stream: &mut TcpStream) -> (u16, String) {
    let mut answer = Vec::new();
    let mut piece = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return (head[9..12].parse().unwrap(), text);
            }
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return (0, text),
            Ok(read) => answer.extend_from_slice(&piece[..read]),
        }
    }
}

pub async fn get(at: SocketAddr, path: &str) -> (u16, String) {
    exchange(at, format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await
}
