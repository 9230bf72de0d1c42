//! Fulfillments and fulfillment orders as wire types.

use std::sync::Arc;

use super::super::rows::NO_TEXT;
use super::super::shipping::Shipment;
use super::super::texts::Texts;
use super::super::{Shop, ids};
use super::{date_time, page};
use crate::domain::Timestamp;
use crate::domain::fulfillment::{self as domain, FulfillmentOrderStatus};
use crate::domain::ids::{FulfillmentId, FulfillmentOrderId};
use crate::platforms::shopify::wire::{
    self, AssignedLocation, Connection, Fulfillment, FulfillmentLineItem, FulfillmentOrder,
    FulfillmentOrderLineItem, FulfillmentStatus, Gid, Ref, TrackingInfo,
};

/// The order's fulfillments, each with its first lines.
pub(in super::super) fn fulfillments(shop: &Shop, texts: &Texts, n: usize, first: usize) -> Vec<Fulfillment> {
    let Some(work) = &shop.orders.get(n).work else { return Vec::new() };
    let shipments = work.shipments.iter().enumerate();
    shipments
        .map(|(at, shipment)| {
            let lines = shipped_lines(shop, n, shipment);
            let tracking = shipment.parcels.iter().map(|parcel| {
                let shown = parcel.to_domain(texts);
                TrackingInfo {
                    company: (parcel.carrier != NO_TEXT).then(|| Arc::clone(texts.get(parcel.carrier))),
                    number: Some(shown.number),
                    url: shown.url,
                }
            });
            Fulfillment {
                id: Gid::new(ids::fulfillment(shop.ordinal, n, at).get()),
                created_at: date_time(shipment.at),
                status: match shipment.is_cancelled {
                    true => FulfillmentStatus::Cancelled,
                    false => FulfillmentStatus::Success,
                },
                tracking_info: tracking.collect(),
                fulfillment_line_items: page(lines, 0, first, |line| line.line_item.id.number()),
            }
        })
        .collect()
}

/// Up to `first_orders` fulfillment orders behind the number `after`, each with its first lines.
pub(in super::super) fn fulfillment_orders(
    shop: &Shop,
    n: usize,
    now: Timestamp,
    after: u64,
    (first_orders, first_lines): (usize, usize),
) -> Connection<FulfillmentOrder> {
    let orders = shop.fulfillment_orders(n, now);
    let from = orders.iter().take_while(|order| order.id.get() <= after).count();
    let wire = orders.into_iter().map(|order| {
        let lines = order_lines(&order);
        FulfillmentOrder {
            id: Gid::new(order.id.get()),
            status: status(order.status),
            assigned_location: AssignedLocation { location: order.location.map(Ref::new) },
            line_items: page(lines, 0, first_lines, |line| line.id.number()),
        }
    });
    page(wire.collect(), from, first_orders, |order| order.id.number())
}

/// A page of a fulfillment order's lines behind the number `after`.
pub(in super::super) fn fulfillment_order_lines(
    shop: &Shop,
    id: FulfillmentOrderId,
    now: Timestamp,
    after: u64,
    first: usize,
) -> Option<Connection<FulfillmentOrderLineItem>> {
    let (n, _) = ids::fulfillment_order_position(shop.ordinal, id)?;
    let orders = (n < shop.orders.len()).then(|| shop.fulfillment_orders(n, now))?;
    let lines = order_lines(orders.iter().find(|order| order.id == id)?);
    let from = lines.iter().position(|line| line.id.number() == after).map_or(0, |at| at + 1);
    Some(page(lines, from, first, |line| line.id.number()))
}

/// A page of a fulfillment's lines behind the line `after`.
pub(in super::super) fn fulfillment_lines(
    shop: &Shop,
    id: FulfillmentId,
    after: u64,
    first: usize,
) -> Option<Connection<FulfillmentLineItem>> {
    let (n, at) = ids::fulfillment_position(shop.ordinal, id)?;
    let work = (n < shop.orders.len()).then(|| shop.orders.get(n).work.as_ref())??;
    let lines = shipped_lines(shop, n, work.shipments.get(at)?);
    let from = lines.iter().position(|line| line.line_item.id.number() == after).map_or(0, |at| at + 1);
    Some(page(lines, from, first, |line| line.line_item.id.number()))
}

fn shipped_lines(shop: &Shop, n: usize, shipment: &Shipment) -> Vec<FulfillmentLineItem> {
    let line = |(line, units): &(u16, u32)| FulfillmentLineItem {
        quantity: Some(*units),
        line_item: Ref::new(ids::line_item(shop.ordinal, n, usize::from(*line)).get()),
    };
    shipment.lines.iter().map(line).collect()
}

fn order_lines(order: &domain::FulfillmentOrder) -> Vec<FulfillmentOrderLineItem> {
    let line = |line: &domain::FulfillmentOrderLine| FulfillmentOrderLineItem {
        id: Gid::new(line.id.get()),
        remaining_quantity: line.remaining,
        line_item: Ref::new(line.line.get()),
    };
    order.lines.iter().map(line).collect()
}

fn status(status: FulfillmentOrderStatus) -> wire::FulfillmentOrderStatus {
    use wire::FulfillmentOrderStatus as Wire;
    match status {
        FulfillmentOrderStatus::Open => Wire::Open,
        FulfillmentOrderStatus::InProgress => Wire::InProgress,
        FulfillmentOrderStatus::Scheduled => Wire::Scheduled,
        FulfillmentOrderStatus::OnHold => Wire::OnHold,
        FulfillmentOrderStatus::Incomplete => Wire::Incomplete,
        FulfillmentOrderStatus::Closed => Wire::Closed,
        FulfillmentOrderStatus::Cancelled => Wire::Cancelled,
    }
}
