//! A whole ledger at rest: its accounts, and every document that posted, with base amounts.
//!
//! Compact, because a day may hold millions of documents: lines lie one after the other, and an entry names its
//! stretch of them.

use std::collections::BTreeMap;

use super::DocumentKind;
use crate::domain::{BookDate, Currency, ExternalId, InternalId};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Books {
    pub accounts: Vec<Account>,
    /// Base currencies of subsidiaries, for the lines of an entry that is in the books of several.
    pub base_currencies: BTreeMap<InternalId, Currency>,
    entries: Vec<Entry>,
    lines: Vec<Line>,
    /// By the first line of their entry.
    notes: BTreeMap<u32, Note>,
}

/// What an entry says in words, where it says anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    pub memo: Option<Box<str>>,
    /// The day that it would have had if its period had been open.
    pub original_date: Option<BookDate>,
    /// What its lines say, a text a line, empty where one says nothing; all empty if none does.
    pub line_memos: Box<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    pub id: InternalId,
    pub kind: AccountKind,
    pub subsidiary: InternalId,
}

/// Kind of an account, as statements group them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountKind {
    Bank,
    OtherCurrentAsset,
    Receivable,
    OtherCurrentLiability,
    Income,
    CostOfGoodsSold,
    Expense,
}

/// A document that posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub number: InternalId,
    pub external_id: Option<ExternalId>,
    pub kind: DocumentKind,
    pub date: BookDate,
    pub currency: Currency,
    /// Of the subsidiary.
    pub base_currency: Currency,
    start: u32,
    end: u32,
}

/// Debits positive, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub account: InternalId,
    /// Of the entry's currency.
    pub minor: i64,
    /// Of its base currency.
    pub base: i64,
}

/// What an entry says beside its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub number: InternalId,
    pub external_id: Option<ExternalId>,
    pub kind: DocumentKind,
    pub date: BookDate,
    pub currency: Currency,
    pub base_currency: Currency,
}

impl Books {
    /// Adds a document; one that posts nothing is none. Lines of nothing are left out.
    ///
    /// # Panics
    /// More than four billion lines.
    pub fn add(&mut self, heading: Heading, lines: impl IntoIterator<Item = Line>) {
        let start = self.lines.len();
        self.lines.extend(lines.into_iter().filter(|line| line.minor != 0 || line.base != 0));
        if self.lines.len() == start {
            return;
        }
        let at = |place: usize| u32::try_from(place).expect("fewer than 2³² lines");
        let Heading { number, external_id, kind, date, currency, base_currency } = heading;
        let (start, end) = (at(start), at(self.lines.len()));
        self.entries.push(Entry { number, external_id, kind, date, currency, base_currency, start, end });
    }

    /// As [`Books::add`], with what the document says; its memos are those of all lines, of nothing or not.
    pub fn add_noted(&mut self, heading: Heading, lines: Vec<Line>, mut note: Note) {
        let is_something = |line: &Line| line.minor != 0 || line.base != 0;
        if !lines.iter().all(is_something) {
            let memos = note.line_memos.split('\n').zip(&lines);
            let kept: Vec<&str> =
                memos.filter(|(_, line)| is_something(line)).map(|(memo, _)| memo).collect();
            note.line_memos = kept.join("\n").into();
        }
        let (start, entries) = (self.lines.len(), self.entries.len());
        self.add(heading, lines);
        if self.entries.len() > entries && note != Note::default() {
            self.notes.insert(u32::try_from(start).expect("fewer than 2³² lines"), note);
        }
    }

    /// What an entry says in words.
    pub fn note(&self, entry: &Entry) -> Option<&Note> {
        self.notes.get(&entry.start)
    }

    /// What a line's base amount is in: that of the entry, unless the line is in the books of another subsidiary.
    pub fn base_currency(&self, entry: &Entry, subsidiary: InternalId) -> Currency {
        self.base_currencies.get(&subsidiary).copied().unwrap_or(entry.base_currency)
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn lines(&self, entry: &Entry) -> &[Line] {
        &self.lines[entry.start as usize..entry.end as usize]
    }

    /// The entries of a period, from one day to the day before another: the ledger of a month.
    #[must_use]
    pub fn within(&self, first: BookDate, next: BookDate) -> Books {
        let mut books = Books {
            accounts: self.accounts.clone(),
            base_currencies: self.base_currencies.clone(),
            ..Books::default()
        };
        for entry in self.entries.iter().filter(|entry| (first..next).contains(&entry.date)) {
            let heading = Heading {
                number: entry.number,
                external_id: entry.external_id.clone(),
                kind: entry.kind,
                date: entry.date,
                currency: entry.currency,
                base_currency: entry.base_currency,
            };
            let note = self.note(entry).cloned().unwrap_or_default();
            books.add_noted(heading, self.lines(entry).to_vec(), note);
        }
        books
    }

    /// Entries by date; those of a day in the order in which they were made.
    pub fn by_date(&self) -> impl Iterator<Item = &Entry> {
        let mut order: Vec<u32> = (0..self.entries.len() as u32).collect();
        order.sort_by_key(|at| self.entries[*at as usize].date);
        order.into_iter().map(|at| &self.entries[at as usize])
    }

    /// Minor units and base units by account and currency.
    pub fn balances(&self) -> BTreeMap<(InternalId, Currency), (i128, i128)> {
        let mut balances: BTreeMap<(InternalId, Currency), (i128, i128)> = BTreeMap::new();
        for entry in &self.entries {
            for line in self.lines(entry) {
                let sums = balances.entry((line.account, entry.currency)).or_default();
                sums.0 += i128::from(line.minor);
                sums.1 += i128::from(line.base);
            }
        }
        balances
    }
}
