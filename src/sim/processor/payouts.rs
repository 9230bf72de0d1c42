//! What becomes of a payout: scheduled, paid or cancelled, on the bank's statement or failed, and back in a later one.
//!
//! Source: shopify.md §m.1 and §m.3; that failed money comes back as a row of a later payout is assumption 6 of
//! postings.md.

use super::{Desk, Later, NewRow, Room, amounts, calendar};
use crate::domain::ids::{BalanceTransactionId, PayoutId};
use crate::domain::payout::{BalanceKind, PayoutStatus};
use crate::domain::{BookDate, Duration, InternalId, Money, Timestamp};
use crate::mocks::shopify::payments::PayoutRows;
use crate::sim::oracle::seen::settlement::{SeenBankLine, SeenPayout};
use crate::sim::random::{Domain, draws};
use crate::sim::stage::kind;

/// From the moment at which a payout is scheduled until it leaves, and until somebody cancels it. Assumption.
const LEAVES_AFTER: Duration = Duration::from_hours(10);
const CANCELED_AFTER: Duration = Duration::from_hours(6);

/// Banks send back what they cannot book within days. Assumption: one to four, and a statement shows both lines of what
/// was booked before.
const FAILS_WITHIN: (i64, i64) = (24, 96);

/// One payout of an account.
pub(super) struct Issued {
    id: PayoutId,
    net: i64,
    status: PayoutStatus,
    /// The line on the bank's statement, and its value date.
    line: Option<(u64, BookDate)>,
    arrives: Arrival,
}

/// How the bank takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    Arrives,
    /// It will fail, and the bank never shows it.
    NeverArrives,
}

/// What happens to a payout next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Paid,
    Canceled,
    Failed,
}

impl Desk {
    /// Pays out what may be paid out by `day`, or everything that waits. Too little waits on.
    pub fn pay_out(&mut self, at: usize, day: Option<BookDate>, room: &mut Room<'_>, now: Timestamp) {
        let account = &self.accounts[at];
        let may = |from: BookDate| day.is_none_or(|day| from <= day);
        let waiting: i64 = account.waiting.iter().filter(|row| may(row.from)).map(|row| row.net).sum();
        let is_enough = match waiting {
            0 => false,
            above if above > 0 => day.is_none() || above >= account.rules.minimum,
            _ => account.rules.withdraws,
        };
        if !is_enough {
            return;
        }
        let number = account.payouts.len();
        let mut luck = draws(self.seed, Domain::Payout, number as u64, at as u64, 0);
        // Drawn one after the other whatever comes of them, so that switching one off leaves the others alone.
        let (fate, has_other, reserves) = (
            luck.below(1_000_000) as u32,
            luck.chance(self.rules.habits.others_ppm),
            luck.chance(self.rules.habits.reserved_ppm),
        );
        let never_arrives = luck.chance(500_000);
        let currency = account.currency;
        if has_other {
            let (kind, amount) = amounts::other(self.others, &mut luck, Money::new(waiting, currency));
            self.others += 1;
            let reason = Some(kind.name().to_lowercase().replace('_', " ").into());
            self.book(at, NewRow { reason, ..NewRow::own(kind, amount.minor(), now) }, room, now);
        }
        let held = i128::from(waiting) * i128::from(self.rules.habits.reserve_share_ppm) / 1_000_000;
        let held = i64::try_from(held).expect("a share is smaller than the whole").min(waiting / 2);
        if reserves && held > 0 {
            self.reserve(at, held, room, now);
            self.foresee(
                now.plus(self.rules.habits.reserved_for),
                at,
                Later::ReserveReleased { minor: held },
            );
        }
        self.issue(at, day, room, now);
        let habits = &self.rules.habits;
        let fails = fate < habits.failed_ppm;
        if fails && never_arrives {
            self.accounts[at].payouts[number].arrives = Arrival::NeverArrives;
        }
        if !fails && fate < habits.failed_ppm + habits.canceled_ppm {
            self.foresee(now.plus(CANCELED_AFTER), at, Later::Fate(number, Fate::Canceled));
        }
        self.foresee(now.plus(LEAVES_AFTER), at, Later::Fate(number, Fate::Paid));
        if fails {
            let hours = luck.between(FAILS_WITHIN.0, FAILS_WITHIN.1).unsigned_abs();
            let at_last = now.plus(LEAVES_AFTER).plus(Duration::from_hours(hours));
            self.foresee(at_last, at, Later::Fate(number, Fate::Failed));
        }
    }

    fn issue(&mut self, at: usize, day: Option<BookDate>, room: &mut Room<'_>, now: Timestamp) {
        let account = &mut self.accounts[at];
        let may = |from: BookDate| day.is_none_or(|day| from <= day);
        let (mut rows, mut net): (Vec<BalanceTransactionId>, i64) = (Vec::new(), 0);
        account.waiting.retain(|waiting| {
            let goes = may(waiting.from);
            if goes {
                rows.push(waiting.row);
                net += waiting.net;
            }
            !goes
        });
        let id = room
            .shopify
            .schedule_payout(account.shop, PayoutRows::These(&rows), now, now)
            .expect("rows that wait are in no payout");
        account.payouts.push(Issued {
            id,
            net,
            status: PayoutStatus::Scheduled,
            line: None,
            arrives: Arrival::Arrives,
        });
        room.trace.event(kind::PAYOUT, now, id.get(), net.unsigned_abs());
        let seen = SeenPayout {
            shop: account.shop,
            id,
            issued_at: now,
            net: Money::new(net, account.currency),
            statuses: vec![(now, PayoutStatus::Scheduled)],
            trace: None,
            came_back_in: None,
        };
        room.seen.payout(seen, &rows);
    }

    /// The position of a payout of the account: the one of this number from 0, or the latest.
    pub fn payout_at(&self, account: usize, number: Option<usize>) -> Option<usize> {
        let payouts = self.accounts[account].payouts.len();
        match number {
            Some(number) => (number < payouts).then_some(number),
            None => payouts.checked_sub(1),
        }
    }

    /// What the bank prints for a payout; none before it left.
    pub fn trace_of(&self, account: usize, payout: usize, room: &Room<'_>) -> Option<Box<str>> {
        let account = &self.accounts[account];
        room.shopify.payout_truth(account.shop, account.payouts[payout].id)?.trace
    }

    pub fn fail(&mut self, account: usize, payout: usize, room: &mut Room<'_>, now: Timestamp) {
        // The bank can only send back what was sent to it.
        self.meet(account, payout, Fate::Paid, room, now);
        self.meet(account, payout, Fate::Failed, room, now);
    }

    pub fn cancel(&mut self, account: usize, payout: usize, room: &mut Room<'_>, now: Timestamp) {
        self.meet(account, payout, Fate::Canceled, room, now);
    }

    /// The payout's next status, unless it met with another one before.
    pub(super) fn meet(&mut self, at: usize, payout: usize, fate: Fate, room: &mut Room<'_>, now: Timestamp) {
        let issued = &mut self.accounts[at].payouts[payout];
        let status = match (issued.status, fate) {
            (PayoutStatus::Scheduled, Fate::Paid) => PayoutStatus::Paid,
            (PayoutStatus::Scheduled, Fate::Canceled) => PayoutStatus::Canceled,
            (PayoutStatus::Paid, Fate::Failed) => PayoutStatus::Failed,
            _ => return,
        };
        issued.status = status;
        let (id, net, shop) = (issued.id, issued.net, self.accounts[at].shop);
        room.shopify
            .set_payout_status(shop, id, status, now)
            .expect("payouts go from scheduled to paid or cancelled, and from paid to failed");
        room.trace.event(kind::PAYOUT, now, id.get(), status as u64);
        let trace = self.trace_of(at, payout, room);
        room.seen.status(id, status, trace, now);
        match status {
            PayoutStatus::Paid => self.send_to_bank(at, payout, room, now),
            PayoutStatus::Failed => {
                self.take_back_from_bank(at, payout, room, now);
                self.bring_back(at, id, BalanceKind::TransferFailure, net, room, now);
            }
            PayoutStatus::Canceled => {
                self.bring_back(at, id, BalanceKind::TransferCancel, net, room, now);
            }
            PayoutStatus::Scheduled => unreachable!("nothing goes back to being scheduled"),
        }
    }

    fn bring_back(
        &mut self,
        at: usize,
        payout: PayoutId,
        kind: BalanceKind,
        net: i64,
        room: &mut Room<'_>,
        now: Timestamp,
    ) {
        let row = self.book(at, NewRow::own(kind, net, now), room, now);
        room.seen.came_back(payout, row);
    }

    fn send_to_bank(&mut self, at: usize, payout: usize, room: &mut Room<'_>, now: Timestamp) {
        let account = &self.accounts[at];
        let issued = &account.payouts[payout];
        if issued.arrives == Arrival::NeverArrives {
            return;
        }
        let mut luck = draws(self.seed, Domain::Bank, issued.id.get(), 0, 0);
        let (least, most) = self.rules.bank_delay;
        let days = luck.between(i64::from(least), i64::from(most)) as u32;
        let value_date = self.calendar.plus(account.bank_zone.book_date(now), days);
        let visible_at = calendar::at_hour(&account.bank_zone, value_date, 0);
        let visible_at = visible_at.plus(luck.latency(self.rules.statement_delay)).max(now);
        let (bank, amount) = (account.bank, Money::new(issued.net, account.currency));
        let trace = self.trace_of(at, payout, room);
        let line = bank_line(
            room,
            bank,
            value_date,
            amount,
            trace,
            Some(self.accounts[at].payouts[payout].id),
            visible_at,
        );
        self.accounts[at].payouts[payout].line = Some((line, value_date));
    }

    /// What nobody has read yet never comes; what was read is sent back by a line of its own.
    fn take_back_from_bank(&mut self, at: usize, payout: usize, room: &mut Room<'_>, now: Timestamp) {
        let account = &self.accounts[at];
        let issued = &account.payouts[payout];
        let Some((line, value_date)) = issued.line else { return };
        if room.banks.withhold(account.bank, line, now) {
            room.seen.bank_line_withheld(&format!("{}-{line}", account.bank));
            return;
        }
        let today = account.bank_zone.book_date(now);
        let returned_on = self.calendar.plus(today.max(value_date), 0);
        let (bank, amount) = (account.bank, Money::new(-issued.net, account.currency));
        let (id, trace) = (issued.id, self.trace_of(at, payout, room));
        let visible_at = calendar::at_hour(&account.bank_zone, returned_on, 6).max(now);
        bank_line(room, bank, returned_on, amount, trace, Some(id), visible_at);
    }
}

/// Adds a line to a statement and tells the oracle of it. Returns the bank's number.
#[expect(clippy::too_many_arguments, reason = "all that stands on a line, and whose it is")]
pub fn bank_line(
    room: &mut Room<'_>,
    account: InternalId,
    value_date: BookDate,
    amount: Money,
    reference: Option<Box<str>>,
    payout: Option<PayoutId>,
    visible_at: Timestamp,
) -> u64 {
    let number = room.banks.add(account, value_date, amount, reference.clone(), visible_at);
    room.seen.bank_line(SeenBankLine {
        account,
        id: format!("{account}-{number}").into(),
        value_date,
        amount,
        reference,
        payout,
        visible_at,
    });
    number
}
