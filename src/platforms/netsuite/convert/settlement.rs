//! What settlement writes and reads: intercompany journals, clearing records, journals with their lines.

use super::NotConvertible;
use crate::domain::{Currency, ExternalId, Money};
use crate::platforms::netsuite::operation::Request;
use crate::platforms::netsuite::operation::suiteql::settlement::{ClearingRow, JournalRow};
use crate::platforms::netsuite::wire::settlement::{IntercompanyJournalBody, IntercompanyLineBody};
use crate::platforms::netsuite::wire::{CurrencyReference, JsonDecimal, Reference, Sublist};
use crate::ports::settlement::{ClearingRecord, IntercompanyEntry, KnownJournal};

/// # Errors
/// An amount that has no opposite.
pub fn intercompany_request(entry: &IntercompanyEntry) -> Result<Request, NotConvertible> {
    let mut items = Vec::new();
    for ((subsidiary, lines), memos) in entry.sides.iter().zip(&entry.memos) {
        for (at, (account, amount)) in lines.iter().enumerate() {
            let is_debit = amount.minor() >= 0;
            let magnitude = if is_debit { Ok(*amount) } else { amount.checked_neg() };
            let magnitude =
                magnitude.map_err(|error| NotConvertible { what: "amount", reason: error.to_string() })?;
            let side = Some(JsonDecimal::of_money(magnitude));
            items.push(IntercompanyLineBody {
                line_subsidiary: Reference::Id(*subsidiary),
                account: Reference::Id(*account),
                debit: side.filter(|_| is_debit),
                credit: side.filter(|_| !is_debit),
                memo: memos.get(at).cloned(),
            });
        }
    }
    let [(first, _), _] = &entry.sides;
    let body = IntercompanyJournalBody {
        external_id: Some(entry.external_id.as_str().into()),
        subsidiary: Some(Reference::Id(*first)),
        currency: Some(CurrencyReference(entry.currency)),
        tran_date: Some(entry.date),
        memo: Some(entry.memo.clone()),
        original_date: entry.original_date,
        line: Some(Sublist { items }),
    };
    Ok(Request::CreateIntercompanyJournal { body: Box::new(body) })
}

/// # Errors
/// A row without a date or an amount in base currency, or an amount with more digits than its currency has.
pub fn clearing_record(row: ClearingRow) -> Result<ClearingRecord, NotConvertible> {
    Ok(ClearingRecord {
        internal_id: row.id,
        external_id: ExternalId::from_netsuite(row.externalid),
        account: row.account,
        amount: amount(row.foreignamount, row.currency, "foreignamount")?,
        base: amount(row.amount.ok_or_else(|| missing("amount"))?, row.basecurrency, "amount")?,
        exchange_rate: row.exchangerate.to_decimal(),
        date: row.trandate.ok_or_else(|| missing("trandate"))?,
    })
}

/// Journals of rows that come journal by journal. One that awaits approval has no lines: nothing is posted.
///
/// # Errors
/// A row without a date, a posted line without an amount in base currency, or an amount with more digits than its currency has.
pub fn known_journals(rows: Vec<JournalRow>) -> Result<Vec<KnownJournal>, NotConvertible> {
    let mut journals: Vec<KnownJournal> = Vec::new();
    for row in rows {
        if journals.last().is_none_or(|last| last.internal_id != row.id) {
            journals.push(KnownJournal {
                internal_id: row.id,
                external_id: row.externalid.map(ExternalId::from_netsuite),
                subsidiary: row.subsidiary,
                currency: row.currency,
                date: row.trandate.ok_or_else(|| missing("trandate"))?,
                lines: Vec::new(),
                bases: Vec::new(),
                reversed_on: row.reversaldate,
            });
        }
        if let (Some(account), Some(minor)) = (row.account, row.foreignamount) {
            let journal = journals.last_mut().expect("one was just ensured");
            journal.lines.push((account, amount(minor, row.currency, "foreignamount")?));
            let base = row.amount.ok_or_else(|| missing("amount"))?;
            journal.bases.push(amount(base, row.basecurrency, "amount")?);
        }
    }
    Ok(journals)
}

fn amount(text: JsonDecimal, currency: Currency, what: &'static str) -> Result<Money, NotConvertible> {
    let reason = || NotConvertible { what, reason: format!("{text} is no amount of {currency}") };
    text.to_money(currency).ok_or_else(reason)
}

fn missing(what: &'static str) -> NotConvertible {
    NotConvertible { what, reason: "is missing".to_owned() }
}
