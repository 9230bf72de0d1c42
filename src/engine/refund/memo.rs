//! The credit memo of one refund: what was billed and is given back, cause by cause, with non-inventory items only
//! (postings.md rows 15 to 18, N1).

use rust_decimal::Decimal;

use crate::domain::allocation::{Rounding, allocate};
use crate::domain::billing::{CreditCause, CreditLine};
use crate::domain::money::{MoneyError, Sum};
use crate::domain::order::TaxLine;
use crate::domain::refund::{Refund, RefundLine};
use crate::domain::sales_order::LineTax;
use crate::domain::{Money, Order, Sku};
use crate::engine::order::units::{RefundUnits, share, shipping_line};
use crate::policy::{Policy, SubsidiaryPolicy};

/// A refund by what it does to the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakdown {
    /// Lines of the credit memo.
    pub credit: Vec<CreditLine>,
    /// What of it was never billed: given back out of the deposits, without memo or tax (row 14).
    pub unbilled: Money,
}

/// What a line of a memo is made of.
struct Part<'a> {
    cause: CreditCause,
    item: &'a Sku,
    quantity: u32,
    /// With tax inside where the order's prices have it.
    amount: Money,
    tax: Money,
    /// The taxes that the order states for it: they share out `tax`.
    like: &'a [TaxLine],
}

impl Breakdown {
    /// # Errors
    /// Amounts of different currencies, or out of range.
    pub fn of(
        order: &Order,
        refund: &Refund,
        units: &RefundUnits,
        policy: &Policy,
        seller: &SubsidiaryPolicy,
    ) -> Result<Breakdown, MoneyError> {
        let mut memo = Memo { order, seller, lines: Vec::new() };
        let mut unbilled = Sum::new(order.currency);
        let gross = |amount: Money, tax: Money| {
            if order.taxes_included { Ok(amount) } else { amount.checked_add(tax) }
        };
        for (part, billed) in refund.lines.iter().zip(&units.billed) {
            let (subtotal, tax) = (part.subtotal, part.tax);
            let credited = (share(subtotal, *billed, part.quantity)?, share(tax, *billed, part.quantity)?);
            if *billed > 0 {
                memo.goods(part, *billed, credited, policy)?;
            }
            unbilled.add(gross(subtotal.checked_sub(credited.0)?, tax.checked_sub(credited.1)?)?)?;
        }
        let items = &policy.items;
        for part in &refund.shipping {
            if !units.after_delivery {
                unbilled.add(gross(part.subtotal, part.tax)?)?;
                continue;
            }
            let like = shipping_line(order, part).map_or(&[][..], |line| &line.taxes);
            let (amount, tax) = (part.subtotal, part.tax);
            memo.add(Part {
                cause: CreditCause::Shipping,
                item: &items.shipping,
                quantity: 1,
                amount,
                tax,
                like,
            })?;
        }
        let zero = Money::zero(order.currency);
        for (cause, item, amount) in
            [(CreditCause::Duties, &items.duties, refund.duties), (CreditCause::Tip, &items.tip, refund.tip)]
        {
            if units.after_delivery {
                memo.add(Part { cause, item, quantity: 1, amount, tax: zero, like: &[] })?;
            } else {
                unbilled.add(amount)?;
            }
        }
        let like = order.lines.first().map_or(&[][..], |line| &line.taxes);
        for fee in &refund.fees {
            let (amount, tax) = (fee.amount.checked_neg()?, fee.tax.checked_neg()?);
            memo.add(Part {
                cause: CreditCause::Fee,
                item: &items.restocking,
                quantity: 1,
                amount,
                tax,
                like,
            })?;
        }
        for adjustment in &refund.adjustments {
            let (amount, tax) = (adjustment.amount, adjustment.tax);
            memo.add(Part {
                cause: CreditCause::Goodwill,
                item: &items.goodwill,
                quantity: 1,
                amount,
                tax,
                like,
            })?;
        }
        Ok(Breakdown { credit: memo.lines, unbilled: unbilled.total()? })
    }

    /// What the memo comes to.
    ///
    /// # Errors
    /// Out of range.
    pub fn credited(&self, zero: Money) -> Result<Money, MoneyError> {
        let mut total = Sum::new(zero.currency());
        for line in &self.credit {
            total.add(line.amount)?;
            for tax in &line.taxes {
                total.add(tax.amount)?;
            }
        }
        total.total()
    }

    /// Leaves out goodwill that was not paid, or is booked elsewhere.
    ///
    /// # Errors
    /// Out of range.
    pub fn without_goodwill(&mut self, less: Money) -> Result<(), MoneyError> {
        let mut less = less;
        for line in self.credit.iter_mut().filter(|line| line.cause == CreditCause::Goodwill) {
            let taken = Money::new(line.amount.minor().clamp(0, less.minor()), less.currency());
            line.amount = line.amount.checked_sub(taken)?;
            less = less.checked_sub(taken)?;
        }
        self.credit.retain(|line| !line.amount.is_zero() || !line.taxes.is_empty());
        Ok(())
    }
}

struct Memo<'a> {
    order: &'a Order,
    seller: &'a SubsidiaryPolicy,
    lines: Vec<CreditLine>,
}

impl Memo<'_> {
    fn goods(
        &mut self,
        part: &RefundLine,
        billed: u32,
        credited: (Money, Money),
        policy: &Policy,
    ) -> Result<(), MoneyError> {
        let line = self.order.lines.iter().find(|line| line.id == part.line);
        let (cause, item) = match line {
            Some(line) if line.is_gift_card => (CreditCause::GiftCard, &policy.items.gift_card),
            _ => (CreditCause::Goods, &policy.items.returns),
        };
        let like = line.map_or(&[][..], |line| &line.taxes);
        let (amount, tax) = credited;
        self.add(Part { cause, item, quantity: billed, amount, tax, like })?;
        if let (Some(last), Some(line)) = (self.lines.last_mut(), line) {
            last.sku = line.sku.clone();
            last.line = Some(line.id);
        }
        Ok(())
    }

    fn add(&mut self, part: Part) -> Result<(), MoneyError> {
        if part.amount.is_zero() && part.tax.is_zero() && part.cause != CreditCause::Goods {
            return Ok(());
        }
        let net = if self.order.taxes_included { part.amount.checked_sub(part.tax)? } else { part.amount };
        self.lines.push(CreditLine {
            cause: part.cause,
            item: part.item.clone(),
            quantity: part.quantity,
            amount: net,
            taxes: self.taxes(part.tax, part.like)?,
            sku: None,
            line: None,
        });
        Ok(())
    }

    /// The tax of a part, shared out as the order's own.
    fn taxes(&self, tax: Money, like: &[TaxLine]) -> Result<Vec<LineTax>, MoneyError> {
        if tax.is_zero() {
            return Ok(vec![]);
        }
        if like.is_empty() {
            return Ok(vec![LineTax { code: self.seller.tax_code, rate: Decimal::ZERO, amount: tax }]);
        }
        let weights: Vec<u64> = like.iter().map(|line| line.amount.minor().unsigned_abs()).collect();
        let shares = allocate(tax, &weights, Rounding::FirstToLast)?;
        let country = self.order.ship_to.as_ref().and_then(|address| address.country.as_deref());
        let code = |line: &TaxLine| self.seller.code_of(line, country);
        let taxes = like.iter().zip(shares);
        Ok(taxes.map(|(line, amount)| LineTax { code: code(line), rate: line.rate, amount }).collect())
    }
}
