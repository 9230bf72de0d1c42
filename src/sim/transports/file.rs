//! Fetching a file that Shopify named by its address: with the latency and luck of any call to it, and without points.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{ShopifyLink, Way, fingerprint};
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::client::TransportError;
use crate::ports::{Call, Runtime};
use crate::sim::faults::{CallKey, Fate};
use crate::sim::meter::{self, Room};
use crate::sim::stage::{Stage, kind};

/// Its luck must not depend on the address, which is another one on each way.
const NAME: &str = "BulkOperationFile";

/// # Errors
/// The file is not there, the storage fails, or its answer is lost.
pub(super) async fn fetch<R: Runtime>(
    link: &ShopifyLink<R>,
    call: Call,
    shop: ShopKey,
    url: &str,
) -> Result<String, TransportError> {
    let sent_at = link.runtime.now();
    let verdict = {
        let mut scene = link.stage.scene();
        scene.calls.shopify += 1;
        scene.faults.on_shopify_call(CallKey::of(&call, fingerprint(&[NAME])), sent_at)
    };
    let (answer, answered) = oneshot::channel();
    let (stage, way, url) = (Arc::clone(&link.stage), link.way.clone(), Box::<str>::from(url));
    let arrives = link.world.sleep(verdict.before);
    let (world, entity) = (link.world.clone(), call.entity.record);
    link.world.spawn(async move {
        arrives.await;
        let file = {
            let now = world.now();
            let _entered = meter::enter(Room::Twins);
            let file = told(&stage, &way, (call, shop, &url), verdict.fate, now);
            let refused = !matches!(file, Some(Ok(_)));
            let word = u64::from(refused) << 8 | verdict.fate as u64;
            stage.scene().trace.event(kind::SHOPIFY_CALL, now, entity, word);
            file
        };
        world.sleep(verdict.after).await;
        if let Some(file) = file {
            // Nobody listens when the engine was killed meanwhile.
            let _ = answer.send(file);
        }
    });
    let lost = |_| Err(TransportError::NoAnswer { waited: link.runtime.now().since(sent_at) });
    answered.await.unwrap_or_else(lost)
}

/// What the storage answers; `None` when that is lost.
fn told(
    stage: &Stage,
    way: &Way,
    (call, shop, url): (Call, ShopKey, &str),
    fate: Fate,
    now: Timestamp,
) -> Option<Result<String, TransportError>> {
    let status = |code| Err(TransportError::Status { code, request_id: None });
    match fate {
        Fate::Answered => {}
        // Reading leaves nothing behind, whether the request arrived or not.
        Fate::LostBefore | Fate::LostAfter => return None,
        Fate::Throttled => {
            stage.scene().refusals.injected += 1;
            return Some(status(503));
        }
        Fate::Failed | Fate::Unavailable | Fate::RecordChanged | Fate::RecordLocked => {
            return Some(status(503));
        }
    }
    Some(match way {
        Way::Http(loopback) => loopback.file(call, shop, url, now),
        Way::Typed | Way::Bytes => {
            let file = stage.scene().shopify.bulk_file(shop, url, now);
            file.map_or_else(|| status(404), Ok)
        }
    })
}

#[cfg(test)]
mod tests;
