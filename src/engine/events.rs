//! What the engine says of itself while it runs: one stream of plain events, for metrics and for the simulation.

use crate::domain::{Duration, Lane, Order, ShopKey, Timestamp};
use crate::ports::Entity;
use crate::ports::shopify::Topic;
use crate::ports::store::{ExceptionKey, Outcome};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A step was committed.
    StepEnded {
        at: Timestamp,
        entity: Entity,
        lane: Lane,
        outcome: Outcome,
        attempt: u32,
        /// From the first hint for this piece of work until both sides agreed; `None` while they do not, and for a
        /// second look at what was done before.
        lag: Option<Duration>,
    },
    /// An exception was raised or raised again.
    Raised { at: Timestamp, key: ExceptionKey },
    /// A sweep read its feed to the end, the last of it in bulk or all of it by pages.
    Swept { at: Timestamp, shop: ShopKey, found: u32, in_bulk: bool },
    /// A subscription was missing and was created.
    Subscribed { at: Timestamp, shop: ShopKey, topic: Topic },
    /// The levels of a location were compared with NetSuite, by a reading that began then, and set.
    StockCompared { at: Timestamp, shop: ShopKey, location: u64 },
}

pub trait Observer: Send + Sync {
    fn observe(&self, event: Event);

    /// An order was read, as Shopify has it at that moment.
    fn order_read(&self, _order: &Order) {}
}
