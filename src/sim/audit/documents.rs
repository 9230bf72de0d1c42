//! What the oracle is shown of each document that follows a sales order.

use std::collections::BTreeMap;

use crate::domain::Order;
use crate::domain::order::TransactionKind;
use crate::mocks::netsuite::{Document, DocumentKind, NetsuiteTwin};
use crate::sim::oracle::seen::documents::SeenDocuments;

/// Adds one document of an order: what it posts, and what is checked of its kind.
pub(super) fn add_document(document: &Document<'_>, seen: &mut SeenDocuments) {
    for posting in document.postings() {
        seen.sheet.add(posting.account, posting.amount.currency(), i128::from(posting.amount.minor()));
    }
}

/// Journals that hang on a refund or a transaction of an order: they name no order, but their keys do.
pub(super) struct Journals {
    /// Shop, `refund` or `transaction`, number; positions among the documents.
    by_record: BTreeMap<(Box<str>, &'static str, u64), Vec<usize>>,
}

const RECORDS: [&str; 2] = ["-refund-", "-transaction-"];

impl Journals {
    pub(super) fn of(netsuite: &NetsuiteTwin) -> Journals {
        let mut by_record: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for document in netsuite.documents().filter(|it| it.kind() == DocumentKind::JournalEntry) {
            let Some(key) = document.external_id() else { continue };
            let named = RECORDS.iter().find_map(|record| Some((*record, key.as_str().split_once(record)?)));
            let Some((record, (shop, rest))) = named else { continue };
            let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
            let Ok(number) = digits.parse() else { continue };
            by_record.entry((shop.into(), record, number)).or_default().push(document.position());
        }
        Journals { by_record }
    }

    /// Adds those of one order.
    pub(super) fn add_of(&self, netsuite: &NetsuiteTwin, order: &Order, seen: &mut SeenDocuments) {
        if self.by_record.is_empty() {
            return;
        }
        let refunds = order.refunds.iter().map(|refund| (RECORDS[0], refund.id.get()));
        let moved = order.transactions.iter().filter(|entry| entry.kind == TransactionKind::Refund);
        for (record, number) in refunds.chain(moved.map(|entry| (RECORDS[1], entry.id.get()))) {
            let key = (order.shop.as_str().into(), record, number);
            for at in self.by_record.get(&key).into_iter().flatten() {
                let Some(journal) = netsuite.document_at(*at) else { continue };
                add_document(&journal, seen);
            }
        }
    }
}
