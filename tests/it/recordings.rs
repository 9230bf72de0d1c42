//! Recorded exchanges of a real store, asked of the twin: which answers have the same shape, codes and texts.
//!
//! `tests/recordings/` holds a few, which must all match. A folder of more is named by `PLIMSOLL_RECORDINGS`, and the
//! result is printed: which exchanges are in scope says `tests/recordings/scope.txt`, by the roots of their documents.
//!
//!     PLIMSOLL_RECORDINGS=path/to/recordings cargo test --test it recordings -- --nocapture

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use apollo_compiler::ast;
use plimsoll::domain::{ShopKey, Timestamp, Zone};
use plimsoll::mocks::http::Asked;
use plimsoll::mocks::shopify::http::{Access, Face};
use plimsoll::mocks::shopify::{ShopSettings, ShopifyTwin};
use serde_json::{Map, Value, json};

/// One document with what a real store answered.
struct Exchange {
    place: String,
    document: String,
    variables: Value,
    expected: Value,
}

#[derive(Default)]
struct Tally {
    matched: usize,
    differed: Vec<String>,
    out_of_scope: BTreeMap<String, usize>,
}

#[test]
fn recorded_exchanges_are_answered_as_they_were() {
    let tally = replay(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings"));
    assert!(tally.matched > 0, "the recordings were found");
    assert!(tally.differed.is_empty(), "{}", tally.differed.join("\n"));
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
    for (root, count) in &tally.out_of_scope {
        println!("out of scope: {root} {count}");
    }
    println!("{} of {asked} exchanges in scope match", tally.matched);
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
    for file in files {
        let text = fs::read_to_string(&file).expect("a recording is text");
        let recording: Value = serde_json::from_str(&text).expect("a recording is JSON");
        let mut exchanges = Vec::new();
        let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        collect(&recording, &name, &mut exchanges);
        let mut shop = Shop::open();
        for exchange in exchanges {
            let roots = roots(&exchange.document);
            if let Some(other) = roots.iter().find(|root| !scope.contains(&root.as_str())) {
                *tally.out_of_scope.entry(other.clone()).or_default() += 1;
                continue;
            }
            if roots.is_empty() {
                continue;
            }
            let told = shop.ask(&exchange);
            match difference(&exchange.expected, &told) {
                None => tally.matched += 1,
                Some(why) => tally.differed.push(format!("{}: {why}", exchange.place)),
            }
        }
    }
    tally
}

struct Shop {
    face: Face,
    twin: ShopifyTwin,
    now: Timestamp,
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
        face.install(key, Access { token: "shpat_recorded".into(), ..Access::default() });
        Shop { face, twin, now: Timestamp::from_seconds(1_795_755_600) }
    }

    fn ask(&mut self, exchange: &Exchange) -> Value {
        self.now = self.now.plus(plimsoll::domain::Duration::from_secs(30));
        let body = json!({ "query": exchange.document, "variables": exchange.variables });
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let asked = Asked {
            method: "POST".to_owned(),
            path: "/admin/api/2026-10/graphql.json".to_owned(),
            query: String::new(),
            headers: vec![
                header("host", "ca.myshopify.com"),
                header("x-shopify-access-token", "shpat_recorded"),
            ],
            body: body.to_string().into_bytes(),
        };
        let told = self.face.answer(&mut self.twin, &asked, self.now);
        serde_json::from_slice(&told.body).expect("an answer is JSON")
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

/// Every object of a recording that has a document and an answer, in the order of the file.
fn collect(value: &Value, place: &str, into: &mut Vec<Exchange>) {
    match value {
        Value::Object(fields) => {
            let asked = ["query", "document", "mutation", "requestDocument"];
            let document = asked.iter().find_map(|name| document_in(fields, name)).or_else(|| {
                let request = fields.get("request")?.as_object()?;
                asked.iter().find_map(|name| document_in(request, name))
            });
            let answer = ["response", "result"].iter().find_map(|name| answer_in(fields.get(*name)?));
            // Some keep the answer of a document one level below it.
            let answer = answer.or_else(|| answer_in(fields.get("mutation")?.get("response")?));
            if let (Some(document), Some(expected)) = (document, answer) {
                let variables = fields.get("variables").or_else(|| fields.get("request")?.get("variables"));
                let variables = variables.cloned().unwrap_or_default();
                into.push(Exchange { place: place.to_owned(), document, variables, expected });
            }
            for (name, below) in fields.iter().filter(|(name, _)| *name != "upstreamCalls") {
                collect(below, &format!("{place}/{name}"), into);
            }
        }
        Value::Array(entries) => {
            for (at, below) in entries.iter().enumerate() {
                collect(below, &format!("{place}/{at}"), into);
            }
        }
        _ => {}
    }
}

fn document_in(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name)?.as_str().filter(|text| text.contains('{')).map(str::to_owned)
}

fn answer_in(value: &Value) -> Option<Value> {
    let answer = value.get("payload").filter(|payload| payload.is_object()).unwrap_or(value);
    (answer.get("data").is_some() || answer.get("errors").is_some()).then(|| answer.clone())
}

/// The root fields that a document asks for.
fn roots(document: &str) -> Vec<String> {
    let parsed = ast::Document::parse(document, "recorded.graphql");
    let parsed = parsed.unwrap_or_else(|broken| broken.partial);
    let operations = parsed.definitions.iter().filter_map(|definition| match definition {
        ast::Definition::OperationDefinition(operation) => Some(&operation.selection_set),
        _ => None,
    });
    operations.flatten().filter_map(|it| it.as_field()).map(|field| field.name.to_string()).collect()
}

/// What is different, if anything is: errors and user errors by text, code and path, data by its shape.
fn difference(expected: &Value, told: &Value) -> Option<String> {
    let errors = |answer: &Value| {
        let all = answer["errors"].as_array().cloned().unwrap_or_default();
        let shown = all
            .iter()
            .map(|error| json!([normal(&error["message"]), error["extensions"]["code"], error["path"]]));
        shown.collect::<Vec<Value>>()
    };
    if errors(expected) != errors(told) {
        return Some(format!(
            "errors {} instead of {}",
            Value::Array(errors(told)),
            Value::Array(errors(expected))
        ));
    }
    shape("data", expected.get("data").unwrap_or(&Value::Null), told.get("data").unwrap_or(&Value::Null))
}

fn shape(place: &str, expected: &Value, told: &Value) -> Option<String> {
    match (expected, told) {
        (Value::Object(wanted), Value::Object(given)) => {
            let missing = wanted.keys().find(|name| !given.contains_key(*name));
            if let Some(name) = missing.or_else(|| given.keys().find(|name| !wanted.contains_key(*name))) {
                return Some(format!("{place}.{name} is on one side only"));
            }
            wanted.iter().find_map(|(name, wanted)| {
                let place = format!("{place}.{name}");
                match name.ends_with("serErrors") {
                    true => (normal(wanted) != normal(&given[name]))
                        .then(|| format!("{place} is {} instead of {wanted}", given[name])),
                    false => shape(&place, wanted, &given[name]),
                }
            })
        }
        (Value::Array(wanted), Value::Array(given)) => {
            if wanted.is_empty() != given.is_empty() {
                return Some(format!("{place} has {} rows instead of {}", given.len(), wanted.len()));
            }
            let first = wanted.first().zip(given.first());
            first.and_then(|(wanted, given)| shape(&format!("{place}.0"), wanted, given))
        }
        _ if kind(expected) == kind(told) => None,
        _ => Some(format!("{place} is {told} instead of {expected}")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// A text without the numbers in its ids.
fn normal(value: &Value) -> Value {
    let text = value.to_string();
    let mut parts = text.split("gid://shopify/");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (kind, rest) = part.split_once('/').unwrap_or((part, ""));
        let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        out.push_str(&format!("gid://shopify/{kind}/0{rest}"));
    }
    Value::from(out)
}
