//! What the configuration of the service may say: the structs that it is read into, key by key.
//!
//! Lives here: names, defaults and documentation of keys. What they mean together is in [`super::load`].

use serde::Deserialize;

use crate::policy::document::{Keyed, Placed};

/// A short string with a grammar of its own.
pub type Text = Placed<String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConfigFile {
    /// Version of the format: 1.
    #[serde(rename = "plimsoll-config")]
    pub _version: u32,
    /// As the policy names it.
    pub merchant: Text,
    /// The policy file, beside this one.
    pub policy: Text,
    /// The database; made if there is none.
    pub store: Text,
    /// Certificates as PEM text, trusted beside the machine's: of a proxy, or of a twin.
    #[serde(default)]
    pub trust: Option<Text>,
    pub listen: Listen,
    pub shopify: Shopify,
    pub netsuite: Placed<NetSuite>,
    /// Without it, nothing is said of what the bank has.
    #[serde(default)]
    pub bank: Option<Bank>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Listen {
    /// Where the ingress forwards deliveries to.
    pub webhooks: Text,
    /// `/healthz`, `/readyz` and `/metrics`, not for the public.
    pub watch: Text,
    /// The public address of the deliveries, as Shopify is told it. Its path is the one that is listened at.
    pub callback: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shopify {
    /// Such as `2026-10`, the one that this program was written for.
    pub api_version: Option<Text>,
    /// By the keys that the policy gives them.
    pub shop: Placed<Keyed<Placed<Shop>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shop {
    pub domain: Text,
    /// Another address than the domain's: a twin on this machine, a proxy.
    pub endpoint: Option<Text>,
    /// A token that holds until the app is uninstalled.
    pub access_token: Option<Text>,
    /// With `client-secret`: tokens of a day, or of an hour with `refresh-token-file`.
    pub client_id: Option<Text>,
    pub client_secret: Option<Text>,
    /// Holds the refresh token and is written anew with each use.
    pub refresh_token_file: Option<Text>,
    /// Signs deliveries. The app's client secret, if it is not named apart.
    pub webhook_secret: Option<Text>,
    /// The one before, accepted for as long as it stands here.
    pub webhook_secret_previous: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetSuite {
    pub account: Text,
    /// Another address than the account's usual one.
    pub endpoint: Option<Text>,
    /// Slots that this process holds at once: no more than the policy's `netsuite.slots`, which is the default.
    pub slots: Option<Placed<u32>>,
    /// OAuth 2.0 with a certificate.
    #[serde(default)]
    pub certificate: Option<Certificate>,
    /// Token-based authentication.
    #[serde(default)]
    pub token: Option<Token>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Certificate {
    /// Of the integration record.
    pub client_id: Text,
    /// As the mapping of certificates shows it.
    pub certificate_id: Text,
    /// PEM text of PKCS#8.
    pub key: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Token {
    pub consumer_key: Text,
    pub consumer_secret: Text,
    pub token: Text,
    pub token_secret: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bank {
    /// A folder of statements as CSV files.
    pub statements: Text,
}
