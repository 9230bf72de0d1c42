//! Fulfillments, fulfillment orders, returns and locations with all their fields.
//!
//! Source: shopify.md §g, §h.3 and recorded exchanges.

use serde_json::{Value, json};

use super::super::super::places::Place;
use super::super::super::shipping::Shipment;
use super::super::super::texts::Texts;
use super::super::super::work::{HoldReason, WorkOrder};
use super::super::super::{Shop, ids, render};
use super::records::{gid, json};
use crate::domain::Timestamp;

/// The instant at which a fulfillment order is due is that of its order, in whole hours.
const HOUR: i64 = 3_600;

/// All fulfillments of an order, with all their lines.
pub(super) fn fulfillments(shop: &Shop, texts: &Texts, n: usize) -> Vec<Value> {
    let Some(work) = &shop.orders.get(n).work else { return vec![] };
    let mut all: Vec<Value> =
        render::work::fulfillments(shop, texts, n, usize::MAX).into_iter().map(json).collect();
    let mut number = 0;
    for (fields, shipment) in all.iter_mut().zip(&work.shipments) {
        fields["displayStatus"] = json!(if shipment.is_cancelled { "CANCELED" } else { "FULFILLED" });
        fields["updatedAt"] = json!(render::date_time(shipment.updated));
        fields["fulfillmentLineItems"] = json!({ "nodes": lines(shop, n, shipment, number) });
        number += shipment.lines.len();
    }
    all
}

/// The lines of a fulfillment, the first of which has that number among those of the order.
fn lines(shop: &Shop, n: usize, shipment: &Shipment, first: usize) -> Vec<Value> {
    let line = |(at, (line, units)): (usize, &(u16, u32))| {
        json!({
            "id": gid("FulfillmentLineItem", ids::fulfillment_line(shop.ordinal, n, first + at)),
            "quantity": units,
            "lineItem": { "id": gid("LineItem", ids::line_item(shop.ordinal, n, usize::from(*line)).get()) },
        })
    };
    shipment.lines.iter().enumerate().map(line).collect()
}

/// Fills in an order's fulfillment orders.
pub(super) fn complete_work(shop: &Shop, n: usize, now: Timestamp, orders: &mut [Value]) {
    let created = shop.orders.get(n).created;
    shop.with_work(n, now, |work| {
        for (at, (fields, order)) in orders.iter_mut().zip(&work.orders).enumerate() {
            let place = shop.location(order.location);
            fields["createdAt"] = json!(render::date_time(created));
            fields["fulfillAt"] = json!(render::date_time(created - created.rem_euclid(HOUR)));
            fields["fulfillBy"] = Value::Null;
            fields["updatedAt"] = json!(render::date_time(order.changed));
            fields["assignedLocation"]["name"] = json!(name_of(shop, place));
            // Requests go to fulfillment services, of which the twin has none.
            fields["requestStatus"] = json!("UNSUBMITTED");
            fields["merchantRequests"] = json!({ "nodes": [] });
            let actions = work.actions(at).into_iter().map(|action| json!({ "action": action }));
            fields["supportedActions"] = actions.collect();
            fields["fulfillmentHolds"] = holds(shop, n, at, order);
            let nodes = fields["lineItems"]["nodes"].as_array_mut();
            for (line, entry) in nodes.into_iter().flatten().zip(&order.lines) {
                line["totalQuantity"] = json!(entry.total);
            }
        }
    });
}

fn holds(shop: &Shop, n: usize, at: usize, order: &WorkOrder) -> Value {
    let held = order.hold.map(|reason| {
        let (name, shown) = match reason {
            HoldReason::AwaitingPayment => ("AWAITING_PAYMENT", "Awaiting payment"),
            HoldReason::AwaitingReturnItems => ("AWAITING_RETURN_ITEMS", "Awaiting return items"),
            HoldReason::HighRiskOfFraud => ("HIGH_RISK_OF_FRAUD", "High risk of fraud"),
            HoldReason::IncorrectAddress => ("INCORRECT_ADDRESS", "Incorrect address"),
            HoldReason::InventoryOutOfStock => ("INVENTORY_OUT_OF_STOCK", "Inventory out of stock"),
            HoldReason::UnknownDeliveryDate => ("UNKNOWN_DELIVERY_DATE", "Unknown delivery date"),
            HoldReason::Other => ("OTHER", "Other"),
        };
        // Staff and the merchant's rules hold, no app.
        json!({
            "id": gid("FulfillmentHold", ids::fulfillment_hold(shop.ordinal, n, at)),
            "reason": name,
            "displayReason": shown,
            "reasonNotes": null,
            "handle": null,
            "heldByApp": null,
            "heldByRequestingApp": false,
        })
    });
    held.into_iter().collect()
}

/// The order's returns. A return of the twin's is one whose goods came back with its refund.
pub(super) fn returns(shop: &Shop, n: usize) -> Vec<Value> {
    let row = shop.orders.get(n);
    let shipments = row.work.as_ref().map_or(&[][..], |work| &work.shipments);
    // Where the first unit of a line left.
    let left_by = |line: u16| {
        let mut number = 0;
        for shipment in shipments {
            if let Some(at) = shipment.lines.iter().position(|(known, _)| *known == line) {
                return lines(shop, n, shipment, number).into_iter().nth(at);
            }
            number += shipment.lines.len();
        }
        None
    };
    let mut number = 0;
    let returned = row.refunds().iter().enumerate().filter(|(_, refund)| refund.is_return);
    let mut all = Vec::new();
    for (count, (at, refund)) in returned.enumerate() {
        let mut nodes = Vec::with_capacity(refund.lines.len());
        for line in &refund.lines {
            nodes.push(json!({
                "__typename": "ReturnLineItem",
                "id": gid("ReturnLineItem", ids::return_line(shop.ordinal, n, number)),
                "quantity": line.units,
                "processedQuantity": line.units,
                "unprocessedQuantity": 0,
                "fulfillmentLineItem": left_by(line.line),
            }));
            number += 1;
        }
        all.push(json!({
            "id": gid("Return", ids::return_of(shop.ordinal, n, at)),
            "name": format!("{}-R{}", render::name(shop, n), count + 1),
            "status": "CLOSED",
            "closedAt": render::date_time(refund.at),
            "totalQuantity": refund.lines.iter().map(|line| line.units).sum::<u32>(),
            "returnLineItems": { "nodes": nodes },
        }));
    }
    all
}

/// A location of the shop's.
pub(super) fn location(shop: &Shop, number: u64) -> Value {
    let place = shop.places.get(&number).cloned().unwrap_or_default();
    let Place { name, fulfills_online_orders, is_fulfillment_service, pickup } = place;
    let pickup =
        pickup.map(|(time, instructions)| json!({ "pickupTime": time, "instructions": instructions }));
    json!({
        "id": gid("Location", number),
        "name": name,
        "isActive": true,
        "fulfillsOnlineOrders": fulfills_online_orders,
        "isFulfillmentService": is_fulfillment_service,
        "localPickupSettingsV2": pickup,
    })
}

fn name_of(shop: &Shop, number: u64) -> Box<str> {
    shop.places.get(&number).cloned().unwrap_or_default().name
}
