//! Values of variables, checked against their types with every problem listed.
//!
//! Source: recorded exchanges: one error per variable, `Variable $x of type T was provided invalid value for a.0 (why)`.

use apollo_compiler::ast::Type;
use apollo_compiler::executable::Operation;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Schema, ast};
use serde_json::{Map, Value, json};

use super::check::place;
use super::refusal::Invalid;
use crate::domain::Timestamp;

/// `gid://shopify/Order/5001`, with or without a query behind the number.
pub(super) fn is_global_id(text: &str) -> bool {
    let rest = text.strip_prefix("gid://shopify/").and_then(|rest| rest.split_once('/'));
    rest.is_some_and(|(kind, number)| !kind.is_empty() && !number.is_empty())
}

/// The operation's variables with defaults filled in.
///
/// # Errors
/// One entry for each variable whose value does not fit its type.
pub(super) fn coerce(
    schema: &Schema,
    operation: &Operation,
    sources: &apollo_compiler::parser::SourceMap,
    given: &Given,
) -> Result<Map<String, Value>, Vec<Invalid>> {
    let mut values = Map::new();
    let mut refused = Vec::new();
    for variable in &operation.variables {
        let name = variable.name.as_str();
        let value = match (given.values.get(name), &variable.default_value) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => literal(default),
            (None, None) if !variable.ty.is_non_null() => continue,
            (None, None) => Value::Null,
        };
        let mut problems = Problems { schema, path: Vec::new(), found: Vec::new() };
        let coerced = problems.coerce(&value, &variable.ty);
        if let Some(order) = given.order.as_ref().and_then(|order| order.get(name)) {
            problems.found.sort_by_cached_key(|problem| rank(order, &problem.path));
        }
        if problems.found.is_empty() {
            values.insert(name.to_owned(), coerced);
            continue;
        }
        let listed: Vec<String> = problems
            .found
            .iter()
            .filter(|problem| !problem.path.is_empty())
            .map(|problem| format!("{} ({})", dotted(&problem.path), problem.explanation))
            .collect();
        let mut message = format!("Variable ${name} of type {} was provided invalid value", variable.ty);
        if !listed.is_empty() {
            message = format!("{message} for {}", listed.join(", "));
        }
        let problems: Vec<Value> = problems.found.iter().map(Problem::to_json).collect();
        let details = json!({ "code": "INVALID_VARIABLE", "value": value, "problems": problems });
        let Value::Object(extensions) = details else { continue };
        let place = place(sources, variable.location());
        refused.push(Invalid { message, place, path: Vec::new(), extensions });
    }
    if refused.is_empty() { Ok(values) } else { Err(refused) }
}

/// The variables of a request, and the order in which the client wrote them: problems are listed in it.
#[derive(Debug, Default)]
pub(super) struct Given {
    values: Map<String, Value>,
    order: Option<serde_json_bytes::Value>,
}

impl Given {
    /// `None` for text that is no object; null is none given.
    pub(super) fn read(text: &str) -> Option<Given> {
        let values: Option<Map<String, Value>> = serde_json::from_str(text).ok()?;
        let order = serde_json::from_str(text).ok();
        Some(Given { values: values.unwrap_or_default(), order })
    }
}

/// Where a path stands in what was written; what is missing stands last.
fn rank(mut value: &serde_json_bytes::Value, path: &[Value]) -> Vec<usize> {
    let mut places = Vec::with_capacity(path.len());
    for part in path {
        let found = match (value, part) {
            (serde_json_bytes::Value::Object(fields), Value::String(name)) => {
                let at = fields.keys().position(|key| key.as_str() == name);
                at.and_then(|at| Some((at, fields.get(name.as_str())?)))
            }
            (serde_json_bytes::Value::Array(entries), part) => {
                let at = part.as_u64().and_then(|at| usize::try_from(at).ok());
                at.and_then(|at| Some((at, entries.get(at)?)))
            }
            _ => None,
        };
        let Some((at, below)) = found else {
            places.push(usize::MAX);
            return places;
        };
        places.push(at);
        value = below;
    }
    places
}

/// A literal without variables as JSON.
pub(super) fn literal(value: &ast::Value) -> Value {
    match value {
        ast::Value::Null | ast::Value::Variable(_) => Value::Null,
        ast::Value::Enum(name) => json!(name.as_str()),
        ast::Value::String(text) => json!(text),
        ast::Value::Boolean(flag) => json!(flag),
        ast::Value::Int(number) => serde_json::from_str(number.as_str()).unwrap_or(Value::Null),
        ast::Value::Float(number) => serde_json::from_str(number.as_str()).unwrap_or(Value::Null),
        ast::Value::List(entries) => Value::Array(entries.iter().map(|entry| literal(entry)).collect()),
        ast::Value::Object(entries) => {
            Value::Object(entries.iter().map(|(name, entry)| (name.to_string(), literal(entry))).collect())
        }
    }
}

struct Problem {
    path: Vec<Value>,
    explanation: String,
    /// Said twice where a scalar is refused by its own reader.
    is_of_scalar: bool,
}

impl Problem {
    fn to_json(&self) -> Value {
        match self.is_of_scalar {
            true => json!({
                "path": self.path, "explanation": self.explanation, "message": self.explanation,
            }),
            false => json!({ "path": self.path, "explanation": self.explanation }),
        }
    }
}

struct Problems<'a> {
    schema: &'a Schema,
    path: Vec<Value>,
    found: Vec<Problem>,
}

impl Problems<'_> {
    fn refuse(&mut self, explanation: String, is_of_scalar: bool) -> Value {
        self.found.push(Problem { path: self.path.clone(), explanation, is_of_scalar });
        Value::Null
    }

    fn coerce(&mut self, value: &Value, ty: &Type) -> Value {
        if value.is_null() {
            return match ty.is_non_null() {
                true => self.refuse("Expected value to not be null".to_owned(), false),
                false => Value::Null,
            };
        }
        if ty.is_list() {
            let Value::Array(entries) = value else {
                return Value::Array(vec![self.coerce(value, ty.item_type())]);
            };
            let mut coerced = Vec::with_capacity(entries.len());
            for (at, entry) in entries.iter().enumerate() {
                self.path.push(json!(at));
                coerced.push(self.coerce(entry, ty.item_type()));
                self.path.pop();
            }
            return Value::Array(coerced);
        }
        let named = ty.inner_named_type();
        match self.schema.types.get(named) {
            Some(ExtendedType::Enum(known)) => match value.as_str() {
                Some(name) if known.values.contains_key(name) => value.clone(),
                _ => {
                    let names: Vec<&str> = known.values.keys().map(|name| name.as_str()).collect();
                    self.refuse(format!("Expected {value} to be one of: {}", names.join(", ")), false)
                }
            },
            Some(ExtendedType::InputObject(input)) => {
                let Value::Object(given) = value else {
                    return self.refuse(format!("Expected {value} to be a key-value object."), false);
                };
                let input = input.clone();
                self.object(given, &input)
            }
            _ => self.scalar(value, named),
        }
    }

    fn object(
        &mut self,
        given: &Map<String, Value>,
        input: &apollo_compiler::schema::InputObjectType,
    ) -> Value {
        let mut coerced = Map::new();
        for (key, value) in given {
            self.path.push(json!(key));
            match input.fields.get(key.as_str()) {
                Some(known) => {
                    let value = self.coerce(value, &known.ty);
                    coerced.insert(key.clone(), value);
                }
                None => {
                    self.refuse(format!("Field is not defined on {}", input.name), false);
                }
            }
            self.path.pop();
        }
        for (key, known) in &input.fields {
            if given.contains_key(key.as_str()) {
                continue;
            }
            if let Some(default) = &known.default_value {
                coerced.insert(key.to_string(), literal(default));
            } else if known.ty.is_non_null() {
                self.path.push(json!(key.as_str()));
                self.refuse("Expected value to not be null".to_owned(), false);
                self.path.pop();
            }
        }
        Value::Object(coerced)
    }

    fn scalar(&mut self, value: &Value, named: &str) -> Value {
        let text = value.as_str();
        let is_fine = match named {
            "ID" => match text {
                Some(text) if is_global_id(text) => true,
                _ => {
                    let shown = text.map_or_else(|| value.to_string(), str::to_owned);
                    return self.refuse(format!("Invalid global id '{shown}'"), true);
                }
            },
            "DateTime" => match text {
                Some(text) if text.parse::<Timestamp>().is_ok() => true,
                _ => {
                    let shown = text.map_or_else(|| value.to_string(), str::to_owned);
                    return self.refuse(format!("invalid DateTime '{shown}'"), true);
                }
            },
            "URL" => match text {
                Some(text) if text.contains("://") => true,
                Some(text) => return self.refuse(format!("Invalid url '{text}', missing scheme"), true),
                None => false,
            },
            "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            "Float" => value.is_number(),
            "Boolean" => value.is_boolean(),
            "String" => text.is_some(),
            _ => text.is_some() || value.is_number(),
        };
        match is_fine {
            true => value.clone(),
            false => self.refuse(format!("Could not coerce value {value} to {named}"), false),
        }
    }
}

fn dotted(path: &[Value]) -> String {
    let parts = path.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
    parts.collect::<Vec<_>>().join(".")
}
