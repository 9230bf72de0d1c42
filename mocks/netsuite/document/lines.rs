//! Lines of documents as an observer reads them.

use super::{Document, DocumentLine};
use crate::domain::Money;
use crate::domain::sales_order::LineKey;
use crate::mocks::netsuite::bill::Bill;
use crate::mocks::netsuite::sales_order::LineTag;
use crate::mocks::netsuite::{NetsuiteTwin, Transaction};

impl<'a> Document<'a> {
    /// Lines of a sales order, a fulfilment, an invoice, a credit memo or an adjustment; none for other kinds.
    pub fn lines(&self) -> impl Iterator<Item = DocumentLine<'a>> + use<'a> {
        let twin = self.twin;
        let lines: Vec<DocumentLine<'a>> = match self.transaction {
            Transaction::SalesOrder(at) => order_lines(twin, at),
            Transaction::ItemFulfillment(at) => shipped_lines(twin, at),
            Transaction::Invoice(at) => bill_lines(twin, &twin.invoices[at as usize]),
            Transaction::CreditMemo(at) => bill_lines(twin, &twin.credit_memos[at as usize]),
            Transaction::InventoryAdjustment(at) => adjusted_lines(twin, at),
            _ => Vec::new(),
        };
        lines.into_iter()
    }
}

fn order_lines(twin: &NetsuiteTwin, order: u32) -> Vec<DocumentLine<'_>> {
    let order = &twin.orders[order as usize];
    let own = twin.chart.subsidiary(order.subsidiary).currency;
    let lines = order.lines.iter().map(|line| {
        let taxes = order.taxes.iter().filter(|tax| tax.line == line.number);
        DocumentLine {
            number: u32::from(line.number),
            unique_key: u64::from(line.unique_key),
            key: if let LineTag::Component(key) = line.key { Some(key) } else { None },
            item: twin.chart.item_external_id(line.item),
            quantity: line.quantity,
            amount: Money::new(line.amount, order.currency),
            tax: Money::new(taxes.map(|tax| tax.amount).sum(), order.currency),
            description: twin.label(line.description),
            is_closed: line.is_closed,
            fulfilled: line.fulfilled,
            billed: line.billed,
            cost: Money::zero(own),
        }
    });
    lines.collect()
}

fn shipped_lines(twin: &NetsuiteTwin, fulfillment: u32) -> Vec<DocumentLine<'_>> {
    let record = &twin.fulfillments[fulfillment as usize];
    let own = record.heading.currency;
    let lines = record.lines.iter().map(|line| DocumentLine {
        number: u32::from(line.line),
        key: order_key(twin, record.heading.order, line.line),
        quantity: line.units,
        cost: Money::new(line.cost, own),
        ..bare(twin.chart.item_external_id(line.item), Money::zero(own), Money::zero(own))
    });
    lines.collect()
}

fn bill_lines<'a>(twin: &'a NetsuiteTwin, bill: &'a Bill) -> Vec<DocumentLine<'a>> {
    let currency = bill.heading.currency;
    let own = twin.chart.subsidiary(bill.heading.subsidiary).currency;
    let lines = bill.lines.iter().enumerate().map(|(place, line)| {
        let taxes = bill.taxes.iter().filter(|tax| usize::from(tax.place) == place);
        DocumentLine {
            number: u32::from(line.line),
            key: order_key(twin, bill.heading.order, line.line),
            quantity: line.quantity,
            tax: Money::new(taxes.map(|tax| tax.amount).sum(), currency),
            ..bare(
                twin.chart.item_external_id(line.item),
                Money::new(line.amount, currency),
                Money::zero(own),
            )
        }
    });
    lines.collect()
}

fn adjusted_lines(twin: &NetsuiteTwin, adjustment: u32) -> Vec<DocumentLine<'_>> {
    let record = &twin.adjustments[adjustment as usize];
    let own = record.heading.currency;
    let lines = record.lines.iter().map(|line| DocumentLine {
        // What goes off hand shows by the sign of its cost.
        quantity: u32::try_from(line.units.unsigned_abs()).unwrap_or(u32::MAX),
        cost: Money::new(line.value, own),
        ..bare(twin.chart.item_external_id(line.item), Money::zero(own), Money::zero(own))
    });
    lines.collect()
}

fn bare(item: &str, amount: Money, cost: Money) -> DocumentLine<'_> {
    DocumentLine {
        number: 0,
        unique_key: 0,
        key: None,
        item,
        quantity: 0,
        amount,
        tax: Money::zero(amount.currency()),
        description: None,
        is_closed: false,
        fulfilled: 0,
        billed: 0,
        cost,
    }
}

/// The key on the order's line, which a transform carries along.
fn order_key(twin: &NetsuiteTwin, order: u32, line: u16) -> Option<LineKey> {
    let order = twin.orders.get(order as usize)?;
    let line = order.lines.iter().find(|known| known.number == line)?;
    if let LineTag::Component(key) = line.key { Some(key) } else { None }
}
