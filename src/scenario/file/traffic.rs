//! Keys of traffic: drawn orders, scripted events, recorded days.

use serde::Deserialize;

use super::Text;
use super::afterwards::{
    AfterPurchase, Cancel, Capture, Card, Move, Readdress, Refund, Release, SettleRefund, Ship, Split, Staff,
};
use super::processor::{BalanceRow, BankLine, Dispute, DisputeEnds, OnePayout, PayOut, Reserve};
use super::wholesale::{Buy, BuyerSees, PayInNetSuite, PriceChange};
use crate::policy::document::{Keyed, Placed};

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::scenario) struct Traffic {
    /// Orders drawn from a load curve. Without `total` there are none.
    pub orders: Orders,
    /// Orders of a real day.
    pub recorded: Option<Recorded>,
    /// What buyers do after the purchase.
    pub after_purchase: Option<Placed<AfterPurchase>>,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::scenario) struct Orders {
    /// Orders in all, over `lasts`.
    pub total: Option<Placed<u64>>,
    /// Shape of the day: `normal`, `bf`, `cybmon`, `olist`, `ukb2b` or `drop`.
    pub curve: Option<Text>,
    /// A shape of one's own instead: 24 weights, one per local hour.
    pub curve_weights: Option<Placed<Vec<u32>>>,
    /// Whose habits fill the gaps: `mid-size` or `large`.
    pub habits: Option<Text>,
    /// Bursts: `8% at 12:00, spread over 5m`.
    pub spikes: Vec<Text>,
    /// Tenders by weight.
    pub mix: Option<Placed<Keyed<u32>>>,
    /// Most baskets, and the worst one.
    pub lines: Option<Placed<Lines>>,
    /// Units of most lines.
    pub units: Option<Placed<u32>>,
    pub discounted: Option<Text>,
    /// Two discounts on one order.
    pub stacked: Option<Text>,
    pub split_tender: Option<Text>,
    pub guests: Option<Text>,
    /// Orders by buyers who have bought before.
    pub returning: Option<Text>,
    /// Orders by companies.
    pub b2b: Option<Text>,
    /// New buyers who are an old one with a slip in the e-mail.
    pub typos: Option<Text>,
    /// Orders that repeat an item on two lines.
    pub repeated_sku: Option<Text>,
    /// Captured later than placed.
    pub late_capture: Option<Text>,
    /// Median of that delay.
    pub capture_delay: Option<Text>,
    /// Orders edited afterwards.
    pub edited: Option<Text>,
    /// How long after the order at the most.
    pub edited_within: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Lines {
    pub typical: u32,
    pub heaviest: u32,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Recorded {
    /// Orders as `plimsoll import` writes them, beside this file.
    pub file: Text,
    /// The shop that sold.
    pub shop: Text,
}

/// One event: its moment, and exactly one of the others.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Script {
    /// Time of day, or length after the start.
    pub at: Text,
    /// An order is placed.
    pub place: Option<Box<Place>>,
    /// The money of this order, authorised before, is taken.
    pub capture: Option<Text>,
    /// Units of one line change.
    pub edit: Option<Edit>,
    /// An order gains a line.
    pub add_line: Option<AddLine>,
    /// A further payment.
    pub pay: Option<Pay>,
    /// The order's time of change moves, without a visible change.
    pub touch: Option<Text>,
    /// What Shopify said when this order was placed is said once more: a redelivery by hand, a queue replayed.
    pub replay: Option<Text>,
    /// Exactly so much of an authorised order's money is taken.
    pub capture_amount: Option<Capture>,
    pub release: Option<Release>,
    pub ship: Option<Ship>,
    pub refund: Option<Box<Refund>>,
    pub settle_refund: Option<SettleRefund>,
    pub cancel: Option<Cancel>,
    /// The order is to be sent elsewhere.
    pub address: Option<Readdress>,
    /// Somebody puts what is left of this order on hold in Shopify.
    pub hold: Option<Text>,
    pub unhold: Option<Text>,
    /// What is left of the order is to be shipped from elsewhere.
    #[serde(rename = "move")]
    pub move_to: Option<Move>,
    /// Lines become a fulfillment order of their own.
    pub split: Option<Split>,
    /// A gift card is given away.
    pub issue_card: Option<Card>,
    pub expire_card: Option<Text>,
    /// Staff key something in NetSuite by hand.
    pub netsuite: Option<Staff>,
    /// A company orders at the prices that it is served.
    pub buy: Option<Buy>,
    /// A company looks at a price, and must see this one.
    pub buyer_sees: Option<BuyerSees>,
    /// What is agreed with companies changes in NetSuite.
    pub price_change: Option<Placed<PriceChange>>,
    /// Staff key, in NetSuite, what came by bank transfer for an order.
    pub pay_in_netsuite: Option<PayInNetSuite>,
    /// Staff adjust what is on hand in NetSuite.
    pub adjust: Option<Adjust>,
    /// Staff key an order in NetSuite for the first known customer of that location's entity.
    pub key_order: Option<KeyOrder>,
    /// A row appears in the processor's account.
    pub balance_row: Option<BalanceRow>,
    /// All that may be paid out is.
    pub payout: Option<PayOut>,
    /// A charge is disputed.
    pub dispute: Option<Dispute>,
    /// The last word on a dispute.
    pub dispute_ends: Option<Placed<DisputeEnds>>,
    /// The processor holds money back.
    pub reserve: Option<Reserve>,
    pub reserve_released: Option<Reserve>,
    /// The bank does not take a payout.
    pub payout_fails: Option<OnePayout>,
    /// A payout is cancelled before it leaves.
    pub payout_canceled: Option<OnePayout>,
    /// A line appears on a bank's statement.
    pub bank_line: Option<Placed<BankLine>>,
    /// The order is placed so often, named `A-1`, `A-2` and so on.
    pub repeat: Option<Repeat>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Repeat {
    pub times: Placed<u32>,
    /// How far apart: `5m`.
    pub every: Text,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Adjust {
    pub sku: Text,
    /// NetSuite's id of the location.
    pub location: Placed<u64>,
    /// Units that are found, or below zero missed.
    pub by: i64,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct KeyOrder {
    pub sku: Text,
    /// NetSuite's id of the location.
    pub location: Placed<u64>,
    pub quantity: Placed<u32>,
    /// For one unit, net: `30.00 GBP`.
    pub price: Text,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Place {
    /// For later events and messages.
    pub name: Text,
    pub shop: Text,
    pub buyer: Placed<Buyer>,
    pub lines: Placed<Vec<Line>>,
    pub shipping: Option<Shipping>,
    pub duties: Option<Text>,
    pub tip: Option<Text>,
    #[serde(default)]
    pub payments: Vec<Payment>,
    /// As the shop does it, unless stated.
    pub taxes_included: Option<bool>,
    /// The currency that the shopper saw.
    pub presentment: Option<Text>,
    /// ISO 3166 alpha-2.
    pub ship_to: Option<Text>,
}

/// Exactly one of `customer`, `company` and `guest`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Buyer {
    /// Name of a person with an account.
    pub customer: Option<Text>,
    /// Name of a company.
    pub company: Option<Text>,
    /// `true` for somebody without an account.
    #[serde(default)]
    pub guest: bool,
    pub email: Option<Box<str>>,
    /// Pays no tax, by law or certificate.
    #[serde(default)]
    pub exempt: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Line {
    pub sku: Option<Text>,
    pub title: Option<Text>,
    pub quantity: Placed<u32>,
    /// For one unit: `59.90 USD`.
    pub price: Text,
    #[serde(default)]
    pub discounts: Vec<Discount>,
    #[serde(default)]
    pub taxes: Vec<LineTax>,
    /// The line sells a gift card.
    #[serde(default)]
    pub gift_card: bool,
    /// The same line so often, each one a line of its own.
    pub times: Option<Placed<u32>>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Discount {
    pub label: Box<str>,
    /// For the whole line.
    pub amount: Text,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct LineTax {
    pub title: Box<str>,
    /// `20%`.
    pub rate: Text,
    /// For the whole line.
    pub amount: Text,
    /// A marketplace collects and remits it.
    #[serde(default)]
    pub channel_liable: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Shipping {
    pub title: Box<str>,
    pub price: Text,
    #[serde(default)]
    pub discounts: Vec<Discount>,
    #[serde(default)]
    pub taxes: Vec<LineTax>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Payment {
    /// As the shop names it; `gift-card` and `store-credit` are tenders like any other.
    pub gateway: Text,
    pub amount: Text,
    /// The same in the currency that the shopper saw.
    pub presentment: Option<Text>,
    /// Only authorised: a `capture` takes it later.
    #[serde(default)]
    pub authorized: bool,
    /// The attempt is declined.
    #[serde(default)]
    pub fails: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Edit {
    pub order: Text,
    /// Counted from 1.
    pub line: Placed<usize>,
    /// Zero removes the line.
    pub quantity: u32,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct AddLine {
    pub order: Text,
    pub line: Line,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Pay {
    pub order: Text,
    pub gateway: Text,
    pub amount: Text,
}
