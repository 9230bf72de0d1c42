//! Keys of the merchant's intent: entities, storefronts, goods. Mostly written in a file under `shops/`.

use serde::Deserialize;

use super::Text;
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
