//! What a genuine delivery asks for, or why a person must look at it.
//!
//! Only the body is signed. Topic, shop, id and times stand in headers that whoever saw one delivery can change
//! and send again, so each is held against the body. Source: shopify.md §c.2, §c.5.

use axum::http::HeaderMap;
use ring::digest;

use super::Routes;
use super::config::{Config, Owner};
use super::outline::Outline;
use crate::domain::{CauseCode, Flow, ShopKey, Timestamp};
use crate::platforms::shopify::wire::{
    ComplianceTopic, ComplianceWebhook, Delivery, Uuid, WebhookPayload, WebhookTopic,
};
use crate::ports::Entity;
use crate::ports::inbox::{Aside, AsideReason, Matter, Privacy, Receipt};
use crate::ports::store::{AuditEntry, Cause, Exception, ExceptionKey, ExceptionState, Hint};

/// Characters of a header that are kept for a person; Shopify's own stay far below.
const HEADER_KEPT_MAX: usize = 255;

/// Knows the shops, and reads deliveries.
#[derive(Debug)]
pub struct Examiner {
    config: Config,
    routes: Routes,
}

/// A delivery whose signature is right.
#[derive(Debug, Clone, Copy)]
pub struct Genuine<'a> {
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub now: Timestamp,
}

impl Examiner {
    pub fn new(config: Config) -> Examiner {
        Examiner { routes: config.routes(), config }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Whether the body was signed with the secret of the shop that the header names; for a shop that is not ours,
    /// with any secret of ours.
    pub fn is_signed(&self, headers: &HeaderMap, body: &[u8], signature: &[u8; 32], now: Timestamp) -> bool {
        let domain = header(headers, "x-shopify-shop-domain").unwrap_or_default();
        match self.config.shops.iter().find(|access| domain.eq_ignore_ascii_case(&access.domain)) {
            Some(access) => access.keys.verify(body, signature, now),
            None => self.config.shops.iter().any(|access| access.keys.verify(body, signature, now)),
        }
    }

    /// What it is known by when it comes again.
    pub fn receipt(&self, genuine: &Genuine<'_>) -> Receipt {
        let digest = digest::digest(&digest::SHA256, genuine.body);
        Receipt {
            merchant: self.config.merchant,
            shop: self.shop(genuine),
            delivery: uuid(genuine.headers, "x-shopify-webhook-id").map(|id| id.0),
            digest: digest.as_ref().try_into().expect("SHA-256 has 32 bytes"),
        }
    }

    /// # Errors
    /// Why it is set aside.
    pub fn matter(&self, genuine: &Genuine<'_>, receipt: &Receipt) -> Result<Matter, AsideReason> {
        let Genuine { headers, body, now } = *genuine;
        let topic = header(headers, "x-shopify-topic").ok_or(AsideReason::HeaderMalformed)?;
        let domain = header(headers, "x-shopify-shop-domain").ok_or(AsideReason::HeaderMalformed)?;
        let version = header(headers, "x-shopify-api-version").ok_or(AsideReason::HeaderMalformed)?;
        let Some(Uuid(webhook_id)) = receipt.delivery.map(Uuid) else {
            return Err(AsideReason::HeaderMalformed);
        };
        let shop = receipt.shop.ok_or(AsideReason::UnknownShop)?;
        if let Some(compliance) = ComplianceTopic::from_header(topic) {
            return self.compliance(compliance, domain, shop, body, now);
        }
        let topic = WebhookTopic::from_header(topic);
        if topic == WebhookTopic::Other || !self.config.topics.contains(&topic) {
            return Err(AsideReason::UnknownTopic);
        }
        let api_version = *self
            .config
            .api_versions
            .iter()
            .find(|known| known.to_string() == version)
            .ok_or(AsideReason::UnknownVersion)?;
        let text = std::str::from_utf8(body).map_err(|_| AsideReason::Unreadable)?;
        let outline = Outline::read(text).map_err(|_| AsideReason::Unreadable)?;
        let payload = WebhookPayload::parse(topic, text).map_err(|_| AsideReason::Unreadable)?;
        if !names_itself(&payload, &outline) {
            return Err(AsideReason::Unreadable);
        }
        if outline.shop_domain().is_some_and(|named| !named.eq_ignore_ascii_case(domain)) {
            return Err(AsideReason::ForeignShop);
        }
        // The header is not signed: an instant to come would make the engine wait for a version that never is.
        let triggered_at = header(headers, "x-shopify-triggered-at")
            .and_then(|text| text.parse().ok())
            .map_or(Timestamp::ORIGIN, |at: Timestamp| at.min(now));
        let delivery = Delivery {
            shop_domain: domain.to_ascii_lowercase().into(),
            topic,
            webhook_id: Uuid(webhook_id),
            event_id: uuid(headers, "x-shopify-event-id").unwrap_or(Uuid(0)),
            api_version,
            triggered_at,
            payload,
        };
        let hint: Hint = self.routes.hint(&delivery).ok_or(AsideReason::UnknownShop)?;
        Ok(Matter::Hint(hint))
    }

    /// The delivery as it is kept for a person.
    pub fn aside(&self, genuine: &Genuine<'_>, receipt: Receipt, reason: AsideReason) -> Aside {
        let kept = |name| {
            let text = header(genuine.headers, name).unwrap_or_default();
            text.chars().take(HEADER_KEPT_MAX).collect::<String>().into()
        };
        let text = std::str::from_utf8(genuine.body).ok();
        Aside {
            receipt,
            reason,
            shop_domain: kept("x-shopify-shop-domain"),
            topic: kept("x-shopify-topic"),
            customer: text.and_then(|text| Outline::read(text).ok()).and_then(|outline| outline.customer),
            body: genuine.body.into(),
            exception: None,
            policy_hash: self.config.people.policy_hash,
        }
    }

    /// What a person hears of two bodies under one id: both digests, never the bodies.
    pub fn contradiction(&self, genuine: &Genuine<'_>, receipt: Receipt, first: [u8; 32]) -> Aside {
        let entity = match self.matter(genuine, &receipt) {
            Ok(Matter::Hint(hint)) => Some(hint.entity),
            Ok(Matter::DataRequest(privacy) | Matter::Redact(privacy)) => Some(privacy.entity),
            Err(_) => receipt
                .shop
                .or_else(|| self.config.shops.first().map(|access| access.shop))
                .map(|shop| Entity { merchant: self.config.merchant, shop, flow: Flow::Order, record: 0 }),
        };
        let id = Uuid(receipt.delivery.unwrap_or_default());
        let detail =
            format!("delivery {id} came with body {} and then with {}", hex(&first), hex(&receipt.digest));
        let exception = entity.map(|entity| {
            let people = &self.config.people.contradictions;
            let step = "compare both bodies; find out who else knows the signing secret";
            exception(entity, CauseCode::DeliveryContradicts, people, genuine.now, detail, step)
        });
        Aside { exception, ..self.aside(genuine, receipt, AsideReason::Contradicts) }
    }

    fn shop(&self, genuine: &Genuine<'_>) -> Option<ShopKey> {
        let domain = header(genuine.headers, "x-shopify-shop-domain")?;
        let access = self.config.shops.iter().find(|access| domain.eq_ignore_ascii_case(&access.domain))?;
        Some(access.shop)
    }

    fn compliance(
        &self,
        topic: ComplianceTopic,
        domain: &str,
        shop: ShopKey,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Matter, AsideReason> {
        let request: ComplianceWebhook = std::str::from_utf8(body)
            .ok()
            .filter(|text| Outline::read(text).is_ok())
            .and_then(|text| serde_json::from_str(text).ok())
            .ok_or(AsideReason::Unreadable)?;
        if !request.shop_domain.eq_ignore_ascii_case(domain) {
            return Err(AsideReason::ForeignShop);
        }
        let customer = request.customer.map(|customer| customer.id).filter(|id| *id != 0);
        let record = match (topic, customer) {
            (ComplianceTopic::ShopRedact, _) => 0,
            (_, Some(customer)) => customer,
            (_, None) => return Err(AsideReason::Unreadable),
        };
        let entity = Entity { merchant: self.config.merchant, shop, flow: Flow::Customer, record };
        let (code, step) = match topic {
            ComplianceTopic::CustomersDataRequest => {
                (CauseCode::DataRequested, "send the customer's data to the merchant within 30 days")
            }
            ComplianceTopic::CustomersRedact | ComplianceTopic::ShopRedact => (
                CauseCode::ErasureRequested,
                "erase the customer's data in NetSuite as far as the law lets you",
            ),
        };
        let people = &self.config.people;
        let detail = match record {
            0 => format!("{} of shop {shop}", topic.header()),
            customer => format!("{} of customer {customer} of shop {shop}", topic.header()),
        };
        let privacy = Privacy {
            entity,
            orders: [request.orders_requested, request.orders_to_redact].concat(),
            exception: exception(entity, code, &people.privacy, now, detail, step),
            audit: AuditEntry {
                at: now,
                cause: Cause::Delivery,
                read_version: Timestamp::ORIGIN,
                policy_hash: people.policy_hash,
                actions: topic.header().into(),
                outcome: "obeyed".into(),
            },
        };
        Ok(match topic {
            ComplianceTopic::CustomersDataRequest => Matter::DataRequest(privacy),
            ComplianceTopic::CustomersRedact | ComplianceTopic::ShopRedact => Matter::Redact(privacy),
        })
    }
}

/// Whether the body is of the kind that its topic promises, under one number. Topics with the same shape have the
/// same effect, so nothing is won by trading one for the other.
fn names_itself(payload: &WebhookPayload, outline: &Outline) -> bool {
    let expected = match payload {
        WebhookPayload::Order(order) => {
            return order.id != 0 && order.admin_graphql_api_id.number() == order.id;
        }
        WebhookPayload::Edit(_) => None,
        WebhookPayload::Refund(_) => Some("Refund"),
        WebhookPayload::Fulfillment(_) => Some("Fulfillment"),
    };
    // Older samples of these two name no global id.
    payload.order_id().get() != 0 && (outline.kind().is_none() || outline.kind() == expected)
}

fn exception(
    entity: Entity,
    code: CauseCode,
    people: &Owner,
    now: Timestamp,
    detail: String,
    next_step: &str,
) -> Exception {
    Exception {
        key: ExceptionKey { entity, code },
        state: ExceptionState::Open,
        raised_at: now,
        owner: people.name.clone(),
        deadline: now.plus(people.deadline),
        at_risk: None,
        detail: detail.into(),
        next_step: next_step.into(),
    }
}

/// A header that is there once and is text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok()).flatten()
}

fn uuid(headers: &HeaderMap, name: &str) -> Option<Uuid> {
    header(headers, name)?.parse().ok()
}

fn hex(digest: &[u8; 32]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}
