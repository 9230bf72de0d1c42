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

/// A call that got no slot, and what the weather was.
#[derive(Debug)]
pub struct Refused {
    pub response: Box<Response>,
    weather: Weather,
}

/// Positions in the scenario.
#[derive(Debug, Clone, Copy)]
enum Weather {
    /// The refusal itself is a fault.
    Injected,
    SlotsCut(usize),
    /// Others in the account hold more than usual, if it is weather.
    Others(Option<usize>),
}

impl Refused {
    pub fn injected() -> Refused {
        Refused { response: Box::new(netsuite::concurrency_response()), weather: Weather::Injected }
    }

    /// Counts it, given how many calls were waited for, with this one.
    pub fn blame(&self, scene: &mut Scene, awaited: u32) {
        match self.weather {
            Weather::Injected => scene.refusals.injected += 1,
            _ if awaited > scene.contract_slots => scene.refusals.netsuite_foreseeable += 1,
            Weather::SlotsCut(weather) => {
                scene.refusals.by_cut += 1;
                scene.faults.took_effect(FaultKind::NetSuiteSlow, Some(weather));
            }
            Weather::Others(weather) => {
                scene.refusals.by_neighbours += 1;
                scene.faults.took_effect(FaultKind::OthersBusy, weather);
            }
        }
    }
}

/// Takes a slot, or says why there is none. Requests that never arrive and maintenance take none.
///
/// # Errors
/// There is none: who is to blame is for the caller to count.
pub fn begin(scene: &mut Scene, fate: Fate, now: Timestamp) -> Result<Option<netsuite::Slot>, Refused> {
    match fate {
        Fate::Throttled => return Err(Refused::injected()),
        Fate::LostBefore | Fate::Unavailable => return Ok(None),
        _ => {}
    }
    scene.netsuite.begin().map(Some).map_err(|response| {
        let conditions = scene.faults.conditions(now);
        let weather = match (conditions.netsuite_slots, conditions.others_busy) {
            (Some((_, weather)), _) => Weather::SlotsCut(weather),
            (None, others) => Weather::Others(others.map(|(_, weather)| weather)),
        };
        Refused { response, weather }
    })
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
