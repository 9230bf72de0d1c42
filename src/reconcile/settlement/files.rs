//! Both sides as CSV files: Shopify's balance transactions, and NetSuite's records of a clearing account.
//!
//! Lives here: which column says what, and what is wrong with a file, by line and column. Not here: how text is cut
//! into records ([`separated`]) and values ([`value`]).
//!
//! Source: shopify.md §m.1, §m.2 (names of the REST resource and of the admin's export; GraphQL's types are read too).

pub mod separated;
pub mod value;

use std::io::{self, Read};
use std::num::NonZeroU64;

use super::{Kind, Line};
use crate::domain::payout::BalanceKind;
use crate::domain::{Currency, InternalId};
use separated::{Broken, Record, Separated};
use value::{Currencies, Dates, Decimal, Wrong};

/// A side read from a file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Side {
    pub lines: Vec<Line>,
    /// The balance transaction or internal id of each line; 0 where the file has none.
    pub ids: Vec<u64>,
    /// Payouts' own transfers and test rows: no part of what is matched.
    pub left_out: u64,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("{0}")]
    Input(#[from] io::Error),
    #[error("line {line}: a quote is never closed; close it, or write two quotes for one within a text")]
    OpenQuote { line: u64 },
    #[error("line 1: there is no column `{column}`; {remedy}")]
    NoColumn { column: &'static str, remedy: &'static str },
    #[error(
        "line {line}: it has {fields} fields where the header has {columns}; put quotes around a text that holds a \
         comma, and export the file again if it was cut short"
    )]
    Fields { line: u64, fields: usize, columns: usize },
    #[error("line {line}, column {column} (`{name}`): it says `{says}`, which {wrong}; {remedy}")]
    Value { line: u64, column: usize, name: String, says: String, wrong: Wrong, remedy: &'static str },
}

/// Where rows of the processor should stand in the books: the clearing account of each currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clearing {
    pub of_currency: Vec<(Currency, InternalId)>,
    pub of_others: Option<InternalId>,
}

impl Clearing {
    fn of(&self, currency: Currency) -> Option<NonZeroU64> {
        let known = self.of_currency.iter().find(|(of, _)| *of == currency).map(|(_, account)| *account);
        known.or(self.of_others).and_then(|account| NonZeroU64::new(account.get()))
    }
}

/// Reads Shopify's balance transactions. `size` of the file in bytes, to claim memory once.
///
/// # Errors
/// The first thing in the file that is wrong.
pub fn balance_transactions(input: impl Read, size: u64, clearing: &Clearing) -> Result<Side, Unusable> {
    let mut file = File::open(input)?;
    let remedy = "export the balance transactions with `type`, `currency`, `amount`, `fee` and their date";
    let kind = file.needed(&["type", "transaction_type"], remedy)?;
    let currency = file.needed(&["currency"], remedy)?;
    let amount = file.needed(&["amount"], remedy)?;
    let date = file.needed(&["processed_at", "transaction_date"], remedy)?;
    let fee = file.optional(&["fee"]);
    let net = file.optional(&["net"]);
    let id = file.optional(&["id"]);
    let transaction = file.optional(&["source_order_transaction_id"]);
    let order = file.optional(&["source_order_id", "associated_order_id", "order"]);
    let account = file.optional(&["account"]);
    let origin = file.optional(&["presentment_amount"]);
    let origin_currency = file.optional(&["presentment_currency"]);
    let is_test = file.optional(&["test"]);
    let (mut dates, mut currencies, mut kinds) =
        (Dates::default(), Currencies::default(), RowKinds::default());
    file.read(size, |row, side| {
        let kind = kinds.read(row.text(kind));
        if kind.is_none() || matches!(row.text(is_test), b"true" | b"TRUE") {
            side.left_out += 1;
            return Ok(());
        }
        let kind = kind.expect("checked above");
        let in_currency = row.required(currency, |text| currencies.read(text))?;
        let id = row.value(id, value::number)?;
        let identity = match kind {
            Kind::Charge | Kind::Refund => row.value(transaction, value::number)?,
            _ => id,
        };
        let seen_in = row.value(origin_currency, |text| currencies.read(text))?;
        let minor = row.minor(amount, in_currency)?;
        let line = Line {
            identity,
            order: row.value(order, value::number)?,
            account: row.value(account, value::number)?.or_else(|| clearing.of(in_currency)),
            amount: minor,
            fee: row.minor(fee, in_currency)?,
            origin: seen_in.map_or(Ok(0), |seen_in| row.minor(origin, seen_in))?,
            booked: minor,
            date: row.value(date, |text| dates.read(text))?,
            shop: 0,
            origin_currency: seen_in,
            currency: in_currency,
            kind,
        };
        if !row.text(net).is_empty() && row.minor(net, in_currency)? != line.amount - line.fee {
            return Err(row.wrong(
                net,
                "is not the amount less the fee",
                "export the rows again: one of the three is not the processor's",
            ));
        }
        side.lines.push(line);
        side.ids.push(id.map_or(0, NonZeroU64::get));
        Ok(())
    })
}

/// Reads NetSuite's records of clearing accounts: a saved search with debits positive.
///
/// # Errors
/// The first thing in the file that is wrong.
pub fn clearing_records(input: impl Read, size: u64) -> Result<Side, Unusable> {
    let mut file = File::open(input)?;
    let remedy = "export the records with `type`, `currency`, `amount` (debits above zero) and `date`";
    let kind = file.needed(&["type", "record_type"], remedy)?;
    let currency = file.needed(&["currency"], remedy)?;
    let amount = file.needed(&["amount"], remedy)?;
    let date = file.needed(&["date", "trandate", "tran_date"], remedy)?;
    let id = file.optional(&["internal_id", "internalid", "id"]);
    let external_id = file.optional(&["external_id", "externalid"]);
    let transaction = file.optional(&["transaction_id", "source_order_transaction_id"]);
    let order = file.optional(&["order_id", "source_order_id", "order"]);
    let account = file.optional(&["account", "account_id"]);
    let booked = file.optional(&["booked_amount"]);
    let origin = file.optional(&["presentment_amount"]);
    let origin_currency = file.optional(&["presentment_currency"]);
    let (mut dates, mut currencies, mut kinds) =
        (Dates::default(), Currencies::default(), RecordKinds::default());
    file.read(size, |row, side| {
        let kind = row.value(kind, |text| kinds.read(text))?;
        let in_currency = row.required(currency, |text| currencies.read(text))?;
        let identity = match row.value(transaction, value::number)? {
            None => of_external_id(row.text(external_id)),
            stated => stated,
        };
        let seen_in = row.value(origin_currency, |text| currencies.read(text))?;
        let minor = row.minor(amount, in_currency)?;
        side.lines.push(Line {
            identity,
            order: row.value(order, value::number)?,
            account: row.value(account, value::number)?,
            amount: minor,
            fee: 0,
            origin: seen_in.map_or(Ok(0), |seen_in| row.minor(origin, seen_in))?,
            booked: if row.text(booked).is_empty() { minor } else { row.minor(booked, in_currency)? },
            date: row.value(date, |text| dates.read(text))?,
            shop: 0,
            origin_currency: seen_in,
            currency: in_currency,
            kind,
        });
        side.ids.push(row.value(id, value::number)?.map_or(0, NonZeroU64::get));
        Ok(())
    })
}

/// `us-deposit-6900001179648` and `us-refund-…` name the order transaction; no other key does (postings.md N8).
fn of_external_id(text: &[u8]) -> Option<NonZeroU64> {
    let at = text.iter().rposition(|byte| *byte == b'-')?;
    let (before, number) = (&text[..at], &text[at + 1..]);
    if !(before.ends_with(b"-deposit") || before.ends_with(b"-refund")) {
        return None;
    }
    value::number(number).ok().flatten()
}

/// Types of the processor's rows. `None`: a payout's own transfer.
#[derive(Default)]
struct RowKinds {
    last: (Vec<u8>, Option<Kind>),
}

impl RowKinds {
    fn read(&mut self, text: &[u8]) -> Option<Kind> {
        if self.last.0 != text || text.is_empty() {
            self.last = (text.to_vec(), RowKinds::kind(text));
        }
        self.last.1
    }

    fn kind(text: &[u8]) -> Option<Kind> {
        let name = String::from_utf8_lossy(text).trim().to_ascii_uppercase().replace([' ', '-'], "_");
        // REST and the export group what GraphQL tells apart (shopify.md §m.2, §m.3).
        match name.as_str() {
            "PAYOUT" | "TRANSFER" => None,
            "DISPUTE" | "CHARGEBACK" | "CHARGEBACK_WON" => Some(Kind::Dispute),
            "RESERVE" => Some(Kind::Reserve),
            _ => Some(Kind::of(&BalanceKind::from_name(&name))),
        }
    }
}

/// Types of NetSuite's records, by their REST names, their SuiteQL codes, or the kind itself.
#[derive(Default)]
struct RecordKinds {
    last: Option<(Vec<u8>, Kind)>,
}

impl RecordKinds {
    fn read(&mut self, text: &[u8]) -> Result<Kind, Wrong> {
        if let Some((known, kind)) = &self.last
            && known == text
        {
            return Ok(*kind);
        }
        let name = String::from_utf8_lossy(text).trim().to_ascii_lowercase().replace([' ', '_'], "");
        let kind = match name.as_str() {
            "customerdeposit" | "custdep" | "customerpayment" | "custpymt" | "cashsale" | "cashsl" => {
                Kind::Charge
            }
            "customerrefund" | "custrfnd" | "cashrefund" | "cashrfnd" => Kind::Refund,
            name => *Kind::ALL.iter().find(|kind| kind.name() == name).ok_or(
                "is no type of a clearing record, such as `customerDeposit`, `customerRefund` or `dispute`",
            )?,
        };
        self.last = Some((text.to_vec(), kind));
        Ok(kind)
    }
}

/// A column of a file; `None` where the file lacks it.
type Column = Option<usize>;

struct File<R> {
    records: Separated<R>,
    names: Vec<String>,
}

impl<R: Read> File<R> {
    /// Reads the header.
    fn open(input: R) -> Result<File<R>, Unusable> {
        let mut records = Separated::new(input);
        let header = records.next_record().map_err(unusable)?;
        let names = header.map_or(Vec::new(), |header| {
            let name =
                |at| String::from_utf8_lossy(header.field(at)).trim().to_ascii_lowercase().replace(' ', "_");
            (0..header.fields()).map(name).collect()
        });
        Ok(File { records, names })
    }

    fn optional(&self, names: &[&str]) -> Column {
        names.iter().find_map(|name| self.names.iter().position(|known| known == name))
    }

    fn needed(&self, names: &[&'static str], remedy: &'static str) -> Result<Column, Unusable> {
        match self.optional(names) {
            None => Err(Unusable::NoColumn { column: names[0], remedy }),
            found => Ok(found),
        }
    }

    fn read(
        &mut self,
        size: u64,
        mut each: impl FnMut(&Row<'_>, &mut Side) -> Result<(), Unusable>,
    ) -> Result<Side, Unusable> {
        let mut side = Side::default();
        let mut bytes = 0;
        while let Some(record) = self.records.next_record().map_err(unusable)? {
            let (fields, columns) = (record.fields(), self.names.len());
            if fields != columns {
                return Err(Unusable::Fields { line: record.line, fields, columns });
            }
            // Claimed once, from the length of the first lines: growing by halves would hold a side twice.
            if side.lines.len() < 64 {
                bytes += record.bytes() as u64;
            } else if side.lines.len() == 64 && side.lines.capacity() < 128 {
                let lines = usize::try_from(size * 65 / bytes.max(1)).unwrap_or(0);
                side.lines.reserve_exact(lines);
                side.ids.reserve_exact(lines);
            }
            each(&Row { record, names: &self.names }, &mut side)?;
        }
        Ok(side)
    }
}

fn unusable(broken: Broken) -> Unusable {
    match broken {
        Broken::Input(error) => Unusable::Input(error),
        Broken::OpenQuote(line) => Unusable::OpenQuote { line },
    }
}

struct Row<'a> {
    record: Record<'a>,
    names: &'a [String],
}

impl<'a> Row<'a> {
    fn text(&self, column: Column) -> &'a [u8] {
        column.map_or(&[], |at| self.record.field(at))
    }

    fn value<T>(&self, column: Column, read: impl FnOnce(&[u8]) -> Result<T, Wrong>) -> Result<T, Unusable> {
        read(self.text(column)).map_err(|wrong| self.wrong(column, wrong, REWRITE))
    }

    fn required<T>(
        &self,
        column: Column,
        read: impl FnOnce(&[u8]) -> Result<Option<T>, Wrong>,
    ) -> Result<T, Unusable> {
        self.value(column, read)?.ok_or_else(|| self.wrong(column, "is empty", "each line needs one"))
    }

    fn minor(&self, column: Column, currency: Currency) -> Result<i64, Unusable> {
        self.value(column, |text| value::decimal(text).and_then(|read: Decimal| read.minor(currency)))
    }

    #[cold]
    fn wrong(&self, column: Column, wrong: Wrong, remedy: &'static str) -> Unusable {
        let at = column.unwrap_or(0);
        Unusable::Value {
            line: self.record.line,
            column: at + 1,
            name: self.names[at].clone(),
            says: String::from_utf8_lossy(self.text(column)).into_owned(),
            wrong,
            remedy,
        }
    }
}

const REWRITE: &str = "correct it, or export the file again";

#[cfg(test)]
mod tests;
