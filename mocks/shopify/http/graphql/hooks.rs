//! Webhook subscriptions over the API: made, changed, removed, listed and counted.
//!
//! Source: shopify.md §c.3 and recorded exchanges. Which subscription may stand is the twin's own rule (`webhooks`).

use serde_json::{Map, Value, json};

use super::super::super::cursor::Cursor;
use super::object::{Found, Session};
use super::page::number_of;
use super::records::{gid, json};
use super::refusal::Refusal;
use super::write::refused;
use crate::mocks::shopify::webhooks::{Subscription, Wanted};
use crate::platforms::shopify::wire::{DateTime, UserError};

/// What the older field says of a destination that is no address. Source: recorded subscriptions of both kinds.
const CLOUD: &str = "https://eventbridge.arn";

impl Session<'_> {
    pub(super) fn subscribe(&self, arguments: &Map<String, Value>) -> Value {
        let topic = arguments.get("topic").and_then(Value::as_str).unwrap_or_default();
        let wanted = wanted(arguments);
        let mut twin = self.twin.borrow_mut();
        let made = twin.subscribe(self.at, topic, &wanted, self.now);
        payload(made.map(|number| gid("WebhookSubscription", number)))
    }

    /// # Errors
    /// An id of another type.
    pub(super) fn resubscribe(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = self.id_of(arguments, "WebhookSubscription")?;
        let mut twin = self.twin.borrow_mut();
        let number = number_of(id).unwrap_or_default();
        let changed = twin.resubscribe(self.at, number, &wanted(arguments), self.now);
        Ok(payload(changed.map(|()| id.to_owned())))
    }

    /// # Errors
    /// An id of another type.
    pub(super) fn unsubscribe(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let id = self.id_of(arguments, "WebhookSubscription")?;
        let number = number_of(id).unwrap_or_default();
        Ok(match self.twin.borrow_mut().unsubscribe(self.at, number) {
            true => json!({ "deletedWebhookSubscriptionId": id, "userErrors": [] }),
            false => {
                let message = "Webhook subscription does not exist";
                refused("deletedWebhookSubscriptionId", Some(&["id"]), message)
            }
        })
    }

    /// Oldest first: numbers rise with age, so both sort keys say the same.
    ///
    /// # Errors
    /// A search text that the twin does not model.
    pub(super) fn subscriptions(&self, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let window = self.window(arguments)?;
        let topics = arguments.get("topics").and_then(Value::as_array);
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let twin = self.twin.borrow();
        let found = self.searched(twin.shops[self.at].webhooks.all(), text("query"))?.into_iter();
        let found: Vec<&Subscription> = found
            .filter(|details| {
                topics.is_none_or(|topics| topics.iter().any(|topic| *topic == *details.topic_name))
                    && text("uri").is_none_or(|uri| *uri == *details.uri)
                    && text("callbackUrl").is_none_or(|uri| *uri == *details.uri)
                    && text("format").is_none_or(|format| *format == *details.format())
            })
            .collect();
        let key = |details: &&Subscription| Cursor {
            last_id: details.number,
            last_value: i64::try_from(details.number).unwrap_or(i64::MAX),
        };
        let node = |at: usize| self.subscription(found[at]);
        Ok(Found::Paged(window.page(found.iter().map(key).collect(), node)))
    }

    /// # Errors
    /// A search text that the twin does not model.
    pub(super) fn subscriptions_count(&self, arguments: &Map<String, Value>) -> Result<Value, Refusal> {
        let query = arguments.get("query").and_then(Value::as_str);
        let twin = self.twin.borrow();
        let count = self.searched(twin.shops[self.at].webhooks.all(), query)?.len() as u64;
        let limit = arguments.get("limit").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let precision = if count > limit { "AT_LEAST" } else { "EXACT" };
        Ok(json!({ "count": count.min(limit), "precision": precision }))
    }

    /// Those that a search text asks for, by their id.
    fn searched<'a>(
        &self,
        all: impl Iterator<Item = &'a Subscription>,
        query: Option<&str>,
    ) -> Result<Vec<&'a Subscription>, Refusal> {
        let mut wanted = Vec::new();
        for term in query.unwrap_or_default().split_whitespace().filter(|term| *term != "AND") {
            let number = term.strip_prefix("id:").and_then(|number| number.parse::<u64>().ok());
            wanted.push(number.ok_or_else(|| Refusal::not_modelled(&format!("search term `{term}`")))?);
        }
        Ok(all.filter(|details| wanted.iter().all(|number| *number == details.number)).collect())
    }

    /// A subscription with every field that the twin has of it.
    pub(super) fn subscription(&self, details: &Subscription) -> Value {
        let metafields = details.wanted.metafields.as_deref().unwrap_or_default().iter();
        let metafields = metafields.map(|(namespace, key)| json!({ "namespace": namespace, "key": key }));
        json!({
            "id": gid("WebhookSubscription", details.number),
            "topic": details.topic_name,
            "uri": details.uri,
            "callbackUrl": if details.uri.starts_with("http") { &details.uri } else { CLOUD },
            "endpoint": endpoint(&details.uri),
            "format": details.format(),
            "filter": details.wanted.filter,
            "name": details.wanted.name,
            "includeFields": details.wanted.include_fields.as_deref().unwrap_or_default(),
            "metafieldNamespaces": details.wanted.metafield_namespaces.as_deref().unwrap_or_default(),
            "metafields": metafields.collect::<Vec<_>>(),
            "createdAt": DateTime::of(details.created),
            "updatedAt": DateTime::of(details.updated),
        })
    }
}

/// Where deliveries go, as the schema's older field spells it.
fn endpoint(uri: &str) -> Value {
    if let Some((project, topic)) = uri.strip_prefix("pubsub://").and_then(|place| place.split_once(':')) {
        return json!({ "__typename": "WebhookPubSubEndpoint", "pubSubProject": project, "pubSubTopic": topic });
    }
    match uri.starts_with("arn:") {
        true => json!({ "__typename": "WebhookEventBridgeEndpoint", "arn": uri }),
        false => json!({ "__typename": "WebhookHttpEndpoint", "callbackUrl": uri }),
    }
}

/// What the input of a subscription says; the older name of the address counts where the newer is not given.
fn wanted(arguments: &Map<String, Value>) -> Wanted {
    let input = arguments.get("webhookSubscription").cloned().unwrap_or_default();
    let text = |name: &str| input[name].as_str().map(Box::from);
    let list = |name: &str| {
        let entries = input[name].as_array()?;
        Some(entries.iter().filter_map(Value::as_str).map(Box::from).collect())
    };
    let metafields = input["metafields"].as_array().map(|entries| {
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().into();
        entries.iter().map(|entry| (text(entry, "namespace"), text(entry, "key"))).collect()
    });
    Wanted {
        uri: text("uri").or_else(|| text("callbackUrl")),
        format: text("format"),
        filter: text("filter"),
        name: text("name"),
        include_fields: list("includeFields"),
        metafield_namespaces: list("metafieldNamespaces"),
        metafields,
    }
}

fn payload(made: Result<String, Vec<UserError>>) -> Value {
    match made {
        Ok(id) => json!({ "webhookSubscription": { "id": id }, "userErrors": [] }),
        Err(refused) => json!({ "webhookSubscription": null, "userErrors": json(refused) }),
    }
}
