//! What the engine asks of both platforms about the prices of business buyers.

use std::future::Future;

use super::{Call, PlatformError};
use crate::domain::ids::PriceListId;
use crate::domain::price::{
    KnownBuyer, PriceChange, PriceListHead, PricedItem, PricingChange, ServedPrices, Variant,
};
use crate::domain::{Currency, ExternalId, InternalId, ShopKey, Timestamp, Zone};

/// What was agreed with buyers, as NetSuite keeps it.
pub trait AgreedPrices: Send + Sync {
    /// Items that were saved at or after `since`, a change of their prices included. NetSuite states times by the
    /// clock of `zone`; a reading that an autumn fold repeats comes back as the later instant.
    fn items_changed(
        &self,
        call: Call,
        since: Timestamp,
        zone: &Zone,
    ) -> impl Future<Output = Result<Vec<PricingChange>, PlatformError>> + Send;

    /// Customers that were saved at or after `since`, as [`AgreedPrices::items_changed`].
    fn customers_changed(
        &self,
        call: Call,
        since: Timestamp,
        zone: &Zone,
    ) -> impl Future<Output = Result<Vec<PricingChange>, PlatformError>> + Send;

    /// Those of these customers that exist, in the order of their internal ids.
    fn buyers(
        &self,
        call: Call,
        keys: &[ExternalId],
        currency: Currency,
    ) -> impl Future<Output = Result<Vec<KnownBuyer>, PlatformError>> + Send;

    /// Every active item that has a price of one of these levels in that currency.
    fn item_prices(
        &self,
        call: Call,
        currency: Currency,
        levels: &[InternalId],
    ) -> impl Future<Output = Result<Vec<PricedItem>, PlatformError>> + Send;
}

/// What Shopify serves to them.
pub trait PriceLists: Send + Sync {
    /// Price lists of catalogs for company locations.
    fn price_lists(
        &self,
        call: Call,
        shop: ShopKey,
    ) -> impl Future<Output = Result<Vec<PriceListHead>, PlatformError>> + Send;

    /// `None` if there is no such list any more.
    fn served_prices(
        &self,
        call: Call,
        shop: ShopKey,
        id: PriceListId,
    ) -> impl Future<Output = Result<Option<ServedPrices>, PlatformError>> + Send;

    /// Variants with a SKU.
    fn variants(
        &self,
        call: Call,
        shop: ShopKey,
    ) -> impl Future<Output = Result<Vec<Variant>, PlatformError>> + Send;

    /// Changes fixed prices and their breaks: all of them or, on any error, none. Writing the same again changes
    /// nothing. At most 250 prices and 250 breaks.
    fn change_prices(
        &self,
        call: Call,
        shop: ShopKey,
        id: PriceListId,
        currency: Currency,
        changes: &[PriceChange],
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;
}
