//! What a shop needs to hold before a recording begins, as far as the recording's own questions say.
//!
//! Never from an answer under test. What is seeded: the catalogue records that line items of an order name.

use plimsoll::domain::ShopKey;
use plimsoll::mocks::shopify::ShopifyTwin;
use serde_json::Value;

use super::comparing::Bound;
use super::reading::Exchange;

/// Puts on sale what the questions' line items name.
pub fn seed(twin: &mut ShopifyTwin, shop: ShopKey, exchanges: &[Exchange], bound: &mut Bound) {
    for exchange in exchanges {
        let mut lines = Vec::new();
        line_items(&exchange.variables, &mut lines);
        for line in lines {
            let number = |name: &str| line[name].as_str()?.rsplit('/').next().filter(|it| is_real(it));
            let (variant, product) = (number("variantId"), number("productId"));
            let Some(named) = variant.or(product).filter(|named| !bound.knows(named)) else { continue };
            let sku = format!("recorded-{named}");
            let id = twin.add_variant(shop, &sku, 1_000);
            if let Some(variant) = variant {
                bound.bind(variant, &id.get().to_string());
            }
            let sold = twin.product_of(shop, &sku).map(|id| id.get().to_string());
            if let (Some(product), Some(sold)) = (product, sold) {
                bound.bind(product, &sold);
            }
        }
    }
}

fn line_items<'a>(value: &'a Value, into: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            for (name, below) in fields {
                if name == "lineItems" {
                    into.extend(below.as_array().into_iter().flatten());
                }
                line_items(below, into);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| line_items(entry, into)),
        _ => {}
    }
}

/// A number that a store gave, not one made up to name nothing: those are short, or of one digit.
fn is_real(number: &str) -> bool {
    number.len() > 9 && number.bytes().skip(1).any(|digit| Some(digit) != number.bytes().next())
}
