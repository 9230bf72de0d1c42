//! A variant with its product as JSON, and how both are changed.
//!
//! Source: the Admin schema, version 2026-10: `ProductVariant`, `Product`, `productVariantsBulkUpdate`,
//! `productUpdate`. The spelling of `price` is taken to be that of other amounts (shopify.md §b.5, unverified here).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::UserError;
use super::prices::{CodedUserError, VariantId};
use super::scalars::{DateTime, DecimalText, Gid, every_digit, kind};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariantData {
    pub product_variant: Option<SoldVariant>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SoldVariant {
    pub id: Gid<kind::ProductVariant>,
    pub sku: Option<Arc<str>>,
    /// In the shop's currency.
    #[serde(serialize_with = "every_digit")]
    pub price: DecimalText,
    pub barcode: Option<Box<str>>,
    pub updated_at: DateTime,
    pub inventory_item: MeasuredItem,
    pub product: Product,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MeasuredItem {
    pub measurement: Measurement,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    pub weight: Option<Weight>,
}

/// A number with a fraction in JSON, exact to the milligram in any unit: no money depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    pub value: f64,
    pub unit: WeightUnit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WeightUnit {
    Grams,
    Kilograms,
    Ounces,
    Pounds,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    pub id: Gid<kind::Product>,
    pub title: Box<str>,
    pub status: ProductStatus,
    pub updated_at: DateTime,
    /// The variant is the only one.
    pub has_only_default_variant: bool,
}

/// A status that came after this program reads as `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProductStatus {
    Active,
    Draft,
    Archived,
    #[serde(other)]
    Other,
}

/// Absent stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantInput {
    pub id: Gid<kind::ProductVariant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<DecimalText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barcode: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory_item: Option<MeasuredItem>,
}

/// Absent stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProductInput {
    pub id: Gid<kind::Product>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ProductStatus>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantsUpdateData {
    pub product_variants_bulk_update: Option<VariantsUpdatePayload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantsUpdatePayload {
    /// Null when nothing was written.
    pub product_variants: Option<Vec<VariantId>>,
    pub user_errors: Vec<CodedUserError>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductUpdateData {
    pub product_update: Option<ProductUpdatePayload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductUpdatePayload {
    pub product: Option<ProductOnly>,
    pub user_errors: Vec<UserError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductOnly {
    pub id: Gid<kind::Product>,
}
