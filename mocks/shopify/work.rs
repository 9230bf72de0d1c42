//! Fulfillment orders: what is to ship, by location. They appear a moment after the order, and every move, split,
//! hold of a part and edit that adds makes new numbers.
//!
//! Source: shopify.md §g. Which location an order is routed to is the merchant's set-up: the shop's first one,
//! unless [`super::ShopifyTwin::route`] says otherwise.

mod asked;
mod changing;

pub(super) use asked::NotWorked;

use super::rows::OrderRow;
use super::shipping::Shipment;
use super::{Shop, ids};
use crate::domain::fulfillment::{FulfillmentOrder, FulfillmentOrderLine, FulfillmentOrderStatus};
use crate::domain::{Duration, Timestamp};

/// How long after an order its fulfillment orders appear.
///
/// Source: shopify.md §g: asynchronously, by routing; the delay is unpublished, this one is an assumption.
const ROUTING_DELAY: Duration = Duration::from_secs(3);

/// Where a shop ships from.
pub(super) struct Routing {
    /// Published numbers; orders go to the first unless they are routed otherwise.
    locations: Vec<u64>,
    delay: Duration,
}

impl Routing {
    pub(super) fn at(location: u64) -> Routing {
        Routing { locations: vec![location], delay: ROUTING_DELAY }
    }
}

/// Why a fulfillment order may not ship now. Source: shopify.md §g.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldReason {
    AwaitingPayment,
    AwaitingReturnItems,
    HighRiskOfFraud,
    IncorrectAddress,
    InventoryOutOfStock,
    UnknownDeliveryDate,
    Other,
}

/// What is to ship of one order, and what has shipped.
#[derive(Default)]
pub(super) struct Work {
    pub orders: Vec<WorkOrder>,
    pub shipments: Vec<Shipment>,
    /// Lines of fulfillment orders ever made: their numbers are not used twice.
    lines_made: u16,
    holds_made: u16,
}

/// A hold that an app put.
#[derive(Clone)]
pub(super) struct AppHold {
    /// As published.
    pub number: u64,
    pub reason: HoldReason,
    pub handle: Option<Box<str>>,
    pub notes: Option<Box<str>>,
}

pub(super) struct WorkOrder {
    pub lines: Box<[WorkLine]>,
    /// Position among the shop's locations.
    pub location: u16,
    pub hold: Option<HoldReason>,
    /// What apps hold it for, beside.
    pub app_holds: Vec<AppHold>,
    /// Units of it have left.
    has_progress: bool,
    /// When it last changed, in seconds.
    pub changed: i64,
}

#[derive(Clone, Copy)]
pub(super) struct WorkLine {
    /// Position among the order's lines.
    pub line: u16,
    pub number: u16,
    /// Units that it is for, and of these what has not left.
    pub total: u32,
    pub remaining: u32,
}

impl WorkLine {
    /// Units are no longer for this fulfillment order to ship.
    pub(super) fn take_out(&mut self, units: u32) {
        self.remaining -= units;
        self.total -= units;
    }

    /// All that is left goes elsewhere. How many that was.
    fn empty(&mut self) -> u32 {
        let units = self.remaining;
        self.take_out(units);
        units
    }
}

impl WorkOrder {
    pub(super) fn remaining(&self) -> u32 {
        self.lines.iter().map(|line| line.remaining).sum()
    }

    pub(super) fn status(&self) -> FulfillmentOrderStatus {
        if self.remaining() == 0 {
            FulfillmentOrderStatus::Closed
        } else if self.hold.is_some() || !self.app_holds.is_empty() {
            FulfillmentOrderStatus::OnHold
        } else if self.has_progress {
            FulfillmentOrderStatus::InProgress
        } else {
            FulfillmentOrderStatus::Open
        }
    }

    /// Units leave by a fulfillment.
    pub(super) fn fulfill(&mut self, at: usize, units: u32, now: i64) {
        self.lines[at].remaining -= units;
        self.changed = now;
        self.has_progress = true;
    }
}

impl Work {
    /// As an order is first routed: one fulfillment order with all that stands.
    fn first(row: &OrderRow) -> Work {
        let mut work = Work::default();
        let standing = row.lines.iter().enumerate().map(|(at, line)| (at, line.quantity));
        let lines: Vec<(usize, u32)> = standing.filter(|(_, units)| *units > 0).collect();
        work.orders.reserve_exact(1);
        work.add(&lines, 0, None, row.created);
        work
    }

    /// A further fulfillment order of these lines.
    pub(super) fn add(&mut self, lines: &[(usize, u32)], location: u16, hold: Option<HoldReason>, at: i64) {
        let first = self.lines_made;
        self.lines_made += lines.len() as u16;
        let numbered = lines.iter().zip(first..).map(|((line, units), number)| WorkLine {
            line: *line as u16,
            number,
            total: *units,
            remaining: *units,
        });
        self.orders.push(WorkOrder {
            lines: numbered.collect(),
            location,
            hold,
            app_holds: Vec::new(),
            has_progress: false,
            changed: at,
        });
    }

    /// Takes up to `units` of a line out of what is to ship, the latest fulfillment order first. What was taken.
    pub(super) fn withdraw(&mut self, line: usize, units: u32) -> u32 {
        let mut left = units;
        let of_line = self.orders.iter_mut().rev().flat_map(|order| &mut *order.lines);
        for entry in of_line.filter(|entry| usize::from(entry.line) == line) {
            let taken = entry.remaining.min(left);
            entry.take_out(taken);
            left -= taken;
        }
        units - left
    }

    /// Units of a line that are still to ship.
    pub(super) fn remaining(&self, line: usize) -> u32 {
        let of_line = self.orders.iter().flat_map(|order| &*order.lines);
        of_line.filter(|entry| usize::from(entry.line) == line).map(|entry| entry.remaining).sum()
    }

    /// Lets go of every hold of this reason.
    pub(super) fn release(&mut self, reason: HoldReason) {
        for order in self.orders.iter_mut().filter(|order| order.hold == Some(reason)) {
            order.hold = None;
        }
    }
}

impl OrderRow {
    /// Units of a line that may ship now: what is on hold may not.
    pub(super) fn fulfillable(&self, line: usize) -> u32 {
        let Some(work) = &self.work else { return self.lines[line].quantity };
        let free = work.orders.iter().filter(|order| order.status().is_fulfillable());
        let of_line = free.flat_map(|order| &*order.lines).filter(|entry| usize::from(entry.line) == line);
        of_line.map(|entry| entry.remaining).sum()
    }

    /// Units of a line that are still to ship.
    pub(super) fn unfulfilled(&self, line: usize) -> u32 {
        match &self.work {
            Some(work) => work.remaining(line),
            None => self.lines[line].quantity,
        }
    }

    /// The order's work, as it was first routed if nothing has happened to it yet.
    pub(super) fn work_mut(&mut self) -> &mut Work {
        if self.work.is_none() {
            self.work = Some(Box::new(Work::first(self)));
        }
        self.work.as_mut().expect("work was just ensured")
    }

    /// Units of a line that have left and were not taken back by cancelling their fulfillment.
    pub(super) fn fulfilled(&self, line: usize) -> u32 {
        self.work.as_ref().map_or(0, |work| work.shipments.iter().map(|it| it.units_of(line)).sum())
    }
}

impl Shop {
    /// Fulfillment orders of an order; none before it was routed.
    pub(super) fn with_work<R>(&self, n: usize, now: Timestamp, read: impl FnOnce(&Work) -> R) -> Option<R> {
        let row = self.orders.get(n);
        let is_routed = Timestamp::from_seconds(row.created).plus(self.routing.delay) <= now;
        match &row.work {
            Some(work) => Some(read(work)),
            None if is_routed => Some(read(&Work::first(row))),
            None => None,
        }
    }

    /// An edit adds units: to what is routed, as a fulfillment order of its own; before that they are simply routed.
    ///
    /// Called before the line's quantity changes. Source: shopify.md §d.1.
    pub(super) fn add_work(&mut self, n: usize, line: usize, units: u32, now: Timestamp) {
        let delay = self.routing.delay;
        let row = self.orders.get_mut(n);
        if row.work.is_some() || Timestamp::from_seconds(row.created).plus(delay) <= now {
            row.work_mut().add(&[(line, units)], 0, None, now.seconds());
        }
    }

    /// The published number of a location.
    pub(super) fn location(&self, position: u16) -> u64 {
        self.routing.locations[usize::from(position)]
    }

    /// Published numbers of where orders are shipped from.
    pub(super) fn shipping_locations(&self) -> &[u64] {
        &self.routing.locations
    }

    pub(super) fn location_position(&self, number: u64) -> Option<u16> {
        self.routing.locations.iter().position(|known| *known == number).map(|at| at as u16)
    }

    pub(super) fn fulfillment_orders(&self, n: usize, now: Timestamp) -> Vec<FulfillmentOrder> {
        let published = |(at, order): (usize, &WorkOrder)| FulfillmentOrder {
            id: ids::fulfillment_order(self.ordinal, n, at),
            status: order.status(),
            location: Some(self.location(order.location)),
            lines: order
                .lines
                .iter()
                .map(|line| FulfillmentOrderLine {
                    id: ids::fulfillment_order_line(self.ordinal, n, usize::from(line.number)),
                    line: ids::line_item(self.ordinal, n, usize::from(line.line)),
                    remaining: line.remaining,
                })
                .collect(),
        };
        self.with_work(n, now, |work| work.orders.iter().enumerate().map(published).collect())
            .unwrap_or_default()
    }
}
