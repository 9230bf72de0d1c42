//! What the engine says of itself while it runs: one stream of plain events, for metrics and for the simulation.

use crate::domain::{Duration, Lane, ShopKey};
use crate::ports::Entity;
use crate::ports::shopify::Topic;
use crate::ports::store::{ExceptionKey, Outcome};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A step was committed.
    StepEnded {
        entity: Entity,
        lane: Lane,
        outcome: Outcome,
        /// From the first hint for this piece of work until now.
        lag: Duration,
        attempt: u32,
    },
    /// An exception was raised or raised again.
    Raised(ExceptionKey),
    /// A sweep read its feed to the end.
    Swept { shop: ShopKey, found: u32 },
    /// A subscription was missing and was created.
    Subscribed { shop: ShopKey, topic: Topic },
}

pub trait Observer: Send + Sync {
    fn observe(&self, event: Event);
}
