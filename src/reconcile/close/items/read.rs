//! What a line of the books says it is of: by the external id of its entry, and by its memo in a payout's journal
//! (postings.md N8). And which entries turn each other around.

use std::collections::BTreeMap;

use super::Open;
use crate::domain::payout::BalanceKind;
use crate::domain::{BookDate, FixedSet, InternalId};
use crate::ledger::DocumentKind;
use crate::ledger::books::{Books, Entry};
use crate::reconcile::settlement::Kind;

/// One line of an account.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub entry: &'a Entry,
    pub memo: &'a str,
    /// Debits positive.
    pub minor: i64,
}

/// What a line is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The document of an order's transaction.
    Record(Kind, u64),
    /// A row of the processor.
    Row {
        kind: Kind,
        row: u64,
        transaction: Option<u64>,
    },
    Payout(u64),
    /// The loss of a dispute of that order.
    LostDispute(u64),
    /// What the processor held at the end of that month.
    Accrual(i16, i8),
    Other,
}

impl<'a> Source<'a> {
    fn key(&self) -> Option<Key<'a>> {
        Key::read(self.entry.external_id.as_ref()?.as_str())
    }

    pub fn shop(&self) -> Option<&'a str> {
        Some(self.key()?.shop)
    }

    pub fn event(&self) -> Event {
        let Some(key) = self.key() else { return Event::Other };
        match (key.kind, self.entry.kind) {
            ("deposit", DocumentKind::CustomerDeposit) => Event::Record(Kind::Charge, key.number),
            ("refund", DocumentKind::CustomerRefund) => Event::Record(Kind::Refund, key.number),
            // Of a refund that failed, and one that was issued again instead of a customer refund (row 22).
            ("transaction", _) if key.event == "reissue" => Event::Record(Kind::Refund, key.number),
            ("transaction", _) if key.event == "failed" => Event::Record(Kind::Adjustment, key.number),
            ("payout", _) => self.row().unwrap_or(Event::Payout(key.number)),
            ("dispute", _) => after(self.memo, " of order ").map_or(Event::Other, Event::LostDispute),
            ("accrual", _) => {
                let month = key.event.split('-').next().and_then(|month| month.parse().ok());
                let year = i16::try_from(key.number).ok();
                year.zip(month).map_or(Event::Other, |(year, month)| Event::Accrual(year, month))
            }
            _ => Event::Other,
        }
    }

    /// `CHARGE: balance transaction 7, transaction 5001, uk-deposit-5001 (900)`.
    fn row(&self) -> Option<Event> {
        let (kind, rest) = self.memo.split_once(": balance transaction ")?;
        let row = leading(rest)?;
        Some(Event::Row {
            kind: kind_of(&BalanceKind::from_name(kind)),
            row,
            transaction: after(rest, ", transaction "),
        })
    }

    /// For people.
    pub fn described(&self) -> String {
        match self.event() {
            Event::Record(Kind::Charge, number) => format!("charge of transaction {number}"),
            Event::Record(Kind::Refund, number) => format!("refund of transaction {number}"),
            Event::Record(_, number) => format!("failed refund of transaction {number}"),
            Event::Row { row, .. } => {
                let kind = self.memo.split(':').next().unwrap_or_default();
                format!("{kind} row {row}")
            }
            Event::Payout(number) => format!("payout {number}"),
            Event::LostDispute(number) => format!("dispute of order {number}"),
            Event::Accrual(year, month) => format!("accrual of {year:04}-{month:02}"),
            Event::Other => match &self.entry.external_id {
                Some(key) => key.as_str().to_owned(),
                None => format!("{} {}", self.entry.kind.name(), self.entry.number),
            },
        }
    }
}

/// What stands for a row in the books, as [`Kind`]: by the document that it is matched with.
pub fn kind_of(row: &BalanceKind) -> Kind {
    match row {
        BalanceKind::ShopCashCredit | BalanceKind::ShopCashCreditReversal => Kind::Charge,
        BalanceKind::ShopCashRefundDebit | BalanceKind::ShopCashRefundDebitReversal => Kind::Refund,
        other => Kind::of(other),
    }
}

/// `uk-payout-77-issued-1`: shop, kind, number and event.
#[derive(Debug, Clone, Copy)]
struct Key<'a> {
    shop: &'a str,
    kind: &'static str,
    number: u64,
    event: &'a str,
}

impl<'a> Key<'a> {
    fn read(text: &'a str) -> Option<Key<'a>> {
        for kind in ["deposit", "refund", "payout", "transaction", "dispute", "accrual"] {
            let shop_and_rest = text.find(kind).and_then(|at| {
                let shop = text[..at].strip_suffix('-')?;
                Some((shop, text[at + kind.len()..].strip_prefix('-')?))
            });
            let Some((shop, rest)) = shop_and_rest else { continue };
            let (number, event) = rest.split_once('-').unwrap_or((rest, ""));
            if let Ok(number) = number.parse() {
                return Some(Key { shop, kind, number, event });
            }
        }
        None
    }
}

fn leading(text: &str) -> Option<u64> {
    let digits = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    text[..digits].parse().ok()
}

fn after(text: &str, words: &str) -> Option<u64> {
    leading(text.split_once(words)?.1)
}

/// Positions of journals that were turned around by then, and of those that turned them around: together nothing. A
/// reversal is known by its key, or, keyed by a person, by its lines.
pub fn cancelled(books: &Books, as_of: BookDate) -> FixedSet<usize> {
    let is_journal = |entry: &&Entry| entry.kind == DocumentKind::JournalEntry && entry.date <= as_of;
    let mut by_key: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut reversals, mut by_hand) = (Vec::new(), Vec::new());
    for (at, entry) in books.entries().iter().enumerate().filter(|(_, entry)| is_journal(entry)) {
        match &entry.external_id {
            None => by_hand.push(at),
            Some(key) => {
                by_key.insert(key.as_str(), at);
                if key.as_str().contains("-reversed") {
                    reversals.push((key.as_str().replacen("-reversed", "", 1), at));
                }
            }
        }
    }
    let mut cancelled = FixedSet::default();
    let content = |at: usize, sign: i64| {
        let entry = &books.entries()[at];
        let mut lines: Vec<(InternalId, i64)> =
            books.lines(entry).iter().map(|line| (line.account, line.minor.saturating_mul(sign))).collect();
        lines.sort_unstable();
        (entry.currency, lines)
    };
    for (origin, at) in reversals {
        if let Some(origin) = by_key.get(origin.as_str()).copied()
            && content(origin, 1) == content(at, -1)
        {
            cancelled.extend([origin, at]);
        }
    }
    if by_hand.is_empty() {
        return cancelled;
    }
    let mut standing: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for at in by_key.into_values().filter(|at| !cancelled.contains(at)) {
        standing.entry(content(at, 1)).or_default().push(at);
    }
    for at in by_hand {
        if let Some(origin) = standing.get_mut(&content(at, -1)).and_then(Vec::pop) {
            cancelled.extend([origin, at]);
        }
    }
    cancelled
}

/// Takes what was given back off what was taken: equal amounts first, then the oldest.
pub fn net(open: &mut Vec<Open>) {
    open.sort_by_key(|open| open.since);
    for at in 0..open.len() {
        let minor = open[at].minor;
        let equal = |other: &Open| minor < 0 && other.minor == -minor;
        if let Some(place) = open.iter().position(equal) {
            (open[at].minor, open[place].minor) = (0, 0);
        }
    }
    for at in 0..open.len() {
        for place in 0..open.len() {
            let (back, taken) = (open[at].minor, open[place].minor);
            if back < 0 && taken > 0 {
                let both = taken.min(-back);
                open[at].minor += both;
                open[place].minor -= both;
            }
        }
    }
    open.retain(|open| open.minor != 0);
}
