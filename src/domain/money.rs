//! Amounts of money: exact, in minor units, each with its currency.
//!
//! Not here: splitting an amount ([`super::allocation`]); rates and unit prices, which are `rust_decimal`.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

use super::currency::Currency;

/// An exact amount in its currency's minor unit: US$12.30 is `1230`, ¥500 is `500`, KWD 1.250 is `1250`.
///
/// There is no `+`: two amounts are added with [`Money::checked_add`], which refuses mixed currencies and
/// overflow; many are added with [`Sum`].
///
/// ```compile_fail
/// use plimsoll::domain::{Currency, Money};
/// let mixed = Money::new(100, Currency::USD) + Money::new(100, Currency::EUR);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money {
    currency: Currency,
    minor: i64,
}

/// Why an amount could not be computed or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("cannot add {right} to an amount in {left}")]
    MixedCurrencies { left: Currency, right: Currency },
    #[error("amount beyond the range of {currency}")]
    OutOfRange { currency: Currency },
    #[error("`{text}` is not an amount of {currency}: {reason}")]
    Unreadable { text: String, currency: Currency, reason: &'static str },
}

impl Money {
    pub const fn new(minor: i64, currency: Currency) -> Money {
        Money { currency, minor }
    }

    pub const fn zero(currency: Currency) -> Money {
        Money { currency, minor: 0 }
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// # Errors
    /// Mixed currencies; a sum beyond the range of `i64` minor units.
    pub fn checked_add(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        self.keep(self.minor.checked_add(other.minor))
    }

    /// # Errors
    /// As [`Money::checked_add`].
    pub fn checked_sub(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        self.keep(self.minor.checked_sub(other.minor))
    }

    /// The amount times a count.
    ///
    /// # Errors
    /// A product beyond the range.
    pub fn checked_mul(self, count: i64) -> Result<Money, MoneyError> {
        self.keep(self.minor.checked_mul(count))
    }

    /// # Errors
    /// Only the smallest `i64` has no opposite.
    pub fn checked_neg(self) -> Result<Money, MoneyError> {
        self.keep(self.minor.checked_neg())
    }

    /// The amount times `part` / `whole`, to the nearest minor unit, half away from zero.
    ///
    /// # Errors
    /// `whole` is zero, or the share is beyond the range.
    pub fn share(self, part: i64, whole: i64) -> Result<Money, MoneyError> {
        let out_of_range = MoneyError::OutOfRange { currency: self.currency };
        if whole == 0 {
            return Err(out_of_range);
        }
        // Of two 64-bit numbers the product always fits.
        let product = i128::from(self.minor) * i128::from(part);
        let whole = i128::from(whole);
        let (quotient, rest) = (product / whole, product % whole);
        let away = i128::from(2 * rest.unsigned_abs() >= whole.unsigned_abs());
        let rounded = quotient + away * product.signum() * whole.signum();
        i64::try_from(rounded).map(|minor| Money { currency: self.currency, minor }).map_err(|_| out_of_range)
    }

    /// The exact value as a decimal number of major units.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.minor_digits())
    }

    /// The nearest amount to a decimal number of major units, half away from zero.
    ///
    /// # Errors
    /// A value beyond the range.
    pub fn round_half_up(value: Decimal, currency: Currency) -> Result<Money, MoneyError> {
        let rounded =
            value.round_dp_with_strategy(currency.minor_digits(), RoundingStrategy::MidpointAwayFromZero);
        Money::exactly(rounded, currency).ok_or(MoneyError::OutOfRange { currency })
    }

    /// Reads a platform's decimal text such as `"15.0"`, `"7.25"` or `"-3"`. Trailing zeros beyond the minor
    /// digits are accepted; any other excess digit is an error, never rounded away.
    ///
    /// # Errors
    /// Text that is not a plain decimal number, has too many digits, or is out of range.
    pub fn parse(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let unreadable = |reason| MoneyError::Unreadable { text: text.to_owned(), currency, reason };
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || (digits.contains('.') && fraction.is_empty()) {
            return Err(unreadable("expected digits"));
        }
        let places = currency.minor_digits() as usize;
        let mut minor: i64 = 0;
        let mut push = |byte: u8| {
            if !byte.is_ascii_digit() {
                return Err(unreadable("expected digits"));
            }
            // Accumulated below zero, because `i64::MIN` has no positive counterpart.
            minor = minor
                .checked_mul(10)
                .and_then(|so_far| so_far.checked_sub(i64::from(byte - b'0')))
                .ok_or(MoneyError::OutOfRange { currency })?;
            Ok(())
        };
        for byte in whole.bytes() {
            push(byte)?;
        }
        for at in 0..places {
            push(fraction.as_bytes().get(at).copied().unwrap_or(b'0'))?;
        }
        match fraction.as_bytes().get(places..) {
            Some(excess) if excess.iter().any(|byte| !byte.is_ascii_digit()) => {
                Err(unreadable("expected digits"))
            }
            Some(excess) if excess.iter().any(|byte| *byte != b'0') => {
                Err(unreadable("more digits than the currency has"))
            }
            _ if negative => Ok(Money { currency, minor }),
            _ => Money { currency, minor }.checked_neg(),
        }
    }

    /// Writes the number without its currency, all minor digits: `1204.11`, `500`, `-0.05`.
    pub fn write_plain(self, out: &mut impl fmt::Write) -> fmt::Result {
        let digits = self.currency.minor_digits();
        let sign = if self.minor < 0 { "-" } else { "" };
        let magnitude = self.minor.unsigned_abs();
        if digits == 0 {
            return write!(out, "{sign}{magnitude}");
        }
        let unit = 10u64.pow(digits);
        write!(out, "{sign}{}.{:0width$}", magnitude / unit, magnitude % unit, width = digits as usize)
    }

    fn exactly(value: Decimal, currency: Currency) -> Option<Money> {
        let scale = Decimal::from(10i64.pow(currency.minor_digits()));
        let minor = value.checked_mul(scale)?;
        if !minor.fract().is_zero() {
            return None;
        }
        i64::try_from(minor).ok().map(|minor| Money { currency, minor })
    }

    fn same_currency(self, other: Money) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::MixedCurrencies { left: self.currency, right: other.currency })
        }
    }

    fn keep(self, minor: Option<i64>) -> Result<Money, MoneyError> {
        minor
            .map(|minor| Money { currency: self.currency, minor })
            .ok_or(MoneyError::OutOfRange { currency: self.currency })
    }
}

/// `1,204.11 USD`: as a person reads it.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain = String::new();
        self.write_plain(&mut plain)?;
        let (sign, unsigned) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(w, f)| (w, Some(f)));
        let mut grouped = String::from(sign);
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        if let Some(fraction) = fraction {
            grouped.push('.');
            grouped.push_str(fraction);
        }
        f.pad(&format!("{grouped} {}", self.currency))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads `59.90 USD`, the spelling of scenario files.
impl FromStr for Money {
    type Err = String;

    fn from_str(text: &str) -> Result<Money, String> {
        let (amount, code) = text
            .trim()
            .rsplit_once(' ')
            .ok_or_else(|| format!("`{text}` is not an amount such as `59.90 USD`"))?;
        let currency = code.parse::<Currency>().map_err(|error| error.to_string())?;
        Money::parse(amount.trim(), currency).map_err(|error| error.to_string())
    }
}

/// A running total of one currency, kept in `i128` and checked back into `i64` when it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    currency: Currency,
    minor: i128,
}

impl Sum {
    pub const fn new(currency: Currency) -> Sum {
        Sum { currency, minor: 0 }
    }

    /// # Errors
    /// The amount is of another currency.
    pub fn add(&mut self, amount: Money) -> Result<(), MoneyError> {
        if amount.currency != self.currency {
            return Err(MoneyError::MixedCurrencies { left: self.currency, right: amount.currency });
        }
        self.minor += i128::from(amount.minor);
        Ok(())
    }

    /// # Errors
    /// As [`Sum::add`], for any of the amounts, or a total beyond the range.
    pub fn of(currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Result<Money, MoneyError> {
        let mut sum = Sum::new(currency);
        for amount in amounts {
            sum.add(amount)?;
        }
        sum.total()
    }

    /// # Errors
    /// The total does not fit.
    pub fn total(self) -> Result<Money, MoneyError> {
        i64::try_from(self.minor)
            .map(|minor| Money { currency: self.currency, minor })
            .map_err(|_| MoneyError::OutOfRange { currency: self.currency })
    }
}

#[cfg(test)]
mod tests;
