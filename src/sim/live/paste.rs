//! What an integration is told: addresses and secrets, as lines for a shell and as a configuration of our own service.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use super::Addresses;
use super::keys::{ACCOUNT, Keys};

/// Lines that a shell takes as they stand.
pub fn environment(addresses: &Addresses, keys: &Keys) -> String {
    let mut text = String::new();
    let scheme = addresses.scheme;
    let mut line = |name: &str, value: &str| {
        writeln!(text, "export {name}={value}").expect("a string takes any text");
    };
    for (key, domain, at) in &addresses.shops {
        let app = keys.app(*key);
        let name = |what: &str| format!("SHOPIFY_{}_{what}", key.as_str().to_uppercase().replace('-', "_"));
        line(&name("DOMAIN"), domain);
        line(&name("ENDPOINT"), &format!("{scheme}://{at}"));
        line(&name("ACCESS_TOKEN"), &app.token);
        line(&name("CLIENT_ID"), &app.client_id);
        line(&name("CLIENT_SECRET"), &app.client_secret);
        line(&name("WEBHOOK_SECRET"), &app.client_secret);
    }
    let token = keys.token();
    line("NETSUITE_ACCOUNT", ACCOUNT);
    line("NETSUITE_ENDPOINT", &format!("{scheme}://{}", addresses.netsuite));
    line("NETSUITE_CONSUMER_KEY", &token.consumer_key);
    line("NETSUITE_CONSUMER_SECRET", &token.consumer_secret);
    line("NETSUITE_TOKEN", &token.token);
    line("NETSUITE_TOKEN_SECRET", &token.token_secret);
    if let Some(mapping) = keys.mapping() {
        line("NETSUITE_CLIENT_ID", &mapping.client_id);
        line("NETSUITE_CERTIFICATE_ID", &mapping.certificate_id);
        line("NETSUITE_PRIVATE_KEY", &mapping.key.display().to_string());
    }
    line("PLIMSOLL_CONTROL", &format!("http://{}", addresses.control));
    text
}

/// Where our own service is to listen and to keep things.
#[derive(Debug, Clone)]
pub struct Service<'a> {
    pub merchant: &'a str,
    /// The policy that the scenario names, word for word.
    pub policy: &'a str,
    /// Takes the policy, the secrets and the store.
    pub folder: &'a Path,
    /// Where the service listens for deliveries, and where it is watched.
    pub webhooks: SocketAddr,
    pub watch: SocketAddr,
    pub statements: Option<&'a Path>,
    /// The certificate that both platforms show over TLS.
    pub certificate: Option<&'a Path>,
}

/// Where Shopify believes that the service is; deliveries go to [`Service::webhooks`].
const CALLBACK: &str = "https://plimsoll.example/webhooks/shopify";

/// Writes a configuration with which `plimsoll serve` connects, and beside the twins' seed the policy and the secrets
/// that it names. Returns the configuration's text.
///
/// # Errors
/// A file cannot be written.
pub fn configuration(addresses: &Addresses, keys: &Keys, service: &Service<'_>) -> io::Result<String> {
    let secrets = service.folder.join("secrets");
    fs::create_dir_all(&secrets)?;
    let policy = service.folder.join("policy.toml");
    fs::write(&policy, service.policy)?;
    let kept = |name: &str, secret: &str| -> io::Result<String> {
        let path = secrets.join(name);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(secret.as_bytes())?;
        Ok(format!("file:{}", path.display()))
    };
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let shown = |path: &Path| quoted(&path.display().to_string());
    let mut text = format!(
        "# Written by `plimsoll twin`: connects `plimsoll serve` to both twins.\n\
         plimsoll-config = 1\n\
         merchant = {}\n\
         policy = {}\n\
         store = {}\n\
         {}\n\
         [listen]\n\
         webhooks = \"{}\"\n\
         watch = \"{}\"\n\
         callback = \"{CALLBACK}\"\n",
        quoted(service.merchant),
        shown(&policy),
        shown(&service.folder.join("store.db")),
        service.certificate.map_or(String::new(), |path| format!("trust = {}\n", shown(path))),
        service.webhooks,
        service.watch,
    );
    let scheme = addresses.scheme;
    for (key, domain, at) in &addresses.shops {
        let app = keys.app(*key);
        let token = quoted(&kept(&format!("{key}-access-token"), &app.token)?);
        let secret = quoted(&kept(&format!("{key}-webhook-secret"), &app.client_secret)?);
        text += &format!(
            "\n[shopify.shop.{key}]\ndomain = {}\nendpoint = \"{scheme}://{at}\"\n\
             access-token = {token}\nwebhook-secret = {secret}\n",
            quoted(domain),
        );
    }
    let token = keys.token();
    text += &format!(
        "\n[netsuite]\naccount = \"{ACCOUNT}\"\nendpoint = \"{scheme}://{}\"\n\n[netsuite.token]\n",
        addresses.netsuite
    );
    for (name, secret) in [
        ("consumer-key", &token.consumer_key),
        ("consumer-secret", &token.consumer_secret),
        ("token", &token.token),
        ("token-secret", &token.token_secret),
    ] {
        text += &format!("{name} = {}\n", quoted(&kept(name, secret)?));
    }
    if let Some(statements) = service.statements {
        text += &format!("\n[bank]\nstatements = {}\n", shown(statements));
    }
    Ok(text)
}
