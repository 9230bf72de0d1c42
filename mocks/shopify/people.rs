//! Customers, companies and guests of a shop. Source: shopify.md §e, §n.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ShopifyTwin, ids};
use crate::domain::customer::normalise_email;
use crate::domain::ids::{CompanyLocationId, CustomerId};
use crate::domain::{FixedMap, ShopKey};
use crate::platforms::shopify::wire::UserError;

/// A customer as the world makes one. At least one field is filled.
#[derive(Debug, Clone, Default)]
pub struct CustomerDetails {
    pub name: Option<Arc<str>>,
    pub email: Option<Arc<str>>,
    /// E.164.
    pub phone: Option<Arc<str>>,
}

#[derive(Debug, Clone)]
pub struct CompanyDetails {
    pub company: Arc<str>,
    pub location: Arc<str>,
    /// The person who buys for it; backed by a customer record.
    pub contact: CustomerDetails,
}

pub(super) struct CompanyRow {
    pub company: Arc<str>,
    pub location: Arc<str>,
    /// Position among the customers.
    pub contact: u32,
}

/// What a buyer without a customer record typed at the till.
pub(super) struct GuestContact {
    pub email: Option<Arc<str>>,
    pub phone: Option<Arc<str>>,
}

/// What an app noted of a customer.
#[derive(Debug, Clone, Default)]
pub(super) struct CustomerNote {
    /// Sorted, each once.
    pub tags: Vec<Box<str>>,
    pub note: Option<Box<str>>,
}

#[derive(Default)]
pub(super) struct People {
    pub customers: Vec<CustomerDetails>,
    pub companies: Vec<CompanyRow>,
    pub guests: Vec<GuestContact>,
    /// What apps noted of customers, by position.
    pub notes: BTreeMap<usize, CustomerNote>,
    by_email: FixedMap<Arc<str>, u32>,
    by_phone: FixedMap<Arc<str>, u32>,
}

impl CustomerDetails {
    /// The name, or what Shopify shows in its place.
    pub(super) fn display_name(&self) -> Arc<str> {
        let shown = self.name.as_ref().or(self.email.as_ref()).or(self.phone.as_ref());
        Arc::clone(shown.expect("a customer has a name, an e-mail or a phone"))
    }
}

impl People {
    fn add_customer(&mut self, details: CustomerDetails) -> Result<u32, UserError> {
        let refused = |field: Option<&str>, message: &str| UserError {
            field: field.map(|field| vec![Box::from(field)]),
            message: message.into(),
        };
        let CustomerDetails { name, email, phone } = &details;
        if name.is_none() && email.is_none() && phone.is_none() {
            return Err(refused(None, "A name, phone number, or email address must be present"));
        }
        let email_key = email.as_deref().map(email_key);
        if email_key.as_ref().is_some_and(|key| self.by_email.contains_key(key)) {
            return Err(refused(Some("email"), "Email has already been taken"));
        }
        if phone.as_ref().is_some_and(|phone| self.by_phone.contains_key(phone)) {
            return Err(refused(Some("phone"), "Phone has already been taken"));
        }
        let at = self.customers.len() as u32;
        if let Some(key) = email_key {
            // Most addresses are in lower case already: then key and record share one text.
            let shared = email.as_ref().filter(|email| ***email == *key).map_or(key, Arc::clone);
            self.by_email.insert(shared, at);
        }
        if let Some(phone) = phone {
            self.by_phone.insert(Arc::clone(phone), at);
        }
        self.customers.push(details);
        Ok(at)
    }
}

fn email_key(email: &str) -> Arc<str> {
    Arc::from(normalise_email(email))
}

impl ShopifyTwin {
    /// Creates a customer.
    ///
    /// # Errors
    /// In Shopify's words: e-mail and phone are unique in a shop, and one of the three fields must be given.
    pub fn add_customer(&mut self, shop: ShopKey, details: CustomerDetails) -> Result<CustomerId, UserError> {
        let shop = self.shop_mut(shop);
        let at = shop.people.add_customer(details)?;
        Ok(ids::customer(shop.ordinal, at as usize))
    }

    /// The customer with this e-mail, as checkout matches a returning shopper.
    pub fn customer_by_email(&self, shop: ShopKey, email: &str) -> Option<CustomerId> {
        let shop = self.shop(shop);
        let at = shop.people.by_email.get(&*email_key(email))?;
        Some(ids::customer(shop.ordinal, *at as usize))
    }

    /// The mutation `customerCreate`.
    pub(super) fn create_customer(
        &mut self,
        at: usize,
        details: CustomerDetails,
        mut tags: Vec<Box<str>>,
        note: Option<Box<str>>,
    ) -> Result<CustomerId, UserError> {
        let people = &mut self.shops[at].people;
        let made = people.add_customer(details)? as usize;
        tags.sort_unstable();
        tags.dedup();
        people.notes.insert(made, CustomerNote { tags, note });
        Ok(ids::customer(self.shops[at].ordinal, made))
    }

    /// The customer with this phone number.
    pub(super) fn customer_by_phone(&self, shop: ShopKey, phone: &str) -> Option<CustomerId> {
        let shop = self.shop(shop);
        let at = shop.people.by_phone.get(phone)?;
        Some(ids::customer(shop.ordinal, *at as usize))
    }

    /// Creates a company with one location and its contact.
    ///
    /// # Errors
    /// As [`ShopifyTwin::add_customer`], of the contact.
    pub fn add_company_location(
        &mut self,
        shop: ShopKey,
        details: CompanyDetails,
    ) -> Result<CompanyLocationId, UserError> {
        let shop = self.shop_mut(shop);
        let contact = shop.people.add_customer(details.contact)?;
        let at = shop.people.companies.len();
        shop.people.companies.push(CompanyRow {
            company: details.company,
            location: details.location,
            contact,
        });
        Ok(ids::company_location(shop.ordinal, at))
    }
}
