//! Roots of queries.

use serde_json::{Map, Value, json};

use super::super::super::answer::malformed_cursor;
use super::super::super::cursor::Cursor;
use super::super::super::{Shop, ids, render};
use super::object::{Found, Session};
use super::page::connection;
use super::records::{gid, json};
use super::refusal::Refusal;
use crate::domain::Timestamp;
use crate::domain::ids::OrderId;
use crate::platforms::shopify::operation::SearchVariables;

/// Points a second of the plan Plus. Source: shopify.md §b.1.
const PLUS_RATE: u32 = 1_000;

impl Session<'_> {
    pub(super) fn query(&self, name: &str, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
        let whole = |value: Value| Ok(Found::Whole(value));
        let by_id = |kind: &str| self.by_id(arguments, kind).map(Found::Whole);
        match name {
            "bulkOperation" => by_id("BulkOperation"),
            "customer" => by_id("Customer"),
            "draftOrder" => by_id("DraftOrder"),
            "fulfillment" => by_id("Fulfillment"),
            "fulfillmentOrder" => by_id("FulfillmentOrder"),
            "giftCard" => by_id("GiftCard"),
            "inventoryItem" => by_id("InventoryItem"),
            "order" => by_id("Order"),
            "priceList" => by_id("PriceList"),
            "product" => by_id("Product"),
            "productVariant" => by_id("ProductVariant"),
            "refund" => by_id("Refund"),
            "return" => by_id("Return"),
            "webhookSubscription" => by_id("WebhookSubscription"),
            "location" if arguments.get("id").is_none_or(Value::is_null) => {
                let twin = self.twin.borrow();
                let shop = &twin.shops[self.at];
                whole(super::shipped::location(shop, shop.locations()[0]))
            }
            "location" => by_id("Location"),
            "node" => self.node(text("id")).map(Found::Whole),
            "nodes" => {
                let ids = arguments.get("ids").and_then(Value::as_array).into_iter().flatten();
                let nodes: Result<Vec<Value>, Refusal> =
                    ids.map(|id| self.node(id.as_str().unwrap_or_default())).collect();
                whole(Value::Array(nodes?))
            }
            "bulkOperations" => self.bulk_operations(arguments),
            "currentBulkOperation" => whole(self.current_bulk_operation(text("type"))),
            "shop" => whole(self.shop()),
            "currentAppInstallation" => {
                let scopes = self.scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty());
                let listed: Vec<Value> = scopes.map(|scope| json!({ "handle": scope })).collect();
                whole(json!({ "accessScopes": listed }))
            }
            "paymentTermsTemplates" => {
                let wanted = arguments.get("paymentTermsType").and_then(Value::as_str);
                whole(super::super::super::terms::templates_of(wanted).map(json).collect())
            }
            "shopifyPaymentsAccount" => {
                let is_open = self.twin.borrow().shops[self.at].has_payments()?;
                whole(if is_open { json!({}) } else { Value::Null })
            }
            "webhookSubscriptionsCount" => self.subscriptions_count(arguments).map(Found::Whole),
            "webhookSubscriptions" => self.subscriptions(arguments),
            "customers" => self.customers(arguments),
            "customersCount" => self.customers_count(arguments).map(Found::Whole),
            "ordersCount" => self.orders_count(arguments).map(Found::Whole),
            "orders" => self.orders(arguments),
            "giftCards" => self.gift_cards(arguments),
            "locations" | "priceLists" | "products" | "productVariants" => self.listed(name, arguments),
            other => Err(Refusal::not_modelled(other)),
        }
    }

    fn shop(&self) -> Value {
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let settings = &shop.settings;
        json!({
            "id": gid("Shop", ids::shop(shop.ordinal)),
            "name": settings.key.to_string(),
            "myshopifyDomain": settings.domain,
            "currencyCode": settings.currency,
            "ianaTimezone": settings.zone.name(),
            // Source: shopify.md §b.1: the rate tells the plan.
            "plan": { "shopifyPlus": settings.restore_rate >= PLUS_RATE },
            // Prices are entered without tax; an order of the twin says for itself whether it was sold with.
            "taxesIncluded": false,
            "taxShipping": false,
        })
    }

    /// Listings by number, of records that no index lags behind.
    fn listed(&self, name: &str, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let window = self.window(arguments)?;
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let ordinal = shop.ordinal;
        let by = |count: usize, number: &dyn Fn(usize) -> u64, node: &dyn Fn(usize) -> Value| {
            let keys = (0..count).map(|at| Cursor { last_id: number(at), last_value: number(at) as i64 });
            Ok(Found::Paged(window.page(keys.collect(), node)))
        };
        match name {
            "locations" => {
                let all = shop.locations();
                by(all.len(), &|at| all[at], &|at| super::shipped::location(shop, all[at]))
            }
            "priceLists" => by(shop.price_lists_count(), &|at| ids::price_list(ordinal, at).get(), &|at| {
                self.price_list_at(at).unwrap_or_default()
            }),
            "products" => {
                let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
                let found = products(shop, query, self.now)?;
                let number = |at: usize| ids::product(ordinal, found[at]).get();
                by(found.len(), &number, &|at| json!({ "id": gid("Product", number(at)) }))
            }
            _ => by(shop.selling.count(), &|at| ids::variant(ordinal, at).get(), &|at| {
                let id = gid("ProductVariant", ids::variant(ordinal, at).get());
                json!({ "id": id, "sku": shop.selling.shown_sku(at as u32) })
            }),
        }
    }

    /// Cards in the order in which they were made, which is that of their numbers too.
    fn gift_cards(&self, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let window = self.window(arguments)?;
        let twin = self.twin.borrow();
        let shop = &twin.shops[self.at];
        let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
        let since = super::search::since(query, "created_at")?;
        let all = render::refunds::gift_cards(shop, since, 0, usize::MAX - 1).nodes;
        let key = |card: &crate::platforms::shopify::wire::GiftCard| {
            let created = card.created_at.at().seconds() * 1_000;
            let number = card.id.number();
            let is_by_time = arguments.get("sortKey").and_then(Value::as_str) == Some("CREATED_AT");
            Cursor { last_id: number, last_value: if is_by_time { created } else { number as i64 } }
        };
        let page = window.page(all.iter().map(key).collect(), |at| json(&all[at]));
        Ok(Found::Paged(page))
    }

    fn orders(&self, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let window = self.window(arguments)?;
        let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
        let sort = arguments.get("sortKey").and_then(Value::as_str).unwrap_or("PROCESSED_AT");
        let mut twin = self.twin.borrow_mut();
        let lag = twin.search_lag;
        let now = self.now;
        let shop = &mut twin.shops[self.at];
        shop.index.advance(now, lag);
        let shop = &*shop;
        let search = super::search::Orders::parse(query)?;
        self.search.borrow_mut().extend(search.reports(query));
        let node = |n: usize, second: i64| {
            let id = gid("Order", ids::order(shop.ordinal, n).get());
            json!({ "id": id, "updatedAt": render::date_time(second) })
        };
        if let (Some((first, after)), "UPDATED_AT", true) =
            (window.forward(), sort, search.is_by_update_only())
        {
            let after = after.map(|cursor| order_cursor(shop, cursor)).transpose()?;
            let listing = shop.index.list(search.since(), after, first.min(shop.orders.len()));
            let rows = listing.rows.iter();
            let nodes = rows.clone().map(|(n, second)| node(*n as usize, *second)).collect();
            let key = |(n, second): &(u32, i64)| Cursor {
                last_id: ids::order(shop.ordinal, *n as usize).get(),
                last_value: second * 1_000,
            };
            let keys: Vec<Cursor> = rows.map(key).collect();
            return Ok(Found::Paged(connection(nodes, &keys, after.is_some(), listing.has_next_page)));
        }
        let mut rows: Vec<(i64, usize, i64)> = shop
            .index
            .list(i64::MIN, None, shop.orders.len())
            .rows
            .into_iter()
            .map(|(n, second)| (n as usize, second))
            .filter(|(n, second)| search.fits(shop, *n, *second))
            .map(|(n, second)| Ok((sort_value(shop, sort, n, second)?, n, second)))
            .collect::<Result<_, Refusal>>()?;
        rows.sort_unstable();
        let key = |(value, n, _): &(i64, usize, i64)| Cursor {
            last_id: ids::order(shop.ordinal, *n).get(),
            last_value: *value,
        };
        let page = window.page(rows.iter().map(key).collect(), |at| node(rows[at].1, rows[at].2));
        Ok(Found::Paged(page))
    }

    /// A listing below the payments account.
    pub(super) fn of_account(&self, name: &str, arguments: &Map<String, Value>) -> Result<Found, Refusal> {
        let window = self.window(arguments)?;
        if name == "balanceTransactions" && arguments.get("hideTransfers") != Some(&Value::Bool(true)) {
            return Err(Refusal::not_modelled("balanceTransactions without hideTransfers"));
        }
        let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default().into();
        let asked = SearchVariables { query, after: None };
        let twin = self.twin.borrow();
        let (rows, reports) = twin.account_rows(self.at, name, &asked)?;
        self.search.borrow_mut().extend(reports);
        let key = |row: &(u64, i64)| Cursor { last_id: row.0, last_value: row.1 * 1_000 };
        let kind = match name {
            "payouts" => "ShopifyPaymentsPayout",
            "disputes" => "ShopifyPaymentsDispute",
            _ => "ShopifyPaymentsBalanceTransaction",
        };
        let node = |at: usize| json!({ "id": gid(kind, rows[at].0) });
        Ok(Found::Paged(window.page(rows.iter().map(key).collect(), node)))
    }
}

/// Positions of the products that a search text asks for, as far as the index shows them.
///
/// # Errors
/// A term that the twin does not model.
fn products(shop: &Shop, query: &str, now: Timestamp) -> Result<Vec<usize>, Refusal> {
    let terms = super::search::terms(query)?;
    let mut found = Vec::new();
    for at in 0..shop.selling.count() {
        let variant = shop.render_variant(at as u32);
        let mut fits = terms.is_empty() || shop.is_found(at as u32, now);
        for (field, value) in &terms {
            fits &= match *field {
                "title" => variant.product.title.to_lowercase().contains(&value.to_lowercase()),
                "sku" => variant.sku.as_deref() == Some(*value),
                "id" => value.parse() == Ok(variant.product.id.number()),
                "tag" => shop.tags_of(at as u32).iter().any(|tag| tag.eq_ignore_ascii_case(value)),
                _ => return Err(Refusal::not_modelled(&format!("search term `{field}:{value}`"))),
            };
        }
        if fits {
            found.push(at);
        }
    }
    Ok(found)
}

/// The index counts orders by position, cursors by published number.
fn order_cursor(shop: &Shop, published: Cursor) -> Result<Cursor, Refusal> {
    let position = shop.order_at(OrderId::new(published.last_id)).ok_or_else(malformed_cursor)?;
    Ok(Cursor { last_id: position as u64, ..published })
}

/// What a listing of orders sorts by: milliseconds, or the number.
fn sort_value(shop: &Shop, sort: &str, n: usize, updated: i64) -> Result<i64, Refusal> {
    let row = shop.orders.get(n);
    match sort {
        "UPDATED_AT" => Ok(updated * 1_000),
        "CREATED_AT" => Ok(row.created * 1_000),
        "PROCESSED_AT" => Ok(row.processed * 1_000),
        "ID" | "ORDER_NUMBER" => Ok(ids::order(shop.ordinal, n).get() as i64),
        other => Err(Refusal::not_modelled(&format!("orders sorted by {other}"))),
    }
}
