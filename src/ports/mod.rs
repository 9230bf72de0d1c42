//! What the engine asks of the world: two platforms, a store, a runtime, and leave to call.
//!
//! Lives here: traits and the values that cross them, in our language. Not here: any implementation
//! (`platforms`, `store`, `runtime`, `sim`), nor a platform's JSON.

pub mod admission;
pub mod bulk;
pub mod error;
pub mod inbox;
pub mod netsuite;
pub mod paging;
pub mod prices;
pub mod products;
pub mod runtime;
pub mod settlement;
pub mod shopify;
pub mod standing;
pub mod stock;
pub mod store;

use crate::domain::{Flow, Lane, MerchantKey, ShopKey};

pub use admission::{Admission, ThrottleStatus};
pub use bulk::BulkListings;
pub use error::{Platform, PlatformError, Recovery};
pub use inbox::Inbox;
pub use netsuite::NetSuite;
pub use paging::Paging;
pub use prices::{AgreedPrices, PriceLists};
pub use products::{Items, Products};
pub use runtime::Runtime;
pub use settlement::{Bank, Payments, SettlementBooks};
pub use shopify::Shopify;
pub use standing::{BuyerAccounts, OrderPayment};
pub use stock::{InventoryLevels, StockBooks};
pub use store::Store;

/// One business entity that one flow keeps in step: the unit of work, of lease and of exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity {
    pub merchant: MerchantKey,
    pub shop: ShopKey,
    pub flow: Flow,
    /// The Shopify number of the record; 0 for work on the shop as a whole, such as a sweep.
    pub record: u64,
}

/// For what a platform is called: decides the lane's share of the limits, and names the call in traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    pub entity: Entity,
    pub lane: Lane,
    /// How often the entity's step was started before: 0 at first.
    pub attempt: u32,
}
