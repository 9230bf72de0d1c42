//! Bulk queries: read with every row of every connection, and written as lines.

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, executable};
use serde_json::{Map, Value, json};

use super::super::super::super::bulk::{Found, Kind, Rows, TAKES_A_NESTED};
use super::super::documents;
use super::super::object::Session;
use super::super::records::json;
use super::super::refusal::{NOT_MODELLED, Refusal};
use super::{Staged, check, coded, payload_of};

impl Session<'_> {
    /// # Errors
    /// Nothing can be listed because the twin does not model what is asked for.
    pub(in super::super) fn run_bulk(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let source = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
        let field = Some(["query"].as_slice());
        let refused = self.twin.borrow().shops[self.at].bulk.refuse_query(source, self.version, self.now);
        if let Some(refused) = refused {
            return Ok(payload_of(&refused));
        }
        let parsed = documents::parse(source).ok();
        let form = parsed.as_ref().map(|parsed| check::Form::of(self.schema, parsed));
        if let Some(form) = &form
            && let refusals = form.refusals()
            && !refusals.is_empty()
        {
            return Ok(coded(field, &refusals, "INVALID"));
        }
        let invalid = |why: &str| Ok(coded(field, &[format!("Invalid bulk query: {why}")], "INVALID"));
        let document = match documents::compile(source) {
            Ok(document) => document,
            Err(refused) => return invalid(&refused[0].message),
        };
        let Ok(operation) = document.operations.get(None) else {
            return invalid("An operation name is required");
        };
        let data = self.everything(&document, operation)?;
        let mut found = Lines::default();
        found.connection(&data, None);
        let nested = form.map_or(0, |form| form.nested());
        let besides = TAKES_A_NESTED.times(nested as u64);
        Ok(self.begin_bulk((Kind::Query, source), found.found(), besides))
    }

    /// The query's answer with every row of every connection.
    fn everything(
        &self,
        document: &Valid<ExecutableDocument>,
        operation: &executable::Operation,
    ) -> Result<Value, Refusal> {
        let mut twin = self.twin.borrow_mut();
        let mut none = Staged::default();
        let session = self.inside(&mut twin, &mut none, Map::new(), true);
        let (data, _) = super::super::execute(&session, document, operation);
        let mut refusals = session.refusals.take().into_iter().map(|(refusal, _)| refusal);
        match (&data, refusals.find(|refusal| &*refusal.code == NOT_MODELLED)) {
            (None, Some(refusal)) => Err(refusal),
            _ => Ok(json(data)),
        }
    }
}

/// Rows as they are written down.
#[derive(Default)]
pub(super) struct Lines {
    text: String,
    objects: usize,
    pub(super) roots: usize,
}

impl Lines {
    /// Writes the rows of a connection, or of those in an object: one object a line, rows of nested connections
    /// behind their parent.
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
            let id = own.get("id").and_then(Value::as_str).or(parent).map(str::to_owned);
            self.line(&Value::Object(own));
            self.roots += usize::from(parent.is_none());
            nested.values().for_each(|below| self.connection(below, id.as_deref()));
        }
    }

    pub(super) fn found(self) -> Found {
        Found { rows: Rows::Lines(self.text), objects: self.objects, roots: self.roots }
    }

    pub(super) fn line(&mut self, row: &Value) {
        self.text.push_str(&row.to_string());
        self.text.push('\n');
        self.objects += 1;
    }
}

fn is_connection(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| {
        fields.get("edges").or_else(|| fields.get("nodes")).is_some_and(Value::is_array)
    })
}
