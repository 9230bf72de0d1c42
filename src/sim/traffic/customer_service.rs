//! Second thoughts and returns: what buyers want after the purchase, and what customer service makes of it in Shopify.

use std::sync::Arc;

use super::{Change, Traffic};
use crate::domain::customer::Address;
use crate::domain::ids::OrderId;
use crate::domain::{ShopKey, Timestamp};
use crate::mocks::netsuite::DocumentKind;
use crate::ports::Runtime;
use crate::sim::stage::Scene;
use crate::sim::world::afterwards::SecondThoughts;

impl<R: Runtime> Traffic<R> {
    /// Schedules what the buyer of a drawn order will think of before the parcel leaves.
    pub(super) fn reconsider(
        self: &Arc<Self>,
        number: u64,
        shop: ShopKey,
        order: OrderId,
        thoughts: SecondThoughts,
    ) {
        if let Some((from, until)) = thoughts.held {
            self.later(from, move |traffic, now| traffic.change(shop, order, now, Change::Hold(true)));
            self.later(until, move |traffic, now| traffic.change(shop, order, now, Change::Hold(false)));
        }
        if let Some(at) = thoughts.moves {
            self.later(at, move |traffic, now| {
                let change = Change::Readdress(Box::new(new_address(number)));
                traffic.change_unless_locked(shop, order, now, change, thoughts.insists);
            });
        }
        if let Some(at) = thoughts.cancels {
            self.later(at, move |traffic, now| {
                let change = Change::Cancel { refund: true, restock: true };
                traffic.change_unless_locked(shop, order, now, change, thoughts.insists);
            });
        }
    }

    /// Buyers change an order themselves as long as nobody can read that it is locked; after that, those who insist have
    /// customer service do it.
    pub(super) fn change_unless_locked(
        &self,
        shop: ShopKey,
        order: OrderId,
        now: Timestamp,
        change: Change,
        insists: bool,
    ) {
        if !insists && is_locked(&self.stage.scene(), shop, order, now) {
            self.stage.scene().volumes.locked_out += 1;
            return;
        }
        self.change(shop, order, now, change);
    }
}

/// Whether anybody can read that the warehouse has the order.
fn is_locked(scene: &Scene, shop: ShopKey, order: OrderId, now: Timestamp) -> bool {
    let key = format!("{shop}-order-{order}");
    let document = scene.netsuite.document_by_key(DocumentKind::SalesOrder, &key);
    document.and_then(|document| document.release_visible_at()).is_some_and(|visible| visible <= now)
}

fn new_address(number: u64) -> Address {
    Address {
        line1: Some(format!("{} New Street", number % 900 + 1).into()),
        city: Some("Elsewhere".into()),
        ..Address::default()
    }
}
