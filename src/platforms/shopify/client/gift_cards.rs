//! The port `GiftCards` over the same calls.

use super::{Client, Transport, mismatched, next_page, not_converted};
use crate::domain::{ShopKey, Timestamp};
use crate::platforms::shopify::convert;
use crate::platforms::shopify::operation::{Answer, GiftCardsVariables, Request};
use crate::ports::shopify::{GiftCardPage, GiftCards};
use crate::ports::{Admission, Call, PlatformError};

impl<T: Transport, A: Admission> GiftCards for Client<T, A> {
    async fn gift_cards(
        &self,
        call: Call,
        shop: ShopKey,
        created_since: Timestamp,
        after: Option<String>,
    ) -> Result<GiftCardPage, PlatformError> {
        let query = format!("created_at:>='{}'", created_since.floor_second()).into_boxed_str();
        let variables = GiftCardsVariables { query, after: after.map(String::into_boxed_str) };
        let answer = self.call(call, shop, Request::GiftCards(variables)).await?;
        let Answer::GiftCards(data) = answer else { return Err(mismatched()) };
        let page = data.gift_cards;
        let cards = page.nodes.into_iter().map(convert::gift_card).collect::<Result<_, _>>();
        Ok(GiftCardPage {
            cards: cards.map_err(not_converted)?,
            next: next_page(page.page_info)?.map(String::from),
        })
    }
}
