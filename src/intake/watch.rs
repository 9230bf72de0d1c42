//! What watches the intake, on a listener of its own: alive, ready, counted.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::handler::Intake;
use super::race::{First, first};
use crate::domain::{Duration, Lane};
use crate::ports::{Inbox, Runtime};

/// How long the store may take to answer before it counts as gone.
const PROBE_WITHIN: Duration = Duration::from_secs(1);

/// How long a failed commit makes the intake not ready, unless a later one succeeds: then it must be tried again,
/// and only deliveries try it.
const FAILURE_LASTS: Duration = Duration::from_secs(10);

/// The process runs and answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Deliveries can be kept: the store answers, the latest commit did not fail just now, no stop is under way.
pub(super) async fn readyz<S: Inbox + 'static, R: Runtime>(
    State(intake): State<Arc<Intake<S, R>>>,
) -> Response {
    if intake.stopping.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    if intake.metrics.store_fails(FAILURE_LASTS, intake.runtime.now()) || !answers(&intake).await {
        return (StatusCode::SERVICE_UNAVAILABLE, "the store fails\n").into_response();
    }
    "ready\n".into_response()
}

/// Prometheus text. Without an answer of the store the queue's depth reads as zero, and `readyz` tells why.
pub(super) async fn metrics<S: Inbox + 'static, R: Runtime>(
    State(intake): State<Arc<Intake<S, R>>>,
) -> Response {
    let waiting = waiting(&intake).await.unwrap_or([0; Lane::ALL.len()]);
    let mut text = intake.metrics.text(&waiting);
    text.push_str(&intake.metrics.others().await);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// The cheapest of questions: counting what waits could take longer than a start may.
async fn answers<S: Inbox + 'static, R: Runtime>(intake: &Intake<S, R>) -> bool {
    let asked = intake.store.aside(intake.config().merchant, 0, 0);
    matches!(first(asked, intake.runtime.sleep(PROBE_WITHIN)).await, First::Preferred(Ok(_)))
}

async fn waiting<S: Inbox + 'static, R: Runtime>(intake: &Intake<S, R>) -> Option<[u64; Lane::ALL.len()]> {
    let asked = intake.store.waiting_by_lane(intake.config().merchant);
    match first(asked, intake.runtime.sleep(PROBE_WITHIN)).await {
        First::Preferred(waiting) => waiting.ok(),
        First::Other(()) => None,
    }
}
