//! The Shopify twin over HTTP: stateful GraphQL mutations a second, with cost and throttle on, over sixty shops.
//!
//! The twin is the program itself, `plimsoll twin`, in a process of its own and sixty times as fast as the clock: a shop
//! restores its points in virtual time. Each connection belongs to a shop and sets the price of one variant after the
//! other, with a quiet day's faults; what is answered without an error counts. At the end each shop is asked for the price that was set last.
//!
//! ```text
//! cargo bench --bench twin
//! ```

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use machine::cpu;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

mod machine;

const SHOPS: usize = 60;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(5);
const SPEED: &str = "60";
/// Under this the twin falls short of what it promises. Source: measures.md P11.
const ASKED: f64 = 10_000.0;

const SETS_PRICE: &str = "mutation SetPrice($product: ID!, $variants: [ProductVariantsBulkInput!]!) { \
    productVariantsBulkUpdate(productId: $product, variants: $variants) { \
    productVariants { id price } userErrors { code field message } } }";
const FINDS: &str = "{ products(first: 1) { nodes { id variants(first: 1) { nodes { id price } } } } }";

fn main() {
    // `cargo test --benches` only asks whether it builds and starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    threads.expect("threads are left").block_on(measure());
}

async fn measure() {
    let folder = std::env::temp_dir().join(format!("plimsoll-twin-{}", std::process::id()));
    let twin = Twin::start(&folder);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{SHOPS} shops, a connection for each, load before: {}", load.trim());
    let mut rates = Vec::new();
    for number in 1..=ROUNDS {
        let (before, began) = (cpu(twin.process.id()), Instant::now());
        let handle = tokio::runtime::Handle::current();
        let senders: Vec<_> =
            twin.shops.iter().map(|shop| handle.spawn(shop.clone().sets_prices(began + ROUND))).collect();
        let mut told = Told::default();
        for sender in senders {
            told.add(sender.await.expect("a sender does not fail"));
        }
        let seconds = began.elapsed().as_secs_f64();
        told.latencies.sort_unstable();
        let rate = told.latencies.len() as f64 / seconds;
        println!(
            "round {number}: {rate:>6.0} mutations/s  p50 {:.1} ms  p99 {:.1} ms  {:.0} us CPU of the twin, {} refused",
            told.at(0.5),
            told.at(0.99),
            (cpu(twin.process.id()) - before).as_secs_f64() * 1e6
                / (told.latencies.len() + told.refused) as f64,
            told.refused
        );
        rates.push(rate);
    }
    rates.sort_unstable_by(f64::total_cmp);
    let median = rates[ROUNDS / 2];
    println!("median {median:.0} mutations/s, {:.2} of the {ASKED:.0} that are asked for", median / ASKED);
    let (known, new) = twin.documents().await;
    println!("documents: {known} known, {new} new");
}

#[derive(Default)]
struct Told {
    latencies: Vec<Duration>,
    refused: usize,
}

impl Told {
    fn add(&mut self, other: Told) {
        self.latencies.extend(other.latencies);
        self.refused += other.refused;
    }

    /// In milliseconds; `share` from 0 to 1, of latencies in order.
    fn at(&self, share: f64) -> f64 {
        let at = (self.latencies.len().saturating_sub(1) as f64 * share) as usize;
        self.latencies.get(at).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }
}

#[derive(Clone)]
struct Shop {
    at: SocketAddr,
    token: String,
}

impl Shop {
    async fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.at).await.expect("the twin listens");
        stream.set_nodelay(true).expect("it is a TCP socket");
        stream
    }

    async fn ask(&self, stream: &mut TcpStream, body: &Value) -> Value {
        let body = body.to_string();
        let request = format!(
            "POST /admin/api/2026-10/graphql.json HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
             x-shopify-access-token: {}\r\ncontent-length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("the twin is there");
        answer(stream).await
    }

    /// Sets prices until then, and holds each answer against what was sent.
    async fn sets_prices(self, until: Instant) -> Told {
        let mut stream = self.connect().await;
        let found = self.ask(&mut stream, &json!({ "query": FINDS })).await;
        let product = found["data"]["products"]["nodes"][0].clone();
        let variant = product["variants"]["nodes"][0]["id"].clone();
        assert!(variant.is_string(), "a shop has a product: {found}");
        let mut told = Told::default();
        let mut cents = 1_000_u64;
        while Instant::now() < until {
            cents += 1;
            let price = format!("{}.{:02}", cents / 100, cents % 100);
            let variables =
                json!({ "product": product["id"], "variants": [{ "id": variant, "price": price }] });
            let began = Instant::now();
            let said = self.ask(&mut stream, &json!({ "query": SETS_PRICE, "variables": variables })).await;
            // Throttled, or a failure that the scenario has in store: once more.
            if said["data"].is_null() {
                told.refused += 1;
                cents -= 1;
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            }
            let set = &said["data"]["productVariantsBulkUpdate"]["productVariants"][0]["price"];
            assert_eq!(*set, *price, "{said}");
            assert_eq!(said["extensions"]["cost"]["actualQueryCost"], 10, "{said}");
            told.latencies.push(began.elapsed());
        }
        let found = self.ask(&mut stream, &json!({ "query": FINDS })).await;
        let stands = &found["data"]["products"]["nodes"][0]["variants"]["nodes"][0]["price"];
        assert_eq!(*stands, *format!("{}.{:02}", cents / 100, cents % 100), "what was set last stands");
        told
    }
}

/// Reads one answer to its end: its body.
async fn answer(stream: &mut TcpStream) -> Value {
    let mut bytes = Vec::with_capacity(4_096);
    loop {
        let read = stream.read_buf(&mut bytes).await.expect("the twin is there");
        assert!(read > 0, "the twin hung up");
        let Some(head) = bytes.windows(4).position(|end| end == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let length: usize = length.expect("the twin says how long its answers are");
        if bytes.len() >= head + 4 + length {
            // The page of a failing server is no JSON.
            return serde_json::from_slice(&bytes[head + 4..]).unwrap_or_default();
        }
    }
}

/// `plimsoll twin` with its shops, killed when it is dropped.
struct Twin {
    process: Child,
    shops: Vec<Shop>,
    control: SocketAddr,
    folder: PathBuf,
}

impl Twin {
    fn start(folder: &Path) -> Twin {
        fs::create_dir_all(folder).expect("the folder is ours");
        let (scenario, policy) = sixty_shops();
        let path = folder.join("shops.toml");
        fs::write(&path, scenario).expect("the folder is ours");
        fs::write(folder.join("policy.toml"), policy).expect("the folder is ours");
        let mut process = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["twin", "--port", "0", "--speed", SPEED, "--folder"])
            .arg(folder)
            .arg(path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("processes are left");
        let mut said = BTreeMap::new();
        for line in BufReader::new(process.stdout.take().expect("it is piped")).lines() {
            let line = line.expect("it speaks text");
            let Some((name, value)) = line.strip_prefix("export ").and_then(|line| line.split_once('='))
            else {
                continue;
            };
            said.insert(name.to_owned(), value.to_owned());
            if name == "PLIMSOLL_CONTROL" {
                break;
            }
        }
        let address = |name: &str| {
            let text = said.get(name).and_then(|url| url.strip_prefix("http://"));
            text.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("the twin names {name}"))
        };
        let shops = (1..=SHOPS).map(|number| Shop {
            at: address(&format!("SHOPIFY_S{number}_ENDPOINT")),
            token: said[&format!("SHOPIFY_S{number}_ACCESS_TOKEN")].clone(),
        });
        Twin { shops: shops.collect(), control: address("PLIMSOLL_CONTROL"), process, folder: folder.into() }
    }

    /// How often a document was known already.
    async fn documents(&self) -> (u64, u64) {
        let mut stream = TcpStream::connect(self.control).await.expect("the twin listens");
        stream.write_all(b"GET /verdict HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("the twin is there");
        let requests = answer(&mut stream).await["requests"].clone();
        let count = |name: &str| requests[name].as_u64().expect("the verdict counts them");
        (count("documents_known"), count("documents_new"))
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// Harbour's British entity with sixty storefronts that sell one mug each, and the policy that it would run by.
fn sixty_shops() -> (String, String) {
    let harbour = include_str!("../scenarios/shops/harbour.toml");
    let own = include_str!("../scenarios/policies/harbour-products.toml");
    // Everything but the shops stays as it is.
    let (head, rest) = harbour.split_once("[shop.uk]").expect("Harbour sells in Britain");
    let (_, tail) = rest.split_once("[[rate]]").expect("Harbour has rates of exchange");
    let (policy_head, policy_rest) = own.split_once("[shop.uk]").expect("Harbour sells in Britain");
    let (_, policy_tail) = policy_rest.split_once("[owners]").expect("Harbour names owners");
    let head = head.replace("../policies/harbour.toml", "policy.toml");
    let mut scenario = head
        + "[scenario]\ntitle = \"Sixty shops\"\n\n[run]\nstarts = \"2026-11-10T08:00:00[Europe/London]\"\n\
        lasts = \"24h\"\nsettle = \"6h\"\nseeds = { pinned = [1], sweep = 0 }\n\n";
    let mut policy = policy_head.to_owned();
    for number in 1..=SHOPS {
        let clearing = 50_000 + 3 * number;
        let both = format!(
            "[shop.s{number}]\ndomain = \"s{number}.myshopify.com\"\ncurrency = \"GBP\"\nzone = \"Europe/London\"\nguests = \"per-email\"\n\
             clearing = {{ shopify_payments = {}, paypal = {}, klarna = {} }}\n",
            clearing,
            clearing + 1,
            clearing + 2
        );
        writeln!(scenario, "{both}seller = \"uk\"\nweight = 1\n").expect("a string takes any text");
        writeln!(policy, "{both}plan = \"plus\"\nsubsidiary = \"uk\"\n").expect("a string takes any text");
    }
    let tail = tail.replace("[traffic.orders]", "[traffic.orders]\ntotal = 60");
    let mug = "[[products.item]]\nsku = \"MUG\"\ntitle = \"Stoneware mug\"\nprices = [\"12.00 GBP\"]\n";
    let owns = "[products]\nowns = { title = \"shopify\", status = \"shopify\", price = \"netsuite\" }\n\n";
    (format!("{scenario}[[rate]]{tail}\n{owns}{mug}"), format!("{policy}[owners]{policy_tail}"))
}
