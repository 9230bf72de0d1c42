//! Transactions, payments included.
//!
//! Source: netsuite.md §11.5. What it leaves open: numbers of documents (`tranid`) are made of a prefix and the internal
//! id; documents that have no letter in §13 and §14 have no status.

use super::{
    Column, Data, Handle, PAYMENTS, Table, amount, column, currency_id, date, id, maybe_amount, numbered,
    reference, transaction_at,
};
use crate::domain::fulfillment::ShipStatus;
use crate::domain::{Currency, Timestamp};
use crate::mocks::netsuite::document::{Document, DocumentKind};
use crate::mocks::netsuite::http::suiteql::value::Value;
use crate::mocks::netsuite::{Customer, NONE, Transaction};
use crate::platforms::netsuite::wire::OrderStatus;

pub(super) static TABLES: &[Table] =
    &[Table { name: "transaction", columns: TRANSACTION, records: transactions, keys: TRANSACTION_KEYS }];

pub(super) fn document<'a>(data: &Data<'a>, at: u32) -> Option<Document<'a>> {
    data.twin.document_at(at as usize)
}

/// When a payment was keyed, by whom, for which order, and how much.
pub(super) fn payment(data: &Data<'_>, at: u32) -> Option<(Timestamp, u32, u32, i64)> {
    data.twin.payments.keyed().get(at.checked_sub(PAYMENTS)? as usize).copied()
}

pub(super) fn of_document(data: &Data<'_>, handle: Handle, read: impl Fn(&Document<'_>) -> Value) -> Value {
    document(data, handle.0).map_or(Value::Null, |document| read(&document))
}

const TRANSACTION: &[Column] = &[
    column("id", |data, handle| transaction_id(data, handle.0)),
    column("tranid", |data, handle| {
        let number = transaction_id(data, handle.0).printed(data.format).unwrap_or_default();
        Value::text(format!("{}{number}", kind(data, handle.0).prefix))
    }),
    column("externalid", |data, handle| {
        of_document(data, handle, |document| {
            Value::maybe_text(document.external_id().map(|id| id.as_str().to_owned()))
        })
    }),
    reference(
        "type",
        |data, handle| Value::text(kind(data, handle.0).code),
        |data, handle| Value::text(kind(data, handle.0).name),
    ),
    column("recordtype", |data, handle| Value::text(kind(data, handle.0).record)),
    reference(
        "status",
        |data, handle| Value::maybe_text(status(data, handle.0).map(|(letter, _)| letter)),
        |data, handle| {
            let name =
                status(data, handle.0).map(|(_, name)| format!("{} : {name}", kind(data, handle.0).name));
            Value::maybe_text(name)
        },
    ),
    column("trandate", |data, handle| match payment(data, handle.0) {
        Some((at, ..)) => date(data.twin.settings.zone.book_date(at)),
        None => of_document(data, handle, |document| date(document.date())),
    }),
    column("createddate", |data, handle| data.moment(created(data, handle.0))),
    column("lastmodifieddate", |data, handle| data.moment(saved(data, handle.0))),
    reference(
        "entity",
        |data, handle| customer(data, handle.0).map_or(Value::Null, |at| id(Customer::id(at))),
        |data, handle| {
            customer(data, handle.0)
                .map_or(Value::Null, |at| Value::text(&*data.twin.customers[at as usize].name))
        },
    ),
    reference(
        "currency",
        |data, handle| {
            currency(data, handle.0).map_or(Value::Null, |known| Value::number(currency_id(known)))
        },
        |data, handle| Value::maybe_text(currency(data, handle.0).map(Currency::code)),
    ),
    column("exchangerate", |data, handle| {
        of_document(data, handle, |document| Value::number(document.exchange_rate()))
    }),
    column("foreigntotal", |data, handle| total(data, handle.0)),
    column("foreignamountunpaid", |data, handle| unpaid(data, handle.0)),
    column("posting", |data, handle| {
        of_document(data, handle, |document| Value::truth(document.kind() != DocumentKind::SalesOrder))
    }),
    column("voided", |_, _| Value::truth(false)),
    column("memo", |data, handle| match document(data, handle.0) {
        Some(known) if known.kind() == DocumentKind::SalesOrder => order(data, handle.0)
            .and_then(|order| order.memo)
            .map_or(Value::Null, |memo| Value::text(&*data.twin.names.text(memo))),
        known => Value::maybe_text(known.and_then(|document| document.memo().map(str::to_owned))),
    }),
    column("otherrefnum", |data, handle| {
        order(data, handle.0)
            .and_then(|order| order.other_ref)
            .map_or(Value::Null, |name| Value::text(&*data.twin.names.text(name)))
    }),
    column("postingperiod", |data, handle| {
        of_document(data, handle, |document| Value::number(super::books::period_id(document.date())))
    }),
    column("reversaldate", |data, handle| match data.twin.transactions.get(handle.0 as usize) {
        Some(Transaction::JournalEntry(at)) => {
            data.twin.journals[*at as usize].reversed_on.map_or(Value::Null, date)
        }
        _ => Value::Null,
    }),
    column("approvalstatus", |data, handle| match data.twin.transactions.get(handle.0 as usize) {
        Some(Transaction::JournalEntry(at)) => {
            Value::number(if data.twin.journals[*at as usize].is_pending { 1 } else { 2 })
        }
        _ => Value::Null,
    }),
    column("linkedtrackingnumberlist", |data, handle| {
        let numbers: Vec<_> = document(data, handle.0)
            .into_iter()
            .flat_map(|document| document.parcels())
            .map(|parcel| parcel.number.to_string())
            .collect();
        Value::text(numbers.join(" "))
    }),
    column("custbody_plimsoll_order", |data, handle| {
        of_document(data, handle, |document| match document.kind() {
            DocumentKind::Invoice
            | DocumentKind::CreditMemo
            | DocumentKind::CustomerRefund
            | DocumentKind::InventoryAdjustment => {
                let order = document.sales_order().and_then(|order| order.external_id());
                Value::maybe_text(order.map(|id| id.as_str().to_owned()))
            }
            _ => Value::Null,
        })
    }),
    column("custbody_plimsoll_date", |data, handle| {
        of_document(data, handle, |document| document.original_date().map_or(Value::Null, date))
    }),
    column("custbody_plimsoll_released", |data, handle| {
        let seen = order(data, handle.0).and_then(|order| order.release.seen(data.now));
        seen.map_or(Value::Null, |at| data.moment(at))
    }),
];

const TRANSACTION_KEYS: &[(&str, super::Find)] = &[
    ("id", |data, wanted| transaction_at(data, wanted).map(|at| (at, 0)).into_iter().collect()),
    ("externalid", |data, wanted| {
        let Some(text) = wanted.printed(data.format) else { return Vec::new() };
        let found = KINDS.iter().filter_map(|kind| data.twin.document_by_key(kind.kind?, &text));
        found.filter_map(|document| u32::try_from(document.position()).ok()).map(|at| (at, 0)).collect()
    }),
    ("custbody_plimsoll_order", |data, wanted| {
        let text = wanted.printed(data.format).unwrap_or_default();
        let order = data.twin.find_order(&text).into_iter();
        let documents = order.flat_map(|order| data.twin.documents_of_order(order));
        let positions = documents.map(|document| data.twin.heading(document).transaction);
        positions
            .filter(|at| document(data, *at).is_some_and(|document| !document.is_deleted()))
            .map(|at| (at, 0))
            .collect()
    }),
];

pub(super) struct Kind {
    kind: Option<DocumentKind>,
    pub code: &'static str,
    record: &'static str,
    name: &'static str,
    prefix: &'static str,
}

const fn known(
    kind: DocumentKind,
    code: &'static str,
    record: &'static str,
    name: &'static str,
    prefix: &'static str,
) -> Kind {
    Kind { kind: Some(kind), code, record, name, prefix }
}

const PAYMENT: Kind =
    Kind { kind: None, code: "CustPymt", record: "customerpayment", name: "Payment", prefix: "PYMT" };

/// Source: netsuite.md §11.5 (codes).
const KINDS: [Kind; 10] = [
    known(DocumentKind::SalesOrder, "SalesOrd", "salesorder", "Sales Order", "SO"),
    known(DocumentKind::CustomerDeposit, "CustDep", "customerdeposit", "Customer Deposit", "CD"),
    known(DocumentKind::JournalEntry, "Journal", "journalentry", "Journal", "JE"),
    known(DocumentKind::ItemFulfillment, "ItemShip", "itemfulfillment", "Item Fulfillment", "IF"),
    known(DocumentKind::Invoice, "CustInvc", "invoice", "Invoice", "INV"),
    known(DocumentKind::CreditMemo, "CustCred", "creditmemo", "Credit Memo", "CM"),
    known(DocumentKind::CustomerRefund, "CustRfnd", "customerrefund", "Customer Refund", "CR"),
    known(DocumentKind::DepositApplication, "DepAppl", "depositapplication", "Deposit Application", "DA"),
    known(DocumentKind::InventoryAdjustment, "InvAdjst", "inventoryadjustment", "Inventory Adjustment", "IA"),
    known(DocumentKind::FxReval, "FxReval", "fxreval", "Currency Revaluation", "FX"),
];

pub(super) fn kind(data: &Data<'_>, at: u32) -> &'static Kind {
    let of = document(data, at).map(|document| document.kind());
    KINDS.iter().find(|kind| kind.kind == of).unwrap_or(const { &PAYMENT })
}

fn transactions(data: &Data<'_>) -> Vec<Handle> {
    let known = data.twin.documents().filter_map(|document| u32::try_from(document.position()).ok());
    let payments = numbered(data.twin.payments.keyed().len()).into_iter().map(|(at, _)| PAYMENTS + at);
    known.chain(payments).map(|at| (at, 0)).collect()
}

pub(super) fn transaction_id(data: &Data<'_>, at: u32) -> Value {
    match payment(data, at) {
        Some(_) => Value::number(at - PAYMENTS + 1),
        None => of_document(data, (at, 0), |document| id(document.internal_id())),
    }
}

fn order<'a>(data: &Data<'a>, at: u32) -> Option<&'a crate::mocks::netsuite::sales_order::SalesOrder> {
    match data.twin.transactions.get(at as usize) {
        Some(Transaction::SalesOrder(at)) => data.twin.orders.get(*at as usize),
        _ => None,
    }
}

pub(super) fn customer(data: &Data<'_>, at: u32) -> Option<u32> {
    match payment(data, at) {
        Some((_, customer, ..)) => Some(customer),
        None => document(data, at)?.customer().and_then(Customer::position),
    }
}

pub(super) fn currency(data: &Data<'_>, at: u32) -> Option<Currency> {
    match payment(data, at) {
        Some((.., order, _)) => Some(data.twin.orders[order as usize].currency),
        None => document(data, at).map(|document| document.currency()),
    }
}

fn seconds(second: u32) -> Timestamp {
    Timestamp::from_seconds(i64::from(second))
}

fn created(data: &Data<'_>, at: u32) -> Timestamp {
    match (payment(data, at), order(data, at)) {
        (Some((keyed, ..)), _) => keyed,
        (None, Some(order)) => seconds(order.created),
        (None, None) => seconds(data.twin.saved.get(at as usize).copied().unwrap_or(0)),
    }
}

/// A sales order is stamped by its own saves and by those of its fulfilments and invoices.
pub(super) fn saved(data: &Data<'_>, at: u32) -> Timestamp {
    match order(data, at) {
        Some(order) => seconds(order.created.max(order.moved)),
        None => created(data, at),
    }
}

fn status(data: &Data<'_>, at: u32) -> Option<(String, String)> {
    let document = document(data, at)?;
    let named = |letter: &str, name: &str| Some((letter.to_owned(), name.to_owned()));
    match document.kind() {
        DocumentKind::SalesOrder => {
            let status = OrderStatus(document.status()?);
            Some((status.letter().to_owned(), status.name().to_owned()))
        }
        DocumentKind::ItemFulfillment => match document.ship_status()? {
            ShipStatus::Picked => named("A", "Picked"),
            ShipStatus::Packed => named("B", "Packed"),
            ShipStatus::Shipped => named("C", "Shipped"),
        },
        DocumentKind::Invoice if unpaid_minor(data, at) == Some(0) => named("B", "Paid In Full"),
        DocumentKind::CreditMemo if unpaid_minor(data, at) == Some(0) => named("B", "Fully Applied"),
        DocumentKind::Invoice | DocumentKind::CreditMemo => named("A", "Open"),
        _ => None,
    }
}

/// With the sign of the ledger: what goes out to the customer is below zero.
fn total(data: &Data<'_>, at: u32) -> Value {
    if let Some((.., order, minor)) = payment(data, at) {
        return amount(minor, data.twin.orders[order as usize].currency);
    }
    let Some(document) = document(data, at) else { return Value::Null };
    let money = document.total().or(document.payment());
    let sign = match document.kind() {
        DocumentKind::CreditMemo | DocumentKind::CustomerRefund => -1,
        _ => 1,
    };
    money.map_or(Value::Null, |money| amount(sign * money.minor(), money.currency()))
}

/// Payments by transfer settle the invoices of their order, oldest first.
fn unpaid_minor(data: &Data<'_>, at: u32) -> Option<i64> {
    let twin = data.twin;
    let Some(Transaction::Invoice(invoice)) = twin.transactions.get(at as usize) else {
        return document(data, at)?.open().map(|open| open.minor());
    };
    let heading = twin.invoices[*invoice as usize].heading;
    let mut paid = if heading.order == NONE { 0 } else { twin.payments.of_order(heading.order) };
    for other in twin.documents_of_order(heading.order) {
        let Transaction::Invoice(other) = other else { continue };
        let open = twin.invoices[other as usize].open();
        let settled = open.min(paid);
        if other == *invoice {
            return Some(open - settled);
        }
        paid -= settled;
    }
    Some(twin.invoices[*invoice as usize].open())
}

fn unpaid(data: &Data<'_>, at: u32) -> Value {
    let Some(document) = document(data, at) else { return Value::Null };
    match document.kind() {
        DocumentKind::CustomerRefund => amount(0, document.currency()),
        _ => maybe_amount(unpaid_minor(data, at), document.currency()),
    }
}
