//! Second thoughts and returns: what buyers want after the purchase, and what customer service makes of it in Shopify.

use std::sync::Arc;

use super::{Change, Traffic};
use crate::domain::customer::Address;
use crate::domain::ids::OrderId;
use crate::domain::order::Order;
use crate::domain::refund::{RefundFeeKind, Restock};
use crate::domain::{Duration, ShopKey, Timestamp};
use crate::mocks::netsuite::DocumentKind;
use crate::mocks::shopify::{RefundEntry, RefundMoney, RefundStanding, ShippingRefund};
use crate::ports::Runtime;
use crate::sim::stage::{Scene, kind};
use crate::sim::world::afterwards::{Return, ReturnKind};

/// How long customer service waits for the shop to show that a parcel has left, before it looks again.
const LOOK_AGAIN: Duration = Duration::from_mins(30);

/// What goodwill comes to, in hundredths of a unit of currency. Assumption.
const GOODWILL: i64 = 500;

impl<R: Runtime> Traffic<R> {
    /// Schedules what the buyer of a drawn order will think of before the parcel leaves.
    pub(super) fn reconsider(self: &Arc<Self>, number: u64, shop: ShopKey, order: OrderId, placed: Timestamp) {
        let thoughts = self.world.second_thoughts(number, placed);
        if let Some((from, until)) = thoughts.held {
            self.later(from, move |traffic, now| traffic.change(shop, order, now, Change::Hold));
            self.later(until, move |traffic, now| traffic.change(shop, order, now, Change::Unhold));
        }
        if let Some(at) = thoughts.moves {
            self.later(at, move |traffic, now| {
                let change = Change::Readdress(Box::new(new_address(number)));
                traffic.change_unless_locked(shop, order, now, change);
            });
        }
        if let Some(at) = thoughts.cancels {
            self.later(at, move |traffic, now| {
                let change = Change::Cancel { refund: true, restock: true };
                traffic.change_unless_locked(shop, order, now, change);
            });
        }
    }

    /// Buyers change an order themselves as long as nobody can read that it is locked.
    pub(super) fn change_unless_locked(&self, shop: ShopKey, order: OrderId, now: Timestamp, change: Change) {
        if is_locked(&mut self.stage.scene(), shop, order, now) {
            self.stage.scene().volumes.locked_out += 1;
            return;
        }
        self.change(shop, order, now, change);
    }

    /// Customer service gives back what the buyer of this order wants back, if the shop shows that it has left.
    /// Otherwise: when to look again.
    pub(super) fn take_back(&self, shop: ShopKey, id: OrderId, now: Timestamp) -> Option<Timestamp> {
        let wish = self.world.comes_back(id.get())?;
        let order = self.stage.scene().shopify.order_truth(shop, id)?;
        if order.cancelled_at.is_some() {
            return None;
        }
        let left = units_left(&order);
        if left.iter().all(|(_, units)| *units == 0) {
            return Some(now.plus(LOOK_AGAIN)).filter(|again| *again < self.world.ends());
        }
        let entry = self.entry(&order, wish, &left);
        self.refund(shop, id, &entry, now);
        None
    }
}

/// Whether anybody can read that the warehouse has the order.
fn is_locked(scene: &mut Scene, shop: ShopKey, order: OrderId, now: Timestamp) -> bool {
    let key = format!("{shop}-order-{order}");
    let document = scene.netsuite.document_by_key(DocumentKind::SalesOrder, &key);
    document.and_then(|document| document.release_visible_at()).is_some_and(|visible| visible <= now)
}

/// Goods that the shop shows as shipped and that were not given back, by position of the line.
fn units_left(order: &Order) -> Vec<(usize, u32)> {
    let lines = order.lines.iter().enumerate().filter(|(_, line)| !line.is_gift_card);
    lines
        .map(|(at, line)| {
            let shipped: u32 = order
                .fulfillments
                .iter()
                .filter(|fulfillment| !fulfillment.is_cancelled)
                .flat_map(|fulfillment| &fulfillment.lines)
                .filter(|(id, _)| *id == line.id)
                .map(|(_, units)| *units)
                .sum();
            let back: u32 = order
                .refunds
                .iter()
                .flat_map(|refund| &refund.lines)
                .filter(|back| back.line == line.id && back.restock != Restock::Cancel)
                .map(|back| back.quantity)
                .sum();
            (at, shipped.saturating_sub(back))
        })
        .collect()
}

fn new_address(number: u64) -> Address {
    Address {
        line1: Some(format!("{} New Street", number % 900 + 1).into()),
        city: Some("Elsewhere".into()),
        ..Address::default()
    }
}
