//! What rates of exchange must leave over in base currency once a payout has cleared: postings.md N5b and N5c.
//!
//! The engine goes row by row and takes NetSuite's word for every document. Here the documents of all rows come to base
//! currency at the profile's own rates, and what the payout's journals posted is taken off as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::Intent;
use super::payouts::{Parties, Records, found};
use super::processor::{Role, role};
use super::sheet::Sheet;
use crate::domain::{BookDate, Currency, InternalId, Money};
use crate::sim::oracle::seen::settlement::SeenRow;

/// What the journals of one payout posted to an account, exchange differences aside: in the currency of the journals,
/// and in base currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InBase {
    pub minor: i128,
    pub base: i128,
}

impl Intent {
    /// `None` without a rate, which the loader refuses for currencies of a profile.
    fn in_base(&self, amount: Money, base: Currency, on: BookDate) -> Option<i128> {
        let rate = self.profile.rate(amount.currency(), base, on)?;
        let value = amount.to_decimal().checked_mul(rate)?;
        Some(i128::from(Money::round_half_up(value, base).ok()?.minor()))
    }
}

impl Parties<'_> {
    fn sells_abroad(&self) -> bool {
        let base = self.seller.currency;
        self.storefront.currency != base || self.storefront.payout_currency != base
    }

    fn is_paid_abroad(&self) -> bool {
        self.storefront.payout_currency != self.owner.currency
    }

    /// Whether rates can leave anything over.
    pub fn meets_rates(&self) -> bool {
        self.sells_abroad() || self.is_paid_abroad()
    }

    /// Whether an account may stand in a journal of exchange differences.
    pub fn realises(&self, account: InternalId) -> bool {
        let own =
            [self.accounts.exchange_bridge, self.seller.accounts.exchange, self.owner.accounts.exchange];
        own.contains(&account)
            || account == self.owner_accounts.in_transit
            || self.storefront.clearing.iter().any(|(_, clearing)| *clearing == account)
    }

    /// The differences, by account: what is left is taken off, and stands as gain or loss.
    pub fn realised<'r>(
        &self,
        intent: &Intent,
        rows: impl Iterator<Item = &'r SeenRow>,
        records: Records<'_>,
        posted: &BTreeMap<InternalId, InBase>,
    ) -> Sheet {
        let mut sheet = Sheet::default();
        let of = |account: InternalId| posted.get(&account).copied().unwrap_or_default();
        if self.sells_abroad() {
            let base = self.seller.currency;
            let mut left = self.documents(intent, rows, records);
            left.entry(self.accounts.exchange_bridge).or_default();
            for (account, taken) in left {
                let minor = taken + of(account).base;
                sheet.add(account, base, -minor);
                sheet.add(self.seller.accounts.exchange, base, minor);
            }
        }
        let transit = of(self.owner_accounts.in_transit);
        if self.is_paid_abroad() && transit.minor == 0 {
            let base = self.owner.currency;
            sheet.add(self.owner_accounts.in_transit, base, -transit.base);
            sheet.add(self.owner.accounts.exchange, base, transit.base);
        }
        sheet
    }

    /// In base currency, what the documents of the rows brought to each clearing account; each document once.
    fn documents<'r>(
        &self,
        intent: &Intent,
        rows: impl Iterator<Item = &'r SeenRow>,
        records: Records<'_>,
    ) -> BTreeMap<InternalId, i128> {
        let mut taken: BTreeMap<InternalId, i128> = BTreeMap::new();
        let mut counted = BTreeSet::new();
        for row in rows {
            let role = role(&row.kind);
            let Some(known) = found(row, records).filter(|_| {
                role == Some(Role::Clearing)
                    || (role == Some(Role::ClearingOrAdvertising) && row.order_transaction.is_some())
            }) else {
                continue;
            };
            if !counted.insert((row.order_transaction, row.kind.name().to_owned())) {
                continue;
            }
            let own = self.storefront.clearing.iter().any(|(_, clearing)| *clearing == known.account);
            let Some(account) = Some(known.account).filter(|_| own).or_else(|| self.clearing()) else {
                continue;
            };
            let minor = known.amount.minor().abs() * row.amount.signum();
            let amount = Money::new(minor, known.amount.currency());
            let base = intent.in_base(amount, self.seller.currency, known.date).unwrap_or_default();
            *taken.entry(account).or_default() += base;
        }
        taken
    }
}

#[cfg(test)]
mod tests;
