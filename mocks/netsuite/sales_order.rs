//! Sales orders: upsert, amendment by line, status and the record as read. They post nothing.
//!
//! Source: netsuite.md §6.2 (sublists), §13.1–13.3 (fields, lines, status), §16 (tax), §18 (no impact).

use super::answers::{self, Refused};
use super::names::Name;
use super::{Customer, NONE, NetsuiteTwin, RecordKind, Transaction, moved, text_limits};
use crate::domain::sales_order::{LineKey, SalesOrderStatus};
use crate::domain::{BookDate, Currency, InternalId, Timestamp};
use crate::platforms::netsuite::wire::{JsonDecimal, SalesOrderBody};

mod draft;
pub(super) mod record;
pub(super) mod status;

use draft::Draft;
use record::pack_address;

/// A sales order of five lines takes some 450 bytes with its index entry.
#[derive(Debug)]
pub(super) struct SalesOrder {
    /// `None` when a person keyed the order.
    pub key: Option<Name>,
    pub other_ref: Option<Name>,
    pub memo: Option<Name>,
    pub ship_to: Option<Box<str>>,
    pub lines: Box<[Line]>,
    pub taxes: Box<[Tax]>,
    pub exchange_rate: JsonDecimal,
    /// Position among all transactions.
    pub transaction: u32,
    pub customer: u32,
    pub date: BookDate,
    /// Chain of deposits that name the order, oldest first; [`NONE`] if there is none.
    pub first_deposit: u32,
    pub last_deposit: u32,
    /// Chain of the other documents of the order by position among all transactions, oldest first.
    pub first_document: u32,
    pub last_document: u32,
    /// Seconds: when the record was created, and when it, or a fulfilment of it, was last saved.
    pub created: u32,
    pub moved: u32,
    pub release: Release,
    /// The highest line number ever given: numbers are not given twice.
    pub last_line: u16,
    pub subsidiary: u8,
    pub currency: Currency,
    pub status: SalesOrderStatus,
    /// Whether the header carries the subsidiary's location.
    pub has_location: bool,
}

/// When the warehouse took the order for a pick wave, and from when on its record says so (failures.md A12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Release {
    pub at: Timestamp,
    pub visible_at: Timestamp,
}

impl Release {
    const NOT_YET: Timestamp = Timestamp::from_nanos(i64::MAX);
    pub const NONE: Release = Release { at: Release::NOT_YET, visible_at: Release::NOT_YET };

    pub fn truth(self) -> Option<Timestamp> {
        (self.at != Release::NOT_YET).then_some(self.at)
    }

    pub fn seen(self, now: Timestamp) -> Option<Timestamp> {
        self.truth().filter(|_| self.visible_at <= now)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub key: LineTag,
    pub amount: i64,
    pub unique_key: u32,
    pub item: u32,
    pub quantity: u32,
    /// Units on shipped fulfilments, and on invoices.
    pub fulfilled: u32,
    pub billed: u32,
    /// Position among the interned descriptions.
    pub description: u32,
    pub number: u16,
    pub is_closed: bool,
}

/// What stands in the custom column of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineTag {
    Component(LineKey),
    Number(u32),
    /// Position among the interned descriptions.
    Text(u32),
    Empty,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Tax {
    pub amount: i64,
    pub kind: u32,
    /// The line's number.
    pub line: u16,
}

/// How a sublist in a body meets the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sublists {
    /// PATCH: keyed lines are updated, others appended, the rest stays.
    Merge,
    /// `replace=item,taxDetails`: lines not in the body go.
    Replace,
}

impl SalesOrder {
    /// Lines and tax, closed lines included: closing releases what is left of a line, it does not reprice it.
    pub fn total(&self) -> Option<i64> {
        total(&self.lines, &self.taxes)
    }

    fn tax_total(&self) -> Option<i64> {
        total(&[], &self.taxes)
    }
}

/// `None` when it does not fit.
fn total(lines: &[Line], taxes: &[Tax]) -> Option<i64> {
    let net = lines.iter().map(|line| i128::from(line.amount)).sum::<i128>();
    i64::try_from(net + taxes.iter().map(|tax| i128::from(tax.amount)).sum::<i128>()).ok()
}

/// The header as it will be: what the body gives, else what stands, else what is sourced.
struct Header {
    subsidiary: u8,
    customer: u32,
    currency: Currency,
    date: BookDate,
    exchange_rate: JsonDecimal,
}

impl NetsuiteTwin {
    pub(super) fn find_order(&self, eid: &str) -> Option<u32> {
        self.names.find(eid).and_then(|key| self.orders_by_key.get(&key).copied())
    }

    pub(super) fn save_sales_order(
        &mut self,
        eid: &str,
        body: &SalesOrderBody,
        sublists: Sublists,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        self.save_order(self.find_order(eid), Some(eid), body, sublists, now)
    }

    /// Saves over the one at that position, or creates one with this external id.
    pub(super) fn save_order(
        &mut self,
        known: Option<u32>,
        eid: Option<&str>,
        body: &SalesOrderBody,
        sublists: Sublists,
        now: Timestamp,
    ) -> Result<InternalId, Refused> {
        text_limits::check_sales_order(body)?;
        if let Some(at) = known {
            self.check_lock(RecordKind::SalesOrder, at)?;
            if self.orders[at as usize].status == SalesOrderStatus::Cancelled {
                return Err(answers::refused("You cannot edit this transaction: it has been cancelled."));
            }
        }
        let header = self.header(known, body, now)?;
        let status = self.entered_status(known, body)?;
        let mut draft = Draft::of(known.map(|at| &self.orders[at as usize]), body, sublists);
        self.enter_lines(&mut draft, body, &header)?;
        self.enter_taxes(&mut draft, body, &header)?;
        if draft.lines.is_empty() {
            return Err(answers::missing_value("Items"));
        }
        total(&draft.lines, &draft.taxes).ok_or_else(answers::unbalanced)?;
        if let Some(at) = known {
            self.check_quantities(at, &draft.lines)?;
        }
        let status = status::after(status, &draft.lines, &self.chart);
        let other_ref = body.other_ref_num.as_deref().map(|text| self.names.keep(text));
        let memo = body.memo.as_deref().map(|text| self.names.keep(text));
        let ship_to = body.shipping_address.as_deref().map(pack_address);
        let at = match known {
            Some(at) => at,
            None => {
                let key = eid.map(|eid| self.names.keep(eid));
                self.insert_order(key, &header, now)
            }
        };
        let before = self.committed(at);
        let order = &mut self.orders[at as usize];
        order.customer = header.customer;
        order.subsidiary = header.subsidiary;
        order.currency = header.currency;
        order.date = header.date;
        order.exchange_rate = header.exchange_rate;
        order.status = status;
        order.has_location |= body.location.is_some();
        order.other_ref = other_ref.or(order.other_ref);
        order.memo = memo.or(order.memo);
        order.ship_to = ship_to.or(order.ship_to.take());
        order.last_line = draft.last_line;
        order.lines = draft.lines.into_boxed_slice();
        order.taxes = draft.taxes.into_boxed_slice();
        self.recommit(at, before);
        if known.is_some() {
            self.touch(at, now);
        }
        self.customers[header.customer as usize].has_transactions = true;
        Ok(Transaction::id(self.orders[at as usize].transaction))
    }

    fn header(&self, known: Option<u32>, body: &SalesOrderBody, now: Timestamp) -> Result<Header, Refused> {
        let known = known.map(|at| &self.orders[at as usize]);
        let named = body.subsidiary.as_ref().map(|known| self.chart.find_subsidiary(known)).transpose()?;
        let customer = match (&body.entity, known) {
            (Some(entity), _) => {
                self.find_customer(entity, named.or(known.map(|order| order.subsidiary)), "entity")?
            }
            (None, Some(order)) => order.customer,
            (None, None) => return Err(answers::missing_value("Customer")),
        };
        let record = &self.customers[customer as usize];
        let subsidiary = named.or(known.map(|order| order.subsidiary)).unwrap_or(record.subsidiary);
        let base = self.chart.subsidiary(subsidiary).currency;
        let currency = body
            .currency
            .map(|currency| currency.0)
            .or(known.map(|order| order.currency))
            .or(record.currency)
            .unwrap_or(base);
        if record.currency.is_some_and(|own| own != currency) {
            // A customer takes the currencies of its list; the engine writes one.
            return Err(answers::invalid_value(currency.code(), "currency", "currency"));
        }
        if let Some(location) = &body.location {
            self.chart.check_location(location, subsidiary)?;
        }
        if let Some(order) = known
            && (order.first_deposit != NONE || order.first_document != NONE)
            && (order.customer != customer || order.currency != currency || order.subsidiary != subsidiary)
        {
            return Err(answers::refused(
                "You cannot change the customer, currency or subsidiary of an order that has a deposit, a \
                 fulfillment or an invoice.",
            ));
        }
        let date = body
            .tran_date
            .or(known.map(|order| order.date))
            .unwrap_or_else(|| self.settings.zone.book_date(now));
        let rate = self.chart.rate(currency, subsidiary, date)?;
        let exchange_rate = JsonDecimal::of_decimal(rate).ok_or_else(answers::unbalanced)?;
        Ok(Header { subsidiary, customer, currency, date, exchange_rate })
    }

    /// Only A and B can be written. Source: netsuite.md §13.3.
    fn entered_status(&self, known: Option<u32>, body: &SalesOrderBody) -> Result<SalesOrderStatus, Refused> {
        let stands = known.map(|at| self.orders[at as usize].status);
        match (body.order_status.map(|status| status.0), stands) {
            (
                Some(wanted @ (SalesOrderStatus::PendingApproval | SalesOrderStatus::PendingFulfillment)),
                None | Some(SalesOrderStatus::PendingApproval | SalesOrderStatus::PendingFulfillment),
            ) => Ok(wanted),
            // What follows approval is computed; writing B to a later order leaves it where it is.
            (Some(SalesOrderStatus::PendingFulfillment), Some(stands)) => Ok(stands),
            (None, Some(stands)) => Ok(stands),
            (None, None) => Ok(SalesOrderStatus::PendingApproval),
            (Some(_), _) => Err(answers::invalid_value("status", "orderstatus", "orderStatus")),
        }
    }

    /// Staff key an order in the browser: approved, without a key of ours, dated today. `amount` is net, in minor
    /// units of the subsidiary's base currency. `None` if there is no such customer or item.
    pub fn wholesale_order(
        &mut self,
        customer: InternalId,
        lines: &[(&str, u32, i64)],
        now: Timestamp,
    ) -> Option<InternalId> {
        self.tell_time(now);
        let customer = Customer::position(customer)?;
        let subsidiary = self.customers.get(customer as usize)?.subsidiary;
        let header = Header {
            subsidiary,
            customer,
            currency: self.chart.subsidiary(subsidiary).currency,
            date: self.settings.zone.book_date(now),
            exchange_rate: JsonDecimal::whole(1),
        };
        let items: Vec<u32> =
            lines.iter().map(|(sku, ..)| self.chart.item_position(sku)).collect::<Option<_>>()?;
        let at = self.insert_order(None, &header, now);
        let mut entered = Vec::with_capacity(lines.len());
        for (number, (item, (_, quantity, amount))) in (1u16..).zip(items.into_iter().zip(lines)) {
            let unique_key = self.next_unique_key;
            self.next_unique_key = unique_key.checked_add(1).expect("fewer than 2³² lines in the account");
            entered.push(Line {
                key: LineTag::Empty,
                amount: *amount,
                unique_key,
                item,
                quantity: *quantity,
                fulfilled: 0,
                billed: 0,
                description: NONE,
                number,
                is_closed: false,
            });
        }
        let before = self.committed(at);
        let order = &mut self.orders[at as usize];
        order.last_line = entered.last().map_or(0, |line| line.number);
        order.lines = entered.into_boxed_slice();
        order.status = SalesOrderStatus::PendingFulfillment;
        self.recommit(at, before);
        self.customers[customer as usize].has_transactions = true;
        Some(Transaction::id(self.orders[at as usize].transaction))
    }

    fn insert_order(&mut self, key: Option<Name>, header: &Header, now: Timestamp) -> u32 {
        let at = u32::try_from(self.orders.len()).expect("fewer than 2³² sales orders");
        let transaction = self.next_transaction(Transaction::SalesOrder(at));
        self.orders_by_key.extend(key.map(|key| (key, at)));
        self.orders.push(SalesOrder {
            key,
            other_ref: None,
            memo: None,
            ship_to: None,
            lines: Box::default(),
            taxes: Box::default(),
            exchange_rate: header.exchange_rate,
            transaction,
            customer: header.customer,
            date: header.date,
            first_deposit: NONE,
            last_deposit: NONE,
            first_document: NONE,
            last_document: NONE,
            created: moved::seconds(now),
            moved: 0,
            release: Release::NONE,
            last_line: 0,
            subsidiary: header.subsidiary,
            currency: header.currency,
            status: SalesOrderStatus::PendingApproval,
            has_location: false,
        });
        at
    }
}

#[cfg(test)]
mod tests;
