//! The processor's ledger, as Shopify's JSON spells it.
//!
//! Source: shopify.md §m.1.

use std::borrow::Cow;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Connection, DateTime, Gid, MoneyV2, Ref, kind};
use crate::domain::payout::BalanceKind;

/// `data` of a listing below the account, which is null for a shop without Shopify Payments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountData<T> {
    pub shopify_payments_account: Option<T>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payouts {
    pub payouts: Connection<Payout>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PayoutData {
    pub node: Option<Payout>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payout {
    pub id: Gid<kind::ShopifyPaymentsPayout>,
    pub issued_at: DateTime,
    pub net: MoneyV2,
    pub status: PayoutStatus,
    /// What the bank prints; null before the payout went there.
    pub external_trace_id: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PayoutStatus {
    Scheduled,
    /// Deprecated: on its way to the bank.
    InTransit,
    Paid,
    Failed,
    Canceled,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BalanceTransactions {
    pub balance_transactions: Connection<BalanceTransaction>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BalanceTransaction {
    pub id: Gid<kind::ShopifyPaymentsBalanceTransaction>,
    #[serde(rename = "type")]
    pub kind: RowType,
    pub amount: MoneyV2,
    pub fee: MoneyV2,
    pub net: MoneyV2,
    /// The number of what brought the row about; of which kind that is, its type says.
    pub source_id: Option<BigInt>,
    pub source_type: Option<SourceType>,
    /// The number of a sale, a capture or a refund.
    pub source_order_transaction_id: Option<BigInt>,
    pub associated_order: Option<Ref<kind::Order>>,
    pub associated_payout: AssociatedPayout,
    pub adjustment_reason: Option<Arc<str>>,
    pub transaction_date: DateTime,
}

/// What brought a row about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SourceType {
    Adjustment,
    AdjustmentReversal,
    Charge,
    Dispute,
    Refund,
    SystemAdjustment,
    Transfer,
    #[serde(other)]
    Unknown,
}

/// The payout that a row is in; without an id while it is in none (`PENDING`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssociatedPayout {
    pub id: Option<Gid<kind::ShopifyPaymentsPayout>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Disputes {
    pub disputes: Connection<Dispute>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    pub id: Gid<kind::ShopifyPaymentsDispute>,
    #[serde(rename = "type")]
    pub kind: DisputeType,
    pub status: DisputeStatus,
    pub amount: MoneyV2,
    pub order: Option<Ref<kind::Order>>,
    pub initiated_at: DateTime,
    /// A moment since version 2026-04, a date before. Source: shopify.md §m.3.
    pub finalized_on: Option<DateTime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisputeType {
    Chargeback,
    Inquiry,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisputeStatus {
    NeedsResponse,
    UnderReview,
    Accepted,
    Won,
    Lost,
    Prevented,
    /// Deprecated: ended because the merchant refunded.
    ChargeRefunded,
    #[serde(other)]
    Unknown,
}

/// The type of a row; one that is not published yet is kept by its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowType(pub BalanceKind);

impl Serialize for RowType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for RowType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Ok(RowType(BalanceKind::from_name(&text)))
    }
}

/// A GraphQL `BigInt`: a whole number in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BigInt(pub u64);

impl Serialize for BigInt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for BigInt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map(BigInt).map_err(|_| D::Error::custom(format!("`{text}` is not a whole number")))
    }
}
