//! Gift cards, as Shopify's JSON spells them.
//!
//! Source: shopify.md §i.

use serde::{Deserialize, Serialize};

use super::{Connection, DateTime, Gid, MoneyV2, Ref, kind};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GiftCardsData {
    pub gift_cards: Connection<GiftCard>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GiftCard {
    pub id: Gid<kind::GiftCard>,
    pub created_at: DateTime,
    pub initial_value: MoneyV2,
    pub balance: MoneyV2,
    pub enabled: bool,
    /// `2027-11-27`.
    pub expires_on: Option<Box<str>>,
    /// Null for a card that nobody bought.
    pub order: Option<Ref<kind::Order>>,
}
