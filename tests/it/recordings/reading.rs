//! Exchanges of a recording, in the order in which they were made: what was set up, then the file's order, then what
//! was cleaned up. Not here: asking them.

use std::path::Path;

use apollo_compiler::ast;
use serde_json::Value;
use serde_json_bytes::{Map, Value as Ordered};

/// One document with what a real store answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub place: String,
    /// `None` where the recording leaves it out.
    pub document: Option<String>,
    pub variables: Value,
    /// The same as the client wrote them: problems are listed in that order.
    pub variables_text: String,
    pub expected: Value,
    /// The document is another exchange's.
    pub is_lent: bool,
    /// It clears away what the recording made.
    pub is_cleanup: bool,
}

/// A recording.
pub struct Recording {
    pub exchanges: Vec<Exchange>,
    /// The whole file.
    pub shown: Value,
}

pub fn read(file: &Path, name: &str) -> Recording {
    let text = std::fs::read(file).expect("a recording is text");
    // Ordered: which exchange came first is said by nothing else.
    let recording: Ordered = serde_json::from_slice(&text).expect("a recording is JSON");
    let mut exchanges = Vec::new();
    collect(&recording, name, &mut exchanges);
    Recording { exchanges, shown: plain(&recording) }
}

fn plain(value: &Ordered) -> Value {
    serde_json::to_value(value).expect("JSON is JSON")
}

/// Every object that has an answer, with the document or the variables that asked for it.
fn collect(value: &Ordered, place: &str, into: &mut Vec<Exchange>) {
    match value {
        Ordered::Object(fields) => {
            let below = |wanted: &dyn Fn(&str) -> bool, into: &mut Vec<Exchange>| {
                for (name, below) in fields.iter().filter(|(name, _)| wanted(name.as_str())) {
                    collect(below, &format!("{place}/{}", name.as_str()), into);
                }
            };
            let is_before = |name: &str| name.starts_with("setup") || name.starts_with("precondition");
            let is_after = |name: &str| name.starts_with("cleanup");
            below(&is_before, into);
            into.extend(exchange(fields, place));
            below(&|name| name != "upstreamCalls" && !is_before(name) && !is_after(name), into);
            below(&is_after, into);
        }
        Ordered::Array(entries) => {
            for (at, below) in entries.iter().enumerate() {
                collect(below, &format!("{place}/{at}"), into);
            }
        }
        _ => {}
    }
}

fn exchange(fields: &Map<serde_json_bytes::ByteString, Ordered>, place: &str) -> Option<Exchange> {
    let asked = ["query", "document", "mutation", "requestDocument"];
    let request = fields.get("request").and_then(Ordered::as_object);
    let document = asked.iter().find_map(|name| document_in(fields, name));
    let document = document.or_else(|| asked.iter().find_map(|name| document_in(request?, name)));
    let answer = ["response", "result"].iter().find_map(|name| answer_in(fields.get(*name)?));
    // Some keep the answer of a document one level below it.
    let below = || answer_in(fields.get("mutation")?.as_object()?.get("response")?);
    let expected = answer.or_else(below)?;
    let variables = fields.get("variables").or_else(|| request?.get("variables"));
    if document.is_none() && variables.is_none() {
        return None;
    }
    let variables_text = variables.map_or_else(|| "null".to_owned(), ToString::to_string);
    let variables = variables.map(plain).unwrap_or_default();
    let is_cleanup = place.contains("/cleanup");
    Some(Exchange {
        place: place.to_owned(),
        document,
        variables,
        variables_text,
        expected,
        is_lent: false,
        is_cleanup,
    })
}

fn document_in(fields: &Map<serde_json_bytes::ByteString, Ordered>, name: &str) -> Option<String> {
    fields.get(name)?.as_str().filter(|text| text.contains('{')).map(str::to_owned)
}

fn answer_in(value: &Ordered) -> Option<Value> {
    let fields = value.as_object()?;
    let answer = fields.get("payload").filter(|payload| payload.is_object()).unwrap_or(value).as_object()?;
    let is_answer = answer.contains_key("data") || answer.contains_key("errors");
    is_answer.then(|| plain(&Ordered::Object(answer.clone())))
}

/// A document with what tells whether it can be lent: what its answer shows, and the names of its variables.
type Lender = (Vec<String>, Vec<String>, String);

/// An exchange without a document was asked with one like another's of its file, if their answers have the same roots
/// and their variables the same names. It counts for what it does to the shop, not for its answer.
pub fn lend_documents(recordings: &mut [Recording]) {
    for recording in recordings {
        let own: Vec<Lender> = recording.exchanges.iter().filter_map(|it| lender(it, roots_of)).collect();
        lend(&mut recording.exchanges, &own, roots_of);
    }
}

/// The same from any file; first by all that the answers show, so that `between` has its turn before one is lent that
/// asked for something else.
pub fn lend_documents_across(recordings: &mut [Recording], between: impl Fn(&mut [Recording])) {
    let from_all = |recordings: &mut [Recording], shape: Shape| {
        let all: Vec<Lender> = recordings
            .iter()
            .flat_map(|it| &it.exchanges)
            .filter(|it| !it.is_lent)
            .filter_map(|it| lender(it, shape))
            .collect();
        recordings.iter_mut().for_each(|it| lend(&mut it.exchanges, &all, shape));
    };
    from_all(recordings, paths_of);
    between(recordings);
    from_all(recordings, roots_of);
}

/// What of an answer must be alike.
type Shape = fn(&Value) -> Vec<String>;

fn lender(exchange: &Exchange, shape: Shape) -> Option<Lender> {
    Some((shape(&exchange.expected["data"]), roots_of(&exchange.variables), exchange.document.clone()?))
}

fn lend(exchanges: &mut [Exchange], lenders: &[Lender], shape: Shape) {
    for borrower in exchanges.iter_mut().filter(|exchange| exchange.document.is_none()) {
        let (shown, variables) = (shape(&borrower.expected["data"]), roots_of(&borrower.variables));
        let found = lenders.iter().find(|(known, named, _)| *known == shown && *named == variables);
        borrower.document = found.map(|(.., document)| document.clone());
        borrower.is_lent = found.is_some();
    }
}

fn roots_of(value: &Value) -> Vec<String> {
    value.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect()
}

/// Every field with the way to it; of a list those of its first row.
fn paths_of(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let below = |(name, below): (&String, &Value)| {
                let further = paths_of(below).into_iter().map(|path| format!("{name}.{path}"));
                std::iter::once(name.clone()).chain(further.collect::<Vec<_>>()).collect::<Vec<_>>()
            };
            fields.iter().flat_map(below).collect()
        }
        Value::Array(rows) => rows.first().map(paths_of).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The root fields that a document asks for.
pub fn roots(document: &str) -> Vec<String> {
    let parsed = ast::Document::parse(document, "recorded.graphql");
    let parsed = parsed.unwrap_or_else(|broken| broken.partial);
    let operations = parsed.definitions.iter().filter_map(|definition| match definition {
        ast::Definition::OperationDefinition(operation) => Some(&operation.selection_set),
        _ => None,
    });
    operations.flatten().filter_map(|it| it.as_field()).map(|field| field.name.to_string()).collect()
}
