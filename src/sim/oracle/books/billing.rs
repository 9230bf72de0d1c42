//! What shipping and billing make of an order: postings.md rows 4 to 9, as totals of what was shipped so far.
//!
//! The engine bills shipment by shipment, each less what was billed before. Here nothing is remembered: of each amount
//! of the order, the share of the units that left is what must stand on its account, however many parcels it took.

use super::Intent;
use super::sheet::Sheet;
use super::units::Units;
use crate::domain::order::LineItem;
use crate::domain::sales_order::LineKey;
use crate::domain::{Duration, InternalId, Money, Order, Rounding, Timestamp, allocate};
use crate::scenario::Subsidiary;
use crate::sim::oracle::seen::documents::SeenDocuments;
use crate::sim::oracle::seen::{SeenLine, SeenSalesOrder};
use crate::sim::oracle::shares::{net_before_discount, share, standing};

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
    /// A line was edited about when it was last billed: whether before or after, nobody's record tells.
    pub is_ratio_free: bool,
}

/// Which amounts a line is billed by whose edit the sales order could not follow, because the warehouse had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ratio {
    /// Of the order as it now stands (postings.md N2).
    Now,
    /// Of the order as the warehouse took it: the sales order still says it.
    AtRelease,
}

/// The last edit of an order's lines that came too late for its sales order, and what to think of a line that left about
/// then.
#[derive(Debug, Clone, Copy)]
pub struct LateEdit {
    pub at: Option<Timestamp>,
    pub when_unclear: Ratio,
}

/// From what an order said to what is billed by it: a step with its retries, or the sweep that finds a lost webhook.
const IN_FLIGHT: Duration = Duration::from_mins(45);

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
#[expect(clippy::too_many_arguments, reason = "both sides of one order")]
pub fn bill(
    intent: &Intent,
    seller: &Subsidiary,
    order: &Order,
    units: &Units,
    sales_order: &SeenSalesOrder,
    documents: &SeenDocuments,
    edit: LateEdit,
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
    let (mut total, mut is_ratio_free) = (0, false);
    let mut credit = |account: InternalId, minor: i128| {
        sheet.add(account, order.currency, -minor);
        total += minor;
    };
    let mut parts = Vec::with_capacity(order.lines.len());
    for (at, line) in order.lines.iter().enumerate() {
        let (ratio, whole) = ratio(order, line, units.standing(at), sales_order, edit, &mut is_ratio_free);
        let part = (billed.units[at] > 0).then_some((billed.units[at], whole));
        match part {
            Some((part, whole)) if ratio == Ratio::Now => {
                stated(intent, seller, order, line, part, whole, &mut credit);
                parts.push(None);
            }
            _ => parts.push(part),
        }
    }
    for (row, line) in sales_order.lines.iter().enumerate() {
        let role = role(seller, order, &parts, line);
        let Some((account, part, whole)) = role else { continue };
        credit(account, share(i128::from(line.amount_minor), part, whole));
        for (_, code, minor) in sales_order.tax_rows.iter().filter(|(of, ..)| *of as usize == row) {
            if let Some(account) = intent.tax_account(seller, *code) {
                credit(account, share(i128::from(*minor), part, whole));
            }
        }
    }
    (billed.total, billed.is_ratio_free) = (total, is_ratio_free);
    billed
}

/// Row 4: units times cost, of everything that left.
fn relieve(seller: &Subsidiary, documents: &SeenDocuments, sheet: &mut Sheet) {
    let left = documents.shipments.iter().filter(|shipment| shipment.is_shipped);
    let cost: i128 = left.flat_map(|shipment| &shipment.lines).map(|line| i128::from(line.cost_minor)).sum();
    sheet.add(seller.accounts.cogs, seller.currency, cost);
    sheet.add(seller.accounts.inventory, seller.currency, -cost);
}

/// By which amounts a line is billed. What left before an edit was billed by the amounts of its time, and nothing is
/// billed later that would correct it; what left after it is billed by what the order then came to.
fn ratio(
    order: &Order,
    line: &LineItem,
    standing: u32,
    sales_order: &SeenSalesOrder,
    edit: LateEdit,
    is_free: &mut bool,
) -> (Ratio, u32) {
    let held = sales_order.lines.iter().find(|held| held.key == Some(LineKey::Goods(line.id)));
    let Some(held) = held.filter(|held| held.quantity != standing) else {
        return (Ratio::AtRelease, standing.max(1));
    };
    let left = order.fulfillments.iter().filter(|made| !made.is_cancelled);
    let left = left.filter(|made| made.lines.iter().any(|(of, units)| *of == line.id && *units > 0));
    let ratio = match (left.map(|made| made.created_at).max(), edit.at) {
        (Some(left), Some(edited)) if left.plus(IN_FLIGHT) < edited => Ratio::AtRelease,
        (Some(left), Some(edited)) if edited.plus(IN_FLIGHT) >= left => {
            *is_free = true;
            edit.when_unclear
        }
        _ => Ratio::Now,
    };
    (ratio, if ratio == Ratio::AtRelease { held.quantity.max(1) } else { standing.max(1) })
}

/// Row 5 for some units of a line, from Shopify's amounts alone: goods, what is taken off them, tax.
fn stated(
    intent: &Intent,
    seller: &Subsidiary,
    order: &Order,
    line: &LineItem,
    billed: u32,
    whole: u32,
    credit: &mut impl FnMut(InternalId, i128),
) {
    let of_whole = |minor: i64| standing(minor, whole, line.quantity_ordered);
    let gross = i128::from(line.unit_price.minor()) * i128::from(whole);
    let off: i128 = line.discounts.iter().map(|discount| of_whole(discount.amount.minor())).sum();
    let tax: i128 = line.taxes.iter().map(|tax| of_whole(tax.amount.minor())).sum();
    let after = if order.taxes_included { gross - off - tax } else { gross - off };
    let before = match order.taxes_included {
        _ if off == 0 => after,
        true => net_before_discount(gross, &line.taxes),
        false => gross,
    };
    let account = if line.is_gift_card { seller.gift_card_liability } else { seller.accounts.income };
    credit(account, share(before, billed, whole));
    let weight = |minor: i64| u64::try_from(of_whole(minor)).unwrap_or_default();
    let weights: Vec<u64> = line.discounts.iter().map(|discount| weight(discount.amount.minor())).collect();
    let net_off = Money::new(i64::try_from(before - after).unwrap_or(i64::MAX), order.currency);
    for part in allocate(net_off, &weights, Rounding::FirstToLast).unwrap_or_default() {
        credit(seller.accounts.discounts, -share(i128::from(part.minor()), billed, whole));
    }
    for tax in &line.taxes {
        let code = intent.tax_code(order, tax);
        if let Some(account) = code.and_then(|code| intent.tax_account(seller, code)) {
            credit(account, share(of_whole(tax.amount.minor()), billed, whole));
        }
    }
}

/// The account that a component of the order is credited to, and which part of it is billed. `None` for a line that
/// stands for no component, or of which nothing is billed by what the sales order says.
fn role(
    seller: &Subsidiary,
    order: &Order,
    parts: &[Option<(u32, u32)>],
    line: &SeenLine,
) -> Option<(InternalId, u32, u32)> {
    let accounts = &seller.accounts;
    let of_line = |id, account: InternalId| {
        let at = order.lines.iter().position(|line| line.id == id)?;
        let (part, whole) = parts[at]?;
        let is_card = order.lines[at].is_gift_card && account == accounts.income;
        let account = if is_card { seller.gift_card_liability } else { account };
        Some((account, part, whole))
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
