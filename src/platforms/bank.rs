//! Statements of a bank as a folder of CSV files: whatever fetches them from the bank puts them there.
//!
//! Each file whose name ends in `.csv` has a head and a row for each line of a statement:
//!
//! ```csv
//! account,id,value-date,amount,currency,reference
//! 11000,2026-11-27-0007,2026-11-27,1204.11,GBP,PAYOUT 8842
//! ```
//!
//! `account` is the internal id of the NetSuite account that stands for the bank account; `id` is the bank's own
//! number of the line, unique within the account; `amount` is above zero for what came in; `reference` may be empty.
//! Files may overlap: the same line is read once. A file is put there whole, by renaming it into place. A file that
//! contradicts itself or another one is refused with its line, and nothing is said of the bank until it is mended.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::payout::BankLine;
use crate::domain::{BookDate, InternalId, Money};
use crate::ports::settlement::Page;
use crate::ports::{Bank, Call, Platform, PlatformError};

/// Lines of one page.
const PAGE: usize = 1_000;

/// A year of statements stays far below it.
const BYTES_MAX: u64 = 256 << 20;

/// The statements of a merchant's accounts.
#[derive(Debug, Clone)]
pub struct StatementFolder {
    /// `None` for a merchant that gives us no statements.
    folder: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    account: u64,
    id: Box<str>,
    value_date: String,
    amount: String,
    currency: String,
    reference: Box<str>,
}

impl StatementFolder {
    pub fn new(folder: Option<PathBuf>) -> StatementFolder {
        StatementFolder { folder }
    }

    /// All lines of an account by value date and id.
    ///
    /// # Errors
    /// A file that cannot be read, with its line; or two lines of one id.
    pub fn lines(&self, account: InternalId) -> Result<Vec<BankLine>, String> {
        let Some(folder) = &self.folder else { return Ok(vec![]) };
        let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
            if path.extension().is_some_and(|ending| ending == "csv") {
                files.push(path);
            }
        }
        files.sort();
        let mut known: BTreeMap<(BookDate, Box<str>), BankLine> = BTreeMap::new();
        let mut dates: BTreeMap<Box<str>, BookDate> = BTreeMap::new();
        for path in &files {
            read(path, |of, line| {
                if of != account {
                    return Ok(());
                }
                let date = *dates.entry(line.id.clone()).or_insert(line.value_date);
                let first = known.entry((date, line.id.clone())).or_insert_with(|| line.clone());
                match *first == line {
                    true => Ok(()),
                    false => Err(format!("`{}` of account {account} was another line before", line.id)),
                }
            })?;
        }
        Ok(known.into_values().collect())
    }
}

fn read(path: &Path, mut take: impl FnMut(InternalId, BankLine) -> Result<(), String>) -> Result<(), String> {
    let in_file = |reason: String| format!("{}: {reason}", path.display());
    let size = fs::metadata(path).map_err(|error| in_file(error.to_string()))?.len();
    if size > BYTES_MAX {
        return Err(in_file(format!("{size} bytes, and {BYTES_MAX} is the most")));
    }
    let mut reader = csv::Reader::from_path(path).map_err(|error| in_file(error.to_string()))?;
    let head = reader.headers().map_err(|error| in_file(error.to_string()))?.clone();
    for record in reader.records() {
        let record = record.map_err(|error| in_file(error.to_string()))?;
        let at = record.position().map_or(0, csv::Position::line);
        let in_line = |reason: String| in_file(format!("line {at}: {reason}"));
        let row: Row = record.deserialize(Some(&head)).map_err(|error| in_line(error.to_string()))?;
        let currency = row.currency.parse().map_err(|error| in_line(format!("{error}")))?;
        let line = BankLine {
            id: row.id,
            value_date: row.value_date.parse().map_err(|error| in_line(format!("{error}")))?,
            amount: Money::parse(&row.amount, currency).map_err(|error| in_line(format!("{error}")))?,
            reference: (!row.reference.is_empty()).then_some(row.reference),
        };
        take(InternalId::new(row.account), line).map_err(in_line)?;
    }
    Ok(())
}

impl Bank for StatementFolder {
    async fn statement(
        &self,
        _call: Call,
        account: InternalId,
        since: BookDate,
        after: Option<String>,
    ) -> Result<Page<BankLine>, PlatformError> {
        let unreadable = |reason| PlatformError::Unreadable { platform: Platform::Bank, reason };
        let lines = self.lines(account).map_err(unreadable)?;
        let due = lines.into_iter().filter(|line| line.value_date >= since);
        let mut items: Vec<BankLine> = match after {
            Some(last) => due.skip_while(|line| *line.id != *last).skip(1).take(PAGE + 1).collect(),
            None => due.take(PAGE + 1).collect(),
        };
        let more = items.len() > PAGE;
        items.truncate(PAGE);
        let next = items.last().filter(|_| more).map(|line| line.id.to_string());
        Ok(Page { items, next })
    }

    fn is_connected(&self) -> bool {
        self.folder.is_some()
    }
}

#[cfg(test)]
mod tests;
