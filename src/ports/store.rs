//! What the engine keeps: hints, links, exceptions, watermarks and the audit chain.
//!
//! The port is coarse on purpose: no transaction handle, cursor or closure crosses it. Each method that writes
//! is one transaction and resolves when it is durable; many of them may share one durable commit.

use std::future::Future;

use super::Entity;
pub use crate::domain::CauseCode;
use crate::domain::{ExternalId, Flow, InternalId, Lane, MerchantKey, Money, ShopKey, Timestamp};

/// That something about an entity may have changed. Unique per entity: a second one only marks the first dirty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    pub entity: Entity,
    pub lane: Lane,
    /// The record's version (`updated_at`) that the hint speaks of; [`Timestamp::ORIGIN`] if it names none.
    pub version: Timestamp,
    pub cause: Cause,
}

/// What made a hint. The discriminant is what the store keeps: never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cause {
    Delivery = 1,
    Sweep = 2,
    /// A step of another entity asked for it.
    FollowUp = 3,
    Person = 4,
}

/// The right to work on one entity until a time. Every claim gets a fencing number higher than any before;
/// a commit or renewal with an older number is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    pub fencing: u64,
    pub until: Timestamp,
}

/// A hint handed to one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub entity: Entity,
    pub lane: Lane,
    /// The highest version that any hint for this piece of work spoke of.
    pub version: Timestamp,
    /// When the first hint for this piece of work was recorded: its lag counts from here.
    pub recorded_at: Timestamp,
    pub cause: Cause,
    /// Claims of this piece of work before this one.
    pub attempt: u32,
    pub lease: Lease,
    /// What earlier steps know of the entity's own record.
    pub link: Option<Link>,
}

/// How many more entities each lane may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneRoom {
    pub lane: Lane,
    pub room: u32,
}

/// Kind of NetSuite record behind a link. The discriminant is what the store keeps: never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum LinkKind {
    Customer = 1,
    SalesOrder = 2,
    CustomerDeposit = 3,
    /// `record` is the Shopify fulfillment, `parent` the order.
    ItemFulfillment = 4,
    /// `record` is the Shopify fulfillment, `parent` the order.
    Invoice = 5,
    /// `record` is the refund, `parent` the order.
    CreditMemo = 6,
    /// `record` is the refund transaction, `parent` the order.
    CustomerRefund = 7,
    /// `record` is the refund line, `parent` the order.
    InventoryAdjustment = 8,
    /// `record` is what the journal is about, `parent` the order or 0.
    JournalEntry = 9,
    /// `record` is the gift card.
    GiftCard = 10,
    /// A price list as it was last brought to what is agreed.
    PriceList = 22,
    /// A company location and its standing: terms, credit, payments outside Shopify.
    Company = 24,
    /// A change of a sales order that existed, its `version` when it was written: `record` tells lines (0) from the
    /// address (1), `parent` is the order.
    Amendment = 11,
    /// A Shopify inventory item and the NetSuite item that stands for it.
    InventoryItem = 20,
    /// A Shopify location and the NetSuite location whose stock it shows.
    StockLevel = 21,
    /// A payout, `external_id` the journal that stands for it, `version` when it was issued.
    Payout = 25,
    /// A variant as it was last compared with its item.
    Product = 40,
    /// What both sides last said of one field: `record` is the field, `parent` the variant.
    ProductField = 41,
}

impl LinkKind {
    pub const ALL: [LinkKind; 18] = [
        LinkKind::Customer,
        LinkKind::SalesOrder,
        LinkKind::CustomerDeposit,
        LinkKind::ItemFulfillment,
        LinkKind::Invoice,
        LinkKind::CreditMemo,
        LinkKind::CustomerRefund,
        LinkKind::InventoryAdjustment,
        LinkKind::JournalEntry,
        LinkKind::GiftCard,
        LinkKind::PriceList,
        LinkKind::Company,
        LinkKind::Amendment,
        LinkKind::InventoryItem,
        LinkKind::StockLevel,
        LinkKind::Payout,
        LinkKind::Product,
        LinkKind::ProductField,
    ];

    /// The kind of an entity's own link, whose `record` is the entity's.
    pub fn of_flow(flow: Flow) -> LinkKind {
        match flow {
            Flow::Customer => LinkKind::Customer,
            // Shipping and refunds of an order are looked after with the order.
            Flow::Order | Flow::Fulfillment | Flow::Refund => LinkKind::SalesOrder,
            Flow::GiftCard => LinkKind::GiftCard,
            Flow::Price => LinkKind::PriceList,
            Flow::Terms => LinkKind::Company,
            Flow::Stock => LinkKind::StockLevel,
            Flow::Product => LinkKind::Product,
            Flow::Settlement => LinkKind::Payout,
        }
    }

    pub fn from_number(number: u8) -> Option<LinkKind> {
        LinkKind::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// A Shopify record and the NetSuite record that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub kind: LinkKind,
    /// The Shopify number: of the order, the transaction, the customer.
    pub record: u64,
    /// The entity's own record under which this one hangs: the order of a deposit; itself otherwise.
    pub parent: u64,
    pub external_id: ExternalId,
    pub internal_id: InternalId,
    /// Version of the Shopify record that was last brought over.
    pub version: Timestamp,
    /// When that version was read: it includes every change up to then.
    pub read_at: Timestamp,
    /// Digest of what was written, to tell whether a newer version changes anything.
    pub digest: u64,
}

/// Identity of an exception: raising it again updates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExceptionKey {
    pub entity: Entity,
    pub code: CauseCode,
}

/// The discriminant is what the store keeps: never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExceptionState {
    Open = 1,
    /// Still being tried, in the knowledge that it is late.
    Retrying = 2,
    /// The invariant holds again: both sides were re-read and agree.
    Converged = 3,
    /// Open again after it had converged.
    Reopened = 4,
    /// Set aside until a time by a named person.
    Held = 5,
}

impl ExceptionState {
    pub fn is_open(self) -> bool {
        self != ExceptionState::Converged
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    pub key: ExceptionKey,
    pub state: ExceptionState,
    pub raised_at: Timestamp,
    /// From policy when it was first raised.
    pub owner: Box<str>,
    pub deadline: Timestamp,
    pub at_risk: Option<Money>,
    /// What happened, with ids and external ids, never names or addresses.
    pub detail: Box<str>,
    pub next_step: Box<str>,
}

/// How far a feed has been read for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermark {
    pub merchant: MerchantKey,
    pub shop: ShopKey,
    pub feed: Feed,
    pub at: Timestamp,
}

/// The discriminant is what the store keeps: never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Feed {
    OrdersUpdated = 1,
    /// Orders of which something moved in NetSuite. Kept under shop of the first storefront of the account.
    OrdersMoved = 2,
    GiftCardsCreated = 6,
    /// Items, customers, and payments by them, that NetSuite says have changed.
    PricesChanged = 4,
    PayoutsIssued = 7,
    /// Lines of a bank account's statement.
    BankStatement = 8,
    /// Items that NetSuite says have changed, for the products of a shop.
    ItemsChanged = 9,
    /// When the engine was put in place, as far as gift cards go: it never moves.
    GiftCardsBegan = 10,
}

/// Where an entity's piece of work stands after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Both sides agree. The hint ends, unless a newer one made it dirty: then it is due at once.
    Done,
    /// To be tried again at that time; the hint stays.
    Retry { at: Timestamp },
    /// Nothing more can be done until a person or a new hint acts: the hint ends in the open exception.
    Parked,
}

/// What one step learned, did and leaves behind: committed together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub entity: Entity,
    pub lease: Lease,
    pub outcome: Outcome,
    pub links: Vec<Link>,
    pub follow_ups: Vec<Hint>,
    pub raise: Vec<Exception>,
    /// Open exceptions of this entity, and of what is looked after with it, whose invariant holds again.
    pub converged: Vec<ExceptionKey>,
    pub audit: AuditEntry,
}

/// The compact record of one step, chained by SHA-256 per merchant. Ids and digests only, never names,
/// addresses or bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Timestamp,
    pub cause: Cause,
    /// `updated_at` of the Shopify record that was read; [`Timestamp::ORIGIN`] if none was.
    pub read_version: Timestamp,
    pub policy_hash: [u8; 32],
    /// What was written, with external ids, e.g. `upsert fr-order-5001`.
    pub actions: Box<str>,
    /// How it ended, in one word or a short sentence.
    pub outcome: Box<str>,
}

/// An audit entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedEntry {
    /// 1, 2, 3 … per merchant, without gaps.
    pub sequence: u64,
    pub entity: Entity,
    pub entry: AuditEntry,
    pub hash: [u8; 32],
}

/// How much of which work waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    pub due: u64,
    pub waiting: u64,
    pub leased: u64,
}

/// What verifying the whole chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainReport {
    pub entries: u64,
    /// The first entry whose hash is not what its content and its predecessor make it.
    pub broken_at: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another worker holds the entity now: whatever this one did is repeated by that one without a second effect.
    #[error("the lease on {flow} {record} of {shop} was lost", flow = entity.flow.name(), record = entity.record, shop = entity.shop)]
    LeaseLost { entity: Entity },
    #[error("the store failed: {reason}")]
    Failed { reason: String },
}

pub trait Store: Send + Sync {
    /// Records hints, and with them how far their feed was read.
    ///
    /// A hint for an entity that waits keeps the earlier `recorded_at`, the higher version and the more urgent
    /// lane, and makes it due now; for one in progress it only marks it dirty. A hint that names a version is
    /// dropped when the entity's own link ([`LinkKind::of_flow`]) shows that this version was brought over by a
    /// read that began after the version's second had ended: then nothing of it can be missing.
    fn record(
        &self,
        hints: &[Hint],
        watermark: Option<Watermark>,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Hands out due entities, most urgent lane first and longest waiting within it, at most `room` of each
    /// lane. An entity whose lease has expired is due again.
    fn claim(
        &self,
        merchant: MerchantKey,
        lanes: &[LaneRoom],
        now: Timestamp,
        lease_until: Timestamp,
    ) -> impl Future<Output = Result<Vec<Claim>, StoreError>> + Send;

    /// True if the entity is due again at once: a hint came meanwhile that this step does not cover.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if the entity was claimed anew since; then nothing is written.
    fn commit(&self, step: Step, now: Timestamp) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Keeps a link before the step that brings it is committed: what is about to be sent, so that an engine which
    /// is killed on the way leaves a trace of it. The step's own link takes its place.
    fn announce(
        &self,
        entity: Entity,
        link: Link,
        policy_hash: [u8; 32],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// # Errors
    /// As [`Store::commit`].
    fn renew(
        &self,
        entity: Entity,
        lease: Lease,
        until: Timestamp,
    ) -> impl Future<Output = Result<Lease, StoreError>> + Send;

    /// Gives the entity back untouched, due at once.
    fn release(
        &self,
        entity: Entity,
        lease: Lease,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    fn watermark(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        feed: Feed,
    ) -> impl Future<Output = Result<Option<Watermark>, StoreError>> + Send;

    fn link(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        external_id: &ExternalId,
    ) -> impl Future<Output = Result<Option<Link>, StoreError>> + Send;

    /// The records that hang under one Shopify record, such as the deposits of an order.
    fn links_under(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        parent: u64,
    ) -> impl Future<Output = Result<Vec<Link>, StoreError>> + Send;

    /// Open exceptions of one entity.
    fn open_exceptions_of(
        &self,
        entity: Entity,
    ) -> impl Future<Output = Result<Vec<Exception>, StoreError>> + Send;

    /// All open exceptions, oldest first.
    fn open_exceptions(
        &self,
        merchant: MerchantKey,
    ) -> impl Future<Output = Result<Vec<Exception>, StoreError>> + Send;

    fn depth(
        &self,
        merchant: MerchantKey,
        now: Timestamp,
    ) -> impl Future<Output = Result<Depth, StoreError>> + Send;

    /// When the next waiting entity falls due or the next lease ends, for a queue that sleeps. Never late; early when
    /// a lease was given up before its end.
    fn next_due(
        &self,
        merchant: MerchantKey,
    ) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// Audit entries from a sequence number on, at most `limit`.
    fn audit(
        &self,
        merchant: MerchantKey,
        from: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ChainedEntry>, StoreError>> + Send;

    /// Recomputes every hash of the chain.
    fn verify_audit(
        &self,
        merchant: MerchantKey,
    ) -> impl Future<Output = Result<ChainReport, StoreError>> + Send;
}
