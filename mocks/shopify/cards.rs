//! Gift cards and store credit: issued, drawn on as tenders, restored by refunds.
//!
//! What was outstanding before the first order is one pot a shop, listed nowhere: which of its cards pays is not told
//! apart. Source: shopify.md §i.

use std::collections::BTreeMap;

use super::changes::NotPossible;
use super::rows::{TransactionKind, TransactionRow, TransactionStatus};
use super::texts::Texts;
use super::{ShopifyTwin, ids};
use crate::domain::ids::GiftCardId;
use crate::domain::order::Tender;
use crate::domain::{BookDate, ShopKey, Timestamp};

/// What a shop owes to holders of its cards and credit.
#[derive(Default)]
pub(super) struct Pots {
    pub cards: Vec<CardRow>,
    /// Cards before this one are used up.
    first_open: usize,
    /// Cards from before the first order: drawn on first, and again when no card has anything left, so that a shopper
    /// who pays by an older card than anybody knows is not turned away.
    older: i64,
    /// What all cards are worth, expired ones too: only those whose price went back are worth nothing.
    outstanding: i64,
    store_credit: i64,
    /// What somebody wrote on cards, by position.
    pub said: BTreeMap<usize, CardText>,
}

/// What an app writes on a card.
#[derive(Debug, Clone, Default)]
pub(super) struct CardText {
    pub note: Option<Box<str>>,
    pub template_suffix: Option<Box<str>>,
    /// Last change of it, in seconds since 1970.
    pub updated: i64,
}

#[derive(Clone, Copy)]
pub(super) struct CardRow {
    pub created: i64,
    pub initial: i64,
    pub balance: i64,
    /// Position of the order that sold it, and of its line.
    pub sold_by: Option<(u32, u16)>,
    pub expires: Option<BookDate>,
    pub is_enabled: bool,
}

impl Pots {
    /// A payment that took money draws on the tender's pot.
    pub(super) fn draw(&mut self, texts: &Texts, taken: &TransactionRow) {
        let has_taken = taken.status == TransactionStatus::Success
            && matches!(taken.kind, TransactionKind::Sale | TransactionKind::Capture);
        if !has_taken {
            return;
        }
        match Tender::from_gateway(texts.get(taken.gateway)) {
            Tender::GiftCard => self.redeem(taken.amount),
            Tender::StoreCredit => self.store_credit -= taken.amount,
            Tender::Gateway(_) => {}
        }
    }

    /// Money back by one of these tenders is worth again what it was.
    pub(super) fn restore(&mut self, texts: &Texts, back: &TransactionRow) {
        self.give(texts, back, back.amount);
    }

    /// It failed after all.
    pub(super) fn take_back(&mut self, texts: &Texts, failed: &TransactionRow) {
        self.give(texts, failed, -failed.amount);
    }

    fn give(&mut self, texts: &Texts, back: &TransactionRow, amount: i64) {
        match Tender::from_gateway(texts.get(back.gateway)) {
            Tender::GiftCard => {
                self.older += amount;
                self.outstanding += amount;
            }
            Tender::StoreCredit => self.store_credit += amount,
            Tender::Gateway(_) => {}
        }
    }

    fn redeem(&mut self, amount: i64) {
        self.outstanding -= amount;
        let mut left = amount - self.older.clamp(0, amount);
        self.older -= amount - left;
        while left > 0 && self.first_open < self.cards.len() {
            let card = &mut self.cards[self.first_open];
            let part = if card.is_enabled { card.balance.min(left) } else { 0 };
            card.balance -= part;
            left -= part;
            if left > 0 {
                self.first_open += 1;
            }
        }
        self.older -= left;
    }

    /// One card a unit, of the line's face value. Source: shopify.md §i: fulfilling the line issues the card.
    pub(super) fn sell(&mut self, order: usize, line: u16, units: u32, face_value: i64, now: Timestamp) {
        let order = u32::try_from(order).expect("a shop has fewer than 2³² orders");
        for _ in 0..units {
            self.issue(face_value, Some((order, line)), None, now);
        }
    }

    fn issue(&mut self, value: i64, sold_by: Option<(u32, u16)>, expires: Option<BookDate>, now: Timestamp) {
        self.outstanding += value;
        self.cards.push(CardRow {
            created: now.seconds(),
            initial: value,
            balance: value,
            sold_by,
            expires,
            is_enabled: true,
        });
    }

    /// The price of sold cards goes back: as many of the line's are disabled.
    pub(super) fn disable_sold(&mut self, order: usize, line: usize, units: u32) {
        let of_line = |card: &&mut CardRow| {
            card.is_enabled
                && card.sold_by.is_some_and(|(of, at)| of as usize == order && usize::from(at) == line)
        };
        for card in self.cards.iter_mut().filter(of_line).take(units as usize) {
            card.is_enabled = false;
            self.outstanding -= card.balance;
        }
    }
}

impl ShopifyTwin {
    /// What holders of gift cards and of store credit have before the first order, in minor units.
    pub fn open_balances(&mut self, shop: ShopKey, gift_cards: i64, store_credit: i64) {
        let pots = &mut self.shop_mut(shop).pots;
        (pots.older, pots.outstanding, pots.store_credit) = (gift_cards, gift_cards, store_credit);
    }

    /// A card that nobody bought. Source: shopify.md §i, `giftCardCreate`.
    pub fn issue_gift_card(
        &mut self,
        shop: ShopKey,
        value: i64,
        expires: Option<BookDate>,
        now: Timestamp,
    ) -> GiftCardId {
        let shop = self.shop_mut(shop);
        shop.pots.issue(value, None, expires, now);
        ids::gift_card(shop.ordinal, shop.pots.cards.len() - 1)
    }

    /// The card can no longer be redeemed; its balance stays. What it is worth.
    ///
    /// # Errors
    /// It does not exist, or cannot be redeemed already.
    pub fn expire_gift_card(
        &mut self,
        shop: ShopKey,
        id: GiftCardId,
        on: BookDate,
    ) -> Result<i64, NotPossible> {
        let shop = self.shop_mut(shop);
        let card = ids::gift_card_position(shop.ordinal, id).and_then(|at| shop.pots.cards.get_mut(at));
        let card = card.filter(|card| card.is_enabled).ok_or(NotPossible::NoSuchGiftCard)?;
        card.expires = Some(on);
        card.is_enabled = false;
        Ok(card.balance)
    }

    /// Face values of the cards that nobody bought.
    pub fn cards_given_away(&self, shop: ShopKey) -> impl Iterator<Item = i64> + '_ {
        self.shop(shop).pots.cards.iter().filter(|card| card.sold_by.is_none()).map(|card| card.initial)
    }

    /// What the shop's gift cards are worth, in minor units.
    pub fn gift_cards_outstanding(&self, shop: ShopKey) -> i64 {
        self.shop(shop).pots.outstanding
    }

    /// What customers of the shop hold as store credit, in minor units.
    pub fn store_credit_outstanding(&self, shop: ShopKey) -> i64 {
        self.shop(shop).pots.store_credit
    }
}

#[cfg(test)]
mod tests;
