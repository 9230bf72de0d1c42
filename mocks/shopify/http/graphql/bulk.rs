//! Bulk operations: a query that runs by itself and leaves a file of lines behind.
//!
//! Source: shopify.md §d.5 (states, limits, errors, format). How long one takes is not published: a second, and a
//! millisecond an object, are assumptions; so is that it reads everything at the moment when it was asked for. What a
//! query may be is checked in `check`.

mod check;

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, executable};
use serde_json::{Map, Value, json};

use super::documents;
use super::object::Session;
use super::page::number_of;
use super::records::{gid, json};
use super::refusal::Refusal;
use super::write::refused;
use crate::domain::{Duration, Timestamp};
use crate::platforms::shopify::wire::DateTime;

/// Running at a time, of one app in one shop, since version 2026-01.
const RUNNING_MAX: usize = 5;
const TAKES: Duration = Duration::from_secs(1);
const TAKES_AN_OBJECT: Duration = Duration::from_millis(1);
/// A result can be fetched for seven days.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// The bulk operations of one shop.
#[derive(Debug, Default)]
pub(in super::super) struct Bulk {
    operations: Vec<Operation>,
    ordinal: u64,
}

#[derive(Debug)]
struct Operation {
    number: u64,
    query: Box<str>,
    created: Timestamp,
    completes: Timestamp,
    cancelled: Option<Timestamp>,
    objects: usize,
    roots: usize,
    lines: String,
}

impl Operation {
    fn status(&self, now: Timestamp) -> &'static str {
        match self.cancelled {
            Some(_) => "CANCELED",
            None if now < self.created.plus(TAKES_AN_OBJECT) => "CREATED",
            None if now < self.completes => "RUNNING",
            None => "COMPLETED",
        }
    }

    fn is_running(&self, now: Timestamp) -> bool {
        matches!(self.status(now), "CREATED" | "RUNNING")
    }

    fn to_json(&self, now: Timestamp, base: &str) -> Value {
        let status = self.status(now);
        let is_done = status == "COMPLETED";
        let has_file = is_done && self.objects > 0 && now < self.completes.plus(KEPT);
        let count = |count: usize| if is_done { count.to_string() } else { "0".to_owned() };
        json!({
            "id": gid("BulkOperation", self.number),
            "status": status,
            "type": "QUERY",
            "errorCode": null,
            "createdAt": DateTime::of(self.created),
            "completedAt": is_done.then(|| DateTime::of(self.completes)),
            "objectCount": count(self.objects),
            "rootObjectCount": count(self.roots),
            "fileSize": (is_done && self.objects > 0).then(|| self.lines.len().to_string()),
            "url": has_file.then(|| format!("{base}/bulk/{}.jsonl", self.number)),
            "partialDataUrl": null,
            "query": self.query,
        })
    }
}

impl Bulk {
    pub(super) fn find(&self, number: u64, now: Timestamp, base: &str) -> Option<Value> {
        let found = self.operations.iter().find(|operation| operation.number == number)?;
        Some(found.to_json(now, base))
    }

    /// Those that a search text asks for; a status or type that none has finds none.
    ///
    /// # Errors
    /// An instant that is none.
    pub(super) fn all(&self, query: &str, now: Timestamp, base: &str) -> Result<Vec<Value>, Refusal> {
        let mut found: Vec<Value> = self.operations.iter().map(|it| it.to_json(now, base)).collect();
        for term in query.split_whitespace().filter(|term| *term != "AND") {
            match term.split_once(':') {
                Some(("status", status)) => found.retain(|it| it["status"] == *status.to_uppercase()),
                Some(("operation_type", kind)) => found.retain(|it| it["type"] == *kind.to_uppercase()),
                Some((field @ "created_at", _)) => {
                    let since = super::search::since(term, field).map_err(|_| {
                        Refusal::bad_request("Invalid timestamp for query filter `created_at`.")
                    })?;
                    let created =
                        |it: &Value| it["createdAt"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
                    found.retain(|it| created(it).is_some_and(|at| at.seconds() >= since));
                }
                _ => return Err(Refusal::not_modelled(&format!("search term `{term}`"))),
            }
        }
        Ok(found)
    }

    /// The last one that was asked for; the twin runs none that change.
    pub(super) fn current(&self, kind: &str, now: Timestamp, base: &str) -> Value {
        let last = self.operations.last().filter(|_| kind != "MUTATION");
        last.map_or(Value::Null, |operation| operation.to_json(now, base))
    }

    /// The file behind a result's address.
    pub(in super::super) fn file(&self, number: u64, now: Timestamp) -> Option<&str> {
        let found = self.operations.iter().find(|operation| operation.number == number)?;
        (found.status(now) == "COMPLETED" && now < found.completes.plus(KEPT)).then_some(&found.lines)
    }
}

impl Session<'_> {
    pub(super) fn run_bulk(&self, arguments: &Map<String, Value>) -> Value {
        let source = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
        let running = self.bulk.borrow().operations.iter().filter(|it| it.is_running(self.now)).count();
        if running >= RUNNING_MAX {
            let bulk = self.bulk.borrow();
            let ids = bulk.operations.iter().filter(|it| it.is_running(self.now));
            let ids: Vec<String> = ids.map(|it| gid("BulkOperation", it.number)).collect();
            let message = format!(
                "A bulk query operation for this app and shop is already in progress: {}.",
                ids.join(", ")
            );
            return coded(None, &[message], "OPERATION_IN_PROGRESS");
        }
        let field = Some(["query"].as_slice());
        let form = documents::parse(source).map(|parsed| check::refusals(self.schema, &parsed));
        if let Ok(refusals) = form
            && !refusals.is_empty()
        {
            return coded(field, &refusals, "INVALID");
        }
        let document = match documents::compile(source) {
            Ok(document) => document,
            Err(refused) => {
                let message = format!("Invalid bulk query: {}", refused[0].message);
                return coded(field, &[message], "INVALID");
            }
        };
        let Ok(operation) = document.operations.get(None) else {
            return coded(
                field,
                &["Invalid bulk query: An operation name is required".to_owned()],
                "INVALID",
            );
        };
        let data = self.everything(&document, operation);
        let mut file = File { lines: String::new(), objects: 0, roots: 0 };
        file.connection(&data, None);
        let mut bulk = self.bulk.borrow_mut();
        bulk.ordinal += 1;
        let number = super::super::super::ids::bulk_operation(self.at as u64, bulk.ordinal as usize);
        let takes = TAKES.plus(TAKES_AN_OBJECT.times(file.objects as u64));
        bulk.operations.push(Operation {
            number,
            query: source.into(),
            created: self.now,
            completes: self.now.plus(takes),
            cancelled: None,
            objects: file.objects,
            roots: file.roots,
            lines: file.lines,
        });
        json!({ "bulkOperation": { "id": gid("BulkOperation", number) }, "userErrors": [] })
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

    /// The query's answer with every row of every connection.
    fn everything(&self, document: &Valid<ExecutableDocument>, operation: &executable::Operation) -> Value {
        let mut twin = self.twin.borrow_mut();
        let mut none = Bulk::default();
        let session = Session {
            twin: std::cell::RefCell::new(&mut twin),
            bulk: std::cell::RefCell::new(&mut none),
            variables: Map::new(),
            is_bulk: true,
            at: self.at,
            now: self.now,
            schema: self.schema,
            scopes: self.scopes,
            version: self.version,
            base: self.base,
            refusals: Default::default(),
            search: Default::default(),
        };
        json(super::execute(&session, document, operation).0)
    }
}

fn coded(field: Option<&[&str]>, messages: &[String], code: &str) -> Value {
    let error = |message: &String| json!({ "field": field, "message": message, "code": code });
    json!({ "bulkOperation": null, "userErrors": messages.iter().map(error).collect::<Vec<_>>() })
}

/// The lines of a result: one object each, rows of nested connections behind their parent.
struct File {
    lines: String,
    objects: usize,
    roots: usize,
}

impl File {
    /// Writes the rows of a connection, or of those in an object.
    fn connection(&mut self, value: &Value, parent: Option<&str>) {
        let Some(fields) = value.as_object() else { return };
        let edges = fields.get("edges").and_then(Value::as_array);
        let of_edges = edges.into_iter().flatten().filter_map(|edge| edge.get("node"));
        let nodes = fields.get("nodes").and_then(Value::as_array).into_iter().flatten();
        let rows: Vec<&Value> = of_edges.chain(nodes).collect();
        if edges.is_none() && fields.get("nodes").is_none() {
            return fields.values().for_each(|below| self.connection(below, parent));
        }
        for row in rows {
            let Some(row) = row.as_object() else { continue };
            let (nested, mut own): (Map<String, Value>, Map<String, Value>) =
                row.clone().into_iter().partition(|(_, value)| is_connection(value));
            if let Some(parent) = parent {
                own.insert("__parentId".into(), json!(parent));
            }
            self.lines.push_str(&Value::Object(own.clone()).to_string());
            self.lines.push('\n');
            self.objects += 1;
            self.roots += usize::from(parent.is_none());
            let id = own.get("id").and_then(Value::as_str).or(parent);
            nested.values().for_each(|below| self.connection(below, id));
        }
    }
}

fn is_connection(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| {
        fields.get("edges").or_else(|| fields.get("nodes")).is_some_and(Value::is_array)
    })
}
