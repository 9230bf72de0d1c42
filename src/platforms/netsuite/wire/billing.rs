//! Bodies of the documents that follow a sales order: invoice, credit memo, application, customer refund and
//! inventory adjustment.
//!
//! Source: netsuite.md §6.4 (transforms), §14.2–14.4 (fields), §16 (tax details).

use serde::{Deserialize, Serialize};

use super::{CurrencyReference, JsonDecimal, PriceLevel, Reference, Sublist, Tag, TaxDetail, date};
use crate::domain::BookDate;

/// An invoice or a credit memo, which have the same fields with opposite signs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BillBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Box<str>>,
    /// Sourced from the sales order by a transform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsidiary: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyReference>,
    #[serde(skip_serializing_if = "Option::is_none", with = "date")]
    pub tran_date: Option<BookDate>,
    /// The sales order that the document belongs to, where nothing else links it.
    #[serde(rename = "custbody_plimsoll_order", skip_serializing_if = "Option::is_none")]
    pub plimsoll_order: Option<Box<str>>,
    /// The day of the event, when its period was shut.
    #[serde(rename = "custbody_plimsoll_date", skip_serializing_if = "Option::is_none", with = "date")]
    pub original_date: Option<BookDate>,
    /// Why its day is not that of its event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Sublist<BillLineBody>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_details_override: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_details: Option<Sublist<TaxDetail>>,
    /// Invoices that a credit memo pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply: Option<Sublist<ApplyBody>>,
}

/// By a transform a line names the line of the order (`orderLine`), else an item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BillLineBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<JsonDecimal>,
    /// Net of tax, for the whole line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<JsonDecimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_details_reference: Option<Tag>,
    /// What a credit is for: the line of the shop's order, and its SKU.
    #[serde(rename = "custcol_plimsoll_key", skip_serializing_if = "Option::is_none")]
    pub plimsoll_key: Option<Tag>,
    #[serde(rename = "custcol_plimsoll_sku", skip_serializing_if = "Option::is_none")]
    pub plimsoll_sku: Option<Box<str>>,
}

/// One line of a list of open documents: keyed by `doc`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyBody {
    pub doc: Reference,
    pub apply: bool,
    pub amount: JsonDecimal,
}

/// Made by transforming a customer deposit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DepositApplicationBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none", with = "date")]
    pub tran_date: Option<BookDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply: Option<Sublist<ApplyBody>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomerRefundBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsidiary: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyReference>,
    #[serde(skip_serializing_if = "Option::is_none", with = "date")]
    pub tran_date: Option<BookDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Reference>,
    #[serde(rename = "custbody_plimsoll_order", skip_serializing_if = "Option::is_none")]
    pub plimsoll_order: Option<Box<str>>,
    #[serde(rename = "custbody_plimsoll_date", skip_serializing_if = "Option::is_none", with = "date")]
    pub original_date: Option<BookDate>,
    /// Why its day is not that of its event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
    /// Credit memos that it pays out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply: Option<Sublist<ApplyBody>>,
    /// Deposits that it pays out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit: Option<Sublist<ApplyBody>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InventoryAdjustmentBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsidiary: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adj_location: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none", with = "date")]
    pub tran_date: Option<BookDate>,
    #[serde(rename = "custbody_plimsoll_order", skip_serializing_if = "Option::is_none")]
    pub plimsoll_order: Option<Box<str>>,
    #[serde(rename = "custbody_plimsoll_date", skip_serializing_if = "Option::is_none", with = "date")]
    pub original_date: Option<BookDate>,
    /// Why its day is not that of its event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory: Option<Sublist<AdjustedLineBody>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdjustedLineBody {
    pub item: Reference,
    pub location: Reference,
    /// Positive puts on hand.
    pub adjust_qty_by: JsonDecimal,
    /// In the base currency of the subsidiary.
    pub unit_cost: JsonDecimal,
}
