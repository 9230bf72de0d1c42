//! Currencies: code and number of minor digits, nothing else. Rates are facts of a day, not of a currency.

use std::fmt;
use std::str::FromStr;

/// An ISO 4217 currency that this program can book. Compared and ordered by its code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(u8);

/// Code and minor digits, sorted by code so that the derived order of [`Currency`] is the alphabetical one.
///
/// Source: ISO 4217. Only currencies in which Shopify settles or presents are listed; another code is
/// refused with its name, never guessed at two digits.
const TABLE: [(&str, u8); 36] = [
    ("AED", 2),
    ("AUD", 2),
    ("BGN", 2),
    ("BHD", 3),
    ("BRL", 2),
    ("CAD", 2),
    ("CHF", 2),
    ("CLP", 0),
    ("CZK", 2),
    ("DKK", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("HKD", 2),
    ("HUF", 2),
    ("ILS", 2),
    ("INR", 2),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("MXN", 2),
    ("MYR", 2),
    ("NOK", 2),
    ("NZD", 2),
    ("OMR", 3),
    ("PLN", 2),
    ("RON", 2),
    ("SAR", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("THB", 2),
    ("TND", 3),
    ("TRY", 2),
    ("USD", 2),
    ("ZAR", 2),
];

impl Currency {
    pub const EUR: Currency = Currency(10);
    pub const GBP: Currency = Currency(11);
    pub const JPY: Currency = Currency(18);
    pub const KWD: Currency = Currency(20);
    pub const USD: Currency = Currency(34);

    /// The three-letter code.
    pub fn code(self) -> &'static str {
        TABLE[usize::from(self.0)].0
    }

    /// Digits after the point: 2 for US dollars, 0 for yen, 3 for Kuwaiti dinars.
    pub fn minor_digits(self) -> u32 {
        u32::from(TABLE[usize::from(self.0)].1)
    }

    /// Every currency known, in alphabetical order.
    pub fn all() -> impl Iterator<Item = Currency> {
        (0..TABLE.len() as u8).map(Currency)
    }
}

/// The code is not one that this program can book.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown currency `{0}`")]
pub struct UnknownCurrency(pub String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        TABLE
            .binary_search_by(|(known, _)| (*known).cmp(code))
            .map(|at| Currency(at as u8))
            .map_err(|_| UnknownCurrency(code.to_owned()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
