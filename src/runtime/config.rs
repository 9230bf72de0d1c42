//! The one configuration file of the service: where it listens, whom it speaks to, and where their secrets are.
//!
//! Lives here: the values. Keys are in [`file`], reading and refusing in [`load`], secrets in [`secrets`]. Rules of
//! business are not here but in the policy, which this file names.

use std::net::SocketAddr;
use std::path::PathBuf;

use rustls::pki_types::CertificateDer;

use crate::domain::ShopKey;
use crate::platforms::secret::Secret;
use crate::platforms::shopify::wire::ApiVersion;
use crate::platforms::{netsuite, shopify};
use crate::policy::Policy;

pub mod file;
pub mod load;
pub mod secrets;

/// One merchant's service, as validated; secrets are resolved.
#[derive(Debug)]
pub struct Config {
    pub policy: Policy,
    pub policy_path: PathBuf,
    pub store: PathBuf,
    /// Trusted beside what the machine trusts.
    pub trust: Vec<CertificateDer<'static>>,
    pub listen: Listen,
    pub api_version: ApiVersion,
    pub shops: Vec<Shop>,
    pub netsuite: netsuite::http::AccountAccess,
    /// A folder of statements; `None` if the merchant gives us none.
    pub statements: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub struct Listen {
    pub webhooks: SocketAddr,
    pub watch: SocketAddr,
    /// As Shopify is told it.
    pub callback: Box<str>,
    /// Of the callback.
    pub path: Box<str>,
}

#[derive(Debug)]
pub struct Shop {
    pub key: ShopKey,
    pub domain: Box<str>,
    pub access: shopify::http::ShopAccess,
    pub webhook_secret: Secret,
    pub webhook_secret_previous: Option<Secret>,
}

impl Config {
    /// Every secret that was resolved, so that a log can be kept free of them.
    pub fn secrets(&self) -> Vec<Secret> {
        let mut secrets = Vec::new();
        for shop in &self.shops {
            secrets.push(shop.webhook_secret.clone());
            secrets.extend(shop.webhook_secret_previous.clone());
            match &shop.access.credentials {
                shopify::auth::Credentials::Lasting { token } => secrets.push(token.clone()),
                shopify::auth::Credentials::Refreshed { client_secret, .. }
                | shopify::auth::Credentials::ClientCredentials { client_secret, .. } => {
                    secrets.push(client_secret.clone());
                }
            }
        }
        if let netsuite::auth::Credentials::Tokens(keys) = &self.netsuite.credentials {
            secrets.extend([&keys.consumer_secret, &keys.token, &keys.token_secret].map(Secret::clone));
        }
        secrets
    }
}
