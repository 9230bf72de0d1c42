//! Amounts, rates and units that clients of the API state, in a range in which everything that the twin derives of
//! them fits.
//!
//! What Shopify says to amounts that no shop has is unrecorded: they are refused as not modelled, and nothing is kept.

use rust_decimal::Decimal;
use serde_json::Value;

use super::super::super::checkout::{ExactOrder, ExactTax};
use super::super::super::rows::{AMOUNT_MAX, UNITS_MAX};
use super::refusal::Refusal;
use crate::domain::{Currency, Money};
use crate::platforms::shopify::wire::DecimalText;

/// Digits after the point of a tax rate.
const RATE_DIGITS_MAX: u32 = 12;
/// A hundred times the price.
const RATE_MAX: Decimal = Decimal::ONE_HUNDRED;

/// Minor units of which `digits` follow the point, from a `Decimal`, which is a text or a number.
///
/// # Errors
/// It is none, negative, more precise than the currency, or above [`AMOUNT_MAX`].
pub(super) fn minor(operation: &str, amount: &Value, digits: u32) -> Result<i64, Refusal> {
    let shown = shown(amount);
    let read = shown.parse::<DecimalText>().ok().and_then(|read| read.minor(digits));
    read.filter(|minor| (0..=AMOUNT_MAX).contains(minor))
        .ok_or_else(|| Refusal::not_modelled(&format!("{operation} with the amount {shown}")))
}

/// # Errors
/// It is none, negative, or beyond what a rate is.
pub(super) fn rate(operation: &str, rate: &Value) -> Result<Decimal, Refusal> {
    let shown = shown(rate);
    let read = shown.parse::<Decimal>().ok();
    read.filter(|rate| rate.scale() <= RATE_DIGITS_MAX && (Decimal::ZERO..=RATE_MAX).contains(rate))
        .ok_or_else(|| Refusal::not_modelled(&format!("{operation} with the rate {shown}")))
}

/// # Errors
/// Its amounts, in the currency of its own or the buyer's, or its units come to more than the twin adds up.
pub(super) fn check_sums(order: &ExactOrder, currency: Currency) -> Result<(), Refusal> {
    let units: u64 = order.lines.iter().map(|line| u64::from(line.quantity)).sum();
    if units > UNITS_MAX {
        return Err(Refusal::not_modelled(&format!("an order of {units} units")));
    }
    let taxed = |taxes: &[ExactTax]| taxes.iter().map(|tax| i128::from(tax.amount)).sum::<i128>();
    let lines = order
        .lines
        .iter()
        .map(|line| i128::from(line.unit_price) * i128::from(line.quantity) + taxed(&line.taxes));
    let shipping = order.shipping.iter().map(|line| i128::from(line.price) + taxed(&line.taxes));
    let paid = order.payments.iter().map(|payment| i128::from(payment.amount.unwrap_or_default()));
    let sum = (lines.chain(shipping).sum::<i128>()).max(paid.sum());
    let own = i64::try_from(sum).ok().filter(|sum| *sum <= AMOUNT_MAX);
    let seen = match order.presentment {
        None => own.map(Decimal::from),
        Some(seen) => own.and_then(|own| Money::new(own, currency).to_decimal().checked_mul(seen.rate)),
    };
    match seen.filter(|seen| *seen <= Decimal::from(AMOUNT_MAX)) {
        Some(_) => Ok(()),
        None => Err(Refusal::not_modelled(&format!("an order of {sum} minor units"))),
    }
}

fn shown(number: &Value) -> String {
    number.as_str().map_or_else(|| number.to_string(), str::to_owned)
}
