//! Documents with their postings, the trial balance, and the hash of a ledger's economic content.
//!
//! Not here: what an event books (the engine and the oracle each have rules of their own).

pub mod books;
pub mod export;
pub mod hash;
pub mod reading;

use std::collections::BTreeMap;

use crate::domain::{BookDate, Currency, ExternalId, InternalId, Money};

pub use hash::LedgerHash;

/// A document of the books. A sales order is one without postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub external_id: ExternalId,
    pub kind: DocumentKind,
    pub subsidiary: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    pub postings: Vec<Posting>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DocumentKind {
    SalesOrder = 1,
    CustomerDeposit = 2,
    JournalEntry = 3,
    ItemFulfillment = 4,
    Invoice = 5,
    CreditMemo = 6,
    CustomerRefund = 7,
    DepositApplication = 8,
    InventoryAdjustment = 9,
    FxReval = 10,
}

impl DocumentKind {
    /// As NetSuite's REST API spells it.
    pub const fn name(self) -> &'static str {
        match self {
            DocumentKind::SalesOrder => "salesOrder",
            DocumentKind::CustomerDeposit => "customerDeposit",
            DocumentKind::JournalEntry => "journalEntry",
            DocumentKind::ItemFulfillment => "itemFulfillment",
            DocumentKind::Invoice => "invoice",
            DocumentKind::CreditMemo => "creditMemo",
            DocumentKind::CustomerRefund => "customerRefund",
            DocumentKind::DepositApplication => "depositApplication",
            DocumentKind::InventoryAdjustment => "inventoryAdjustment",
            DocumentKind::FxReval => "fxReval",
        }
    }
}

/// One side of an entry: debits positive, credits negative, in the document's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    pub account: InternalId,
    pub amount: Money,
}

/// A document whose debits and credits differ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{document} is out of balance by {minor} minor units of {currency}")]
pub struct OutOfBalance {
    pub document: ExternalId,
    pub minor: i128,
    pub currency: Currency,
}

impl Document {
    /// # Errors
    /// Debits and credits differ.
    pub fn balances(&self) -> Result<(), OutOfBalance> {
        let minor: i128 = self.postings.iter().map(|posting| i128::from(posting.amount.minor())).sum();
        if minor == 0 {
            return Ok(());
        }
        Err(OutOfBalance { document: self.external_id.clone(), minor, currency: self.currency })
    }
}

/// Balances by account and currency, debits positive, in minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrialBalance(BTreeMap<(InternalId, Currency), i128>);

impl TrialBalance {
    pub fn post(&mut self, document: &Document) {
        for posting in &document.postings {
            self.add(posting.account, posting.amount.currency(), i128::from(posting.amount.minor()));
        }
    }

    pub fn add(&mut self, account: InternalId, currency: Currency, minor: i128) {
        *self.0.entry((account, currency)).or_default() += minor;
    }

    pub fn of(&self, account: InternalId, currency: Currency) -> i128 {
        self.0.get(&(account, currency)).copied().unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = (InternalId, Currency, i128)> + '_ {
        self.0.iter().map(|((account, currency), minor)| (*account, *currency, *minor))
    }
}

#[cfg(test)]
mod tests;
