//! What people key in NetSuite themselves: releases and shipments of a script, and documents by hand, without an
//! external id of the engine's.

use std::sync::Arc;

use super::Traffic;
use super::warehouse::{Job, Share, job};
use crate::domain::fulfillment::Parcel;
use crate::domain::ids::{LineItemId, OrderId};
use crate::domain::sales_order::LineKey;
use crate::domain::{CauseCode, Duration, ShopKey, Timestamp};
use crate::mocks::netsuite::{Document, DocumentKind, ShipmentEntry, StaffEdit};
use crate::ports::Runtime;
use crate::scenario::{ScriptedShipment, StaffAct};
use crate::sim::stage::{Scene, kind};

/// A sales order that is not booked yet is looked for again.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// What staff do with a sales order.
#[derive(Clone)]
pub(super) enum DeskWork {
    Release { lock_delay: Option<Duration> },
    Ship(ScriptedShipment),
    Act(StaffAct),
}

impl<R: Runtime> Traffic<R> {
    /// Does it as soon as the order is in NetSuite.
    pub(super) fn at_the_desk(
        self: &Arc<Self>,
        shop: ShopKey,
        order: OrderId,
        work: DeskWork,
        now: Timestamp,
    ) {
        if self.work_at_desk(shop, order, &work, now) || now.plus(LOOK_AGAIN) >= self.world.ends() {
            return;
        }
        let traffic = Arc::clone(self);
        let due = self.runtime.sleep_until(now.plus(LOOK_AGAIN));
        self.runtime.spawn(async move {
            due.await;
            let now = traffic.runtime.now();
            traffic.at_the_desk(shop, order, work, now);
        });
    }

    /// False if there is nothing yet to do it with.
    fn work_at_desk(&self, shop: ShopKey, id: OrderId, work: &DeskWork, now: Timestamp) -> bool {
        let mut scene = self.stage.scene();
        let key = format!("{shop}-order-{id}");
        let document = scene.netsuite.document_by_key(DocumentKind::SalesOrder, &key);
        let Some(job) = document.and_then(|document| job(&document)) else { return false };
        match work {
            DeskWork::Release { lock_delay } => {
                let Some(order) = scene.shopify.order_truth(shop, id) else { return true };
                let delay = lock_delay.unwrap_or_else(|| self.world.handling(id.get()).lock_delay);
                self.release(&mut scene, job, &order, delay, now)
            }
            DeskWork::Ship(shipment) => match self.scripted_shipment(&scene, job, shipment) {
                Some(entry) => self.leave(&mut scene, job, &entry, now),
                None => false,
            },
            DeskWork::Act(act) => self.act(&mut scene, job, &key, act, now),
        }
    }

    /// What the script says, in NetSuite's words; `None` if not all of it is on the sales order yet.
    fn scripted_shipment(&self, scene: &Scene, job: Job, stated: &ScriptedShipment) -> Option<ShipmentEntry> {
        let (mut entry, _) = self.pack(scene, job, Share::Rest)?;
        if !stated.lines.is_empty() {
            let order = scene.shopify.order_truth(job.shop, job.order)?;
            let document = scene.netsuite.document(job.id)?;
            entry.lines.clear();
            for (line, units) in &stated.lines {
                let sold = order.lines.get(*line)?;
                entry.lines.extend(lines_of(&document, sold.id, *units, sold.quantity_ordered)?);
            }
        }
        entry.location = stated.location.unwrap_or(entry.location);
        let stated = stated.parcels.iter().map(|parcel| Parcel {
            carrier: parcel.carrier.clone(),
            number: parcel.number.clone(),
            url: None,
        });
        entry.parcels = stated.collect();
        if entry.parcels.is_empty() {
            let shipped = scene.volumes.shipments;
            entry.parcels.push(self.parcel(0, format!("{}-{shipped}", job.order)));
        }
        Some(entry)
    }

    fn act(&self, scene: &mut Scene, job: Job, key: &str, act: &StaffAct, now: Timestamp) -> bool {
        let line_number = |scene: &Scene, line: usize| {
            let order = scene.shopify.order_truth(job.shop, job.order)?;
            let sold = order.lines.get(line)?.id;
            let document = scene.netsuite.document(job.id)?;
            document.lines().find(|line| line.key == Some(LineKey::Goods(sold))).map(|line| line.number)
        };
        let done = match act {
            StaffAct::KeyShipment => {
                let Some((mut entry, _)) = self.pack(scene, job, Share::Rest) else { return false };
                entry.parcels.push(self.parcel(0, format!("{}-hand", job.order)));
                return self.leave(scene, job, &entry, now);
            }
            StaffAct::CloseLine { line } => match line_number(scene, *line) {
                Some(line) => scene.netsuite.edit_by_staff(key, StaffEdit::CloseLine { line }),
                None => return false,
            },
            StaffAct::Substitute { line, sku } => match line_number(scene, *line) {
                Some(line) => {
                    let edit = StaffEdit::Substitute { line, item: sku.0.clone() };
                    scene.oracle.after_purchase().arose(job.shop, job.order, CauseCode::ShipmentUnmatched);
                    scene.volumes.substituted += 1;
                    scene.netsuite.edit_by_staff(key, edit)
                }
                None => return false,
            },
            StaffAct::KeyInvoice => scene.netsuite.invoice_rest_by_staff(job.id, now).is_ok(),
            StaffAct::KeyCreditMemo { amount } => {
                let item = &self.world.profile().service_items.returns;
                scene.netsuite.credit_memo_by_staff(job.id, &item.0, *amount, now).is_ok()
            }
        };
        if done {
            scene.trace.event(kind::KEYED, now, job.order.get(), 0);
            scene.show_postings(now);
        }
        done
    }
}

/// Lines of the sales order for units of one line of the shop's; a bundle's components in their proportion.
fn lines_of(document: &Document<'_>, sold: LineItemId, units: u32, of: u32) -> Option<Vec<(u32, u32)>> {
    let mut lines = Vec::new();
    for line in document.lines() {
        match line.key {
            Some(LineKey::Goods(id)) if id == sold => lines.push((line.number, units)),
            Some(LineKey::Component(id, _)) if id == sold => {
                lines.push((line.number, line.quantity / of.max(1) * units));
            }
            _ => {}
        }
    }
    (!lines.is_empty()).then_some(lines)
}
