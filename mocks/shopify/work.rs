//! Fulfillment orders: what is to ship, by location. They appear a moment after the order, and every move, split,
//! hold of a part and edit that adds makes new numbers.
//!
//! Source: shopify.md §g. Which location an order is routed to is the merchant's set-up: the shop's first one,
//! unless [`ShopifyTwin::route`] says otherwise.

use super::changes::NotPossible;
use super::rows::OrderRow;
use super::shipping::Shipment;
use super::{Shop, ShopifyTwin, ids};
use crate::domain::fulfillment::{FulfillmentOrder, FulfillmentOrderLine, FulfillmentOrderStatus};
use crate::domain::ids::{FulfillmentOrderId, OrderId};
use crate::domain::{Duration, ShopKey, Timestamp};
use crate::platforms::shopify::wire::WebhookTopic;

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
}

pub(super) struct WorkOrder {
    pub lines: Box<[WorkLine]>,
    /// Position among the shop's locations.
    pub location: u16,
    hold: Option<HoldReason>,
    /// Units of it have left.
    has_progress: bool,
}

#[derive(Clone, Copy)]
pub(super) struct WorkLine {
    /// Position among the order's lines.
    pub line: u16,
    pub number: u16,
    pub remaining: u32,
}

impl WorkOrder {
    pub(super) fn remaining(&self) -> u32 {
        self.lines.iter().map(|line| line.remaining).sum()
    }

    pub(super) fn status(&self) -> FulfillmentOrderStatus {
        if self.remaining() == 0 {
            FulfillmentOrderStatus::Closed
        } else if self.hold.is_some() {
            FulfillmentOrderStatus::OnHold
        } else if self.has_progress {
            FulfillmentOrderStatus::InProgress
        } else {
            FulfillmentOrderStatus::Open
        }
    }

    /// Units leave by a fulfillment.
    pub(super) fn fulfill(&mut self, at: usize, units: u32) {
        self.lines[at].remaining -= units;
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
        work.add(&lines, 0, None);
        work
    }

    /// A further fulfillment order of these lines.
    pub(super) fn add(&mut self, lines: &[(usize, u32)], location: u16, hold: Option<HoldReason>) {
        let first = self.lines_made;
        self.lines_made += lines.len() as u16;
        let numbered = lines.iter().zip(first..).map(|((line, units), number)| WorkLine {
            line: *line as u16,
            number,
            remaining: *units,
        });
        self.orders.push(WorkOrder { lines: numbered.collect(), location, hold, has_progress: false });
    }

    /// Takes up to `units` of a line out of what is to ship, the latest fulfillment order first. What was taken.
    pub(super) fn withdraw(&mut self, line: usize, units: u32) -> u32 {
        let mut left = units;
        let of_line = self.orders.iter_mut().rev().flat_map(|order| &mut *order.lines);
        for entry in of_line.filter(|entry| usize::from(entry.line) == line) {
            let taken = entry.remaining.min(left);
            entry.remaining -= taken;
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
    fn with_work<R>(&self, n: usize, now: Timestamp, read: impl FnOnce(&Work) -> R) -> Option<R> {
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
            row.work_mut().add(&[(line, units)], 0, None);
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

impl ShopifyTwin {
    /// Where the shop ships from, by published numbers; orders go to the first.
    ///
    /// # Panics
    /// No location, or an order stands already: a fault of the set-up.
    pub fn ship_from(&mut self, shop: ShopKey, locations: &[u64]) {
        let shop = self.shop_mut(shop);
        assert!(!locations.is_empty() && shop.orders.len() == 0, "locations are set up before orders come");
        shop.routing.locations = locations.to_vec();
    }

    /// How long after an order its fulfillment orders appear.
    pub fn set_routing_delay(&mut self, shop: ShopKey, delay: Duration) {
        self.shop_mut(shop).routing.delay = delay;
    }

    /// Routes an order's lines, each to the location of that number.
    ///
    /// # Errors
    /// The order or a location does not exist, or units have left already.
    pub fn route(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        locations: &[u64],
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        let (at, n) = self.find_open(shop, order)?;
        let shop = &mut self.shops[at];
        let places: Option<Vec<u16>> = locations.iter().map(|it| shop.location_position(*it)).collect();
        let places = places.ok_or(NotPossible::NoSuchLocation)?;
        let row = shop.orders.get_mut(n);
        if places.len() != row.lines.len() {
            return Err(NotPossible::NoSuchLine);
        }
        if row.work.is_some() {
            return Err(NotPossible::NoChange);
        }
        let mut work = Work::default();
        for place in 0..shop.routing.locations.len() as u16 {
            let here = |(at, _): &(usize, &super::rows::LineRow)| places[*at] == place;
            let lines = row.lines.iter().enumerate().filter(|(_, line)| line.quantity > 0).filter(here);
            let lines: Vec<(usize, u32)> = lines.map(|(at, line)| (at, line.quantity)).collect();
            if !lines.is_empty() {
                work.add(&lines, place, None);
            }
        }
        row.work = Some(Box::new(work));
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(())
    }

    /// The order's fulfillment orders, closed ones included; empty while Shopify still routes.
    pub fn fulfillment_orders(&self, shop: ShopKey, order: OrderId, now: Timestamp) -> Vec<FulfillmentOrder> {
        let shop = self.shop(shop);
        shop.order_at(order).map_or_else(Vec::new, |n| shop.fulfillment_orders(n, now))
    }

    /// Puts a fulfillment order on hold: it accepts no fulfillment until [`ShopifyTwin::release_hold`].
    ///
    /// # Errors
    /// It does not exist, or is closed.
    pub fn hold(
        &mut self,
        shop: ShopKey,
        id: FulfillmentOrderId,
        reason: HoldReason,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        self.change_work(shop, id, now, |work, at| {
            work.orders[at].hold = Some(reason);
            Ok(())
        })
    }

    /// # Errors
    /// It does not exist, or is closed.
    pub fn release_hold(
        &mut self,
        shop: ShopKey,
        id: FulfillmentOrderId,
        now: Timestamp,
    ) -> Result<(), NotPossible> {
        self.change_work(shop, id, now, |work, at| {
            work.orders[at].hold = None;
            Ok(())
        })
    }

    /// Moves what remains to another location, under a new number.
    ///
    /// # Errors
    /// It does not exist, is closed, or is at that location already.
    pub fn move_fulfillment_order(
        &mut self,
        shop: ShopKey,
        id: FulfillmentOrderId,
        location: u64,
        now: Timestamp,
    ) -> Result<FulfillmentOrderId, NotPossible> {
        let to = self.shop(shop).location_position(location).ok_or(NotPossible::NoSuchLocation)?;
        self.change_work(shop, id, now, |work, at| {
            let from = &mut work.orders[at];
            if from.location == to {
                return Err(NotPossible::NoSuchLocation);
            }
            let hold = from.hold;
            let left = from.lines.iter_mut().filter(|line| line.remaining > 0);
            let moved: Vec<(usize, u32)> =
                left.map(|line| (usize::from(line.line), std::mem::take(&mut line.remaining))).collect();
            work.add(&moved, to, hold);
            Ok(())
        })?;
        Ok(self.latest_fulfillment_order(shop, id))
    }

    /// Splits units of lines (by the order's positions) off into a fulfillment order of their own.
    ///
    /// # Errors
    /// It does not exist, is closed, or has not that many units of a line.
    pub fn split_fulfillment_order(
        &mut self,
        shop: ShopKey,
        id: FulfillmentOrderId,
        lines: &[(usize, u32)],
        now: Timestamp,
    ) -> Result<FulfillmentOrderId, NotPossible> {
        self.change_work(shop, id, now, |work, at| {
            let from = &mut work.orders[at];
            let place = |line: usize| from.lines.iter().position(|it| usize::from(it.line) == line);
            let places: Vec<Option<usize>> = lines.iter().map(|(line, _)| place(*line)).collect();
            let fits = |((_, units), place): (&(usize, u32), &Option<usize>)| {
                place.is_some_and(|place| *units > 0 && from.lines[place].remaining >= *units)
            };
            if lines.is_empty() || !lines.iter().zip(&places).all(fits) {
                return Err(NotPossible::NothingToFulfill);
            }
            for ((_, units), place) in lines.iter().zip(places.into_iter().flatten()) {
                from.lines[place].remaining -= units;
            }
            let (location, hold) = (from.location, from.hold);
            work.add(lines, location, hold);
            Ok(())
        })?;
        Ok(self.latest_fulfillment_order(shop, id))
    }

    fn latest_fulfillment_order(&self, shop: ShopKey, sibling: FulfillmentOrderId) -> FulfillmentOrderId {
        let shop = self.shop(shop);
        let n = ids::fulfillment_order_position(shop.ordinal, sibling).map_or(0, |(n, _)| n);
        let made = shop.orders.get(n).work.as_ref().map_or(0, |work| work.orders.len());
        ids::fulfillment_order(shop.ordinal, n, made.saturating_sub(1))
    }

    fn change_work(
        &mut self,
        shop: ShopKey,
        id: FulfillmentOrderId,
        now: Timestamp,
        change: impl FnOnce(&mut Work, usize) -> Result<(), NotPossible>,
    ) -> Result<(), NotPossible> {
        let at = self.position(shop);
        let shop = &mut self.shops[at];
        let found = ids::fulfillment_order_position(shop.ordinal, id).filter(|(n, _)| *n < shop.orders.len());
        let (n, position) = found.ok_or(NotPossible::NoSuchFulfillmentOrder)?;
        let work = shop.orders.get_mut(n).work_mut();
        if work.orders.get(position).is_none_or(|order| order.remaining() == 0) {
            return Err(NotPossible::NoSuchFulfillmentOrder);
        }
        change(work, position)?;
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(())
    }
}
