//! Which properties records have, and bodies checked against them before a rule of the twin sees them.
//!
//! A property that the platform knows and the twin does not hold is refused as one whose feature is switched off, never
//! silently dropped; a property that nobody knows is refused, warned of or ignored as the client asks.
//!
//! Source: netsuite.md §4 (validation headers), §6.1 (values), §12.1, §13.1–13.2, §14, §16.

use super::json::Json;
use super::problem::{self, Place, Problem};
use super::suiteql::tables::currency_id;
use crate::domain::{BookDate, Currency};

mod types;

pub(super) use types::TYPES;

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    Boolean,
    Date,
    DateTime,
    /// To a record of that type.
    Reference(&'static str),
    Choice,
    Sublist(&'static [Field]),
    Subrecord(&'static [Field]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    Yes,
    No,
    /// Kept and shown again; nothing in the twin depends on it.
    Inert,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub write: Write,
}

#[derive(Debug)]
pub(super) struct RecordType {
    /// As the path spells it: `salesOrder`.
    pub name: &'static str,
    pub fields: &'static [Field],
    /// Properties of the platform's record that have effects which the twin does not have.
    pub elsewhere: &'static [&'static str],
    /// Methods, as the metadata names them.
    pub methods: &'static [&'static str],
}

/// Names are matched without regard to case.
pub(super) fn find(name: &str) -> Option<&'static RecordType> {
    TYPES.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

/// What becomes of properties that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validation {
    Error,
    Warning,
    Ignore,
}

impl Validation {
    pub fn read(header: Option<&str>) -> Result<Validation, Problem> {
        match header.map(str::trim).map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "warning") => Ok(Validation::Warning),
            Some("error") => Ok(Validation::Error),
            Some("ignore") => Ok(Validation::Ignore),
            Some(_) => {
                let name = "X-NetSuite-PropertyNameValidation";
                let text =
                    format!("Invalid value of the header '{name}': Error, Warning or Ignore is expected.");
                Err(Problem::new(400, "INVALID_HEADER", text).at(Place::Header(name)))
            }
        }
    }
}

/// A body as the twin's own types read it.
#[derive(Debug)]
pub(super) struct Checked {
    pub body: Vec<(String, Json)>,
    /// Kept beside the twin.
    pub inert: Vec<(String, Json)>,
    /// Paths of properties that nobody knows.
    pub unknown: Vec<String>,
}

/// A refusal, and the property that it is counted by if the twin is what lacks it.
pub(super) type Refusal = (Problem, Option<String>);

pub(super) fn check(record: &RecordType, body: &Json, validation: Validation) -> Result<Checked, Refusal> {
    let mut checked = Checked { body: Vec::new(), inert: Vec::new(), unknown: Vec::new() };
    let Json::Map(pairs) = body else {
        return Err((problem::invalid_content("An object is expected."), None));
    };
    let known = Known { record, validation };
    checked.body = known.pairs(pairs, record.fields, "", &mut checked.inert, &mut checked.unknown)?;
    Ok(checked)
}

struct Known<'a> {
    record: &'a RecordType,
    validation: Validation,
}

impl Known<'_> {
    fn pairs(
        &self,
        pairs: &[(String, Json)],
        fields: &[Field],
        path: &str,
        inert: &mut Vec<(String, Json)>,
        unknown: &mut Vec<String>,
    ) -> Result<Vec<(String, Json)>, Refusal> {
        let mut given: Vec<(String, Json)> = Vec::with_capacity(pairs.len());
        for (name, value) in pairs {
            let own = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            // Links are what a reader was shown; they are sent back with the rest.
            if name == "links" {
                continue;
            }
            let Some(field) = fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)) else {
                let is_elsewhere = self.record.elsewhere.iter().any(|known| known.eq_ignore_ascii_case(name));
                if is_elsewhere {
                    return Err((
                        not_writable(name, &own),
                        Some(format!("property {} {name}", self.record.name)),
                    ));
                }
                if self.validation == Validation::Error {
                    let text = format!("Unknown property '{name}'.");
                    let refused = problem::invalid_content(&text).at(Place::Body(own));
                    return Err((refused, Some(format!("property {} {name}", self.record.name))));
                }
                unknown.push(own);
                continue;
            };
            if field.write == Write::No {
                return Err((not_writable(field.name, &own), None));
            }
            if given.iter().any(|(known, _)| known == field.name) {
                return Err((
                    problem::invalid_content("A property is given twice.").at(Place::Body(own)),
                    None,
                ));
            }
            let value = self.value(value, field, &own, unknown)?;
            match field.write {
                Write::Inert if path.is_empty() => inert.push((field.name.to_owned(), value)),
                Write::Inert => {}
                _ => given.push((field.name.to_owned(), value)),
            }
        }
        Ok(given)
    }

    fn value(
        &self,
        value: &Json,
        field: &Field,
        path: &str,
        unknown: &mut Vec<String>,
    ) -> Result<Json, Refusal> {
        let wrong = |wanted: &str| {
            let text = format!("Invalid value of the property '{}': {wanted} is expected.", field.name);
            (problem::invalid_content(&text).at(Place::Body(path.to_owned())), None)
        };
        match (field.kind, value) {
            (Kind::Sublist(_), Json::Null) => {
                Ok(Json::Map(vec![("items".to_owned(), Json::List(Vec::new()))]))
            }
            // A cleared text is an empty one.
            (Kind::Text, Json::Null) => Ok(Json::text("")),
            (_, Json::Null) => {
                let problem = not_writable(field.name, path);
                Err((problem, Some(format!("clearing {} {}", self.record.name, field.name))))
            }
            (Kind::Text, Json::Text(_))
            | (Kind::Number, Json::Number(_))
            | (Kind::Boolean, Json::Bool(_)) => Ok(value.clone()),
            (Kind::Text, _) => Err(wrong("a text")),
            (Kind::Number, _) => Err(wrong("a number")),
            (Kind::Boolean, _) => Err(wrong("true or false")),
            (Kind::Date, Json::Text(text)) if text.parse::<BookDate>().is_ok() => Ok(value.clone()),
            (Kind::Date | Kind::DateTime, _) => Err(wrong("a date such as 2026-11-23")),
            (Kind::Reference(to), value) => reference(value, to).ok_or_else(|| wrong("a reference")),
            (Kind::Choice, Json::Text(_)) => Ok(value.clone()),
            (Kind::Choice, Json::Map(_)) => value.get("id").cloned().ok_or_else(|| wrong("an id")),
            (Kind::Choice, _) => Err(wrong("a choice")),
            (Kind::Subrecord(fields), Json::Map(pairs)) => {
                self.pairs(pairs, fields, path, &mut Vec::new(), unknown).map(Json::Map)
            }
            (Kind::Subrecord(_), _) => Err(wrong("an object")),
            (Kind::Sublist(fields), Json::Map(_)) => {
                let items = match value.get("items") {
                    Some(Json::List(items)) => items.as_slice(),
                    Some(Json::Null) => &[],
                    _ => return Err(wrong("an object with 'items'")),
                };
                let mut lines = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    let path = format!("{path}.items[{at}]");
                    let Json::Map(pairs) = item else {
                        return Err((
                            problem::invalid_content("An object is expected.").at(Place::Body(path)),
                            None,
                        ));
                    };
                    lines.push(Json::Map(self.pairs(pairs, fields, &path, &mut Vec::new(), unknown)?));
                }
                Ok(Json::Map(vec![("items".to_owned(), Json::List(lines))]))
            }
            (Kind::Sublist(_), _) => Err(wrong("an object with 'items'")),
        }
    }
}

/// Source: the text with which the platform refuses a property that this role, form or feature does not offer.
fn not_writable(name: &str, path: &str) -> Problem {
    let text = format!(
        "Error while accessing a resource. You do not have permissions to set a value for element {name} due to one of \
         the following reasons: 1) The field is read-only; 2) An associated feature is disabled; 3) The field is \
         available either when a record is created or updated, but not in both cases."
    );
    Problem::new(400, "USER_ERROR", text).at(Place::Body(path.to_owned()))
}

/// An object with an id or an external id, or either of both bare. Currencies are told by their code from here on.
fn reference(value: &Json, to: &str) -> Option<Json> {
    let plain = |value: &Json| match value {
        Json::Text(text) => Some(text.clone()),
        Json::Number(number) => Some(number.clone()),
        _ => None,
    };
    let (id, external) = match value {
        Json::Map(_) => (value.get("id").and_then(plain), value.get("externalId").and_then(plain)),
        value => (plain(value), None),
    };
    let of = |name: &str, text: String| Some(Json::Map(vec![(name.to_owned(), Json::Text(text))]));
    match (id, external) {
        (Some(id), _) if to == "currency" => {
            let known =
                Currency::all().find(|known| currency_id(*known).to_string() == id || known.code() == id);
            of("externalId", known.map_or(id, |known| known.code().to_owned()))
        }
        (Some(id), _) => of("id", id),
        (None, Some(external)) => of("externalId", external),
        (None, None) => None,
    }
}
