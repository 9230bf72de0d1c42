//! Gift cards that were given away: nobody paid, and the shop owes their worth all the same (postings.md row 24).
//!
//! Cards that were sold are billed with the order that sold them; redemptions are payments of orders. No webhook speaks
//! of cards, so [`watch`] finds new ones by when they were created (shopify.md §i).

use std::sync::Arc;

use super::posting::{Document, post};
use super::step::{Draft, within_limits};
use super::{Engine, Ports, sweep};
use crate::domain::billing::JournalEntry;
use crate::domain::{Duration, ExternalId, Flow, Lane, Money, ShopKey, Timestamp};
use crate::policy::{Policy, ShopPolicy};
use crate::ports::shopify::{GiftCard, GiftCards};
use crate::ports::store::{Cause, Claim, Feed, Hint, Link, LinkKind, Watermark};
use crate::ports::{Call, Entity, Paging, Platform, PlatformError, Runtime, Store};

/// Between two readings of new cards: nobody waits for the expense of one.
const EVERY: Duration = Duration::from_hours(1);

/// The journal that a card calls for; none for a card that an order sold, or one of nothing.
pub fn plan(card: &GiftCard, shop: &ShopPolicy, policy: &Policy) -> Option<JournalEntry> {
    if card.sold_by.is_some() || card.initial.is_zero() {
        return None;
    }
    let seller = policy.seller(shop);
    let owed = card.initial.checked_neg().ok()?;
    Some(JournalEntry {
        external_id: ExternalId::for_gift_card(shop.key, card.id, "given"),
        subsidiary: seller.id,
        currency: card.initial.currency(),
        date: policy.book_date(shop, card.created_at),
        original_date: None,
        memo: format!("gift card {} was given away", card.id).into(),
        lines: vec![(seller.accounts.promotions, card.initial), (seller.gift_card_liability, owed)],
        memos: vec![],
    })
}

/// Books one card. The hint's version is when it was created: cards are listed by that alone.
pub(super) async fn drive<P: Ports>(
    engine: &Engine<P>,
    claim: &Claim,
    draft: &mut Draft,
) -> Result<(), PlatformError> {
    let (entity, created_at) = (claim.entity, claim.version);
    let policy = &engine.policy;
    let Some(shop) = policy.shops.iter().find(|shop| shop.key == entity.shop) else { return Ok(()) };
    if claim.link.is_some() {
        return Ok(());
    }
    let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
    let card = loop {
        let read = |call| engine.shopify.gift_cards(call, entity.shop, created_at, after.clone());
        let page = within_limits(&engine.runtime, claim, read).await?;
        if let Some(card) = page.cards.into_iter().find(|card| card.id.get() == entity.record) {
            break card;
        }
        after = paging.follow(page.next)?;
        if after.is_none() {
            return Ok(());
        }
    };
    draft.read_version = card.created_at;
    let Some(journal) = plan(&card, shop, policy) else { return Ok(()) };
    let external_id = journal.external_id.clone();
    let at_risk: Option<Money> = Some(card.initial);
    let posted = post(engine, claim, entity, Document::Journal(journal), at_risk, draft).await?;
    draft.links.extend(posted.map(|internal_id| Link {
        kind: LinkKind::GiftCard,
        record: entity.record,
        parent: entity.record,
        external_id,
        internal_id,
        version: created_at,
        read_at: created_at,
        digest: 0,
    }));
    Ok(())
}

/// Reads the cards that were created since the watermark, again and again.
pub(super) async fn watch<P: Ports>(engine: Arc<Engine<P>>, shop: ShopKey) {
    loop {
        engine.runtime.sleep(EVERY).await;
        let mut attempt = 0;
        // A reading that failed is repeated soon, from the same watermark.
        while !look(&engine, shop, attempt).await {
            attempt += 1;
            engine.runtime.sleep(engine.policy.engine.backoff_max).await;
        }
    }
}

/// False if it ended early.
async fn look<P: Ports>(engine: &Engine<P>, shop: ShopKey, attempt: u32) -> bool {
    let merchant = engine.policy.merchant;
    let (began, feed) = (engine.runtime.now(), Feed::GiftCardsCreated);
    // Cards from before the engine was put in place are in the opening balance; those of a time in which it was down are
    // not.
    let Ok(first) = sweep::reached(engine, shop, Feed::GiftCardsBegan, began).await else { return false };
    let Ok(reached) = sweep::reached(engine, shop, feed, began).await else { return false };
    let since = reached.minus(engine.policy.engine.sweep_overlap).max(first);
    let account = Entity { merchant, shop, flow: Flow::GiftCard, record: 0 };
    let (mut after, mut paging) = (None, Paging::of(Platform::Shopify));
    loop {
        let call = Call { entity: account, lane: Lane::Orders, attempt };
        let Ok(page) = engine.shopify.gift_cards(call, shop, since, after).await else { return false };
        let given = page.cards.iter().filter(|card| card.sold_by.is_none());
        let hints: Vec<Hint> = given.map(|card| hint(account, card.id.get(), card.created_at)).collect();
        let watermark = page.next.is_none().then_some(Watermark { merchant, shop, feed, at: began });
        if engine.store.record(&hints, watermark, engine.runtime.now()).await.is_err() {
            return false;
        }
        if !hints.is_empty() {
            engine.wake();
        }
        let Ok(next) = paging.follow(page.next) else { return false };
        after = next;
        if after.is_none() {
            return true;
        }
    }
}

fn hint(account: Entity, record: u64, version: Timestamp) -> Hint {
    Hint { entity: Entity { record, ..account }, lane: Lane::Orders, version, cause: Cause::Sweep }
}

#[cfg(test)]
mod tests;
