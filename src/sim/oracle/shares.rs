//! Parts of a line's amounts, in integers: what the units that still stand have of it, and what is left of a price
//! when the tax inside it is taken out.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::order::TaxLine;

/// `minor × standing ÷ ordered`, half away from zero.
pub fn standing(minor: i64, units: u32, ordered: u32) -> i128 {
    share(i128::from(minor), units, ordered)
}

/// `amount × part ÷ whole`, half away from zero: what falls to some of the units (postings.md N2).
pub fn share(amount: i128, part: u32, whole: u32) -> i128 {
    if part == whole {
        return amount;
    }
    let (product, whole) = (amount * i128::from(part), i128::from(whole.max(1)));
    (product.abs() * 2 + whole) / (whole * 2) * product.signum()
}

/// `gross`, which is not negative, stripped of its tax, to the nearest minor unit.
pub fn net_before_discount(gross: i128, taxes: &[TaxLine]) -> i128 {
    let rate: Decimal = taxes.iter().map(|tax| tax.rate).sum();
    let net = Decimal::from_i128_with_scale(gross, 0) / (Decimal::ONE + rate);
    (net + Decimal::new(5, 1)).floor().to_i128().unwrap_or(i128::MAX)
}
