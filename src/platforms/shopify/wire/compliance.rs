//! Deliveries that privacy law asks for: what is held of a customer, and its erasure.
//!
//! They are configured with the app and not through the API, so they are no
//! [`WebhookTopic`](super::WebhookTopic). Source: shopify.md §c.1, §c.5.

use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComplianceTopic {
    CustomersDataRequest,
    CustomersRedact,
    ShopRedact,
}

impl ComplianceTopic {
    pub const ALL: [ComplianceTopic; 3] = [
        ComplianceTopic::CustomersDataRequest,
        ComplianceTopic::CustomersRedact,
        ComplianceTopic::ShopRedact,
    ];

    /// As in the header `X-Shopify-Topic`.
    pub const fn header(self) -> &'static str {
        match self {
            ComplianceTopic::CustomersDataRequest => "customers/data_request",
            ComplianceTopic::CustomersRedact => "customers/redact",
            ComplianceTopic::ShopRedact => "shop/redact",
        }
    }

    pub fn from_header(text: &str) -> Option<ComplianceTopic> {
        ComplianceTopic::ALL.into_iter().find(|topic| topic.header() == text)
    }
}

/// The body of all three. Of the customer only the number is read, never the e-mail or the phone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ComplianceWebhook {
    pub shop_domain: String,
    /// Absent from `shop/redact`.
    pub customer: Option<ComplianceCustomer>,
    #[serde(default)]
    pub orders_requested: Vec<u64>,
    #[serde(default)]
    pub orders_to_redact: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct ComplianceCustomer {
    pub id: u64,
}
