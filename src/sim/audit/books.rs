//! NetSuite's documents, gathered by order and shown to the oracle one order at a time.
//!
//! A day may hold millions of documents: each is placed once in a chain behind its sales order, two positions apiece,
//! and read when its order comes up.

use std::collections::BTreeMap;

use super::documents::{Journals, add_document};
use crate::domain::sales_order::LineKey;
use crate::domain::{BookDate, Currency, ExternalId, FixedSet, InternalId, Money, ShopKey, Timestamp};
use crate::ledger::{Document, LedgerHash, Posting};
use crate::mocks::netsuite::{self, NetsuiteTwin};
use crate::mocks::shopify::ShopifyTwin;
use crate::sim::oracle::Oracle;
use crate::sim::oracle::seen::documents::SeenDocuments;
use crate::sim::oracle::seen::{SeenCustomer, SeenLevel, SeenLine, SeenSalesOrder};
use crate::sim::snapshot;
use crate::sim::stage::{Scene, record_of, seen_deposit};

/// Documents by the sales order that they belong to: of each document, the one before it of the same order.
struct Chains {
    /// By position of the sales order: its latest document.
    last: Vec<u32>,
    before: Vec<u32>,
}

/// Ends a chain.
const NONE: u32 = u32::MAX;

impl Chains {
    fn of(netsuite: &NetsuiteTwin) -> Chains {
        let count = netsuite.documents_count();
        let mut chains = Chains { last: vec![NONE; count], before: vec![NONE; count] };
        for at in 0..count {
            let Some(document) = netsuite.document_at(at) else { continue };
            if document.kind() == netsuite::DocumentKind::SalesOrder {
                continue;
            }
            let Some(order) = document.sales_order().map(|order| order.position()) else { continue };
            chains.before[at] = std::mem::replace(&mut chains.last[order], u32::try_from(at).unwrap_or(NONE));
        }
        chains
    }

    /// Positions of an order's documents, the latest first.
    fn of_order(&self, sales_order: usize) -> impl Iterator<Item = usize> + '_ {
        let at = |position: u32| (position != NONE).then_some(position as usize);
        std::iter::successors(at(self.last[sales_order]), move |position| at(self.before[*position]))
    }
}

/// Goes through all orders with what stands for them, then through what stands for none. Returns the ledger's hash.
pub(super) fn books(scene: &mut Scene, now: Timestamp) -> String {
    let Scene { shopify, netsuite, oracle, .. } = scene;
    let chains = Chains::of(netsuite);
    let journals = Journals::of(netsuite);
    let shops: Vec<ShopKey> = shopify.shop_keys().collect();
    let mut sales_orders = 0;
    for shop in shops.iter().copied() {
        for order in shopify.orders_truth(shop) {
            let key = format!("{shop}-order-{}", order.id);
            let document = netsuite.document_by_key(netsuite::DocumentKind::SalesOrder, &key);
            let sales_order = document.and_then(|document| seen_sales_order(&document));
            sales_orders += usize::from(sales_order.is_some());
            let mut documents = SeenDocuments::default();
            let mut deposits = Vec::with_capacity(order.transactions.len());
            for (at, transaction) in order.transactions.iter().enumerate() {
                // What came to nothing is booked by nobody.
                let received = transaction.amount.minor() + transaction.rounding.minor();
                if !transaction.captured() || received == 0 {
                    continue;
                }
                let key = format!("{shop}-deposit-{}", transaction.id);
                let found = netsuite.document_by_key(netsuite::DocumentKind::CustomerDeposit, &key);
                deposits.push((at, found.and_then(|document| seen_deposit(&document))));
            }
            let claimed = |external_id: &str| {
                deposits.iter().any(|(_, deposit)| {
                    deposit.as_ref().is_some_and(|deposit| *deposit.external_id == *external_id)
                })
            };
            for document in document.iter().flat_map(|document| chains.of_order(document.position())) {
                let Some(document) = netsuite.document_at(document) else { continue };
                add_document(&document, &mut documents);
                if document.kind() == netsuite::DocumentKind::CustomerDeposit
                    && let Some(deposit) = seen_deposit(&document)
                    && !claimed(&deposit.external_id)
                {
                    oracle.stray_deposit(&deposit, now);
                }
            }
            journals.add_of(netsuite, &order, &mut documents);
            oracle.order(&order, sales_order.as_ref(), &deposits, &documents, now);
        }
    }
    strays(shopify, netsuite, oracle, &shops, sales_orders, now);
    let mut hash = LedgerHash::with_capacity(netsuite.documents_count());
    let mut balances: BTreeMap<(InternalId, Currency), i128> = BTreeMap::new();
    for document in netsuite.documents() {
        let booked = booked(&document);
        for posting in booked.postings.iter().filter(|posting| !posting.amount.is_zero()) {
            let account = (posting.account, posting.amount.currency());
            *balances.entry(account).or_default() += i128::from(posting.amount.minor());
        }
        hash.add(&booked);
    }
    for (external_id, _) in netsuite.customers() {
        oracle.customer(&SeenCustomer { external_id }, now);
    }
    let cards = shops.iter().map(|shop| (*shop, i128::from(shopify.gift_cards_outstanding(*shop))));
    for shop in &shops {
        for minor in shopify.cards_given_away(*shop) {
            oracle.card_given_away(*shop, minor);
        }
    }
    oracle.settled(&|key| record_of(netsuite, key), now);
    for month in oracle.months_shut() {
        oracle.period_looked_at(month, &hash_of_month(netsuite, month), false, now);
    }
    oracle.balances(&balances, &cards.collect::<Vec<_>>(), now);
    for shop in shops {
        oracle.shelves(shop);
        for level in shopify.levels(shop) {
            let (location, sku, available) = (level.location, level.sku.into(), level.available);
            oracle.level(&SeenLevel { shop, location, sku, available }, now);
        }
    }
    hash.finish()
}

/// Sales orders for which no order stands, and deposits that name no sales order.
fn strays(
    shopify: &ShopifyTwin,
    netsuite: &NetsuiteTwin,
    oracle: &mut Oracle,
    shops: &[ShopKey],
    matched: usize,
    now: Timestamp,
) {
    let of_kind = |kind| netsuite.documents().filter(move |document| document.kind() == kind);
    if of_kind(netsuite::DocumentKind::SalesOrder).count() > matched {
        let mut claimed: FixedSet<Box<str>> = FixedSet::default();
        for shop in shops {
            let orders = shopify.orders_truth(*shop);
            claimed.extend(orders.map(|order| format!("{shop}-order-{}", order.id).into_boxed_str()));
        }
        for seen in of_kind(netsuite::DocumentKind::SalesOrder).filter_map(|it| seen_sales_order(&it)) {
            if !claimed.contains(&seen.external_id) {
                oracle.stray_sales_order(&seen, now);
            }
        }
    }
    let deposits = of_kind(netsuite::DocumentKind::CustomerDeposit);
    for deposit in deposits.filter(|it| it.sales_order().is_none()).filter_map(|it| seen_deposit(&it)) {
        oracle.stray_deposit(&deposit, now);
    }
}

/// A digest of everything that is dated in the month of that day.
pub(in crate::sim) fn hash_of_month(netsuite: &NetsuiteTwin, month: BookDate) -> String {
    let last = month.last_of_month(0);
    let mut hash = LedgerHash::with_capacity(0);
    for document in netsuite.documents() {
        if document.kind() != netsuite::DocumentKind::SalesOrder && document.date().last_of_month(0) == last {
            hash.add(&booked(&document));
        }
    }
    hash.finish()
}

fn booked(document: &netsuite::Document<'_>) -> Document {
    let kind = snapshot::document_kind(document.kind());
    Document {
        // What people keyed, or NetSuite made by itself, has no key of ours.
        external_id: document.external_id().unwrap_or_else(|| ExternalId::from_netsuite("")),
        kind,
        subsidiary: document.subsidiary(),
        currency: document.currency(),
        date: document.date(),
        postings: document
            .postings()
            .map(|posting| Posting { account: posting.account, amount: posting.amount })
            .collect(),
    }
}

/// A sales order as the oracle sees it: open lines only.
pub(super) fn seen_sales_order(document: &netsuite::Document<'_>) -> Option<SeenSalesOrder> {
    let currency = document.currency();
    let mut total = 0i64;
    let (mut lines, mut numbers) = (Vec::new(), Vec::new());
    // A closed line keeps its amount in NetSuite and is owed by nobody (netsuite.md §13.3).
    for line in document.lines().filter(|line| !line.is_closed) {
        total = total.checked_add(line.amount.minor())?.checked_add(line.tax.minor())?;
        numbers.push(line.number);
        lines.push(SeenLine {
            key: line.key,
            item: crate::domain::Sku(line.item.into()),
            quantity: line.quantity,
            amount_minor: line.amount.minor(),
            tax_minor: line.tax.minor(),
            label: match line.key {
                Some(LineKey::GoodsDiscount(..) | LineKey::ShippingDiscount(..)) => {
                    line.description.map(Into::into)
                }
                _ => None,
            },
        });
    }
    let mut taxes: Vec<(InternalId, i128)> = Vec::new();
    let mut tax_rows = Vec::new();
    for tax in document.taxes() {
        let minor = i128::from(tax.amount.minor());
        if let Some(row) = numbers.iter().position(|number| *number == tax.line) {
            tax_rows.push((u32::try_from(row).ok()?, tax.code, tax.amount.minor()));
        }
        match taxes.iter_mut().find(|(code, _)| *code == tax.code) {
            Some((_, sum)) => *sum += minor,
            None => taxes.push((tax.code, minor)),
        }
    }
    Some(SeenSalesOrder {
        external_id: document.external_id()?.as_str().into(),
        customer_external_id: document
            .customer_external_id()
            .map(|id| id.as_str().into())
            .unwrap_or_default(),
        subsidiary: document.subsidiary(),
        currency,
        date: document.date(),
        total: Money::new(total, currency),
        lines,
        taxes,
        tax_rows,
    })
}
