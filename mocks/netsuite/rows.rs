//! Answers to queries of documents. A query sees locked records too.
//!
//! Source: netsuite.md §11.5 (columns), §20.6 (locked records).

use super::bill::Bill;
use super::document::DocumentKind;
use super::heading::Heading;
use super::sales_order::LineTag;
use super::{NetsuiteTwin, Transaction};
use crate::domain::fulfillment::ShipStatus;
use crate::domain::{Currency, InternalId, Money};
use crate::platforms::netsuite::operation::suiteql::{DocumentRow, FoundRow, TransactionType};
use crate::platforms::netsuite::wire::{JsonDecimal, Tag};

impl NetsuiteTwin {
    /// Main line and lines of every document of the order, by internal id.
    pub(super) fn documents_rows(&self, sales_order: InternalId) -> Vec<DocumentRow> {
        let Some(order) = self.order_at(sales_order) else { return Vec::new() };
        let mut documents: Vec<(u32, Transaction)> = Vec::new();
        let mut deposit = self.orders[order as usize].first_deposit;
        while let Some(known) = self.deposits.get(deposit as usize) {
            documents.push((known.transaction, Transaction::CustomerDeposit(deposit)));
            deposit = known.next;
        }
        let others = self.documents_of_order(order);
        documents.extend(others.map(|other| (self.heading(other).transaction, other)));
        documents.sort_unstable_by_key(|(position, _)| *position);
        let mut rows = Vec::with_capacity(documents.len() * 4);
        for (_, document) in documents {
            self.push_rows(document, &mut rows);
        }
        rows
    }

    fn push_rows(&self, document: Transaction, rows: &mut Vec<DocumentRow>) {
        match document {
            Transaction::CustomerDeposit(at) => {
                let deposit = &self.deposits[at as usize];
                let own = self.chart.subsidiary(deposit.subsidiary).currency;
                let id = Transaction::id(deposit.transaction);
                rows.push(DocumentRow {
                    mainline: true,
                    externalid: deposit.key.map(|key| self.names.text(key)),
                    trandate: Some(deposit.date),
                    foreigntotal: Some(decimal(deposit.payment, deposit.currency)),
                    foreignamountunpaid: Some(decimal(self.deposit_open(at), deposit.currency)),
                    account: Some(self.chart.account(deposit.account).id),
                    ..DocumentRow::new(id, TransactionType::CustDep, deposit.currency, own)
                });
            }
            Transaction::ItemFulfillment(at) => self.push_fulfillment(at, rows),
            Transaction::Invoice(at) => {
                let bill = &self.invoices[at as usize];
                rows.push(self.bill_row(bill, TransactionType::CustInvc));
                self.push_billed(bill, rows);
            }
            Transaction::CreditMemo(at) => {
                rows.push(self.bill_row(&self.credit_memos[at as usize], TransactionType::CustCred));
            }
            Transaction::CustomerRefund(at) => {
                let refund = &self.refunds[at as usize];
                rows.push(DocumentRow {
                    externalid: refund.key.map(|key| self.names.text(key)),
                    foreigntotal: Some(decimal(refund.amount, refund.heading.currency)),
                    foreignamountunpaid: Some(decimal(0, refund.heading.currency)),
                    account: Some(self.chart.account(refund.account).id),
                    ..self.main_row(refund.heading, TransactionType::CustRfnd)
                });
            }
            Transaction::InventoryAdjustment(at) => {
                let record = &self.adjustments[at as usize];
                rows.push(DocumentRow {
                    externalid: record.key.map(|key| self.names.text(key)),
                    location: Some(record.location),
                    ..self.main_row(record.heading, TransactionType::InvAdjst)
                });
            }
            // The statement does not ask for these.
            Transaction::SalesOrder(_)
            | Transaction::JournalEntry(_)
            | Transaction::DepositApplication(_)
            | Transaction::FxReval(_) => {}
        }
    }

    fn main_row(&self, heading: Heading, kind: TransactionType) -> DocumentRow {
        let own = self.chart.subsidiary(heading.subsidiary).currency;
        let id = Transaction::id(heading.transaction);
        DocumentRow {
            mainline: true,
            trandate: Some(heading.date),
            ..DocumentRow::new(id, kind, heading.currency, own)
        }
    }

    fn push_fulfillment(&self, at: u32, rows: &mut Vec<DocumentRow>) {
        let record = &self.fulfillments[at as usize];
        if record.is_deleted {
            return;
        }
        let numbers: Vec<_> = record.parcels.iter().map(|(_, number)| self.names.text(*number)).collect();
        let carrier = record.parcels.first().and_then(|(carrier, _)| self.label(*carrier));
        let main = self.main_row(record.heading, TransactionType::ItemShip);
        let (id, kind, own) = (main.id, main.kind, main.basecurrency);
        rows.push(DocumentRow {
            status: Some(match record.status {
                ShipStatus::Picked => 'A',
                ShipStatus::Packed => 'B',
                ShipStatus::Shipped => 'C',
            }),
            location: Some(record.location),
            shipmethod: carrier.map(Into::into),
            linkedtrackingnumberlist: (!numbers.is_empty()).then(|| numbers.join(" ").into()),
            ..main
        });
        for line in &record.lines {
            rows.push(DocumentRow {
                previousline: Some(InternalId::new(u64::from(line.line))),
                custcol_plimsoll_key: self.order_tag(record.heading.order, line.line),
                item: Some(self.chart.item_external_id(line.item).into()),
                quantity: Some(JsonDecimal::whole(i64::from(line.units))),
                cost: decimal(line.cost, own),
                ..DocumentRow::new(id, kind, own, own)
            });
        }
    }

    fn bill_row(&self, bill: &Bill, kind: TransactionType) -> DocumentRow {
        let currency = bill.heading.currency;
        DocumentRow {
            externalid: bill.key.map(|key| self.names.text(key)),
            status: Some(if bill.open() == 0 { 'B' } else { 'A' }),
            foreigntotal: Some(decimal(bill.total, currency)),
            foreignamountunpaid: Some(decimal(bill.open(), currency)),
            ..self.main_row(bill.heading, kind)
        }
    }

    fn push_billed(&self, bill: &Bill, rows: &mut Vec<DocumentRow>) {
        let currency = bill.heading.currency;
        let own = self.chart.subsidiary(bill.heading.subsidiary).currency;
        let id = Transaction::id(bill.heading.transaction);
        for (place, line) in bill.lines.iter().enumerate() {
            let mut taxes = bill.taxes.iter().filter(|tax| usize::from(tax.place) == place).peekable();
            let has_tax = taxes.peek().is_some();
            rows.push(DocumentRow {
                previousline: (line.line > 0).then(|| InternalId::new(u64::from(line.line))),
                custcol_plimsoll_key: self.order_tag(bill.heading.order, line.line),
                item: Some(self.chart.item_external_id(line.item).into()),
                quantity: Some(JsonDecimal::whole(i64::from(line.quantity))),
                foreignamount: Some(decimal(line.amount, currency)),
                taxamount: has_tax.then(|| decimal(taxes.map(|tax| tax.amount).sum(), currency)),
                ..DocumentRow::new(id, TransactionType::CustInvc, currency, own)
            });
        }
    }

    /// The custom column of the order's line, which a transform carries along.
    fn order_tag(&self, order: u32, line: u16) -> Option<Tag> {
        let order = self.orders.get(order as usize)?;
        let line = order.lines.iter().find(|known| known.number == line)?;
        self.tag(line.key)
    }

    pub(super) fn tag(&self, key: LineTag) -> Option<Tag> {
        match key {
            LineTag::Component(key) => Some(Tag::Component(key)),
            LineTag::Number(number) => Some(Tag::Number(u64::from(number))),
            LineTag::Text(at) => self.label(at).map(|text| Tag::Text(text.into())),
            LineTag::Empty => None,
        }
    }

    pub(super) fn named(&self, kind: TransactionType, external_id: &str) -> Vec<FoundRow> {
        let kind = match kind {
            TransactionType::CustDep => DocumentKind::CustomerDeposit,
            TransactionType::CustInvc => DocumentKind::Invoice,
            TransactionType::CustCred => DocumentKind::CreditMemo,
            TransactionType::CustRfnd => DocumentKind::CustomerRefund,
            TransactionType::InvAdjst => DocumentKind::InventoryAdjustment,
            TransactionType::DepAppl => DocumentKind::DepositApplication,
            TransactionType::Journal => DocumentKind::JournalEntry,
            TransactionType::ItemShip => DocumentKind::ItemFulfillment,
        };
        let found = self.document_by_key(kind, external_id);
        found.map(|document| FoundRow { id: document.internal_id() }).into_iter().collect()
    }
}

fn decimal(minor: i64, currency: Currency) -> JsonDecimal {
    JsonDecimal::of_money(Money::new(minor, currency))
}
