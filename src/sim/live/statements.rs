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
