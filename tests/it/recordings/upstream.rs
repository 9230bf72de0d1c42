//! Records that the store was seen to have: by reads beside the exchanges (`upstreamCalls`), which ask for nothing that
//! is under test, how many products there are, and which; by a listing among the exchanges, for those after it, which
//! bulk operations ran before.

use plimsoll::domain::Timestamp;
use plimsoll::mocks::shopify::PastBulk;
use serde_json::Value;

use super::Shop;
use super::reading::Exchange;

/// Puts on sale what was read; a count without names by names of our own.
pub fn seed(shop: &mut Shop, recording: &Value) {
    let mut known = 0;
    let mut count = 0;
    for call in calls(recording) {
        let response = &call["response"];
        let body = if response["body"].is_object() { &response["body"] } else { response };
        for product in body["data"]["products"]["nodes"].as_array().into_iter().flatten() {
            let number = product["id"].as_str().and_then(|id| id.rsplit('/').next());
            let Some(number) = number.filter(|number| !shop.bound.knows(number)) else { continue };
            let sku = format!("recorded-{number}");
            shop.twin.add_variant(shop.key, &sku, 1_000);
            if let Some(sold) = shop.twin.product_of(shop.key, &sku) {
                shop.bound.bind(number, &sold.get().to_string());
            }
            known += 1;
        }
        count = count.max(body["data"]["productsCount"]["count"].as_u64().unwrap_or(0));
    }
    for n in known..count {
        shop.twin.add_variant(shop.key, &format!("counted-{n}"), 1_000);
    }
}

/// Takes over what a listing of bulk operations showed.
pub fn learn(shop: &mut Shop, exchange: &Exchange) {
    let nodes = exchange.expected["data"]["bulkOperations"]["nodes"].as_array();
    let instant =
        |node: &Value, name: &str| node[name].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let mut past: Vec<(&str, Timestamp, &Value)> = nodes
        .into_iter()
        .flatten()
        .filter_map(|node| {
            Some((node["id"].as_str()?.rsplit('/').next()?, instant(node, "createdAt")?, node))
        })
        .filter(|(number, ..)| !shop.bound.knows(number))
        .collect();
    past.sort_by_key(|(_, created, _)| *created);
    let Some(youngest) = past.last().map(|(_, created, _)| *created) else { return };
    // Their age when they were listed counts from the youngest.
    let shown = |at: Timestamp| shop.now.minus(youngest.since(at));
    let count =
        |node: &Value, name: &str| node[name].as_str().and_then(|text| text.parse().ok()).unwrap_or(0);
    let past: Vec<(String, PastBulk)> = past
        .iter()
        .map(|(number, created, node)| {
            let created_at = shown(*created);
            let completed = instant(node, "completedAt").map(|at| created_at.plus(at.since(*created)));
            let past = PastBulk {
                is_mutation: node["type"] == "MUTATION",
                created: created_at,
                completed,
                objects: count(node, "objectCount"),
                roots: count(node, "rootObjectCount"),
            };
            ((*number).to_owned(), past)
        })
        .collect();
    for (number, past) in past {
        let ours = shop.twin.remember_bulk(shop.key, &past);
        shop.bound.bind(&number, &ours.to_string());
    }
}

fn calls(recording: &Value) -> Vec<&Value> {
    match recording {
        Value::Object(fields) => {
            let own = fields.get("upstreamCalls").and_then(Value::as_array).into_iter().flatten();
            own.chain(fields.values().flat_map(calls)).collect()
        }
        Value::Array(entries) => entries.iter().flat_map(calls).collect(),
        _ => Vec::new(),
    }
}
