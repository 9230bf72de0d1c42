//! Batches: one request for up to a hundred records of one type, each of which is a task of the job with a result of its
//! own.
//!
//! Source: netsuite.md §8. What it leaves open: the texts of refusals; that a batch as a whole is refused before any of its
//! records is touched.

use super::address::Address;
use super::json::Json;
use super::problem::{Place, Problem};
use crate::mocks::http::Asked;
use crate::platforms::netsuite::operation::RECORD_ROOT;

const RECORDS_MAX: usize = 100;

/// One record of a batch: its key in the path, if it has one, and the request that it stands for.
#[derive(Debug)]
pub(super) struct Item {
    pub key: Option<String>,
    pub asked: Asked,
}

/// The record type, if the request is a batch: a body that is a collection, or records named by `ids`.
pub(super) fn record_type<'a>(asked: &Asked, address: &Address, rest: &[&'a str]) -> Option<&'a str> {
    let [name] = *rest else { return None };
    let is_collection = asked
        .header("content-type")
        .is_some_and(|kind| kind.replace(' ', "").to_ascii_lowercase().contains("type=collection"));
    let is_batch = match asked.method.as_str() {
        "POST" | "PATCH" | "PUT" => is_collection,
        "GET" | "DELETE" => address.parameter("ids").is_some(),
        _ => false,
    };
    is_batch.then_some(name)
}

/// Whether the records may be worked on side by side; from 2026.2 only who asks for it gets that.
pub(super) fn is_parallel(asked: &Asked) -> bool {
    preferences(asked).any(|text| text.replace(['"', ' '], "").contains("batch-processing=parallel"))
}

/// What the headers `Prefer` ask for, in lower case.
pub(super) fn preferences(asked: &Asked) -> impl Iterator<Item = String> {
    asked.headers.iter().filter(|(name, _)| name == "prefer").map(|(_, value)| value.to_ascii_lowercase())
}

/// # Errors
/// More records than a batch may have, none at all, or one that is not named as its operation wants it.
pub(super) fn items(asked: &Asked, address: &Address, record: &str) -> Result<Vec<Item>, Problem> {
    if !preferences(asked).any(|text| text.contains("respond-async")) {
        let text =
            "A batch operation is only available asynchronously: send the header Prefer: respond-async.";
        return Err(Problem::new(400, "INVALID_HEADER", text).at(Place::Header("Prefer")));
    }
    let items = match asked.method.as_str() {
        "GET" | "DELETE" => keys(address.parameter("ids").unwrap_or_default())
            .map(|key| Ok(Item { asked: single(asked, record, Some(&key), Vec::new()), key: Some(key) }))
            .collect::<Result<Vec<_>, Problem>>()?,
        method => listed(&asked.body)?
            .into_iter()
            .enumerate()
            .map(|(at, value)| written(asked, record, method, at, value))
            .collect::<Result<Vec<_>, Problem>>()?,
    };
    match items.len() {
        0 => Err(Problem::new(400, "INVALID_CONTENT", "A batch operation needs at least one record.")),
        1..=RECORDS_MAX => Ok(items),
        count => {
            let text = format!("A batch operation takes at most {RECORDS_MAX} records, not {count}.");
            Err(Problem::new(400, "INVALID_CONTENT", text))
        }
    }
}

/// `1,2,eid:X,eid:'test 5'`.
fn keys(ids: &str) -> impl Iterator<Item = String> {
    ids.split(',').map(|key| key.trim().replace('\'', "")).filter(|key| !key.is_empty())
}

fn listed(body: &[u8]) -> Result<Vec<Json>, Problem> {
    let invalid = |text: String| Problem::new(400, "INVALID_CONTENT", text);
    match Json::read(body).map_err(invalid)?.get("items") {
        Some(Json::List(items)) => Ok(items.clone()),
        _ => Err(invalid("The body of a batch operation holds its records in 'items'.".to_owned())),
    }
}

/// A record of the body. POST names none, PATCH by `id` or else `externalId`, PUT by `externalId` alone.
fn written(asked: &Asked, record: &str, method: &str, at: usize, value: Json) -> Result<Item, Problem> {
    let place = Place::Body(format!("items[{at}]"));
    let Json::Map(mut fields) = value else {
        return Err(Problem::new(400, "INVALID_CONTENT", "A record is an object.").at(place));
    };
    let mut taken = |name: &str| {
        let at = fields.iter().position(|(known, _)| known == name)?;
        match fields.remove(at).1 {
            Json::Text(text) | Json::Number(text) => Some(text),
            _ => None,
        }
    };
    let key = match method {
        "POST" => None,
        "PUT" => taken("externalId").map(|key| format!("eid:{key}")),
        _ => match (taken("id"), taken("externalId")) {
            (Some(id), _) => Some(id),
            (None, eid) => eid.map(|key| format!("eid:{key}")),
        },
    };
    if key.is_none() && method != "POST" {
        let wanted = if method == "PUT" { "'externalId'" } else { "'id' or 'externalId'" };
        let text = format!("Each record of the batch must be named by {wanted}.");
        return Err(Problem::new(400, "INVALID_CONTENT", text).at(place));
    }
    let body = Json::Map(fields).to_string().into_bytes();
    Ok(Item { asked: single(asked, record, key.as_deref(), body), key })
}

/// The request for one record that the batch stands for.
fn single(asked: &Asked, record: &str, key: Option<&str>, body: Vec<u8>) -> Asked {
    let mut headers = asked.headers.clone();
    headers.retain(|(name, _)| name != "content-type" && name != "prefer");
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    let path = match key {
        Some(key) => format!("{RECORD_ROOT}{record}/{key}"),
        None => format!("{RECORD_ROOT}{record}"),
    };
    Asked { method: asked.method.clone(), path, query: String::new(), headers, body }
}

#[cfg(test)]
mod tests;
