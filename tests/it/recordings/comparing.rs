//! What is different between two answers, and which id of the one is which of the other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What is different, if anything is: errors and user errors by text, code and path, data by its shape.
pub fn difference(expected: &Value, told: &Value) -> Option<String> {
    let errors = |answer: &Value| {
        let all = answer["errors"].as_array().cloned().unwrap_or_default();
        let shown = all
            .iter()
            .map(|error| json!([normal(&error["message"]), error["extensions"]["code"], error["path"]]));
        shown.collect::<Vec<Value>>()
    };
    if errors(expected) != errors(told) {
        return Some(format!(
            "errors {} instead of {}",
            Value::Array(errors(told)),
            Value::Array(errors(expected))
        ));
    }
    shape("data", expected.get("data").unwrap_or(&Value::Null), told.get("data").unwrap_or(&Value::Null))
}

fn shape(place: &str, expected: &Value, told: &Value) -> Option<String> {
    match (expected, told) {
        (Value::Object(wanted), Value::Object(given)) => {
            let missing = wanted.keys().find(|name| !given.contains_key(*name));
            if let Some(name) = missing.or_else(|| given.keys().find(|name| !wanted.contains_key(*name))) {
                return Some(format!("{place}.{name} is on one side only"));
            }
            wanted.iter().find_map(|(name, wanted)| {
                let place = format!("{place}.{name}");
                match name.ends_with("serErrors") {
                    true => (normal(wanted) != normal(&given[name]))
                        .then(|| format!("{place} is {} instead of {wanted}", given[name])),
                    false => shape(&place, wanted, &given[name]),
                }
            })
        }
        (Value::Array(wanted), Value::Array(given)) => {
            if wanted.is_empty() != given.is_empty() {
                return Some(format!("{place} has {} rows instead of {}", given.len(), wanted.len()));
            }
            let first = wanted.first().zip(given.first());
            first.and_then(|(wanted, given)| shape(&format!("{place}.0"), wanted, given))
        }
        _ if kind(expected) == kind(told) => None,
        _ => Some(format!("{place} is {told} instead of {expected}")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// A text without the numbers in its ids.
fn normal(value: &Value) -> Value {
    let text = value.to_string();
    let mut parts = text.split("gid://shopify/");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (kind, rest) = part.split_once('/').unwrap_or((part, ""));
        let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        out.push_str(&format!("gid://shopify/{kind}/0{rest}"));
    }
    Value::from(out)
}

/// Numbers and names that the store gave its records, with those that the twin gave the same ones.
#[derive(Debug, Default)]
pub struct Bound(BTreeMap<String, String>);

/// Shorter numbers are amounts and counts.
const DIGITS_MIN: usize = 8;

impl Bound {
    pub fn knows(&self, recorded: &str) -> bool {
        self.0.contains_key(recorded)
    }

    pub fn bind(&mut self, recorded: &str, told: &str) {
        self.0.entry(recorded.to_owned()).or_insert_with(|| told.to_owned());
    }

    /// Ids that stand at the same place of both answers belong together, and so do the names of orders.
    pub fn learn(&mut self, expected: &Value, told: &Value) {
        match (expected, told) {
            (Value::Object(wanted), Value::Object(given)) => {
                for (name, wanted) in wanted {
                    if let Some(given) = given.get(name) {
                        self.learn(wanted, given);
                    }
                }
            }
            (Value::Array(wanted), Value::Array(given)) => {
                for (wanted, given) in wanted.iter().zip(given) {
                    self.learn(wanted, given);
                }
            }
            (Value::String(wanted), Value::String(given)) => {
                let id = |text: &str| {
                    let (kind, number) = text.strip_prefix("gid://shopify/")?.split_once('/')?;
                    Some((kind.to_owned(), number.split('?').next()?.to_owned()))
                };
                match (id(wanted), id(given)) {
                    (Some((wanted_kind, wanted)), Some((kind, given))) if wanted_kind == kind => {
                        self.bind(&wanted, &given);
                    }
                    _ if is_name(wanted) && is_name(given) => self.bind(wanted, given),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The text with the twin's numbers and names in the place of the store's.
    pub fn translate(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit() || letter == '#') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let sign = usize::from(rest.starts_with('#'));
            let digits = rest[sign..].chars().take_while(char::is_ascii_digit).count();
            let word = &rest[..sign + digits];
            let is_id = sign == 1 && digits > 0 || digits >= DIGITS_MIN;
            out.push_str(if is_id { self.0.get(word).map_or(word, String::as_str) } else { word });
            rest = &rest[word.len()..];
        }
        out + rest
    }

    pub fn translate_json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::from(self.translate(text)),
            Value::Array(entries) => entries.iter().map(|entry| self.translate_json(entry)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), self.translate_json(value))).collect()
            }
            other => other.clone(),
        }
    }
}

/// `#1001`.
fn is_name(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|rest| rest.len() >= 4 && rest.bytes().all(|it| it.is_ascii_digit()))
}
