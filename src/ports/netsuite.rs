//! What the engine asks of NetSuite. One account serves all shops of a merchant.

use std::future::Future;

use super::{Call, PlatformError};
use crate::domain::customer::CustomerRecord;
use crate::domain::sales_order::LineChange;
use crate::domain::{
    CustomerDeposit, ExternalId, InternalId, KnownCustomer, KnownDeposit, KnownSalesOrder, SalesOrder,
};

/// What a sales order is found with: itself, and the deposits that name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    pub sales_order: KnownSalesOrder,
    pub deposits: Vec<KnownDeposit>,
}

/// Every write takes an external id and may be repeated: after `Ok` the record is durable and carries it.
/// After [`PlatformError::OutcomeUnknown`] nothing is known: look up before writing again.
pub trait NetSuite: Send + Sync {
    /// Customers that carry `key`, or whose e-mail begins with the same name before the `@`.
    ///
    /// A wide net on purpose: which of them is a likely duplicate is the flow's decision. At most 50.
    fn customers_like(
        &self,
        call: Call,
        key: &ExternalId,
        email: Option<&str>,
    ) -> impl Future<Output = Result<Vec<KnownCustomer>, PlatformError>> + Send;

    /// Creates the customer, or brings the one that carries its external id to these values.
    fn upsert_customer(
        &self,
        call: Call,
        customer: &CustomerRecord,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;

    /// The sales order with this external id and the deposits that name it, if it exists.
    fn booked(
        &self,
        call: Call,
        key: &ExternalId,
    ) -> impl Future<Output = Result<Option<Booked>, PlatformError>> + Send;

    /// Creates the sales order. If one carries the external id already, its lines become these.
    fn upsert_sales_order(
        &self,
        call: Call,
        order: &SalesOrder,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;

    /// Changes lines of a sales order that exists, by line number; lines not named stay as they are.
    fn amend_sales_order(
        &self,
        call: Call,
        key: &ExternalId,
        changes: &[LineChange],
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;

    /// Creates the deposit. If one carries the external id already, nothing changes.
    fn upsert_customer_deposit(
        &self,
        call: Call,
        deposit: &CustomerDeposit,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;
}
