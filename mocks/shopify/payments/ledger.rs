//! The rows of one account and the payouts that they are in: 40 bytes a row and two positions.

use std::collections::BTreeMap;

use super::{BalanceRow, NotPossible};
use crate::domain::ids::{BalanceTransactionId, PayoutId};
use crate::domain::payout::{BalanceKind, PayoutStatus};
use crate::domain::{FixedSet, Timestamp};
use crate::mocks::shopify::ids;
use crate::mocks::shopify::rows::Arena;
use crate::mocks::shopify::texts::TextId;

/// No order, no payout, no text.
const NONE: u32 = u32::MAX;
/// The order is named, none of its transactions.
const NO_TRANSACTION: u16 = u16::MAX;

#[derive(Clone, Copy)]
pub(super) struct Row {
    pub amount: i64,
    pub fee: i64,
    /// Whole seconds since 1970.
    pub processed: i64,
    order: u32,
    payout: u32,
    reason: TextId,
    transaction: u16,
    kind: u16,
}

impl Row {
    pub(super) fn net(&self) -> i64 {
        self.amount - self.fee
    }

    pub(super) fn order(&self) -> Option<usize> {
        (self.order != NONE).then_some(self.order as usize)
    }

    pub(super) fn transaction(&self) -> Option<usize> {
        (self.transaction != NO_TRANSACTION).then_some(usize::from(self.transaction))
    }

    pub(super) fn payout(&self) -> Option<usize> {
        (self.payout != NONE).then_some(self.payout as usize)
    }

    pub(super) fn reason(&self) -> Option<TextId> {
        (self.reason != NONE).then_some(self.reason)
    }
}

pub(super) struct PayoutRow {
    pub issued: i64,
    pub net: i64,
    pub status: PayoutStatus,
    /// It went to the bank once, so that the bank knows it by a trace.
    pub was_submitted: bool,
    /// Without its own transfer, by time and number.
    pub rows: Vec<u32>,
    transfer: u32,
}

/// Positions of the order and transaction that a row names.
pub(super) struct Of {
    pub order: Option<usize>,
    pub transaction: Option<usize>,
}

#[derive(Default)]
pub(super) struct Ledger {
    rows: Arena<Row>,
    /// All rows by time and number.
    by_time: Vec<u32>,
    /// Rows that are in no payout, by time and number.
    pending: Vec<u32>,
    pub payouts: Vec<PayoutRow>,
    /// Order and transaction of the rows that name one.
    settled: FixedSet<(u32, u16)>,
    /// Published types by position, and behind them those that nobody published yet.
    unknown_kinds: Vec<BalanceKind>,
    /// By position of the row: that of the dispute which brought it about. Few rows have one.
    disputes: BTreeMap<usize, usize>,
}

impl Ledger {
    pub(super) fn add(&mut self, row: &BalanceRow, of: Of, reason: Option<TextId>) -> usize {
        let kind = self.keep_kind(&row.kind);
        let order = of.order.map_or(NONE, |order| order as u32);
        let transaction = of.transaction.map_or(NO_TRANSACTION, |at| at as u16);
        if transaction != NO_TRANSACTION {
            self.settled.insert((order, transaction));
        }
        let at = self.push(Row {
            amount: row.amount,
            fee: row.fee,
            processed: row.processed_at.seconds(),
            order,
            payout: NONE,
            reason: reason.unwrap_or(NONE),
            transaction,
            kind,
        });
        insert(&self.rows, &mut self.pending, at);
        at as usize
    }

    fn push(&mut self, row: Row) -> u32 {
        let at = self.rows.len() as u32;
        self.rows.push(row);
        insert(&self.rows, &mut self.by_time, at);
        at
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn row(&self, at: usize) -> &Row {
        self.rows.get(at)
    }

    pub(super) fn by_time(&self) -> &[u32] {
        &self.by_time
    }

    pub(super) fn name_dispute(&mut self, row: usize, dispute: usize) {
        self.disputes.insert(row, dispute);
    }

    /// The dispute that brought a row about.
    pub(super) fn dispute_of(&self, row: usize) -> Option<usize> {
        self.disputes.get(&row).copied()
    }

    pub(super) fn settles(&self, order: usize, transaction: usize) -> bool {
        self.settled.contains(&(order as u32, transaction as u16))
    }

    pub(super) fn kind(&self, row: &Row) -> &BalanceKind {
        let at = usize::from(row.kind);
        match BalanceKind::PUBLISHED.get(at) {
            Some(kind) => kind,
            None => &self.unknown_kinds[at - BalanceKind::PUBLISHED.len()],
        }
    }

    fn keep_kind(&mut self, kind: &BalanceKind) -> u16 {
        if let Some(at) = BalanceKind::PUBLISHED.iter().position(|known| known == kind) {
            return at as u16;
        }
        let at = self.unknown_kinds.iter().position(|known| known == kind).unwrap_or_else(|| {
            self.unknown_kinds.push(kind.clone());
            self.unknown_kinds.len() - 1
        });
        u16::try_from(BalanceKind::PUBLISHED.len() + at).expect("fewer than 2¹⁶ types of rows")
    }

    pub(super) fn position(&self, shop: u64, id: BalanceTransactionId) -> Result<u32, NotPossible> {
        let at = ids::balance_transaction_position(shop, id).filter(|at| *at < self.rows.len());
        at.map(|at| at as u32).ok_or(NotPossible::UnknownRow)
    }

    pub(super) fn payout_position(&self, shop: u64, id: PayoutId) -> Result<usize, NotPossible> {
        let at = ids::payout_position(shop, id).filter(|at| *at < self.payouts.len());
        at.ok_or(NotPossible::UnknownPayout)
    }

    pub(super) fn pending_before(&self, instant: Timestamp) -> Vec<u32> {
        let is_before = |at: &&u32| Timestamp::from_seconds(self.row(**at as usize).processed) < instant;
        self.pending.iter().take_while(is_before).copied().collect()
    }

    pub(super) fn schedule(
        &mut self,
        mut rows: Vec<u32>,
        issued_at: Timestamp,
        now: Timestamp,
    ) -> Result<usize, NotPossible> {
        if rows.is_empty() {
            return Err(NotPossible::Empty);
        }
        rows.sort_unstable_by_key(|at| key(&self.rows, *at));
        let before = rows.len();
        rows.dedup();
        if rows.len() < before || rows.iter().any(|at| self.row(*at as usize).payout != NONE) {
            return Err(NotPossible::Taken);
        }
        let payout = self.payouts.len();
        for at in &rows {
            self.rows.get_mut(*at as usize).payout = payout as u32;
        }
        let rows_of_ours = &self.rows;
        self.pending.retain(|at| rows_of_ours.get(*at as usize).payout == NONE);
        let net: i64 = rows.iter().map(|at| self.row(*at as usize).net()).sum();
        let kind = self.keep_kind(&BalanceKind::Transfer);
        let transfer = self.push(Row {
            amount: -net,
            fee: 0,
            processed: now.seconds(),
            order: NONE,
            payout: payout as u32,
            reason: NONE,
            transaction: NO_TRANSACTION,
            kind,
        });
        self.payouts.push(PayoutRow {
            issued: issued_at.seconds(),
            net,
            status: PayoutStatus::Scheduled,
            was_submitted: false,
            rows,
            transfer,
        });
        Ok(payout)
    }

    pub(super) fn move_row(&mut self, at: u32, to: Option<usize>) -> Result<(), NotPossible> {
        let row = *self.row(at as usize);
        let from = row.payout();
        let is_transfer = from.is_some_and(|payout| self.payouts[payout].transfer == at);
        if is_transfer {
            return Err(NotPossible::Taken);
        }
        if from.iter().chain(&to).any(|payout| self.payouts[*payout].status != PayoutStatus::Scheduled) {
            return Err(NotPossible::Submitted);
        }
        let leaving = match from {
            Some(payout) => &mut self.payouts[payout].rows,
            None => &mut self.pending,
        };
        let place =
            leaving.iter().position(|known| *known == at).expect("a row stands where it says it does");
        leaving.remove(place);
        let entering = match to {
            Some(payout) => &mut self.payouts[payout].rows,
            None => &mut self.pending,
        };
        insert(&self.rows, entering, at);
        self.rows.get_mut(at as usize).payout = to.map_or(NONE, |payout| payout as u32);
        for (payout, change) in [(from, -row.net()), (to, row.net())] {
            let Some(payout) = payout else { continue };
            let payout = &mut self.payouts[payout];
            payout.net += change;
            self.rows.get_mut(payout.transfer as usize).amount = -payout.net;
        }
        Ok(())
    }

    pub(super) fn set_status(&mut self, payout: usize, to: PayoutStatus) -> Result<(), NotPossible> {
        use PayoutStatus::{Canceled, Failed, Paid, Scheduled};
        let payout = &mut self.payouts[payout];
        let from = payout.status;
        match (from, to) {
            (Scheduled, Paid | Failed | Canceled) | (Paid, Failed) => {}
            _ => return Err(NotPossible::Status { from, to }),
        }
        payout.was_submitted |= to != Canceled;
        payout.status = to;
        Ok(())
    }
}

/// Rows sort by time, those of one second by number.
fn key(rows: &Arena<Row>, at: u32) -> (i64, u32) {
    (rows.get(at as usize).processed, at)
}

/// Most rows come in order of time, so that the place is near the end.
fn insert(rows: &Arena<Row>, sorted: &mut Vec<u32>, at: u32) {
    let new = key(rows, at);
    let place = match sorted.last() {
        Some(last) if key(rows, *last) > new => sorted.partition_point(|other| key(rows, *other) < new),
        _ => sorted.len(),
    };
    sorted.insert(place, at);
}
