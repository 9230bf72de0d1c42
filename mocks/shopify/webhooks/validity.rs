//! Which subscription may stand beside the others: address, format, filter, name.
//!
//! Source: shopify.md §c.3 and recorded refusals, with their wording; `field` says callbackUrl although the input is
//! `uri`. Of an EventBridge address the number of the app that it names is not checked: apps of the twin have none.

use super::{Subscription, Webhooks};
use crate::platforms::shopify::wire::UserError;

/// Longest filter. Source: recorded exchanges at the limit and a byte above it.
const FILTER_BYTES_MAX: usize = 65_535;
/// Longest address. Source: shopify.md §c.3.
const URI_BYTES_MAX: usize = 64 * 1024;
/// Topics that come as JSON only begin so; recorded for one of them.
const JSON_ONLY: [&str; 2] = ["RETURNS_", "REVERSE_"];
/// How the address of an EventBridge source begins behind its region.
const SOURCE: &str = "::event-source/aws.partner/shopify.com/";

impl Webhooks {
    /// Whether a new or changed subscription may stand.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn check(&self, wanted: &Subscription) -> Result<(), Vec<UserError>> {
        let mut found = Vec::new();
        let mut refuse = |field: &[&str], message: &str| {
            let field = std::iter::once("webhookSubscription").chain(field.iter().copied());
            found.push(UserError { field: Some(field.map(Box::from).collect()), message: message.into() });
        };
        let is_loopback = self.accepts_loopback
            && ["http://127.0.0.1:", "http://localhost:"].iter().any(|host| wanted.uri.starts_with(host));
        let address = if is_loopback { Vec::new() } else { of_address(&wanted.uri) };
        address.iter().for_each(|message| refuse(&["callbackUrl"], message));
        let same = |known: &&Subscription| {
            known.number != wanted.number
                && known.topic_name == wanted.topic_name
                && known.uri == wanted.uri
                && known.format() == wanted.format()
                && known.wanted.filter == wanted.wanted.filter
        };
        if address.is_empty() && self.all().any(|known| same(&known)) {
            refuse(&["callbackUrl"], "Address for this topic has already been taken");
        }
        if wanted.format() == "XML" {
            if JSON_ONLY.iter().any(|topic| wanted.topic_name.starts_with(topic)) {
                let message = "Format 'xml' is invalid for this webhook topic. Allowed formats: json";
                refuse(&["format"], message);
            } else if !wanted.uri.starts_with("http") {
                refuse(&["format"], "Format can only be used with format: 'json'");
            }
        }
        let filter = wanted.wanted.filter.as_deref().unwrap_or_default();
        if filter.len() > FILTER_BYTES_MAX {
            refuse(&[], "The specified filter exceeds the maximum allowed size.");
        } else if has_bare_word(filter) {
            let message = "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on.";
            refuse(&[], message);
        }
        if let Some(name) = wanted.wanted.name.as_deref() {
            if name.is_empty() {
                refuse(&["name"], "Name is too short (minimum is 1 character)");
            }
            let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
            if name.is_empty() || !name.chars().all(is_plain) {
                let message =
                    "Name name field can only contain alphanumeric characters, underscores, and hyphens";
                refuse(&["name"], message);
            }
            let taken = |known: &Subscription| {
                let other = known.wanted.name.as_deref().unwrap_or_default();
                known.number != wanted.number && other.eq_ignore_ascii_case(name) && !other.is_empty()
            };
            if self.all().any(taken) {
                refuse(&["name"], "Name already exists, no duplicate allowed");
            }
        }
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}

/// A term that names no field. Terms stand between blanks and parentheses, values may be quoted.
fn has_bare_word(filter: &str) -> bool {
    let mut quoted = false;
    let spaced: String = filter
        .chars()
        .map(|letter| {
            quoted ^= matches!(letter, '"' | '\'');
            match letter {
                letter if quoted && letter.is_whitespace() => '_',
                '(' | ')' => ' ',
                letter => letter,
            }
        })
        .collect();
    let mut terms = spaced.split_whitespace().filter(|term| !matches!(*term, "AND" | "OR" | "NOT"));
    terms.any(|term| !term.contains(':'))
}

fn of_address(uri: &str) -> Vec<&'static str> {
    if uri.trim().is_empty() {
        return vec!["Address can't be blank"];
    }
    if uri.len() > URI_BYTES_MAX {
        return vec!["Address is too big (maximum is 64 KB)"];
    }
    if uri.starts_with("http://") {
        return vec!["Address protocol http:// is not supported"];
    }
    if let Some(place) = uri.strip_prefix("pubsub://") {
        return of_pubsub(place);
    }
    if let Some(place) = uri.strip_prefix("arn:") {
        let named = place.split_once(SOURCE).and_then(|(_, source)| source.split_once('/'));
        let is_source = place.starts_with("aws:events:") && named.is_some_and(|(_, name)| !name.is_empty());
        return if is_source { vec![] } else { vec!["Address is invalid", "Address is not a valid AWS ARN"] };
    }
    match uri.strip_prefix("https://") {
        Some(host) if host.contains('.') && !host.contains(' ') => vec![],
        _ => vec!["Address is invalid"],
    }
}

/// `project:topic`.
fn of_pubsub(place: &str) -> Vec<&'static str> {
    let parts = place.split_once(':').filter(|(project, topic)| !project.is_empty() && !topic.is_empty());
    let Some((project, topic)) = parts else {
        return vec![
            "Address protocol pubsub:// is not supported",
            "Address is not a valid GCP pub/sub format. Format should be pubsub://project:topic",
        ];
    };
    let mut found = Vec::new();
    let is_number = project.bytes().all(|it| it.is_ascii_digit());
    let is_plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    let is_name = (6..=30).contains(&project.len())
        && project.bytes().all(is_plain)
        && project.starts_with(|first: char| first.is_ascii_lowercase())
        && !project.ends_with('-');
    if !is_number && !is_name {
        // Recorded of the topic; of the project an assumption by the same habit.
        found.extend(["Address is invalid", "Address is not a valid GCP project id."]);
    }
    let is_of_topic = |it: u8| it.is_ascii_alphanumeric() || b"-_.~+%".contains(&it);
    let is_topic = (3..=255).contains(&topic.len())
        && topic.bytes().all(is_of_topic)
        && topic.starts_with(|first: char| first.is_ascii_alphabetic())
        && !topic.starts_with("goog");
    if !is_topic {
        if found.is_empty() {
            found.push("Address is invalid");
        }
        found.push("Address is not a valid GCP topic id.");
    }
    found
}
