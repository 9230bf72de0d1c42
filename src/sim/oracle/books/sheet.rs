//! What one order does to the accounts, debits positive.

use super::payouts::Line;
use crate::domain::{Currency, InternalId};

/// Amounts by account and currency. An order touches a dozen accounts at the most, so they are kept in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet(Vec<(InternalId, Currency, i128)>);

impl Sheet {
    pub fn add(&mut self, account: InternalId, currency: Currency, minor: i128) {
        if minor == 0 {
            return;
        }
        match self.0.iter_mut().find(|(known, of, _)| *known == account && *of == currency) {
            Some((.., sum)) => *sum += minor,
            None => self.0.push((account, currency, minor)),
        }
    }

    pub fn add_line(&mut self, line: &Line) {
        self.add(line.account, line.currency, i128::from(line.minor));
    }

    pub fn add_all(&mut self, other: &Sheet) {
        other.iter().for_each(|(account, currency, minor)| self.add(account, currency, minor));
    }

    pub fn of(&self, account: InternalId, currency: Currency) -> i128 {
        let known = self.0.iter().find(|(known, of, _)| *known == account && *of == currency);
        known.map_or(0, |(.., minor)| *minor)
    }

    pub fn iter(&self) -> impl Iterator<Item = (InternalId, Currency, i128)> + '_ {
        self.0.iter().copied()
    }

    /// The first account on which the two sides differ: what it must come to, what it came to.
    pub fn difference(&self, found: &Sheet) -> Option<(InternalId, Currency, i128, i128)> {
        let wanted = self
            .iter()
            .map(|(account, currency, minor)| (account, currency, minor, found.of(account, currency)));
        let surplus = found
            .iter()
            .map(|(account, currency, minor)| (account, currency, self.of(account, currency), minor));
        wanted.chain(surplus).find(|(_, _, wanted, found)| wanted != found)
    }
}
