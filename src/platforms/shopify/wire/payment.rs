//! Payment terms of an order, and payment outside Shopify, as JSON.
//!
//! Source: shopify.md §n (payment terms), §d.4 (`orderMarkAsPaid`).

use serde::{Deserialize, Serialize};

use super::UserError;
use super::prices::CodedUserError;
use super::scalars::{DateTime, Gid, kind};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderTermsData {
    pub order: Option<OrderTerms>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderTerms {
    pub id: Gid<kind::Order>,
    pub payment_terms: Option<PaymentTerms>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentTerms {
    pub due_in_days: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplatesData {
    pub payment_terms_templates: Vec<Template>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    pub id: Gid<kind::PaymentTermsTemplate>,
    pub due_in_days: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TermsInput {
    pub payment_terms_template_id: Gid<kind::PaymentTermsTemplate>,
    /// Exactly one.
    pub payment_schedules: Vec<ScheduleInput>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleInput {
    pub issued_at: DateTime,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TermsCreateData {
    pub payment_terms_create: Option<TermsCreatePayload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TermsCreatePayload {
    pub payment_terms: Option<PaymentTerms>,
    pub user_errors: Vec<CodedUserError>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkAsPaidData {
    pub order_mark_as_paid: Option<MarkAsPaidPayload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkAsPaidPayload {
    pub order: Option<OrderRef>,
    pub user_errors: Vec<UserError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRef {
    pub id: Gid<kind::Order>,
}
