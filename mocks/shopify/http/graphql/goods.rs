//! Products over the API: made with their one variant, and what a client says of that beside its price.
//!
//! Source: recorded `productCreate` and `productVariantsBulkUpdate` exchanges. A variant has no SKU until somebody gives it
//! one. Options, media, metafields and second variants the twin does not have.

use serde_json::{Map, Value, json};

use super::super::super::ids;
use super::object::Session;
use super::page::number_of;
use super::records::gid;
use super::refusal::Refusal;
use crate::domain::ids::VariantId;

impl Session<'_> {
    /// # Errors
    /// An archived product.
    pub(super) fn product_create(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let Some(input) = arguments.get("product").filter(|input| !input.is_null()) else {
            return Err(Refusal::not_modelled("productCreate without `product`"));
        };
        let is_active = match input["status"].as_str() {
            None | Some("ACTIVE") => true,
            Some("DRAFT") => false,
            Some(other) => return Err(Refusal::not_modelled(&format!("a product with the status {other}"))),
        };
        let title = input["title"].as_str().unwrap_or_default();
        if title.trim().is_empty() {
            let error = json!([{ "field": ["title"], "message": "Title can't be blank" }]);
            return Ok(json!({ "product": null, "userErrors": error }));
        }
        let tags = input["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let tags = tags.map(|tag| tag.trim().into()).collect();
        let mut twin = self.twin.borrow_mut();
        let shop = &mut twin.shops[self.at];
        let at = shop.make_product(title, is_active, tags, self.now);
        let id = gid("Product", ids::product(shop.ordinal, at as usize).get());
        Ok(json!({ "product": { "id": id }, "userErrors": [] }))
    }

    /// Whether what variants are said to be beside their price can be kept.
    ///
    /// # Errors
    /// A SKU that another variant has: the twin finds goods by it.
    pub(super) fn check_goods(&self, arguments: &Map<String, Value>) -> Result<(), Refusal> {
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        for variant in variants(arguments) {
            let at = variant["id"].as_str().and_then(number_of);
            let at = at.and_then(|number| shop.variant_at(VariantId::new(number)));
            let sku = variant["inventoryItem"]["sku"].as_str().unwrap_or_default();
            if shop.selling.position(sku).is_some_and(|other| Some(other) != at) {
                return Err(Refusal::not_modelled("a SKU that two variants have"));
            }
        }
        Ok(())
    }

    pub(super) fn name_goods(&self, arguments: &Map<String, Value>) {
        let mut twin = self.twin.borrow_mut();
        let shop = &mut twin.shops[self.at];
        for variant in variants(arguments) {
            let number = variant["id"].as_str().and_then(number_of);
            let Some(at) = number.and_then(|number| shop.variant_at(VariantId::new(number))) else {
                continue;
            };
            let item = &variant["inventoryItem"];
            if let Some(sku) = item["sku"].as_str() {
                shop.selling.rename(at, sku);
            }
            shop.describe(at, variant["taxable"].as_bool(), item["requiresShipping"].as_bool());
        }
    }
}

fn variants(arguments: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    arguments.get("variants").and_then(Value::as_array).into_iter().flatten()
}
