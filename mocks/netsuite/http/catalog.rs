//! The metadata catalog: which records there are, and what a record looks like, as JSON Schema or OpenAPI.
//!
//! Source: netsuite.md §5.4.

use super::address::Address;
use super::json::Json;
use super::problem::{Place, Problem};
use super::shape::{Field, Kind, RecordType, TYPES, Write, find};
use crate::mocks::http::{Asked, Told};

const ROOT: &str = "/services/rest/record/v1/metadata-catalog";
const SCHEMA: &str = "application/schema+json";
const SWAGGER: &str = "application/swagger+json";

fn pair(name: &str, value: Json) -> (String, Json) {
    (name.to_owned(), value)
}

fn told(content: &str, body: &Json) -> Told {
    let headers = vec![("Content-Type", content.to_owned())];
    Told { status: 200, headers, body: body.to_string().into_bytes() }
}

/// `GET /metadata-catalog` and `GET /metadata-catalog/{type}`.
pub(super) fn answer(asked: &Asked, address: &Address, name: Option<&str>) -> Result<Told, Problem> {
    let accept = asked.header("accept").unwrap_or_default();
    let is_swagger = accept.contains(SWAGGER);
    let unknown = |name: &str| {
        let text = format!("Record type '{name}' does not exist.");
        Problem::new(404, "NONEXISTENT_ID", text).at(Place::UrlPath(name.to_owned()))
    };
    let select = address.parameter("select").map(|names| names.split(',').map(str::trim).collect::<Vec<_>>());
    let chosen: Vec<&RecordType> = match (name, &select) {
        (Some(name), _) => vec![find(name).ok_or_else(|| unknown(name))?],
        (None, Some(names)) => {
            names.iter().map(|name| find(name).ok_or_else(|| unknown(name))).collect::<Result<_, _>>()?
        }
        (None, None) => TYPES.iter().collect(),
    };
    if is_swagger {
        return Ok(told(SWAGGER, &open_api(&chosen)));
    }
    match (name, chosen.first()) {
        (Some(_), Some(record)) if accept.contains(SCHEMA) => Ok(told(SCHEMA, &schema(record.fields))),
        (Some(_), Some(record)) => Ok(told("application/json", &entry(record, &address.origin))),
        _ => {
            let items = chosen.iter().map(|record| entry(record, &address.origin)).collect();
            Ok(told("application/json", &Json::Map(vec![pair("items", Json::List(items))])))
        }
    }
}

fn entry(record: &RecordType, origin: &str) -> Json {
    let link = |rel: &str, media: &str| {
        let href = Json::text(format!("{origin}{ROOT}/{}", record.name));
        Json::Map(vec![
            pair("rel", Json::text(rel)),
            pair("href", href),
            pair("mediaType", Json::text(media)),
        ])
    };
    let links =
        vec![link("canonical", "application/json"), link("describes", SWAGGER), link("describedby", SCHEMA)];
    Json::Map(vec![pair("name", Json::text(record.name)), pair("links", Json::List(links))])
}

fn schema(fields: &[Field]) -> Json {
    let properties = fields.iter().map(|field| (field.name.to_owned(), property(field)));
    Json::Map(vec![
        pair("type", Json::text("object")),
        pair("properties", Json::Map(properties.collect())),
        pair("$schema", Json::text("http://json-schema.org/draft-06/hyper-schema#")),
    ])
}

fn property(field: &Field) -> Json {
    let typed = |kind: &str, format: Option<&str>| {
        let mut pairs = vec![pair("title", Json::text(field.name)), pair("type", Json::text(kind))];
        pairs.extend(format.map(|format| pair("format", Json::text(format))));
        let is_filterable = !matches!(field.kind, Kind::Sublist(_) | Kind::Subrecord(_));
        pairs.push(pair("nullable", Json::Bool(field.write == Write::Yes)));
        pairs.push(pair("readOnly", Json::Bool(field.write == Write::No)));
        pairs.push(pair("x-ns-filterable", Json::Bool(is_filterable)));
        pairs.push(pair("x-ns-custom-field", Json::Bool(field.name.starts_with("cust"))));
        pairs
    };
    Json::Map(match field.kind {
        Kind::Text => typed("string", None),
        Kind::Number => typed("number", Some("double")),
        Kind::Boolean => typed("boolean", None),
        Kind::Date => typed("string", Some("date")),
        Kind::DateTime => typed("string", Some("date-time")),
        Kind::Reference(_) | Kind::Choice => {
            let mut pairs = typed("object", None);
            let id = vec![pair("type", Json::text("string"))];
            let name = vec![pair("type", Json::text("string"))];
            let inside = vec![pair("id", Json::Map(id)), pair("refName", Json::Map(name))];
            pairs.push(pair("properties", Json::Map(inside)));
            pairs
        }
        Kind::Subrecord(fields) => {
            let mut pairs = typed("object", None);
            pairs.extend(fields_of(fields));
            pairs
        }
        Kind::Sublist(fields) => {
            let mut line = vec![pair("type", Json::text("object"))];
            line.extend(fields_of(fields));
            let items = vec![pair("type", Json::text("array")), pair("items", Json::Map(line))];
            let mut pairs = typed("object", None);
            pairs.push(pair("properties", Json::Map(vec![pair("items", Json::Map(items))])));
            pairs
        }
    })
}

fn fields_of(fields: &[Field]) -> Option<(String, Json)> {
    let properties = fields.iter().map(|field| (field.name.to_owned(), property(field)));
    Some(pair("properties", Json::Map(properties.collect())))
}

fn open_api(records: &[&RecordType]) -> Json {
    let mut paths = Vec::new();
    let mut schemas = Vec::new();
    for record in records {
        let operation = |method: &str| {
            let responses =
                vec![pair("default", Json::Map(vec![pair("description", Json::text("See the record."))]))];
            let body = vec![
                pair("tags", Json::List(vec![Json::text(record.name)])),
                pair("responses", Json::Map(responses)),
            ];
            pair(&method.to_ascii_lowercase(), Json::Map(body))
        };
        let on_list = record.methods.iter().filter(|method| ["GET", "POST"].contains(method));
        let on_one = record.methods.iter().filter(|method| **method != "POST");
        paths.push(pair(
            &format!("/{}", record.name),
            Json::Map(on_list.map(|method| operation(method)).collect()),
        ));
        paths.push(pair(
            &format!("/{}/{{id}}", record.name),
            Json::Map(on_one.map(|method| operation(method)).collect()),
        ));
        schemas.push(pair(record.name, schema(record.fields)));
    }
    let info = vec![pair("title", Json::text("NetSuite REST Record API")), pair("version", Json::text("v1"))];
    Json::Map(vec![
        pair("openapi", Json::text("3.0.1")),
        pair("info", Json::Map(info)),
        pair("paths", Json::Map(paths)),
        pair("components", Json::Map(vec![pair("schemas", Json::Map(schemas))])),
    ])
}
