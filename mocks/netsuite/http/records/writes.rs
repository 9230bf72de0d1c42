//! Creation, update and deletion.
//!
//! Source: netsuite.md §6 (values, sublists, upsert), §13–§14 (records).

use serde::de::DeserializeOwned;

use super::{Found, Refusal, Service, body_of, missing, not_permitted};
use crate::domain::fulfillment::ShipStatus;
use crate::domain::{BookDate, InternalId};
use crate::mocks::http::Told;
use crate::mocks::netsuite::http::json::Json;
use crate::mocks::netsuite::http::problem::{self, Place, Problem};
use crate::mocks::netsuite::http::shape::{self, Checked, RecordType, Validation};
use crate::mocks::netsuite::sales_order::Sublists;
use crate::mocks::netsuite::{Customer, Transaction, answers};
use crate::platforms::netsuite::operation::{Answer, RECORD_ROOT, Request};
use crate::platforms::netsuite::wire::{
    BillBody, CustomerBody, CustomerDepositBody, JsonDecimal, Reference, SalesOrderBody,
};

/// Sublists that a body may be said to replace.
const REPLACEABLE: [&str; 2] = ["item", "taxDetails"];

impl Service<'_> {
    pub(super) fn checked(&self, record: &RecordType) -> Result<Checked, Refusal> {
        let validation = Validation::read(self.asked.header("x-netsuite-propertynamevalidation"))?;
        let body = body_of(self.asked)?;
        let mut checked = shape::check(record, &body, validation).map_err(|(problem, name)| match name {
            Some(name) => Refusal::Missing(problem, name),
            None => Refusal::Problem(problem),
        })?;
        for (name, value) in &mut checked.body {
            if name == "item" {
                price_lines(value)?;
            }
        }
        Ok(checked)
    }

    pub(super) fn saved(&mut self, record: &'static RecordType, id: InternalId, checked: Checked) -> Told {
        let mut kept = checked.inert;
        // A company's contact is told by first and last name, which its name does not hold.
        if record.name == "customer" {
            let of_person = |name: &str| name == "firstName" || name == "lastName";
            kept.extend(checked.body.into_iter().filter(|(name, _)| of_person(name)));
        }
        if !kept.is_empty() {
            let known = self.extras.entry((record.name, id.get())).or_default();
            known.retain(|(name, _)| !kept.iter().any(|(new, _)| new == name));
            known.extend(kept);
        }
        let location = format!("{}{RECORD_ROOT}{}/{id}", self.address.origin, record.name);
        let mut headers = vec![("Location", location)];
        if !checked.unknown.is_empty() && self.warns() {
            headers.push(("X-NetSuite-PropertyValidation", checked.unknown.join(", ")));
        }
        Told { status: 204, headers, body: Vec::new() }
    }

    fn warns(&self) -> bool {
        let header = self.asked.header("x-netsuite-propertynamevalidation");
        Validation::read(header) == Ok(Validation::Warning)
    }

    /// Sublists whose lines the body puts in place of those that stand.
    pub(super) fn replaced(&self) -> Result<bool, Refusal> {
        let names = self.names("replace");
        let is = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let other =
            names.iter().find(|name| !REPLACEABLE.iter().any(|known| known.eq_ignore_ascii_case(name)));
        if let Some(other) = other {
            let text = format!("The sublist '{other}' cannot be replaced.");
            let problem = Problem::new(400, "INVALID_PARAMETER", text);
            let problem = problem.at(Place::QueryParameter("replace".to_owned()));
            return Err(missing(&format!("replace {other}"), problem));
        }
        Ok(is("item"))
    }

    pub(super) fn create(&mut self, record: &'static RecordType) -> Result<Told, Refusal> {
        if !record.methods.contains(&"POST") {
            return Err(missing(&format!("POST {}", record.name), not_permitted()));
        }
        let checked = self.checked(record)?;
        let eid = external_id(&checked)?;
        if let Some(eid) = &eid
            && self.by_external_id(record, eid).is_some()
        {
            let is_entity = record.name == "customer";
            let text = if is_entity { "This entity already exists." } else { "This record already exists" };
            return Err(answers::refused(text).into());
        }
        let id = match record.name {
            "customer" => {
                let body: CustomerBody = typed(&checked.body)?;
                self.twin.save_customer(None, eid.as_deref(), &body)?
            }
            "salesOrder" => {
                let body: SalesOrderBody = typed(&checked.body)?;
                self.twin.save_order(None, eid.as_deref(), &body, Sublists::Merge, self.now)?
            }
            "customerDeposit" => {
                let body: CustomerDepositBody = typed(&checked.body)?;
                let id = self.twin.save_deposit_at(None, eid.as_deref(), &body, self.now)?;
                self.note_late(id, body.original_date, body.memo);
                id
            }
            "invoice" => self.execute(Request::CreateInvoice { body: Box::new(typed(&checked.body)?) })?,
            "creditMemo" => {
                self.execute(Request::CreateCreditMemo { body: Box::new(typed(&checked.body)?) })?
            }
            "journalEntry" => {
                self.execute(Request::CreateJournalEntry { body: Box::new(typed(&checked.body)?) })?
            }
            "advInterCompanyJournalEntry" => {
                self.execute(Request::CreateIntercompanyJournal { body: Box::new(typed(&checked.body)?) })?
            }
            "customerRefund" => {
                self.execute(Request::CreateCustomerRefund { body: Box::new(typed(&checked.body)?) })?
            }
            _ => {
                self.execute(Request::CreateInventoryAdjustment { body: Box::new(typed(&checked.body)?) })?
            }
        };
        Ok(self.saved(record, id, checked))
    }

    fn note_late(&mut self, id: InternalId, date: Option<BookDate>, memo: Option<Box<str>>) {
        if let Some(date) = date {
            self.twin.note_late(id, (date, memo));
        }
    }

    pub(super) fn execute(&mut self, request: Request) -> Result<InternalId, Refusal> {
        let response = self.twin.execute(&request, self.now);
        match response.answer {
            Ok(Answer::Saved { id }) => Ok(id),
            _ => Err(Refusal::Rule(Box::new(response))),
        }
    }

    pub(super) fn update(&mut self, record: &'static RecordType, key: &str) -> Result<Told, Refusal> {
        let is_put = self.asked.method == "PUT";
        if !record.methods.contains(&self.asked.method.as_str()) {
            return Err(missing(&format!("{} {}", self.asked.method, record.name), not_permitted()));
        }
        let eid = key.strip_prefix("eid:");
        if is_put && eid.is_none() {
            // Source: netsuite.md §4: an upsert names an external id.
            let text = "An upsert has to name the record by its external id: 'eid:'.";
            return Err(Problem::new(400, "INVALID_REQUEST", text).at(Place::UrlPath(key.to_owned())).into());
        }
        let found = match (is_put, eid) {
            (true, Some(eid)) => self.by_external_id(record, eid),
            _ => Some(self.find(record, key)?),
        };
        let sublists = if self.replaced()? { Sublists::Replace } else { Sublists::Merge };
        let checked = self.checked(record)?;
        if let Some(given) = external_id(&checked)?
            && eid != Some(&*given)
        {
            let problem = Problem::new(
                400,
                "USER_ERROR",
                "Error while accessing a resource. The external id cannot be changed.",
            );
            return Err(missing(&format!("changing externalId of {}", record.name), problem));
        }
        let id = match (record.name, found) {
            ("customer", found) => {
                let at = if let Some(Found::Customer(at)) = found { Some(at) } else { None };
                self.twin.save_customer(at, eid, &self.named_as_before(at, &checked)?)?
            }
            ("salesOrder", found) => {
                let body: SalesOrderBody = typed(&checked.body)?;
                self.twin.save_order(
                    found.and_then(|found| self.order(found)),
                    eid,
                    &body,
                    sublists,
                    self.now,
                )?
            }
            ("customerDeposit", found) => {
                let body: CustomerDepositBody = typed(&checked.body)?;
                let at = found.and_then(|found| match self.transaction(found) {
                    Some(Transaction::CustomerDeposit(at)) => Some(at),
                    _ => None,
                });
                let id = self.twin.save_deposit_at(at, eid, &body, self.now)?;
                self.note_late(id, body.original_date, body.memo);
                id
            }
            ("creditMemo", Some(found)) => {
                if let Some((name, _)) = checked.body.iter().find(|(name, _)| name != "apply") {
                    return Err(missing(&format!("changing creditMemo {name}"), not_permitted()));
                }
                let id = InternalId::new(self.id(found));
                let body: BillBody = typed(&checked.body)?;
                self.twin.apply_credit_memo(&Reference::Id(id), &body, self.now)?
            }
            ("itemFulfillment", Some(found)) => {
                let id = InternalId::new(self.id(found));
                for (name, value) in &checked.body {
                    if name != "shipStatus" {
                        return Err(missing(&format!("changing itemFulfillment {name}"), not_permitted()));
                    }
                    let status = ship_status(Some(value))?;
                    self.twin.set_ship_status(id, status, self.now)?;
                }
                id
            }
            (name, _) => return Err(missing(&format!("{} {name}", self.asked.method), not_permitted())),
        };
        Ok(self.saved(record, id, checked))
    }

    /// A body that gives one part of a name leaves the other as it stands.
    fn named_as_before(&self, at: Option<u32>, checked: &Checked) -> Result<CustomerBody, Refusal> {
        let mut body: CustomerBody = typed(&checked.body)?;
        let known = at.and_then(|at| self.twin.customers.get(at as usize));
        if let Some((first, last)) = known.and_then(Customer::person)
            && body.is_person != Some(false)
            && (body.first_name.is_some() || body.last_name.is_some())
        {
            body.is_person = Some(true);
            body.first_name.get_or_insert_with(|| first.into());
            body.last_name.get_or_insert_with(|| last.into());
        }
        Ok(body)
    }

    fn transaction(&self, found: Found) -> Option<Transaction> {
        let Found::Document(at) = found else { return None };
        self.twin.transactions.get(at as usize).copied()
    }

    fn order(&self, found: Found) -> Option<u32> {
        match self.transaction(found) {
            Some(Transaction::SalesOrder(at)) => Some(at),
            _ => None,
        }
    }

    pub(super) fn delete(&mut self, record: &'static RecordType, key: &str) -> Result<Told, Refusal> {
        let found = self.find(record, key)?;
        match (record.name, found) {
            ("customer", Found::Customer(at)) => {
                let id = self.id(found);
                self.twin.delete_customer(at)?;
                self.extras.remove(&(record.name, id));
            }
            ("itemFulfillment", found) => {
                let id = InternalId::new(self.id(found));
                self.twin.cancel_shipment(id, self.now)?;
            }
            (name, _) => return Err(missing(&format!("DELETE {name}"), not_permitted())),
        }
        Ok(Told { status: 204, headers: Vec::new(), body: Vec::new() })
    }
}

/// Source: netsuite.md §14.1.
pub(super) fn ship_status(value: Option<&Json>) -> Result<ShipStatus, Refusal> {
    match value {
        Some(Json::Text(letter)) if letter == "A" => Ok(ShipStatus::Picked),
        Some(Json::Text(letter)) if letter == "B" => Ok(ShipStatus::Packed),
        Some(Json::Text(letter)) if letter == "C" => Ok(ShipStatus::Shipped),
        other => {
            let text = other.map_or_else(String::new, |value| value.to_string());
            Err(answers::invalid_value(&text, "shipstatus", "shipStatus").into())
        }
    }
}

fn external_id(checked: &Checked) -> Result<Option<String>, Refusal> {
    let given = checked.body.iter().find(|(name, _)| name == "externalId").map(|(_, value)| value);
    match given {
        Some(Json::Text(text)) if text.is_empty() => {
            Err(problem::invalid_content("An external id is empty.")
                .at(Place::Body("externalId".to_owned()))
                .into())
        }
        Some(Json::Text(text)) => Ok(Some(text.clone())),
        _ => Ok(None),
    }
}

/// A line without an amount costs its rate times its quantity. Where both are given, the amount stands.
fn price_lines(item: &mut Json) -> Result<(), Problem> {
    let Json::Map(pairs) = item else { return Ok(()) };
    let Some((_, Json::List(lines))) = pairs.iter_mut().find(|(name, _)| name == "items") else {
        return Ok(());
    };
    for (place, line) in lines.iter_mut().enumerate() {
        let Json::Map(pairs) = line else { continue };
        let number =
            |pairs: &[(String, Json)], name: &str| match pairs.iter().find(|(known, _)| known == name) {
                Some((_, Json::Number(number))) => {
                    number.parse::<JsonDecimal>().ok().map(JsonDecimal::to_decimal)
                }
                _ => None,
            };
        let (rate, quantity) = (number(pairs, "rate"), number(pairs, "quantity"));
        let has_amount = pairs.iter().any(|(name, _)| name == "amount");
        pairs.retain(|(name, _)| name != "rate");
        if let Some(rate) = rate.filter(|_| !has_amount) {
            let amount = rate.checked_mul(quantity.unwrap_or(rust_decimal::Decimal::ONE));
            let amount = amount.and_then(JsonDecimal::of_decimal).ok_or_else(|| {
                let path = format!("item.items[{place}].rate");
                problem::invalid_content("The amount is out of range.").at(Place::Body(path))
            })?;
            pairs.push(("amount".to_owned(), Json::number(amount)));
        }
    }
    Ok(())
}

pub(super) fn typed<T: DeserializeOwned>(body: &[(String, Json)]) -> Result<T, Refusal> {
    let text = Json::Map(body.to_vec()).to_string();
    serde_json::from_str(&text).map_err(|error| problem::invalid_content(&error.to_string()).into())
}
