//! Statements of settlement: documents that moved a clearing account, and journals with their lines, both by external
//! id.
//!
//! Source: netsuite.md §11.4 (columns), §11.5 (tables, signs; `transactionaccountingline.amount` is in base currency), §11.6 (keyset paging), §18 (a journal awaiting approval posts nothing).

use std::fmt::Write;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::text::{number_text, optional_id_text, optional_number_text, read_literal};
use super::{Page, literals, page_of};
use crate::domain::{BookDate, Currency, InternalId};
use crate::platforms::netsuite::wire::{JsonDecimal, date, id_text};

/// External ids of one question: two documents may carry the same, and a page has 1,000 rows.
pub const CLEARING_KEYS_MAX: usize = 500;
pub const JOURNAL_KEYS_MAX: usize = 100;
/// Rows of one page. Source: netsuite.md §11.1.
pub const ROWS_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettlementQuery {
    /// Customer deposits, payments and refunds; at most [`CLEARING_KEYS_MAX`] external ids.
    Clearing { keys: Vec<Box<str>> },
    /// Lines of journals, journal by journal, behind this journal and line; at most [`JOURNAL_KEYS_MAX`] external ids.
    Journals { keys: Vec<Box<str>>, after: Option<(InternalId, u32)> },
}

// The main line of a deposit, payment or refund is that of the account that received or paid; amounts are stored with
// the sign of the ledger (§11.5), so a refund's is below zero.
const CLEARING: &str = "SELECT t.id, t.externalid, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, \
    u.symbol AS currency, a.account, l.foreignamount, b.symbol AS basecurrency, t.exchangerate, \
    a.amount FROM transaction t \
    JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T' JOIN currency u ON u.id = t.currency \
    JOIN subsidiary s ON s.id = l.subsidiary JOIN currency b ON b.id = s.currency \
    LEFT JOIN transactionaccountingline a ON a.transaction = t.id AND a.transactionline = l.id AND a.posting = 'T' \
    WHERE t.type IN ('CustDep', 'CustPymt', 'CustRfnd') AND NVL(t.voided, 'F') = 'F' AND t.externalid IN (";
const BY_ID: &str = ") ORDER BY t.id";

// Lines of an entry that awaits approval have no accounting line that posts: account and amount are null. An advanced
// intercompany entry is of the type Journal too, each line with a subsidiary of its own.
const JOURNALS: &str = "SELECT t.id, t.externalid, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, \
    TO_CHAR(t.reversaldate, 'YYYY-MM-DD') AS reversaldate, u.symbol AS currency, l.id AS line, l.subsidiary, \
    a.account, CASE WHEN a.account IS NULL THEN NULL ELSE l.foreignamount END AS foreignamount, \
    b.symbol AS basecurrency, a.amount FROM transaction t \
    JOIN transactionline l ON l.transaction = t.id JOIN currency u ON u.id = t.currency \
    JOIN subsidiary s ON s.id = l.subsidiary JOIN currency b ON b.id = s.currency \
    LEFT JOIN transactionaccountingline a ON a.transaction = t.id AND a.transactionline = l.id AND a.posting = 'T' \
    WHERE t.type = 'Journal' AND NVL(t.voided, 'F') = 'F' AND t.externalid IN (";
const AND_BEHIND: &str = ") AND (t.id > ";
const OR_SAME: &str = " OR (t.id = ";
const AND_LINE: &str = " AND l.id > ";
const CLOSED: &str = "))";
const OPEN: &str = ")";
const FIRST_LINES: &str = " ORDER BY t.id, l.id FETCH FIRST 1000 ROWS ONLY";

impl SettlementQuery {
    pub fn render(&self) -> String {
        let (SettlementQuery::Clearing { keys } | SettlementQuery::Journals { keys, .. }) = self;
        let mut text = String::with_capacity(1_024 + keys.len() * 40);
        text.push_str(match self {
            SettlementQuery::Clearing { .. } => CLEARING,
            SettlementQuery::Journals { .. } => JOURNALS,
        });
        literals(keys, &mut text);
        match self {
            SettlementQuery::Clearing { .. } => text.push_str(BY_ID),
            SettlementQuery::Journals { after: None, .. } => {
                text.push_str(OPEN);
                text.push_str(FIRST_LINES);
            }
            SettlementQuery::Journals { after: Some((journal, line)), .. } => {
                write!(text, "{AND_BEHIND}{journal}{OR_SAME}{journal}{AND_LINE}{line}{CLOSED}{FIRST_LINES}")
                    .expect("a String takes any text");
            }
        }
        text
    }

    /// Reads a statement that [`SettlementQuery::render`] wrote; `None` for any other.
    pub fn parse(text: &str) -> Option<SettlementQuery> {
        if let Some(rest) = text.strip_prefix(CLEARING) {
            let (keys, rest) = read_keys(rest)?;
            return (rest == BY_ID).then_some(SettlementQuery::Clearing { keys });
        }
        let (keys, rest) = read_keys(text.strip_prefix(JOURNALS)?)?;
        let rest = rest.strip_suffix(FIRST_LINES)?;
        if rest == OPEN {
            return Some(SettlementQuery::Journals { keys, after: None });
        }
        let (journal, rest) = rest.strip_prefix(AND_BEHIND)?.split_once(OR_SAME)?;
        let (again, line) = rest.strip_suffix(CLOSED)?.split_once(AND_LINE)?;
        let after = (InternalId::new(journal.parse().ok()?), line.parse().ok()?);
        (journal == again).then_some(SettlementQuery::Journals { keys, after: Some(after) })
    }

    /// Reads the rows of an answer.
    ///
    /// # Errors
    /// A page without the documented shape, or more rows than one page where the query asks for one.
    pub fn read(&self, body: &str) -> Result<SettlementRows, String> {
        match self {
            SettlementQuery::Clearing { .. } => page_of(body).map(SettlementRows::Clearing),
            // Pages go by id, not by offset: there is more behind a full one, and the caller knows.
            SettlementQuery::Journals { .. } => part_of(body).map(SettlementRows::Journals),
        }
    }
}

fn part_of<T: DeserializeOwned>(body: &str) -> Result<Vec<T>, String> {
    serde_json::from_str(body).map(|page: Page<T>| page.items).map_err(|error| error.to_string())
}

fn read_keys(mut rest: &str) -> Option<(Vec<Box<str>>, &str)> {
    let mut keys = Vec::new();
    loop {
        let (key, after) = read_literal(rest)?;
        keys.push(key.into());
        match after.strip_prefix(", ") {
            Some(after) => rest = after,
            None => return Some((keys, after)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettlementRows {
    Clearing(Vec<ClearingRow>),
    Journals(Vec<JournalRow>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearingRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    pub externalid: Box<str>,
    #[serde(with = "date")]
    pub trandate: Option<BookDate>,
    pub currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_id_text")]
    pub account: Option<InternalId>,
    /// Debit of the account positive.
    #[serde(with = "number_text")]
    pub foreignamount: JsonDecimal,
    pub basecurrency: Currency,
    #[serde(with = "number_text")]
    pub exchangerate: JsonDecimal,
    /// In base currency, debit positive; null where it posts to no account.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub amount: Option<JsonDecimal>,
}

/// One line of a journal, with what belongs to the whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub externalid: Option<Box<str>>,
    #[serde(with = "date")]
    pub trandate: Option<BookDate>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "date")]
    pub reversaldate: Option<BookDate>,
    pub currency: Currency,
    #[serde(with = "id_text")]
    pub line: InternalId,
    #[serde(with = "id_text")]
    pub subsidiary: InternalId,
    /// Null while the entry awaits approval.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_id_text")]
    pub account: Option<InternalId>,
    /// Debit positive.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub foreignamount: Option<JsonDecimal>,
    pub basecurrency: Currency,
    /// In the base currency of the line's subsidiary, debit positive.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub amount: Option<JsonDecimal>,
}
