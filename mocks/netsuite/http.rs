//! The twin as any client finds it behind its host name: who may come in, paths, headers and statuses.
//!
//! Lives here: the way of a request through the parts below. Not here: sockets, slots and the clock, which are those of
//! whoever listens.
//!
//! In reading order: [`address`] (path and query), [`door`] (authorisation, with `oauth1`, `oauth2` and [`keys`]),
//! [`problem`] (error bodies), [`json`] (bodies as they were sent),
//! [`records`] (the record service, with [`shape`], [`render`], [`filter`] and [`catalog`]), [`jobs`] (requests that nobody
//! waits for), [`suiteql`] (queries).
//!
//! Source: netsuite.md §2 (hosts), §3 (authentication), §4 (resources and headers), §9 (errors).

use std::collections::BTreeMap;

use super::bytes::TextAnswer;
use super::{NetsuiteTwin, Response, answers, bytes};
use crate::domain::{Timestamp, Zone};
use crate::mocks::http::{Asked, Told};
use crate::platforms::netsuite::operation::SUITEQL_PATH;
use address::Address;
use door::Door;
use jobs::{Jobs, Order};
use problem::{Place, Problem};
use records::{Extras, Service};

mod address;
mod batch;
mod catalog;
mod door;
pub(super) mod encoding;
mod filter;
mod jobs;
mod json;
pub mod keys;
mod oauth1;
mod oauth2;
mod problem;
mod records;
mod render;
mod shape;
mod suiteql;

pub use door::{CertificateEntry, TokenEntry};
pub use suiteql::DateFormat;

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
    date_format: DateFormat,
    /// Of the integration's user; `None` keeps the account's.
    zone: Option<Zone>,
    door: Door,
    jobs: Jobs,
    extras: Extras,
    /// Requests so far: each answer carries a number of its own.
    requests: u64,
    counters: BTreeMap<String, u64>,
}

/// Distinct names that are counted; what comes after them is counted as one.
const COUNTERS_MAX: usize = 1_000;

impl Face {
    pub fn new(settings: FaceSettings) -> Face {
        let door = Door::new(&settings);
        Face {
            settings,
            date_format: DateFormat::default(),
            zone: None,
            door,
            jobs: Jobs::default(),
            extras: Extras::new(),
            requests: 0,
            counters: BTreeMap::new(),
        }
    }

    /// Dates as the user of this account writes them, in place of month, day, year.
    #[must_use]
    pub fn with_dates(self, date_format: DateFormat) -> Face {
        Face { date_format, ..self }
    }

    /// Clocks as the integration's user reads them, in place of the account's zone: queries print and compare moments so
    /// (netsuite.md §11.3).
    #[must_use]
    pub fn with_zone(self, zone: Zone) -> Face {
        Face { zone: Some(zone), ..self }
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
        self.served(twin, asked, address, now)
    }

    /// What is asked by somebody who was let in.
    fn served(&mut self, twin: &mut NetsuiteTwin, asked: &Asked, address: &Address, now: Timestamp) -> Told {
        twin.tell_time(now);
        if asked.method == "OPTIONS" {
            // Source: netsuite.md §2: a connection check.
            return Told { status: 204, headers: Vec::new(), body: Vec::new() };
        }
        if asked.path.eq_ignore_ascii_case(SUITEQL_PATH) && asked.method == "POST" {
            let answer = suiteql::answer(twin, asked, address, self.date_format, self.zone.as_ref(), now);
            return answer.unwrap_or_else(|(problem, missing)| {
                if let Some(name) = missing {
                    self.count(name);
                }
                problem.told()
            });
        }
        let parts: Vec<&str> = address.parts.iter().map(String::as_str).collect();
        match parts[..] {
            ["services", "rest", "record", "v1", ref rest @ ..] => {
                self.record(twin, asked, address, rest, now)
            }
            ["services", "rest", "async", "v1", "job", ref rest @ ..] if asked.method == "GET" => {
                let told = self.jobs.get(rest, address, now);
                told.unwrap_or_else(|| refusal(&answers::nonexistent()))
            }
            ["services", "rest", "system", "v1", "governanceLimits"] if asked.method == "GET" => {
                limits(twin.slots_limit())
            }
            _ => {
                self.count(format!("path {}", asked.path));
                let text = format!("The service '{}' does not exist.", asked.path);
                Problem::new(404, "INVALID_REQUEST", text).at(Place::UrlPath(asked.path.clone())).told()
            }
        }
    }

    fn record(
        &mut self,
        twin: &mut NetsuiteTwin,
        asked: &Asked,
        address: &Address,
        rest: &[&str],
        now: Timestamp,
    ) -> Told {
        let is_async = batch::preferences(asked).any(|text| text.contains("respond-async"));
        // Source: netsuite.md §7: without it, a key is ignored.
        let key = asked.header("x-netsuite-idempotency-key").filter(|_| is_async);
        if let Some(refused) = self.jobs.used(key, address) {
            return refused;
        }
        let Some(record) = batch::record_type(asked, address, rest) else {
            let told = self.single(twin, asked, address, rest, now);
            return match is_async {
                true => self.jobs.accept(vec![told], Order::AtOnce, key, address, now),
                false => told,
            };
        };
        let items = match batch::items(asked, address, record) {
            Ok(items) => items,
            Err(problem) => return problem.told(),
        };
        let address_of_one =
            Address { origin: address.origin.clone(), host: address.host.clone(), ..Address::default() };
        let results = items.iter().map(|item| {
            let rest: Vec<&str> = [record].into_iter().chain(item.key.as_deref()).collect();
            self.single(twin, &item.asked, &address_of_one, &rest, now)
        });
        let results = results.collect();
        let order = if batch::is_parallel(asked) { Order::AtOnce } else { Order::OneAfterTheOther };
        self.jobs.accept(results, order, key, address, now)
    }

    /// One record, now.
    fn single(
        &mut self,
        twin: &mut NetsuiteTwin,
        asked: &Asked,
        address: &Address,
        rest: &[&str],
        now: Timestamp,
    ) -> Told {
        let format = self.date_format;
        let mut service = Service { twin, extras: &mut self.extras, asked, address, format, now };
        service.answer(rest).unwrap_or_else(|refused| {
            let (told, missing) = refused.told();
            if let Some(name) = missing {
                self.count(name);
            }
            told
        })
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

/// A refusal of the twin, such as of the account's slots ([`NetsuiteTwin::begin`]), as it travels.
pub fn refusal(response: &Response) -> Told {
    let TextAnswer { status, headers, body } = bytes::spell_error(response);
    Told { status, headers, body: body.into_bytes() }
}

/// Source: netsuite.md §10.1. No part of the slots is allotted to an integration.
fn limits(slots: u32) -> Told {
    let body = format!(
        "{{\"accountConcurrencyLimit\":{slots},\"accountUnallocatedConcurrencyLimit\":{slots},\
         \"integrationConcurrencyLimit\":{slots},\"integrationLimitType\":\"accountLimit\"}}"
    );
    let headers = vec![("Content-Type", "application/vnd.oracle.resource+json; type=singular".to_owned())];
    Told { status: 200, headers, body: body.into_bytes() }
}

#[cfg(test)]
mod tests;
