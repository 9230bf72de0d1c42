//! Bulk operations: a query, or a mutation for each line of a file, that runs by itself and leaves a file behind.
//!
//! Source: shopify.md §d.5 (states, limits, errors, format) and recorded operations, from which the pace is taken: a
//! plain listing of 1,456 rows ended within a second, those with nested connections took between six and sixteen, and
//! their counts stood at zero for most of that time; a cancelled one ended with the counts and the file of all it had
//! found. That an operation sees everything at the moment when it was asked for is an assumption. Queries are run in
//! `run`, mutations in `mutate`, and files are handed in through `staged`.

mod check;
mod mutate;
mod run;
mod staged;

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::object::{Found, Session};
use super::page::number_of;
use super::records::gid;
use super::refusal::Refusal;
use super::write::refused;
use crate::domain::{Duration, Timestamp};
use crate::platforms::shopify::wire::DateTime;
pub(in super::super) use staged::Handed;
use staged::Staged;

use super::super::super::cursor::Cursor;

/// Running at a time, of one kind and app in one shop, from this version on; before it was one.
/// Source: shopify.md §d.5.
const RUNNING_MAX: usize = 5;
const RUNNING_MAX_SINCE: &str = "2026-01";
/// Bytes of the text that is to run. Source: a recorded refusal.
const TEXT_BYTES_MAX: usize = 65_535;
/// Until it begins, for each row, and for each nested connection.
const STARTS: Duration = Duration::from_millis(300);
const TAKES_A_ROW: Duration = Duration::from_micros(300);
const TAKES_A_NESTED: Duration = Duration::from_secs(3);
/// A result can be fetched for seven days.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// The bulk operations of one shop.
#[derive(Debug, Default)]
pub(in super::super) struct Bulk {
    operations: Vec<Operation>,
    ordinal: u64,
    staged: Staged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Query,
    Mutation,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Query => "QUERY",
            Kind::Mutation => "MUTATION",
        }
    }
}

#[derive(Debug)]
struct Operation {
    number: u64,
    kind: Kind,
    text: Box<str>,
    created: Timestamp,
    completes: Timestamp,
    cancelled: Option<Timestamp>,
    result: Lines,
}

/// A bulk operation of before, as a shop is opened with it. Its file is not there any more.
#[derive(Debug, Clone)]
pub struct PastBulk {
    pub is_mutation: bool,
    pub created: Timestamp,
    /// `None` for one that was cancelled as soon as it was made.
    pub completed: Option<Timestamp>,
    pub objects: usize,
    pub roots: usize,
}

/// What an operation finds.
#[derive(Debug, Default)]
struct Lines {
    text: String,
    objects: usize,
    roots: usize,
}

impl Operation {
    fn status(&self, now: Timestamp) -> &'static str {
        match self.cancelled {
            Some(_) if now < self.completes => "CANCELING",
            Some(_) => "CANCELED",
            None if now < self.created.plus(STARTS) => "CREATED",
            None if now < self.completes => "RUNNING",
            None => "COMPLETED",
        }
    }

    fn is_running(&self, now: Timestamp) -> bool {
        matches!(self.status(now), "CREATED" | "RUNNING")
    }

    /// What stands behind its address at `now`; a result without rows has none.
    fn file(&self, now: Timestamp) -> Option<&str> {
        let is_there = now >= self.completes && now < self.completes.plus(KEPT);
        (is_there && self.result.objects > 0).then_some(&self.result.text)
    }

    fn to_json(&self, now: Timestamp, base: &str) -> Value {
        let status = self.status(now);
        let is_completed = status == "COMPLETED";
        let count = |count: usize| if now < self.completes { "0".to_owned() } else { count.to_string() };
        let size = is_completed && self.result.objects > 0;
        json!({
            "id": gid("BulkOperation", self.number),
            "status": status,
            "type": self.kind.name(),
            "errorCode": null,
            "createdAt": DateTime::of(self.created),
            "completedAt": is_completed.then(|| DateTime::of(self.completes)),
            "objectCount": count(self.result.objects),
            "rootObjectCount": count(self.result.roots),
            "fileSize": size.then(|| self.result.text.len().to_string()),
            "url": self.file(now).map(|_| format!("{base}/bulk/{}.jsonl", self.number)),
            "partialDataUrl": null,
            "query": self.text,
        })
    }
}

impl Bulk {
    pub(super) fn find(&self, number: u64, now: Timestamp, base: &str) -> Option<Value> {
        let found = self.operations.iter().find(|operation| operation.number == number)?;
        Some(found.to_json(now, base))
    }

    /// The last one of a kind that was asked for.
    pub(super) fn current(&self, kind: &str, now: Timestamp, base: &str) -> Value {
        let last = self.operations.iter().rfind(|operation| operation.kind.name() == kind);
        last.map_or(Value::Null, |operation| operation.to_json(now, base))
    }

    /// The file behind a result's address.
    pub(in super::super) fn file(&self, number: u64, now: Timestamp) -> Option<&str> {
        self.operations.iter().find(|operation| operation.number == number)?.file(now)
    }

    /// Takes a file that was sent to an address of `stagedUploadsCreate`.
    pub(in super::super) fn hand_in(&mut self, key: &str, content: &[u8]) -> Handed {
        self.staged.hand_in(key, content)
    }

    /// The number of an operation that ran before.
    pub(in super::super) fn remember(&mut self, at: usize, past: &PastBulk) -> u64 {
        self.ordinal += 1;
        let number = super::super::super::ids::bulk_operation(at as u64, self.ordinal as usize);
        self.operations.push(Operation {
            number,
            kind: if past.is_mutation { Kind::Mutation } else { Kind::Query },
            text: "".into(),
            created: past.created,
            completes: past.completed.unwrap_or(past.created),
            cancelled: past.completed.is_none().then_some(past.created),
            result: Lines { text: String::new(), objects: past.objects, roots: past.roots },
        });
        number
    }

    /// The refusal of one more operation of a kind, if as many run as may.
    fn busy(&self, kind: Kind, version: &str, now: Timestamp) -> Option<String> {
        let most = if version < RUNNING_MAX_SINCE { 1 } else { RUNNING_MAX };
        let running = self.operations.iter().filter(|it| it.kind == kind && it.is_running(now));
        let ids: Vec<String> = running.map(|it| gid("BulkOperation", it.number)).collect();
        let kind = kind.name().to_lowercase();
        let ids = (ids.len() >= most).then(|| ids.join(", "))?;
        Some(format!("A bulk {kind} operation for this app and shop is already in progress: {ids}."))
    }

    /// A new operation, in a shop with this position.
    fn begin(
        &mut self,
        at: usize,
        (kind, text): (Kind, &str),
        (result, takes): (Lines, Duration),
        now: Timestamp,
    ) -> Value {
        self.ordinal += 1;
        let number = super::super::super::ids::bulk_operation(at as u64, self.ordinal as usize);
        let takes = STARTS.plus(takes).plus(TAKES_A_ROW.times(result.objects as u64));
        self.operations.push(Operation {
            number,
            kind,
            text: text.into(),
            created: now,
            completes: now.plus(takes),
            cancelled: None,
            result,
        });
        json!({ "bulkOperation": { "id": gid("BulkOperation", number) }, "userErrors": [] })
    }
}

impl Session<'_> {
    /// Operations that a search text asks for, the youngest first; a status or type that none has finds none.
    ///
    /// Source: recorded listings, with `reverse` and without, by both sort keys: one that was not completed comes
    /// last by completion.
    pub(super) fn bulk_operations(&self, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let window = self.window(arguments)?;
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
        let by_completion = text("sortKey") == "COMPLETED_AT";
        let wanted = text("query").split_whitespace().filter(|term| *term != "AND").map(Term::read);
        let wanted = wanted.collect::<Result<Vec<Term<'_>>, Refusal>>()?;
        let bulk = self.bulk.borrow();
        let mut found: Vec<(Reverse<i64>, &Operation)> = Vec::new();
        for operation in &bulk.operations {
            let at = match by_completion {
                true if operation.status(self.now) != "COMPLETED" => i64::MIN,
                true => operation.completes.seconds(),
                false => operation.created.seconds(),
            };
            if wanted.iter().all(|term| term.fits(operation, self.now)) {
                found.push((Reverse(at), operation));
            }
        }
        found.sort_by_key(|(at, operation)| (*at, Reverse(operation.number)));
        let key = |(at, operation): &(Reverse<i64>, &Operation)| Cursor {
            last_id: operation.number,
            last_value: at.0.saturating_neg(),
        };
        let node = |at: usize| found[at].1.to_json(self.now, self.base);
        Ok(Found::Paged(window.page(found.iter().map(key).collect(), node)))
    }

    pub(super) fn cancel_bulk(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = self.id_of(arguments, "BulkOperation")?;
        let number = number_of(id).unwrap_or_default();
        let mut bulk = self.bulk.borrow_mut();
        let Some(operation) = bulk.operations.iter_mut().find(|operation| operation.number == number) else {
            return Ok(refused("bulkOperation", Some(&["id"]), "Bulk operation does not exist"));
        };
        if !operation.is_running(self.now) {
            let status = operation.status(self.now).to_lowercase();
            let message = format!("A bulk operation cannot be canceled when it is {status}");
            let error = json!([{ "field": null, "message": message }]);
            return Ok(json!({ "bulkOperation": { "id": id }, "userErrors": error }));
        }
        operation.cancelled = Some(self.now);
        Ok(json!({ "bulkOperation": { "id": id }, "userErrors": [] }))
    }
}

/// What a search text asks of an operation.
enum Term<'a> {
    Status(&'a str),
    Kind(&'a str),
    Since(i64),
}

impl Term<'_> {
    /// # Errors
    /// An instant that is none, or a field that the twin does not search by.
    fn read(term: &str) -> Result<Term<'_>, Refusal> {
        match term.split_once(':') {
            Some(("status", status)) => Ok(Term::Status(status)),
            Some(("operation_type", kind)) => Ok(Term::Kind(kind)),
            Some((field @ "created_at", _)) => {
                let refused = |_| Refusal::bad_request("Invalid timestamp for query filter `created_at`.");
                super::search::since(term, field).map(Term::Since).map_err(refused)
            }
            _ => Err(Refusal::not_modelled(&format!("search term `{term}`"))),
        }
    }

    fn fits(&self, operation: &Operation, now: Timestamp) -> bool {
        match self {
            Term::Status(status) => status.eq_ignore_ascii_case(operation.status(now)),
            Term::Kind(kind) => kind.eq_ignore_ascii_case(operation.kind.name()),
            Term::Since(second) => operation.created.seconds() >= *second,
        }
    }
}

fn coded(field: Option<&[&str]>, messages: &[String], code: &str) -> Value {
    let error = |message: &String| json!({ "field": field, "message": message, "code": code });
    json!({ "bulkOperation": null, "userErrors": messages.iter().map(error).collect::<Vec<_>>() })
}
