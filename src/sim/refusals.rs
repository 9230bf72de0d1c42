//! Who is refused for a limit, and who could have known: slots of NetSuite taken or not, points of Shopify spent.
//!
//! Shared by every way to the twins. Not here: the limits themselves, which the twins keep.

use crate::domain::{Duration, Timestamp};
use crate::mocks::netsuite;
use crate::platforms::netsuite::operation::Response;
use crate::sim::faults::{Fate, FaultKind};
use crate::sim::stage::Scene;

/// A refusal's way there and back.
pub const DOOR: Duration = Duration::from_millis(100);

/// Takes a slot, or says why there is none. Requests that never arrive and maintenance take none.
pub fn begin(
    scene: &mut Scene,
    fate: Fate,
    now: Timestamp,
) -> Result<Option<netsuite::Slot>, Box<Response>> {
    match fate {
        Fate::Throttled => {
            scene.refusals.injected += 1;
            return Err(Box::new(netsuite::concurrency_response()));
        }
        Fate::LostBefore | Fate::Unavailable => return Ok(None),
        _ => {}
    }
    match scene.netsuite.begin() {
        Ok(slot) => Ok(Some(slot)),
        Err(refused) => {
            let conditions = scene.faults.conditions(now);
            let (cut, others) = (conditions.netsuite_slots, conditions.others_busy);
            // This call is counted already.
            if scene.awaited > scene.contract_slots {
                scene.refusals.netsuite_foreseeable += 1;
            } else if let Some((_, weather)) = cut {
                scene.refusals.by_cut += 1;
                scene.faults.took_effect(FaultKind::NetSuiteSlow, Some(weather));
            } else {
                scene.refusals.by_neighbours += 1;
                let weather = others.map(|(_, weather)| weather);
                scene.faults.took_effect(FaultKind::OthersBusy, weather);
            }
            Err(refused)
        }
    }
}

/// Counts a refusal by Shopify's bucket.
pub fn blame_for_points(scene: &mut Scene, now: Timestamp) {
    // The engine learns of a cut by the next answer; until then it cannot know.
    match scene.faults.conditions(now).shopify_restore {
        Some((_, weather)) => {
            scene.refusals.by_cut += 1;
            scene.faults.took_effect(FaultKind::ShopifySlow, Some(weather));
        }
        None => scene.refusals.shopify_foreseeable += 1,
    }
}
