//! Statements that ask for transactions, and their rows: the documents of an order, orders that moved, and a
//! document by its external id.
//!
//! Source: netsuite.md §11.3 (time), §11.5 (tables, signs), §19 (how changes show).

use serde::{Deserialize, Serialize};

use super::text::{number_text, optional_id_text, optional_number_text, read_literal, truth};
use super::{Query, literal};
use crate::domain::{BookDate, Currency, InternalId, Timestamp};
use crate::platforms::netsuite::wire::{JsonDecimal, Tag, id_text};

/// Type of a transaction, by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TransactionType {
    CustDep,
    ItemShip,
    CustInvc,
    CustCred,
    CustRfnd,
    InvAdjst,
    DepAppl,
    Journal,
}

impl TransactionType {
    const ALL: [(TransactionType, &'static str); 8] = [
        (TransactionType::CustDep, "CustDep"),
        (TransactionType::ItemShip, "ItemShip"),
        (TransactionType::CustInvc, "CustInvc"),
        (TransactionType::CustCred, "CustCred"),
        (TransactionType::CustRfnd, "CustRfnd"),
        (TransactionType::InvAdjst, "InvAdjst"),
        (TransactionType::DepAppl, "DepAppl"),
        (TransactionType::Journal, "Journal"),
    ];

    fn code(self) -> &'static str {
        let known = TransactionType::ALL.iter().find(|(kind, _)| *kind == self);
        known.map(|(_, code)| *code).expect("the table holds every type")
    }
}

// A document belongs to an order when its main line was made from the order or from a document made from it, or
// when the engine named the order in its custom field. Lines are asked for where they count: of fulfilments and
// invoices. Amounts are stored with the sign of the ledger, so those of sales are turned around.
// To be checked on a real account before go-live: that a deposit's main line names its order in `createdfrom`,
// that `foreignamountunpaid` is what is left of deposits and credit memos too, that SuiteTax keeps tax by line in
// `transactiontaxdetail`, and that the cost of a shipped line is the credit of its own accounting line.
const DOCUMENTS: &str = "SELECT t.id, t.type, l.mainline, t.externalid, t.status, \
    TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, u.symbol AS currency, b.symbol AS basecurrency, \
    ABS(t.foreigntotal) AS foreigntotal, ABS(t.foreignamountunpaid) AS foreignamountunpaid, a.account, \
    l.location, BUILTIN.DF(l.shipmethod) AS shipmethod, t.linkedtrackingnumberlist, p.previousline, \
    l.custcol_plimsoll_key, i.externalid AS item, ABS(l.quantity) AS quantity, -l.foreignamount AS foreignamount, \
    (SELECT SUM(d.taxamount) FROM transactiontaxdetail d WHERE d.transaction = t.id \
    AND d.transactionline = l.id) AS taxamount, NVL(a.credit, 0) AS cost \
    FROM transaction t JOIN transactionline l ON l.transaction = t.id JOIN currency u ON u.id = t.currency \
    JOIN subsidiary s ON s.id = l.subsidiary JOIN currency b ON b.id = s.currency \
    LEFT JOIN transactionaccountingline a ON a.transaction = t.id AND a.transactionline = l.id AND a.posting = 'T' \
    LEFT JOIN previoustransactionlinelink p ON p.nextdoc = t.id AND p.nextline = l.id \
    LEFT JOIN item i ON i.id = l.item \
    WHERE t.type IN ('CustDep', 'ItemShip', 'CustInvc', 'CustCred', 'CustRfnd', 'InvAdjst') \
    AND NVL(l.iscogs, 'F') = 'F' AND l.taxline = 'F' AND NVL(t.voided, 'F') = 'F' \
    AND (l.mainline = 'T' OR t.type IN ('ItemShip', 'CustInvc')) AND (t.custbody_plimsoll_order = ";
const MADE_FROM: &str = " OR t.id IN (SELECT m.transaction FROM transactionline m WHERE m.mainline = 'T' \
    AND (m.createdfrom = ";
const OR_MADE_FROM_ITS: &str = " OR m.createdfrom IN (SELECT n.transaction FROM transactionline n \
    WHERE n.mainline = 'T' AND n.createdfrom = ";
const BY_LINE: &str = ")))) ORDER BY t.id, l.id";

// The integration's user runs in UTC, which is a set-up condition: this text has no zone. An order that was saved
// only once, by its creation, has not moved; nor has one whose invoices the engine wrote.
const MOVED: &str = "SELECT o.id, o.externalid, TO_CHAR(m.moved, 'YYYY-MM-DD HH24:MI:SS') AS moved \
    FROM transaction o JOIN (SELECT CASE WHEN d.type = 'SalesOrd' THEN d.id ELSE l.createdfrom END AS sales_order, \
    MAX(d.lastmodifieddate) AS moved FROM transaction d \
    JOIN transactionline l ON l.transaction = d.id AND l.mainline = 'T' \
    WHERE (d.type = 'ItemShip' OR (d.type = 'SalesOrd' AND d.lastmodifieddate > d.createddate) \
    OR (d.type = 'CustInvc' AND d.externalid IS NULL)) \
    GROUP BY CASE WHEN d.type = 'SalesOrd' THEN d.id ELSE l.createdfrom END) m ON m.sales_order = o.id \
    WHERE o.type = 'SalesOrd' AND m.moved >= TO_TIMESTAMP(";
const SECONDS: &str = ", 'YYYY-MM-DD HH24:MI:SS')";
const AND_BEHIND: &str = " AND (m.moved > TO_TIMESTAMP(";
const OR_SAME_SECOND: &str = " OR (m.moved = TO_TIMESTAMP(";
const AND_HIGHER: &str = " AND o.id > ";
const FIRST_MOVED: &str = " ORDER BY m.moved, o.id FETCH FIRST 1000 ROWS ONLY";

/// How many orders one query of moved orders names at the most.
pub const MOVED_MAX: usize = 1_000;

const NAMED: &str = "SELECT t.id FROM transaction t WHERE t.type = ";
const AND_EXTERNAL_ID: &str = " AND t.externalid = ";

pub(super) fn render(query: &Query) -> Option<String> {
    let mut text = String::with_capacity(2_048);
    match query {
        Query::DocumentsOf { sales_order, external_id } => {
            text.push_str(DOCUMENTS);
            literal(external_id, &mut text);
            let order = sales_order.to_string();
            for part in [MADE_FROM, &order, OR_MADE_FROM_ITS, &order, BY_LINE] {
                text.push_str(part);
            }
        }
        Query::OrdersMoved { since, after } => {
            text.push_str(MOVED);
            instant(*since, &mut text);
            if let Some((at, order)) = after {
                text.push_str(AND_BEHIND);
                instant(*at, &mut text);
                text.push_str(OR_SAME_SECOND);
                instant(*at, &mut text);
                text.push_str(AND_HIGHER);
                text.push_str(&order.to_string());
                text.push_str("))");
            }
            text.push_str(FIRST_MOVED);
        }
        Query::Named { kind, external_id } => {
            text.push_str(NAMED);
            literal(kind.code(), &mut text);
            text.push_str(AND_EXTERNAL_ID);
            literal(external_id, &mut text);
        }
        _ => return None,
    }
    Some(text)
}

pub(super) fn parse(text: &str) -> Option<Query> {
    if let Some(rest) = text.strip_prefix(DOCUMENTS) {
        let (external_id, rest) = read_literal(rest)?;
        let (order, rest) = read_number(rest.strip_prefix(MADE_FROM)?)?;
        let (again, rest) = read_number(rest.strip_prefix(OR_MADE_FROM_ITS)?)?;
        return (order == again && rest == BY_LINE).then(|| Query::DocumentsOf {
            sales_order: InternalId::new(order),
            external_id: external_id.into(),
        });
    }
    if let Some(rest) = text.strip_prefix(MOVED) {
        let (since, rest) = read_instant(rest)?;
        let Some(rest) = rest.strip_prefix(AND_BEHIND) else {
            return (rest == FIRST_MOVED).then_some(Query::OrdersMoved { since, after: None });
        };
        let (at, rest) = read_instant(rest)?;
        let (again, rest) = read_instant(rest.strip_prefix(OR_SAME_SECOND)?)?;
        let (order, rest) = read_number(rest.strip_prefix(AND_HIGHER)?)?;
        let ends = rest.strip_prefix("))") == Some(FIRST_MOVED);
        return (at == again && ends)
            .then(|| Query::OrdersMoved { since, after: Some((at, InternalId::new(order))) });
    }
    let (code, rest) = read_literal(text.strip_prefix(NAMED)?)?;
    let (_, kind) =
        TransactionType::ALL.iter().map(|(kind, known)| (*known, *kind)).find(|(known, _)| *known == code)?;
    let (external_id, rest) = read_literal(rest.strip_prefix(AND_EXTERNAL_ID)?)?;
    rest.is_empty().then(|| Query::Named { kind, external_id: external_id.into() })
}

fn read_number(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    Some((number.parse().ok()?, rest))
}

/// `'2026-11-27 09:15:00', 'YYYY-MM-DD HH24:MI:SS')`: seconds are what is stored.
fn instant(at: Timestamp, out: &mut String) {
    literal(&spaced(at), out);
    out.push_str(SECONDS);
}

fn read_instant(text: &str) -> Option<(Timestamp, &str)> {
    let (value, rest) = read_literal(text)?;
    Some((unspaced(&value)?, rest.strip_prefix(SECONDS)?))
}

fn spaced(at: Timestamp) -> String {
    at.floor_second().to_string().trim_end_matches('Z').replacen('T', " ", 1)
}

fn unspaced(text: &str) -> Option<Timestamp> {
    format!("{}Z", text.replacen(' ', "T", 1)).parse().ok()
}

/// One line of a document. Columns of the whole document are read from its main line, which comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    #[serde(rename = "type")]
    pub kind: TransactionType,
    #[serde(with = "truth")]
    pub mainline: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub externalid: Option<Box<str>>,
    /// The single letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<char>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::platforms::netsuite::wire::date"
    )]
    pub trandate: Option<BookDate>,
    pub currency: Currency,
    pub basecurrency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub foreigntotal: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub foreignamountunpaid: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_id_text")]
    pub account: Option<InternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_id_text")]
    pub location: Option<InternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipmethod: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkedtrackingnumberlist: Option<Box<str>>,
    /// The line of the sales order that this one was made from.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_id_text")]
    pub previousline: Option<InternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custcol_plimsoll_key: Option<Tag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub quantity: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub foreignamount: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number_text")]
    pub taxamount: Option<JsonDecimal>,
    /// In the base currency.
    #[serde(default = "no_cost", with = "number_text")]
    pub cost: JsonDecimal,
}

fn no_cost() -> JsonDecimal {
    JsonDecimal::whole(0)
}

impl DocumentRow {
    /// A row without columns of its own.
    pub fn new(
        id: InternalId,
        kind: TransactionType,
        currency: Currency,
        basecurrency: Currency,
    ) -> DocumentRow {
        DocumentRow {
            id,
            kind,
            mainline: false,
            externalid: None,
            status: None,
            trandate: None,
            currency,
            basecurrency,
            foreigntotal: None,
            foreignamountunpaid: None,
            account: None,
            location: None,
            shipmethod: None,
            linkedtrackingnumberlist: None,
            previousline: None,
            custcol_plimsoll_key: None,
            item: None,
            quantity: None,
            foreignamount: None,
            taxamount: None,
            cost: no_cost(),
        }
    }
}

/// A sales order that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub externalid: Option<Box<str>>,
    #[serde(with = "spaced_instant")]
    pub moved: Timestamp,
}

/// A document that was asked for by its external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRow {
    #[serde(with = "id_text")]
    pub id: InternalId,
}

mod spaced_instant {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&super::spaced(*at))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        super::unspaced(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an instant")))
    }
}
