//! What one Shopify fulfillment is billed: cumulative units of each line, less what was billed so far, so that the
//! parts come to the whole however an order is split (postings.md N2).

use std::collections::BTreeMap;

use crate::domain::billing::{Invoice, InvoiceLine, KnownInvoice};
use crate::domain::fulfillment::Fulfillment;
use crate::domain::ids::LineItemId;
use crate::domain::money::MoneyError;
use crate::domain::sales_order::{KnownSalesOrder, LineKey, LineTax, SalesOrderLine};
use crate::domain::{BookDate, Currency, ExternalId, Money, Order, SalesOrder};
use crate::engine::order::units::{Units, share};

/// Units, net amount and tax of one line of the sales order that are billed already.
#[derive(Debug, Clone, Copy)]
struct Billed {
    quantity: u32,
    amount: Money,
    tax: Money,
}

/// What the invoices of an order have billed so far, line by line.
#[derive(Debug, Clone)]
pub struct Ledger {
    currency: Currency,
    lines: BTreeMap<LineKey, Billed>,
}

impl Ledger {
    pub fn new(currency: Currency) -> Ledger {
        Ledger { currency, lines: BTreeMap::new() }
    }

    fn of(&self, key: LineKey) -> Billed {
        let zero = Money::zero(self.currency);
        self.lines.get(&key).copied().unwrap_or(Billed { quantity: 0, amount: zero, tax: zero })
    }

    fn add(&mut self, key: LineKey, quantity: u32, amount: Money, tax: Money) -> Result<(), MoneyError> {
        let so_far = self.of(key);
        let billed = Billed {
            quantity: so_far.quantity.saturating_add(quantity),
            amount: so_far.amount.checked_add(amount)?,
            tax: so_far.tax.checked_add(tax)?,
        };
        self.lines.insert(key, billed);
        Ok(())
    }

    /// # Errors
    /// Amounts of another currency than the order's, or out of range.
    pub fn count(&mut self, invoice: &KnownInvoice) -> Result<(), MoneyError> {
        for line in &invoice.lines {
            if let Some(key) = line.key {
                self.add(key, line.quantity, line.amount, line.tax)?;
            }
        }
        Ok(())
    }

    /// # Errors
    /// As [`Ledger::count`].
    pub fn count_planned(&mut self, invoice: &Invoice) -> Result<(), MoneyError> {
        for line in &invoice.lines {
            let tax = total(&line.taxes, self.currency)?;
            self.add(line.key, line.quantity, line.amount, tax)?;
        }
        Ok(())
    }

    /// Whether nothing of the order is left to bill.
    pub fn is_whole(&self, wanted: &SalesOrder) -> bool {
        wanted.lines.iter().all(|line| {
            let so_far = self.of(line.key);
            so_far.amount == line.amount && total(&line.taxes, self.currency) == Ok(so_far.tax)
        })
    }
}

fn total(taxes: &[LineTax], currency: Currency) -> Result<Money, MoneyError> {
    taxes.iter().try_fold(Money::zero(currency), |sum, tax| sum.checked_add(tax.amount))
}

/// What an invoice is made from.
pub struct Basis<'a> {
    pub order: &'a Order,
    pub units: &'a Units,
    pub wanted: &'a SalesOrder,
    pub booked: &'a KnownSalesOrder,
}

/// Why there is no invoice.
#[derive(Debug, PartialEq, Eq)]
pub enum NoInvoice {
    /// The sales order in NetSuite has no open line for this component.
    LineMissing(LineKey),
    Money(MoneyError),
}

impl From<MoneyError> for NoInvoice {
    fn from(error: MoneyError) -> NoInvoice {
        NoInvoice::Money(error)
    }
}

impl Basis<'_> {
    /// The invoice of one fulfillment. Without lines, nothing of it is left to bill.
    ///
    /// # Errors
    /// A line that the sales order does not have, or amounts out of range.
    pub fn invoice(
        &self,
        fulfillment: &Fulfillment,
        date: BookDate,
        so_far: &Ledger,
    ) -> Result<Invoice, NoInvoice> {
        let mut lines = Vec::with_capacity(self.wanted.lines.len());
        for line in &self.wanted.lines {
            let billed = so_far.of(line.key);
            let (quantity, amount, taxes) = match of_line(line.key) {
                Some(id) => {
                    let more: u32 = fulfillment
                        .lines
                        .iter()
                        .filter(|(known, _)| *known == id)
                        .map(|(_, units)| units)
                        .sum();
                    if more == 0 {
                        continue;
                    }
                    self.part(line, id, more, billed, so_far)?
                }
                // Delivery, duties, fees and tip: whole on the first invoice (postings.md rows 6, 7).
                None if line.amount == billed.amount => continue,
                None => {
                    let amount = line.amount.checked_sub(billed.amount)?;
                    let nothing = |_: &LineTax| Ok(Money::zero(amount.currency()));
                    (line.quantity, amount, rest(&line.taxes, |tax| Ok(tax.amount), nothing, billed.tax)?)
                }
            };
            let known =
                self.booked.lines.iter().find(|known| known.key == Some(line.key) && !known.is_closed);
            let known = known.ok_or(NoInvoice::LineMissing(line.key))?;
            lines.push(InvoiceLine { order_line: known.line, key: line.key, quantity, amount, taxes });
        }
        Ok(Invoice {
            external_id: ExternalId::for_invoice(self.order.shop, fulfillment.id),
            sales_order: self.wanted.external_id.clone(),
            date,
            original_date: None,
            currency: self.wanted.currency,
            lines,
        })
    }

    /// Units, net amount and taxes of a line when `more` of its units are billed.
    fn part(
        &self,
        line: &SalesOrderLine,
        id: LineItemId,
        more: u32,
        billed: Billed,
        so_far: &Ledger,
    ) -> Result<(u32, Money, Vec<LineTax>), MoneyError> {
        let at = self.order.lines.iter().position(|known| known.id == id);
        let whole = at.map_or(0, |at| self.units.wanted[at]);
        let before = self.units_billed(id, whole, so_far);
        let after = before.saturating_add(more).min(whole);
        let amount = share(line.amount, after, whole)?.checked_sub(billed.amount)?;
        let up_to_now = |tax: &LineTax| share(tax.amount, after, whole);
        let taxes = rest(&line.taxes, up_to_now, |tax| share(tax.amount, before, whole), billed.tax)?;
        let quantity = match line.key {
            LineKey::GoodsDiscount(..) => 1,
            _ => {
                let after = u64::from(line.quantity) * u64::from(after) / u64::from(whole.max(1));
                u32::try_from(after).unwrap_or(u32::MAX).saturating_sub(billed.quantity)
            }
        };
        Ok((quantity, amount, taxes))
    }

    /// Units of a line that are billed: of a bundle's components, the most complete ones tell.
    fn units_billed(&self, id: LineItemId, whole: u32, so_far: &Ledger) -> u32 {
        let carriers = self.wanted.lines.iter().filter(|line| match line.key {
            LineKey::Goods(line) | LineKey::Component(line, _) => line == id,
            _ => false,
        });
        carriers
            .map(|line| {
                let billed = u64::from(so_far.of(line.key).quantity);
                let units = billed * u64::from(whole) / u64::from(line.quantity.max(1));
                u32::try_from(units).unwrap_or(u32::MAX)
            })
            .max()
            .unwrap_or(0)
    }
}

/// Each tax up to now, less what was billed of it. NetSuite reports the sum of a line's taxes: should an edit have
/// changed what earlier invoices would have come to, the last tax makes it up.
fn rest(
    taxes: &[LineTax],
    up_to_now: impl Fn(&LineTax) -> Result<Money, MoneyError>,
    before: impl Fn(&LineTax) -> Result<Money, MoneyError>,
    billed: Money,
) -> Result<Vec<LineTax>, MoneyError> {
    let mut rest = Vec::with_capacity(taxes.len());
    let mut unexplained = billed;
    for (at, tax) in taxes.iter().enumerate() {
        let mut taken = before(tax)?;
        unexplained = unexplained.checked_sub(taken)?;
        if at + 1 == taxes.len() {
            taken = taken.checked_add(unexplained)?;
        }
        rest.push(LineTax { code: tax.code, rate: tax.rate, amount: up_to_now(tax)?.checked_sub(taken)? });
    }
    Ok(rest)
}

/// The line of the order whose units a sales-order line follows.
fn of_line(key: LineKey) -> Option<LineItemId> {
    match key {
        LineKey::Goods(id) | LineKey::GoodsDiscount(id, _) | LineKey::Component(id, _) => Some(id),
        _ => None,
    }
}
