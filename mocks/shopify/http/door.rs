//! Which shop a request means, and what it wants there.

use super::super::ShopifyTwin;
use crate::domain::ShopKey;
use crate::mocks::http::Asked;

/// A request of which the shop is known.
#[derive(Debug)]
pub(super) struct Door<'a> {
    pub(super) shop: ShopKey,
    pub(super) wanted: Wanted<'a>,
    /// Where the shop is reached, without a slash at the end: `http://127.0.0.1:8080/us.myshopify.com`.
    pub(super) base: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted<'a> {
    /// `/admin/oauth/access_token`, without a version.
    AccessToken,
    /// `/admin/oauth/access_scopes.json`.
    AccessScopes,
    GraphQl {
        version: &'a str,
    },
    /// Any other resource of a version, with its ending: `shop.json`.
    Rest {
        version: &'a str,
        resource: &'a str,
    },
    /// `/bulk/{number}.jsonl`: the result of a bulk operation.
    BulkFile {
        number: u64,
    },
    /// `/staged/{key}`: a file for a bulk mutation; without a key it stands in the form that is sent.
    Staged {
        key: &'a str,
    },
    /// A path that no server of Shopify's has.
    Nothing,
}

impl<'a> Door<'a> {
    /// `None` for a shop that does not exist.
    pub(super) fn find(twin: &ShopifyTwin, asked: &'a Asked) -> Option<Door<'a>> {
        let path = asked.path.strip_prefix('/').unwrap_or(&asked.path);
        let by_domain = |domain: &str| {
            let shop = twin.shops.iter().find(|shop| shop.settings.domain.eq_ignore_ascii_case(domain))?;
            Some(shop.settings.key)
        };
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let host = asked.header("host").unwrap_or_default();
        // Who puts another host in a request's place says which one it was, as ingresses do.
        let reached = asked.header("x-forwarded-host").unwrap_or(host);
        let scheme = asked.header("x-forwarded-proto").unwrap_or("http");
        let (shop, path, base) = match by_domain(first) {
            Some(shop) => (shop, rest, format!("{scheme}://{reached}/{first}")),
            None => {
                let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
                (by_domain(name)?, path, format!("{scheme}://{reached}"))
            }
        };
        Some(Door { shop, wanted: Wanted::read(path), base })
    }
}

impl<'a> Wanted<'a> {
    fn read(path: &'a str) -> Wanted<'a> {
        let file = path.strip_prefix("bulk/").and_then(|name| name.strip_suffix(".jsonl"));
        if let Some(number) = file.and_then(|number| number.parse().ok()) {
            return Wanted::BulkFile { number };
        }
        if let Some(key) = path.strip_prefix("staged/") {
            return Wanted::Staged { key };
        }
        let Some(below) = path.strip_prefix("admin/") else { return Wanted::Nothing };
        match below {
            "oauth/access_token" | "oauth/access_token.json" => return Wanted::AccessToken,
            "oauth/access_scopes.json" => return Wanted::AccessScopes,
            // A missing version is served as an unknown one. Source: shopify.md §a.
            "api/graphql.json" => return Wanted::GraphQl { version: "" },
            _ => {}
        }
        match below.strip_prefix("api/").and_then(|rest| rest.split_once('/')) {
            Some((version, "graphql.json")) => Wanted::GraphQl { version },
            Some((version, resource)) => Wanted::Rest { version, resource },
            None => Wanted::Nothing,
        }
    }
}

/// The value of a name in a form or a query string, percent-decoded; the first where it comes twice.
pub(super) fn form_value(text: &str, name: &str) -> Option<String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(known, _)| decoded(known) == name).map(|(_, value)| decoded(value)).next()
}

/// Percent-encoding undone, `+` as a space; a broken escape stands as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = match bytes[at] {
            b'%' => text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok()),
            _ => None,
        };
        match (escaped, bytes[at]) {
            (Some(byte), _) => {
                out.push(byte);
                at += 2;
            }
            (None, b'+') => out.push(b' '),
            (None, byte) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}
