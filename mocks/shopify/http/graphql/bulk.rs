//! Bulk operations as anybody may ask for them: a query, or a mutation for each line of a file, that runs by itself and
//! leaves a file behind.
//!
//! Queries are run in `run`, mutations in `mutate`, and files are handed in through `staged`. Not here: how many may
//! run, how long that takes and what is left of it, which the twin keeps for all who ask (`bulk` above).
//!
//! Source: shopify.md §d.5 and recorded operations.

mod check;
mod mutate;
mod run;
mod staged;

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::object::{Found, Session};
use super::page::number_of;
use super::records::json;
use super::refusal::Refusal;
use super::write::refused;
use crate::domain::{Duration, Timestamp};
use crate::platforms::shopify::wire::DateTime;
use crate::platforms::shopify::wire::bulk::BulkStatus;
use crate::platforms::shopify::wire::prices::CodedUserError;
pub(in super::super) use staged::{Handed, Staged};

use super::super::super::bulk::{self, Kind, NotCancelled, Operation};
use super::super::super::cursor::Cursor;

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
        let twin = self.twin.borrow();
        let mut found: Vec<(Reverse<i64>, &Operation)> = Vec::new();
        for operation in twin.shops[self.at].bulk.operations() {
            let at = match by_completion {
                true if operation.status(self.now) != BulkStatus::Completed => i64::MIN,
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
        let node = |at: usize| self.bulk_json(found[at].1);
        Ok(Found::Paged(window.page(found.iter().map(key).collect(), node)))
    }

    pub(super) fn cancel_bulk(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = self.id_of(arguments, "BulkOperation")?;
        let number = number_of(id).unwrap_or_default();
        let cancelled = self.twin.borrow_mut().shops[self.at].bulk.cancel(number, self.now);
        Ok(match cancelled {
            Ok(()) => json!({ "bulkOperation": { "id": id }, "userErrors": [] }),
            Err(NotCancelled::Unknown) => {
                refused("bulkOperation", Some(&["id"]), "Bulk operation does not exist")
            }
            Err(NotCancelled::IsAlready(status)) => {
                let status = name(status).to_lowercase();
                let message = format!("A bulk operation cannot be canceled when it is {status}");
                let error = json!([{ "field": null, "message": message }]);
                json!({ "bulkOperation": { "id": id }, "userErrors": error })
            }
        })
    }

    /// The operation of that number, if there is one.
    pub(super) fn bulk_operation(&self, number: u64) -> Option<Value> {
        let twin = self.twin.borrow();
        Some(self.bulk_json(twin.shops[self.at].bulk.find(number)?))
    }

    /// The last one of a kind that was asked for.
    pub(super) fn current_bulk_operation(&self, kind: &str) -> Value {
        let twin = self.twin.borrow();
        let last = twin.shops[self.at].bulk.operations().iter().rfind(|it| it.kind.name() == kind);
        last.map_or(Value::Null, |operation| self.bulk_json(operation))
    }

    fn bulk_json(&self, operation: &Operation) -> Value {
        let now = self.now;
        let is_completed = operation.status(now) == BulkStatus::Completed;
        let (objects, roots) = operation.counts(now);
        let url = || format!("{}/bulk/{}.jsonl", self.base, operation.number);
        json!({
            "id": operation.id().to_string(),
            "status": operation.status(now),
            "type": operation.kind.name(),
            "errorCode": null,
            "createdAt": DateTime::of(operation.created),
            "completedAt": is_completed.then(|| DateTime::of(operation.completes)),
            "objectCount": objects.to_string(),
            "rootObjectCount": roots.to_string(),
            "fileSize": operation.file_bytes(now).map(|bytes| bytes.to_string()),
            "url": operation.has_file(now).then(url),
            "partialDataUrl": null,
            "query": operation.text,
        })
    }

    /// Begins an operation: the payload that names it.
    fn begin_bulk(&self, asked: (Kind, &str), found: bulk::Found, besides: Duration) -> Value {
        let mut twin = self.twin.borrow_mut();
        let begun = twin.shops[self.at].bulk.begin(asked, found, besides, self.now);
        json!({ "bulkOperation": { "id": begun.id().to_string() }, "userErrors": [] })
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
            Term::Status(status) => status.eq_ignore_ascii_case(&name(operation.status(now))),
            Term::Kind(kind) => kind.eq_ignore_ascii_case(operation.kind.name()),
            Term::Since(second) => operation.created.seconds() >= *second,
        }
    }
}

/// As JSON spells it.
fn name(status: BulkStatus) -> String {
    json(status).as_str().unwrap_or_default().to_owned()
}

fn payload_of(error: &CodedUserError) -> Value {
    json!({ "bulkOperation": null, "userErrors": [error] })
}

fn coded(field: Option<&[&str]>, messages: &[String], code: &str) -> Value {
    let error = |message: &String| json!({ "field": field, "message": message, "code": code });
    json!({ "bulkOperation": null, "userErrors": messages.iter().map(error).collect::<Vec<_>>() })
}
