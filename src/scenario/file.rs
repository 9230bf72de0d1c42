//! What a scenario file may say: the structs that it is read into, key by key.
//!
//! Lives here: names and documentation of keys, from which the JSON Schema is written too. What they mean
//! together is in [`super::load`]; traffic and merchant have files of their own below this one.

use serde::Deserialize;

use crate::policy::document::{Keyed, Placed, ShortOr};

pub(super) mod afterwards;
pub(super) mod merchant;
pub(super) mod processor;
pub(super) mod products;
pub(super) mod traffic;
pub(super) mod wholesale;

use merchant::{Catalogue, Items, Kit, KnownCustomer, Merchant, Rate, Shop, StockedItem, Subsidiary};
use products::Products;
use traffic::{Script, Traffic};
use wholesale::Wholesale;

/// A short string with a grammar of its own.
pub(super) type Text = Placed<String>;

/// A rehearsal: who the merchant is, what the day looks like, what goes wrong, what must hold.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ScenarioFile {
    /// Version of the format: 1. Never the version of the tool.
    #[serde(rename = "plimsoll")]
    pub _version: u32,
    /// Files that this one builds on, beside it; what it says itself overrides them key by key.
    #[serde(rename = "use", default)]
    pub _fragments: Vec<Text>,
    /// What is rehearsed, for whom and why.
    pub scenario: Head,
    /// When it runs, for how long and with which seeds.
    pub run: Run,
    /// The engine under test.
    pub engine: Engine,
    /// Whose books these are.
    pub merchant: Merchant,
    /// Legal entities, by key.
    pub subsidiary: Keyed<Placed<Subsidiary>>,
    /// Storefronts, by key.
    pub shop: Keyed<Placed<Shop>>,
    /// Rates of exchange, each from a day on.
    #[serde(default)]
    pub rate: Vec<Placed<Rate>>,
    /// Items that stand for what is not goods.
    #[serde(default)]
    pub items: Items,
    /// Goods.
    pub catalogue: Catalogue,
    /// Customers that NetSuite holds before the day begins.
    #[serde(default)]
    pub known_customer: Vec<KnownCustomer>,
    /// Business buyers and their prices.
    #[serde(default)]
    pub wholesale: Wholesale,
    /// Goods of which stock is kept.
    #[serde(default)]
    pub stocked: Vec<StockedItem>,
    /// Bundles.
    #[serde(default)]
    pub kit: Vec<Kit>,
    /// Products with their fields, and who owns these.
    #[serde(default)]
    pub products: Products,
    /// Shoppers.
    #[serde(default)]
    pub traffic: Traffic,
    /// Who ships what was sold.
    pub warehouse: Option<Placed<afterwards::Warehouse>>,
    /// Who pays out what shoppers paid.
    pub processor: Option<Placed<processor::Processor>>,
    /// Events with exact amounts, at exact moments.
    #[serde(default)]
    pub script: Vec<Placed<Script>>,
    /// What the platforms hold us to.
    #[serde(default)]
    pub limits: Limits,
    /// What goes wrong all day: `"none"`, `"calm"`, `"busy"` or `"storm"`, or a table that departs from one.
    #[serde(default)]
    pub faults: Option<Placed<ShortOr<Faults>>>,
    /// What goes wrong at a moment. Each must take effect, or the run is inconclusive.
    #[serde(default)]
    pub weather: Vec<Placed<Weather>>,
    /// What must hold beside the invariants, which always do.
    #[serde(default)]
    pub promise: Promises,
    /// Balances of accounts at rest, debits positive, and amounts of sales orders.
    #[serde(default)]
    pub expect: Vec<Placed<Expect>>,
    /// What this rehearsal does not look at, and why. Printed on the certificate.
    #[serde(default)]
    pub not_covered: Keyed<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Head {
    /// One sentence.
    pub title: Text,
    /// Who answers for it. Required for the tag `release-gate`.
    pub owner: Option<Box<str>>,
    /// The decision that hangs on it. Required for the tag `release-gate`.
    pub why: Option<Box<str>>,
    /// To choose scenarios by: `load`, `release-gate`.
    #[serde(default)]
    pub tags: Vec<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Run {
    /// Simulated clock with its zone: `2026-11-27T00:00:00[Europe/London]`.
    pub starts: Text,
    /// How long there is traffic: `4h`.
    pub lasts: Text,
    /// How long the backlog may drain afterwards, without new faults: `6h`.
    pub settle: Option<Text>,
    /// Luck: each seed is another run.
    #[serde(default)]
    pub seeds: Option<Seeds>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Seeds {
    /// Always run.
    #[serde(default)]
    pub pinned: Vec<u64>,
    /// So many further ones, counted from 1.
    #[serde(default)]
    pub sweep: u32,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Engine {
    /// The policy file, beside this one, exactly as production reads it.
    pub config: Text,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Limits {
    /// Plan of every shop: `standard`, `advanced`, `plus` or `enterprise`.
    pub shopify: Option<Text>,
    /// Slots of the account and of our neighbours.
    pub netsuite: NetSuiteLimits,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct NetSuiteLimits {
    /// Requests that the account serves at once.
    pub slots: Option<Placed<u32>>,
    /// Of these, how many other integrations may hold at the most.
    pub others: Option<Placed<u32>>,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Faults {
    /// The profile to depart from.
    pub profile: Option<Text>,
    /// Each seed switches every kind off or makes it extreme.
    pub swarm: bool,
    pub webhook_lost: Option<Text>,
    pub webhook_duplicated: Option<Text>,
    pub webhook_reordered: Option<Text>,
    pub webhook_delay: Option<LatencyText>,
    pub shopify_throttled: Option<Text>,
    pub shopify_latency: Option<LatencyText>,
    pub shopify_failed: Option<Text>,
    pub netsuite_throttled: Option<Text>,
    pub netsuite_read: Option<LatencyText>,
    pub netsuite_write: Option<LatencyText>,
    /// The write happened, the caller saw an error.
    pub answer_lost_after: Option<Text>,
    /// The request never arrived.
    pub answer_lost_before: Option<Text>,
    pub record_changed: Option<Text>,
    pub record_locked: Option<Text>,
    pub search_lag: Option<LatencyText>,
}

/// A log-normal latency.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LatencyText {
    pub median: Text,
    pub p99: Text,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Weather {
    /// Time of day, or length after the start.
    pub at: Text,
    /// How long; nothing for what happens in an instant.
    #[serde(rename = "for")]
    pub lasts: Option<Text>,
    /// In plain words: `netsuite slows down`.
    pub what: Text,
    /// Its details.
    #[serde(default)]
    pub how: How,
}

/// Details of weather. Which of them a kind takes is in its documentation.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct How {
    /// Share of webhooks that are lost.
    pub drop: Option<Text>,
    /// So many webhooks are lost for sure, from the first on.
    pub drop_first: Option<Placed<u32>>,
    /// Share of webhooks that come twice.
    pub duplicate: Option<Text>,
    /// Share of webhooks that overtake each other.
    pub out_of_order: Option<Text>,
    /// Delay of webhooks: `up to 20m`.
    pub late: Option<Text>,
    /// One shop instead of all.
    pub shop: Option<Text>,
    /// Times as slow: `x8`.
    pub latency: Option<Text>,
    /// Slots that are left, or that others hold.
    pub slots: Option<Placed<u32>>,
    /// Share of answers lost after NetSuite has saved.
    pub after_save: Option<Text>,
    /// Share of requests lost before NetSuite sees them.
    pub before_save: Option<Text>,
    /// What is left of the restore rate.
    pub restore: Option<Text>,
    /// Share of records.
    pub share: Option<Text>,
    /// A day of the posting period.
    pub date: Option<Text>,
    /// The item.
    pub sku: Option<Text>,
    /// By how much: `5m`.
    pub by: Option<Text>,
    /// How often.
    pub times: Option<Placed<u32>>,
    /// How far apart: `7m`.
    pub every: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Promises {
    /// 99th percentile from hint to done: `<= 15m` for orders, or a table by lane.
    pub lag_p99: Option<Placed<ShortOr<Keyed<Text>>>>,
    /// Longest from hint to done: `<= 1h` for orders, or a table by lane.
    pub lag_max: Option<Placed<ShortOr<Keyed<Text>>>>,
    /// Exceptions open at rest: `= 0`.
    pub exceptions_open: Option<Text>,
    /// From the last arrival until nothing is left to do: `<= 2h`.
    pub backlog_drained_within: Option<Text>,
    /// Refusals that could not be foreseen, as a share of calls: `<= 0.5%`.
    pub shopify_throttled: Option<Text>,
    /// The same for NetSuite.
    pub netsuite_throttled: Option<Text>,
    /// Units that are sold at rest and are not there: `= 0`.
    pub oversold_units: Option<Text>,
    /// Orders that could not be placed, because nothing was shown as available: `<= 3`.
    pub turned_away: Option<Text>,
}

/// Either `account` with its `balance`, or `order` with what its sales order comes to, or how many exceptions and
/// documents there are.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Expect {
    /// Internal id of the account.
    pub account: Option<Placed<u64>>,
    /// At rest, debits positive: `70.00 GBP`. Of documents in that currency.
    pub balance: Option<Text>,
    /// The same in the base currency of the account's entity, of documents in whatever currency.
    pub in_base: Option<Text>,
    /// Name of a scripted order.
    pub order: Option<Text>,
    /// Of the sales order, tax in.
    pub total: Option<Text>,
    /// Of the sales order.
    pub tax: Option<Text>,
    /// Of the sales order, net of tax, positive.
    pub discount: Option<Text>,
    /// Cause of exceptions that are open at rest, of the order or of all.
    pub exception: Option<Text>,
    /// How many of them; one unless stated.
    pub count: Option<u64>,
    /// Their money at risk, together.
    pub at_risk: Option<Text>,
    /// Fulfillments in Shopify that were not cancelled, of the order or of all, as the numbers below.
    pub fulfillments: Option<u64>,
    pub invoices: Option<u64>,
    pub credit_memos: Option<u64>,
    pub customer_refunds: Option<u64>,
}

#[cfg(test)]
mod tests;
