//! Statuses, headers and bodies as Shopify's servers write them.
//!
//! Source: shopify.md §a (headers, the body of a 401), §b.3 (statuses).

use super::super::ids::uuid;
use crate::mocks::http::Told;

/// An answer before it has the headers that every answer has.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    body: String,
    headers: Vec<(&'static str, String)>,
}

/// Marks request ids among all that the twin numbers.
const REQUESTS: u64 = 3;

impl Reply {
    pub(super) fn json(status: u16, body: String) -> Reply {
        let headers = vec![("Content-Type", "application/json; charset=utf-8".to_owned())];
        Reply { status, body, headers }
    }

    /// The result of a bulk operation.
    pub(super) fn lines(body: String) -> Reply {
        Reply { status: 200, body, headers: vec![("Content-Type", "application/jsonl".to_owned())] }
    }

    /// An answer of the storage for files that are handed in.
    pub(super) fn xml(status: u16, body: String) -> Reply {
        Reply { status, body, headers: vec![("Content-Type", "application/xml; charset=UTF-8".to_owned())] }
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Reply {
        self.headers.push((name, value));
        self
    }

    pub(super) fn of_version(self, served: Box<str>) -> Reply {
        self.with("X-Shopify-API-Version", served.into())
    }

    pub(super) fn not_found() -> Reply {
        Reply::json(404, r#"{"errors":"Not Found"}"#.to_owned())
    }

    /// `errors` is a string here, not a list.
    pub(super) fn unauthorized() -> Reply {
        let message = "[API] Invalid API key or access token (unrecognized login or wrong password)";
        Reply::json(401, serde_json::json!({ "errors": message }).to_string())
    }

    /// An assumption, shown by no source at hand: a body without the parameter is a 400 that names it.
    pub(super) fn parameter_missing(name: &str) -> Reply {
        let errors = serde_json::json!({ "errors": { name: "Required parameter missing or invalid" } });
        Reply::json(400, errors.to_string())
    }

    /// The answer to the `request`-th request.
    pub(super) fn told(mut self, request: u64) -> Told {
        self.headers.push(("X-Request-Id", uuid(REQUESTS, request).to_string()));
        Told { status: self.status, headers: self.headers, body: self.body.into_bytes() }
    }
}
