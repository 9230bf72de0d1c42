//! What an observer may read of the account: every document as plain values, and the balances. No rule of the
//! platform applies here: locks and permissions do not hide anything.

use rust_decimal::Decimal;

use super::fulfillment::ItemFulfillment;
use super::heading::Heading;
use super::impact::Side;
use super::ledger::{Balance, Posting};
use super::sales_order::{SalesOrder, record};
use super::{Customer, NONE, NetsuiteTwin, Transaction};
use crate::domain::customer::Address;
use crate::domain::fulfillment::{Parcel, ShipStatus};
use crate::domain::sales_order::{LineKey, SalesOrderStatus};
use crate::domain::{BookDate, Currency, ExternalId, InternalId, Money, Timestamp};

mod lines;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    SalesOrder,
    CustomerDeposit,
    JournalEntry,
    ItemFulfillment,
    Invoice,
    CreditMemo,
    CustomerRefund,
    DepositApplication,
    InventoryAdjustment,
    /// A realised exchange difference.
    FxReval,
}

/// One document. A view: nothing is copied until it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    twin: &'a NetsuiteTwin,
    transaction: Transaction,
    position: u32,
}

/// A line of a sales order, of a fulfilment, of an invoice, a credit memo or an inventory adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentLine<'a> {
    /// Of the sales order's line; 0 if the document was made from none.
    pub number: u32,
    /// Of a sales order's line; 0 elsewhere.
    pub unique_key: u64,
    /// `None` when a person added the line.
    pub key: Option<LineKey>,
    /// The item's external id.
    pub item: &'a str,
    pub quantity: u32,
    /// Net of tax.
    pub amount: Money,
    /// Sum of the line's tax.
    pub tax: Money,
    pub description: Option<&'a str>,
    pub is_closed: bool,
    /// Of a sales order's line: units on shipped fulfilments, and on invoices.
    pub fulfilled: u32,
    pub billed: u32,
    /// Of a fulfilment's or an adjustment's line: what left the stock, or came back, at cost; in base currency.
    pub cost: Money,
}

/// A row of tax of an open line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentTax {
    /// Number of the line.
    pub line: u32,
    pub code: InternalId,
    pub amount: Money,
}

impl NetsuiteTwin {
    /// Every document, posting or not, in the order of creation. Deleted ones are gone.
    pub fn documents(&self) -> impl Iterator<Item = Document<'_>> {
        let all = (0u32..).zip(&self.transactions);
        let all =
            all.map(|(position, transaction)| Document { twin: self, transaction: *transaction, position });
        all.filter(|document| !document.is_deleted())
    }

    pub fn document(&self, id: InternalId) -> Option<Document<'_>> {
        self.document_at(Transaction::position(id)?).filter(|document| !document.is_deleted())
    }

    /// The document with this external id; ids are unique within a kind.
    pub fn document_by_key(&self, kind: DocumentKind, external_id: &str) -> Option<Document<'_>> {
        let key = self.names.find(external_id)?;
        let at = |known: &crate::domain::FixedMap<_, u32>| known.get(&key).copied();
        let position = match kind {
            DocumentKind::SalesOrder => self.orders[at(&self.orders_by_key)? as usize].transaction,
            DocumentKind::CustomerDeposit => self.deposits[at(&self.deposits_by_key)? as usize].transaction,
            DocumentKind::JournalEntry => self.journals[at(&self.journals_by_key)? as usize].transaction,
            _ => *self.documents_by_key.get(&(kind, key))?,
        };
        self.document(Transaction::id(position))
    }

    /// The n-th document in the order of creation, from 0; a deleted one keeps its place and posts nothing.
    pub fn document_at(&self, position: usize) -> Option<Document<'_>> {
        let transaction = *self.transactions.get(position)?;
        Some(Document { twin: self, transaction, position: u32::try_from(position).ok()? })
    }

    /// External id and e-mail of every customer, those without an external id included, in order of creation.
    pub fn customers(&self) -> impl Iterator<Item = (Option<Box<str>>, Option<&str>)> {
        self.customers
            .iter()
            .filter(|customer| !customer.is_deleted)
            .map(|customer| (customer.key.map(|key| self.names.text(key)), customer.email.as_deref()))
    }

    /// How many documents there are.
    pub fn documents_count(&self) -> usize {
        self.transactions.len()
    }

    /// Every account of the chart.
    pub fn accounts(&self) -> impl Iterator<Item = &super::Account> {
        self.chart.accounts().iter()
    }

    /// Running balance of every account that was posted to, by currency of the documents.
    pub fn balances(&self) -> impl Iterator<Item = Balance> + '_ {
        self.ledger.balances(&self.chart)
    }
}

impl<'a> Document<'a> {
    pub fn kind(&self) -> DocumentKind {
        match self.transaction {
            Transaction::SalesOrder(_) => DocumentKind::SalesOrder,
            Transaction::CustomerDeposit(_) => DocumentKind::CustomerDeposit,
            Transaction::JournalEntry(_) => DocumentKind::JournalEntry,
            Transaction::ItemFulfillment(_) => DocumentKind::ItemFulfillment,
            Transaction::Invoice(_) => DocumentKind::Invoice,
            Transaction::CreditMemo(_) => DocumentKind::CreditMemo,
            Transaction::CustomerRefund(_) => DocumentKind::CustomerRefund,
            Transaction::DepositApplication(_) => DocumentKind::DepositApplication,
            Transaction::InventoryAdjustment(_) => DocumentKind::InventoryAdjustment,
            Transaction::FxReval(_) => DocumentKind::FxReval,
        }
    }

    /// Its place in the order of creation, from 0.
    pub fn position(&self) -> usize {
        self.position as usize
    }

    /// A fulfilment that a person deleted.
    pub fn is_deleted(&self) -> bool {
        matches!(self.transaction, Transaction::ItemFulfillment(at) if self.twin.fulfillments[at as usize].is_deleted)
    }

    pub fn internal_id(&self) -> InternalId {
        Transaction::id(self.position)
    }

    /// `None` when a person keyed it, or NetSuite made it by itself.
    pub fn external_id(&self) -> Option<ExternalId> {
        let twin = self.twin;
        let key = match self.transaction {
            Transaction::SalesOrder(at) => twin.orders[at as usize].key,
            Transaction::CustomerDeposit(at) => twin.deposits[at as usize].key,
            Transaction::JournalEntry(at) => twin.journals[at as usize].key,
            Transaction::Invoice(at) => twin.invoices[at as usize].key,
            Transaction::CreditMemo(at) => twin.credit_memos[at as usize].key,
            Transaction::CustomerRefund(at) => twin.refunds[at as usize].key,
            Transaction::DepositApplication(at) => twin.applications[at as usize].key,
            Transaction::InventoryAdjustment(at) => twin.adjustments[at as usize].key,
            Transaction::ItemFulfillment(_) | Transaction::FxReval(_) => None,
        };
        key.map(|key| ExternalId::from_netsuite(twin.names.text(key)))
    }

    pub fn subsidiary(&self) -> InternalId {
        self.twin.chart.subsidiary(self.heading().subsidiary).id
    }

    /// Of its amounts; the base currency for fulfilments and adjustments.
    pub fn currency(&self) -> Currency {
        self.heading().currency
    }

    pub fn date(&self) -> BookDate {
        self.heading().date
    }

    /// What a journal says of itself, and a late document of why it is late; others say nothing.
    pub fn memo(&self) -> Option<&'a str> {
        match self.transaction {
            Transaction::JournalEntry(at) => self.twin.journals[at as usize].memo.as_deref(),
            _ => self.twin.late.get(&self.position).and_then(|(_, memo)| memo.as_deref()),
        }
    }

    /// What the lines of a journal say, one text after the other in their order; empty if none says anything.
    pub fn line_memos(&self) -> &'a str {
        let Transaction::JournalEntry(at) = self.transaction else { return "" };
        &self.twin.journals[at as usize].line_memos
    }

    /// The day that it would have had if its period had been open: the custom field that integrations keep it in.
    pub fn original_date(&self) -> Option<BookDate> {
        self.twin.late.get(&self.position).map(|(date, _)| *date)
    }

    /// Base currency of the subsidiary per unit.
    pub fn exchange_rate(&self) -> Decimal {
        let twin = self.twin;
        let rate = match self.transaction {
            Transaction::SalesOrder(at) => twin.orders[at as usize].exchange_rate,
            Transaction::CustomerDeposit(at) => twin.deposits[at as usize].exchange_rate,
            Transaction::JournalEntry(at) => twin.journals[at as usize].exchange_rate,
            Transaction::Invoice(at) => twin.invoices[at as usize].exchange_rate,
            Transaction::CreditMemo(at) => twin.credit_memos[at as usize].exchange_rate,
            Transaction::CustomerRefund(at) => twin.refunds[at as usize].exchange_rate,
            Transaction::DepositApplication(at) => {
                twin.deposits[twin.applications[at as usize].deposit as usize].exchange_rate
            }
            Transaction::ItemFulfillment(_)
            | Transaction::InventoryAdjustment(_)
            | Transaction::FxReval(_) => return Decimal::ONE,
        };
        rate.to_decimal()
    }

    pub fn customer(&self) -> Option<InternalId> {
        self.customer_position().map(Customer::id)
    }

    pub fn customer_external_id(&self) -> Option<ExternalId> {
        let key = self.twin.customers[self.customer_position()? as usize].key?;
        Some(ExternalId::from_netsuite(self.twin.names.text(key)))
    }

    /// The sales order that the document belongs to; itself for a sales order.
    pub fn sales_order(&self) -> Option<Document<'a>> {
        let order = self.twin.orders.get(self.heading().order as usize)?;
        self.twin.document(Transaction::id(order.transaction))
    }

    /// What a deposit received.
    pub fn payment(&self) -> Option<Money> {
        let Transaction::CustomerDeposit(at) = self.transaction else { return None };
        let deposit = &self.twin.deposits[at as usize];
        Some(Money::new(deposit.payment, deposit.currency))
    }

    /// Status of a sales order.
    pub fn status(&self) -> Option<SalesOrderStatus> {
        self.order().map(|order| order.status)
    }

    /// When the warehouse took the sales order, whether or not its record says so yet.
    pub fn released_at(&self) -> Option<Timestamp> {
        self.order().and_then(|order| order.release.truth())
    }

    /// From when on its record says that the warehouse took the sales order.
    pub fn release_visible_at(&self) -> Option<Timestamp> {
        self.order().and_then(|order| order.release.truth().map(|_| order.release.visible_at))
    }

    /// Lines and tax of a sales order, closed lines included; total of an invoice, a credit memo, a refund or an
    /// application. `None` for other kinds, or out of range.
    pub fn total(&self) -> Option<Money> {
        let twin = self.twin;
        let minor = match self.transaction {
            Transaction::SalesOrder(at) => twin.orders[at as usize].total()?,
            Transaction::Invoice(at) => twin.invoices[at as usize].total,
            Transaction::CreditMemo(at) => twin.credit_memos[at as usize].total,
            Transaction::CustomerRefund(at) => twin.refunds[at as usize].amount,
            Transaction::DepositApplication(at) => twin.applications[at as usize].amount,
            _ => return None,
        };
        Some(Money::new(minor, self.currency()))
    }

    /// What is left of a deposit, an invoice or a credit memo.
    pub fn open(&self) -> Option<Money> {
        let minor = match self.transaction {
            Transaction::CustomerDeposit(at) => self.twin.deposit_open(at),
            Transaction::Invoice(at) => self.twin.invoices[at as usize].open(),
            Transaction::CreditMemo(at) => self.twin.credit_memos[at as usize].open(),
            _ => return None,
        };
        Some(Money::new(minor, self.currency()))
    }

    pub fn ship_to(&self) -> Option<Address> {
        self.order()?.ship_to.as_deref().map(record::address)
    }

    /// Of a fulfilment.
    pub fn ship_status(&self) -> Option<ShipStatus> {
        self.fulfillment().map(|record| record.status)
    }

    /// Of a fulfilment or an inventory adjustment.
    pub fn location(&self) -> Option<InternalId> {
        match self.transaction {
            Transaction::InventoryAdjustment(at) => Some(self.twin.adjustments[at as usize].location),
            _ => self.fulfillment().map(|record| record.location),
        }
    }

    /// Of a fulfilment; links are not kept.
    pub fn parcels(&self) -> impl Iterator<Item = Parcel> + use<'a> {
        let twin = self.twin;
        let parcels = self.fulfillment().map_or(&[][..], |record| &record.parcels);
        parcels.iter().map(move |(carrier, number)| Parcel {
            carrier: twin.label(*carrier).map(Into::into),
            number: twin.names.text(*number),
            url: None,
        })
    }

    /// Rows of tax of a sales order's open lines; none for other kinds.
    pub fn taxes(&self) -> impl Iterator<Item = DocumentTax> + use<'a> {
        let twin = self.twin;
        self.order().into_iter().flat_map(move |order| {
            let closed = |number| order.lines.iter().any(|line| line.number == number && line.is_closed);
            order.taxes.iter().filter(move |tax| !closed(tax.line)).map(move |tax| DocumentTax {
                line: u32::from(tax.line),
                code: twin.chart.tax_kind(tax.kind).code,
                amount: Money::new(tax.amount, order.currency),
            })
        })
    }

    /// What a deposit application joins: the deposit and the invoice.
    pub fn applies(&self) -> Option<(InternalId, InternalId)> {
        let Transaction::DepositApplication(at) = self.transaction else { return None };
        let known = &self.twin.applications[at as usize];
        let deposit = self.twin.deposits[known.deposit as usize].transaction;
        let invoice = self.twin.invoices[known.invoice as usize].heading.transaction;
        Some((Transaction::id(deposit), Transaction::id(invoice)))
    }

    /// Its G/L impact, as posted: planted defects included. None for a sales order.
    pub fn postings(&self) -> impl Iterator<Item = Posting> + use<'a> {
        let twin = self.twin;
        let Heading { subsidiary, currency, .. } = self.heading();
        let own = twin.chart.subsidiary(subsidiary);
        let mut miscount = twin.miscounts.get(&self.position).copied().unwrap_or(0);
        twin.impact(self.transaction).into_iter().map(move |Side { account, minor, base }| {
            let extra = std::mem::take(&mut miscount);
            let account = twin.chart.account(account);
            // Lines of an intercompany journal are of several books.
            let base_currency =
                if account.subsidiary == own.id { own.currency } else { twin.chart.base_currency(account) };
            Posting {
                account: account.id,
                subsidiary: account.subsidiary,
                amount: Money::new(minor + extra, currency),
                base: Money::new(base + extra, base_currency),
            }
        })
    }

    fn order(&self) -> Option<&'a SalesOrder> {
        match self.transaction {
            Transaction::SalesOrder(at) => Some(&self.twin.orders[at as usize]),
            _ => None,
        }
    }

    fn fulfillment(&self) -> Option<&'a ItemFulfillment> {
        match self.transaction {
            Transaction::ItemFulfillment(at) => Some(&self.twin.fulfillments[at as usize]),
            _ => None,
        }
    }

    fn customer_position(&self) -> Option<u32> {
        Some(self.heading().customer).filter(|customer| *customer != NONE)
    }

    fn heading(&self) -> Heading {
        self.twin.heading(self.transaction)
    }
}
