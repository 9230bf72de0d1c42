//! Parts of a line's amounts, in integers: what the units that still stand have of it, and what is left of a price
//! when the tax inside it is taken out.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::order::TaxLine;

/// `minor × standing ÷ ordered`, half away from zero.
pub(super) fn standing(minor: i64, units: u32, ordered: u32) -> i128 {
    if units == ordered {
        return i128::from(minor);
    }
    let (ordered, product) = (i128::from(ordered.max(1)), i128::from(minor) * i128::from(units));
    (product.abs() * 2 + ordered) / (ordered * 2) * product.signum()
}

/// `gross`, which is not negative, stripped of its tax, to the nearest minor unit.
pub(super) fn net_before_discount(gross: i128, taxes: &[TaxLine]) -> i128 {
    let rate: Decimal = taxes.iter().map(|tax| tax.rate).sum();
    let net = Decimal::from_i128_with_scale(gross, 0) / (Decimal::ONE + rate);
    (net + Decimal::new(5, 1)).floor().to_i128().unwrap_or(i128::MAX)
}
