//! Keys of what follows an order: the warehouse, habits after the purchase, and scripted events of both.

use serde::Deserialize;

use super::traffic::Line;
use super::{LatencyText, Text};
use crate::policy::document::{Keyed, Placed};

/// Who ships. Without this table nothing is ever shipped.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::scenario) struct Warehouse {
    /// When pick lists are printed, by the clock of `starts`: `every 30m from 06:00 to 20:00`.
    pub waves: Option<Text>,
    /// From the pick list to the shipment.
    pub picks_for: Option<LatencyText>,
    /// From the pick list until others can read that the order is locked.
    pub lock_delay: Option<LatencyText>,
    /// Share of orders of several units that leave in two parcels.
    pub split: Option<Text>,
    /// Share of orders in which another item is put into the parcel.
    pub substitutes: Option<Text>,
    /// Share of orders that are put on hold in Shopify.
    pub holds: Option<Text>,
    /// How long such a hold lasts.
    pub held_for: Option<Text>,
    /// Carriers by weight.
    pub carriers: Keyed<u32>,
    /// Further locations in NetSuite, by key of the entity: parts of split orders leave from there.
    pub locations: Keyed<Vec<u64>>,
}

/// What buyers do after the purchase. Without this table, nothing but edits.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::scenario) struct AfterPurchase {
    /// Whose habits fill the gaps: `mid-size` or `large`.
    pub habits: Option<Text>,
    /// Share of orders.
    pub cancelled: Option<Text>,
    pub cancelled_within: Option<Text>,
    /// Share of orders whose address is changed.
    pub addresses_changed: Option<Text>,
    /// From the order to that change.
    pub address_change: Option<LatencyText>,
    /// Share of what is sold, by value.
    pub returned: Option<Text>,
    /// From shipment to refund.
    pub return_lag: Option<LatencyText>,
    /// So many times as soon, so that a short run sees returns: `x200`.
    pub sooner: Option<Text>,
    /// Share of returns, as all below but the last.
    pub exchanged: Option<Text>,
    pub store_credit: Option<Text>,
    /// Some of the units only.
    pub partial: Option<Text>,
    /// Nothing comes back; the delivery is refunded.
    pub shipping_only: Option<Text>,
    /// A fee is kept.
    pub restocking_fee: Option<Text>,
    /// How much of the value that is.
    pub fee_share: Option<Text>,
    /// More is given than what comes back is worth.
    pub goodwill: Option<Text>,
    /// Goods that come back and are not put on the shelf.
    pub not_restocked: Option<Text>,
    /// The processor reports a failure after it had reported success.
    pub refunds_fail: Option<Text>,
    /// Share of orders that sell a gift card.
    pub gift_cards_sold: Option<Text>,
}

/// The money of an order, authorised before, is taken: all of it, or exactly so much.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Capture {
    pub order: Text,
    /// In shop currency, at the rate of that moment.
    pub amount: Text,
    pub presentment: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Units {
    /// Counted from 1.
    pub line: Placed<usize>,
    pub units: Placed<u32>,
}

/// The warehouse prints the pick list of an order.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Release {
    pub order: Text,
    /// Until others can read that the order is locked.
    pub lock_delay: Option<Text>,
}

/// Staff ship in NetSuite.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Ship {
    pub order: Text,
    /// All that is left, unless stated.
    #[serde(default)]
    pub lines: Vec<Units>,
    /// In NetSuite; the entity's own unless stated.
    pub location: Option<Placed<u64>>,
    /// One with a number of its own, unless stated.
    #[serde(default)]
    pub parcels: Vec<Parcel>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Parcel {
    pub carrier: Option<Box<str>>,
    pub number: Box<str>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Refund {
    pub order: Text,
    #[serde(default)]
    pub lines: Vec<RefundLine>,
    /// Of the delivery charge, as the order's prices are: an amount, or `all`.
    pub shipping: Option<Text>,
    pub duties: Option<Text>,
    pub tip: Option<Text>,
    /// Kept.
    pub restocking_fee: Option<Text>,
    /// Kept.
    pub return_shipping_fee: Option<Text>,
    /// Given beyond the parts; negative for less than these. Shopify states it as a discrepancy.
    pub goodwill: Option<Text>,
    /// Goods come back, or are to.
    #[serde(default, rename = "return")]
    pub is_return: bool,
    /// What goes out in their stead.
    #[serde(default)]
    pub exchange: Vec<Line>,
    /// Money back. Nothing moves that is not stated.
    #[serde(default)]
    pub payments: Vec<RefundPayment>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct RefundLine {
    /// Counted from 1.
    pub line: Placed<usize>,
    pub units: Placed<u32>,
    /// `cancel`, `return` or `no-restock`; unless stated, `return` if the units had left, else `cancel`.
    pub restock: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct RefundPayment {
    /// The tender to which it goes back; `store-credit` need not have paid.
    pub gateway: Text,
    pub amount: Text,
    pub presentment: Option<Text>,
    /// `succeeded` unless stated, `pending` or `failed`.
    pub standing: Option<Text>,
}

/// The processor's last word on a refund.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct SettleRefund {
    pub order: Text,
    /// Counted from 1 among the refunds of the order.
    pub refund: Option<Placed<usize>>,
    pub succeeds: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Cancel {
    pub order: Text,
    /// The money goes back by the tenders that paid.
    #[serde(default = "yes")]
    pub refund: bool,
    #[serde(default = "yes")]
    pub restock: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Readdress {
    pub order: Text,
    pub name: Option<Box<str>>,
    pub line1: Text,
    pub city: Option<Box<str>>,
    pub zip: Option<Box<str>>,
    /// ISO 3166 alpha-2.
    pub country: Text,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Move {
    pub order: Text,
    /// Shopify's number of the location.
    pub location: u64,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Split {
    pub order: Text,
    pub lines: Vec<Units>,
}

/// A gift card that is given away.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Card {
    /// For later events.
    pub name: Text,
    pub shop: Text,
    pub value: Text,
    pub expires: Option<Text>,
}

/// What staff do in NetSuite by hand: the order, and exactly one of the others.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Staff {
    pub order: Text,
    /// Bills what was shipped.
    #[serde(default)]
    pub key_invoice: bool,
    /// Credits so much.
    pub key_credit_memo: Option<Text>,
    /// Ships all that is left, though it was not released.
    #[serde(default)]
    pub key_shipment: bool,
    /// Closes this line, counted from 1.
    pub close_line: Option<Placed<usize>>,
    pub substitute: Option<Substitute>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Substitute {
    /// Counted from 1.
    pub line: Placed<usize>,
    pub sku: Text,
}
