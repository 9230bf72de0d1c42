//! Stores that are not this service's: refused before anything in them is changed.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::service::{Service, command, write_configuration};
use crate::intake::Folder;

/// What `serve` says of a store that somebody has changed.
fn refused(name: &str, change: &str) -> String {
    let folder = Folder::new(&format!("serve-store-{name}"));
    write_configuration(folder.path(), "http://127.0.0.1:9");
    let first = Service::start(folder.path());
    first.signal("TERM");
    assert_eq!(first.ended().0, Some(0));
    let store = folder.path().join("plimsoll.db");
    let connection = Connection::open(&store).unwrap();
    connection.execute_batch(change).unwrap();
    connection.close().unwrap();
    let before = fs::read(&store).unwrap();
    let refused = command(folder.path(), &["serve"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{name}");
    assert_eq!(fs::read(&store).unwrap(), before, "{name}: the store is as it was");
    assert_eq!(copies(folder.path()), 0, "{name}");
    String::from_utf8(refused.stderr).unwrap()
}

/// Backups beside the store.
fn copies(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().contains(".before-")).count()
}

#[test]
fn k4_the_store_of_a_newer_program_is_refused() {
    let said = refused("newer", "INSERT INTO migration (number, name, sha256) VALUES (9999, 'later', x'00')");
    assert!(said.contains("newer program") && said.contains("run the release that wrote it"), "{said}");
}

#[test]
fn k4_the_store_of_another_merchant_is_refused() {
    let said = refused(
        "foreign",
        "DELETE FROM merchant; \
         INSERT INTO merchant (key, fencing, audit_sequence, audit_hash) VALUES ('haven', 0, 0, zeroblob(32))",
    );
    assert!(
        said.contains("`haven`, not of `harbour`") && said.contains("name the store of this merchant"),
        "{said}"
    );
}
