use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::domain::ids::LineItemId;
use crate::domain::{Currency, InternalId, Money, Sku};
use crate::ports::stock::KitRow;

fn gbp(minor: i64) -> Money {
    Money::new(minor, Currency::GBP)
}

fn sku(name: &str) -> Sku {
    Sku(name.into())
}

/// Members of `SET` by units and base price.
fn kits(members: &[(u32, u64)]) -> Kits {
    let row = |(at, (quantity, base_price)): (usize, &(u32, u64))| KitRow {
        kit: sku("SET"),
        member: Some(sku(&format!("M{at}"))),
        quantity: *quantity,
        base_price: *base_price,
    };
    Kits::of_rows(members.iter().enumerate().map(row).collect())
}

fn sold(quantity: u32) -> LineItem {
    LineItem {
        id: LineItemId::new(5),
        sku: Some(sku("SET")),
        title: "Set".into(),
        quantity_ordered: quantity,
        quantity,
        unit_price: gbp(0),
        discounts: vec![],
        taxes: vec![],
        is_gift_card: false,
    }
}

fn parent(quantity: u32, amount: i64, tax: i64) -> SalesOrderLine {
    SalesOrderLine {
        key: LineKey::Goods(LineItemId::new(5)),
        item: sku("SET"),
        quantity,
        amount: gbp(amount),
        taxes: vec![LineTax { code: InternalId::new(1), rate: Decimal::new(2, 1), amount: gbp(tax) }],
        memo: None,
    }
}

#[test]
fn a_price_is_spread_by_base_price_and_the_odd_penny_goes_first() {
    let mut lines = vec![parent(2, 10_000, 2_001)];
    decompose(&mut lines, 0, &sold(2), &kits(&[(1, 3_000), (2, 1_500)])).unwrap();
    let said: Vec<String> = lines
        .iter()
        .map(|line| {
            format!(
                "{} {} × {}: {} tax {}",
                line.key, line.quantity, line.item, line.amount, line.taxes[0].amount
            )
        })
        .collect();
    assert_eq!(said, ["l5-c0 2 × M0: 50.00 GBP tax 10.01 GBP", "l5-c1 4 × M1: 50.00 GBP tax 10.00 GBP"]);
    assert_eq!("l5-c1".parse(), Ok(lines[1].key));
}

#[test]
fn other_lines_stay_as_and_where_they_are() {
    let before = vec![parent(1, 100, 0), parent(1, 200, 0)];
    let mut lines = before.clone();
    decompose(&mut lines, 1, &sold(1), &Kits::default()).unwrap();
    assert_eq!(lines, before);
    decompose(&mut lines, 0, &sold(1), &kits(&[(1, 1), (1, 1)])).unwrap();
    assert_eq!((lines.len(), &lines[2]), (3, &before[1]));
}

proptest! {
    /// Neither amount nor tax loses a minor unit, whatever the members.
    #[test]
    fn members_come_to_what_the_bundle_costs(
        amount in 0i64..1_000_000,
        tax in 0i64..200_000,
        quantity in 1u32..50,
        members in prop::collection::vec((1u32..10, 0u64..100_000), 1..8),
    ) {
        let mut lines = vec![parent(quantity, amount, tax)];
        decompose(&mut lines, 0, &sold(quantity), &kits(&members)).unwrap();
        prop_assert_eq!(lines.len(), members.len());
        prop_assert_eq!(lines.iter().map(|line| line.amount.minor()).sum::<i64>(), amount);
        prop_assert_eq!(lines.iter().map(|line| line.taxes[0].amount.minor()).sum::<i64>(), tax);
        for (line, (units, _)) in lines.iter().zip(&members) {
            prop_assert_eq!(line.quantity, quantity * units);
        }
    }
}
