//! Keys of products: who owns their fields, what they say, and who changes them.

use serde::Deserialize;

use super::Text;
use crate::policy::document::{Keyed, Placed};

/// What the merchant wants of its products, whatever the engine's policy says.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::scenario) struct Products {
    /// `netsuite` or `shopify`, by `title`, `price`, `barcode`, `weight` and `status`.
    pub owns: Option<Placed<Keyed<Text>>>,
    /// What is sold.
    pub item: Vec<Placed<Item>>,
}

/// Both sides begin the day with it.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct Item {
    pub sku: Text,
    /// So many of them, named `NEW-0001` and so on.
    pub count: Option<Placed<u32>>,
    /// At retail, in each currency: `["12.00 GBP", "14.00 EUR"]`. Shops of these currencies sell it.
    pub prices: Placed<Vec<Text>>,
    pub title: Option<Box<str>>,
    pub barcode: Option<Box<str>>,
    /// `350 g` or `1.2 kg`.
    pub weight: Option<Text>,
    /// `published` or `draft`.
    pub status: Option<Text>,
    /// Shopify knows nothing but the SKU yet: a draft, at no price.
    #[serde(default)]
    pub new: bool,
}

/// Merchandising saves an item in NetSuite; at least one field.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct ItemChange {
    pub sku: Text,
    pub title: Option<Box<str>>,
    pub price: Option<Text>,
    pub barcode: Option<Box<str>>,
    /// `350 g` or `1.2 kg`.
    pub weight: Option<Text>,
    /// `published` or `draft`.
    pub status: Option<Text>,
}

/// Merchandising saves a product in Shopify; at least one field.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::scenario) struct ProductChange {
    pub shop: Text,
    pub sku: Text,
    pub title: Option<Box<str>>,
    pub price: Option<Text>,
    pub barcode: Option<Box<str>>,
    /// `350 g` or `1.2 kg`.
    pub weight: Option<Text>,
    /// `published` or `draft`.
    pub status: Option<Text>,
}
