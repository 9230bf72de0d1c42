//! What an observer may read of the account: every document as plain values, and the balances. No rule of the
//! platform applies here: locks and permissions do not hide anything.

use super::ledger::{Balance, Posting};
use super::sales_order::{LineTag, SalesOrder, record};
use super::{Customer, NetsuiteTwin, Transaction};
use crate::domain::customer::Address;
use crate::domain::sales_order::{LineKey, SalesOrderStatus};
use crate::domain::{BookDate, Currency, ExternalId, InternalId, Money};
use crate::platforms::netsuite::wire::JsonDecimal;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    SalesOrder,
    CustomerDeposit,
    JournalEntry,
}

/// One document. A view: nothing is copied until it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    twin: &'a NetsuiteTwin,
    transaction: Transaction,
    position: u32,
}

/// A line of a sales order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentLine<'a> {
    pub number: u32,
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
}

/// A row of tax of an open line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentTax {
    pub code: InternalId,
    pub amount: Money,
}

impl NetsuiteTwin {
    /// Every document, posting or not, in the order of creation.
    pub fn documents(&self) -> impl Iterator<Item = Document<'_>> {
        (0u32..).zip(&self.transactions).map(|(position, transaction)| Document {
            twin: self,
            transaction: *transaction,
            position,
        })
    }

    pub fn document(&self, id: InternalId) -> Option<Document<'_>> {
        self.document_at(Transaction::position(id)?)
    }

    /// The document with this external id; ids are unique within a kind.
    pub fn document_by_key(&self, kind: DocumentKind, external_id: &str) -> Option<Document<'_>> {
        let key = self.names.find(external_id)?;
        let at = |known: &crate::domain::FixedMap<_, u32>| known.get(&key).copied();
        let position = match kind {
            DocumentKind::SalesOrder => self.orders[at(&self.orders_by_key)? as usize].transaction,
            DocumentKind::CustomerDeposit => self.deposits[at(&self.deposits_by_key)? as usize].transaction,
            DocumentKind::JournalEntry => self.journals[at(&self.journals_by_key)? as usize].transaction,
        };
        self.document(Transaction::id(position))
    }

    /// The n-th document in the order of creation, from 0.
    pub fn document_at(&self, position: usize) -> Option<Document<'_>> {
        let transaction = *self.transactions.get(position)?;
        Some(Document { twin: self, transaction, position: u32::try_from(position).ok()? })
    }

    /// External id and e-mail of every customer, those without an external id included, in order of creation.
    pub fn customers(&self) -> impl Iterator<Item = (Option<Box<str>>, Option<&str>)> {
        self.customers
            .iter()
            .map(|customer| (customer.key.map(|key| self.names.text(key)), customer.email.as_deref()))
    }

    /// How many documents there are.
    pub fn documents_count(&self) -> usize {
        self.transactions.len()
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
        }
    }

    pub fn internal_id(&self) -> InternalId {
        Transaction::id(self.position)
    }

    pub fn external_id(&self) -> Option<ExternalId> {
        let key = match self.transaction {
            Transaction::SalesOrder(at) => Some(self.twin.orders[at as usize].key),
            Transaction::CustomerDeposit(at) => Some(self.twin.deposits[at as usize].key),
            Transaction::JournalEntry(at) => self.twin.journals[at as usize].key,
        };
        key.map(|key| ExternalId::from_netsuite(self.twin.names.text(key)))
    }

    pub fn subsidiary(&self) -> InternalId {
        let (subsidiary, ..) = self.header();
        self.twin.chart.subsidiary(subsidiary).id
    }

    pub fn currency(&self) -> Currency {
        let (_, currency, ..) = self.header();
        currency
    }

    pub fn date(&self) -> BookDate {
        let (.., date, _) = self.header();
        date
    }

    /// Base currency of the subsidiary per unit.
    pub fn exchange_rate(&self) -> rust_decimal::Decimal {
        let (.., rate) = self.header();
        rate.to_decimal()
    }

    pub fn customer(&self) -> Option<InternalId> {
        self.customer_position().map(Customer::id)
    }

    pub fn customer_external_id(&self) -> Option<ExternalId> {
        let key = self.twin.customers[self.customer_position()? as usize].key?;
        Some(ExternalId::from_netsuite(self.twin.names.text(key)))
    }

    /// The sales order that a deposit names.
    pub fn sales_order(&self) -> Option<Document<'a>> {
        let Transaction::CustomerDeposit(at) = self.transaction else { return None };
        let order = self.twin.orders.get(self.twin.deposits[at as usize].order as usize)?;
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

    /// Lines and tax of a sales order, closed lines included; `None` for other kinds, or out of range.
    pub fn total(&self) -> Option<Money> {
        let order = self.order()?;
        order.total().map(|minor| Money::new(minor, order.currency))
    }

    pub fn ship_to(&self) -> Option<Address> {
        self.order()?.ship_to.as_deref().map(record::address)
    }

    /// Lines of a sales order; none for other kinds.
    pub fn lines(&self) -> impl Iterator<Item = DocumentLine<'a>> + use<'a> {
        let twin = self.twin;
        self.order().into_iter().flat_map(move |order| {
            order.lines.iter().map(move |line| {
                let own = order.taxes.iter().filter(|tax| tax.line == line.number);
                DocumentLine {
                    number: u32::from(line.number),
                    unique_key: u64::from(line.unique_key),
                    key: if let LineTag::Component(key) = line.key { Some(key) } else { None },
                    item: twin.chart.item_external_id(line.item),
                    quantity: line.quantity,
                    amount: Money::new(line.amount, order.currency),
                    tax: Money::new(own.map(|tax| tax.amount).sum(), order.currency),
                    description: twin.label(line.description),
                    is_closed: line.is_closed,
                }
            })
        })
    }

    /// Rows of tax of a sales order's open lines; none for other kinds.
    pub fn taxes(&self) -> impl Iterator<Item = DocumentTax> + use<'a> {
        let twin = self.twin;
        self.order().into_iter().flat_map(move |order| {
            let closed = |number| order.lines.iter().any(|line| line.number == number && line.is_closed);
            order.taxes.iter().filter(move |tax| !closed(tax.line)).map(move |tax| DocumentTax {
                code: twin.chart.tax_kind(tax.kind).code,
                amount: Money::new(tax.amount, order.currency),
            })
        })
    }

    /// Its G/L impact, as posted: planted defects included. None for a sales order.
    pub fn postings(&self) -> impl Iterator<Item = Posting> + use<'a> {
        let twin = self.twin;
        let (subsidiary, currency, ..) = self.header();
        let mut miscount = twin.miscounts.get(&self.position).copied().unwrap_or(0);
        let pair = match self.transaction {
            Transaction::CustomerDeposit(at) => {
                let deposit = &twin.deposits[at as usize];
                let credited = twin.deposits_account(subsidiary);
                [
                    Some((deposit.account, deposit.payment, deposit.base)),
                    Some((credited, -deposit.payment, -deposit.base)),
                ]
            }
            Transaction::SalesOrder(_) | Transaction::JournalEntry(_) => [None, None],
        };
        let lines = match self.transaction {
            Transaction::JournalEntry(at) => &twin.journals[at as usize].lines[..],
            Transaction::SalesOrder(_) | Transaction::CustomerDeposit(_) => &[],
        };
        let base_currency = twin.chart.subsidiary(subsidiary).currency;
        let all = lines.iter().map(|line| (line.account, line.minor, line.base));
        pair.into_iter().flatten().chain(all).map(move |(account, minor, base)| {
            let extra = std::mem::take(&mut miscount);
            let account = twin.chart.account(account);
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
            Transaction::CustomerDeposit(_) | Transaction::JournalEntry(_) => None,
        }
    }

    fn customer_position(&self) -> Option<u32> {
        match self.transaction {
            Transaction::SalesOrder(at) => Some(self.twin.orders[at as usize].customer),
            Transaction::CustomerDeposit(at) => Some(self.twin.deposits[at as usize].customer),
            Transaction::JournalEntry(_) => None,
        }
    }

    fn header(&self) -> (u8, Currency, BookDate, JsonDecimal) {
        match self.transaction {
            Transaction::SalesOrder(at) => {
                let order = &self.twin.orders[at as usize];
                (order.subsidiary, order.currency, order.date, order.exchange_rate)
            }
            Transaction::CustomerDeposit(at) => {
                let deposit = &self.twin.deposits[at as usize];
                (deposit.subsidiary, deposit.currency, deposit.date, deposit.exchange_rate)
            }
            Transaction::JournalEntry(at) => {
                let journal = &self.twin.journals[at as usize];
                (journal.subsidiary, journal.currency, journal.date, journal.exchange_rate)
            }
        }
    }
}
