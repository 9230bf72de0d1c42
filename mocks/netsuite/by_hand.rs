//! Invoices and credit memos that people key in the browser: by transform, without an external id, at the amounts
//! that NetSuite works out by itself.
//!
//! Source: netsuite.md §6.4 (transforms), §14.2, §18 (a credit memo from an invoice brings its stocked items along),
//! §20.11 (what is worked out line by line drifts by a minor unit), §20.24 (concurrent actors).

use super::answers::{self, Refused};
use super::bill::{BillLine, BillTax, Source};
use super::document::DocumentKind;
use super::sales_order::Line;
use super::{Customer, NetsuiteTwin, Transaction};
use crate::domain::{InternalId, Money, Timestamp};
use crate::platforms::netsuite::wire::{
    BillBody, BillLineBody, CurrencyReference, JsonDecimal, Reference, Sublist, Tag, TaxDetail,
};

impl NetsuiteTwin {
    /// A person bills units of lines of a sales order, dated today: each line's amount and tax in proportion.
    ///
    /// # Errors
    /// No such order or line, more units than may be billed, a locked order, a period that is shut.
    pub fn invoice_by_staff(
        &mut self,
        sales_order: InternalId,
        lines: &[(u32, u32)],
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        self.tell_time(now);
        let body = self.invoice_in_proportion(sales_order, lines)?;
        self.transform_invoice(sales_order, &body, now)
    }

    /// Units of lines of a sales order, each with its part of amount and tax: what a transform sources.
    pub(super) fn invoice_in_proportion(
        &self,
        sales_order: InternalId,
        lines: &[(u32, u32)],
    ) -> Result<BillBody, Refused> {
        let order = self.order_at(sales_order).ok_or_else(|| Box::new(answers::nonexistent()))?;
        let record = &self.orders[order as usize];
        let mut items = Vec::with_capacity(lines.len());
        let mut taxes = Vec::new();
        for (number, units) in lines.iter().copied().filter(|(_, units)| *units > 0) {
            let line = record.lines.iter().find(|line| u32::from(line.number) == number);
            let line =
                line.ok_or_else(|| answers::invalid_value(&number.to_string(), "orderline", "item"))?;
            let part = |amount: i64| Money::new(proportion(amount, units, line.quantity), record.currency);
            let reference = Tag::Number(u64::from(number));
            for tax in record.taxes.iter().filter(|tax| tax.line == line.number) {
                let kind = self.chart.tax_kind(tax.kind);
                taxes.push(TaxDetail {
                    tax_details_reference: reference.clone(),
                    tax_code: Reference::Id(kind.code),
                    tax_basis: JsonDecimal::of_money(part(line.amount)),
                    tax_rate: kind.rate,
                    tax_amount: JsonDecimal::of_money(part(tax.amount)),
                });
            }
            items.push(BillLineBody {
                order_line: Some(number),
                quantity: Some(JsonDecimal::whole(i64::from(units))),
                amount: Some(JsonDecimal::of_money(part(line.amount))),
                tax_details_reference: Some(reference),
                ..BillLineBody::default()
            });
        }
        Ok(BillBody {
            item: Some(Sublist { items }),
            tax_details_override: Some(true),
            tax_details: Some(Sublist { items: taxes }),
            ..BillBody::default()
        })
    }

    /// A person bills what was shipped and is not billed, and delivery and the like with it, dated today.
    ///
    /// # Errors
    /// No such order, nothing to bill, a locked order, a period that is shut.
    pub fn invoice_rest_by_staff(
        &mut self,
        sales_order: InternalId,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let units = self.billable_units(sales_order)?;
        self.invoice_by_staff(sales_order, &units, now)
    }

    /// Line numbers of a sales order with the units that may be billed now.
    pub(super) fn billable_units(&self, sales_order: InternalId) -> Result<Vec<(u32, u32)>, Refused> {
        let at = self.order_at(sales_order).ok_or_else(|| Box::new(answers::nonexistent()))?;
        let open = self.orders[at as usize].lines.iter().filter(|line| !line.is_closed);
        let billable = |line: &Line| line.billable(self.chart.item_kind(line.item)).min(line.quantity);
        Ok(open.map(|line| (u32::from(line.number), billable(line))).collect())
    }

    /// Line numbers of a sales order with the units that may still be put on a fulfilment.
    pub(super) fn shippable_units(&self, sales_order: InternalId) -> Result<Vec<(u32, u32)>, Refused> {
        let at = self.order_at(sales_order).ok_or_else(|| Box::new(answers::nonexistent()))?;
        let units = self.orders[at as usize].lines.iter().map(|line| {
            let picked = self.picked(at, line.number).saturating_sub(line.fulfilled);
            let left = line.to_ship(self.chart.item_kind(line.item)).saturating_sub(picked);
            (u32::from(line.number), left)
        });
        Ok(units.collect())
    }

    /// A person credits an amount for the order, dated today, by an item that returns are keyed with.
    ///
    /// # Errors
    /// No such order or item, a period that is shut.
    pub fn credit_memo_by_staff(
        &mut self,
        sales_order: InternalId,
        item: &str,
        amount: Money,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let at = self.order_at(sales_order).ok_or_else(|| Box::new(answers::nonexistent()))?;
        let order = &self.orders[at as usize];
        let line = BillLineBody {
            item: Some(Reference::external(item)),
            quantity: Some(JsonDecimal::whole(1)),
            amount: Some(JsonDecimal::of_money(amount)),
            ..BillLineBody::default()
        };
        let body = BillBody {
            entity: Some(Reference::Id(Customer::id(order.customer))),
            subsidiary: Some(Reference::Id(self.chart.subsidiary(order.subsidiary).id)),
            currency: Some(CurrencyReference(order.currency)),
            plimsoll_order: order.key.map(|key| self.names.text(key)),
            item: Some(Sublist { items: vec![line] }),
            ..BillBody::default()
        };
        let memo = self.create_credit_memo(&body, now)?;
        self.touch(at, now);
        Ok(memo)
    }

    /// A person credits units of an invoice's lines, named by the order's line numbers, dated today. Stocked items go
    /// back on hand without their cost; what of the invoice is open is paid by it.
    ///
    /// # Errors
    /// No such invoice or line, more units than were billed, a period that is shut.
    pub fn credit_by_staff(
        &mut self,
        invoice: InternalId,
        lines: &[(u32, u32)],
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        self.tell_time(now);
        let at = self.find_bill(&Reference::Id(invoice), DocumentKind::Invoice)?;
        let bill = &self.invoices[at as usize];
        let mut credited: Vec<BillLine> = Vec::with_capacity(lines.len());
        let mut taxes: Vec<BillTax> = Vec::new();
        for (number, units) in lines.iter().copied().filter(|(_, units)| *units > 0) {
            let place = bill.lines.iter().position(|line| u32::from(line.line) == number);
            let place =
                place.ok_or_else(|| answers::invalid_value(&number.to_string(), "orderline", "item"))?;
            let line = bill.lines[place];
            if units > line.quantity {
                return Err(answers::refused("The quantity to credit is greater than what was billed."));
            }
            let on_memo = u16::try_from(credited.len()).map_err(|_| answers::unbalanced())?;
            let own = bill.taxes.iter().filter(|tax| usize::from(tax.place) == place);
            taxes.extend(own.map(|tax| BillTax {
                amount: proportion(tax.amount, units, line.quantity),
                place: on_memo,
                ..*tax
            }));
            let amount = proportion(line.amount, units, line.quantity);
            credited.push(BillLine { amount, quantity: units, ..line });
        }
        let source = Source::of(bill.heading);
        let (date, open) = (self.today(now), bill.open());
        let memo = self.enter_bill(DocumentKind::CreditMemo, None, source, credited, taxes, date)?;
        self.restock_credited(memo);
        let paid = open.min(self.credit_memos[memo as usize].open());
        self.pay(memo, &[(at, paid)], date);
        Ok(Transaction::id(self.credit_memos[memo as usize].heading.transaction))
    }
}

/// Half away from zero, each amount by itself; the whole amount for all units, or more than there are.
fn proportion(amount: i64, units: u32, of: u32) -> i64 {
    if units >= of {
        return amount;
    }
    let (exact, of) = (i128::from(amount) * i128::from(units), i128::from(of));
    let rounded = (2 * exact.abs() + of) / (2 * of) * exact.signum();
    i64::try_from(rounded).expect("a part is not greater than the whole")
}
