//! The command line as types, and its help.
//!
//! The top level is grouped by person and written by hand, because it must fit one screen; each verb shows
//! examples before options. What a verb does is in the module of its name.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::{BookDate, Currency, InternalId};
use crate::ledger::export::Format;
use crate::platforms::https::Endpoint;
use crate::reconcile::settlement::files::Clearing;

const TOP: &str = "\
{about}
Usage: plimsoll <verb> [options]

Rehearse
  try       A naive connector meets a bad Friday, then ours does, on the same seed
  certify   Run all scenarios over their seeds, check every promise and invariant
  run       Run one scenario once, and say what it came to
  import    Make scenarios of the orders of a real past day
  twin      Both platforms on this machine, for any integration to be pointed at

Run
  init      Write the files that a merchant starts from
  check     Try credentials, scopes and every record that the policy names
  serve     Keep Shopify and NetSuite in step, in production

Money
  reconcile Compare both platforms live, record by record; changes nothing
  match     Compare the processor's rows with the books' records, line by line
  close     Close a month of a scenario: trial balance, roll-forward, open items
  ledger    Rebuild an exported ledger, and sum it

Fix
  replay    Run a failing seed again, and check that it does exactly the same
  schema    Print the JSON Schema of scenario files, for editors

Options
{options}

Exit codes
  0  every promise held, all that was scheduled happened    1  plimsoll itself failed
  2  bad usage, or a file that cannot be used               3  a promise or an invariant was broken
  4  inconclusive: never exercised, or cut short            5  a platform is away, or refused us
  6  not deterministic: one seed, two traces              130  interrupted twice

First:  plimsoll try    then:  plimsoll certify    examples:  plimsoll <verb> --help
";

/// A verb's help: what it does, examples, then options.
const VERB: &str = "\
{about}

{usage-heading} {usage}

{before-help}{all-args}
";

#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    version,
    about = "Rehearses a Shopify–NetSuite integration on simulated platforms, and proves that the books hold.",
    help_template = TOP,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub struct Arguments {
    #[command(flatten)]
    pub talk: TalkArguments,
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Debug, Clone, Copy, Args)]
pub struct TalkArguments {
    /// One JSON document on stdout instead of text
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// No progress and no remarks: only what was asked for
    #[arg(long, short, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// Colour the text; `auto` on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", help_heading = "Output")]
    pub color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// A naive connector meets a bad Friday, then ours does, on the same seed
    #[command(help_template = VERB, before_help = "Examples:\n  plimsoll try\n  plimsoll try --seed 7")]
    Try(TryArguments),
    /// Run one scenario once, and say what it came to
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll run scenarios/lost/answers.toml\n  plimsoll run scenarios/peak/million.toml --orders 10000 --json"
    )]
    Run(RunArguments),
    /// Run all scenarios over their seeds, check every promise and invariant
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll certify\n  plimsoll certify scenarios/lost --seeds 200\n  plimsoll certify --out out --full\n  plimsoll certify scenarios/lost/answers.toml --seed 1 --against http://127.0.0.1:3000"
    )]
    Certify(CertifyArguments),
    /// Compare both platforms live, record by record; changes nothing
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll reconcile --since 2026-11-01\n  plimsoll reconcile --since 2026-11-01 --out out/november --json"
    )]
    Reconcile(ReconcileArguments),
    /// Close a month of a scenario: trial balance, roll-forward, open items
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll close scenarios/tenders/split.toml --period 2026-11\n  plimsoll close scenarios/tenders/split.toml --period 2026-11 --out out/november"
    )]
    Close(CloseArguments),
    /// Rebuild an exported ledger, and sum it
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll run scenarios/tenders/split.toml --export beancount --out out\n  plimsoll ledger out/tenders-split-1.beancount"
    )]
    Ledger(LedgerArguments),
    /// Compare the processor's rows with the books' records, line by line
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll match balance_transactions.csv clearing.csv --clearing 1150\n  plimsoll match left.csv right.csv --clearing USD=1150 --clearing EUR=1151 --json"
    )]
    Match(MatchArguments),
    /// Run a failing seed again, and check that it does exactly the same
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll replay scenarios/lost/answers.toml --seed 1207\n  plimsoll replay out/cases/lost-answers-1207.json"
    )]
    Replay(ReplayArguments),
    /// Make scenarios of the orders of a real past day
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll import online_retail.csv.gz --out scenarios/ours\n  plimsoll import orders.csv --out scenarios/ours --days --only 2011-03-27..2011-03-28"
    )]
    Import(ImportArguments),
    /// Both platforms on this machine, for any integration to be pointed at
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll twin\n  plimsoll twin scenarios/try/bad-friday.toml --speed 120 --webhooks-to http://127.0.0.1:3000"
    )]
    Twin(super::twin::TwinArguments),
    /// Keep Shopify and NetSuite in step, in production
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll serve\n  plimsoll serve --config /etc/plimsoll/plimsoll.toml --log json\n  plimsoll serve --record recorded --shops scenarios/shops/ours.toml"
    )]
    Serve(ServeArguments),
    /// Write the files that a merchant starts from
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll init\n  plimsoll init --merchant acme --shop acme.myshopify.com --account 1234567 --currency EUR --yes"
    )]
    Init(InitArguments),
    /// Try credentials, scopes and every record that the policy names; changes nothing
    #[command(
        help_template = VERB,
        before_help = "Examples:\n  plimsoll check\n  plimsoll check --config /etc/plimsoll/plimsoll.toml --json"
    )]
    Check(CheckArguments),
    /// Print the JSON Schema of scenario files, for editors
    #[command(help_template = VERB, before_help = "Examples:\n  plimsoll schema > plimsoll.schema.json")]
    Schema,
}

#[derive(Debug, Args)]
pub struct TryArguments {
    /// Another bad Friday
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
}

#[derive(Debug, Args)]
pub struct InitArguments {
    /// Where to write them
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Key of the merchant: a short name of a–z, 0–9 and `-`
    #[arg(long, value_name = "KEY")]
    pub merchant: Option<String>,
    /// Permanent domain of the shop
    #[arg(long, value_name = "DOMAIN")]
    pub shop: Option<String>,
    /// Id of the NetSuite account
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// Currency of the shop
    #[arg(long, value_name = "CUR")]
    pub currency: Option<String>,
    /// Ask nothing: take what is offered
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The configuration of the service
    #[arg(long, value_name = "FILE", default_value = "plimsoll.toml")]
    pub config: PathBuf,
}

#[derive(Debug, Args)]
pub struct ReconcileArguments {
    /// The configuration of the service
    #[arg(long, value_name = "FILE", default_value = "plimsoll.toml")]
    pub config: PathBuf,
    /// Compare what changed from that day on, in UTC
    #[arg(long, value_name = "DATE")]
    pub since: BookDate,
    /// Live by the clock of `plimsoll twin`, whose control port this is
    #[arg(long, value_name = "URL")]
    pub clock_of: Option<Endpoint>,
    /// Write discrepancies.csv and reconcile.json into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ServeArguments {
    /// The configuration of the service
    #[arg(long, value_name = "FILE", default_value = "plimsoll.toml")]
    pub config: PathBuf,
    /// Live by the clock of `plimsoll twin`, whose control port this is
    #[arg(long, value_name = "URL")]
    pub clock_of: Option<Endpoint>,
    /// Record each day's orders into this folder as a scenario, with nobody's name in it
    #[arg(long, value_name = "DIR", requires = "shops")]
    pub record: Option<PathBuf>,
    /// The shops that recorded days are played with, as a scenario's `use` names them; may be given twice
    #[arg(long, value_name = "FILE", requires = "record")]
    pub shops: Vec<PathBuf>,
    /// How the log on stderr is written
    #[arg(long, value_enum, default_value_t = LogForm::Text, value_name = "HOW")]
    pub log: LogForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub struct RunArguments {
    /// A scenario file
    pub scenario: PathBuf,
    /// The luck of the run; without it the scenario's first pinned seed, or 1
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Draw so many orders instead of the scenario's total
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub orders: Option<u64>,
    /// Tell where the time went: store, twins, engine, oracle, world
    #[arg(long)]
    pub profile: bool,
    /// Write NetSuite's whole ledger for another program; may be given twice
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub export: Vec<ExportFormat>,
    /// Where to write it
    #[arg(long, value_name = "DIR", default_value = "out", requires = "export")]
    pub out: PathBuf,
    #[command(flatten)]
    pub judging: JudgingArguments,
}

#[derive(Debug, Args)]
pub struct CertifyArguments {
    /// Scenario files, or folders that are searched for them
    #[arg(default_value = "scenarios", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Sweep so many seeds beside the pinned ones, whatever the scenarios say
    #[arg(long, value_name = "N")]
    pub seeds: Option<u32>,
    /// Run this one seed only
    #[arg(long, value_name = "S", conflicts_with = "seeds")]
    pub seed: Option<u64>,
    /// Draw so many orders in each scenario instead of its total
    #[arg(long, value_name = "N", conflicts_with = "full", value_parser = clap::value_parser!(u64).range(1..))]
    pub orders: Option<u64>,
    /// Run scenarios tagged `load` with all their orders instead of 1 %
    #[arg(long)]
    pub full: bool,
    /// Stop after the first seed in which something breaks
    #[arg(long)]
    pub fail_fast: bool,
    /// Write report.json, junit.xml, summary.md and a case for each failure into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub against: super::against::AgainstArguments,
    #[command(flatten)]
    pub judging: JudgingArguments,
}

#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// A scenario file (with --seed), or a case that certify wrote
    pub what: PathBuf,
    /// The seed to run again
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// As many orders as the failing run drew
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub orders: Option<u64>,
    #[command(flatten)]
    pub judging: JudgingArguments,
}

/// How a run is carried and judged, alike for all verbs that run.
#[derive(Debug, Clone, Copy, Args)]
pub struct JudgingArguments {
    /// How calls reach the simulated platforms: as typed values, fast, through JSON text, or over sockets
    #[arg(long, value_enum, default_value_t = Fidelity::Typed, value_name = "HOW")]
    pub fidelity: Fidelity,
    /// Exit with 0 although something was never exercised
    #[arg(long)]
    pub allow_inconclusive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fidelity {
    Typed,
    Bytes,
    Http,
}

impl Fidelity {
    pub const fn name(self) -> &'static str {
        match self {
            Fidelity::Typed => "typed",
            Fidelity::Bytes => "bytes",
            Fidelity::Http => "http",
        }
    }
}

#[derive(Debug, Args)]
pub struct ImportArguments {
    /// A trading history: CSV or gzipped CSV
    pub file: PathBuf,
    /// Folder to write to; made if it does not exist
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// One scenario for each day instead of one for all
    #[arg(long)]
    pub days: bool,
    /// Only these days, e.g. 2011-03-27 or 2011-03-27..2011-03-28
    #[arg(long, value_name = "FROM..TO", value_parser = span_of_days)]
    pub only: Option<(BookDate, BookDate)>,
}

#[derive(Debug, Args)]
pub struct CloseArguments {
    /// A scenario file
    pub scenario: PathBuf,
    /// The month to be closed, e.g. 2026-11
    #[arg(long, value_name = "MONTH", value_parser = month)]
    pub period: BookDate,
    /// The luck of the run; without it the scenario's first pinned seed, or 1
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Draw so many orders instead of the scenario's total
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub orders: Option<u64>,
    /// Write close.json and a CSV file for each table into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How calls reach the simulated platforms: as typed values, fast, through JSON text, or over sockets
    #[arg(long, value_enum, default_value_t = Fidelity::Typed, value_name = "HOW")]
    pub fidelity: Fidelity,
}

#[derive(Debug, Args)]
pub struct LedgerArguments {
    /// A ledger as `plimsoll run --export` writes it
    pub file: PathBuf,
}

/// The first day of a month.
fn month(text: &str) -> Result<BookDate, String> {
    let is_month = text.len() == 7;
    let first = is_month.then(|| format!("{text}-01").parse().ok()).flatten();
    first.ok_or_else(|| format!("`{text}` is not a month such as 2026-11"))
}

/// A ledger as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    Beancount,
    Hledger,
}

impl ExportFormat {
    pub const fn of_ledger(self) -> Format {
        match self {
            ExportFormat::Beancount => Format::Beancount,
            ExportFormat::Hledger => Format::Hledger,
        }
    }
}

#[derive(Debug, Args)]
pub struct MatchArguments {
    /// Balance transactions of Shopify, as CSV
    pub left: PathBuf,
    /// Deposits, refunds and payments of NetSuite that stand on clearing accounts, as CSV; debits above zero
    pub right: PathBuf,
    /// The day on which lines are due or not; without it the last day of the files
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<BookDate>,
    /// Days within which a row of the processor is in the books
    #[arg(long, value_name = "DAYS", default_value_t = 3)]
    pub booked_within: u16,
    /// Days within which a record of the books is in a payout
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub paid_out_within: u16,
    /// Internal id of the account on which the rows should stand, of one currency or of all; without it accounts are
    /// not compared
    #[arg(long = "clearing", value_name = "[CUR=]ACCOUNT", value_parser = clearing_account)]
    pub clearing_accounts: Vec<(Option<Currency>, InternalId)>,
    /// Tell every difference, not only the first ones
    #[arg(long)]
    pub all: bool,
}

impl MatchArguments {
    pub fn clearing(&self) -> Clearing {
        let of = |(currency, account): &(Option<Currency>, InternalId)| currency.map(|of| (of, *account));
        let of_others = self.clearing_accounts.iter().filter(|(currency, _)| currency.is_none());
        Clearing {
            of_currency: self.clearing_accounts.iter().filter_map(of).collect(),
            of_others: of_others.map(|(_, account)| *account).next_back(),
        }
    }
}

fn clearing_account(text: &str) -> Result<(Option<Currency>, InternalId), String> {
    let (currency, account) = match text.split_once('=') {
        None => (None, text),
        Some((code, account)) => {
            (Some(code.parse::<Currency>().map_err(|error| error.to_string())?), account)
        }
    };
    let number = account.parse().map_err(|_| format!("`{account}` is no internal id such as 1150"))?;
    Ok((currency, InternalId::new(number)))
}

fn span_of_days(text: &str) -> Result<(BookDate, BookDate), String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let day = |text: &str| text.parse::<BookDate>().map_err(|error| error.to_string());
    match (day(first)?, day(last)?) {
        (first, last) if first <= last => Ok((first, last)),
        (first, last) => Err(format!("{first} is after {last}")),
    }
}

#[cfg(test)]
mod tests;
