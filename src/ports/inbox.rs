//! What the webhook intake asks of the store: deliveries kept once, others set aside, personal data erased.
//!
//! Lives here: the port and the values that cross it. Not here: what a delivery means ([`crate::intake`]).
//! Each method that writes is one transaction and resolves when it is durable.

use std::future::Future;

use super::Entity;
use super::store::{AuditEntry, Exception, Hint, StoreError};
use crate::domain::{Lane, MerchantKey, ShopKey, Timestamp};

/// By what a delivery is recognised when it comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub merchant: MerchantKey,
    /// `None` for a shop that is not ours.
    pub shop: Option<ShopKey>,
    /// `X-Shopify-Webhook-Id`, the same on every retry. `None` if the header named none: then nothing tells a
    /// repetition but the body.
    pub delivery: Option<u128>,
    /// SHA-256 of the raw body.
    pub digest: [u8; 32],
}

/// What a delivery asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matter {
    Hint(Hint),
    /// Tell a person which data is held of a customer.
    DataRequest(Privacy),
    /// Erase the personal data of a customer, or of a whole shop.
    Redact(Privacy),
}

/// A request under privacy law. It leaves an audit entry; a person is told if there are records in NetSuite that
/// only a person may judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privacy {
    /// Whom the audit entry speaks of: a customer, or record 0 for the whole shop.
    pub entity: Entity,
    /// Orders that the request names.
    pub orders: Vec<u64>,
    /// Raised if the store knows the customer or one of the orders.
    pub exception: Exception,
    /// The store adds to its outcome what was found.
    pub audit: AuditEntry,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    Kept,
    /// It came before, with the same body: nothing was written.
    Repeated,
    /// Another body came under its id: nothing was written.
    Contradicts {
        first: [u8; 32],
    },
    /// Its order is known as another shop's: nothing was written.
    Foreign,
}

/// Why a signed delivery was not processed. The discriminant is what the store keeps: never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum AsideReason {
    /// The body is not what its topic promises.
    Unreadable = 1,
    /// A topic that nobody subscribed to.
    UnknownTopic = 2,
    /// A version of the API that this program was not told to expect.
    UnknownVersion = 3,
    /// A shop that is not ours.
    UnknownShop = 4,
    /// The body speaks of another shop than the header.
    ForeignShop = 5,
    /// Another body came under the same id.
    Contradicts = 6,
    /// A header that every delivery has is missing or malformed.
    HeaderMalformed = 7,
}

impl AsideReason {
    pub const ALL: [AsideReason; 7] = [
        AsideReason::Unreadable,
        AsideReason::UnknownTopic,
        AsideReason::UnknownVersion,
        AsideReason::UnknownShop,
        AsideReason::ForeignShop,
        AsideReason::Contradicts,
        AsideReason::HeaderMalformed,
    ];

    pub fn from_number(number: u8) -> Option<AsideReason> {
        AsideReason::ALL.into_iter().find(|reason| *reason as u8 == number)
    }

    pub fn name(self) -> &'static str {
        match self {
            AsideReason::Unreadable => "unreadable",
            AsideReason::UnknownTopic => "unknown-topic",
            AsideReason::UnknownVersion => "unknown-version",
            AsideReason::UnknownShop => "unknown-shop",
            AsideReason::ForeignShop => "foreign-shop",
            AsideReason::Contradicts => "contradicts",
            AsideReason::HeaderMalformed => "header-malformed",
        }
    }
}

/// A delivery on its way to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    pub receipt: Receipt,
    pub reason: AsideReason,
    pub shop_domain: Box<str>,
    pub topic: Box<str>,
    /// Whose personal data the body is, if it tells.
    pub customer: Option<u64>,
    pub body: Box<[u8]>,
    pub exception: Option<Exception>,
    pub policy_hash: [u8; 32],
}

/// A delivery that was set aside, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// 1, 2, 3 … per merchant.
    pub number: u64,
    pub reason: AsideReason,
    pub shop_domain: Box<str>,
    pub topic: Box<str>,
    pub digest: [u8; 32],
    pub received_at: Timestamp,
    /// `None` once it was erased.
    pub body: Option<Box<[u8]>>,
}

pub trait Inbox: Send + Sync {
    /// Keeps what a delivery asks for, once.
    fn keep(
        &self,
        receipt: Receipt,
        matter: Matter,
        now: Timestamp,
    ) -> impl Future<Output = Result<Received, StoreError>> + Send;

    /// Stores the raw bytes for a person. [`Received::Contradicts`] comes back only for another reason than
    /// that one.
    fn set_aside(
        &self,
        aside: Aside,
        now: Timestamp,
    ) -> impl Future<Output = Result<Received, StoreError>> + Send;

    /// Deliveries that were set aside, oldest first, from a number on.
    fn aside(
        &self,
        merchant: MerchantKey,
        from: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<SetAside>, StoreError>> + Send;

    /// Forgets deliveries acknowledged before one instant, and erases bodies received before another: at most
    /// `limit` of each. Tells how many went.
    fn forget(
        &self,
        merchant: MerchantKey,
        deliveries_before: Timestamp,
        bodies_before: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// How many entities wait, by [`Lane::index`].
    fn waiting_by_lane(
        &self,
        merchant: MerchantKey,
    ) -> impl Future<Output = Result<[u64; Lane::ALL.len()], StoreError>> + Send;
}
