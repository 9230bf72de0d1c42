//! How a business buyer stands: its limit, what it owes, and its orders; and the payment terms of an order.

use super::ids::{ExternalId, InternalId};
use super::money::Money;
use super::sales_order::SalesOrderStatus;

/// A buyer's account as NetSuite keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Payment terms such as `Net 30`.
    pub terms: Option<Box<str>>,
    /// None: nobody limits it.
    pub credit_limit: Option<Money>,
    /// What is billed and not paid.
    pub receivables: Money,
    /// Not cancelled and not closed, by internal id.
    pub orders: Vec<StandingOrder>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingOrder {
    pub internal_id: InternalId,
    pub external_id: Option<ExternalId>,
    pub status: SalesOrderStatus,
    pub total: Money,
    /// By customer payments on its invoices: money that did not come through Shopify.
    pub paid: Money,
    /// Customer deposits that name it.
    pub deposited: Money,
}

impl StandingOrder {
    /// Counts against the limit once it is approved, until it is billed.
    pub fn is_unbilled(&self) -> bool {
        !matches!(
            self.status,
            SalesOrderStatus::Billed | SalesOrderStatus::Cancelled | SalesOrderStatus::Closed
        )
    }
}

/// When an order is to be paid, as Shopify says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderTerms {
    /// Days after the order; `None` for terms that are not counted in days.
    pub due_in_days: Option<u32>,
}

/// The days of terms such as `Net 30`; `None` for any other.
pub fn net_days(terms: &str) -> Option<u32> {
    terms.trim().strip_prefix("Net ")?.parse().ok()
}
