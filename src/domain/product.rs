//! What both platforms say of one thing that is sold: its fields, and which side owns which.
//!
//! Lives here: the fields that may be kept in step, and their values in one spelling for both sides. Not here: what
//! happens when the sides differ (the engine and the oracle each say so by themselves).

use std::collections::BTreeMap;
use std::fmt;

use super::ids::{ExternalId, ProductId, ShopKey, Sku, VariantId};
use super::money::Money;
use super::time::Timestamp;

/// A field that NetSuite's item and Shopify's variant or product both have. The discriminant is what the store
/// keeps: never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Field {
    /// What buyers read: `displayName`, and the title of the product.
    Title = 1,
    /// For one unit, at retail: the base price.
    Price = 2,
    /// `upcCode`, and the barcode of the variant.
    Barcode = 3,
    Weight = 4,
    /// Whether buyers can see it: `isOnline`, and the status of the product.
    Status = 5,
}

impl Field {
    pub const ALL: [Field; 5] = [Field::Title, Field::Price, Field::Barcode, Field::Weight, Field::Status];

    /// As policies and scenarios spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Price => "price",
            Field::Barcode => "barcode",
            Field::Weight => "weight",
            Field::Status => "status",
        }
    }

    /// Shopify keeps it with the product, of which the variant is one.
    pub const fn is_of_product(self) -> bool {
        matches!(self, Field::Title | Field::Status)
    }

    pub fn from_number(number: u64) -> Option<Field> {
        Field::ALL.into_iter().find(|field| *field as u64 == number)
    }
}

/// Which platform's word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    Shopify,
    NetSuite,
}

impl Side {
    pub const ALL: [Side; 2] = [Side::Shopify, Side::NetSuite];

    /// As policies and scenarios spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Side::Shopify => "shopify",
            Side::NetSuite => "netsuite",
        }
    }

    pub const fn other(self) -> Side {
        match self {
            Side::Shopify => Side::NetSuite,
            Side::NetSuite => Side::Shopify,
        }
    }
}

/// Declared owners. Whoever is not declared is left alone.
pub type Owners = BTreeMap<Field, Side>;

/// A weight, exact to the milligram. Whoever states it in pounds or ounces is rounded to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Weight {
    milligrams: i64,
}

impl Weight {
    pub const fn from_milligrams(milligrams: i64) -> Weight {
        Weight { milligrams }
    }

    pub const fn milligrams(self) -> i64 {
        self.milligrams
    }
}

/// In grams: `350 g`, `12.5 g`.
impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.milligrams / 1_000, self.milligrams.unsigned_abs() % 1_000);
        if rest == 0 {
            return write!(f, "{whole} g");
        }
        let fraction = format!("{rest:03}");
        write!(f, "{whole}.{} g", fraction.trim_end_matches('0'))
    }
}

/// Units of weight, as both platforms have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightUnit {
    Gram,
    Kilogram,
    Ounce,
    Pound,
}

impl WeightUnit {
    /// A pound is 453.59237 g by definition, an ounce its sixteenth.
    pub const fn nanograms(self) -> i64 {
        match self {
            WeightUnit::Gram => 1_000_000_000,
            WeightUnit::Kilogram => 1_000_000_000_000,
            WeightUnit::Ounce => 28_349_523_125,
            WeightUnit::Pound => 453_592_370_000,
        }
    }
}

/// What one side says of a field, in one spelling for both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// Of a title or a barcode; an empty barcode is none.
    Text(Box<str>),
    Price(Money),
    Weight(Weight),
    /// Whether buyers can see it.
    Published(bool),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) if text.is_empty() => f.write_str("nothing"),
            Value::Text(text) => write!(f, "`{text}`"),
            Value::Price(price) => write!(f, "{price}"),
            Value::Weight(weight) => write!(f, "{weight}"),
            Value::Published(true) => f.write_str("published"),
            Value::Published(false) => f.write_str("draft"),
        }
    }
}

/// What a side says. A field that it does not state is left alone.
pub type Fields = BTreeMap<Field, Value>;

/// An item as NetSuite keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueItem {
    pub sku: Sku,
    pub fields: Fields,
    /// When anything of it was last saved, in whole seconds.
    pub saved_at: Timestamp,
}

/// A variant as Shopify sells it, with what its product says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldVariant {
    pub id: VariantId,
    pub product: ProductId,
    /// Nothing for a variant that nobody can match with an item.
    pub sku: Option<Sku>,
    /// Title and status only if the product has no other variant: they are no single item's otherwise.
    pub fields: Fields,
    /// When variant or product was last saved, in whole seconds; our own writes count.
    pub saved_at: Timestamp,
}

impl ExternalId {
    /// The key under which the store keeps how far a variant was compared. NetSuite never sees it.
    pub fn for_variant(shop: ShopKey, variant: VariantId) -> ExternalId {
        ExternalId::of_customer(format!("{shop}-variant-{variant}"))
    }

    /// The same for one of its fields.
    pub fn for_variant_field(shop: ShopKey, variant: VariantId, field: Field) -> ExternalId {
        ExternalId::of_customer(format!("{shop}-variant-{variant}-{}", field.name()))
    }
}
