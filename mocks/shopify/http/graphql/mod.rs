//! GraphQL as Shopify's server runs it: any document over the part of the schema that the twin serves.
//!
//! What each file holds: `documents` parsing and its cache, `check` and `variables` refusals in Shopify's words,
//! `price` the cost, `object` projection, `records` and `derived` what is projected, `query` and `write` the roots,
//! `cancel`, `create`, `refund`, `returning` and `working` mutations that our own clients do not use, `order` and `shipped`
//! fields of their records, `page` connections, `search` search texts, `bulk` bulk operations, `cards`, `customers`,
//! `drafts`, `goods`, `hooks` and `terms` roots of theirs. The rules are the twin's own.

mod amounts;
pub(super) mod bulk;
mod cancel;
mod cards;
mod check;
mod create;
mod customers;
mod derived;
mod documents;
mod drafts;
mod goods;
mod hooks;
mod object;
mod order;
mod page;
mod price;
mod query;
mod records;
mod refund;
mod refusal;
mod returning;
mod search;
mod shipped;
mod terms;
mod variables;
mod working;
mod write;

use std::cell::RefCell;
use std::collections::BTreeMap;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::Operation;
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::super::ShopifyTwin;
use crate::domain::Timestamp;
use crate::platforms::shopify::operation::{Cost, GraphQlError, SINGLE_QUERY_COST_MAX};
use bulk::Staged;
use documents::Documents;
use object::{Object, Session};
use price::Pricing;
use refusal::{Invalid, NOT_MODELLED};

/// Entries of a list in an argument. Source: shopify.md §b.1.
const LIST_MAX: usize = 250;

/// Where and as whom a request is answered.
pub(super) struct Place<'a> {
    /// Position of the shop.
    pub(super) at: usize,
    pub(super) version: &'a str,
    pub(super) scopes: &'a str,
    /// Where this server is reached, without a slash at the end.
    pub(super) base: &'a str,
    /// The header `Shopify-GraphQL-Cost-Debug` was sent.
    pub(super) wants_costs: bool,
}

#[derive(Debug, Default)]
pub(super) struct GraphQl {
    documents: Documents,
    /// What was refused because the twin does not have it, by name.
    unsupported: BTreeMap<Box<str>, u64>,
}

/// A request's body. Clients in the field send nulls for what they leave out (shopify.md §q).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: Option<String>,
    variables: Option<Box<RawValue>>,
    operation_name: Option<String>,
}

impl GraphQl {
    pub(super) fn cache(&self) -> (u64, u64) {
        (self.documents.hits, self.documents.misses)
    }

    pub(super) fn unsupported(&self) -> &BTreeMap<Box<str>, u64> {
        &self.unsupported
    }

    /// The body of an HTTP 200; `None` for a request without a query.
    pub(super) fn answer(
        &mut self,
        twin: &mut ShopifyTwin,
        staged: &mut Staged,
        place: &Place<'_>,
        body: &str,
        now: Timestamp,
    ) -> Option<String> {
        let body: Body = serde_json::from_str(body).ok()?;
        let source = body.query.filter(|source| !source.trim().is_empty())?;
        let given = match body.variables {
            None => variables::Given::default(),
            Some(text) => variables::Given::read(text.get())?,
        };
        let answered = self.run(twin, staged, place, &source, body.operation_name, &given, now);
        Some(answered.unwrap_or_else(|refused| {
            for error in &refused {
                self.count_unknown(error);
            }
            let errors: Vec<Value> = refused.iter().map(Invalid::to_json).collect();
            json!({ "errors": errors }).to_string()
        }))
    }

    /// # Errors
    /// What is refused before it has a price.
    #[expect(clippy::too_many_arguments, reason = "the parts of one request and the world that it meets")]
    fn run(
        &mut self,
        twin: &mut ShopifyTwin,
        staged: &mut Staged,
        place: &Place<'_>,
        source: &str,
        name: Option<String>,
        given: &variables::Given,
        now: Timestamp,
    ) -> Result<String, Vec<Invalid>> {
        let document = self.documents.compile(source).map_err(|refused| refused.to_vec())?;
        let operation = document.operations.get(name.as_deref()).map_err(|_| {
            vec![Invalid::plain(match &name {
                Some(name) => format!("No operation named \"{name}\""),
                None => "An operation name is required".to_owned(),
            })]
        })?;
        let schema = documents::schema();
        let variables = variables::coerce(schema, operation, &document.sources, given)?;
        let pricing = Pricing { schema, document: &document, variables: &variables };
        let requested = pricing.requested(operation);
        let refused = |twin: &ShopifyTwin, errors: Vec<Value>| {
            let cost = twin.cost(place.at, requested, None, now);
            Ok(json!({ "errors": errors, "extensions": { "cost": cost } }).to_string())
        };
        if let Some(too_long) = too_long(operation, &document, &variables) {
            return refused(twin, vec![too_long.to_json()]);
        }
        if requested > SINGLE_QUERY_COST_MAX {
            return refused(twin, vec![records::json(super::super::answer::too_dear(requested))]);
        }
        if !twin.shops[place.at].bucket.take(requested, now) {
            return refused(twin, vec![records::json(throttled())]);
        }
        let session = Session {
            twin: RefCell::new(&mut *twin),
            staged: RefCell::new(staged),
            at: place.at,
            now,
            schema,
            variables: variables.clone(),
            scopes: place.scopes,
            version: place.version,
            base: place.base,
            is_bulk: false,
            refusals: RefCell::default(),
            search: RefCell::default(),
        };
        let (data, errors) = execute(&session, &document, operation);
        let search = session.search.take();
        for (refusal, _) in session.refusals.take() {
            if &*refusal.code == NOT_MODELLED {
                *self.unsupported.entry(refusal.message.into()).or_default() += 1;
            }
        }
        let shown = records::json(&data);
        let nothing = Map::new();
        let actual = pricing.actual(operation, shown.as_object().unwrap_or(&nothing));
        let actual = actual.min(requested);
        twin.shops[place.at].bucket.give_back(requested - actual);
        let mut cost = records::json::<Cost>(twin.cost(place.at, requested, Some(actual), now));
        if place.wants_costs {
            cost["fields"] = Value::Array(pricing.fields_debug(operation));
        }
        let mut extensions = json!({ "cost": cost });
        if !search.is_empty() {
            extensions["search"] = records::json(search);
        }
        Ok(envelope(&data, errors, &extensions))
    }

    fn count_unknown(&mut self, error: &Invalid) {
        let text = |name: &str| error.extensions.get(name).and_then(Value::as_str);
        let name = match text("code") {
            Some("undefinedField") => {
                let (on, field) = (text("typeName"), text("fieldName"));
                format!("{}.{}", on.unwrap_or_default(), field.unwrap_or_default())
            }
            Some("undefinedType") => text("typeName").unwrap_or_default().to_owned(),
            Some("argumentNotAccepted") => {
                let (on, argument) = (text("name"), text("argumentName"));
                format!("{}({})", on.unwrap_or_default(), argument.unwrap_or_default())
            }
            _ => return,
        };
        *self.unsupported.entry(name.into()).or_default() += 1;
    }
}

fn throttled() -> GraphQlError {
    super::super::answer::throttled_error()
}

/// Runs an operation: its data, and its errors as Shopify spells them.
fn execute(
    session: &Session<'_>,
    document: &Valid<ExecutableDocument>,
    operation: &Operation,
) -> (Option<JsonMap>, Vec<Value>) {
    let values = records::json(&session.variables);
    let values = match serde_json_bytes::Value::from(values) {
        serde_json_bytes::Value::Object(values) => values,
        _ => JsonMap::new(),
    };
    let values = Valid::assume_valid(values);
    let root = Object::root(session, operation.object_type());
    let execution = Execution::new(session.schema, document)
        .operation(operation)
        .coerced_variable_values(&values)
        .enable_schema_introspection(true);
    match execution.execute_sync(&root) {
        Ok(response) => {
            let errors = response.errors.iter().map(|error| spelled(session, error)).collect();
            let mut data = response.data;
            if operation.is_mutation() {
                data.iter_mut().flat_map(JsonMap::values_mut).for_each(refusal::with_numbers);
            }
            (data, errors)
        }
        Err(error) => (None, vec![json!({ "message": error.message().to_string() })]),
    }
}

/// An error of a resolver: message, place, code, path.
fn spelled(session: &Session<'_>, error: &apollo_compiler::response::GraphQLError) -> Value {
    let message = error.message.strip_prefix("resolver error: ").unwrap_or(&error.message);
    let refusals = session.refusals.borrow();
    let found = refusals.iter().find(|(refusal, _)| refusal.message == message);
    let places = match found.and_then(|(_, place)| *place) {
        Some((line, column)) => json!([{ "line": line, "column": column }]),
        None => records::json(&error.locations),
    };
    let extensions = match found {
        Some((refusal, _)) => refusal.extensions(),
        None => json!({ "code": "INTERNAL_SERVER_ERROR" }),
    };
    json!({ "message": message, "locations": places, "extensions": extensions, "path": error.path })
}

/// `data` stands first on success and behind `errors` on failure. Source: shopify.md §b.1.
fn envelope(data: &Option<JsonMap>, errors: Vec<Value>, extensions: &Value) -> String {
    let data = serde_json::to_string(data).expect("an answer has no map with keys that are not text");
    match errors.is_empty() {
        true => format!(r#"{{"data":{data},"extensions":{extensions}}}"#),
        false => format!(r#"{{"errors":{},"data":{data},"extensions":{extensions}}}"#, Value::Array(errors)),
    }
}

/// A list in an argument of a root field that is longer than any may be.
fn too_long(
    operation: &Operation,
    document: &ExecutableDocument,
    variables: &Map<String, Value>,
) -> Option<Invalid> {
    for field in operation.root_fields(document) {
        let key = field.alias.as_ref().unwrap_or(&field.name);
        for argument in &field.arguments {
            let value = match &*argument.value {
                apollo_compiler::ast::Value::Variable(name) => {
                    variables.get(name.as_str()).cloned().unwrap_or_default()
                }
                literal => variables::literal(literal),
            };
            let mut path = vec![key.to_string(), argument.name.to_string()];
            let Some(size) = longest(&value, &mut path) else { continue };
            let message =
                format!("The input array size of {size} is greater than the maximum allowed of {LIST_MAX}.");
            let mut error = Invalid::plain(message);
            error.place = check::place(&document.sources, key.location());
            error.path = path;
            error.extensions.insert("code".into(), json!("MAX_INPUT_SIZE_EXCEEDED"));
            return Some(error);
        }
    }
    None
}

/// The length of the first list that is too long, with the way to it.
fn longest(value: &Value, path: &mut Vec<String>) -> Option<usize> {
    match value {
        Value::Array(entries) if entries.len() > LIST_MAX => Some(entries.len()),
        Value::Object(fields) => fields.iter().find_map(|(name, below)| {
            path.push(name.clone());
            let found = longest(below, path);
            if found.is_none() {
                path.pop();
            }
            found
        }),
        _ => None,
    }
}
