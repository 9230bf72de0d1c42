//! Journals of one cause as a unit: split by size, all or none counts as posted, and what no longer says what it should
//! is turned around and posted anew under the next edition, never edited (postings.md N7).

use std::collections::BTreeMap;

use super::Action;
use crate::domain::billing::JournalEntry;
use crate::domain::digest::digest_of;
use crate::domain::money::{MoneyError, Sum};
use crate::domain::{BookDate, CauseCode, Currency, ExternalId, InternalId, Money};
use crate::engine::exception::Finding;
use crate::engine::posting::Document;
use crate::ports::settlement::{IntercompanyEntry, KnownJournal};

/// Lines of one journal at the most, those that balance it among them.
///
/// Assumption: netsuite.md §10.2 states no limit of lines; 1,000 is a page of a sublist (§5.2).
pub const LINES_MAX: usize = 1_000;

/// Room for what balances a part: the payout, and both sides of a debt between subsidiaries.
const BALANCING_LINES: usize = 3;

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub account: InternalId,
    /// Debit positive.
    pub amount: Money,
    /// What it is of: for people and for lineage.
    pub memo: Box<str>,
}

/// In whose books a journal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Books {
    One(InternalId, Vec<Leg>),
    /// Each side balances by itself (postings.md row 36).
    Two([(InternalId, Vec<Leg>); 2]),
}

/// One journal as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub currency: Currency,
    pub date: BookDate,
    pub memo: Box<str>,
    pub books: Books,
}

/// Journals as NetSuite holds them, and what the last step that was committed had written.
#[derive(Debug, Clone, Default)]
pub struct Own {
    pub journals: BTreeMap<ExternalId, KnownJournal>,
    /// First journal of the entity's main unit, and the digest of all of them.
    pub written: Option<(ExternalId, u64)>,
}

impl Own {
    pub fn keep(&mut self, found: Vec<KnownJournal>) {
        let keyed = found.into_iter().filter_map(|journal| Some((journal.external_id.clone()?, journal)));
        self.journals.extend(keyed);
    }
}

/// What one cause is posted as.
pub struct Unit<'a> {
    /// `issued`, `at-bank` and so on.
    pub name: &'static str,
    /// The key of a journal by its name and edition.
    pub key: &'a dyn Fn(&str, u32) -> ExternalId,
    /// Accounts that stand in the books of the second side, and that side; only where two subsidiaries meet.
    pub second: Option<([InternalId; 3], [InternalId; 2])>,
}

impl Unit<'_> {
    /// The key of one of its parts, counted from 0.
    pub fn part(&self, number: usize, edition: u32) -> ExternalId {
        match number {
            0 => (self.key)(self.name, edition),
            _ => (self.key)(&format!("{}-{}", self.name, number + 1), edition),
        }
    }

    /// The key of the journal that turns a part around.
    pub fn reversal(&self, number: usize, edition: u32) -> ExternalId {
        match number {
            0 => (self.key)(&format!("{}-reversed", self.name), edition),
            _ => (self.key)(&format!("{}-{}-reversed", self.name, number + 1), edition),
        }
    }

    /// The edition that was posted last, in whole or in part; 0 if none was.
    pub fn edition(&self, own: &Own) -> u32 {
        (1..).find(|edition| self.posted(own, *edition, 0).is_empty()).map_or(0, |free: u32| free - 1)
    }

    /// Journals of an edition, by the number of their part.
    fn posted<'o>(&self, own: &'o Own, edition: u32, at_least: usize) -> Vec<(usize, &'o KnownJournal)> {
        let mut posted = Vec::new();
        for number in 0.. {
            match own.journals.get(&self.part(number, edition)) {
                Some(known) => posted.push((number, known)),
                None if number >= at_least.max(1) => break,
                None => {}
            }
        }
        posted
    }

    fn is_reversed(&self, own: &Own, known: &KnownJournal, number: usize, edition: u32) -> bool {
        known.reversed_on.is_some() || own.journals.contains_key(&self.reversal(number, edition))
    }

    /// The edition of which every part stands and says what is wanted.
    pub fn standing(&self, own: &Own, wanted: &[Part]) -> Option<u32> {
        let edition = self.edition(own);
        let stands = |(number, part): (usize, &Part)| {
            let known = own.journals.get(&self.part(number, edition));
            known.is_some_and(|known| says(known, part) && !self.is_reversed(own, known, number, edition))
        };
        (edition > 0 && wanted.iter().enumerate().all(stands)).then_some(edition)
    }

    /// Decides what brings NetSuite to exactly these parts: nothing, what is missing, or reversal and a new edition. A
    /// journal that somebody changed is left to a person.
    pub fn bring(&self, own: &Own, wanted: &[Part], actions: &mut Vec<Action>) {
        let last = self.edition(own);
        for edition in 1..last {
            self.reverse_all(own, &self.posted(own, edition, 0), edition, actions);
        }
        let posted = self.posted(own, last, wanted.len());
        let says = |(number, known): &(usize, &KnownJournal)| {
            wanted.get(*number).is_some_and(|part| says(known, part))
        };
        let was_reversed = posted.iter().any(|(number, known)| self.is_reversed(own, known, *number, last));
        let edition = if posted.is_empty() {
            1
        } else if !was_reversed && posted.iter().all(says) {
            last
        } else {
            if !was_reversed && self.was_changed(own, &posted, last) {
                let detail = format!("{} does not say what was posted", self.part(0, last));
                let at_risk = posted.first().and_then(|(_, known)| known.lines.first()).map(|line| line.1);
                actions.push(Action::Report(Finding::new(CauseCode::JournalChanged, at_risk, detail)));
                return;
            }
            self.reverse_all(own, &posted, last, actions);
            last + 1
        };
        for (number, part) in wanted.iter().enumerate() {
            if edition == last && posted.iter().any(|(known, _)| *known == number) {
                continue;
            }
            let key = self.part(number, edition);
            actions.push(Action::Post { document: part.document(key), at_risk: part.at_risk() });
        }
    }

    fn reverse_all(
        &self,
        own: &Own,
        posted: &[(usize, &KnownJournal)],
        edition: u32,
        actions: &mut Vec<Action>,
    ) {
        for (number, known) in posted {
            if !self.is_reversed(own, known, *number, edition) {
                let document = self.turned(known, self.reversal(*number, edition));
                let at_risk = known.lines.first().map(|line| line.1);
                actions.push(Action::Post { document, at_risk });
            }
        }
    }

    /// The same lines with their signs turned, on the same day.
    fn turned(&self, known: &KnownJournal, external_id: ExternalId) -> Document {
        let lines = known.lines.iter().map(|(account, amount)| (*account, opposite(*amount)));
        let memo: Box<str> = match &known.external_id {
            Some(of) => format!("reverses {of}").into(),
            None => format!("reverses journal {}", known.internal_id).into(),
        };
        let (currency, date, original_date) = (known.currency, known.date, None);
        match &self.second {
            Some((accounts, sides)) if known.lines.iter().any(|(account, _)| accounts.contains(account)) => {
                let (second, first) = lines.partition(|(account, _)| accounts.contains(account));
                let sides = [(sides[0], first), (sides[1], second)];
                Document::Intercompany(IntercompanyEntry {
                    external_id,
                    currency,
                    date,
                    original_date,
                    memo,
                    sides,
                    memos: Default::default(),
                })
            }
            _ => Document::Journal(JournalEntry {
                external_id,
                subsidiary: known.subsidiary,
                currency,
                date,
                original_date,
                memo,
                lines: lines.collect(),
                memos: vec![],
            }),
        }
    }

    /// Whether the last committed step wrote this edition and wrote something else.
    fn was_changed(&self, own: &Own, posted: &[(usize, &KnownJournal)], edition: u32) -> bool {
        let Some((key, digest)) = &own.written else { return false };
        *key == self.part(0, edition)
            && *digest != digest_of_lines(posted.iter().map(|(_, known)| sorted(known.lines.iter().copied())))
    }
}

impl Part {
    /// Splits lines into journals that each balance by themselves. `balance` closes a set of lines.
    pub fn split(
        legs: &[Leg],
        mut balance: impl FnMut(&[Leg]) -> Result<Option<Part>, MoneyError>,
    ) -> Result<Vec<Part>, MoneyError> {
        let parts = legs.chunks(LINES_MAX - BALANCING_LINES).map(&mut balance);
        parts.filter_map(Result::transpose).collect()
    }

    fn document(&self, external_id: ExternalId) -> Document {
        let plain = |legs: &[Leg]| legs.iter().map(|leg| (leg.account, leg.amount)).collect();
        let (currency, date, original_date, memo) = (self.currency, self.date, None, self.memo.clone());
        match &self.books {
            Books::One(subsidiary, legs) => Document::Journal(JournalEntry {
                external_id,
                subsidiary: *subsidiary,
                currency,
                date,
                original_date,
                memo,
                lines: plain(legs),
                memos: legs.iter().map(|leg| leg.memo.clone()).collect(),
            }),
            Books::Two([first, second]) => Document::Intercompany(IntercompanyEntry {
                external_id,
                currency,
                date,
                original_date,
                memo,
                sides: [(first.0, plain(&first.1)), (second.0, plain(&second.1))],
                memos: [&first.1, &second.1].map(|legs| legs.iter().map(|leg| leg.memo.clone()).collect()),
            }),
        }
    }

    pub fn legs(&self) -> impl Iterator<Item = &Leg> {
        let (first, second) = match &self.books {
            Books::One(_, legs) => (legs, None),
            Books::Two([first, second]) => (&first.1, Some(&second.1)),
        };
        first.iter().chain(second.into_iter().flatten())
    }

    fn at_risk(&self) -> Option<Money> {
        self.legs().next().map(|leg| leg.amount)
    }
}

/// Digest of what a whole unit says, to tell later whether somebody else changed it.
pub fn digest_of_parts(parts: &[Part]) -> u64 {
    digest_of_lines(parts.iter().map(|part| sorted(part.legs().map(|leg| (leg.account, leg.amount)))))
}

fn digest_of_lines(parts: impl Iterator<Item = Vec<(InternalId, Money)>>) -> u64 {
    digest_of(&parts.collect::<Vec<_>>())
}

/// Which line comes first is nobody's concern.
fn sorted(lines: impl Iterator<Item = (InternalId, Money)>) -> Vec<(InternalId, Money)> {
    let mut lines: Vec<_> = lines.collect();
    lines.sort_unstable();
    lines
}

/// Dates are not compared: a journal may be dated in a later period because its own was shut.
fn says(known: &KnownJournal, part: &Part) -> bool {
    let in_books = match &part.books {
        Books::One(subsidiary, _) => known.subsidiary == *subsidiary,
        Books::Two(sides) => sides.iter().any(|(subsidiary, _)| known.subsidiary == *subsidiary),
    };
    in_books
        && known.currency == part.currency
        && sorted(known.lines.iter().copied()) == sorted(part.legs().map(|leg| (leg.account, leg.amount)))
}

/// Sum of the lines.
///
/// # Errors
/// Mixed currencies, or a sum out of range.
pub fn total(currency: Currency, legs: &[Leg]) -> Result<Money, MoneyError> {
    Sum::of(currency, legs.iter().map(|leg| leg.amount))
}

/// Amounts of journals are sums of amounts that fit; none of them is the smallest integer.
fn opposite(amount: Money) -> Money {
    Money::new(amount.minor().saturating_neg(), amount.currency())
}
