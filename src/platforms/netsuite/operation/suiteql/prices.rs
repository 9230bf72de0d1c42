//! Queries about agreed prices, as types: what was changed, what a buyer is owed, what items cost by level.
//!
//! Source: netsuite.md §11.5 (tables; the columns of `customeritempricing` and `customergrouppricing` and
//! `item.pricinggroup` are unverified there), §11.3 (time), §11.6 (keyset paging).

use std::fmt::Write;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{literal, literals, page_of, read_literal};
use crate::domain::{Currency, InternalId};
use crate::platforms::netsuite::wire::{JsonDecimal, LocalTime, id_text};

/// Rows of one page. Source: netsuite.md §11.1.
pub const ROWS_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceQuery {
    ItemsChanged {
        since: LocalTime,
    },
    CustomersChanged {
        since: LocalTime,
    },
    /// At most [`ROWS_MAX`].
    Buyers {
        keys: Vec<Box<str>>,
    },
    AgreedItems {
        customers: Vec<InternalId>,
        currency: Currency,
    },
    AgreedGroups {
        customers: Vec<InternalId>,
    },
    /// Prices of items with a higher internal id than `after`, in the order of items.
    ItemPrices {
        currency: Currency,
        levels: Vec<InternalId>,
        after: InternalId,
    },
    /// Customers of payments.
    PaymentsChanged {
        since: LocalTime,
    },
    /// Open and billed sales orders of a customer.
    OpenOrders {
        customer: InternalId,
        currency: Currency,
    },
    /// What is billed to a customer and not paid.
    Receivables {
        customer: InternalId,
        currency: Currency,
    },
}

const ITEMS_CHANGED: &str = "SELECT id, externalid, TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS \
    changed FROM item WHERE lastmodifieddate >= TO_TIMESTAMP(";
const CUSTOMERS_CHANGED: &str = "SELECT id, externalid, TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS \
    changed FROM customer WHERE lastmodifieddate >= TO_TIMESTAMP(";
const PAYMENTS_CHANGED: &str = "SELECT t.id, c.externalid, TO_CHAR(t.lastmodifieddate, \
    'YYYY-MM-DD HH24:MI:SS') AS changed FROM transaction t JOIN customer c ON c.id = t.entity \
    WHERE t.type = 'CustPymt' AND t.lastmodifieddate >= TO_TIMESTAMP(";
const OPEN_ORDERS: &str = "SELECT t.id, t.externalid, t.status, t.foreigntotal, \
    (SELECT SUM(k.foreignamount) FROM nexttransactionlinelink k WHERE k.nexttype = 'CustPymt' AND k.previousdoc IN \
    (SELECT f.nextdoc FROM nexttransactionlinelink f WHERE f.previousdoc = t.id AND f.nexttype = 'CustInvc')) AS paid, \
    (SELECT SUM(d.foreigntotal) FROM transaction d JOIN transactionline l ON l.transaction = d.id \
    AND l.mainline = 'T' WHERE d.type = 'CustDep' AND l.createdfrom = t.id) AS deposited \
    FROM transaction t JOIN currency u ON u.id = t.currency WHERE t.type = 'SalesOrd' \
    AND t.status IN ('A', 'B', 'D', 'E', 'F', 'G') AND u.symbol = ";
const RECEIVABLES: &str = "SELECT SUM(t.foreignamountunpaid) AS unpaid FROM transaction t \
    JOIN currency u ON u.id = t.currency WHERE t.type = 'CustInvc' AND u.symbol = ";
const AND_ENTITY: &str = " AND t.entity = ";
const BY_TRANSACTION: &str = " ORDER BY t.id";
const TIME_FORM: &str = ", 'YYYY-MM-DD HH24:MI:SS') ORDER BY lastmodifieddate, id";
// Both tables have these columns.
const PAYMENT_TIME_FORM: &str = ", 'YYYY-MM-DD HH24:MI:SS') ORDER BY t.lastmodifieddate, t.id";
const BUYERS: &str = "SELECT c.id, c.externalid, c.pricelevel, BUILTIN.DF(c.terms) AS terms, c.creditlimit \
    FROM customer c WHERE c.isinactive = 'F' AND c.externalid IN (";
const AGREED_ITEMS: &str = "SELECT p.customer, i.externalid AS item, p.level, p.price \
    FROM customeritempricing p JOIN item i ON i.id = p.item JOIN currency u ON u.id = p.currency \
    WHERE u.symbol = ";
const AND_CUSTOMER: &str = " AND p.customer IN (";
const AGREED_GROUPS: &str =
    "SELECT p.customer, p.pricinggroup, p.level FROM customergrouppricing p WHERE p.customer IN (";
const ITEM_PRICES: &str = "SELECT i.id, i.externalid AS item, i.pricinggroup, p.pricelevel, p.quantity, \
    p.unitprice FROM pricing p JOIN item i ON i.id = p.item JOIN currency u ON u.id = p.currency \
    WHERE i.isinactive = 'F' AND u.symbol = ";
const AND_LEVEL: &str = " AND p.pricelevel IN (";
const AND_AFTER: &str = ") AND i.id > ";
const ITEMS_IN_ORDER: &str = " ORDER BY i.id, p.pricelevel, p.quantity FETCH FIRST 1000 ROWS ONLY";
const BY_ID: &str = ") ORDER BY c.id";
const BY_CUSTOMER: &str = ") ORDER BY p.customer";

impl PriceQuery {
    pub fn render(&self) -> String {
        let mut text = String::with_capacity(400);
        match self {
            PriceQuery::ItemsChanged { since } => {
                text.push_str(ITEMS_CHANGED);
                literal(&since.to_string(), &mut text);
                text.push_str(TIME_FORM);
            }
            PriceQuery::CustomersChanged { since } => {
                text.push_str(CUSTOMERS_CHANGED);
                literal(&since.to_string(), &mut text);
                text.push_str(TIME_FORM);
            }
            PriceQuery::PaymentsChanged { since } => {
                text.push_str(PAYMENTS_CHANGED);
                literal(&since.to_string(), &mut text);
                text.push_str(PAYMENT_TIME_FORM);
            }
            PriceQuery::OpenOrders { customer, currency } => {
                text.push_str(OPEN_ORDERS);
                literal(currency.code(), &mut text);
                write!(text, "{AND_ENTITY}{customer}{BY_TRANSACTION}").expect("a String takes any text");
            }
            PriceQuery::Receivables { customer, currency } => {
                text.push_str(RECEIVABLES);
                literal(currency.code(), &mut text);
                write!(text, "{AND_ENTITY}{customer}").expect("a String takes any text");
            }
            PriceQuery::Buyers { keys } => {
                text.push_str(BUYERS);
                literals(keys, &mut text);
                text.push_str(BY_ID);
            }
            PriceQuery::AgreedItems { customers, currency } => {
                text.push_str(AGREED_ITEMS);
                literal(currency.code(), &mut text);
                text.push_str(AND_CUSTOMER);
                list(customers, &mut text);
                text.push_str(BY_CUSTOMER);
            }
            PriceQuery::AgreedGroups { customers } => {
                text.push_str(AGREED_GROUPS);
                list(customers, &mut text);
                text.push_str(BY_CUSTOMER);
            }
            PriceQuery::ItemPrices { currency, levels, after } => {
                text.push_str(ITEM_PRICES);
                literal(currency.code(), &mut text);
                text.push_str(AND_LEVEL);
                list(levels, &mut text);
                text.push_str(AND_AFTER);
                write!(text, "{after}").expect("a String takes any text");
                text.push_str(ITEMS_IN_ORDER);
            }
        }
        text
    }

    /// Reads a statement that [`PriceQuery::render`] wrote.
    pub fn parse(text: &str) -> Option<PriceQuery> {
        let time = |rest: &str, form: &str| {
            let (since, rest) = read_literal(rest)?;
            (rest == form).then(|| since.parse().ok()).flatten()
        };
        if let Some(rest) = text.strip_prefix(ITEMS_CHANGED) {
            return Some(PriceQuery::ItemsChanged { since: time(rest, TIME_FORM)? });
        }
        if let Some(rest) = text.strip_prefix(CUSTOMERS_CHANGED) {
            return Some(PriceQuery::CustomersChanged { since: time(rest, TIME_FORM)? });
        }
        if let Some(rest) = text.strip_prefix(PAYMENTS_CHANGED) {
            return Some(PriceQuery::PaymentsChanged { since: time(rest, PAYMENT_TIME_FORM)? });
        }
        if let Some(rest) = text.strip_prefix(OPEN_ORDERS) {
            let (currency, rest) = read_literal(rest)?;
            let customer = rest.strip_prefix(AND_ENTITY)?.strip_suffix(BY_TRANSACTION)?;
            let customer = InternalId::new(customer.parse().ok()?);
            return Some(PriceQuery::OpenOrders { customer, currency: currency.parse().ok()? });
        }
        if let Some(rest) = text.strip_prefix(RECEIVABLES) {
            let (currency, rest) = read_literal(rest)?;
            let customer = InternalId::new(rest.strip_prefix(AND_ENTITY)?.parse().ok()?);
            return Some(PriceQuery::Receivables { customer, currency: currency.parse().ok()? });
        }
        if let Some(mut rest) = text.strip_prefix(BUYERS) {
            let mut keys = Vec::new();
            loop {
                let (key, after) = read_literal(rest)?;
                keys.push(key.into());
                match after.strip_prefix(", ") {
                    Some(after) => rest = after,
                    None => return (after == BY_ID).then_some(PriceQuery::Buyers { keys }),
                }
            }
        }
        if let Some(rest) = text.strip_prefix(AGREED_ITEMS) {
            let (currency, rest) = read_literal(rest)?;
            let customers = read_list(rest.strip_prefix(AND_CUSTOMER)?.strip_suffix(BY_CUSTOMER)?)?;
            return Some(PriceQuery::AgreedItems { customers, currency: currency.parse().ok()? });
        }
        if let Some(rest) = text.strip_prefix(AGREED_GROUPS) {
            return Some(PriceQuery::AgreedGroups { customers: read_list(rest.strip_suffix(BY_CUSTOMER)?)? });
        }
        let (currency, rest) = read_literal(text.strip_prefix(ITEM_PRICES)?)?;
        let (levels, after) =
            rest.strip_prefix(AND_LEVEL)?.strip_suffix(ITEMS_IN_ORDER)?.split_once(AND_AFTER)?;
        Some(PriceQuery::ItemPrices {
            currency: currency.parse().ok()?,
            levels: read_list(levels)?,
            after: InternalId::new(after.parse().ok()?),
        })
    }

    /// Reads the rows of an answer.
    ///
    /// # Errors
    /// A page without the documented shape, or more rows than one page where the query asks for one.
    pub fn read(&self, body: &str) -> Result<PriceRows, String> {
        fn rows<T: DeserializeOwned>(body: &str, wrap: fn(Vec<T>) -> PriceRows) -> Result<PriceRows, String> {
            page_of(body).map(wrap)
        }
        match self {
            PriceQuery::ItemsChanged { .. }
            | PriceQuery::CustomersChanged { .. }
            | PriceQuery::PaymentsChanged { .. } => rows(body, PriceRows::Changed),
            PriceQuery::OpenOrders { .. } => rows(body, PriceRows::OpenOrders),
            PriceQuery::Receivables { .. } => rows(body, PriceRows::Receivables),
            PriceQuery::Buyers { .. } => rows(body, PriceRows::Buyers),
            PriceQuery::AgreedItems { .. } => rows(body, PriceRows::AgreedItems),
            PriceQuery::AgreedGroups { .. } => rows(body, PriceRows::AgreedGroups),
            PriceQuery::ItemPrices { .. } => rows(body, PriceRows::ItemPrices),
        }
    }
}

/// Internal ids between commas; `0`, which no record has, where there are none (§11.6).
fn list(ids: &[InternalId], out: &mut String) {
    if ids.is_empty() {
        out.push('0');
    }
    for (at, id) in ids.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        write!(out, "{comma}{id}").expect("a String takes any text");
    }
}

fn read_list(text: &str) -> Option<Vec<InternalId>> {
    text.split(", ").map(|id| id.parse().map(InternalId::new).ok()).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceRows {
    Changed(Vec<ChangedRow>),
    Buyers(Vec<BuyerRow>),
    AgreedItems(Vec<AgreedItemRow>),
    AgreedGroups(Vec<AgreedGroupRow>),
    ItemPrices(Vec<ItemPriceRow>),
    OpenOrders(Vec<OpenOrderRow>),
    Receivables(Vec<ReceivablesRow>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub externalid: Option<Box<str>>,
    pub changed: LocalTime,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyerRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    pub externalid: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::optional_id_text")]
    pub pricelevel: Option<InternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::text::optional_number_text")]
    pub creditlimit: Option<JsonDecimal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreedItemRow {
    #[serde(with = "id_text")]
    pub customer: InternalId,
    pub item: Box<str>,
    /// Absent for a price of its own: levels are positive, and the UI's `Custom` is -1.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::optional_id_text")]
    pub level: Option<InternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::text::optional_number_text")]
    pub price: Option<JsonDecimal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreedGroupRow {
    #[serde(with = "id_text")]
    pub customer: InternalId,
    #[serde(with = "id_text")]
    pub pricinggroup: InternalId,
    #[serde(with = "id_text")]
    pub level: InternalId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemPriceRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    pub item: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::optional_id_text")]
    pub pricinggroup: Option<InternalId>,
    #[serde(with = "id_text")]
    pub pricelevel: InternalId,
    #[serde(with = "super::text::number_text")]
    pub quantity: JsonDecimal,
    #[serde(with = "super::text::number_text")]
    pub unitprice: JsonDecimal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenOrderRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub externalid: Option<Box<str>>,
    /// The letter. Source: netsuite.md §13.3.
    pub status: Box<str>,
    #[serde(with = "super::text::number_text")]
    pub foreigntotal: JsonDecimal,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::text::optional_number_text")]
    pub paid: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::text::optional_number_text")]
    pub deposited: Option<JsonDecimal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivablesRow {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::text::optional_number_text")]
    pub unpaid: Option<JsonDecimal>,
}
