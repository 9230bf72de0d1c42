//! What an invariant has checked and what it found broken.

use std::fmt;

use crate::domain::{Money, Timestamp};

/// Breaches kept in full for each invariant; all of them are counted.
const KEPT: usize = 20;

/// One breach, in words for a finance lead: money and order number first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub at: Timestamp,
    pub money: Option<Money>,
    /// The order's name and number, the account, or the record.
    pub what: String,
    pub said: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(money) = self.money {
            write!(f, "{money} · ")?;
        }
        write!(f, "{}: {}", self.what, self.said)
    }
}

#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub checked: u64,
    pub broken: u64,
    pub breaches: Vec<Breach>,
}

impl Tally {
    /// Counts one check; the breach is only put into words when there is one.
    pub fn check(&mut self, holds: bool, breach: impl FnOnce() -> Breach) {
        self.checked += 1;
        if holds {
            return;
        }
        self.broken += 1;
        if self.breaches.len() < KEPT {
            self.breaches.push(breach());
        }
    }
}
