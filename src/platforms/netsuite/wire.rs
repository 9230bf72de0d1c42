//! NetSuite's JSON as types, spelled exactly as the record service spells it.
//!
//! Lives here: bodies of records that we write and read, and of errors. Not here: how they become domain values
//! (`convert`), how a request travels (`operation`), rows of queries (`suiteql`). References and choices that
//! would be text are held as what they mean, and become text only when they are serialised.
//!
//! Source: netsuite.md §5.1 (reading), §6.1 (writing), §9.1 (errors), §12.1, §13.1–13.2, §14.3–14.4, §16.

use serde::{Deserialize, Serialize};

use crate::domain::{BookDate, Currency, InternalId, Timestamp};

pub mod billing;
pub mod decimal;
pub mod local_time;
pub mod reference;
pub mod settlement;

pub use billing::{
    AdjustedLineBody, ApplyBody, BillBody, BillLineBody, CustomerRefundBody, DepositApplicationBody,
    InventoryAdjustmentBody,
};
pub use decimal::JsonDecimal;
pub use local_time::LocalTime;
pub use reference::{CurrencyReference, OrderStatus, PriceLevel, Reference, Seen, Tag};

/// A sublist: `{"items":[…]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sublist<T> {
    pub items: Vec<T>,
}

/// A date: `2026-11-27`.
pub mod date {
    use super::BookDate;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(date: &Option<BookDate>, serializer: S) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => serializer.collect_str(date),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BookDate>, D::Error> {
        Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?
            .map(|text| text.parse().map_err(serde::de::Error::custom))
            .transpose()
    }
}

/// An instant in a record: `2026-11-27T09:15:00Z`, in whole seconds (§5.1).
pub mod instant {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.collect_str(&at.floor_second()),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?
            .map(|text| text.parse().map_err(serde::de::Error::custom))
            .transpose()
    }
}

/// An internal id as the reading side spells it: a string of digits.
pub mod id_text {
    use super::InternalId;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(id: &InternalId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<InternalId, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        if text.starts_with('+') {
            return Err(serde::de::Error::custom(format!("`{text}` is no internal id")));
        }
        text.parse().map(InternalId::new).map_err(serde::de::Error::custom)
    }
}

/// Absent fields of a body are left alone on update and defaulted on creation (§6.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomerBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_person: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsidiary: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyReference>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SalesOrderBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsidiary: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyReference>,
    #[serde(skip_serializing_if = "Option::is_none", with = "date")]
    pub tran_date: Option<BookDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_ref_num: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
    /// Only A and B may be written (§13.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_status: Option<OrderStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Box<AddressBody>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Sublist<LineBody>>,
    /// True: tax is what `tax_details` says, not what NetSuite's engine would compute (§16).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_details_override: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_details: Option<Sublist<TaxDetail>>,
}

/// One line as written. `line` is the key of the sublist: a line that has it is updated, others are appended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LineBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<JsonDecimal>,
    /// Net of tax, for the whole line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<JsonDecimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_closed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_details_reference: Option<Tag>,
    /// Which component of the Shopify order the line stands for.
    #[serde(rename = "custcol_plimsoll_key", skip_serializing_if = "Option::is_none")]
    pub plimsoll_key: Option<Tag>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxDetail {
    /// Joins the row to the line that carries the same text.
    pub tax_details_reference: Tag,
    pub tax_code: Reference,
    pub tax_basis: JsonDecimal,
    /// In percent: 8.875.
    pub tax_rate: JsonDecimal,
    pub tax_amount: JsonDecimal,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AddressBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addressee: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addr1: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addr2: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<Box<str>>,
    /// ISO 3166 alpha-2, bare: `"US"` is accepted as `{"id":"US"}` is (§12.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addr_phone: Option<Box<str>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomerDepositBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sales_order: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsidiary: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyReference>,
    #[serde(skip_serializing_if = "Option::is_none", with = "date")]
    pub tran_date: Option<BookDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<JsonDecimal>,
    /// False: the money goes to `account`, not to undeposited funds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undep_funds: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Reference>,
    /// The day of the event, when its period was shut.
    #[serde(rename = "custbody_plimsoll_date", skip_serializing_if = "Option::is_none", with = "date")]
    pub original_date: Option<BookDate>,
    /// Why its day is not that of its event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
}

/// Created by POST, with its external id in the body (§14.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JournalEntryBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subsidiary: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyReference>,
    #[serde(skip_serializing_if = "Option::is_none", with = "date")]
    pub tran_date: Option<BookDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
    #[serde(rename = "custbody_plimsoll_date", skip_serializing_if = "Option::is_none", with = "date")]
    pub original_date: Option<BookDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Sublist<JournalLineBody>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLineBody {
    pub account: Reference,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debit: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<JsonDecimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
}

/// A sales order as read with `expandSubResources=true`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SalesOrderRecord {
    #[serde(with = "id_text")]
    pub id: InternalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Box<str>>,
    pub entity: Seen,
    pub subsidiary: Seen,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Seen>,
    pub currency: CurrencyReference,
    /// Base currency of the subsidiary per unit.
    pub exchange_rate: JsonDecimal,
    #[serde(with = "date")]
    pub tran_date: Option<BookDate>,
    pub status: OrderStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_ref_num: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Box<AddressBody>>,
    /// When the warehouse took the order for a pick wave.
    #[serde(
        rename = "custbody_plimsoll_released",
        default,
        skip_serializing_if = "Option::is_none",
        with = "instant"
    )]
    pub released: Option<Timestamp>,
    pub tax_total: JsonDecimal,
    pub total: JsonDecimal,
    pub item: Sublist<LineRecord>,
    #[serde(default = "no_items")]
    pub tax_details: Sublist<TaxDetail>,
}

fn no_items<T>() -> Sublist<T> {
    Sublist { items: Vec::new() }
}

impl SalesOrderRecord {
    pub fn currency(&self) -> Currency {
        self.currency.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineRecord {
    /// Starts at 1; not consecutive after deletions (§13.2).
    pub line: u32,
    /// Stable over the life of the line.
    pub line_unique_key: u64,
    pub item: Seen,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<JsonDecimal>,
    pub amount: JsonDecimal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<str>>,
    #[serde(default)]
    pub is_closed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_details_reference: Option<Tag>,
    #[serde(rename = "custcol_plimsoll_key", default, skip_serializing_if = "Option::is_none")]
    pub plimsoll_key: Option<Tag>,
}

/// Source: netsuite.md §9.1. `type` is never branched on: its form differs between releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    #[serde(rename = "type", default)]
    pub kind: Box<str>,
    #[serde(default)]
    pub title: Box<str>,
    #[serde(default)]
    pub status: u16,
    #[serde(rename = "o:errorDetails", default)]
    pub details: Vec<ErrorDetail>,
    /// Of the header `X-N-OperationId`: what NetSuite's support asks for.
    #[serde(skip)]
    pub operation: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    #[serde(default)]
    pub detail: Box<str>,
    #[serde(rename = "o:errorCode", default)]
    pub code: Box<str>,
    #[serde(rename = "o:errorPath", default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Box<str>>,
}
