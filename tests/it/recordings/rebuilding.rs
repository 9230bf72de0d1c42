//! Documents that a recording leaves out, rebuilt from what was asked and answered: the answer's keys are the
//! selection, the variables are the arguments of the same names. What was asked beyond that is not known, so such
//! exchanges are measured apart. An answer with aliases, or without data, tells no document.

use std::sync::OnceLock;

use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;
use serde_json::{Map, Value};

use super::reading::Recording;

/// Stands behind the place of an exchange that was rebuilt.
pub const REBUILT: &str = " (document rebuilt)";

fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let slice = include_str!("../../../mocks/shopify/http/graphql/schema.graphql");
        Schema::parse(slice, "schema.graphql").expect("the slice is a schema")
    })
}

/// Gives the exchanges that have no document one.
pub fn rebuild_documents(recordings: &mut [Recording]) {
    let exchanges = recordings.iter_mut().flat_map(|recording| &mut recording.exchanges);
    for exchange in exchanges.filter(|exchange| exchange.document.is_none()) {
        exchange.document = document(&exchange.expected, &exchange.variables);
        if exchange.document.is_some() {
            exchange.place.push_str(REBUILT);
        }
    }
}

/// The document behind an answer; `None` where it does not tell.
fn document(expected: &Value, variables: &Value) -> Option<String> {
    let data = expected["data"].as_object()?;
    let nothing = Map::new();
    let variables = variables.as_object().unwrap_or(&nothing);
    let kind = ["Mutation", "QueryRoot"]
        .into_iter()
        .find(|root| !data.is_empty() && data.keys().all(|name| schema().type_field(root, name).is_ok()))?;
    let (mut declared, mut used) = (Vec::new(), 0);
    let mut fields = String::new();
    for (name, answer) in data {
        let field = schema().type_field(kind, name).ok()?;
        let given = field.arguments.iter().filter(|it| variables.contains_key(it.name.as_str()));
        let mut arguments = Vec::new();
        for argument in given {
            let named = argument.name.as_str();
            let declaration = format!("${named}: {}", argument.ty);
            if !declared.contains(&declaration) {
                declared.push(declaration);
                used += 1;
            }
            arguments.push(format!("{named}: ${named}"));
        }
        let missing =
            field.arguments.iter().any(|it| it.is_required() && !variables.contains_key(it.name.as_str()));
        if missing {
            return None;
        }
        let is_paged = field.ty.inner_named_type().ends_with("Connection");
        if is_paged && !variables.contains_key("first") && !variables.contains_key("last") {
            arguments.push("first: 10".to_owned());
        }
        let arguments =
            if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let below = selection(field.ty.inner_named_type(), answer)?;
        fields.push_str(&format!(" {name}{arguments}{below}"));
    }
    if used < variables.len() {
        return None;
    }
    let operation = if kind == "Mutation" { "mutation" } else { "query" };
    let declared = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
    Some(format!("{operation} Rebuilt{declared} {{{fields} }}"))
}

/// What of a type was selected; empty for a scalar.
fn selection(named: &str, answer: &Value) -> Option<String> {
    let is_open = match schema().types.get(named)? {
        ExtendedType::Object(_) => false,
        ExtendedType::Interface(_) | ExtendedType::Union(_) => true,
        _ => return Some(String::new()),
    };
    let row = match answer {
        Value::Array(rows) => rows.first().unwrap_or(&Value::Null),
        other => other,
    };
    let Some(fields) = row.as_object() else {
        let says = |field: &str| schema().type_field(named, field).is_ok();
        let of_error = says("field") && says("message");
        return Some(if of_error { " { field message }" } else { " { __typename }" }.to_owned());
    };
    let concrete = fields.get("__typename").and_then(Value::as_str);
    let on = if is_open { concrete? } else { named };
    let mut selected = Vec::new();
    for (name, below) in fields {
        if name == "__typename" {
            selected.push(name.clone());
            continue;
        }
        let field = schema().type_field(on, name).ok()?;
        let is_paged = field.ty.inner_named_type().ends_with("Connection");
        let page = if is_paged { "(first: 10)" } else { "" };
        let below = selection(field.ty.inner_named_type(), below)?;
        selected.push(format!("{name}{page}{below}"));
    }
    let selected = selected.join(" ");
    Some(match is_open {
        true => format!(" {{ __typename ... on {on} {{ {selected} }} }}"),
        false => format!(" {{ {selected} }}"),
    })
}
