//! What matching two files came to, for people. The same as JSON: [`super::document::matching`].

use std::collections::BTreeMap;

use super::figures::{amount, counted, grouped};
use super::ink::Ink;
use super::table::{Align, columns};
use crate::domain::{BookDate, Currency};
use crate::reconcile::settlement::files::Side;
use crate::reconcile::settlement::{Cause, Difference, Line, Settlement};

/// Differences told one by one; the others are counted. `--all` and JSON tell all.
const SHOWN: usize = 20;

/// Both sides, and what was found.
#[derive(Debug)]
pub struct Matching<'a> {
    /// Names of the files.
    pub names: [&'a str; 2],
    pub left: &'a Side,
    pub right: &'a Side,
    pub settlement: &'a Settlement,
    pub as_of: BookDate,
}

/// Lines and minor units of one cause in one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub differences: u64,
    pub unexplained: u64,
    /// Left less right.
    pub minor: i128,
    pub unexplained_minor: i128,
}

/// Sums of a currency: left, right, and what lies between them by cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    pub left: i128,
    pub right: i128,
    pub causes: BTreeMap<Cause, Tally>,
}

impl Totals {
    pub fn unexplained(&self) -> i128 {
        self.causes.values().map(|tally| tally.unexplained_minor).sum()
    }
}

impl Matching<'_> {
    pub fn lefts(&self, difference: &Difference) -> impl Iterator<Item = (&Line, u64)> {
        let at = self.settlement.left_of(difference).iter().map(|at| *at as usize);
        at.map(|at| (&self.left.lines[at], self.left.ids[at]))
    }

    pub fn rights(&self, difference: &Difference) -> impl Iterator<Item = (&Line, u64)> {
        let at = self.settlement.right_of(difference).iter().map(|at| *at as usize);
        at.map(|at| (&self.right.lines[at], self.right.ids[at]))
    }

    pub fn unexplained(&self) -> u64 {
        self.settlement.unexplained(self.as_of).count() as u64
    }

    /// By currency. Two currencies within one difference count once in each.
    pub fn totals(&self) -> BTreeMap<Currency, Totals> {
        let mut totals: BTreeMap<Currency, Totals> = BTreeMap::new();
        for line in &self.left.lines {
            totals.entry(line.currency).or_default().left += i128::from(line.amount);
        }
        for line in &self.right.lines {
            totals.entry(line.currency).or_default().right += i128::from(line.amount);
        }
        for difference in &self.settlement.differences {
            let mut minor: BTreeMap<Currency, i128> = BTreeMap::new();
            for (line, _) in self.lefts(difference) {
                *minor.entry(line.currency).or_default() += i128::from(line.amount);
            }
            for (line, _) in self.rights(difference) {
                *minor.entry(line.currency).or_default() -= i128::from(line.amount);
            }
            let is_unexplained = !difference.is_explained(self.as_of);
            for (currency, minor) in minor {
                let causes = &mut totals.entry(currency).or_default().causes;
                let tally = causes.entry(difference.cause).or_default();
                tally.differences += 1;
                tally.minor += minor;
                if is_unexplained {
                    tally.unexplained += 1;
                    tally.unexplained_minor += minor;
                }
            }
        }
        totals
    }
}

/// Sums, causes, the differences themselves, and the verdict last.
pub fn page(matching: &Matching<'_>, shows_all: bool, ink: Ink) -> String {
    let mut text = String::new();
    let sides = [(matching.names[0], matching.left), (matching.names[1], matching.right)];
    for (name, side) in sides {
        let left_out = match side.left_out {
            0 => String::new(),
            rows => format!(", and {} of transfers and tests left out", counted(rows, "row")),
        };
        text.push_str(&format!("{name}: {}{left_out}\n", counted(side.lines.len() as u64, "line")));
    }
    let groups = matching.settlement.groups.len() as u64;
    let in_parts = if groups == 0 { String::new() } else { format!(", and {} in parts", grouped(groups)) };
    let pairs = counted(matching.settlement.pairs.len() as u64, "pair");
    text.push_str(&format!("{pairs} matched one to one{in_parts}, as of {}\n", matching.as_of));
    for (currency, totals) in matching.totals() {
        text.push('\n');
        text.push_str(&of_currency(currency, &totals, ink));
    }
    let told: Vec<&Difference> = matching.settlement.unexplained(matching.as_of).collect();
    let shown = if shows_all { told.len() } else { SHOWN.min(told.len()) };
    if shown > 0 {
        text.push('\n');
    }
    for difference in &told[..shown] {
        text.push_str(&format!("  {}\n", sentence(matching, difference)));
    }
    if shown < told.len() {
        let more = grouped((told.len() - shown) as u64);
        text.push_str(&format!("  and {more} more: `--all` tells them, `--json` for programs\n"));
    }
    let waiting = matching.settlement.differences.len() as u64 - matching.unexplained();
    let waiting = match waiting {
        0 => String::new(),
        lines => format!(", {} waiting for a date that has not passed", counted(lines, "line")),
    };
    let verdict = match matching.unexplained() {
        0 => format!("{}   nothing unexplained{waiting}\n", ink.green("✓ MATCHED")),
        open => format!("{}   {} unexplained{waiting}\n", ink.red("✗ DIFFERS"), counted(open, "difference")),
    };
    text.push('\n');
    text.push_str(&verdict);
    text
}

fn of_currency(currency: Currency, totals: &Totals, ink: Ink) -> String {
    let heads = [
        (currency.code(), Align::Left),
        ("lines", Align::Right),
        ("left − right", Align::Right),
        ("unexplained", Align::Right),
    ];
    let rows: Vec<Vec<String>> = totals
        .causes
        .iter()
        .map(|(cause, tally)| {
            vec![
                cause.name().to_owned(),
                grouped(tally.differences),
                amount(tally.minor, currency),
                amount(tally.unexplained_minor, currency),
            ]
        })
        .chain([vec![
            "all".to_owned(),
            grouped(totals.causes.values().map(|tally| tally.differences).sum()),
            amount(totals.left - totals.right, currency),
            amount(totals.unexplained(), currency),
        ]])
        .collect();
    let mut text = format!(
        "{} on the left, {} on the right\n",
        amount(totals.left, currency),
        amount(totals.right, currency)
    );
    for (at, line) in columns(&heads, &rows).iter().enumerate() {
        text.push_str(&if at == 0 { ink.dim(line) } else { line.clone() });
        text.push('\n');
    }
    text
}

/// `amount: charge of 120.00 USD (balance transaction 11, order 501) against 118.00 USD (record 1)`.
fn sentence(matching: &Matching<'_>, difference: &Difference) -> String {
    let told = |line: &Line, id: u64, noun: &str| {
        let order = line.order.map_or(String::new(), |order| format!(", order {order}"));
        let account = line.account.map_or(String::new(), |account| format!(" on {account}"));
        let money = amount(i128::from(line.amount), line.currency);
        format!("{} of {money}{account} ({noun} {id}{order})", line.kind.name())
    };
    let lefts: Vec<String> =
        matching.lefts(difference).map(|(line, id)| told(line, id, "balance transaction")).collect();
    let rights: Vec<String> =
        matching.rights(difference).map(|(line, id)| told(line, id, "record")).collect();
    let (left, right) = (lefts.join(" and "), rights.join(" and "));
    let told = match (lefts.is_empty(), rights.is_empty()) {
        (false, false) => format!("{left} against {right}"),
        (false, true) => format!("{left} is not in the books"),
        _ => format!("{right} is in no payout"),
    };
    format!("{}: {told}", difference.cause.name())
}

#[cfg(test)]
mod tests;
