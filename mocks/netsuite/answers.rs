//! Error answers, word for word as the platform gives them; those without a rule behind them are injected by
//! the simulation.
//!
//! Source: netsuite.md §9.1 (shape), §9.2 (exact bodies), §9.3 (texts), §17.1 (periods).

use crate::platforms::netsuite::operation::Response;
use crate::platforms::netsuite::wire::{ErrorBody, ErrorDetail};

/// Boxed, because a refusal is rare and an answer is large.
pub type Refused = Box<Response>;

fn error(status: u16, code: &str, detail: String, path: Option<String>) -> Response {
    let (title, section) = match status {
        401 => ("Unauthorized", "10.4.2"),
        404 => ("Not Found", "10.4.5"),
        500 => ("Internal Server Error", "10.5.1"),
        503 => ("Service Unavailable", "10.5.4"),
        // The concurrency refusal is titled so as well.
        _ => ("Bad Request", "10.4.1"),
    };
    let kind = format!("https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec{section}");
    let detail = ErrorDetail { detail: detail.into(), code: code.into(), path: path.map(Into::into) };
    let details = vec![detail];
    let body = ErrorBody { kind: kind.into(), title: title.into(), status, details, operation: None };
    Response { status, answer: Err(Box::new(body)) }
}

/// Slots are full: refused at once, nothing was done, no `Retry-After`.
pub fn concurrency_response() -> Response {
    let text = "Concurrent request limit exceeded. Request blocked.";
    error(429, "CONCURRENCY_LIMIT_EXCEEDED", text.to_owned(), None)
}

/// A maintenance window.
pub fn maintenance_response() -> Response {
    error(503, "ACCT_TEMP_UNAVAILABLE", "The account is temporarily unavailable.".to_owned(), None)
}

/// An internal failure: the write may stand. The id is random to its reader; here it is the caller's.
pub fn unexpected_response(error_id: u64) -> Response {
    let text = format!("An unexpected error occurred. Error ID: {error_id:020x}");
    error(500, "UNEXPECTED_ERROR", text, None)
}

/// Somebody saved the record between this request's load and its save: nothing was done.
pub fn conflict_response() -> Response {
    user_error("Record has been changed")
}

/// Token or permission.
pub fn login_response() -> Response {
    let text = "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at \
                Setup > Users/Roles > User Management > View Login Audit Trail.";
    error(401, "INVALID_LOGIN", text.to_owned(), None)
}

/// A refusal of business, with the platform's usual beginning.
pub(super) fn user_error(text: &str) -> Response {
    error(400, "USER_ERROR", format!("Error while accessing a resource. {text}"), None)
}

pub(super) fn refused(text: &str) -> Refused {
    Box::new(user_error(text))
}

/// A reference that does not exist, is inactive, or is not to be used here.
pub(super) fn invalid_value(value: &str, field: &str, path: &str) -> Refused {
    let text = format!(
        "Error while accessing a resource. You have entered an Invalid Field Value {value} for the following \
         field: {field}"
    );
    Box::new(error(400, "USER_ERROR", text, Some(path.to_owned())))
}

pub(super) fn missing_value(labels: &str) -> Refused {
    refused(&format!("Please enter value(s) for: {labels}"))
}

/// An account or location that its subsidiary does not share.
pub(super) fn not_of_subsidiary(what: &str, id: u64, subsidiary: u64) -> Refused {
    refused(&format!("The {what} {id} cannot be used with the subsidiary {subsidiary}."))
}

/// More decimals than the currency has, or a number out of range (`TRANS_UNBALNCD`).
pub(super) fn unbalanced() -> Refused {
    refused("Transaction was not in balance. Amounts may have more decimals than the currency allows.")
}

/// Locked and closed periods answer alike; the difference is who may override (§17.1).
pub(super) fn period_closed() -> Refused {
    refused("You cannot change the G/L impact of a transaction in a closed period.")
}

/// A workflow holds the record.
pub fn locked_response() -> Response {
    *locked_by_workflow()
}

pub(super) fn locked_by_workflow() -> Refused {
    refused("This record has been locked by a user defined workflow.")
}

pub(super) fn nonexistent() -> Response {
    let text = "The record instance does not exist. Provide a valid record instance ID.";
    error(404, "NONEXISTENT_ID", text.to_owned(), None)
}

pub(super) fn unknown_record_type(path: &str) -> Response {
    error(404, "NONEXISTENT_ID", format!("Record type '{path}' does not exist."), None)
}

pub(super) fn invalid_content(reason: &str) -> Response {
    error(400, "INVALID_CONTENT", format!("Invalid content in the request body. {reason}"), None)
}

pub(super) fn invalid_query() -> Response {
    let text = "Invalid search query. Detailed unprocessed description follows. Search error occurred: the twin \
                answers the statements of this integration only.";
    error(400, "INVALID_PARAMETER", text.to_owned(), None)
}
