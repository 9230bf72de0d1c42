//! What the API says of an order after it was placed: fulfillment orders, fulfillments, refunds; and gift cards.

use super::super::cursor::Cursor;
use super::super::index::Search;
use super::super::{ShopifyTwin, bill, render};
use super::{Executed, executed, malformed_cursor, page_size};
use crate::domain::Timestamp;
use crate::domain::ids::{FulfillmentId, FulfillmentOrderId, OrderId};
use crate::platforms::shopify::operation::{
    Answer, FulfillmentCreateVariables, FulfillmentLinesVariables, FulfillmentOrderLinesVariables,
    FulfillmentOrdersVariables, FulfillmentTrackingInfoUpdateVariables, GiftCardsVariables, GraphQlError,
    OrderRefundsVariables,
};
use crate::platforms::shopify::wire::{
    FulfillmentCreateData, FulfillmentLines, FulfillmentLinesData, FulfillmentOrderLines,
    FulfillmentOrderLinesData, FulfillmentOrders, FulfillmentOrdersData, FulfillmentPayload,
    FulfillmentTrackingInfoUpdateData, GiftCardsData, OrderRefundsData, Ref, UserError,
};

/// `first` in the document `fulfillmentOrders`.
const FULFILLMENT_ORDERS_FIRST: usize = 10;
/// `first` in the document `giftCards`.
const GIFT_CARDS_FIRST: usize = 250;
/// Points of a mutation, whether it succeeds or not. Source: shopify.md §b.2.
const MUTATION_COST: u32 = 10;

impl ShopifyTwin {
    pub(super) fn fulfillment_orders_page(
        &self,
        at: usize,
        variables: &FulfillmentOrdersVariables,
        now: Timestamp,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let first_lines = page_size(variables.lines)?;
        let after = match &variables.after {
            Some(text) => Cursor::decode(text).ok_or_else(malformed_cursor)?.last_id,
            None => 0,
        };
        let order = shop.order_at(OrderId::new(variables.id.number())).map(|n| {
            let sizes = (FULFILLMENT_ORDERS_FIRST, first_lines);
            let fulfillment_orders = render::work::fulfillment_orders(shop, n, now, after, sizes);
            FulfillmentOrders { id: variables.id, fulfillment_orders }
        });
        let sizes = (FULFILLMENT_ORDERS_FIRST as u32, u32::from(variables.lines));
        let actual = bill::fulfillment_orders(sizes, order.as_ref());
        Ok(executed(Answer::FulfillmentOrders(FulfillmentOrdersData { order }), actual))
    }

    pub(super) fn fulfillment_order_lines(
        &self,
        at: usize,
        variables: &FulfillmentOrderLinesVariables,
        now: Timestamp,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let first = page_size(variables.lines)?;
        let after = Cursor::decode(&variables.after).ok_or_else(malformed_cursor)?.last_id;
        let id = FulfillmentOrderId::new(variables.id.number());
        let fulfillment_order = render::work::fulfillment_order_lines(shop, id, now, after, first)
            .map(|line_items| FulfillmentOrderLines { id: variables.id, line_items });
        let count = fulfillment_order.as_ref().map(|order| order.line_items.nodes.len());
        let actual = 1 + count.map_or(0, |count| bill::connection(first as u32, 2, count, 2 * count as u32));
        Ok(executed(Answer::FulfillmentOrderLines(FulfillmentOrderLinesData { fulfillment_order }), actual))
    }

    pub(super) fn fulfillment_lines(
        &self,
        at: usize,
        variables: &FulfillmentLinesVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let first = page_size(variables.lines)?;
        let after = Cursor::decode(&variables.after).ok_or_else(malformed_cursor)?.last_id;
        let id = FulfillmentId::new(variables.id.number());
        let fulfillment = render::work::fulfillment_lines(shop, id, after, first)
            .map(|fulfillment_line_items| FulfillmentLines { id: variables.id, fulfillment_line_items });
        let count = fulfillment.as_ref().map(|known| known.fulfillment_line_items.nodes.len());
        let actual = 1 + count.map_or(0, |count| bill::connection(first as u32, 2, count, 2 * count as u32));
        Ok(executed(Answer::FulfillmentLines(FulfillmentLinesData { fulfillment }), actual))
    }

    pub(super) fn fulfillment_create(
        &mut self,
        at: usize,
        variables: &FulfillmentCreateVariables,
        now: Timestamp,
    ) -> Result<Executed, GraphQlError> {
        let input = &variables.fulfillment;
        let groups = &input.line_items_by_fulfillment_order;
        let is_zero = groups.iter().any(|group| {
            group.fulfillment_order_id.number() == 0
                || group.fulfillment_order_line_items.iter().any(|line| line.id.number() == 0)
        });
        if is_zero {
            return Err(GraphQlError::coded("invalid id".to_owned(), "RESOURCE_NOT_FOUND"));
        }
        let made = self.create_fulfillment(at, input, now);
        let data = FulfillmentCreateData { fulfillment_create: Some(payload(made)) };
        Ok(executed(Answer::FulfillmentCreate(data), MUTATION_COST))
    }

    pub(super) fn fulfillment_tracking_info_update(
        &mut self,
        at: usize,
        variables: &FulfillmentTrackingInfoUpdateVariables,
        now: Timestamp,
    ) -> Executed {
        let id = FulfillmentId::new(variables.fulfillment_id.number());
        let updated = self.update_tracking(at, id, &variables.tracking_info_input, now).map(|()| id);
        let data =
            FulfillmentTrackingInfoUpdateData { fulfillment_tracking_info_update: Some(payload(updated)) };
        executed(Answer::FulfillmentTrackingInfoUpdate(data), MUTATION_COST)
    }

    pub(super) fn order_refunds(
        &self,
        at: usize,
        variables: &OrderRefundsVariables,
    ) -> Result<Executed, GraphQlError> {
        let shop = &self.shops[at];
        let first = page_size(variables.lines)?;
        let found = shop.order_at(OrderId::new(variables.id.number()));
        let order = found.map(|n| render::refunds::order_refunds(shop, n, first));
        let actual = bill::order_refunds(u32::from(variables.lines), order.as_ref());
        Ok(executed(Answer::OrderRefunds(OrderRefundsData { order }), actual))
    }

    pub(super) fn gift_cards_page(
        &self,
        at: usize,
        variables: &GiftCardsVariables,
    ) -> Result<Executed, GraphQlError> {
        let search = Search::parse_on(&variables.query, "created_at");
        if let Some(term) = search.not_modelled.or(search.unknown.into_iter().next()) {
            return Err(GraphQlError::coded(format!("search term `{term}` is not modelled"), "NOT_MODELLED"));
        }
        let after = match &variables.after {
            Some(text) => Cursor::decode(text).ok_or_else(malformed_cursor)?.last_id,
            None => 0,
        };
        let gift_cards = render::refunds::gift_cards(&self.shops[at], search.since, after, GIFT_CARDS_FIRST);
        let count = gift_cards.nodes.len();
        let actual = bill::connection(GIFT_CARDS_FIRST as u32, 2, count, 2 * count as u32);
        Ok(executed(Answer::GiftCards(GiftCardsData { gift_cards }), actual))
    }
}

fn payload(made: Result<FulfillmentId, UserError>) -> FulfillmentPayload {
    match made {
        Ok(id) => FulfillmentPayload { fulfillment: Some(Ref::new(id.get())), user_errors: vec![] },
        Err(error) => FulfillmentPayload { fulfillment: None, user_errors: vec![error] },
    }
}
