//! Documents that post after an order was booked: invoice, credit memo, customer refund, inventory adjustment,
//! journal. As the engine writes them, and as NetSuite reports them.
//!
//! Source: netsuite.md §14; postings.md rows 5–25 and 37.

use super::currency::Currency;
use super::ids::{ExternalId, InternalId, LineItemId, Sku};
use super::money::Money;
use super::sales_order::{LineKey, LineTax};
use super::time::BookDate;

/// An invoice for what was shipped together, made by transforming the sales order. Amounts net of tax; tax is an
/// override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub external_id: ExternalId,
    pub sales_order: ExternalId,
    pub date: BookDate,
    /// When the period of that day was shut and `date` is a later one.
    pub original_date: Option<BookDate>,
    pub currency: Currency,
    /// Lines of the sales order that are not named are not billed by it.
    pub lines: Vec<InvoiceLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceLine {
    /// NetSuite's number of the sales order's line.
    pub order_line: u32,
    pub key: LineKey,
    pub quantity: u32,
    /// Negative for a discount.
    pub amount: Money,
    pub taxes: Vec<LineTax>,
}

/// An invoice that bills no sales order: an exchange difference (postings.md N5a).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandaloneInvoice {
    pub external_id: ExternalId,
    /// The order that it belongs to, kept in a custom field.
    pub order: ExternalId,
    pub customer: ExternalId,
    pub subsidiary: InternalId,
    pub location: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    pub original_date: Option<BookDate>,
    pub item: Sku,
    pub amount: Money,
}

/// An invoice as NetSuite reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownInvoice {
    pub internal_id: InternalId,
    /// `None`, or not one of ours, when a person keyed it.
    pub external_id: Option<ExternalId>,
    pub date: BookDate,
    pub total: Money,
    /// What no deposit, credit or payment has met yet.
    pub open: Money,
    pub lines: Vec<BilledLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledLine {
    pub key: Option<LineKey>,
    pub quantity: u32,
    pub amount: Money,
    /// Sum of the line's tax.
    pub tax: Money,
}

/// A credit memo, created by its external id with non-inventory items only (postings.md N1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditMemo {
    pub external_id: ExternalId,
    /// The order that it belongs to, kept in a custom field.
    pub order: ExternalId,
    pub customer: ExternalId,
    pub subsidiary: InternalId,
    pub location: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    pub original_date: Option<BookDate>,
    pub lines: Vec<CreditLine>,
    /// Invoices that it pays: an exchange's new one, or an exchange difference.
    pub apply: Vec<(InternalId, Money)>,
}

/// One cause of a credit. The item names the revenue account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditLine {
    pub cause: CreditCause,
    pub item: Sku,
    pub quantity: u32,
    /// Net of tax. Positive is owed to the buyer; a fee kept is negative.
    pub amount: Money,
    pub taxes: Vec<LineTax>,
    /// What was sold, for people and margin reports.
    pub sku: Option<Sku>,
    pub line: Option<LineItemId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CreditCause {
    Goods,
    GiftCard,
    Shipping,
    Duties,
    Tip,
    /// Restocking or return shipping kept: lowers the credit.
    Fee,
    /// Paid beyond the parts of the refund, or less than these.
    Goodwill,
    ExchangeDifference,
}

/// A credit memo as NetSuite reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCreditMemo {
    pub internal_id: InternalId,
    pub external_id: Option<ExternalId>,
    pub date: BookDate,
    pub total: Money,
    /// What neither an invoice nor a refund has used yet.
    pub unapplied: Money,
}

/// Money back: credit `account`, debit receivables (out of a credit memo) or customer deposits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRefund {
    pub external_id: ExternalId,
    /// The order that it belongs to, kept in a custom field.
    pub order: ExternalId,
    pub customer: ExternalId,
    pub subsidiary: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    pub original_date: Option<BookDate>,
    /// Clearing of the gateway, or the liability that is restored.
    pub account: InternalId,
    /// Credit memos and deposits by internal id, with what each gives. At least one; their sum is the refund.
    pub out_of: Vec<(RefundSource, Money)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefundSource {
    CreditMemo(InternalId),
    Deposit(InternalId),
}

/// A customer refund as NetSuite reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCustomerRefund {
    pub internal_id: InternalId,
    pub external_id: Option<ExternalId>,
    pub date: BookDate,
    pub amount: Money,
    pub account: Option<InternalId>,
}

/// Units back on hand: debit inventory, credit `account`, at the cost that their shipment relieved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryAdjustment {
    pub external_id: ExternalId,
    /// The order that it belongs to, kept in a custom field.
    pub order: ExternalId,
    pub subsidiary: InternalId,
    /// Cost of goods sold.
    pub account: InternalId,
    pub location: InternalId,
    pub date: BookDate,
    pub original_date: Option<BookDate>,
    pub lines: Vec<AdjustedItem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjustedItem {
    pub item: Sku,
    /// Positive puts back.
    pub quantity: i64,
    /// In the subsidiary's base currency.
    pub unit_cost: Money,
}

/// An inventory adjustment as NetSuite reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAdjustment {
    pub internal_id: InternalId,
    pub external_id: Option<ExternalId>,
}

/// A journal entry within one subsidiary. Debits positive; the lines come to zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    pub external_id: ExternalId,
    pub subsidiary: InternalId,
    pub currency: Currency,
    pub date: BookDate,
    pub original_date: Option<BookDate>,
    pub memo: Box<str>,
    pub lines: Vec<(InternalId, Money)>,
    /// What each line is of, in the order of the lines; empty where the memo of the whole says enough.
    pub memos: Vec<Box<str>>,
}
