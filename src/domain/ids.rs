//! Names and keys: of merchants, storefronts, platform records, and of the work that is done on them.

use std::fmt;
use std::str::FromStr;

/// A short lower-case key of letters, digits and hyphens, at most 15 bytes, kept in place and copied freely.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct ShortKey {
    bytes: [u8; 15],
    len: u8,
}

/// The text cannot be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a key: 1 to 15 characters of a–z, 0–9 and `-`")]
pub struct NotAKey(pub String);

impl ShortKey {
    fn parse(text: &str) -> Result<ShortKey, NotAKey> {
        let allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        if text.is_empty() || text.len() > 15 || !text.as_bytes().iter().all(allowed) {
            return Err(NotAKey(text.to_owned()));
        }
        let mut bytes = [0; 15];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(ShortKey { bytes, len: text.len() as u8 })
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).expect("only ASCII is let in")
    }
}

macro_rules! short_key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(ShortKey);

        impl $name {
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $name {
            type Err = NotAKey;

            fn from_str(text: &str) -> Result<Self, NotAKey> {
                ShortKey::parse(text).map($name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

short_key! {
    /// Whose books these are. The first part of every key in the store.
    MerchantKey
}
short_key! {
    /// One storefront of the merchant, e.g. `fr`. Part of every external id, so it never changes.
    ShopKey
}

macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u64);

        impl $name {
            pub const fn new(number: u64) -> Self {
                $name(number)
            }

            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

numeric_id! {
    /// Shopify's number of an order: the tail of `gid://shopify/Order/…`.
    OrderId
}
numeric_id! {
    /// Shopify's number of a line item. The line's identity: a SKU may stand on several lines.
    LineItemId
}
numeric_id! {
    /// Shopify's number of a shipping line.
    ShippingLineId
}
numeric_id! {
    /// Shopify's number of an order transaction.
    TransactionId
}
numeric_id! {
    /// Shopify's number of a fulfillment: what left together, as the buyer is told.
    FulfillmentId
}
numeric_id! {
    /// Shopify's number of a fulfillment order: work for one location. Moves and splits make new ones.
    FulfillmentOrderId
}
numeric_id! {
    /// Shopify's number of a fulfillment order's line.
    FulfillmentOrderLineId
}
numeric_id! {
    /// Shopify's number of a refund.
    RefundId
}
numeric_id! {
    /// Shopify's number of one line of a refund.
    RefundLineId
}
numeric_id! {
    /// Shopify's number of a gift card.
    GiftCardId
}
numeric_id! {
    /// Shopify's number of a payout.
    PayoutId
}
numeric_id! {
    /// Shopify's number of one row of the processor's account.
    BalanceTransactionId
}
numeric_id! {
    /// Shopify's number of a dispute.
    DisputeId
}
numeric_id! {
    /// Shopify's number of a customer.
    CustomerId
}
numeric_id! {
    /// Shopify's number of a company location: the B2B buyer.
    CompanyLocationId
}
numeric_id! {
    /// Shopify's number of a price list.
    PriceListId
}
numeric_id! {
    /// Shopify's number of a product variant.
    VariantId
}
numeric_id! {
    /// Shopify's number of a product: what one or more variants are variants of.
    ProductId
}
numeric_id! {
    /// NetSuite's own key of a record, unique within its record type family.
    InternalId
}

impl serde::Serialize for InternalId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> serde::Deserialize<'de> for InternalId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(InternalId)
    }
}

/// A stock keeping unit, exactly as the shop spells it; also the external id of the item in NetSuite.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Sku(pub Box<str>);

impl fmt::Display for Sku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The key we give NetSuite for a record: shop, kind, number, e.g. `fr-order-5001`.
///
/// A pure function of the Shopify record, so a retry after a lost answer finds the record it already made.
/// Made of letters, digits and hyphens only, because a pipe or a blank breaks `eid:` addressing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExternalId(Box<str>);

impl ExternalId {
    pub fn for_order(shop: ShopKey, order: OrderId) -> ExternalId {
        ExternalId(format!("{shop}-order-{order}").into_boxed_str())
    }

    /// One customer deposit for each successful capture *transaction*, not for each tender.
    pub fn for_deposit(shop: ShopKey, transaction: TransactionId) -> ExternalId {
        ExternalId(format!("{shop}-deposit-{transaction}").into_boxed_str())
    }

    /// One invoice for each Shopify fulfillment (postings.md N8).
    pub fn for_invoice(shop: ShopKey, fulfillment: FulfillmentId) -> ExternalId {
        ExternalId(format!("{shop}-invoice-{fulfillment}").into_boxed_str())
    }

    /// One credit memo for each refund that credits anything billed, or goodwill.
    pub fn for_credit_memo(shop: ShopKey, refund: RefundId) -> ExternalId {
        ExternalId(format!("{shop}-credit-{refund}").into_boxed_str())
    }

    /// One customer refund for each refund *transaction* that succeeded.
    pub fn for_customer_refund(shop: ShopKey, transaction: TransactionId) -> ExternalId {
        ExternalId(format!("{shop}-refund-{transaction}").into_boxed_str())
    }

    /// One inventory adjustment for each refund line whose units came back to stock.
    pub fn for_restock(shop: ShopKey, line: RefundLineId) -> ExternalId {
        ExternalId(format!("{shop}-restock-{line}").into_boxed_str())
    }

    /// The document of an exchange difference (postings.md N5a): of the order's captures, or of one refund.
    pub fn for_exchange_difference(shop: ShopKey, of: ExchangeOf) -> ExternalId {
        ExternalId(match of {
            ExchangeOf::Order(order) => format!("{shop}-fx-order-{order}").into_boxed_str(),
            ExchangeOf::Refund(refund) => format!("{shop}-fx-refund-{refund}").into_boxed_str(),
        })
    }

    /// The journal of one event in the life of a gift card: `issue` (row 24) or `expiry` (row 25).
    pub fn for_gift_card(shop: ShopKey, card: GiftCardId, event: &str) -> ExternalId {
        ExternalId(format!("{shop}-card-{card}-{event}").into_boxed_str())
    }

    /// A journal that hangs on one refund, such as store credit granted beyond what was captured (row 23).
    pub fn for_refund_journal(shop: ShopKey, refund: RefundId, event: &str) -> ExternalId {
        ExternalId(format!("{shop}-refund-{refund}-{event}").into_boxed_str())
    }

    /// A journal that hangs on one transaction, such as tax due on a prepayment (row 38) or a refund that failed
    /// after it had succeeded (row 22).
    pub fn for_transaction_journal(shop: ShopKey, transaction: TransactionId, event: &str) -> ExternalId {
        ExternalId(format!("{shop}-transaction-{transaction}-{event}").into_boxed_str())
    }

    /// A journal of a payout: `part` is what it books (`issued`, `at-bank`, `returned`, …), `edition` counts how often
    /// that was reversed and posted anew. A journal has no natural key, so the number of its payout makes it one.
    pub fn for_payout(shop: ShopKey, payout: PayoutId, part: &str, edition: u32) -> ExternalId {
        ExternalId(format!("{shop}-payout-{payout}-{part}-{edition}").into_boxed_str())
    }

    pub fn for_dispute(shop: ShopKey, dispute: DisputeId, event: &str) -> ExternalId {
        ExternalId(format!("{shop}-dispute-{dispute}-{event}").into_boxed_str())
    }

    /// A journal of what the processor's account holds at the end of a month, and the one that turns it around the
    /// next day.
    pub fn for_accrual(shop: ShopKey, year: i16, month: i8, part: &str, edition: u32) -> ExternalId {
        ExternalId(format!("{shop}-accrual-{year}-{month:02}-{part}-{edition}").into_boxed_str())
    }

    /// Reads back an external id that NetSuite returned. Any text may come back: people set them too.
    pub fn from_netsuite(text: impl Into<Box<str>>) -> ExternalId {
        ExternalId(text.into())
    }

    pub(super) fn of_customer(text: String) -> ExternalId {
        ExternalId(text.into_boxed_str())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an exchange difference is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeOf {
    Order(OrderId),
    Refund(RefundId),
}

/// What a piece of work keeps in step. The discriminant is what the store keeps: never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Flow {
    Customer = 1,
    Order = 2,
    /// Of an order: what was shipped, as Shopify and the invoices say it.
    Fulfillment = 3,
    /// Of an order: what was given back.
    Refund = 4,
    /// Cards given away, cards that expired.
    GiftCard = 6,
    Price = 7,
    Terms = 9,
    /// What a Shopify location shows as available.
    Stock = 5,
    /// Items and bundles.
    Product = 8,
    /// A payout: what it is made of, the journal that says so, and the bank.
    Settlement = 10,
}

impl Flow {
    pub const ALL: [Flow; 10] = [
        Flow::Customer,
        Flow::Order,
        Flow::Fulfillment,
        Flow::Refund,
        Flow::GiftCard,
        Flow::Price,
        Flow::Terms,
        Flow::Stock,
        Flow::Product,
        Flow::Settlement,
    ];

    pub fn from_number(number: u8) -> Option<Flow> {
        Flow::ALL.into_iter().find(|flow| *flow as u8 == number)
    }

    pub fn name(self) -> &'static str {
        match self {
            Flow::Customer => "customer",
            Flow::Order => "order",
            Flow::Fulfillment => "fulfillment",
            Flow::Refund => "refund",
            Flow::GiftCard => "gift-card",
            Flow::Price => "price",
            Flow::Terms => "terms",
            Flow::Stock => "stock",
            Flow::Product => "product",
            Flow::Settlement => "settlement",
        }
    }
}

/// A class of work with its share of the limits, most urgent first. The discriminant is what the store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Lane {
    Lock = 1,
    Fulfillment = 2,
    Orders = 3,
    Refunds = 4,
    Stock = 5,
    Prices = 6,
    Settlement = 7,
    Backfill = 8,
}

impl Lane {
    pub const ALL: [Lane; 8] = [
        Lane::Lock,
        Lane::Fulfillment,
        Lane::Orders,
        Lane::Refunds,
        Lane::Stock,
        Lane::Prices,
        Lane::Settlement,
        Lane::Backfill,
    ];

    pub fn from_number(number: u8) -> Option<Lane> {
        Lane::ALL.into_iter().find(|lane| *lane as u8 == number)
    }

    pub fn name(self) -> &'static str {
        match self {
            Lane::Lock => "lock",
            Lane::Fulfillment => "fulfillment",
            Lane::Orders => "orders",
            Lane::Refunds => "refunds",
            Lane::Stock => "stock",
            Lane::Prices => "prices",
            Lane::Settlement => "settlement",
            Lane::Backfill => "backfill",
        }
    }

    /// Position in [`Lane::ALL`].
    pub const fn index(self) -> usize {
        self as usize - 1
    }
}
