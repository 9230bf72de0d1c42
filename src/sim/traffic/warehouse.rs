//! The warehouse floor: pick lists are printed in waves, parcels leave when they are packed, and some come back.
//!
//! People here see NetSuite alone, except that whoever puts an order on hold in Shopify tells them. One task walks
//! through the day: new sales orders since the last wave are looked at once, and what waits to be packed stands in one
//! heap, so that a million orders hold no million timers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::Traffic;
use crate::domain::customer::CustomerKey;
use crate::domain::fulfillment::{Parcel, ShipStatus};
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, Transaction, TransactionKind, TransactionStatus};
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::{CauseCode, Duration, InternalId, ShopKey, Timestamp};
use crate::mocks::netsuite::{Document, DocumentKind, DocumentLine, ShipmentEntry};
use crate::ports::Runtime;
use crate::sim::stage::{Scene, kind};

/// What is on the floor.
#[derive(Default)]
pub(super) struct Floor {
    /// NetSuite's documents up to here have been looked at.
    seen: usize,
    /// Positions of sales orders that could not be picked yet, such as held ones.
    waiting: Vec<u32>,
    /// Due next first; of one instant, in the order of the documents.
    due: BinaryHeap<Reverse<(Timestamp, u32, Due)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// All that is left, or half of it.
    FirstParcel,
    LastParcel,
}

/// A sales order of the engine's, as the warehouse knows it.
#[derive(Clone, Copy)]
pub(super) struct Job {
    pub id: InternalId,
    pub shop: ShopKey,
    pub order: OrderId,
}

impl<R: Runtime> Traffic<R> {
    /// Spawns the warehouse, if the scenario has one.
    pub(super) fn open_warehouse(self: &Arc<Self>) {
        let Some(warehouse) = self.world.warehouse() else { return };
        let waves = warehouse.waves.clone();
        let traffic = Arc::clone(self);
        self.runtime.spawn(async move {
            let mut floor = Floor::default();
            let mut wave = waves.after(traffic.runtime.now());
            loop {
                let due = floor.due.peek().map_or(Timestamp::END, |Reverse((at, ..))| *at);
                let next = wave.min(due);
                if next >= traffic.world.ends() {
                    break;
                }
                traffic.runtime.sleep_until(next).await;
                if wave == next {
                    traffic.print_pick_lists(&mut floor, next);
                    wave = waves.after(next);
                }
                while let Some(Reverse((at, position, due))) = floor.due.peek().copied()
                    && at <= next
                {
                    floor.due.pop();
                    traffic.perform_due(&mut floor, position, due, next);
                }
            }
        });
    }

    fn print_pick_lists(&self, floor: &mut Floor, now: Timestamp) {
        let mut scene = self.stage.scene();
        let before = std::mem::take(&mut floor.waiting);
        let again = self.goods_of_exchanges(&scene);
        let seen = floor.seen..scene.netsuite.documents_count();
        floor.seen = seen.end;
        let new = seen.filter_map(|at| u32::try_from(at).ok());
        for position in before.into_iter().chain(again).chain(new) {
            let Some(document) = scene.netsuite.document_at(position as usize) else { continue };
            if document.kind() != DocumentKind::SalesOrder {
                continue;
            }
            match document.status() {
                Some(SalesOrderStatus::PendingApproval) => {
                    floor.waiting.push(position);
                    continue;
                }
                Some(SalesOrderStatus::PendingFulfillment | SalesOrderStatus::PartiallyFulfilled) => {}
                _ => continue,
            }
            let Some(job) = job(&document) else { continue };
            let document_released = document.released_at();
            let Some(order) = scene.shopify.order_truth(job.shop, job.order) else { continue };
            if !self.may_be_picked(job, &order) {
                floor.waiting.push(position);
                continue;
            }
            let handling = self.world.handling(job.order.get());
            // What was released before and could not be packed has its label.
            if document_released.is_none() && !self.release(&mut scene, job, &order, handling.lock_delay, now)
            {
                floor.waiting.push(position);
                continue;
            }
            floor.due.push(Reverse((now.plus(handling.picks_for), position, Due::FirstParcel)));
        }
    }

    /// Positions of sales orders that were done and hold goods again; those to which the goods of an exchange are not
    /// added yet are looked at with the next pick lists.
    fn goods_of_exchanges(&self, scene: &Scene) -> Vec<u32> {
        let mut ready = Vec::new();
        self.people().to_pick_again.retain(|(shop, order)| {
            let key = format!("{shop}-order-{order}");
            let document = scene.netsuite.document_by_key(DocumentKind::SalesOrder, &key);
            let Some(job) = document.as_ref().and_then(job) else { return true };
            let position = document.and_then(|document| u32::try_from(document.position()).ok());
            match position.filter(|_| self.pack(scene, job, Share::Rest).is_some()) {
                Some(position) => {
                    ready.push(position);
                    false
                }
                None => true,
            }
        });
        ready
    }

    /// Neither held in Shopify nor unpaid: authorised is enough, and companies pay later.
    fn may_be_picked(&self, job: Job, order: &Order) -> bool {
        let is_held = self.people().held.contains(&(job.shop, job.order));
        let is_promised = |it: &Transaction| {
            it.captured()
                || it.status == TransactionStatus::Success && it.kind == TransactionKind::Authorization
        };
        let on_account = matches!(order.buyer.key, CustomerKey::CompanyLocation(_));
        !is_held && (on_account || order.total.is_zero() || order.transactions.iter().any(is_promised))
    }

    /// Prints the pick list of one order: from here on its label is written, and soon everybody can read so.
    pub(super) fn release(
        &self,
        scene: &mut Scene,
        job: Job,
        order: &Order,
        delay: Duration,
        now: Timestamp,
    ) -> bool {
        let visible_at = now.plus(delay).plus(scene.faults.lock_late(now));
        if !scene.netsuite.release(job.id, now, visible_at) {
            return false;
        }
        scene.volumes.released += 1;
        scene.trace.event(kind::RELEASED, now, job.order.get(), 0);
        let label = scene.netsuite.document(job.id).and_then(|document| document.ship_to());
        let shown = order.ship_to.as_ref();
        scene.oracle.after_purchase().released(job.shop, job.order, now, label.as_ref(), shown);
        true
    }

    fn perform_due(self: &Arc<Self>, floor: &mut Floor, position: u32, due: Due, now: Timestamp) {
        let mut scene = self.stage.scene();
        let job = scene.netsuite.document_at(position as usize).and_then(|document| job(&document));
        let Some(job) = job else { return };
        let handling = self.world.handling(job.order.get());
        let packed = match due {
            Due::FirstParcel if handling.second_after.is_some() => self.pack(&scene, job, Share::Half),
            Due::FirstParcel | Due::LastParcel => self.pack(&scene, job, Share::Rest),
        };
        let Some((mut entry, is_all)) = packed else { return };
        // What goes out in exchange has labels of its own.
        let exchanges = 2 * scene.shopify.refunds_count(job.shop, job.order);
        let number = format!("{}-{}", job.order, exchanges + if due == Due::FirstParcel { 1 } else { 2 });
        entry.parcels.push(self.parcel(handling.carrier, number));
        if !self.leave(&mut scene, job, &entry, now) {
            // Nothing on the shelf, or the month is shut: with the next pick lists somebody looks again.
            floor.waiting.push(position);
            return;
        }
        // What went out in exchange is kept.
        if is_all && scene.shopify.refunds_count(job.shop, job.order) == 0 {
            self.expect_back(job.shop, job.order, now);
        }
        if !is_all && let Some(after) = handling.second_after {
            floor.due.push(Reverse((now.plus(after), position, Due::LastParcel)));
        }
    }

    /// What is left of the order, or the first half of its units; and whether that is all. `None` if nothing is.
    pub(super) fn pack(&self, scene: &Scene, job: Job, share: Share) -> Option<(ShipmentEntry, bool)> {
        let document = scene.netsuite.document(job.id)?;
        let left = |line: &DocumentLine<'_>| line.quantity.saturating_sub(line.fulfilled);
        let services = &self.world.profile().service_items;
        let goods = |line: &DocumentLine<'_>| {
            !line.is_closed && left(line) > 0 && !services.names().iter().any(|name| &*name.0 == line.item)
        };
        let units: u32 = document.lines().filter(goods).map(|line| left(&line)).sum();
        let mut wanted = match share {
            Share::Half => units.div_ceil(2),
            Share::Rest => units,
        };
        let is_all = wanted == units;
        let mut lines = Vec::new();
        for line in document.lines().filter(goods) {
            let units = left(&line).min(wanted);
            wanted -= units;
            if units > 0 {
                lines.push((line.number, units));
            }
        }
        let location = self.location(document.subsidiary());
        let entry = ShipmentEntry { lines, location, status: ShipStatus::Shipped, parcels: Vec::new() };
        (units > 0).then_some((entry, is_all))
    }

    /// The entity's own location.
    pub(super) fn location(&self, subsidiary: InternalId) -> InternalId {
        let known = self.world.profile().subsidiaries.iter().find(|known| known.id == subsidiary);
        known.expect("a sales order of the engine's is of an entity of the profile").location
    }

    pub(super) fn parcel(&self, carrier: usize, number: String) -> Parcel {
        let carriers = self.world.warehouse().map_or(&[][..], |warehouse| &warehouse.carriers);
        let carrier = carriers.get(carrier).map(|(name, _)| name.clone());
        Parcel { carrier, number: number.into(), url: None }
    }

    /// Staff save the item fulfillment, and the parcel goes. False if NetSuite does not let them.
    pub(super) fn leave(&self, scene: &mut Scene, job: Job, entry: &ShipmentEntry, now: Timestamp) -> bool {
        if scene.netsuite.ship(job.id, entry, now).is_err() {
            return false;
        }
        scene.trace.event(kind::SHIPPED, now, job.order.get(), entry.lines.len() as u64);
        scene.volumes.shipments += 1;
        let order = scene.shopify.order_truth(job.shop, job.order);
        if order.as_ref().is_some_and(|order| order.cancelled_at.is_some()) {
            // Nobody can tell the buyer of it: the order that it belongs to is called off.
            scene.oracle.after_purchase().arose(job.shop, job.order, CauseCode::ShipmentUnmatched);
        }
        let shown = order.and_then(|order| order.ship_to);
        let label = scene.netsuite.document(job.id).and_then(|document| document.ship_to());
        scene.oracle.parcel_left(job.shop, job.order, shown.as_ref(), now);
        let delay = self.world.handling(job.order.get()).lock_delay;
        scene.volumes.race.shipped(delay, shown != label);
        scene.show_postings(now);
        true
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    Half,
    Rest,
}

/// Whether anything of the order has left, whatever Shopify shows of it.
pub(super) fn has_left(scene: &Scene, shop: ShopKey, order: OrderId) -> bool {
    let key = format!("{shop}-order-{order}");
    let document = scene.netsuite.document_by_key(DocumentKind::SalesOrder, &key);
    document.is_some_and(|document| document.lines().any(|line| line.fulfilled > 0))
}

/// `None` for an order that people keyed.
pub(super) fn job(document: &Document<'_>) -> Option<Job> {
    let key = document.external_id()?;
    let (shop, order) = key.as_str().split_once("-order-")?;
    Some(Job {
        id: document.internal_id(),
        shop: shop.parse().ok()?,
        order: OrderId::new(order.parse().ok()?),
    })
}
