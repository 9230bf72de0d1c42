//! Lines of documents as the tables of lines have them: a main line, lines of items, of cost and of tax, with the signs of
//! the ledger.
//!
//! Source: netsuite.md §11.5 (signs, cost lines), §18 (accounts).

use crate::domain::{Currency, InternalId};
use crate::mocks::netsuite::bill::Bill;
use crate::mocks::netsuite::impact::Side;
use crate::mocks::netsuite::{NONE, NetsuiteTwin, Transaction};

#[derive(Debug, Clone)]
pub(super) struct DocumentLine {
    /// 0 for the main line.
    pub id: u32,
    pub is_main: bool,
    pub is_tax: bool,
    pub is_cost: bool,
    pub item: Option<u32>,
    /// Below zero on documents of sales.
    pub quantity: Option<i64>,
    /// In the currency of the document: debits positive.
    pub foreign: Option<i64>,
    pub currency: Currency,
    /// Of the books that the line is in.
    pub subsidiary: InternalId,
    pub location: Option<InternalId>,
    pub tag: Option<String>,
    pub side: Option<Side>,
    /// Document and line that it was made from, by position.
    pub previous: Option<(u32, u32)>,
    pub is_closed: bool,
    pub fulfilled: u32,
    pub billed: u32,
    pub unique_key: u32,
    /// Rows of tax of the line: sum and code.
    pub taxes: Vec<(i64, InternalId)>,
}

/// Lines of the document at that position, in their order; none for a payment.
pub(super) fn of(twin: &NetsuiteTwin, position: u32) -> Vec<DocumentLine> {
    let Some(document) = twin.transactions.get(position as usize).copied() else { return Vec::new() };
    let heading = twin.heading(document);
    let own = twin.chart.subsidiary(heading.subsidiary);
    let sides = twin.impact(document);
    let bare = |id: u32| DocumentLine {
        id,
        is_main: false,
        is_tax: false,
        is_cost: false,
        item: None,
        quantity: None,
        foreign: None,
        currency: heading.currency,
        subsidiary: own.id,
        location: None,
        tag: None,
        side: None,
        previous: None,
        is_closed: false,
        fulfilled: 0,
        billed: 0,
        unique_key: 0,
        taxes: Vec::new(),
    };
    let main =
        |foreign: Option<i64>, side: Option<Side>| DocumentLine { is_main: true, foreign, side, ..bare(0) };
    // Sides without items: the first stands on the main line.
    let plain = || {
        let mut lines = vec![main(sides.first().map(|side| side.minor), sides.first().copied())];
        for (number, side) in (1..).zip(sides.iter().skip(1)) {
            lines.push(DocumentLine { foreign: Some(side.minor), side: Some(*side), ..bare(number) });
        }
        lines
    };
    match document {
        Transaction::SalesOrder(at) => {
            let order = &twin.orders[at as usize];
            let mut lines = vec![main(order.total(), None)];
            for line in &order.lines {
                let taxes = order.taxes.iter().filter(|tax| tax.line == line.number);
                lines.push(DocumentLine {
                    item: Some(line.item),
                    quantity: Some(-i64::from(line.quantity)),
                    foreign: Some(-line.amount),
                    location: Some(own.location),
                    tag: twin.tag(line.key).map(|tag| tag.to_string()),
                    is_closed: line.is_closed,
                    fulfilled: line.fulfilled,
                    billed: line.billed,
                    unique_key: line.unique_key,
                    taxes: taxes.map(|tax| (tax.amount, twin.chart.tax_kind(tax.kind).code)).collect(),
                    ..bare(u32::from(line.number))
                });
            }
            let last = u32::from(order.last_line);
            for (number, tax) in (last + 1..).zip(&order.taxes) {
                lines.push(DocumentLine { is_tax: true, foreign: Some(-tax.amount), ..bare(number) });
            }
            lines
        }
        Transaction::ItemFulfillment(at) => {
            let record = &twin.fulfillments[at as usize];
            let order = twin.orders.get(record.heading.order as usize);
            let mut lines = vec![DocumentLine { location: Some(record.location), ..main(None, None) }];
            let accounts = (twin.chart.set_up(own.inventory), twin.chart.set_up(own.cogs));
            let side = |account, base| (base != 0).then_some(Side { account, minor: base, base });
            for (number, line) in (1..).zip(&record.lines) {
                let known =
                    order.and_then(|order| order.lines.iter().find(|known| known.number == line.line));
                lines.push(DocumentLine {
                    item: Some(line.item),
                    quantity: Some(-i64::from(line.units)),
                    location: Some(record.location),
                    tag: known.and_then(|line| twin.tag(line.key)).map(|tag| tag.to_string()),
                    previous: order.map(|order| (order.transaction, u32::from(line.line))),
                    side: side(accounts.0, -line.cost),
                    ..bare(number)
                });
            }
            let first = u32::try_from(lines.len()).unwrap_or(NONE);
            for (number, line) in (first..).zip(&record.lines) {
                lines.push(DocumentLine {
                    is_cost: true,
                    item: Some(line.item),
                    quantity: Some(i64::from(line.units)),
                    location: Some(record.location),
                    side: side(accounts.1, line.cost),
                    ..bare(number)
                });
            }
            lines
        }
        Transaction::Invoice(at) => billed(twin, &twin.invoices[at as usize], 1, &sides, &bare, own.location),
        Transaction::CreditMemo(at) => {
            billed(twin, &twin.credit_memos[at as usize], -1, &sides, &bare, own.location)
        }
        Transaction::InventoryAdjustment(at) => {
            let record = &twin.adjustments[at as usize];
            let inventory = twin.chart.set_up(own.inventory);
            let mut lines =
                vec![DocumentLine { location: Some(record.location), ..main(None, sides.get(1).copied()) }];
            for (number, line) in (1..).zip(&record.lines) {
                lines.push(DocumentLine {
                    item: Some(line.item),
                    quantity: Some(line.units),
                    location: Some(record.location),
                    side: Some(Side { account: inventory, minor: line.value, base: line.value }),
                    ..bare(number)
                });
            }
            lines
        }
        // A journal has no main line of its own. Lines that await approval have no accounting line.
        Transaction::JournalEntry(at) => {
            let journal = &twin.journals[at as usize];
            let lines = (1..).zip(&journal.lines).map(|(number, line)| DocumentLine {
                foreign: Some(line.minor),
                subsidiary: twin.chart.account(line.account).subsidiary,
                side: (!journal.is_pending).then_some(Side {
                    account: line.account,
                    minor: line.minor,
                    base: line.base,
                }),
                ..bare(number)
            });
            lines.collect()
        }
        Transaction::DepositApplication(at) => {
            let deposit = twin.deposits[twin.applications[at as usize].deposit as usize].transaction;
            let mut lines = plain();
            if let Some(line) = lines.first_mut() {
                line.previous = Some((deposit, 0));
            }
            lines
        }
        Transaction::CustomerDeposit(_) | Transaction::CustomerRefund(_) | Transaction::FxReval(_) => plain(),
    }
}

/// Sides of an invoice or credit memo follow its receivable: one for each line and row of tax that has an amount.
fn billed(
    twin: &NetsuiteTwin,
    bill: &Bill,
    sign: i64,
    sides: &[Side],
    bare: &dyn Fn(u32) -> DocumentLine,
    location: InternalId,
) -> Vec<DocumentLine> {
    let order = twin.orders.get(bill.heading.order as usize);
    let mut sides = sides.iter().copied();
    let mut lines =
        vec![DocumentLine { is_main: true, foreign: Some(sign * bill.total), side: sides.next(), ..bare(0) }];
    for (place, line) in bill.lines.iter().enumerate() {
        let taxes = bill.taxes.iter().filter(|tax| usize::from(tax.place) == place);
        let known = order.and_then(|order| order.lines.iter().find(|known| known.number == line.line));
        let number = u32::try_from(place + 1).unwrap_or(NONE);
        lines.push(DocumentLine {
            item: Some(line.item),
            quantity: Some(-sign * i64::from(line.quantity)),
            foreign: Some(-sign * line.amount),
            location: Some(location),
            tag: known.and_then(|line| twin.tag(line.key)).map(|tag| tag.to_string()),
            previous: order.filter(|_| line.line > 0).map(|order| (order.transaction, u32::from(line.line))),
            side: if line.amount == 0 { None } else { sides.next() },
            taxes: taxes.map(|tax| (tax.amount, twin.chart.tax_kind(tax.kind).code)).collect(),
            ..bare(number)
        });
    }
    for tax in &bill.taxes {
        let number = u32::try_from(lines.len()).unwrap_or(NONE);
        lines.push(DocumentLine {
            is_tax: true,
            foreign: Some(-sign * tax.amount),
            side: if tax.amount == 0 { None } else { sides.next() },
            ..bare(number)
        });
    }
    lines
}
