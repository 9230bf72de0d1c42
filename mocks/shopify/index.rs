//! The search index behind listings: an append-only log of changes that becomes visible late.
//!
//! Source: shopify.md §d.3: lists come from an index with lag; reads by id do not. A search field that is unknown
//! drops its term, matches everything, and says so only in a warning.

use super::cursor::Cursor;
use super::rows::Arena;
use crate::domain::{Duration, Timestamp};

/// One change of one order. Entries are in order of time.
#[derive(Clone, Copy)]
struct Entry {
    changed_at: Timestamp,
    order: u32,
    /// Position of the same order's next entry.
    superseded_by: u32,
}

const NOT_SUPERSEDED: u32 = u32::MAX;

#[derive(Default)]
pub(super) struct SearchIndex {
    log: Arena<Entry>,
    /// Position of each order's latest entry.
    latest: Vec<u32>,
    /// Entries before this position can be seen. Never goes back: what was shown stays shown.
    visible: usize,
}

/// A page of orders by (whole second of the change, position).
pub(super) struct Listing {
    pub rows: Vec<(u32, i64)>,
    pub has_next_page: bool,
}

impl SearchIndex {
    pub(super) fn record(&mut self, order: usize, now: Timestamp) {
        let at = self.log.len() as u32;
        if order == self.latest.len() {
            self.latest.push(at);
        } else {
            let before = std::mem::replace(&mut self.latest[order], at);
            self.log.get_mut(before as usize).superseded_by = at;
        }
        self.log.push(Entry { changed_at: now, order: order as u32, superseded_by: NOT_SUPERSEDED });
    }

    /// Lets everything in that changed at least `lag` ago.
    pub(super) fn advance(&mut self, now: Timestamp, lag: Duration) {
        while self.visible < self.log.len() && self.log.get(self.visible).changed_at.plus(lag) <= now {
            self.visible += 1;
        }
    }

    /// Up to `first` orders that changed in or after the second `since`, behind `after` if given, by second and
    /// then by age. The cursor's value is in milliseconds, its id the position of the order.
    pub(super) fn list(&self, since: i64, after: Option<Cursor>, first: usize) -> Listing {
        let after = after.map(|cursor| (cursor.last_value.div_euclid(1_000), cursor.last_id));
        let from = after.map_or(since, |(second, _)| second.max(since));
        let mut at = self.first_in_or_after(from);
        let mut rows: Vec<(u32, i64)> = Vec::with_capacity(first + 1);
        while at < self.visible && rows.len() <= first {
            let second = self.log.get(at).changed_at.seconds();
            let begun = rows.len();
            while at < self.visible && self.log.get(at).changed_at.seconds() == second {
                let entry = self.log.get(at);
                let is_stale = (entry.superseded_by as usize) < self.visible;
                if !is_stale && after.is_none_or(|after| (second, u64::from(entry.order)) > after) {
                    rows.push((entry.order, second));
                }
                at += 1;
            }
            rows[begun..].sort_unstable();
        }
        let has_next_page = rows.len() > first;
        rows.truncate(first);
        Listing { rows, has_next_page }
    }

    /// Orders that changed at or after `since`, whether a search shows it already or not, each once, by their latest
    /// change.
    pub(super) fn changed_since(&self, since: Timestamp) -> impl Iterator<Item = usize> + '_ {
        let (mut low, mut high) = (0, self.log.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.log.get(middle).changed_at < since {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let entries = (low..self.log.len()).map(|at| self.log.get(at));
        entries.filter(|entry| entry.superseded_by == NOT_SUPERSEDED).map(|entry| entry.order as usize)
    }

    fn first_in_or_after(&self, second: i64) -> usize {
        let (mut low, mut high) = (0, self.visible);
        while low < high {
            let middle = low.midpoint(high);
            if self.log.get(middle).changed_at.seconds() < second {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// What a search text asks for, as far as the twin models it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// Seconds; orders changed before are left out.
    pub since: i64,
    /// Unknown fields whose terms were dropped.
    pub unknown: Vec<Box<str>>,
    /// A term that Shopify knows and the twin does not.
    pub not_modelled: Option<Box<str>>,
}

/// Fields that `orders` can be searched by. Source: shopify.md §d.3.
pub(super) const KNOWN_FIELDS: [&str; 39] = [
    "cart_token",
    "channel",
    "channel_id",
    "chargeback_status",
    "checkout_token",
    "confirmation_number",
    "created_at",
    "credit_card_last4",
    "current_total_price",
    "customer_id",
    "delivery_method",
    "discount_code",
    "email",
    "financial_status",
    "fraud_protection_level",
    "fulfillment_location_id",
    "fulfillment_status",
    "gateway",
    "id",
    "location_id",
    "name",
    "payment_id",
    "po_number",
    "processed_at",
    "reference_location_id",
    "return_status",
    "risk_level",
    "sales_channel",
    "sku",
    "source_identifier",
    "source_name",
    "status",
    "subtotal_line_items_quantity",
    "tag",
    "tag_not",
    "test",
    "total_weight",
    "updated_at",
    "metafields",
];

impl Search {
    pub(super) fn parse(text: &str) -> Search {
        Search::parse_on(text, "updated_at")
    }

    /// `by` is the field of instants that a listing is asked by.
    pub(super) fn parse_on(text: &str, by: &str) -> Search {
        let mut search = Search { since: i64::MIN, unknown: Vec::new(), not_modelled: None };
        for term in text.split_whitespace().filter(|term| *term != "AND") {
            let Some((field, value)) = term.split_once(':') else {
                search.not_modelled = Some(term.into());
                continue;
            };
            if !KNOWN_FIELDS.contains(&field) {
                search.unknown.push(field.into());
                continue;
            }
            let instant = |text: &str| text.trim_matches('\'').parse::<Timestamp>().ok();
            let since = match (field, value.strip_prefix(">="), value.strip_prefix('>')) {
                (known, Some(from), _) if known == by => instant(from).map(ceil_second),
                (known, None, Some(past)) if known == by => instant(past).map(|at| at.seconds() + 1),
                _ => None,
            };
            match since {
                Some(since) => search.since = search.since.max(since),
                None => search.not_modelled = Some(term.into()),
            }
        }
        search
    }
}

/// `updated_at` has whole seconds, so one at or after an instant is at or after the next whole second.
fn ceil_second(at: Timestamp) -> i64 {
    at.seconds() + i64::from(at != at.floor_second())
}
