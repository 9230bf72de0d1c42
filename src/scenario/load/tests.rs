use std::path::{Path, PathBuf};

use super::*;

fn shipped() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for folder in std::fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if !folder.is_dir() || ["shops", "policies", "data"].contains(&name.as_str()) {
            continue;
        }
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        found.extend(files.filter(|file| file.extension().is_some_and(|ending| ending == "toml")));
    }
    found.sort();
    found
}

fn shown(error: &crate::policy::file_error::FileError) -> String {
    let mut text = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
        .render_report(&mut text, error)
        .unwrap();
    text
}

#[test]
fn every_shipped_scenario_loads() {
    let files = shipped();
    assert!(!files.is_empty());
    for file in files {
        if let Err(error) = Scenario::load(&file, LoadOptions::default()) {
            panic!("{}\n{}", file.display(), shown(&error));
        }
    }
}

/// A recorded order of a company, which pays by transfer.
const COMPANY: &str = concat!(
    r#"{"plimsoll-recording":1,"source":"a shop","licence":"its own","changes":"none","zone":"UTC"}"#,
    "\n",
    r#"{"order":{"invoice":"1","at":"2026-11-10T09:00:00","buyer":{"company":"7"},"lines":[]}}"#,
    "\n",
);

const GOOD: &str = r#"plimsoll = 1
use = ["shop.toml"]
faults = "busy"

[scenario]
title = "A quiet Tuesday"
tags = ["load"]

[run]
starts = "2026-11-10T08:00:00[Europe/Berlin]"
lasts = "4h"

[engine]
config = "policy.toml"

[traffic.orders]
total = 300
curve = "bf"
spikes = ["8% at 09:00, spread over 5m"]

[[script]]
at = "1h"
[script.place]
name = "A"
shop = "uk"
buyer = { guest = true }
lines = [{ sku = "MUG", quantity = 1, price = "8.00 GBP" }]
payments = [{ gateway = "paypal", amount = "8.00 GBP" }]

[[script]]
at = "2h"
touch = "A"

[[weather]]
at = "09:30"
for = "45m"
what = "netsuite slows down"
how = { latency = "x8" }

[promise]
lag-p99 = "<= 15m"

[[expect]]
account = 11110
balance = "8.00 GBP"
"#;

const SHOP: &str = include_str!("../../../scenarios/shops/harbour.toml");
const POLICY: &str = include_str!("../../../scenarios/policies/harbour.toml");

fn from_memory(scenario: &str, options: LoadOptions) -> Result<Scenario, Refused> {
    let reader = |path: &Path| match path.to_str() {
        Some("day.toml") => Ok(scenario.as_bytes().to_vec()),
        Some("shop.toml") => Ok(SHOP.as_bytes().to_vec()),
        Some("policy.toml") => Ok(POLICY.as_bytes().to_vec()),
        Some("circle.toml") => Ok(b"plimsoll = 1\nuse = [\"circle.toml\"]\n".to_vec()),
        Some("broken.gz") => Ok(vec![0x1f, 0x8b, 8, 0]),
        Some("company.jsonl") => Ok(COMPANY.as_bytes().to_vec()),
        _ => Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no such file")),
    };
    Scenario::load_with(Path::new("day.toml"), options, &reader)
}

#[test]
fn a_file_overrides_what_it_builds_on_key_by_key() {
    let text = format!("{GOOD}\n[shop.us]\nweight = 99\n\n[limits]\nnetsuite = {{ slots = 5 }}\n");
    let scenario = from_memory(&text, LoadOptions::default()).unwrap();
    let weights: Vec<(&str, u32)> =
        scenario.profile.shops.iter().map(|shop| (shop.key.as_str(), shop.weight)).collect();
    assert_eq!(weights, [("uk", 60), ("fr", 25), ("us", 99)]);
    assert_eq!((scenario.limits.netsuite_slots, scenario.limits.shopify_bucket), (5, 20_000));
    assert_eq!(&*scenario.name, "day");
}

#[test]
fn moments_are_read_by_the_clock_of_the_start() {
    let scenario = from_memory(GOOD, LoadOptions::default()).unwrap();
    assert_eq!(scenario.weather[0].at, Duration::from_mins(90));
    assert_eq!(scenario.drawn.as_ref().unwrap().spikes[0].at, Duration::from_hours(1));
}

#[test]
fn another_number_of_orders_scales_traffic_alone() {
    let options = LoadOptions { orders: Some(30_000) };
    let scenario = from_memory(GOOD, options).unwrap();
    let drawn = scenario.drawn.unwrap();
    assert_eq!((drawn.total, drawn.spikes[0].share_ppm), (30_000, 80_000));
    assert_eq!(scenario.scripted.len(), 2);
}

/// Each row spoils a good file in one place.
#[test]
fn what_is_wrong_is_shown_with_place_cause_and_remedy() {
    let table = [
        ("plimsoll = 1\n", ""),
        ("plimsoll = 1\n", "plimsoll = 3\n"),
        ("shop.toml", "shops.toml"),
        ("shop.toml", "circle.toml"),
        ("config = \"policy.toml\"", "config = \"../policy.toml\""),
        ("faults = \"busy\"", "faults = \"bussy\""),
        ("faults = \"busy\"", "faults = { webhook-lost = \"3\" }"),
        ("faults = \"busy\"", "faults = { netsuite-write = { median = \"5s\", p99 = \"1s\" } }"),
        ("faults = \"busy\"", "faults = { webhook-lots = \"3%\" }"),
        ("tags = [\"load\"]", "tags = [\"release-gate\"]"),
        ("title = \"A quiet Tuesday\"", "titel = \"A quiet Tuesday\""),
        ("lasts = \"4h\"", "lasts = \"4\""),
        ("lasts = \"4h\"", "lasts = 4"),
        ("[Europe/Berlin]", "[Europe/Berln]"),
        ("total = 300", "total = -300"),
        ("total = 300", "total = 300\ntotal = 301"),
        ("total = 300", "total = 999_999_999"),
        ("total = 300", "total = 300\nguests = \"120%\""),
        ("total = 300", "total = 300\nguests = \"60%\"\nb2b = \"60%\""),
        ("total = 300", "total = 300\nmix = { paypall = 1 }"),
        ("total = 300", "total = 300\ncurve-weights = [1, 2]"),
        ("total = 300", "total = 300\nlines = { typical = 0, heaviest = 3 }"),
        ("curve = \"bf\"", "curve = \"bfcm\""),
        ("8% at 09:00", "8% at 9"),
        ("spread over 5m", "spread over 5h"),
        ("shop = \"uk\"", "shop = \"gb\""),
        ("buyer = { guest = true }", "buyer = { email = \"a@example.com\" }"),
        ("lines = [{ sku = \"MUG\", quantity = 1, price = \"8.00 GBP\" }]", "lines = []"),
        ("price = \"8.00 GBP\"", "price = \"8.00 EUR\""),
        ("price = \"8.00 GBP\"", "price = \"8.00 GPB\""),
        ("price = \"8.00 GBP\"", "price = \"8.001 GBP\""),
        ("quantity = 1, price = \"8.00 GBP\"", "quantity = 4000000000, price = \"92233720368547758.07 GBP\""),
        ("gateway = \"paypal\"", "gateway = \"paypall\""),
        ("touch = \"A\"", "touch = \"B\""),
        ("touch = \"A\"", "touch = \"A\"\ncapture = \"A\""),
        ("at = \"2h\"", "at = \"30m\""),
        ("at = \"2h\"", "at = \"5h\""),
        ("touch = \"A\"", "edit = { order = \"A\", line = 2, quantity = 1 }"),
        ("at = \"09:30\"", "at = \"07:30\""),
        ("for = \"45m\"\n", ""),
        ("for = \"45m\"", "for = \"5h\""),
        ("netsuite slows down", "netsuite slow down"),
        ("netsuite slows down", "netsuite is down"),
        ("latency = \"x8\"", "latency = \"8\""),
        ("latency = \"x8\"", "drop = \"8%\""),
        ("lag-p99 = ", "lag-p9 = "),
        ("\"<= 15m\"", "\"< 15m\""),
        ("\"<= 15m\"", "\"<= 15 parsecs\""),
        ("\"<= 15m\"", "{ settlement = \"<= 1h\" }"),
        ("account = 11110", "account = 1"),
        ("balance = \"8.00 GBP\"", "balance = \"8.00 EUR\""),
        ("[promise]", "[limits]\nnetsuite = { slots = 0 }\n[promise]"),
        ("[promise]", "[limits]\nnetsuite = { slots = 5, others = 5 }\n[promise]"),
        ("[promise]", "[limits]\nshopify = \"pro\"\n[promise]"),
        (
            "[promise]",
            "[traffic.recorded]\nfile = \"broken.gz\"\nshop = \"uk\"\n[shop.uk.clearing]\nbank_transfer = 11999\n[promise]",
        ),
        (
            "[promise]",
            "[traffic.recorded]\nfile = \"nowhere.gz\"\nshop = \"uk\"\n[shop.uk.clearing]\nbank_transfer = 11999\n[promise]",
        ),
        ("[promise]", "[traffic.recorded]\nfile = \"company.jsonl\"\nshop = \"fr\"\n[promise]"),
        ("[promise]", "[shop.fr]\nseller = \"france\"\n[promise]"),
        ("[promise]", "[shop.fr]\npresentment = { JPY = \"4%\" }\n[promise]"),
        ("[promise]", "[shop.fr]\npresentment = { CHF = \"140%\" }\n[promise]"),
        ("[promise]", "[shop.fr]\nclearing = { paypal = 11110 }\n[promise]"),
        ("[promise]", "[shop.fr]\ndomain = \"harbour-uk.myshopify.com\"\n[promise]"),
        ("[promise]", "[catalogue]\nlowest-price = -1\n[promise]"),
        ("touch = \"A\"", "replay = \"B\""),
        ("touch = \"A\"", "touch = \"A\"\nrepeat = { times = 2, every = \"5m\" }"),
        ("quantity = 1,", "quantity = 1, times = 0,"),
        (
            "buyer = { guest = true }",
            "buyer = { guest = true, exempt = true }\nshipping = { title = \"S\", price = \"1.00 GBP\", taxes = [{ title = \"VAT\", rate = \"20%\", amount = \"0.17 GBP\" }] }",
        ),
        ("account = 11110", "order = \"A\""),
        ("account = 11110\nbalance = \"8.00 GBP\"", "order = \"A\""),
        ("account = 11110\nbalance = \"8.00 GBP\"", "order = \"A\"\ntax = \"1.00 EUR\""),
        ("[promise]", "[shop.fr]\ntaxes = [{ title = \"TVA\", rate = \"20%\", code = 999 }]\n[promise]"),
    ];
    let mut all = String::new();
    for (good, bad) in table {
        assert!(GOOD.contains(good), "{good}");
        match from_memory(&GOOD.replacen(good, bad, 1), LoadOptions::default()) {
            Ok(_) => panic!("`{bad}` was let in"),
            Err(error) => {
                assert!(error.remedy.is_some(), "{error}");
                all.push_str(&shown(&error));
                all.push('\n');
            }
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_file_without_traffic_is_refused() {
    let quiet = "plimsoll = 1\nuse = [\"shop.toml\"]\nscenario = { title = \"Nothing\" }\nengine = { config = \"policy.toml\" }\nrun = { starts = \"2026-11-10T08:00:00[UTC]\", lasts = \"4h\" }\n";
    assert_eq!(from_memory(quiet, LoadOptions::default()).unwrap_err().code, "no-traffic");
    let none = LoadOptions { orders: Some(0) };
    let text = "plimsoll = 1\nuse = [\"shop.toml\"]\nscenario = { title = \"Nothing\" }\nengine = { config = \"policy.toml\" }\nrun = { starts = \"2026-11-10T08:00:00[UTC]\", lasts = \"4h\" }\ntraffic = { orders = { total = 5 } }\n";
    assert_eq!(from_memory(text, none).unwrap_err().code, "no-traffic");
}

#[test]
fn a_file_that_is_too_large_or_not_text_is_refused() {
    let huge = |_: &Path| Ok(vec![b'#'; crate::policy::document::BYTES_MAX + 1]);
    let error = Scenario::load_with(Path::new("huge.toml"), LoadOptions::default(), &huge).unwrap_err();
    assert_eq!(error.code, "unreadable-file");
    let binary = |_: &Path| Ok(vec![0xff, 0xfe]);
    let error = Scenario::load_with(Path::new("binary.toml"), LoadOptions::default(), &binary).unwrap_err();
    assert_eq!(error.code, "unreadable-file");
}

#[test]
fn wrong_products_and_changes_are_shown_with_place_and_remedy() {
    let owns = "owns = { price = \"netsuite\", title = \"shopify\" }";
    let mug = "item = [{ sku = \"MUG\", prices = [\"12.00 GBP\"], weight = \"1.05 kg\" }]";
    let day = |products: &str, event: &str| {
        let text = GOOD.replacen("[promise]", &format!("[products]\n{products}\n[promise]"), 1).replacen(
            "touch = \"A\"",
            event,
            1,
        );
        from_memory(&text, LoadOptions::default())
    };
    let good = format!("{owns}\n{mug}");
    let touched = "touch = \"A\"";
    let scenario = day(&good, "item-change = { sku = \"MUG\", price = \"13.00 GBP\" }").unwrap();
    assert_eq!(scenario.profile.products.items[0].fields.len(), 4);
    assert!(scenario.profile.catalogue.named.iter().any(|sku| &*sku.0 == "MUG"));
    for (products, event, place, remedy) in [
        (mug, touched, "nobody owns", "add `owns`"),
        ("owns = { cost = \"netsuite\" }", touched, "cost", "price"),
        (&*good.replace("12.00 GBP", "12.00 CHF"), touched, "12.00 CHF", "currencies of the shops"),
        (&*good.replace("[\"12.00 GBP\"]", "[]"), touched, "[]", "add a price"),
        (&*good.replace("1.05 kg", "1.05 stone"), touched, "1.05 stone", "grams or kilograms"),
        (&*good.replace("1.05 kg", "0.0001 g"), touched, "0.0001 g", "grams or kilograms"),
        (&*good.replace("}]", "}, { sku = \"MUG\", prices = [\"1.00 GBP\"] }]"), touched, "twice", "once"),
        (&*good, "item-change = { sku = \"MUGG\", title = \"Mug\" }", "MUGG", "MUG"),
        (&*good, "item-change = { sku = \"MUG\" }", "nothing is changed", "at least one"),
        (&*good, "item-change = { sku = \"MUG\", status = \"publishd\" }", "publishd", "published"),
        (&*good, "product-change = { shop = \"fr\", sku = \"MUG\", title = \"Tasse\" }", "fr", "EUR"),
        (
            &*good,
            "product-change = { shop = \"uk\", sku = \"MUG\", price = \"9.00 EUR\" }",
            "9.00 EUR",
            "GBP",
        ),
    ] {
        let error = day(products, event).unwrap_err();
        let (said, shown) = (error.remedy.clone().unwrap_or_default(), shown(&error));
        assert!(shown.contains(place), "{place}: {shown}");
        assert!(said.contains(remedy), "{products} {event}: {said}");
    }
}
