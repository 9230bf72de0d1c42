//! `plimsoll reconcile`: what both platforms disagree on, as a table, as CSV and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::args::ReconcileArguments;
use super::console::Console;
use super::exit::Exit;
use super::serve;
use super::trouble::Trouble;
use crate::domain::{Currency, Timestamp};
use crate::ports::Recovery;
use crate::reconcile::discrepancy::{Discrepancy, Standing, unexplained};
use crate::report::document;
use crate::report::folder::Folder;
use crate::report::table::{Align, columns};
use crate::runtime::config::Config;
use crate::runtime::reconcile::{ReconcileError, Reconciliation, reconcile};
use crate::runtime::tokio::TokioRuntime;

#[derive(Serialize)]
struct Document<'a> {
    plimsoll: u32,
    document: &'static str,
    since: String,
    orders: u64,
    payouts: u64,
    levels: u64,
    unexplained: BTreeMap<&'static str, String>,
    discrepancies: &'a [Row],
}

/// A discrepancy in words: the cells of the table, of the CSV file and of the document.
#[derive(Serialize)]
struct Row {
    kind: &'static str,
    shop: String,
    flow: &'static str,
    record: u64,
    /// Shopify's side less NetSuite's; empty where no money differs.
    amount: String,
    currency: &'static str,
    standing: &'static str,
    cause: &'static str,
    owner: String,
    due: String,
    detail: String,
}

/// # Errors
/// A configuration, folder, store or platform that cannot be used.
pub fn reconcile_live(asked: &ReconcileArguments, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let config = serve::load(&asked.config)?;
    let folder = asked.out.as_deref().map(Folder::prepare).transpose().map_err(Trouble::Folder)?;
    let pace = asked.clock_of.as_ref().map(serve::clock_of).transpose()?;
    let threads = serve::threads()?;
    let runtime = TokioRuntime::by(threads.handle().clone(), pace);
    let since = Timestamp::from_seconds(i64::from(asked.since.epoch_days()) * 86_400);
    let told = match threads.block_on(reconcile(&config, &runtime, since)) {
        Ok(told) => told,
        Err(ReconcileError::Platform(error)) => {
            console.complain(&format!("{} {error}\n", console.err_ink.red("error:")));
            return Ok(match error.recovery() {
                Recovery::Retry | Recovery::LookUpThenRetry | Recovery::FixConfiguration => Exit::Unreachable,
                Recovery::HandToPerson => Exit::Failed,
            });
        }
        Err(error) => return Err(trouble(&error)),
    };
    let rows: Vec<Row> = told.discrepancies.iter().map(row).collect();
    let sums = sums(&config, &told.discrepancies);
    let document = document::text(&Document {
        plimsoll: document::VERSION,
        document: "reconciliation",
        since: asked.since.to_string(),
        orders: told.orders,
        payouts: told.payouts,
        levels: told.levels,
        unexplained: sums.clone(),
        discrepancies: &rows,
    });
    if let Some(folder) = folder {
        folder.put("reconcile.json", &document).map_err(Trouble::Report)?;
        folder.put("discrepancies.csv", &csv(&rows)).map_err(Trouble::Report)?;
        console.talk(&format!("wrote {} and its table\n", folder.path().join("reconcile.json").display()));
    }
    match console.json {
        true => console.data(&document)?,
        false => console.data(&page(&told, &rows, &sums))?,
    }
    let is_explained = told.discrepancies.iter().all(|it| it.standing != Standing::Unexplained);
    Ok(if is_explained { Exit::Held } else { Exit::Broken })
}

fn trouble(error: &ReconcileError) -> Trouble {
    let remedy = match error {
        ReconcileError::Store(store) => serve::of_store(store),
        ReconcileError::NoRoots(_) => "install the system's package of root certificates",
        ReconcileError::Platform(_) | ReconcileError::Money(_) => "see the cause above",
    };
    Trouble::Service { cause: error.to_string(), remedy: remedy.to_owned() }
}

fn row(of: &Discrepancy) -> Row {
    let (standing, cause, owner, due) = match &of.standing {
        Standing::Unexplained => ("unexplained", "", String::new(), String::new()),
        Standing::Timing => {
            ("timing", "", String::new(), of.clears.map_or_else(String::new, |at| at.to_string()))
        }
        Standing::Excepted { code, owner, deadline } => {
            ("exception", code.name(), owner.to_string(), deadline.to_string())
        }
    };
    let mut amount = String::new();
    if let Some(money) = of.amount {
        money.write_plain(&mut amount).expect("a String takes any text");
    }
    Row {
        kind: of.kind.name(),
        shop: of.shop.to_string(),
        flow: of.flow.name(),
        record: of.record,
        amount,
        currency: of.amount.map_or("", |money| money.currency().code()),
        standing,
        cause,
        owner,
        due,
        detail: of.detail.clone(),
    }
}

/// By currency, zero for those of the policy in which nothing is left.
fn sums(config: &Config, found: &[Discrepancy]) -> BTreeMap<&'static str, String> {
    let mut sums: BTreeMap<Currency, i128> =
        config.policy.shops.iter().map(|shop| (shop.currency, 0)).collect();
    sums.extend(unexplained(found));
    sums.into_iter()
        .map(|(currency, minor)| (currency.code(), decimal(minor, currency.minor_digits())))
        .collect()
}

fn decimal(minor: i128, digits: u32) -> String {
    let unit = 10i128.pow(digits);
    match digits {
        0 => minor.to_string(),
        _ => format!("{}.{:0width$}", minor / unit, minor % unit, width = digits as usize),
    }
}

fn page(told: &Reconciliation, rows: &[Row], sums: &BTreeMap<&'static str, String>) -> String {
    let mut text = String::new();
    if !rows.is_empty() {
        let heads = [
            ("what", Align::Left),
            ("shop", Align::Left),
            ("record", Align::Right),
            ("amount", Align::Right),
            ("", Align::Left),
            ("standing", Align::Left),
            ("owner", Align::Left),
            ("detail", Align::Left),
        ];
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let standing = if row.cause.is_empty() { row.standing } else { row.cause };
                vec![
                    row.kind.to_owned(),
                    row.shop.clone(),
                    row.record.to_string(),
                    row.amount.clone(),
                    row.currency.to_owned(),
                    standing.to_owned(),
                    row.owner.clone(),
                    row.detail.clone(),
                ]
            })
            .collect();
        text = columns(&heads, &cells).join("\n") + "\n\n";
    }
    let Reconciliation { orders, payouts, levels, .. } = told;
    writeln!(text, "compared {orders} orders, {payouts} payouts, {levels} levels; {} differ", rows.len())
        .expect("a String takes any text");
    for (currency, sum) in sums {
        writeln!(text, "unexplained {sum} {currency}").expect("a String takes any text");
    }
    text
}

fn csv(rows: &[Row]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect("rows are flat, and memory takes them");
    }
    let bytes = writer.into_inner().expect("memory takes them");
    String::from_utf8(bytes).expect("cells are text")
}
