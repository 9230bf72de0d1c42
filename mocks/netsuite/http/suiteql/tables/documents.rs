//! Transactions, their lines, accounting lines, rows of tax, and the links between them.
//!
//! Source: netsuite.md §11.5. What it leaves open: numbers of documents (`tranid`) are made of a prefix and the internal
//! id; documents that have no letter in §13 and §14 have no status.

use super::lines::DocumentLine;
use super::{
    Column, Data, Handle, PAYMENTS, Table, amount, column, currency_id, date, id, maybe_amount, numbered,
    reference, transaction_at,
};
use crate::domain::fulfillment::ShipStatus;
use crate::domain::{Currency, Timestamp};
use crate::mocks::netsuite::chart::Chart;
use crate::mocks::netsuite::document::{Document, DocumentKind};
use crate::mocks::netsuite::http::suiteql::value::Value;
use crate::mocks::netsuite::{Customer, NONE, Transaction};
use crate::platforms::netsuite::wire::OrderStatus;

pub(super) static TABLES: &[Table] = &[
    Table { name: "transaction", columns: TRANSACTION, records: transactions, keys: TRANSACTION_KEYS },
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
    Table { name: "previoustransactionlinelink", columns: LINK, records: links, keys: LINK_KEYS },
    Table { name: "nexttransactionlinelink", columns: LINK, records: links, keys: LINK_KEYS },
];

fn document<'a>(data: &Data<'a>, at: u32) -> Option<Document<'a>> {
    data.twin.document_at(at as usize)
}

/// When a payment was keyed, by whom, for which order, and how much.
fn payment(data: &Data<'_>, at: u32) -> Option<(Timestamp, u32, u32, i64)> {
    data.twin.payments.keyed().get(at.checked_sub(PAYMENTS)? as usize).copied()
}

fn of_document(data: &Data<'_>, handle: Handle, read: impl Fn(&Document<'_>) -> Value) -> Value {
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

struct Kind {
    kind: Option<DocumentKind>,
    code: &'static str,
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

fn kind(data: &Data<'_>, at: u32) -> &'static Kind {
    let of = document(data, at).map(|document| document.kind());
    KINDS.iter().find(|kind| kind.kind == of).unwrap_or(const { &PAYMENT })
}

fn transactions(data: &Data<'_>) -> Vec<Handle> {
    let known = data.twin.documents().filter_map(|document| u32::try_from(document.position()).ok());
    let payments = numbered(data.twin.payments.keyed().len()).into_iter().map(|(at, _)| PAYMENTS + at);
    known.chain(payments).map(|at| (at, 0)).collect()
}

fn transaction_id(data: &Data<'_>, at: u32) -> Value {
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

fn customer(data: &Data<'_>, at: u32) -> Option<u32> {
    match payment(data, at) {
        Some((_, customer, ..)) => Some(customer),
        None => document(data, at)?.customer().and_then(Customer::position),
    }
}

fn currency(data: &Data<'_>, at: u32) -> Option<Currency> {
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
fn saved(data: &Data<'_>, at: u32) -> Timestamp {
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

fn lines(data: &Data<'_>, wanted: fn(&DocumentLine) -> bool) -> Vec<Handle> {
    let positions = data.twin.documents().filter_map(|document| u32::try_from(document.position()).ok());
    positions.flat_map(|at| of_one(data, at, wanted)).collect()
}

fn of_one(data: &Data<'_>, at: u32, wanted: fn(&DocumentLine) -> bool) -> Vec<Handle> {
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

fn line<T>(data: &Data<'_>, handle: Handle, read: impl Fn(&DocumentLine) -> T) -> T
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
    column("netamount", |data, handle| net_amount(data, handle)),
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
    reference("shipmethod", |data, handle| carrier(data, handle), carrier),
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
