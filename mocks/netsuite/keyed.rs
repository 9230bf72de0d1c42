//! Invoices and credit memos that a person keys in the browser: without an external id, with the amounts that the form
//! proposes.
//!
//! Source: netsuite.md §6.4 (a transform proposes what is left), §14.2–14.3.

use super::NetsuiteTwin;
use super::answers::{self, Refused};
use super::chart::ItemKind;
use crate::domain::{Currency, InternalId, Money, Timestamp};
use crate::platforms::netsuite::wire::{
    BillBody, BillLineBody, CurrencyReference, JsonDecimal, Reference, Sublist, Tag, TaxDetail,
};

impl NetsuiteTwin {
    /// A person bills what was shipped and is not billed, and delivery and the like with it, dated today.
    ///
    /// # Errors
    /// No such order, nothing to bill, a period that is shut.
    pub fn invoice_by_staff(
        &mut self,
        sales_order: InternalId,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let at = self.order_at(sales_order).ok_or_else(|| Box::new(answers::nonexistent()))?;
        let order = &self.orders[at as usize];
        let money = |minor: i64, currency: Currency| JsonDecimal::of_money(Money::new(minor, currency));
        let (mut items, mut taxes) = (Vec::new(), Vec::new());
        for line in order.lines.iter().filter(|line| !line.is_closed) {
            let kind = self.chart.item_kind(line.item);
            let units = line.billable(kind).min(line.quantity);
            let is_discount = kind == ItemKind::Discount;
            if units == 0 && !is_discount {
                continue;
            }
            // The form proposes the share of the units, and discounts whole.
            let share = |whole: i64| match is_discount || line.quantity == 0 {
                true => whole,
                false => whole * i64::from(units) / i64::from(line.quantity),
            };
            let reference = Tag::Number(u64::from(line.number));
            items.push(BillLineBody {
                order_line: Some(u32::from(line.number)),
                quantity: Some(JsonDecimal::whole(i64::from(units))),
                amount: Some(money(share(line.amount), order.currency)),
                tax_details_reference: Some(reference.clone()),
                ..BillLineBody::default()
            });
            for tax in order.taxes.iter().filter(|tax| tax.line == line.number) {
                let kind = self.chart.tax_kind(tax.kind);
                taxes.push(TaxDetail {
                    tax_details_reference: reference.clone(),
                    tax_code: Reference::Id(kind.code),
                    tax_basis: money(share(line.amount), order.currency),
                    tax_rate: kind.rate,
                    tax_amount: money(share(tax.amount), order.currency),
                });
            }
        }
        let body = BillBody {
            item: Some(Sublist { items }),
            tax_details_override: Some(true),
            tax_details: Some(Sublist { items: taxes }),
            ..BillBody::default()
        };
        self.transform_invoice(sales_order, &body, now)
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
            entity: Some(Reference::Id(super::Customer::id(order.customer))),
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
}
