//! Products: what a variant and its product say beside the retail price. Each variant is the only one of its product.
//! Only products of which somebody said something have a row.
//!
//! Source: the Admin schema, version 2026-10 (`productVariantsBulkUpdate`, `productUpdate`); errors by shopify.md
//! §b.4. Assumption: any save of a variant or product moves its `updatedAt`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::{Executed, executed};
use super::rows::AMOUNT_MAX;
use super::{Shop, ShopifyTwin, Shown, ids};
use crate::domain::ids::{ProductId, VariantId};
use crate::domain::product::Weight;
use crate::domain::{Duration, Money, ShopKey, Timestamp};
use crate::platforms::shopify::operation::{
    Answer, GraphQlError, ProductUpdateVariables, ProductVariantVariables, VariantsUpdateVariables,
};
use crate::platforms::shopify::wire::prices::{CodedUserError, VariantId as WireVariant};
use crate::platforms::shopify::wire::products as wire;
use crate::platforms::shopify::wire::{DateTime, DecimalText, Gid, UserError};

/// Points of a variant with its product and its weight.
const VARIANT_COST: u32 = 5;
/// A mutation costs 10 whether it succeeds or not. Source: shopify.md §b.2.
const MUTATION_COST: u32 = 10;

/// A search finds a new product later than this: an assumption. Recorded: five looks in a row found nothing, the sixth did.
const FOUND_AFTER: Duration = Duration::from_secs(5);

/// By position of the variant.
pub(super) type Products = BTreeMap<u32, ProductRow>;

#[derive(Debug, Clone)]
pub(super) struct ProductRow {
    title: Box<str>,
    barcode: Option<Box<str>>,
    weight: Weight,
    is_active: bool,
    /// Whole seconds.
    updated: Timestamp,
    /// When the API made it, in whole seconds.
    made: Option<Timestamp>,
    /// Sorted.
    tags: Vec<Box<str>>,
    is_taxable: bool,
    requires_shipping: bool,
}

impl ProductRow {
    /// A product of which nothing was said but its SKU.
    fn of(sku: &str) -> ProductRow {
        ProductRow {
            title: sku.into(),
            barcode: None,
            weight: Weight::from_milligrams(0),
            is_active: true,
            updated: Timestamp::ORIGIN,
            made: None,
            tags: Vec::new(),
            is_taxable: true,
            requires_shipping: true,
        }
    }
}

/// What somebody changes by hand; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductEdit {
    pub title: Option<Box<str>>,
    /// In minor units of the shop's currency.
    pub price: Option<i64>,
    pub barcode: Option<Box<str>>,
    pub weight: Option<Weight>,
    pub is_active: Option<bool>,
}

/// A variant with its product, for an observer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductView {
    pub variant: VariantId,
    pub title: Box<str>,
    pub price: i64,
    pub barcode: Option<Box<str>>,
    pub weight: Weight,
    pub is_active: bool,
}

impl ShopifyTwin {
    /// Somebody edits a product and saves it. `false` if the shop does not sell the SKU.
    pub fn edit_product(&mut self, shop: ShopKey, sku: &str, edit: &ProductEdit, now: Timestamp) -> bool {
        let shop = self.shop_mut(shop);
        let Some(at) = shop.selling.position(sku) else { return false };
        let row = shop.product_mut(at);
        row.updated = now.floor_second();
        if let Some(title) = &edit.title {
            row.title = title.clone();
        }
        if let Some(barcode) = &edit.barcode {
            row.barcode = Some(barcode.clone()).filter(|barcode| !barcode.is_empty());
        }
        row.weight = edit.weight.unwrap_or(row.weight);
        row.is_active = edit.is_active.unwrap_or(row.is_active);
        if let Some(price) = edit.price {
            shop.selling.set_price(at, price);
        }
        true
    }

    /// What the shop says of a SKU.
    pub fn product(&self, shop: ShopKey, sku: &str) -> Option<ProductView> {
        let shop = self.shop(shop);
        let at = shop.selling.position(sku)?;
        let row = shop.product(at);
        Some(ProductView {
            variant: ids::variant(shop.ordinal, at as usize),
            title: row.title,
            price: shop.selling.price(at),
            barcode: row.barcode,
            weight: row.weight,
            is_active: row.is_active,
        })
    }

    /// The product behind a SKU, for an observer.
    pub fn product_of(&self, shop: ShopKey, sku: &str) -> Option<ProductId> {
        let shop = self.shop(shop);
        let at = shop.selling.position(sku)?;
        Some(ids::product(shop.ordinal, at as usize))
    }

    /// SKU and retail price of a product, for an observer.
    pub fn product_by_id(&self, shop: ShopKey, id: ProductId) -> Option<(Arc<str>, Money)> {
        let shop = self.shop(shop);
        let at = shop.product_at(Gid::new(id.get()))?;
        let price = Money::new(shop.selling.price(at), shop.settings.currency);
        Some((Arc::clone(shop.selling.sku(at)), price))
    }

    pub(super) fn product_variant(
        &self,
        at: usize,
        variables: &ProductVariantVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let found = shop.variant_at(VariantId::new(variables.id.number()));
        let actual = if found.is_some() { VARIANT_COST } else { 1 };
        let product_variant = found.map(|at| shop.render_variant(at));
        let data = Box::new(wire::ProductVariantData { product_variant });
        Ok(executed(Answer::ProductVariant(data), actual))
    }

    pub(super) fn variants_update(
        &mut self,
        at: usize,
        variables: &VariantsUpdateVariables,
        now: Timestamp,
    ) -> Executed {
        let shop = &mut self.shops[at];
        let payload = match shop.check_variants(variables) {
            Ok(rows) => {
                for (at, input) in rows.iter().zip(&variables.variants) {
                    shop.save_variant(*at, input, now);
                }
                let ids = variables.variants.iter().map(|input| WireVariant { id: input.id }).collect();
                wire::VariantsUpdatePayload { product_variants: Some(ids), user_errors: vec![] }
            }
            Err(error) => wire::VariantsUpdatePayload { product_variants: None, user_errors: vec![error] },
        };
        let data = wire::VariantsUpdateData { product_variants_bulk_update: Some(payload) };
        executed(Answer::VariantsUpdate(data), MUTATION_COST)
    }

    pub(super) fn product_update(
        &mut self,
        at: usize,
        variables: &ProductUpdateVariables,
        now: Timestamp,
    ) -> Executed {
        let payload = match self.shops[at].save_product(&variables.product, now) {
            Ok(id) => {
                if variables.product.status == Some(wire::ProductStatus::Active) {
                    let (shop, id) = (self.shops[at].settings.key, ProductId::new(id.number()));
                    self.shown.push(Shown::Product { shop, id });
                }
                wire::ProductUpdatePayload { product: Some(wire::ProductOnly { id }), user_errors: vec![] }
            }
            Err((field, message)) => {
                let error = UserError { field: Some(vec![field.into()]), message: message.into() };
                wire::ProductUpdatePayload { product: None, user_errors: vec![error] }
            }
        };
        let data = wire::ProductUpdateData { product_update: Some(payload) };
        executed(Answer::ProductUpdate(data), MUTATION_COST)
    }
}

impl Shop {
    fn product(&self, at: u32) -> ProductRow {
        self.products.get(&at).cloned().unwrap_or_else(|| ProductRow::of(self.selling.sku(at)))
    }

    fn product_mut(&mut self, at: u32) -> &mut ProductRow {
        let selling = &self.selling;
        self.products.entry(at).or_insert_with(|| ProductRow::of(selling.sku(at)))
    }

    pub(super) fn variant_at(&self, id: VariantId) -> Option<u32> {
        let at = ids::variant_position(self.ordinal, id).filter(|at| *at < self.selling.count())?;
        u32::try_from(at).ok()
    }

    pub(super) fn product_at(&self, id: Gid<crate::platforms::shopify::wire::kind::Product>) -> Option<u32> {
        let at = ids::product_position(self.ordinal, ProductId::new(id.number()));
        u32::try_from(at.filter(|at| *at < self.selling.count())?).ok()
    }

    pub(super) fn render_variant(&self, at: u32) -> wire::SoldVariant {
        let row = self.product(at);
        let price = Money::new(self.selling.price(at), self.settings.currency);
        let updated_at = DateTime::of(row.updated);
        let value = row.weight.milligrams() as f64 / 1e3;
        wire::SoldVariant {
            id: Gid::new(ids::variant(self.ordinal, at as usize).get()),
            sku: self.selling.shown_sku(at).cloned(),
            price: DecimalText::from_money(price),
            barcode: row.barcode,
            updated_at,
            inventory_item: wire::MeasuredItem {
                measurement: wire::Measurement {
                    weight: Some(wire::Weight { value, unit: wire::WeightUnit::Grams }),
                },
            },
            product: wire::Product {
                id: Gid::new(ids::product(self.ordinal, at as usize).get()),
                title: row.title,
                status: if row.is_active { wire::ProductStatus::Active } else { wire::ProductStatus::Draft },
                updated_at,
                has_only_default_variant: true,
            },
        }
    }

    /// A product with one variant, which has neither SKU nor price. Its position.
    pub(super) fn make_product(
        &mut self,
        title: &str,
        is_active: bool,
        mut tags: Vec<Box<str>>,
        now: Timestamp,
    ) -> u32 {
        let at = self.selling.add_unnamed();
        tags.sort_unstable();
        tags.dedup();
        let row = self.product_mut(at);
        row.title = title.into();
        row.is_active = is_active;
        row.tags = tags;
        row.updated = now.floor_second();
        row.made = Some(now.floor_second());
        at
    }

    pub(super) fn describe(&mut self, at: u32, taxable: Option<bool>, requires_shipping: Option<bool>) {
        let row = self.product_mut(at);
        row.is_taxable = taxable.unwrap_or(row.is_taxable);
        row.requires_shipping = requires_shipping.unwrap_or(row.requires_shipping);
    }

    pub(super) fn tags_of(&self, at: u32) -> &[Box<str>] {
        self.products.get(&at).map_or(&[], |row| &row.tags)
    }

    /// Whether a search finds the product yet.
    pub(super) fn is_found(&self, at: u32, now: Timestamp) -> bool {
        let made = self.products.get(&at).and_then(|row| row.made);
        made.is_none_or(|made| now > made.plus(FOUND_AFTER))
    }

    /// Whether it is taxed, and whether it is shipped.
    pub(super) fn described(&self, at: u32) -> (bool, bool) {
        self.products.get(&at).map_or((true, true), |row| (row.is_taxable, row.requires_shipping))
    }

    /// The positions of the variants, if all may be saved: it is all or nothing.
    fn check_variants(&self, variables: &VariantsUpdateVariables) -> Result<Vec<u32>, CodedUserError> {
        let error = |path: &[&str], message: &str, code: &str| CodedUserError {
            field: Some(path.iter().copied().map(Box::from).collect()),
            message: message.into(),
            code: Some(code.into()),
        };
        let product = self
            .product_at(variables.product_id)
            .ok_or_else(|| error(&["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST"))?;
        let digits = self.settings.currency.minor_digits();
        let check = |(place, input): (usize, &wire::VariantInput)| {
            let place = place.to_string();
            let at = self.variant_at(VariantId::new(input.id.number())).filter(|at| *at == product);
            let at = at.ok_or_else(|| {
                let message = "Product variant does not exist";
                error(&["variants", &place, "id"], message, "PRODUCT_VARIANT_DOES_NOT_EXIST")
            })?;
            let refused = |message, code| Err(error(&["variants", &place, "price"], message, code));
            match input.price.map(|price| price.minor(digits)) {
                None | Some(Some(0..=AMOUNT_MAX)) => Ok(at),
                Some(None | Some(..0)) => {
                    refused("Price must be greater than or equal to 0", "GREATER_THAN_OR_EQUAL_TO")
                }
                Some(Some(_)) => refused("Price is too high", "INVALID_INPUT"),
            }
        };
        variables.variants.iter().enumerate().map(check).collect()
    }

    fn save_variant(&mut self, at: u32, input: &wire::VariantInput, now: Timestamp) {
        let digits = self.settings.currency.minor_digits();
        if let Some(minor) = input.price.and_then(|price| price.minor(digits)) {
            self.selling.set_price(at, minor);
        }
        let row = self.product_mut(at);
        row.updated = now.floor_second();
        if let Some(barcode) = &input.barcode {
            row.barcode = Some(barcode.clone()).filter(|barcode| !barcode.is_empty());
        }
        if let Some(weight) = input.inventory_item.and_then(|item| item.measurement.weight) {
            let grams = match weight.unit {
                wire::WeightUnit::Grams => weight.value,
                wire::WeightUnit::Kilograms => weight.value * 1e3,
                wire::WeightUnit::Ounces => weight.value * 28.349_523_125,
                wire::WeightUnit::Pounds => weight.value * 453.592_37,
            };
            row.weight = Weight::from_milligrams((grams * 1e3).round() as i64);
        }
    }

    fn save_product(
        &mut self,
        input: &wire::ProductInput,
        now: Timestamp,
    ) -> Result<Gid<crate::platforms::shopify::wire::kind::Product>, (&'static str, &'static str)> {
        let at = self.product_at(input.id).ok_or(("id", "Product does not exist"))?;
        if input.title.as_ref().is_some_and(|title| title.trim().is_empty()) {
            return Err(("title", "Title can't be blank"));
        }
        let row = self.product_mut(at);
        row.updated = now.floor_second();
        if let Some(title) = &input.title {
            row.title = title.clone();
        }
        if let Some(status) = input.status {
            row.is_active = status == wire::ProductStatus::Active;
        }
        Ok(input.id)
    }
}
