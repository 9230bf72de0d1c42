//! The queries that the client asks, as types: rendered to SuiteQL in one place, and read back by the twin.
//!
//! Only [`literal`] puts a value into a statement, and identifiers are fixed text, so no e-mail or external id
//! can change what a query asks. Rows come back as strings with lower-case keys, nulls absent.
//!
//! Source: netsuite.md §11.1 (protocol), §11.2 (dialect), §11.5 (tables and columns).

use serde::{Deserialize, Serialize};

use crate::domain::{BookDate, Currency, InternalId};
use crate::platforms::netsuite::wire::{JsonDecimal, id_text};

mod stock;

pub use stock::{KitRow, StockQuery, StockRow};

/// How many customers one query names at the most.
pub const CUSTOMERS_MAX: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Customers with this external id, or whose e-mail has this part before the `@` (compared in lower case).
    CustomersLike { external_id: Box<str>, local_part: Option<Box<str>> },
    /// The customer deposits that name a sales order, with the account of their main line.
    DepositsOf { sales_order: InternalId },
    /// Stock at a location, item by item after an id: of items whose availability changed at or after an instant.
    Stock(StockQuery),
    /// Every kit with its members.
    Kits,
}

const CUSTOMERS: &str = "SELECT c.id, c.externalid, \
    CASE WHEN c.isperson = 'T' THEN c.firstname || ' ' || c.lastname ELSE c.companyname END AS name, c.email, \
    r.subsidiary, BUILTIN.DF(c.terms) AS terms, BUILTIN.DF(c.pricelevel) AS pricelevel, c.isinactive \
    FROM customer c LEFT JOIN customersubsidiaryrelationship r ON r.entity = c.id AND r.isprimarysub = 'T' \
    WHERE c.externalid = ";
const OR_EMAIL_LIKE: &str = " OR LOWER(c.email) LIKE ";
const ESCAPED: &str = " ESCAPE '\\'";
const FIRST_CUSTOMERS: &str = " ORDER BY c.id FETCH FIRST 50 ROWS ONLY";
// That a deposit's main line names its sales order in `createdfrom` is an assumption, to be checked on a real
// account before go-live.
const DEPOSITS: &str = "SELECT t.id, t.externalid, t.foreigntotal, u.symbol AS currency, \
    TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, a.account \
    FROM transaction t JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T' \
    JOIN transactionaccountingline a ON a.transaction = t.id AND a.transactionline = l.id AND a.posting = 'T' \
    JOIN currency u ON u.id = t.currency \
    WHERE t.type = 'CustDep' AND l.createdfrom = ";
const BY_ID: &str = " ORDER BY t.id";

impl Query {
    pub fn render(&self) -> String {
        match self {
            Query::CustomersLike { external_id, local_part } => {
                let mut text = String::with_capacity(CUSTOMERS.len() + 160);
                text.push_str(CUSTOMERS);
                literal(external_id, &mut text);
                if let Some(local_part) = local_part {
                    text.push_str(OR_EMAIL_LIKE);
                    literal(&beginning_with(local_part), &mut text);
                    text.push_str(ESCAPED);
                }
                text.push_str(FIRST_CUSTOMERS);
                text
            }
            Query::DepositsOf { sales_order } => format!("{DEPOSITS}{sales_order}{BY_ID}"),
            Query::Stock(query) => query.render(),
            Query::Kits => stock::KITS.to_owned(),
        }
    }

    /// Reads a statement that [`Query::render`] wrote; `None` for any other.
    pub fn parse(text: &str) -> Option<Query> {
        if let Some(rest) = text.strip_prefix(DEPOSITS) {
            let number = rest.strip_suffix(BY_ID)?.parse().ok()?;
            return Some(Query::DepositsOf { sales_order: InternalId::new(number) });
        }
        if text == stock::KITS {
            return Some(Query::Kits);
        }
        if let Some(query) = StockQuery::parse(text) {
            return Some(Query::Stock(query));
        }
        let (external_id, rest) = read_literal(text.strip_prefix(CUSTOMERS)?)?;
        let (local_part, rest) = match rest.strip_prefix(OR_EMAIL_LIKE) {
            Some(rest) => {
                let (pattern, rest) = read_literal(rest)?;
                (Some(what_begins(&pattern)?.into()), rest.strip_prefix(ESCAPED)?)
            }
            None => (None, rest),
        };
        (rest == FIRST_CUSTOMERS)
            .then(|| Query::CustomersLike { external_id: external_id.into(), local_part })
    }
}

/// The one place where a value enters a statement: in quotes, each quote inside doubled.
fn literal(value: &str, out: &mut String) {
    out.push('\'');
    for character in value.chars() {
        if character == '\'' {
            out.push('\'');
        }
        out.push(character);
    }
    out.push('\'');
}

/// Reads a literal off the front: its value, and what follows it.
fn read_literal(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(after) => {
                value.push('\'');
                rest = after;
            }
            None => return Some((value, after)),
        }
    }
}

/// The `LIKE` pattern of e-mails with that part before the `@`; its own wildcards are escaped.
fn beginning_with(local_part: &str) -> String {
    let mut pattern = String::with_capacity(local_part.len() + 2);
    for character in local_part.chars() {
        if matches!(character, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push_str("@%");
    pattern
}

fn what_begins(pattern: &str) -> Option<String> {
    let mut local_part = String::new();
    let mut characters = pattern.strip_suffix("@%")?.chars();
    while let Some(character) = characters.next() {
        local_part.push(if character == '\\' { characters.next()? } else { character });
    }
    Some(local_part)
}

/// What a query found, by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    Customers(Vec<CustomerRow>),
    Deposits(Vec<DepositRow>),
    Stock(Vec<StockRow>),
    Kits(Vec<KitRow>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub externalid: Option<Box<str>>,
    #[serde(default)]
    pub name: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_id_text")]
    pub subsidiary: Option<InternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricelevel: Option<Box<str>>,
    #[serde(with = "truth")]
    pub isinactive: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub externalid: Option<Box<str>>,
    #[serde(with = "number_text")]
    pub foreigntotal: JsonDecimal,
    pub currency: Currency,
    #[serde(with = "crate::platforms::netsuite::wire::date")]
    pub trandate: Option<BookDate>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_id_text")]
    pub account: Option<InternalId>,
}

/// One page of rows as it arrives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub count: u64,
    pub has_more: bool,
    pub offset: u64,
    pub total_results: u64,
    pub items: Vec<T>,
}

/// The body of a query: `{"q":"SELECT …"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryBody {
    pub q: String,
}

/// Booleans are `"T"` and `"F"`.
mod truth {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    pub fn serialize<S: Serializer>(value: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if *value { "T" } else { "F" })
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        match <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.as_ref() {
            "T" => Ok(true),
            "F" => Ok(false),
            other => Err(serde::de::Error::custom(format!("`{other}` is neither T nor F"))),
        }
    }
}

mod number_text {
    use super::JsonDecimal;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &JsonDecimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<JsonDecimal, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

mod optional_id_text {
    use super::InternalId;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(id: &Option<InternalId>, serializer: S) -> Result<S::Ok, S::Error> {
        match id {
            Some(id) => serializer.collect_str(id),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<InternalId>, D::Error> {
        Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?
            .map(|text| text.parse().map(InternalId::new).map_err(serde::de::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests;
