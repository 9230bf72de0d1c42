//! What followed the orders of a run, within a document.

use serde::Serialize;

use crate::report::figures;
use crate::sim::volumes::Volumes;

#[derive(Debug, Serialize)]
pub(super) struct VolumesEntry {
    released: u64,
    shipments: u64,
    fulfillments: u64,
    invoices: u64,
    credit_memos: u64,
    customer_refunds: u64,
    refunds: u64,
    exchanges: u64,
    cancelled: u64,
    readdressed: u64,
    locked_out: u64,
    substituted: u64,
    split_by_location: u64,
    gift_cards_sold: u64,
    mis_ships: u64,
    /// Mis-ships by how long the lock stayed invisible.
    race_window: Vec<RaceEntry>,
}

#[derive(Debug, Serialize)]
struct RaceEntry {
    /// The longest delay in it; absent beyond all bounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    lock_delay_seconds_max: Option<f64>,
    shipped: u64,
    mis_shipped: u64,
    per_10_000: f64,
}

impl VolumesEntry {
    pub fn new(volumes: &Volumes) -> VolumesEntry {
        VolumesEntry {
            released: volumes.released,
            shipments: volumes.shipments,
            fulfillments: volumes.fulfillments,
            invoices: volumes.invoices,
            credit_memos: volumes.credit_memos,
            customer_refunds: volumes.customer_refunds,
            refunds: volumes.refunds,
            exchanges: volumes.exchanges,
            cancelled: volumes.cancelled,
            readdressed: volumes.readdressed,
            locked_out: volumes.locked_out,
            substituted: volumes.substituted,
            split_by_location: volumes.split_by_location,
            gift_cards_sold: volumes.gift_cards_sold,
            mis_ships: volumes.race.mis_shipped(),
            race_window: volumes
                .race
                .buckets()
                .map(|(up_to, bucket)| RaceEntry {
                    lock_delay_seconds_max: up_to.map(figures::seconds),
                    shipped: bucket.shipped,
                    mis_shipped: bucket.mis_shipped,
                    per_10_000: bucket.per_10_000_hundredths() as f64 / 100.0,
                })
                .collect(),
        }
    }
}
