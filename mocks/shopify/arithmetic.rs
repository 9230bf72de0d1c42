//! How Shopify computes a checkout: discounts are spread over lines, tax is rounded per tax line of each line.
//!
//! Source: shopify.md §k (exact shares floored, left-over pennies from the first line to the last) and §l (tax on
//! the discounted amount, rounded per tax line per order line, half away from zero).

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::checkout::{Checkout, CheckoutTax, DiscountTarget, DiscountValue, Presentment};
use super::rows::{Charge, ChargeKind, LineRow, NO_TEXT, ShippingRow, Target};
use super::texts::{TaxKind, Texts};
use crate::domain::{Currency, Money, Rounding, allocate};

/// The nearest whole number, half away from zero. `den` is positive.
pub(super) fn divide_half_away(num: i128, den: i128) -> i128 {
    (num.abs() * 2 + den) / (den * 2) * num.signum()
}

/// Tax rates as whole numbers over one unit, so that tax is computed without fractions.
pub(super) struct Rates {
    rates: Vec<i128>,
    unit: i128,
    included: bool,
}

impl Rates {
    pub(super) fn new(taxes: impl Iterator<Item = Decimal> + Clone, included: bool) -> Rates {
        let scale = taxes.clone().map(|rate| rate.scale()).max().unwrap_or(0);
        let whole = |rate: Decimal| rate.mantissa() * 10i128.pow(scale - rate.scale());
        Rates { rates: taxes.map(whole).collect(), unit: 10i128.pow(scale), included }
    }

    /// The n-th tax on an amount that is net of discounts; inside it if prices include tax.
    pub(super) fn tax(&self, n: usize, base: i64) -> i64 {
        let whole = if self.included { self.unit + self.rates.iter().sum::<i128>() } else { self.unit };
        let tax = divide_half_away(i128::from(base) * self.rates[n], whole);
        i64::try_from(tax).expect("a tax is smaller than what it is on")
    }
}

/// Lines, charges and shipping of an order, ready to be kept.
pub(super) struct Computed {
    pub lines: Vec<LineRow>,
    pub charges: Vec<Charge>,
    pub shipping: Vec<ShippingRow>,
}

pub(super) fn compute(checkout: &Checkout, currency: Currency, texts: &mut Texts) -> Computed {
    let lines: Vec<LineRow> = checkout
        .lines
        .iter()
        .map(|line| LineRow {
            unit_price: line.unit_price,
            sku: line.sku.as_ref().map_or(NO_TEXT, |sku| texts.keep(sku)),
            title: texts.keep(&line.title),
            ordered: line.quantity,
            quantity: line.quantity,
            is_gift_card: line.is_gift_card,
        })
        .collect();
    // What is left of each line, and last of the shipping, as discounts come off.
    let mut left: Vec<i64> = lines.iter().map(|line| line.unit_price * i64::from(line.quantity)).collect();
    let shipping_at = left.len();
    left.push(checkout.shipping.as_ref().map_or(0, |shipping| shipping.price));
    let target = |at: usize| if at == shipping_at { Target::shipping(0) } else { Target::line(at) };

    let taxable = |at: usize| match &checkout.shipping {
        Some(shipping) if at == shipping_at => shipping.taxable,
        None if at == shipping_at => false,
        _ => checkout.lines[at].taxable,
    };
    let taxed = (0..left.len()).filter(|at| taxable(*at)).count();
    let mut charges = Vec::with_capacity(taxed * checkout.taxes.len());
    for discount in &checkout.discounts {
        let label = texts.keep_discount(discount.kind, &discount.label);
        let onto: Vec<usize> = match &discount.target {
            DiscountTarget::AllLines => {
                (0..shipping_at).filter(|at| !checkout.lines[*at].is_gift_card).collect()
            }
            DiscountTarget::Lines(at) => at.clone(),
            DiscountTarget::Shipping => vec![shipping_at],
        };
        let units = |at: usize| checkout.lines.get(at).map_or(1, |line| line.quantity);
        for (at, amount) in onto.iter().zip(shares(discount.value, &onto, &left, units, currency)) {
            if amount != 0 {
                left[*at] -= amount;
                charges.push(Charge { amount, label, target: target(*at), kind: ChargeKind::Discount });
            }
        }
    }

    let rates = Rates::new(checkout.taxes.iter().map(|tax| tax.rate), checkout.taxes_included);
    for (n, tax) in checkout.taxes.iter().enumerate() {
        let label = keep_tax(texts, tax);
        for at in (0..left.len()).filter(|at| taxable(*at)) {
            let amount = rates.tax(n, left[at]);
            charges.push(Charge { amount, label, target: target(at), kind: ChargeKind::Tax });
        }
    }
    charges.sort_by_key(|charge| charge.target);
    let shipping = checkout
        .shipping
        .iter()
        .map(|shipping| ShippingRow { price: shipping.price, title: texts.keep(&shipping.title) });
    Computed { lines, charges, shipping: shipping.collect() }
}

pub(super) fn keep_tax(texts: &mut Texts, tax: &CheckoutTax) -> u32 {
    texts.keep_tax(TaxKind {
        title: tax.title.clone(),
        rate: tax.rate.normalize(),
        channel_liable: tax.channel_liable,
    })
}

/// What a discount takes off each of the lines `onto`, of each of which `left` is left.
fn shares(
    value: DiscountValue,
    onto: &[usize],
    left: &[i64],
    units: impl Fn(usize) -> u32,
    currency: Currency,
) -> Vec<i64> {
    if let DiscountValue::Each(minor) = value {
        let off = |at: &usize| minor.saturating_mul(i64::from(units(*at))).clamp(0, left[*at].max(0));
        return onto.iter().map(off).collect();
    }
    let whole: i64 = onto.iter().map(|at| left[*at]).sum();
    let amount = off(value, whole, currency);
    if amount == 0 {
        return Vec::new();
    }
    let weights: Vec<u64> = onto.iter().map(|at| left[*at].unsigned_abs()).collect();
    let shares = allocate(Money::new(amount, currency), &weights, Rounding::FirstToLast)
        .expect("an amount not larger than the basket splits over its lines");
    shares.into_iter().map(Money::minor).collect()
}

/// What a discount takes off `whole`: never more than it, never less than nothing.
fn off(value: DiscountValue, whole: i64, currency: Currency) -> i64 {
    let amount = match value {
        DiscountValue::Fixed(minor) | DiscountValue::Each(minor) => minor,
        DiscountValue::Percent(percent) => {
            let exact = Money::new(whole, currency).to_decimal() * percent / Decimal::ONE_HUNDRED;
            Money::round_half_up(exact, currency).expect("a share of a basket fits").minor()
        }
    };
    amount.clamp(0, whole.max(0))
}

/// What the shopper sees of an amount: converted at the order's rate, rounded to that currency.
pub(super) fn present(amount: i64, currency: Currency, presentment: Option<Presentment>) -> i64 {
    let Some(Presentment { currency: shown, rate }) = presentment else { return amount };
    let exact = Money::new(amount, currency).to_decimal() * rate;
    let minor = exact.round_dp_with_strategy(shown.minor_digits(), RoundingStrategy::MidpointAwayFromZero)
        * Decimal::from(10i64.pow(shown.minor_digits()));
    minor.to_i64().expect("a converted amount fits its currency")
}
