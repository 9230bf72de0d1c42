//! Files for bulk mutations, which were handed in outside the exchanges.
//!
//! Where a recording keeps the content, that is handed in; where it only shows that a run was accepted, a file of one line without
//! variables. Such runs are not measured; what is asked about them afterwards is.

use plimsoll::mocks::http::Asked;
use serde_json::{Value, json};

use super::Shop;
use super::reading::Exchange;

const STAGED: &str = "mutation Stage($input: [StagedUploadInput!]!) { \
                      stagedUploadsCreate(input: $input) { stagedTargets { url } } }";

/// The variables of an exchange, with the twin's address of the file in the place of the store's.
pub fn hand_in(shop: &mut Shop, recording: &Value, exchange: &Exchange) -> String {
    let as_they_were = || exchange.variables_text.clone();
    let mut variables = exchange.variables.clone();
    let Some(fields) = variables.as_object_mut() else { return as_they_were() };
    let path = fields.values_mut().find(|value| value.as_str().is_some_and(|text| text.starts_with("tmp/")));
    let Some(path) = path else { return as_they_were() };
    let recorded = path.as_str().unwrap_or_default().to_owned();
    let accepted = !exchange.expected["data"]["bulkOperationRunMutation"]["bulkOperation"].is_null();
    let content = content(recording, &recorded).or_else(|| accepted.then(|| "{}".to_owned()));
    let Some(content) = content else { return as_they_were() };
    *path = Value::from(put(shop, &content));
    variables.to_string()
}

/// The content that stands beside the address.
fn content(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Object(fields) => {
            let below = fields.values().find_map(|below| content(below, path));
            below.or_else(|| {
                let stated = fields.get("uploadContent")?.as_str()?;
                value.to_string().contains(path).then(|| stated.to_owned())
            })
        }
        Value::Array(entries) => entries.iter().find_map(|below| content(below, path)),
        _ => None,
    }
}

/// Hands a file in and names its key.
fn put(shop: &mut Shop, content: &str) -> String {
    let input = json!([{
        "resource": "BULK_MUTATION_VARIABLES", "filename": "lines.jsonl", "mimeType": "text/jsonl", "httpMethod": "PUT",
    }]);
    let told = shop.ask(STAGED, &json!({ "input": input }).to_string());
    let url = told["data"]["stagedUploadsCreate"]["stagedTargets"][0]["url"].as_str().expect("a target");
    let (_, key) = url.split_once("/staged/").expect("an address of the twin");
    let asked = Asked {
        method: "PUT".to_owned(),
        path: format!("/staged/{key}"),
        query: String::new(),
        headers: vec![("host".to_owned(), "ca.myshopify.com".to_owned())],
        body: content.as_bytes().to_vec(),
    };
    assert_eq!(shop.face.answer(&mut shop.twin, &asked, shop.now).status, 200, "{key}");
    key.to_owned()
}
