//! Units that came back to the shelf: one inventory adjustment for each refund line, at the cost that their shipment
//! relieved (postings.md row 20, N1).

use crate::domain::billing::{AdjustedItem, InventoryAdjustment};
use crate::domain::fulfillment::{KnownShipment, ShipStatus, ShippedLine};
use crate::domain::ids::LineItemId;
use crate::domain::money::MoneyError;
use crate::domain::refund::Restock;
use crate::domain::sales_order::LineKey;
use crate::domain::{CauseCode, ExternalId, InternalId, Money, Sku};
use crate::engine::exception::Finding;

use super::{Action, Observed, billed_before};
use crate::engine::posting::Document;
use crate::policy::Policy;
use crate::ports::store::LinkKind;

/// The adjustments that are missing.
pub fn plan(seen: &Observed, policy: &Policy) -> Result<Vec<Action>, MoneyError> {
    let order = seen.order;
    let seller = policy.seller(seen.shop);
    let mut actions = Vec::new();
    let mut returned: Vec<(LineItemId, u32)> = Vec::new();
    for (refund, units) in order.refunds.iter().zip(&seen.units.refunds) {
        for (part, billed) in refund.lines.iter().zip(&units.billed) {
            if part.restock != Restock::Return || *billed == 0 {
                continue;
            }
            let before = billed_before(&returned, part.line);
            returned.push((part.line, *billed));
            let external_id = ExternalId::for_restock(order.shop, part.id);
            if seen.booked.adjustments.iter().any(|known| known.external_id.as_ref() == Some(&external_id)) {
                continue;
            }
            let relieved = relieved(&seen.booked.shipments, part.line, seen, before, *billed)?;
            if relieved.units < *billed {
                let detail = format!(
                    "{external_id}: {billed} units came back, NetSuite relieved {} of them",
                    relieved.units
                );
                actions.push(Action::Report(Finding::new(CauseCode::StockReturnUnrelieved, None, detail)));
            }
            let Some(location) = relieved.location else { continue };
            // What has no cost is not kept in stock: NetSuite would refuse to put it back.
            if relieved.items.is_empty() {
                continue;
            }
            let document = Document::InventoryAdjustment(InventoryAdjustment {
                external_id,
                order: seen.wanted.external_id.clone(),
                subsidiary: seller.id,
                account: seller.accounts.cogs,
                location,
                date: policy.book_date(seen.shop, refund.created_at),
                original_date: None,
                lines: relieved.items,
            });
            let link = Some((LinkKind::InventoryAdjustment, part.id.get()));
            actions.push(Action::Post { document, link, at_risk: Some(part.subtotal) });
        }
    }
    Ok(actions)
}

/// What shipments relieved of some units of a line.
struct Relieved {
    /// Units of the order's line that were found.
    units: u32,
    location: Option<InternalId>,
    items: Vec<AdjustedItem>,
}

/// Cost of units `before..before + wanted` of a line, in the order in which they left.
fn relieved(
    shipments: &[KnownShipment],
    id: LineItemId,
    seen: &Observed,
    before: u32,
    wanted: u32,
) -> Result<Relieved, MoneyError> {
    let mut found = Relieved { units: wanted, location: None, items: Vec::new() };
    let at = seen.order.lines.iter().position(|line| line.id == id);
    let whole = at.map_or(0, |at| seen.units.wanted[at]).max(1);
    let mut any = false;
    for line in &seen.wanted.lines {
        let per_line = match line.key {
            LineKey::Goods(known) if known == id => 1,
            LineKey::Component(known, _) if known == id => line.quantity / whole,
            _ => continue,
        };
        any = true;
        let per_line = per_line.max(1);
        let mut skip = before.saturating_mul(per_line);
        let mut open = wanted.saturating_mul(per_line);
        for (shipment, shipped) in shipped_lines(shipments, line.key) {
            let passed = skip.min(shipped.quantity);
            skip -= passed;
            let taken = (shipped.quantity - passed).min(open);
            open -= taken;
            if taken == 0 {
                continue;
            }
            found.location = found.location.or(Some(shipment.location));
            if shipped.cost.is_zero() {
                continue;
            }
            push(&mut found.items, &shipped.item, taken, unit_cost(shipped)?);
        }
        found.units = found.units.min(wanted - open.div_ceil(per_line).min(wanted));
    }
    if !any {
        found.units = 0;
    }
    Ok(found)
}

fn push(items: &mut Vec<AdjustedItem>, item: &Sku, quantity: u32, unit_cost: Money) {
    let known = items.iter_mut().find(|known| known.item == *item && known.unit_cost == unit_cost);
    match known {
        Some(known) => known.quantity += i64::from(quantity),
        None => items.push(AdjustedItem { item: item.clone(), quantity: i64::from(quantity), unit_cost }),
    }
}

fn unit_cost(line: &ShippedLine) -> Result<Money, MoneyError> {
    line.cost.share(1, i64::from(line.quantity.max(1)))
}

/// Shipped lines of a component, first shipment first.
fn shipped_lines(
    shipments: &[KnownShipment],
    key: LineKey,
) -> impl Iterator<Item = (&KnownShipment, &ShippedLine)> {
    let mut shipped: Vec<&KnownShipment> =
        shipments.iter().filter(|known| known.status == ShipStatus::Shipped).collect();
    shipped.sort_by_key(|known| known.internal_id);
    shipped.into_iter().flat_map(move |shipment| {
        shipment.lines.iter().filter(move |line| line.key == Some(key)).map(move |line| (shipment, line))
    })
}
