//! The script after the purchase: each event goes to the people who act on it.

use std::sync::Arc;

use super::checkout::gateway;
use super::script::exact_line;
use super::staff::DeskWork;
use super::{Change, Traffic};
use crate::domain::ids::OrderId;
use crate::domain::order::Order;
use crate::domain::refund::{AdjustmentReason, Restock};
use crate::domain::{Money, ShopKey, Timestamp};
use crate::mocks::shopify::{
    HoldReason, MoneyBack, NotPossible, RefundEntry, RefundPayment, RefundUnits, ShippingRefund,
};
use crate::ports::Runtime;
use crate::scenario::{Aftermath, RefundStanding, ScriptedRefund, ScriptedRefundLine, ShippingBack};
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
            Aftermath::Refund(stated) => {
                let entry = refund_entry(&self.stage.scene(), shop, order, stated);
                Change::Refund(Box::new(entry))
            }
            Aftermath::SettleRefund { refund, succeeds } => {
                let (refund, succeeds) = (*refund, *succeeds);
                let has_failed = self.stage.scene().shopify.has_failed_refund(shop, order, refund);
                // The last word on money that failed is that it was sent again.
                if succeeds && has_failed {
                    Change::Reissue { refund }
                } else {
                    Change::SettleRefund { refund, succeeds }
                }
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

/// A refund of the script in Shopify's words.
fn refund_entry(scene: &Scene, shop: ShopKey, order: OrderId, stated: &ScriptedRefund) -> RefundEntry {
    let truth = scene.shopify.order_truth(shop, order);
    let gateways = scene.shopify.gateways(shop, order);
    let left = scene.shopify.refundable(shop, order);
    let minor = |amount: Option<Money>| amount.map_or(0, Money::minor);
    let lines = stated.lines.iter().map(|line| RefundUnits {
        line: line.line,
        units: line.units,
        restock: line.restock.or_else(|| truth.as_ref().map(|order| usual_restock(order, line))),
    });
    let payments = stated.payments.iter().map(|payment| {
        let of_tender = || left.iter().filter(|it| *gateways[it.parent] == *gateway(&payment.gateway));
        let shown = payment.presentment.unwrap_or(payment.amount).minor();
        let parent = of_tender().find(|it| it.presentment >= shown).or_else(|| of_tender().next());
        RefundPayment {
            parent: parent.map(|it| it.parent),
            amount: payment.amount.minor(),
            presentment: payment.presentment.map(Money::minor),
            standing: match payment.standing {
                RefundStanding::Succeeded => MoneyBack::Succeeded,
                RefundStanding::Pending => MoneyBack::Pending,
                RefundStanding::Failed => MoneyBack::Failed,
            },
        }
    });
    RefundEntry {
        lines: lines.collect(),
        shipping: stated.shipping.map(|shipping| match shipping {
            ShippingBack::All => ShippingRefund::All,
            ShippingBack::Part(amount) => ShippingRefund::Part(amount.minor()),
        }),
        duties: minor(stated.duties),
        tip: minor(stated.tip),
        fees: stated.fees.iter().map(|(kind, amount)| (*kind, amount.minor())).collect(),
        reason: stated.goodwill.map(|_| AdjustmentReason::Customer),
        is_return: stated.is_return,
        exchange: stated.exchange.iter().map(exact_line).collect(),
        awaits_goods: false,
        payments: payments.collect(),
    }
}

/// Back on the shelf if they had left, else never picked.
fn usual_restock(order: &Order, line: &ScriptedRefundLine) -> Restock {
    let Some(sold) = order.lines.get(line.line) else { return Restock::Cancel };
    let made = order.fulfillments.iter().filter(|it| !it.is_cancelled).flat_map(|it| &it.lines);
    let left: u32 = made.filter(|(id, _)| *id == sold.id).map(|(_, units)| units).sum();
    let back: u32 = order
        .refunds
        .iter()
        .flat_map(|refund| &refund.lines)
        .filter(|it| it.line == sold.id && it.restock != Restock::Cancel)
        .map(|it| it.quantity)
        .sum();
    if left.saturating_sub(back) >= line.units { Restock::Return } else { Restock::Cancel }
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
