//! What a query cost in the end: proportional to what came back, not logarithmic.
//!
//! Source: shopify.md §b.2, derived there from recorded pairs: a connection costs 2 and, for its rows,
//! `min(requested part, ceil(2·ln(first)/first × Σ actual cost of the rows − 0.2))`; an empty `nodes` is charged
//! its multiplier once; a null object costs its own 1.

use std::sync::OnceLock;

use crate::platforms::shopify::operation::multiplier;
use crate::platforms::shopify::wire;

/// `first` of the shipping lines in the document `order`.
const SHIPPING_LINES_FIRST: u32 = 5;
/// A line at the most: itself, its allocations, the application of one, its tax lines.
const LINE_COST_MAX: u32 = 4;

/// A connection of which `rows` points came back and at most `row_max` points a row were foreseen.
pub(super) fn connection(first: u32, row_max: u32, count: usize, rows: u32) -> u32 {
    let foreseen = multiplier(first) * row_max;
    let charged = if count == 0 { multiplier(first) } else { share(first, rows).min(foreseen) };
    2 + charged
}

/// `ceil(2·ln(first)/first × rows − 0.2)`.
pub(super) fn share(first: u32, rows: u32) -> u32 {
    static SLOPES: OnceLock<Vec<f64>> = OnceLock::new();
    let slopes = SLOPES.get_or_init(|| {
        (0..=250u32).map(|first| f64::from(first.max(2))).map(|first| 2.0 * first.ln() / first).collect()
    });
    // Points, not money: the published rule is in natural logarithms. The product is irrational, so the last
    // bit of a float never decides a ceiling.
    let points = (slopes[first.min(250) as usize] * f64::from(rows) - 0.2).ceil();
    if points > 0.0 { points as u32 } else { 0 }
}

fn discounts(allocations: &[wire::DiscountAllocation]) -> u32 {
    1 + u32::from(!allocations.is_empty())
}

pub(super) fn lines(first: u32, lines: &[wire::LineItem]) -> u32 {
    let rows = lines.iter().map(|line| 2 + discounts(&line.discount_allocations)).sum();
    connection(first, LINE_COST_MAX, lines.len(), rows)
}

pub(super) fn order(first: u32, order: Option<&wire::Order>) -> u32 {
    let Some(order) = order else { return 1 };
    let customer = if order.customer.is_some() { 3 } else { 1 };
    let entity = match order.purchasing_entity {
        Some(wire::PurchasingEntity::PurchasingCompany { .. }) => 3,
        _ => 1,
    };
    let shipping = &order.shipping_lines.nodes;
    let shipping_rows = shipping.iter().map(|line| 2 + discounts(&line.discount_allocations)).sum();
    let address = 1;
    let transactions = 1 + u32::from(!order.transactions.is_empty());
    let refunds = 1;
    1 + customer
        + entity
        + address
        + transactions
        + refunds
        + fulfillments(first, &order.fulfillments)
        + lines(first, &order.line_items.nodes)
        + connection(SHIPPING_LINES_FIRST, LINE_COST_MAX, shipping.len(), shipping_rows)
}

/// A list costs 1 whatever its length; of what lies below, its dearest entry is counted.
fn fulfillments(first: u32, fulfillments: &[wire::Fulfillment]) -> u32 {
    let lines = fulfillments.iter().map(|entry| entry.fulfillment_line_items.nodes.len()).max();
    1 + lines.map_or(0, |count| 1 + connection(first, 2, count, 2 * count as u32))
}

pub(super) fn fulfillment_orders(
    (first, first_lines): (u32, u32),
    order: Option<&wire::FulfillmentOrders>,
) -> u32 {
    let Some(order) = order else { return 1 };
    let nodes = &order.fulfillment_orders.nodes;
    let row = |entry: &wire::FulfillmentOrder| {
        let count = entry.line_items.nodes.len();
        3 + connection(first_lines, 2, count, 2 * count as u32)
    };
    let row_max = 3 + 2 + multiplier(first_lines) * 2;
    1 + connection(first, row_max, nodes.len(), nodes.iter().map(row).sum())
}

/// A list costs 1 and its dearest entry, as [`fulfillments`].
pub(super) fn order_refunds(first: u32, order: Option<&wire::OrderRefunds>) -> u32 {
    let Some(order) = order else { return 1 };
    let refund = |entry: &wire::Refund| {
        let lines = entry.refund_line_items.nodes.len();
        let of_page = |first: u32, row: u32, count: usize| connection(first, row, count, row * count as u32);
        2 + of_page(first, 3, lines)
            + of_page(5, 2, entry.refund_shipping_lines.nodes.len())
            + of_page(10, 1, entry.order_adjustments.nodes.len())
            + of_page(25, 1, entry.transactions.nodes.len())
    };
    let agreement = |entry: &wire::SalesAgreement| {
        // A fee is selected only on a sale of that type.
        let rows = entry.sales.nodes.iter().map(|sale| 1 + u32::from(sale.fee.is_some())).sum();
        2 + connection(first, 2, entry.sales.nodes.len(), rows)
    };
    let agreements = &order.agreements.nodes;
    let row_max = 4 + multiplier(first) * 2;
    2 + order.refunds.iter().map(refund).max().unwrap_or(0)
        + connection(25, row_max, agreements.len(), agreements.iter().map(agreement).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_costs_what_was_recorded() {
        for (first, count, cost) in [
            (10, 1, 3),
            (10, 6, 5),
            (20, 9, 5),
            (100, 7, 3),
            (100, 85, 10),
            (250, 1, 2),
            (250, 208, 11),
            (250, 250, 13),
        ] {
            assert_eq!(connection(first, 1, count, count as u32), cost, "first {first}, {count} rows");
        }
    }

    #[test]
    fn an_empty_page_is_charged_as_if_full_without_children() {
        assert_eq!(connection(10, 4, 0, 0), 6);
    }
}
