//! Claim: every parcel goes to the address that Shopify showed when the warehouse took the order, or somebody in the
//! warehouse was told of the other address before it left (failures.md A12).
//!
//! Checked as each parcel leaves, from digests of the two addresses. A look-up a parcel. Proved by the defect
//! `address-kept`: changes of an address are answered by NetSuite and never made.

use super::super::Breach;
use super::super::seen::after_purchase::ParcelLeft;
use super::{Invariant, Invariants, Name};
use crate::domain::ids::OrderId;
use crate::domain::{ShopKey, Timestamp};

pub const INVARIANT: Invariant = Invariant {
    name: "address-honoured",
    claim: "every parcel goes where the buyer last said before the warehouse took the order, or the warehouse was told",
    checked: "as each parcel leaves",
    cost: "a look-up a parcel",
    defect: "address-kept",
};

pub fn left(invariants: &mut Invariants, shop: ShopKey, order: OrderId, parcel: ParcelLeft, at: Timestamp) {
    let holds = parcel.as_shown_at_release || !parcel.is_misship || parcel.was_warned;
    invariants.tally(Name::AddressHonoured).check(holds, || Breach {
        at,
        money: None,
        what: format!("order {order} of {shop}"),
        said:
            "left for an address that Shopify no longer showed when the warehouse took the order, and nobody \
               there was told"
                .into(),
    });
}
