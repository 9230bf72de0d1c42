//! The SQLite store.
//!
//! One core ([`sqlite`]) speaks SQL; two forms share it. [`FileStore`] is production: a file, a writer thread,
//! durable commits that waiting operations share. [`InlineStore`] is the simulation's: the same SQL in memory,
//! on the caller's own turn, with commit groups that close by size or by virtual time. Not here: what a hint,
//! lease or link means ([`crate::ports::store`]).

mod file;
mod inline;
mod migrate;
mod sqlite;

pub use file::{FileStore, read_exceptions};
pub use inline::{GroupLimits, InlineStore};
pub use migrate::OpenError;
pub use sqlite::ExceptionChange;
