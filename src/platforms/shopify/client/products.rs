//! [`Products`] over a [`Transport`].

use super::{Client, Transport, mismatched, unreadable};
use crate::domain::ids::{ProductId, VariantId};
use crate::domain::product::{Field, Fields, SoldVariant, Value, Weight, WeightUnit};
use crate::domain::{Currency, Money, ShopKey, Sku};
use crate::platforms::shopify::operation::{
    Answer, ProductUpdateVariables, ProductVariantVariables, Request, VariantsUpdateVariables,
};
use crate::platforms::shopify::wire::products as wire;
use crate::platforms::shopify::wire::{DecimalText, Gid};
use crate::ports::{Admission, Call, Platform, PlatformError, Products};

impl<T: Transport, A: Admission> Products for Client<T, A> {
    async fn sold_variant(
        &self,
        call: Call,
        shop: ShopKey,
        id: VariantId,
        currency: Currency,
    ) -> Result<Option<SoldVariant>, PlatformError> {
        let request = Request::ProductVariant(ProductVariantVariables { id: Gid::new(id.get()) });
        let Answer::ProductVariant(data) = self.call(call, shop, request).await? else {
            return Err(mismatched());
        };
        let variant = data.product_variant.map(|variant| sold_variant(variant, currency)).transpose()?;
        match variant {
            Some(other) if other.id != id => {
                Err(unreadable(format!("variant {id} was asked for, and {} came", other.id)))
            }
            variant => Ok(variant),
        }
    }

    async fn set_variant(
        &self,
        call: Call,
        shop: ShopKey,
        variant: &SoldVariant,
        fields: &Fields,
    ) -> Result<(), PlatformError> {
        let mut input = wire::VariantInput {
            id: Gid::new(variant.id.get()),
            price: None,
            barcode: None,
            inventory_item: None,
        };
        for (field, value) in fields {
            match (field, value) {
                (Field::Price, Value::Price(price)) => input.price = Some(DecimalText::from_money(*price)),
                (Field::Barcode, Value::Text(barcode)) => input.barcode = Some(barcode.clone()),
                (Field::Weight, Value::Weight(weight)) => {
                    let weight = Some(in_grams(*weight));
                    let measurement = wire::Measurement { weight };
                    input.inventory_item = Some(wire::MeasuredItem { measurement });
                }
                _ => return Err(not_of(*field, "variant")),
            }
        }
        let product_id = Gid::new(variant.product.get());
        let variables = VariantsUpdateVariables { product_id, variants: vec![input] };
        let Answer::VariantsUpdate(data) =
            self.call(call, shop, Request::VariantsUpdate(Box::new(variables))).await?
        else {
            return Err(mismatched());
        };
        let payload = data.product_variants_bulk_update.ok_or_else(|| unreadable("no payload"))?;
        match payload.user_errors.first() {
            None => Ok(()),
            Some(error) => Err(refused(&error.message, error.field.as_deref())),
        }
    }

    async fn set_product(
        &self,
        call: Call,
        shop: ShopKey,
        id: ProductId,
        fields: &Fields,
    ) -> Result<(), PlatformError> {
        let mut input = wire::ProductInput { id: Gid::new(id.get()), title: None, status: None };
        for (field, value) in fields {
            match (field, value) {
                (Field::Title, Value::Text(title)) => input.title = Some(title.clone()),
                (Field::Status, Value::Published(true)) => input.status = Some(wire::ProductStatus::Active),
                (Field::Status, Value::Published(false)) => input.status = Some(wire::ProductStatus::Draft),
                _ => return Err(not_of(*field, "product")),
            }
        }
        let request = Request::ProductUpdate(Box::new(ProductUpdateVariables { product: input }));
        let Answer::ProductUpdate(data) = self.call(call, shop, request).await? else {
            return Err(mismatched());
        };
        let payload = data.product_update.ok_or_else(|| unreadable("no payload"))?;
        match payload.user_errors.first() {
            None => Ok(()),
            Some(error) => Err(refused(&error.message, error.field.as_deref())),
        }
    }
}

fn sold_variant(variant: wire::SoldVariant, currency: Currency) -> Result<SoldVariant, PlatformError> {
    let minor = variant.price.minor(currency.minor_digits());
    let minor = minor.ok_or_else(|| unreadable(format!("a price in {currency} is {}", variant.price)))?;
    let mut fields = Fields::from([
        (Field::Price, Value::Price(Money::new(minor, currency))),
        (Field::Barcode, Value::Text(variant.barcode.unwrap_or_default())),
    ]);
    // A weight that nobody has stated weighs nothing, in Shopify's own words.
    let weight = variant.inventory_item.measurement.weight.map_or(Weight::from_milligrams(0), to_weight);
    fields.insert(Field::Weight, Value::Weight(weight));
    if variant.product.has_only_default_variant {
        fields.insert(Field::Title, Value::Text(variant.product.title));
        let is_active = variant.product.status == wire::ProductStatus::Active;
        fields.insert(Field::Status, Value::Published(is_active));
    }
    Ok(SoldVariant {
        id: VariantId::new(variant.id.number()),
        product: ProductId::new(variant.product.id.number()),
        sku: variant.sku.filter(|sku| !sku.is_empty()).map(|sku| Sku((&*sku).into())),
        fields,
        saved_at: variant.updated_at.max(variant.product.updated_at).at(),
    })
}

/// A weight is a float on the wire; rounded to the milligram it is the same number again.
fn to_weight(weight: wire::Weight) -> Weight {
    let unit = match weight.unit {
        wire::WeightUnit::Grams => WeightUnit::Gram,
        wire::WeightUnit::Kilograms => WeightUnit::Kilogram,
        wire::WeightUnit::Ounces => WeightUnit::Ounce,
        wire::WeightUnit::Pounds => WeightUnit::Pound,
    };
    Weight::from_milligrams((weight.value * unit.nanograms() as f64 / 1e6).round() as i64)
}

fn in_grams(weight: Weight) -> wire::Weight {
    wire::Weight { value: weight.milligrams() as f64 / 1e3, unit: wire::WeightUnit::Grams }
}

fn not_of(field: Field, record: &str) -> PlatformError {
    refused(&format!("{} is no field of a {record}", field.name()), None)
}

fn refused(message: &str, field: Option<&[Box<str>]>) -> PlatformError {
    let place = field.map(|field| format!(" at {}", field.join("."))).unwrap_or_default();
    PlatformError::Refused { platform: Platform::Shopify, reason: format!("{message}{place}") }
}
