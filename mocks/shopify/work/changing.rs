//! What staff and the merchant's rules do with what is to ship: route, hold, release, move, split.
//!
//! Source: shopify.md §g: a move or a split makes a new number for the part that it takes.

use super::super::changes::NotPossible;
use super::super::{ShopifyTwin, ids};
use super::{HoldReason, Work};
use crate::domain::fulfillment::FulfillmentOrder;
use crate::domain::ids::{FulfillmentOrderId, OrderId};
use crate::domain::{Duration, ShopKey, Timestamp};
use crate::platforms::shopify::wire::WebhookTopic;

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
            let here = |(at, _): &(usize, &super::super::rows::LineRow)| places[*at] == place;
            let lines = row.lines.iter().enumerate().filter(|(_, line)| line.quantity > 0).filter(here);
            let lines: Vec<(usize, u32)> = lines.map(|(at, line)| (at, line.quantity)).collect();
            if !lines.is_empty() {
                work.add(&lines, place, None, now.seconds());
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
            work.orders[at].app_holds.clear();
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
            let moved: Vec<(usize, u32)> = left.map(|line| (usize::from(line.line), line.empty())).collect();
            work.add(&moved, to, hold, now.seconds());
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
                from.lines[place].take_out(*units);
            }
            let (location, hold) = (from.location, from.hold);
            work.add(lines, location, hold, now.seconds());
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
        work.orders[position].changed = now.seconds();
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(())
    }
}
