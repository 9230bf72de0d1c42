//! The port `Fulfillments` over the same calls.

use super::{Client, ORDER_LINES_FIRST, Transport, mismatched, next_page, not_converted, unreadable};
use crate::domain::ShopKey;
use crate::domain::fulfillment::{FulfillmentOrder, NewFulfillment, Parcel};
use crate::domain::ids::{FulfillmentId, OrderId};
use crate::platforms::shopify::convert;
use crate::platforms::shopify::cost::PAGE_SIZE_MAX;
use crate::platforms::shopify::operation::{
    Answer, FulfillmentCreateVariables, FulfillmentOrderLinesVariables, FulfillmentOrdersVariables,
    FulfillmentTrackingInfoUpdateVariables, Request,
};
use crate::platforms::shopify::wire::{self, FulfillmentPayload, Gid};
use crate::ports::shopify::Fulfillments;
use crate::ports::{Admission, Call, Paging, Platform, PlatformError};

impl<T: Transport, A: Admission> Client<T, A> {
    /// Reads the lines behind the first page. Units that are fulfilled or moved meanwhile are refused when they are
    /// fulfilled once more, so pages of different moments do no harm.
    async fn further_order_lines(
        &self,
        call: Call,
        shop: ShopKey,
        order: &mut wire::FulfillmentOrder,
    ) -> Result<(), PlatformError> {
        let lines = &mut order.line_items;
        let mut paging = Paging::of(Platform::Shopify);
        while let Some(after) = paging.follow(next_page(std::mem::take(&mut lines.page_info))?)? {
            let variables = FulfillmentOrderLinesVariables { id: order.id, lines: PAGE_SIZE_MAX, after };
            let answer = self.call(call, shop, Request::FulfillmentOrderLines(variables)).await?;
            let Answer::FulfillmentOrderLines(data) = answer else { return Err(mismatched()) };
            let page =
                data.fulfillment_order.ok_or_else(|| unreadable("a fulfillment order that is not there"))?;
            lines.nodes.extend(page.line_items.nodes);
            lines.page_info = page.line_items.page_info;
        }
        Ok(())
    }
}

impl<T: Transport, A: Admission> Fulfillments for Client<T, A> {
    async fn fulfillment_orders(
        &self,
        call: Call,
        shop: ShopKey,
        order: OrderId,
    ) -> Result<Vec<FulfillmentOrder>, PlatformError> {
        let (mut lines, mut after) = (ORDER_LINES_FIRST, None);
        let (mut found, mut paging) = (Vec::new(), Paging::of(Platform::Shopify));
        loop {
            let variables = FulfillmentOrdersVariables { id: Gid::new(order.get()), lines, after };
            let answer = self.call(call, shop, Request::FulfillmentOrders(variables)).await?;
            let Answer::FulfillmentOrders(data) = answer else { return Err(mismatched()) };
            let Some(page) = data.order else { return Ok(vec![]) };
            let page = page.fulfillment_orders;
            let is_cut = page.nodes.iter().any(|entry| entry.line_items.page_info.has_next_page);
            if is_cut && lines < PAGE_SIZE_MAX {
                (lines, after) = (PAGE_SIZE_MAX, None);
                found.clear();
                paging = Paging::of(Platform::Shopify);
                continue;
            }
            for mut entry in page.nodes {
                self.further_order_lines(call, shop, &mut entry).await?;
                found.push(convert::fulfillment_order(entry).map_err(not_converted)?);
            }
            after = paging.follow(next_page(page.page_info)?)?;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    async fn fulfill(
        &self,
        call: Call,
        shop: ShopKey,
        fulfillment: &NewFulfillment,
    ) -> Result<FulfillmentId, PlatformError> {
        let variables = FulfillmentCreateVariables { fulfillment: convert::fulfillment_input(fulfillment) };
        let answer = self.call(call, shop, Request::FulfillmentCreate(variables)).await?;
        let Answer::FulfillmentCreate(data) = answer else { return Err(mismatched()) };
        done(data.fulfillment_create)
    }

    async fn retrack(
        &self,
        call: Call,
        shop: ShopKey,
        fulfillment: FulfillmentId,
        parcels: &[Parcel],
    ) -> Result<(), PlatformError> {
        let variables = FulfillmentTrackingInfoUpdateVariables {
            fulfillment_id: Gid::new(fulfillment.get()),
            tracking_info_input: convert::tracking_input(parcels),
        };
        let answer = self.call(call, shop, Request::FulfillmentTrackingInfoUpdate(variables)).await?;
        let Answer::FulfillmentTrackingInfoUpdate(data) = answer else { return Err(mismatched()) };
        done(data.fulfillment_tracking_info_update).map(|_| ())
    }
}

fn done(payload: Option<FulfillmentPayload>) -> Result<FulfillmentId, PlatformError> {
    let payload = payload.ok_or_else(|| unreadable("no payload"))?;
    match (payload.fulfillment, payload.user_errors.first()) {
        (Some(made), None) => Ok(FulfillmentId::new(made.id.number())),
        (_, Some(error)) => Err(refused(&error.message)),
        (None, None) => Err(unreadable("neither a fulfillment nor an error")),
    }
}

/// Fulfillment orders that are closed, on hold, gone or hold fewer units than asked for were read before somebody
/// moved, split, held or fulfilled them: reading again tells what is left. These errors have no code.
///
/// Source: shopify.md §g.
fn refused(message: &str) -> PlatformError {
    let platform = Platform::Shopify;
    let is_outdated = message.contains("has an unfulfillable status=")
        || message == "Invalid fulfillment order line item quantity requested."
        || message == "Fulfillment order does not exist."
        || message == "Fulfillment order line item does not exist.";
    if is_outdated {
        return PlatformError::RecordChanged { platform };
    }
    PlatformError::Refused { platform, reason: message.to_owned() }
}
