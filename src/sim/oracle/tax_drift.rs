//! Where the tax that a shop charged is not what the merchant's schedule makes it. Reported with its cause, never
//! booked: NetSuite holds what was charged, and this says how far that is from what a tax engine over the document
//! would have said (failures.md A6).
//!
//! Here only the measure; that tax is booked as charged is [`super::invariants::tax_by_schedule`].

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::books::Intent;
use super::shares::standing;
use crate::domain::order::TaxLine;
use crate::domain::{Currency, Money, Order, ShopKey};
use crate::scenario::TaxRate;

/// Why the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriftKind {
    /// Each line was rounded on its own, the schedule rounds once a document.
    Rounding,
    /// Another rate than the schedule's, or an amount that no rounding of its rate explains.
    OtherRate,
    /// The buyer is exempt.
    Exempt,
    /// Nothing was charged, though the schedule has a rate and nobody is exempt.
    Untaxed,
}

impl DriftKind {
    pub fn name(self) -> &'static str {
        match self {
            DriftKind::Rounding => "rounding",
            DriftKind::OtherRate => "other-rate",
            DriftKind::Exempt => "exempt",
            DriftKind::Untaxed => "untaxed",
        }
    }
}

/// Orders of one shop whose tax differs from the schedule for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxDrift {
    pub shop: ShopKey,
    pub kind: DriftKind,
    pub orders: u64,
    /// Charged less scheduled, summed.
    pub sum: Money,
}

/// Sums the drift of one run.
#[derive(Debug, Clone, Default)]
pub struct Drift {
    by_kind: BTreeMap<(ShopKey, DriftKind), (u64, i128, Currency)>,
}

impl Drift {
    pub fn add(&mut self, intent: &Intent, order: &Order, is_exempt: bool) {
        let country = order.ship_to.as_ref().and_then(|address| address.country.as_deref());
        let rates = intent.tax_rates(order.shop, country);
        let Some((kind, minor)) = drift(order, rates, is_exempt) else { return };
        let entry = self.by_kind.entry((order.shop, kind)).or_insert((0, 0, order.currency));
        entry.0 += 1;
        entry.1 += minor;
    }

    pub fn report(&self) -> Vec<TaxDrift> {
        let report = self.by_kind.iter().map(|((shop, kind), (orders, minor, currency))| TaxDrift {
            shop: *shop,
            kind: *kind,
            orders: *orders,
            sum: Money::new(i64::try_from(*minor).unwrap_or(i64::MAX), *currency),
        });
        report.collect()
    }
}

/// What one order was charged beyond the schedule, and why; `None` if nothing.
fn drift(order: &Order, rates: &[TaxRate], is_exempt: bool) -> Option<(DriftKind, i128)> {
    let (mut taxed, mut all, mut charged, mut rows) = (0i128, 0i128, 0i128, 0i128);
    let mut at_rate = true;
    let mut component = |base: i128, taxes: &[TaxLine], tax: i128| {
        all += base;
        if !taxes.is_empty() {
            taxed += base;
            charged += tax;
            rows += taxes.len() as i128;
            at_rate &= taxes.len() == rates.len()
                && taxes.iter().zip(rates).all(|(tax, scheduled)| tax.rate == scheduled.rate);
        }
    };
    // A card is no supply yet: it is taxed when it is redeemed.
    for line in order.lines.iter().filter(|line| line.quantity > 0 && !line.is_gift_card) {
        let share = |amount: Money| standing(amount.minor(), line.quantity, line.quantity_ordered);
        let off: i128 = line.discounts.iter().map(|discount| share(discount.amount)).sum();
        let gross = i128::from(line.unit_price.minor()) * i128::from(line.quantity);
        let tax = line.taxes.iter().map(|tax| share(tax.amount)).sum();
        component(gross - off, &line.taxes, tax);
    }
    for shipping in &order.shipping {
        let off: i128 = shipping.discounts.iter().map(|discount| i128::from(discount.amount.minor())).sum();
        let tax = shipping.taxes.iter().map(|tax| i128::from(tax.amount.minor())).sum();
        component(i128::from(shipping.price.minor()) - off, &shipping.taxes, tax);
    }
    // What bears no tax beside what does is not taxable; where nothing does, all of it should.
    let nothing_taxed = rows == 0;
    let scheduled = scheduled(if nothing_taxed { all } else { taxed }, rates, order.taxes_included);
    let minor = charged - scheduled;
    let kind = match minor {
        0 => return None,
        _ if is_exempt => DriftKind::Exempt,
        _ if nothing_taxed => DriftKind::Untaxed,
        // Each row is rounded by half a minor unit at most, and once more where an edit scaled it.
        _ if at_rate && minor.abs() <= rows => DriftKind::Rounding,
        _ => DriftKind::OtherRate,
    };
    Some((kind, minor))
}

/// Tax on a document's taxable amount, each rate rounded once.
fn scheduled(base: i128, rates: &[TaxRate], included: bool) -> i128 {
    let all: Decimal = rates.iter().map(|rate| rate.rate).sum();
    let scale = rates.iter().map(|rate| rate.rate.scale()).max().unwrap_or(0);
    let unit = 10i128.pow(scale);
    let whole = |rate: Decimal| rate.mantissa() * 10i128.pow(scale - rate.scale().min(scale));
    let over = if included { unit + whole(all) } else { unit };
    rates.iter().map(|rate| (2 * base * whole(rate.rate) + over).div_euclid(2 * over)).sum()
}

#[cfg(test)]
mod tests;
