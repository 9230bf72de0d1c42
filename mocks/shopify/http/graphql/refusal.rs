//! What is wrong with a request, as an entry of `errors`.
//!
//! Source: shopify.md §b.3, and recorded exchanges: an error of validation has its path before its extensions and no
//! data beside it, one of a resolver has them the other way round.

use serde_json::{Map, Value, json};

use crate::platforms::shopify::operation::GraphQlError;

/// Line and column of a document, counted from 1.
pub(super) type Place = (usize, usize);

/// A document or its variables, refused before anything ran.
#[derive(Debug, Clone)]
pub(super) struct Invalid {
    pub(super) message: String,
    pub(super) place: Option<Place>,
    pub(super) path: Vec<String>,
    pub(super) extensions: Map<String, Value>,
}

impl Invalid {
    /// Without a place, a path or a code: an operation that is not in the document.
    pub(super) fn plain(message: String) -> Invalid {
        Invalid { message, place: None, path: Vec::new(), extensions: Map::new() }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut error = Map::new();
        error.insert("message".into(), json!(self.message));
        if let Some((line, column)) = self.place {
            error.insert("locations".into(), json!([{ "line": line, "column": column }]));
        }
        if !self.path.is_empty() {
            error.insert("path".into(), json!(self.path));
        }
        if !self.extensions.is_empty() {
            error.insert("extensions".into(), Value::Object(self.extensions.clone()));
        }
        Value::Object(error)
    }
}

/// What a resolver refuses: the field is null, the rest is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) message: String,
    pub(super) code: Box<str>,
    /// Of a refused access: what would be needed.
    pub(super) required_access: Option<Box<str>>,
}

impl Refusal {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Refusal {
        Refusal { message: message.into(), code: code.into(), required_access: None }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Refusal {
        Refusal::new("BAD_REQUEST", message)
    }

    /// The id of another type, or one whose number is 0. Source: shopify.md §b.3.
    pub(super) fn invalid_id(id: &str) -> Refusal {
        let message = match id.ends_with("/0") {
            true => "invalid id".to_owned(),
            false => format!("Invalid id: {id}"),
        };
        Refusal::new("RESOURCE_NOT_FOUND", message)
    }

    /// What the platform can do and the twin cannot, said loudly.
    pub(super) fn not_modelled(what: &str) -> Refusal {
        Refusal::new(NOT_MODELLED, format!("{what} is not modelled"))
    }

    pub(super) fn extensions(&self) -> Value {
        match &self.required_access {
            None => json!({ "code": self.code }),
            Some(required) => json!({
                "code": self.code,
                "documentation": "https://shopify.dev/api/usage/access-scopes",
                "requiredAccess": required,
            }),
        }
    }
}

/// Marks a text that is a number on the wire.
const NUMBER: char = '\u{1}';

/// A place in a list as an entry of a user error's `field`, which is a list of texts by the schema and holds numbers
/// by recorded answers of `orderCreate`.
pub(super) fn placed(at: usize) -> String {
    format!("{NUMBER}{at}")
}

/// Turns what [`placed`] marked into numbers.
pub(super) fn with_numbers(data: &mut serde_json_bytes::Value) {
    match data {
        serde_json_bytes::Value::String(text) => {
            if let Some(number) = text.as_str().strip_prefix(NUMBER).and_then(|text| text.parse::<u64>().ok())
            {
                *data = serde_json_bytes::Value::from(number);
            }
        }
        serde_json_bytes::Value::Array(entries) => entries.iter_mut().for_each(with_numbers),
        serde_json_bytes::Value::Object(fields) => fields.values_mut().for_each(with_numbers),
        _ => {}
    }
}

pub(super) const NOT_MODELLED: &str = "NOT_MODELLED";

impl From<GraphQlError> for Refusal {
    fn from(error: GraphQlError) -> Refusal {
        let required = error.message.split_once("Required access: ").map(|(_, required)| required.into());
        Refusal { code: error.code().into(), required_access: required, message: error.message }
    }
}
