//! Configurations that cannot be used end the process before anything is begun, and say what to do.

use std::fs;

use super::service::{command, write_configuration};
use crate::intake::Folder;

/// What `serve` says of a configuration in which one text was replaced.
fn refused(name: &str, from: &str, to: &str) -> String {
    let folder = Folder::new(&format!("serve-config-{name}"));
    let path = write_configuration(folder.path(), "http://127.0.0.1:9");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let output = command(folder.path(), &["serve"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{name}: {said}");
    assert!(output.stdout.is_empty());
    assert!(!folder.path().join("plimsoll.db").exists(), "{name}: no store was made");
    said
}

#[test]
fn k3_what_is_wrong_is_named_with_its_line_and_a_remedy() {
    for (name, from, to, said) in [
        ("unknown", "store =", "stroe =", "did you mean `store`?"),
        ("duplicate", "[listen]", "merchant = \"b\"\n\n[listen]", "keep one of the two"),
        ("merchant", "\"harbour\"", "\"haven\"", "the policy is of `harbour`"),
        ("policy", "policy.toml", "polizy.toml", "cannot be read"),
        ("version", "plimsoll-config = 1", "plimsoll-config = 2", "this program reads `plimsoll-config = 1`"),
        ("clear", "http://127.0.0.1:9", "http://netsuite.example", "is not https"),
        ("address", "webhooks = \"127.0.0.1:0\"", "webhooks = \"8080\"", "is no address"),
        ("shop", "shop.uk", "shop.gb", "there is no shop of the policy `gb`"),
        ("domain", "harbour-uk", "harbour-ie", "the policy's shop `uk` is `harbour-uk.myshopify.com`"),
        ("callback", "/webhooks/shopify", "", "has no path"),
        ("public", "https://hooks", "http://hooks", "is not https"),
        ("variable", "env:PLIMSOLL_TEST_HUSH", "env:PLIMSOLL_TEST_GONE", "`PLIMSOLL_TEST_GONE` is not set"),
        ("account", "\"1234567\"", "\"12 34\"", "is no account id"),
        ("slots", "account =", "slots = 16\naccount =", "where the policy allows 15"),
        ("nothing", "account =", "slots = 0\naccount =", "write a number from 1 to 15"),
        (
            "untrusted",
            "store =",
            "trust = \"absent.pem\"\nstore =",
            "name a file of certificates as PEM text",
        ),
        ("no-certificate", "store =", "trust = \"policy.toml\"\nstore =", "no certificate in it"),
        ("negative", "account =", "slots = -1\naccount =", "`-1` is negative"),
    ] {
        let told = refused(name, from, to).replace('\n', " ");
        assert!(told.contains(said), "{name}: {told}");
    }
}

#[test]
fn k1_a_secret_that_is_written_out_is_refused_and_not_repeated() {
    let said = refused("written", "env:PLIMSOLL_TEST_SHOPIFY", "shpat_written-out");
    assert!(said.contains("`access-token` in line") && said.contains("replace it at the platform"), "{said}");
    assert!(!said.contains("shpat_written-out"), "{said}");
}
