//! Bulk operations: a query that runs by itself and leaves a file of lines behind.
//!
//! Source: shopify.md §d.5 (states, limits, errors, format). How long one takes is not published: a second, and a
//! millisecond an object, are assumptions; so is that it reads everything at the moment when it was asked for.

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
const CONNECTIONS_MAX: usize = 5;
const DEPTH_MAX: usize = 2;
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

    pub(super) fn all(&self, now: Timestamp, base: &str) -> Vec<Value> {
        self.operations.iter().map(|operation| operation.to_json(now, base)).collect()
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
            return coded(None, &message, "OPERATION_IN_PROGRESS");
        }
        let field = Some(["query"].as_slice());
        let document = match documents::compile(source) {
            Ok(document) => document,
            Err(refused) => {
                let message = format!("Invalid bulk query: {}", refused[0].message);
                return coded(field, &message, "INVALID");
            }
        };
        let Ok(operation) = document.operations.get(None) else {
            return coded(field, "Invalid bulk query: An operation name is required", "INVALID");
        };
        let (connections, depth) = connections(&operation.selection_set, &document);
        let refusal = match (connections, depth) {
            (0, _) => Some("Bulk queries must contain at least one connection."),
            (count, _) if count > CONNECTIONS_MAX => {
                Some("Bulk queries cannot contain more than 5 connections.")
            }
            (_, depth) if depth > DEPTH_MAX => {
                Some("Bulk queries cannot contain connections with a nesting depth greater than 2.")
            }
            _ => None,
        };
        if let Some(message) = refusal {
            return coded(field, message, "INVALID");
        }
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

fn coded(field: Option<&[&str]>, message: &str, code: &str) -> Value {
    let error = json!([{ "field": field, "message": message, "code": code }]);
    json!({ "bulkOperation": null, "userErrors": error })
}

/// How many connections a query selects, and how deep they nest.
fn connections(set: &executable::SelectionSet, document: &ExecutableDocument) -> (usize, usize) {
    let (mut count, mut depth) = (0, 0);
    for selection in &set.selections {
        let (below, is_connection) = match selection {
            executable::Selection::Field(field) => {
                (Some(&field.selection_set), field.ty().inner_named_type().ends_with("Connection"))
            }
            executable::Selection::InlineFragment(inline) => (Some(&inline.selection_set), false),
            executable::Selection::FragmentSpread(spread) => {
                (document.fragments.get(&spread.fragment_name).map(|it| &it.selection_set), false)
            }
        };
        let Some(below) = below else { continue };
        let (more, deeper) = connections(below, document);
        count += more + usize::from(is_connection);
        depth = depth.max(deeper + usize::from(is_connection));
    }
    (count, depth)
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
