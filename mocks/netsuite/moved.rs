//! Which sales orders moved, and when: their record saved again, a fulfilment saved, an invoice keyed by hand.
//!
//! A log in the order of time, because time only goes forward. An order that moves again leaves its older entry
//! behind, which a reader tells by the order's own stamp.
//!
//! Source: netsuite.md §11.3 (whole seconds), §19 (what a poll sees).

use super::{NetsuiteTwin, Transaction};
use crate::domain::{InternalId, Timestamp};
use crate::platforms::netsuite::operation::suiteql::{MOVED_MAX, MovedRow};

/// Whole seconds since 1970, until 2106.
pub(super) fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.seconds().max(0)).unwrap_or(u32::MAX)
}

impl NetsuiteTwin {
    /// The order, or something made from it, is saved now. A save in the second of its creation does not show.
    pub(super) fn touch(&mut self, order: u32, now: Timestamp) {
        let second = seconds(now).max(self.moved.last().map_or(0, |(last, _)| *last));
        let record = &mut self.orders[order as usize];
        if record.moved != second && record.created != second {
            record.moved = second;
            self.moved.push((second, order));
        }
    }

    /// What happens without a request happens at this time: releases become visible, and later changes of stock
    /// are stamped with it.
    pub fn tell_time(&mut self, now: Timestamp) {
        while let Some((at, order)) = self.releases.first().copied()
            && at <= now
        {
            self.releases.pop_first();
            self.touch(order, at);
        }
        self.inventory.tell_time(now);
    }

    pub(super) fn orders_moved(
        &self,
        since: Timestamp,
        after: Option<(Timestamp, InternalId)>,
    ) -> Vec<MovedRow> {
        let behind = after.map(|(at, order)| (seconds(at), order));
        let from = seconds(since).max(behind.map_or(0, |(at, _)| at));
        let mut rows: Vec<MovedRow> = Vec::new();
        let mut entries = &self.moved[self.moved.partition_point(|(at, _)| *at < from)..];
        while let Some((second, _)) = entries.first()
            && rows.len() < MOVED_MAX
        {
            let (same, later) = entries.split_at(entries.partition_point(|(at, _)| at == second));
            entries = later;
            let stands = same.iter().map(|(_, order)| &self.orders[*order as usize]);
            let mut orders: Vec<_> = stands
                .filter(|order| order.moved == *second)
                .map(|order| (Transaction::id(order.transaction), order))
                .filter(|(id, _)| behind.is_none_or(|(at, last)| at < *second || last < *id))
                .collect();
            orders.sort_unstable_by_key(|(id, _)| *id);
            rows.extend(orders.into_iter().map(|(id, order)| MovedRow {
                id,
                externalid: order.key.map(|key| self.names.text(key)),
                moved: Timestamp::from_seconds(i64::from(*second)),
            }));
        }
        rows.truncate(MOVED_MAX);
        rows
    }
}
