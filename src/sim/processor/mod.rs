//! The processor: what each charge costs, when money is paid out, and everything that goes otherwise.
//!
//! Lives here: the desk that keeps one account for each shop, books rows and issues payouts into the Shopify twin, and
//! sends them to the banks. Days are in [`calendar`], amounts in [`amounts`], disputes in [`disputes`], what becomes of a
//! payout in [`payouts`]; when the desk is open and what scripts ask of it in [`super::traffic`]. All luck is keyed by
//! payout or by order transaction, and everything that happens is told to the oracle as it happens.
//!
//! Source: shopify.md §m.3.

pub mod amounts;
pub mod calendar;
pub mod disputes;
pub mod payouts;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::domain::ids::{BalanceTransactionId, DisputeId, OrderId, TransactionId};
use crate::domain::order::TransactionKind;
use crate::domain::payout::BalanceKind;
use crate::domain::{BookDate, Currency, Duration, InternalId, Money, ShopKey, Timestamp, Zone};
use crate::mocks::shopify::ShopifyTwin;
use crate::mocks::shopify::payments::{BalanceRow, Received};
use crate::scenario::Profile;
use crate::scenario::processor::{PaymentsAccount, Processor};
use crate::sim::bank::Banks;
use crate::sim::oracle::seen::settlement::{SeenRow, Settlement};
use crate::sim::random::{Domain, draws};
use crate::sim::stage::kind;
use crate::sim::trace::TraceHash;
use calendar::Calendar;
use disputes::{Ending, OpenDispute};
use payouts::{Fate, Issued};

/// How often the desk looks at what came in.
pub const EVERY: Duration = Duration::from_hours(1);

/// Payouts leave at this hour of the shop's clock, or at the first look after it. Assumption.
const ISSUED_AT_HOUR: i8 = 4;

/// What the desk works on.
pub struct Room<'a> {
    pub shopify: &'a mut ShopifyTwin,
    pub banks: &'a mut Banks,
    pub seen: &'a mut Settlement,
    pub trace: &'a mut TraceHash,
}

pub struct Desk {
    seed: u64,
    profile: Arc<Profile>,
    rules: Processor,
    calendar: Calendar,
    accounts: Vec<Account>,
    /// What happens later, by time and then in the order in which it was foreseen.
    later: BTreeMap<(Timestamp, u64), (usize, Later)>,
    foreseen: u64,
    /// Rows of the rarer types so far: they come in turn.
    others: u64,
    /// What other gateways owe, by position of the shop.
    elsewhere: BTreeMap<(usize, Box<str>), i64>,
    /// The month of the last statement of other gateways.
    stated: Option<(i16, i8)>,
}

/// One shop's money with the processor.
struct Account {
    rules: PaymentsAccount,
    shop: ShopKey,
    zone: Zone,
    bank_zone: Zone,
    bank: InternalId,
    currency: Currency,
    /// Rows that are in no payout.
    waiting: Vec<Waiting>,
    payouts: Vec<Issued>,
    /// By order, the oldest first: an order may be disputed twice.
    disputes: BTreeMap<OrderId, VecDeque<OpenDispute>>,
    /// The day on which a payout was last thought of.
    considered: Option<BookDate>,
    /// Orders that changed before were looked at.
    looked_at: Timestamp,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    row: BalanceTransactionId,
    net: i64,
    /// The first day on which it may be paid out.
    from: BookDate,
}

/// What happens later to an account.
enum Later {
    Fate(usize, Fate),
    Dispute { order: OrderId, amount: Money, is_inquiry: bool, ending: Ending, lasts: Duration },
    DisputeEnds { order: OrderId, ending: Ending },
    ReserveReleased { minor: i64 },
}

/// A row to be booked.
pub struct NewRow {
    pub kind: BalanceKind,
    pub amount: i64,
    pub fee: i64,
    pub order_transaction: Option<TransactionId>,
    pub dispute: Option<DisputeId>,
    pub order: Option<OrderId>,
    pub shop_amount: Option<Money>,
    pub processed_at: Timestamp,
    /// The first day on which it may be paid out.
    pub from: BookDate,
    pub reason: Option<Arc<str>>,
}

impl NewRow {
    /// A row of the processor's own, to be paid out as soon as anything is.
    pub fn own(kind: BalanceKind, amount: i64, now: Timestamp) -> NewRow {
        NewRow {
            kind,
            amount,
            fee: 0,
            order_transaction: None,
            dispute: None,
            order: None,
            shop_amount: None,
            processed_at: now,
            from: BookDate::from_epoch_days(0),
            reason: None,
        }
    }
}

impl Desk {
    /// Opens the accounts of all shops whose money the processor takes; `None` without a processor.
    pub fn open(
        seed: u64,
        profile: &Arc<Profile>,
        shopify: &mut ShopifyTwin,
        now: Timestamp,
    ) -> Option<Desk> {
        let rules = profile.processor.clone()?;
        let accounts = rules.shops.iter().map(|rules| {
            let storefront = &profile.shops[rules.shop];
            let owner = &profile.subsidiaries[storefront.payout_owner];
            shopify.open_payments(storefront.key, storefront.payout_currency);
            Account {
                rules: rules.clone(),
                shop: storefront.key,
                zone: storefront.zone.clone(),
                bank_zone: owner.bank_zone.clone(),
                bank: owner.accounts.bank,
                currency: storefront.payout_currency,
                waiting: Vec::new(),
                payouts: Vec::new(),
                disputes: BTreeMap::new(),
                considered: None,
                looked_at: now,
            }
        });
        Some(Desk {
            seed,
            profile: Arc::clone(profile),
            calendar: Calendar::new(&rules.holidays),
            accounts: accounts.collect(),
            rules,
            later: BTreeMap::new(),
            foreseen: 0,
            others: 0,
            elsewhere: BTreeMap::new(),
            stated: None,
        })
    }

    /// Books what came in, does what was foreseen, and pays out where it is time.
    pub fn look(&mut self, room: &mut Room<'_>, now: Timestamp) {
        for account in 0..self.accounts.len() {
            self.take_in(account, room, now);
        }
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            let (account, what) = entry.remove();
            self.happen(account, what, room, now);
        }
        for account in 0..self.accounts.len() {
            let day = self.accounts[account].zone.book_date(now);
            let is_time = calendar::at_hour(&self.accounts[account].zone, day, ISSUED_AT_HOUR) <= now;
            if !is_time || self.accounts[account].considered == Some(day) {
                continue;
            }
            self.accounts[account].considered = Some(day);
            if self.calendar.is_payout_day(self.accounts[account].rules.schedule, day) {
                self.pay_out(account, Some(day), room, now);
            }
        }
        self.state_other_gateways(room, now);
    }

    /// The position of the account of that shop.
    pub fn account_of(&self, shop: ShopKey) -> Option<usize> {
        self.accounts.iter().position(|account| account.shop == shop)
    }

    /// Books charges and refunds that have no row yet.
    pub fn take_in(&mut self, account: usize, room: &mut Room<'_>, now: Timestamp) {
        let (shop, since) = (self.accounts[account].shop, self.accounts[account].looked_at);
        self.accounts[account].looked_at = now;
        for received in room.shopify.received(shop, since) {
            self.settle(account, &received, room, now);
        }
    }

    fn settle(&mut self, at: usize, received: &Received, room: &mut Room<'_>, now: Timestamp) {
        let account = &self.accounts[at];
        let day = account.zone.book_date(received.processed_at);
        let gross = amounts::converted(&self.profile, received.amount, account.currency, day);
        let is_refund = received.kind == TransactionKind::Refund;
        let sign = if is_refund { -1 } else { 1 };
        let fee = if is_refund { 0 } else { amounts::fee(account.rules.fees, gross).minor() };
        let differs = received.amount.currency() != account.currency;
        let row = NewRow {
            kind: if is_refund { BalanceKind::Refund } else { BalanceKind::Charge },
            amount: sign * gross.minor(),
            fee,
            order_transaction: Some(received.transaction),
            dispute: None,
            order: Some(received.order),
            shop_amount: differs
                .then(|| Money::new(sign * received.amount.minor(), received.amount.currency())),
            processed_at: received.processed_at,
            // What is given back leaves with the next payout, whatever the charge waited for.
            from: if is_refund { day } else { self.calendar.plus(day, account.rules.delay) },
            reason: None,
        };
        self.book(at, row, room, now);
        if !is_refund {
            self.foresee_dispute(at, received, gross, now);
        }
    }

    /// Books a row in the shop's account, in no payout yet.
    pub fn book(
        &mut self,
        at: usize,
        row: NewRow,
        room: &mut Room<'_>,
        now: Timestamp,
    ) -> BalanceTransactionId {
        let account = &mut self.accounts[at];
        let entry = BalanceRow {
            kind: row.kind.clone(),
            amount: row.amount,
            fee: row.fee,
            order_transaction: row.order_transaction,
            dispute: row.dispute,
            order: row.order,
            processed_at: row.processed_at,
            reason: row.reason,
        };
        let id = room
            .shopify
            .add_balance_row(account.shop, entry, now)
            .expect("the account is open, and rows name orders of the shop");
        account.waiting.push(Waiting { row: id, net: row.amount - row.fee, from: row.from });
        room.trace.event(kind::BALANCE_ROW, now, id.get(), row.amount.unsigned_abs());
        room.seen.row(SeenRow {
            shop: account.shop,
            id,
            kind: row.kind,
            currency: account.currency,
            amount: row.amount,
            fee: row.fee,
            shop_amount: row.shop_amount,
            order_transaction: row.order_transaction,
            order: row.order,
            processed_at: row.processed_at,
            payout: None,
        });
        id
    }

    fn foresee(&mut self, at: Timestamp, account: usize, what: Later) {
        self.foreseen += 1;
        self.later.insert((at, self.foreseen), (account, what));
    }

    fn happen(&mut self, account: usize, what: Later, room: &mut Room<'_>, now: Timestamp) {
        match what {
            Later::Fate(payout, fate) => self.meet(account, payout, fate, room, now),
            Later::Dispute { order, amount, is_inquiry, ending, lasts } => {
                // Somebody disputed it by script meanwhile.
                if self.accounts[account].disputes.contains_key(&order) {
                    return;
                }
                let unit = 10_i64.pow(amount.currency().minor_digits());
                let fee = self.rules.habits.dispute_fee_hundredths * unit / 100;
                self.dispute(account, order, amount.minor(), (!is_inquiry).then_some(fee), room, now);
                self.foresee(now.plus(lasts), account, Later::DisputeEnds { order, ending });
            }
            Later::DisputeEnds { order, ending } => self.end_dispute(account, order, ending, room, now),
            Later::ReserveReleased { minor } => self.release(account, minor, room, now),
        }
    }

    /// Holds money back.
    pub fn reserve(&mut self, account: usize, minor: i64, room: &mut Room<'_>, now: Timestamp) {
        self.book(account, NewRow::own(BalanceKind::ReservedFunds, -minor, now), room, now);
    }

    pub fn release(&mut self, account: usize, minor: i64, room: &mut Room<'_>, now: Timestamp) {
        self.book(account, NewRow::own(BalanceKind::ReservedFundsReversal, minor, now), room, now);
    }

    fn foresee_dispute(&mut self, at: usize, received: &Received, gross: Money, now: Timestamp) {
        let habits = &self.rules.habits;
        let mut luck = draws(self.seed, Domain::Dispute, received.transaction.get(), at as u64, 0);
        let drawn = luck.below(1_000_000) as u32;
        if drawn >= habits.disputed_ppm + habits.inquired_ppm {
            return;
        }
        let is_inquiry = drawn >= habits.disputed_ppm;
        let lag = luck.latency(habits.dispute_lag);
        let lasts = luck.latency(habits.decided_after);
        let ending = disputes::draw_ending(habits, is_inquiry, gross, &mut luck);
        let what = Later::Dispute { order: received.order, amount: gross, is_inquiry, ending, lasts };
        self.foresee(now.plus(lag), at, what);
    }

    /// Another gateway took money.
    pub fn taken_elsewhere(&mut self, shop: ShopKey, gateway: &str, minor: i64) {
        if !self.rules.other_gateways {
            return;
        }
        let Some(at) = self.profile.shops.iter().position(|storefront| storefront.key == shop) else {
            return;
        };
        let is_theirs = self.profile.shops[at].clearing.iter().any(|(name, _)| **name == *gateway);
        if is_theirs && gateway != crate::mocks::shopify::payments::GATEWAY {
            *self.elsewhere.entry((at, gateway.into())).or_default() += minor;
        }
    }

    /// On the first business day of a month the bank shows what other gateways took until then, one sum each: their
    /// statements are their own, and no payout explains them.
    fn state_other_gateways(&mut self, room: &mut Room<'_>, now: Timestamp) {
        let day = self.profile.account_zone.book_date(now);
        let (year, month, _) = day.year_month_day();
        let began = self.stated.replace((year, month));
        if began.is_none() || began == Some((year, month)) {
            return;
        }
        let value_date = self.calendar.plus(day, 0);
        for ((shop, gateway), minor) in std::mem::take(&mut self.elsewhere) {
            let storefront = &self.profile.shops[shop];
            let seller = &self.profile.subsidiaries[storefront.seller];
            let reference = format!("{gateway} {} {year}-{month:02}", storefront.key);
            let visible_at = calendar::at_hour(&seller.bank_zone, value_date, 6);
            let amount = Money::new(minor, storefront.currency);
            payouts::bank_line(
                room,
                seller.accounts.bank,
                value_date,
                amount,
                Some(reference.into()),
                None,
                visible_at,
            );
        }
    }
}

#[cfg(test)]
mod tests;
