//! What a search text below the payments account asks for, as far as the twin models it.
//!
//! Source: shopify.md §m.1 (fields), §d.3 (an unknown field drops its term with a warning and matches everything).

use super::super::answer::unknown_fields;
use crate::domain::Timestamp;
use crate::platforms::shopify::operation::SearchReport;

/// Which fields a listing knows, and which of them the twin models.
pub(super) struct Fields {
    /// The listing's name in the schema.
    pub path: &'static str,
    pub known: &'static [&'static str],
    /// Bounded from below.
    pub time: &'static str,
    /// Compared with a number.
    pub number: &'static str,
}

pub(super) const PAYOUTS: Fields = Fields {
    path: "payouts",
    known: &[
        "amount",
        "bank_account",
        "currency",
        "id",
        "issued_at",
        "ledger_type",
        "status",
        "transaction_dates",
    ],
    time: "issued_at",
    number: "id",
};

pub(super) const BALANCE_TRANSACTIONS: Fields = Fields {
    path: "balanceTransactions",
    known: &[
        "available_on",
        "credit_card_last4",
        "currency",
        "id",
        "payment_method_name",
        "payments_transfer_id",
        "payout_date",
        "payout_status",
        "processed_at",
        "tax_reporting_exempt",
        "transaction_type",
    ],
    time: "processed_at",
    number: "payments_transfer_id",
};

pub(super) const DISPUTES: Fields =
    Fields { path: "disputes", known: &["id", "initiated_at", "status"], time: "initiated_at", number: "id" };

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Search {
    /// In seconds: what happened before is left out.
    pub since: i64,
    pub number: Option<u64>,
    pub unknown: Vec<Box<str>>,
}

impl Search {
    /// # Errors
    /// A term that Shopify knows and the twin does not model.
    pub(super) fn parse<'a>(text: &'a str, fields: &Fields) -> Result<Search, &'a str> {
        let mut search = Search { since: i64::MIN, number: None, unknown: Vec::new() };
        for term in text.split_whitespace().filter(|term| *term != "AND") {
            let (field, value) = term.split_once(':').ok_or(term)?;
            if !fields.known.contains(&field) {
                search.unknown.push(field.into());
            } else if field == fields.time {
                let instant = value.strip_prefix(">=").map(|text| text.trim_matches('\''));
                let instant: Timestamp = instant.and_then(|text| text.parse().ok()).ok_or(term)?;
                let second = instant.seconds() + i64::from(instant != instant.floor_second());
                search.since = search.since.max(second);
            } else if field == fields.number {
                search.number = Some(value.parse().map_err(|_| term)?);
            } else {
                return Err(term);
            }
        }
        Ok(search)
    }

    pub(super) fn reports(&self, query: &str, fields: &Fields) -> Vec<SearchReport> {
        unknown_fields(&["shopifyPaymentsAccount", fields.path], query, &self.unknown)
    }
}
