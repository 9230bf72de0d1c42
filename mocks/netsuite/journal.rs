//! Journal entries, also over two subsidiaries: created by POST with an external id, each subsidiary's lines balanced;
//! and what people do with them.
//!
//! Source: netsuite.md §14.4, §18. Entries are approved as they are saved (postings.md open assumption 4) unless the
//! account asks for approval: until then they post nothing.

use super::answers::{self, Refused};
use super::chart::{self, AccountKind, PeriodPart};
use super::names::Name;
use super::{NONE, NetsuiteTwin, Transaction};
use crate::domain::{BookDate, Currency, InternalId, Money, Timestamp};
use crate::platforms::netsuite::wire::settlement::IntercompanyJournalBody;
use crate::platforms::netsuite::wire::{CurrencyReference, JournalEntryBody, JsonDecimal, Reference};

/// Lines of an entry. Assumption: a longer one is refused as it is saved, in whatever words.
const LINES_MAX: usize = 1_000;

#[derive(Debug)]
pub(super) struct Journal {
    pub key: Option<Name>,
    pub lines: Box<[JournalLine]>,
    pub memo: Option<Box<str>>,
    /// What each line says, one after the other: a text a line, empty where it says nothing. Empty if none does.
    pub line_memos: Box<str>,
    pub exchange_rate: JsonDecimal,
    pub transaction: u32,
    pub date: BookDate,
    /// Of the record; lines are of their account's.
    pub subsidiary: u8,
    pub currency: Currency,
    /// Awaits approval: posts nothing.
    pub is_pending: bool,
    /// The day of the entry that turns it around.
    pub reversed_on: Option<BookDate>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct JournalLine {
    /// Minor units, debits positive.
    pub minor: i64,
    pub base: i64,
    pub account: u32,
}

/// An entry as somebody writes it.
struct Draft<'a> {
    external_id: Option<&'a str>,
    subsidiary: &'a Option<Reference>,
    currency: Option<CurrencyReference>,
    date: Option<BookDate>,
    memo: Option<&'a str>,
    lines: Vec<DraftLine<'a>>,
}

struct DraftLine<'a> {
    /// That of the entry unless the line names its own.
    subsidiary: Option<&'a Reference>,
    account: &'a Reference,
    debit: Option<JsonDecimal>,
    credit: Option<JsonDecimal>,
    memo: Option<&'a str>,
}

impl NetsuiteTwin {
    pub(super) fn create_journal(
        &mut self,
        body: &JournalEntryBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let lines = body.line.as_ref().map_or(&[][..], |lines| &lines.items).iter().map(|line| DraftLine {
            subsidiary: None,
            account: &line.account,
            debit: line.debit,
            credit: line.credit,
            memo: line.memo.as_deref(),
        });
        let draft = Draft {
            external_id: body.external_id.as_deref(),
            subsidiary: &body.subsidiary,
            currency: body.currency,
            date: body.tran_date,
            memo: body.memo.as_deref(),
            lines: lines.collect(),
        };
        self.enter_journal(&draft, now)
    }

    pub(super) fn create_intercompany_journal(
        &mut self,
        body: &IntercompanyJournalBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let lines = body.line.as_ref().map_or(&[][..], |lines| &lines.items).iter().map(|line| DraftLine {
            subsidiary: Some(&line.line_subsidiary),
            account: &line.account,
            debit: line.debit,
            credit: line.credit,
            memo: line.memo.as_deref(),
        });
        let draft = Draft {
            external_id: body.external_id.as_deref(),
            subsidiary: &body.subsidiary,
            currency: body.currency,
            date: body.tran_date,
            memo: body.memo.as_deref(),
            lines: lines.collect(),
        };
        self.enter_journal(&draft, now)
    }

    /// External ids are unique over both kinds of entries. Assumption: the two record types share them.
    fn enter_journal(&mut self, draft: &Draft<'_>, now: Timestamp) -> Result<InternalId, Refused> {
        let key = draft.external_id.map(|text| self.names.keep(text));
        if key.is_some_and(|key| self.journals_by_key.contains_key(&key)) {
            return Err(answers::refused("This record already exists"));
        }
        let subsidiary = draft.subsidiary.as_ref().ok_or_else(|| answers::missing_value("Subsidiary"))?;
        let subsidiary = self.chart.find_subsidiary(subsidiary)?;
        let currency =
            draft.currency.map_or(self.chart.subsidiary(subsidiary).currency, |currency| currency.0);
        let date = draft.date.unwrap_or_else(|| self.settings.zone.book_date(now));
        if draft.lines.len() > LINES_MAX {
            return Err(answers::refused("The journal entry has more lines than a transaction can have."));
        }
        let mut lines = Vec::with_capacity(draft.lines.len());
        for (place, line) in draft.lines.iter().enumerate() {
            let own = line.subsidiary.map(|known| self.chart.find_subsidiary(known)).transpose()?;
            let amount = side(line, currency)?;
            lines.push((own.unwrap_or(subsidiary), line.account, amount, place));
        }
        let lines = self.journal_lines(&lines, currency, date)?;
        let line_memos = joined(draft.lines.iter().map(|line| line.memo));
        let rate = self.chart.rate(currency, subsidiary, date)?;
        let exchange_rate = JsonDecimal::of_decimal(rate).ok_or_else(answers::unbalanced)?;
        let is_pending = self.approves_journals;
        if !is_pending {
            self.check_journal_period(subsidiary, &lines, date)?;
        }
        let at = u32::try_from(self.journals.len()).expect("fewer than 2³² journals");
        let transaction = self.next_transaction(Transaction::JournalEntry(at));
        if let Some(key) = key {
            self.journals_by_key.insert(key, at);
        }
        self.journals.push(Journal {
            key,
            lines,
            memo: draft.memo.map(Into::into),
            line_memos,
            exchange_rate,
            transaction,
            date,
            subsidiary,
            currency,
            is_pending,
            reversed_on: None,
        });
        self.post(Transaction::JournalEntry(at), 1);
        Ok(Transaction::id(transaction))
    }

    /// Lines with their subsidiary, account and amount as they are to be kept: each subsidiary's own balance.
    fn journal_lines(
        &self,
        drafted: &[(u8, &Reference, Money, usize)],
        currency: Currency,
        date: BookDate,
    ) -> Result<Box<[JournalLine]>, Refused> {
        let mut lines = Vec::with_capacity(drafted.len());
        for (subsidiary, reference, amount, place) in drafted {
            let path = format!("line.items[{place}].account");
            let account = self.chart.find_account(reference, *subsidiary, &path)?;
            if self.chart.is_closed_to_journals(account, *subsidiary) {
                // Assumption: an account may allow it with a customer named; here nobody may (postings.md N7).
                return Err(chart::invalid(reference, "account", &path));
            }
            let known = self.chart.account(account);
            let base = self.chart.subsidiary(*subsidiary).currency;
            // Source: netsuite.md §17.2: a bank account in a foreign currency takes documents in that currency only.
            if known.kind == AccountKind::Bank && known.currency != base && known.currency != currency {
                return Err(chart::invalid(reference, "account", &path));
            }
            let rate = self.chart.rate(currency, *subsidiary, date)?;
            let base = self.chart.in_base(*amount, *subsidiary, rate)?;
            lines.push(JournalLine { minor: amount.minor(), base, account });
        }
        let mut last_of: [Option<usize>; 256] = [None; 256];
        let mut sums: Vec<(u8, i128, i128)> = Vec::new();
        for (at, ((subsidiary, ..), line)) in drafted.iter().zip(&lines).enumerate() {
            last_of[usize::from(*subsidiary)] = Some(at);
            match sums.iter_mut().find(|(of, ..)| of == subsidiary) {
                Some((_, minor, base)) => {
                    *minor += i128::from(line.minor);
                    *base += i128::from(line.base);
                }
                None => sums.push((*subsidiary, line.minor.into(), line.base.into())),
            }
        }
        if lines.is_empty() || sums.iter().any(|(_, minor, _)| *minor != 0) {
            return Err(answers::refused("The amounts in a journal entry must balance."));
        }
        // Lines are rounded to base one by one. Assumption: what that leaves over is carried by the last line of the
        // subsidiary.
        for (subsidiary, _, residue) in sums {
            let last = last_of[usize::from(subsidiary)].expect("the subsidiary was counted by its lines");
            let base = i128::from(lines[last].base) - residue;
            lines[last].base = i64::try_from(base).map_err(|_| answers::unbalanced())?;
        }
        Ok(lines.into_boxed_slice())
    }

    /// Every subsidiary that the entry posts to must be open on that day.
    fn check_journal_period(
        &self,
        subsidiary: u8,
        lines: &[JournalLine],
        date: BookDate,
    ) -> Result<(), Refused> {
        self.chart.check_period(date, subsidiary, PeriodPart::All)?;
        let mut last = NONE;
        for line in lines.iter().filter(|line| std::mem::replace(&mut last, line.account) != line.account) {
            let of = Reference::Id(self.chart.account(line.account).subsidiary);
            self.chart.check_period(date, self.chart.find_subsidiary(&of)?, PeriodPart::All)?;
        }
        Ok(())
    }

    /// The account preference that journals are approved before they post; usually off. Those that wait keep waiting.
    pub fn require_journal_approval(&mut self, is_required: bool) {
        self.approves_journals = is_required;
    }

    /// A person approves an entry: it posts. `false` if there is none, or it was approved before.
    ///
    /// # Errors
    /// Its period is shut.
    pub fn approve_journal(&mut self, journal: InternalId) -> Result<bool, Refused> {
        let Some(at) = self.journal_at(journal) else { return Ok(false) };
        let entry = &self.journals[at as usize];
        if !entry.is_pending {
            return Ok(false);
        }
        self.check_journal_period(entry.subsidiary, &entry.lines, entry.date)?;
        self.journals[at as usize].is_pending = false;
        self.post(Transaction::JournalEntry(at), 1);
        Ok(true)
    }

    /// A person keys an entry in the browser, without an external id; amounts in minor units, debits positive.
    ///
    /// # Errors
    /// As an entry that an integration posts.
    pub fn journal_by_staff(
        &mut self,
        subsidiary: InternalId,
        currency: Currency,
        date: BookDate,
        lines: &[(InternalId, i64)],
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let accounts: Vec<Reference> = lines.iter().map(|(account, _)| Reference::Id(*account)).collect();
        let lines = lines.iter().zip(&accounts).map(|((_, minor), account)| {
            let amount = JsonDecimal::of_money(Money::new(minor.saturating_abs(), currency));
            DraftLine {
                subsidiary: None,
                account,
                debit: (*minor >= 0).then_some(amount),
                credit: (*minor < 0).then_some(amount),
                memo: None,
            }
        });
        let draft = Draft {
            external_id: None,
            subsidiary: &Some(Reference::Id(subsidiary)),
            currency: Some(CurrencyReference(currency)),
            date: Some(date),
            memo: None,
            lines: lines.collect(),
        };
        self.enter_journal(&draft, now)
    }

    /// A person puts other lines into an entry of one subsidiary, whoever posted it: nothing in NetSuite forbids it.
    ///
    /// # Errors
    /// No such entry, lines that do not balance or name an account that journals may not use, a period that is shut.
    pub fn change_journal_by_staff(
        &mut self,
        journal: InternalId,
        lines: &[(InternalId, i64)],
    ) -> Result<(), Refused> {
        let at = self.journal_at(journal).ok_or_else(|| Box::new(answers::nonexistent()))?;
        let Journal { subsidiary, currency, date, is_pending, .. } = self.journals[at as usize];
        let accounts: Vec<Reference> = lines.iter().map(|(account, _)| Reference::Id(*account)).collect();
        let drafted = lines.iter().zip(&accounts).enumerate();
        let drafted: Vec<_> = drafted
            .map(|(place, ((_, minor), account))| (subsidiary, account, Money::new(*minor, currency), place))
            .collect();
        let lines = self.journal_lines(&drafted, currency, date)?;
        if !is_pending {
            self.check_journal_period(subsidiary, &self.journals[at as usize].lines, date)?;
            self.check_journal_period(subsidiary, &lines, date)?;
        }
        self.post(Transaction::JournalEntry(at), -1);
        let entry = &mut self.journals[at as usize];
        if entry.lines.len() != lines.len() {
            entry.line_memos = Box::default();
        }
        entry.lines = lines;
        self.post(Transaction::JournalEntry(at), 1);
        Ok(())
    }

    /// A person gives an entry a day on which it is turned around: NetSuite makes the opposite entry of that day.
    ///
    /// # Errors
    /// No such entry, one that was turned around before or awaits approval, a period that is shut.
    pub fn reverse_journal_by_staff(
        &mut self,
        journal: InternalId,
        date: BookDate,
    ) -> Result<InternalId, Refused> {
        let at = self.journal_at(journal).ok_or_else(|| Box::new(answers::nonexistent()))?;
        let entry = &self.journals[at as usize];
        if entry.reversed_on.is_some() || entry.is_pending {
            return Err(answers::refused("This journal entry cannot be reversed."));
        }
        self.check_journal_period(entry.subsidiary, &entry.lines, date)?;
        let turned = |line: &JournalLine| JournalLine { minor: -line.minor, base: -line.base, ..*line };
        let opposite = Journal {
            key: None,
            lines: entry.lines.iter().map(turned).collect(),
            memo: entry.memo.clone(),
            line_memos: entry.line_memos.clone(),
            transaction: NONE,
            date,
            reversed_on: None,
            exchange_rate: entry.exchange_rate,
            subsidiary: entry.subsidiary,
            currency: entry.currency,
            is_pending: entry.is_pending,
        };
        self.journals[at as usize].reversed_on = Some(date);
        let number = u32::try_from(self.journals.len()).expect("fewer than 2³² journals");
        let transaction = self.next_transaction(Transaction::JournalEntry(number));
        self.journals.push(Journal { transaction, ..opposite });
        self.post(Transaction::JournalEntry(number), 1);
        Ok(Transaction::id(transaction))
    }

    /// A person tries to void an entry: journals are reversed, never voided.
    ///
    /// # Errors
    /// Always.
    pub fn void_journal_by_staff(&mut self, _journal: InternalId) -> Result<(), Refused> {
        Err(answers::refused("This transaction cannot be voided. Create a reversing journal entry instead."))
    }

    fn journal_at(&self, id: InternalId) -> Option<u32> {
        match self.transactions.get(Transaction::position(id)?) {
            Some(Transaction::JournalEntry(at)) => Some(*at),
            _ => None,
        }
    }
}

/// Texts of lines as one; nothing if no line says anything.
fn joined<'a>(memos: impl Iterator<Item = Option<&'a str>> + Clone) -> Box<str> {
    if memos.clone().all(|memo| memo.is_none()) {
        return Box::default();
    }
    let mut text = String::new();
    for (at, memo) in memos.enumerate() {
        if at > 0 {
            text.push('\n');
        }
        // A memo is one line of text in NetSuite's own form, and here.
        text.extend(memo.unwrap_or_default().chars().map(|sign| if sign == '\n' { ' ' } else { sign }));
    }
    text.into()
}

/// A line has a debit or a credit, never both.
fn side(line: &DraftLine<'_>, currency: Currency) -> Result<Money, Refused> {
    let read = |amount: JsonDecimal| amount.to_money(currency).ok_or_else(answers::unbalanced);
    match (line.debit, line.credit) {
        (Some(debit), None) => read(debit),
        (None, Some(credit)) => read(credit)?.checked_neg().map_err(|_| answers::unbalanced()),
        _ => Err(answers::missing_value("Debit or Credit")),
    }
}
