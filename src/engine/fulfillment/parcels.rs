//! Which Shopify fulfillment tells the buyer of which item fulfillment: by parcel number and by line, never by SKU.
//!
//! Pure and without memory: two reads of the same records give the same answer, so a confirmation of which no answer
//! came is found here before it is made again (Shopify knows no idempotency there, shopify.md §g).

use std::collections::BTreeMap;

use super::is_shipped;
use crate::domain::fulfillment::{Fulfillment, KnownShipment, Parcel, ShipStatus};
use crate::domain::ids::{FulfillmentId, LineItemId};
use crate::domain::sales_order::{LineKey, SalesOrderLine};
use crate::domain::{BookDate, InternalId, Order, SalesOrder};
use crate::engine::order::units::Units;

/// Units of lines, each line once.
pub type LineUnits = BTreeMap<LineItemId, u32>;

/// Both sides' parcels, put together.
#[derive(Debug, Default)]
pub struct Parcels<'a> {
    /// Day of the item fulfillment behind each Shopify fulfillment; of the latest if there are several.
    pub shipped_on: BTreeMap<FulfillmentId, BookDate>,
    /// Left the warehouse, and the buyer was not told.
    pub untold: Vec<(&'a KnownShipment, LineUnits)>,
    /// Told with numbers that the warehouse has corrected since.
    pub renumbered: Vec<(FulfillmentId, &'a [Parcel])>,
    /// Fulfilled in Shopify, and not shipped.
    pub unshipped: Vec<FulfillmentId>,
    /// Shipped, and not what the order says: item fulfillment, and what is wrong with it.
    pub unmatched: Vec<(InternalId, &'static str)>,
}

/// What is left of one item fulfillment while fulfillments are laid against it.
struct Laid<'a> {
    shipment: &'a KnownShipment,
    left: LineUnits,
    touched: bool,
}

impl<'a> Parcels<'a> {
    pub fn of(
        order: &Order,
        units: &Units,
        wanted: &SalesOrder,
        shipments: &'a [KnownShipment],
    ) -> Parcels<'a> {
        let mut parcels = Parcels::default();
        let mut laid = parcels.lay_out(order, units, wanted, shipments);
        let mut open: Vec<(&Fulfillment, LineUnits)> = order
            .fulfillments
            .iter()
            .filter(|known| !known.is_cancelled)
            .map(|known| (known, shipped_lines(order, known)))
            .filter(|(_, lines)| !lines.is_empty())
            .collect();
        // By number first, then whole shipments, then parts of one, then what was told of several at once.
        parcels.settle(&mut open, |known, lines| {
            let laid = laid
                .iter_mut()
                .find(|laid| shares_number(known, laid.shipment) && covers(&laid.left, lines))?;
            Some((laid.take(lines), None))
        });
        parcels.settle(&mut open, |known, lines| {
            let laid = laid.iter_mut().find(|laid| !laid.touched && laid.left == *lines)?;
            let renumbered = !laid.shipment.parcels.is_empty() && !shares_number(known, laid.shipment);
            Some((laid.take(lines), renumbered.then_some(&*laid.shipment.parcels)))
        });
        parcels.settle(&mut open, |_, lines| {
            let laid = laid.iter_mut().find(|laid| covers(&laid.left, lines))?;
            Some((laid.take(lines), None))
        });
        parcels.settle(&mut open, |_, lines| Some((take_from_several(&mut laid, lines)?, None)));
        parcels.unshipped.extend(open.iter().map(|(known, _)| known.id));
        parcels.untold.extend(
            laid.into_iter().filter(|laid| !laid.left.is_empty()).map(|laid| (laid.shipment, laid.left)),
        );
        parcels
    }

    /// Lays each fulfillment that `find` finds a place for, and leaves the others.
    fn settle(
        &mut self,
        open: &mut Vec<(&Fulfillment, LineUnits)>,
        mut find: impl FnMut(&Fulfillment, &LineUnits) -> Option<(BookDate, Option<&'a [Parcel]>)>,
    ) {
        open.retain(|(known, lines)| {
            let Some((date, renumbered)) = find(known, lines) else { return true };
            self.shipped_on.insert(known.id, date);
            self.renumbered.extend(renumbered.map(|parcels| (known.id, parcels)));
            false
        });
    }

    /// Units of the order's lines in each shipped item fulfillment, never more than the order wants.
    fn lay_out(
        &mut self,
        order: &Order,
        units: &Units,
        wanted: &SalesOrder,
        shipments: &'a [KnownShipment],
    ) -> Vec<Laid<'a>> {
        let by_key: BTreeMap<LineKey, &SalesOrderLine> =
            wanted.lines.iter().map(|line| (line.key, line)).collect();
        let mut bundles = Bundles::of(order, units, wanted);
        let mut room: LineUnits =
            order.lines.iter().zip(&units.wanted).map(|(line, wanted)| (line.id, *wanted)).collect();
        let mut shipped: Vec<&KnownShipment> =
            shipments.iter().filter(|known| known.status == ShipStatus::Shipped).collect();
        shipped.sort_by_key(|known| known.internal_id);
        let mut laid: Vec<Laid> = Vec::with_capacity(shipped.len());
        for shipment in shipped {
            let mut left = LineUnits::new();
            for line in &shipment.lines {
                let known = line.key.and_then(|key| by_key.get(&key).map(|wanted| (key, *wanted)));
                let Some((key, wanted)) = known else {
                    self.unmatched.push((shipment.internal_id, "has a line that the order does not name"));
                    continue;
                };
                if wanted.item != line.item {
                    self.unmatched.push((shipment.internal_id, "has another item than the order"));
                    continue;
                }
                let (id, shipped) = match key {
                    LineKey::Goods(id) => (id, line.quantity),
                    LineKey::Component(id, _) => (id, bundles.ship(id, key, line.quantity)),
                    _ => continue,
                };
                let room = room.entry(id).or_default();
                let taken = shipped.min(*room);
                *room -= taken;
                if taken < shipped {
                    self.unmatched.push((shipment.internal_id, "has more units than the order"));
                }
                if taken > 0 {
                    *left.entry(id).or_default() += taken;
                }
            }
            laid.push(Laid { shipment, left, touched: false });
        }
        laid
    }
}

/// Bundles that were sold as one line and are shipped by component: a bundle has left when all of it has.
struct Bundles {
    /// By component: units in all, units shipped.
    components: BTreeMap<LineKey, (u32, u32)>,
    /// By line: bundles in all, bundles that have left.
    lines: BTreeMap<LineItemId, (u32, u32)>,
}

impl Bundles {
    fn of(order: &Order, units: &Units, wanted: &SalesOrder) -> Bundles {
        let mut bundles = Bundles { components: BTreeMap::new(), lines: BTreeMap::new() };
        for line in &wanted.lines {
            let LineKey::Component(id, _) = line.key else { continue };
            bundles.components.insert(line.key, (line.quantity, 0));
            let at = order.lines.iter().position(|known| known.id == id);
            bundles.lines.insert(id, (at.map_or(0, |at| units.wanted[at]), 0));
        }
        bundles
    }

    /// How many more bundles are complete, now that these units of a component have left too.
    fn ship(&mut self, id: LineItemId, component: LineKey, shipped: u32) -> u32 {
        if let Some((_, left)) = self.components.get_mut(&component) {
            *left = left.saturating_add(shipped);
        }
        let Some((whole, told)) = self.lines.get_mut(&id) else { return 0 };
        let range = LineKey::Component(id, 0)..=LineKey::Component(id, u16::MAX);
        let complete = self
            .components
            .range(range)
            .map(|(_, (all, left))| u64::from(*left) * u64::from(*whole) / u64::from((*all).max(1)))
            .min()
            .unwrap_or(0);
        let complete = u32::try_from(complete).unwrap_or(u32::MAX);
        let more = complete.saturating_sub(*told);
        *told = complete.max(*told);
        more
    }
}

impl Laid<'_> {
    /// Takes the lines away, and says on which day they left.
    fn take(&mut self, lines: &LineUnits) -> BookDate {
        self.touched = true;
        for (id, units) in lines {
            if let Some(left) = self.left.get_mut(id) {
                *left = left.saturating_sub(*units);
            }
        }
        self.left.retain(|_, left| *left > 0);
        self.shipment.date
    }
}

/// The lines of a fulfillment that leave a warehouse.
fn shipped_lines(order: &Order, known: &Fulfillment) -> LineUnits {
    let mut lines = LineUnits::new();
    for (id, units) in &known.lines {
        if *units > 0 && order.lines.iter().any(|line| line.id == *id && is_shipped(line)) {
            *lines.entry(*id).or_default() += units;
        }
    }
    lines
}

fn covers(left: &LineUnits, lines: &LineUnits) -> bool {
    lines.iter().all(|(id, units)| left.get(id).is_some_and(|left| left >= units))
}

fn shares_number(known: &Fulfillment, shipment: &KnownShipment) -> bool {
    known.parcels.iter().any(|told| shipment.parcels.iter().any(|parcel| parcel.number == told.number))
}

fn take_from_several(laid: &mut [Laid], lines: &LineUnits) -> Option<BookDate> {
    let shipped = |id: &LineItemId| -> u32 { laid.iter().filter_map(|laid| laid.left.get(id)).sum() };
    if lines.iter().any(|(id, units)| shipped(id) < *units) {
        return None;
    }
    let mut wanted = lines.clone();
    let mut latest = None;
    for laid in laid {
        let part: LineUnits = wanted
            .iter()
            .filter_map(|(id, units)| laid.left.get(id).map(|left| (*id, (*left).min(*units))))
            .filter(|(_, units)| *units > 0)
            .collect();
        if part.is_empty() {
            continue;
        }
        for (id, units) in &part {
            if let Some(wanted) = wanted.get_mut(id) {
                *wanted -= units;
            }
        }
        latest = latest.max(Some(laid.take(&part)));
    }
    latest
}
