//! Fulfillments, fulfillment orders and locations with all their fields.
//!
//! Source: shopify.md §g and recorded exchanges.

use serde_json::{Value, json};

use super::super::super::places::Place;
use super::super::super::shipping::Shipment;
use super::super::super::texts::Texts;
use super::super::super::work::{AppHold, HoldReason, WorkOrder};
use super::super::super::{Shop, ids, render};
use super::records::{gid, json};
use crate::domain::Timestamp;

/// The instant at which a fulfillment order is due is that of its order, in whole hours.
const HOUR: i64 = 3_600;

/// Holds of an order that no app put are numbered from here on.
const RULES_HOLDS: usize = 16_384;

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
pub(super) fn lines(shop: &Shop, n: usize, shipment: &Shipment, first: usize) -> Vec<Value> {
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
    let hold = |number: u64, reason: HoldReason, by: Option<&AppHold>| {
        let (name, shown) = reason.shown();
        json!({
            "id": gid("FulfillmentHold", number),
            "reason": name,
            "displayReason": shown,
            "reasonNotes": by.and_then(|it| it.notes.as_deref()),
            "handle": by.and_then(|it| it.handle.as_deref()),
            // Which app it was is not kept: a shop of the twin's has one.
            "heldByApp": by.map(|_| json!({ "id": gid("App", 1), "title": "App" })),
            "heldByRequestingApp": by.is_some(),
        })
    };
    // Holds of staff and of the merchant's rules are numbered behind those of apps.
    let own =
        order.hold.map(|reason| hold(ids::fulfillment_hold(shop.ordinal, n, RULES_HOLDS + at), reason, None));
    own.into_iter().chain(order.app_holds.iter().map(|it| hold(it.number, it.reason, Some(it)))).collect()
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
        "shipsInventory": true,
    })
}

fn name_of(shop: &Shop, number: u64) -> Box<str> {
    shop.places.get(&number).cloned().unwrap_or_default().name
}
