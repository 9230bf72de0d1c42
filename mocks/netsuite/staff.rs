//! What happens to records without a request: people who edit, workflows that lock, and defects that the
//! simulation plants to prove that they are found.
//!
//! Source: netsuite.md §5.1 and §20.6 (workflow locks), §20.24 (concurrent actors).

use super::sales_order::{Line, LineTag, Release};
use super::{DocumentKind, NONE, NetsuiteTwin, Transaction};
use crate::domain::sales_order::SalesOrderStatus;
use crate::domain::{InternalId, Timestamp};
use crate::platforms::netsuite::wire::Reference;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordKind {
    Customer,
    SalesOrder,
    CustomerDeposit,
    Invoice,
    CreditMemo,
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
    /// What approval makes of it; cancelled only before anything was fulfilled or billed.
    Status(SalesOrderStatus),
    /// Another item on a line of which nothing was picked; the line keeps its key.
    Substitute {
        line: u32,
        item: Box<str>,
    },
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
            | StaffEdit::CloseLine { line }
            | StaffEdit::Substitute { line, .. } => Some(*line),
            _ => None,
        };
        // A status that a person sets stands until quantities change.
        let names_status = matches!(edit, StaffEdit::Status(_) | StaffEdit::Memo(_));
        let memo = if let StaffEdit::Memo(text) = &edit { Some(self.names.keep(text)) } else { None };
        let item = match &edit {
            StaffEdit::AddLine { item, .. } | StaffEdit::Substitute { item, .. } => {
                self.chart.find_item(&Reference::external(item), 0).ok()
            }
            _ => None,
        };
        let picked = wanted.and_then(|line| u16::try_from(line).ok()).map_or(0, |line| self.picked(at, line));
        let before = self.committed(at);
        let unique_key = self.next_unique_key;
        // What is picked is a fulfilment as well.
        let has_children = self.orders[at as usize].has_children()
            || self.orders[at as usize].lines.iter().any(|line| self.picked(at, line.number) > 0);
        let order = &mut self.orders[at as usize];
        let line = order.lines.iter_mut().find(|line| wanted == Some(u32::from(line.number)));
        match (edit, line) {
            (StaffEdit::Memo(_), _) => order.memo = memo,
            (StaffEdit::Status(SalesOrderStatus::Cancelled), _) if has_children => return false,
            (StaffEdit::Status(status), _) => order.status = status,
            (StaffEdit::Quantity { quantity, .. }, Some(line)) => {
                if quantity < picked.max(line.fulfilled).max(line.billed) {
                    return false;
                }
                line.quantity = quantity;
            }
            (StaffEdit::Substitute { .. }, Some(line)) => {
                let Some(item) = item.filter(|_| picked == 0 && line.billed == 0) else { return false };
                line.item = item;
            }
            (StaffEdit::Amount { minor, .. }, Some(line)) => line.amount = minor,
            (StaffEdit::CloseLine { .. }, Some(line)) => line.is_closed = true,
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
                    fulfilled: 0,
                    billed: 0,
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
        if !names_status {
            self.restate(at);
        }
        self.recommit(at, before);
        let now = self.inventory.now();
        self.touch(at, now);
        true
    }

    /// The warehouse takes the order for a pick wave at `at`; its record says so, as the same instant, from
    /// `visible_at` on. `false` if there is no such order.
    pub fn release(&mut self, sales_order: InternalId, at: Timestamp, visible_at: Timestamp) -> bool {
        let Some(order) = self.order_at(sales_order) else { return false };
        let record = &mut self.orders[order as usize];
        if record.release == Release::NONE {
            record.release = Release { at, visible_at };
            self.releases.insert((visible_at, order));
        }
        true
    }

    /// Plants a defect: the first posting of this document is off by that many minor units, in its own and in
    /// base currency, and the document no longer balances. `false` if it posts nothing.
    pub fn miscount_posting(&mut self, document: InternalId, minor: i64) -> bool {
        let Some(position) = Transaction::position(document) else { return false };
        let Some(document) = self.transactions.get(position).copied() else { return false };
        let Some(account) = self.impact(document).first().map(|side| side.account) else { return false };
        let currency = self.heading(document).currency;
        let at = u32::try_from(position).expect("it is the position of a transaction");
        *self.miscounts.entry(at).or_insert(0) += minor;
        self.ledger.post(account, currency, minor.into(), minor.into());
        true
    }

    fn find_record(&self, kind: RecordKind, eid: &str) -> Option<u32> {
        let key = self.names.find(eid)?;
        let other = |kind| {
            let position = *self.documents_by_key.get(&(kind, key))?;
            match self.transactions[position as usize] {
                Transaction::Invoice(at) | Transaction::CreditMemo(at) => Some(at),
                _ => None,
            }
        };
        match kind {
            RecordKind::Customer => self.customers_by_key.get(&key).copied(),
            RecordKind::SalesOrder => self.orders_by_key.get(&key).copied(),
            RecordKind::CustomerDeposit => self.deposits_by_key.get(&key).copied(),
            RecordKind::Invoice => other(DocumentKind::Invoice),
            RecordKind::CreditMemo => other(DocumentKind::CreditMemo),
        }
    }
}
