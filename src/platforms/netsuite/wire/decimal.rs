//! Numbers of NetSuite's JSON, exact: amounts, quantities, rates. Never a float, not even on the way.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::{Currency, Money};

/// A decimal number: `mantissa` with that many of its digits after the point. Text is made only when it is
/// serialised, so calls that stay in memory format nothing.
#[derive(Debug, Clone, Copy)]
pub struct JsonDecimal {
    mantissa: i64,
    digits: u8,
}

/// The text is not a decimal number, or has more digits than an `i64` holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal number that fits")]
pub struct NotADecimal(pub String);

/// Powers of ten that an `i64` holds have exponents up to this one.
const DIGITS_MAX: u8 = 18;

impl JsonDecimal {
    pub const fn new(mantissa: i64, digits: u8) -> JsonDecimal {
        JsonDecimal { mantissa, digits }
    }

    pub const fn whole(number: i64) -> JsonDecimal {
        JsonDecimal { mantissa: number, digits: 0 }
    }

    pub fn of_money(amount: Money) -> JsonDecimal {
        let digits = u8::try_from(amount.currency().minor_digits()).expect("a currency has at most 3 digits");
        JsonDecimal { mantissa: amount.minor(), digits }
    }

    /// The amount in a currency; `None` if it has more digits than the currency, or does not fit.
    pub fn to_money(self, currency: Currency) -> Option<Money> {
        let digits = u8::try_from(currency.minor_digits()).expect("a currency has at most 3 digits");
        self.at_scale(digits).map(|minor| Money::new(minor, currency))
    }

    /// The number as a count; `None` if it is negative, has a fraction, or does not fit.
    pub fn to_count(self) -> Option<u32> {
        self.at_scale(0).and_then(|count| u32::try_from(count).ok())
    }

    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.mantissa, u32::from(self.digits))
    }

    /// `None` when the mantissa does not fit.
    pub fn of_decimal(value: Decimal) -> Option<JsonDecimal> {
        let value = value.normalize();
        let digits = u8::try_from(value.scale()).ok().filter(|digits| *digits <= DIGITS_MAX)?;
        Some(JsonDecimal { mantissa: i64::try_from(value.mantissa()).ok()?, digits })
    }

    /// A share as percent: 0.2 is 20. NetSuite states tax rates so.
    pub fn percent_of_share(share: Decimal) -> Option<JsonDecimal> {
        JsonDecimal::of_decimal(share.checked_mul(Decimal::ONE_HUNDRED)?)
    }

    /// The share that a percentage stands for.
    pub fn share_of_percent(self) -> Decimal {
        let value = self.to_decimal();
        let scale = value.scale() + 2;
        Decimal::new(self.mantissa, scale).normalize()
    }

    /// Mantissa and digits without trailing zeros: equal for equal numbers.
    pub fn normalised(self) -> (i64, u8) {
        let (mut mantissa, mut digits) = (self.mantissa, self.digits);
        while digits > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            digits -= 1;
        }
        (mantissa, digits)
    }

    fn at_scale(self, digits: u8) -> Option<i64> {
        if self.digits == digits {
            return Some(self.mantissa);
        }
        let (mantissa, own) = self.normalised();
        let missing = digits.checked_sub(own)?;
        mantissa.checked_mul(10i64.checked_pow(u32::from(missing))?)
    }
}

/// By value: `40` equals `40.00`.
impl PartialEq for JsonDecimal {
    fn eq(&self, other: &JsonDecimal) -> bool {
        self.normalised() == other.normalised()
    }
}

impl Eq for JsonDecimal {}

impl fmt::Display for JsonDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let magnitude = self.mantissa.unsigned_abs();
        if self.digits == 0 {
            return write!(f, "{sign}{magnitude}");
        }
        let unit = 10u64.pow(u32::from(self.digits));
        let width = usize::from(self.digits);
        write!(f, "{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
    }
}

/// Lenient, because how decimals are printed is not stated: `.5`, `1e2` and trailing zeros are read.
///
/// Source: netsuite.md §11.1.
impl FromStr for JsonDecimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<JsonDecimal, NotADecimal> {
        read(text).ok_or_else(|| NotADecimal(text.to_owned()))
    }
}

fn read(text: &str) -> Option<JsonDecimal> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // Zeros at the end of a fraction carry nothing and must not overflow the mantissa.
    let fraction = fraction.trim_end_matches('0');
    let mut mantissa: i64 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        if !byte.is_ascii_digit() {
            return None;
        }
        mantissa = mantissa.checked_mul(10)?.checked_sub(i64::from(byte - b'0'))?;
    }
    if !negative {
        mantissa = mantissa.checked_neg()?;
    }
    let digits = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    if mantissa == 0 {
        return Some(JsonDecimal::whole(0));
    }
    if digits < 0 {
        let raised = mantissa.checked_mul(10i64.checked_pow(digits.unsigned_abs())?)?;
        return Some(JsonDecimal::whole(raised));
    }
    u8::try_from(digits)
        .ok()
        .filter(|digits| *digits <= DIGITS_MAX)
        .map(|digits| JsonDecimal { mantissa, digits })
}

impl Serialize for JsonDecimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonDecimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonDecimal, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        // A number in quotes is taken too: writers in the field send both.
        raw.get().trim_matches('"').parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
