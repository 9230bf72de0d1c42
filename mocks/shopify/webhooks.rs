//! Subscriptions, the outbox, retries, and the deletion of a subscription that never answers.
//!
//! Which subscription may stand is said in `validity`. Source: shopify.md §c.1–c.3. Losing, doubling, delaying and reordering are the simulation's.

mod validity;

use std::sync::Arc;

use super::{Shop, ShopifyTwin, ids};
use crate::domain::ids::OrderId;
use crate::domain::{Duration, FixedMap, ShopKey, Timestamp};
use crate::platforms::shopify::wire::{
    API_VERSION, Delivery, FulfillmentWebhook, Gid, OffsetInstant, OrderEdit, OrderEditWebhook, OrderWebhook,
    RefundWebhook, UserError, WebhookPayload, WebhookSubscription, WebhookTopic,
};

/// Minutes before each retry: 238 in all, within the four hours that Shopify tries.
///
/// Source: shopify.md §c.1: 8 retries over 4 hours, exact spacing unpublished; this one is an assumption.
const BACKOFF_MINUTES: [u64; 8] = [1, 2, 5, 10, 20, 40, 60, 100];

/// A POST that is due now.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingDelivery {
    /// Names the delivery to [`ShopifyTwin::delivered`]; the same on every retry.
    pub id: u64,
    pub shop: ShopKey,
    pub uri: Arc<str>,
    /// 0 at first, 1 to 8 for retries.
    pub attempt: u32,
    pub delivery: Delivery,
}

/// A subscription to any topic; only those that the engine reads have deliveries.
pub(super) struct Subscription {
    pub number: u64,
    topic: WebhookTopic,
    /// As the schema spells it: `ORDERS_CREATE`.
    pub topic_name: Box<str>,
    pub uri: Arc<str>,
    last_success: Option<Timestamp>,
    pub wanted: Wanted,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// What an app asks of a subscription; what is `None` was not said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub uri: Option<Box<str>>,
    /// `JSON` or `XML`.
    pub format: Option<Box<str>>,
    pub filter: Option<Box<str>>,
    pub name: Option<Box<str>>,
    pub include_fields: Option<Vec<Box<str>>>,
    pub metafield_namespaces: Option<Vec<Box<str>>>,
    /// Namespace and key.
    pub metafields: Option<Vec<(Box<str>, Box<str>)>>,
}

#[derive(Default)]
pub(super) struct Webhooks {
    subscriptions: Vec<Subscription>,
    /// Subscriptions ever made: numbers are not used twice.
    made: usize,
    /// Receivers on loopback are let in without TLS.
    accepts_loopback: bool,
    /// The zone's offset in the quarter of an hour last asked for; no zone changes within one.
    offset: Option<(i64, i32)>,
}

/// What is kept of a delivery until it succeeds or is given up.
struct Outstanding {
    /// Position of the shop.
    shop: u32,
    order: u32,
    subscription: u64,
    uri: Arc<str>,
    topic: WebhookTopic,
    attempt: u8,
    event: u64,
    /// Number of the refund or fulfillment that the event is about; 0 for the order itself.
    subject: u64,
    updated: i64,
    offset: i32,
    triggered_at: Timestamp,
    first_failed: Option<Timestamp>,
}

#[derive(Default)]
pub(super) struct Outbox {
    deliveries: u64,
    events: u64,
    outstanding: FixedMap<u64, Outstanding>,
    due: Vec<PendingDelivery>,
}

impl ShopifyTwin {
    /// Deliveries that changes have caused since the last call, first attempts only, in order of cause.
    pub fn take_deliveries(&mut self) -> Vec<PendingDelivery> {
        std::mem::take(&mut self.deliveries.due)
    }

    /// Whether a change has caused deliveries that nobody took yet.
    pub fn has_deliveries(&self) -> bool {
        !self.deliveries.due.is_empty()
    }

    /// The receiver answered 2xx in time, or did not. After a failure: when [`ShopifyTwin::retry`] is due; `None`
    /// when the delivery is over. One that failed nine times is given up, and its subscription is deleted unless
    /// another of its deliveries succeeded meanwhile.
    pub fn delivered(&mut self, id: u64, ok: bool, now: Timestamp) -> Option<Timestamp> {
        let outstanding = self.deliveries.outstanding.get_mut(&id)?;
        let webhooks = &mut self.shops[outstanding.shop as usize].webhooks;
        let subscription = webhooks.subscriptions.iter().position(|it| it.number == outstanding.subscription);
        if ok {
            if let Some(at) = subscription {
                webhooks.subscriptions[at].last_success = Some(now);
            }
            self.deliveries.outstanding.remove(&id);
            return None;
        }
        let first_failed = *outstanding.first_failed.get_or_insert(now);
        if let Some(minutes) = BACKOFF_MINUTES.get(usize::from(outstanding.attempt)) {
            outstanding.attempt += 1;
            return Some(now.plus(Duration::from_mins(*minutes)));
        }
        self.deliveries.outstanding.remove(&id);
        if let Some(at) = subscription {
            let in_a_row = webhooks.subscriptions[at].last_success.is_none_or(|at| at < first_failed);
            if in_a_row {
                webhooks.subscriptions.remove(at);
            }
        }
        None
    }

    /// The delivery again, with its original payload and address; `None` once it is over.
    pub fn retry(&self, id: u64) -> Option<PendingDelivery> {
        self.deliveries.outstanding.get(&id).map(|outstanding| self.pending(id, outstanding))
    }

    /// Shopify loses the delivery: no attempt, no retry, no failure.
    pub fn lose(&mut self, id: u64) {
        self.deliveries.outstanding.remove(&id);
    }

    /// Subscriptions that somebody removed, or Shopify did. True if there was one.
    pub fn delete_subscription(&mut self, shop: ShopKey, topic: WebhookTopic) -> bool {
        let subscriptions = &mut self.shop_mut(shop).webhooks.subscriptions;
        let before = subscriptions.len();
        subscriptions.retain(|subscription| subscription.topic != topic);
        subscriptions.len() < before
    }

    /// The shop-scoped subscriptions, oldest first.
    pub fn subscriptions(&self, shop: ShopKey) -> Vec<WebhookSubscription> {
        self.shop(shop).webhooks.subscriptions.iter().map(Subscription::to_wire).collect()
    }

    /// Lets subscriptions name `http://127.0.0.1` and `http://localhost`: Shopify itself refuses plain HTTP, so this is
    /// for tests and rehearsals only.
    pub fn accept_loopback_receivers(&mut self, shop: ShopKey) {
        self.shop_mut(shop).webhooks.accepts_loopback = true;
    }

    pub(super) fn create_subscription(
        &mut self,
        shop: usize,
        topic: WebhookTopic,
        uri: &str,
    ) -> Result<WebhookSubscription, UserError> {
        let wanted = Wanted { uri: Some(uri.into()), ..Wanted::default() };
        let made = self.subscribe(shop, &topic.name_in_schema(), &wanted, Timestamp::ORIGIN);
        let number = made.map_err(|mut refused| refused.remove(0))?;
        Ok(WebhookSubscription { id: Gid::new(number), topic, uri: Arc::from(uri) })
    }

    /// The number of the new subscription.
    ///
    /// # Errors
    /// At least one; in Shopify's words.
    pub(super) fn subscribe(
        &mut self,
        shop: usize,
        topic: &str,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<u64, Vec<UserError>> {
        let shop = &mut self.shops[shop];
        let number = ids::subscription(shop.ordinal, shop.webhooks.made);
        let made = Subscription {
            number,
            topic: WebhookTopic::of_schema(topic),
            topic_name: topic.into(),
            uri: Arc::from(wanted.uri.as_deref().unwrap_or_default()),
            last_success: None,
            wanted: wanted.clone(),
            created: now.floor_second(),
            updated: now.floor_second(),
        };
        shop.webhooks.check(&made)?;
        shop.webhooks.made += 1;
        shop.webhooks.subscriptions.push(made);
        Ok(number)
    }

    /// Changes what was said of a subscription; its topic stays.
    ///
    /// # Errors
    /// At least one; in Shopify's words.
    pub(super) fn resubscribe(
        &mut self,
        shop: usize,
        number: u64,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<(), Vec<UserError>> {
        let webhooks = &mut self.shops[shop].webhooks;
        let Some(at) = webhooks.subscriptions.iter().position(|known| known.number == number) else {
            let field = Some(vec!["id".into()]);
            return Err(vec![UserError { field, message: "Webhook subscription does not exist".into() }]);
        };
        let known = &webhooks.subscriptions[at];
        let before = &known.wanted;
        let kept = Wanted {
            uri: wanted.uri.clone().or_else(|| before.uri.clone()),
            format: wanted.format.clone().or_else(|| before.format.clone()),
            filter: wanted.filter.clone().or_else(|| before.filter.clone()),
            name: wanted.name.clone().or_else(|| before.name.clone()),
            include_fields: wanted.include_fields.clone().or_else(|| before.include_fields.clone()),
            metafield_namespaces: wanted
                .metafield_namespaces
                .clone()
                .or_else(|| before.metafield_namespaces.clone()),
            metafields: wanted.metafields.clone().or_else(|| before.metafields.clone()),
        };
        let changed = Subscription {
            number,
            topic: known.topic,
            topic_name: known.topic_name.clone(),
            uri: Arc::from(kept.uri.as_deref().unwrap_or_default()),
            last_success: known.last_success,
            wanted: kept,
            created: known.created,
            updated: now.floor_second(),
        };
        webhooks.check(&changed)?;
        webhooks.subscriptions[at] = changed;
        Ok(())
    }

    /// True if there ever was one: a repeated removal was recorded to be answered like the first.
    pub(super) fn unsubscribe(&mut self, shop: usize, number: u64) -> bool {
        let Shop { ordinal, webhooks, .. } = &mut self.shops[shop];
        webhooks.subscriptions.retain(|known| known.number != number);
        (0..webhooks.made).any(|n| ids::subscription(*ordinal, n) == number)
    }

    /// What was said of the order when it was made is said once more, as it was said then: a redelivery by hand, or
    /// a queue that is replayed. False if there is no such order.
    ///
    /// The webhook id is a new one: who replays a queue does not keep Shopify's, and a receiver that relies on it
    /// must be found out.
    pub fn replay(&mut self, shop: ShopKey, order: OrderId, now: Timestamp) -> bool {
        let at = self.position(shop);
        let Some(n) = self.shops[at].order_at(order) else { return false };
        let made = self.shops[at].orders.get(n).created;
        self.announce_version(at, n, made, now, &[WebhookTopic::OrdersCreate], 0);
        true
    }

    /// One delivery for each subscription to one of the topics, all of one event. `subject` is the number of the
    /// refund or fulfillment that topics of those speak of, 0 where none does.
    pub(super) fn announce(
        &mut self,
        shop: usize,
        order: usize,
        now: Timestamp,
        topics: &[WebhookTopic],
        subject: u64,
    ) {
        let updated = self.shops[shop].orders.get(order).updated;
        self.announce_version(shop, order, updated, now, topics, subject);
    }

    fn announce_version(
        &mut self,
        shop: usize,
        order: usize,
        updated: i64,
        now: Timestamp,
        topics: &[WebhookTopic],
        subject: u64,
    ) {
        let Shop { settings, webhooks, .. } = &mut self.shops[shop];
        if webhooks.subscriptions.is_empty() {
            return;
        }
        self.deliveries.events += 1;
        let slot = now.seconds().div_euclid(900);
        let offset = match webhooks.offset {
            Some((known, offset)) if known == slot => offset,
            _ => settings.zone.offset_seconds(now),
        };
        webhooks.offset = Some((slot, offset));
        let first_new = self.deliveries.deliveries;
        for topic in topics {
            for subscription in webhooks.subscriptions.iter().filter(|it| it.topic == *topic) {
                let outstanding = Outstanding {
                    shop: shop as u32,
                    order: order as u32,
                    subscription: subscription.number,
                    uri: Arc::clone(&subscription.uri),
                    topic: *topic,
                    attempt: 0,
                    event: self.deliveries.events,
                    subject,
                    updated,
                    offset,
                    triggered_at: now,
                    first_failed: None,
                };
                self.deliveries.outstanding.insert(self.deliveries.deliveries, outstanding);
                self.deliveries.deliveries += 1;
            }
        }
        for id in first_new..self.deliveries.deliveries {
            let pending = self.pending(id, &self.deliveries.outstanding[&id]);
            self.deliveries.due.push(pending);
        }
    }

    fn pending(&self, id: u64, outstanding: &Outstanding) -> PendingDelivery {
        let shop = &self.shops[outstanding.shop as usize];
        let order = ids::order(shop.ordinal, outstanding.order as usize).get();
        let at =
            OffsetInstant { at: Timestamp::from_seconds(outstanding.updated), offset: outstanding.offset };
        let payload = match outstanding.topic {
            WebhookTopic::OrdersEdited => WebhookPayload::Edit(OrderEditWebhook {
                order_edit: OrderEdit { id: outstanding.event, order_id: order, committed_at: at },
            }),
            WebhookTopic::RefundsCreate => WebhookPayload::Refund(RefundWebhook {
                id: outstanding.subject,
                order_id: order,
                created_at: at,
            }),
            WebhookTopic::FulfillmentsCreate | WebhookTopic::FulfillmentsUpdate => {
                WebhookPayload::Fulfillment(FulfillmentWebhook {
                    id: outstanding.subject,
                    order_id: order,
                    updated_at: at,
                })
            }
            _ => WebhookPayload::Order(OrderWebhook {
                id: order,
                admin_graphql_api_id: Gid::new(order),
                updated_at: at,
            }),
        };
        PendingDelivery {
            id,
            shop: shop.settings.key,
            uri: Arc::clone(&outstanding.uri),
            attempt: u32::from(outstanding.attempt),
            delivery: Delivery {
                shop_domain: Arc::clone(&shop.settings.domain),
                topic: outstanding.topic,
                webhook_id: ids::uuid(1, id),
                event_id: ids::uuid(2, outstanding.event),
                api_version: API_VERSION,
                triggered_at: outstanding.triggered_at,
                payload,
            },
        }
    }
}

impl Webhooks {
    /// Oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.iter()
    }

    pub(super) fn details(&self, number: u64) -> Option<&Subscription> {
        self.all().find(|known| known.number == number)
    }
}

impl Subscription {
    pub(super) fn format(&self) -> &str {
        self.wanted.format.as_deref().unwrap_or("JSON")
    }

    fn to_wire(&self) -> WebhookSubscription {
        WebhookSubscription { id: Gid::new(self.number), topic: self.topic, uri: Arc::clone(&self.uri) }
    }
}
