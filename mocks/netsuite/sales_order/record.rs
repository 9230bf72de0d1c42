//! The sales order as it is read, and the address it keeps.
//!
//! Source: netsuite.md §5.1 (reading), §13.1–13.2 (fields), §16 (tax details).

use super::{Line, SalesOrder};
use crate::domain::customer::Address;
use crate::domain::{Money, Timestamp};
use crate::mocks::netsuite::chart::{Chart, TaxKind};
use crate::mocks::netsuite::{Customer, NetsuiteTwin, RecordKind, Transaction, answers};
use crate::platforms::netsuite::operation::{Answer, Response};
use crate::platforms::netsuite::wire::{
    AddressBody, CurrencyReference, JsonDecimal, LineRecord, OrderStatus, Reference, SalesOrderRecord, Seen,
    Sublist, Tag, TaxDetail,
};

impl NetsuiteTwin {
    /// Opens the record as for editing, so a workflow's lock refuses it. Source: netsuite.md §5.1.
    pub(in crate::mocks::netsuite) fn get_sales_order(&self, eid: &str, now: Timestamp) -> Response {
        let Some(at) = self.find_order(eid) else { return answers::nonexistent() };
        if let Err(refused) = self.check_lock(RecordKind::SalesOrder, at) {
            return *refused;
        }
        match self.sales_order_record(&self.orders[at as usize], now) {
            Some(record) => Response { status: 200, answer: Ok(Answer::SalesOrder(Box::new(record))) },
            None => answers::unexpected_response(0),
        }
    }

    /// `None` when the total is out of range.
    fn sales_order_record(&self, order: &SalesOrder, now: Timestamp) -> Option<SalesOrderRecord> {
        let money = |minor| JsonDecimal::of_money(Money::new(minor, order.currency));
        let subsidiary = self.chart.subsidiary(order.subsidiary);
        let lines = order.lines.iter().map(|line| self.line_record(order, line)).collect();
        let taxes = order.taxes.iter().map(|tax| {
            let TaxKind { code, rate } = self.chart.tax_kind(tax.kind);
            let line = order.lines.iter().find(|line| line.number == tax.line);
            let line = line.expect("tax goes with its line");
            TaxDetail {
                tax_details_reference: Tag::Number(u64::from(line.unique_key)),
                tax_code: Reference::Id(code),
                tax_basis: money(line.amount),
                tax_rate: rate,
                tax_amount: money(tax.amount),
            }
        });
        Some(SalesOrderRecord {
            id: Transaction::id(order.transaction),
            external_id: order.key.map(|key| self.names.text(key)),
            entity: Seen::id(Customer::id(order.customer)),
            subsidiary: Seen::id(subsidiary.id),
            location: order.has_location.then(|| Seen::id(subsidiary.location)),
            currency: CurrencyReference(order.currency),
            exchange_rate: order.exchange_rate,
            tran_date: Some(order.date),
            status: OrderStatus(order.status),
            other_ref_num: order.other_ref.map(|name| self.names.text(name)),
            memo: order.memo.map(|name| self.names.text(name)),
            shipping_address: order.ship_to.as_deref().map(|packed| Box::new(unpack_address(packed))),
            released: order.release.seen(now).map(Timestamp::floor_second),
            tax_total: money(order.tax_total()?),
            total: money(order.total()?),
            tax_details: Sublist { items: taxes.collect() },
            item: Sublist { items: lines },
        })
    }

    /// On reading, the line's unique key is what joins it to its tax: two lines may carry one custom text.
    fn line_record(&self, order: &SalesOrder, line: &Line) -> LineRecord {
        let item = Seen {
            external_id: Some(self.chart.item_external_id(line.item).into()),
            ..Seen::id(Chart::item_id(line.item))
        };
        LineRecord {
            line: u32::from(line.number),
            line_unique_key: u64::from(line.unique_key),
            item,
            quantity: Some(JsonDecimal::whole(i64::from(line.quantity))),
            amount: JsonDecimal::of_money(Money::new(line.amount, order.currency)),
            description: self.label(line.description).map(Into::into),
            is_closed: line.is_closed,
            tax_details_reference: Some(Tag::Number(u64::from(line.unique_key))),
            plimsoll_key: self.tag(line.key),
        }
    }
}

/// Stands between the fields of a packed address: no field holds it.
const BETWEEN_FIELDS: char = '\u{1f}';

pub(super) fn pack_address(body: &AddressBody) -> Box<str> {
    let fields = [
        &body.addressee,
        &body.addr1,
        &body.addr2,
        &body.city,
        &body.state,
        &body.zip,
        &body.country,
        &body.addr_phone,
    ];
    let mut packed = String::with_capacity(96);
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            packed.push(BETWEEN_FIELDS);
        }
        packed
            .extend(field.as_deref().unwrap_or("").chars().filter(|character| *character != BETWEEN_FIELDS));
    }
    packed.into_boxed_str()
}

fn unpack_address(packed: &str) -> AddressBody {
    let mut fields =
        packed.split(BETWEEN_FIELDS).map(|field| (!field.is_empty()).then(|| Box::<str>::from(field)));
    let mut next = || fields.next().flatten();
    AddressBody {
        addressee: next(),
        addr1: next(),
        addr2: next(),
        city: next(),
        state: next(),
        zip: next(),
        country: next(),
        addr_phone: next(),
    }
}

/// The packed address as a domain value.
pub(in crate::mocks::netsuite) fn address(packed: &str) -> Address {
    let body = unpack_address(packed);
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
