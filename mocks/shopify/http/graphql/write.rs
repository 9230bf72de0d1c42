//! Mutations: arguments as the typed variables of the path that keeps the rules, its answer as the payload.
//!
//! Source: shopify.md §b.4 (user errors), §b2 (idempotency).

use apollo_compiler::ast;
use apollo_compiler::resolvers::ResolveInfo;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::object::{Found, Session};
use super::page::number_of;
use super::records::json;
use super::refusal::Refusal;
use crate::domain::ids::FulfillmentId;
use crate::platforms::shopify::operation::{
    Answer, FulfillmentCreateVariables, FulfillmentTrackingInfoUpdateVariables,
    InventorySetQuantitiesVariables, MarkAsPaidVariables, ProductUpdateVariables, QuantityPricingVariables,
    Request, VariantsUpdateVariables,
};

/// Mutations that take no effect without `@idempotent`. Source: shopify.md §b2.
const IDEMPOTENT: [&str; 2] = ["inventorySetQuantities", "refundCreate"];
/// The version from which on it is mandatory.
const IDEMPOTENT_SINCE: &str = "2026-04";

impl Session<'_> {
    pub(super) fn mutation(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
        info: &ResolveInfo<'_>,
    ) -> Result<Found, Refusal> {
        let key = self.idempotency_key(info);
        if name == "inventorySetQuantities" {
            self.has_comparison(arguments)?;
        }
        if IDEMPOTENT.contains(&name) && key.is_none() && self.version >= IDEMPOTENT_SINCE {
            let message = "The @idempotent directive is required for this mutation but was not provided.";
            return Err(Refusal::bad_request(message));
        }
        if let Some(payload) = self.returning(name, arguments).or_else(|| self.working(name, arguments)) {
            return payload.map(Found::Whole);
        }
        let payload = match name {
            "bulkOperationRunQuery" => self.run_bulk(arguments)?,
            "bulkOperationCancel" => self.cancel_bulk(arguments)?,
            "bulkOperationRunMutation" => self.run_bulk_mutation(arguments),
            "productCreate" => self.product_create(arguments)?,
            "productVariantsBulkUpdate" => {
                self.check_goods(arguments)?;
                let request = request(name, arguments, key.as_deref().unwrap_or_default())?;
                let payload = self.typed(name, &request)?;
                if !payload["productVariants"].is_null() {
                    self.name_goods(arguments);
                }
                payload
            }
            "stagedUploadsCreate" => self.stage(arguments)?,
            "fulfillmentCancel" => self.fulfillment_cancel(arguments)?,
            "orderCancel" => self.order_cancel(arguments)?,
            "orderCreate" => self.order_create(arguments)?,
            "refundCreate" => self.refund_create(arguments, key.as_deref())?,
            "webhookSubscriptionCreate" => self.subscribe(arguments),
            "webhookSubscriptionUpdate" => self.resubscribe(arguments)?,
            "webhookSubscriptionDelete" => self.unsubscribe(arguments)?,
            "giftCardCreate" => self.card_create(arguments),
            "giftCardUpdate" => self.card_update(arguments)?,
            "draftOrderComplete" => self.draft_complete(arguments)?,
            "draftOrderCreate" => self.draft_create(arguments)?,
            "draftOrderDelete" => self.draft_delete(arguments)?,
            "paymentTermsCreate" => self.terms_create(arguments)?,
            "paymentTermsDelete" => self.terms_delete(arguments)?,
            "paymentTermsUpdate" => self.terms_update(arguments)?,
            _ => {
                let request = request(name, arguments, key.as_deref().unwrap_or_default())?;
                self.typed(name, &request)?
            }
        };
        Ok(Found::Whole(payload))
    }

    /// The payload of a mutation that the clients' own documents use too.
    fn typed(&self, name: &str, request: &Request) -> Result<Value, Refusal> {
        let mut twin = self.twin.borrow_mut();
        let executed = twin.execute(self.at, request, self.now)?;
        let mut data = data(&executed.answer);
        let mut payload = data[name].take();
        // The product and its variants are named by id, and read as they stand now.
        if name == "productVariantsBulkUpdate"
            && let Request::VariantsUpdate(variables) = request
            && !payload["productVariants"].is_null()
        {
            payload["product"] = json!({ "id": variables.product_id.to_string() });
        }
        Ok(payload)
    }

    fn idempotency_key(&self, info: &ResolveInfo<'_>) -> Option<String> {
        let directive = info.field_selections()[0].directives.get("idempotent")?;
        match &**directive.specified_argument_by_name("key")? {
            ast::Value::String(text) => Some(text.clone()),
            ast::Value::Variable(name) => self.variables.get(name.as_str())?.as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// Source: shopify.md §f: the comparison must be present; an explicit null leaves it out.
    fn has_comparison(&self, arguments: &Map<String, Value>) -> Result<(), Refusal> {
        let rows = arguments.get("input").and_then(|input| input["quantities"].as_array());
        if rows.into_iter().flatten().all(|row| row.get("changeFromQuantity").is_some()) {
            return Ok(());
        }
        let message = "InventoryQuantityInput must include the following argument: changeFromQuantity.";
        Err(Refusal::new("INVALID_FIELD_ARGUMENTS", message))
    }

    fn fulfillment_cancel(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = self.id_of(arguments, "Fulfillment")?;
        let number = number_of(id).unwrap_or_default();
        let mut twin = self.twin.borrow_mut();
        let shop = twin.shops[self.at].settings.key;
        let known = twin.shops[self.at].has_fulfillment(number);
        Ok(match (known, twin.cancel_fulfillment(shop, FulfillmentId::new(number), self.now)) {
            (_, Ok(())) => json!({ "fulfillment": { "id": id }, "userErrors": [] }),
            (false, Err(_)) => refused("fulfillment", Some(&["id"]), "Fulfillment not found."),
            (true, Err(_)) => refused("fulfillment", Some(&["id"]), "Fulfillment can not be canceled."),
        })
    }
}

/// A payload with one plain user error.
pub(super) fn refused(field: &str, at: Option<&[&str]>, message: &str) -> Value {
    json!({ field: null, "userErrors": [{ "field": at, "message": message }] })
}

/// The typed request that a mutation is, its arguments brought into the shape of our documents' variables.
fn request(name: &str, arguments: &Map<String, Value>, key: &str) -> Result<Request, Refusal> {
    let mut arguments = Value::Object(arguments.clone());
    let request = match name {
        "fulfillmentCreate" => {
            if let Some(id) = id_of_nothing(&arguments) {
                return Err(Refusal::invalid_id(id));
            }
            one_carrier(&mut arguments["fulfillment"]["trackingInfo"]);
            for group in
                arguments["fulfillment"]["lineItemsByFulfillmentOrder"].as_array_mut().into_iter().flatten()
            {
                drop_null(group, "fulfillmentOrderLineItems");
            }
            drop_null(&mut arguments["fulfillment"], "notifyCustomer");
            Request::FulfillmentCreate(read::<FulfillmentCreateVariables>(arguments)?)
        }
        "fulfillmentTrackingInfoUpdate" => {
            one_carrier(&mut arguments["trackingInfoInput"]);
            Request::FulfillmentTrackingInfoUpdate(read::<FulfillmentTrackingInfoUpdateVariables>(arguments)?)
        }
        "inventorySetQuantities" => {
            let input = &mut arguments["input"];
            // Any other state is refused as the one that orders move.
            if !matches!(input["name"].as_str(), Some("available" | "on_hand")) {
                input["name"] = json!("committed");
            }
            if input["referenceDocumentUri"].is_null() {
                input["referenceDocumentUri"] = json!("");
            }
            arguments["key"] = json!(key);
            Request::InventorySetQuantities(read::<InventorySetQuantitiesVariables>(arguments)?)
        }
        "orderMarkAsPaid" => Request::OrderMarkAsPaid(read::<MarkAsPaidVariables>(arguments)?),
        "productUpdate" if arguments["product"].is_null() => {
            return Err(Refusal::not_modelled("productUpdate without `product`"));
        }
        "productUpdate" => Request::ProductUpdate(Box::new(read::<ProductUpdateVariables>(arguments)?)),
        "productVariantsBulkUpdate" => {
            for variant in arguments["variants"].as_array_mut().into_iter().flatten() {
                if variant["inventoryItem"]["measurement"]["weight"].is_null() {
                    drop_field(variant, "inventoryItem");
                }
                if variant["id"].is_null() {
                    variant["id"] = json!("gid://shopify/ProductVariant/0");
                }
            }
            Request::VariantsUpdate(Box::new(read::<VariantsUpdateVariables>(arguments)?))
        }
        "quantityPricingByVariantUpdate" => {
            let input = &mut arguments["input"];
            if input["quantityPriceBreaksToDeleteByVariantId"].is_null() {
                input["quantityPriceBreaksToDeleteByVariantId"] = json!([]);
            }
            let is_empty = |name: &str| input[name].as_array().is_none_or(Vec::is_empty);
            let others =
                ["quantityRulesToAdd", "quantityRulesToDeleteByVariantId", "quantityPriceBreaksToDelete"];
            if let Some(other) = others.into_iter().find(|name| !is_empty(name)) {
                return Err(Refusal::not_modelled(other));
            }
            Request::QuantityPricingUpdate(Box::new(read::<QuantityPricingVariables>(arguments)?))
        }
        other => return Err(Refusal::not_modelled(other)),
    };
    Ok(request)
}

fn read<V: DeserializeOwned>(arguments: Value) -> Result<V, Refusal> {
    serde_json::from_value(arguments).map_err(|error| {
        let text = error.to_string();
        match text.split('`').nth(1).filter(|id| id.starts_with("gid://")) {
            Some(id) => Refusal::invalid_id(id),
            None => Refusal::new("INVALID_FIELD_ARGUMENTS", text),
        }
    })
}

/// The first id whose number is 0, which no record has. Source: a recorded `fulfillmentCreate`.
fn id_of_nothing(arguments: &Value) -> Option<&str> {
    match arguments {
        Value::String(text) => {
            Some(text.as_str()).filter(|id| id.starts_with("gid://") && id.ends_with("/0"))
        }
        Value::Array(entries) => entries.iter().find_map(id_of_nothing),
        Value::Object(fields) => fields.values().find_map(id_of_nothing),
        _ => None,
    }
}

/// One number and one address are lists of one.
fn one_carrier(info: &mut Value) {
    if !info.is_object() {
        return;
    }
    for (one, many) in [("number", "numbers"), ("url", "urls")] {
        if info[many].is_null() {
            let single = info[one].take();
            info[many] = if single.is_null() { json!([]) } else { json!([single]) };
        }
    }
}

fn drop_null(value: &mut Value, name: &str) {
    if value[name].is_null() {
        drop_field(value, name);
    }
}

fn drop_field(value: &mut Value, name: &str) {
    if let Some(fields) = value.as_object_mut() {
        fields.remove(name);
    }
}

/// What stands below `data`.
fn data(answer: &Answer) -> Value {
    match answer {
        Answer::Order(data) => json(data),
        Answer::OrderLines(data) => json(data),
        Answer::FulfillmentOrderLines(data) => json(data),
        Answer::FulfillmentLines(data) => json(data),
        Answer::OrdersUpdated(data) => json(data),
        Answer::WebhookSubscriptions(data) => json(data),
        Answer::WebhookSubscriptionCreate(data) => json(data),
        Answer::PriceLists(data) => json(data),
        Answer::PriceList(data) => json(data),
        Answer::ProductVariants(data) => json(data),
        Answer::QuantityPricingUpdate(data) => json(data),
        Answer::OrderRefunds(data) => json(data),
        Answer::FulfillmentOrders(data) => json(data),
        Answer::FulfillmentCreate(data) => json(data),
        Answer::FulfillmentTrackingInfoUpdate(data) => json(data),
        Answer::GiftCards(data) => json(data),
        Answer::OrderTerms(data) => json(data),
        Answer::PaymentTermsTemplates(data) => json(data),
        Answer::PaymentTermsCreate(data) => json(data),
        Answer::OrderMarkAsPaid(data) => json(data),
        Answer::InventoryLevels(data) => json(data),
        Answer::InventorySetQuantities(data) => json(data),
        Answer::ProductVariant(data) => json(data),
        Answer::VariantsUpdate(data) => json(data),
        Answer::ProductUpdate(data) => json(data),
        Answer::Payouts(data) => json(data),
        Answer::Payout(data) => json(data),
        Answer::BalanceTransactions(data) => json(data),
        Answer::Disputes(data) => json(data),
        Answer::BulkRun(data) => json(data),
        Answer::BulkOperation(data) => json(data),
    }
}
