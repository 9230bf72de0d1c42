//! Scalars as Shopify spells them, kept as integers until they meet JSON.
//!
//! A twin that answers a million orders without JSON never formats an id or an amount; the same values
//! serialise to exactly Shopify's text. Not here: what an amount means ([`super::super::convert`]).

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::marker::PhantomData;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::{Money, Timestamp};

/// A type of record that a [`Gid`] may name.
pub trait Kind {
    const NAME: &'static str;
}

macro_rules! kinds {
    ($($name:ident),*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}

        impl Kind for $name {
            const NAME: &'static str = stringify!($name);
        }
    )*};
}

/// The record types as they stand in a global id.
pub mod kind {
    use super::Kind;

    kinds!(Order, LineItem, ShippingLine, OrderTransaction, Customer, CompanyLocation, WebhookSubscription);
    kinds!(PriceList, ProductVariant, PaymentTermsTemplate);
    kinds!(Fulfillment, FulfillmentOrder, FulfillmentOrderLineItem, Location);
    kinds!(Refund, RefundLineItem, Return, GiftCard);
    kinds!(InventoryItem, InventoryAdjustmentGroup);
    kinds!(Product, BulkOperation);
    kinds!(ShopifyPaymentsPayout, ShopifyPaymentsBalanceTransaction, ShopifyPaymentsDispute);
}

/// A global id such as `gid://shopify/Order/5001`; only its number is kept, the kind is in the type.
///
/// Source: shopify.md §a: numbers exceed 2^53.
pub struct Gid<K> {
    number: u64,
    kind: PhantomData<fn() -> K>,
}

impl<K> Gid<K> {
    pub const fn new(number: u64) -> Gid<K> {
        Gid { number, kind: PhantomData }
    }

    pub const fn number(self) -> u64 {
        self.number
    }
}

impl<K> Clone for Gid<K> {
    fn clone(&self) -> Gid<K> {
        *self
    }
}

impl<K> Copy for Gid<K> {}

impl<K> PartialEq for Gid<K> {
    fn eq(&self, other: &Gid<K>) -> bool {
        self.number == other.number
    }
}

impl<K> Eq for Gid<K> {}

impl<K: Kind> fmt::Display for Gid<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gid://shopify/{}/{}", K::NAME, self.number)
    }
}

impl<K: Kind> fmt::Debug for Gid<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> FromStr for Gid<K> {
    type Err = String;

    fn from_str(text: &str) -> Result<Gid<K>, String> {
        let number = text
            .strip_prefix("gid://shopify/")
            .and_then(|rest| rest.strip_prefix(K::NAME))
            .and_then(|rest| rest.strip_prefix('/'));
        let digits = number.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        match digits.and_then(|digits| digits.parse().ok()) {
            Some(number) => Ok(Gid::new(number)),
            None => Err(format!("`{text}` is not the id of a {}", K::NAME)),
        }
    }
}

impl<K: Kind> Serialize for Gid<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Gid<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// An amount as GraphQL spells it, trailing zeros trimmed and at least one decimal: `15.0`, `7.25`.
///
/// Holds all digits as one integer and how many of them follow the point. Source: shopify.md §b.5.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DecimalText {
    mantissa: i64,
    digits: u8,
}

/// More fractional digits than any amount has; keeps powers of ten in range.
const FRACTION_DIGITS_MAX: u8 = 12;

impl DecimalText {
    pub fn from_money(amount: Money) -> DecimalText {
        DecimalText::from_minor(amount.minor(), amount.currency().minor_digits() as u8)
    }

    /// `minor` units of which `digits` follow the point.
    pub const fn from_minor(minor: i64, digits: u8) -> DecimalText {
        DecimalText { mantissa: minor, digits }
    }

    /// The amount in units of which `digits` follow the point; `None` if it has more digits than that, or
    /// does not fit.
    pub fn minor(self, digits: u32) -> Option<i64> {
        let own = u32::from(self.digits);
        if own <= digits {
            return self.mantissa.checked_mul(10i64.checked_pow(digits - own)?);
        }
        let excess = 10i64.checked_pow(own - digits)?;
        (self.mantissa % excess == 0).then_some(self.mantissa / excess)
    }
}

impl fmt::Display for DecimalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10u64.pow(u32::from(self.digits));
        let magnitude = self.mantissa.unsigned_abs();
        let (whole, mut fraction, mut width) = (magnitude / unit, magnitude % unit, usize::from(self.digits));
        while width > 1 && fraction.is_multiple_of(10) {
            fraction /= 10;
            width -= 1;
        }
        if self.mantissa < 0 {
            f.write_char('-')?;
        }
        write!(f, "{whole}.{fraction:0width$}", width = width.max(1))
    }
}

impl fmt::Debug for DecimalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DecimalText {
    type Err = String;

    fn from_str(text: &str) -> Result<DecimalText, String> {
        let unreadable = || format!("`{text}` is not an amount");
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let dangling = whole.is_empty() || (fraction.is_empty() && unsigned.contains('.'));
        let digits =
            u8::try_from(fraction.len()).ok().filter(|digits| *digits <= FRACTION_DIGITS_MAX && !dangling);
        let digits = digits.ok_or_else(unreadable)?;
        let mut below_zero: i64 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(unreadable());
            }
            // Accumulated below zero, because `i64::MIN` has no positive counterpart.
            below_zero = below_zero
                .checked_mul(10)
                .and_then(|so_far| so_far.checked_sub(i64::from(byte - b'0')))
                .ok_or_else(unreadable)?;
        }
        let mantissa = if unsigned.len() < text.len() { Some(below_zero) } else { below_zero.checked_neg() };
        mantissa.map(|mantissa| DecimalText { mantissa, digits }).ok_or_else(unreadable)
    }
}

/// An amount in the scalar `Money`, in which variants state their prices: with every digit that the currency has, `10.10`,
/// unlike the `Decimal` of a `MoneyV2`.
///
/// Source: the recorded answers, `"price": "25.00"`.
///
/// # Errors
/// Those of the serializer.
pub fn every_digit<S: Serializer>(amount: &DecimalText, serializer: S) -> Result<S::Ok, S::Error> {
    let unit = 10u64.pow(u32::from(amount.digits));
    let (magnitude, width) = (amount.mantissa.unsigned_abs(), usize::from(amount.digits));
    let sign = if amount.mantissa < 0 { "-" } else { "" };
    match width {
        0 => serializer.collect_str(&format_args!("{sign}{magnitude}")),
        _ => serializer.collect_str(&format_args!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)),
    }
}

impl Serialize for DecimalText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A GraphQL `DateTime`: UTC, whole seconds, `2026-06-25T01:33:56Z`.
///
/// Source: shopify.md §b.5.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime {
    seconds: i64,
}

impl DateTime {
    /// Cuts off what is below a second.
    pub const fn of(at: Timestamp) -> DateTime {
        DateTime { seconds: at.seconds() }
    }

    pub const fn at(self) -> Timestamp {
        Timestamp::from_seconds(self.seconds)
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.at(), f)
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.at())
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map(DateTime::of).map_err(D::Error::custom)
    }
}

/// A tax rate, a JSON number such as `0.0875`. Its token is read as a decimal, so no float comes near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub Decimal);

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = self.0.normalize();
        // A GraphQL Float always shows a fraction.
        let text = if number.scale() == 0 { format!("{number}.0") } else { number.to_string() };
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let token = <&RawValue>::deserialize(deserializer)?.get();
        Decimal::from_str_exact(token)
            .or_else(|_| Decimal::from_scientific(token))
            .map(Rate)
            .map_err(|_| D::Error::custom(format!("`{token}` is not a rate")))
    }
}

/// An identifier of a delivery or an event, shown as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid(pub u128);

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            (n >> 96) as u32,
            (n >> 80) as u16,
            (n >> 64) as u16,
            (n >> 48) as u16,
            n & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uuid {
    type Err = String;

    fn from_str(text: &str) -> Result<Uuid, String> {
        let lengths: Vec<usize> = text.split('-').map(str::len).collect();
        let digits = text.replace('-', "");
        if lengths != [8, 4, 4, 4, 12] || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("`{text}` is not a UUID"));
        }
        u128::from_str_radix(&digits, 16).map(Uuid).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests;
