//! What shipping and billing make of an order: postings.md rows 4 to 9, as totals of what was shipped so far.
//!
//! The engine bills shipment by shipment, each less what was billed before. Here nothing is remembered: of each amount
//! of the order, the share of the units that left is what must stand on its account, however many parcels it took.

use super::Intent;
use super::sheet::Sheet;
use super::units::Units;
use crate::domain::order::LineItem;
use crate::domain::sales_order::LineKey;
use crate::domain::{InternalId, Order};
use crate::scenario::Subsidiary;
use crate::sim::oracle::seen::documents::SeenDocuments;
use crate::sim::oracle::seen::{SeenLine, SeenSalesOrder};
use crate::sim::oracle::shares::share;

/// What was billed of one order.
#[derive(Debug, Clone, Default)]
pub struct Billed {
    /// By position of the order's lines.
    pub units: Vec<u32>,
    /// What the invoices come to, in shop currency: debit of receivables.
    pub total: i128,
    /// Some line was billed, and with it delivery, duties, fees and tip.
    pub any: bool,
    /// A line was edited after a part of it had left: the part was billed at the ratio of its time, so each amount may
    /// be a minor unit off the ratio of now.
    pub is_edited_between: bool,
}

/// Units of a line that the warehouse shipped: of a bundle, the bundles that its components make.
pub fn shipped(
    line: &LineItem,
    standing: u32,
    sales_order: &SeenSalesOrder,
    documents: &SeenDocuments,
) -> u32 {
    let left = |key: LineKey| -> u32 {
        let shipments = documents.shipments.iter().filter(|shipment| shipment.is_shipped);
        let lines = shipments.flat_map(|shipment| &shipment.lines).filter(|line| line.key == Some(key));
        lines.map(|line| line.quantity).sum()
    };
    let components = sales_order.lines.iter().filter_map(|known| match known.key {
        Some(LineKey::Component(of, at)) if of == line.id => {
            Some((LineKey::Component(of, at), known.quantity))
        }
        _ => None,
    });
    let bundles = components.map(|(key, units)| {
        let whole = u64::from(left(key)) * u64::from(standing) / u64::from(units.max(1));
        u32::try_from(whole).unwrap_or(u32::MAX)
    });
    bundles.min().unwrap_or_else(|| left(LineKey::Goods(line.id)))
}

/// Whether a line is one that a warehouse ships; cards and services are handed over by Shopify alone.
pub fn is_shipped_goods(line: &LineItem) -> bool {
    line.sku.is_some() && !line.is_gift_card
}

/// Rows 4 to 9 onto the sheet.
pub fn bill(
    intent: &Intent,
    seller: &Subsidiary,
    order: &Order,
    units: &Units,
    sales_order: &SeenSalesOrder,
    documents: &SeenDocuments,
    sheet: &mut Sheet,
) -> Billed {
    relieve(seller, documents, sheet);
    let mut billed = Billed { units: Vec::with_capacity(order.lines.len()), ..Billed::default() };
    for (line, of) in order.lines.iter().zip(&units.lines) {
        let count = match is_shipped_goods(line) {
            true => of.fulfilled.min(shipped(line, of.standing, sales_order, documents)),
            false => of.fulfilled,
        };
        billed.any |= count > 0;
        billed.is_edited_between |= count > 0 && count < of.standing && of.standing != of.ordered;
        billed.units.push(count);
    }
    if !billed.any {
        return billed;
    }
    let mut credit = |account: InternalId, minor: i128| {
        sheet.add(account, order.currency, -minor);
        billed.total += minor;
    };
    for (row, line) in sales_order.lines.iter().enumerate() {
        let role = role(seller, order, units, &billed.units, sales_order, line);
        let Some((account, part, whole)) = role else { continue };
        credit(account, share(i128::from(line.amount_minor), part, whole));
        for (_, code, minor) in sales_order.tax_rows.iter().filter(|(of, ..)| *of as usize == row) {
            if let Some(account) = intent.tax_account(seller, *code) {
                credit(account, share(i128::from(*minor), part, whole));
            }
        }
    }
    billed
}

/// Row 4: units times cost, of everything that left.
fn relieve(seller: &Subsidiary, documents: &SeenDocuments, sheet: &mut Sheet) {
    let left = documents.shipments.iter().filter(|shipment| shipment.is_shipped);
    let cost: i128 = left.flat_map(|shipment| &shipment.lines).map(|line| i128::from(line.cost_minor)).sum();
    sheet.add(seller.accounts.cogs, seller.currency, cost);
    sheet.add(seller.accounts.inventory, seller.currency, -cost);
}

/// The account that a component of the order is credited to, and which part of it is billed. `None` for a line that
/// stands for no component.
fn role(
    seller: &Subsidiary,
    order: &Order,
    units: &Units,
    billed: &[u32],
    sales_order: &SeenSalesOrder,
    line: &SeenLine,
) -> Option<(InternalId, u32, u32)> {
    let accounts = &seller.accounts;
    let of_line = |id, account: InternalId| {
        let at = order.lines.iter().position(|line| line.id == id)?;
        let is_card = order.lines[at].is_gift_card && account == accounts.income;
        let account = if is_card { seller.gift_card_liability } else { account };
        // The amounts of a sales order that could not follow are those of the units that it has.
        let held = sales_order.lines.iter().find(|held| held.key == Some(LineKey::Goods(id)));
        Some((account, billed[at], held.map_or(units.standing(at), |held| held.quantity).max(1)))
    };
    match line.key? {
        LineKey::Goods(id) | LineKey::Component(id, _) => of_line(id, accounts.income),
        LineKey::GoodsDiscount(id, _) => of_line(id, accounts.discounts),
        LineKey::Shipping(_) => Some((accounts.shipping, 1, 1)),
        LineKey::ShippingDiscount(..) => Some((accounts.discounts, 1, 1)),
        LineKey::Duties | LineKey::Fees => Some((accounts.duties, 1, 1)),
        LineKey::Tip => Some((accounts.tips, 1, 1)),
    }
}
