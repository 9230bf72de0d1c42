//! The Shopify twin: orders, customers, webhooks, search and limits of any number of shops.
//!
//! A plain synchronous state machine: `now` is a value, and nothing here draws luck, waits or fails by chance.
//! The simulation owns clocks, latency and faults. What each file holds: [`checkout`] what a shopper or an API
//! client puts in, `arithmetic` how Shopify computes it, `changes` what happens to an order later, `people`
//! customers and companies, `inventory` levels, `work` what is to ship and where, `shipping` what left, `refunds` what
//! was given back, `cards` gift cards and store credit,
//! `drafts` draft orders, [`payments`] the processor's ledger, `rows` the compact state,
//! `texts` shared strings, `ids` published numbers, `index` the lagging search, `bucket` and `bill` the limits,
//! `webhooks` deliveries, `bulk` bulk operations, `answer` the API, [`http`] its face, `render` rows as wire types, `truth` rows as domain
//! values, `created` what API clients create and cancel, `noted` what orders carry besides, `standing` how they stand,
//! `places` locations. Amounts in and out are minor units of the shop's currency.

mod answer;
mod arithmetic;
mod bill;
mod bucket;
mod bulk;
mod cards;
mod changes;
pub mod checkout;
mod created;
mod cursor;
mod drafts;
pub mod http;
mod ids;
mod index;
mod inventory;
mod noted;
pub mod payments;
mod people;
mod places;
mod placing;
pub mod price_lists;
pub mod products;
mod refunds;
mod render;
mod returns;
mod rows;
mod service;
mod shipping;
mod shown;
mod standing;
mod terms;
mod texts;
mod truth;
mod webhooks;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::ids::OrderId;
use crate::domain::{Currency, Duration, ShopKey, Timestamp, Zone};

pub use bucket::Bucket;
pub use bulk::PastBulk;
pub use changes::NotPossible;
pub use checkout::{
    Checkout, CheckoutBuyer, CheckoutDiscount, CheckoutLine, CheckoutShipping, CheckoutTax, DiscountKind,
    DiscountTarget, DiscountValue, ExactLine, ExactOrder, ExactShipping, ExactTax, Payment, PaymentStanding,
    Presentment,
};
pub use created::{CancelRequest, Holder};
pub use inventory::{LevelView, Tracking};
pub use noted::{LineNote, Noted};
pub use people::{CompanyDetails, CustomerDetails};
pub use places::Place;
pub use refunds::{
    MoneyBack, RefundEntry, RefundPayment, RefundUnits, Refundable, ShippingRefund, SuggestedRefund,
};
pub use shown::Shown;
pub use webhooks::PendingDelivery;
pub use work::HoldReason;

use bulk::Bulk;
use cards::Pots;
use drafts::DraftRow;
use index::SearchIndex;
use inventory::Inventory;
use payments::Payments;
use people::People;
use places::Places;
use price_lists::Selling;
use products::Products;
use rows::{Arena, OrderRow};
use terms::Terms;
use texts::Texts;
use webhooks::Webhooks;
use work::Routing;

/// A shop as it opens.
#[derive(Debug, Clone)]
pub struct ShopSettings {
    pub key: ShopKey,
    /// `{shop}.myshopify.com`.
    pub domain: Arc<str>,
    pub currency: Currency,
    /// Webhook payloads state instants in this zone.
    pub zone: Zone,
    /// Points per second. Source: shopify.md §b.1: 100 standard, 1,000 Plus.
    pub restore_rate: u32,
    /// Points of the full bucket: 20 times the rate.
    pub bucket: u32,
    /// The number in the first order's name: 1001 by default in Shopify.
    pub order_number_start: u32,
}

/// One storefront's state.
struct Shop {
    settings: ShopSettings,
    /// Position among the shops; spreads their published numbers apart.
    ordinal: u64,
    bucket: Bucket,
    orders: Arena<OrderRow>,
    people: People,
    selling: Selling,
    products: Products,
    terms: Terms,
    drafts: Vec<DraftRow>,
    index: SearchIndex,
    inventory: Inventory,
    webhooks: Webhooks,
    routing: Routing,
    pots: Pots,
    payments: Payments,
    places: Places,
    cancellations: Vec<created::Cancellation>,
    bulk: Bulk,
    /// What each idempotency key of a refund asked for, and the number of what it made.
    refund_keys: BTreeMap<Box<str>, (Box<str>, u64)>,
}

/// All shops. Calls take the shop's key; an unknown one is a mistake of the caller and panics.
pub struct ShopifyTwin {
    shops: Vec<Shop>,
    texts: Texts,
    /// Deliveries and events of all shops are numbered together.
    deliveries: webhooks::Outbox,
    search_lag: Duration,
    shown: Vec<Shown>,
}

impl Default for ShopifyTwin {
    fn default() -> ShopifyTwin {
        ShopifyTwin::new()
    }
}

impl ShopifyTwin {
    pub fn new() -> ShopifyTwin {
        ShopifyTwin {
            shops: Vec::new(),
            texts: Texts::default(),
            deliveries: webhooks::Outbox::default(),
            search_lag: Duration::ZERO,
            shown: Vec::new(),
        }
    }

    /// Opens a shop with a full bucket, no orders and no subscriptions.
    pub fn add_shop(&mut self, settings: ShopSettings) {
        assert!(
            self.shops.iter().all(|shop| shop.settings.key != settings.key),
            "shop {} exists already",
            settings.key
        );
        let bucket = Bucket::full(settings.bucket, settings.restore_rate);
        let ordinal = self.shops.len() as u64;
        self.shops.push(Shop {
            settings,
            ordinal,
            bucket,
            orders: Arena::default(),
            people: People::default(),
            selling: Selling::default(),
            products: Products::new(),
            terms: Terms::default(),
            drafts: Vec::new(),
            index: SearchIndex::default(),
            inventory: Inventory::default(),
            webhooks: Webhooks::default(),
            routing: Routing::at(ids::first_location(ordinal)),
            pots: Pots::default(),
            payments: Payments::default(),
            places: Places::default(),
            cancellations: Vec::new(),
            bulk: Bulk::of(ordinal),
            refund_keys: BTreeMap::new(),
        });
    }

    pub fn shop_keys(&self) -> impl Iterator<Item = ShopKey> + '_ {
        self.shops.iter().map(|shop| shop.settings.key)
    }

    /// The bucket as it stands at `now`, refilled.
    pub fn bucket(&self, shop: ShopKey, now: Timestamp) -> Bucket {
        self.shop(shop).bucket.at(now)
    }

    /// Cuts the restore rate to this share of what the plan has; 100 restores it.
    ///
    /// Source: shopify.md §b.1: Shopify may lower limits temporarily without notice.
    pub fn set_restore_percent(&mut self, shop: ShopKey, percent: u32, now: Timestamp) {
        self.shop_mut(shop).bucket.set_restore_percent(percent, now);
    }

    /// How long after a change the search index shows it. Reads by id never lag.
    pub fn set_search_lag(&mut self, lag: Duration) {
        self.search_lag = lag;
    }

    fn shop(&self, key: ShopKey) -> &Shop {
        match self.shops.iter().find(|shop| shop.settings.key == key) {
            Some(shop) => shop,
            None => panic!("no shop {key} was added to the twin"),
        }
    }

    fn position(&self, key: ShopKey) -> usize {
        match self.shops.iter().position(|shop| shop.settings.key == key) {
            Some(at) => at,
            None => panic!("no shop {key} was added to the twin"),
        }
    }

    fn shop_mut(&mut self, key: ShopKey) -> &mut Shop {
        let at = self.position(key);
        &mut self.shops[at]
    }
}

impl Shop {
    fn digits(&self) -> u8 {
        self.settings.currency.minor_digits() as u8
    }

    /// The row of a published number, if this shop has it.
    fn order_at(&self, id: OrderId) -> Option<usize> {
        ids::order_position(self.ordinal, id).filter(|n| *n < self.orders.len())
    }
}

#[cfg(test)]
mod tests;
