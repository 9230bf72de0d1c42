//! Orders of a real past day become a scenario.
//!
//! Lives here: what an import is given, what it writes and when it refuses. Reading the history is
//! [`history`], telling orders from the rest is [`sorting`], the proof that nothing got lost is [`Tally`].

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::recording::{self, Entry, Head, Recording};
use crate::domain::{BookDate, Zone};

mod country;
mod history;
mod returns;
mod scenario_text;
mod sorting;
mod tally;

pub use history::Rejection;
pub use sorting::Kind;
pub use tally::{Part, Tally};

use history::History;
use sorting::{Sorted, Wholesale};

/// The shop and the policy that a recorded day is played with, unless another is named.
const SHOP: &str = include_str!("../../scenarios/shops/retailer.toml");
const POLICY: &str = include_str!("../../scenarios/policies/retailer.toml");

/// The clock by which the history states its times.
const ZONE: &str = "Europe/London";

/// The source that a derived file must name.
pub const SOURCE: &str = "D. Chen, \"Online Retail\", UCI Machine Learning Repository, doi 10.24432/C5BW33";
pub const LICENCE: &str = "CC BY 4.0";

/// What an import is asked for.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Folder that is written to; made if it does not exist.
    pub out: PathBuf,
    /// One scenario for each day instead of one for all.
    pub per_day: bool,
    /// First and last day to play; days outside are counted, not played.
    pub days: Option<(BookDate, BookDate)>,
    /// A shop to build on, as a path relative to `out`; without one, the built-in retailer is written too.
    pub shop: Option<String>,
    /// Folder of the data files, as a path relative to `out`.
    pub data: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The scenarios written, in order of days.
    pub scenarios: Vec<PathBuf>,
    pub orders: u64,
    pub tally: Tally,
    pub rejections: Vec<Rejection>,
}

/// Why nothing, or not everything, could be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("`{path}` cannot be read: {cause}")]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("`{path}` breaks off after line {line}: {cause}")]
    BrokenOff { path: PathBuf, line: u64, cause: String },
    #[error("`{path}` has no column `{column}`: expected the header {}", history::COLUMNS.join(","))]
    NoColumn { path: PathBuf, column: &'static str },
    #[error("`{path}` holds no order on the days asked for")]
    NoOrders { path: PathBuf },
    #[error("the import does not add up and was not written: {0}")]
    DoesNotClose(String),
    #[error("`{path}` cannot be written: {cause}")]
    Unwritable { path: PathBuf, cause: std::io::Error },
}

/// Reads a trading history, CSV or gzipped CSV, and writes scenarios with their data files.
///
/// Rows that cannot be understood are rejected with their line, and the rest is played. Nothing is written
/// unless played, carried, left out and rejected come to exactly what the file holds.
///
/// # Errors
/// A file that cannot be read to its end or lacks a column; no orders; a tally that does not close.
pub fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let (files, mut imported) = prepare(path, history::read(path)?, options)?;
    imported.scenarios = write(&files, options)?;
    Ok(imported)
}

/// An import of plain CSV that writes nothing: what it would come to. `name` stands for the file in errors.
///
/// # Errors
/// As [`import`].
pub fn rehearse(
    name: &Path,
    input: impl Read + 'static,
    options: &ImportOptions,
) -> Result<Imported, ImportError> {
    let (_, imported) = prepare(name, history::read_rows(name, Box::new(input))?, options)?;
    Ok(imported)
}

fn prepare(
    path: &Path,
    history: History,
    options: &ImportOptions,
) -> Result<(Vec<Files>, Imported), ImportError> {
    let wholesale = Wholesale::of(&history.rows);
    let mut tally = Tally::new(history.total, history.rejected);
    let zone = Zone::named(ZONE).expect("the zone database is built in");
    let mut days: BTreeMap<Date, Sorted> = BTreeMap::new();
    for invoice in sorting::invoices(history.rows) {
        let day = invoice.iter().map(|row| row.at).min().expect("an invoice has rows").date();
        let asked = options.days.is_none_or(|(first, last)| {
            let date = day.to_string().parse::<BookDate>().expect("a civil date is a book date");
            first <= date && date <= last
        });
        match asked {
            true => days.entry(day).or_default().add(invoice, &wholesale),
            false => invoice.iter().for_each(|row| tally.left_out.add(row.sum)),
        }
    }
    let groups: Vec<(Date, Date, Sorted)> = match options.per_day {
        true => days.into_iter().map(|(day, sorted)| (day, day, sorted)).collect(),
        false => together(days).into_iter().collect(),
    };
    let mut files = Vec::new();
    let mut orders = 0;
    for (first, last, mut sorted) in groups {
        sorted.match_credits();
        sorted.tally_into(&mut tally);
        orders += sorted.orders.len() as u64;
        if !sorted.orders.is_empty() {
            files.push(Files::of(first, last, sorted, &zone, options));
        }
    }
    if files.is_empty() {
        return Err(ImportError::NoOrders { path: path.to_owned() });
    }
    tally.close().map_err(ImportError::DoesNotClose)?;
    let imported = Imported { scenarios: Vec::new(), orders, tally, rejections: history.rejections };
    Ok((files, imported))
}

fn together(days: BTreeMap<Date, Sorted>) -> Option<(Date, Date, Sorted)> {
    let first = *days.keys().next()?;
    let last = *days.keys().next_back()?;
    let mut all = Sorted::default();
    days.into_values().for_each(|day| all.append(day));
    Some((first, last, all))
}

/// A scenario and its data, not yet written.
struct Files {
    name: String,
    scenario: String,
    data: Vec<u8>,
}

impl Files {
    fn of(first: Date, last: Date, sorted: Sorted, zone: &Zone, options: &ImportOptions) -> Files {
        let name = match first == last {
            true => first.to_string(),
            false => format!("{first}-to-{last}"),
        };
        let folder = options.data.as_deref().map_or(String::new(), |data| format!("{data}/"));
        let shop = options.shop.as_deref().unwrap_or("shops/retailer.toml");
        let data_file = format!("{folder}{name}.orders.jsonl.gz");
        let scenario = scenario_text::scenario(first, last, &sorted, zone, shop, &data_file);
        let carried = sorted.carried.into_iter().map(|(kind, part)| Entry::Carried {
            kind: kind.name().to_owned(),
            lines: part.lines,
            sum: part.sum.to_string(),
        });
        let head = Head {
            plimsoll_recording: 1,
            source: SOURCE.to_owned(),
            licence: LICENCE.to_owned(),
            changes:
                "lines made into orders; buyers as numbers; carriage as shipping; credits as returns of the sales that \
                 they match; vouchers as gift cards; other lines counted only"
                    .to_owned(),
            zone: ZONE.to_owned(),
        };
        let orders = sorted.orders.into_iter().map(|order| Entry::Order(order.recorded));
        let entries = orders.chain(sorted.returns.into_iter().map(Entry::Return)).chain(carried).collect();
        let data = recording::write(&Recording { zone: head.zone.clone(), head, entries });
        Files { name, scenario, data }
    }
}

fn write(files: &[Files], options: &ImportOptions) -> Result<Vec<PathBuf>, ImportError> {
    let put = |path: &Path, bytes: &[u8]| {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(path, bytes))
            .map_err(|cause| ImportError::Unwritable { path: path.to_owned(), cause })
    };
    if options.shop.is_none() {
        put(&options.out.join("shops/retailer.toml"), SHOP.as_bytes())?;
        put(&options.out.join("policies/retailer.toml"), POLICY.as_bytes())?;
    }
    let folder = options.out.join(options.data.as_deref().unwrap_or(""));
    let mut scenarios = Vec::new();
    for file in files {
        put(&folder.join(format!("{}.orders.jsonl.gz", file.name)), &file.data)?;
        let scenario = options.out.join(format!("{}.toml", file.name));
        put(&scenario, file.scenario.as_bytes())?;
        scenarios.push(scenario);
    }
    Ok(scenarios)
}

#[cfg(test)]
mod tests;
