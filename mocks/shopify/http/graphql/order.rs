//! Fields of an order, its lines, refunds and customer that our own documents do not ask for.
//!
//! Source: shopify.md §d.1, §d.2. What has shipped is in `shipped`.

use serde_json::{Value, json};

use super::super::super::people::{CustomerDetails, CustomerNote};
use super::super::super::rows::{Charge, ChargeKind, NO_TEXT};
use super::super::super::texts::Texts;
use super::super::super::{Shop, ids, render};
use super::records::{gid, json};
use crate::domain::Timestamp;
use crate::domain::customer::Address;
use crate::platforms::shopify::wire::{DecimalText, DiscountApplication};

/// Fills in an order.
pub(super) fn complete(shop: &Shop, texts: &Texts, n: usize, now: Timestamp, fields: &mut Value) {
    let row = shop.orders.get(n);
    let noted = row.noted();
    let money = |minor: i64| json(render::both(shop, row, minor));
    let placed = row.placed();
    fields["totalPriceSet"] = money(placed.total);
    fields["subtotalPriceSet"] = money(placed.subtotal);
    fields["totalTaxSet"] = money(placed.tax);
    fields["totalDiscountsSet"] = money(placed.discounts);
    fields["totalReceivedSet"] = money(row.came_in());
    fields["totalRefundedSet"] = money(row.went_back());
    fields["totalOutstandingSet"] = money(row.outstanding());
    fields["totalCapturableSet"] = money(row.capturable());
    fields["totalCapturable"] = json!(plain(row.capturable(), shop.digits()));
    fields["capturable"] = json!(row.capturable() > 0);
    fields["displayFinancialStatus"] = json!(row.financial_status());
    fields["displayFulfillmentStatus"] = json!(row.fulfillment_status());
    fields["returnStatus"] = json!(row.return_status());
    fields["returns"] = json!({ "nodes": super::returning::returns(shop, n) });
    let closed = row.closed_at(now).map(render::date_time);
    fields["closed"] = json!(closed.is_some());
    fields["closedAt"] = json!(closed);
    fields["cancelReason"] = json!(noted.and_then(|noted| noted.cancel_reason.as_deref()));
    fields["merchantEditable"] = json!(row.cancelled().is_none());
    fields["note"] = json!(noted.and_then(|noted| noted.note.as_deref()));
    fields["tags"] = json!(noted.map_or(&[][..], |noted| &noted.tags));
    fields["poNumber"] = json!(noted.and_then(|noted| noted.po_number.as_deref()));
    fields["test"] = json!(noted.is_some_and(|noted| noted.is_test));
    fields["customAttributes"] = attributes(noted.map_or(&[][..], |noted| &noted.attributes));
    fields["billingAddress"] = noted.and_then(|noted| noted.bill_to.as_deref()).map_or(Value::Null, address);
    if let Some(to) = row.ship_to.as_deref() {
        fields["shippingAddress"] = address(to);
    }
    let mut gateways: Vec<&str> = Vec::new();
    for entry in &row.transactions {
        let gateway = texts.get(entry.gateway);
        if !gateways.contains(&&**gateway) {
            gateways.push(gateway);
        }
    }
    fields["paymentGatewayNames"] = json!(gateways);
    fields["discountCodes"] = json!(codes(&row.charges, texts));
    // The markets' fields of their own, of which the twin's orders have none.
    fields["localizedFields"] = json!({ "nodes": [] });
    fields["localizationExtensions"] = json!({ "nodes": [] });
    fields["fulfillments"] = Value::Array(super::shipped::fulfillments(shop, texts, n));
}

/// Fills in the line at a position.
pub(super) fn complete_line(shop: &Shop, texts: &Texts, n: usize, at: usize, fields: &mut Value) {
    let row = shop.orders.get(n);
    let line = row.lines[at];
    let note = row.line_note(at);
    let title = texts.get(line.title);
    let variant_title = note.and_then(|note| note.variant_title.as_deref());
    fields["name"] = match variant_title {
        Some(variant) => json!(format!("{title} - {variant}")),
        None => json!(&**title),
    };
    fields["variantTitle"] = json!(variant_title);
    fields["vendor"] = json!(note.and_then(|note| note.vendor.as_deref()));
    fields["customAttributes"] = attributes(note.map_or(&[][..], |note| &note.attributes));
    let is_goods = !line.is_gift_card;
    fields["requiresShipping"] = json!(note.and_then(|note| note.requires_shipping).unwrap_or(is_goods));
    fields["taxable"] = json!(note.and_then(|note| note.taxable).unwrap_or(is_goods));
    fields["fulfillableQuantity"] = json!(row.fulfillable(at));
    fields["unfulfilledQuantity"] = json!(row.unfulfilled(at));
    fields["originalTotalSet"] = json(render::both(shop, row, line.unit_price * i64::from(line.ordered)));
    let sold = match row.noted().is_some_and(|noted| noted.is_by_api) {
        true => note.and_then(|note| note.variant).and_then(|id| shop.variant_at(id)),
        false if line.sku == NO_TEXT => None,
        false => shop.selling.position(texts.get(line.sku)),
    };
    let variant = sold.map(|at| gid("ProductVariant", ids::variant(shop.ordinal, at as usize).get()));
    let product = sold.map(|at| ids::product(shop.ordinal, at as usize).get());
    let product = product.or_else(|| note.and_then(|note| note.product));
    fields["variant"] = variant.map_or(Value::Null, |id| json!({ "id": id }));
    fields["product"] = product.map_or(Value::Null, |number| json!({ "id": gid("Product", number) }));
}

/// Fills in the refund at a position.
pub(super) fn complete_refund(shop: &Shop, n: usize, at: usize, fields: &mut Value) {
    let row = shop.orders.get(n);
    let noted = row.noted().map_or(&[][..], |noted| &noted.refunds);
    let note = noted.iter().find(|(refund, _)| *refund == at).map(|(_, note)| note);
    fields["note"] = json!(note);
    let own = row.refunds().get(at).map_or(&[][..], |refund| &refund.transactions);
    let entries = own.iter().map(|position| row.transactions[usize::from(*position)]);
    let back: i64 = entries.filter(|entry| entry.gives_back()).map(|entry| entry.amount).sum();
    fields["totalRefundedSet"] = json(render::both(shop, row, back));
}

/// Fills in a customer. The twin keeps a name as it is shown: what stands before its last word is the first name.
pub(super) fn complete_customer(details: &CustomerDetails, noted: &CustomerNote, fields: &mut Value) {
    let (first, last) = split(details.name.as_deref());
    fields["firstName"] = json!(first);
    fields["lastName"] = json!(last);
    fields["email"] = json!(details.email);
    fields["phone"] = json!(details.phone);
    fields["tags"] = json!(noted.tags);
    fields["note"] = json!(noted.note);
}

/// As Shopify makes one of a title.
pub(super) fn handle(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

fn address(known: &Address) -> Value {
    let mut fields = json(render::address(known));
    let (first, last) = split(known.name.as_deref());
    fields["firstName"] = json!(first);
    fields["lastName"] = json!(last);
    fields["company"] = Value::Null;
    fields
}

fn split(name: Option<&str>) -> (Option<&str>, Option<&str>) {
    match name.map(|name| name.rsplit_once(' ').ok_or(name)) {
        None => (None, None),
        Some(Ok((first, last))) => (Some(first), Some(last)),
        Some(Err(only)) => (None, Some(only)),
    }
}

fn attributes(pairs: &[(Box<str>, Box<str>)]) -> Value {
    pairs.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

/// The type `Money` keeps the digits of its currency: `31.90`, where `Decimal` drops the last nought.
fn plain(minor: i64, digits: u8) -> String {
    let text = DecimalText::from_minor(minor, digits).to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    match usize::from(digits) {
        0 => whole.to_owned(),
        width => format!("{whole}.{part:0<width$}"),
    }
}

fn codes(charges: &[Charge], texts: &Texts) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for charge in charges.iter().filter(|charge| charge.kind == ChargeKind::Discount) {
        if let DiscountApplication::Code { code } = texts.discount(charge.label)
            && !codes.iter().any(|known| **known == **code)
        {
            codes.push(code.to_string());
        }
    }
    codes
}
