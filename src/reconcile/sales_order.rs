//! A sales order as it should be, against the one that NetSuite holds: what would have to change.

use std::collections::BTreeMap;

use crate::domain::sales_order::{KnownLine, LineChange, LineKey, LineTax, SalesOrderLine};
use crate::domain::{InternalId, KnownSalesOrder, SalesOrder};

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
        && same_taxes(&wanted.taxes, &known.taxes)
}

/// Code by code: tax on the wrong code is owed to the wrong office. Rows that come to nothing say nothing.
fn same_taxes(wanted: &[LineTax], known: &[LineTax]) -> bool {
    let on = |side: &[LineTax], code: InternalId| -> i128 {
        let rows = side.iter().filter(|tax| tax.code == code);
        rows.map(|tax| i128::from(tax.amount.minor())).sum()
    };
    wanted.iter().chain(known).all(|tax| on(wanted, tax.code) == on(known, tax.code))
}

#[cfg(test)]
mod tests;
