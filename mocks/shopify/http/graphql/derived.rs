//! Fields that the typed path asks for in documents of their own, and what schema and twin group otherwise.

use serde_json::{Map, Value, json};

use super::super::super::cursor::Cursor;
use super::super::super::{ids, render};
use super::object::{Found, Object, Session};
use super::page::{kind_of, number_of};
use super::records::{catalogued, fulfillment_orders, gid, json};
use super::refusal::Refusal;
use crate::domain::ids::PriceListId;

impl Session<'_> {
    pub(super) fn derived(
        &self,
        object: &Object<'_, '_>,
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Option<Found>, Refusal> {
        let found = match (object.type_name.as_str(), name) {
            ("Order", _) => self.of_order(object, name),
            ("Customer", _) => self.of_customer(object, name, arguments)?,
            ("Location", "inventoryLevels") => Some(self.inventory_levels(object, arguments)?),
            ("Location", "inventoryLevel") => {
                let item = arguments.get("inventoryItemId").and_then(Value::as_str).unwrap_or_default();
                self.checked_id(item, "InventoryItem")?;
                let pair = number_of(item).zip(object.number());
                let level = pair.and_then(|(item, location)| self.level(item, location));
                Some(Found::Whole(level.unwrap_or_default()))
            }
            ("InventoryLevel", "quantities") => Some(self.quantities(object, arguments)?),
            ("InventoryItem", "variant") => {
                object.complete();
                let twin = self.twin.borrow();
                let shop = &twin.shops[self.at];
                let item = object.number().and_then(|number| shop.item_at(number));
                let sku = item.and_then(|at| shop.inventory_item(&twin.texts, at).sku);
                let variant = sku.and_then(|sku| shop.selling.position(&sku));
                let id =
                    variant.map(|at| gid("ProductVariant", ids::variant(shop.ordinal, at as usize).get()));
                Some(Found::Whole(json!({ "id": id })))
            }
            // Nobody gives goods of the twin any of these.
            ("Product", "collections" | "media" | "metafields") => Some(Found::Whole(json!({ "nodes": [] }))),
            ("PriceList", "prices") => Some(self.prices(object, arguments)?),
            ("SalesAgreement" | "RefundAgreement" | "ReturnAgreement", _) => None,
            ("RestockingFee" | "ReturnShippingFee", "id") => {
                Some(Found::Whole(json!(gid(&object.type_name, object.order.get().unwrap_or(0) as u64 + 1))))
            }
            ("ShopifyPaymentsAccount", _) => Some(self.of_account(name, arguments)?),
            ("WebhookSubscription", "apiVersion") => Some(Found::Whole(self.api_version())),
            _ => None,
        };
        Ok(found)
    }

    fn api_version(&self) -> Value {
        json!({ "handle": self.version, "displayName": self.version, "supported": true })
    }

    fn of_order(&self, object: &Object<'_, '_>, name: &str) -> Option<Found> {
        if !matches!(name, "agreements" | "fulfillmentOrders" | "netPaymentSet" | "paymentTerms" | "refunds")
        {
            return None;
        }
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let n = shop.order_at(crate::domain::ids::OrderId::new(object.number()?))?;
        object.order.set(Some(n));
        let value = match name {
            "agreements" => {
                let agreements = render::refunds::order_agreements(shop, n);
                json!({ "nodes": agreements.into_iter().map(|agreement| typed_agreement(json(agreement))).collect::<Vec<_>>() })
            }
            "fulfillmentOrders" => json!({ "nodes": fulfillment_orders(shop, n, self) }),
            "netPaymentSet" => {
                let row = shop.orders.get(n);
                json(render::both(shop, row, row.received()))
            }
            "paymentTerms" => shop.terms.of(super::super::super::terms::Owner::Order(n)).map_or(
                Value::Null,
                |(at, _)| json!({ "id": gid("PaymentTerms", ids::payment_terms(shop.ordinal, at)) }),
            ),
            _ => json(render::refunds::order_refunds(shop, n, usize::MAX).refunds),
        };
        Some(Found::Whole(value))
    }

    fn inventory_levels(
        &self,
        object: &Object<'_, '_>,
        arguments: &Map<String, Value>,
    ) -> Result<Found, Refusal> {
        let window = self.window(arguments)?;
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let location = object.number().unwrap_or_default();
        let count = if shop.stocks(location) { shop.items_count() } else { 0 };
        let keys = (0..count).map(|at| Cursor {
            last_id: ids::inventory_item(shop.ordinal, at),
            last_value: ids::inventory_item(shop.ordinal, at) as i64,
        });
        let node = |at: usize| {
            let item = json(shop.inventory_item(&twin.texts, at));
            json!({ "item": item, "location": { "id": gid("Location", location) } })
        };
        Ok(Found::Paged(window.page(keys.collect(), node)))
    }

    fn level(&self, item: u64, location: u64) -> Option<Value> {
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let at = shop.item_at(item)?;
        shop.stocks(location).then(|| {
            let item = json(shop.inventory_item(&twin.texts, at));
            json!({ "item": item, "location": { "id": gid("Location", location) } })
        })
    }

    fn quantities(&self, object: &Object<'_, '_>, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let (item, location) = object.item_and_location();
        let view = twin.level(shop.settings.key, item.unwrap_or_default(), location.unwrap_or_default());
        let names = arguments.get("names").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut rows = Vec::with_capacity(names.len());
        for name in names.iter().filter_map(Value::as_str) {
            let quantity = view.and_then(|view| match name {
                "available" => Some(view.available),
                "committed" => Some(view.committed),
                "on_hand" => Some(view.available + view.committed),
                "damaged" | "incoming" | "quality_control" | "reserved" | "safety_stock" => Some(0),
                _ => None,
            });
            let Some(quantity) = quantity else {
                let message = format!("The specified quantity name '{name}' is invalid.");
                return Err(Refusal::new("INVALID_FIELD_ARGUMENTS", message));
            };
            rows.push(json!({ "name": name, "quantity": quantity }));
        }
        Ok(Found::Whole(Value::Array(rows)))
    }

    fn prices(&self, object: &Object<'_, '_>, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let window = self.window(arguments)?;
        match arguments.get("originType").and_then(Value::as_str) {
            Some("FIXED") => {}
            // Relative prices are those of the shop, which the twin has no rows for.
            _ => return Err(Refusal::not_modelled("PriceList.prices without originType FIXED")),
        }
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let id = PriceListId::new(object.number().unwrap_or_default());
        let variants = ids::price_list_position(shop.ordinal, id).map(|n| (n, shop.priced_variants(n)));
        let (n, variants) = variants.unwrap_or_default();
        let number = |variant: u32| ids::variant(shop.ordinal, variant as usize).get();
        let key = |variant: &u32| Cursor { last_id: number(*variant), last_value: number(*variant) as i64 };
        let page = window.page(variants.iter().map(key).collect(), |at| {
            shop.priced_variant(n, variants[at]).map_or(Value::Null, json)
        });
        Ok(Found::Paged(page))
    }

    pub(super) fn price_list_at(&self, n: usize) -> Option<Value> {
        Some(catalogued(json(self.twin.borrow().shops[self.at].price_list_head(n)?)))
    }
}

impl Object<'_, '_> {
    /// The numbers of a level's item and location.
    fn item_and_location(&self) -> (Option<u64>, Option<u64>) {
        let number = |name: &str| {
            let value = self.value(name)?;
            let id = value.get("id")?.as_str()?;
            kind_of(id).and_then(|_| number_of(id))
        };
        (number("item"), number("location"))
    }
}

/// The type of an agreement and of its sales, which the typed path tells by what is there.
fn typed_agreement(mut agreement: Value) -> Value {
    let is_return = agreement.get("return").is_some();
    agreement["__typename"] = json!(if is_return { "ReturnAgreement" } else { "RefundAgreement" });
    for sale in agreement["sales"]["nodes"].as_array_mut().into_iter().flatten() {
        let named = match sale["lineType"].as_str() {
            Some("FEE") => "FeeSale",
            Some("TIP") => "TipSale",
            Some("SHIPPING") => "ShippingLineSale",
            _ => "ProductSale",
        };
        sale["__typename"] = json!(named);
    }
    agreement
}
