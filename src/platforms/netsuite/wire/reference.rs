//! References, choices and tags inside records: held as what they mean, spelled as NetSuite spells them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::sales_order::{LineKey, SalesOrderStatus};
use crate::domain::{Currency, InternalId};

/// A record that a body refers to: `{"id":"107"}` or `{"externalId":"fr-order-5001"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    Id(InternalId),
    ExternalId(Box<str>),
}

impl Reference {
    pub fn external(id: &str) -> Reference {
        Reference::ExternalId(id.into())
    }
}

/// A reference as read: always an id, and the external id where one is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub id: InternalId,
    pub external_id: Option<Box<str>>,
    pub ref_name: Option<Box<str>>,
}

impl Seen {
    pub const fn id(id: InternalId) -> Seen {
        Seen { id, external_id: None, ref_name: None }
    }
}

/// A currency by its ISO code.
///
/// Set-up condition: the account's currency records carry their ISO code as external id, so that no internal
/// id of a currency needs configuring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencyReference(pub Currency);

/// The single letter of a sales order's status: `{"id":"B","refName":"Pending Fulfillment"}`.
///
/// Source: netsuite.md §13.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderStatus(pub SalesOrderStatus);

/// Price level of a line; −1 is a custom price, so that NetSuite's own pricing does not override the store's.
///
/// Source: netsuite.md §13.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceLevel(pub i64);

impl PriceLevel {
    pub const CUSTOM: PriceLevel = PriceLevel(-1);
}

/// A short text that we choose: the key of an order's component, or what joins a line to its tax rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    Component(LineKey),
    Number(u64),
    /// Anything else: a person or another integration wrote it.
    Text(Box<str>),
}

impl Tag {
    /// Equal to what [`Tag::to_string`] gives, and only then anything but [`Tag::Text`].
    pub fn read(text: &str) -> Tag {
        if let Ok(number) = text.parse::<u64>()
            && !text.starts_with('+')
            && (number == 0) == (text == "0")
            && (number == 0 || !text.starts_with('0'))
        {
            return Tag::Number(number);
        }
        match text.parse::<LineKey>() {
            Ok(key) if key.to_string() == text => Tag::Component(key),
            _ => Tag::Text(text.into()),
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tag::Component(key) => fmt::Display::fmt(key, f),
            Tag::Number(number) => fmt::Display::fmt(number, f),
            Tag::Text(text) => f.pad(text),
        }
    }
}

impl OrderStatus {
    pub fn letter(self) -> &'static str {
        let row = OrderStatus::TABLE.iter().find(|(status, ..)| *status == self.0);
        row.expect("the table has every status").1
    }

    /// As the record shows it: `Pending Fulfillment`.
    pub fn name(self) -> &'static str {
        let row = OrderStatus::TABLE.iter().find(|(status, ..)| *status == self.0);
        row.expect("the table has every status").2
    }

    pub fn of_letter(letter: &str) -> Option<OrderStatus> {
        OrderStatus::TABLE
            .iter()
            .find(|(_, known, _)| *known == letter)
            .map(|(status, ..)| OrderStatus(*status))
    }

    const TABLE: [(SalesOrderStatus, &'static str, &'static str); 8] = [
        (SalesOrderStatus::PendingApproval, "A", "Pending Approval"),
        (SalesOrderStatus::PendingFulfillment, "B", "Pending Fulfillment"),
        (SalesOrderStatus::Cancelled, "C", "Cancelled"),
        (SalesOrderStatus::PartiallyFulfilled, "D", "Partially Fulfilled"),
        (SalesOrderStatus::PendingBillingPartiallyFulfilled, "E", "Pending Billing/Partially Fulfilled"),
        (SalesOrderStatus::PendingBilling, "F", "Pending Billing"),
        (SalesOrderStatus::Billed, "G", "Billed"),
        (SalesOrderStatus::Closed, "H", "Closed"),
    ];
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Reference::Id(id) => map.serialize_entry("id", &Plain(id))?,
            Reference::ExternalId(id) => map.serialize_entry("externalId", id)?,
        }
        map.end()
    }
}

impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("links", &[(); 0])?;
        map.serialize_entry("id", &Plain(&self.id))?;
        if let Some(id) = &self.external_id {
            map.serialize_entry("externalId", id)?;
        }
        if let Some(name) = &self.ref_name {
            map.serialize_entry("refName", name)?;
        }
        map.end()
    }
}

impl Serialize for CurrencyReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("externalId", self.0.code())?;
        map.end()
    }
}

impl Serialize for OrderStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (_, letter, name) = OrderStatus::TABLE
            .into_iter()
            .find(|(status, ..)| *status == self.0)
            .expect("the table holds every status");
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("id", letter)?;
        map.serialize_entry("refName", name)?;
        map.end()
    }
}

impl Serialize for PriceLevel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("id", &Plain(&self.0))?;
        map.end()
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A number spelled as a string, as ids are (§5.1).
struct Plain<'a, T>(&'a T);

impl<T: fmt::Display> Serialize for Plain<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Reference, D::Error> {
        let parts = Parts::deserialize(deserializer)?;
        match (parts.id, parts.external_id) {
            (Some(id), _) => number(&id).map(|id| Reference::Id(InternalId::new(id))),
            (None, Some(id)) => Ok(Reference::ExternalId(id)),
            (None, None) => Err(D::Error::custom("a reference needs an id or an external id")),
        }
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Seen, D::Error> {
        let parts = Parts::deserialize(deserializer)?;
        let id = parts.id.ok_or_else(|| D::Error::missing_field("id"))?;
        Ok(Seen {
            id: InternalId::new(number(&id)?),
            external_id: parts.external_id,
            ref_name: parts.ref_name,
        })
    }
}

impl<'de> Deserialize<'de> for CurrencyReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CurrencyReference, D::Error> {
        let parts = Parts::deserialize(deserializer)?;
        let code = parts.external_id.or(parts.ref_name).or(parts.id);
        let code = code.ok_or_else(|| D::Error::missing_field("externalId"))?;
        code.parse().map(CurrencyReference).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for OrderStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OrderStatus, D::Error> {
        let parts = Parts::deserialize(deserializer)?;
        let letter = parts.id.ok_or_else(|| D::Error::missing_field("id"))?;
        OrderStatus::TABLE
            .into_iter()
            .find(|(_, known, _)| **known == *letter)
            .map(|(status, ..)| OrderStatus(status))
            .ok_or_else(|| D::Error::custom(format!("unknown status `{letter}`")))
    }
}

impl<'de> Deserialize<'de> for PriceLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PriceLevel, D::Error> {
        let parts = Parts::deserialize(deserializer)?;
        let id = parts.id.ok_or_else(|| D::Error::missing_field("id"))?;
        id.parse().map(PriceLevel).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tag, D::Error> {
        // Inside `taxDetails` writers in the field spell the reference as `{"id":"NEW_ITEM_0"}` (§16).
        let parts = Parts::deserialize(deserializer)?;
        parts.id.map(|text| Tag::read(&text)).ok_or_else(|| D::Error::missing_field("id"))
    }
}

fn number<E: serde::de::Error>(text: &str) -> Result<u64, E> {
    text.parse().map_err(|_| E::custom(format!("`{text}` is not an internal id")))
}

/// What a reference may be written as: an object, a bare string or a bare number.
///
/// Source: netsuite.md §6.1.
#[derive(Default)]
struct Parts {
    id: Option<Box<str>>,
    external_id: Option<Box<str>>,
    ref_name: Option<Box<str>>,
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Parts, D::Error> {
        deserializer.deserialize_any(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference: an object, a string or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Parts, E> {
        Ok(Parts { id: Some(text.into()), ..Parts::default() })
    }

    fn visit_u64<E>(self, id: u64) -> Result<Parts, E> {
        Ok(Parts { id: Some(id.to_string().into()), ..Parts::default() })
    }

    fn visit_i64<E>(self, id: i64) -> Result<Parts, E> {
        Ok(Parts { id: Some(id.to_string().into()), ..Parts::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
        let mut parts = Parts::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "id" => parts.id = map.next_value::<Parts>()?.id,
                "externalId" => parts.external_id = map.next_value()?,
                "refName" => parts.ref_name = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(parts)
    }
}
