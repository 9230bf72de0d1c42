//! Rows of stock and kits as domain values.

use rust_decimal::prelude::ToPrimitive;

use super::NotConvertible;
use crate::domain::Sku;
use crate::platforms::netsuite::operation::suiteql;
use crate::platforms::netsuite::wire::JsonDecimal;
use crate::ports::stock::{KitRow, StockRow};

/// # Errors
/// A quantity that is no whole number.
pub fn stock_row(row: suiteql::StockRow) -> Result<StockRow, NotConvertible> {
    Ok(StockRow {
        item: row.id,
        sku: row.externalid.map(Sku),
        available: units(row.quantityavailable)?,
        back_ordered: units(row.quantitybackordered)?,
        of_shop: row.ofshop.map_or(Ok(0), units)?,
    })
}

/// # Errors
/// As [`stock_row`].
pub fn kit_row(row: suiteql::KitRow) -> Result<KitRow, NotConvertible> {
    let quantity = row.quantity.and_then(JsonDecimal::to_count);
    let price = row.unitprice.map(|price| price.to_decimal() * rust_decimal::Decimal::ONE_HUNDRED);
    Ok(KitRow {
        kit: Sku(row.kit),
        // A member in parts of a unit cannot be sold here.
        member: row.member.filter(|_| quantity.is_some_and(|units| units > 0)).map(Sku),
        quantity: quantity.unwrap_or(0),
        base_price: price.and_then(|price| price.trunc().to_u64()).unwrap_or(0),
    })
}

fn units(value: JsonDecimal) -> Result<i64, NotConvertible> {
    let whole = value.to_decimal();
    whole
        .to_i64()
        .filter(|_| whole.is_integer())
        .ok_or_else(|| NotConvertible { what: "quantity", reason: format!("{value} is not a whole number") })
}
