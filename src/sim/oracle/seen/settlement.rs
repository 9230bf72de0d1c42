//! What the processor and the banks did in a run: a plain list, in the order in which it happened.
//!
//! Nothing is judged here.

use std::collections::BTreeSet;

use crate::domain::ids::{BalanceTransactionId, DisputeId, OrderId, PayoutId, TransactionId};
use crate::domain::payout::{BalanceKind, DisputeStatus, PayoutStatus};
use crate::domain::{BookDate, Currency, FixedMap, InternalId, Money, ShopKey, Timestamp};
use crate::sim::oracle::books::payouts::Line;

#[derive(Debug, Clone, Default)]
pub struct Settlement {
    rows: Vec<SeenRow>,
    payouts: Vec<SeenPayout>,
    disputes: Vec<SeenDispute>,
    bank_lines: Vec<SeenBankLine>,
    touched: Vec<SeenTouch>,
    row_at: FixedMap<BalanceTransactionId, u32>,
    payout_at: FixedMap<PayoutId, u32>,
    /// By position of the payout: positions of its rows.
    rows_of: Vec<Box<[u32]>>,
}

/// A row of the processor's account, in minor units of the currency that is paid out.
#[derive(Debug, Clone)]
pub struct SeenRow {
    pub shop: ShopKey,
    pub id: BalanceTransactionId,
    pub kind: BalanceKind,
    pub currency: Currency,
    pub amount: i64,
    pub fee: i64,
    /// In the shop's currency, signed as the amount, if that is another one.
    pub shop_amount: Option<Money>,
    pub order_transaction: Option<TransactionId>,
    pub order: Option<OrderId>,
    pub processed_at: Timestamp,
    pub payout: Option<PayoutId>,
}

#[derive(Debug, Clone)]
pub struct SeenPayout {
    pub shop: ShopKey,
    pub id: PayoutId,
    pub issued_at: Timestamp,
    pub net: Money,
    /// Each status with the moment from which on it was so; the first is `Scheduled`.
    pub statuses: Vec<(Timestamp, PayoutStatus)>,
    /// What the bank prints, once the payout has left.
    pub trace: Option<Box<str>>,
    /// The row in which the money of one that failed or was cancelled came back.
    pub came_back_in: Option<BalanceTransactionId>,
}

#[derive(Debug, Clone)]
pub struct SeenDispute {
    pub shop: ShopKey,
    pub id: DisputeId,
    pub order: OrderId,
    pub is_inquiry: bool,
    pub amount: Money,
    pub initiated_at: Timestamp,
    pub ended: Option<(Timestamp, DisputeStatus)>,
    /// What came back of the amount, in minor units.
    pub came_back: i64,
}

#[derive(Debug, Clone)]
pub struct SeenBankLine {
    pub account: InternalId,
    /// The bank's own, as the port gives it.
    pub id: Box<str>,
    pub value_date: BookDate,
    pub amount: Money,
    pub reference: Option<Box<str>>,
    /// The payout that it is of; none for what came from elsewhere.
    pub payout: Option<PayoutId>,
    pub visible_at: Timestamp,
}

/// Somebody in finance laid hands on what was posted for a payout.
#[derive(Debug, Clone)]
pub struct SeenTouch {
    pub shop: ShopKey,
    pub payout: PayoutId,
    /// Turned around; otherwise its lines were changed.
    pub is_reversed: bool,
    pub at: Timestamp,
    /// The lines that were there, and what a change made of them.
    pub lines: Vec<Line>,
    pub became: Vec<Line>,
}

/// The document that stands for an order transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenRecord {
    /// On which the money came in or went out.
    pub account: InternalId,
    /// Debit positive.
    pub amount: Money,
    pub date: BookDate,
}

/// A journal as it is posted.
pub struct SeenJournal<'a> {
    pub key: &'a str,
    pub date: BookDate,
    pub lines: Vec<Line>,
    /// What each line posted in the base currency of its entity, in minor units.
    pub bases: Vec<i64>,
}

impl Settlement {
    pub fn row(&mut self, row: SeenRow) {
        self.row_at.insert(row.id, self.rows.len() as u32);
        self.rows.push(row);
    }

    /// A payout was scheduled with these rows.
    pub fn payout(&mut self, payout: SeenPayout, rows: &[BalanceTransactionId]) {
        let rows: Box<[u32]> = rows.iter().map(|id| self.row_at[id]).collect();
        for row in &rows {
            self.rows[*row as usize].payout = Some(payout.id);
        }
        self.rows_of.push(rows);
        self.payout_at.insert(payout.id, self.payouts.len() as u32);
        self.payouts.push(payout);
    }

    pub fn status(&mut self, payout: PayoutId, status: PayoutStatus, trace: Option<Box<str>>, at: Timestamp) {
        let payout = self.payout_mut(payout);
        payout.statuses.push((at, status));
        payout.trace = trace;
    }

    /// The money of a payout came back in that row.
    pub fn came_back(&mut self, payout: PayoutId, row: BalanceTransactionId) {
        self.payout_mut(payout).came_back_in = Some(row);
    }

    pub fn dispute(&mut self, dispute: SeenDispute) {
        self.disputes.push(dispute);
    }

    pub fn dispute_ended(&mut self, id: DisputeId, status: DisputeStatus, came_back: i64, at: Timestamp) {
        let dispute = self.disputes.iter_mut().rev().find(|dispute| dispute.id == id);
        let dispute = dispute.expect("a dispute ends after it was opened");
        dispute.ended = Some((at, status));
        dispute.came_back = came_back;
    }

    pub fn bank_line(&mut self, line: SeenBankLine) {
        self.bank_lines.push(line);
    }

    /// A line that was foreseen will never be read.
    pub fn bank_line_withheld(&mut self, id: &str) {
        self.bank_lines.retain(|line| *line.id != *id);
    }

    pub fn touched(&mut self, touch: SeenTouch) {
        self.touched.push(touch);
    }

    pub fn touches(&self) -> &[SeenTouch] {
        &self.touched
    }

    pub fn rows(&self) -> &[SeenRow] {
        &self.rows
    }

    pub fn row_of(&self, id: BalanceTransactionId) -> Option<&SeenRow> {
        self.row_at.get(&id).map(|at| &self.rows[*at as usize])
    }

    pub fn payout_of(&self, id: PayoutId) -> Option<&SeenPayout> {
        self.payout_at.get(&id).map(|at| &self.payouts[*at as usize])
    }

    /// The rows of a payout; none of one that was never made.
    pub fn rows_of(&self, payout: PayoutId) -> impl Iterator<Item = &SeenRow> + Clone {
        let rows = self.payout_at.get(&payout).map_or(&[][..], |at| &self.rows_of[*at as usize]);
        rows.iter().map(|row| &self.rows[*row as usize])
    }

    /// Amounts of the lines that carry the payout's trace and could be read at that moment.
    pub fn amounts_at_bank(&self, payout: &SeenPayout, at: Timestamp) -> impl Iterator<Item = Money> {
        self.lines_of(payout, at).map(|line| line.amount)
    }

    /// When the latest of them came to be readable.
    pub fn last_line_seen(&self, payout: &SeenPayout, at: Timestamp) -> Option<Timestamp> {
        self.lines_of(payout, at).map(|line| line.visible_at).max()
    }

    fn lines_of(&self, payout: &SeenPayout, at: Timestamp) -> impl Iterator<Item = &SeenBankLine> {
        let trace = payout.trace.clone();
        let lines = self.bank_lines.iter().filter(move |line| line.visible_at <= at);
        lines.filter(move |line| trace.is_some() && line.reference == trace)
    }

    /// Shops whose money the processor takes, as far as it took any.
    pub fn shops(&self) -> impl Iterator<Item = ShopKey> + use<> {
        let shops: BTreeSet<ShopKey> = self.rows.iter().map(|row| row.shop).collect();
        shops.into_iter()
    }

    pub fn payouts(&self) -> &[SeenPayout] {
        &self.payouts
    }

    pub fn disputes(&self) -> &[SeenDispute] {
        &self.disputes
    }

    /// Also those that cannot be read yet.
    pub fn bank_lines(&self) -> &[SeenBankLine] {
        &self.bank_lines
    }

    fn payout_mut(&mut self, id: PayoutId) -> &mut SeenPayout {
        let at = self.payout_at[&id];
        &mut self.payouts[at as usize]
    }
}

impl SeenPayout {
    pub fn status(&self) -> PayoutStatus {
        self.statuses.last().expect("a payout is scheduled first").1
    }
}
