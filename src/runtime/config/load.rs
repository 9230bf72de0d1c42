//! Reading and validating the configuration, with the policy that it names.
//!
//! Lives here: from keys to a [`Config`], with every refusal placed.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::file::{self, ConfigFile, Text};
use super::secrets::{Environment, private, resolve};
use super::{Config, Listen, Shop};
use crate::domain::{MerchantKey, ShopKey};
use crate::platforms::https::Endpoint;
use crate::platforms::netsuite::auth::assertion::AssertionKey;
use crate::platforms::netsuite::auth::signature::TokenKeys;
use crate::platforms::netsuite::http::{AccountAccess, AccountId};
use crate::platforms::secret::Secret;
use crate::platforms::shopify::http::ShopAccess;
use crate::platforms::shopify::wire::{API_VERSION, ApiVersion};
use crate::platforms::{netsuite, shopify};
use crate::policy::document::{Placed, Refused, Sources, Version, from_disk};
use crate::policy::{Policy, ShopPolicy, grammar};

const VERSION: Version = Version { key: "plimsoll-config", number: 1 };

impl Config {
    /// Reads the file and the policy that it names, and resolves the secrets.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn load(path: &Path, environment: Environment<'_>) -> Result<Config, Refused> {
        let mut sources = Sources::default();
        let number = sources.add(path, &from_disk)?;
        let file: ConfigFile = sources.document(&[number], VERSION)?;
        let policy_path = sources.beside(&file.policy);
        let mut policy = Policy::load(&policy_path)?;
        let merchant: MerchantKey = sources.read(&file.merchant, grammar::merchant_key)?;
        if merchant != policy.merchant {
            let cause = format!("the policy is of `{}`, not of `{merchant}`", policy.merchant);
            return Err(sources
                .error(file.merchant.span(), "foreign-policy", cause)
                .remedy("name the policy of this merchant"));
        }
        let netsuite = account(&sources, file.netsuite.get(), file.netsuite.span(), environment)?;
        if let Some(slots) = &file.netsuite.get().slots {
            policy.netsuite.slots = slots_of_ours(&sources, slots, policy.netsuite.slots)?;
        }
        Ok(Config {
            store: sources.beside(&file.store),
            trust: trust(&sources, file.trust.as_ref())?,
            listen: listen(&sources, &file.listen)?,
            api_version: api_version(&sources, file.shopify.api_version.as_ref())?,
            shops: shops(&sources, &file.shopify, &policy, environment)?,
            netsuite,
            statements: file.bank.as_ref().map(|bank| sources.beside(&bank.statements)),
            policy_path,
            policy,
        })
    }
}

fn slots_of_ours(sources: &Sources, written: &Placed<u32>, allowed: u32) -> Result<u32, Refused> {
    match *written.get() {
        slots if (1..=allowed).contains(&slots) => Ok(slots),
        slots => Err(sources
            .error(
                written.span(),
                "out-of-range",
                format!("{slots} slots, where the policy allows {allowed}"),
            )
            .remedy(format!("write a number from 1 to {allowed}, or raise `netsuite.slots` in the policy"))),
    }
}

fn trust(sources: &Sources, written: Option<&Text>) -> Result<Vec<CertificateDer<'static>>, Refused> {
    let Some(written) = written else { return Ok(Vec::new()) };
    let path = sources.beside(written);
    let refuse = |cause: &dyn std::fmt::Display| {
        sources
            .error(written.span(), "no-certificate", format!("`{}`: {cause}", path.display()))
            .remedy("name a file of certificates as PEM text")
    };
    let found = CertificateDer::pem_file_iter(&path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refuse(&error))?;
    if found.is_empty() {
        return Err(refuse(&"no certificate in it"));
    }
    let mut roots = RootCertStore::empty();
    for certificate in &found {
        roots.add(certificate.clone()).map_err(|error| refuse(&error))?;
    }
    Ok(found)
}

fn listen(sources: &Sources, written: &file::Listen) -> Result<Listen, Refused> {
    let callback = written.callback.get().as_str();
    let bad = |cause: &str| {
        sources
            .error(written.callback.span(), "not-a-callback", format!("`{callback}` {cause}"))
            .remedy("write the public address, such as `https://hooks.example.com/webhooks/shopify`")
    };
    let after_scheme = callback.find("://").map(|at| at + 3).ok_or_else(|| bad("is no address"))?;
    let path_at = callback[after_scheme..].find('/').map(|at| at + after_scheme);
    let (origin, path) = match path_at {
        Some(at) if at + 1 < callback.len() => callback.split_at(at),
        _ => return Err(bad("has no path")),
    };
    origin.parse::<Endpoint>().map_err(|error| bad(&format!("cannot be called: {error}")))?;
    if path.contains(['{', '}', '*', '?', '#']) || !path.is_ascii() {
        return Err(bad("has more than a plain path"));
    }
    let (webhooks, watch) = (address(sources, &written.webhooks)?, address(sources, &written.watch)?);
    if webhooks == watch && webhooks.port() != 0 {
        return Err(sources
            .error(written.watch.span(), "same-address", format!("`{watch}` is taken by the deliveries"))
            .remedy("watch on another port, which the public does not reach"));
    }
    Ok(Listen { webhooks, watch, callback: callback.into(), path: path.into() })
}

fn address(sources: &Sources, written: &Text) -> Result<SocketAddr, Refused> {
    written.get().parse().map_err(|_| {
        sources
            .error(written.span(), "not-an-address", format!("`{}` is no address", written.get()))
            .remedy("write an address of this machine and a port, such as `127.0.0.1:8080` or `[::]:8080`")
    })
}

fn api_version(sources: &Sources, written: Option<&Text>) -> Result<ApiVersion, Refused> {
    let Some(written) = written else { return Ok(API_VERSION) };
    match *written.get() == API_VERSION.to_string() {
        true => Ok(API_VERSION),
        false => Err(sources
            .error(
                written.span(),
                "unknown-version",
                format!("this program does not speak version `{}` of the Admin API", written.get()),
            )
            .remedy(format!("write `{API_VERSION}`; another version needs another release of plimsoll"))),
    }
}

fn shops(
    sources: &Sources,
    written: &file::Shopify,
    policy: &Policy,
    environment: Environment<'_>,
) -> Result<Vec<Shop>, Refused> {
    let mut shops = Vec::new();
    for (key, shop) in &written.shop.get().0 {
        let known = policy.shops.iter().map(|shop| shop.key.as_str());
        let at = sources.refer(key, "shop of the policy", known)?;
        shops.push(one_shop(sources, shop.get(), shop.span(), &policy.shops[at], environment)?);
    }
    let configured = |key: ShopKey| shops.iter().any(|shop: &Shop| shop.key == key);
    if let Some(missing) = policy.shops.iter().find(|shop| !configured(shop.key)) {
        let cause = format!("the policy's shop `{}` has no access", missing.key);
        return Err(sources
            .error(written.shop.span(), "missing-key", cause)
            .remedy(format!("add a table `[shopify.shop.{}]`", missing.key)));
    }
    Ok(shops)
}

fn one_shop(
    sources: &Sources,
    written: &file::Shop,
    whole: Range<usize>,
    policy: &ShopPolicy,
    environment: Environment<'_>,
) -> Result<Shop, Refused> {
    if *written.domain.get() != *policy.domain {
        let cause = format!("the policy's shop `{}` is `{}`", policy.key, policy.domain);
        return Err(sources
            .error(written.domain.span(), "foreign-shop", cause)
            .remedy("use the policy of this shop: one of a test shop does not fit the shop that sells"));
    }
    let usual = || format!("https://{}", policy.domain).parse().expect("the policy holds names of hosts");
    let secret = |text: &Text, what| resolve(sources, text, what, environment);
    let webhook = written.webhook_secret.as_ref().map(|text| secret(text, "webhook-secret")).transpose()?;
    let client = written.client_secret.as_ref().map(|text| secret(text, "client-secret")).transpose()?;
    let webhook_secret = webhook.or(client.clone()).ok_or_else(|| {
        sources
            .error(whole.clone(), "missing-key", "nothing is said of the secret that signs deliveries")
            .remedy("add `webhook-secret = \"env:NAME\"`, or the app's `client-secret`")
    })?;
    let previous = written.webhook_secret_previous.as_ref();
    Ok(Shop {
        key: policy.key,
        domain: policy.domain.clone(),
        access: ShopAccess {
            endpoint: endpoint(sources, written.endpoint.as_ref())?.unwrap_or_else(usual),
            credentials: shop_credentials(sources, written, whole, client, environment)?,
        },
        webhook_secret,
        webhook_secret_previous: previous.map(|text| secret(text, "webhook-secret-previous")).transpose()?,
    })
}

fn shop_credentials(
    sources: &Sources,
    written: &file::Shop,
    whole: Range<usize>,
    client_secret: Option<Secret>,
    environment: Environment<'_>,
) -> Result<shopify::auth::Credentials, Refused> {
    let remedy = "give `access-token`, or `client-id` with `client-secret` and, for tokens of an hour, \
                  `refresh-token-file`";
    match (&written.access_token, &written.client_id, client_secret) {
        (Some(token), None, _) if written.refresh_token_file.is_none() => {
            let token = resolve(sources, token, "access-token", environment)?;
            Ok(shopify::auth::Credentials::Lasting { token })
        }
        (None, Some(id), Some(client_secret)) => {
            let client_id = id.get().as_str().into();
            Ok(match &written.refresh_token_file {
                Some(path) => shopify::auth::Credentials::Refreshed {
                    client_id,
                    client_secret,
                    kept_in: private(sources, path)?,
                },
                None => shopify::auth::Credentials::ClientCredentials { client_id, client_secret },
            })
        }
        (None, None, _) => {
            Err(sources.error(whole, "missing-key", "the shop has no credentials").remedy(remedy))
        }
        _ => Err(sources
            .error(whole, "contradiction", "the shop's credentials do not make one whole")
            .remedy(remedy)),
    }
}

fn account(
    sources: &Sources,
    written: &file::NetSuite,
    whole: Range<usize>,
    environment: Environment<'_>,
) -> Result<AccountAccess, Refused> {
    let id: AccountId = written.account.get().parse().map_err(|error: netsuite::http::NotAnAccountId| {
        sources
            .error(written.account.span(), "not-an-account", error.to_string())
            .remedy("Setup > Company > Company Information shows it")
    })?;
    let secret = |text: &Text, what| resolve(sources, text, what, environment);
    let credentials = match (&written.certificate, &written.token) {
        (Some(keys), None) => netsuite::auth::Credentials::Certificate {
            client_id: keys.client_id.get().as_str().into(),
            certificate_id: keys.certificate_id.get().as_str().into(),
            key: AssertionKey::from_pem(&secret(&keys.key, "key")?).map_err(|error| {
                sources
                    .error(keys.key.span(), "not-a-key", error.to_string())
                    .remedy("name the private key whose certificate the account knows, as PEM text of PKCS#8")
            })?,
        },
        (None, Some(keys)) => netsuite::auth::Credentials::Tokens(TokenKeys {
            consumer_key: secret(&keys.consumer_key, "consumer-key")?.expose().into(),
            consumer_secret: secret(&keys.consumer_secret, "consumer-secret")?,
            token: secret(&keys.token, "token")?,
            token_secret: secret(&keys.token_secret, "token-secret")?,
        }),
        (None, None) => {
            return Err(sources
                .error(whole, "missing-key", "the account has no credentials")
                .remedy("add `[netsuite.certificate]` or `[netsuite.token]`"));
        }
        (Some(_), Some(_)) => {
            return Err(sources
                .error(whole, "contradiction", "the account has two kinds of credentials")
                .remedy("keep `[netsuite.certificate]` or `[netsuite.token]`"));
        }
    };
    let endpoint = endpoint(sources, written.endpoint.as_ref())?.unwrap_or_else(|| id.usual_endpoint());
    Ok(AccountAccess { id, endpoint, credentials })
}

fn endpoint(sources: &Sources, written: Option<&Text>) -> Result<Option<Endpoint>, Refused> {
    let Some(written) = written else { return Ok(None) };
    let endpoint = written.get().parse().map_err(|error: crate::platforms::https::BadEndpoint| {
        sources.error(written.span(), "not-an-endpoint", error.to_string()).remedy(
            "write a scheme and a host, such as `https://acme.myshopify.com` or `http://127.0.0.1:3000`",
        )
    })?;
    Ok(Some(endpoint))
}
