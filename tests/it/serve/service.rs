//! The real binary on a folder of its own, and what it says.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::intake::{FRIDAY, Post};

/// What signs the deliveries of every shop.
pub const HUSH: &str = "canary-of-deliveries";

/// What stands for secrets, so that a leak can be found.
pub const CANARIES: [&str; 6] = [
    HUSH,
    "canary-of-shopify",
    "canary-of-consumer",
    "canary-of-token",
    "canary-of-token-secret",
    "canary-of-the-key",
];

/// Longer than a busy machine takes for anything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

const SHOPS: [(&str, &str); 3] = [
    ("uk", "harbour-uk.myshopify.com"),
    ("fr", "harbour-fr.myshopify.com"),
    ("us", "harbour-us.myshopify.com"),
];

/// Writes `plimsoll.toml` and the policy that it names. Both platforms are at that address.
pub fn write_configuration(folder: &Path, platforms: &str) -> PathBuf {
    fs::copy("scenarios/policies/harbour.toml", folder.join("policy.toml")).unwrap();
    let mut text = format!(
        r#"plimsoll-config = 1
merchant = "harbour"
policy = "policy.toml"
store = "plimsoll.db"

[listen]
webhooks = "127.0.0.1:0"
watch = "127.0.0.1:0"
callback = "https://hooks.harbour.example/webhooks/shopify"

[netsuite]
account = "1234567"
endpoint = "{platforms}"

[netsuite.token]
consumer-key = "env:PLIMSOLL_TEST_KEY"
consumer-secret = "env:PLIMSOLL_TEST_CONSUMER"
token = "env:PLIMSOLL_TEST_TOKEN"
token-secret = "env:PLIMSOLL_TEST_TOKEN_SECRET"
"#
    );
    for (key, domain) in SHOPS {
        text += &format!(
            r#"
[shopify.shop.{key}]
domain = "{domain}"
endpoint = "{platforms}"
access-token = "env:PLIMSOLL_TEST_SHOPIFY"
webhook-secret = "env:PLIMSOLL_TEST_HUSH"
"#
        );
    }
    let path = folder.join("plimsoll.toml");
    fs::write(&path, text).unwrap();
    path
}

pub struct Service {
    child: Child,
    lines: mpsc::Receiver<String>,
    said: String,
    pub webhooks: SocketAddr,
    pub watch: SocketAddr,
}

/// The command with the environment that the configuration refers to.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command
        .args(arguments)
        .arg("--config")
        .arg(folder.join("plimsoll.toml"))
        .env("PLIMSOLL_TEST_HUSH", CANARIES[0])
        .env("PLIMSOLL_TEST_SHOPIFY", CANARIES[1])
        .env("PLIMSOLL_TEST_CONSUMER", CANARIES[2])
        .env("PLIMSOLL_TEST_TOKEN", CANARIES[3])
        .env("PLIMSOLL_TEST_TOKEN_SECRET", CANARIES[4])
        .env("PLIMSOLL_TEST_KEY", CANARIES[5])
        .stdin(Stdio::null());
    command
}

impl Service {
    pub fn start(folder: &Path) -> Service {
        Service::start_with(folder, &[])
    }

    pub fn start_with(folder: &Path, more: &[&str]) -> Service {
        let arguments = [&["serve"], more].concat();
        let mut child =
            command(folder, &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines() {
                let Ok(line) = line else { return };
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let nowhere: SocketAddr = "127.0.0.1:1".parse().unwrap();
        let mut service = Service { child, lines, said: String::new(), webhooks: nowhere, watch: nowhere };
        let line = service.wait_for("listening for webhooks at ");
        let words: Vec<&str> = line.split([' ', ',']).filter(|word| word.contains("127.0.0.1:")).collect();
        service.webhooks = words[0].parse().unwrap();
        service.watch = words[1].parse().unwrap();
        service
    }

    /// The next line on stderr that has these words.
    pub fn wait_for(&mut self, words: &str) -> String {
        loop {
            let line = self
                .lines
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("`{words}` was never said, but:\n{}", self.said));
            self.said += &line;
            self.said.push('\n');
            if line.contains(words) {
                return line;
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success(), "the signal was sent");
    }

    /// The exit code, and all that was said on both streams.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.said += &line;
            self.said.push('\n');
        }
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        (code, std::mem::take(&mut self.said) + &out)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Of one that has ended already there is nothing to end.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A delivery of the shop `uk` about an order.
pub fn delivery(order: u64) -> Post {
    let body = format!(
        r#"{{"id":{order},"admin_graphql_api_id":"gid://shopify/Order/{order}","updated_at":"{FRIDAY}"}}"#
    );
    Post::new("orders/updated", body).with("x-shopify-shop-domain", SHOPS[0].1).signed_with(HUSH.as_bytes())
}
