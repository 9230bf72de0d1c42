//! Price lists as JSON: what they serve, who sees them, and how they are changed.
//!
//! Source: shopify.md §n.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::scalars::{DecimalText, Gid, kind};
use super::{Connection, MoneyV2};
use crate::domain::Currency;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceListsData {
    pub price_lists: Connection<PriceListHead>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceListHead {
    pub id: Gid<kind::PriceList>,
    pub currency: Currency,
    pub catalog: Option<Catalog>,
}

/// Only a catalog for company locations says for whom it is; any other comes as an empty object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Catalog {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_locations: Option<Connection<LocationId>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationId {
    pub id: Gid<kind::CompanyLocation>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceListData {
    pub price_list: Option<PriceList>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceList {
    pub id: Gid<kind::PriceList>,
    pub currency: Currency,
    pub catalog: Option<Catalog>,
    pub prices: Connection<PriceListPrice>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceListPrice {
    pub variant: VariantId,
    pub price: MoneyV2,
    pub quantity_price_breaks: Connection<QuantityPriceBreak>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantId {
    pub id: Gid<kind::ProductVariant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuantityPriceBreak {
    pub minimum_quantity: u32,
    pub price: MoneyV2,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariantsData {
    pub product_variants: Connection<ProductVariant>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProductVariant {
    pub id: Gid<kind::ProductVariant>,
    pub sku: Option<Arc<str>>,
}

/// Deletions run before additions. Any error: nothing is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuantityPricingInput {
    pub prices_to_add: Vec<PriceInput>,
    pub prices_to_delete_by_variant_id: Vec<Gid<kind::ProductVariant>>,
    pub quantity_price_breaks_to_add: Vec<PriceBreakInput>,
    pub quantity_price_breaks_to_delete_by_variant_id: Vec<Gid<kind::ProductVariant>>,
    /// Not used by us, but required by the schema.
    pub quantity_price_breaks_to_delete: Vec<Box<str>>,
    pub quantity_rules_to_add: Vec<Box<str>>,
    pub quantity_rules_to_delete_by_variant_id: Vec<Gid<kind::ProductVariant>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceInput {
    pub variant_id: Gid<kind::ProductVariant>,
    pub price: MoneyInput,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceBreakInput {
    pub variant_id: Gid<kind::ProductVariant>,
    pub minimum_quantity: u32,
    pub price: MoneyInput,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MoneyInput {
    pub amount: DecimalText,
    pub currency_code: Currency,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuantityPricingData {
    pub quantity_pricing_by_variant_update: Option<QuantityPricingPayload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuantityPricingPayload {
    /// Null when nothing was written.
    pub product_variants: Option<Vec<VariantId>>,
    pub user_errors: Vec<CodedUserError>,
}

/// A typed user error: with a code beside the text. Source: shopify.md §b.4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodedUserError {
    pub field: Option<Vec<Box<str>>>,
    pub message: Box<str>,
    pub code: Option<Box<str>>,
}
