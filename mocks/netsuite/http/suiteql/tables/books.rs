//! What an account is set up with: subsidiaries, locations, accounts, currencies, periods and tax codes.
//!
//! Source: netsuite.md §11.5, §17. Names are made of the kind and the internal id, as the twin keeps none.

use super::{Column, Data, Handle, Table, column, currency_id, date, id, numbered, reference};
use crate::domain::{BookDate, Currency};
use crate::mocks::netsuite::chart::AccountKind;
use crate::mocks::netsuite::http::suiteql::value::Value;
use crate::mocks::netsuite::{Account, Subsidiary};

pub(super) static TABLES: &[Table] = &[
    Table { name: "subsidiary", columns: SUBSIDIARY, records: subsidiaries, keys: &[] },
    Table { name: "location", columns: LOCATION, records: subsidiaries, keys: &[] },
    Table {
        name: "account",
        columns: ACCOUNT,
        records: |data| numbered(data.twin.chart.accounts().len()),
        keys: &[],
    },
    Table { name: "currency", columns: CURRENCY, records: |_| numbered(Currency::all().count()), keys: &[] },
    Table { name: "accountingperiod", columns: PERIOD, records: periods, keys: &[] },
];

fn subsidiaries(data: &Data<'_>) -> Vec<Handle> {
    numbered(data.twin.chart.subsidiaries().len())
}

fn subsidiary<'a>(data: &Data<'a>, handle: Handle) -> &'a Subsidiary {
    &data.twin.chart.subsidiaries()[handle.0 as usize]
}

const SUBSIDIARY: &[Column] = &[
    column("id", |data, handle| id(subsidiary(data, handle).id)),
    column("name", |data, handle| Value::text(format!("Subsidiary {}", subsidiary(data, handle).id))),
    column("fullname", |data, handle| Value::text(format!("Subsidiary {}", subsidiary(data, handle).id))),
    reference(
        "currency",
        |data, handle| Value::number(currency_id(subsidiary(data, handle).currency)),
        |data, handle| Value::text(subsidiary(data, handle).currency.code()),
    ),
    column("iselimination", |_, _| Value::truth(false)),
    column("isinactive", |_, _| Value::truth(false)),
];

const LOCATION: &[Column] = &[
    column("id", |data, handle| id(subsidiary(data, handle).location)),
    column("name", |data, handle| Value::text(format!("Location {}", subsidiary(data, handle).location))),
    column("fullname", |data, handle| Value::text(format!("Location {}", subsidiary(data, handle).location))),
    column("subsidiary", |data, handle| id(subsidiary(data, handle).id)),
    column("makeinventoryavailable", |_, _| Value::truth(true)),
    column("isinactive", |_, _| Value::truth(false)),
];

fn account<'a>(data: &Data<'a>, handle: Handle) -> &'a Account {
    &data.twin.chart.accounts()[handle.0 as usize]
}

const ACCOUNT: &[Column] = &[
    column("id", |data, handle| id(account(data, handle).id)),
    column("acctnumber", |data, handle| Value::text(account(data, handle).id.to_string())),
    column("accttype", |data, handle| {
        Value::text(match account(data, handle).kind {
            AccountKind::Bank => "Bank",
            AccountKind::OtherCurrentAsset => "OthCurrAsset",
            AccountKind::OtherCurrentLiability => "OthCurrLiab",
            AccountKind::Receivable => "AcctRec",
            AccountKind::Income => "Income",
            AccountKind::CostOfGoodsSold => "COGS",
            AccountKind::Expense => "Expense",
        })
    }),
    column("accountsearchdisplayname", |data, handle| {
        Value::text(format!("Account {}", account(data, handle).id))
    }),
    column("fullname", |data, handle| Value::text(format!("Account {}", account(data, handle).id))),
    column("subsidiary", |data, handle| id(account(data, handle).subsidiary)),
    reference(
        "currency",
        |data, handle| Value::number(currency_id(account(data, handle).currency)),
        |data, handle| Value::text(account(data, handle).currency.code()),
    ),
    column("isinactive", |_, _| Value::truth(false)),
];

fn currency(handle: Handle) -> Option<Currency> {
    Currency::all().nth(handle.0 as usize)
}

const CURRENCY: &[Column] = &[
    column("id", |_, handle| Value::number(handle.0 + 1)),
    column("symbol", |_, handle| Value::maybe_text(currency(handle).map(Currency::code))),
    column("name", |_, handle| Value::maybe_text(currency(handle).map(Currency::code))),
    column("currencyprecision", |_, handle| {
        Value::maybe_number(currency(handle).map(Currency::minor_digits))
    }),
    column("isinactive", |_, _| Value::truth(false)),
];

/// Periods are months, numbered from January 2000 on.
pub(super) fn period_id(day: BookDate) -> i64 {
    let (year, month, _) = day.year_month_day();
    (i64::from(year) - 2_000) * 12 + i64::from(month)
}

const YEARS_BEFORE: u32 = 3;

/// Months from three years before this one to a year after it.
fn periods(data: &Data<'_>) -> Vec<Handle> {
    let this = period_id(data.twin.settings.zone.book_date(data.now));
    let this = u32::try_from(this.max(0)).unwrap_or(0);
    (this.saturating_sub(YEARS_BEFORE * 12).max(1)..=this + 12).map(|number| (number, 0)).collect()
}

fn first_day(handle: Handle) -> Option<BookDate> {
    let (year, month) = (2_000 + (handle.0 - 1) / 12, (handle.0 - 1) % 12 + 1);
    format!("{year:04}-{month:02}-01").parse().ok()
}

const PERIOD: &[Column] = &[
    column("id", |_, handle| Value::number(handle.0)),
    column("periodname", |_, handle| {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = MONTHS[(handle.0 as usize - 1) % 12];
        Value::text(format!("{month} {}", 2_000 + (handle.0 - 1) / 12))
    }),
    column("startdate", |_, handle| first_day(handle).map_or(Value::Null, date)),
    column("enddate", |_, handle| first_day(handle).map_or(Value::Null, |day| date(day.last_of_month(0)))),
    column("closed", |data, handle| {
        Value::truth(first_day(handle).is_some_and(|day| data.twin.chart.is_period_closed(day)))
    }),
    column("alllocked", |data, handle| {
        Value::truth(first_day(handle).is_some_and(|day| data.twin.chart.is_period_locked(day)))
    }),
    column("isadjust", |_, _| Value::truth(false)),
    column("isposting", |_, _| Value::truth(true)),
    column("isquarter", |_, _| Value::truth(false)),
    column("isyear", |_, _| Value::truth(false)),
];
