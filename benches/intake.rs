//! Durable intake beside the least that could do it: 64 connections post signed bodies of 2 KB, each with an id and an
//! order of its own, and count what is answered 200 after its commit.
//!
//! Each server is a process of its own, this program started once more. Rounds alternate; what counts is the ratio within
//! a pair. After each round the rows are counted: an answer without a row ends the run. Then the intake under attack, and
//! how soon it takes deliveries again after its process was killed with a million hints pending.
//!
//! ```text
//! cargo bench --bench intake                              rounds, attack, recovery
//! … --serve ours|thin FOLDER                              a server until it is killed; says `port N`
//! … --load PORT webhook|restate SECONDS CONNECTIONS ID    load on any server, told as JSON (benches/peers/run)
//! ```

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use load::{DOMAIN, SECRET, Shape, attack, recover};
use machine::cpu;
use plimsoll::domain::Timestamp;
use plimsoll::intake::{self, Config, Keys, Listeners, Metrics, Owner, People, ShopAccess};
use plimsoll::ports::Store;
use plimsoll::runtime::tokio::TokioRuntime;
use plimsoll::store::FileStore;
use tokio::net::TcpListener;

#[path = "intake_load/mod.rs"]
mod load;
mod machine;
#[path = "ceiling/intake.rs"]
mod thin;

/// As the program itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
const ATTACK: Duration = Duration::from_secs(10);
const RECOVERIES: u64 = 5;
const FILE: &str = "plimsoll.db";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads are left");
    match arguments[..] {
        // `cargo test --benches` only asks whether it builds and starts.
        _ if arguments.contains(&"--test") => {}
        ["--serve", which, folder, ..] => runtime.block_on(serve(which, Path::new(folder))),
        ["--load", port, shape, seconds, connections, first, ..] => {
            let number = |text: &str| text.parse::<u64>().expect("it is a number");
            let at = SocketAddr::from(([127, 0, 0, 1], number(port) as u16));
            let shape = Shape::named(shape).expect("webhook or restate");
            let lasts = Duration::from_secs(number(seconds));
            let load =
                runtime.block_on(load::load(at, shape, number(connections) as usize, lasts, number(first)));
            println!(
                r#"{{"acknowledged": {}, "per_second": {:.0}, "p50_ms": {:.1}, "p99_ms": {:.1}}}"#,
                load.acknowledged,
                load.per_second(),
                load.at(0.5),
                load.at(0.99)
            );
        }
        _ => runtime.block_on(measure()),
    }
}

async fn measure() {
    let machine = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{CONNECTIONS} connections, bodies of 2,048 bytes, load before: {}", machine.trim());
    let mut ratios = Vec::new();
    for number in 1..=ROUNDS {
        let (thin, ours) = (round("thin", number).await, round("ours", number).await);
        ratios.push(ours / thin);
    }
    ratios.sort_unstable_by(f64::total_cmp);
    println!("ours / thin: median {:.2}, {:.2} to {:.2}", ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1]);
    let folder = Folder::new("attack");
    let server = Server::start("ours", &folder.0);
    let attack = attack::run(server.at, server.child.id(), ATTACK).await;
    println!(
        "attack: {:.0} forgeries/s refused at {:.0?} CPU each, {} slow peers, {:.0} genuine/s with p50 {:.1} ms and p99 {:.1} ms, none \
         refused, memory grew by {:.1} MiB",
        attack.forgeries_per_second,
        attack.cpu_per_forgery,
        attack.slow,
        attack.genuine.per_second(),
        attack.genuine.at(0.5),
        attack.genuine.at(0.99),
        attack.grown
    );
    drop(server);
    let folder = Folder::new("recover");
    let recoveries = recover::run(&folder.0, RECOVERIES).await;
    println!("killed with {} hints pending: first acknowledgement after {recoveries:.1?}", recover::PENDING);
}

/// Acknowledgements per second.
async fn round(which: &str, number: usize) -> f64 {
    let folder = Folder::new(which);
    let mut server = Server::start(which, &folder.0);
    let before = cpu(server.child.id());
    let load = load::load(server.at, Shape::Webhook, CONNECTIONS, ROUND, 1).await;
    let cpu = cpu(server.child.id()) - before;
    server.kill();
    let rows = match which {
        "thin" => thin::rows(&folder.0),
        _ => {
            let store = FileStore::open(&folder.0.join(FILE)).expect("the folder is ours");
            let merchant = "acme".parse().expect("it is a key");
            store.depth(merchant, Timestamp::END).await.expect("the store works").due
        }
    };
    assert!(rows >= load.acknowledged, "{which}: {rows} rows for {} acknowledgements", load.acknowledged);
    println!(
        "round {number} {which}: {:>6.0}/s  p50 {:>5.1} ms  p99 {:>5.1} ms  {:>3.0} us CPU of the server",
        load.per_second(),
        load.at(0.5),
        load.at(0.99),
        cpu.as_secs_f64() * 1e6 / load.acknowledged as f64,
    );
    load.per_second()
}

/// A server in a process of its own, killed when it is dropped.
pub struct Server {
    child: Child,
    pub at: SocketAddr,
}

impl Server {
    pub fn start(which: &str, folder: &Path) -> Server {
        let mut child = Command::new(std::env::current_exe().expect("it runs"))
            .args(["--serve", which])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("processes are left");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("it speaks");
        let port = line.trim().strip_prefix("port ").and_then(|port| port.parse::<u16>().ok());
        Server { child, at: SocketAddr::from(([127, 0, 0, 1], port.expect("it says its port"))) }
    }

    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("plimsoll-intake-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the folder is ours");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

async fn serve(which: &str, folder: &Path) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it listens").port();
    if which == "thin" {
        println!("port {port}");
        return thin::serve(folder, listener).await;
    }
    let owner = || Owner { name: "it".into(), deadline: plimsoll::domain::Duration::from_hours(24) };
    let people = People { policy_hash: [7; 32], contradictions: owner(), privacy: owner() };
    let access = ShopAccess {
        domain: DOMAIN.into(),
        shop: "fr".parse().expect("it is a key"),
        keys: Arc::new(Keys::new(SECRET)),
    };
    let config = Config::new("acme".parse().expect("it is a key"), vec![access], people);
    let store = FileStore::open(&folder.join(FILE)).expect("the folder is ours");
    let runtime = TokioRuntime::on_wall_clock(tokio::runtime::Handle::current());
    let watch = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    println!("port {port}");
    let listeners = Listeners { deliveries: listener, watch };
    let metrics = Arc::new(Metrics::default());
    intake::serve(config, listeners, store, runtime, metrics, std::future::pending())
        .await
        .expect("the configuration is right");
}
