//! What may be asked of NetSuite, what it answers, and how both travel over HTTP.
//!
//! A [`Request`] crosses a simulated transport as it is; [`Request::to_http`] is its only spelling on the wire,
//! and [`Response::read`] the only reading of an answer.
//!
//! Source: netsuite.md §4 (methods, paths, headers), §6.2–6.3 (sublists, upsert), §11.1 (queries).

use std::fmt::Write;

use serde::Deserialize;

use super::wire::settlement::IntercompanyJournalBody;
use super::wire::{
    BillBody, CustomerBody, CustomerDepositBody, CustomerRefundBody, DepositApplicationBody, ErrorBody,
    ErrorDetail, InventoryAdjustmentBody, JournalEntryBody, SalesOrderBody, SalesOrderRecord,
};
use crate::domain::InternalId;
use suiteql::{
    CustomerRow, DocumentRow, FoundRow, KitRow, MovedRow, Query, QueryBody, Rows, StockRow, page_of,
};

pub mod suiteql;

/// The closed list of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    UpsertCustomer {
        eid: Box<str>,
        body: Box<CustomerBody>,
    },
    /// Lines carry their numbers 1, 2, 3 … and the sublist is replaced: created lines get these numbers, so the
    /// same request again finds each line by its key and leaves the record as it is.
    UpsertSalesOrder {
        eid: Box<str>,
        body: Box<SalesOrderBody>,
    },
    /// Lines with a number are updated, lines without one appended, the rest stays. An appended line is appended
    /// again by a repetition: look before writing again.
    AmendSalesOrder {
        eid: Box<str>,
        body: Box<SalesOrderBody>,
    },
    UpsertCustomerDeposit {
        eid: Box<str>,
        body: Box<CustomerDepositBody>,
    },
    CreateJournalEntry {
        body: Box<JournalEntryBody>,
    },
    GetSalesOrder {
        eid: Box<str>,
    },
    SuiteQl(Query),
    /// Lines of the body take the place of those that the transform sources, so that lines it does not name are
    /// not billed.
    // That `replace` works on a transform as it does on an update is an assumption, to be checked on a real
    // account before go-live.
    TransformInvoice {
        sales_order: InternalId,
        body: Box<BillBody>,
    },
    CreateInvoice {
        body: Box<BillBody>,
    },
    CreateCreditMemo {
        body: Box<BillBody>,
    },
    /// Only its `apply` list, which is keyed by document: a repetition changes nothing.
    ApplyCreditMemo {
        eid: Box<str>,
        body: Box<BillBody>,
    },
    TransformDepositApplication {
        deposit: InternalId,
        body: Box<DepositApplicationBody>,
    },
    CreateCustomerRefund {
        body: Box<CustomerRefundBody>,
    },
    CreateInventoryAdjustment {
        body: Box<InventoryAdjustmentBody>,
    },
    CreateIntercompanyJournal {
        body: Box<IntercompanyJournalBody>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 204 with a `Location`: which of creation and update happened is not told.
    Saved {
        id: InternalId,
    },
    SalesOrder(Box<SalesOrderRecord>),
    Rows(Rows),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub answer: Result<Answer, Box<ErrorBody>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
        }
    }
}

/// A request as it travels. Host and authorisation are the transport's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    pub method: Method,
    /// Escaped, without query.
    pub path: String,
    pub query: Vec<(&'static str, &'static str)>,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Option<String>,
}

pub const RECORD_ROOT: &str = "/services/rest/record/v1/";
pub const SUITEQL_PATH: &str = "/services/rest/query/v1/suiteql";

/// Unknown properties are refused, so that a misspelt custom column is noticed at the first call.
const NAME_VALIDATION: (&str, &str) = ("X-NetSuite-PropertyNameValidation", "Error");
const JSON: (&str, &str) = ("Content-Type", "application/json");

impl Request {
    /// Whether an unknown outcome may have changed anything.
    pub fn writes(&self) -> bool {
        !matches!(self, Request::GetSalesOrder { .. } | Request::SuiteQl(_))
    }

    /// For traces: method and record type.
    pub fn name(&self) -> &'static str {
        match self {
            Request::UpsertCustomer { .. } => "PUT customer",
            Request::UpsertSalesOrder { .. } => "PUT salesOrder",
            Request::AmendSalesOrder { .. } => "PATCH salesOrder",
            Request::UpsertCustomerDeposit { .. } => "PUT customerDeposit",
            Request::CreateJournalEntry { .. } => "POST journalEntry",
            Request::GetSalesOrder { .. } => "GET salesOrder",
            Request::SuiteQl(_) => "POST suiteql",
            Request::TransformInvoice { .. } => "POST salesOrder/!transform/invoice",
            Request::CreateInvoice { .. } => "POST invoice",
            Request::CreateCreditMemo { .. } => "POST creditMemo",
            Request::ApplyCreditMemo { .. } => "PATCH creditMemo",
            Request::TransformDepositApplication { .. } => {
                "POST customerDeposit/!transform/depositApplication"
            }
            Request::CreateCustomerRefund { .. } => "POST customerRefund",
            Request::CreateInventoryAdjustment { .. } => "POST inventoryAdjustment",
            Request::CreateIntercompanyJournal { .. } => "POST advInterCompanyJournalEntry",
        }
    }

    /// The type of the record that a write leaves behind.
    fn saved_type(&self) -> &'static str {
        self.name().rsplit(['/', ' ']).next().unwrap_or_default()
    }

    /// The external id that the request creates or addresses, where it has one.
    pub fn external_id(&self) -> Option<&str> {
        match self {
            Request::UpsertCustomer { eid, .. }
            | Request::UpsertSalesOrder { eid, .. }
            | Request::AmendSalesOrder { eid, .. }
            | Request::UpsertCustomerDeposit { eid, .. }
            | Request::GetSalesOrder { eid }
            | Request::ApplyCreditMemo { eid, .. } => Some(eid),
            Request::CreateJournalEntry { body } => body.external_id.as_deref(),
            Request::TransformInvoice { body, .. }
            | Request::CreateInvoice { body }
            | Request::CreateCreditMemo { body } => body.external_id.as_deref(),
            Request::TransformDepositApplication { body, .. } => body.external_id.as_deref(),
            Request::CreateCustomerRefund { body } => body.external_id.as_deref(),
            Request::CreateInventoryAdjustment { body } => body.external_id.as_deref(),
            Request::CreateIntercompanyJournal { body } => body.external_id.as_deref(),
            Request::SuiteQl(_) => None,
        }
    }

    pub fn to_http(&self) -> HttpRequest {
        let write = |method, path, query, body| HttpRequest {
            method,
            path,
            query,
            headers: vec![JSON, NAME_VALIDATION],
            body: Some(body),
        };
        let create = |record: &str, body| write(Method::Post, format!("{RECORD_ROOT}{record}"), vec![], body);
        match self {
            Request::UpsertCustomer { eid, body } => {
                write(Method::Put, by_external_id("customer", eid), vec![], json(body))
            }
            Request::UpsertSalesOrder { eid, body } => write(
                Method::Put,
                by_external_id("salesOrder", eid),
                vec![("replace", "item,taxDetails")],
                json(body),
            ),
            Request::AmendSalesOrder { eid, body } => {
                write(Method::Patch, by_external_id("salesOrder", eid), vec![], json(body))
            }
            Request::UpsertCustomerDeposit { eid, body } => {
                write(Method::Put, by_external_id("customerDeposit", eid), vec![], json(body))
            }
            Request::CreateJournalEntry { body } => create("journalEntry", json(body)),
            Request::TransformInvoice { sales_order, body } => write(
                Method::Post,
                format!("{RECORD_ROOT}salesOrder/{sales_order}/!transform/invoice"),
                vec![("replace", "item,taxDetails")],
                json(body),
            ),
            Request::CreateInvoice { body } => create("invoice", json(body)),
            Request::CreateCreditMemo { body } => create("creditMemo", json(body)),
            Request::ApplyCreditMemo { eid, body } => {
                write(Method::Patch, by_external_id("creditMemo", eid), vec![], json(body))
            }
            Request::TransformDepositApplication { deposit, body } => write(
                Method::Post,
                format!("{RECORD_ROOT}customerDeposit/{deposit}/!transform/depositApplication"),
                vec![],
                json(body),
            ),
            Request::CreateCustomerRefund { body } => create("customerRefund", json(body)),
            Request::CreateInventoryAdjustment { body } => create("inventoryAdjustment", json(body)),
            Request::CreateIntercompanyJournal { body } => create("advInterCompanyJournalEntry", json(body)),
            Request::GetSalesOrder { eid } => HttpRequest {
                method: Method::Get,
                path: by_external_id("salesOrder", eid),
                query: vec![("expandSubResources", "true")],
                headers: vec![],
                body: None,
            },
            Request::SuiteQl(query) => HttpRequest {
                method: Method::Post,
                path: SUITEQL_PATH.to_owned(),
                query: vec![("limit", "1000"), ("offset", "0")],
                headers: vec![JSON, ("Prefer", "transient")],
                body: Some(json(&QueryBody { q: query.render() })),
            },
        }
    }
}

fn json(body: &impl serde::Serialize) -> String {
    serde_json::to_string(body).expect("bodies have text keys and no fallible parts")
}

/// Only letters, digits, `_` and `-` are sent as they are: a pipe or a blank breaks `eid:` addressing (§4).
fn by_external_id(record: &str, eid: &str) -> String {
    let mut path = format!("{RECORD_ROOT}{record}/eid:");
    for byte in eid.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' {
            path.push(char::from(byte));
        } else {
            write!(path, "%{byte:02X}").expect("a String takes any text");
        }
    }
    path
}

/// The answer does not have the documented shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("status {status}: {reason}")]
pub struct UnreadableAnswer {
    pub status: u16,
    pub reason: String,
}

impl Response {
    /// Reads an answer by the request it belongs to. Any 2xx is success: manuals and live traffic differ (§4).
    ///
    /// # Errors
    /// A success whose body or `Location` cannot be read. An unreadable *error* body is still an error answer:
    /// its text becomes the title, because edges answer in HTML (§20.30).
    pub fn read(
        request: &Request,
        status: u16,
        location: Option<&str>,
        body: &str,
    ) -> Result<Response, UnreadableAnswer> {
        let unreadable = |reason: String| UnreadableAnswer { status, reason };
        if !(200..300).contains(&status) {
            return Ok(Response { status, answer: Err(Box::new(error_body(status, body))) });
        }
        let answer = match request {
            Request::GetSalesOrder { .. } => {
                Answer::SalesOrder(from_json(body).map_err(|error| unreadable(error.to_string()))?)
            }
            Request::SuiteQl(Query::CustomersLike { .. }) => {
                Answer::Rows(Rows::Customers(page_of::<CustomerRow>(body).map_err(unreadable)?))
            }
            Request::SuiteQl(Query::DocumentsOf { .. }) => {
                Answer::Rows(Rows::Documents(page_of::<DocumentRow>(body).map_err(unreadable)?))
            }
            Request::SuiteQl(Query::OrdersMoved { .. }) => {
                Answer::Rows(Rows::Moved(page_of::<MovedRow>(body).map_err(unreadable)?))
            }
            Request::SuiteQl(Query::Named { .. }) => {
                Answer::Rows(Rows::Found(page_of::<FoundRow>(body).map_err(unreadable)?))
            }
            Request::SuiteQl(Query::Prices(query)) => {
                Answer::Rows(Rows::Prices(query.read(body).map_err(unreadable)?))
            }
            Request::SuiteQl(Query::Settlement(query)) => {
                Answer::Rows(Rows::Settlement(query.read(body).map_err(unreadable)?))
            }
            Request::SuiteQl(Query::Stock(_)) => {
                // Pages go by id, not by offset: there is more behind a full one, and the caller knows.
                let page: suiteql::Page<StockRow> =
                    from_json(body).map_err(|error| unreadable(error.to_string()))?;
                Answer::Rows(Rows::Stock(page.items))
            }
            Request::SuiteQl(Query::Kits) => {
                Answer::Rows(Rows::Kits(page_of::<KitRow>(body).map_err(unreadable)?))
            }
            Request::SuiteQl(Query::Item(_)) => {
                Answer::Rows(Rows::Items(page_of::<suiteql::ItemRow>(body).map_err(unreadable)?))
            }
            Request::SuiteQl(Query::SavedItems(_)) => Answer::Rows(Rows::SavedItems(
                page_of::<suiteql::prices::ChangedRow>(body).map_err(unreadable)?,
            )),
            _ => {
                // The id is the last part of the path, after the type: no body comes with a 204.
                let mut parts = location.unwrap_or_default().trim_end_matches('/').rsplit('/');
                let id = parts.next().and_then(internal_id);
                let id = id.ok_or_else(|| unreadable(format!("no internal id in location {location:?}")))?;
                let saved = request.saved_type();
                if !parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(saved)) {
                    return Err(unreadable(format!("location {location:?} is no {saved}")));
                }
                Answer::Saved { id }
            }
        };
        Ok(Response { status, answer: Ok(answer) })
    }
}

fn from_json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

/// Digits alone: what is read as a number elsewhere, such as `+5`, is none of NetSuite's ids.
fn internal_id(text: &str) -> Option<InternalId> {
    let is_id = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| text.parse().ok().map(InternalId::new)).flatten()
}

fn error_body(status: u16, body: &str) -> ErrorBody {
    /// Enough to recognise a page; an answer may be megabytes.
    const TEXT_MAX: usize = 200;
    from_json(body).unwrap_or_else(|_| ErrorBody {
        kind: "".into(),
        title: body.chars().take(TEXT_MAX).collect::<String>().into(),
        status,
        details: Vec::<ErrorDetail>::new(),
        operation: None,
    })
}
