//! The record service: what a path and a method mean, and what comes back.
//!
//! Reading here, writing in `writes` and `transforms`. Bodies are checked by `shape` and then read by the same types, and saved by the
//! same rules, as those of our own client.
//!
//! Source: netsuite.md §4 (resources), §5 (reading), §9.2 (errors).

use std::collections::BTreeMap;

use super::address::Address;
use super::jobs::singular;
use super::json::Json;
use super::problem::{self, Place, Problem};
use super::render::{self, Line, Properties, Property, View};
use super::shape::{self, RecordType};
use super::suiteql::{DateFormat, page, page_links};
use super::{catalog, filter, refusal};
use crate::domain::{Currency, InternalId, Timestamp};
use crate::mocks::http::{Asked, Told};
use crate::mocks::netsuite::chart::Chart;
use crate::mocks::netsuite::document::{Document, DocumentKind};
use crate::mocks::netsuite::{Customer, NetsuiteTwin, RecordKind, answers};
use crate::platforms::netsuite::operation::{RECORD_ROOT, Response};

mod transforms;
mod writes;

/// What clients wrote that nothing in the twin depends on, by record type and internal id.
pub(super) type Extras = BTreeMap<(&'static str, u64), Vec<(String, Json)>>;

/// Why a request is not carried out.
#[derive(Debug)]
pub(super) enum Refusal {
    Problem(Problem),
    /// Something that the platform may know and the twin does not have: its name is counted.
    Missing(Problem, String),
    /// By a rule of the twin.
    Rule(Box<Response>),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal::Problem(problem)
    }
}

impl From<Box<Response>> for Refusal {
    fn from(response: Box<Response>) -> Refusal {
        Refusal::Rule(response)
    }
}

impl Refusal {
    /// The answer, and what is to be counted.
    pub fn told(self) -> (Told, Option<String>) {
        match self {
            Refusal::Problem(problem) => (problem.told(), None),
            Refusal::Missing(problem, name) => (problem.told(), Some(name)),
            Refusal::Rule(response) => (refusal(&response), None),
        }
    }
}

/// One request to the service, with what it may see and change.
pub(super) struct Service<'a> {
    pub twin: &'a mut NetsuiteTwin,
    pub extras: &'a mut Extras,
    pub asked: &'a Asked,
    pub address: &'a Address,
    pub format: DateFormat,
    pub now: Timestamp,
}

/// A record that a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Customer(u32),
    /// By position among all transactions.
    Document(u32),
    Item(u32),
    /// By position.
    Subsidiary(usize),
    Location(usize),
    Account(usize),
    Currency(Currency),
}

const NAMES: [(&str, DocumentKind); 10] = [
    ("salesOrder", DocumentKind::SalesOrder),
    ("customerDeposit", DocumentKind::CustomerDeposit),
    ("itemFulfillment", DocumentKind::ItemFulfillment),
    ("invoice", DocumentKind::Invoice),
    ("creditMemo", DocumentKind::CreditMemo),
    ("journalEntry", DocumentKind::JournalEntry),
    ("advInterCompanyJournalEntry", DocumentKind::JournalEntry),
    ("customerRefund", DocumentKind::CustomerRefund),
    ("depositApplication", DocumentKind::DepositApplication),
    ("inventoryAdjustment", DocumentKind::InventoryAdjustment),
];

fn kind_of(record: &RecordType) -> Option<DocumentKind> {
    NAMES.iter().find(|(name, _)| *name == record.name).map(|(_, kind)| *kind)
}

impl Service<'_> {
    /// `rest` is what follows the root of the service.
    pub fn answer(&mut self, rest: &[&str]) -> Result<Told, Refusal> {
        if let ["metadata-catalog", rest @ ..] = rest {
            return match (self.asked.method.as_str(), rest) {
                ("GET", [] | [_]) => Ok(catalog::answer(self.asked, self.address, rest.first().copied())?),
                _ => Err(not_allowed(&self.asked.method)),
            };
        }
        let Some((name, rest)) = rest.split_first() else { return Err(unknown_type("")) };
        let record = shape::find(name).ok_or_else(|| unknown_type(name))?;
        match (self.asked.method.as_str(), rest) {
            ("GET", []) => self.list(record),
            ("GET", [key]) => self.read(record, key),
            ("GET", [key, sublist]) => self.sublist(record, key, sublist, None),
            ("GET", [key, sublist, line]) => self.sublist(record, key, sublist, Some(line)),
            ("POST", [id, "!transform", target]) => self.transform(record, id, target),
            ("POST", []) => self.create(record),
            ("PATCH" | "PUT", [key]) => self.update(record, key),
            ("DELETE", [key]) => self.delete(record, key),
            (method, _) => Err(missing(&format!("{method} {}", record.name), not_permitted())),
        }
    }

    fn view<'v>(&self, origin: &'v str, expand: &'v [String], fields: &'v [String]) -> View<'v> {
        let is =
            |name: &str| self.address.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        View {
            origin,
            expands: is("expandSubResources"),
            expand,
            fields,
            simple_choices: is("simpleEnumFormat"),
        }
    }

    fn names(&self, parameter: &str) -> Vec<String> {
        let text = self.address.parameter(parameter).unwrap_or_default();
        text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn read(&self, record: &'static RecordType, key: &str) -> Result<Told, Refusal> {
        let found = self.find(record, key)?;
        let properties = self.opened(record, found)?;
        let (expand, fields) = (self.names("expand"), self.names("fields"));
        let path = format!("{RECORD_ROOT}{}/{}", record.name, self.id(found));
        Ok(singular(&self.view(&self.address.origin, &expand, &fields).record(&path, &properties)))
    }

    /// Reading opens a record as for editing, so a workflow's lock refuses it.
    fn opened(&self, record: &'static RecordType, found: Found) -> Result<Properties, Refusal> {
        let is_locked = match found {
            Found::Customer(at) => self.twin.locked.contains(&(RecordKind::Customer, at)),
            Found::Document(at) => {
                self.document(at).is_some_and(|document| render::is_locked(self.twin, &document))
            }
            _ => false,
        };
        if is_locked { Err(answers::locked_by_workflow().into()) } else { Ok(self.properties(record, found)) }
    }

    fn properties(&self, record: &'static RecordType, found: Found) -> Properties {
        let mut properties = match found {
            Found::Customer(at) => render::customer_properties(self.twin, at),
            Found::Document(at) => self.document(at).map_or_else(Vec::new, |document| {
                render::document_properties(self.twin, &document, self.now)
            }),
            Found::Item(at) => render::item_properties(self.twin, at),
            Found::Subsidiary(at) => render::subsidiary_properties(self.twin, at),
            Found::Location(at) => render::location_properties(self.twin, at),
            Found::Account(at) => render::account_properties(self.twin, at),
            Found::Currency(known) => render::currency_properties(known),
        };
        for (name, value) in self.extras.get(&(record.name, self.id(found))).into_iter().flatten() {
            let field = record.fields.iter().find(|field| field.name == name);
            if let Some(field) =
                field.filter(|field| !properties.iter().any(|(known, _)| *known == field.name))
            {
                properties.push((field.name, extra(value, field.kind)));
            }
        }
        properties
    }

    fn sublist(
        &self,
        record: &'static RecordType,
        key: &str,
        sublist: &str,
        line: Option<&str>,
    ) -> Result<Told, Refusal> {
        let found = self.find(record, key)?;
        let properties = self.opened(record, found)?;
        let property = properties.iter().find(|(name, _)| name.eq_ignore_ascii_case(sublist));
        let path = |name: &str| format!("{RECORD_ROOT}{}/{}/{name}", record.name, self.id(found));
        let mut view = self.view(&self.address.origin, &[], &[]);
        match (property, line) {
            (Some((name, Property::Sublist(lines))), None) => {
                let body = view.sublist(&path(name), lines, view.expands);
                let content = "application/vnd.oracle.resource+json; type=collection".to_owned();
                let headers = vec![("Content-Type", content)];
                Ok(Told { status: 200, headers, body: body.to_string().into_bytes() })
            }
            (Some((name, Property::Sublist(lines))), Some(wanted)) => {
                let line: Option<&Line> = lines.iter().find(|line| line.key == wanted);
                let line = line.ok_or_else(|| Refusal::Rule(Box::new(answers::nonexistent())))?;
                view.expands = true;
                Ok(singular(&view.record(&format!("{}/{}", path(name), line.key), &line.properties)))
            }
            (Some((name, Property::Subrecord(properties))), None) => {
                Ok(singular(&view.record(&path(name), properties)))
            }
            _ => {
                let text = format!("The record has no subresource '{sublist}'.");
                let problem = Problem::new(404, "NONEXISTENT_ID", text);
                Err(missing(
                    &format!("subresource {} {sublist}", record.name),
                    problem.at(Place::UrlPath(sublist.to_owned())),
                ))
            }
        }
    }

    fn list(&self, record: &'static RecordType) -> Result<Told, Refusal> {
        let (limit, offset) = page(self.address, 1_000)?;
        let filter = match self.address.parameter("q").filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(filter::read(text)?),
            None => None,
        };
        let known = |name: &&str| {
            let field = record.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name));
            field.is_some_and(|field| {
                !matches!(field.kind, shape::Kind::Sublist(_) | shape::Kind::Subrecord(_))
            })
        };
        if let Some(unknown) = filter.iter().flat_map(filter::Filter::fields).find(|name| !known(name)) {
            let problem = filter::invalid(&format!("Invalid search field: {unknown}."));
            return Err(missing(&format!("filter {} {unknown}", record.name), problem));
        }
        let mut ids = Vec::new();
        for found in self.all(record) {
            let is_wanted = match &filter {
                Some(filter) => {
                    let zone = &self.twin.settings.zone;
                    filter.holds(&self.properties(record, found), self.format, zone)?
                }
                None => true,
            };
            if is_wanted {
                ids.push(self.id(found));
            }
        }
        let of_page: Vec<u64> = ids.iter().copied().skip(offset).take(limit).collect();
        let path = format!("{RECORD_ROOT}{}", record.name);
        let links = page_links(self.address, &path, (limit, offset), of_page.len(), ids.len());
        let items: Vec<String> = of_page
            .iter()
            .map(|id| {
                let href = super::json::string(&format!("{}{path}/{id}", self.address.origin));
                format!("{{\"links\":[{{\"rel\":\"self\",\"href\":{href}}}],\"id\":\"{id}\"}}")
            })
            .collect();
        let has_more = offset + of_page.len() < ids.len();
        let body = format!(
            "{{\"links\":[{links}],\"count\":{},\"hasMore\":{has_more},\"items\":[{}],\"offset\":{offset},\
             \"totalResults\":{}}}",
            of_page.len(),
            items.join(","),
            ids.len()
        );
        let content = "application/vnd.oracle.resource+json; type=collection".to_owned();
        Ok(Told { status: 200, headers: vec![("Content-Type", content)], body: body.into_bytes() })
    }

    fn all(&self, record: &'static RecordType) -> Vec<Found> {
        let chart = &self.twin.chart;
        let subsidiaries = 0..chart.subsidiaries().len();
        if let Some(kind) = kind_of(record) {
            let documents = self.twin.documents().filter(|document| document.kind() == kind);
            return documents
                .filter_map(|known| u32::try_from(known.position()).ok())
                .map(Found::Document)
                .collect();
        }
        match record.name {
            "customer" => {
                let all = (0u32..).zip(&self.twin.customers);
                all.filter(|(_, customer)| !customer.is_deleted).map(|(at, _)| Found::Customer(at)).collect()
            }
            "subsidiary" => subsidiaries.map(Found::Subsidiary).collect(),
            "location" => subsidiaries.map(Found::Location).collect(),
            "account" => (0..chart.accounts().len()).map(Found::Account).collect(),
            "currency" => Currency::all().map(Found::Currency).collect(),
            name => {
                let items = 0..chart.items_count();
                items.filter(|at| render::item_record(self.twin, *at) == name).map(Found::Item).collect()
            }
        }
    }

    fn document(&self, at: u32) -> Option<Document<'_>> {
        self.twin.document_at(at as usize)
    }

    fn id(&self, found: Found) -> u64 {
        match found {
            Found::Customer(at) => Customer::id(at).get(),
            Found::Document(at) => self.document(at).map_or(0, |document| document.internal_id().get()),
            Found::Item(at) => Chart::item_id(at).get(),
            Found::Subsidiary(at) => self.twin.chart.subsidiaries()[at].id.get(),
            Found::Location(at) => self.twin.chart.subsidiaries()[at].location.get(),
            Found::Account(at) => self.twin.chart.accounts()[at].id.get(),
            Found::Currency(known) => super::suiteql::tables::currency_id(known),
        }
    }

    /// The record that a path names by internal or external id.
    fn find(&self, record: &'static RecordType, key: &str) -> Result<Found, Refusal> {
        let nonexistent = || Refusal::Rule(Box::new(answers::nonexistent()));
        if let Some(eid) = key.strip_prefix("eid:") {
            return self.by_external_id(record, eid).ok_or_else(nonexistent);
        }
        let id = key.parse::<u64>().map(InternalId::new).map_err(|_| nonexistent())?;
        if let Some(kind) = kind_of(record) {
            let found = self.twin.document(id).filter(|document| document.kind() == kind);
            let at = found.and_then(|document| u32::try_from(document.position()).ok());
            // Source: netsuite.md §9.2, as live: of another type, or of none.
            return at
                .map(Found::Document)
                .ok_or_else(|| answers::refused("Transaction type specified is incorrect.").into());
        }
        let found = match record.name {
            "customer" => Customer::position(id)
                .filter(|at| self.twin.customers.get(*at as usize).is_some_and(|known| !known.is_deleted))
                .map(Found::Customer),
            _ => self.all(record).into_iter().find(|found| self.id(*found) == id.get()),
        };
        found.ok_or_else(nonexistent)
    }

    fn by_external_id(&self, record: &'static RecordType, eid: &str) -> Option<Found> {
        if let Some(kind) = kind_of(record) {
            let document = self.twin.document_by_key(kind, eid)?;
            return u32::try_from(document.position()).ok().map(Found::Document);
        }
        match record.name {
            "customer" => {
                let key = self.twin.names.find(eid)?;
                self.twin.customers_by_key.get(&key).copied().map(Found::Customer)
            }
            "subsidiary" | "location" | "account" | "currency" => None,
            name => {
                let at = self.twin.chart.item_position(eid)?;
                (render::item_record(self.twin, at) == name).then_some(Found::Item(at))
            }
        }
    }
}

/// What a client wrote, as it is read again.
fn extra(value: &Json, kind: shape::Kind) -> Property {
    match (kind, value) {
        (shape::Kind::Reference(record), Json::Map(_)) => {
            let part = |name: &str| match value.get(name) {
                Some(Json::Text(text)) => Some(text.clone()),
                _ => None,
            };
            Property::Reference {
                record,
                id: part("id").unwrap_or_default(),
                external_id: part("externalId"),
                name: None,
            }
        }
        (shape::Kind::Choice, Json::Text(text)) => Property::Choice(text.clone(), text.clone()),
        _ => Property::Plain(value.clone()),
    }
}

fn unknown_type(name: &str) -> Refusal {
    let text = format!("Record type '{name}' does not exist.");
    let problem = Problem::new(404, "NONEXISTENT_ID", text).at(Place::UrlPath(name.to_owned()));
    missing(&format!("record type {name}"), problem)
}

fn missing(name: &str, problem: Problem) -> Refusal {
    Refusal::Missing(problem, name.to_owned())
}

/// Source: netsuite.md §9.2, as live.
fn not_permitted() -> Problem {
    Problem::new(
        400,
        "USER_ERROR",
        "Error while accessing a resource. Your current role does not have permission to perform this action.",
    )
}

fn not_allowed(method: &str) -> Refusal {
    Refusal::Problem(Problem::new(
        405,
        "INVALID_REQUEST",
        format!("The method {method} is not allowed here."),
    ))
}

fn body_of(asked: &Asked) -> Result<Json, Problem> {
    if asked.body.is_empty() {
        return Ok(Json::Map(Vec::new()));
    }
    Json::read(&asked.body).map_err(|reason| problem::invalid_content(&reason))
}

#[cfg(test)]
pub(super) mod tests;
