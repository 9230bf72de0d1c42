//! The amounts are those of failures.md A6, each line taxed and rounded on its own as Shopify does.

use super::*;
use crate::domain::customer::CustomerKey;
use crate::domain::ids::{LineItemId, OrderId};
use crate::domain::order::{Buyer, LineItem};
use crate::domain::{Sku, Timestamp};

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn rate(percent_thousandths: i64) -> Decimal {
    Decimal::new(percent_thousandths, 5)
}

/// So many lines of one unit at this price, with this tax each.
fn order(lines: u64, price: i64, tax: &[(i64, i64)], taxes_included: bool) -> Order {
    let at = Timestamp::from_seconds(1_794_000_000);
    let line = |number| LineItem {
        id: LineItemId::new(number),
        sku: Some(Sku("MUG".into())),
        title: "Mug".into(),
        quantity_ordered: 1,
        quantity: 1,
        unit_price: usd(price),
        discounts: vec![],
        taxes: tax
            .iter()
            .map(|(percent_thousandths, minor)| TaxLine {
                title: "tax".into(),
                rate: rate(*percent_thousandths),
                amount: usd(*minor),
                channel_liable: false,
            })
            .collect(),
        is_gift_card: false,
    };
    Order {
        shop: "us".parse().unwrap(),
        id: OrderId::new(1),
        name: "#1001".into(),
        created_at: at,
        processed_at: at,
        updated_at: at,
        cancelled_at: None,
        currency: Currency::USD,
        presentment_currency: Currency::USD,
        taxes_included,
        buyer: Buyer { key: CustomerKey::Guest, name: None, email: None, phone: None },
        ship_to: None,
        lines: (1..=lines).map(line).collect(),
        shipping: vec![],
        duties: usd(0),
        additional_fees: usd(0),
        tip: usd(0),
        tax: usd(0),
        total: usd(0),
        transactions: vec![],
    }
}

fn schedule(percent_thousandths: i64) -> Vec<TaxRate> {
    vec![TaxRate { title: "tax".into(), rate: rate(percent_thousandths), code: None }]
}

#[test]
fn lines_rounded_on_their_own_drift_from_the_document() {
    for (order, percent_thousandths, drifts) in [
        (order(40, 1_999, &[(8_875, 177)], false), 8_875, Some((DriftKind::Rounding, -16))),
        (order(40, 33, &[(20_000, 7)], false), 20_000, Some((DriftKind::Rounding, 16))),
        (order(1, 1_999, &[(8_875, 177)], false), 8_875, None),
        (order(1, 12_000, &[(20_000, 2_000)], true), 20_000, None),
        (order(3, 1_001, &[(20_000, 167)], true), 20_000, None),
        (order(4, 1_001, &[(20_000, 167)], true), 20_000, Some((DriftKind::Rounding, 1))),
    ] {
        assert_eq!(drift(&order, &schedule(percent_thousandths), false), drifts);
    }
}

#[test]
fn another_rate_no_tax_and_an_exempt_buyer_are_told_apart() {
    let reduced = order(1, 10_000, &[(5_000, 500)], false);
    assert_eq!(drift(&reduced, &schedule(20_000), false), Some((DriftKind::OtherRate, -1_500)));
    let wrong = order(1, 10_000, &[(20_000, 2_100)], false);
    assert_eq!(drift(&wrong, &schedule(20_000), false), Some((DriftKind::OtherRate, 100)));
    let untaxed = order(1, 10_000, &[], false);
    assert_eq!(drift(&untaxed, &schedule(20_000), false), Some((DriftKind::Untaxed, -2_000)));
    assert_eq!(drift(&untaxed, &schedule(20_000), true), Some((DriftKind::Exempt, -2_000)));
    assert_eq!(drift(&untaxed, &[], false), None);
}
