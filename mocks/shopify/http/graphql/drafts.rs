//! Draft orders over the API: input read and refused, records shown.
//!
//! Source: recorded exchanges (`draftOrderCreate`, `draftOrderComplete`, `draftOrderDelete`) and their refusals. What a
//! draft of the twin cannot have (discounts, shipping, another currency) is refused as not modelled.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::super::drafts::{DraftLine, DraftRow, NotCompleted};
use super::super::super::terms::Owner;
use super::super::super::{Shop, ids};
use super::object::Session;
use super::page::number_of;
use super::records::{gid, json};
use super::refusal::Refusal;
use crate::domain::Timestamp;
use crate::domain::ids::VariantId;
use crate::platforms::shopify::wire::{DateTime, DecimalText};

/// Field and message of one user error.
type Wrong = (Option<Vec<String>>, String);

impl Session<'_> {
    /// # Errors
    /// What the twin cannot keep of a draft.
    pub(super) fn draft_create(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let input = arguments.get("input").cloned().unwrap_or_default();
        let mut twin = self.twin.borrow_mut();
        let shop = &mut twin.shops[self.at];
        let own = json(shop.settings.currency);
        if !input["presentmentCurrencyCode"].is_null() && input["presentmentCurrencyCode"] != own {
            return Err(Refusal::not_modelled("a draft order in another currency"));
        }
        Ok(match shop.read_draft(&input, self.now) {
            Ok(draft) => {
                shop.drafts.push(draft);
                let number = ids::draft_order(shop.ordinal, shop.drafts.len() - 1);
                json!({ "draftOrder": { "id": gid("DraftOrder", number) }, "userErrors": [] })
            }
            Err(wrong) => refused("draftOrder", Value::Null, wrong),
        })
    }

    /// # Errors
    /// An id of another type.
    pub(super) fn draft_complete(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = self.id_of(arguments, "DraftOrder")?;
        let is_pending = arguments.get("paymentPending") == Some(&Value::Bool(true));
        let number = number_of(id).unwrap_or_default();
        let draft = json!({ "id": id });
        // Shops of the twin have no gateway that a draft could be paid through.
        if arguments.get("paymentGatewayId").is_some_and(|gateway| !gateway.is_null()) {
            return Ok(refused("draftOrder", draft, (None, "Invalid payment gateway".to_owned())));
        }
        let completed = self.twin.borrow_mut().complete_draft(self.at, number, is_pending, self.now);
        Ok(match completed {
            Ok(_) => json!({ "draftOrder": draft, "userErrors": [] }),
            Err(NotCompleted::Already) => {
                refused("draftOrder", draft, (None, "This order has been paid".to_owned()))
            }
            Err(NotCompleted::Unknown) => refused("draftOrder", Value::Null, unknown()),
        })
    }

    /// # Errors
    /// An id of another type.
    pub(super) fn draft_delete(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = arguments.get("input").and_then(|input| input["id"].as_str()).unwrap_or_default();
        let id = self.checked_id(id, "DraftOrder")?;
        let is_gone = self.twin.borrow_mut().delete_draft(self.at, number_of(id).unwrap_or_default());
        Ok(match is_gone {
            true => json!({ "deletedId": id, "userErrors": [] }),
            false => refused("deletedId", Value::Null, unknown()),
        })
    }
}

/// The wording is an assumption, no refusal of an unknown draft is recorded.
fn unknown() -> Wrong {
    (Some(vec!["id".to_owned()]), "Draft order does not exist".to_owned())
}

fn refused(name: &str, record: Value, (field, message): Wrong) -> Value {
    json!({ name: record, "userErrors": [{ "field": field, "message": message }] })
}

impl Shop {
    fn read_draft(&self, input: &Value, now: Timestamp) -> Result<DraftRow, Wrong> {
        let base = |message: &str| (None, message.to_owned());
        let email = input["email"].as_str();
        if email.is_some_and(|email| !is_address(email)) {
            return Err((Some(vec!["email".to_owned()]), "Email is invalid".to_owned()));
        }
        let given = input["lineItems"].as_array().map(Vec::as_slice).unwrap_or_default();
        if given.is_empty() {
            return Err(base("Add at least 1 product"));
        }
        let mut lines = Vec::with_capacity(given.len());
        for (at, line) in given.iter().enumerate() {
            lines.push(self.read_line(at, line)?);
        }
        let tags = input["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut tags: Vec<Box<str>> = tags.map(|tag| tag.trim().into()).collect();
        tags.sort_unstable();
        tags.dedup();
        let draft = DraftRow {
            created: now.seconds(),
            updated: now.seconds(),
            email: email.map(Arc::from),
            note: input["note"].as_str().map(Box::from),
            tags,
            is_tax_exempt: input["taxExempt"] == true,
            lines,
            ..DraftRow::default()
        };
        match draft.checked_total() {
            Some(_) => Ok(draft),
            None => Err(base("Total is too large")),
        }
    }

    /// A line of a variant is the variant's: what the input says of its goods does not count.
    fn read_line(&self, at: usize, line: &Value) -> Result<DraftLine, Wrong> {
        let base = |message: String| (None, message);
        let quantity = line["quantity"].as_u64().and_then(|quantity| u32::try_from(quantity).ok());
        let Some(quantity) = quantity.filter(|quantity| *quantity > 0) else {
            let field = ["lineItems".to_owned(), at.to_string(), "quantity".to_owned()];
            return Err((Some(field.into()), "Quantity must be greater than or equal to 1".to_owned()));
        };
        if let Some(number) = line["variantId"].as_str().and_then(number_of) {
            let Some(variant) = self.variant_at(VariantId::new(number)) else {
                return Err(base(format!("Product with ID {number} is no longer available.")));
            };
            let sold = json(self.render_variant(variant));
            return Ok(DraftLine {
                variant: Some(variant),
                title: sold["product"]["title"].as_str().unwrap_or_default().into(),
                sku: self.selling.shown_sku(variant).cloned(),
                quantity,
                unit_price: self.selling.price(variant),
                is_taxable: self.described(variant).0,
                requires_shipping: self.described(variant).1,
            });
        }
        let Some(title) = line["title"].as_str().filter(|title| !title.trim().is_empty()) else {
            return Err(base("Merchandise title is empty.".to_owned()));
        };
        let priced = &line["originalUnitPriceWithCurrency"]["amount"];
        let price = if priced.is_null() { &line["originalUnitPrice"] } else { priced };
        let price = price.as_str().map_or_else(|| price.to_string(), str::to_owned);
        let price = price.parse::<DecimalText>().ok().and_then(|price| price.minor(u32::from(self.digits())));
        let unit_price = price.unwrap_or(0);
        if unit_price < 0 {
            return Err(base("Cannot send negative price for line_item".to_owned()));
        }
        Ok(DraftLine {
            variant: None,
            title: title.into(),
            sku: line["sku"].as_str().map(Arc::from),
            quantity,
            unit_price,
            is_taxable: line["taxable"] != false,
            requires_shipping: line["requiresShipping"] != false,
        })
    }

    fn bag(&self, minor: i64) -> Value {
        let money = json!({
            "amount": DecimalText::from_minor(minor, self.digits()), "currencyCode": self.settings.currency,
        });
        json!({ "shopMoney": money, "presentmentMoney": money })
    }

    /// A draft with every field that the twin has of it.
    pub(super) fn render_draft(&self, n: usize) -> Option<Value> {
        let draft = self.drafts.get(n).filter(|draft| !draft.is_deleted)?;
        let instant = |seconds: i64| DateTime::of(Timestamp::from_seconds(seconds));
        let total = self.bag(draft.total().unwrap_or(i64::MAX));
        let order = draft.completed.map(|(_, n)| gid("Order", ids::order(self.ordinal, n).get()));
        let terms = self.terms.of(Owner::Draft(n)).map(|(at, _)| ids::payment_terms(self.ordinal, at));
        let lines = draft.lines.iter().enumerate().map(|(at, line)| {
            let variant = line.variant.map(|variant| ids::variant(self.ordinal, variant as usize).get());
            json!({
                "id": gid("DraftOrderLineItem", ids::draft_order_line(self.ordinal, n, at)),
                "title": line.title, "name": line.title, "sku": line.sku, "quantity": line.quantity,
                "custom": line.variant.is_none(), "requiresShipping": line.requires_shipping,
                "taxable": line.is_taxable,
                "variant": variant.map(|number| json!({ "id": gid("ProductVariant", number) })),
                "originalUnitPriceSet": self.bag(line.unit_price),
                "originalTotalSet": self.bag(line.total().unwrap_or(i64::MAX)),
            })
        });
        Some(json!({
            "id": gid("DraftOrder", ids::draft_order(self.ordinal, n)),
            "name": format!("#D{}", n + 1),
            "status": if draft.completed.is_some() { "COMPLETED" } else { "OPEN" },
            "ready": true,
            "email": draft.email, "note2": draft.note, "tags": draft.tags, "taxExempt": draft.is_tax_exempt,
            "createdAt": instant(draft.created), "updatedAt": instant(draft.updated),
            "completedAt": draft.completed.map(|(at, _)| instant(at)),
            "currencyCode": self.settings.currency, "presentmentCurrencyCode": self.settings.currency,
            "order": order.map(|id| json!({ "id": id })),
            "paymentTerms": terms.map(|number| json!({ "id": gid("PaymentTerms", number) })),
            "subtotalPriceSet": total, "totalPriceSet": total,
            "totalQuantityOfLineItems": draft.lines.iter().map(|line| u64::from(line.quantity)).sum::<u64>(),
            "lineItems": { "nodes": lines.collect::<Vec<_>>() },
        }))
    }
}

/// One at sign between something and a host with a dot.
fn is_address(email: &str) -> bool {
    let is_clean = !email.contains(char::is_whitespace);
    is_clean && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}
