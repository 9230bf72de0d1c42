//! The API: prices a request, takes its points, answers from the rows, gives the difference back.
//!
//! Order of refusals: too dear for any bucket, then not enough points, then what the request itself is wrong about.
//! Source: shopify.md §b.1–b.3.

mod aftermath;
mod bulk;

use super::cursor::Cursor;
use super::index::Search;
use super::{Shop, ShopifyTwin, bill, ids, render};
use crate::domain::ids::OrderId;
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::operation::{
    Answer, Cost, ErrorExtensions, Extensions, GraphQlError, OrderLinesVariables, OrderVariables,
    OrdersUpdatedVariables, PAGE_SIZE_MAX, Request, Response, SINGLE_QUERY_COST_MAX, SearchReport,
    SearchWarning, ThrottleStatus, WebhookSubscriptionCreateVariables, WebhookSubscriptionsVariables,
};
use crate::platforms::shopify::wire::{
    Connection, Gid, OrderData, OrderLines, OrderLinesData, OrderStamp, OrdersUpdatedData, PageInfo,
    WebhookSubscriptionCreateData, WebhookSubscriptionCreatePayload, WebhookSubscriptionsData,
};

/// `first` in the documents `ordersUpdated` and `webhookSubscriptions`.
const ORDERS_FIRST: usize = 250;
const SUBSCRIPTIONS_FIRST: usize = 100;

const LIMITS_PAGE: &str = "https://shopify.dev/api/usage/rate-limits";

/// An executed query: its data, what it cost, and search terms that were dropped.
pub(super) struct Executed {
    pub(super) answer: Answer,
    pub(super) actual: u32,
    pub(super) search: Vec<SearchReport>,
}

/// Search fields that a listing does not know: named, and otherwise left out. Source: shopify.md §d.3.
pub(super) fn unknown_fields(path: &[&str], query: &str, unknown: &[Box<str>]) -> Vec<SearchReport> {
    let report = |field: &str| SearchReport {
        path: path.iter().map(|&part| part.into()).collect(),
        query: query.into(),
        warnings: vec![SearchWarning {
            field: field.into(),
            message: "Invalid search field for this query.".into(),
            code: Some("invalid_field".into()),
        }],
    };
    unknown.iter().map(|field| report(field)).collect()
}

impl ShopifyTwin {
    /// Answers one call that arrives at `now`.
    pub fn answer(&mut self, shop: ShopKey, request: &Request, now: Timestamp) -> Response {
        let at = self.position(shop);
        let requested = request.requested_cost();
        if requested > SINGLE_QUERY_COST_MAX {
            return Response::refused(too_dear(requested), Some(self.cost(at, requested, None, now)));
        }
        if !self.shops[at].bucket.take(requested, now) {
            return self.throttled(shop, request, now);
        }
        match self.execute(at, request, now) {
            Ok(Executed { answer, actual, search }) => {
                self.shops[at].bucket.give_back(requested.saturating_sub(actual));
                let cost = Some(self.cost(at, requested, Some(actual), now));
                Response { data: Some(answer), errors: Vec::new(), extensions: Extensions { cost, search } }
            }
            // What a resolver refuses is charged all the same. Source: shopify.md §b.3.
            Err(error) => Response::refused(error, Some(self.cost(at, requested, Some(requested), now))),
        }
    }

    /// The refusal of a call for its cost, whatever the bucket holds: Shopify may cut limits without notice.
    pub fn throttled(&self, shop: ShopKey, request: &Request, now: Timestamp) -> Response {
        let throttled = throttled_error();
        let cost = self.cost(self.position(shop), request.requested_cost(), None, now);
        Response::refused(throttled, Some(cost))
    }

    /// A failure on the way, before or after the work was done (shopify.md §b.3).
    pub fn internal_error(&self, shop: ShopKey, request: &Request, now: Timestamp) -> Response {
        let error = GraphQlError::coded(
            "Internal error. Looks like something went wrong on our end.".to_owned(),
            "INTERNAL_SERVER_ERROR",
        );
        let cost = self.cost(self.position(shop), request.requested_cost(), None, now);
        Response::refused(error, Some(cost))
    }

    /// The same over JSON text: reads the body of a POST and writes that of an HTTP 200.
    pub fn answer_bytes(&mut self, shop: ShopKey, body: &str, now: Timestamp) -> String {
        match Request::parse(body) {
            Ok(request) => self.answer(shop, &request, now).to_json(),
            // Refused before it was priced: only errors. Source: shopify.md §r.3.
            Err(error) => Response::refused(error, None).to_json(),
        }
    }

    pub(super) fn cost(&self, at: usize, requested: u32, actual: Option<u32>, now: Timestamp) -> Cost {
        let bucket = self.shops[at].bucket.at(now);
        Cost {
            requested_query_cost: requested,
            actual_query_cost: actual,
            throttle_status: ThrottleStatus {
                maximum_available: f64::from(bucket.maximum()),
                currently_available: f64::from(bucket.available()),
                restore_rate: bucket.restore_rate(),
            },
        }
    }

    pub(super) fn execute(
        &mut self,
        at: usize,
        request: &Request,
        now: Timestamp,
    ) -> Result<Executed, GraphQlError> {
        match request {
            Request::Order(variables) => self.order(at, variables),
            Request::OrderLines(variables) => self.order_lines(at, variables),
            Request::OrdersUpdated(variables) => self.orders_updated(at, variables, now),
            Request::WebhookSubscriptions(variables) => self.webhook_subscriptions(at, variables),
            Request::WebhookSubscriptionCreate(variables) => {
                Ok(self.webhook_subscription_create(at, variables))
            }
            Request::PriceLists(variables) => self.price_lists(at, variables),
            Request::PriceList(variables) => self.price_list(at, variables),
            Request::ProductVariants(variables) => self.product_variants(at, variables),
            Request::QuantityPricingUpdate(variables) => self.quantity_pricing_update(at, variables),
            Request::FulfillmentOrders(variables) => self.fulfillment_orders_page(at, variables, now),
            Request::FulfillmentOrderLines(variables) => self.fulfillment_order_lines(at, variables, now),
            Request::FulfillmentLines(variables) => self.fulfillment_lines(at, variables),
            Request::FulfillmentCreate(variables) => self.fulfillment_create(at, variables, now),
            Request::FulfillmentTrackingInfoUpdate(variables) => {
                Ok(self.fulfillment_tracking_info_update(at, variables, now))
            }
            Request::OrderRefunds(variables) => self.order_refunds(at, variables),
            Request::GiftCards(variables) => self.gift_cards_page(at, variables),
            Request::OrderTerms(variables) => self.order_terms(at, variables),
            Request::PaymentTermsTemplates(_) => Ok(self.templates()),
            Request::PaymentTermsCreate(variables) => Ok(self.payment_terms_create(at, variables)),
            Request::OrderMarkAsPaid(variables) => Ok(self.order_mark_as_paid(at, variables, now)),
            Request::InventoryLevels(variables) => {
                let (data, actual) = self.inventory_levels(at, variables);
                Ok(executed(Answer::InventoryLevels(data), actual))
            }
            Request::InventorySetQuantities(variables) => {
                let data = self.inventory_set_quantities(at, variables, now);
                Ok(executed(Answer::InventorySetQuantities(data), 10))
            }
            Request::ProductVariant(variables) => self.product_variant(at, variables),
            Request::VariantsUpdate(variables) => Ok(self.variants_update(at, variables, now)),
            Request::ProductUpdate(variables) => Ok(self.product_update(at, variables, now)),
            Request::Payouts(variables) => self.payouts_page(at, variables),
            Request::Payout(variables) => self.payout_node(at, variables),
            Request::BalanceTransactions(variables) => self.balance_transactions_page(at, variables),
            Request::Disputes(variables) => self.disputes_page(at, variables),
            Request::BulkRun(variables) => self.bulk_run(at, variables, now),
            Request::BulkOperation(variables) => Ok(self.bulk_operation(at, variables, now)),
        }
    }

    fn order(&self, at: usize, variables: &OrderVariables) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let first = page_size(variables.lines)?;
        let found = shop.order_at(OrderId::new(variables.id.number()));
        let order = found.map(|n| render::order(shop, &self.texts, n, first));
        let actual = bill::order(u32::from(variables.lines), order.as_ref());
        Ok(executed(Answer::Order(Box::new(OrderData { order })), actual))
    }

    fn order_lines(&self, at: usize, variables: &OrderLinesVariables) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let first = page_size(variables.lines)?;
        let after = Cursor::decode(&variables.after).ok_or_else(malformed_cursor)?;
        let order = shop.order_at(OrderId::new(variables.id.number())).map(|n| {
            let row = shop.orders.get(n);
            let is_after = |line: &usize| ids::line_item(shop.ordinal, n, *line).get() > after.last_id;
            let from = (0..row.lines.len()).find(is_after).unwrap_or(row.lines.len());
            OrderLines {
                id: variables.id,
                updated_at: render::date_time(row.updated),
                line_items: render::line_items(shop, &self.texts, n, from, first),
            }
        });
        let lines = order
            .as_ref()
            .map_or(0, |order| bill::lines(u32::from(variables.lines), &order.line_items.nodes));
        Ok(executed(Answer::OrderLines(OrderLinesData { order }), 1 + lines))
    }

    fn orders_updated(
        &mut self,
        at: usize,
        variables: &OrdersUpdatedVariables,
        now: Timestamp,
    ) -> Result<Executed, GraphQlError> {
        let lag = self.search_lag;
        let shop = &mut self.shops[at];
        shop.index.advance(now, lag);
        let shop = &*shop;
        let search = Search::parse(&variables.query);
        if let Some(term) = search.not_modelled {
            return Err(GraphQlError::coded(format!("search term `{term}` is not modelled"), "NOT_MODELLED"));
        }
        let after = variables.after.as_deref().map(|text| order_cursor(shop, text)).transpose()?;
        let listing = shop.index.list(search.since, after, ORDERS_FIRST);
        let stamp = |(n, second): &(u32, i64)| OrderStamp {
            id: Gid::new(ids::order(shop.ordinal, *n as usize).get()),
            updated_at: render::date_time(*second),
        };
        let nodes: Vec<OrderStamp> = listing.rows.iter().map(stamp).collect();
        let end_cursor = nodes.last().zip(listing.rows.last()).map(|(stamp, (_, second))| {
            Cursor { last_id: stamp.id.number(), last_value: second * 1_000 }.encode()
        });
        let actual = bill::connection(ORDERS_FIRST as u32, 1, nodes.len(), nodes.len() as u32);
        let page_info = PageInfo { has_next_page: listing.has_next_page, end_cursor };
        let data = OrdersUpdatedData { orders: Connection { nodes, page_info } };
        let search = unknown_fields(&["orders"], &variables.query, &search.unknown);
        Ok(Executed { answer: Answer::OrdersUpdated(data), actual, search })
    }

    fn webhook_subscriptions(
        &self,
        at: usize,
        variables: &WebhookSubscriptionsVariables,
    ) -> Result<Executed, GraphQlError> {
        let mut nodes = self.subscriptions(self.shops[at].settings.key);
        if let Some(text) = &variables.after {
            let after = Cursor::decode(text).ok_or_else(malformed_cursor)?;
            nodes.retain(|subscription| subscription.id.number() > after.last_id);
        }
        let has_next_page = nodes.len() > SUBSCRIPTIONS_FIRST;
        nodes.truncate(SUBSCRIPTIONS_FIRST);
        let last = nodes.last().map(|subscription| subscription.id.number());
        let end_cursor = last.map(|id| Cursor { last_id: id, last_value: id as i64 }.encode());
        let actual = bill::connection(SUBSCRIPTIONS_FIRST as u32, 1, nodes.len(), nodes.len() as u32);
        let page = Connection { nodes, page_info: PageInfo { has_next_page, end_cursor } };
        let data = WebhookSubscriptionsData { webhook_subscriptions: page };
        Ok(executed(Answer::WebhookSubscriptions(data), actual))
    }

    /// A mutation costs 10 whether it succeeds or not. Source: shopify.md §b.2.
    fn webhook_subscription_create(
        &mut self,
        at: usize,
        variables: &WebhookSubscriptionCreateVariables,
    ) -> Executed {
        let (webhook_subscription, user_errors) =
            match self.create_subscription(at, variables.topic, &variables.uri) {
                Ok(created) => (Some(created), Vec::new()),
                Err(error) => (None, vec![error]),
            };
        let payload = WebhookSubscriptionCreatePayload { webhook_subscription, user_errors };
        let data = WebhookSubscriptionCreateData { webhook_subscription_create: Some(payload) };
        executed(Answer::WebhookSubscriptionCreate(data), 10)
    }
}

pub(super) fn executed(answer: Answer, actual: u32) -> Executed {
    Executed { answer, actual, search: Vec::new() }
}

pub(super) fn page_size(lines: u16) -> Result<usize, GraphQlError> {
    if lines > PAGE_SIZE_MAX || lines == 0 {
        let message = format!("page size {lines} is not between 1 and {PAGE_SIZE_MAX}");
        return Err(GraphQlError::coded(message, "BAD_REQUEST"));
    }
    Ok(usize::from(lines))
}

/// The index counts orders by position, cursors by published number.
fn order_cursor(shop: &Shop, text: &str) -> Result<Cursor, GraphQlError> {
    let published = Cursor::decode(text).ok_or_else(malformed_cursor)?;
    let position = shop.order_at(OrderId::new(published.last_id)).ok_or_else(malformed_cursor)?;
    Ok(Cursor { last_id: position as u64, ..published })
}

pub(super) fn malformed_cursor() -> GraphQlError {
    GraphQlError::coded("Malformed cursor".to_owned(), "BAD_REQUEST")
}

pub(super) fn throttled_error() -> GraphQlError {
    let extensions = ErrorExtensions {
        code: Some("THROTTLED".into()),
        documentation: Some(LIMITS_PAGE.into()),
        ..ErrorExtensions::default()
    };
    GraphQlError { message: "Throttled".to_owned(), extensions }
}

pub(super) fn too_dear(requested: u32) -> GraphQlError {
    let message = format!(
        "Query cost is {requested}, which exceeds the single query max cost limit ({SINGLE_QUERY_COST_MAX}).\n\n\
         See {LIMITS_PAGE} for more information on how the cost of a query is calculated.\n"
    );
    let extensions = ErrorExtensions {
        code: Some("MAX_COST_EXCEEDED".into()),
        cost: Some(requested),
        max_cost: Some(SINGLE_QUERY_COST_MAX),
        documentation: Some(LIMITS_PAGE.into()),
    };
    GraphQlError { message, extensions }
}
