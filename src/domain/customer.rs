//! Buyers: the key under which a buyer is one NetSuite customer, and the record itself.

use super::currency::Currency;
use super::ids::{CompanyLocationId, CustomerId, ExternalId, InternalId, ShopKey};

/// What makes a buyer one NetSuite customer.
///
/// Source: design.md §6: (shop, Shopify customer id); the company location for B2B; without a customer, policy
/// chooses one guest record per shop or per normalised e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CustomerKey {
    Customer(CustomerId),
    CompanyLocation(CompanyLocationId),
    /// No customer on the order. The e-mail, if given, as the shopper typed it.
    Guest,
}

/// How orders without a customer are booked. A switch of policy, by shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestRecords {
    /// One NetSuite customer for all guests of the shop.
    PerShop,
    /// One for each normalised e-mail; guests without an e-mail share the shop's.
    PerEmail,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Address {
    pub name: Option<Box<str>>,
    pub line1: Option<Box<str>>,
    pub line2: Option<Box<str>>,
    pub city: Option<Box<str>>,
    pub province: Option<Box<str>>,
    pub zip: Option<Box<str>>,
    /// ISO 3166 alpha-2.
    pub country: Option<Box<str>>,
    pub phone: Option<Box<str>>,
}

/// A customer as the engine writes it to NetSuite.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CustomerRecord {
    pub external_id: ExternalId,
    pub is_person: bool,
    pub name: Box<str>,
    pub email: Option<Box<str>>,
    pub phone: Option<Box<str>>,
    pub subsidiary: InternalId,
    pub currency: Currency,
}

/// A customer as NetSuite reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCustomer {
    pub internal_id: InternalId,
    pub external_id: Option<ExternalId>,
    pub name: Box<str>,
    pub email: Option<Box<str>>,
    pub subsidiary: Option<InternalId>,
    /// Payment terms such as `Net 30`: what is at stake when a duplicate is booked instead.
    pub terms: Option<Box<str>>,
    pub price_level: Option<Box<str>>,
    pub is_inactive: bool,
}

/// Lower case, without surrounding blanks: the form in which two e-mails are the same.
pub fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}

impl ExternalId {
    pub fn for_customer(shop: ShopKey, customer: CustomerId) -> ExternalId {
        ExternalId::of_customer(format!("{shop}-customer-{customer}"))
    }

    pub fn for_company_location(shop: ShopKey, location: CompanyLocationId) -> ExternalId {
        ExternalId::of_customer(format!("{shop}-company-{location}"))
    }

    /// The record that all guests of a shop share.
    pub fn for_shop_guests(shop: ShopKey) -> ExternalId {
        ExternalId::of_customer(format!("{shop}-guest"))
    }

    /// The record of the guests with one normalised e-mail. Holds a digest, because external ids travel into
    /// logs and the audit chain, where no e-mail may be.
    pub fn for_guest_email(shop: ShopKey, email: &str) -> ExternalId {
        let digest = ring::digest::digest(&ring::digest::SHA256, normalise_email(email).as_bytes());
        let mut text = format!("{shop}-guest-");
        for byte in &digest.as_ref()[..8] {
            use std::fmt::Write;
            write!(text, "{byte:02x}").expect("a String takes any text");
        }
        ExternalId::of_customer(text)
    }
}
