//! Money in equals money out: what an import did with each line of the file.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use super::sorting::Kind;

/// Lines and what they come to, exactly, in pounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    pub lines: u64,
    pub sum: Decimal,
}

impl Part {
    pub fn add(&mut self, sum: Decimal) {
        self.lines += 1;
        self.sum += sum;
    }

    pub fn merge(&mut self, other: Part) {
        self.lines += other.lines;
        self.sum += other.sum;
    }
}

/// Each line of the file in exactly one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// As summed while reading. A line whose amount cannot be read counts as 0.00 here and as rejected.
    pub file: Part,
    /// Read back from the orders as they are written.
    pub played: Part,
    /// Played as returns of the sales that they take back; negative.
    pub returned: Part,
    /// Understood, named, and not played.
    pub carried: BTreeMap<Kind, Part>,
    /// On days that were not asked for.
    pub left_out: Part,
    pub rejected: Part,
    /// Fractions of a penny that an order cannot hold: unit prices such as 0.001.
    pub fractions: Decimal,
}

impl Tally {
    pub(super) fn new(file: Part, rejected: Part) -> Tally {
        Tally {
            file,
            rejected,
            played: Part::default(),
            returned: Part::default(),
            carried: BTreeMap::new(),
            left_out: Part::default(),
            fractions: Decimal::ZERO,
        }
    }

    /// Lines and money that went somewhere.
    pub fn accounted(&self) -> Part {
        let mut all = self.played;
        all.merge(self.returned);
        self.carried.values().for_each(|part| all.merge(*part));
        all.merge(self.left_out);
        all.merge(self.rejected);
        all.sum += self.fractions;
        all
    }

    /// # Errors
    /// The difference, in lines and pounds.
    pub fn close(&self) -> Result<(), String> {
        let accounted = self.accounted();
        if accounted == self.file {
            return Ok(());
        }
        Err(format!(
            "the file holds {} lines and {} GBP, accounted for are {} lines and {} GBP",
            self.file.lines, self.file.sum, accounted.lines, accounted.sum
        ))
    }
}

/// A line for each part, largest sums as they come.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, part: &Part| {
            writeln!(f, "{name:<18} {:>8} lines {:>16} GBP", part.lines, part.sum.round_dp(3))
        };
        row("played", &self.played)?;
        row("returned", &self.returned)?;
        for (kind, part) in &self.carried {
            row(kind.name(), part)?;
        }
        row("left out by date", &self.left_out)?;
        row("rejected", &self.rejected)?;
        row("file", &self.file)?;
        write!(f, "fractions of a penny {}", self.fractions.normalize())
    }
}
