//! A webhook secret is replaced while the service runs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::service::{Service, delivery, write_configuration};
use crate::intake::{Folder, block_on};

/// Puts a secret into its file by renaming, as a manager of secrets does.
fn put(folder: &Path, secret: &str) {
    let beside = folder.join("hush.next");
    fs::write(&beside, secret).unwrap();
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&beside, folder.join("hush")).unwrap();
}

#[test]
fn k2_a_secret_is_swapped_without_dropping_a_delivery_and_a_bad_one_changes_nothing() {
    let folder = Folder::new("serve-rotation");
    let path = write_configuration(folder.path(), "http://127.0.0.1:9");
    let text = fs::read_to_string(&path).unwrap().replace("env:PLIMSOLL_TEST_HUSH", "file:hush");
    fs::write(&path, text).unwrap();
    put(folder.path(), "first\n");
    let mut service = Service::start(folder.path());
    let status = |order: u64, secret: &str, service: &Service| {
        block_on(delivery(order).signed_with(secret.as_bytes()).send(service.webhooks))
    };
    assert_eq!(status(1, "first", &service), 200);
    assert_eq!(status(2, "second", &service), 401);
    put(folder.path(), "second\n");
    service.signal("HUP");
    service.wait_for("the secrets were read again");
    assert_eq!(status(2, "second", &service), 200);
    // Signed before the change reached all of Shopify.
    assert_eq!(status(3, "first", &service), 200);
    put(folder.path(), "");
    service.signal("HUP");
    service.wait_for("the secrets in force stay");
    assert_eq!(status(4, "second", &service), 200);
}
