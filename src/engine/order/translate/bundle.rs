//! A bundle's line becomes a line for each member, before the warehouse sees the order: what ships, and what is
//! relieved, are members (failures.md B9). Its net amount and its taxes are spread by the members' base prices and
//! not a minor unit is lost; its discounts stand on lines of their own and stay whole.

use crate::domain::allocation::{Rounding, allocate};
use crate::domain::money::MoneyError;
use crate::domain::order::LineItem;
use crate::domain::sales_order::{LineKey, LineTax, SalesOrderLine};
use crate::engine::stock::kits::{Kits, Member};

pub(super) fn is_unresolved(line: &LineItem, kits: &Kits) -> bool {
    line.sku.as_ref().is_some_and(|sku| !line.is_gift_card && kits.members(sku) == Some(None))
}

/// Puts the members of `line` in the place of the goods line at position `at`, if it sells a kit.
pub(super) fn decompose(
    lines: &mut Vec<SalesOrderLine>,
    at: usize,
    line: &LineItem,
    kits: &Kits,
) -> Result<(), MoneyError> {
    let members =
        line.sku.as_ref().filter(|_| !line.is_gift_card).and_then(|sku| kits.members(sku)).flatten();
    let Some(members) = members else { return Ok(()) };
    let parent = lines.remove(at);
    let weights: Vec<u64> =
        members.iter().map(|member| member.base_price.saturating_mul(u64::from(member.quantity))).collect();
    let amounts = allocate(parent.amount, &weights, Rounding::FirstToLast)?;
    let taxes = parent
        .taxes
        .iter()
        .map(|tax| allocate(tax.amount, &weights, Rounding::FirstToLast))
        .collect::<Result<Vec<_>, _>>()?;
    let component = |(number, member): (usize, &Member)| SalesOrderLine {
        key: LineKey::Component(line.id, u16::try_from(number).unwrap_or(u16::MAX)),
        item: member.sku.clone(),
        quantity: parent.quantity.saturating_mul(member.quantity),
        amount: amounts[number],
        taxes: parent
            .taxes
            .iter()
            .zip(&taxes)
            .map(|(tax, shares)| LineTax { amount: shares[number], ..tax.clone() })
            .collect(),
        memo: None,
    };
    let components: Vec<SalesOrderLine> = members.iter().enumerate().map(component).collect();
    lines.splice(at..at, components);
    Ok(())
}

#[cfg(test)]
mod tests;
