//! `orderCreate`: its arguments as what the twin's rules take, and its payload.
//!
//! Source: shopify.md §d.4 and recorded exchanges, which state fields and codes. The texts of the refusals of
//! `orderCreate` are unrecorded: an assumption.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::super::super::checkout::{
    CheckoutBuyer, ExactLine, ExactOrder, ExactShipping, ExactTax, Payment, PaymentStanding, Presentment,
};
use super::super::super::created::Holder;
use super::super::super::ids;
use super::super::super::noted::{LineNote, Noted};
use super::super::super::people::CustomerDetails;
use super::amounts;
use super::object::Session;
use super::page::number_of;
use super::records::gid;
use super::refusal::{Refusal, placed};
use crate::domain::customer::Address;
use crate::domain::ids::{CompanyLocationId, CustomerId, VariantId};
use crate::domain::{Currency, Money, Timestamp};

/// A user error of `orderCreate`: field, text and code.
struct NotCreated(Value, &'static str, &'static str);

impl Session<'_> {
    pub(super) fn order_create(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let order = arguments.get("order").unwrap_or(&Value::Null);
        if let Some(NotCreated(field, message, code)) = refusal(order, self.now) {
            let error = json!([{ "field": field, "message": message, "code": code }]);
            return Ok(json!({ "order": null, "userErrors": error }));
        }
        let behaviour = arguments.get("options").and_then(|options| options["inventoryBehaviour"].as_str());
        let claims = behaviour.is_some_and(|behaviour| behaviour != "BYPASS");
        let exact = self.exact(order)?;
        amounts::check_sums(&exact, self.amounts(order)?.currency)?;
        let noted = self.noted(order)?;
        let mut twin = self.twin.borrow_mut();
        let shop = twin.shops[self.at].settings.key;
        let id = twin.create_order(shop, &exact, noted, claims, self.now);
        Ok(json!({ "order": { "id": gid("Order", id.get()) }, "userErrors": [] }))
    }

    /// Amounts, lines and payments.
    fn exact(&self, order: &Value) -> Result<ExactOrder, Refusal> {
        let amounts = self.amounts(order)?;
        let mut lines = Vec::new();
        for line in entries(&order["lineItems"]) {
            lines.push(self.line(line, &amounts)?);
        }
        let mut shipping = Vec::new();
        for line in entries(&order["shippingLines"]) {
            shipping.push(ExactShipping {
                title: text(&line["title"]).unwrap_or_default().into(),
                price: amounts.minor(&line["priceSet"])?,
                discounts: vec![],
                taxes: taxes(&line["taxLines"], &amounts)?,
            });
        }
        let mut payments = Vec::new();
        for transaction in entries(&order["transactions"]) {
            payments.push(payment(transaction, &amounts)?);
        }
        Ok(ExactOrder {
            buyer: self.buyer(order)?,
            lines,
            shipping,
            duties: 0,
            fees: 0,
            tip: 0,
            taxes_included: order["taxesIncluded"].as_bool().unwrap_or_default(),
            presentment: amounts.seen,
            payments,
            ship_to: address(&order["shippingAddress"]).map(Arc::new),
            processed_at: instant(&order["processedAt"]),
        })
    }

    /// The currency of the amounts.
    ///
    /// # Errors
    /// The buyer is to see another one, or it has other minor units than the shop's.
    fn amounts(&self, order: &Value) -> Result<Amounts, Refusal> {
        let own = self.twin.borrow().shops[self.at].settings.currency;
        let named = |name: &str| text(&order[name]).and_then(|code| code.parse::<Currency>().ok());
        let currency = named("currency").unwrap_or(own);
        if currency.minor_digits() != own.minor_digits() {
            return Err(Refusal::not_modelled("orderCreate in a currency of other minor units"));
        }
        let seen = named("presentmentCurrency").filter(|seen| *seen != currency);
        let amounts = Amounts { currency, is_own: currency == own, seen: None };
        Ok(match seen {
            None => amounts,
            Some(seen) => Amounts { seen: Some(presentment(order, currency, seen)?), ..amounts },
        })
    }

    fn line(&self, line: &Value, amounts: &Amounts) -> Result<ExactLine, Refusal> {
        let variant = self.variant(line)?;
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let sold = variant.map(|at| shop.render_variant(at));
        let title = text(&line["title"]).map(Arc::from);
        let of_product = || sold.as_ref().map(|sold| Arc::from(&*sold.product.title));
        let price = match &line["priceSet"] {
            Value::Null => variant.map_or(0, |at| shop.selling.price(at)),
            given => amounts.minor(given)?,
        };
        let sku = text(&line["sku"]).map(Arc::from);
        Ok(ExactLine {
            sku: sku.or_else(|| sold.as_ref().and_then(|sold| sold.sku.clone())),
            title: title.or_else(of_product).unwrap_or_default(),
            quantity: quantity(line),
            unit_price: price,
            discounts: vec![],
            taxes: taxes(&line["taxLines"], amounts)?,
            is_gift_card: line["giftCard"].as_bool().unwrap_or_default(),
        })
    }

    /// The variant that a line sells. One that the shop does not have makes a line of its own (recorded).
    ///
    /// # Errors
    /// Such a line without a title or a price: what Shopify says then is unrecorded.
    fn variant(&self, line: &Value) -> Result<Option<u32>, Refusal> {
        let Some(id) = text(&line["variantId"]) else { return Ok(None) };
        let number = number_of(self.checked_id(id, "ProductVariant")?).unwrap_or_default();
        let found = self.twin.borrow().shops[self.at].variant_at(VariantId::new(number));
        match found.is_none() && (line["title"].is_null() || line["priceSet"].is_null()) {
            true => Err(Refusal::not_modelled("orderCreate with an unknown variant alone")),
            false => Ok(found),
        }
    }

    fn buyer(&self, order: &Value) -> Result<CheckoutBuyer, Refusal> {
        if let Some(id) = text(&order["companyLocationId"]) {
            let number = number_of(self.checked_id(id, "CompanyLocation")?).unwrap_or_default();
            let id = CompanyLocationId::new(number);
            let shop = &self.twin.borrow().shops[self.at];
            let found = ids::company_location_position(shop.ordinal, id);
            return match found.is_some_and(|at| at < shop.people.companies.len()) {
                true => Ok(CheckoutBuyer::Company(id)),
                false => Err(Refusal::not_modelled("orderCreate with an unknown company location")),
            };
        }
        let holder = self.holder(order)?;
        let mut twin = self.twin.borrow_mut();
        let nobody = CheckoutBuyer::Guest { email: None, phone: None };
        Ok(twin.buyer_of(self.at, &holder).unwrap_or(nobody))
    }

    fn holder(&self, order: &Value) -> Result<Holder, Refusal> {
        let associated = &order["customer"]["toAssociate"];
        let upserted = &order["customer"]["toUpsert"];
        if let Some(id) = text(&order["customerId"]).or_else(|| text(&associated["id"])) {
            let number = number_of(self.checked_id(id, "Customer")?).unwrap_or_default();
            let id = CustomerId::new(number);
            return match self.twin.borrow().has_customer(self.at, id) {
                true => Ok(Holder::Known(id)),
                false => Err(Refusal::not_modelled("orderCreate with an unknown customer")),
            };
        }
        let first = |name: &str| {
            text(&upserted[name]).or_else(|| text(&associated[name])).or_else(|| text(&order[name]))
        };
        let details = CustomerDetails {
            name: full_name(upserted),
            email: first("email").map(Arc::from),
            phone: text(&upserted["phone"]).map(Arc::from),
        };
        Ok(match details.email.is_some() || details.phone.is_some() {
            true => Holder::Upsert(details),
            false => Holder::Stated,
        })
    }

    /// What the order carries besides.
    fn noted(&self, order: &Value) -> Result<Noted, Refusal> {
        let amounts = self.amounts(order)?;
        let boxed = |name: &str| text(&order[name]).map(Box::from);
        let mut lines = Vec::new();
        for line in entries(&order["lineItems"]) {
            let variant = self.variant(line)?;
            let shop = &self.twin.borrow().shops[self.at];
            let product = text(&line["productId"]).and_then(number_of);
            let known =
                |number: &u64| shop.product_at(crate::platforms::shopify::wire::Gid::new(*number)).is_some();
            lines.push(LineNote {
                requires_shipping: line["requiresShipping"].as_bool(),
                taxable: line["taxable"].as_bool(),
                vendor: text(&line["vendor"]).map(Box::from),
                variant: variant.map(|at| ids::variant(shop.ordinal, at as usize)),
                variant_title: text(&line["variantTitle"]).map(Box::from),
                product: product.filter(known),
                attributes: pairs(&line["properties"], "name"),
            });
        }
        Ok(Noted {
            email: boxed("email"),
            phone: boxed("phone"),
            note: boxed("note"),
            tags: entries(&order["tags"]).filter_map(Value::as_str).map(Box::from).collect(),
            attributes: pairs(&order["customAttributes"], "key"),
            po_number: boxed("poNumber"),
            is_test: order["test"].as_bool().unwrap_or_default(),
            currency: (!amounts.is_own).then_some(amounts.currency),
            financial: boxed("financialStatus"),
            bill_to: address(&order["billingAddress"]).map(Arc::new),
            lines,
            ..Noted::default()
        })
    }
}

/// What amounts of an order are in.
struct Amounts {
    currency: Currency,
    is_own: bool,
    /// What the buyer sees, if that is another currency.
    seen: Option<Presentment>,
}

impl Amounts {
    /// Minor units of a `MoneyBagInput`.
    fn minor(&self, bag: &Value) -> Result<i64, Refusal> {
        let amount = &bag["shopMoney"]["amount"];
        amounts::minor("orderCreate", amount, self.currency.minor_digits())
    }

    /// What a `MoneyBagInput` states in the buyer's currency.
    fn seen_of(&self, bag: &Value) -> Result<Option<i64>, Refusal> {
        match (self.seen, &bag["presentmentMoney"]["amount"]) {
            (None, _) | (_, Value::Null) => Ok(None),
            (Some(seen), amount) => {
                amounts::minor("orderCreate", amount, seen.currency.minor_digits()).map(Some)
            }
        }
    }
}

/// What Shopify refuses an order for, first things first.
fn refusal(order: &Value, now: Timestamp) -> Option<NotCreated> {
    if instant(&order["processedAt"]).is_some_and(|at| at > now) {
        let message = "Processed at must not be in the future";
        return Some(NotCreated(json!(["order", "processedAt"]), message, "PROCESSED_AT_INVALID"));
    }
    if !order["customerId"].is_null() && !order["customer"].is_null() {
        let message = "Only one of customerId and customer may be given";
        return Some(NotCreated(json!(["order"]), message, "REDUNDANT_CUSTOMER_FIELDS"));
    }
    if entries(&order["lineItems"]).next().is_none() {
        let message = "Line items must have at least one line item";
        return Some(NotCreated(json!(["order", "lineItems"]), message, "INVALID"));
    }
    for list in ["lineItems", "shippingLines"] {
        for (at, line) in entries(&order[list]).enumerate() {
            let rate = |tax: &Value| tax["rate"].as_str().is_none_or(|text| !text.trim().is_empty());
            if let Some(tax) = entries(&line["taxLines"]).position(|tax| !rate(tax)) {
                let field = json!(["order", list, placed(at), "taxLines", placed(tax), "rate"]);
                return Some(NotCreated(field, "Tax line rate is missing", "TAX_LINE_RATE_MISSING"));
            }
        }
    }
    let has_none = |line: &Value| line["quantity"].as_i64().is_none_or(|units| units < 1);
    let at = entries(&order["lineItems"]).position(has_none)?;
    let field = json!(["order", "lineItems", placed(at), "quantity"]);
    Some(NotCreated(field, "Quantity must be greater than 0", "INVALID"))
}

/// The rate at which the buyer sees the order, from what its lines come to in both currencies. The twin's orders have
/// one rate for everything: what single lines state is not kept.
fn presentment(order: &Value, own: Currency, seen: Currency) -> Result<Presentment, Refusal> {
    let sum = |side: &str, currency: Currency| -> Result<Decimal, Refusal> {
        let mut sum = Decimal::ZERO;
        for line in entries(&order["lineItems"]).filter(|line| !line["priceSet"][side].is_null()) {
            let amount = &line["priceSet"][side]["amount"];
            let price = amounts::minor("orderCreate", amount, currency.minor_digits())?;
            sum += Money::new(price, currency).to_decimal() * Decimal::from(quantity(line));
        }
        Ok(sum)
    };
    let rate = sum("presentmentMoney", seen)?.checked_div(sum("shopMoney", own)?);
    match rate.filter(|rate| !rate.is_zero()) {
        Some(rate) => Ok(Presentment { currency: seen, rate }),
        None => Err(Refusal::not_modelled("orderCreate in another currency without its amounts")),
    }
}

fn taxes(lines: &Value, amounts: &Amounts) -> Result<Vec<ExactTax>, Refusal> {
    let mut taxes = Vec::new();
    for line in entries(lines) {
        taxes.push(ExactTax {
            title: text(&line["title"]).unwrap_or_default().into(),
            rate: amounts::rate("orderCreate", &line["rate"])?,
            amount: if line["priceSet"].is_null() { 0 } else { amounts.minor(&line["priceSet"])? },
            channel_liable: line["channelLiable"].as_bool().unwrap_or_default(),
        });
    }
    Ok(taxes)
}

/// # Errors
/// A kind or status that does not begin an order's payment.
fn payment(transaction: &Value, amounts: &Amounts) -> Result<Payment, Refusal> {
    let (kind, status) = (text(&transaction["kind"]), text(&transaction["status"]));
    let standing = match (kind.unwrap_or("SALE"), status.unwrap_or("SUCCESS")) {
        ("SALE", "SUCCESS") => PaymentStanding::Captured,
        ("SALE", "PENDING") => PaymentStanding::Pending,
        ("SALE", "FAILURE" | "ERROR") => PaymentStanding::Failed,
        ("AUTHORIZATION", "SUCCESS") => PaymentStanding::Authorized,
        (kind, status) => {
            return Err(Refusal::not_modelled(&format!("orderCreate with a transaction {kind} {status}")));
        }
    };
    Ok(Payment {
        gateway: text(&transaction["gateway"]).unwrap_or("manual").into(),
        amount: Some(amounts.minor(&transaction["amountSet"])?),
        presentment: amounts.seen_of(&transaction["amountSet"])?,
        rounding: 0,
        standing,
    })
}

fn address(given: &Value) -> Option<Address> {
    let boxed = |name: &str| text(&given[name]).map(Box::from);
    given.is_object().then(|| Address {
        name: full_name(given).map(|name| Box::from(&*name)),
        line1: boxed("address1"),
        line2: boxed("address2"),
        city: boxed("city"),
        province: boxed("provinceCode"),
        zip: boxed("zip"),
        country: boxed("countryCode"),
        phone: boxed("phone"),
    })
}

fn full_name(given: &Value) -> Option<Arc<str>> {
    let parts = [text(&given["firstName"]), text(&given["lastName"])];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then(|| name.into())
}

fn pairs(list: &Value, key: &str) -> Vec<(Box<str>, Box<str>)> {
    let pair = |entry: &Value| Some((text(&entry[key])?.into(), text(&entry["value"])?.into()));
    entries(list).filter_map(pair).collect()
}

fn entries(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

fn instant(value: &Value) -> Option<Timestamp> {
    text(value)?.parse().ok()
}

fn quantity(line: &Value) -> u32 {
    line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok()).unwrap_or_default()
}
