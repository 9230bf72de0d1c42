//! What is left on an account that should come to nothing, or to something known, item by item: no balance without a
//! list that sums to it.
//!
//! Lives here: which lines of the books cancel each other, and what each one that stays is. Clearing goes through the
//! payout matcher ([`super::super::settlement`]); payouts in transit, payouts returned, disputes and reserves are summed by
//! what they are of. Every line of an account has its place, so that the items always come to the balance.
//!
//! Source: failures.md C-1; postings.md *Identities*.

mod read;
mod why;

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use super::Role;
use crate::domain::ids::PayoutId;
use crate::domain::payout::{BalanceTransaction, Payout};
use crate::domain::{BookDate, CauseCode, Currency, FixedMap, InternalId, Money, ShopKey, Zone};
use crate::ledger::books::{Books, Line};
use crate::reconcile::settlement::{Kind, Line as Side, Terms, settle};
use read::{Event, Source};
pub use why::Why;

/// Who looks after items of which nobody else was told: payouts are finance's.
const OWNER: &str = "finance";

/// Of what is on them, a list is given.
pub const ITEMISED: [Role; 5] =
    [Role::Clearing, Role::InTransit, Role::Returned, Role::Disputes, Role::Reserve];

/// One shop's account with the processor.
#[derive(Debug, Clone)]
pub struct Statement {
    pub shop: ShopKey,
    /// Of the books that it is settled in.
    pub zone: Zone,
    pub payouts: Vec<Payout>,
    pub rows: Vec<BalanceTransaction>,
    /// Accounts that its payouts clear; every other clearing account is another gateway's.
    pub clearing: InternalId,
}

/// An exception that is open for a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub cause: CauseCode,
    pub owner: Box<str>,
    pub deadline: BookDate,
}

/// What is known beside the books.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    pub as_of: BookDate,
    pub statements: &'a [Statement],
    pub complaints: &'a BTreeMap<(ShopKey, PayoutId), Complaint>,
    pub windows: Windows,
}

/// Days by which something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// From a charge to the payout that it is in.
    pub paid_out: u16,
    /// From a payout to its journal.
    pub settling: u16,
    /// From a payout to the bank's statement.
    pub bank: u16,
    /// From a dispute to its end.
    pub dispute: u16,
}

/// One thing that stays on an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `charge of transaction 5001`, `payout 77`.
    pub of: Box<str>,
    /// Minor units, debits positive.
    pub minor: i128,
    pub since: BookDate,
    pub why: Why,
    pub owner: Box<str>,
    /// When it is expected to be gone; `None` if only a person can say.
    pub clears: Option<BookDate>,
}

impl Item {
    pub fn days(&self, as_of: BookDate) -> i32 {
        as_of.epoch_days() - self.since.epoch_days()
    }
}

/// An account in one currency, and all that its balance is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Itemised {
    pub role: Role,
    pub subsidiary: InternalId,
    pub account: InternalId,
    pub currency: Currency,
    /// Minor units, debits positive.
    pub balance: i128,
    /// Oldest first.
    pub items: Vec<Item>,
}

impl Itemised {
    pub fn sum(&self) -> i128 {
        self.items.iter().map(|item| item.minor).sum()
    }

    pub fn ties(&self) -> bool {
        self.sum() == self.balance
    }
}

/// The items of every account of [`ITEMISED`] roles, as of a day.
pub fn items(books: &Books, roles: &BTreeMap<InternalId, Role>, around: &Around<'_>) -> Vec<Itemised> {
    let desk = Desk::new(around);
    let cancelled = read::cancelled(books, around.as_of);
    let mut gathered: BTreeMap<(Role, InternalId, Currency), (i128, Vec<Source<'_>>)> = BTreeMap::new();
    for (at, entry) in books.entries().iter().enumerate().filter(|(_, it)| it.date <= around.as_of) {
        let lines = books.lines(entry);
        let role_of = |line: &Line| roles.get(&line.account).copied().filter(|role| ITEMISED.contains(role));
        if !lines.iter().any(|line| role_of(line).is_some()) {
            continue;
        }
        let mut memos = books.note(entry).map_or("", |note| &note.line_memos).split('\n');
        for line in lines {
            let memo = memos.next().unwrap_or_default();
            let Some(role) = role_of(line) else { continue };
            let (balance, sources) = gathered.entry((role, line.account, entry.currency)).or_default();
            *balance += i128::from(line.minor);
            if !cancelled.contains(&at) {
                sources.push(Source { entry, memo, minor: line.minor });
            }
        }
    }
    let subsidiaries: BTreeMap<InternalId, InternalId> =
        books.accounts.iter().map(|account| (account.id, account.subsidiary)).collect();
    let listed = gathered.into_iter().filter_map(|((role, account, currency), (balance, sources))| {
        let mut items = match role {
            Role::Clearing => desk.clearing(account, &sources),
            _ => desk.summed(role, &sources),
        };
        items.sort_by(|one, other| (one.since, &one.of).cmp(&(other.since, &other.of)));
        let subsidiary = subsidiaries.get(&account).copied()?;
        Some(Itemised { role, subsidiary, account, currency, balance, items })
    });
    listed.collect()
}

/// What is known beside the books, by the numbers under which the books name it.
struct Desk<'a> {
    around: &'a Around<'a>,
    shops: BTreeMap<&'a str, u16>,
    /// Rows of charges and refunds by shop, kind and order transaction.
    rows: FixedMap<(u16, Kind, u64), &'a BalanceTransaction>,
    /// All rows by shop and number.
    by_number: FixedMap<(u16, u64), &'a BalanceTransaction>,
    issued: FixedMap<(u16, u64), BookDate>,
}

impl<'a> Desk<'a> {
    fn new(around: &'a Around<'a>) -> Desk<'a> {
        let mut desk = Desk {
            around,
            shops: BTreeMap::new(),
            rows: FixedMap::default(),
            by_number: FixedMap::default(),
            issued: FixedMap::default(),
        };
        for (at, statement) in (0u16..).zip(around.statements) {
            desk.shops.insert(statement.shop.as_str(), at);
            for row in &statement.rows {
                desk.by_number.insert((at, row.id.get()), row);
                if let Some(transaction) = row.order_transaction {
                    desk.rows.insert((at, read::kind_of(&row.kind), transaction.get()), row);
                }
            }
            let issued = statement.payouts.iter();
            desk.issued.extend(
                issued.map(|payout| ((at, payout.id.get()), statement.zone.book_date(payout.issued_at))),
            );
        }
        desk
    }

    /// Rows that were booked on the left, records of orders on the right, through the payout matcher.
    fn clearing(&self, account: InternalId, sources: &[Source<'a>]) -> Vec<Item> {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let (mut booked, mut records) = (Vec::new(), Vec::new());
        for source in sources {
            let event = source.event();
            let (kind, number) = match event {
                Event::Record(kind, number) | Event::Row { kind, transaction: Some(number), .. } => {
                    (kind, Some(number))
                }
                Event::Row { kind, row, .. } => (kind, Some(row)),
                _ => (Kind::Adjustment, None),
            };
            let money = Money::new(source.minor, source.entry.currency);
            let shop = source.shop().and_then(|shop| self.shops.get(shop)).copied().unwrap_or(u16::MAX);
            let line = Side::new(kind, money, source.entry.date).identified(number.and_then(NonZeroU64::new));
            let line = Side { shop, ..line };
            if matches!(event, Event::Row { .. }) {
                let amount = line.amount.saturating_neg();
                left.push(Side { amount, booked: amount, ..line });
                booked.push(source);
            } else {
                right.push(line);
                records.push(source);
            }
        }
        let windows = self.around.windows;
        let terms = Terms {
            as_of: self.around.as_of,
            booked_within: windows.settling,
            paid_out_within: windows.paid_out,
        };
        let settled = settle(&left, &right, &terms);
        let is_paid_out = self.around.statements.iter().any(|statement| statement.clearing == account);
        let differences = settled.differences.iter().filter_map(|difference| {
            let lefts = settled.left_of(difference).iter().map(|at| booked[*at as usize]);
            let rights = settled.right_of(difference).iter().map(|at| records[*at as usize]);
            let of_it: Vec<&Source<'_>> = rights.chain(lefts).collect();
            let minor: i128 = of_it.iter().map(|source| i128::from(source.minor)).sum();
            let since = of_it.iter().map(|source| source.entry.date).min()?;
            let first = of_it.first()?;
            let is_record = of_it.len() == 1 && matches!(first.event(), Event::Record(..));
            let alone = (Why::Matched(difference.cause), difference.clears);
            let (why, owner, clears) = match (is_record, first.entry.external_id.is_none()) {
                (_, true) => (Why::KeyedByHand, OWNER.into(), None),
                (true, _) if !is_paid_out => (Why::OtherGateway, OWNER.into(), None),
                (true, _) => self.of_record(first, alone),
                (false, _) => (alone.0, OWNER.into(), alone.1),
            };
            let more = match of_it.len() {
                1 => String::new(),
                lines => format!(" and {} more", lines - 1),
            };
            let of = format!("{}{more}", first.described()).into();
            (minor != 0).then_some(Item { of, minor, since, why, owner, clears })
        });
        differences.collect()
    }

    /// Why a document of an order has no row of a payout against it yet.
    fn of_record(
        &self,
        source: &Source<'_>,
        alone: (Why, Option<BookDate>),
    ) -> (Why, Box<str>, Option<BookDate>) {
        let Event::Record(kind, number) = source.event() else { return (alone.0, OWNER.into(), alone.1) };
        let shop = source.shop().and_then(|shop| self.shops.get(shop)).copied();
        let row = shop.and_then(|shop| self.rows.get(&(shop, kind, number)).map(|row| (shop, *row)));
        let Some((shop, row)) = row else { return (alone.0, OWNER.into(), alone.1) };
        let issued = row.payout.and_then(|payout| Some((payout, *self.issued.get(&(shop, payout.get()))?)));
        match issued {
            Some((_, on)) if on > self.around.as_of => (Why::NotPaidOut, OWNER.into(), Some(on)),
            Some((payout, on)) => match self.complaint(shop, payout) {
                Some(complaint) => self.raised(complaint),
                None => {
                    let clears = later(on, self.around.windows.settling);
                    (Why::PayoutNotPosted, OWNER.into(), Some(clears))
                }
            },
            None => (Why::NotPaidOut, OWNER.into(), alone.1),
        }
    }

    fn complaint(&self, shop: u16, payout: PayoutId) -> Option<&'a Complaint> {
        let shop = self.around.statements.get(usize::from(shop))?.shop;
        self.around.complaints.get(&(shop, payout))
    }

    fn raised(&self, complaint: &Complaint) -> (Why, Box<str>, Option<BookDate>) {
        (Why::Raised(complaint.cause), complaint.owner.clone(), Some(complaint.deadline))
    }

    /// Lines by what they are of; what comes to nothing is done with.
    fn summed(&self, role: Role, sources: &[Source<'a>]) -> Vec<Item> {
        let mut sums: BTreeMap<Subject, (i128, BookDate, &Source<'_>)> = BTreeMap::new();
        for source in sources {
            let minor = i128::from(source.minor);
            let sum = sums.entry(self.subject(role, source)).or_insert((0, source.entry.date, source));
            sum.0 += minor;
            sum.1 = sum.1.min(source.entry.date);
        }
        let mut open: Vec<Open> = sums
            .into_iter()
            .filter(|(_, (minor, ..))| *minor != 0)
            .map(|(subject, (minor, since, first))| {
                let of = subject.described().unwrap_or_else(|| first.described());
                Open { subject, minor, since, of: of.into() }
            })
            .collect();
        // No row says which one it lets go of, nor which payout it brings back.
        if matches!(role, Role::Reserve | Role::Returned) {
            read::net(&mut open);
        }
        let described = open.into_iter().map(|open| {
            let (why, owner, clears) = self.of_subject(role, &open);
            Item { of: open.of, minor: open.minor, since: open.since, why, owner, clears }
        });
        described.collect()
    }

    fn subject(&self, role: Role, source: &Source<'_>) -> Subject {
        let shop = source.shop().and_then(|shop| self.shops.get(shop)).copied().unwrap_or(u16::MAX);
        match source.event() {
            Event::Accrual(year, month) => Subject::Accrual(shop, year, month),
            Event::Row { row, .. } => match self.by_number.get(&(shop, row)).and_then(|row| row.order) {
                Some(order) if role == Role::Disputes => Subject::Order(shop, order.get()),
                _ => Subject::Row(shop, row),
            },
            Event::Payout(payout) => Subject::Payout(shop, payout),
            Event::LostDispute(order) => Subject::Order(shop, order),
            Event::Record(..) | Event::Other => Subject::Entry(source.entry.number.get()),
        }
    }

    fn of_subject(&self, role: Role, open: &Open) -> (Why, Box<str>, Option<BookDate>) {
        let windows = self.around.windows;
        let plain = |why: Why, days: u16| (why, Box::from(OWNER), Some(later(open.since, days)));
        match open.subject {
            Subject::Entry(_) => (Why::KeyedByHand, OWNER.into(), None),
            Subject::Accrual(..) => plain(Why::Accrued, 1),
            Subject::Payout(shop, payout) => match (self.complaint(shop, PayoutId::new(payout)), role) {
                (Some(complaint), _) => self.raised(complaint),
                (None, Role::InTransit)
                    if open.since.epoch_days() + i32::from(windows.bank) < self.around.as_of.epoch_days() =>
                {
                    plain(Why::NotAtBank, windows.bank)
                }
                (None, Role::InTransit) => plain(Why::InTransit, windows.bank),
                _ => plain(Why::CameBack, windows.paid_out),
            },
            _ => match role {
                Role::Disputes => plain(Why::DisputeOpen, windows.dispute),
                // The processor names no day.
                Role::Reserve => (Why::HeldInReserve, OWNER.into(), None),
                _ => (Why::CameBack, OWNER.into(), None),
            },
        }
    }
}

/// What lines that belong together are of; shops by their position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Payout(u16, u64),
    Order(u16, u64),
    Row(u16, u64),
    Accrual(u16, i16, i8),
    Entry(u64),
}

impl Subject {
    fn described(self) -> Option<String> {
        match self {
            Subject::Payout(_, number) => Some(format!("payout {number}")),
            Subject::Order(_, number) => Some(format!("dispute of order {number}")),
            Subject::Accrual(_, year, month) => Some(format!("accrual of {year:04}-{month:02}")),
            Subject::Row(..) | Subject::Entry(_) => None,
        }
    }
}

/// What stays of one subject.
#[derive(Debug)]
struct Open {
    subject: Subject,
    minor: i128,
    since: BookDate,
    of: Box<str>,
}

fn later(day: BookDate, days: u16) -> BookDate {
    BookDate::from_epoch_days(day.epoch_days().saturating_add(i32::from(days)))
}

#[cfg(test)]
mod tests;
