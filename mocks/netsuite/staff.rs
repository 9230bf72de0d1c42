//! What happens to records without a request: people who edit, workflows that lock, and defects that the
//! simulation plants to prove that they are found.
//!
//! Source: netsuite.md §5.1 and §20.6 (workflow locks), §20.24 (concurrent actors).

use super::sales_order::{Line, LineTag};
use super::{NONE, NetsuiteTwin, Transaction};
use crate::domain::InternalId;
use crate::domain::sales_order::SalesOrderStatus;
use crate::platforms::netsuite::wire::Reference;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordKind {
    Customer,
    SalesOrder,
    CustomerDeposit,
}

/// One edit of a sales order by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffEdit {
    Memo(Box<str>),
    Quantity {
        line: u32,
        quantity: u32,
    },
    /// Net of tax, in minor units of the order's currency.
    Amount {
        line: u32,
        minor: i64,
    },
    CloseLine {
        line: u32,
    },
    /// A line of their own: without a key, so nobody takes it for a component of the shop's order.
    AddLine {
        item: Box<str>,
        quantity: u32,
        minor: i64,
    },
    /// What approval, fulfilment and billing make of it.
    Status(SalesOrderStatus),
}

impl NetsuiteTwin {
    /// A workflow locks the record: unreadable by GET, unwritable, still visible to queries. `false` if there is
    /// no such record.
    pub fn lock_record(&mut self, kind: RecordKind, eid: &str) -> bool {
        let found = self.find_record(kind, eid);
        self.locked.extend(found.map(|at| (kind, at)));
        found.is_some()
    }

    /// `false` if the record was not locked.
    pub fn unlock_record(&mut self, kind: RecordKind, eid: &str) -> bool {
        self.find_record(kind, eid).is_some_and(|at| self.locked.remove(&(kind, at)))
    }

    /// A person edits a sales order in the browser; `false` if there is no such order, line or item.
    pub fn edit_by_staff(&mut self, eid: &str, edit: StaffEdit) -> bool {
        let Some(at) = self.find_order(eid) else { return false };
        let wanted = match &edit {
            StaffEdit::Quantity { line, .. }
            | StaffEdit::Amount { line, .. }
            | StaffEdit::CloseLine { line } => Some(*line),
            _ => None,
        };
        let memo = if let StaffEdit::Memo(text) = &edit { Some(self.names.keep(text)) } else { None };
        let item = match &edit {
            StaffEdit::AddLine { item, .. } => self.chart.find_item(&Reference::external(item), 0).ok(),
            _ => None,
        };
        let before = self.committed(at);
        let unique_key = self.next_unique_key;
        let order = &mut self.orders[at as usize];
        let line = order.lines.iter_mut().find(|line| wanted == Some(u32::from(line.number)));
        match (edit, line) {
            (StaffEdit::Memo(_), _) => order.memo = memo,
            (StaffEdit::Status(status), _) => order.status = status,
            (StaffEdit::Quantity { quantity, .. }, Some(line)) => line.quantity = quantity,
            (StaffEdit::Amount { minor, .. }, Some(line)) => line.amount = minor,
            (StaffEdit::CloseLine { .. }, Some(line)) => {
                line.is_closed = true;
                if order.lines.iter().all(|line| line.is_closed) {
                    order.status = SalesOrderStatus::Closed;
                }
            }
            (StaffEdit::AddLine { quantity, minor, .. }, _) => {
                let Some(item) = item else { return false };
                let Some(number) = order.last_line.checked_add(1) else { return false };
                order.last_line = number;
                let mut lines = std::mem::take(&mut order.lines).into_vec();
                lines.push(Line {
                    key: LineTag::Empty,
                    amount: minor,
                    unique_key,
                    item,
                    quantity,
                    description: NONE,
                    number,
                    is_closed: false,
                });
                order.lines = lines.into_boxed_slice();
                self.next_unique_key =
                    unique_key.checked_add(1).expect("fewer than 2³² lines in the account");
            }
            (_, None) => return false,
        }
        self.recommit(at, before);
        true
    }

    /// Plants a defect: the first posting of this document is off by that many minor units, in its own and in
    /// base currency, and the document no longer balances. `false` if it posts nothing.
    pub fn miscount_posting(&mut self, document: InternalId, minor: i64) -> bool {
        let Some(position) = Transaction::position(document) else { return false };
        let (account, currency) = match self.transactions.get(position) {
            Some(Transaction::CustomerDeposit(at)) => {
                let deposit = &self.deposits[*at as usize];
                (deposit.account, deposit.currency)
            }
            Some(Transaction::JournalEntry(at)) => {
                let journal = &self.journals[*at as usize];
                (journal.lines[0].account, journal.currency)
            }
            Some(Transaction::SalesOrder(_)) | None => return false,
        };
        let at = u32::try_from(position).expect("it is the position of a transaction");
        *self.miscounts.entry(at).or_insert(0) += minor;
        self.ledger.post(account, currency, minor.into(), minor.into());
        true
    }

    fn find_record(&self, kind: RecordKind, eid: &str) -> Option<u32> {
        let key = self.names.find(eid)?;
        let by_key = match kind {
            RecordKind::Customer => &self.customers_by_key,
            RecordKind::SalesOrder => &self.orders_by_key,
            RecordKind::CustomerDeposit => &self.deposits_by_key,
        };
        by_key.get(&key).copied()
    }
}
