//! Customer deposits: one for each successful capture (postings.md rows 2 and 3).

use super::currency::Currency;
use super::ids::{ExternalId, InternalId};
use super::money::Money;
use super::time::BookDate;

/// A deposit as the engine writes it: debit `account`, credit customer deposits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerDeposit {
    pub external_id: ExternalId,
    pub customer: ExternalId,
    pub sales_order: ExternalId,
    pub subsidiary: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    /// The day on which the money came in, when its period was shut and `date` is a later one.
    pub original_date: Option<BookDate>,
    /// What was received, cash rounding included. Positive.
    pub payment: Money,
    /// Clearing of the gateway, or the liability that a gift card or store credit releases.
    pub account: InternalId,
}

/// A deposit as NetSuite reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDeposit {
    pub internal_id: InternalId,
    pub external_id: Option<ExternalId>,
    pub payment: Money,
    /// Of it, what neither an invoice nor a refund has used yet.
    pub unapplied: Money,
    pub date: BookDate,
    pub account: Option<InternalId>,
}
