//! Journal entries: created by POST with an external id, balanced, within one subsidiary.
//!
//! Source: netsuite.md §14.4, §18. Entries are approved as they are saved (postings.md open assumption 4).

use super::answers::{self, Refused};
use super::names::Name;
use super::{NetsuiteTwin, Transaction, chart};
use crate::domain::{BookDate, Currency, InternalId, Money, Timestamp};
use crate::platforms::netsuite::wire::JsonDecimal;
use crate::platforms::netsuite::wire::{JournalEntryBody, JournalLineBody};

#[derive(Debug)]
pub(super) struct Journal {
    pub key: Option<Name>,
    pub lines: Box<[JournalLine]>,
    pub exchange_rate: JsonDecimal,
    pub transaction: u32,
    pub date: BookDate,
    pub subsidiary: u8,
    pub currency: Currency,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct JournalLine {
    /// Minor units, debits positive.
    pub minor: i64,
    pub base: i64,
    pub account: u32,
}

impl NetsuiteTwin {
    pub(super) fn create_journal(
        &mut self,
        body: &JournalEntryBody,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        let key = body.external_id.as_deref().map(|text| self.names.keep(text));
        if key.is_some_and(|key| self.journals_by_key.contains_key(&key)) {
            return Err(answers::refused("This record already exists"));
        }
        let subsidiary = body.subsidiary.as_ref().ok_or_else(|| answers::missing_value("Subsidiary"))?;
        let subsidiary = self.chart.find_subsidiary(subsidiary)?;
        let base = self.chart.subsidiary(subsidiary).currency;
        let currency = body.currency.map_or(base, |currency| currency.0);
        let date = body.tran_date.unwrap_or_else(|| self.settings.zone.book_date(now));
        let rate = self.chart.rate(currency, subsidiary, date)?;
        let bodies = body.line.as_ref().map_or(&[][..], |lines| &lines.items);
        let mut lines = Vec::with_capacity(bodies.len());
        for (place, body) in bodies.iter().enumerate() {
            let path = format!("line.items[{place}].account");
            let account = self.chart.find_account(&body.account, subsidiary, &path)?;
            if self.chart.is_closed_to_journals(account, subsidiary) {
                // Assumption: an account may allow it with a customer named; here nobody may (postings.md N7).
                return Err(chart::invalid(&body.account, "account", &path));
            }
            let amount = side(body, currency)?;
            let base = self.chart.in_base(amount, subsidiary, rate)?;
            lines.push(JournalLine { minor: amount.minor(), base, account });
        }
        let sum =
            |part: fn(&JournalLine) -> i64| lines.iter().map(|line| i128::from(part(line))).sum::<i128>();
        if lines.is_empty() || sum(|line| line.minor) != 0 {
            return Err(answers::refused("The amounts in a journal entry must balance."));
        }
        // Lines are rounded to base one by one. Assumption: what that leaves over is carried by the last line.
        let residue = sum(|line| line.base);
        let last = lines.last_mut().expect("a journal that balances has lines");
        last.base = i64::try_from(i128::from(last.base) - residue).map_err(|_| answers::unbalanced())?;
        self.chart.check_period(date)?;
        let exchange_rate = JsonDecimal::of_decimal(rate).ok_or_else(answers::unbalanced)?;
        let at = u32::try_from(self.journals.len()).expect("fewer than 2³² journals");
        let transaction = self.next_transaction(Transaction::JournalEntry(at));
        for line in &lines {
            self.ledger.post(line.account, currency, line.minor.into(), line.base.into());
        }
        if let Some(key) = key {
            self.journals_by_key.insert(key, at);
        }
        let lines = lines.into_boxed_slice();
        self.journals.push(Journal { key, lines, exchange_rate, transaction, date, subsidiary, currency });
        Ok(Transaction::id(transaction))
    }
}

/// A line has a debit or a credit, never both.
fn side(body: &JournalLineBody, currency: Currency) -> Result<Money, Refused> {
    let read = |amount: JsonDecimal| amount.to_money(currency).ok_or_else(answers::unbalanced);
    match (body.debit, body.credit) {
        (Some(debit), None) => read(debit),
        (None, Some(credit)) => read(credit)?.checked_neg().map_err(|_| answers::unbalanced()),
        _ => Err(answers::missing_value("Debit or Credit")),
    }
}
