//! The script after the purchase: each event goes to the people who act on it.

use std::sync::Arc;

use super::staff::DeskWork;
use super::{Change, Traffic};
use crate::domain::ids::OrderId;
use crate::domain::{ShopKey, Timestamp};
use crate::mocks::shopify::{HoldReason, NotPossible};
use crate::ports::Runtime;
use crate::scenario::Aftermath;
use crate::sim::stage::Scene;

impl<R: Runtime> Traffic<R> {
    pub(super) fn follow(self: &Arc<Self>, shop: ShopKey, order: OrderId, what: &Aftermath, now: Timestamp) {
        let change = match what {
            Aftermath::Release { lock_delay } => {
                let work = DeskWork::Release { lock_delay: *lock_delay };
                return self.at_the_desk(shop, order, work, now);
            }
            Aftermath::Ship(shipment) => {
                return self.at_the_desk(shop, order, DeskWork::Ship(shipment.clone()), now);
            }
            Aftermath::Staff(act) => return self.at_the_desk(shop, order, DeskWork::Act(act.clone()), now),
            Aftermath::Refund(_) | Aftermath::SettleRefund { .. } => {
                unreachable!("the loader refuses what nobody plays yet")
            }
            Aftermath::Capture { amount, presentment } => Change::CaptureAs {
                amount: amount.minor(),
                presentment: presentment.map(|money| money.minor()),
            },
            Aftermath::Cancel { refund, restock } => Change::Cancel { refund: *refund, restock: *restock },
            Aftermath::Readdress(address) => Change::Readdress(Box::new(address.clone())),
            Aftermath::Hold => Change::Hold(true),
            Aftermath::Unhold => Change::Hold(false),
            Aftermath::Move { location } => Change::Move { location: *location },
            Aftermath::Split { lines } => Change::Split { lines: lines.clone() },
        };
        self.change(shop, order, now, change);
    }
}

/// Holds or lets go of everything that is left to ship.
pub(super) fn hold(
    scene: &mut Scene,
    shop: ShopKey,
    order: OrderId,
    holds: bool,
    now: Timestamp,
) -> Result<(), NotPossible> {
    for work in scene.shopify.fulfillment_orders(shop, order, now) {
        let remains = work.lines.iter().any(|line| line.remaining > 0);
        match holds {
            _ if !remains => {}
            true => scene.shopify.hold(shop, work.id, HoldReason::Other, now)?,
            false => scene.shopify.release_hold(shop, work.id, now)?,
        }
    }
    Ok(())
}

/// Everything that is left to ship goes to another location.
pub(super) fn move_to(
    scene: &mut Scene,
    shop: ShopKey,
    order: OrderId,
    location: u64,
    now: Timestamp,
) -> Result<(), NotPossible> {
    for work in scene.shopify.fulfillment_orders(shop, order, now) {
        if work.lines.iter().any(|line| line.remaining > 0) && work.location != Some(location) {
            scene.shopify.move_fulfillment_order(shop, work.id, location, now)?;
        }
    }
    Ok(())
}

/// Units of lines become a fulfillment order of their own, off the first that has them.
pub(super) fn split(
    scene: &mut Scene,
    shop: ShopKey,
    order: OrderId,
    lines: &[(usize, u32)],
    now: Timestamp,
) -> Result<(), NotPossible> {
    let open = scene.shopify.fulfillment_orders(shop, order, now);
    let open = open.iter().filter(|work| work.status.is_fulfillable());
    let mut refused = NotPossible::NothingToFulfill;
    for work in open {
        match scene.shopify.split_fulfillment_order(shop, work.id, lines, now) {
            Ok(_) => return Ok(()),
            Err(reason) => refused = reason,
        }
    }
    Err(refused)
}
