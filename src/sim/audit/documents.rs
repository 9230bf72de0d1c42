//! What the oracle is shown of each document that follows a sales order.

use std::collections::BTreeMap;

use crate::domain::Order;
use crate::domain::fulfillment::ShipStatus;
use crate::domain::order::TransactionKind;
use crate::mocks::netsuite::{Document, DocumentKind, NetsuiteTwin};
use crate::sim::oracle::books::sheet::Sheet;
use crate::sim::oracle::seen::documents::{
    SeenAdjustment, SeenCreditMemo, SeenCustomerRefund, SeenDocuments, SeenInvoice, SeenShipment,
    SeenShippedLine,
};

/// Adds one document of an order: what it posts, and what is checked of its kind.
pub(super) fn add_document(document: &Document<'_>, seen: &mut SeenDocuments) {
    if document.is_deleted() {
        return;
    }
    let mut own = Sheet::default();
    let sheet = match document.kind() {
        DocumentKind::CreditMemo | DocumentKind::CustomerRefund => &mut own,
        _ => &mut seen.sheet,
    };
    for posting in document.postings() {
        sheet.add(posting.account, posting.amount.currency(), i128::from(posting.amount.minor()));
    }
    let external_id = || document.external_id().map(|id| id.as_str().into());
    match document.kind() {
        DocumentKind::ItemFulfillment => seen.shipments.push(SeenShipment {
            is_shipped: document.ship_status() == Some(ShipStatus::Shipped),
            date: document.date(),
            lines: document
                .lines()
                .map(|line| SeenShippedLine {
                    key: line.key,
                    quantity: line.quantity,
                    cost_minor: line.cost.minor(),
                })
                .collect(),
            parcels: document.parcels().collect(),
        }),
        DocumentKind::Invoice => seen.invoices.push(SeenInvoice {
            external_id: external_id(),
            date: document.date(),
            lines: document.lines().map(|line| (line.key, line.quantity)).collect(),
        }),
        DocumentKind::CreditMemo => {
            seen.credit_memos.push(SeenCreditMemo {
                external_id: external_id(),
                date: document.date(),
                postings: own.clone(),
            });
        }
        DocumentKind::CustomerRefund => {
            // What it credits is where the money left; what it debits is what owed it.
            let paid = own.iter().find(|(.., minor)| *minor < 0);
            if let Some((account, _, minor)) = paid {
                seen.refunds.push(SeenCustomerRefund {
                    external_id: external_id(),
                    date: document.date(),
                    account,
                    amount_minor: -minor,
                });
            }
        }
        DocumentKind::InventoryAdjustment => seen.adjustments.push(SeenAdjustment {
            external_id: external_id(),
            date: document.date(),
            value_minor: document.lines().map(|line| i128::from(line.cost.minor())).sum(),
        }),
        DocumentKind::SalesOrder
        | DocumentKind::CustomerDeposit
        | DocumentKind::JournalEntry
        | DocumentKind::DepositApplication
        | DocumentKind::FxReval => {}
    }
    for (account, currency, minor) in own.iter() {
        seen.sheet.add(account, currency, minor);
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
