//! Where text goes: data to stdout, talk to stderr.

use std::io::{self, IsTerminal, Write};

use super::args::{Colour, TalkArguments};
use crate::report::ink::Ink;

/// Both streams, and how a person wants them.
pub struct Console<'w> {
    out: &'w mut dyn Write,
    err: &'w mut dyn Write,
    pub json: bool,
    pub quiet: bool,
    pub ink: Ink,
    pub err_ink: Ink,
    /// Lines already on the screen can be redrawn.
    pub redraws: bool,
}

impl<'w> Console<'w> {
    /// On the process's own streams.
    pub fn new(out: &'w mut dyn Write, err: &'w mut dyn Write, talk: TalkArguments) -> Console<'w> {
        let (out_terminal, err_terminal) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let wanted = |terminal: bool| match talk.color {
            Colour::Always => true,
            Colour::Never => false,
            // Source: no-color.org: set to anything but nothing.
            Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Console {
            out,
            err,
            json: talk.json,
            quiet: talk.quiet,
            ink: Ink { coloured: wanted(out_terminal) },
            err_ink: Ink { coloured: wanted(err_terminal) },
            redraws: err_terminal && !dumb,
        }
    }

    /// Without colour and redrawing.
    #[cfg(test)]
    pub fn captured(out: &'w mut dyn Write, err: &'w mut dyn Write, json: bool, quiet: bool) -> Console<'w> {
        Console { out, err, json, quiet, ink: Ink::PLAIN, err_ink: Ink::PLAIN, redraws: false }
    }

    /// What was asked for.
    ///
    /// # Errors
    /// The reader is gone, or the disk is full.
    pub fn data(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    /// A remark. Lost without complaint, because nobody's result depends on it.
    pub fn talk(&mut self, text: &str) {
        if !self.quiet {
            let _ = self.err.write_all(text.as_bytes());
            let _ = self.err.flush();
        }
    }

    /// What must be said whatever was asked for.
    pub fn complain(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.flush();
    }
}
