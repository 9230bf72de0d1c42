//! Faults as they travel: what an integration reads of a refusal that no state of the twins has caused.
//!
//! Source: shopify.md §b.3; netsuite.md §9.1, §10.1.

use crate::domain::{ShopKey, Timestamp};
use crate::mocks::http::{Asked, Told};
use crate::mocks::netsuite;
use crate::mocks::shopify::ShopifyTwin;
use crate::platforms::shopify::operation::{
    Cost, ErrorExtensions, GraphQlError, Request, Response, ThrottleStatus,
};
use crate::sim::faults::Fate;

/// The answer that the fate itself gives; `None` where the twin is asked, or nothing comes back.
pub(super) fn netsuite(fate: Fate, now: Timestamp) -> Option<Told> {
    let response = match fate {
        Fate::Answered | Fate::LostAfter | Fate::LostBefore => return None,
        Fate::Throttled => netsuite::concurrency_response(),
        Fate::Unavailable => netsuite::maintenance_response(),
        Fate::Failed => netsuite::unexpected_response(now.nanos().unsigned_abs()),
        Fate::RecordChanged => netsuite::conflict_response(),
        Fate::RecordLocked => netsuite::locked_response(),
    };
    Some(netsuite::http::refusal(&response))
}

/// As [`netsuite`], for a shop.
pub(super) fn shopify(
    twin: &ShopifyTwin,
    shop: ShopKey,
    asked: &Asked,
    fate: Fate,
    now: Timestamp,
) -> Option<Told> {
    if asked.path.ends_with(".jsonl") {
        return storage(fate);
    }
    if !asked.path.ends_with("/graphql.json") {
        return rest(fate);
    }
    let error = match fate {
        Fate::Throttled => GraphQlError {
            message: "Throttled".to_owned(),
            extensions: ErrorExtensions {
                code: Some("THROTTLED".into()),
                documentation: Some("https://shopify.dev/api/usage/rate-limits".into()),
                ..ErrorExtensions::default()
            },
        },
        Fate::Failed => GraphQlError::coded(
            "Internal error. Looks like something went wrong on our end.".to_owned(),
            "INTERNAL_SERVER_ERROR",
        ),
        _ => return None,
    };
    let body = std::str::from_utf8(&asked.body).unwrap_or_default();
    // What a document of another's costs is not known before it runs; a refusal charges nothing.
    let requested = Request::parse(body).map_or(0, |request| request.requested_cost());
    let bucket = twin.bucket(shop, now);
    let cost = Cost {
        requested_query_cost: requested,
        actual_query_cost: None,
        throttle_status: ThrottleStatus {
            maximum_available: f64::from(bucket.maximum()),
            currently_available: f64::from(bucket.available()),
            restore_rate: bucket.restore_rate(),
        },
    };
    let headers = vec![("Content-Type", "application/json; charset=utf-8".to_owned())];
    Some(Told { status: 200, headers, body: Response::refused(error, Some(cost)).to_json().into_bytes() })
}

/// For the resources that have no GraphQL. The body of the 500 is an assumption: no source shows one.
fn rest(fate: Fate) -> Option<Told> {
    let (status, error) = match fate {
        Fate::Throttled => (
            429,
            "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.",
        ),
        Fate::Failed => (500, "Internal Server Error"),
        _ => return None,
    };
    let mut headers = vec![("Content-Type", "application/json; charset=utf-8".to_owned())];
    if status == 429 {
        headers.push(("Retry-After", "2.0".to_owned()));
    }
    Some(Told { status, headers, body: serde_json::json!({ "errors": error }).to_string().into_bytes() })
}

/// For files, which lie in a storage that knows no points. That it says 503 whenever it fails is an assumption.
fn storage(fate: Fate) -> Option<Told> {
    let fails = matches!(fate, Fate::Throttled | Fate::Failed);
    fails.then(|| Told {
        status: 503,
        headers: vec![("Content-Type", "application/xml; charset=UTF-8".to_owned())],
        body: b"<Error><Code>ServiceUnavailable</Code></Error>".to_vec(),
    })
}

/// Whether a shop refused for want of points.
pub(super) fn is_throttled(told: &Told) -> bool {
    told.status == 429 || codes(told).iter().any(|code| code == "THROTTLED")
}

/// The codes of the errors of a GraphQL answer.
fn codes(told: &Told) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Answer {
        #[serde(default)]
        errors: Vec<Error>,
    }
    #[derive(serde::Deserialize)]
    struct Error {
        #[serde(default)]
        extensions: Extensions,
    }
    #[derive(Default, serde::Deserialize)]
    struct Extensions {
        #[serde(default)]
        code: Option<String>,
    }
    // Errors follow data only where there are few of them: most answers have none, and need not be read.
    if told.status != 200 || !told.body.windows(9).any(|word| word == b"\"errors\":") {
        return Vec::new();
    }
    let answer: Option<Answer> = serde_json::from_slice(&told.body).ok();
    answer.into_iter().flat_map(|it| it.errors).filter_map(|error| error.extensions.code).collect()
}

#[cfg(test)]
mod tests;
