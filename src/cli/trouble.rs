//! Why a command could not do what it was asked for, with the exit code that says whose turn it is.

use std::fmt::Write;
use std::io;
use std::path::PathBuf;

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::exit::Exit;
use super::simulator::SimulatorError;
use crate::ledger::reading;
use crate::policy::file_error::FileError;
use crate::reconcile::settlement::files::Unusable;
use crate::report::folder::Unwritable;
use crate::report::ink::Ink;
use crate::scenario::import::ImportError;

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Files that people wrote; all that were found wrong.
    #[error("{} cannot be used", .0.len())]
    Files(Vec<FileError>),
    /// What was asked for, and what to do instead.
    #[error("{cause}")]
    Usage { cause: String, remedy: String },
    #[error("`{}` cannot be read: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: io::Error },
    #[error("`{}` cannot be used: {cause}", path.display())]
    Table { path: PathBuf, cause: Unusable },
    #[error("`{}` cannot be used: {cause}", path.display())]
    Ledger { path: PathBuf, cause: reading::Unreadable },
    #[error("{0}")]
    Folder(Unwritable),
    #[error("{0}")]
    Import(ImportError),
    #[error("{what} failed: {cause}")]
    Simulation { what: String, cause: SimulatorError },
    /// The service could not start, and what to do about it.
    #[error("{cause}")]
    Service { cause: String, remedy: String },
    #[error("the report was not written: {0}")]
    Report(Unwritable),
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Trouble {
    pub const fn exit(&self) -> Exit {
        match self {
            Trouble::Files(_)
            | Trouble::Usage { .. }
            | Trouble::Unreadable { .. }
            | Trouble::Table { .. }
            | Trouble::Ledger { .. }
            | Trouble::Folder(_) => Exit::Refused,
            // What the import itself computed does not add up: no fault of the file.
            Trouble::Import(ImportError::DoesNotClose(_)) => Exit::Failed,
            Trouble::Import(_) => Exit::Refused,
            Trouble::Simulation { .. }
            | Trouble::Service { .. }
            | Trouble::Report(_)
            | Trouble::Output(_) => Exit::Failed,
        }
    }

    /// For a person: cause, place and remedy.
    pub fn shown(&self, ink: Ink) -> String {
        let mut text = String::new();
        match self {
            Trouble::Files(errors) => {
                let theme =
                    if ink.coloured { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
                let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
                for error in errors {
                    handler.render_report(&mut text, error).expect("a string takes any text");
                }
            }
            Trouble::Usage { remedy, .. } | Trouble::Service { remedy, .. } => {
                writeln!(text, "{} {self}\n  {remedy}", ink.red("error:")).expect("a string takes any text");
            }
            _ => writeln!(text, "{} {self}", ink.red("error:")).expect("a string takes any text"),
        }
        text
    }
}

#[cfg(test)]
mod tests;
