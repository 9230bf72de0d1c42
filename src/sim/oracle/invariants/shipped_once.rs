//! Claim: each parcel of the warehouse is in Shopify exactly once, on the lines that it holds, with its carrier and
//! number; and exactly what left is billed.
//!
//! Checked at rest, line by line through the line's own key, never by SKU (failures.md B13): units that the warehouse
//! shipped, units that Shopify shows as fulfilled, units on invoices; then parcel by parcel. A pass over the shipments
//! of each order. Proved by the defect `matched-by-sku`: a fulfillment is sent for the first line of the same item.

use super::super::Breach;
use super::super::books::billing::{Billed, is_shipped_goods, shipped};
use super::super::books::units::Units;
use super::super::seen::SeenSalesOrder;
use super::super::seen::documents::{SeenDocuments, SeenShipment};
use super::{Invariant, Invariants, Name};
use crate::domain::fulfillment::Fulfillment;
use crate::domain::ids::LineItemId;
use crate::domain::sales_order::LineKey;
use crate::domain::{Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "shipped-once",
    claim: "every parcel is in Shopify once, on its own lines, with carrier and number, and is billed once",
    checked: "at rest, for every order of which something left",
    cost: "a pass over the shipments of each order",
    defect: "matched-by-sku",
};

/// One order with its shipments and what was made of them.
pub struct Shipping<'a> {
    pub order: &'a Order,
    pub units: &'a Units,
    pub sales_order: &'a SeenSalesOrder,
    pub documents: &'a SeenDocuments,
    pub billed: &'a Billed,
}

pub fn order(invariants: &mut Invariants, shipping: &Shipping<'_>, now: Timestamp) {
    let order = shipping.order;
    if shipping.documents.shipments.is_empty() && order.fulfillments.is_empty() {
        return;
    }
    let off = shipping.line_off().or_else(|| shipping.parcel_off());
    invariants.tally(Name::ShippedOnce).check(off.is_none(), || Breach {
        at: now,
        money: Some(order.total),
        what: format!("order {} ({})", order.name, order.id),
        said: off.unwrap_or_default(),
    });
}

impl Shipping<'_> {
    fn line_off(&self) -> Option<String> {
        let rows = self.order.lines.iter().zip(&self.units.lines).zip(&self.billed.units);
        for ((line, units), billed) in rows {
            if is_shipped_goods(line) {
                let left = shipped(line, units.standing, self.sales_order, self.documents);
                if left != units.fulfilled {
                    return Some(format!(
                        "{left} of line {} ({}) left the warehouse, Shopify shows {}",
                        line.id, line.title, units.fulfilled
                    ));
                }
            }
            let on_invoices = self.on_invoices(line.id, units.standing);
            if on_invoices != *billed {
                return Some(format!(
                    "{billed} of line {} ({}) are to be billed, invoices hold {on_invoices}",
                    line.id, line.title
                ));
            }
        }
        None
    }

    /// Units of a line on invoices; of a bundle that was decomposed, the bundles that its components make.
    fn on_invoices(&self, line: LineItemId, standing: u32) -> u32 {
        let sum = |key: LineKey| -> u32 {
            let lines = self.documents.invoices.iter().flat_map(|invoice| &invoice.lines);
            lines.filter(|(of, _)| *of == Some(key)).map(|(_, units)| units).sum()
        };
        let components = self.sales_order.lines.iter().filter_map(|seen| match seen.key {
            Some(key @ LineKey::Component(of, _)) if of == line => Some((key, seen.quantity)),
            _ => None,
        });
        let bundles = components.map(|(key, units)| {
            u32::try_from(u64::from(sum(key)) * u64::from(standing) / u64::from(units.max(1)))
                .unwrap_or(u32::MAX)
        });
        bundles.min().unwrap_or_else(|| sum(LineKey::Goods(line)))
    }

    fn parcel_off(&self) -> Option<String> {
        let left = self.documents.shipments.iter().filter(|shipment| shipment.is_shipped);
        for parcel in left.clone().flat_map(|shipment| &shipment.parcels) {
            let told: Vec<&Fulfillment> = self.told(&parcel.number).collect();
            let shown =
                told.iter().flat_map(|made| &made.parcels).find(|known| known.number == parcel.number);
            let Some(shown) = shown else {
                return Some(format!("parcel {} left, the buyer was never told", parcel.number));
            };
            if parcel.carrier.is_some() && shown.carrier != parcel.carrier {
                return Some(format!("parcel {} is shown without its carrier", parcel.number));
            }
            let shipments: Vec<&SeenShipment> = left
                .clone()
                .filter(|shipment| shipment.parcels.iter().any(|known| known.number == parcel.number))
                .collect();
            for line in self.order.lines.iter().filter(|line| is_shipped_goods(line)) {
                let keyed = shipments.iter().flat_map(|shipment| &shipment.lines);
                let inside: u32 = keyed
                    .filter(|row| row.key == Some(LineKey::Goods(line.id)))
                    .map(|row| row.quantity)
                    .sum();
                let lines = told.iter().flat_map(|made| &made.lines);
                let shown: u32 = lines.filter(|(of, _)| *of == line.id).map(|(_, units)| units).sum();
                let is_bundle = self
                    .sales_order
                    .lines
                    .iter()
                    .any(|seen| matches!(seen.key, Some(LineKey::Component(of, _)) if of == line.id));
                if inside != shown && !is_bundle {
                    return Some(format!(
                        "parcel {} holds {inside} of line {} ({}), Shopify shows {shown} in it",
                        parcel.number, line.id, line.title
                    ));
                }
            }
        }
        None
    }

    /// Fulfillments that name a parcel.
    fn told<'a>(&'a self, number: &'a str) -> impl Iterator<Item = &'a Fulfillment> + 'a {
        let standing = self.order.fulfillments.iter().filter(|made| !made.is_cancelled);
        standing.filter(move |made| made.parcels.iter().any(|parcel| *parcel.number == *number))
    }
}
