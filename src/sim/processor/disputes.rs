//! Disputes: opened, and ended in one of the ways that they end.
//!
//! Source: shopify.md §m.3: the amount and a fee leave at once; an inquiry moves no money; what is won comes back, in
//! whole or part, and the fee perhaps.

use super::{Desk, NewRow, Room};
use crate::domain::ids::{DisputeId, OrderId};
use crate::domain::payout::{BalanceKind, DisputeStatus};
use crate::domain::{Money, Timestamp};
use crate::mocks::shopify::payments::NewDispute;
use crate::scenario::processor::ProcessorHabits;
use crate::sim::oracle::seen::settlement::SeenDispute;
use crate::sim::random::Draws;
use crate::sim::stage::kind;

/// One that is not over.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenDispute {
    id: DisputeId,
    amount: i64,
    fee: i64,
    is_inquiry: bool,
}

/// How a dispute ends, in minor units of the currency that is paid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// A part that comes back is a dispute that was won.
    pub is_won: bool,
    /// Of the amount; `None` for all of it.
    pub part: Option<i64>,
    /// Of the fee; `None` for all of it.
    pub fee_back: Option<i64>,
}

pub(super) fn draw_ending(
    habits: &ProcessorHabits,
    is_inquiry: bool,
    amount: Money,
    luck: &mut Draws,
) -> Ending {
    let drawn = luck.below(1_000_000) as u32;
    let part = luck.between(1, (amount.minor() - 1).max(1));
    let fee_back = luck.chance(habits.fee_back_ppm);
    let is_partly = drawn >= habits.won_ppm && drawn < habits.won_ppm + habits.partly_ppm;
    let is_won = is_inquiry || is_partly || drawn < habits.won_ppm;
    Ending {
        is_won,
        part: (is_partly && !is_inquiry).then_some(part),
        fee_back: (!is_won || !fee_back).then_some(0),
    }
}

impl Desk {
    /// Opens a dispute about an order's charge; without a fee it is an inquiry.
    pub fn dispute(
        &mut self,
        at: usize,
        order: OrderId,
        amount: i64,
        fee: Option<i64>,
        room: &mut Room<'_>,
        now: Timestamp,
    ) {
        let account = &self.accounts[at];
        let (shop, currency) = (account.shop, account.currency);
        let is_inquiry = fee.is_none();
        let new = NewDispute { order: Some(order), amount, is_inquiry, initiated_at: now };
        let id =
            room.shopify.add_dispute(shop, new).expect("the order is of this shop, and the account open");
        room.trace.event(kind::DISPUTED, now, order.get(), u64::from(is_inquiry));
        room.seen.dispute(SeenDispute {
            shop,
            id,
            order,
            is_inquiry,
            amount: Money::new(amount, currency),
            initiated_at: now,
            ended: None,
            came_back: 0,
        });
        let fee = fee.unwrap_or_default();
        if !is_inquiry {
            self.book_for(at, (id, order), BalanceKind::DisputeWithdrawal, -amount, room, now);
            self.book_for(at, (id, order), BalanceKind::ChargebackFee, -fee, room, now);
        }
        let open = OpenDispute { id, amount, fee, is_inquiry };
        self.accounts[at].disputes.entry(order).or_default().push_back(open);
    }

    /// The last word on the oldest open dispute of an order; of one that is not open, nothing happens.
    pub fn end_dispute(
        &mut self,
        at: usize,
        order: OrderId,
        ending: Ending,
        room: &mut Room<'_>,
        now: Timestamp,
    ) {
        let Some(of_order) = self.accounts[at].disputes.get_mut(&order) else { return };
        let Some(open) = of_order.pop_front() else { return };
        if of_order.is_empty() {
            self.accounts[at].disputes.remove(&order);
        }
        let status = if ending.is_won { DisputeStatus::Won } else { DisputeStatus::Lost };
        room.shopify
            .settle_dispute(self.accounts[at].shop, open.id, status, now)
            .expect("an open dispute can end");
        let moves = ending.is_won && !open.is_inquiry;
        let back = if moves { ending.part.unwrap_or(open.amount).min(open.amount) } else { 0 };
        let fee_back = if open.is_inquiry { 0 } else { ending.fee_back.unwrap_or(open.fee).min(open.fee) };
        room.trace.event(kind::DISPUTED, now, order.get(), 2 + u64::from(ending.is_won));
        room.seen.dispute_ended(open.id, status, back, now);
        self.book_for(at, (open.id, order), BalanceKind::DisputeReversal, back, room, now);
        self.book_for(at, (open.id, order), BalanceKind::ChargebackFeeRefund, fee_back, room, now);
    }

    /// A row that names the order and not its charge, which has a row of its own. Nothing is no row.
    fn book_for(
        &mut self,
        at: usize,
        of: (DisputeId, OrderId),
        kind: BalanceKind,
        amount: i64,
        room: &mut Room<'_>,
        now: Timestamp,
    ) {
        if amount != 0 {
            let (dispute, order) = (Some(of.0), Some(of.1));
            self.book(at, NewRow { dispute, order, ..NewRow::own(kind, amount, now) }, room, now);
        }
    }
}
