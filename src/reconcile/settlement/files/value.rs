//! Single values of a file: numbers, amounts, dates, currencies. No amount passes through a float.

use std::num::NonZeroU64;

use crate::domain::{BookDate, Currency};

/// What is wrong with a value, after "it says `…`, which".
pub type Wrong = &'static str;

/// A number of a platform; empty is none. `#1001` and `gid://shopify/Order/1001` are the number at their end.
pub fn number(text: &[u8]) -> Result<Option<NonZeroU64>, Wrong> {
    let digits = match text {
        [] => return Ok(None),
        [b'0'..=b'9', ..] => text,
        [b'#', digits @ ..] => digits,
        _ if text.starts_with(b"gid://") => {
            text.rsplit(|byte| *byte == b'/').next().expect("a split has a last part")
        }
        _ => text,
    };
    if digits.is_empty() || digits.len() > 19 {
        return Err("is no number");
    }
    let mut number: u64 = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err("is no number");
        }
        // Nineteen digits fit.
        number = number * 10 + u64::from(digit);
    }
    Ok(NonZeroU64::new(number))
}

/// A decimal number, before its currency is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decimal {
    digits: i64,
    places: u8,
}

/// Plain decimal text such as `-12.30`; empty is zero. Groups and currency signs are refused: they mean different
/// things in different countries.
pub fn decimal(text: &[u8]) -> Result<Decimal, Wrong> {
    const WRONG: Wrong = "is not a plain decimal number such as `-1204.30`";
    let (is_negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [] => return Ok(Decimal::default()),
        _ => (false, text),
    };
    if unsigned.len() > 18 {
        return Err("has more digits than an amount can");
    }
    let (mut digits, mut places, mut is_fraction, mut seen) = (0i64, 0u8, false, false);
    for byte in unsigned {
        match byte {
            b'0'..=b'9' => {
                // Eighteen digits fit.
                digits = digits * 10 + i64::from(byte - b'0');
                places += u8::from(is_fraction);
                seen = true;
            }
            b'.' if !is_fraction => is_fraction = true,
            _ => return Err(WRONG),
        }
    }
    if !seen {
        return Err(WRONG);
    }
    Ok(Decimal { digits: if is_negative { -digits } else { digits }, places })
}

impl Decimal {
    /// Minor units of a currency.
    pub fn minor(self, currency: Currency) -> Result<i64, Wrong> {
        let places = currency.minor_digits() as i32 - i32::from(self.places);
        if places == 0 {
            return Ok(self.digits);
        }
        let unit = 10i64.pow(places.unsigned_abs());
        if places > 0 {
            return self.digits.checked_mul(unit).ok_or("is beyond the range of an amount");
        }
        if self.digits % unit != 0 {
            return Err("has more digits after the point than its currency");
        }
        Ok(self.digits / unit)
    }
}

/// The day at the start of a date or timestamp, as its own zone reads it: `2026-11-27`, `2026-11-27T14:22:07-05:00`.
/// The days of a file repeat, so the last one is remembered.
#[derive(Debug, Default)]
pub struct Dates {
    last: Option<([u8; 10], BookDate)>,
}

impl Dates {
    pub fn read(&mut self, text: &[u8]) -> Result<BookDate, Wrong> {
        const WRONG: Wrong = "does not begin with a date such as `2026-11-27`";
        let day: [u8; 10] = text.get(..10).and_then(|day| day.try_into().ok()).ok_or(WRONG)?;
        match self.last {
            Some((known, date)) if known == day => Ok(date),
            _ => {
                let date = std::str::from_utf8(&day).ok().and_then(|day| day.parse().ok()).ok_or(WRONG)?;
                self.last = Some((day, date));
                Ok(date)
            }
        }
    }
}

/// Currencies repeat too.
#[derive(Debug, Default)]
pub struct Currencies {
    last: Option<([u8; 3], Currency)>,
}

impl Currencies {
    /// Empty is none.
    pub fn read(&mut self, text: &[u8]) -> Result<Option<Currency>, Wrong> {
        const WRONG: Wrong = "is no currency that this program knows, such as `USD`";
        if text.is_empty() {
            return Ok(None);
        }
        let code: [u8; 3] = text.try_into().map_err(|_| WRONG)?;
        match self.last {
            Some((known, currency)) if known == code => Ok(Some(currency)),
            _ => {
                let upper = code.to_ascii_uppercase();
                let read = std::str::from_utf8(&upper).ok().and_then(|code| code.parse().ok());
                let currency = read.ok_or(WRONG)?;
                self.last = Some((code, currency));
                Ok(Some(currency))
            }
        }
    }
}
