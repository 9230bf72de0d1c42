//! What a run puts between the platforms: the engine, or a connector that stands in its place.
//!
//! Lives here: what a run asks of either, and the engine's answers. Not here: how they are put together
//! ([`super::rehearsal`]), nor the other connector ([`super::naive`]).

use crate::domain::{Flow, Timestamp};
use crate::ports::store::StoreError;
use crate::sim::executor::SimRuntime;
use crate::sim::rehearsal::Rehearsal;
use crate::sim::run::LOOK;

pub trait Subject {
    /// Starts it, after a crash as at first.
    fn start(&self, rehearsal: &Rehearsal<SimRuntime>, runtime: SimRuntime);

    /// Pieces of work that it knows of and has not ended.
    ///
    /// # Errors
    /// The store cannot be read.
    fn left(&self, rehearsal: &Rehearsal<SimRuntime>, now: Timestamp) -> Result<u64, StoreError>;

    /// Whether it will do nothing more by itself, since shoppers have gone at `ends` and so much is left.
    ///
    /// # Errors
    /// The store cannot be read.
    fn is_at_rest(
        &self,
        rehearsal: &Rehearsal<SimRuntime>,
        left: u64,
        ends: Timestamp,
    ) -> Result<bool, StoreError>;
}

/// What production runs.
pub struct Engine;

impl Subject for Engine {
    fn start(&self, rehearsal: &Rehearsal<SimRuntime>, runtime: SimRuntime) {
        rehearsal.start_engine(runtime);
    }

    fn left(&self, rehearsal: &Rehearsal<SimRuntime>, _: Timestamp) -> Result<u64, StoreError> {
        let all = rehearsal.unfinished()?;
        let locations: usize = rehearsal.policy.shops.iter().map(|shop| shop.locations.len()).sum();
        // The feed of stock is looked at for ever, and is no piece of work that could be left.
        if locations == 0 || all > FEW {
            return Ok(all);
        }
        let left = rehearsal.store.unfinished(rehearsal.policy.merchant)?;
        Ok(left.iter().filter(|entity| entity.flow != Flow::Stock).count() as u64)
    }

    fn is_at_rest(
        &self,
        rehearsal: &Rehearsal<SimRuntime>,
        left: u64,
        ends: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(swept_since(rehearsal, ends) && compared(rehearsal, ends) && left <= excused(rehearsal)?)
    }
}

/// So many pieces of work are counted one by one.
const FEW: u64 = 1_000;

/// The levels of every location were compared since the last order was brought over.
fn compared(rehearsal: &Rehearsal<SimRuntime>, ends: Timestamp) -> bool {
    let scene = rehearsal.stage.scene();
    let since = scene.drained_at.max(ends);
    rehearsal.policy.shops.iter().all(|shop| {
        let known = |location: &(u64, _)| scene.compared_at.get(&(shop.key, location.0));
        shop.locations.iter().all(|location| known(location).is_some_and(|at| *at > since))
    })
}

/// Pieces of work that may wait at rest, because an exception tells somebody.
fn excused(rehearsal: &Rehearsal<SimRuntime>) -> Result<u64, StoreError> {
    rehearsal.store.open_exceptions_count(rehearsal.policy.merchant)
}

/// Every shop's changes were read to the end since then, beyond what the search index may lag.
fn swept_since(rehearsal: &Rehearsal<SimRuntime>, ends: Timestamp) -> bool {
    let scene = rehearsal.stage.scene();
    let shown = ends.plus(scene.faults.rates().search_lag.p99).plus(LOOK);
    rehearsal
        .policy
        .shops
        .iter()
        .all(|shop| scene.swept_at.get(&shop.key).is_some_and(|swept| *swept > shown))
}
