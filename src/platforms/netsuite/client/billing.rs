//! [`Billing`] over a transport: documents that are created once and found when they are there already.

use super::{Client, Transport, unexpected, unsayable};
use crate::domain::billing::{
    CreditMemo, CustomerRefund, InventoryAdjustment, Invoice, JournalEntry, StandaloneInvoice,
};
use crate::domain::customer::Address;
use crate::domain::{ExternalId, InternalId, Money, Timestamp};
use crate::platforms::netsuite::convert::{billing as requests, documents};
use crate::platforms::netsuite::operation::suiteql::{Query, Rows, TransactionType};
use crate::platforms::netsuite::operation::{Answer, Request};
use crate::ports::netsuite::{Billing, MovedOrder};
use crate::ports::{Admission, Call, PlatformError};

impl<T: Transport, A: Admission> Client<T, A> {
    /// Creates a document that has no upsert. One that carries the external id already is found, whoever made it.
    ///
    /// A repetition may be told "This record already exists", or first that nothing is left to bill or to refund, as
    /// a transform is sourced before it is saved. So whatever the refusal says, the document is looked for.
    ///
    /// Source: netsuite.md §6.4, §9.2.
    pub(super) async fn create(
        &self,
        call: Call,
        kind: TransactionType,
        request: Request,
    ) -> Result<InternalId, PlatformError> {
        let external_id: Box<str> = request.external_id().unwrap_or_default().into();
        let refused = match self.save(call, request).await {
            Err(refused @ PlatformError::Refused { .. }) => refused,
            other => return other,
        };
        let query = Query::Named { kind, external_id };
        match self.send(call, Request::SuiteQl(query)).await? {
            Answer::Rows(Rows::Found(rows)) => rows.first().map(|row| row.id).ok_or(refused),
            _ => Err(unexpected("a query was not answered with its rows")),
        }
    }
}

impl<T: Transport, A: Admission> Billing for Client<T, A> {
    async fn orders_moved(
        &self,
        call: Call,
        since: Timestamp,
        after: Option<MovedOrder>,
    ) -> Result<Vec<MovedOrder>, PlatformError> {
        let after = after.map(|order| (order.modified_at, order.internal_id));
        match self.send(call, Request::SuiteQl(Query::OrdersMoved { since, after })).await? {
            Answer::Rows(Rows::Moved(rows)) => Ok(rows.into_iter().map(documents::moved_order).collect()),
            _ => Err(unexpected("a query was not answered with its rows")),
        }
    }

    async fn readdress_sales_order(
        &self,
        call: Call,
        key: &ExternalId,
        ship_to: &Address,
    ) -> Result<(), PlatformError> {
        self.save(call, requests::readdress_request(key, ship_to)).await.map(|_| ())
    }

    async fn bill(
        &self,
        call: Call,
        sales_order: InternalId,
        invoice: &Invoice,
    ) -> Result<InternalId, PlatformError> {
        let request = requests::invoice_request(sales_order, invoice).map_err(unsayable)?;
        self.create(call, TransactionType::CustInvc, request).await
    }

    async fn upsert_invoice(
        &self,
        call: Call,
        invoice: &StandaloneInvoice,
    ) -> Result<InternalId, PlatformError> {
        self.create(call, TransactionType::CustInvc, requests::standalone_invoice_request(invoice)).await
    }

    async fn upsert_credit_memo(&self, call: Call, memo: &CreditMemo) -> Result<InternalId, PlatformError> {
        let request = requests::credit_memo_request(memo).map_err(unsayable)?;
        self.create(call, TransactionType::CustCred, request).await
    }

    async fn apply_credit_memo(
        &self,
        call: Call,
        memo: &ExternalId,
        invoice: InternalId,
        amount: Money,
    ) -> Result<(), PlatformError> {
        self.save(call, requests::apply_credit_memo_request(memo, invoice, amount)).await.map(|_| ())
    }

    async fn apply_deposit(
        &self,
        call: Call,
        deposit: InternalId,
        invoice: InternalId,
        amount: Money,
    ) -> Result<(), PlatformError> {
        let request = requests::apply_deposit_request(deposit, invoice, amount);
        self.create(call, TransactionType::DepAppl, request).await.map(|_| ())
    }

    async fn upsert_customer_refund(
        &self,
        call: Call,
        refund: &CustomerRefund,
    ) -> Result<InternalId, PlatformError> {
        self.create(call, TransactionType::CustRfnd, requests::customer_refund_request(refund)).await
    }

    async fn upsert_inventory_adjustment(
        &self,
        call: Call,
        adjustment: &InventoryAdjustment,
    ) -> Result<InternalId, PlatformError> {
        self.create(call, TransactionType::InvAdjst, requests::inventory_adjustment_request(adjustment)).await
    }

    async fn post_journal(&self, call: Call, entry: &JournalEntry) -> Result<InternalId, PlatformError> {
        let request = requests::journal_request(entry).map_err(unsayable)?;
        self.create(call, TransactionType::Journal, request).await
    }
}
