//! NetSuite's error answers as [`PlatformError`]s: by status, code and text, in that order of trust.
//!
//! In REST most refusals of business arrive as `USER_ERROR` with the platform's message, so the text decides.
//!
//! Source: netsuite.md §9.1–9.3.

use super::operation::{Response, UnreadableAnswer};
use super::wire::{ErrorBody, ErrorDetail};
use crate::domain::Duration;
use crate::ports::{Platform, PlatformError};

const NETSUITE: Platform = Platform::NetSuite;

/// Texts and the error that each stands for; the first that occurs in code or detail wins.
const TEXTS: [(&str, Meaning); 16] = [
    ("CONCURRENCY_LIMIT_EXCEEDED", Meaning::Throttled),
    ("SSS_REQUEST_LIMIT_EXCEEDED", Meaning::Throttled),
    ("INVALID_LOGIN", Meaning::Unauthorized),
    ("INSUFFICIENT_PERMISSION", Meaning::Unauthorized),
    ("does not have permission", Meaning::Unauthorized),
    ("RCRD_HAS_BEEN_CHANGED", Meaning::Changed),
    ("Record has been changed", Meaning::Changed),
    ("locked by a user defined workflow", Meaning::Locked),
    ("in a closed period", Meaning::PeriodClosed),
    ("TRAN_PERIOD_CLOSED", Meaning::PeriodClosed),
    ("Invalid Field Value", Meaning::BadReference),
    ("INVALID_KEY_OR_REF", Meaning::BadReference),
    ("Invalid reference key", Meaning::BadReference),
    ("inactive", Meaning::BadReference),
    ("cannot be used with the", Meaning::BadReference),
    ("ACCT_TEMP_UNAVAILABLE", Meaning::Unavailable),
];

#[derive(Clone, Copy)]
enum Meaning {
    Throttled,
    Unauthorized,
    Changed,
    Locked,
    PeriodClosed,
    BadReference,
    Unavailable,
}

/// What an error answer means. `writes` tells whether the request may have changed anything.
pub fn platform_error(status: u16, body: &ErrorBody, writes: bool) -> PlatformError {
    let nothing = ErrorDetail { detail: body.title.clone(), code: "".into(), path: None };
    let detail = body.details.first().unwrap_or(&nothing);
    let reason = || match &body.operation {
        Some(operation) => format!("{} (operation {operation})", detail.detail),
        None => detail.detail.to_string(),
    };
    match status {
        429 => return PlatformError::Throttled { platform: NETSUITE },
        401 | 403 => return PlatformError::Unauthorized { platform: NETSUITE, reason: reason() },
        503 => return PlatformError::Unavailable { platform: NETSUITE, reason: reason() },
        _ => {}
    }
    let meaning = TEXTS
        .iter()
        .find(|(text, _)| *detail.code == **text || detail.detail.contains(text))
        .map(|(_, meaning)| *meaning);
    match meaning {
        Some(Meaning::Throttled) => PlatformError::Throttled { platform: NETSUITE },
        Some(Meaning::Unauthorized) => PlatformError::Unauthorized { platform: NETSUITE, reason: reason() },
        Some(Meaning::Changed) => PlatformError::RecordChanged { platform: NETSUITE },
        Some(Meaning::Locked) => PlatformError::RecordLocked { platform: NETSUITE, reason: reason() },
        Some(Meaning::PeriodClosed) => PlatformError::PeriodClosed { platform: NETSUITE, reason: reason() },
        Some(Meaning::BadReference) => {
            PlatformError::BadReference { platform: NETSUITE, field: field(detail), reason: reason() }
        }
        Some(Meaning::Unavailable) => PlatformError::Unavailable { platform: NETSUITE, reason: reason() },
        // A script after the save may have failed while the record stands (§20.2).
        None if writes && (status >= 500 || *detail.code == *"UNEXPECTED_ERROR") => {
            PlatformError::OutcomeUnknown { platform: NETSUITE, waited: Duration::ZERO }
        }
        None if status >= 500 || *detail.code == *"UNEXPECTED_ERROR" => {
            PlatformError::Unavailable { platform: NETSUITE, reason: reason() }
        }
        None => PlatformError::Refused { platform: NETSUITE, reason: reason() },
    }
}

/// The path in the body if one is given, else what the text names.
fn field(detail: &ErrorDetail) -> String {
    let named = || {
        detail.detail.split_once("following field: ").map(|(_, name)| name.trim_end_matches('.').to_owned())
    };
    detail.path.as_ref().map(ToString::to_string).or_else(named).unwrap_or_else(|| "record".to_owned())
}

/// A slot was refused: what the governor must hear.
pub fn is_throttled(response: &Response) -> bool {
    matches!(&response.answer, Err(body)
        if matches!(platform_error(response.status, body, false), PlatformError::Throttled { .. }))
}

impl From<UnreadableAnswer> for PlatformError {
    fn from(answer: UnreadableAnswer) -> PlatformError {
        PlatformError::Unreadable { platform: NETSUITE, reason: answer.to_string() }
    }
}
