//! The banks' statements as files: one for each account, rewritten whole when there is a new line.
//!
//! The form is that of [`crate::platforms::bank`].

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::{BookDate, InternalId, Timestamp};
use crate::sim::bank::Banks;

#[derive(Debug)]
pub struct Statements {
    folder: PathBuf,
    accounts: Vec<InternalId>,
    /// Lines that were written, by account.
    written: BTreeMap<InternalId, usize>,
}

#[derive(Debug, thiserror::Error)]
#[error("the bank's statements cannot be written to `{folder}`: {cause}")]
pub struct NotWritten {
    folder: String,
    cause: io::Error,
}

impl Statements {
    /// # Errors
    /// The folder cannot be made.
    pub fn new(folder: &Path, accounts: Vec<InternalId>) -> Result<Statements, NotWritten> {
        fs::create_dir_all(folder).map_err(|cause| failed(folder, cause))?;
        Ok(Statements { folder: folder.to_owned(), accounts, written: BTreeMap::new() })
    }

    /// Writes the statements of accounts that have news.
    ///
    /// # Errors
    /// The disk does not take them.
    pub fn write(&mut self, banks: &Banks, now: Timestamp) -> Result<(), NotWritten> {
        for account in &self.accounts {
            let lines: Vec<_> = banks.statement(*account, BookDate::from_epoch_days(i32::MIN), now).collect();
            if self.written.get(account).copied().unwrap_or_default() == lines.len() {
                continue;
            }
            let mut text = "account,id,value-date,amount,currency,reference\n".to_owned();
            for line in &lines {
                let reference = line.reference.as_deref().unwrap_or_default();
                let currency = line.amount.currency();
                write!(text, "{account},{},{},", line.id, line.value_date)
                    .and_then(|()| line.amount.write_plain(&mut text))
                    .and_then(|()| writeln!(text, ",{currency},{reference}"))
                    .expect("a string takes any text");
            }
            let (path, beside) = (format!("{account}.csv"), format!("{account}.part"));
            let (path, beside) = (self.folder.join(path), self.folder.join(beside));
            fs::write(&beside, text)
                .and_then(|()| fs::rename(&beside, &path))
                .map_err(|cause| failed(&self.folder, cause))?;
            self.written.insert(*account, lines.len());
        }
        Ok(())
    }
}

fn failed(folder: &Path, cause: io::Error) -> NotWritten {
    NotWritten { folder: folder.display().to_string(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Money;
    use crate::platforms::bank::StatementFolder;

    #[test]
    fn what_is_written_is_read_as_the_service_reads_it_and_only_when_it_can_be_seen() {
        let folder = std::env::temp_dir().join(format!("plimsoll-statements-{}", std::process::id()));
        let (account, now) = (InternalId::new(11_000), Timestamp::from_seconds(1_000_000));
        let later = now.plus(crate::domain::Duration::from_hours(1));
        let mut banks = Banks::default();
        let money = |text: &str| text.parse::<Money>().unwrap();
        let day = "2026-11-12".parse().unwrap();
        banks.add(account, day, money("1204.11 GBP"), Some("PAYOUT 8842".into()), now);
        banks.add(account, day, money("-3.00 GBP"), None, later);
        let mut statements = Statements::new(&folder, vec![account]).unwrap();
        let read = || StatementFolder::new(Some(folder.clone())).lines(account).unwrap();
        statements.write(&banks, now).unwrap();
        assert_eq!(read(), banks.statement(account, day, now).collect::<Vec<_>>());
        assert_eq!(read().len(), 1);
        statements.write(&banks, later).unwrap();
        assert_eq!(read(), banks.statement(account, day, later).collect::<Vec<_>>());
        assert_eq!(read().len(), 2);
        fs::remove_dir_all(folder).unwrap();
    }
}
