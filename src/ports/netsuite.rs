//! What the engine asks of NetSuite. One account serves all shops of a merchant.

use std::future::Future;

use super::{Call, PlatformError};
use crate::domain::billing::{
    CreditMemo, CustomerRefund, InventoryAdjustment, Invoice, JournalEntry, KnownAdjustment, KnownCreditMemo,
    KnownCustomerRefund, KnownInvoice, StandaloneInvoice,
};
use crate::domain::customer::{Address, CustomerRecord};
use crate::domain::fulfillment::KnownShipment;
use crate::domain::sales_order::LineChange;
use crate::domain::{
    CustomerDeposit, ExternalId, InternalId, KnownCustomer, KnownDeposit, KnownSalesOrder, Money, SalesOrder,
    Timestamp,
};

/// What a sales order is found with: itself, and every document that belongs to it, by whomever it was keyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    pub sales_order: KnownSalesOrder,
    pub deposits: Vec<KnownDeposit>,
    pub shipments: Vec<KnownShipment>,
    pub invoices: Vec<KnownInvoice>,
    pub credit_memos: Vec<KnownCreditMemo>,
    pub refunds: Vec<KnownCustomerRefund>,
    pub adjustments: Vec<KnownAdjustment>,
}

/// A sales order of which something moved in the warehouse: released, picked, shipped, closed by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedOrder {
    /// As the engine set it, or `None` for an order that a person keyed.
    pub external_id: Option<ExternalId>,
    pub internal_id: InternalId,
    pub modified_at: Timestamp,
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

/// What follows a sales order in the books. Every write takes an external id and may be repeated: one that carries
/// it already is left as it is.
pub trait Billing: Send + Sync {
    /// Orders whose record, shipments or other documents were saved at or after `since`, oldest first, at most
    /// 1,000, from behind `after` on. A row may show up late: read with an overlap (netsuite.md §19).
    fn orders_moved(
        &self,
        call: Call,
        since: Timestamp,
        after: Option<MovedOrder>,
    ) -> impl Future<Output = Result<Vec<MovedOrder>, PlatformError>> + Send;

    /// Changes the address of a sales order that exists.
    fn readdress_sales_order(
        &self,
        call: Call,
        key: &ExternalId,
        ship_to: &Address,
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;

    /// Bills lines of a sales order. NetSuite applies the order's open deposits by itself when it is saved.
    fn bill(
        &self,
        call: Call,
        sales_order: InternalId,
        invoice: &Invoice,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;

    fn upsert_invoice(
        &self,
        call: Call,
        invoice: &StandaloneInvoice,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;

    fn upsert_credit_memo(
        &self,
        call: Call,
        memo: &CreditMemo,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;

    /// Uses what is left of a credit memo to pay an invoice.
    fn apply_credit_memo(
        &self,
        call: Call,
        memo: &ExternalId,
        invoice: InternalId,
        amount: Money,
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;

    /// Uses what is left of a deposit to pay an invoice.
    fn apply_deposit(
        &self,
        call: Call,
        deposit: InternalId,
        invoice: InternalId,
        amount: Money,
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;

    fn upsert_customer_refund(
        &self,
        call: Call,
        refund: &CustomerRefund,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;

    fn upsert_inventory_adjustment(
        &self,
        call: Call,
        adjustment: &InventoryAdjustment,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;

    /// A journal entry has no upsert: one that carries the external id already is found, not made again.
    fn post_journal(
        &self,
        call: Call,
        entry: &JournalEntry,
    ) -> impl Future<Output = Result<InternalId, PlatformError>> + Send;
}
