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

#[test]
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

/// Both processes from start to rest, and what was found.
fn played(scratch: &Scratch, scenario: &str, arguments: &[&str]) -> Verdict {
    let twin = Twin::start(scratch, scenario, arguments);
    let service = Service::start(&twin, "");
    let verdict = twin.until_rest(Duration::from_secs(300));
    assert_eq!(service.stop(), Some(0), "{}", scratch.log());
    twin.ended_with(&[0, 4]);
    verdict
}

#[test]
fn a_service_that_is_killed_and_meets_a_full_disk_keeps_the_books() {
    let scratch = Scratch::new("killed");
    killed(&scratch, 100, 5, &["--speed", "120", "--seed", "1", "--orders", "100"]);
}

/// Run it with `cargo test --release --test it wire:: -- --ignored`: it takes about ten minutes.
#[test]
#[ignore = "ten minutes: five thousand orders, twenty kills, a disk that is full for a while"]
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
    let verdict = twin.until_rest(Duration::from_secs(1_800));
    assert_eq!(service.stop(), Some(0), "{}", scratch.log());
    judged(&verdict, scratch, orders);
    assert!(verdict.number("/requests/answers_cut") > 0, "{}", verdict.text);
    twin.ended_with(&[0, 4]);
}

/// Every invariant that was checked held, and those were checked that the day calls for.
fn judged(verdict: &Verdict, scratch: &Scratch, orders: u64) {
    let broken = verdict.broken();
    assert!(broken.is_empty(), "{broken:#?}\n{}\n{}", verdict.text, scratch.log());
    assert_eq!(verdict.state(), "at-rest", "{}\n{}", verdict.text, scratch.log());
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
