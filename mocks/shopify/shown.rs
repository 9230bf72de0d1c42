//! What API clients have shown to buyers: levels set and products published, in order, until an observer takes them.
//!
//! However a call was spelled, its effect is noted here by the rule that carried it out.

use super::ShopifyTwin;
use crate::domain::ShopKey;
use crate::domain::ids::ProductId;

/// One thing that buyers see from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// A level was set; the numbers are as published.
    Level { shop: ShopKey, item: u64, location: u64 },
    /// A product was saved as active.
    Product { shop: ShopKey, id: ProductId },
}

impl ShopifyTwin {
    /// What was shown since the last call.
    pub fn take_shown(&mut self) -> Vec<Shown> {
        std::mem::take(&mut self.shown)
    }
}
