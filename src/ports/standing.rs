//! What the engine asks of both platforms about credit, terms, and payments outside Shopify.

use std::future::Future;

use super::{Call, PlatformError};
use crate::domain::ids::OrderId;
use crate::domain::price::PricingChange;
use crate::domain::standing::{OrderTerms, Standing};
use crate::domain::{Currency, ExternalId, ShopKey, Timestamp, Zone};

/// A buyer's account in NetSuite.
pub trait BuyerAccounts: Send + Sync {
    /// `None` if NetSuite has no such customer.
    fn standing(
        &self,
        call: Call,
        key: &ExternalId,
        currency: Currency,
    ) -> impl Future<Output = Result<Option<Standing>, PlatformError>> + Send;

    /// Customers of payments that were saved at or after `since`. Times as in
    /// [`super::AgreedPrices::items_changed`].
    fn payments_changed(
        &self,
        call: Call,
        since: Timestamp,
        zone: &Zone,
    ) -> impl Future<Output = Result<Vec<PricingChange>, PlatformError>> + Send;

    /// Releases a sales order that waits for approval. One that is released already stays as it is.
    fn approve_sales_order(
        &self,
        call: Call,
        key: &ExternalId,
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;
}

/// How an order is to be paid, in Shopify.
pub trait OrderPayment: Send + Sync {
    /// Nothing if the order has no payment terms, or does not exist.
    fn order_terms(
        &self,
        call: Call,
        shop: ShopKey,
        order: OrderId,
    ) -> impl Future<Output = Result<Option<OrderTerms>, PlatformError>> + Send;

    /// Gives an order without terms `Net` ones, counted from `issued_at`. Not to be repeated blindly: look first.
    fn give_terms(
        &self,
        call: Call,
        shop: ShopKey,
        order: OrderId,
        due_in_days: u32,
        issued_at: Timestamp,
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;

    /// Marks what is left of the order as paid outside Shopify. One that is paid is refused: look first.
    fn mark_as_paid(
        &self,
        call: Call,
        shop: ShopKey,
        order: OrderId,
    ) -> impl Future<Output = Result<(), PlatformError>> + Send;
}
