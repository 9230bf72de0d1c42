//! Queries about items: what is sold, as NetSuite describes it, and which of it was saved.
//!
//! Source: netsuite.md §11.5 (tables), §11.3 (time), §11.6 (keyset paging). The columns `displayname`, `upccode`, `weight`, `weightunit` and
//! `isonline` are those of the item record, and unverified in SuiteQL.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::text::{optional_id_text, optional_number_text, read_literal, truth};
use super::{id_text, literal};
use crate::domain::{Currency, InternalId};
use crate::platforms::netsuite::wire::{JsonDecimal, LocalTime};

/// An active item by its external id, with its base price for a single unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemQuery {
    pub item: Box<str>,
    pub currency: Currency,
}

const ITEM: &str = "SELECT i.id, i.externalid AS item, i.displayname, i.upccode, i.weight, i.weightunit, \
    i.isonline, TO_CHAR(i.lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS changed, \
    (SELECT MIN(p.unitprice) FROM pricing p JOIN currency u ON u.id = p.currency WHERE p.item = i.id \
    AND p.pricelevel = 1 AND p.quantity <= 1 AND u.symbol = ";
const OF_ITEM: &str = ") AS price FROM item i WHERE i.isinactive = 'F' AND i.externalid = ";

impl ItemQuery {
    pub(super) fn render(&self) -> String {
        let mut text = String::with_capacity(ITEM.len() + OF_ITEM.len() + 40);
        text.push_str(ITEM);
        literal(self.currency.code(), &mut text);
        text.push_str(OF_ITEM);
        literal(&self.item, &mut text);
        text
    }

    pub(super) fn parse(text: &str) -> Option<ItemQuery> {
        let (currency, rest) = read_literal(text.strip_prefix(ITEM)?)?;
        let (item, rest) = read_literal(rest.strip_prefix(OF_ITEM)?)?;
        rest.is_empty().then_some(ItemQuery { item: item.into(), currency: currency.parse().ok()? })
    }
}

/// Items that were saved at or after a reading of the account's clock, with a higher internal id than `after`. A launch
/// saves more of them at once than a page holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedItemsQuery {
    pub since: LocalTime,
    pub after: InternalId,
}

const SAVED: &str = "SELECT i.id, i.externalid, TO_CHAR(i.lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS changed \
    FROM item i WHERE i.lastmodifieddate >= TO_TIMESTAMP(";
const AND_AFTER: &str = ", 'YYYY-MM-DD HH24:MI:SS') AND i.id > ";
const IN_ORDER: &str = " ORDER BY i.id FETCH FIRST 1000 ROWS ONLY";

impl SavedItemsQuery {
    pub(super) fn render(&self) -> String {
        let mut text = String::with_capacity(SAVED.len() + AND_AFTER.len() + IN_ORDER.len() + 40);
        text.push_str(SAVED);
        literal(&self.since.to_string(), &mut text);
        write!(text, "{AND_AFTER}{}{IN_ORDER}", self.after).expect("a String takes any text");
        text
    }

    pub(super) fn parse(text: &str) -> Option<SavedItemsQuery> {
        let (since, rest) = read_literal(text.strip_prefix(SAVED)?)?;
        let after = rest.strip_prefix(AND_AFTER)?.strip_suffix(IN_ORDER)?;
        Some(SavedItemsQuery { since: since.parse().ok()?, after: InternalId::new(after.parse().ok()?) })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    pub item: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub displayname: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upccode: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub weight: Option<JsonDecimal>,
    /// 1 pound, 2 ounce, 3 kilogram, 4 gram.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_id_text")]
    pub weightunit: Option<InternalId>,
    #[serde(with = "truth")]
    pub isonline: bool,
    pub changed: LocalTime,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub price: Option<JsonDecimal>,
}
