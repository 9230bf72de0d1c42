//! What the world did to orders after they were placed, as far as people must hear of it: releases to the warehouse,
//! changes that came too late, parcels that nobody ordered, money that came back.
//!
//! The world reports what it did, never what the engine made of it. What follows from Shopify's own record, such as a
//! refund whose parts disagree, is not reported: the oracle derives it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use crate::domain::customer::Address;
use crate::domain::ids::{OrderId, TransactionId};
use crate::domain::{CauseCode, Duration, FixedMap, ShopKey, Timestamp};

/// What a shopper or customer service does to an order that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LateChange {
    Lines,
    Cancelled,
    Address,
}

impl LateChange {
    pub const ALL: [LateChange; 3] = [LateChange::Lines, LateChange::Cancelled, LateChange::Address];

    /// What an exception is called that speaks of it after the release.
    pub fn code(self) -> CauseCode {
        match self {
            LateChange::Lines => CauseCode::ChangedAfterRelease,
            LateChange::Cancelled => CauseCode::CancelledAfterRelease,
            LateChange::Address => CauseCode::AddressChangedAfterRelease,
        }
    }
}

/// When the warehouse took an order, and what the label then said.
#[derive(Debug, Clone, Copy)]
struct Release {
    at: Timestamp,
    /// Digest of the address on the label.
    label: u64,
    /// Digest of the address that Shopify showed.
    shown: u64,
}

/// How long before the release a change may have been made that the engine could not carry over in time: the
/// longest that a lost webhook waits for the sweep after next, with its retries.
const IN_FLIGHT: Duration = Duration::from_mins(45);

#[derive(Debug, Clone, Default)]
pub struct AfterPurchase {
    releases: FixedMap<(ShopKey, OrderId), Release>,
    /// The latest change of each kind.
    changes: BTreeMap<(ShopKey, OrderId, LateChange), Timestamp>,
    /// Exceptions that the engine has raised in time, of kinds that a parcel must wait for.
    warned: BTreeSet<(ShopKey, OrderId, CauseCode)>,
    /// From when on silence is an alarm.
    silent: BTreeMap<(ShopKey, OrderId), Timestamp>,
    /// Causes that stand until the world says that they are gone.
    standing: BTreeSet<(ShopKey, OrderId, CauseCode)>,
    failed_refunds: BTreeSet<(ShopKey, TransactionId)>,
    misshipped: u64,
    parcels: u64,
}

impl AfterPurchase {
    /// The warehouse took the order for a pick wave. `label` is the address of the sales order at that moment, `shown`
    /// the one that Shopify shows.
    pub fn released(
        &mut self,
        shop: ShopKey,
        order: OrderId,
        at: Timestamp,
        label: Option<&Address>,
        shown: Option<&Address>,
    ) {
        let release = Release { at, label: digest(label), shown: digest(shown) };
        self.releases.insert((shop, order), release);
    }

    /// Lines were edited, the order was cancelled, or its address was changed, whether or not it was released.
    pub fn changed(&mut self, shop: ShopKey, order: OrderId, what: LateChange, at: Timestamp) {
        self.changes.insert((shop, order, what), at);
    }

    /// The warehouse loses the order from sight: released, and nothing ships. From `alarm_from` on somebody must have
    /// been told.
    pub fn silent(&mut self, shop: ShopKey, order: OrderId, alarm_from: Timestamp) {
        self.silent.insert((shop, order), alarm_from);
    }

    /// An order that was silent ships after all.
    pub fn no_longer_silent(&mut self, shop: ShopKey, order: OrderId) {
        self.silent.remove(&(shop, order));
    }

    /// Something was shipped that the order does not name: substituted, too many, or added by hand
    /// ([`CauseCode::ShipmentUnmatched`]); a parcel left while Shopify holds the order
    /// ([`CauseCode::FulfillmentHeld`]); Shopify's staff marked as fulfilled what has not shipped
    /// ([`CauseCode::FulfilledInShopify`]); a document was keyed that says something else than the flow would write
    /// ([`CauseCode::KeyedByHand`]).
    pub fn arose(&mut self, shop: ShopKey, order: OrderId, code: CauseCode) {
        self.standing.insert((shop, order, code));
    }

    /// The cause is gone: the hold was lifted, the rest was shipped, the document was deleted.
    pub fn ended(&mut self, shop: ShopKey, order: OrderId, code: CauseCode) {
        self.standing.remove(&(shop, order, code));
    }

    /// A refund that had succeeded failed later; Shopify then shows its transaction as failed.
    pub fn refund_failed(&mut self, shop: ShopKey, transaction: TransactionId) {
        self.failed_refunds.insert((shop, transaction));
    }

    /// A parcel left the warehouse, labelled at the release. `shown` is the address that Shopify shows by now: another
    /// one makes it a mis-ship.
    pub fn parcel_left(&mut self, shop: ShopKey, order: OrderId, shown: Option<&Address>) -> ParcelLeft {
        self.parcels += 1;
        let Some(release) = self.releases.get(&(shop, order)) else {
            return ParcelLeft { as_shown_at_release: true, was_warned: false, is_misship: false };
        };
        let is_misship = release.label != digest(shown);
        self.misshipped += u64::from(is_misship);
        ParcelLeft {
            as_shown_at_release: release.label == release.shown,
            was_warned: self.warned.contains(&(shop, order, CauseCode::AddressChangedAfterRelease)),
            is_misship,
        }
    }

    /// The engine told the warehouse's people.
    pub(in super::super) fn raised(&mut self, shop: ShopKey, order: u64, code: CauseCode) {
        if code == CauseCode::AddressChangedAfterRelease {
            self.warned.insert((shop, OrderId::new(order), code));
        }
    }

    /// Parcels that left, and those of them that went to another address than Shopify's last.
    pub fn parcels(&self) -> (u64, u64) {
        (self.parcels, self.misshipped)
    }

    /// Whether such a change came after the release, or so shortly before that it could not be carried over.
    pub(in super::super) fn came_late(&self, shop: ShopKey, order: OrderId, what: LateChange) -> bool {
        let changed = self.changes.get(&(shop, order, what));
        let released = self.releases.get(&(shop, order)).map(|release| release.at);
        changed.zip(released).is_some_and(|(changed, released)| changed.plus(IN_FLIGHT) >= released)
    }

    /// When the order's lines were last edited, if that came late.
    pub(in super::super) fn edited_late(&self, shop: ShopKey, order: OrderId) -> Option<Timestamp> {
        let edited = self.changes.get(&(shop, order, LateChange::Lines)).copied();
        edited.filter(|_| self.came_late(shop, order, LateChange::Lines))
    }

    /// Whether the label says another address than this one; not where nothing was released.
    pub(in super::super) fn label_differs(
        &self,
        shop: ShopKey,
        order: OrderId,
        shown: Option<&Address>,
    ) -> bool {
        self.releases.get(&(shop, order)).is_some_and(|release| release.label != digest(shown))
    }

    pub(in super::super) fn is_silent(&self, shop: ShopKey, order: OrderId, now: Timestamp) -> bool {
        self.silent.get(&(shop, order)).is_some_and(|from| *from <= now)
    }

    pub(in super::super) fn stands(&self, shop: ShopKey, order: OrderId, code: CauseCode) -> bool {
        self.standing.contains(&(shop, order, code))
    }

    /// The causes of one order that were reported and stand.
    pub(in super::super) fn standing(
        &self,
        shop: ShopKey,
        order: OrderId,
    ) -> impl Iterator<Item = CauseCode> + '_ {
        let codes = (shop, order, CauseCode::CustomerLikelyDuplicate)..;
        let of_order = self.standing.range(codes);
        of_order.take_while(move |(of, id, _)| *of == shop && *id == order).map(|(.., code)| *code)
    }

    pub(in super::super) fn failed_after_success(&self, shop: ShopKey, transaction: TransactionId) -> bool {
        self.failed_refunds.contains(&(shop, transaction))
    }
}

/// What is to be said of a parcel as it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParcelLeft {
    /// The label shows the address that Shopify showed when the order was released.
    pub as_shown_at_release: bool,
    /// Somebody in the warehouse had been told that the address is another by now.
    pub was_warned: bool,
    pub is_misship: bool,
}

/// Addresses are kept as digests: a day may release a million orders. A part that is blank is a part that is missing.
fn digest(address: Option<&Address>) -> u64 {
    let mut hasher = crate::domain::fixed_hash::FixedHasher::default();
    if let Some(address) = address {
        for part in [
            &address.name,
            &address.line1,
            &address.line2,
            &address.city,
            &address.province,
            &address.zip,
            &address.country,
            &address.phone,
        ] {
            part.as_deref().filter(|text| !text.trim().is_empty()).hash(&mut hasher);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests;
