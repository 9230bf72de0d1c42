//! Products as the merchant intends them: who owns which field, what both sides say when the day begins, and who
//! changes what during it.

use crate::domain::product::{Fields, Owners};
use crate::domain::{Money, Sku};

/// Nothing in it for a merchant whose products are kept by people.
#[derive(Debug, Clone, Default)]
pub struct Products {
    /// A field that is not named is nobody's promise.
    pub owners: Owners,
    pub items: Vec<Product>,
}

/// An item of NetSuite, and the product of every shop in whose currency it has a price.
#[derive(Debug, Clone)]
pub struct Product {
    pub sku: Sku,
    /// In each currency, at retail.
    pub prices: Vec<Money>,
    /// What is said beside the price.
    pub fields: Fields,
    /// Shopify knows nothing of it but its SKU yet: a draft, at no price.
    pub is_new: bool,
}

/// Merchandising changes something by hand. A price is of its own currency.
#[derive(Debug, Clone)]
pub enum ProductEvent {
    /// In NetSuite.
    Item { sku: Sku, fields: Fields },
    /// In Shopify.
    Product {
        /// Position in [`super::Profile::shops`].
        shop: usize,
        sku: Sku,
        fields: Fields,
    },
}
