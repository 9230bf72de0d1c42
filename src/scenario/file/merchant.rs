//! Keys of the merchant's intent: entities, storefronts, goods. Mostly written in a file under `shops/`.

use serde::Deserialize;

use super::Text;
use super::processor::SettlementAccounts;
use crate::policy::document::{Keyed, Placed};

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Merchant {
    pub key: Text,
    /// The NetSuite account's own zone.
    pub account_zone: Text,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Subsidiary {
    pub id: Placed<u64>,
    pub name: Text,
    /// ISO 3166 alpha-2.
    pub country: Text,
    pub currency: Text,
    pub books_zone: Text,
    pub bank_zone: Text,
    pub location: Placed<u64>,
    /// Of tax that no storefront names a code for; of tax that a marketplace remits; then all others.
    pub tax_codes: Vec<u64>,
    pub accounts: Accounts,
    /// Accounts of what the processor does; needed where there is one.
    pub settlement: Option<SettlementAccounts>,
}

/// Internal ids of the accounts of one entity.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Accounts {
    pub bank: Placed<u64>,
    pub deposits: Placed<u64>,
    pub gift_cards: Placed<u64>,
    pub store_credit: Placed<u64>,
    pub income: Placed<u64>,
    pub expense: Placed<u64>,
    pub receivable: Placed<u64>,
    pub inventory: Placed<u64>,
    pub discounts: Placed<u64>,
    pub returns: Placed<u64>,
    pub shipping: Placed<u64>,
    pub goodwill: Placed<u64>,
    pub restocking: Placed<u64>,
    pub breakage: Placed<u64>,
    pub duties: Placed<u64>,
    pub tips: Placed<u64>,
    pub rounding: Placed<u64>,
    pub cogs: Placed<u64>,
    pub promotions: Placed<u64>,
    pub exchange: Placed<u64>,
    pub refunds_due: Placed<u64>,
    pub prepaid_tax: Placed<u64>,
    /// What each of `tax-codes` is owed on, in the same order.
    pub tax: Vec<Placed<u64>>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Shop {
    pub domain: Text,
    pub currency: Text,
    pub zone: Text,
    /// Key of the entity that sells, by law and contract.
    pub seller: Text,
    /// `per-shop` or `per-email`.
    pub guests: Text,
    /// Share of drawn orders, as a weight.
    pub weight: u32,
    #[serde(default)]
    pub taxes_included: bool,
    /// Taxes of a standard basket.
    #[serde(default)]
    pub taxes: Vec<Tax>,
    /// Taxes of what is sent to other countries, by ISO 3166 alpha-2.
    #[serde(default)]
    pub nexus: Keyed<Vec<Tax>>,
    /// Account of each gateway, on which its money must stand.
    pub clearing: Keyed<Placed<u64>>,
    /// Currencies that shoppers see beside the shop's own, with their share of orders.
    #[serde(default)]
    pub presentment: Keyed<Text>,
    /// Shopify's number of each location, and the NetSuite location whose stock it shows. Online orders take from the
    /// first. Without any, stock is not kept for this shop.
    #[serde(default)]
    pub locations: Keyed<Placed<u64>>,
    /// Units of each item that shoppers must never see.
    #[serde(default)]
    pub buffer: u32,
    /// Shoppers may buy what is not there.
    #[serde(default)]
    pub oversells: bool,
    /// Levels are all zero when the day begins, instead of right.
    #[serde(default)]
    pub unpublished: bool,
    /// What staff do in NetSuite must show in Shopify this soon: `5m` unless stated.
    pub stock_lag: Option<Text>,
    /// Key of the entity into whose bank the processor pays: the seller unless stated.
    pub payout_owner: Option<Text>,
    /// The shop's own unless stated.
    pub payout_currency: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Tax {
    pub title: Box<str>,
    /// `20%`.
    pub rate: Text,
    /// The seller's code on which it must be booked; the first of `tax-codes` unless stated.
    pub code: Option<Placed<u64>>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Rate {
    pub from: Text,
    pub to: Text,
    pub since: Text,
    /// One unit of `from` in `to`.
    pub rate: Text,
}

/// Names of the items that stand for what is not goods.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::scenario) struct Items {
    pub shipping: Box<str>,
    pub discount: Box<str>,
    pub duties: Box<str>,
    pub fees: Box<str>,
    pub tip: Box<str>,
    pub gift_card: Box<str>,
    pub custom: Box<str>,
    pub returns: Box<str>,
    pub goodwill: Box<str>,
    pub restocking: Box<str>,
    pub exchange: Box<str>,
}

impl Default for Items {
    fn default() -> Items {
        Items {
            shipping: "SHIPPING".into(),
            discount: "DISCOUNT".into(),
            duties: "DUTIES".into(),
            fees: "FEES".into(),
            tip: "TIP".into(),
            gift_card: "GIFT-CARD".into(),
            custom: "CUSTOM".into(),
            returns: "RETURNS".into(),
            goodwill: "GOODWILL".into(),
            restocking: "RESTOCKING".into(),
            exchange: "EXCHANGE".into(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Catalogue {
    /// Goods are named `{prefix}-0001` and so on.
    pub prefix: Text,
    pub count: Placed<u32>,
    /// In minor units of the shop's currency.
    pub lowest_price: Placed<i64>,
    /// In minor units of the shop's currency.
    pub highest_price: Placed<i64>,
    /// Further goods that NetSuite holds. Those of scripts and recorded days need not be named.
    #[serde(default)]
    pub named: Vec<Box<str>>,
    /// Goods of scripts that NetSuite does not hold.
    #[serde(default)]
    pub missing: Vec<Text>,
    /// What is on hand of each of the goods named by number, at each location of a shop; stock of these is not kept
    /// without it.
    pub stock: Option<Stocked>,
}

/// What is on hand when the day begins.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Stocked {
    pub count: u32,
    /// Of one unit, in minor units of the entity's currency.
    pub cost: u32,
}

/// Stock of one item, at each location of a shop.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct StockedItem {
    pub sku: Text,
    pub count: u32,
    /// Of one unit, in minor units of the entity's currency.
    pub cost: u32,
    /// Somebody forgot to stock it in NetSuite; Shopify tracks it all the same.
    #[serde(default)]
    pub unmapped: bool,
}

/// A bundle: a kit in NetSuite, a variant of its own in Shopify.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Kit {
    pub sku: Text,
    /// None: nobody gave it any.
    pub members: Vec<KitMember>,
    /// A bundle of Shopify's own, too: Shopify lets nobody write its level.
    #[serde(default)]
    pub immutable: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct KitMember {
    /// One of the stocked items.
    pub sku: Text,
    /// Units in one kit.
    pub quantity: Placed<u32>,
    /// Of one unit sold alone, in minor units: by it the kit's price is spread.
    pub price: u32,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct KnownCustomer {
    pub name: Box<str>,
    pub email: Box<str>,
    pub subsidiary: Text,
    pub terms: Option<Box<str>>,
    pub price_level: Option<Box<str>>,
}
