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
use crate::sim::live::LiveError;
use crate::sim::live::keys::NoKeys;
use crate::sim::live::tls::NoIdentity;

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
    #[error("the twins cannot be brought up: {0}")]
    Twin(#[from] LiveError),
    #[error("{0}")]
    Keys(#[from] NoKeys),
    #[error("{0}")]
    Identity(#[from] NoIdentity),
    #[error("`{}` cannot be written: {cause}", path.display())]
    Unwritable { path: PathBuf, cause: io::Error },
    #[error("nobody answers at {target}: {cause}")]
    Unreachable { target: String, cause: io::Error },
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
            | Trouble::Folder(_)
            | Trouble::Keys(_)
            | Trouble::Identity(_)
            | Trouble::Unwritable { .. } => Exit::Refused,
            // What the import itself computed does not add up: no fault of the file.
            Trouble::Import(ImportError::DoesNotClose(_)) => Exit::Failed,
            Trouble::Import(_) => Exit::Refused,
            Trouble::Unreachable { .. } => Exit::Unreachable,
            Trouble::Simulation { .. }
            | Trouble::Service { .. }
            | Trouble::Twin(_)
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
