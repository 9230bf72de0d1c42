//! Records that the store was seen to have by reads beside the exchanges (`upstreamCalls`), which ask for nothing that
//! is under test: how many products there are, and which.

use serde_json::Value;

use super::Shop;

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
