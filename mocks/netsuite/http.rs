//! The twin as any client finds it behind its host name: who may come in, paths, headers and statuses.
//!
//! Lives here: the way of a request through the parts below. Not here: sockets, slots and the clock, which are those of
//! whoever listens.
//!
//! In reading order: [`address`] (path and query), [`door`] (authorisation, with `oauth1`, `oauth2` and [`keys`]),
//! [`problem`] (error bodies).
//!
//! Source: netsuite.md §2 (hosts), §3 (authentication), §4 (resources and headers), §9 (errors).

use std::collections::BTreeMap;

use super::bytes::TextAnswer;
use super::{NetsuiteTwin, Response, bytes};
use crate::domain::Timestamp;
use crate::mocks::http::{Asked, Told};
use address::Address;
use door::Door;

mod address;
mod door;
mod encoding;
pub mod keys;
mod oauth1;
mod oauth2;
mod problem;

pub use door::{CertificateEntry, TokenEntry};

/// What an account is known by, and who may come in.
#[derive(Debug, Clone)]
pub struct FaceSettings {
    /// With capitals and underscore: `1234567_SB1`.
    pub account: Box<str>,
    /// Of links to hosts that are not NetSuite's own: `http` where the twin listens without TLS.
    pub scheme: &'static str,
    pub tokens: Vec<TokenEntry>,
    pub certificates: Vec<CertificateEntry>,
    /// What access tokens are sealed with: drawn by whoever sets the account up.
    pub seal: [u8; 32],
}

/// One account's services over HTTP.
#[derive(Debug)]
pub struct Face {
    settings: FaceSettings,
    door: Door,
    /// Requests so far: each answer carries a number of its own.
    requests: u64,
    counters: BTreeMap<String, u64>,
}

/// Distinct names that are counted; what comes after them is counted as one.
const COUNTERS_MAX: usize = 1_000;

impl Face {
    pub fn new(settings: FaceSettings) -> Face {
        let door = Door::new(&settings);
        Face { settings, door, requests: 0, counters: BTreeMap::new() }
    }

    /// How often something was asked for that the twin does not do, by name: `record type vendorBill`.
    pub fn counters(&self) -> &BTreeMap<String, u64> {
        &self.counters
    }

    /// Answers one request. A slot of the account is the caller's to take and to give back.
    pub fn answer(&mut self, twin: &mut NetsuiteTwin, asked: &Asked, now: Timestamp) -> Told {
        self.answer_caller(twin, asked, now, now)
    }

    /// As [`Face::answer`], for callers whose clocks show something else than the twin's: `theirs` is what signatures
    /// and access tokens are held against.
    pub fn answer_caller(
        &mut self,
        twin: &mut NetsuiteTwin,
        asked: &Asked,
        now: Timestamp,
        theirs: Timestamp,
    ) -> Told {
        self.requests += 1;
        let mut told = match Address::of(asked, &self.settings) {
            Ok(address) => self.inside(twin, asked, &address, now, theirs),
            Err(problem) => problem.told(),
        };
        // Source: netsuite.md §4: headers seen on every answer.
        told.headers.push(("X-N-OperationId", format!("{:032x}", self.requests)));
        told
    }

    fn inside(
        &mut self,
        twin: &mut NetsuiteTwin,
        asked: &Asked,
        address: &Address,
        now: Timestamp,
        theirs: Timestamp,
    ) -> Told {
        if asked.path == oauth2::TOKEN_PATH {
            return self.door.sell_token(asked, address, theirs);
        }
        if let Err(refused) = self.door.check(asked, address, theirs) {
            return refused;
        }
        if asked.method == "OPTIONS" {
            // Source: netsuite.md §2: a connection check.
            return Told { status: 204, headers: Vec::new(), body: Vec::new() };
        }
        let query: Vec<(&str, &str)> =
            address.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let headers: Vec<(&str, &str)> =
            asked.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Ok(body) = std::str::from_utf8(&asked.body) else {
            return problem::invalid_content("The body is not UTF-8.").told();
        };
        let text = twin.execute_text(&asked.method, &asked.path, &query, &headers, body, now);
        as_told(text, &address.origin)
    }

    fn count(&mut self, name: String) {
        if let Some(known) = self.counters.get_mut(&name) {
            *known += 1;
        } else if self.counters.len() < COUNTERS_MAX {
            self.counters.insert(name, 1);
        } else {
            *self.counters.entry("other".to_owned()).or_default() += 1;
        }
    }
}

/// A refusal at the door, such as of the account's slots ([`NetsuiteTwin::begin`]), as it travels.
pub fn refusal(response: &Response) -> Told {
    as_told(bytes::spell_error(response), "")
}

/// Locations are absolute on the wire.
fn as_told(text: TextAnswer, origin: &str) -> Told {
    let headers = text.headers.into_iter().map(|(name, value)| match name {
        "Location" => (name, format!("{origin}{value}")),
        _ => (name, value),
    });
    Told { status: text.status, headers: headers.collect(), body: text.body.into_bytes() }
}

#[cfg(test)]
mod tests;
