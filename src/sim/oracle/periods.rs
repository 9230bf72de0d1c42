//! Which months of the books were shut when, and what stood in them.

use super::{Oracle, invariants};
use crate::domain::{BookDate, Timestamp};

impl Oracle {
    /// A posting was saved on that day.
    pub fn saved(&mut self, kind: &str, name: &dyn Fn() -> String, date: BookDate, at: Timestamp) {
        let (year, month, _) = date.year_month_day();
        let is_open = !self.shut.contains_key(&(year, month));
        invariants::period_respected::saved(&mut self.invariants, is_open, kind, name, date, at);
    }

    /// A month was shut, and this is what stood in it.
    pub fn period_shut(&mut self, month: BookDate, stood: String) {
        let (year, month, _) = month.year_month_day();
        self.shut.insert((year, month), stood);
    }

    /// A month is opened again, or looked at at rest: it must be as it was when it was shut.
    pub fn period_looked_at(&mut self, month: BookDate, stands: &str, is_open: bool, now: Timestamp) {
        let (year, number, _) = month.year_month_day();
        let Some(stood) = self.shut.get(&(year, number)) else { return };
        invariants::period_respected::compared(&mut self.invariants, month, stood == stands, now);
        if is_open {
            self.shut.remove(&(year, number));
        }
    }

    /// Months that are shut, by a day of each.
    pub fn months_shut(&self) -> Vec<BookDate> {
        let first = |(year, month): &(i16, i8)| format!("{year:04}-{month:02}-01").parse();
        self.shut.keys().filter_map(|month| first(month).ok()).collect()
    }
}
