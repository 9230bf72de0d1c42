//! What a row comes to: fees, conversion into the currency that is paid out, and rows of the rarer types.
//!
//! Pure. Amounts are rounded half up to minor units, once each.

use crate::domain::payout::BalanceKind;
use crate::domain::{BookDate, Currency, Money};
use crate::scenario::Profile;
use crate::scenario::processor::FeeRule;
use crate::sim::random::Draws;

/// What a charge of that gross costs.
///
/// Source: shopify.md §m.3, taken at capture in the currency that is paid out, never returned on refunds.
pub fn fee(rule: FeeRule, gross: Money) -> Money {
    let share = gross.to_decimal().checked_mul(rule.rate);
    let fee = share.and_then(|share| share.checked_add(rule.fixed.to_decimal()));
    fee.and_then(|fee| Money::round_half_up(fee, gross.currency()).ok())
        .expect("a fee is within the range of its charge")
}

/// An amount in another currency at the rate of that day: a refund converts at its own, not at the charge's.
///
/// # Panics
/// No rate is in force, which the loader refuses.
pub fn converted(profile: &Profile, amount: Money, to: Currency, on: BookDate) -> Money {
    if amount.currency() == to {
        return amount;
    }
    let rate = profile.rate(amount.currency(), to, on).expect("the loader asks for a rate");
    let value = amount.to_decimal().checked_mul(rate);
    value
        .and_then(|value| Money::round_half_up(value, to).ok())
        .expect("an amount at a rate of exchange is within range")
}

/// Types that no charge, refund, dispute, reserve or payout brings about.
pub fn is_other(kind: &BalanceKind) -> bool {
    use BalanceKind as Row;
    !matches!(
        kind,
        Row::Charge
            | Row::Refund
            | Row::RefundFailure
            | Row::DisputeWithdrawal
            | Row::DisputeReversal
            | Row::ChargebackFee
            | Row::ChargebackFeeRefund
            | Row::ReservedFunds
            | Row::ReservedFundsReversal
            | Row::Transfer
            | Row::TransferCancel
            | Row::TransferFailure
            | Row::Unknown(_)
    )
}

/// A row of the rarer types: the one of that number in their order, for an amount of some units of the currency that
/// takes no more than a quarter of `balance`.
///
/// Assumption: the platform says nothing of their amounts; labels, adjustments and the like are small.
pub fn other(number: u64, luck: &mut Draws, balance: Money) -> (BalanceKind, Money) {
    let others: Vec<&BalanceKind> = BalanceKind::PUBLISHED.iter().filter(|kind| is_other(kind)).collect();
    let at = (number % others.len() as u64) as usize;
    let kind = others[at].clone();
    let unit = 10_i64.pow(balance.currency().minor_digits());
    let magnitude = luck.between(unit, unit * 40).min(balance.minor().abs() / 4).max(1);
    let minor = if takes(&kind) { -magnitude } else { magnitude };
    (kind, Money::new(minor, balance.currency()))
}

/// Whether rows of that type take from the merchant, as far as the name tells.
fn takes(kind: &BalanceKind) -> bool {
    let name = kind.name();
    let (base, reversed) = match name.strip_suffix("_REVERSAL") {
        Some(base) => (base, true),
        None => (name, false),
    };
    let costs = [
        "DEBIT",
        "FEE",
        "WITHDRAWAL",
        "OUTBOUND",
        "SHIPPING_",
        "CUSTOMS",
        "IMPORT_TAX",
        "HOLD",
        "REMITTANCE",
    ];
    let takes = costs.iter().any(|word| base.contains(word))
        && !base.ends_with("REFUND")
        && !base.ends_with("RELEASE");
    takes != reversed
}

#[cfg(test)]
mod tests;
