//! When an exchange is asked. Only what takes its time by itself depends on it: bulk operations.
//!
//! A recording states no instants of its own, but its answers do: one that shows a record completed was given after that.

use plimsoll::domain::{Duration, Timestamp};
use serde_json::Value;

use super::reading::Exchange;

/// From one question to the next.
const PAUSE: Duration = Duration::from_secs(1);
/// Between an answer and the next question about a bulk operation that somebody waits for.
const LATENCY: Duration = Duration::from_millis(200);

pub struct Clock {
    /// Between polls, where the recording says so.
    interval: Duration,
    /// The last bulk operation was created at the first instant by the store's clock, at the second by the twin's.
    created: Option<(Timestamp, Timestamp)>,
}

impl Clock {
    pub fn of(recording: &Value) -> Clock {
        let stated = recording["pollConfig"].as_object();
        let interval = stated.and_then(|stated| {
            let said = stated.iter().find(|(name, _)| name.to_lowercase().ends_with("intervalms"))?;
            said.1.as_u64()
        });
        Clock { interval: interval.map_or(LATENCY, Duration::from_millis), created: None }
    }

    /// The instant of the next exchange.
    pub fn next(&mut self, now: Timestamp, exchange: &Exchange, roots: &[String]) -> Timestamp {
        let is_about_bulk = |root: &String| root.to_lowercase().contains("bulkoperation");
        if roots.is_empty() || !roots.iter().all(is_about_bulk) {
            return now.plus(PAUSE);
        }
        let is_poll = exchange.place.rsplit('/').nth(1).is_some_and(|list| list.ends_with("Polls"));
        let is_first = exchange.place.ends_with("/0");
        let mut at = now.plus(if is_poll && !is_first { self.interval } else { LATENCY });
        let record = exchange.expected["data"].as_object().and_then(|data| data.values().next());
        let record = record.map(|found| found.get("bulkOperation").unwrap_or(found));
        let instant = |name: &str| record?[name].as_str()?.parse::<Timestamp>().ok();
        if roots.iter().any(|root| root.starts_with("bulkOperationRun")) {
            self.created = instant("createdAt").map(|created| (created, at));
        }
        // Instants are cut to the second.
        if let (Some((theirs, ours)), Some(completed)) = (self.created, instant("completedAt")) {
            at = at.max(ours.plus(completed.since(theirs)).plus(Duration::from_secs(1)));
        }
        at
    }
}
