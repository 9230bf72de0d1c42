//! The HTTP face of the Shopify twin: what a server of Shopify's answers to a request, whoever asks.
//!
//! A function of the twin's state, the request and the instant: no socket, clock or randomness. What each file holds:
//! `door` which shop is meant and what it is asked for, [`access`] tokens and who may have one, `version` which version
//! of the API is served, `reply` statuses, headers and error bodies.
//!
//! Source: shopify.md §a, §b.3.

pub mod access;
mod door;
mod reply;
#[cfg(test)]
mod tests;
mod version;

pub use access::Access;

use super::ShopifyTwin;
use crate::domain::{ShopKey, Timestamp};
use crate::mocks::http::{Asked, Told};

use access::Apps;
use door::{Door, Wanted};
use reply::Reply;

/// One server for any number of shops. A shop is named by the `Host` header, or by the first segment of the path
/// (`/harbour.myshopify.com/admin/…`), so that one loopback port carries all of them.
#[derive(Debug, Default)]
pub struct Face {
    apps: Apps,
    /// Requests ever answered: numbers `X-Request-Id`.
    answered: u64,
}

impl Face {
    pub fn new() -> Face {
        Face::default()
    }

    /// Installs an app in a shop: who holds its tokens or credentials is let in.
    pub fn install(&mut self, shop: ShopKey, access: Access) {
        self.apps.install(shop, access);
    }

    /// Answers one request that arrives at `now`.
    pub fn answer(&mut self, twin: &mut ShopifyTwin, asked: &Asked, now: Timestamp) -> Told {
        self.answered += 1;
        let reply = match Door::find(twin, asked) {
            None => Reply::not_found(),
            Some(door) => self.at_door(twin, asked, &door, now),
        };
        reply.told(self.answered)
    }

    fn at_door(&mut self, twin: &mut ShopifyTwin, asked: &Asked, door: &Door<'_>, now: Timestamp) -> Reply {
        if let Wanted::AccessToken = door.wanted {
            return match asked.method.as_str() {
                "POST" => self.apps.grant(door.shop, asked, now),
                _ => Reply::not_found(),
            };
        }
        let token = asked.header("x-shopify-access-token");
        let Some(app) = token.and_then(|token| self.apps.of_token(door.shop, token, now)) else {
            return Reply::unauthorized();
        };
        match &door.wanted {
            Wanted::AccessToken | Wanted::Nothing => Reply::not_found(),
            Wanted::AccessScopes => Reply::json(200, app.scopes_json()),
            Wanted::GraphQl { version } => match asked.method.as_str() {
                "POST" => graphql(twin, door.shop, asked, now).of_version(version::served(version, now)),
                _ => Reply::not_found(),
            },
        }
    }
}

fn graphql(twin: &mut ShopifyTwin, shop: ShopKey, asked: &Asked, now: Timestamp) -> Reply {
    match std::str::from_utf8(&asked.body) {
        Ok(body) => Reply::json(200, twin.answer_bytes(shop, body, now)),
        Err(_) => Reply::parameter_missing("query"),
    }
}
