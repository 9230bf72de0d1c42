//! Splitting an amount over shares without losing a minor unit.

use super::money::{Money, MoneyError};

/// What happens to the minor units that are left when every share has been rounded down.
///
/// Source: `Shopify/money` lib/money/allocator.rb: exact shares are floored to the minor unit, then the
/// pennies that are left go out one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// From the first share to the last. Shopify's default.
    FirstToLast,
    /// To the largest cut-off fractions first; the earlier share wins a tie.
    LargestRemainder,
}

/// Splits `amount` in proportion to `weights`. The parts sum to `amount`, whatever its sign.
///
/// A share of weight zero gets nothing as long as another share has weight; when all weights are zero, the
/// whole amount falls to the first share.
///
/// # Errors
/// There are no shares, or the weights do not fit.
pub fn allocate(amount: Money, weights: &[u64], rounding: Rounding) -> Result<Vec<Money>, MoneyError> {
    let out_of_range = || MoneyError::OutOfRange { currency: amount.currency() };
    if weights.is_empty() {
        return Err(out_of_range());
    }
    let whole: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if whole == 0 {
        let mut parts = vec![Money::zero(amount.currency()); weights.len()];
        parts[0] = amount;
        return Ok(parts);
    }
    let magnitude = u128::from(amount.minor().unsigned_abs());
    let mut parts: Vec<u64> = Vec::with_capacity(weights.len());
    let mut order: Vec<(u128, usize)> = Vec::with_capacity(weights.len());
    for (at, weight) in weights.iter().enumerate() {
        let exact = magnitude.checked_mul(u128::from(*weight)).ok_or_else(out_of_range)?;
        parts.push(u64::try_from(exact / whole).map_err(|_| out_of_range())?);
        if *weight > 0 {
            order.push((exact % whole, at));
        }
    }
    if rounding == Rounding::LargestRemainder {
        order.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
    }
    let left_over = magnitude - parts.iter().map(|part| u128::from(*part)).sum::<u128>();
    for (_, at) in order.iter().take(usize::try_from(left_over).map_err(|_| out_of_range())?) {
        parts[*at] += 1;
    }
    let sign = i128::from(amount.minor().signum());
    parts
        .into_iter()
        .map(|part| {
            i64::try_from(sign * i128::from(part))
                .map(|minor| Money::new(minor, amount.currency()))
                .map_err(|_| out_of_range())
        })
        .collect()
}

#[cfg(test)]
mod tests;
