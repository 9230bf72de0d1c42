//! Defects of tax and discounts: what naive connectors make of the amounts on their way to NetSuite.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Kind, Planted};
use crate::domain::sales_order::LineKey;
use crate::platforms::netsuite::operation::Request;
use crate::platforms::netsuite::wire::{JsonDecimal, LineBody, Reference, Tag, TaxDetail};
use crate::policy::Policy;

impl Planted {
    /// The marketplace's tax code is made the merchant's own.
    pub(super) fn spoil_tax_codes(&self, policy: &mut Policy) -> bool {
        if !self.is(Kind::MarketplaceTaxKept) {
            return false;
        }
        for subsidiary in &mut policy.subsidiaries {
            subsidiary.marketplace_tax_code = subsidiary.tax_code;
        }
        true
    }

    pub(super) fn alter_amounts(&self, request: &mut Request) {
        let Request::UpsertSalesOrder { body, .. } = request else { return };
        let (Some(lines), Some(taxes)) = (&mut body.item, &mut body.tax_details) else { return };
        let (lines, taxes) = (&mut lines.items, &mut taxes.items);
        let acted = if self.is(Kind::RecomputedTax) {
            recompute(lines, taxes)
        } else if self.is(Kind::DiscountAfterTax) {
            tax_before_discount(lines, taxes)
        } else if self.is(Kind::DiscountNotStripped) {
            discount_with_tax(lines, taxes)
        } else if self.is(Kind::PooledDiscounts) {
            pool(lines)
        } else {
            false
        };
        if acted {
            self.act();
        }
    }
}

/// Cents, half away from zero: the twins' shops sell in currencies of two digits.
fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn json(amount: Decimal) -> JsonDecimal {
    JsonDecimal::of_decimal(amount).expect("an amount near one that fits")
}

fn amount(line: &LineBody) -> Decimal {
    line.amount.map_or(Decimal::ZERO, JsonDecimal::to_decimal)
}

/// The goods or delivery that a line is or takes something off.
fn component(line: &LineBody) -> Option<(u64, bool)> {
    match line.plimsoll_key.as_ref()? {
        Tag::Component(LineKey::Goods(id) | LineKey::GoodsDiscount(id, _)) => Some((id.get(), false)),
        Tag::Component(LineKey::Shipping(id) | LineKey::ShippingDiscount(id, _)) => Some((id.get(), true)),
        _ => None,
    }
}

fn is_discount(line: &LineBody) -> bool {
    matches!(
        line.plimsoll_key,
        Some(Tag::Component(LineKey::GoodsDiscount(..) | LineKey::ShippingDiscount(..)))
    )
}

/// What the components with this code and rate come to, discounts off.
fn basis(lines: &[LineBody], taxes: &[TaxDetail], code: &Reference, rate: Decimal) -> Decimal {
    let taxed = |line: &LineBody| {
        taxes.iter().any(|tax| {
            tax.tax_code == *code
                && tax.tax_rate.to_decimal() == rate
                && line.tax_details_reference.as_ref() == Some(&tax.tax_details_reference)
        })
    };
    let components: Vec<_> = lines.iter().filter(|line| taxed(line)).filter_map(component).collect();
    let of_them = |line: &&LineBody| component(line).is_some_and(|own| components.contains(&own));
    lines.iter().filter(of_them).map(amount).sum()
}

/// Tax of each code and rate anew, rounded once for the whole document; the difference goes to its first row.
fn recompute(lines: &[LineBody], taxes: &mut [TaxDetail]) -> bool {
    let mut acted = false;
    for at in 0..taxes.len() {
        let (code, rate) = (taxes[at].tax_code.clone(), taxes[at].tax_rate.to_decimal());
        let same = |tax: &TaxDetail| tax.tax_code == code && tax.tax_rate.to_decimal() == rate;
        if taxes[..at].iter().any(same) {
            continue;
        }
        let stated: Decimal =
            taxes.iter().filter(|tax| same(tax)).map(|tax| tax.tax_amount.to_decimal()).sum();
        let anew = cents(basis(lines, taxes, &code, rate) * rate / Decimal::ONE_HUNDRED);
        if anew != stated {
            let first = &mut taxes[at].tax_amount;
            *first = json(first.to_decimal() + anew - stated);
            acted = true;
        }
    }
    acted
}

/// Tax of each line on what it costs before its discount.
fn tax_before_discount(lines: &[LineBody], taxes: &mut [TaxDetail]) -> bool {
    let mut acted = false;
    for tax in taxes {
        let own =
            lines.iter().find(|line| line.tax_details_reference.as_ref() == Some(&tax.tax_details_reference));
        let Some(line) = own else { continue };
        let discounted = lines.iter().any(|other| is_discount(other) && component(other) == component(line));
        if discounted {
            tax.tax_amount = json(cents(amount(line) * tax.tax_rate.to_decimal() / Decimal::ONE_HUNDRED));
            acted = true;
        }
    }
    acted
}

/// The discount as the shopper saw it, tax in, comes off the net; tax is then computed on what is left.
fn discount_with_tax(lines: &mut [LineBody], taxes: &mut [TaxDetail]) -> bool {
    let mut acted = false;
    for at in 0..lines.len() {
        if is_discount(&lines[at]) || component(&lines[at]).is_none() {
            continue;
        }
        let own = component(&lines[at]);
        let off: Vec<usize> = (0..lines.len())
            .filter(|other| is_discount(&lines[*other]) && component(&lines[*other]) == own)
            .collect();
        let [only] = off[..] else { continue };
        let reference = lines[at].tax_details_reference.clone();
        let Some(tax) = taxes.iter_mut().find(|tax| Some(&tax.tax_details_reference) == reference.as_ref())
        else {
            continue;
        };
        let rate = tax.tax_rate.to_decimal() / Decimal::ONE_HUNDRED;
        let net = amount(&lines[at]);
        let paid = net + amount(&lines[only]) + tax.tax_amount.to_decimal();
        let seen = cents(net * (Decimal::ONE + rate)) - paid;
        lines[only].amount = Some(json(-seen));
        tax.tax_amount = json(cents((net - seen) * rate));
        acted = true;
    }
    acted
}

fn pool(lines: &mut [LineBody]) -> bool {
    let mut acted = false;
    for line in lines.iter_mut().filter(|line| is_discount(line)) {
        line.description = Some("Discount".into());
        acted = true;
    }
    acted
}
