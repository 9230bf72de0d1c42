//! Customers: creation, update by external id, and the query that finds likely ones.
//!
//! Source: netsuite.md §12.1–12.2. Customers are numbered automatically, so two may have one name.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use super::answers::{self, Refused};
use super::chart::invalid;
use super::names::Name;
use super::{Customer, NetsuiteTwin, RecordKind, text_limits};
use crate::domain::customer::normalise_email;
use crate::domain::fixed_hash::FixedHasher;
use crate::domain::{Currency, InternalId};
use crate::platforms::netsuite::operation::suiteql::{CUSTOMERS_MAX, CustomerRow};
use crate::platforms::netsuite::wire::{CustomerBody, Reference};

/// A customer that is there before the day begins.
#[derive(Debug, Clone)]
pub struct ExistingCustomer {
    pub external_id: Option<Box<str>>,
    pub name: Box<str>,
    pub email: Option<Box<str>>,
    pub subsidiary: InternalId,
    /// `None`: any currency of the account.
    pub currency: Option<Currency>,
    pub terms: Option<Box<str>>,
    pub price_level: Option<Box<str>>,
}

/// Customers by what stands before the `@`: digest, then position. Ordered, because a stranger chooses the text.
pub(super) type LocalParts = BTreeSet<(u64, u32)>;

fn local_part(email: &str) -> Option<&str> {
    email.rsplit_once('@').map(|(local, _)| local)
}

fn digest(local_part: &str) -> u64 {
    let mut hasher = FixedHasher::default();
    local_part.hash(&mut hasher);
    hasher.finish()
}

impl NetsuiteTwin {
    /// # Panics
    /// The subsidiary is not set up, or the external id is taken: a fault of the set-up.
    pub fn add_customer(&mut self, customer: ExistingCustomer) -> InternalId {
        let subsidiary = self
            .chart
            .find_subsidiary(&Reference::Id(customer.subsidiary))
            .expect("customers belong to a subsidiary that was set up");
        let key = customer.external_id.map(|id| self.names.keep(&id));
        let record = Customer {
            key,
            name: customer.name,
            email: None,
            currency: customer.currency,
            terms: customer.terms,
            price_level: customer.price_level,
            subsidiary,
            is_inactive: false,
            is_deleted: false,
            has_transactions: false,
            first_name: 0,
        };
        let at = self.insert_customer(record);
        self.set_email(at, customer.email);
        Customer::id(at)
    }

    pub(super) fn upsert_customer(&mut self, eid: &str, body: &CustomerBody) -> Result<InternalId, Refused> {
        let known = self.names.find(eid).and_then(|key| self.customers_by_key.get(&key).copied());
        self.save_customer(known, Some(eid), body)
    }

    /// Saves over the one at that position, or creates one with this external id.
    pub(super) fn save_customer(
        &mut self,
        known: Option<u32>,
        eid: Option<&str>,
        body: &CustomerBody,
    ) -> Result<InternalId, Refused> {
        text_limits::check_customer(body)?;
        if let Some(at) = known {
            self.check_lock(RecordKind::Customer, at)?;
        }
        let subsidiary =
            body.subsidiary.as_ref().map(|reference| self.chart.find_subsidiary(reference)).transpose()?;
        let at = match known {
            Some(at) => self.update_customer(at, body, subsidiary)?,
            None => {
                let name = full_name(body).ok_or_else(|| answers::missing_value(missing_name(body)))?;
                let subsidiary = subsidiary.ok_or_else(|| answers::missing_value("Primary Subsidiary"))?;
                let base = self.chart.subsidiary(subsidiary).currency;
                let record = Customer {
                    key: eid.map(|eid| self.names.keep(eid)),
                    name,
                    email: None,
                    currency: Some(body.currency.map_or(base, |currency| currency.0)),
                    terms: None,
                    price_level: None,
                    subsidiary,
                    is_inactive: false,
                    is_deleted: false,
                    has_transactions: false,
                    first_name: first_name(body),
                };
                self.insert_customer(record)
            }
        };
        if body.email.is_some() {
            self.set_email(at, body.email.clone());
        }
        Ok(Customer::id(at))
    }

    /// Subsidiary and currency stand once transactions exist.
    fn update_customer(
        &mut self,
        at: u32,
        body: &CustomerBody,
        subsidiary: Option<u8>,
    ) -> Result<u32, Refused> {
        let record = &mut self.customers[at as usize];
        let currency = body.currency.map(|currency| currency.0);
        if record.has_transactions {
            if subsidiary.is_some_and(|to| to != record.subsidiary) {
                return Err(answers::refused(
                    "You cannot change the subsidiary of an entity with transactions.",
                ));
            }
            if record.currency.is_some() && currency.is_some_and(|to| Some(to) != record.currency) {
                return Err(answers::refused(
                    "You cannot change the currency of an entity with transactions.",
                ));
            }
        }
        if let Some(name) = full_name(body) {
            record.first_name = first_name(body);
            record.name = name;
        }
        record.subsidiary = subsidiary.unwrap_or(record.subsidiary);
        record.currency = record.currency.and(currency.or(record.currency));
        Ok(at)
    }

    /// A customer without transactions is gone for good; its external id is free again.
    pub(super) fn delete_customer(&mut self, at: u32) -> Result<(), Refused> {
        self.check_lock(RecordKind::Customer, at)?;
        if self.customers[at as usize].has_transactions {
            return Err(answers::refused("This record cannot be deleted because it has dependent records."));
        }
        self.set_email(at, None);
        let record = &mut self.customers[at as usize];
        record.is_deleted = true;
        if let Some(key) = record.key.take() {
            self.customers_by_key.remove(&key);
        }
        Ok(())
    }

    fn insert_customer(&mut self, record: Customer) -> u32 {
        let at = u32::try_from(self.customers.len()).expect("fewer than 2³² customers");
        if let Some(key) = record.key {
            let before = self.customers_by_key.insert(key, at);
            assert!(before.is_none(), "a customer carries this external id already");
        }
        self.customers.push(record);
        at
    }

    fn set_email(&mut self, at: u32, email: Option<Box<str>>) {
        let record = &mut self.customers[at as usize];
        if record.email == email {
            return;
        }
        let digest_of = |email: &str| local_part(&normalise_email(email)).map(digest);
        if let Some(old) = record.email.as_deref().and_then(digest_of) {
            self.local_parts.remove(&(old, at));
        }
        if let Some(new) = email.as_deref().and_then(digest_of) {
            self.local_parts.insert((new, at));
        }
        record.email = email;
    }

    pub(super) fn customers_like(&self, external_id: &str, wanted: Option<&str>) -> Vec<CustomerRow> {
        let mut found: Vec<u32> = Vec::new();
        if let Some(wanted) = wanted {
            let digest = digest(wanted);
            // Digests may collide: the text decides. Positions rise, so the lowest ids come first.
            let alike = self.local_parts.range((digest, 0)..=(digest, u32::MAX)).map(|(_, at)| *at);
            found.extend(
                alike
                    .filter(|at| {
                        let email = self.customers[*at as usize].email.as_deref().map(normalise_email);
                        email.as_deref().and_then(local_part) == Some(wanted)
                    })
                    .take(CUSTOMERS_MAX),
            );
        }
        let by_key = self.names.find(external_id).and_then(|key| self.customers_by_key.get(&key));
        if let Some(at) = by_key
            && let Err(place) = found.binary_search(at)
        {
            found.insert(place, *at);
            found.truncate(CUSTOMERS_MAX);
        }
        found.into_iter().map(|at| self.customer_row(at)).collect()
    }

    fn customer_row(&self, at: u32) -> CustomerRow {
        let record = &self.customers[at as usize];
        CustomerRow {
            id: Customer::id(at),
            externalid: record.key.map(|key| self.names.text(key)),
            name: record.name.clone(),
            email: record.email.clone(),
            subsidiary: Some(self.chart.subsidiary(record.subsidiary).id),
            terms: record.terms.clone(),
            pricelevel: record.price_level.clone(),
            isinactive: record.is_inactive,
        }
    }

    /// Sets whether the customer may be used; `false` if no customer carries that external id.
    pub fn set_customer_inactive(&mut self, external_id: &str, is_inactive: bool) -> bool {
        let known = self.names.find(external_id).and_then(|key| self.customers_by_key.get(&key).copied());
        if let Some(at) = known {
            self.customers[at as usize].is_inactive = is_inactive;
        }
        known.is_some()
    }

    /// The customer of a transaction: it exists, is active, and belongs to the subsidiary.
    pub(super) fn find_customer(
        &self,
        reference: &Reference,
        subsidiary: Option<u8>,
        field: &str,
    ) -> Result<u32, Refused> {
        let refuse = || invalid(reference, field, field);
        let at = match reference {
            Reference::ExternalId(id) => {
                let key: Name = self.names.find(id).ok_or_else(refuse)?;
                *self.customers_by_key.get(&key).ok_or_else(refuse)?
            }
            Reference::Id(id) => Customer::position(*id)
                .filter(|at| (*at as usize) < self.customers.len())
                .ok_or_else(refuse)?,
        };
        let record = &self.customers[at as usize];
        if record.is_inactive || record.is_deleted || subsidiary.is_some_and(|own| own != record.subsidiary) {
            return Err(refuse());
        }
        Ok(at)
    }
}

fn full_name(body: &CustomerBody) -> Option<Box<str>> {
    if body.is_person == Some(true) {
        let (first, last) = (body.first_name.as_deref()?, body.last_name.as_deref()?);
        let both = !first.is_empty() && !last.is_empty();
        both.then(|| format!("{first} {last}").into())
    } else {
        body.company_name.clone().filter(|name| !name.is_empty())
    }
}

/// Bytes of a person's first name; one too long to be counted is not told from the last.
fn first_name(body: &CustomerBody) -> u16 {
    let first = body.first_name.as_deref().filter(|_| body.is_person == Some(true));
    first.and_then(|first| u16::try_from(first.len()).ok()).unwrap_or(0)
}

fn missing_name(body: &CustomerBody) -> &'static str {
    if body.is_person == Some(true) { "First Name, Last Name" } else { "Company Name" }
}
