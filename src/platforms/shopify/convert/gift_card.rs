//! Gift cards as the port lists them.

use super::{At, Unreadable, amount};
use crate::domain::ids::{GiftCardId, OrderId};
use crate::platforms::shopify::wire;
use crate::ports::shopify::GiftCard;

/// # Errors
/// An amount with more digits than its currency has, or a date that is none.
pub fn gift_card(card: wire::GiftCard) -> Result<GiftCard, Unreadable> {
    let at = At::root("giftCard");
    let money = |value: wire::MoneyV2, name| amount(value.amount, value.currency_code, &at.field(name));
    let expires_on = card.expires_on.map(|date| date.parse()).transpose();
    Ok(GiftCard {
        id: GiftCardId::new(card.id.number()),
        created_at: card.created_at.at(),
        initial: money(card.initial_value, "initialValue")?,
        balance: money(card.balance, "balance")?,
        sold_by: card.order.map(|order| OrderId::new(order.id.number())),
        is_enabled: card.enabled,
        expires_on: expires_on.map_err(|_| at.field("expiresOn").unreadable("is no date"))?,
    })
}
