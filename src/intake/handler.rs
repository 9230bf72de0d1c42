//! From a request to its answer: refuse what is not Shopify's before anything is stored, acknowledge what is only
//! once it is durable.
//!
//! | answer | when |
//! | --- | --- |
//! | 200 | the hint, or the raw body for a person, is durable; or it was before |
//! | 401 | the signature is missing or wrong |
//! | 408, 413, 415 | too slow, too large, not JSON or packed |
//! | 503 | the store could not keep it, or too many wait: Shopify comes again |

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header as names};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::body::{BodyError, Buffering};
use super::config::Config;
use super::examine::{Examiner, Genuine, header};
use super::metrics::{DeliveryResult, Metrics};
use super::signature;
use crate::ports::inbox::{AsideReason, Receipt, Received};
use crate::ports::store::StoreError;
use crate::ports::{Inbox, Runtime};

/// Seconds after which a sender that met a full queue may come again.
const RETRY_AFTER: &str = "1";

/// All that requests share.
pub(super) struct Intake<S, R> {
    pub store: S,
    pub runtime: R,
    pub metrics: Arc<Metrics>,
    /// No more is accepted: what is under way ends.
    pub stopping: AtomicBool,
    examiner: Examiner,
    buffering: Buffering,
    commits: Semaphore,
}

impl<S: Inbox + 'static, R: Runtime> Intake<S, R> {
    pub fn new(config: Config, store: S, runtime: R, metrics: Arc<Metrics>) -> Intake<S, R> {
        let waiting_max = config.limits.commits_waiting_max.min(Semaphore::MAX_PERMITS);
        Intake {
            store,
            runtime,
            metrics,
            stopping: AtomicBool::new(false),
            buffering: Buffering::new(config.limits),
            commits: Semaphore::new(waiting_max),
            examiner: Examiner::new(config),
        }
    }

    pub fn config(&self) -> &Config {
        self.examiner.config()
    }

    async fn judge(&self, request: Request) -> DeliveryResult {
        let (parts, body) = request.into_parts();
        let headers = parts.headers;
        if !is_plain_json(&headers) {
            return DeliveryResult::BadType;
        }
        let Some(signature) = signature_of(&headers) else { return DeliveryResult::BadSignature };
        let body = match self.buffering.read(body, declared(&headers), &self.runtime).await {
            Ok(body) => body,
            Err(BodyError::TooLarge) => return DeliveryResult::TooLarge,
            Err(BodyError::TooSlow) => return DeliveryResult::TooSlow,
            Err(BodyError::Broken) => return DeliveryResult::Broken,
            Err(BodyError::NoRoom) => return DeliveryResult::Busy,
        };
        let now = self.runtime.now();
        if !self.examiner.is_signed(&headers, &body.bytes, &signature, now) {
            return DeliveryResult::BadSignature;
        }
        // Asked for only now: a flood of forgeries takes nobody's place in the queue.
        let Ok(_place) = self.commits.try_acquire() else { return DeliveryResult::Busy };
        let genuine = Genuine { headers: &headers, body: &body.bytes, now };
        let kept = self.keep(&genuine).await;
        let done = self.runtime.now();
        self.metrics.note_commit(done.since(now));
        self.metrics.note_store(kept.is_err(), done);
        kept.unwrap_or(DeliveryResult::StoreFailed)
    }

    /// Resolves when what the delivery says is durable.
    async fn keep(&self, genuine: &Genuine<'_>) -> Result<DeliveryResult, StoreError> {
        let receipt = self.examiner.receipt(genuine);
        let reason = match self.examiner.matter(genuine, &receipt) {
            Ok(matter) => match self.store.keep(receipt, matter, genuine.now).await? {
                Received::Kept => return Ok(DeliveryResult::Kept),
                Received::Repeated => return Ok(DeliveryResult::Repeated),
                Received::Contradicts { first } => return self.contradicts(genuine, receipt, first).await,
                Received::Foreign => AsideReason::ForeignShop,
            },
            Err(reason) => reason,
        };
        let aside = self.examiner.aside(genuine, receipt, reason);
        match self.store.set_aside(aside, genuine.now).await? {
            Received::Contradicts { first } => self.contradicts(genuine, receipt, first).await,
            Received::Repeated => Ok(DeliveryResult::Repeated),
            Received::Kept | Received::Foreign => Ok(DeliveryResult::SetAside),
        }
    }

    async fn contradicts(
        &self,
        genuine: &Genuine<'_>,
        receipt: Receipt,
        first: [u8; 32],
    ) -> Result<DeliveryResult, StoreError> {
        let aside = self.examiner.contradiction(genuine, receipt, first);
        self.store.set_aside(aside, genuine.now).await?;
        Ok(DeliveryResult::Contradicts)
    }
}

pub(super) async fn receive<S: Inbox + 'static, R: Runtime>(
    State(intake): State<Arc<Intake<S, R>>>,
    request: Request<Body>,
) -> Response {
    let result = intake.judge(request).await;
    intake.metrics.note(result);
    answer(result)
}

/// No answer has a body: whoever is not Shopify learns nothing, and Shopify reads the status only.
fn answer(result: DeliveryResult) -> Response {
    let status = match result {
        DeliveryResult::Kept
        | DeliveryResult::Repeated
        | DeliveryResult::SetAside
        | DeliveryResult::Contradicts => StatusCode::OK,
        DeliveryResult::BadSignature => StatusCode::UNAUTHORIZED,
        DeliveryResult::BadType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        DeliveryResult::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        DeliveryResult::TooSlow => StatusCode::REQUEST_TIMEOUT,
        DeliveryResult::Broken => StatusCode::BAD_REQUEST,
        DeliveryResult::Busy | DeliveryResult::StoreFailed => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = status.into_response();
    let headers = response.headers_mut();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(names::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    }
    // Part of a body may still be on its way.
    if matches!(result, DeliveryResult::TooLarge | DeliveryResult::TooSlow | DeliveryResult::Broken) {
        headers.insert(names::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn is_plain_json(headers: &HeaderMap) -> bool {
    let is_json = header(headers, "content-type").is_some_and(|text| {
        text.split(';').next().unwrap_or(text).trim().eq_ignore_ascii_case("application/json")
    });
    // Unpacking would let few bytes become many; Shopify sends none packed.
    is_json && !headers.contains_key(names::CONTENT_ENCODING)
}

fn signature_of(headers: &HeaderMap) -> Option<[u8; 32]> {
    signature::decode(header(headers, "x-shopify-hmac-sha256")?.as_bytes())
}

fn declared(headers: &HeaderMap) -> Option<u64> {
    header(headers, "content-length")?.parse().ok()
}
