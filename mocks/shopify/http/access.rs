//! Apps, their tokens and the token endpoint.
//!
//! Source: shopify.md §a (token kinds, lives, error names); §a and `POST /admin/oauth/access_token` take JSON, and the
//! form that OAuth prescribes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reply::Reply;
use crate::domain::{Duration, ShopKey, Timestamp};
use crate::mocks::http::Asked;

/// An app as it is installed in a shop.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// A token that holds until the app is uninstalled; empty for none.
    pub token: Box<str>,
    pub client_id: Box<str>,
    pub client_secret: Box<str>,
    /// Buys the first expiring token; empty for an app without one.
    pub refresh_token: Box<str>,
    /// Comma-separated: `read_orders,write_inventory`.
    pub scopes: Box<str>,
}

/// An expiring token lives an hour, one by client credentials a day. Source: shopify.md §a.
const EXPIRING_SECONDS: u64 = 3_600;
const CREDENTIALS_SECONDS: u64 = 86_399;
/// Of a refresh token: 90 days, unverified (shopify.md §a).
const REFRESH_SECONDS: u64 = 90 * 86_400;

/// The app of a shop with the tokens that it was given.
#[derive(Debug)]
pub(super) struct App {
    access: Access,
    /// Tokens that end, with the instant from which each is refused.
    tokens: BTreeMap<Box<str>, Timestamp>,
    /// Refresh tokens that still buy: the last one, and the one before until the last one is used.
    refresh: Vec<Box<str>>,
    /// Tokens ever made, of both kinds.
    made: u64,
}

#[derive(Debug, Default)]
pub(super) struct Apps(BTreeMap<ShopKey, Vec<App>>);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Grant {
    client_id: String,
    client_secret: String,
    grant_type: String,
    refresh_token: String,
}

impl Apps {
    pub(super) fn install(&mut self, shop: ShopKey, access: Access) {
        let refresh = (!access.refresh_token.is_empty()).then(|| access.refresh_token.clone());
        let app = App { refresh: refresh.into_iter().collect(), access, tokens: BTreeMap::new(), made: 0 };
        self.0.entry(shop).or_default().push(app);
    }

    /// The app that a token lets in at `now`.
    pub(super) fn of_token(&self, shop: ShopKey, token: &str, now: Timestamp) -> Option<&App> {
        let holds = |app: &&App| {
            !token.is_empty() && *app.access.token == *token
                || app.tokens.get(token).is_some_and(|ends| now < *ends)
        };
        self.0.get(&shop)?.iter().find(holds)
    }

    /// Answers the token endpoint.
    pub(super) fn grant(&mut self, shop: ShopKey, asked: &Asked, now: Timestamp) -> Reply {
        let Some(grant) = Grant::read(asked) else {
            return denied("invalid_request", "The request body is neither JSON nor a form.");
        };
        let of_client =
            |app: &&mut App| !grant.client_id.is_empty() && *app.access.client_id == *grant.client_id;
        let Some(app) = self.0.get_mut(&shop).and_then(|apps| apps.iter_mut().find(of_client)) else {
            return denied("shop_not_permitted", "Client credentials cannot be performed on this shop.");
        };
        if *app.access.client_secret != *grant.client_secret {
            return denied("invalid_client", "Client authentication failed.");
        }
        match grant.grant_type.as_str() {
            "client_credentials" => app.by_credentials(shop, now),
            "refresh_token" => app.by_refresh(shop, &grant.refresh_token, now),
            other => denied("unsupported_grant_type", &format!("The grant type `{other}` is not supported.")),
        }
    }
}

impl App {
    pub(super) fn scopes_json(&self) -> String {
        let scopes = self.access.scopes.split(',').map(str::trim).filter(|handle| !handle.is_empty());
        let listed: Vec<_> = scopes.map(|handle| serde_json::json!({ "handle": handle })).collect();
        serde_json::json!({ "access_scopes": listed }).to_string()
    }

    pub(super) fn scopes(&self) -> &str {
        &self.access.scopes
    }

    fn by_credentials(&mut self, shop: ShopKey, now: Timestamp) -> Reply {
        let token = self.new_token("shpat_", shop);
        self.tokens.insert(token.clone(), now.plus(Duration::from_secs(CREDENTIALS_SECONDS)));
        let body = serde_json::json!({
            "access_token": token, "scope": self.access.scopes, "expires_in": CREDENTIALS_SECONDS,
        });
        Reply::json(200, body.to_string())
    }

    /// The token before the last keeps buying until the last one was used: its answer may have been lost.
    fn by_refresh(&mut self, shop: ShopKey, refresh_token: &str, now: Timestamp) -> Reply {
        let Some(at) = self.refresh.iter().position(|known| **known == *refresh_token) else {
            return denied("invalid_request", "This request requires an active refresh_token");
        };
        self.refresh.drain(..at);
        self.refresh.truncate(1);
        let next = self.new_token("shprt_", shop);
        self.refresh.push(next.clone());
        let token = self.new_token("shpat_", shop);
        self.tokens.insert(token.clone(), now.plus(Duration::from_secs(EXPIRING_SECONDS)));
        let body = serde_json::json!({
            "access_token": token, "scope": self.access.scopes, "expires_in": EXPIRING_SECONDS,
            "refresh_token": next, "refresh_token_expires_in": REFRESH_SECONDS,
        });
        Reply::json(200, body.to_string())
    }

    /// A function of app, shop and count, so that a run repeats; nobody but the app knows the secret in it.
    fn new_token(&mut self, prefix: &str, shop: ShopKey) -> Box<str> {
        self.made += 1;
        let Access { client_id, client_secret, .. } = &self.access;
        let seed = format!("{prefix}/{client_id}/{client_secret}/{shop}/{}", self.made);
        let digest = ring::digest::digest(&ring::digest::SHA256, seed.as_bytes());
        let hex: String = digest.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{prefix}{hex}").into()
    }
}

impl Grant {
    fn read(asked: &Asked) -> Option<Grant> {
        let text = std::str::from_utf8(&asked.body).ok()?;
        let kind = asked.header("content-type").unwrap_or("application/json");
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return serde_json::from_str(text).ok();
        }
        let field = |name: &str| super::door::form_value(text, name).unwrap_or_default();
        Some(Grant {
            client_id: field("client_id"),
            client_secret: field("client_secret"),
            grant_type: field("grant_type"),
            refresh_token: field("refresh_token"),
        })
    }
}

fn denied(error: &str, description: &str) -> Reply {
    Reply::json(400, serde_json::json!({ "error": error, "error_description": description }).to_string())
}
