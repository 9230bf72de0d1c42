//! What the process ends with: one code for each answer that a caller may act on.

use std::process::ExitCode;

/// Every promise and invariant held, and all that was scheduled really happened.
pub const HELD: u8 = 0;
/// plimsoll itself failed: a bug of ours, or a disk or terminal that did not do its part.
pub const FAILED: u8 = 1;
/// A command line, a file or a folder that we were given cannot be used; nothing was run.
pub const REFUSED: u8 = 2;
/// A promise or an invariant was broken: the only code that means that the integration is wrong.
pub const BROKEN: u8 = 3;
/// Nothing broke, but something was never exercised, or the run was cut short; `--allow-inconclusive` makes it 0.
pub const INCONCLUSIVE: u8 = 4;
/// A platform could not be reached, or refused our credentials: worth another try, and no verdict on anything else.
pub const UNREACHABLE: u8 = 5;
/// The same seed gave two different traces: no other result of this build can be relied on until that is found.
pub const NOT_DETERMINISTIC: u8 = 6;
/// Interrupted twice; the first time ends the seed at hand and writes what there is.
pub const INTERRUPTED: u8 = 130;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Held,
    Failed,
    Refused,
    Broken,
    Inconclusive,
    Unreachable,
    NotDeterministic,
}

impl Exit {
    pub const fn code(self) -> u8 {
        match self {
            Exit::Held => HELD,
            Exit::Failed => FAILED,
            Exit::Refused => REFUSED,
            Exit::Broken => BROKEN,
            Exit::Inconclusive => INCONCLUSIVE,
            Exit::Unreachable => UNREACHABLE,
            Exit::NotDeterministic => NOT_DETERMINISTIC,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
