//! Links between lines of documents that follow each other.
//!
//! Source: netsuite.md §11.5.

use super::document_lines::{line, lines, of_one};
use super::documents::{document, kind, payment, saved, transaction_id};
use super::{Column, Data, Handle, PAYMENTS, Table, amount, column, maybe_amount, numbered, transaction_at};
use crate::mocks::netsuite::http::suiteql::value::Value;
use crate::mocks::netsuite::{NONE, Transaction};

pub(super) static TABLES: &[Table] = &[
    Table { name: "previoustransactionlinelink", columns: LINK, records: links, keys: LINK_KEYS },
    Table { name: "nexttransactionlinelink", columns: LINK, records: links, keys: LINK_KEYS },
];

/// Document and line that come after, by position: links are theirs.
fn links(data: &Data<'_>) -> Vec<Handle> {
    let payments = numbered(data.twin.payments.keyed().len()).into_iter().map(|(at, _)| (PAYMENTS + at, 0));
    let payments = payments.filter(|handle| previous(data, *handle).is_some());
    lines(data, |line| line.previous.is_some()).into_iter().chain(payments).collect()
}

const LINK_KEYS: &[(&str, super::Find)] = &[
    ("nextdoc", |data, wanted| match transaction_at(data, wanted) {
        Some(at) if at >= PAYMENTS => {
            vec![(at, 0)].into_iter().filter(|handle| previous(data, *handle).is_some()).collect()
        }
        Some(at) => of_one(data, at, |line| line.previous.is_some()),
        None => Vec::new(),
    }),
    ("previousdoc", |data, wanted| {
        let Some(at) = transaction_at(data, wanted) else { return Vec::new() };
        let of = data.twin.transactions.get(at as usize).map(|document| data.twin.heading(*document).order);
        let Some(order) = of.filter(|order| *order != NONE) else { return Vec::new() };
        let documents = data.twin.documents_of_order(order).map(|known| data.twin.heading(known).transaction);
        let documents: Vec<u32> = documents
            .filter(|at| document(data, *at).is_some_and(|document| !document.is_deleted()))
            .collect();
        let lines = documents.into_iter().flat_map(|at| of_one(data, at, |line| line.previous.is_some()));
        let payments =
            numbered(data.twin.payments.keyed().len()).into_iter().map(|(at, _)| (PAYMENTS + at, 0));
        lines
            .chain(payments)
            .filter(|handle| previous(data, *handle).is_some_and(|(from, _)| from == at))
            .collect()
    }),
];

fn previous(data: &Data<'_>, handle: Handle) -> Option<(u32, u32)> {
    let Some((.., order, _)) = payment(data, handle.0) else {
        return line(data, handle, |line| line.previous);
    };
    // A payment is applied to the first invoice of its order.
    let invoice =
        data.twin.documents_of_order(order).find(|known| matches!(known, Transaction::Invoice(_)))?;
    Some((data.twin.heading(invoice).transaction, 0))
}

const LINK: &[Column] = &[
    column("previousdoc", |data, handle| {
        previous(data, handle).map_or(Value::Null, |(at, _)| transaction_id(data, at))
    }),
    column("previousline", |data, handle| Value::maybe_number(previous(data, handle).map(|(_, line)| line))),
    column("previoustype", |data, handle| {
        Value::maybe_text(previous(data, handle).map(|(at, _)| kind(data, at).code))
    }),
    column("nextdoc", |data, handle| transaction_id(data, handle.0)),
    column("nextline", |data, handle| match payment(data, handle.0) {
        Some(_) => Value::number(0),
        None => line(data, handle, |line| Value::number(line.id)),
    }),
    column("nexttype", |data, handle| Value::text(kind(data, handle.0).code)),
    column("foreignamount", |data, handle| match payment(data, handle.0) {
        Some((.., order, minor)) => amount(minor, data.twin.orders[order as usize].currency),
        None => line(data, handle, |line| maybe_amount(line.foreign.map(i64::abs), line.currency)),
    }),
    column("lastmodifieddate", |data, handle| data.moment(saved(data, handle.0))),
];
