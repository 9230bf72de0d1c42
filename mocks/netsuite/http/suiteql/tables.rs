//! The tables that queries read: their columns, worked out from the twin's records when they are asked for.
//!
//! Here: what a table is, and what all of them read from. Tables stand in `documents`, `document_lines` and `links` (transactions),
//! `parties` (customers and items with their prices) and `books` (accounts, periods, subsidiaries).
//!
//! Source: netsuite.md §11.5 (tables and columns).

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::DateFormat;
use super::value::Value;
use crate::domain::{BookDate, Currency, InternalId, Money, Timestamp, Zone};
use crate::mocks::netsuite::inventory::StockView;
use crate::mocks::netsuite::pricing::{AgreedGroup, AgreedItem, PriceEntry};
use crate::mocks::netsuite::{Customer, NetsuiteTwin, Transaction};
use crate::platforms::netsuite::wire::JsonDecimal;
use lines::DocumentLine;

mod books;
mod document_lines;
mod documents;
mod lines;
mod links;
mod parties;

/// A record of a table: what the two numbers mean is the table's own business.
pub(super) type Handle = (u32, u32);

pub(super) struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub records: fn(&Data<'_>) -> Vec<Handle>,
    /// Columns by which records are found without looking at all of them.
    pub keys: &'static [(&'static str, Find)],
}

pub(super) type Find = fn(&Data<'_>, &Value) -> Vec<Handle>;
type Read = fn(&Data<'_>, Handle) -> Value;

pub(super) struct Column {
    pub name: &'static str,
    pub value: Read,
    /// What `BUILTIN.DF` shows for a reference.
    pub display: Option<Read>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub fn key(&self, column: &str) -> Option<Find> {
        self.keys.iter().find(|(name, _)| *name == column).map(|(_, find)| *find)
    }
}

/// The table of that name, in lower case.
pub(super) fn find(name: &str) -> Option<&'static Table> {
    [documents::TABLES, document_lines::TABLES, links::TABLES, parties::TABLES, books::TABLES]
        .into_iter()
        .flatten()
        .find(|table| table.name == name)
}

const fn column(name: &'static str, value: Read) -> Column {
    Column { name, value, display: None }
}

const fn reference(name: &'static str, value: Read, display: Read) -> Column {
    Column { name, value, display: Some(display) }
}

/// Positions of payments among the transactions begin here: they have numbers of their own.
pub(super) const PAYMENTS: u32 = 1 << 31;

/// Lines of so many documents are kept at hand while a statement runs.
const LINES_KEPT: usize = 10_000;

/// The twin at one moment, as one statement sees it.
pub(super) struct Data<'a> {
    pub twin: &'a NetsuiteTwin,
    pub format: DateFormat,
    zone: &'a Zone,
    pub now: Timestamp,
    lines: RefCell<BTreeMap<u32, Rc<[DocumentLine]>>>,
    prices: OnceCell<Vec<PriceEntry>>,
    agreed_items: OnceCell<Vec<AgreedItem>>,
    agreed_groups: OnceCell<Vec<AgreedGroup>>,
    stock: OnceCell<Vec<StockView<'a>>>,
    kit_members: OnceCell<Vec<KitPart>>,
}

/// A row of `kititemmember`.
#[derive(Debug, Clone, Copy)]
struct KitPart {
    kit: u32,
    member: u32,
    quantity: u32,
    line: u32,
}

impl<'a> Data<'a> {
    pub fn new(
        twin: &'a NetsuiteTwin,
        format: DateFormat,
        zone: Option<&'a Zone>,
        now: Timestamp,
    ) -> Data<'a> {
        Data {
            twin,
            format,
            zone: zone.unwrap_or(&twin.settings.zone),
            now,
            lines: RefCell::default(),
            prices: OnceCell::new(),
            agreed_items: OnceCell::new(),
            agreed_groups: OnceCell::new(),
            stock: OnceCell::new(),
            kit_members: OnceCell::new(),
        }
    }

    /// The reading of the session's clock at that second. Assumption: it is kept in the zone of the
    /// integration's user, which is the account's unless the face says otherwise (netsuite.md §11.3 leaves it open).
    pub fn local(&self, seconds: i64) -> i64 {
        let zone = self.zone;
        seconds.saturating_add(i64::from(
            zone.offset_seconds(Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000))),
        ))
    }

    fn moment(&self, at: Timestamp) -> Value {
        Value::Moment(self.local(at.seconds()))
    }

    fn lines(&self, position: u32) -> Rc<[DocumentLine]> {
        if let Some(known) = self.lines.borrow().get(&position) {
            return Rc::clone(known);
        }
        let lines: Rc<[DocumentLine]> = lines::of(self.twin, position).into();
        let mut kept = self.lines.borrow_mut();
        if kept.len() >= LINES_KEPT {
            kept.clear();
        }
        kept.insert(position, Rc::clone(&lines));
        lines
    }

    fn prices(&self) -> &[PriceEntry] {
        self.prices.get_or_init(|| self.twin.pricing.entries().collect())
    }

    fn agreed_items(&self) -> &[AgreedItem] {
        self.agreed_items.get_or_init(|| self.twin.pricing.agreed_items().collect())
    }

    fn agreed_groups(&self) -> &[AgreedGroup] {
        self.agreed_groups.get_or_init(|| self.twin.pricing.agreed_groups().collect())
    }

    fn stock(&self) -> &[StockView<'a>] {
        self.stock.get_or_init(|| self.twin.stock().collect())
    }

    fn kit_members(&self) -> &[KitPart] {
        self.kit_members.get_or_init(|| {
            let chart = &self.twin.chart;
            let mut parts = Vec::new();
            for kit in 0..chart.items_count() {
                let members = self.twin.kit_members(chart.item_external_id(kit));
                for (line, member) in (1..).zip(members.into_iter().flatten()) {
                    let Some(item) = chart.item_position(member.sku) else { continue };
                    parts.push(KitPart { kit, member: item, quantity: member.quantity, line });
                }
            }
            parts
        })
    }
}

fn id(id: InternalId) -> Value {
    Value::number(id.get())
}

fn date(date: BookDate) -> Value {
    Value::Moment(i64::from(date.epoch_days()) * 86_400)
}

fn amount(minor: i64, currency: Currency) -> Value {
    Value::Number(JsonDecimal::of_money(Money::new(minor, currency)).to_decimal())
}

fn maybe_amount(minor: Option<i64>, currency: Currency) -> Value {
    minor.map_or(Value::Null, |minor| amount(minor, currency))
}

/// Currencies are numbered in the order of their codes.
pub(in crate::mocks::netsuite::http) fn currency_id(currency: Currency) -> u64 {
    let at = Currency::all().position(|known| known == currency);
    at.map_or(0, |at| at as u64 + 1)
}

/// A number of records from 0 on.
fn numbered(count: usize) -> Vec<Handle> {
    (0..u32::try_from(count).unwrap_or(u32::MAX)).map(|at| (at, 0)).collect()
}

/// The position that an internal id stands for, by what takes ids apart.
fn whole(value: &Value) -> Option<u64> {
    let number = value.to_number().ok().flatten()?;
    u64::try_from(number).ok().filter(|whole| rust_decimal::Decimal::from(*whole) == number)
}

fn transaction_at(data: &Data<'_>, value: &Value) -> Option<u32> {
    let number = whole(value)?;
    if number >= 1 && number <= data.twin.payments.keyed().len() as u64 {
        return u32::try_from(number - 1).ok().map(|at| PAYMENTS + at);
    }
    let at = Transaction::position(InternalId::new(number))?;
    let document = data.twin.document_at(at)?;
    (!document.is_deleted()).then(|| u32::try_from(at).ok()).flatten()
}

fn customer_at(data: &Data<'_>, value: &Value) -> Option<u32> {
    let at = Customer::position(InternalId::new(whole(value)?))?;
    data.twin.customers.get(at as usize).filter(|customer| !customer.is_deleted).map(|_| at)
}
