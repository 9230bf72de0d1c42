//! What an integration is told: addresses and secrets, as lines for a shell and as a configuration of our own service.

use std::fmt::Write;

use super::Addresses;
use super::keys::{ACCOUNT, Keys};

/// Lines that a shell takes as they stand.
pub fn environment(addresses: &Addresses, keys: &Keys) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        writeln!(text, "export {name}={value}").expect("a string takes any text");
    };
    for (key, domain, at) in &addresses.shops {
        let app = keys.app(*key);
        let name = |what: &str| format!("SHOPIFY_{}_{what}", key.as_str().to_uppercase().replace('-', "_"));
        line(&name("DOMAIN"), domain);
        line(&name("ENDPOINT"), &format!("http://{at}"));
        line(&name("ACCESS_TOKEN"), &app.token);
        line(&name("CLIENT_ID"), &app.client_id);
        line(&name("CLIENT_SECRET"), &app.client_secret);
        line(&name("WEBHOOK_SECRET"), &app.client_secret);
    }
    let token = keys.token();
    line("NETSUITE_ACCOUNT", ACCOUNT);
    line("NETSUITE_ENDPOINT", &format!("http://{}", addresses.netsuite));
    line("NETSUITE_CONSUMER_KEY", &token.consumer_key);
    line("NETSUITE_CONSUMER_SECRET", &token.consumer_secret);
    line("NETSUITE_TOKEN", &token.token);
    line("NETSUITE_TOKEN_SECRET", &token.token_secret);
    line("PLIMSOLL_CONTROL", &format!("http://{}", addresses.control));
    text
}
