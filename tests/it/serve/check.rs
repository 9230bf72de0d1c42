//! `plimsoll init` and `plimsoll check` as processes, against platforms that answer by table.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use crate::intake::Folder;

/// What the platforms say.
#[derive(Debug, Clone, Copy)]
struct Platforms {
    status: u16,
    currency: &'static str,
    scopes: &'static str,
    /// Of an account that does not exist.
    unknown: &'static str,
}

const IN_ORDER: Platforms = Platforms {
    status: 200,
    currency: "GBP",
    scopes: "read_orders write_merchant_managed_fulfillment_orders read_gift_cards",
    unknown: "none",
};

impl Platforms {
    fn open(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let asked = read(&mut stream);
                let body = self.answer(&asked);
                let answer = format!(
                    "HTTP/1.1 {} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                     connection: close\r\n\r\n{body}",
                    self.status,
                    body.len()
                );
                stream.write_all(answer.as_bytes()).ok();
            }
        });
        at
    }

    fn answer(&self, asked: &str) -> String {
        let currency = self.currency;
        if asked.contains("currentAppInstallation") {
            let scopes: Vec<String> =
                self.scopes.split(' ').map(|scope| format!(r#"{{"handle":"{scope}"}}"#)).collect();
            let list = scopes.join(",");
            return format!(r#"{{"data":{{"currentAppInstallation":{{"accessScopes":[{list}]}}}}}}"#);
        }
        if asked.contains("myshopifyDomain") {
            return format!(
                r#"{{"data":{{"shop":{{"myshopifyDomain":"harbour.myshopify.com","currencyCode":"{currency}","ianaTimezone":"Europe/London"}}}}}}"#
            );
        }
        let rows: Vec<String> = match asked.split_once(" IN (") {
            None => vec![r#"{"symbol":"GBP"}"#.to_owned()],
            Some((_, rest)) => {
                let named = rest.split(')').next().unwrap().split(", ");
                let known = named.filter(|name| *name != self.unknown);
                let row = |name: &str| match name.strip_prefix('\'') {
                    Some(item) => {
                        format!(r#"{{"externalid":"{}","isinactive":"F"}}"#, item.trim_end_matches('\''))
                    }
                    None => format!(r#"{{"id":"{name}","isinactive":"F","symbol":"GBP"}}"#),
                };
                known.map(row).collect()
            }
        };
        let (count, items) = (rows.len(), rows.join(","));
        format!(r#"{{"count":{count},"hasMore":false,"offset":0,"totalResults":{count},"items":[{items}]}}"#)
    }
}

/// A request with its whole body.
fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return text,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
}

fn plimsoll(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .current_dir(folder)
        .envs([
            ("SHOPIFY_MAIN_ACCESS_TOKEN", "shpat_check"),
            ("SHOPIFY_MAIN_WEBHOOK_SECRET", "hush"),
            ("NETSUITE_CONSUMER_KEY", "key"),
            ("NETSUITE_CONSUMER_SECRET", "secret"),
            ("NETSUITE_TOKEN", "token"),
            ("NETSUITE_TOKEN_SECRET", "token-secret"),
        ])
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
    (output.status.code(), said)
}

/// How `check` ends with what `init` has written, and what it says.
fn checked(name: &str, at: SocketAddr) -> (Option<i32>, String) {
    let folder = Folder::new(&format!("serve-check-{name}"));
    let (code, said) = plimsoll(folder.path(), &["init", "--yes"]);
    assert_eq!(code, Some(0), "{said}");
    let path = folder.path().join("plimsoll.toml");
    let text = fs::read_to_string(&path).unwrap();
    let endpoint = format!("\nendpoint = \"http://{at}\"\n");
    let text = text
        .replacen("\n[shopify.shop.main]\n", &format!("\n[shopify.shop.main]{endpoint}"), 1)
        .replacen("\n[netsuite]\n", &format!("\n[netsuite]{endpoint}"), 1);
    fs::write(&path, text).unwrap();
    plimsoll(folder.path(), &["check"])
}

#[test]
fn what_init_wrote_is_checked_line_by_line_and_nothing_is_changed() {
    let (code, said) = checked("good", IN_ORDER.open());
    assert_eq!(code, Some(0), "{said}");
    for line in ["✓ shopify main: scope read_orders", "✓ netsuite: subsidiary.main.accounts.bank = 1000"]
    {
        assert!(said.lines().any(|known| known == line), "{line}\n{said}");
    }
    assert!(!said.contains('✗'), "{said}");
}

#[test]
fn each_thing_that_is_wrong_is_named_with_its_key_and_a_remedy() {
    for (name, platforms, line) in [
        (
            "account",
            Platforms { unknown: "1110", ..IN_ORDER },
            "✗ netsuite: shop.main.clearing.shopify_payments = 1110: there is none, or the role does not see it",
        ),
        (
            "item",
            Platforms { unknown: "'SHIPPING'", ..IN_ORDER },
            "✗ netsuite: item SHIPPING: no item has this external id",
        ),
        (
            "currency",
            Platforms { currency: "EUR", ..IN_ORDER },
            "✗ shopify main: currency: the shop has `EUR`, the policy `GBP`",
        ),
        (
            "scope",
            Platforms { scopes: "write_orders read_gift_cards", ..IN_ORDER },
            "✗ shopify main: scope write_merchant_managed_fulfillment_orders: the app lacks it, and fulfillments need it",
        ),
    ] {
        let (code, said) = checked(name, platforms.open());
        assert_eq!(code, Some(2), "{name}: {said}");
        assert!(said.lines().any(|known| known == line), "{line}\n{said}");
        assert_eq!(said.matches('✗').count(), 1, "{name}: {said}");
    }
}

#[test]
fn platforms_that_are_away_or_refuse_us_end_it_with_a_code_of_their_own() {
    let nobody: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let refusing = Platforms { status: 401, ..IN_ORDER }.open();
    for (name, at, said_of_it) in
        [("away", nobody, "can be reached"), ("refused", refusing, "Login Audit Trail")]
    {
        let (code, said) = checked(name, at);
        assert_eq!(code, Some(5), "{name}: {said}");
        assert!(said.contains(said_of_it), "{name}: {said}");
    }
}
