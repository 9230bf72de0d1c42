//! A sales order as it should be, against the one that NetSuite holds: what would have to change.

use std::collections::BTreeMap;

use crate::domain::sales_order::{KnownLine, LineChange, LineKey, SalesOrderLine};
use crate::domain::{KnownSalesOrder, SalesOrder};

/// The changes that bring `booked` to `wanted`; none if both agree. Lines are compared by the key of the
/// component that they stand for, never by item. Lines that a person added carry no key and stay.
pub fn differences(wanted: &SalesOrder, booked: &KnownSalesOrder) -> Vec<LineChange> {
    let mut standing: BTreeMap<LineKey, &KnownLine> = BTreeMap::new();
    let mut changes = Vec::new();
    for line in &booked.lines {
        let Some(key) = line.key else { continue };
        if line.is_closed {
            continue;
        }
        // A second open line for one component is one too many, whoever made it.
        if standing.insert(key, line).is_some() {
            changes.push(LineChange::Close { line: line.line });
        }
    }
    for line in &wanted.lines {
        match standing.remove(&line.key) {
            Some(known) if says_the_same(line, known) => {}
            Some(known) => changes.push(LineChange::Set { line: known.line, to: line.clone() }),
            None => changes.push(LineChange::Add(line.clone())),
        }
    }
    changes.extend(standing.into_values().map(|gone| LineChange::Close { line: gone.line }));
    changes
}

fn says_the_same(wanted: &SalesOrderLine, known: &KnownLine) -> bool {
    wanted.item == known.item
        && wanted.quantity == known.quantity
        && wanted.amount == known.amount
        && wanted.taxes.iter().map(|tax| i128::from(tax.amount.minor())).sum::<i128>()
            == known.taxes.iter().map(|tax| i128::from(tax.amount.minor())).sum::<i128>()
}

#[cfg(test)]
mod tests;
