//! Records by their id, each rendered by the function that the typed path renders it with.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::super::{Shop, ids, render};
use super::object::Session;
use super::page::{kind_of, number_of};
use super::refusal::Refusal;
use crate::domain::ids::{
    BalanceTransactionId, CompanyLocationId, CustomerId, DisputeId, FulfillmentId, FulfillmentOrderId,
    GiftCardId, LineItemId, OrderId, PayoutId, PriceListId, RefundId, ShippingLineId, TransactionId,
};
use crate::platforms::shopify::wire::DecimalText;

/// A record with the order that its amounts are converted by, if it belongs to one.
pub(super) struct Record {
    pub(super) fields: Value,
    pub(super) order: Option<usize>,
}

impl Record {
    fn plain(fields: Value) -> Record {
        Record { fields, order: None }
    }
}

/// The record types that the schema can name by `node`.
const KINDS: [&str; 24] = [
    "BulkOperation",
    "CompanyLocation",
    "Customer",
    "DraftOrder",
    "Fulfillment",
    "FulfillmentOrder",
    "FulfillmentOrderLineItem",
    "GiftCard",
    "InventoryItem",
    "LineItem",
    "Location",
    "Order",
    "OrderTransaction",
    "PaymentTerms",
    "PriceList",
    "Product",
    "ProductVariant",
    "Refund",
    "Return",
    "ShippingLine",
    "ShopifyPaymentsBalanceTransaction",
    "ShopifyPaymentsDispute",
    "ShopifyPaymentsPayout",
    "WebhookSubscription",
];

pub(super) fn json<T: Serialize>(value: T) -> Value {
    serde_json::to_value(value).expect("wire types have no map with keys that are not text")
}

impl Session<'_> {
    /// The id of the argument, of that type.
    ///
    /// # Errors
    /// Another type, or a number that none has.
    pub(super) fn id_of<'a>(
        &self,
        arguments: &'a Map<String, Value>,
        kind: &str,
    ) -> Result<&'a str, Refusal> {
        let id = arguments.get("id").and_then(Value::as_str).unwrap_or_default();
        self.checked_id(id, kind)
    }

    pub(super) fn checked_id<'a>(&self, id: &'a str, kind: &str) -> Result<&'a str, Refusal> {
        let is_fine = kind_of(id) == Some(kind) && number_of(id).is_some_and(|number| number > 0);
        if is_fine { Ok(id) } else { Err(Refusal::invalid_id(id)) }
    }

    /// What a lookup by id answers: null for a number that is not there.
    pub(super) fn by_id(&self, arguments: &Map<String, Value>, kind: &str) -> Result<Value, Refusal> {
        let id = self.id_of(arguments, kind)?;
        Ok(self.record(id).map_or(Value::Null, |record| record.fields))
    }

    /// Any record: its type is part of the answer.
    pub(super) fn node(&self, id: &str) -> Result<Value, Refusal> {
        let kind = kind_of(id).unwrap_or_default();
        if !KINDS.contains(&kind) {
            return Err(Refusal::invalid_id(id));
        }
        self.checked_id(id, kind)?;
        let found = self.record(id).map(|record| record.fields);
        Ok(found.map_or(Value::Null, |mut fields| {
            fields["__typename"] = json!(kind);
            fields
        }))
    }

    /// `None` for a number that no record of this shop has.
    pub(super) fn record(&self, id: &str) -> Option<Record> {
        let number = number_of(id)?;
        let kind = kind_of(id)?;
        if kind == "BulkOperation" {
            return self.bulk_operation(number).map(Record::plain);
        }
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let texts = &twin.texts;
        let ordinal = shop.ordinal;
        let has = |n: &usize| *n < shop.orders.len();
        let of_order = |n: usize, fields: Value| Some(Record { fields, order: Some(n) });
        match kind {
            "Order" => {
                let n = shop.order_at(OrderId::new(number))?;
                let mut fields = complete_order(json(render::order(shop, texts, n, usize::MAX)));
                super::order::complete(shop, texts, n, self.now, &mut fields);
                of_order(n, fields)
            }
            "LineItem" => {
                let (n, at) =
                    ids::line_item_position(ordinal, LineItemId::new(number)).filter(|(n, _)| has(n))?;
                let lines = render::line_items(shop, texts, n, at, 1);
                let mut fields = json(lines.nodes.into_iter().next()?);
                super::order::complete_line(shop, texts, n, at, &mut fields);
                of_order(n, fields)
            }
            "ShippingLine" => {
                let (n, at) = ids::shipping_line_position(ordinal, ShippingLineId::new(number))
                    .filter(|(n, _)| has(n))?;
                of_order(n, json(render::shipping_lines(shop, texts, n).nodes.into_iter().nth(at)?))
            }
            "OrderTransaction" => {
                let id = TransactionId::new(number);
                let (n, at) = ids::transaction_position(ordinal, id).filter(|(n, _)| has(n))?;
                let entry = shop.orders.get(n).transactions.get(at)?;
                of_order(n, json(render::transaction(shop, texts, n, at, entry)))
            }
            "Refund" => {
                let (n, at) = ids::refund_position(ordinal, RefundId::new(number)).filter(|(n, _)| has(n))?;
                let refunds = render::refunds::order_refunds(shop, n, usize::MAX).refunds;
                let mut fields = json(refunds.into_iter().nth(at)?);
                super::order::complete_refund(shop, n, at, &mut fields);
                fields["order"] = json!({ "id": gid("Order", ids::order(ordinal, n).get()) });
                of_order(n, fields)
            }
            "Fulfillment" => {
                let id = FulfillmentId::new(number);
                let (n, at) = ids::fulfillment_position(ordinal, id).filter(|(n, _)| has(n))?;
                let mut fields = super::shipped::fulfillments(shop, texts, n).into_iter().nth(at)?;
                fields["order"] = json!({ "id": gid("Order", ids::order(ordinal, n).get()) });
                of_order(n, fields)
            }
            "FulfillmentOrder" => {
                let id = FulfillmentOrderId::new(number);
                let (n, _) = ids::fulfillment_order_position(ordinal, id).filter(|(n, _)| has(n))?;
                let all = fulfillment_orders(shop, n, self);
                of_order(n, all.into_iter().find(|order| order["id"] == *gid("FulfillmentOrder", number))?)
            }
            "FulfillmentOrderLineItem" => {
                let id = crate::domain::ids::FulfillmentOrderLineId::new(number);
                let (n, _) = ids::fulfillment_order_line_position(ordinal, id).filter(|(n, _)| has(n))?;
                let wanted = gid(kind, number);
                let lines = fulfillment_orders(shop, n, self)
                    .into_iter()
                    .flat_map(|order| order["lineItems"]["nodes"].as_array().cloned().unwrap_or_default());
                of_order(n, lines.into_iter().find(|line| line["id"] == *wanted)?)
            }
            "Return" => {
                let (n, at) = ids::return_position(ordinal, number).filter(|(n, _)| has(n))?;
                let wanted = gid(kind, ids::return_of(ordinal, n, at));
                of_order(n, super::returning::returns(shop, n).into_iter().find(|it| it["id"] == *wanted)?)
            }
            "Customer" => {
                let at = ids::customer_position(ordinal, CustomerId::new(number))?;
                let details = shop.people.customers.get(at)?;
                let mut fields = json(render::customer(shop, u32::try_from(at).ok()?));
                let noted = shop.people.notes.get(&at).cloned().unwrap_or_default();
                super::order::complete_customer(details, &noted, &mut fields);
                Some(Record::plain(fields))
            }
            "CompanyLocation" => {
                let at = ids::company_location_position(ordinal, CompanyLocationId::new(number))?;
                let company = shop.people.companies.get(at)?;
                Some(Record::plain(json!({ "id": id, "name": company.location })))
            }
            "Location" => shop
                .locations()
                .contains(&number)
                .then(|| Record::plain(super::shipped::location(shop, number))),
            "InventoryItem" => {
                let at = shop.item_at(number)?;
                let mut fields = json(shop.inventory_item(texts, at));
                fields["requiresShipping"] = json!(true);
                Some(Record::plain(fields))
            }
            "ProductVariant" => {
                let at = shop.variant_at(crate::domain::ids::VariantId::new(number))?;
                let mut fields = json(shop.render_variant(at));
                fields["title"] = json!("Default Title");
                let (is_taxable, requires_shipping) = shop.described(at);
                fields["taxable"] = json!(is_taxable);
                let item = texts.find(shop.selling.sku(at)).and_then(|sku| shop.item_of_sku(sku));
                fields["inventoryItem"]["requiresShipping"] = json!(requires_shipping);
                if let Some(item) = item {
                    let item = json(shop.inventory_item(texts, item));
                    if let (Value::Object(into), Value::Object(more)) = (&mut fields["inventoryItem"], item) {
                        into.extend(more);
                    }
                }
                Some(Record::plain(fields))
            }
            "Product" => {
                let at = shop.product_at(crate::platforms::shopify::wire::Gid::new(number))?;
                let variant = json(shop.render_variant(at));
                let mut fields = variant["product"].clone();
                fields["handle"] = json!(super::order::handle(fields["title"].as_str().unwrap_or_default()));
                fields["tags"] = json!(shop.tags_of(at));
                fields["variants"] = json!({ "nodes": [variant] });
                Some(Record::plain(fields))
            }
            "DraftOrder" => shop.draft_at(number).and_then(|n| shop.render_draft(n)).map(Record::plain),
            "PaymentTerms" => {
                let at = ids::payment_terms_position(ordinal, number)?;
                shop.render_terms(at, self.now).map(Record::plain)
            }
            "PriceList" => {
                let n = ids::price_list_position(ordinal, PriceListId::new(number))?;
                Some(Record::plain(catalogued(json(shop.price_list_head(n)?))))
            }
            "GiftCard" => {
                let at = ids::gift_card_position(ordinal, GiftCardId::new(number))?;
                let before = ids::gift_card(ordinal, at).get() - 1;
                let cards = render::refunds::gift_cards(shop, i64::MIN, before, 1).nodes;
                let mut fields = json(cards.into_iter().next()?);
                let text = shop.pots.said.get(&at).cloned().unwrap_or_default();
                let updated = text.updated.max(shop.pots.cards[at].created);
                fields["note"] = json!(text.note);
                fields["templateSuffix"] = json!(text.template_suffix);
                fields["updatedAt"] = json!(render::date_time(updated));
                Some(Record::plain(fields))
            }
            "ShopifyPaymentsPayout" => {
                let at = ids::payout_position(ordinal, PayoutId::new(number))?;
                shop.payout_at(at).map(|payout| Record::plain(json(payout)))
            }
            "ShopifyPaymentsBalanceTransaction" => {
                let at = ids::balance_transaction_position(ordinal, BalanceTransactionId::new(number))?;
                shop.balance_row_at(texts, at).map(|row| Record::plain(json(row)))
            }
            "ShopifyPaymentsDispute" => {
                let at = ids::dispute_position(ordinal, DisputeId::new(number))?;
                shop.dispute_at(at).map(|dispute| Record::plain(json(dispute)))
            }
            "WebhookSubscription" => {
                shop.webhooks.details(number).map(|details| Record::plain(self.subscription(details)))
            }
            _ => None,
        }
    }

    /// The position of the order that these fields are of.
    pub(super) fn order_of(&self, fields: &Map<String, Value>) -> Option<usize> {
        let number = number_of(fields.get("id")?.as_str()?)?;
        self.twin.borrow().shops[self.at].order_at(OrderId::new(number))
    }

    /// Fills in what the typed path leaves out of an amount, at the order's own rate.
    pub(super) fn complete_bag(&self, fields: &mut Map<String, Value>, order: Option<usize>) {
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        if let Some(n) = order
            && let Some(own) = fields.get_mut("shopMoney").and_then(Value::as_object_mut)
        {
            let currency = shop.currency_of(shop.orders.get(n));
            own.entry("currencyCode").or_insert_with(|| json(currency));
        }
        if !fields.contains_key("presentmentMoney")
            && let Some(n) = order
            && let Some(minor) = fields
                .get("shopMoney")
                .and_then(|money| money["amount"].as_str()?.parse::<DecimalText>().ok())
                .and_then(|amount| amount.minor(u32::from(shop.digits())))
        {
            let bag = json(render::both(shop, shop.orders.get(n), minor));
            fields.insert("presentmentMoney".into(), bag["presentmentMoney"].clone());
        }
    }

    /// An amount without a currency is in the shop's own.
    pub(super) fn complete_money(&self, fields: &mut Map<String, Value>) {
        let own = self.twin.borrow().shops[self.at].settings.currency;
        fields.entry("currencyCode").or_insert_with(|| json(own));
    }
}

pub(super) fn gid(kind: &str, number: u64) -> String {
    format!("gid://shopify/{kind}/{number}")
}

/// All fulfillment orders of an order, with all their lines.
pub(super) fn fulfillment_orders(shop: &Shop, n: usize, session: &Session<'_>) -> Vec<Value> {
    let all = render::work::fulfillment_orders(shop, n, session.now, 0, (usize::MAX, usize::MAX));
    let order = gid("Order", ids::order(shop.ordinal, n).get());
    let name = render::name(shop, n);
    let of_order = |entry| {
        let mut fields = json(entry);
        fields["order"] = json!({ "id": order });
        fields["orderId"] = json!(order);
        fields["orderName"] = json!(name);
        fields
    };
    let mut orders: Vec<Value> = all.nodes.into_iter().map(of_order).collect();
    super::shipped::complete_work(shop, n, session.now, &mut orders);
    orders
}

/// A catalog stands for its price list, and has its number.
pub(super) fn catalogued(mut list: Value) -> Value {
    let number = list["id"].as_str().and_then(number_of).unwrap_or_default();
    if let Some(catalog) = list.get_mut("catalog").and_then(Value::as_object_mut) {
        catalog.insert("id".into(), json!(gid("CompanyLocationCatalog", number)));
        catalog.insert("__typename".into(), json!("CompanyLocationCatalog"));
    }
    list
}

/// What only a whole order tells: the place of a discount among its applications, and the buyer as a customer.
fn complete_order(mut order: Value) -> Value {
    if order["purchasingEntity"]["__typename"] == "Customer"
        && let Some(Value::Object(customer)) = order.get("customer").cloned()
        && let Some(entity) = order["purchasingEntity"].as_object_mut()
    {
        entity.extend(customer);
    }
    let mut known: Vec<Value> = Vec::new();
    for connection in ["lineItems", "shippingLines"] {
        let nodes = order[connection]["nodes"].as_array_mut();
        let allocations =
            nodes.into_iter().flatten().filter_map(|node| node["discountAllocations"].as_array_mut());
        for allocation in allocations.flatten() {
            let application = &mut allocation["discountApplication"];
            let index = known.iter().position(|other| other == application).unwrap_or_else(|| {
                known.push(application.clone());
                known.len() - 1
            });
            application["index"] = json!(index);
        }
    }
    order
}
