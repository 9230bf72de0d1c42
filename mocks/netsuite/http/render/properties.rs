//! What is read of each record of the twin.

use super::{Line, Properties, Property};
use crate::domain::fulfillment::ShipStatus;
use crate::domain::{BookDate, Currency, InternalId, Money, Timestamp};
use crate::mocks::netsuite::chart::Chart;
use crate::mocks::netsuite::document::{Document, DocumentKind};
use crate::mocks::netsuite::http::json::Json;
use crate::mocks::netsuite::http::suiteql::tables::currency_id;
use crate::mocks::netsuite::{Customer, ItemKind, NONE, NetsuiteTwin, PaidOut, RecordKind, Transaction};
use crate::platforms::netsuite::wire::{JsonDecimal, OrderStatus};

fn text(text: impl std::fmt::Display) -> Option<Property> {
    let text = text.to_string();
    (!text.is_empty()).then_some(Property::Plain(Json::Text(text)))
}

fn number(number: impl std::fmt::Display) -> Property {
    Property::Plain(Json::number(number))
}

fn truth(is: bool) -> Property {
    Property::Plain(Json::Bool(is))
}

fn money(amount: Money) -> Property {
    number(JsonDecimal::of_money(amount))
}

fn date(date: BookDate) -> Property {
    Property::Plain(Json::text(date))
}

fn instant(second: u32) -> Property {
    Property::Plain(Json::text(Timestamp::from_seconds(i64::from(second))))
}

fn to(record: &'static str, id: InternalId) -> Property {
    Property::Reference { record, id: id.to_string(), external_id: None, name: None }
}

fn currency(currency: Currency) -> Property {
    let id = currency_id(currency).to_string();
    Property::Reference { record: "currency", id, external_id: None, name: Some(currency.code().to_owned()) }
}

fn customer(twin: &NetsuiteTwin, at: u32) -> Property {
    let known = &twin.customers[at as usize];
    Property::Reference {
        record: "customer",
        id: Customer::id(at).to_string(),
        external_id: known.key.map(|key| twin.names.text(key).to_string()),
        name: Some(known.name.to_string()),
    }
}

fn item(twin: &NetsuiteTwin, sku: &str) -> Option<Property> {
    let at = twin.chart.item_position(sku)?;
    Some(Property::Reference {
        record: item_record(twin, at),
        id: Chart::item_id(at).to_string(),
        external_id: Some(sku.to_owned()),
        name: Some(sku.to_owned()),
    })
}

/// The record type of an item. Source: netsuite.md §15.1.
pub(in crate::mocks::netsuite::http) fn item_record(twin: &NetsuiteTwin, at: u32) -> &'static str {
    match twin.chart.item_kind(at) {
        _ if twin.kit_members(twin.chart.item_external_id(at)).is_some() => "kitItem",
        ItemKind::Goods => "inventoryItem",
        ItemKind::Service => "serviceSaleItem",
        ItemKind::Discount => "discountItem",
    }
}

/// Keeps what is there: absent values are left out.
fn present(properties: impl IntoIterator<Item = (&'static str, Option<Property>)>) -> Properties {
    properties.into_iter().filter_map(|(name, property)| property.map(|property| (name, property))).collect()
}

pub(in crate::mocks::netsuite::http) fn customer_properties(twin: &NetsuiteTwin, at: u32) -> Properties {
    let known = &twin.customers[at as usize];
    let person = known.person();
    let (level, limit) = twin.pricing.standing(at);
    present([
        ("id", text(Customer::id(at))),
        ("externalId", known.key.and_then(|key| text(twin.names.text(key)))),
        ("entityId", text(format!("{} {}", Customer::id(at), known.name))),
        ("isPerson", Some(truth(person.is_some()))),
        ("companyName", if person.is_none() { text(&known.name) } else { None }),
        ("firstName", person.and_then(|(first, _)| text(first))),
        ("lastName", person.and_then(|(_, last)| text(last))),
        ("email", known.email.as_deref().and_then(text)),
        ("subsidiary", Some(to("subsidiary", twin.chart.subsidiary(known.subsidiary).id))),
        ("currency", known.currency.map(currency)),
        ("isInactive", Some(truth(known.is_inactive))),
        ("lastModifiedDate", Some(Property::Plain(Json::text(twin.pricing.customer_saved_at(at))))),
        ("terms", known.terms.as_deref().map(|name| Property::Choice(name.to_owned(), name.to_owned()))),
        ("priceLevel", level.map(|level| to("priceLevel", level))),
        ("creditLimit", limit.map(money)),
    ])
}

/// A workflow's lock refuses reading. Source: netsuite.md §5.1.
pub(in crate::mocks::netsuite::http) fn is_locked(twin: &NetsuiteTwin, document: &Document<'_>) -> bool {
    let of = twin.transactions.get(document.position()).copied();
    let key = match of {
        Some(Transaction::SalesOrder(at)) => (RecordKind::SalesOrder, at),
        Some(Transaction::CustomerDeposit(at)) => (RecordKind::CustomerDeposit, at),
        Some(Transaction::Invoice(at)) => (RecordKind::Invoice, at),
        Some(Transaction::CreditMemo(at)) => (RecordKind::CreditMemo, at),
        _ => return false,
    };
    twin.locked.contains(&key)
}

pub(in crate::mocks::netsuite::http) fn document_properties(
    twin: &NetsuiteTwin,
    document: &Document<'_>,
    now: Timestamp,
) -> Properties {
    let Some(known) = twin.transactions.get(document.position()).copied() else { return Vec::new() };
    let heading = twin.heading(known);
    let saved = twin.saved.get(document.position()).copied().unwrap_or(0);
    let made_from = match document.kind() {
        DocumentKind::ItemFulfillment => document.sales_order(),
        DocumentKind::Invoice => {
            document.sales_order().filter(|_| document.lines().any(|line| line.number > 0))
        }
        _ => None,
    };
    let order_key = || document.sales_order().and_then(|order| order.external_id());
    let has_order_field = matches!(
        document.kind(),
        DocumentKind::Invoice
            | DocumentKind::CreditMemo
            | DocumentKind::CustomerRefund
            | DocumentKind::InventoryAdjustment
    );
    let buyer = (heading.customer != NONE).then(|| customer(twin, heading.customer));
    let (entity, customer) = match document.kind() {
        DocumentKind::CustomerDeposit | DocumentKind::CustomerRefund => (None, buyer),
        _ => (buyer, None),
    };
    let mut properties = present([
        ("id", text(document.internal_id())),
        ("externalId", document.external_id().and_then(|id| text(id.as_str()))),
        ("entity", entity),
        ("customer", customer),
        ("subsidiary", Some(to("subsidiary", document.subsidiary()))),
        ("currency", Some(currency(document.currency()))),
        ("exchangeRate", Some(number(document.exchange_rate().normalize()))),
        ("tranDate", Some(date(document.date()))),
        ("createdFrom", made_from.map(|order| to("salesOrder", order.internal_id()))),
        ("memo", document.memo().and_then(text)),
        ("custbody_plimsoll_date", document.original_date().map(date)),
        ("custbody_plimsoll_order", order_key().filter(|_| has_order_field).and_then(|id| text(id.as_str()))),
        ("lastModifiedDate", Some(instant(saved))),
    ]);
    properties.extend(own_properties(twin, document, known, now));
    properties
}

fn own_properties(
    twin: &NetsuiteTwin,
    document: &Document<'_>,
    known: Transaction,
    now: Timestamp,
) -> Properties {
    match known {
        Transaction::SalesOrder(at) => order_properties(twin, document, at, now),
        Transaction::CustomerDeposit(at) => {
            let deposit = &twin.deposits[at as usize];
            present([
                ("payment", document.payment().map(money)),
                ("account", Some(to("account", twin.chart.account(deposit.account).id))),
                ("undepFunds", Some(truth(false))),
                ("salesOrder", document.sales_order().map(|order| to("salesOrder", order.internal_id()))),
            ])
        }
        Transaction::ItemFulfillment(_) => {
            let status = document.ship_status().map(|status| match status {
                ShipStatus::Picked => Property::Choice("A".to_owned(), "Picked".to_owned()),
                ShipStatus::Packed => Property::Choice("B".to_owned(), "Packed".to_owned()),
                ShipStatus::Shipped => Property::Choice("C".to_owned(), "Shipped".to_owned()),
            });
            let packages = (1..).zip(document.parcels()).map(|(key, parcel): (u32, _)| Line {
                key: key.to_string(),
                properties: present([
                    ("packageTrackingNumber", text(parcel.number)),
                    ("packageDescr", parcel.carrier.and_then(text)),
                ]),
            });
            present([
                ("shipStatus", status),
                ("location", document.location().map(|location| to("location", location))),
                ("item", Some(lines(twin, document))),
                ("package", Some(Property::Sublist(packages.collect()))),
            ])
        }
        Transaction::Invoice(_) | Transaction::CreditMemo(_) => {
            let is_settled = document.open().is_some_and(|open| open.minor() == 0);
            let status = match (document.kind(), is_settled) {
                (_, false) => ("A", "Open"),
                (DocumentKind::Invoice, true) => ("B", "Paid In Full"),
                (_, true) => ("B", "Fully Applied"),
            };
            present([
                ("status", Some(Property::Choice(status.0.to_owned(), status.1.to_owned()))),
                ("total", document.total().map(money)),
                ("amountRemaining", document.open().map(money)),
                ("item", Some(lines(twin, document))),
            ])
        }
        Transaction::CustomerRefund(at) => {
            let refund = &twin.refunds[at as usize];
            let paid = |is_memo: bool| {
                let parts = refund.parts.iter().filter_map(|part| {
                    let (document, memo) = match part.source {
                        PaidOut::CreditMemo(at) => (twin.credit_memos[at as usize].heading.transaction, true),
                        PaidOut::Deposit(at) => (twin.deposits[at as usize].transaction, false),
                    };
                    (memo == is_memo).then(|| {
                        applied(Transaction::id(document), Money::new(part.amount, refund.heading.currency))
                    })
                });
                Property::Sublist(parts.collect())
            };
            present([
                ("total", document.total().map(money)),
                ("account", Some(to("account", twin.chart.account(refund.account).id))),
                ("apply", Some(paid(true))),
                ("deposit", Some(paid(false))),
            ])
        }
        Transaction::DepositApplication(_) => {
            let line =
                document.applies().zip(document.total()).map(|((_, invoice), total)| applied(invoice, total));
            present([
                ("total", document.total().map(money)),
                ("apply", Some(Property::Sublist(line.into_iter().collect()))),
            ])
        }
        Transaction::JournalEntry(at) => {
            let journal = &twin.journals[at as usize];
            let lines = (1..).zip(&journal.lines).map(|(key, line): (u32, _)| {
                let amount = money(Money::new(line.minor.saturating_abs(), journal.currency));
                let properties = present([
                    ("line", Some(number(key))),
                    ("account", Some(to("account", twin.chart.account(line.account).id))),
                    (if line.minor < 0 { "credit" } else { "debit" }, Some(amount)),
                ]);
                Line { key: key.to_string(), properties }
            });
            present([
                ("approved", Some(truth(!journal.is_pending))),
                ("reversalDate", journal.reversed_on.map(date)),
                ("line", Some(Property::Sublist(lines.collect()))),
            ])
        }
        Transaction::InventoryAdjustment(at) => {
            let record = &twin.adjustments[at as usize];
            let lines = (1..).zip(&record.lines).map(|(key, line): (u32, _)| {
                let properties = present([
                    ("item", item(twin, twin.chart.item_external_id(line.item))),
                    ("location", Some(to("location", record.location))),
                    ("adjustQtyBy", Some(number(line.units))),
                ]);
                Line { key: key.to_string(), properties }
            });
            present([
                ("account", Some(to("account", twin.chart.account(record.account).id))),
                ("inventory", Some(Property::Sublist(lines.collect()))),
            ])
        }
        Transaction::FxReval(_) => Vec::new(),
    }
}

fn applied(document: InternalId, amount: Money) -> Line {
    let properties = present([
        ("doc", Some(to("transaction", document))),
        ("apply", Some(truth(true))),
        ("amount", Some(money(amount))),
    ]);
    Line { key: document.to_string(), properties }
}

fn order_properties(twin: &NetsuiteTwin, document: &Document<'_>, at: u32, now: Timestamp) -> Properties {
    let order = &twin.orders[at as usize];
    let minor = |minor| money(Money::new(minor, order.currency));
    let status = OrderStatus(order.status);
    let status = || Property::Choice(status.letter().to_owned(), status.name().to_owned());
    let address = document.ship_to().map(|address| {
        let part = |part: Option<Box<str>>| part.and_then(text);
        Property::Subrecord(present([
            ("addressee", part(address.name)),
            ("addr1", part(address.line1)),
            ("addr2", part(address.line2)),
            ("city", part(address.city)),
            ("state", part(address.province)),
            ("zip", part(address.zip)),
            ("country", part(address.country)),
            ("addrPhone", part(address.phone)),
        ]))
    });
    let taxes = (1..).zip(&order.taxes).map(|(key, tax): (u32, _)| {
        let line = order.lines.iter().find(|line| line.number == tax.line);
        let kind = twin.chart.tax_kind(tax.kind);
        let properties = present([
            ("taxDetailsReference", line.and_then(|line| text(line.unique_key))),
            ("taxCode", Some(to("salesTaxItem", kind.code))),
            ("taxBasis", line.map(|line| minor(line.amount))),
            ("taxRate", Some(number(kind.rate))),
            ("taxAmount", Some(minor(tax.amount))),
        ]);
        Line { key: key.to_string(), properties }
    });
    let own = twin.chart.subsidiary(order.subsidiary);
    present([
        ("location", order.has_location.then(|| to("location", own.location))),
        ("status", Some(status())),
        ("orderStatus", Some(status())),
        ("otherRefNum", order.other_ref.and_then(|name| text(twin.names.text(name)))),
        ("memo", order.memo.and_then(|name| text(twin.names.text(name)))),
        ("createdDate", Some(instant(order.created))),
        (
            "custbody_plimsoll_released",
            order.release.seen(now).map(|at| Property::Plain(Json::text(at.floor_second()))),
        ),
        ("shippingAddress", address),
        ("taxTotal", Some(minor(order.taxes.iter().map(|tax| tax.amount).sum()))),
        ("total", document.total().map(money)),
        ("taxDetails", Some(Property::Sublist(taxes.collect()))),
        ("item", Some(lines(twin, document))),
    ])
}

fn lines(twin: &NetsuiteTwin, document: &Document<'_>) -> Property {
    let is_order = document.kind() == DocumentKind::SalesOrder;
    let is_shipment = document.kind() == DocumentKind::ItemFulfillment;
    let tags: Vec<Option<String>> = match twin.transactions.get(document.position()) {
        Some(Transaction::SalesOrder(at)) => {
            let lines = twin.orders[*at as usize].lines.iter();
            lines.map(|line| twin.tag(line.key).map(|tag| tag.to_string())).collect()
        }
        _ => document.lines().map(|line| line.key.map(|key| key.to_string())).collect(),
    };
    let lines = document.lines().zip(tags).enumerate().map(|(place, (line, tag))| {
        let key = if is_order { line.number.to_string() } else { (place + 1).to_string() };
        let reference = text(line.unique_key).filter(|_| is_order);
        let properties = present([
            ("line", Some(number(&key))),
            ("lineUniqueKey", is_order.then(|| number(line.unique_key))),
            ("orderLine", (!is_order && line.number > 0).then(|| number(line.number))),
            ("item", item(twin, line.item)),
            ("quantity", Some(number(line.quantity))),
            ("amount", (!is_shipment).then(|| money(line.amount))),
            ("description", line.description.and_then(text)),
            ("isClosed", is_order.then(|| truth(line.is_closed))),
            ("quantityFulfilled", is_order.then(|| number(line.fulfilled))),
            ("quantityBilled", is_order.then(|| number(line.billed))),
            ("itemReceive", is_shipment.then(|| truth(true))),
            ("taxDetailsReference", reference),
            ("custcol_plimsoll_key", tag.and_then(text)),
        ]);
        Line { key, properties }
    });
    Property::Sublist(lines.collect())
}

pub(in crate::mocks::netsuite::http) fn item_properties(twin: &NetsuiteTwin, at: u32) -> Properties {
    let said = twin.descriptions.get(&at).cloned().unwrap_or_default();
    let sku = twin.chart.item_external_id(at);
    let saved = twin.pricing.saved_at(at);
    present([
        ("id", text(Chart::item_id(at))),
        ("externalId", text(sku)),
        ("itemId", text(sku)),
        ("displayName", said.display_name.and_then(text)),
        ("upcCode", said.upc_code.and_then(text)),
        ("isInactive", Some(truth(twin.chart.is_inactive(at)))),
        ("isOnline", Some(truth(said.is_online))),
        ("lastModifiedDate", Some(Property::Plain(Json::text(saved)))),
    ])
}

pub(in crate::mocks::netsuite::http) fn subsidiary_properties(twin: &NetsuiteTwin, at: usize) -> Properties {
    let known = &twin.chart.subsidiaries()[at];
    present([
        ("id", text(known.id)),
        ("name", text(format!("Subsidiary {}", known.id))),
        ("currency", Some(currency(known.currency))),
        ("isElimination", Some(truth(false))),
    ])
}

pub(in crate::mocks::netsuite::http) fn location_properties(twin: &NetsuiteTwin, at: usize) -> Properties {
    let known = &twin.chart.subsidiaries()[at];
    present([
        ("id", text(known.location)),
        ("name", text(format!("Location {}", known.location))),
        ("subsidiary", Some(to("subsidiary", known.id))),
    ])
}

pub(in crate::mocks::netsuite::http) fn account_properties(twin: &NetsuiteTwin, at: usize) -> Properties {
    let known = &twin.chart.accounts()[at];
    present([
        ("id", text(known.id)),
        ("acctNumber", text(known.id)),
        ("currency", Some(currency(known.currency))),
        ("subsidiary", Some(to("subsidiary", known.subsidiary))),
    ])
}

pub(in crate::mocks::netsuite::http) fn currency_properties(known: Currency) -> Properties {
    present([("id", text(currency_id(known))), ("name", text(known.code())), ("symbol", text(known.code()))])
}
