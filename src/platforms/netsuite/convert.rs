//! Domain ↔ NetSuite's records, and nowhere else. Here customers, sales orders and deposits; what follows an order
//! is written in [`billing`] and read in [`documents`].

pub mod billing;
pub mod documents;
pub mod settlement;

mod stock;

pub use stock::{kit_row, stock_row};

use super::operation::Request;
use super::operation::suiteql::{CustomerRow, Query};
use super::wire::{
    AddressBody, CurrencyReference, CustomerBody, CustomerDepositBody, JsonDecimal, LineBody, LineRecord,
    OrderStatus, PriceLevel, Reference, SalesOrderBody, SalesOrderRecord, Seen, Sublist, Tag, TaxDetail,
};
use crate::domain::customer::{Address, CustomerRecord, normalise_email};
use crate::domain::sales_order::{
    KnownLine, LineChange, LineTax, SalesOrder, SalesOrderLine, SalesOrderStatus,
};
use crate::domain::{
    BookDate, Currency, CustomerDeposit, ExternalId, KnownCustomer, KnownSalesOrder, Money, Sku,
};

/// The record cannot be said on the other side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {reason}")]
pub struct NotConvertible {
    pub what: &'static str,
    pub reason: String,
}

/// Stands for a last name that a person did not give: the record requires one (netsuite.md §12.1).
const NO_LAST_NAME: &str = "-";

pub fn customer_request(customer: &CustomerRecord) -> Request {
    let name = customer.name.trim();
    let (first_name, last_name) = name.rsplit_once(' ').unwrap_or((name, NO_LAST_NAME));
    let names = if customer.is_person {
        CustomerBody {
            first_name: Some(first_name.trim_end().into()),
            last_name: Some(last_name.into()),
            ..CustomerBody::default()
        }
    } else {
        CustomerBody { company_name: Some(customer.name.clone()), ..CustomerBody::default() }
    };
    let body = CustomerBody {
        is_person: Some(customer.is_person),
        email: customer.email.clone(),
        phone: customer.phone.clone(),
        subsidiary: Some(Reference::Id(customer.subsidiary)),
        currency: Some(CurrencyReference(customer.currency)),
        ..names
    };
    Request::UpsertCustomer { eid: customer.external_id.as_str().into(), body: Box::new(body) }
}

pub fn customers_like(key: &ExternalId, email: Option<&str>) -> Request {
    Request::SuiteQl(Query::CustomersLike {
        external_id: key.as_str().into(),
        local_part: email.and_then(local_part),
    })
}

/// What stands before the last `@`, in lower case; `None` if nothing does.
pub fn local_part(email: &str) -> Option<Box<str>> {
    let email = normalise_email(email);
    email.rsplit_once('@').map(|(local, _)| local).filter(|local| !local.is_empty()).map(Into::into)
}

pub fn known_customer(row: CustomerRow) -> KnownCustomer {
    let name = match row.name.strip_suffix(NO_LAST_NAME).and_then(|name| name.strip_suffix(' ')) {
        Some(first_name) => first_name.into(),
        None => row.name,
    };
    KnownCustomer {
        internal_id: row.id,
        external_id: row.externalid.map(ExternalId::from_netsuite),
        name,
        email: row.email,
        subsidiary: row.subsidiary,
        terms: row.terms,
        price_level: row.pricelevel,
        is_inactive: row.isinactive,
    }
}

/// # Errors
/// A tax rate with more digits than fit.
pub fn sales_order_request(order: &SalesOrder) -> Result<Request, NotConvertible> {
    let mut items = Vec::with_capacity(order.lines.len());
    let mut taxes = Vec::with_capacity(order.lines.len());
    for (number, line) in (1..).zip(&order.lines) {
        let mut body = line_body(line, &mut taxes)?;
        body.line = Some(number);
        body.location = Some(Reference::Id(order.location));
        items.push(body);
    }
    let body = SalesOrderBody {
        entity: Some(Reference::external(order.customer.as_str())),
        subsidiary: Some(Reference::Id(order.subsidiary)),
        location: Some(Reference::Id(order.location)),
        currency: Some(CurrencyReference(order.currency)),
        tran_date: Some(order.date),
        other_ref_num: Some(order.other_ref.clone()),
        memo: None,
        order_status: Some(OrderStatus(match order.is_held {
            true => SalesOrderStatus::PendingApproval,
            false => SalesOrderStatus::PendingFulfillment,
        })),
        shipping_address: order.ship_to.as_ref().map(|address| Box::new(address_body(address))),
        item: Some(Sublist { items }),
        tax_details_override: Some(true),
        tax_details: Some(Sublist { items: taxes }),
    };
    Ok(Request::UpsertSalesOrder { eid: order.external_id.as_str().into(), body: Box::new(body) })
}

/// # Errors
/// As [`sales_order_request`].
pub fn amend_request(key: &ExternalId, changes: &[LineChange]) -> Result<Request, NotConvertible> {
    let mut items = Vec::with_capacity(changes.len());
    let mut taxes = Vec::new();
    for change in changes {
        items.push(match change {
            LineChange::Add(line) => line_body(line, &mut taxes)?,
            LineChange::Set { line, to } => {
                // A component that is written is wanted: one that was closed opens again.
                LineBody { line: Some(*line), is_closed: Some(false), ..line_body(to, &mut taxes)? }
            }
            LineChange::Close { line } => {
                LineBody { line: Some(*line), is_closed: Some(true), ..LineBody::default() }
            }
        });
    }
    let body = SalesOrderBody {
        item: Some(Sublist { items }),
        tax_details_override: Some(true),
        tax_details: Some(Sublist { items: taxes }),
        ..SalesOrderBody::default()
    };
    Ok(Request::AmendSalesOrder { eid: key.as_str().into(), body: Box::new(body) })
}

/// The line, and its tax rows beside it. The component's key joins both: a line has one, rows may be many.
fn line_body(line: &SalesOrderLine, taxes: &mut Vec<TaxDetail>) -> Result<LineBody, NotConvertible> {
    for tax in &line.taxes {
        taxes.push(tax_detail(Tag::Component(line.key), line.amount, tax)?);
    }
    Ok(LineBody {
        line: None,
        item: Some(Reference::ExternalId(line.item.0.clone())),
        quantity: Some(JsonDecimal::whole(i64::from(line.quantity))),
        amount: Some(JsonDecimal::of_money(line.amount)),
        price: Some(PriceLevel::CUSTOM),
        description: line.memo.clone(),
        location: None,
        is_closed: None,
        tax_details_reference: Some(Tag::Component(line.key)),
        plimsoll_key: Some(Tag::Component(line.key)),
    })
}

fn tax_detail(reference: Tag, basis: Money, tax: &LineTax) -> Result<TaxDetail, NotConvertible> {
    Ok(TaxDetail {
        tax_details_reference: reference,
        tax_code: Reference::Id(tax.code),
        tax_basis: JsonDecimal::of_money(basis),
        tax_rate: JsonDecimal::percent_of_share(tax.rate).ok_or_else(|| NotConvertible {
            what: "tax rate",
            reason: format!("{} has too many digits", tax.rate),
        })?,
        tax_amount: JsonDecimal::of_money(tax.amount),
    })
}

fn known_address(body: AddressBody) -> Address {
    Address {
        name: body.addressee,
        line1: body.addr1,
        line2: body.addr2,
        city: body.city,
        province: body.state,
        zip: body.zip,
        country: body.country,
        phone: body.addr_phone,
    }
}

fn address_body(address: &Address) -> AddressBody {
    AddressBody {
        addressee: address.name.clone(),
        addr1: address.line1.clone(),
        addr2: address.line2.clone(),
        city: address.city.clone(),
        state: address.province.clone(),
        zip: address.zip.clone(),
        country: address.country.clone(),
        addr_phone: address.phone.clone(),
    }
}

pub fn deposit_request(deposit: &CustomerDeposit) -> Request {
    let body = CustomerDepositBody {
        customer: Some(Reference::external(deposit.customer.as_str())),
        sales_order: Some(Reference::external(deposit.sales_order.as_str())),
        subsidiary: Some(Reference::Id(deposit.subsidiary)),
        currency: Some(CurrencyReference(deposit.currency)),
        tran_date: Some(deposit.date),
        payment: Some(JsonDecimal::of_money(deposit.payment)),
        undep_funds: Some(false),
        account: Some(Reference::Id(deposit.account)),
        original_date: deposit.original_date,
        memo: billing::late("capture", deposit.original_date),
    };
    Request::UpsertCustomerDeposit { eid: deposit.external_id.as_str().into(), body: Box::new(body) }
}

/// # Errors
/// An amount with more digits than the currency, a quantity that is no count, tax rows that belong to no line.
pub fn known_sales_order(record: SalesOrderRecord) -> Result<KnownSalesOrder, NotConvertible> {
    let currency = record.currency();
    let mut lines = Vec::with_capacity(record.item.items.len());
    let mut references = Vec::with_capacity(record.item.items.len());
    for line in record.item.items {
        let (line, reference) = known_line(line, currency)?;
        lines.push(line);
        references.push(reference);
    }
    for tax in record.tax_details.items {
        let at = references
            .iter()
            .position(|reference| reference.as_ref() == Some(&tax.tax_details_reference))
            .ok_or_else(|| NotConvertible {
                what: "tax details",
                reason: format!("no line carries {}", tax.tax_details_reference),
            })?;
        let Reference::Id(code) = tax.tax_code else {
            return Err(NotConvertible { what: "tax code", reason: "without an id".to_owned() });
        };
        lines[at].taxes.push(LineTax {
            code,
            rate: tax.tax_rate.share_of_percent(),
            amount: money("tax amount", tax.tax_amount, currency)?,
        });
    }
    Ok(KnownSalesOrder {
        internal_id: record.id,
        customer: record.entity.id,
        subsidiary: record.subsidiary.id,
        currency,
        date: date(record.tran_date)?,
        status: record.status.0,
        lines,
        total: money("total", record.total, currency)?,
        ship_to: record.shipping_address.map(|address| known_address(*address)),
        released_at: record.released,
    })
}

fn known_line(line: LineRecord, currency: Currency) -> Result<(KnownLine, Option<Tag>), NotConvertible> {
    let quantity = match line.quantity {
        Some(quantity) => quantity.to_count().ok_or_else(|| NotConvertible {
            what: "quantity",
            reason: format!("{quantity} is not a count"),
        })?,
        None => 0,
    };
    let known = KnownLine {
        line: line.line,
        key: match line.plimsoll_key {
            Some(Tag::Component(key)) => Some(key),
            _ => None,
        },
        item: item_name(line.item),
        quantity,
        amount: money("amount", line.amount, currency)?,
        taxes: Vec::new(),
        is_closed: line.is_closed,
    };
    Ok((known, line.tax_details_reference))
}

/// An item that staff made may have no external id; its name or number still tells it from ours.
fn item_name(item: Seen) -> Sku {
    Sku(item.external_id.or(item.ref_name).unwrap_or_else(|| item.id.to_string().into()))
}

fn money(what: &'static str, value: JsonDecimal, currency: Currency) -> Result<Money, NotConvertible> {
    value
        .to_money(currency)
        .ok_or_else(|| NotConvertible { what, reason: format!("{value} is not an amount of {currency}") })
}

fn date(date: Option<BookDate>) -> Result<BookDate, NotConvertible> {
    date.ok_or_else(|| NotConvertible { what: "date", reason: "absent".to_owned() })
}
