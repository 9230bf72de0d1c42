//! Running balances of every account: what all posted documents come to.
//!
//! Source: netsuite.md §18. Each document's debits equal its credits, in its own currency and in the base
//! currency of its subsidiary; who breaks that on purpose says so by name.

use super::chart::Chart;
use crate::domain::{Currency, InternalId, Money};

/// One side of a document: debits are positive, credits negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    pub account: InternalId,
    pub subsidiary: InternalId,
    /// In the document's currency.
    pub amount: Money,
    /// In the base currency of the subsidiary.
    pub base: Money,
}

/// Where an account stands, in one currency of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    pub account: InternalId,
    pub currency: Currency,
    /// Minor units of `currency`, debits positive.
    pub minor: i128,
    /// Minor units of the subsidiary's base currency.
    pub base_minor: i128,
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// By position of the account; within it by currency, of which an account sees one or two.
    balances: Vec<Vec<(Currency, i128, i128)>>,
}

impl Ledger {
    pub fn post(&mut self, account: u32, currency: Currency, minor: i128, base_minor: i128) {
        let at = account as usize;
        if self.balances.len() <= at {
            self.balances.resize_with(at + 1, Vec::new);
        }
        let known = &mut self.balances[at];
        match known.iter_mut().find(|(of, ..)| *of == currency) {
            Some((_, sum, base_sum)) => {
                *sum += minor;
                *base_sum += base_minor;
            }
            None => known.push((currency, minor, base_minor)),
        }
    }

    pub fn balances<'a>(&'a self, chart: &'a Chart) -> impl Iterator<Item = Balance> + 'a {
        self.balances.iter().zip(chart.accounts()).flat_map(|(known, account)| {
            known.iter().map(|(currency, minor, base_minor)| Balance {
                account: account.id,
                currency: *currency,
                minor: *minor,
                base_minor: *base_minor,
            })
        })
    }
}
