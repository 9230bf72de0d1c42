//! The judgement of an integration whose store nobody reads: by its books, stock, shipments and limits, and by the
//! exceptions that it reports, if it does.

use super::{Ended, result, seen_exception, shown};
use crate::ports::Runtime;
use crate::ports::store::Exception;
use crate::scenario::{Scenario, WeatherKind};
use crate::sim::oracle::Breach;
use crate::sim::oracle::seen::SeenException;
use crate::sim::rehearsal::Rehearsal;
use crate::sim::result::RunResult;

/// Invariants that only an integration of ours can be asked about: they read its store.
const FROM_INSIDE: [&str; 3] = ["nothing-silent", "converges", "audit-chain"];

/// The one of them that can be seen from outside to be broken.
const CONVERGES: &str = "converges";

/// And those that need its exceptions.
const OF_EXCEPTIONS: [&str; 2] = ["exceptions-complete", "exceptions-true"];

/// As [`super::audit`], of whatever stands between the platforms: judged by its books, stock, shipments and limits, and by its
/// open exceptions if it reports any. `is_late` if there was no rest when the time to settle was over.
pub fn from_outside<R: Runtime>(
    rehearsal: &Rehearsal<R>,
    scenario: &Scenario,
    seed: u64,
    ended: Ended,
    reported: Option<&[Exception]>,
    is_late: bool,
) -> RunResult {
    let now = ended.now;
    let mistyped = rehearsal.traffic.mistyped();
    let mut scene = rehearsal.stage.scene();
    let ledger_hash = shown(&mut scene, mistyped, scenario, now);
    if let Some(open) = reported {
        let seen: Vec<SeenException> = open.iter().map(seen_exception).collect();
        scene.oracle.exceptions(&seen, now);
    }
    let refusals = scene.seen_refusals();
    scene.oracle.at_rest_outside(reported.is_some(), &refusals, now);
    let open = reported.unwrap_or_default();
    let mut result = result(&scene, rehearsal, scenario, seed, ended, ledger_hash, open);
    for invariant in &mut result.invariants {
        let is_hidden = FROM_INSIDE.contains(&invariant.name)
            || reported.is_none() && OF_EXCEPTIONS.contains(&invariant.name);
        invariant.called_for &= !is_hidden;
    }
    if is_late && let Some(converges) = result.invariants.iter_mut().find(|it| it.name == CONVERGES) {
        converges.checked += 1;
        converges.broken += 1;
        converges.breaches.push(Breach {
            at: now,
            money: None,
            what: "the integration".to_owned(),
            said: "still writes, or leaves webhooks unanswered, when the time to settle is over".to_owned(),
        });
    }
    // Nobody kills what runs in a process of its own but whoever started it.
    let mut weather = scenario.weather.iter();
    result
        .weather
        .retain(|_| !weather.next().is_some_and(|it| matches!(it.what, WeatherKind::EngineKilled { .. })));
    result
}
