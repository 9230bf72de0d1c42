//! Claim: each discount of an order is in NetSuite under its own code, with what Shopify let it take off, to the minor
//! unit. So promotional margin can be told by code.
//!
//! Checked at rest, component by component: every allocation of Shopify is one line that bears its label. Where prices
//! are net the line is the allocation; with tax inside, all lines of a component together are the difference of the
//! two nets (postings.md N2), and each has its share of it to within a minor unit. A pass over the discounts of each
//! order. Proved by the defect `discount-not-stripped`: a discount taken off with the tax still in it (failures.md A7).

use super::super::Breach;
use super::super::seen::{SeenLine, SeenSalesOrder};
use super::super::shares::{net_before_discount, standing};
use super::{Invariant, Invariants, Name};
use crate::domain::order::{Discount, TaxLine};
use crate::domain::sales_order::LineKey;
use crate::domain::{Money, Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "discounts-conserved",
    claim: "every discount stands under its own code in NetSuite with what it took off, and no other does",
    checked: "at rest, for every order that is in NetSuite",
    cost: "a pass over the discounts of each order",
    defect: "discount-not-stripped",
};

/// A code, what it must come to and what it does.
type Off = (Box<str>, i128, i128);

pub fn order(invariants: &mut Invariants, order: &Order, sales_order: &SeenSalesOrder, now: Timestamp) {
    let mut off: Option<Off> = None;
    for line in order.lines.iter().filter(|line| line.quantity > 0) {
        let share = |minor: i64| standing(minor, line.quantity, line.quantity_ordered);
        let component = Component {
            gross: i128::from(line.unit_price.minor()) * i128::from(line.quantity),
            discounts: &line.discounts,
            taxes: &line.taxes,
            taxes_included: order.taxes_included,
            share: &share,
        };
        let at = |key| match key {
            LineKey::GoodsDiscount(id, at) if id == line.id => Some(usize::from(at)),
            _ => None,
        };
        off = off.or_else(|| component.difference(&sales_order.lines, at));
    }
    for shipping in &order.shipping {
        let component = Component {
            gross: i128::from(shipping.price.minor()),
            discounts: &shipping.discounts,
            taxes: &shipping.taxes,
            taxes_included: order.taxes_included,
            share: &|minor| i128::from(minor),
        };
        let at = |key| match key {
            LineKey::ShippingDiscount(id, at) if id == shipping.id => Some(usize::from(at)),
            _ => None,
        };
        off = off.or_else(|| component.difference(&sales_order.lines, at));
    }
    let off = off.or_else(|| stray(order, &sales_order.lines));
    invariants.tally(Name::DiscountsConserved).check(off.is_none(), || {
        let (label, wanted, booked) = off.unwrap_or_default();
        let amount = |minor: i128| Money::new(i64::try_from(minor).unwrap_or(i64::MAX), order.currency);
        Breach {
            at: now,
            money: Some(amount(booked - wanted)),
            what: format!("order {} ({})", order.name, order.id),
            said: format!(
                "`{label}` takes {} off in Shopify, {} is booked under it",
                amount(wanted),
                amount(booked)
            ),
        }
    });
}

/// A discount in NetSuite on a component that Shopify does not have.
fn stray(order: &Order, lines: &[SeenLine]) -> Option<Off> {
    let known = |key| match key {
        LineKey::GoodsDiscount(id, _) => order.lines.iter().any(|line| line.id == id && line.quantity > 0),
        LineKey::ShippingDiscount(id, _) => order.shipping.iter().any(|shipping| shipping.id == id),
        _ => true,
    };
    let stray = lines.iter().find(|line| line.key.is_some_and(|key| !known(key)))?;
    Some((stray.label.clone().unwrap_or_default(), 0, -i128::from(stray.amount_minor)))
}

/// Goods or delivery with what is taken off them.
struct Component<'a> {
    gross: i128,
    discounts: &'a [Discount],
    taxes: &'a [TaxLine],
    taxes_included: bool,
    share: &'a dyn Fn(i64) -> i128,
}

impl Component<'_> {
    /// The first discount that is booked otherwise. `position` tells of a line's key which allocation of this
    /// component it stands for.
    fn difference(&self, lines: &[SeenLine], position: impl Fn(LineKey) -> Option<usize>) -> Option<Off> {
        let mut booked: Vec<Option<&SeenLine>> = vec![None; self.discounts.len()];
        for line in lines {
            let Some(at) = line.key.and_then(&position) else { continue };
            let label = || line.label.clone().unwrap_or_default();
            match booked.get_mut(at) {
                Some(free @ None) => *free = Some(line),
                // An allocation that Shopify does not have, or one that is booked twice.
                _ => return Some((label(), 0, -i128::from(line.amount_minor))),
            }
        }
        let amount = |line: Option<&SeenLine>| line.map_or(0, |line| -i128::from(line.amount_minor));
        let gross_off: i128 =
            self.discounts.iter().map(|discount| (self.share)(discount.amount.minor())).sum();
        let net_off = self.net_off(gross_off);
        for (discount, line) in self.discounts.iter().zip(&booked) {
            let gross = (self.share)(discount.amount.minor());
            let found = amount(*line);
            let exact = if gross_off == 0 { 0 } else { net_off * gross };
            let named = line.is_none_or(|line| line.label.as_deref() == Some(&*discount.label));
            // Its share, or the minor unit next to it: pennies that are left over go to the first lines.
            let near = (found * gross_off - exact).abs() <= gross_off;
            if !named || !near {
                let wanted = if gross_off == 0 { 0 } else { exact / gross_off };
                return Some((discount.label.clone(), wanted, if named { found } else { 0 }));
            }
        }
        let found: i128 = booked.iter().map(|line| amount(*line)).sum();
        let label = || self.discounts.first().map(|discount| discount.label.clone()).unwrap_or_default();
        (found != net_off).then(|| (label(), net_off, found))
    }

    /// What all discounts take off the net.
    fn net_off(&self, gross_off: i128) -> i128 {
        if !self.taxes_included || gross_off == 0 {
            return gross_off;
        }
        let tax: i128 = self.taxes.iter().map(|tax| (self.share)(tax.amount.minor())).sum();
        let net = net_before_discount(self.gross, self.taxes);
        net - (self.gross - gross_off - tax)
    }
}
