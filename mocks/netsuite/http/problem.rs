//! Error bodies of the services, with the place in the request that each names.
//!
//! Source: netsuite.md §9.1 (shape), §9.2 (exact texts).

use serde::Serialize;

use crate::mocks::http::Told;

/// A refusal before it is written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub status: u16,
    pub code: &'static str,
    pub detail: String,
    pub place: Place,
}

/// What of the request is at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Nowhere,
    /// In the body: `item.items[0].item`.
    Body(String),
    UrlPath(String),
    Header(&'static str),
    QueryParameter(String),
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    #[serde(rename = "o:errorDetails")]
    details: [Detail<'a>; 1],
}

#[derive(Serialize)]
struct Detail<'a> {
    detail: &'a str,
    #[serde(rename = "o:errorCode")]
    code: &'a str,
    #[serde(rename = "o:errorPath", skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(rename = "o:errorUrlPath", skip_serializing_if = "Option::is_none")]
    url_path: Option<&'a str>,
    #[serde(rename = "o:errorHeader", skip_serializing_if = "Option::is_none")]
    header: Option<&'a str>,
    #[serde(rename = "o:errorQueryParam", skip_serializing_if = "Option::is_none")]
    query_parameter: Option<&'a str>,
}

impl Problem {
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem { status, code, detail: detail.into(), place: Place::Nowhere }
    }

    pub fn at(self, place: Place) -> Problem {
        Problem { place, ..self }
    }

    pub fn told(&self) -> Told {
        let (title, section) = match self.status {
            401 => ("Unauthorized", "10.4.2"),
            403 => ("Forbidden", "10.4.4"),
            404 => ("Not Found", "10.4.5"),
            405 => ("Method Not Allowed", "10.4.6"),
            415 => ("Unsupported Media Type", "10.4.16"),
            500 => ("Internal Server Error", "10.5.1"),
            // A used idempotency key is a conflict with the status of a bad request (netsuite.md §7).
            _ if self.code == "IDEMPOTENCY_ERROR" => ("Conflict", "10.4.10"),
            _ => ("Bad Request", "10.4.1"),
        };
        let place = |of: fn(&Place) -> Option<&str>| of(&self.place);
        let detail =
            Detail {
                detail: &self.detail,
                code: self.code,
                path: place(|place| if let Place::Body(path) = place { Some(path) } else { None }),
                url_path: place(|place| if let Place::UrlPath(path) = place { Some(path) } else { None }),
                header: place(|place| if let Place::Header(name) = place { Some(name) } else { None }),
                query_parameter: place(|place| {
                    if let Place::QueryParameter(name) = place { Some(name) } else { None }
                }),
            };
        let body = Body {
            kind: format!("https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec{section}"),
            title,
            status: self.status,
            details: [detail],
        };
        let content = "application/vnd.oracle.resource+json; type=error".to_owned();
        Told {
            status: self.status,
            headers: vec![("Content-Type", content)],
            body: serde_json::to_vec(&body).expect("a struct of texts and numbers"),
        }
    }
}

/// Source: netsuite.md §9.2, as live.
pub(super) fn invalid_login() -> Problem {
    let text = "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > \
                Users/Roles > User Management > View Login Audit Trail.";
    Problem::new(401, "INVALID_LOGIN", text)
}

pub(super) fn blank_in_url() -> Problem {
    invalid_url("Invalid url. Spaces are not allowed in the URL.")
}

pub(super) fn invalid_url(text: &str) -> Problem {
    Problem::new(400, "INVALID_REQUEST", text)
}

pub(super) fn invalid_content(reason: &str) -> Problem {
    Problem::new(400, "INVALID_CONTENT", format!("Invalid content in the request body. {reason}"))
}
