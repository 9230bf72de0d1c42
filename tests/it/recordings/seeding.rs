//! What a shop holds before a recording begins, where the recording does not make it by exchanges of its own.
//!
//! Never from an answer under test. Sources, each general: a catalogue, with the products that line items in questions
//! name; the locations that questions name; the orders that the recording shows elsewhere than in an answer under test
//! (reads made before a mutation, answers of a set-up or of an `orderCreate` whose question was not kept); and an open
//! order for each that a clean-up names. Such an order is placed as an API client would place one: its lines, payments,
//! notes and fulfillments as the node shows them.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll::mocks::shopify::{
    CheckoutBuyer, CustomerDetails, ExactLine, ExactOrder, Noted, Payment, PaymentStanding,
};
use serde_json::{Value, json};

use super::Shop;
use super::reading::Exchange;

/// Puts on sale what the questions' line items name, and opens the locations that they name.
///
/// One product is on sale in any case: the store of the recordings had a catalogue.
pub fn catalogue(shop: &mut Shop, exchanges: &[Exchange]) {
    shop.twin.add_variant(shop.key, "snowboard", 69_995);
    let mut locations = Vec::new();
    for exchange in exchanges {
        let mut lines = Vec::new();
        line_items(&exchange.variables, &mut lines);
        for line in lines {
            let Some(product) = line["productId"].as_str().and_then(number) else { continue };
            if shop.bound.knows(product) {
                continue;
            }
            let sku = format!("recorded-{product}");
            shop.twin.add_variant(shop.key, &sku, 1_000);
            if let Some(sold) = shop.twin.product_of(shop.key, &sku) {
                shop.bound.bind(product, &sold.get().to_string());
            }
        }
        texts(&exchange.variables, &mut |text| {
            if let Some(number) = text.strip_prefix("gid://shopify/Location/").and_then(number) {
                locations.push(number.to_owned());
            }
        });
    }
    let numbers: Vec<u64> = locations.iter().filter_map(|number| number.parse().ok()).collect();
    if !numbers.is_empty() {
        // Behind the shop's own, to which orders go.
        let first = shop.twin.locations_of(shop.key);
        let further = numbers.into_iter().filter(|number| !first.contains(number));
        let mut all: Vec<u64> = first.iter().copied().chain(further).collect();
        all.dedup();
        shop.twin.ship_from(shop.key, &all);
    }
}

/// Places the orders that the recording shows and does not create.
pub fn orders(shop: &mut Shop, exchanges: &[Exchange], recording: &Value) {
    let created: Vec<&str> = exchanges
        .iter()
        .filter_map(|it| it.expected["data"]["orderCreate"]["order"]["id"].as_str())
        .collect();
    let mut shown = BTreeMap::new();
    order_nodes(recording, exchanges, false, &mut shown);
    for (id, node) in shown {
        if created.contains(&id.as_str()) {
            continue;
        }
        place(shop, &node);
    }
    // A clean-up clears away what was made: an order that it names exists, whatever is not said of it.
    let cleared = exchanges.iter().filter(|it| it.is_cleanup);
    for id in cleared.filter_map(|it| it.variables["orderId"].as_str()) {
        let is_made =
            created.contains(&id) || id.rsplit('/').next().is_none_or(|number| shop.bound.knows(number));
        if !is_made && !is_told_later(id, exchanges) {
            place(shop, &json!({ "id": id, "displayFinancialStatus": "PENDING" }));
        }
    }
}

/// Whether another exchange of the recording brings the order about.
fn is_told_later(id: &str, exchanges: &[Exchange]) -> bool {
    exchanges.iter().any(|it| !it.is_cleanup && it.expected.to_string().contains(&format!("\"{id}\"")))
}

fn place(shop: &mut Shop, node: &Value) {
    let money = |bag: &Value| bag["shopMoney"]["amount"].as_str().and_then(minor);
    let text = |name: &str| node[name].as_str().map(Box::from);
    let total =
        money(&node["totalPriceSet"]).or_else(|| money(&node["currentTotalPriceSet"])).unwrap_or(1_000);
    let lines = nodes(&node["lineItems"]).iter().map(|line| ExactLine {
        sku: line["sku"].as_str().map(Arc::from),
        title: line["title"].as_str().unwrap_or("Line").into(),
        quantity: line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok()).unwrap_or(1),
        unit_price: money(&line["originalUnitPriceSet"]).unwrap_or(total),
        discounts: vec![],
        taxes: vec![],
        is_gift_card: false,
    });
    let mut lines: Vec<ExactLine> = lines.collect();
    if lines.is_empty() {
        lines.push(ExactLine {
            sku: None,
            title: "Line".into(),
            quantity: 1,
            unit_price: total,
            discounts: vec![],
            taxes: vec![],
            is_gift_card: false,
        });
    }
    let pay = |gateway: &str, amount: i64, standing: PaymentStanding| Payment {
        gateway: gateway.into(),
        amount: Some(amount),
        presentment: None,
        rounding: 0,
        standing,
    };
    let entries = node["transactions"].as_array().map_or(&[][..], Vec::as_slice);
    let mut payments: Vec<Payment> = entries
        .iter()
        .filter_map(|entry| {
            let standing = match (entry["kind"].as_str()?, entry["status"].as_str()?) {
                ("SALE", "SUCCESS") => PaymentStanding::Captured,
                ("SALE", "PENDING") => PaymentStanding::Pending,
                ("AUTHORIZATION", "SUCCESS") => PaymentStanding::Authorized,
                _ => return None,
            };
            let amount = money(&entry["amountSet"]).unwrap_or(total);
            Some(pay(entry["gateway"].as_str().unwrap_or("manual"), amount, standing))
        })
        .collect();
    let financial = node["displayFinancialStatus"].as_str();
    if payments.is_empty() {
        payments.extend(match financial {
            Some("PAID") => Some(pay("manual", total, PaymentStanding::Captured)),
            Some("AUTHORIZED") => Some(pay("manual", total, PaymentStanding::Authorized)),
            _ => None,
        });
    }
    let email = node["email"].as_str();
    let details =
        email.map(|email| CustomerDetails { email: Some(email.into()), ..CustomerDetails::default() });
    let customer = details.and_then(|details| shop.twin.add_customer(shop.key, details).ok());
    let exact = ExactOrder {
        buyer: customer.map_or(CheckoutBuyer::Guest { email: None, phone: None }, CheckoutBuyer::Customer),
        lines,
        shipping: vec![],
        duties: 0,
        fees: 0,
        tip: 0,
        taxes_included: false,
        presentment: None,
        payments,
        ship_to: None,
        processed_at: None,
    };
    let noted = Noted {
        email: text("email"),
        note: text("note"),
        tags: node["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(Box::from)
            .collect(),
        financial: financial
            .filter(|_| node["transactions"].as_array().is_none_or(Vec::is_empty))
            .map(Box::from),
        ..Noted::default()
    };
    let id = shop.twin.create_order(shop.key, &exact, noted, false, shop.now);
    if node["displayFulfillmentStatus"] == "FULFILLED" {
        let all: Vec<(usize, u32)> =
            exact.lines.iter().enumerate().map(|(at, line)| (at, line.quantity)).collect();
        let shipped = shop.twin.fulfill_by_hand(shop.key, id, &all, &[], shop.now);
        shipped.expect("all of a new order may ship");
    }
    if node["cancelledAt"].is_string() {
        shop.twin.cancel(shop.key, id, false, false, shop.now).expect("a new order may be cancelled");
    }
    let query = "query Bind($id: ID!) { order(id: $id) { id name lineItems(first: 50) { nodes { id } } \
                 transactions { id } fulfillments { id } fulfillmentOrders(first: 10) { nodes { id \
                 lineItems(first: 50) { nodes { id } } } } customer { id } } }";
    let told = shop.ask(query, &json!({ "id": format!("gid://shopify/Order/{id}") }).to_string());
    shop.bound.learn(node, &told["data"]["order"]);
}

/// Order nodes that stand elsewhere than in an answer under test, the one with the most fields of each id.
fn order_nodes(value: &Value, exchanges: &[Exchange], is_before: bool, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            let document = ["query", "document", "mutation", "requestDocument"]
                .iter()
                .find_map(|name| fields.get(*name)?.as_str());
            let is_under_test = |asked: &str| {
                let same = |it: &Exchange| {
                    it.document.as_deref().is_some_and(|known| folded(known) == folded(asked))
                };
                let variables = fields.get("variables").cloned().unwrap_or_default();
                exchanges.iter().any(|it| same(it) && it.variables == variables)
            };
            if document.is_some_and(is_under_test) {
                // Below it may be others: what was set up for it.
                for (name, below) in fields.iter().filter(|(name, _)| !is_answer(name)) {
                    if name != "mutation" {
                        order_nodes(below, exchanges, is_before || shows_before(name), into);
                    }
                }
                return;
            }
            let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
            let shows = ["totalPriceSet", "currentTotalPriceSet", "displayFinancialStatus", "transactions"];
            if is_before
                && id.starts_with("gid://shopify/Order/")
                && shows.iter().any(|name| fields.contains_key(*name))
            {
                let known = into.get(id).and_then(Value::as_object).map_or(0, serde_json::Map::len);
                if fields.len() > known {
                    into.insert(id.to_owned(), value.clone());
                }
            }
            for (name, below) in fields {
                order_nodes(below, exchanges, is_before || shows_before(name), into);
            }
        }
        Value::Array(entries) => {
            entries.iter().for_each(|entry| order_nodes(entry, exchanges, is_before, into))
        }
        _ => {}
    }
}

/// Parts of a recording that show how things stood before a mutation: reads made for it, its set-up, and what created
/// the order.
fn shows_before(name: &str) -> bool {
    let parts = ["upstreamCalls", "setup", "precondition"];
    parts.iter().any(|part| name.starts_with(part)) || name == "orderCreate"
}

fn is_answer(name: &str) -> bool {
    matches!(name, "response" | "result")
}

fn folded(document: &str) -> String {
    document.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn nodes(connection: &Value) -> &[Value] {
    connection["nodes"].as_array().map_or(&[][..], Vec::as_slice)
}

fn minor(amount: &str) -> Option<i64> {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    format!("{whole}{part:0<2}").parse().ok()
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

fn texts(value: &Value, take: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => take(text),
        Value::Object(fields) => fields.values().for_each(|below| texts(below, take)),
        Value::Array(entries) => entries.iter().for_each(|entry| texts(entry, take)),
        _ => {}
    }
}

/// The number of an id that a store gave, not one made up to name nothing: those are short, or of one digit.
fn number(id: &str) -> Option<&str> {
    let number = id.rsplit('/').next()?;
    let is_real =
        number.len() > 9 && number.bytes().skip(1).any(|digit| Some(digit) != number.bytes().next());
    is_real.then_some(number)
}
