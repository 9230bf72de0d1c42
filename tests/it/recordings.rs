//! Recorded exchanges of a real store, asked of the twin: which answers have the same shape, codes and texts.
//!
//! `tests/recordings/` holds a few, which must all match. A folder of more is named by `PLIMSOLL_RECORDINGS`, and the
//! result is printed: which exchanges are in scope says `tests/recordings/scope.txt`, by the roots of their documents.
//! What each file holds: `reading` exchanges and their order, `seeding` the shop before the first one, `comparing`
//! differences, and which id is which, `timing` when an exchange is asked, `handing` files that were handed in before,
//! `upstream` records that the store was seen to have, `rebuilding` documents that a recording leaves out.
//!
//!     PLIMSOLL_RECORDINGS=path/to/recordings cargo test --test it recordings -- --nocapture

mod comparing;
mod handing;
mod reading;
mod rebuilding;
mod seeding;
mod timing;
mod upstream;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use comparing::Bound;
use plimsoll::domain::{Duration, ShopKey, Timestamp, Zone};
use plimsoll::mocks::http::Asked;
use plimsoll::mocks::shopify::http::{Access, Face};
use plimsoll::mocks::shopify::{ShopSettings, ShopifyTwin};
use reading::Recording;
use serde_json::Value;

/// From a job to the question after it.
const JOB: Duration = Duration::from_secs(15);

#[derive(Default)]
struct Tally {
    matched: usize,
    differed: Vec<String>,
    /// Exchanges of which the document was rebuilt: all, and what differed.
    rebuilt: (usize, Vec<String>),
    /// By the first root that is not in scope: how many match, of how many.
    out_of_scope: BTreeMap<String, (usize, usize)>,
}

#[test]
fn recorded_exchanges_are_answered_as_they_were() {
    let tally = replay(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings"));
    assert!(tally.matched > 0, "the recordings were found");
    let differed: Vec<String> = tally.differed.into_iter().chain(tally.rebuilt.1).collect();
    assert!(differed.is_empty(), "{}", differed.join("\n"));
}

#[test]
fn a_folder_of_recordings_is_measured() {
    #[expect(clippy::disallowed_methods, reason = "a folder that only a developer has")]
    let Ok(folder) = std::env::var("PLIMSOLL_RECORDINGS") else { return };
    let tally = replay(Path::new(&folder));
    let asked = tally.matched + tally.differed.len();
    for difference in &tally.differed {
        println!("differs: {difference}");
    }
    for (root, (matched, asked)) in &tally.out_of_scope {
        println!("out of scope: {root} {asked}, of which match {matched}");
    }
    let (rebuilt, differed) = &tally.rebuilt;
    for difference in differed {
        println!("differs: {difference}");
    }
    println!("{} of {asked} exchanges in scope match", tally.matched);
    println!("{} of {rebuilt} without a document match, asked by one rebuilt", rebuilt - differed.len());
    assert!(asked > 0, "{folder} holds no recording in scope");
}

fn replay(folder: &Path) -> Tally {
    let scope = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/scope.txt"));
    let scope = scope.expect("the scope is checked in");
    let scope: Vec<&str> = scope.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let mut files = Vec::new();
    json_files(folder, &mut files);
    files.sort();
    let mut tally = Tally::default();
    let name = |file: &Path| file.strip_prefix(folder).unwrap_or(file).display().to_string();
    let mut recordings: Vec<Recording> = files.iter().map(|file| reading::read(file, &name(file))).collect();
    reading::lend_documents(&mut recordings);
    reading::lend_documents_across(&mut recordings, rebuilding::rebuild_documents);
    for Recording { exchanges, shown } in &recordings {
        let mut shop = Shop::open();
        let mut clock = timing::Clock::of(shown);
        upstream::seed(&mut shop, shown);
        seeding::catalogue(&mut shop, exchanges);
        seeding::orders(&mut shop, exchanges, shown);
        for exchange in exchanges {
            let Some(document) = &exchange.document else { continue };
            let roots = reading::roots(document);
            shop.now = clock.next(shop.now, exchange, &roots);
            let variables = handing::hand_in(&mut shop, shown, exchange);
            let told = shop.ask(document, &variables);
            shop.bound.learn(&exchange.expected["data"], &told["data"]);
            upstream::learn(&mut shop, exchange);
            if roots.is_empty() || exchange.is_lent {
                continue;
            }
            let expected = shop.bound.translate_json(&exchange.expected);
            let difference = comparing::difference(&expected, &told);
            let is_rebuilt = exchange.place.ends_with(rebuilding::REBUILT);
            if let Some(other) = roots.iter().find(|root| !scope.contains(&root.as_str())) {
                if is_rebuilt {
                    continue;
                }
                let (matched, asked) = tally.out_of_scope.entry(other.clone()).or_default();
                *matched += usize::from(difference.is_none());
                *asked += 1;
                continue;
            }
            if is_rebuilt {
                tally.rebuilt.0 += 1;
                tally.rebuilt.1.extend(difference.map(|why| format!("{}: {why}", exchange.place)));
                continue;
            }
            match difference {
                None => tally.matched += 1,
                Some(why) => tally.differed.push(format!("{}: {why}", exchange.place)),
            }
        }
    }
    tally
}

/// What the app of the recordings may do, as far as its questions need it.
const SCOPES: &str = "read_orders,write_orders,read_products,write_products,read_customers,write_customers,\
                      read_inventory,write_inventory,read_fulfillments,write_fulfillments,read_payment_terms,write_payment_terms";

struct Shop {
    face: Face,
    twin: ShopifyTwin,
    key: ShopKey,
    now: Timestamp,
    bound: Bound,
}

impl Shop {
    fn open() -> Shop {
        let key: ShopKey = "ca".parse().expect("a short word is a key");
        let mut twin = ShopifyTwin::new();
        twin.add_shop(ShopSettings {
            key,
            domain: "ca.myshopify.com".into(),
            currency: "CAD".parse().expect("a currency that we know"),
            zone: Zone::utc(),
            restore_rate: 100,
            bucket: 2_000,
            order_number_start: 1001,
        });
        let mut face = Face::new();
        face.install(
            key,
            Access { token: "shpat_recorded".into(), scopes: SCOPES.into(), ..Access::default() },
        );
        let now = Timestamp::from_seconds(1_795_755_600);
        Shop { face, twin, key, now, bound: Bound::default() }
    }

    /// Asks it with the twin's ids in the place of the store's. Who recorded waited for a job to be done before the next
    /// question.
    fn ask(&mut self, document: &str, variables: &str) -> Value {
        let query = Value::from(self.bound.translate(document));
        let body = format!("{{\"query\":{query},\"variables\":{}}}", self.bound.translate(variables));
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let asked = Asked {
            method: "POST".to_owned(),
            path: "/admin/api/2026-10/graphql.json".to_owned(),
            query: String::new(),
            headers: vec![
                header("host", "ca.myshopify.com"),
                header("x-shopify-access-token", "shpat_recorded"),
            ],
            body: body.into_bytes(),
        };
        let told = self.face.answer(&mut self.twin, &asked, self.now);
        let told: Value = serde_json::from_slice(&told.body).expect("an answer is JSON");
        let payloads = told["data"].as_object().into_iter().flat_map(|data| data.values());
        if payloads.into_iter().any(|payload| payload["job"].is_object()) {
            self.now = self.now.plus(JOB);
        }
        told
    }
}

fn json_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of recordings") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            json_files(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            into.push(path);
        }
    }
}
