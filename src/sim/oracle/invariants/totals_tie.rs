//! Claim: each component of an order comes to the same amount in NetSuite: goods, discounts, tax, delivery,
//! duty, fees and tip, and so the total.
//!
//! Checked at rest, component by component, from Shopify's amounts: a goods line with its discounts and tax must
//! come to what the shopper pays for it; with tax inside the price, the discount is the residue of the two nets.
//! A pass over the lines of each order. Proved by the defect `altered-amount`: one cent of one line, in flight.

use super::super::Breach;
use super::super::seen::{SeenLine, SeenSalesOrder};
use super::super::shares::{net_before_discount, standing};
use super::{Invariant, Invariants, Name};
use crate::domain::order::{Discount, TaxLine};
use crate::domain::sales_order::LineKey;
use crate::domain::{Money, Order, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "totals-tie",
    claim: "every amount of an order is the same in Shopify and in NetSuite, component by component",
    checked: "at rest, for every order that is in NetSuite",
    cost: "a pass over the lines of each order",
    defect: "altered-amount",
};

pub fn order(invariants: &mut Invariants, order: &Order, sales_order: &SeenSalesOrder, now: Timestamp) {
    let off = difference(order, sales_order);
    invariants.tally(Name::TotalsTie).check(off.is_none(), || {
        let (what, wanted, booked) = off.unwrap_or(("total", 0, 0));
        let amount = |minor: i128| Money::new(i64::try_from(minor).unwrap_or(i64::MAX), order.currency);
        Breach {
            at: now,
            money: Some(amount(booked - wanted)),
            what: format!("order {} ({})", order.name, order.id),
            said: format!("its {what} is {} in Shopify and {} in NetSuite", amount(wanted), amount(booked)),
        }
    });
}

/// The first component that differs: its name, Shopify's amount, NetSuite's amount.
fn difference(order: &Order, sales_order: &SeenSalesOrder) -> Option<(&'static str, i128, i128)> {
    let total = i128::from(order.total.minor());
    let booked = i128::from(sales_order.total.minor());
    if sales_order.currency != order.currency || total != booked {
        return Some(("total", total, booked));
    }
    let tax: i128 = sales_order.lines.iter().map(|line| i128::from(line.tax_minor)).sum();
    if tax != i128::from(order.tax.minor()) {
        return Some(("tax", i128::from(order.tax.minor()), tax));
    }
    for line in order.lines.iter().filter(|line| line.quantity > 0) {
        let share = |minor: i64| standing(minor, line.quantity, line.quantity_ordered);
        let gross = i128::from(line.unit_price.minor()) * i128::from(line.quantity);
        let keys = |key: LineKey| match key {
            LineKey::Goods(id) => (id == line.id).then_some(false),
            LineKey::GoodsDiscount(id, _) => (id == line.id).then_some(true),
            _ => None,
        };
        let component =
            Component { gross, discounts: &line.discounts, taxes: &line.taxes, order, share: &share };
        if let Some(off) = component.difference("goods", &sales_order.lines, keys) {
            return Some(off);
        }
    }
    for shipping in &order.shipping {
        let keys = |key: LineKey| match key {
            LineKey::Shipping(id) => (id == shipping.id).then_some(false),
            LineKey::ShippingDiscount(id, _) => (id == shipping.id).then_some(true),
            _ => None,
        };
        let gross = i128::from(shipping.price.minor());
        let whole = |minor: i64| i128::from(minor);
        let component =
            Component { gross, discounts: &shipping.discounts, taxes: &shipping.taxes, order, share: &whole };
        if let Some(off) = component.difference("delivery", &sales_order.lines, keys) {
            return Some(off);
        }
    }
    for (what, key, amount) in [
        ("duty", LineKey::Duties, order.duties),
        ("fees", LineKey::Fees, order.additional_fees),
        ("tip", LineKey::Tip, order.tip),
    ] {
        let booked: i128 = sales_order
            .lines
            .iter()
            .filter(|line| line.key == Some(key))
            .map(|line| i128::from(line.amount_minor))
            .sum();
        if booked != i128::from(amount.minor()) {
            return Some((what, i128::from(amount.minor()), booked));
        }
    }
    None
}

/// A component with its discounts and taxes, as the shopper sees it.
struct Component<'a> {
    gross: i128,
    discounts: &'a [Discount],
    taxes: &'a [TaxLine],
    order: &'a Order,
    share: &'a dyn Fn(i64) -> i128,
}

impl Component<'_> {
    /// `role` tells of a line's key whether it is this component's discount (`true`), the component itself
    /// (`false`), or neither.
    fn difference(
        &self,
        what: &'static str,
        lines: &[SeenLine],
        role: impl Fn(LineKey) -> Option<bool>,
    ) -> Option<(&'static str, i128, i128)> {
        let off: i128 = self.discounts.iter().map(|discount| (self.share)(discount.amount.minor())).sum();
        let tax: i128 = self.taxes.iter().map(|tax| (self.share)(tax.amount.minor())).sum();
        let (mut booked_net, mut booked_off, mut booked_tax) = (0i128, 0i128, 0i128);
        for line in lines {
            match line.key.and_then(&role) {
                Some(true) => booked_off -= i128::from(line.amount_minor),
                Some(false) => {
                    booked_net += i128::from(line.amount_minor);
                    booked_tax += i128::from(line.tax_minor);
                }
                None => {}
            }
        }
        if booked_tax != tax {
            return Some((what, tax, booked_tax));
        }
        let paid = self.gross - off;
        let wanted_after = if self.order.taxes_included { paid - tax } else { paid };
        if booked_net - booked_off != wanted_after {
            return Some((what, wanted_after, booked_net - booked_off));
        }
        let wanted_net = match (self.order.taxes_included, off) {
            (false, _) => self.gross,
            (true, 0) => wanted_after,
            (true, _) => net_before_discount(self.gross, self.taxes),
        };
        (booked_net != wanted_net).then_some((what, wanted_net, booked_net))
    }
}
