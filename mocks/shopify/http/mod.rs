//! The HTTP face of the Shopify twin: what a server of Shopify's answers to a request, whoever asks.
//!
//! A function of the twin's state, the request and the instant: no socket, clock or randomness. What each file holds:
//! `door` which shop is meant and what it is asked for, [`access`] tokens and who may have one, `version` which version
//! of the API is served, `upload` files that are sent, `reply` statuses, headers and error bodies, `graphql` the API itself,
//! `rest` what is left of its forerunner.
//!
//! Source: shopify.md §a, §b.3.

pub mod access;
mod door;
mod graphql;
mod reply;
mod rest;
#[cfg(test)]
mod tests;
mod upload;
mod version;

pub use access::Access;

use std::collections::BTreeMap;

use super::ShopifyTwin;
use super::bucket::Bucket;
use crate::domain::{ShopKey, Timestamp};
use crate::mocks::http::{Asked, Told};

use access::Apps;
use door::{Door, Wanted};
use graphql::GraphQl;
use graphql::bulk::Staged;
use reply::Reply;

/// What a face was asked for so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters<'a> {
    pub requests: u64,
    /// Documents that had been read before, and those that had not: the hit rate of the cache.
    pub documents_known: u64,
    pub documents_new: u64,
    /// Fields, arguments and operations that were refused because the twin does not have them, by name.
    pub unsupported: &'a BTreeMap<Box<str>, u64>,
}

/// One server for any number of shops. A shop is named by the `Host` header, or by the first segment of the path
/// (`/harbour.myshopify.com/admin/…`), so that one loopback port carries all of them.
#[derive(Debug, Default)]
pub struct Face {
    apps: Apps,
    graphql: GraphQl,
    staged: BTreeMap<ShopKey, Staged>,
    calls: BTreeMap<ShopKey, Bucket>,
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

    /// What was asked for so far.
    pub fn counters(&self) -> Counters<'_> {
        let (documents_known, documents_new) = self.graphql.cache();
        let unsupported = self.graphql.unsupported();
        Counters { requests: self.answered, documents_known, documents_new, unsupported }
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
        // The address of a result is its own secret: who has it may read.
        if let Wanted::BulkFile { number } = door.wanted {
            let bulk = &twin.shops[twin.position(door.shop)].bulk;
            let file = bulk.find(number).and_then(|operation| operation.file(now));
            return file.map_or_else(Reply::not_found, |lines| Reply::lines(lines.into_owned()));
        }
        if let Wanted::Staged { key } = door.wanted {
            return upload::take(self.staged.entry(door.shop).or_default(), asked, key);
        }
        let token = asked.header("x-shopify-access-token");
        let Some(app) = token.and_then(|token| self.apps.of_token(door.shop, token, now)) else {
            return Reply::unauthorized();
        };
        twin.settle_cancellations(twin.position(door.shop), now);
        match &door.wanted {
            Wanted::AccessToken | Wanted::BulkFile { .. } | Wanted::Staged { .. } | Wanted::Nothing => {
                Reply::not_found()
            }
            Wanted::AccessScopes => Reply::json(200, app.scopes_json()),
            Wanted::Rest { version, resource } => match asked.method.as_str() {
                "GET" => {
                    let at = twin.position(door.shop);
                    let full = || rest::bucket(&twin.shops[at]);
                    let bucket = self.calls.entry(door.shop).or_insert_with(full);
                    let address = format!("{}/admin/api/{version}/{resource}", door.base);
                    let wanted = rest::Asked { resource, query: &asked.query, address: &address };
                    let version = version::served(version, now);
                    rest::answer(twin, at, bucket, wanted, now).of_version(version)
                }
                _ => Reply::not_found(),
            },
            Wanted::GraphQl { version } => match asked.method.as_str() {
                "POST" => {
                    let version = version::served(version, now);
                    let place = graphql::Place {
                        at: twin.position(door.shop),
                        version: &version,
                        scopes: app.scopes(),
                        base: &door.base,
                        wants_costs: asked.header("shopify-graphql-cost-debug").is_some(),
                    };
                    let body = std::str::from_utf8(&asked.body).unwrap_or_default();
                    let staged = self.staged.entry(door.shop).or_default();
                    let told = match self.graphql.answer(twin, staged, &place, body, now) {
                        Some(body) => Reply::json(200, body),
                        None => Reply::parameter_missing("query"),
                    };
                    told.of_version(version)
                }
                _ => Reply::not_found(),
            },
        }
    }
}
