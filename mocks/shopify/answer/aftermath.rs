//! What the API says of an order after it was placed: fulfillment orders, fulfillments, refunds; and gift cards.

use super::super::cursor::Cursor;
use super::super::{ShopifyTwin, bill, render};
use super::{Executed, executed, malformed_cursor, page_size};
use crate::domain::Timestamp;
use crate::domain::ids::{FulfillmentId, OrderId};
use crate::platforms::shopify::operation::{
    Answer, FulfillmentCreateVariables, FulfillmentOrdersVariables, FulfillmentTrackingInfoUpdateVariables,
    GiftCardsVariables, GraphQlError, OrderRefundsVariables,
};
use crate::platforms::shopify::wire::{
    Connection, FulfillmentCreateData, FulfillmentOrders, FulfillmentOrdersData, FulfillmentPayload,
    FulfillmentTrackingInfoUpdateData, GiftCardsData, OrderRefunds, OrderRefundsData, PageInfo, Ref,
    UserError,
};

/// `first` in the document `fulfillmentOrders`.
const FULFILLMENT_ORDERS_FIRST: usize = 10;
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
        page_size(variables.lines)?;
        let order = shop.order_at(OrderId::new(variables.id.number())).map(|n| OrderRefunds {
            id: variables.id,
            updated_at: render::date_time(shop.orders.get(n).updated),
            refunds: Vec::new(),
            agreements: Connection { nodes: vec![], page_info: PageInfo::default() },
        });
        Ok(executed(Answer::OrderRefunds(OrderRefundsData { order }), 2))
    }

    pub(super) fn gift_cards_page(
        &self,
        _at: usize,
        _variables: &GiftCardsVariables,
    ) -> Result<Executed, GraphQlError> {
        let page = Connection { nodes: vec![], page_info: PageInfo::default() };
        Ok(executed(Answer::GiftCards(GiftCardsData { gift_cards: page }), 13))
    }
}

fn payload(made: Result<FulfillmentId, UserError>) -> FulfillmentPayload {
    match made {
        Ok(id) => FulfillmentPayload { fulfillment: Some(Ref::new(id.get())), user_errors: vec![] },
        Err(error) => FulfillmentPayload { fulfillment: None, user_errors: vec![error] },
    }
}
