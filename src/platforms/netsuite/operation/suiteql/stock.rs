//! Queries of stock and of kits.
//!
//! Source: netsuite.md §11.3 (time), §11.5 (columns), §15.2 (quantities), §15.3 (`kititemmember`), §19 (the feed).

use serde::{Deserialize, Serialize};

use super::text::{number_text, optional_number_text};
use super::{literal, read_literal};
use crate::domain::{InternalId, Timestamp};
use crate::platforms::netsuite::wire::{JsonDecimal, id_text};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockQuery {
    pub location: InternalId,
    /// Beginning of the external ids of the orders whose demand is told apart.
    pub orders: Box<str>,
    /// Changed at or after; everything without it. Whole seconds.
    pub since: Option<Timestamp>,
    pub after: InternalId,
}

// One statement, so that availability and the demand that lowers it are of one moment.
const DEMAND: &str = "SELECT i.id, i.externalid, s.quantityavailable, s.quantitybackordered, \
    (SELECT SUM(-l.quantity - l.quantityshiprecv) FROM transactionline l \
    JOIN transaction t ON t.id = l.transaction WHERE l.item = i.id AND l.location = s.location \
    AND l.isclosed = 'F' AND t.type = 'SalesOrd' AND t.status IN ('B', 'D', 'E') \
    AND t.externalid LIKE ";
const STOCK: &str = " ESCAPE '\\') AS ofshop FROM inventoryitemlocations s JOIN item i ON i.id = s.item \
    WHERE s.location = ";
// Written with its zone, because the text of an instant alone is read in the zone of the account or the user.
const SINCE: &str = " AND s.lastquantityavailablechange >= TO_TIMESTAMP_TZ('";
const ZONED: &str = "','YYYY-MM-DD\"T\"HH24:MI:SSTZH')";
const AFTER: &str = " AND i.id > ";
const FIRST: &str = " ORDER BY i.id FETCH FIRST 1000 ROWS ONLY";

// A kit without members, and one with a member that is inactive, show as a row without member.
pub(super) const KITS: &str = "SELECT k.externalid AS kit, m.externalid AS member, c.quantity, p.unitprice \
    FROM item k LEFT JOIN kititemmember c ON c.parentitem = k.id \
    LEFT JOIN item m ON m.id = c.item AND m.isinactive = 'F' \
    LEFT JOIN pricing p ON p.item = m.id AND p.pricelevel = 1 AND p.quantity = 0 \
    WHERE k.itemtype = 'Kit' AND k.isinactive = 'F' AND k.externalid IS NOT NULL ORDER BY k.id, c.linenumber";

impl StockQuery {
    pub(super) fn render(&self) -> String {
        let mut text = String::with_capacity(DEMAND.len() + STOCK.len() + 200);
        text.push_str(DEMAND);
        literal(&format!("{}%", self.orders), &mut text);
        text.push_str(STOCK);
        text.push_str(&self.location.to_string());
        if let Some(since) = self.since {
            text.push_str(SINCE);
            text.push_str(&since.floor_second().to_string());
            text.push_str(ZONED);
        }
        text.push_str(AFTER);
        text.push_str(&self.after.to_string());
        text.push_str(FIRST);
        text
    }

    pub(super) fn parse(text: &str) -> Option<StockQuery> {
        let (orders, rest) = read_literal(text.strip_prefix(DEMAND)?)?;
        let (location, rest) = number(rest.strip_prefix(STOCK)?)?;
        let (since, rest) = match rest.strip_prefix(SINCE) {
            Some(rest) => {
                let (since, rest) = rest.split_once(ZONED)?;
                (Some(since.parse().ok()?), rest)
            }
            None => (None, rest),
        };
        let (after, rest) = number(rest.strip_prefix(AFTER)?)?;
        (rest == FIRST).then(|| StockQuery {
            location: InternalId::new(location),
            orders: orders.strip_suffix('%').unwrap_or(&orders).into(),
            since,
            after: InternalId::new(after),
        })
    }
}

/// Reads a number off the front.
fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub externalid: Option<Box<str>>,
    #[serde(with = "number_text")]
    pub quantityavailable: JsonDecimal,
    #[serde(with = "number_text")]
    pub quantitybackordered: JsonDecimal,
    /// Null, and so absent, where the shop has sold nothing.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub ofshop: Option<JsonDecimal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KitRow {
    pub kit: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub quantity: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub unitprice: Option<JsonDecimal>,
}
