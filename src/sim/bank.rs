//! The banks of a run: statements by account, and the port by which the engine reads them.
//!
//! Lives here: which lines can be read when, and the reading. Which payouts reach a bank and when is the processor's
//! ([`super::processor`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::payout::BankLine;
use crate::domain::{BookDate, Duration, InternalId, Money, Timestamp};
use crate::ports::settlement::Page;
use crate::ports::{Bank, Call, Platform, PlatformError, Runtime};
use crate::scenario::Latency;
use crate::sim::random::{Domain, draws};
use crate::sim::stage::{Stage, kind};

/// Lines of one page. Assumption: banks page by hundreds; small enough that a day of a merchant has several.
const PAGE: usize = 100;

/// How long a bank takes to answer. Assumption: no source; interfaces of banks answer within a second or so.
const ANSWERS_WITHIN: Latency = Latency { median: Duration::from_millis(400), p99: Duration::from_secs(4) };

/// Statements of all accounts.
#[derive(Debug, Default)]
pub struct Banks {
    accounts: BTreeMap<InternalId, Vec<Line>>,
    lines: u64,
}

#[derive(Debug)]
struct Line {
    /// Unique over all accounts, ascending in the order in which lines were foreseen.
    number: u64,
    value_date: BookDate,
    amount: Money,
    reference: Option<Box<str>>,
    /// Nobody reads it earlier.
    visible_at: Timestamp,
}

impl Banks {
    /// A line that can be read from `visible_at` on. Returns its number.
    pub fn add(
        &mut self,
        account: InternalId,
        value_date: BookDate,
        amount: Money,
        reference: Option<Box<str>>,
        visible_at: Timestamp,
    ) -> u64 {
        self.lines += 1;
        let number = self.lines;
        let line = Line { number, value_date, amount, reference, visible_at };
        let lines = self.accounts.entry(account).or_default();
        let at = lines.partition_point(|known| (known.value_date, known.number) < (value_date, number));
        lines.insert(at, line);
        number
    }

    /// Takes a line back that nobody can have read. Says whether there was one.
    pub fn withhold(&mut self, account: InternalId, number: u64, now: Timestamp) -> bool {
        let Some(lines) = self.accounts.get_mut(&account) else { return false };
        let before = lines.len();
        lines.retain(|line| line.number != number || line.visible_at <= now);
        lines.len() < before
    }

    /// Lines that can be read now, by value date.
    pub fn statement(
        &self,
        account: InternalId,
        since: BookDate,
        now: Timestamp,
    ) -> impl Iterator<Item = BankLine> {
        let lines = self.accounts.get(&account).map_or(&[][..], Vec::as_slice);
        let from = lines.partition_point(|line| line.value_date < since);
        lines[from..].iter().filter(move |line| line.visible_at <= now).map(move |line| BankLine {
            id: format!("{account}-{}", line.number).into(),
            value_date: line.value_date,
            amount: line.amount,
            reference: line.reference.clone(),
        })
    }
}

/// The way to the banks, for an engine that lives on that runtime.
pub struct BankLink<R> {
    pub stage: Arc<Stage>,
    pub runtime: R,
    pub seed: u64,
}

impl<R: Runtime> Bank for BankLink<R> {
    async fn statement(
        &self,
        call: Call,
        account: InternalId,
        since: BookDate,
        after: Option<String>,
    ) -> Result<Page<BankLine>, PlatformError> {
        let asked_at = self.runtime.now();
        let page = after.as_deref().map_or(0, str::len) as u64;
        let attempt = call.attempt;
        let mut luck =
            draws(self.seed, Domain::Bank, account.get(), asked_at.seconds().unsigned_abs() ^ page, attempt);
        self.runtime.sleep(luck.latency(ANSWERS_WITHIN)).await;
        let now = self.runtime.now();
        let mut scene = self.stage.scene();
        let fails =
            luck.chance(scene.faults.rates().shopify_failed_ppm) && !scene.faults.forecast().is_over(now);
        scene.trace.event(kind::BANK_CALL, now, account.get(), u64::from(fails));
        if fails {
            return Err(PlatformError::Unavailable {
                platform: Platform::Bank,
                reason: "the statement cannot be read now".to_owned(),
            });
        }
        let read = scene.banks.statement(account, since, now);
        let mut items: Vec<BankLine> = match &after {
            Some(last) => read.skip_while(|line| *line.id != **last).skip(1).take(PAGE + 1).collect(),
            None => read.take(PAGE + 1).collect(),
        };
        let more = items.len() > PAGE;
        items.truncate(PAGE);
        let next = items.last().filter(|_| more).map(|line| line.id.to_string());
        Ok(Page { items, next })
    }
}
