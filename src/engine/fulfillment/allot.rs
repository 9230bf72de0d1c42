//! Which of Shopify's fulfillment orders a shipment closes: one fulfillment for each location.

use std::collections::BTreeMap;

use super::parcels::LineUnits;
use crate::domain::fulfillment::{FulfillmentOrder, FulfillmentOrderStatus, NewFulfillment, Parcel};
use crate::domain::ids::{FulfillmentOrderId, FulfillmentOrderLineId, LineItemId};

/// What one shipment comes to in Shopify.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Allotted {
    /// With the units of each, by line.
    pub fulfillments: Vec<(NewFulfillment, LineUnits)>,
    /// Units that Shopify holds back: on hold, or scheduled for later.
    pub held: LineUnits,
    /// Units that no fulfillment order is left for.
    pub refused: LineUnits,
}

type Lines = BTreeMap<FulfillmentOrderId, Vec<(FulfillmentOrderLineId, u32)>>;

/// Lays the units of a shipment on the fulfillment orders that accept them, first come first served.
///
/// `orders` is changed: a second shipment finds what the first one left.
pub fn allot(shipped: &LineUnits, parcels: &[Parcel], orders: &mut [FulfillmentOrder]) -> Allotted {
    let mut open = shipped.clone();
    let mut by_location: BTreeMap<Option<u64>, (Lines, LineUnits)> = BTreeMap::new();
    for order in orders.iter_mut().filter(|order| order.status.is_fulfillable()) {
        let (lines, units) = by_location.entry(order.location).or_default();
        for line in &mut order.lines {
            let taken = take(&mut open, line.line, &mut line.remaining);
            if taken > 0 {
                lines.entry(order.id).or_default().push((line.id, taken));
                *units.entry(line.line).or_default() += taken;
            }
        }
    }
    let mut allotted = Allotted::default();
    for order in orders.iter_mut().filter(|order| is_held(order.status)) {
        for line in &mut order.lines {
            let taken = take(&mut open, line.line, &mut line.remaining);
            if taken > 0 {
                *allotted.held.entry(line.line).or_default() += taken;
            }
        }
    }
    allotted.refused = open;
    for (lines, units) in by_location.into_values().filter(|(lines, _)| !lines.is_empty()) {
        let fulfillment = NewFulfillment {
            lines: lines.into_iter().collect(),
            parcels: parcels.to_vec(),
            notify_customer: true,
        };
        allotted.fulfillments.push((fulfillment, units));
    }
    allotted
}

fn is_held(status: FulfillmentOrderStatus) -> bool {
    matches!(status, FulfillmentOrderStatus::OnHold | FulfillmentOrderStatus::Scheduled)
}

/// Takes as many units of a line as are open and remain.
fn take(open: &mut LineUnits, line: LineItemId, remaining: &mut u32) -> u32 {
    let Some(units) = open.get_mut(&line) else { return 0 };
    let taken = (*units).min(*remaining);
    *remaining -= taken;
    *units -= taken;
    if *units == 0 {
        open.remove(&line);
    }
    taken
}
