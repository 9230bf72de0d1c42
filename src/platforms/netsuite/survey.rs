//! Questions that are asked before a service starts, and never by a flow: which of the records that a policy names
//! exist. None of them changes anything.
//!
//! Source: netsuite.md §11.1 (protocol), §11.5 (tables and columns).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::TransportError;
use super::http::HttpTransport;
use super::operation::{HttpRequest, Method, SUITEQL_PATH};
use crate::domain::InternalId;
use crate::ports::Runtime;

/// Records that are named by internal id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Subsidiary,
    Account,
    Location,
    TaxCode,
}

impl Kind {
    const fn table(self) -> &'static str {
        match self {
            Kind::Subsidiary => "subsidiary",
            Kind::Account => "account",
            Kind::Location => "location",
            Kind::TaxCode => "salestaxitem",
        }
    }
}

/// A record that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub is_inactive: bool,
    /// Symbol of a subsidiary's own currency.
    pub currency: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurveyError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// With the platform's own words.
    #[error("netsuite answered {status}: {detail}")]
    Refused { status: u16, detail: String },
    #[error("the answer has not the documented shape: {reason}")]
    Unreadable { reason: String },
}

impl SurveyError {
    pub fn is_unauthorized(&self) -> bool {
        match self {
            SurveyError::Transport(TransportError::Unauthorized { .. }) => true,
            SurveyError::Refused { status, .. } => matches!(status, 401 | 403),
            _ => false,
        }
    }
}

#[derive(Deserialize)]
struct Page {
    items: Vec<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    #[serde(default)]
    title: Option<String>,
    #[serde(rename = "o:errorDetails", default)]
    details: Vec<ProblemDetail>,
}

#[derive(Deserialize)]
struct ProblemDetail {
    detail: String,
}

impl<R: Runtime> HttpTransport<R> {
    /// Which of these records exist.
    ///
    /// # Errors
    /// As [`SurveyError`] says.
    pub async fn known(
        &self,
        kind: Kind,
        ids: &[InternalId],
    ) -> Result<BTreeMap<InternalId, Known>, SurveyError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let list = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let statement = match kind {
            Kind::Subsidiary => format!(
                "SELECT s.id, s.isinactive, c.symbol FROM subsidiary s JOIN currency c ON c.id = s.currency \
                 WHERE s.id IN ({list}) ORDER BY s.id"
            ),
            _ => format!("SELECT id, isinactive FROM {} WHERE id IN ({list}) ORDER BY id", kind.table()),
        };
        let mut known = BTreeMap::new();
        for row in self.survey(&statement).await? {
            let id = text(&row, "id").and_then(|id| id.parse().ok()).ok_or_else(|| unreadable("id"))?;
            let currency = text(&row, "symbol").map(Into::into);
            let is_inactive = text(&row, "isinactive").is_some_and(|flag| flag == "T");
            known.insert(InternalId::new(id), Known { is_inactive, currency });
        }
        Ok(known)
    }

    /// Which of these external ids belong to items, and whether the item is inactive.
    ///
    /// # Errors
    /// As [`SurveyError`] says.
    pub async fn known_items(&self, external_ids: &[&str]) -> Result<BTreeMap<String, bool>, SurveyError> {
        let list: Vec<String> =
            external_ids.iter().map(|id| format!("'{}'", id.replace('\'', "''"))).collect();
        let statement = format!(
            "SELECT externalid, isinactive FROM item WHERE externalid IN ({}) ORDER BY externalid",
            list.join(", ")
        );
        let mut known = BTreeMap::new();
        for row in self.survey(&statement).await? {
            let id = text(&row, "externalid").ok_or_else(|| unreadable("externalid"))?;
            known.insert(id.to_owned(), text(&row, "isinactive").is_some_and(|flag| flag == "T"));
        }
        Ok(known)
    }

    /// Symbols of the account's currencies.
    ///
    /// # Errors
    /// As [`SurveyError`] says.
    pub async fn currencies(&self) -> Result<Vec<String>, SurveyError> {
        let rows = self.survey("SELECT symbol FROM currency WHERE isinactive = 'F' ORDER BY symbol").await?;
        rows.iter()
            .map(|row| text(row, "symbol").map(str::to_owned).ok_or_else(|| unreadable("symbol")))
            .collect()
    }

    async fn survey(&self, statement: &str) -> Result<Vec<BTreeMap<String, Value>>, SurveyError> {
        let http = HttpRequest {
            method: Method::Post,
            path: SUITEQL_PATH.to_owned(),
            query: vec![("limit", "1000"), ("offset", "0")],
            headers: vec![("Content-Type", "application/json"), ("Prefer", "transient")],
            body: Some(json!({ "q": statement }).to_string()),
        };
        let (status, body) = self.rows(&http).await?;
        if !(200..300).contains(&status) {
            let detail = match serde_json::from_str::<Problem>(&body) {
                Ok(problem) => {
                    let first = problem.details.into_iter().next().map(|detail| detail.detail);
                    first.or(problem.title).unwrap_or_default()
                }
                Err(_) => "no words of its own".to_owned(),
            };
            return Err(SurveyError::Refused { status, detail });
        }
        let page: Page = serde_json::from_str(&body)
            .map_err(|error| SurveyError::Unreadable { reason: error.to_string() })?;
        Ok(page.items)
    }
}

fn text<'r>(row: &'r BTreeMap<String, Value>, column: &str) -> Option<&'r str> {
    row.get(column)?.as_str()
}

fn unreadable(column: &str) -> SurveyError {
    SurveyError::Unreadable { reason: format!("a row without `{column}`") }
}
