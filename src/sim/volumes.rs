//! What the warehouse and customer service did in one run, counted, and how often an address lost the race with
//! the pick list.

use crate::domain::Duration;

/// Counts of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Volumes {
    /// Pick lists printed.
    pub released: u64,
    /// Item fulfillments that reached Shipped.
    pub shipments: u64,
    /// Orders that left in more than one parcel because their lines lie at several locations.
    pub split_by_location: u64,
    /// Orders with another item in the parcel than was sold.
    pub substituted: u64,
    pub cancelled: u64,
    pub readdressed: u64,
    /// Changes that the storefront refused because the order was visibly locked.
    pub locked_out: u64,
    pub refunds: u64,
    pub exchanges: u64,
    pub gift_cards_sold: u64,
    /// Fulfillments in Shopify, cancelled ones not counted.
    pub fulfillments: u64,
    pub invoices: u64,
    pub credit_memos: u64,
    pub customer_refunds: u64,
    pub race: RaceWindow,
}

/// Parcels by how long the lock of their order stayed invisible.
///
/// Source: failures.md A12: "Measure mis-ships per 10,000 orders as a function of delay".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RaceWindow {
    buckets: [RaceBucket; BOUNDS.len() + 1],
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RaceBucket {
    pub shipped: u64,
    /// Of these, parcels that went to another address than the one that Shopify showed when they left.
    pub mis_shipped: u64,
}

/// Upper bounds of the delay; the last bucket is beyond them.
const BOUNDS: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(60),
];

impl RaceWindow {
    pub fn shipped(&mut self, lock_delay: Duration, mis_shipped: bool) {
        let at = BOUNDS.iter().position(|bound| lock_delay <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[at].shipped += 1;
        self.buckets[at].mis_shipped += u64::from(mis_shipped);
    }

    /// Those in which anything was shipped, by the longest delay in them; `None` is beyond all bounds.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, RaceBucket)> + '_ {
        let bounds = BOUNDS.into_iter().map(Some).chain([None]);
        bounds.zip(self.buckets).filter(|(_, bucket)| bucket.shipped > 0)
    }

    pub fn mis_shipped(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.mis_shipped).sum()
    }
}

impl RaceBucket {
    /// Mis-shipped parcels in ten thousand, in hundredths.
    pub fn per_10_000_hundredths(self) -> u64 {
        (self.mis_shipped * 1_000_000).checked_div(self.shipped).unwrap_or_default()
    }
}
