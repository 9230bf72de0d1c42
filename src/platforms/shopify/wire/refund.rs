//! Refunds and the returns behind them, as Shopify's JSON spells them.
//!
//! Source: shopify.md §h, and §d.1 for the agreements. How these name the fees of a return is the schema's; no recording
//! of it is at hand.

use serde::{Deserialize, Serialize};

use super::{Connection, DateTime, Gid, MoneyBag, Ref, kind};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderRefundsData {
    pub order: Option<OrderRefunds>,
}

/// An order's refunds, with the version of the order that they belong to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderRefunds {
    pub id: Gid<kind::Order>,
    pub updated_at: DateTime,
    pub refunds: Vec<Refund>,
    /// What sold and unsold what: only here does Shopify say that a tip went back, and what tax is on a fee.
    pub agreements: Connection<SalesAgreement>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    pub id: Gid<kind::Refund>,
    /// Null only for refunds from before Shopify kept it.
    pub created_at: Option<DateTime>,
    #[serde(rename = "return")]
    pub return_: Option<Ref<kind::Return>>,
    pub refund_line_items: Connection<RefundLineItem>,
    pub refund_shipping_lines: Connection<RefundShippingLine>,
    pub duties: Option<Vec<RefundDuty>>,
    pub order_adjustments: Connection<OrderAdjustment>,
    pub transactions: Connection<Ref<kind::OrderTransaction>>,
}

/// Its refund is there only for the type `RefundAgreement`, its return for `ReturnAgreement`. Source: shopify.md §d.1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SalesAgreement {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<Ref<kind::Refund>>,
    #[serde(default, rename = "return", skip_serializing_if = "Option::is_none")]
    pub return_: Option<Ref<kind::Return>>,
    pub sales: Connection<Sale>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sale {
    pub line_type: SaleLineType,
    /// With tax; negative when it goes back.
    pub total_amount: MoneyBag,
    pub total_tax_amount: MoneyBag,
    /// Only of a sale of the type `FeeSale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Fee>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "__typename")]
pub enum Fee {
    RestockingFee,
    ReturnShippingFee,
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SaleLineType {
    Tip,
    Fee,
    /// Stated by the refund itself, as every other type.
    Product,
    Shipping,
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundLineItem {
    pub id: Gid<kind::RefundLineItem>,
    pub quantity: u32,
    pub restock_type: RestockType,
    pub line_item: Ref<kind::LineItem>,
    pub location: Option<Ref<kind::Location>>,
    pub subtotal_set: MoneyBag,
    pub total_tax_set: MoneyBag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RestockType {
    Cancel,
    LegacyRestock,
    NoRestock,
    Return,
    /// Enumerations may gain values inside a version. Source: shopify.md §a.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundShippingLine {
    /// Null once the line was removed.
    pub shipping_line: Option<Ref<kind::ShippingLine>>,
    pub subtotal_amount_set: MoneyBag,
    pub tax_amount_set: MoneyBag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundDuty {
    pub amount_set: MoneyBag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderAdjustment {
    pub reason: AdjustmentReason,
    pub amount_set: MoneyBag,
    pub tax_amount_set: MoneyBag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AdjustmentReason {
    RefundDiscrepancy,
    PendingRefundDiscrepancy,
    FullReturnBalancingAdjustment,
    Restock,
    Damage,
    Customer,
    #[serde(other)]
    Unknown,
}
