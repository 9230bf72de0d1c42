//! `plimsoll match`: the processor's rows of a file against the books' records of another.

use std::fs::File;
use std::path::Path;

use super::args::MatchArguments;
use super::console::Console;
use super::exit::Exit;
use super::trouble::Trouble;
use crate::reconcile::settlement::files::{Side, Unusable, balance_transactions, clearing_records};
use crate::reconcile::settlement::{Terms, settle};
use crate::report::document::{self, matching::MatchDocument};
use crate::report::matching::{Matching, page};

/// # Errors
/// A file that cannot be used, or output that cannot be written.
pub fn matching(asked: &MatchArguments, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let clearing = asked.clearing();
    // Each file by a thread of its own: reading them is most of the work.
    let (left, right) = std::thread::scope(|scope| {
        let left =
            scope.spawn(|| read(&asked.left, |file, size| balance_transactions(file, size, &clearing)));
        let right = read(&asked.right, clearing_records);
        (left.join().expect("reading a file does not panic"), right)
    });
    let left = left.map_err(|cause| trouble(&asked.left, cause))?;
    let right = right.map_err(|cause| trouble(&asked.right, cause))?;
    let days = left.lines.iter().chain(&right.lines).map(|line| line.date);
    let Some(as_of) = asked.as_of.or_else(|| days.max()) else {
        return Err(Trouble::Usage {
            cause: "neither file holds a line".to_owned(),
            remedy: "export a period in which something was paid".to_owned(),
        });
    };
    let terms = Terms { as_of, booked_within: asked.booked_within, paid_out_within: asked.paid_out_within };
    let settlement = settle(&left.lines, &right.lines, &terms);
    let names = [asked.left.display().to_string(), asked.right.display().to_string()];
    let matching = Matching {
        names: [&names[0], &names[1]],
        left: &left,
        right: &right,
        settlement: &settlement,
        as_of,
    };
    if console.json {
        console.data(&document::text(&MatchDocument::new(&matching)))?;
    } else {
        console.data(&page(&matching, asked.all, console.ink))?;
    }
    Ok(if matching.unexplained() == 0 { Exit::Held } else { Exit::Broken })
}

fn read(path: &Path, side: impl FnOnce(File, u64) -> Result<Side, Unusable>) -> Result<Side, Unusable> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    side(file, size)
}

fn trouble(path: &Path, cause: Unusable) -> Trouble {
    match cause {
        Unusable::Input(cause) => Trouble::Unreadable { path: path.to_owned(), cause },
        cause => Trouble::Table { path: path.to_owned(), cause },
    }
}

#[cfg(test)]
mod tests;
