//! The whole ledger of the NetSuite twin, copied out: for exports and the close, which know no twin.

use std::collections::BTreeMap;

use crate::domain::{Currency, InternalId};
use crate::ledger::books::{Account, AccountKind, Books, Heading, Line, Note};
use crate::ledger::{self};
use crate::mocks::netsuite::{self, DocumentKind, NetsuiteTwin};
use crate::mocks::shopify::ShopifyTwin;
use crate::policy::settlement::GATEWAY;
use crate::reconcile::close::items::Statement;
use crate::scenario::Profile;

pub fn books(netsuite: &NetsuiteTwin) -> Books {
    let mut books = Books::default();
    let mut base_currencies: BTreeMap<InternalId, Currency> = BTreeMap::new();
    books.accounts.extend(netsuite.accounts().map(|account| Account {
        id: account.id,
        kind: kind(account.kind),
        subsidiary: account.subsidiary,
    }));
    for document in netsuite.documents().filter(|document| document.kind() != DocumentKind::SalesOrder) {
        let postings: Vec<netsuite::Posting> = document.postings().collect();
        let Some(first) = postings.first() else { continue };
        for posting in &postings {
            books.base_currencies.entry(posting.subsidiary).or_insert(posting.base.currency());
        }
        let base_currency = *base_currencies.entry(document.subsidiary()).or_insert(first.base.currency());
        let heading = Heading {
            number: document.internal_id(),
            external_id: document.external_id(),
            kind: document_kind(document.kind()),
            date: document.date(),
            currency: document.currency(),
            base_currency,
        };
        let lines = postings.iter().map(|posting| Line {
            account: posting.account,
            minor: posting.amount.minor(),
            base: posting.base.minor(),
        });
        let (memo, original_date, line_memos) =
            (document.memo(), document.original_date(), document.line_memos());
        if memo.is_none() && original_date.is_none() && line_memos.is_empty() {
            books.add(heading, lines);
            continue;
        }
        let note = Note { memo: memo.map(Into::into), original_date, line_memos: line_memos.into() };
        books.add_noted(heading, lines.collect(), note);
    }
    books
}

/// What the processor's account of each shop says.
pub fn statements(shopify: &ShopifyTwin, profile: &Profile) -> Vec<Statement> {
    let accounts = profile.processor.iter().flat_map(|processor| &processor.shops);
    let statements = accounts.filter_map(|account| {
        let shop = &profile.shops[account.shop];
        let (_, clearing) = shop.clearing.iter().find(|(gateway, _)| &**gateway == GATEWAY)?;
        Some(Statement {
            shop: shop.key,
            zone: profile.subsidiaries[shop.seller].books_zone.clone(),
            payouts: shopify.payouts(shop.key).collect(),
            rows: shopify.balance_rows(shop.key).collect(),
            clearing: *clearing,
        })
    });
    statements.collect()
}

const fn kind(kind: netsuite::AccountKind) -> AccountKind {
    match kind {
        netsuite::AccountKind::Bank => AccountKind::Bank,
        netsuite::AccountKind::OtherCurrentAsset => AccountKind::OtherCurrentAsset,
        netsuite::AccountKind::OtherCurrentLiability => AccountKind::OtherCurrentLiability,
        netsuite::AccountKind::Receivable => AccountKind::Receivable,
        netsuite::AccountKind::Income => AccountKind::Income,
        netsuite::AccountKind::CostOfGoodsSold => AccountKind::CostOfGoodsSold,
        netsuite::AccountKind::Expense => AccountKind::Expense,
    }
}

pub const fn document_kind(kind: DocumentKind) -> ledger::DocumentKind {
    match kind {
        DocumentKind::SalesOrder => ledger::DocumentKind::SalesOrder,
        DocumentKind::CustomerDeposit => ledger::DocumentKind::CustomerDeposit,
        DocumentKind::JournalEntry => ledger::DocumentKind::JournalEntry,
        DocumentKind::ItemFulfillment => ledger::DocumentKind::ItemFulfillment,
        DocumentKind::Invoice => ledger::DocumentKind::Invoice,
        DocumentKind::CreditMemo => ledger::DocumentKind::CreditMemo,
        DocumentKind::CustomerRefund => ledger::DocumentKind::CustomerRefund,
        DocumentKind::DepositApplication => ledger::DocumentKind::DepositApplication,
        DocumentKind::InventoryAdjustment => ledger::DocumentKind::InventoryAdjustment,
        DocumentKind::FxReval => ledger::DocumentKind::FxReval,
    }
}

#[cfg(test)]
mod tests;
