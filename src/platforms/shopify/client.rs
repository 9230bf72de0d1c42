//! The port over a transport: admission, paging, and what each failure allows next.
//!
//! Not here: how bytes travel ([`Transport`]), retries (the engine re-reads and decides), or what fields mean
//! ([`super::convert`]).

mod bulk;
mod fulfillments;
mod gift_cards;
mod inventory;

use std::future::Future;
use std::sync::Arc;

use super::convert::{self, Unreadable};
use super::cost::PAGE_SIZE_MAX;
use super::operation::{
    Answer, FulfillmentLinesVariables, GraphQlError, Operation, OrderLinesVariables, OrderRefundsVariables,
    OrderVariables, OrdersUpdatedVariables, Request, Response, WebhookSubscriptionCreateVariables,
    WebhookSubscriptionsVariables,
};
use super::wire::{self, Gid};
use crate::domain::ids::OrderId;
use crate::domain::{Duration, Order, ShopKey, Timestamp};
use crate::ports::shopify::{OrderPage, Subscription, Topic};
use crate::ports::{Admission, Call, Paging, Platform, PlatformError, Shopify, ThrottleStatus};

mod payment;
mod payments;
mod prices;
mod products;

/// Lines on the first page of an order, of its fulfillments and refunds. A page of 10 lines costs 18 points, one of
/// 250 costs 46, and the usual order has fewer than four lines.
pub const ORDER_LINES_FIRST: u16 = 10;

/// Carries a request to a shop and brings the answer back: HTTPS in production, the twin in simulation.
pub trait Transport: Send + Sync {
    /// # Errors
    /// Anything but an HTTP 200 with the documented shape.
    fn send(
        &self,
        call: Call,
        shop: ShopKey,
        request: Request,
    ) -> impl Future<Output = Result<Response, TransportError>> + Send;

    /// The text of a file that Shopify named by its address. It lies elsewhere and costs no points.
    ///
    /// # Errors
    /// Anything but an HTTP 200 with a text.
    fn fetch(
        &self,
        call: Call,
        shop: ShopKey,
        url: &str,
    ) -> impl Future<Output = Result<String, TransportError>> + Send;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection, or no token: Shopify never saw the request.
    #[error("the request was not sent: {reason}")]
    NotSent { reason: String },
    /// The request left, no answer came back.
    #[error("no answer within {waited}")]
    NoAnswer { waited: Duration },
    /// An HTTP status other than 200. Shopify's support asks for the id of the request.
    #[error("http status {code}")]
    Status { code: u16, request_id: Option<Box<str>> },
    /// HTTP 200 with a body that has not the documented shape.
    #[error("unreadable answer: {reason}")]
    Unreadable { reason: String },
    /// There is no token to send with, and none to be had.
    #[error("no credentials: {reason}")]
    Unauthorized { reason: String },
    /// Another host or another version than this program is set up for.
    #[error("{field}: {reason}")]
    Misconfigured { field: &'static str, reason: String },
}

/// `ports::Shopify` for production and simulation alike.
#[derive(Debug)]
pub struct Client<T, A> {
    transport: Arc<T>,
    admission: Arc<A>,
}

impl<T, A> Clone for Client<T, A> {
    fn clone(&self) -> Client<T, A> {
        Client { transport: Arc::clone(&self.transport), admission: Arc::clone(&self.admission) }
    }
}

/// Points that were admitted and not yet accounted for. A caller that goes away while it waits (a lease that
/// ran out, a crash) must not leave them taken for ever.
struct Admitted<'a, A: Admission> {
    admission: &'a A,
    shop: ShopKey,
    points: u32,
    is_open: bool,
}

impl<A: Admission> Admitted<'_, A> {
    fn settle(mut self, seen: Option<ThrottleStatus>, throttled: bool) {
        self.is_open = false;
        self.admission.shopify_done(self.shop, self.points, seen, throttled);
    }
}

impl<A: Admission> Drop for Admitted<'_, A> {
    fn drop(&mut self) {
        if self.is_open {
            self.admission.shopify_done(self.shop, self.points, None, false);
        }
    }
}

impl<T: Transport, A: Admission> Client<T, A> {
    pub fn new(transport: Arc<T>, admission: Arc<A>) -> Client<T, A> {
        Client { transport, admission }
    }

    /// Asks for leave, sends, accounts for the points, and turns every failure into what it allows next.
    async fn call(&self, call: Call, shop: ShopKey, request: Request) -> Result<Answer, PlatformError> {
        let operation = request.operation();
        let points = request.requested_cost();
        self.admission.shopify(shop, call.lane, points).await;
        let admitted = Admitted { admission: &*self.admission, shop, points, is_open: true };
        let sent = self.transport.send(call, shop, request).await;
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                let error = transport_error(operation, error);
                admitted.settle(None, matches!(error, PlatformError::Throttled { .. }));
                return Err(error);
            }
        };
        let refused = response.errors.iter().map(|error| graphql_error(operation, error)).min_by_key(rank);
        let seen = response.extensions.cost.map(|cost| ThrottleStatus {
            maximum_available: cost.throttle_status.maximum_available,
            currently_available: cost.throttle_status.currently_available,
            restore_rate: cost.throttle_status.restore_rate,
        });
        admitted.settle(seen, matches!(refused, Some(PlatformError::Throttled { .. })));
        if let Some(error) = refused {
            return Err(error);
        }
        // A dropped search term means that every row matched: a listing would silently be another one.
        if let Some(report) = response.extensions.search.iter().find(|report| !report.warnings.is_empty()) {
            let warning = &report.warnings[0];
            return Err(unreadable(format!(
                "search `{}`: {} {}",
                report.query, warning.field, warning.message
            )));
        }
        response.data.ok_or_else(|| unreadable("neither data nor errors"))
    }

    async fn first_page(
        &self,
        call: Call,
        shop: ShopKey,
        id: OrderId,
        lines: u16,
    ) -> Result<Option<wire::Order>, PlatformError> {
        let variables = OrderVariables { id: Gid::new(id.get()), lines };
        match self.call(call, shop, Request::Order(variables)).await? {
            Answer::Order(data) => match data.order {
                Some(order) if order.id.number() != id.get() => {
                    Err(unreadable(format!("order {id} was asked for, and {} came", order.id.number())))
                }
                order => Ok(order),
            },
            _ => Err(mismatched()),
        }
    }

    /// The order's refunds, read only where there are some: they cost as much again as the order. `None` if the
    /// order changed meanwhile.
    async fn refunds(
        &self,
        call: Call,
        shop: ShopKey,
        first: &wire::Order,
    ) -> Result<Option<wire::OrderRefunds>, PlatformError> {
        let mut refunds = None;
        for lines in [ORDER_LINES_FIRST, PAGE_SIZE_MAX] {
            let variables = OrderRefundsVariables { id: first.id, lines };
            let Answer::OrderRefunds(data) = self.call(call, shop, Request::OrderRefunds(variables)).await?
            else {
                return Err(mismatched());
            };
            let Some(page) = data.order.filter(|page| page.updated_at == first.updated_at) else {
                return Ok(None);
            };
            let is_cut_off = is_cut(&page);
            refunds = Some(page);
            if !is_cut_off {
                break;
            }
        }
        Ok(refunds)
    }

    /// The lines behind the first page. `None` if the order changed between the pages, so that they do not
    /// belong together.
    async fn further_lines(
        &self,
        call: Call,
        shop: ShopKey,
        first: &wire::Order,
    ) -> Result<Option<Vec<wire::LineItem>>, PlatformError> {
        let (mut lines, mut paging) = (Vec::new(), Paging::of(Platform::Shopify));
        let mut next = paging.follow(next_page(first.line_items.page_info.clone())?)?;
        while let Some(after) = next {
            let variables = OrderLinesVariables { id: first.id, lines: PAGE_SIZE_MAX, after };
            let Answer::OrderLines(data) = self.call(call, shop, Request::OrderLines(variables)).await?
            else {
                return Err(mismatched());
            };
            let Some(page) = data.order.filter(|page| page.updated_at == first.updated_at) else {
                return Ok(None);
            };
            lines.extend(page.line_items.nodes);
            next = paging.follow(next_page(page.line_items.page_info)?)?;
        }
        Ok(Some(lines))
    }

    /// Reads the lines behind the first page. They never change: a fulfillment is cancelled as a whole.
    async fn further_fulfillment_lines(
        &self,
        call: Call,
        shop: ShopKey,
        fulfillment: &mut wire::Fulfillment,
    ) -> Result<(), PlatformError> {
        let lines = &mut fulfillment.fulfillment_line_items;
        let mut paging = Paging::of(Platform::Shopify);
        while let Some(after) = paging.follow(next_page(std::mem::take(&mut lines.page_info))?)? {
            let variables = FulfillmentLinesVariables { id: fulfillment.id, lines: PAGE_SIZE_MAX, after };
            let answer = self.call(call, shop, Request::FulfillmentLines(variables)).await?;
            let Answer::FulfillmentLines(data) = answer else { return Err(mismatched()) };
            let page = data.fulfillment.ok_or_else(|| unreadable("a fulfillment that is not there"))?;
            lines.nodes.extend(page.fulfillment_line_items.nodes);
            lines.page_info = page.fulfillment_line_items.page_info;
        }
        Ok(())
    }
}

impl<T: Transport, A: Admission> Shopify for Client<T, A> {
    async fn order(&self, call: Call, shop: ShopKey, id: OrderId) -> Result<Option<Order>, PlatformError> {
        let changed = || PlatformError::RecordChanged { platform: Platform::Shopify };
        let mut first = self.first_page(call, shop, id, ORDER_LINES_FIRST).await?;
        let is_cut = |order: &wire::Order| {
            order.fulfillments.iter().any(|it| it.fulfillment_line_items.page_info.has_next_page)
        };
        if first.as_ref().is_some_and(is_cut) {
            first = self.first_page(call, shop, id, PAGE_SIZE_MAX).await?;
        }
        let Some(mut first) = first else { return Ok(None) };
        for fulfillment in &mut first.fulfillments {
            self.further_fulfillment_lines(call, shop, fulfillment).await?;
        }
        let further = self.further_lines(call, shop, &first).await?.ok_or_else(changed)?;
        let refunds = match first.refunds.is_empty() {
            true => None,
            false => Some(self.refunds(call, shop, &first).await?.ok_or_else(changed)?),
        };
        let order = convert::order(shop, first, further, refunds).map_err(not_converted)?;
        Ok(Some(order))
    }

    async fn orders_updated(
        &self,
        call: Call,
        shop: ShopKey,
        since: Timestamp,
        after: Option<String>,
    ) -> Result<OrderPage, PlatformError> {
        let query = format!("updated_at:>='{}'", since.floor_second()).into_boxed_str();
        let variables = OrdersUpdatedVariables { query, after: after.map(String::into_boxed_str) };
        let Answer::OrdersUpdated(data) = self.call(call, shop, Request::OrdersUpdated(variables)).await?
        else {
            return Err(mismatched());
        };
        Ok(OrderPage {
            orders: data.orders.nodes.into_iter().map(convert::order_stamp).collect(),
            next: next_page(data.orders.page_info)?.map(String::from),
        })
    }

    async fn subscriptions(&self, call: Call, shop: ShopKey) -> Result<Vec<Subscription>, PlatformError> {
        let mut subscriptions = Vec::new();
        let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
        loop {
            let request = Request::WebhookSubscriptions(WebhookSubscriptionsVariables { after });
            let Answer::WebhookSubscriptions(data) = self.call(call, shop, request).await? else {
                return Err(mismatched());
            };
            let page = data.webhook_subscriptions;
            subscriptions.extend(page.nodes.iter().filter_map(convert::subscription));
            after = paging.follow(next_page(page.page_info)?)?;
            if after.is_none() {
                return Ok(subscriptions);
            }
        }
    }

    async fn subscribe(
        &self,
        call: Call,
        shop: ShopKey,
        topic: Topic,
        uri: &str,
    ) -> Result<(), PlatformError> {
        let variables =
            WebhookSubscriptionCreateVariables { topic: convert::wire_topic(topic), uri: uri.into() };
        let request = Request::WebhookSubscriptionCreate(variables);
        let Answer::WebhookSubscriptionCreate(data) = self.call(call, shop, request).await? else {
            return Err(mismatched());
        };
        let payload = data.webhook_subscription_create.ok_or_else(|| unreadable("no payload"))?;
        // Untyped user errors have no code: their text is all there is (shopify.md §b.4, §c.3).
        let is_taken =
            |error: &wire::UserError| &*error.message == "Address for this topic has already been taken";
        match payload.user_errors.iter().find(|error| !is_taken(error)) {
            None => Ok(()),
            Some(error) => Err(PlatformError::Refused {
                platform: Platform::Shopify,
                reason: format!("webhook for {}: {}", topic.name(), error.message),
            }),
        }
    }
}

/// Whether a list in it ends before its last entry for want of a larger page.
fn is_cut(refunds: &wire::OrderRefunds) -> bool {
    refunds.agreements.nodes.iter().any(|agreement| agreement.sales.page_info.has_next_page)
        || refunds.refunds.iter().any(|refund| refund.refund_line_items.page_info.has_next_page)
}

/// What an HTTP status or a broken connection means. Source: shopify.md §b.3.
fn transport_error(operation: Operation, error: TransportError) -> PlatformError {
    let platform = Platform::Shopify;
    let unavailable = |reason: String| PlatformError::Unavailable { platform, reason };
    match error {
        TransportError::NotSent { reason } => unavailable(reason),
        TransportError::NoAnswer { waited } if operation.is_mutation() => {
            PlatformError::OutcomeUnknown { platform, waited }
        }
        TransportError::NoAnswer { waited } => unavailable(format!("no answer within {waited}")),
        TransportError::Unreadable { reason } => unreadable(reason),
        TransportError::Unauthorized { reason } => PlatformError::Unauthorized { platform, reason },
        TransportError::Misconfigured { field, reason } => {
            PlatformError::BadReference { platform, field: field.to_owned(), reason }
        }
        TransportError::Status { code, request_id } => {
            let reason = match request_id {
                Some(id) => format!("http status {code} (request {id})"),
                None => format!("http status {code}"),
            };
            match code {
                429 => PlatformError::Throttled { platform },
                401 | 403 => PlatformError::Unauthorized { platform, reason },
                // Frozen, locked after abuse, or turned away by the edge: nothing ran.
                402 | 423 | 430 => unavailable(reason),
                500.. if operation.is_mutation() => {
                    PlatformError::OutcomeUnknown { platform, waited: Duration::ZERO }
                }
                500.. => unavailable(reason),
                _ => PlatformError::Refused { platform, reason },
            }
        }
    }
}

/// What an entry of `errors` means. Source: shopify.md §b.3.
fn graphql_error(operation: Operation, error: &GraphQlError) -> PlatformError {
    let platform = Platform::Shopify;
    match error.code() {
        "THROTTLED" => PlatformError::Throttled { platform },
        "INTERNAL_SERVER_ERROR" if operation.is_mutation() => {
            PlatformError::OutcomeUnknown { platform, waited: Duration::ZERO }
        }
        "INTERNAL_SERVER_ERROR" => {
            PlatformError::Unavailable { platform, reason: "internal error".to_owned() }
        }
        "SHOP_INACTIVE" => PlatformError::Unavailable { platform, reason: error.message.clone() },
        "ACCESS_DENIED" => PlatformError::Unauthorized { platform, reason: error.message.clone() },
        _ => PlatformError::Refused { platform, reason: error.message.clone() },
    }
}

/// Of several errors the one that leaves most in doubt is reported: an outcome unknown before a refusal.
fn rank(error: &PlatformError) -> u8 {
    match error {
        PlatformError::OutcomeUnknown { .. } => 0,
        PlatformError::Throttled { .. } => 1,
        PlatformError::Unavailable { .. } => 2,
        PlatformError::Unauthorized { .. } => 3,
        _ => 4,
    }
}

fn unreadable(reason: impl Into<String>) -> PlatformError {
    PlatformError::Unreadable { platform: Platform::Shopify, reason: reason.into() }
}

fn not_converted(error: Unreadable) -> PlatformError {
    unreadable(error.to_string())
}

/// Where the next page begins; `None` on the last.
fn next_page(page: wire::PageInfo) -> Result<Option<Box<str>>, PlatformError> {
    match (page.has_next_page, page.end_cursor) {
        (true, None) => Err(unreadable("a next page without a cursor")),
        (true, cursor) => Ok(cursor),
        (false, _) => Ok(None),
    }
}

fn mismatched() -> PlatformError {
    unreadable("the answer of another operation")
}

#[cfg(test)]
mod tests;
