//! Numbered migrations: what a database must have gone through before the store may use it.
//!
//! Lives here: applying them, and refusing a database that went through others. Not here: the SQL itself
//! (`schema/`). A migration that has been released is never edited; a new one follows it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use ring::digest;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

/// One step of the schema. Its number is its position, counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    pub name: &'static str,
    pub sql: &'static str,
}

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { name: "keel", sql: include_str!("schema/0001_keel.sql") },
    Migration { name: "intake", sql: include_str!("schema/0002_intake.sql") },
];

/// The number that rows written by this program carry as their format.
pub(super) const FORMAT: i64 = MIGRATIONS.len() as i64;

/// Why a database cannot be this program's store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the store is in use by another process ({path})")]
    InUse { path: String },
    #[error(
        "migration {number} of the store is `{name}` ({recorded}), but this program's has hash {expected}"
    )]
    MigrationDiffers { number: i64, name: String, recorded: String, expected: String },
    #[error(
        "the store was written by a newer program: it is at migration {found}, this program knows {known}"
    )]
    TooNew { found: i64, known: i64 },
    #[error("the store is of `{found}`, not of `{merchant}`")]
    Foreign { found: String, merchant: String },
    #[error("cannot use {path}: {reason}")]
    File { path: String, reason: String },
    #[error("the store does not open: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

const RECORDED: &str = "CREATE TABLE IF NOT EXISTS migration (
    number INTEGER NOT NULL PRIMARY KEY,
    name   TEXT    NOT NULL,
    sha256 BLOB    NOT NULL
) STRICT";

/// Brings the database to this program's schema, all or nothing.
///
/// # Errors
/// [`OpenError::MigrationDiffers`] or [`OpenError::TooNew`] before anything is changed.
pub(super) fn migrate(connection: &mut Connection, migrations: &[Migration]) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(RECORDED)?;
    let known = migrations.len() as i64;
    let found: i64 =
        transaction.query_row("SELECT coalesce(max(number), 0) FROM migration", [], |row| row.get(0))?;
    if found > known {
        return Err(OpenError::TooNew { found, known });
    }
    for (number, migration) in (1i64..).zip(migrations) {
        let hash = digest::digest(&digest::SHA256, migration.sql.as_bytes());
        let recorded: Option<(String, Vec<u8>)> = transaction
            .query_row("SELECT name, sha256 FROM migration WHERE number = ?1", [number], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        match recorded {
            Some((_, recorded)) if recorded == hash.as_ref() => {}
            Some((name, recorded)) => {
                let (recorded, expected) = (hex(&recorded), hex(hash.as_ref()));
                return Err(OpenError::MigrationDiffers { number, name, recorded, expected });
            }
            None => {
                transaction.execute_batch(migration.sql)?;
                transaction.execute(
                    "INSERT INTO migration (number, name, sha256) VALUES (?1, ?2, ?3)",
                    params![number, migration.name, hash.as_ref()],
                )?;
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Copies a database that is about to be migrated to `<path>.before-<number>`, the number of the migration that it has
/// yet to go through. A new database, or one that is up to date, is not copied.
///
/// # Errors
/// The copy cannot be written; then nothing was changed.
pub(super) fn back_up(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let has_any: bool = connection.query_row(
        "SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'",
        [],
        |row| row.get(0),
    )?;
    if !has_any {
        return Ok(());
    }
    let found: i64 =
        connection.query_row("SELECT coalesce(max(number), 0) FROM migration", [], |row| row.get(0))?;
    if found == 0 || found >= FORMAT {
        return Ok(());
    }
    let mut copy = path.as_os_str().to_owned();
    copy.push(format!(".before-{}", found + 1));
    let copy = PathBuf::from(copy);
    let failed = |reason: String| OpenError::File { path: copy.display().to_string(), reason };
    let name = copy.to_str().ok_or_else(|| failed("the name is not UTF-8".to_owned()))?;
    // A copy that is there is of an attempt that did not end, and nothing was changed since.
    match std::fs::remove_file(&copy) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error.to_string())),
        _ => {}
    }
    connection.execute("VACUUM INTO ?1", [name]).map_err(|error| failed(error.to_string()))?;
    // It must outlive a power cut that the migration does not.
    std::fs::File::open(&copy).and_then(|file| file.sync_all()).map_err(|error| failed(error.to_string()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}

#[cfg(test)]
mod tests;
