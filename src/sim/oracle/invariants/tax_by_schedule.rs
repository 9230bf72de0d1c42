//! Claim: each line of tax that a shop charged stands on the code that the merchant's schedule names for it, with the
//! amount that was charged; what a marketplace remits on the marketplace's code, and nothing for exempt buyers.
//!
//! Checked at rest, code by code, from Shopify's lines of tax and the shop profile. Which component the tax is on is
//! checked by `totals-tie`; that Shopify's tax is not the schedule's is no breach but drift, reported and never
//! booked ([`super::super::TaxDrift`]). A pass over the lines of each order. Proved by the defect `recomputed-tax`:
//! tax rounded once a document instead of once a line (failures.md A6).

use super::super::Breach;
use super::super::books::Intent;
use super::super::seen::SeenSalesOrder;
use super::super::shares::standing;
use super::{Invariant, Invariants, Name};
use crate::domain::order::TaxLine;
use crate::domain::{InternalId, Money, Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "tax-by-schedule",
    claim: "every tax that a shop charged stands on its code in NetSuite, to the penny, and none that it did not",
    checked: "at rest, for every order that is in NetSuite",
    cost: "a pass over the tax lines of each order",
    defect: "recomputed-tax",
};

pub fn order(
    invariants: &mut Invariants,
    intent: &Intent,
    order: &Order,
    sales_order: &SeenSalesOrder,
    is_exempt: bool,
    now: Timestamp,
) {
    let wanted = wanted(intent, order, is_exempt);
    let off = difference(&wanted, &sales_order.taxes);
    invariants.tally(Name::TaxBySchedule).check(off.is_none(), || {
        let (code, wanted, booked) = off.unwrap_or((InternalId::new(0), 0, 0));
        let amount = |minor: i128| Money::new(i64::try_from(minor).unwrap_or(i64::MAX), order.currency);
        Breach {
            at: now,
            money: Some(amount(booked - wanted)),
            what: format!("order {} ({})", order.name, order.id),
            said: format!("owes {} of tax under code {code}, {} is booked", amount(wanted), amount(booked)),
        }
    });
}

/// What must stand on each code, each code once.
fn wanted(intent: &Intent, order: &Order, is_exempt: bool) -> Vec<(InternalId, i128)> {
    let mut wanted: Vec<(InternalId, i128)> = Vec::new();
    if is_exempt {
        return wanted;
    }
    let mut add = |tax: &TaxLine, minor: i128| {
        // A code that the profile does not have is none that anything can stand on.
        let code = intent.tax_code(order, tax).unwrap_or(InternalId::new(0));
        match wanted.iter_mut().find(|(known, _)| *known == code) {
            Some((_, sum)) => *sum += minor,
            None => wanted.push((code, minor)),
        }
    };
    for line in order.lines.iter().filter(|line| line.quantity > 0) {
        for tax in &line.taxes {
            add(tax, standing(tax.amount.minor(), line.quantity, line.quantity_ordered));
        }
    }
    for tax in order.shipping.iter().flat_map(|shipping| &shipping.taxes) {
        add(tax, i128::from(tax.amount.minor()));
    }
    wanted
}

/// The first code that differs: what must stand there, what does. Codes on which too much stands come first.
fn difference(
    wanted: &[(InternalId, i128)],
    booked: &[(InternalId, i128)],
) -> Option<(InternalId, i128, i128)> {
    let on = |side: &[(InternalId, i128)], code| {
        side.iter().find(|(known, _)| *known == code).map_or(0, |(_, minor)| *minor)
    };
    let over = booked.iter().map(|(code, minor)| (*code, on(wanted, *code), *minor));
    let short = wanted.iter().map(|(code, minor)| (*code, *minor, on(booked, *code)));
    over.clone()
        .find(|(_, wanted, booked)| booked > wanted)
        .or_else(|| over.chain(short).find(|(_, wanted, booked)| booked != wanted))
}
