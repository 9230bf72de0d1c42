//! Fulfillments and fulfillment orders, wire ↔ domain.

use super::{At, Unreadable};
use crate::domain::fulfillment::{
    Fulfillment, FulfillmentOrder, FulfillmentOrderLine, FulfillmentOrderStatus, NewFulfillment, Parcel,
};
use crate::domain::ids::{FulfillmentId, FulfillmentOrderId, FulfillmentOrderLineId, LineItemId};
use crate::platforms::shopify::wire::{self, Gid};

pub(super) fn fulfillment(entry: wire::Fulfillment, at: &At<'_>) -> Result<Fulfillment, Unreadable> {
    if entry.fulfillment_line_items.page_info.has_next_page {
        return Err(at.field("fulfillmentLineItems").unreadable("has more entries than one page"));
    }
    let mut lines: Vec<(LineItemId, u32)> = Vec::with_capacity(entry.fulfillment_line_items.nodes.len());
    for node in entry.fulfillment_line_items.nodes {
        let line = LineItemId::new(node.line_item.id.number());
        let units = node.quantity.unwrap_or(0);
        // A line that two fulfillment orders shared comes twice.
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, known)) => {
                *known = known
                    .checked_add(units)
                    .ok_or_else(|| at.field("fulfillmentLineItems").unreadable("has too many units"))?;
            }
            None => lines.push((line, units)),
        }
    }
    let parcels = entry.tracking_info.into_iter().filter_map(|info| {
        let number = info.number?;
        Some(Parcel { carrier: info.company.as_deref().map(Box::from), number, url: info.url })
    });
    Ok(Fulfillment {
        id: FulfillmentId::new(entry.id.number()),
        created_at: entry.created_at.at(),
        is_cancelled: is_void(entry.status),
        lines,
        parcels: parcels.collect(),
    })
}

/// Nothing of it counts as shipped. Source: shopify.md §g.
fn is_void(status: wire::FulfillmentStatus) -> bool {
    use wire::FulfillmentStatus as Wire;
    matches!(status, Wire::Cancelled | Wire::Error | Wire::Failure)
}

/// # Errors
/// More lines than one page holds.
pub fn fulfillment_order(entry: wire::FulfillmentOrder) -> Result<FulfillmentOrder, Unreadable> {
    let at = At::root("fulfillmentOrder");
    if entry.line_items.page_info.has_next_page {
        return Err(at.field("lineItems").unreadable("has more entries than one page"));
    }
    let lines = entry.line_items.nodes.into_iter().map(|line| FulfillmentOrderLine {
        id: FulfillmentOrderLineId::new(line.id.number()),
        line: LineItemId::new(line.line_item.id.number()),
        remaining: line.remaining_quantity,
    });
    Ok(FulfillmentOrder {
        id: FulfillmentOrderId::new(entry.id.number()),
        status: status(entry.status),
        location: entry.assigned_location.location.map(|location| location.id.number()),
        lines: lines.collect(),
    })
}

fn status(status: wire::FulfillmentOrderStatus) -> FulfillmentOrderStatus {
    use wire::FulfillmentOrderStatus as Wire;
    match status {
        Wire::Open => FulfillmentOrderStatus::Open,
        Wire::InProgress => FulfillmentOrderStatus::InProgress,
        Wire::Scheduled => FulfillmentOrderStatus::Scheduled,
        Wire::OnHold => FulfillmentOrderStatus::OnHold,
        Wire::Closed => FulfillmentOrderStatus::Closed,
        Wire::Cancelled => FulfillmentOrderStatus::Cancelled,
        // One that came after this program is not known to accept a fulfillment.
        Wire::Incomplete | Wire::Unknown => FulfillmentOrderStatus::Incomplete,
    }
}

pub fn fulfillment_input(fulfillment: &NewFulfillment) -> wire::FulfillmentInput {
    let orders = fulfillment.lines.iter().map(|(order, lines)| wire::FulfillmentOrderLineItemsInput {
        fulfillment_order_id: Gid::new(order.get()),
        fulfillment_order_line_items: lines
            .iter()
            .map(|(line, units)| wire::FulfillmentOrderLineItemInput {
                id: Gid::new(line.get()),
                quantity: *units,
            })
            .collect(),
    });
    wire::FulfillmentInput {
        line_items_by_fulfillment_order: orders.collect(),
        tracking_info: (!fulfillment.parcels.is_empty()).then(|| tracking_input(&fulfillment.parcels)),
        notify_customer: fulfillment.notify_customer,
    }
}

/// Shopify takes one carrier for all numbers: the first parcel's. Links go along only when every parcel has one,
/// because they are matched to numbers by position.
pub fn tracking_input(parcels: &[Parcel]) -> wire::FulfillmentTrackingInput {
    let urls: Option<Vec<Box<str>>> = parcels.iter().map(|parcel| parcel.url.clone()).collect();
    wire::FulfillmentTrackingInput {
        company: parcels.first().and_then(|parcel| parcel.carrier.clone()),
        numbers: parcels.iter().map(|parcel| parcel.number.clone()).collect(),
        urls: urls.unwrap_or_default(),
    }
}
