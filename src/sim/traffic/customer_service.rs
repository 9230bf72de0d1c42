//! Second thoughts and returns: what buyers want after the purchase, and what customer service makes of it in Shopify.

use std::sync::Arc;

use super::{Change, Traffic};
use crate::domain::customer::Address;
use crate::domain::ids::{OrderId, TransactionId};
use crate::domain::order::{Order, TransactionStatus};
use crate::domain::refund::{AdjustmentReason, RefundFeeKind, Restock};
use crate::domain::{Duration, Money, Rounding, ShopKey, Timestamp, allocate};
use crate::mocks::netsuite::DocumentKind;
use crate::mocks::shopify::{
    ExactLine, ExactTax, MoneyBack, NotPossible, RefundEntry, RefundPayment, RefundUnits, ShippingRefund,
};
use crate::ports::Runtime;
use crate::sim::stage::Scene;
use crate::sim::world::afterwards::{Return, ReturnKind, SecondThoughts};

/// A parcel that Shopify does not show yet is looked for again.
const LOOK_AGAIN: Duration = Duration::from_hours(1);
/// Between a processor's word that a refund arrived and its taking that back, and from there until the money is sent
/// again. Assumptions.
const FAILS_AFTER: Duration = Duration::from_hours(2);
const SENT_AGAIN_AFTER: Duration = Duration::from_hours(2);
/// Goodwill is a twentieth of what goes back. Assumption.
const GOODWILL_SHARE: i64 = 20;

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

impl<R: Runtime> Traffic<R> {
    /// Schedules what comes back of an order that has left, if anything does before the run is over.
    pub(super) fn expect_back(self: &Arc<Self>, shop: ShopKey, order: OrderId, now: Timestamp) {
        let Some(wish) = self.world.comes_back(order.get()) else { return };
        let at = now.plus(wish.lag);
        if at < self.world.ends() {
            self.later(at, move |traffic, now| traffic.take_back(shop, order, wish, now));
        }
    }

    /// Customer service gives back what the buyer sent. Only what Shopify shows as shipped can come back
    /// (shopify.md §h.3), and only what was paid is given back: until then, they look again.
    fn take_back(self: &Arc<Self>, shop: ShopKey, order: OrderId, wish: Return, now: Timestamp) {
        let scene = self.stage.scene();
        let entry = scene.shopify.order_truth(shop, order).and_then(|truth| {
            let has_left = truth.fulfillments.iter().any(|it| !it.is_cancelled);
            let is_paid = truth.captures().next().is_some();
            (has_left && is_paid).then(|| self.return_entry(&scene, &truth, wish))
        });
        let refund = scene.shopify.refunds_count(shop, order);
        drop(scene);
        let Some(entry) = entry else {
            let again = now.plus(LOOK_AGAIN);
            if again < self.world.ends() {
                self.later(again, move |traffic, now| traffic.take_back(shop, order, wish, now));
            }
            return;
        };
        let Some(entry) = entry else { return };
        let is_exchange = !entry.exchange.is_empty();
        let by_processor = entry.payments.iter().any(|payment| payment.parent.is_some());
        self.change(shop, order, now, Change::Refund(Box::new(entry)));
        if is_exchange {
            self.people().to_pick_again.push((shop, order));
        }
        let fails_at = now.plus(FAILS_AFTER);
        if wish.fails_later && by_processor && fails_at.plus(SENT_AGAIN_AFTER) < self.world.ends() {
            self.later(fails_at, move |traffic, now| {
                let change = Change::SettleRefund { refund, succeeds: false };
                traffic.change(shop, order, now, change);
            });
            self.later(fails_at.plus(SENT_AGAIN_AFTER), move |traffic, now| {
                traffic.change(shop, order, now, Change::Reissue { refund });
            });
        }
    }

    /// `None` if nothing is left that could come back.
    fn return_entry(&self, scene: &Scene, order: &Order, wish: Return) -> Option<RefundEntry> {
        let mut entry = RefundEntry::default();
        if wish.kind == ReturnKind::ShippingOnly {
            entry.shipping = Some(ShippingRefund::All);
        } else {
            entry.is_return = true;
            entry.lines = units_back(order, wish);
            if entry.lines.is_empty() {
                return None;
            }
        }
        let (shop, id) = (order.shop, order.id);
        let worth = scene.shopify.suggested_refund(shop, id, &entry).ok()?;
        if wish.kind == ReturnKind::Exchange {
            let first = entry.lines.first()?;
            entry.exchange.push(in_its_stead(order, first, worth.lines.first().copied()?));
        } else if wish.keeps_fee && wish.kind == ReturnKind::Money {
            let share = self.world.after_purchase()?.fee_share_ppm;
            let of_goods: i64 = worth.lines.iter().map(|(goods, _)| goods).sum();
            let fee = of_goods * i64::from(share) / 1_000_000;
            entry.fees.extend((fee > 0).then_some((RefundFeeKind::Restocking, fee)));
        }
        let suggested = scene.shopify.suggested_refund(shop, id, &entry).ok()?;
        if suggested.presentment <= 0 || suggested.amount <= 0 {
            return (!entry.exchange.is_empty()).then_some(entry);
        }
        if wish.kind == ReturnKind::StoreCredit {
            entry.payments = vec![RefundPayment {
                parent: None,
                amount: suggested.amount,
                presentment: Some(suggested.presentment),
                standing: MoneyBack::Succeeded,
            }];
            return Some(entry);
        }
        entry.payments = suggested.payments;
        if wish.goodwill && order.presentment_currency == order.currency {
            let paid = entry.payments.last_mut()?;
            let left =
                scene.shopify.refundable(shop, id).into_iter().find(|it| Some(it.parent) == paid.parent)?;
            let extra = (paid.amount / GOODWILL_SHARE).min(left.presentment - paid.amount);
            if extra > 0 {
                paid.amount += extra;
                paid.presentment = Some(paid.amount);
                entry.reason = Some(AdjustmentReason::Customer);
            }
        }
        (!entry.payments.is_empty()).then_some(entry)
    }
}

/// Goods of the order that have left and did not come back yet; every other unit if only some are wanted.
fn units_back(order: &Order, wish: Return) -> Vec<RefundUnits> {
    let restock = if wish.is_restocked { Restock::Return } else { Restock::NoRestock };
    let goods = order.lines.iter().enumerate().filter(|(_, line)| line.sku.is_some() && !line.is_gift_card);
    let mut back: Vec<RefundUnits> = Vec::new();
    for (at, line) in goods {
        let made = order.fulfillments.iter().filter(|it| !it.is_cancelled).flat_map(|it| &it.lines);
        let left: u32 = made.filter(|(id, _)| *id == line.id).map(|(_, units)| units).sum();
        let returned = order.refunds.iter().flat_map(|refund| &refund.lines).filter(|it| it.line == line.id);
        let units = left.saturating_sub(returned.map(|it| it.quantity).sum()).min(line.quantity);
        if units > 0 {
            back.push(RefundUnits { line: at, units, restock: Some(restock) });
        }
    }
    let units: u32 = back.iter().map(|it| it.units).sum();
    let mut wanted = if wish.is_partial { units.div_ceil(2) } else { units };
    for it in &mut back {
        it.units = it.units.min(wanted);
        wanted -= it.units;
    }
    back.retain(|it| it.units > 0);
    back
}

/// The same goods again, for what those that come back are worth.
fn in_its_stead(order: &Order, back: &RefundUnits, (goods, tax): (i64, i64)) -> ExactLine {
    let line = &order.lines[back.line];
    let weights: Vec<u64> = line.taxes.iter().map(|tax| tax.amount.minor().unsigned_abs()).collect();
    let shares =
        allocate(Money::new(tax, order.currency), &weights, Rounding::FirstToLast).unwrap_or_default();
    let off = line.unit_price.minor() * i64::from(back.units) - goods;
    ExactLine {
        sku: line.sku.as_ref().map(|sku| (&*sku.0).into()),
        title: (&*line.title).into(),
        quantity: back.units,
        unit_price: line.unit_price.minor(),
        discounts: if off == 0 { vec![] } else { vec![("EXCHANGE".into(), off)] },
        taxes: line
            .taxes
            .iter()
            .zip(shares)
            .map(|(tax, share)| ExactTax {
                title: (&*tax.title).into(),
                rate: tax.rate,
                amount: share.minor(),
                channel_liable: tax.channel_liable,
            })
            .collect(),
        is_gift_card: false,
    }
}

/// The processor's word on a refund; people hear which money did not arrive after all.
pub(super) fn settle(
    scene: &mut Scene,
    shop: ShopKey,
    order: OrderId,
    refund: usize,
    succeeds: bool,
    now: Timestamp,
) -> Result<(), NotPossible> {
    let before = scene.shopify.order_truth(shop, order);
    let had_succeeded = |id: TransactionId| {
        let known = before.as_ref().and_then(|order| order.transactions.iter().find(|it| it.id == id));
        known.is_some_and(|it| it.status == TransactionStatus::Success)
    };
    for transaction in scene.shopify.settle_refund(shop, order, refund, succeeds, now)? {
        if !succeeds && had_succeeded(transaction) {
            scene.oracle.after_purchase().refund_failed(shop, transaction);
        }
    }
    Ok(())
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
