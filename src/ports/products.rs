//! What the engine asks of both platforms about what is sold.

use std::future::Future;

use super::{Call, PlatformError};
use crate::domain::ids::{ProductId, VariantId};
use crate::domain::product::{CatalogueItem, Fields, SoldVariant};
use crate::domain::{Currency, ShopKey, Sku, Timestamp, Zone};

/// Items as NetSuite keeps them.
pub trait Items: Send + Sync {
    /// `None` if there is no active item with that external id. Its price is the base price in that currency; its
    /// time is stated by the clock of `zone`.
    fn item(
        &self,
        call: Call,
        sku: &Sku,
        currency: Currency,
        zone: &Zone,
    ) -> impl Future<Output = Result<Option<CatalogueItem>, PlatformError>> + Send;

    /// Items that were saved at or after `since`, however many, with the time of each. A reading of NetSuite's clock
    /// that an autumn fold repeats comes back as the later instant. Items without an external id are left out.
    fn items_saved(
        &self,
        call: Call,
        since: Timestamp,
        zone: &Zone,
    ) -> impl Future<Output = Result<Vec<(Sku, Timestamp)>, PlatformError>> + Send;
}

/// Products as Shopify sells them. Which there are, [`super::PriceLists::variants`] says.
pub trait Products: Send + Sync {
    /// `None` if there is no such variant any more.
    fn sold_variant(
        &self,
        call: Call,
        shop: ShopKey,
        id: VariantId,
        currency: Currency,
    ) -> impl Future<Output = Result<Option<SoldVariant>, PlatformError>> + Send;

    /// Sets fields of a variant, all or none. Writing the same again changes nothing.
    fn set_variant(
        &self,
        call: Call,
        shop: ShopKey,
        variant: &SoldVariant,
        fields: &Fields,
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;

    /// The same for fields that its product has.
    fn set_product(
        &self,
        call: Call,
        shop: ShopKey,
        id: ProductId,
        fields: &Fields,
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;
}
