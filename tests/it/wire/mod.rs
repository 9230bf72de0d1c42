//! The service and both twins as processes of their own, with nothing between them but sockets: the twins judge the
//! service from outside.

mod host;
mod process;

use plimsoll::sim::random::{Domain, draws};
use process::{Scratch, Service, Twin, Verdict};
use std::time::Duration;

const ALL_FLOWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/wire/all-flows.toml");

const STOCK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/stock/storm.toml");
const SETTLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/settlement/a02-split-tender.toml");

/// Run it with `cargo test --release --test it wire:: -- --ignored`.
#[test]
#[ignore = "a minute: two hundred orders with all flows"]
fn a_service_in_another_process_keeps_the_books_over_sockets() {
    let scratch = Scratch::new("service");
    let verdict = played(&scratch, ALL_FLOWS, &["--speed", "120", "--seed", "1"]);
    judged(&verdict, &scratch, 200);
    assert_eq!(verdict.number("/requests/twin_failures"), 0);
    assert_eq!(verdict.text["requests"]["unsupported"], serde_json::json!({}));
    let acknowledged = verdict.number("/calls/deliveries_acknowledged");
    assert!(acknowledged > 200, "webhooks arrived: {acknowledged}");
    for name in ["shipped-once", "refunded-once"] {
        assert!(verdict.checked(name) > 0, "{name} was checked: {}", verdict.text);
    }
}

/// Run it with `cargo test --release --test it wire:: -- --ignored`.
#[test]
#[ignore = "a minute and a half: what storefronts show, over sockets"]
fn a_service_in_another_process_keeps_the_levels_that_storefronts_show() {
    let scratch = Scratch::new("stock");
    let verdict = played(&scratch, STOCK, &["--speed", "240", "--seed", "1", "--orders", "100"]);
    judged(&verdict, &scratch, verdict.number("/orders/placed"));
    assert!(verdict.checked("stock-parity") > 0, "{}", verdict.text);
}

/// Run it with `cargo test --release --test it wire:: -- --ignored`: two days take three minutes.
#[test]
#[ignore = "three minutes: a payout is issued, paid and read on the bank's statement"]
fn a_service_in_another_process_settles_what_the_bank_pays() {
    let scratch = Scratch::new("settles");
    let verdict = played(&scratch, SETTLES, &["--speed", "1200", "--seed", "1"]);
    judged(&verdict, &scratch, verdict.number("/orders/placed"));
    assert!(verdict.checked("payouts-matched") > 0, "{}", verdict.text);
}

#[test]
fn a_service_speaks_to_both_twins_over_tls_and_enters_by_a_certificate() {
    let scratch = Scratch::new("tls");
    let twin =
        Twin::start(&scratch, ALL_FLOWS, &["--tls", "--speed", "240", "--seed", "1", "--orders", "20"]);
    scratch.use_certificate(&twin);
    let verdict = to_rest(twin, &scratch);
    judged(&verdict, &scratch, 20);
    let written = scratch.configuration();
    assert_eq!(written.matches("endpoint = \"https://127.0.0.1:").count(), 4, "three shops, one account");
    assert!(!written.contains("endpoint = \"http:") && written.contains("trust = "), "{written}");
}

/// Orders of a day are recorded as they are read, and the recording is a day of its own.
#[test]
fn a_recorded_day_is_replayed_and_names_nobody() {
    let scratch = Scratch::new("recorded");
    let folder = scratch.0.join("recorded");
    let shops = ["harbour.toml", "harbour-ships.toml"]
        .map(|name| format!("{}/scenarios/shops/{name}", env!("CARGO_MANIFEST_DIR")));
    let twin = Twin::start(&scratch, ALL_FLOWS, &["--speed", "240", "--seed", "1", "--orders", "60"]);
    let record = ["--record", folder.to_str().unwrap(), "--shops", &shops[0], "--shops", &shops[1]];
    let service = Service::start_with(&twin, "", &record);
    twin.until_rest(Duration::from_secs(300));
    assert_eq!(service.stop(), Some(0), "{}", scratch.log());
    twin.finish();
    twin.ended_with(&[0, 4]);
    let mut orders = 0;
    for shop in ["uk", "fr", "us"] {
        let data = std::fs::read_to_string(folder.join(format!("{shop}-2026-11-10.orders.jsonl"))).unwrap();
        assert!(!data.contains('@') && !data.contains("myshopify"), "{data}");
        let scenario = folder.join(format!("{shop}-2026-11-10.toml"));
        let replayed = process::plimsoll()
            .args(["replay", "--seed", "1", "--json", "--allow-inconclusive"])
            .arg(&scenario)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&replayed.stdout);
        assert_eq!(replayed.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&replayed.stderr));
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        orders += told["orders"].as_u64().unwrap();
    }
    assert!((40..=60).contains(&orders), "{orders} of 60 are played");
}

/// A store that is older than what was done: everything that it forgot is found again by its external id.
#[test]
fn k4_a_restored_backup_repeats_nothing() {
    let scratch = Scratch::new("restored");
    let twin = Twin::start(&scratch, ALL_FLOWS, &["--speed", "240", "--seed", "2", "--orders", "60"]);
    let first = Service::start(&twin, "");
    twin.report_for(Duration::from_secs(10));
    assert_eq!(first.stop(), Some(0), "{}", scratch.log());
    scratch.back_up();
    let second = Service::start(&twin, "");
    twin.report_for(Duration::from_secs(15));
    second.kill();
    scratch.restore();
    let third = Service::start(&twin, "");
    twin.until_rest(Duration::from_secs(300));
    assert_eq!(third.stop(), Some(0), "{}", scratch.log());
    agreed(&twin, "2026-11-01");
    let verdict = twin.finish();
    judged(&verdict, &scratch, 60);
    twin.ended_with(&[0, 4]);
}

/// Both processes from start to rest, and what was found.
fn played(scratch: &Scratch, scenario: &str, arguments: &[&str]) -> Verdict {
    to_rest(Twin::start(scratch, scenario, arguments), scratch)
}

fn to_rest(twin: Twin, scratch: &Scratch) -> Verdict {
    let service = Service::start(&twin, "");
    twin.until_rest(Duration::from_secs(300));
    // Beside the service, whose store it reads.
    agreed(&twin, "2026-11-01");
    assert_eq!(service.stop(), Some(0), "{}", scratch.log());
    let verdict = twin.finish();
    twin.ended_with(&[0, 4]);
    verdict
}

/// A whole day with every secret in use: what the service logs, keeps and shows, and what a reconciliation writes.
#[test]
fn k1_no_secret_is_in_anything_that_a_day_leaves_behind() {
    let scratch = Scratch::new("canary");
    let twin = Twin::start(&scratch, ALL_FLOWS, &["--speed", "240", "--seed", "3", "--orders", "30"]);
    let service = Service::start(&twin, "");
    twin.report_for(Duration::from_secs(8));
    let mut said = vec![("/metrics", scratch.watched("/metrics")), ("/healthz", scratch.watched("/healthz"))];
    twin.until_rest(Duration::from_secs(300));
    said.push(("/metrics at rest", scratch.watched("/metrics")));
    assert_eq!(service.stop(), Some(0), "{}", scratch.log());
    let (_, reconciled) = twin.reconciled("2026-11-01");
    said.push(("reconcile", reconciled.to_string()));
    assert!(twin.finish().number("/calls/netsuite") > 100);
    twin.ended_with(&[0, 4]);
    scratch.assert_no_secret(said);
}

/// `plimsoll reconcile` reads both platforms anew, with the service away or at rest. Where they do not agree a person
/// has been told why: an order that was cancelled when its parcel had left.
fn agreed(twin: &Twin, since: &str) {
    let (code, found) = twin.reconciled(since);
    for row in found["discrepancies"].as_array().unwrap() {
        assert!(row["standing"] == "exception" && row["owner"] != "", "{row:#}");
    }
    let sums = found["unexplained"].as_object().unwrap();
    assert!(!sums.is_empty() && sums.values().all(|sum| sum == "0.00"), "{found:#}");
    assert!(found["orders"].as_u64().is_some_and(|orders| orders > 0), "{found:#}");
    assert_eq!(code, Some(0), "{found:#}");
}

/// Run it with `cargo test --release --test it wire:: -- --ignored`.
#[test]
#[ignore = "a minute: five kills, a disk that is full for a while"]
fn a_service_that_is_killed_and_meets_a_full_disk_keeps_the_books() {
    let scratch = Scratch::new("killed");
    killed(&scratch, 100, 5, &["--speed", "120", "--seed", "1", "--orders", "100"]);
}

/// Run it with `cargo test --release --test it five_thousand -- --ignored`: it takes seven minutes.
#[test]
#[ignore = "seven minutes: five thousand orders, twenty kills, a disk that is full for a while"]
fn a_service_that_is_killed_twenty_times_keeps_the_books_of_five_thousand_orders() {
    let scratch = Scratch::new("killed-often");
    killed(&scratch, 5_000, 20, &["--speed", "30", "--seed", "1", "--orders", "5000"]);
}

/// Kills the service at seeded moments. Once, in the middle, the disk takes nothing beyond what is on it: every commit
/// fails until the next start. Connections are cut by the twins all along, where answers are lost.
fn killed(scratch: &Scratch, orders: u64, kills: u32, arguments: &[&str]) {
    let twin = Twin::start(scratch, ALL_FLOWS, arguments);
    let mut service = Service::start(&twin, "");
    let mut luck = draws(7, Domain::Other, 0, 0, 0);
    for kill in 0..kills {
        twin.report_for(Duration::from_millis(luck.between(1_000, 6_000).unsigned_abs()));
        service.kill();
        let is_full = kill == kills / 2;
        let limit = if is_full { scratch.full_disk() } else { String::new() };
        service = Service::start(&twin, &limit);
        if is_full {
            twin.report_for(Duration::from_secs(5));
            assert!(service.is_alive(), "a full disk ends nothing: {}", scratch.log());
        }
    }
    twin.until_rest(Duration::from_secs(1_800));
    assert_eq!(service.stop(), Some(0), "{}", scratch.log());
    // Whatever is read one after the other need not take as long as it would.
    twin.set_speed(600);
    agreed(&twin, "2026-11-01");
    let verdict = twin.finish();
    judged(&verdict, scratch, orders);
    assert!(verdict.number("/requests/answers_cut") > 0, "{}", verdict.text);
    twin.ended_with(&[0, 4]);
}

/// Every invariant that was checked held, and those were checked that the day calls for.
fn judged(verdict: &Verdict, scratch: &Scratch, orders: u64) {
    let broken = verdict.broken();
    assert!(broken.is_empty(), "{}\n{}\n{broken:#?}", scratch.log(), verdict.text);
    assert_eq!(verdict.state(), "at-rest", "{}\n{}", scratch.log(), verdict.text);
    assert_eq!(verdict.number("/orders/placed"), orders);
    assert_eq!(verdict.number("/orders/in_flight"), 0);
    for name in [
        "orders-complete",
        "totals-tie",
        "books-balance",
        "trial-balance-expected",
        "limits-respected",
        "exceptions-complete",
    ] {
        assert!(verdict.checked(name) > 0, "{name} was checked: {}", verdict.text);
    }
}

#[test]
fn an_integration_that_does_nothing_is_found_out_and_one_that_is_away_is_told_apart() {
    let scratch = Scratch::new("against");
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", deaf.local_addr().unwrap());
    let folder = scratch.0.join("twin");
    let certify = |url: &str, more: &[&str]| {
        let mut process = process::plimsoll();
        process.args([
            "certify",
            ALL_FLOWS,
            "--orders",
            "5",
            "--port",
            "0",
            "--speed",
            "100000",
            "--against",
            url,
        ]);
        process.arg("--folder").arg(&folder).args(more).output().unwrap()
    };
    let found = certify(&url, &["--seed", "1", "--webhook-path", "/webhooks"]);
    let said = String::from_utf8_lossy(&found.stdout);
    assert_eq!(found.status.code(), Some(3), "{said}");
    assert!(said.contains("orders-complete"), "{said}");

    let several = certify(&url, &["--seeds", "2"]);
    assert_eq!(several.status.code(), Some(2), "{}", String::from_utf8_lossy(&several.stderr));
    drop(deaf);
    let away = certify(&url, &["--seed", "1"]);
    assert_eq!(away.status.code(), Some(5), "{}", String::from_utf8_lossy(&away.stderr));
}
