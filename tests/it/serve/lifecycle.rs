//! Start, work through trouble, stop.

use std::net::TcpListener;

use super::service::{Service, command, delivery, write_configuration};
use crate::intake::{Folder, block_on, get};

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:9";

#[test]
fn with_both_platforms_away_deliveries_are_kept_and_survive_a_stop() {
    let folder = Folder::new("serve-away");
    write_configuration(folder.path(), NOBODY);
    let mut service = Service::start(folder.path());
    assert_eq!(block_on(get(service.watch, "/healthz")).0, 200);
    assert_eq!(block_on(get(service.watch, "/readyz")).0, 200);
    assert_eq!(block_on(delivery(5001).send(service.webhooks)), 200);
    // The kept delivery woke the engine, whose step found nobody there.
    service.wait_for("a step ended");
    service.signal("TERM");
    let (code, said) = service.ended();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("all_steps_ended=true"), "{said}");
    let again = Service::start(folder.path());
    let (_, metrics) = block_on(get(again.watch, "/metrics"));
    assert!(metrics.contains("plimsoll_queue_depth{lane=\"orders\"} 1"), "{metrics}");
    assert!(metrics.contains("plimsoll_money_unexplained{currency=\"GBP\"} 0.00"), "{metrics}");
    again.signal("TERM");
    assert_eq!(again.ended().0, Some(0));
}

#[test]
fn a_kill_loses_no_delivery_that_was_acknowledged() {
    let folder = Folder::new("serve-killed");
    write_configuration(folder.path(), NOBODY);
    let service = Service::start(folder.path());
    assert_eq!(block_on(delivery(5001).send(service.webhooks)), 200);
    drop(service);
    let mut again = Service::start(folder.path());
    again.wait_for("record=5001");
}

#[test]
fn a_second_process_on_the_same_store_is_refused() {
    let folder = Folder::new("serve-second");
    write_configuration(folder.path(), NOBODY);
    let first = Service::start(folder.path());
    let second = command(folder.path(), &["serve"]).output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("in use by another process") && said.contains("stop the other process"), "{said}");
    assert_eq!(block_on(get(first.watch, "/healthz")).0, 200);
}

#[test]
fn a_second_signal_ends_a_stop_that_waits_for_an_answer() {
    let folder = Folder::new("serve-impatient");
    // Takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    write_configuration(folder.path(), &format!("http://{}", silent.local_addr().unwrap()));
    let mut service = Service::start(folder.path());
    assert_eq!(block_on(delivery(5001).send(service.webhooks)), 200);
    // Handed to a step, which now waits for its first answer.
    while block_on(get(service.watch, "/metrics")).1.contains("plimsoll_queue_depth{lane=\"orders\"} 1") {}
    service.signal("TERM");
    service.wait_for("asked to stop");
    service.signal("TERM");
    let (code, said) = service.ended();
    assert_eq!(code, Some(130), "{said}");
}

#[test]
fn an_address_that_is_taken_is_named_with_what_to_do() {
    let folder = Folder::new("serve-taken");
    let path = write_configuration(folder.path(), NOBODY);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    let text = std::fs::read_to_string(&path).unwrap().replacen("127.0.0.1:0", &at, 1);
    std::fs::write(&path, text).unwrap();
    let refused = command(folder.path(), &["serve"]).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains(&at) && said.contains("free the address"), "{said}");
}
