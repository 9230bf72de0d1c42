//! Lines of transactions, their accounting lines and rows of tax, as tables.
//!
//! Source: netsuite.md §11.5.

use super::documents::{customer, document, of_document, saved, transaction_id};
use super::lines::DocumentLine;
use super::{Column, Data, Handle, Table, amount, column, id, maybe_amount, reference, transaction_at};
use crate::domain::Currency;
use crate::mocks::netsuite::chart::Chart;
use crate::mocks::netsuite::document::DocumentKind;
use crate::mocks::netsuite::http::suiteql::value::Value;
use crate::mocks::netsuite::{Customer, Transaction};

pub(super) static TABLES: &[Table] = &[
    Table {
        name: "transactionline",
        columns: LINE,
        records: |data| lines(data, |_| true),
        keys: &[("transaction", |data, wanted| lines_of(data, wanted, |_| true)), ("createdfrom", made_from)],
    },
    Table {
        name: "transactionaccountingline",
        columns: ACCOUNTING_LINE,
        records: |data| lines(data, |line| line.side.is_some()),
        keys: &[("transaction", |data, wanted| lines_of(data, wanted, |line| line.side.is_some()))],
    },
    Table {
        name: "transactiontaxdetail",
        columns: TAX,
        records: |data| lines(data, |line| !line.taxes.is_empty()),
        keys: &[("transaction", |data, wanted| lines_of(data, wanted, |line| !line.taxes.is_empty()))],
    },
];

pub(super) fn lines(data: &Data<'_>, wanted: fn(&DocumentLine) -> bool) -> Vec<Handle> {
    let positions = data.twin.documents().filter_map(|document| u32::try_from(document.position()).ok());
    positions.flat_map(|at| of_one(data, at, wanted)).collect()
}

pub(super) fn of_one(data: &Data<'_>, at: u32, wanted: fn(&DocumentLine) -> bool) -> Vec<Handle> {
    let lines = data.lines(at);
    (0u32..).zip(lines.iter()).filter(|(_, line)| wanted(line)).map(|(place, _)| (at, place)).collect()
}

fn lines_of(data: &Data<'_>, wanted: &Value, which: fn(&DocumentLine) -> bool) -> Vec<Handle> {
    transaction_at(data, wanted).map_or_else(Vec::new, |at| of_one(data, at, which))
}

/// Lines of the documents that were made from the wanted one.
fn made_from(data: &Data<'_>, wanted: &Value) -> Vec<Handle> {
    let Some(at) = transaction_at(data, wanted) else { return Vec::new() };
    let Some(Transaction::SalesOrder(order)) = data.twin.transactions.get(at as usize).copied() else {
        return Vec::new();
    };
    let mut positions: Vec<u32> =
        data.twin.documents_of_order(order).map(|known| data.twin.heading(known).transaction).collect();
    let mut deposit = data.twin.orders[order as usize].first_deposit;
    while let Some(known) = data.twin.deposits.get(deposit as usize) {
        positions.push(known.transaction);
        deposit = known.next;
    }
    positions.retain(|position| document(data, *position).is_some_and(|document| !document.is_deleted()));
    let all = positions.into_iter().flat_map(|position| of_one(data, position, |_| true));
    all.filter(|handle| created_from(data, *handle) == Some(at)).collect()
}

/// The sales order that a document was made from: deposits name it, fulfilments and invoices are transforms of it.
fn created_from(data: &Data<'_>, handle: Handle) -> Option<u32> {
    let document = document(data, handle.0)?;
    let is_made = match document.kind() {
        DocumentKind::CustomerDeposit | DocumentKind::ItemFulfillment => true,
        DocumentKind::Invoice => data.lines(handle.0).iter().any(|line| line.previous.is_some()),
        _ => false,
    };
    let order = document.sales_order().filter(|_| is_made)?;
    u32::try_from(order.position()).ok()
}

pub(super) fn line<T>(data: &Data<'_>, handle: Handle, read: impl Fn(&DocumentLine) -> T) -> T
where
    T: Default,
{
    data.lines(handle.0).get(handle.1 as usize).map_or_else(T::default, read)
}

const LINE: &[Column] = &[
    column("id", |data, handle| line(data, handle, |line| Value::number(line.id))),
    column("transaction", |data, handle| transaction_id(data, handle.0)),
    column("linesequencenumber", |_, handle| Value::number(handle.1)),
    column("uniquekey", |data, handle| {
        line(
            data,
            handle,
            |line| if line.unique_key == 0 { Value::Null } else { Value::number(line.unique_key) },
        )
    }),
    column("mainline", |data, handle| line(data, handle, |line| Value::truth(line.is_main))),
    column("taxline", |data, handle| line(data, handle, |line| Value::truth(line.is_tax))),
    column("iscogs", |data, handle| line(data, handle, |line| Value::truth(line.is_cost))),
    reference(
        "item",
        |data, handle| {
            line(data, handle, |line| line.item.map_or(Value::Null, |item| id(Chart::item_id(item))))
        },
        |data, handle| {
            line(data, handle, |line| {
                Value::maybe_text(line.item.map(|item| data.twin.chart.item_external_id(item).to_owned()))
            })
        },
    ),
    column("itemtype", |data, handle| {
        line(data, handle, |line| {
            Value::maybe_text(line.item.map(|item| super::parties::item_type(data, item)))
        })
    }),
    column("quantity", |data, handle| line(data, handle, |line| Value::maybe_number(line.quantity))),
    column("quantityshiprecv", |data, handle| line(data, handle, |line| Value::number(line.fulfilled))),
    column("quantitybilled", |data, handle| line(data, handle, |line| Value::number(line.billed))),
    column("foreignamount", |data, handle| {
        line(data, handle, |line| maybe_amount(line.foreign, line.currency))
    }),
    column("netamount", net_amount),
    column("rate", |data, handle| {
        line(data, handle, |line| match (line.foreign, line.quantity) {
            (Some(minor), Some(quantity)) if quantity != 0 => {
                let whole = amount(minor, line.currency).to_number().ok().flatten().unwrap_or_default();
                let rate = whole.checked_div(rust_decimal::Decimal::from(quantity));
                Value::maybe_number(rate.map(|rate| rate.round_dp(8).normalize()))
            }
            _ => Value::Null,
        })
    }),
    reference(
        "location",
        |data, handle| line(data, handle, |line| line.location.map_or(Value::Null, id)),
        |data, handle| {
            line(data, handle, |line| {
                Value::maybe_text(line.location.map(|location| format!("Location {location}")))
            })
        },
    ),
    reference(
        "subsidiary",
        |data, handle| line(data, handle, |line| id(line.subsidiary)),
        |data, handle| line(data, handle, |line| Value::text(format!("Subsidiary {}", line.subsidiary))),
    ),
    reference(
        "entity",
        |data, handle| customer(data, handle.0).map_or(Value::Null, |at| id(Customer::id(at))),
        |data, handle| {
            customer(data, handle.0)
                .map_or(Value::Null, |at| Value::text(&*data.twin.customers[at as usize].name))
        },
    ),
    column("createdfrom", |data, handle| {
        created_from(data, handle).map_or(Value::Null, |at| transaction_id(data, at))
    }),
    column("isclosed", |data, handle| line(data, handle, |line| Value::truth(line.is_closed))),
    column("isfullyshipped", |data, handle| {
        line(data, handle, |line| {
            Value::truth(line.quantity.is_some_and(|quantity| i64::from(line.fulfilled) >= quantity.abs()))
        })
    }),
    reference("shipmethod", carrier, carrier),
    column("custcol_plimsoll_key", |data, handle| {
        line(data, handle, |line| Value::maybe_text(line.tag.clone()))
    }),
    column("linelastmodifieddate", |data, handle| data.moment(saved(data, handle.0))),
];

/// The method names the carrier; only a fulfilment's main line has one.
fn carrier(data: &Data<'_>, handle: Handle) -> Value {
    let is_main = line(data, handle, |line| line.is_main);
    let parcel = document(data, handle.0).filter(|_| is_main).and_then(|document| document.parcels().next());
    Value::maybe_text(parcel.and_then(|parcel| parcel.carrier).map(String::from))
}

fn base(data: &Data<'_>, line: &DocumentLine) -> Currency {
    let own = data.twin.chart.subsidiary_position(line.subsidiary);
    own.map_or(line.currency, |at| data.twin.chart.subsidiary(at).currency)
}

fn net_amount(data: &Data<'_>, handle: Handle) -> Value {
    line(data, handle, |line| maybe_amount(line.side.map(|side| side.base), base(data, line)))
}

const ACCOUNTING_LINE: &[Column] = &[
    column("transaction", |data, handle| transaction_id(data, handle.0)),
    column("transactionline", |data, handle| line(data, handle, |line| Value::number(line.id))),
    column("accountingbook", |_, _| Value::number(1)),
    reference(
        "account",
        |data, handle| {
            line(data, handle, |line| {
                line.side.map_or(Value::Null, |side| id(data.twin.chart.account(side.account).id))
            })
        },
        |data, handle| {
            line(data, handle, |line| {
                Value::maybe_text(
                    line.side.map(|side| format!("Account {}", data.twin.chart.account(side.account).id)),
                )
            })
        },
    ),
    column("amount", net_amount),
    column("netamount", net_amount),
    column("debit", |data, handle| side(data, handle, 1)),
    column("credit", |data, handle| side(data, handle, -1)),
    column("posting", |_, _| Value::truth(true)),
    column("exchangerate", |data, handle| {
        of_document(data, handle, |document| Value::number(document.exchange_rate()))
    }),
];

fn side(data: &Data<'_>, handle: Handle, sign: i64) -> Value {
    line(data, handle, |line| {
        let minor = line.side.map(|side| sign * side.base).filter(|minor| *minor > 0);
        maybe_amount(minor, base(data, line))
    })
}

const TAX: &[Column] = &[
    column("transaction", |data, handle| transaction_id(data, handle.0)),
    column("transactionline", |data, handle| line(data, handle, |line| Value::number(line.id))),
    column("taxcode", |data, handle| {
        line(data, handle, |line| line.taxes.first().map_or(Value::Null, |(_, code)| id(*code)))
    }),
    column("taxamount", |data, handle| {
        line(data, handle, |line| amount(line.taxes.iter().map(|(minor, _)| minor).sum(), line.currency))
    }),
];
