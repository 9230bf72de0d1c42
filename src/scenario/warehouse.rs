//! The warehouse that a scenario describes: when it prints pick lists, how long it picks, and what it gets wrong.

use jiff::civil;

use super::Latency;
use crate::domain::{Duration, InternalId, Timestamp, Zone};

/// Without one, nothing is ever shipped.
#[derive(Debug, Clone)]
pub struct Warehouse {
    pub waves: Waves,
    /// From the wave in which an order is released to its shipment.
    pub picks_for: Latency,
    /// From the release until others can read it: an edit that is made meanwhile comes too late unnoticed.
    pub lock_delay: Latency,
    /// Orders of several units that leave in two parcels, in parts per million.
    pub split_ppm: u32,
    /// Orders in which a picker puts another item into the parcel, in parts per million.
    pub substituted_ppm: u32,
    /// Orders that somebody puts on hold in Shopify before they can be picked, in parts per million.
    pub held_ppm: u32,
    pub held_for: Duration,
    /// Names by weight; at least one.
    pub carriers: Vec<(Box<str>, u32)>,
    /// NetSuite's locations beside each entity's own, by position of the entity, from which a part is shipped.
    pub further_locations: Vec<(usize, InternalId)>,
}

/// Pick lists are printed at these times of every day.
#[derive(Debug, Clone)]
pub struct Waves {
    pub every: Duration,
    pub from: civil::Time,
    /// The last one is at this time or before.
    pub to: civil::Time,
    pub zone: Zone,
}

impl Waves {
    /// The first wave after that instant.
    pub fn after(&self, now: Timestamp) -> Timestamp {
        let (year, month, day) = self.zone.book_date(now).year_month_day();
        let today = civil::date(year, month, day);
        let opening = |date: civil::Date| self.zone.instant(date.to_datetime(self.from)).ok();
        let within_today = || {
            let (first, last) = (opening(today)?, self.zone.instant(today.to_datetime(self.to)).ok()?);
            if now < first {
                return Some(first);
            }
            let gone = now.since(first).nanos() / self.every.nanos().max(1);
            let next = first.plus(self.every.times(gone + 1));
            (next <= last).then_some(next)
        };
        within_today().or_else(|| opening(today.tomorrow().ok()?)).unwrap_or(Timestamp::END)
    }
}

#[cfg(test)]
mod tests;
