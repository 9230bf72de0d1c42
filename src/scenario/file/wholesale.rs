//! Keys of business buyers: price levels, companies, and what happens to them.

use serde::Deserialize;

use super::Text;
use crate::policy::document::{Keyed, Placed};

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::scenario) struct Wholesale {
    /// A change of a price reaches every buyer within this: `15m`.
    pub within: Option<Text>,
    /// Internal ids of price levels, by name. `base` is there without being named.
    pub levels: Keyed<Placed<u64>>,
    /// Internal ids of pricing groups, by name.
    pub groups: Keyed<Placed<u64>>,
    /// Prices by level and quantity.
    pub price: Vec<Price>,
    /// Pricing groups of items.
    pub item: Vec<ItemGroup>,
    /// Business buyers, by key: each is one company with one location.
    pub company: Keyed<Placed<Company>>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Price {
    pub sku: Text,
    /// `base` or one of `levels`.
    pub level: Text,
    /// From so many units on.
    #[serde(default = "one")]
    pub from: u32,
    /// For one unit.
    pub price: Text,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct ItemGroup {
    pub sku: Text,
    pub group: Text,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Company {
    pub name: Box<str>,
    pub email: Box<str>,
    pub shop: Text,
    /// Its price level.
    pub level: Option<Text>,
    /// Payment terms, such as `Net 30`.
    pub terms: Option<Box<str>>,
    pub credit_limit: Option<Text>,
    /// Agreed for single items.
    #[serde(default)]
    pub items: Vec<Placed<AgreedItem>>,
    /// Levels that hold for pricing groups.
    #[serde(default)]
    pub groups: Vec<AgreedGroup>,
}

/// An item with either a price or a level.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct AgreedItem {
    pub sku: Text,
    pub price: Option<Text>,
    pub level: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct AgreedGroup {
    pub group: Text,
    pub level: Text,
}

/// In NetSuite: `level` and `sku` with `price`; `company` with `level`; `company`, `sku` and `price` or `level`;
/// or `company` with `credit-limit`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct PriceChange {
    pub company: Option<Text>,
    pub sku: Option<Text>,
    pub level: Option<Text>,
    /// From so many units on.
    #[serde(default = "one")]
    pub from: u32,
    pub price: Option<Text>,
    pub credit_limit: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Buy {
    /// For later events and messages.
    pub name: Text,
    pub company: Text,
    pub lines: Placed<Vec<BuyLine>>,
    /// What the buyer must be asked to pay in all.
    pub total: Option<Text>,
    /// Paid at once; on terms otherwise.
    pub gateway: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct BuyLine {
    pub sku: Text,
    pub quantity: Placed<u32>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct BuyerSees {
    pub company: Text,
    pub sku: Text,
    #[serde(default = "one")]
    pub quantity: u32,
    /// For one unit.
    pub price: Text,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct PayInNetSuite {
    pub order: Text,
    pub amount: Text,
}
