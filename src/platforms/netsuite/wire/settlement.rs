//! The journal over two subsidiaries: an advanced intercompany journal entry.
//!
//! Source: netsuite.md §14.4 (lines carry `lineSubsidiary`; each subsidiary's lines balance by themselves).

use serde::{Deserialize, Serialize};

use super::{CurrencyReference, JsonDecimal, Reference, Sublist, date};
use crate::domain::BookDate;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IntercompanyJournalBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Box<str>>,
    /// The one whose record it is; its lines are like the others'.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsidiary: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyReference>,
    #[serde(skip_serializing_if = "Option::is_none", with = "date")]
    pub tran_date: Option<BookDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
    /// The day of the event, when its period was shut.
    #[serde(rename = "custbody_plimsoll_date", skip_serializing_if = "Option::is_none", with = "date")]
    pub original_date: Option<BookDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Sublist<IntercompanyLineBody>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntercompanyLineBody {
    pub line_subsidiary: Reference,
    pub account: Reference,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debit: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
}
