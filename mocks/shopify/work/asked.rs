//! What apps ask of fulfillment orders: split, move, hold, release.
//!
//! Source: shopify.md §g and recorded exchanges: a split leaves the rest under the old number; a move of everything
//! keeps the number, one of a part makes a new one.

use super::super::{Shop, ShopifyTwin, ids};
use super::{AppHold, HoldReason, Work};
use crate::domain::Timestamp;
use crate::domain::fulfillment::FulfillmentOrderStatus;
use crate::domain::ids::FulfillmentOrderId;
use crate::platforms::shopify::wire::WebhookTopic;

/// Why not: field, text and code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct NotWorked {
    pub field: Option<&'static str>,
    pub message: &'static str,
    pub code: Option<&'static str>,
}

const fn refused(message: &'static str) -> NotWorked {
    NotWorked { field: None, message, code: None }
}

const INVALID_QUANTITY: NotWorked = refused("Invalid fulfillment order line item quantity requested.");
const MISSING: NotWorked =
    NotWorked { field: Some("id"), message: "Fulfillment order does not exist.", code: None };
const NO_LOCATION: NotWorked = NotWorked { field: Some("id"), ..refused("Location not found.") };
const HAS_PROGRESS: NotWorked = NotWorked {
    field: Some("id"),
    message: "Cannot move a fulfillment order that has had progress reported. To move a fulfillment order that has had \
              progress reported, the fulfillment order must first be marked as open resolving the ongoing progress \
              state.",
    code: Some("CANNOT_MOVE_FULFILLMENT_ORDER_WITH_REPORTED_PROGRESS"),
};

impl Shop {
    /// Order and position of a fulfillment order that may be worked on.
    fn worked(&mut self, id: FulfillmentOrderId) -> Result<(usize, usize), NotWorked> {
        let found = ids::fulfillment_order_position(self.ordinal, id).filter(|(n, _)| *n < self.orders.len());
        let (n, at) = found.ok_or(MISSING)?;
        let count = self.orders.get_mut(n).work_mut().orders.len();
        (at < count).then_some((n, at)).ok_or(MISSING)
    }

    /// Positions of the lines behind these numbers, with units that the fulfillment order has.
    fn parts(&self, n: usize, at: usize, asked: &[(u64, u32)]) -> Result<Vec<(usize, u32)>, NotWorked> {
        let held = self.orders.get(n).work.as_ref().and_then(|work| work.orders.get(at)).ok_or(MISSING)?;
        let mut parts = Vec::with_capacity(asked.len());
        for (number, units) in asked {
            let is_it = |line: &super::WorkLine| {
                ids::fulfillment_order_line(self.ordinal, n, usize::from(line.number)).get() == *number
            };
            let line = held.lines.iter().position(is_it);
            let line = line.ok_or(refused("Fulfillment order line item does not exist."))?;
            if *units == 0 || *units > held.lines[line].remaining {
                return Err(INVALID_QUANTITY);
            }
            parts.push((line, *units));
        }
        Ok(parts)
    }
}

impl Work {
    /// Takes these units out of a fulfillment order into one of their own. Its position.
    fn part_off(&mut self, at: usize, parts: &[(usize, u32)], location: u16, now: i64) -> usize {
        let from = &mut self.orders[at];
        let mut moved = Vec::with_capacity(parts.len());
        for (line, units) in parts {
            from.lines[*line].take_out(*units);
            moved.push((usize::from(from.lines[*line].line), *units));
        }
        from.changed = now;
        let (hold, holds) = (from.hold, from.app_holds.clone());
        self.add(&moved, location, hold, now);
        let made = self.orders.len() - 1;
        self.orders[made].app_holds = holds;
        made
    }
}

impl ShopifyTwin {
    /// Splits units off into fulfillment orders of their own: all of the batch, or none.
    pub(in super::super) fn split_by_app(
        &mut self,
        at: usize,
        asked: &[(FulfillmentOrderId, Vec<(u64, u32)>)],
        now: Timestamp,
    ) -> Result<Vec<FulfillmentOrderId>, NotWorked> {
        let shop = &mut self.shops[at];
        let mut splits = Vec::with_capacity(asked.len());
        for (id, lines) in asked {
            let (n, position) = shop.worked(*id)?;
            let parts = shop.parts(n, position, lines)?;
            let left: u32 = shop.orders.get_mut(n).work_mut().orders[position].remaining();
            let taken: u32 = parts.iter().map(|(_, units)| units).sum();
            if parts.is_empty() || taken >= left {
                return Err(INVALID_QUANTITY);
            }
            splits.push((n, position, parts));
        }
        let mut made = Vec::with_capacity(splits.len());
        for (n, position, parts) in splits {
            let shop = &mut self.shops[at];
            let work = shop.orders.get_mut(n).work_mut();
            let location = work.orders[position].location;
            let new = work.part_off(position, &parts, location, now.seconds());
            made.push(ids::fulfillment_order(shop.ordinal, n, new));
            self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        }
        Ok(made)
    }

    /// Moves a fulfillment order, or these lines of it, to another location. What is there now.
    pub(in super::super) fn move_by_app(
        &mut self,
        at: usize,
        id: FulfillmentOrderId,
        location: u64,
        lines: &[(u64, u32)],
        now: Timestamp,
    ) -> Result<FulfillmentOrderId, NotWorked> {
        let shop = &mut self.shops[at];
        let (n, position) = shop.worked(id)?;
        let to = shop.location_position(location).ok_or(NO_LOCATION)?;
        let parts = shop.parts(n, position, lines)?;
        let ordinal = shop.ordinal;
        let work = shop.orders.get_mut(n).work_mut();
        let from = &mut work.orders[position];
        match from.status() {
            FulfillmentOrderStatus::Open | FulfillmentOrderStatus::OnHold if from.location != to => {}
            FulfillmentOrderStatus::InProgress => return Err(HAS_PROGRESS),
            _ => return Err(refused("Cannot change location.")),
        }
        let taken: u32 = parts.iter().map(|(_, units)| units).sum();
        let moved = if parts.is_empty() || taken == from.remaining() {
            from.location = to;
            from.changed = now.seconds();
            position
        } else {
            work.part_off(position, &parts, to, now.seconds())
        };
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(ids::fulfillment_order(ordinal, n, moved))
    }

    /// Puts a fulfillment order on hold beside whatever holds it. The hold's number.
    pub(in super::super) fn hold_by_app(
        &mut self,
        at: usize,
        id: FulfillmentOrderId,
        hold: AppHold,
        now: Timestamp,
    ) -> Result<u64, NotWorked> {
        let shop = &mut self.shops[at];
        let (n, position) = shop.worked(id)?;
        let ordinal = shop.ordinal;
        let work = shop.orders.get_mut(n).work_mut();
        if work.orders[position].status() == FulfillmentOrderStatus::Closed {
            return Err(refused("The fulfillment order is not in a holdable state."));
        }
        work.holds_made += 1;
        let number = ids::fulfillment_hold(ordinal, n, usize::from(work.holds_made));
        let order = &mut work.orders[position];
        order.app_holds.push(AppHold { number, ..hold });
        order.changed = now.seconds();
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(number)
    }

    /// Lets go of the holds of these numbers; of all that holds it, if none is named.
    pub(in super::super) fn release_by_app(
        &mut self,
        at: usize,
        id: FulfillmentOrderId,
        numbers: Option<&[u64]>,
        now: Timestamp,
    ) -> Result<(), NotWorked> {
        let shop = &mut self.shops[at];
        let (n, position) = shop.worked(id)?;
        let order = &mut shop.orders.get_mut(n).work_mut().orders[position];
        if order.status() != FulfillmentOrderStatus::OnHold {
            return Err(refused("The fulfillment order is not on hold."));
        }
        match numbers {
            None => {
                order.hold = None;
                order.app_holds.clear();
            }
            Some(numbers) => order.app_holds.retain(|hold| !numbers.contains(&hold.number)),
        }
        order.changed = now.seconds();
        self.changed(at, n, now, &[WebhookTopic::OrdersUpdated]);
        Ok(())
    }
}

impl HoldReason {
    /// As the schema names it, and as staff see it.
    pub(in super::super) fn shown(self) -> (&'static str, &'static str) {
        match self {
            HoldReason::AwaitingPayment => ("AWAITING_PAYMENT", "Awaiting payment"),
            HoldReason::AwaitingReturnItems => {
                ("AWAITING_RETURN_ITEMS", "Exchange items awaiting return delivery")
            }
            HoldReason::HighRiskOfFraud => ("HIGH_RISK_OF_FRAUD", "High risk of fraud"),
            HoldReason::IncorrectAddress => ("INCORRECT_ADDRESS", "Incorrect address"),
            HoldReason::InventoryOutOfStock => ("INVENTORY_OUT_OF_STOCK", "Inventory out of stock"),
            HoldReason::UnknownDeliveryDate => ("UNKNOWN_DELIVERY_DATE", "Unknown delivery date"),
            HoldReason::Other => ("OTHER", "Other"),
        }
    }
}
