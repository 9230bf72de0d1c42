//! Bulk operations of one shop: how many may run, how long one takes, what it leaves behind and for how long.
//!
//! Not here: what an operation is asked to do and finds. `answer` lists for the document of our clients, the face runs
//! any other, and spells what only it shows.
//!
//! Source: shopify.md §d.5 (states, limits, errors) and recorded operations, from which the pace is taken: a plain
//! listing of 1,456 rows ended within a second, those with nested connections took between six and sixteen, and their
//! counts stood at zero for most of that time; a cancelled one ended with the counts and the file of all it had found.
//! That an operation sees everything at the moment when it was asked for is an assumption.

use std::borrow::Cow;

use super::{ShopifyTwin, ids, render};
use crate::domain::{Duration, ShopKey, Timestamp};
use crate::platforms::shopify::wire::bulk::BulkStatus;
use crate::platforms::shopify::wire::prices::CodedUserError;
use crate::platforms::shopify::wire::{Gid, OrderStamp, kind};

/// Running at a time, of one kind and app in one shop, from this version on; before it was one.
/// Source: shopify.md §d.5.
const RUNNING_MAX: usize = 5;
const RUNNING_MAX_SINCE: &str = "2026-01";
/// Bytes of the text that is to run. Source: a recorded refusal.
pub(super) const TEXT_BYTES_MAX: usize = 65_535;
/// Until it begins, and for each row.
const STARTS: Duration = Duration::from_millis(300);
const TAKES_A_ROW: Duration = Duration::from_micros(300);
/// For each nested connection of a query.
pub(super) const TAKES_A_NESTED: Duration = Duration::from_secs(3);
/// For a mutation: recorded runs of one line took between one and three seconds.
pub(super) const TAKES_A_MUTATION: Duration = Duration::from_millis(1_500);
/// A result can be fetched for seven days.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// Where the typed way says that files lie. The real ones lie with the same host, under names that are signed.
const STORAGE: &str = "https://storage.googleapis.com/bulk-operation-outputs";

/// The operations of one shop.
#[derive(Debug)]
pub(super) struct Bulk {
    /// The shop's ordinal.
    shop: u64,
    operations: Vec<Operation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Mutation,
}

#[derive(Debug)]
pub(super) struct Operation {
    pub(super) number: u64,
    pub(super) kind: Kind,
    pub(super) text: Box<str>,
    pub(super) created: Timestamp,
    pub(super) completes: Timestamp,
    is_cancelled: bool,
    found: Found,
}

/// What an operation finds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) rows: Rows,
    pub(super) objects: usize,
    /// Objects of the outermost connections.
    pub(super) roots: usize,
}

#[derive(Debug)]
pub(super) enum Rows {
    /// Lines of JSON, each with its end.
    Lines(String),
    /// Positions and seconds of change of a shop's orders, which become lines when they are read.
    Orders { shop: u64, stamps: Vec<(u32, i64)> },
}

impl Default for Rows {
    fn default() -> Rows {
        Rows::Lines(String::new())
    }
}

/// A bulk operation of before, as a shop is opened with it. Its file is not there any more.
#[derive(Debug, Clone)]
pub struct PastBulk {
    pub is_mutation: bool,
    pub created: Timestamp,
    /// `None` for one that was cancelled as soon as it was made.
    pub completed: Option<Timestamp>,
    pub objects: usize,
    pub roots: usize,
}

/// Why an operation cannot be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotCancelled {
    Unknown,
    IsAlready(BulkStatus),
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Query => "QUERY",
            Kind::Mutation => "MUTATION",
        }
    }
}

impl Found {
    /// Orders of a shop, by position and second of change.
    pub(super) fn orders(shop: u64, stamps: Vec<(u32, i64)>) -> Found {
        Found { objects: stamps.len(), roots: stamps.len(), rows: Rows::Orders { shop, stamps } }
    }
}

impl Rows {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Rows::Lines(text) => Cow::Borrowed(text),
            Rows::Orders { shop, stamps } => {
                let mut text = String::new();
                for (n, second) in stamps {
                    let id = Gid::new(ids::order(*shop, *n as usize).get());
                    let stamp = OrderStamp { id, updated_at: render::date_time(*second) };
                    text += &serde_json::to_string(&stamp).expect("a stamp is two texts");
                    text.push('\n');
                }
                Cow::Owned(text)
            }
        }
    }
}

impl Operation {
    pub(super) fn id(&self) -> Gid<kind::BulkOperation> {
        Gid::new(self.number)
    }

    pub(super) fn status(&self, now: Timestamp) -> BulkStatus {
        match self.is_cancelled {
            true if now < self.completes => BulkStatus::Canceling,
            true => BulkStatus::Canceled,
            false if now < self.created.plus(STARTS) => BulkStatus::Created,
            false if now < self.completes => BulkStatus::Running,
            false => BulkStatus::Completed,
        }
    }

    pub(super) fn is_running(&self, now: Timestamp) -> bool {
        matches!(self.status(now), BulkStatus::Created | BulkStatus::Running)
    }

    /// Objects, and those of them at the root: none before all are found.
    pub(super) fn counts(&self, now: Timestamp) -> (usize, usize) {
        if now < self.completes { (0, 0) } else { (self.found.objects, self.found.roots) }
    }

    /// Whether a file can be fetched at `now`; a result without rows has none.
    pub(super) fn has_file(&self, now: Timestamp) -> bool {
        now >= self.completes && now < self.completes.plus(KEPT) && self.found.objects > 0
    }

    /// The file as it is fetched at `now`.
    pub(super) fn file(&self, now: Timestamp) -> Option<Cow<'_, str>> {
        self.has_file(now).then(|| self.found.rows.text())
    }

    /// Bytes of the file that it left behind, also when that is gone.
    pub(super) fn file_bytes(&self, now: Timestamp) -> Option<usize> {
        let has_written = self.status(now) == BulkStatus::Completed && self.found.objects > 0;
        has_written.then(|| self.found.rows.text().len())
    }
}

impl Bulk {
    pub(super) fn of(shop: u64) -> Bulk {
        Bulk { shop, operations: Vec::new() }
    }

    /// In the order in which they were asked for.
    pub(super) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub(super) fn find(&self, number: u64) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.number == number)
    }

    /// The refusal of a query that is too long, or one too many for this version of the API.
    pub(super) fn refuse_query(&self, text: &str, version: &str, now: Timestamp) -> Option<CodedUserError> {
        if text.len() > TEXT_BYTES_MAX {
            let size = text.len();
            return Some(CodedUserError {
                field: Some(vec!["query".into()]),
                message: format!("Query is too large ({size} bytes; maximum is {TEXT_BYTES_MAX} bytes)")
                    .into(),
                code: Some("INVALID".into()),
            });
        }
        self.busy(Kind::Query, version, now)
    }

    /// The refusal of one more operation of a kind, if as many run as may.
    pub(super) fn busy(&self, kind: Kind, version: &str, now: Timestamp) -> Option<CodedUserError> {
        let most = if version < RUNNING_MAX_SINCE { 1 } else { RUNNING_MAX };
        let running = self.operations.iter().filter(|it| it.kind == kind && it.is_running(now));
        let ids: Vec<String> = running.map(|it| it.id().to_string()).collect();
        let kind = kind.name().to_lowercase();
        let ids = (ids.len() >= most).then(|| ids.join(", "))?;
        Some(CodedUserError {
            field: None,
            message: format!("A bulk {kind} operation for this app and shop is already in progress: {ids}.")
                .into(),
            code: Some("OPERATION_IN_PROGRESS".into()),
        })
    }

    /// Begins an operation, which takes so long beside its start and its rows.
    pub(super) fn begin(
        &mut self,
        (kind, text): (Kind, &str),
        found: Found,
        besides: Duration,
        now: Timestamp,
    ) -> &Operation {
        let takes = STARTS.plus(besides).plus(TAKES_A_ROW.times(found.objects as u64));
        let (created, completes) = (now, now.plus(takes));
        self.add(|number| Operation {
            number,
            kind,
            text: text.into(),
            created,
            completes,
            is_cancelled: false,
            found,
        })
    }

    fn remember(&mut self, past: &PastBulk) -> &Operation {
        let found = Found { rows: Rows::default(), objects: past.objects, roots: past.roots };
        self.add(|number| Operation {
            number,
            kind: if past.is_mutation { Kind::Mutation } else { Kind::Query },
            text: "".into(),
            created: past.created,
            completes: past.completed.unwrap_or(past.created),
            is_cancelled: past.completed.is_none(),
            found,
        })
    }

    fn add(&mut self, operation: impl FnOnce(u64) -> Operation) -> &Operation {
        let at = self.operations.len();
        self.operations.push(operation(ids::bulk_operation(self.shop, at + 1)));
        &self.operations[at]
    }

    /// # Errors
    /// It does not run, or there is none.
    pub(super) fn cancel(&mut self, number: u64, now: Timestamp) -> Result<(), NotCancelled> {
        let found = self.operations.iter_mut().find(|operation| operation.number == number);
        let operation = found.ok_or(NotCancelled::Unknown)?;
        if !operation.is_running(now) {
            return Err(NotCancelled::IsAlready(operation.status(now)));
        }
        operation.is_cancelled = true;
        Ok(())
    }
}

impl ShopifyTwin {
    /// The file behind an address that a bulk operation of this shop was answered with, if it is there at `now`.
    pub fn bulk_file(&self, shop: ShopKey, url: &str, now: Timestamp) -> Option<String> {
        let name = url.strip_prefix(STORAGE)?.strip_prefix('/')?.strip_suffix(".jsonl")?;
        let operation = self.shop(shop).bulk.find(name.parse().ok()?)?;
        operation.file(now).map(Cow::into_owned)
    }

    /// Opens a shop with a bulk operation of before, and names it.
    pub fn remember_bulk(&mut self, shop: ShopKey, past: &PastBulk) -> u64 {
        self.shop_mut(shop).bulk.remember(past).number
    }
}

/// The address of an operation's file, as the typed way names it.
pub(super) fn address(number: u64) -> Box<str> {
    format!("{STORAGE}/{number}.jsonl").into()
}

#[cfg(test)]
mod tests;
