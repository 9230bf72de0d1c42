//! The twin's HTTP face: the same state, spoken to in methods, paths and JSON text.
//!
//! Source: netsuite.md §4 (paths and statuses), §6.1 (bodies), §9.1 (errors), §11.1 (queries).

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::NetsuiteTwin;
use super::answers;
use super::http::encoding::unescaped;
use crate::domain::{InternalId, Timestamp};
use crate::platforms::netsuite::operation::suiteql::prices::PriceRows;
use crate::platforms::netsuite::operation::suiteql::settlement::SettlementRows;
use crate::platforms::netsuite::operation::suiteql::{Page, Query, QueryBody, Rows};
use crate::platforms::netsuite::operation::{Answer, RECORD_ROOT, Request, Response, SUITEQL_PATH};

/// An answer as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextAnswer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl TextAnswer {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl NetsuiteTwin {
    /// Carries out a request given as text. Slots and authorisation are the caller's, as in `execute`.
    pub fn execute_text(
        &mut self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: &str,
        now: Timestamp,
    ) -> TextAnswer {
        match read(method, path, query, headers, body) {
            Ok(request) => {
                let response = self.execute(&request, now);
                spell(&response, record_type(&request))
            }
            Err(refused) => spell(&refused, ""),
        }
    }
}

/// Error answers are the same for every record.
pub fn spell_error(response: &Response) -> TextAnswer {
    spell(response, "")
}

fn read(
    method: &str,
    path: &str,
    query: &[(&str, &str)],
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Request, Box<Response>> {
    if path == SUITEQL_PATH && method == "POST" {
        let transient = headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("prefer") && value.contains("transient"));
        let body: QueryBody = from_json(body)?;
        // Required by the documentation on every query.
        return Query::parse(&body.q)
            .filter(|_| transient)
            .map(Request::SuiteQl)
            .ok_or_else(|| Box::new(answers::invalid_query()));
    }
    let unknown = || Box::new(answers::unknown_record_type(path));
    let rest = path.strip_prefix(RECORD_ROOT).ok_or_else(unknown)?;
    let (record, key) = rest.split_once('/').unwrap_or((rest, ""));
    // Record types are matched without regard to case.
    let record = record.to_ascii_lowercase();
    if method == "POST" {
        return match (record.as_str(), key) {
            ("advintercompanyjournalentry", "") => {
                Ok(Request::CreateIntercompanyJournal { body: from_json(body)? })
            }
            ("journalentry", "") => Ok(Request::CreateJournalEntry { body: from_json(body)? }),
            ("invoice", "") => Ok(Request::CreateInvoice { body: from_json(body)? }),
            ("creditmemo", "") => Ok(Request::CreateCreditMemo { body: from_json(body)? }),
            ("customerrefund", "") => Ok(Request::CreateCustomerRefund { body: from_json(body)? }),
            ("inventoryadjustment", "") => Ok(Request::CreateInventoryAdjustment { body: from_json(body)? }),
            _ => read_transform(&record, key, body)?.ok_or_else(unknown),
        };
    }
    let eid = key.strip_prefix("eid:").and_then(unescaped).map(String::into_boxed_str).ok_or_else(unknown)?;
    let replaces = query.iter().any(|(name, value)| {
        *name == "replace" && value.split(',').any(|sublist| sublist.trim().eq_ignore_ascii_case("item"))
    });
    match (method, record.as_str()) {
        ("PUT", "customer") => Ok(Request::UpsertCustomer { eid, body: from_json(body)? }),
        ("PUT", "salesorder") if replaces => Ok(Request::UpsertSalesOrder { eid, body: from_json(body)? }),
        ("PATCH", "salesorder") if !replaces => Ok(Request::AmendSalesOrder { eid, body: from_json(body)? }),
        ("PUT", "customerdeposit") => Ok(Request::UpsertCustomerDeposit { eid, body: from_json(body)? }),
        ("PATCH", "creditmemo") => Ok(Request::ApplyCreditMemo { eid, body: from_json(body)? }),
        ("GET", "salesorder") => Ok(Request::GetSalesOrder { eid }),
        _ => Err(unknown()),
    }
}

/// `{id}/!transform/{target}`; `None` for a transform that is not offered.
fn read_transform(record: &str, key: &str, body: &str) -> Result<Option<Request>, Box<Response>> {
    let Some((id, target)) = key.split_once("/!transform/") else { return Ok(None) };
    let Ok(id) = id.parse().map(InternalId::new) else { return Ok(None) };
    Ok(match (record, target.to_ascii_lowercase().as_str()) {
        ("salesorder", "invoice") => {
            Some(Request::TransformInvoice { sales_order: id, body: from_json(body)? })
        }
        ("customerdeposit", "depositapplication") => {
            Some(Request::TransformDepositApplication { deposit: id, body: from_json(body)? })
        }
        _ => None,
    })
}

fn from_json<T: DeserializeOwned>(body: &str) -> Result<T, Box<Response>> {
    serde_json::from_str(body).map_err(|error| Box::new(answers::invalid_content(&error.to_string())))
}

fn record_type(request: &Request) -> &'static str {
    match request {
        Request::UpsertCustomer { .. } => "customer",
        Request::UpsertCustomerDeposit { .. } => "customerDeposit",
        Request::CreateJournalEntry { .. } => "journalEntry",
        Request::TransformInvoice { .. } | Request::CreateInvoice { .. } => "invoice",
        Request::CreateCreditMemo { .. } | Request::ApplyCreditMemo { .. } => "creditMemo",
        Request::TransformDepositApplication { .. } => "depositApplication",
        Request::CreateCustomerRefund { .. } => "customerRefund",
        Request::CreateInventoryAdjustment { .. } => "inventoryAdjustment",
        Request::CreateIntercompanyJournal { .. } => "advInterCompanyJournalEntry",
        _ => "salesOrder",
    }
}

fn spell(response: &Response, record: &str) -> TextAnswer {
    let status = response.status;
    let with_body = |kind: &str, body| {
        let content = format!("application/vnd.oracle.resource+json; type={kind}");
        TextAnswer { status, headers: vec![("Content-Type", content)], body }
    };
    match &response.answer {
        Ok(Answer::Saved { id }) => TextAnswer {
            status,
            headers: vec![("Location", format!("{RECORD_ROOT}{record}/{id}"))],
            body: String::new(),
        },
        Ok(Answer::SalesOrder(record)) => with_body("singular", json(record)),
        Ok(Answer::Rows(Rows::Customers(rows))) => with_body("collection", json(&page(rows))),
        Ok(Answer::Rows(Rows::Prices(rows))) => with_body("collection", price_page(rows)),
        Ok(Answer::Rows(Rows::Documents(rows))) => with_body("collection", json(&page(rows))),
        Ok(Answer::Rows(Rows::Moved(rows))) => with_body("collection", json(&page(rows))),
        Ok(Answer::Rows(Rows::Found(rows))) => with_body("collection", json(&page(rows))),
        Ok(Answer::Rows(Rows::Stock(rows))) => with_body("collection", json(&page(rows))),
        Ok(Answer::Rows(Rows::Kits(rows))) => with_body("collection", json(&page(rows))),
        Ok(Answer::Rows(Rows::Items(rows))) => with_body("collection", json(&page(rows))),
        Ok(Answer::Rows(Rows::SavedItems(rows))) => with_body("collection", json(&page(rows))),
        Ok(Answer::Rows(Rows::Settlement(SettlementRows::Clearing(rows)))) => {
            with_body("collection", json(&page(rows)))
        }
        Ok(Answer::Rows(Rows::Settlement(SettlementRows::Journals(rows)))) => {
            with_body("collection", json(&page(rows)))
        }
        Err(error) => with_body("error", json(error)),
    }
}

fn price_page(rows: &PriceRows) -> String {
    match rows {
        PriceRows::Changed(rows) => json(&page(rows)),
        PriceRows::Buyers(rows) => json(&page(rows)),
        PriceRows::AgreedItems(rows) => json(&page(rows)),
        PriceRows::AgreedGroups(rows) => json(&page(rows)),
        PriceRows::ItemPrices(rows) => json(&page(rows)),
        PriceRows::OpenOrders(rows) => json(&page(rows)),
        PriceRows::Receivables(rows) => json(&page(rows)),
    }
}

fn page<T>(rows: &[T]) -> Page<&T> {
    let count = rows.len() as u64;
    Page { count, has_more: false, offset: 0, total_results: count, items: rows.iter().collect() }
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("records have text keys and no fallible parts")
}
