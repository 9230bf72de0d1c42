//! What the oracle is shown of the documents that follow a sales order.

use crate::domain::fulfillment::Parcel;
use crate::domain::sales_order::LineKey;
use crate::domain::{BookDate, Currency, InternalId};
use crate::sim::oracle::books::sheet::Sheet;

/// Everything in NetSuite that belongs to one order, beside the sales order itself.
#[derive(Debug, Clone, Default)]
pub struct SeenDocuments {
    pub shipments: Vec<SeenShipment>,
    pub invoices: Vec<SeenInvoice>,
    pub credit_memos: Vec<SeenCreditMemo>,
    pub refunds: Vec<SeenCustomerRefund>,
    pub adjustments: Vec<SeenAdjustment>,
    /// What all of them post, deposits and applications included.
    pub sheet: Sheet,
}

/// An item fulfillment: the warehouse's own record of what left.
#[derive(Debug, Clone)]
pub struct SeenShipment {
    /// Not only picked or packed.
    pub is_shipped: bool,
    pub date: BookDate,
    pub lines: Vec<SeenShippedLine>,
    pub parcels: Vec<Parcel>,
}

#[derive(Debug, Clone, Copy)]
pub struct SeenShippedLine {
    /// `None` for what a person added.
    pub key: Option<LineKey>,
    pub quantity: u32,
    /// In minor units of the entity's base currency.
    pub cost_minor: i64,
}

#[derive(Debug, Clone)]
pub struct SeenInvoice {
    pub external_id: Option<Box<str>>,
    pub date: BookDate,
    /// Units by component of the order.
    pub lines: Vec<(Option<LineKey>, u32)>,
}

#[derive(Debug, Clone)]
pub struct SeenCreditMemo {
    pub external_id: Option<Box<str>>,
    pub date: BookDate,
    pub postings: Sheet,
}

#[derive(Debug, Clone)]
pub struct SeenCustomerRefund {
    pub external_id: Option<Box<str>>,
    pub date: BookDate,
    /// The account that it credits.
    pub account: InternalId,
    pub amount_minor: i128,
}

#[derive(Debug, Clone)]
pub struct SeenAdjustment {
    pub external_id: Option<Box<str>>,
    pub date: BookDate,
    /// Value that it puts back on hand, in minor units of the entity's base currency.
    pub value_minor: i128,
}

/// A document as it is posted, for what is checked at once.
pub struct SeenPosted<'a> {
    /// In words, such as `invoice`.
    pub kind: &'static str,
    pub currency: Currency,
    /// Sum of all postings, debits positive, in the document's currency and in base currency: zero each.
    pub imbalance: (i128, i128),
    /// Its external id or number; spelled only when it is needed.
    pub name: &'a dyn Fn() -> String,
}
