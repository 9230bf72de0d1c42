//! The queries that the client asks, as types: rendered to SuiteQL in one place, and read back by the twin.
//!
//! Only [`literal`] puts a value into a statement, and identifiers are fixed text, so no e-mail or external id
//! can change what a query asks. Rows come back as strings with lower-case keys, nulls absent.
//!
//! Source: netsuite.md §11.1 (protocol), §11.2 (dialect), §11.5 (tables and columns).

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{InternalId, Timestamp};
use crate::platforms::netsuite::wire::id_text;
use prices::{PriceQuery, PriceRows};
use settlement::{SettlementQuery, SettlementRows};
use text::{optional_id_text, truth};

pub use text::read_literal;

pub mod documents;
pub mod prices;
pub mod settlement;
mod text;

pub use documents::{DocumentRow, FoundRow, MOVED_MAX, MovedRow, TransactionType};

mod stock;

pub use stock::{KitRow, StockQuery, StockRow};

mod items;

pub use items::{ItemQuery, ItemRow, SavedItemsQuery};

/// How many customers one query names at the most.
pub const CUSTOMERS_MAX: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Customers with this external id, or whose e-mail has this part before the `@` (compared in lower case).
    CustomersLike {
        external_id: Box<str>,
        local_part: Option<Box<str>>,
    },
    /// Every document of a sales order, with the lines of its fulfilments and invoices.
    DocumentsOf {
        sales_order: InternalId,
        external_id: Box<str>,
    },
    /// Sales orders that were saved again or of which something was shipped, or billed by hand, since then; from
    /// behind that second and order on.
    OrdersMoved {
        since: Timestamp,
        after: Option<(Timestamp, InternalId)>,
    },
    /// The document of a kind with that external id.
    Named {
        kind: TransactionType,
        external_id: Box<str>,
    },
    Prices(PriceQuery),
    /// Stock at a location, item by item after an id: of items whose availability changed at or after an instant.
    Stock(StockQuery),
    /// Every kit with its members.
    Kits,
    /// What is said of one item.
    Item(ItemQuery),
    /// Items that were saved, in the order of their ids.
    SavedItems(SavedItemsQuery),
    Settlement(SettlementQuery),
}

const CUSTOMERS: &str = "SELECT c.id, c.externalid, \
    CASE WHEN c.isperson = 'T' THEN c.firstname || ' ' || c.lastname ELSE c.companyname END AS name, c.email, \
    r.subsidiary, BUILTIN.DF(c.terms) AS terms, BUILTIN.DF(c.pricelevel) AS pricelevel, c.isinactive \
    FROM customer c LEFT JOIN customersubsidiaryrelationship r ON r.entity = c.id AND r.isprimarysub = 'T' \
    WHERE c.externalid = ";
const OR_EMAIL_LIKE: &str = " OR LOWER(c.email) LIKE ";
const ESCAPED: &str = " ESCAPE '\\'";
const FIRST_CUSTOMERS: &str = " ORDER BY c.id FETCH FIRST 50 ROWS ONLY";
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
            Query::DocumentsOf { .. } | Query::OrdersMoved { .. } | Query::Named { .. } => {
                documents::render(self).expect("these are the statements of that file")
            }
            Query::Prices(query) => query.render(),
            Query::Stock(query) => query.render(),
            Query::Kits => stock::KITS.to_owned(),
            Query::Item(query) => query.render(),
            Query::SavedItems(query) => query.render(),
            Query::Settlement(query) => query.render(),
        }
    }

    /// Reads a statement that [`Query::render`] wrote; `None` for any other.
    pub fn parse(text: &str) -> Option<Query> {
        if let Some(query) = PriceQuery::parse(text) {
            return Some(Query::Prices(query));
        }
        if let Some(query) = SettlementQuery::parse(text) {
            return Some(Query::Settlement(query));
        }
        if text == stock::KITS {
            return Some(Query::Kits);
        }
        if let Some(query) = StockQuery::parse(text) {
            return Some(Query::Stock(query));
        }
        if let Some(query) = ItemQuery::parse(text) {
            return Some(Query::Item(query));
        }
        if let Some(query) = SavedItemsQuery::parse(text) {
            return Some(Query::SavedItems(query));
        }
        if !text.starts_with(CUSTOMERS) {
            return documents::parse(text);
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

/// Bytes of one literal: a longer one is no statement of the database below SuiteQL. Assumption: the limit of its
/// text type.
pub const LITERAL_MAX: usize = 4_000;

impl Query {
    /// Why no statement can say this: a stranger's text, such as a SKU or an e-mail, with a zero byte or too long.
    ///
    /// # Errors
    /// What is wrong with which text, without the text.
    pub fn check(&self) -> Result<(), String> {
        let (what, text) = match self {
            Query::CustomersLike { local_part: Some(local_part), .. } => ("e-mail", local_part),
            Query::Item(query) => ("item", &query.item),
            Query::DocumentsOf { external_id, .. } | Query::Named { external_id, .. } => {
                ("external id", external_id)
            }
            _ => return Ok(()),
        };
        if text.contains('\0') {
            return Err(format!("{what} holds a zero byte, which no literal may"));
        }
        // Wildcards are escaped and quotes doubled, each by one more byte.
        let length = text
            .bytes()
            .map(|byte| if matches!(byte, b'\'' | b'\\' | b'%' | b'_') { 2 } else { 1 })
            .sum::<usize>();
        match length {
            0..=LITERAL_MAX => Ok(()),
            _ => Err(format!("{what} has {length} bytes, and a literal takes {LITERAL_MAX}")),
        }
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

/// Literals between commas.
fn literals(values: &[Box<str>], out: &mut String) {
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        literal(value, out);
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
    Documents(Vec<DocumentRow>),
    Moved(Vec<MovedRow>),
    Found(Vec<FoundRow>),
    Prices(PriceRows),
    Stock(Vec<StockRow>),
    Kits(Vec<KitRow>),
    Items(Vec<ItemRow>),
    SavedItems(Vec<prices::ChangedRow>),
    Settlement(SettlementRows),
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

/// The rows of an answer that is one page.
pub(super) fn page_of<T: DeserializeOwned>(body: &str) -> Result<Vec<T>, String> {
    let page: Page<T> = serde_json::from_str(body).map_err(|error| error.to_string())?;
    // Queries either cannot find a thousand rows, or ask for so many at a time.
    if page.has_more { Err("more rows than one page".to_owned()) } else { Ok(page.items) }
}

/// Rows behind this one are never given. Source: netsuite.md §11.1.
pub const PAGED_MAX: u64 = 100_000;

/// Where the page behind this one begins; `None` for the last page, and for what is no page.
pub fn next_offset(body: &str) -> Option<u64> {
    let page: Page<IgnoredAny> = serde_json::from_str(body).ok()?;
    // A page that says that there is more and has nothing would be asked for again without end.
    (page.has_more && !page.items.is_empty()).then(|| page.offset + page.items.len() as u64)
}

/// Pages of one query, as the one page that they are parts of.
///
/// # Errors
/// They do not follow each other, or rows came or went between them, so that some may be missing.
pub fn joined(pages: &[String]) -> Result<String, String> {
    let mut whole: Page<Box<RawValue>> =
        Page { count: 0, has_more: false, offset: 0, total_results: 0, items: Vec::new() };
    for (at, body) in pages.iter().enumerate() {
        let page: Page<Box<RawValue>> = serde_json::from_str(body).map_err(|error| error.to_string())?;
        if at == 0 {
            whole.total_results = page.total_results;
        }
        if page.total_results != whole.total_results || page.offset != whole.items.len() as u64 {
            return Err("the rows changed from one page to the next".to_owned());
        }
        whole.has_more = page.has_more;
        whole.items.extend(page.items);
    }
    whole.count = whole.items.len() as u64;
    Ok(serde_json::to_string(&whole).expect("a page of what was JSON"))
}

/// The body of a query: `{"q":"SELECT …"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryBody {
    pub q: String,
}

#[cfg(test)]
mod tests;
