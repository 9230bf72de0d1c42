//! Colour, where a person wants it. Every coloured text also says in words or shapes what its colour says.

use crate::sim::result::Verdict;

/// Colours text, or leaves it plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    pub coloured: bool,
}

impl Ink {
    pub const PLAIN: Ink = Ink { coloured: false };

    pub fn red(self, text: &str) -> String {
        self.sgr("31;1", text)
    }

    pub fn green(self, text: &str) -> String {
        self.sgr("32;1", text)
    }

    pub fn yellow(self, text: &str) -> String {
        self.sgr("33;1", text)
    }

    pub fn bold(self, text: &str) -> String {
        self.sgr("1", text)
    }

    pub fn dim(self, text: &str) -> String {
        self.sgr("2", text)
    }

    pub fn verdict(self, verdict: Verdict, text: &str) -> String {
        match verdict {
            Verdict::Held => self.green(text),
            Verdict::Broken => self.red(text),
            Verdict::Inconclusive => self.yellow(text),
        }
    }

    fn sgr(self, code: &str, text: &str) -> String {
        if self.coloured && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
