//! Text in columns, and the final table of a certification.

use super::figures::grouped;
use super::ink::Ink;
use super::{Certification, Outcome, mark};
use crate::domain::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Rows under a heading, columns two blanks apart, each as wide as its widest cell. No blanks end a line.
///
/// Each row has as many cells as `columns`.
pub fn columns(columns: &[(&str, Align)], rows: &[Vec<String>]) -> Vec<String> {
    let width = |at: usize| {
        let cells = rows.iter().map(|row| row[at].chars().count());
        cells.chain([columns[at].0.chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for ((cell, (_, align)), width) in cells.zip(columns).zip(&widths) {
            let blanks = " ".repeat(width - cell.chars().count());
            let (before, after) = if *align == Align::Left { ("", &*blanks) } else { (&*blanks, "") };
            line.push_str(before);
            line.push_str(cell);
            line.push_str(after);
            line.push_str("  ");
        }
        line.trim_end().to_owned()
    };
    let heading = line(&mut columns.iter().map(|(name, _)| *name));
    std::iter::once(heading).chain(rows.iter().map(|row| line(&mut row.iter().map(String::as_str)))).collect()
}

/// Scenario, seeds, orders, calls, virtual time, verdict: one row each.
pub fn certification(certification: &Certification, ink: Ink) -> String {
    use Align::{Left, Right};
    let heads = [
        ("scenario", Left),
        ("seeds", Right),
        ("orders", Right),
        ("calls", Right),
        ("virtual time", Right),
        ("verdict", Left),
    ];
    let rows: Vec<Vec<String>> = certification.outcomes.iter().map(row).collect();
    let mut text = String::new();
    for (at, line) in columns(&heads, &rows).iter().enumerate() {
        let painted = match at.checked_sub(1) {
            None => ink.dim(line),
            Some(row) => {
                let verdict = certification.outcomes[row].verdict();
                let (shape, word) = mark(verdict);
                let status = format!("{shape} {word}");
                match line.rsplit_once(&status) {
                    Some((before, after)) => format!("{before}{}{after}", ink.verdict(verdict, &status)),
                    None => line.clone(),
                }
            }
        };
        text.push_str(&painted);
        text.push('\n');
    }
    text
}

fn row(outcome: &Outcome) -> Vec<String> {
    let (shape, word) = mark(outcome.verdict());
    let (run, all) = (outcome.results.len(), outcome.seeds.len());
    let seeds = if run == all { grouped(all as u64) } else { format!("{run} of {all}") };
    let virtual_time = outcome.results.iter().fold(Duration::ZERO, |sum, run| sum.plus(run.virtual_time));
    let share = match outcome.subject.share {
        Some((drawn, of)) => format!(" ({} of {} orders)", grouped(drawn), grouped(of)),
        None => String::new(),
    };
    vec![
        outcome.subject.name.to_string(),
        seeds,
        grouped(outcome.orders()),
        grouped(outcome.calls()),
        virtual_time.to_string(),
        format!("{shape} {word}{share}"),
    ]
}

#[cfg(test)]
mod tests;
