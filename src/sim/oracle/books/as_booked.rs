//! An order as its sales order must hold it: what came back after it was billed still stands there, because a return
//! never shrinks a sales order, though it shrinks what Shopify says of the order.

use std::borrow::Cow;

use super::units::Units;
use crate::domain::sales_order::LineKey;
use crate::domain::{Money, Order};
use crate::sim::oracle::seen::SeenSalesOrder;
use crate::sim::oracle::shares::share;

/// The order with the units, delivery, duties and tip that the sales order must hold, and their totals.
pub fn as_booked<'a>(order: &'a Order, units: &Units, sales_order: &SeenSalesOrder) -> Cow<'a, Order> {
    if order.refunds.is_empty() {
        return Cow::Borrowed(order);
    }
    let mut booked = order.clone();
    for (line, of) in booked.lines.iter_mut().zip(&units.lines) {
        line.quantity = of.standing;
    }
    take_off_delivery(order, sales_order, &mut booked);
    let minor = |key: LineKey| {
        let lines = sales_order.lines.iter().filter(|line| line.key == Some(key));
        lines.map(|line| line.amount_minor).sum::<i64>()
    };
    // Given back before it was billed it is gone from the sales order, given back later it still stands there.
    let restored = |now: Money, given_back: i64, held: i64| {
        let before = now.minor() + given_back;
        Money::new(if held == before { before } else { now.minor() }, now.currency())
    };
    let duties = order.refunds.iter().map(|refund| refund.duties.minor()).sum();
    let tip = order.refunds.iter().map(|refund| refund.tip.minor()).sum();
    booked.duties = restored(order.duties, duties, minor(LineKey::Duties));
    booked.tip = restored(order.tip, tip, minor(LineKey::Tip));
    total(&mut booked);
    Cow::Owned(booked)
}

/// Delivery that was refunded before it was billed.
fn take_off_delivery(order: &Order, sales_order: &SeenSalesOrder, booked: &mut Order) {
    for line in &mut booked.shipping {
        let held: i64 = sales_order
            .lines
            .iter()
            .filter(|seen| {
                matches!(seen.key, Some(LineKey::Shipping(id) | LineKey::ShippingDiscount(id, _)) if id == line.id)
            })
            .map(|seen| seen.amount_minor + seen.tax_minor)
            .sum();
        let off: i64 = line.discounts.iter().map(|off| off.amount.minor()).sum();
        let tax: i64 = line.taxes.iter().map(|tax| tax.amount.minor()).sum();
        let charged = line.price.minor() - off + if order.taxes_included { 0 } else { tax };
        if held == charged {
            continue;
        }
        let refunded = || {
            let all = order.refunds.iter().flat_map(|refund| &refund.shipping);
            all.filter(|shipping| shipping.line.is_none_or(|of| of == line.id))
        };
        let subtotal: i64 = refunded().map(|shipping| shipping.subtotal.minor()).sum();
        let mut tax_left: i64 = tax - refunded().map(|shipping| shipping.tax.minor()).sum::<i64>();
        line.price = Money::new(line.price.minor() - subtotal, line.price.currency());
        let rows = line.taxes.len();
        for (at, row) in line.taxes.iter_mut().enumerate() {
            // The last row takes what the others leave.
            let part = if at + 1 == rows { tax_left } else { row.amount.minor().min(tax_left) };
            tax_left -= part;
            row.amount = Money::new(part, row.amount.currency());
        }
    }
}

/// Total and tax of what the order now says.
fn total(order: &mut Order) {
    let (mut sum, mut tax) = (0i128, 0i128);
    for line in &order.lines {
        let standing =
            |amount: Money| share(i128::from(amount.minor()), line.quantity, line.quantity_ordered);
        sum += i128::from(line.unit_price.minor()) * i128::from(line.quantity);
        sum -= line.discounts.iter().map(|off| standing(off.amount)).sum::<i128>();
        tax += line.taxes.iter().map(|row| standing(row.amount)).sum::<i128>();
    }
    for line in &order.shipping {
        sum += i128::from(line.price.minor());
        sum -= line.discounts.iter().map(|off| i128::from(off.amount.minor())).sum::<i128>();
        tax += line.taxes.iter().map(|row| i128::from(row.amount.minor())).sum::<i128>();
    }
    for extra in [order.duties, order.additional_fees, order.tip] {
        sum += i128::from(extra.minor());
    }
    if !order.taxes_included {
        sum += tax;
    }
    let money = |minor: i128| Money::new(i64::try_from(minor).unwrap_or(i64::MAX), order.currency);
    (order.total, order.tax) = (money(sum), money(tax));
}
