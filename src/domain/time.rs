//! Instants, lengths of time, zones and book dates.
//!
//! An instant says when something happened; a book date says under which day it is booked. Only a named
//! [`Zone`] turns one into the other, so no posting is dated by accident.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;

/// An instant: nanoseconds since 1970-01-01T00:00:00Z. Reaches from 1677 to 2262.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(i64);

/// A length of time in nanoseconds, never negative.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Duration(u64);

const NANOS_PER_SECOND: i64 = 1_000_000_000;

impl Timestamp {
    pub const ORIGIN: Timestamp = Timestamp(0);
    pub const END: Timestamp = Timestamp(i64::MAX);

    pub const fn from_nanos(nanos: i64) -> Timestamp {
        Timestamp(nanos)
    }

    /// The nearer end of time for seconds beyond it.
    pub const fn from_seconds(seconds: i64) -> Timestamp {
        Timestamp(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(NANOS_PER_SECOND)
    }

    /// The start of the second that holds this instant: the precision in which Shopify states instants.
    pub const fn floor_second(self) -> Timestamp {
        Timestamp::from_seconds(self.seconds())
    }

    /// The later of the two ends of time when the sum does not fit.
    pub const fn plus(self, length: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add_unsigned(length.0))
    }

    pub const fn minus(self, length: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub_unsigned(length.0))
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub const fn since(self, earlier: Timestamp) -> Duration {
        if self.0 <= earlier.0 { Duration(0) } else { Duration(self.0.abs_diff(earlier.0)) }
    }
}

/// RFC 3339 in UTC: `2026-11-27T05:00:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_nanosecond(i128::from(self.0))
            .expect("i64 nanoseconds are in jiff's range");
        fmt::Display::fmt(&instant, f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an instant, or lies outside 1677–2262.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an instant such as `2026-11-27T05:00:00Z`")]
pub struct NotAnInstant(pub String);

/// Reads RFC 3339 with `Z` or an offset.
impl FromStr for Timestamp {
    type Err = NotAnInstant;

    fn from_str(text: &str) -> Result<Timestamp, NotAnInstant> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| NotAnInstant(text.to_owned()))?;
        i64::try_from(instant.as_nanosecond()).map(Timestamp).map_err(|_| NotAnInstant(text.to_owned()))
    }
}

impl Duration {
    pub const ZERO: Duration = Duration(0);

    pub const fn from_nanos(nanos: u64) -> Duration {
        Duration(nanos)
    }

    pub const fn from_micros(micros: u64) -> Duration {
        Duration(micros * 1_000)
    }

    pub const fn from_millis(millis: u64) -> Duration {
        Duration(millis * 1_000_000)
    }

    pub const fn from_secs(seconds: u64) -> Duration {
        Duration(seconds * 1_000_000_000)
    }

    pub const fn from_mins(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    pub const fn from_hours(hours: u64) -> Duration {
        Duration::from_secs(hours * 3_600)
    }

    pub const fn nanos(self) -> u64 {
        self.0
    }

    pub const fn millis(self) -> u64 {
        self.0 / 1_000_000
    }

    pub const fn seconds(self) -> u64 {
        self.0 / 1_000_000_000
    }

    pub const fn plus(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }

    pub const fn times(self, count: u64) -> Duration {
        Duration(self.0.saturating_mul(count))
    }

    pub const fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_nanos(self.0)
    }
}

/// The largest two units: `2h 30m`, `4m 10s`, `1.250s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds();
        let text = match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60) {
            (0, 0, 0, whole) => match self.millis() % 1_000 {
                0 => format!("{whole}s"),
                millis => format!("{whole}.{millis:03}s"),
            },
            (0, 0, minutes, 0) => format!("{minutes}m"),
            (0, 0, minutes, seconds) => format!("{minutes}m {seconds}s"),
            (0, hours, 0, _) => format!("{hours}h"),
            (0, hours, minutes, _) => format!("{hours}h {minutes}m"),
            (days, 0, _, _) => format!("{days}d"),
            (days, hours, _, _) => format!("{days}d {hours}h"),
        };
        f.pad(&text)
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A day of the books: no time and no zone of its own. Made from an instant by a [`Zone`], or read back from
/// a document that carries one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BookDate(i32);

impl BookDate {
    /// Days since 1970-01-01.
    pub const fn from_epoch_days(days: i32) -> BookDate {
        BookDate(days)
    }

    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    /// Year, month 1–12, day 1–31.
    pub fn year_month_day(self) -> (i16, i8, i8) {
        let date = self.to_civil();
        (date.year(), date.month(), date.day())
    }

    /// The first day of the month after this one.
    pub fn first_of_next_month(self) -> BookDate {
        BookDate::from_civil(
            self.to_civil().last_of_month().tomorrow().expect("books end long before year 9999"),
        )
    }

    /// The last day of the month that is `months` before the one of this day.
    pub fn last_of_month(self, months: u8) -> BookDate {
        let there = self.to_civil().saturating_sub(jiff::Span::new().months(i64::from(months)));
        BookDate::from_civil(there.last_of_month())
    }

    pub const fn tomorrow(self) -> BookDate {
        BookDate(self.0.saturating_add(1))
    }

    fn to_civil(self) -> jiff::civil::Date {
        jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(self.0))
    }

    fn from_civil(date: jiff::civil::Date) -> BookDate {
        let days =
            date.since(jiff::civil::date(1970, 1, 1)).expect("two dates have a distance in days").get_days();
        BookDate(days)
    }
}

/// `2026-11-27`.
impl fmt::Display for BookDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_civil(), f)
    }
}

impl fmt::Debug for BookDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a date such as `2026-11-27`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date such as `2026-11-27`")]
pub struct NotADate(pub String);

impl FromStr for BookDate {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<BookDate, NotADate> {
        text.parse().map(BookDate::from_civil).map_err(|_| NotADate(text.to_owned()))
    }
}

/// A named time zone, such as `Europe/London`, with the rules of the bundled zone database.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The name is not in the zone database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone `{0}`")]
pub struct UnknownZone(pub String);

impl Zone {
    pub fn utc() -> Zone {
        Zone(TimeZone::UTC)
    }

    /// # Errors
    /// The zone database has no such name.
    pub fn named(name: &str) -> Result<Zone, UnknownZone> {
        TimeZone::get(name).map(Zone).map_err(|_| UnknownZone(name.to_owned()))
    }

    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Seconds east of Greenwich at that instant.
    pub fn offset_seconds(&self, at: Timestamp) -> i32 {
        let instant =
            jiff::Timestamp::from_nanosecond(i128::from(at.0)).expect("i64 nanoseconds are in jiff's range");
        self.0.to_offset(instant).seconds()
    }

    /// The day of the books in this zone.
    pub fn book_date(&self, at: Timestamp) -> BookDate {
        let local_seconds = at.seconds() + i64::from(self.offset_seconds(at));
        BookDate(i32::try_from(local_seconds.div_euclid(86_400)).expect("i64 nanoseconds span 213,503 days"))
    }

    /// The instant of a local clock reading. A reading in a spring gap is moved forward by the gap; one that
    /// an autumn fold repeats means the earlier instant.
    ///
    /// # Errors
    /// The reading is no date and time, or lies outside 1677–2262.
    pub fn instant(&self, local: jiff::civil::DateTime) -> Result<Timestamp, NotAnInstant> {
        let not_an_instant = || NotAnInstant(local.to_string());
        let instant = self.0.to_ambiguous_timestamp(local).compatible().map_err(|_| not_an_instant())?;
        i64::try_from(instant.as_nanosecond()).map(Timestamp).map_err(|_| not_an_instant())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
