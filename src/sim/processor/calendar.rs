//! On which days money moves: business days, pay periods, and the days of a payout schedule.
//!
//! Pure: days in, days out. Weekends are Saturday and Sunday everywhere.
//!
//! Source: shopify.md §m.3.

use jiff::civil;

use crate::domain::{BookDate, Timestamp, Zone};
use crate::scenario::processor::Schedule;

/// The days on which banks work.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Ascending.
    holidays: Vec<BookDate>,
}

impl Calendar {
    pub fn new(holidays: &[BookDate]) -> Calendar {
        let mut holidays = holidays.to_vec();
        holidays.sort_unstable();
        Calendar { holidays }
    }

    pub fn is_business_day(&self, day: BookDate) -> bool {
        weekday(day) < 5 && self.holidays.binary_search(&day).is_err()
    }

    /// So many business days after that day; for none, the day itself or the next business day.
    ///
    /// Two business days after a Friday, a Saturday or a Sunday are the same Tuesday, so that sales of a weekend
    /// make one payout with those of its Friday.
    pub fn plus(&self, day: BookDate, business_days: u32) -> BookDate {
        let mut day = day;
        for _ in 0..business_days {
            day = self.at_or_after(next(day));
        }
        self.at_or_after(day)
    }

    /// Whether a payout leaves on that day: a day of the schedule, or the first business day after one that is none.
    pub fn is_payout_day(&self, schedule: Schedule, day: BookDate) -> bool {
        if !self.is_business_day(day) {
            return false;
        }
        let mut stated = day;
        loop {
            if is_stated(schedule, stated) {
                return true;
            }
            stated = previous(stated);
            if self.is_business_day(stated) {
                return false;
            }
        }
    }

    fn at_or_after(&self, day: BookDate) -> BookDate {
        let mut day = day;
        while !self.is_business_day(day) {
            day = next(day);
        }
        day
    }
}

/// Whether the schedule names that day, be it a business day or not.
fn is_stated(schedule: Schedule, day: BookDate) -> bool {
    match schedule {
        Schedule::Daily => true,
        Schedule::Weekly(days_after_monday) => weekday(day) == i32::from(days_after_monday),
        Schedule::Monthly(stated) => {
            let (_, _, of_month) = day.year_month_day();
            let (_, _, last) = previous(day.first_of_next_month()).year_month_day();
            i16::from(of_month) == i16::from(stated).min(i16::from(last))
        }
        Schedule::Manual => false,
    }
}

/// Days after Monday. 1970-01-01 was a Thursday.
fn weekday(day: BookDate) -> i32 {
    (day.epoch_days() + 3).rem_euclid(7)
}

pub fn next(day: BookDate) -> BookDate {
    BookDate::from_epoch_days(day.epoch_days() + 1)
}

fn previous(day: BookDate) -> BookDate {
    BookDate::from_epoch_days(day.epoch_days() - 1)
}

/// The instant at which the clock in that zone shows that hour of the day.
pub fn at_hour(zone: &Zone, day: BookDate, hour: i8) -> Timestamp {
    let (year, month, of_month) = day.year_month_day();
    zone.instant(civil::date(year, month, of_month).at(hour, 0, 0, 0))
        .expect("a day of the run is within range")
}

#[cfg(test)]
mod tests;
