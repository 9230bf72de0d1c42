//! The REST resources that have no better in GraphQL, and what official clients ask first: the shop, payouts, balance
//! transactions, disputes, the balance.
//!
//! Source: shopify.md §b.6 (limits, paging), §m.2 (fields). Rows are those of the twin's own ledger.

mod ledger;

use serde_json::{Value, json};

use super::super::bucket::Bucket;
use super::super::{Shop, ShopifyTwin, ids};
use super::door::form_value;
use super::reply::Reply;
use crate::domain::Timestamp;
use crate::platforms::base64;

/// Calls that fit the bucket, for each that runs out of it in a second: 40 at 2 a second.
const BUCKET_SECONDS: u32 = 20;
/// GraphQL points a second for each REST call a second: 100 and 2 on the standard plan, 1,000 and 20 on Plus.
const POINTS_A_CALL: u32 = 50;
/// Rows of a page, unless `limit` says otherwise, and the most that it may say.
const LIMIT: usize = 50;
const LIMIT_MAX: usize = 250;

/// The bucket of REST calls of one app in one shop.
pub(super) fn bucket(shop: &Shop) -> Bucket {
    let rate = (shop.settings.restore_rate / POINTS_A_CALL).max(1);
    Bucket::full(rate * BUCKET_SECONDS, rate)
}

/// A GET below `/admin/api/{version}/`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) resource: &'a str,
    pub(super) query: &'a str,
    /// The address of the resource, for links to other pages.
    pub(super) address: &'a str,
}

/// Answers a call, if the bucket has room for it.
pub(super) fn answer(
    twin: &ShopifyTwin,
    at: usize,
    bucket: &mut Bucket,
    asked: Asked<'_>,
    now: Timestamp,
) -> Reply {
    let is_let_in = bucket.take(1, now);
    let reply = match is_let_in {
        true => resource(twin, at, asked),
        false => {
            let rate = bucket.restore_rate();
            let message = format!(
                "Exceeded {rate} calls per second for api client. Reduce request rates to resume uninterrupted service."
            );
            Reply::json(429, json!({ "errors": message }).to_string()).with("Retry-After", "2.0".to_owned())
        }
    };
    let used = bucket.maximum() - bucket.available();
    reply.with("X-Shopify-Shop-Api-Call-Limit", format!("{used}/{}", bucket.maximum()))
}

fn resource(twin: &ShopifyTwin, at: usize, asked: Asked<'_>) -> Reply {
    let shop = &twin.shops[at];
    let number = |folder: &str| -> Option<u64> {
        asked.resource.strip_prefix(folder)?.strip_suffix(".json")?.parse().ok()
    };
    match asked.resource {
        "shop.json" => one("shop", Some(shop_json(shop))),
        "shopify_payments/payouts.json" => listed(asked, "payouts", ledger::payouts(shop, asked.query)),
        "shopify_payments/balance/transactions.json" => {
            listed(asked, "transactions", ledger::transactions(shop, &twin.texts, asked.query))
        }
        "shopify_payments/disputes.json" => listed(asked, "disputes", ledger::disputes(shop, asked.query)),
        "shopify_payments/balance.json" => one("balance", ledger::balance(shop)),
        _ => match (number("shopify_payments/payouts/"), number("shopify_payments/disputes/")) {
            (Some(number), _) => one("payout", ledger::payout(shop, number)),
            (_, Some(number)) => one("dispute", ledger::dispute(shop, number)),
            _ => Reply::not_found(),
        },
    }
}

fn one(name: &str, found: Option<Value>) -> Reply {
    found.map_or_else(Reply::not_found, |value| Reply::json(200, json!({ name: value }).to_string()))
}

fn shop_json(shop: &Shop) -> Value {
    let settings = &shop.settings;
    json!({
        "id": ids::shop(shop.ordinal),
        "name": settings.key.to_string(),
        "domain": settings.domain,
        "myshopify_domain": settings.domain,
        "currency": settings.currency,
        "iana_timezone": settings.zone.name(),
    })
}

/// A page of rows, newest first, with links to the pages beside it.
///
/// A page is named by its first or last row and its filters, none of which may be given beside it.
fn listed(asked: Asked<'_>, name: &str, rows: Result<Vec<Value>, String>) -> Reply {
    let limit = form_value(asked.query, "limit").and_then(|text| text.parse().ok()).unwrap_or(LIMIT);
    let limit = limit.clamp(1, LIMIT_MAX);
    let page = form_value(asked.query, "page_info");
    let others = asked.query.split('&').filter(|pair| !pair.is_empty());
    let is_filtered =
        others.filter_map(|pair| pair.split_once('=')).any(|(key, _)| key != "limit" && key != "page_info");
    if page.is_some() && is_filtered {
        return bad_request("page_info", "Invalid value.");
    }
    let rows = match rows {
        Ok(rows) => rows,
        Err(field) => return bad_request(&field, "Invalid value."),
    };
    let from = match page.as_deref().map(Page::read) {
        None => 0,
        Some(None) => return bad_request("page_info", "Invalid value."),
        Some(Some(page)) => page.first_row(&rows, limit),
    };
    let until = rows.len().min(from + limit);
    let filters = Page::filters(asked.query);
    let link = |page: Page<'_>, relation: &str| {
        format!("<{}?limit={limit}&page_info={}>; rel=\"{relation}\"", asked.address, page.spell())
    };
    let mut links = Vec::new();
    if from > 0 {
        links
            .push(link(Page { row: number_of(&rows[from]), is_before: true, filters: &filters }, "previous"));
    }
    if until < rows.len() {
        let last = number_of(&rows[until - 1]);
        links.push(link(Page { row: last, is_before: false, filters: &filters }, "next"));
    }
    let reply = Reply::json(200, json!({ name: rows[from..until] }).to_string());
    if links.is_empty() { reply } else { reply.with("Link", links.join(", ")) }
}

fn bad_request(field: &str, message: &str) -> Reply {
    Reply::json(400, json!({ "errors": { field: message } }).to_string())
}

fn number_of(row: &Value) -> u64 {
    row["id"].as_u64().unwrap_or_default()
}

/// What `page_info` stands for.
struct Page<'a> {
    row: u64,
    /// The page that ends before the row, rather than the one that begins behind it.
    is_before: bool,
    filters: &'a str,
}

impl<'a> Page<'a> {
    /// Filters of a query, without its paging; those of the page that it names, if it names one.
    fn filters(query: &str) -> String {
        let named = form_value(query, "page_info").and_then(|text| unspelled(&text));
        if let Some(named) = named {
            return named.splitn(3, '|').nth(2).unwrap_or_default().to_owned();
        }
        let pairs = query.split('&').filter(|pair| !pair.starts_with("limit=") && !pair.is_empty());
        pairs.collect::<Vec<_>>().join("&")
    }

    fn spell(&self) -> String {
        let side = if self.is_before { "before" } else { "after" };
        base64::url_safe(format!("{side}|{}|{}", self.row, self.filters).as_bytes())
    }

    fn read(text: &str) -> Option<Page<'static>> {
        let plain = unspelled(text)?;
        let mut parts = plain.splitn(3, '|');
        let is_before = match parts.next()? {
            "before" => true,
            "after" => false,
            _ => return None,
        };
        Some(Page { row: parts.next()?.parse().ok()?, is_before, filters: "" })
    }

    fn first_row(&self, rows: &[Value], limit: usize) -> usize {
        let place = rows.iter().position(|row| number_of(row) == self.row);
        match (place, self.is_before) {
            (Some(at), true) => at.saturating_sub(limit),
            (Some(at), false) => at + 1,
            (None, _) => 0,
        }
    }
}

/// The query that a listing is filtered by: its own, or that of the page which it names.
pub(super) fn effective_query(query: &str) -> String {
    Page::filters(query)
}

/// Base64 as `base64::url_safe` writes it.
fn unspelled(text: &str) -> Option<String> {
    let sextet = |letter: u8| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len());
    for chunk in text.as_bytes().chunks(4) {
        let mut joined = 0_u32;
        for at in 0..4 {
            joined = joined << 6 | u32::from(chunk.get(at).map_or(Some(0), |letter| sextet(*letter))?);
        }
        bytes.extend_from_slice(&joined.to_be_bytes()[1..chunk.len()]);
    }
    String::from_utf8(bytes).ok()
}
