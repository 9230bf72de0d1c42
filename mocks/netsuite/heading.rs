//! What every document that follows a sales order carries, and the chain that leads from an order to them.

use super::deposit::Deposit;
use super::journal::Journal;
use super::sales_order::SalesOrder;
use super::{NONE, NetsuiteTwin, Transaction};
use crate::domain::{BookDate, Currency, Timestamp};

#[derive(Debug, Clone, Copy)]
pub(super) struct Heading {
    /// Position among all transactions.
    pub transaction: u32,
    /// [`NONE`] for a document without a customer.
    pub customer: u32,
    /// [`NONE`] for a document that belongs to no order.
    pub order: u32,
    pub date: BookDate,
    pub subsidiary: u8,
    pub currency: Currency,
}

impl NetsuiteTwin {
    /// Gives the document its place among all transactions and at the end of its order's chain.
    pub(super) fn enter(&mut self, document: Transaction, heading: &mut Heading) {
        heading.transaction = self.next_transaction(document);
        if heading.customer != NONE {
            self.customers[heading.customer as usize].has_transactions = true;
        }
        if heading.order == NONE {
            return;
        }
        let order = &mut self.orders[heading.order as usize];
        match order.last_document {
            NONE => order.first_document = heading.transaction,
            last => self.next_of_order[last as usize] = heading.transaction,
        }
        order.last_document = heading.transaction;
    }

    /// Heading of any document; of a sales order it names the order itself.
    pub(super) fn heading(&self, document: Transaction) -> Heading {
        match document {
            Transaction::SalesOrder(at) => {
                let SalesOrder { transaction, customer, date, subsidiary, currency, .. } =
                    self.orders[at as usize];
                Heading { transaction, customer, order: at, date, subsidiary, currency }
            }
            Transaction::CustomerDeposit(at) => {
                let Deposit { transaction, customer, order, date, subsidiary, currency, .. } =
                    self.deposits[at as usize];
                Heading { transaction, customer, order, date, subsidiary, currency }
            }
            Transaction::JournalEntry(at) => {
                let Journal { transaction, date, subsidiary, currency, .. } = self.journals[at as usize];
                Heading { transaction, customer: NONE, order: NONE, date, subsidiary, currency }
            }
            Transaction::ItemFulfillment(at) => self.fulfillments[at as usize].heading,
            Transaction::Invoice(at) => self.invoices[at as usize].heading,
            Transaction::CreditMemo(at) => self.credit_memos[at as usize].heading,
            Transaction::CustomerRefund(at) => self.refunds[at as usize].heading,
            Transaction::DepositApplication(at) => self.applications[at as usize].heading,
            Transaction::InventoryAdjustment(at) => self.adjustments[at as usize].heading,
            Transaction::FxReval(at) => self.revaluations[at as usize].heading,
        }
    }

    /// Documents of an order, deposits apart, oldest first.
    pub(super) fn documents_of_order(&self, order: u32) -> impl Iterator<Item = Transaction> + '_ {
        let first = self.orders.get(order as usize).map_or(NONE, |order| order.first_document);
        let at = |position: u32| (position != NONE).then_some(position);
        std::iter::successors(at(first), move |position| at(self.next_of_order[*position as usize]))
            .map(|position| self.transactions[position as usize])
    }

    /// Documents made without a zone of their own are dated where the account is.
    pub(super) fn today(&self, now: Timestamp) -> BookDate {
        self.settings.zone.book_date(now)
    }
}
