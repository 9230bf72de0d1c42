//! Keys of the processor, of the bank, and of scripted events of both.

use serde::Deserialize;

use super::{LatencyText, Text};
use crate::policy::document::{Keyed, Placed};

/// Who pays out what shoppers paid by `shopify_payments`. Without this table nothing is ever paid out.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Processor {
    /// Shops with an account: all that take `shopify_payments`, unless stated.
    pub shops: Option<Vec<Text>>,
    /// Of a charge, in the currency that is paid out: `2.9% + 0.30`.
    pub fees: Text,
    /// `daily`, `weekly monday`, `monthly 15` or `manual`; daily unless stated.
    pub schedule: Option<Text>,
    /// Business days from a charge until it is paid out: 2 unless stated.
    pub delay: Option<Placed<u32>>,
    /// A smaller sum waits, in whole units of the currency: 1 unless stated.
    pub minimum: Option<Placed<u32>>,
    /// A balance below zero is taken from the bank, unless this is false: then it waits for later sales.
    #[serde(default = "yes")]
    pub withdraws: bool,
    /// What single shops have otherwise, by key.
    #[serde(default)]
    pub shop: Keyed<Placed<ProcessorShop>>,
    /// Bank holidays: `2026-12-25`.
    #[serde(default)]
    pub holidays: Vec<Text>,
    /// From a payout to the bank, in business days: `1 to 3` unless stated.
    pub bank_delay: Option<Text>,
    /// From the beginning of a value date until the line can be read.
    pub statement_delay: Option<LatencyText>,
    /// Other gateways send the bank one sum a month.
    #[serde(default)]
    pub other_gateways: bool,
    /// Share of charges that are disputed.
    pub disputes: Option<Text>,
    /// Share of charges about which a bank only asks.
    pub inquiries: Option<Text>,
    /// From the charge to either.
    pub dispute_lag: Option<LatencyText>,
    /// From the dispute to its end.
    pub decided_after: Option<LatencyText>,
    /// Share of disputes won.
    pub won: Option<Text>,
    /// Share of disputes of which a part comes back.
    pub partly_won: Option<Text>,
    /// Share of disputes won whose fee comes back.
    pub fee_back: Option<Text>,
    /// Share of payouts of which a part is held back.
    pub reserves: Option<Text>,
    /// How much of the payout that is.
    pub reserve_share: Option<Text>,
    pub reserved_for: Option<Text>,
    /// Share of payouts that the bank does not take.
    pub failures: Option<Text>,
    /// Share of payouts that are cancelled before they leave.
    pub cancellations: Option<Text>,
    /// Share of payouts with a row of another type: labels, adjustments, advances and all the others in turn.
    pub adjustments: Option<Text>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct ProcessorShop {
    pub fees: Option<Text>,
    pub schedule: Option<Text>,
    pub delay: Option<Placed<u32>>,
    pub minimum: Option<Placed<u32>>,
    pub withdraws: Option<bool>,
}

/// Internal ids of the accounts that settlement needs. Either all of an entity, or none.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct SettlementAccounts {
    pub in_transit: Placed<u64>,
    pub returned: Placed<u64>,
    pub fees: Placed<u64>,
    pub fee_tax: Placed<u64>,
    pub dispute_fees: Placed<u64>,
    pub disputes: Placed<u64>,
    pub dispute_losses: Placed<u64>,
    pub reserve: Placed<u64>,
    pub freight: Placed<u64>,
    pub loan: Placed<u64>,
    pub advertising: Placed<u64>,
    pub accruals: Placed<u64>,
    pub exchange_bridge: Placed<u64>,
    pub due_from: Placed<u64>,
    pub due_to: Placed<u64>,
}

/// A row appears in the processor's account.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct BalanceRow {
    pub shop: Text,
    /// As Shopify spells the type, published or not: `SHIPPING_LABEL`.
    pub kind: Text,
    /// Above zero is the merchant's: `-4.20 GBP`.
    pub amount: Text,
    /// Kept by the processor; none unless stated.
    pub fee: Option<Text>,
    /// The order whose charge it settles.
    pub order: Option<Text>,
    pub reason: Option<Box<str>>,
}

/// Everything that may be paid out is.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct PayOut {
    pub shop: Text,
}

/// A charge is disputed, or a bank only asks.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Dispute {
    pub order: Text,
    /// In the currency that is paid out.
    pub amount: Text,
    /// None unless stated.
    pub fee: Option<Text>,
    /// Moves no money.
    #[serde(default)]
    pub inquiry: bool,
}

/// The last word on the dispute of an order.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct DisputeEnds {
    pub order: Text,
    /// `won`, `lost` or `partly`.
    pub outcome: Text,
    /// What comes back of one that is partly won.
    pub amount: Option<Text>,
    /// What comes back of the fee.
    pub fee_back: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Reserve {
    pub shop: Text,
    pub amount: Text,
}

/// A payout of a shop.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct OnePayout {
    pub shop: Text,
    /// Counted from 1; the latest unless stated.
    pub payout: Option<Placed<usize>>,
}

/// A line that appears on a bank's statement at once.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct BankLine {
    /// Key of the entity whose bank account it is.
    pub subsidiary: Text,
    /// Above zero came in.
    pub amount: Text,
    /// As the sender wrote it.
    pub reference: Option<Box<str>>,
    /// Instead of a reference: the trace of this payout.
    pub trace_of: Option<OnePayout>,
}
