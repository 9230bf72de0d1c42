//! The small grammars of short strings in files that people write.
//!
//! Each reads one text and refuses with the part that is wrong, the cause and the right form. Amounts, dates
//! and zones are read by the domain and only wrapped here. No file access.

use std::ops::Range;

use jiff::civil;
use rust_decimal::Decimal;

use crate::domain::{BookDate, Currency, Duration, MerchantKey, Money, ShopKey, Timestamp, Zone};

/// Why a text was not read: which part, why, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// Bytes of the text; empty if all of it.
    pub at: Range<usize>,
    pub cause: String,
    pub remedy: String,
    pub code: &'static str,
}

fn misread(at: Range<usize>, code: &'static str, cause: String, remedy: &str) -> Misread {
    Misread { at, cause, remedy: remedy.to_owned(), code }
}

/// The longest span that a file may state. Far beyond any rehearsal, and sums of two stay in range.
const DURATION_MAX: Duration = Duration::from_hours(24 * 366 * 10);

const DURATION_FORM: &str = "write numbers with units, such as `45m`, `1h 30m`, `1.5s`, `250ms` or `2d`";

/// `45m`, `1h 30m`, `1.5s`, `250ms`, `2d`: numbers with a unit each, added up.
///
/// # Errors
/// A number without a unit, an unknown unit, a negative or an absurd length.
pub fn duration(text: &str) -> Result<Duration, Misread> {
    let mut total = Duration::ZERO;
    let mut at = 0;
    let mut parts = 0;
    while let Some(skipped) = text[at..].find(|c: char| !c.is_whitespace()) {
        let start = at + skipped;
        let rest = &text[start..];
        if rest.starts_with('-') {
            return Err(misread(
                start..text.len(),
                "negative",
                format!("`{text}` is negative"),
                DURATION_FORM,
            ));
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let letters =
            rest[digits..].find(|c: char| !c.is_alphabetic()).map_or(rest.len(), |length| digits + length);
        let (number, unit) = (&rest[..digits], &rest[digits..letters]);
        let nanos = match unit {
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000_i64,
            "" => {
                let cause = format!("`{text}` is not a length of time");
                return Err(misread(start..text.len(), "wrong-unit", cause, DURATION_FORM));
            }
            other => {
                let place = start + digits..start + letters;
                return Err(misread(
                    place,
                    "wrong-unit",
                    format!("`{other}` is not a unit of time"),
                    DURATION_FORM,
                ));
            }
        };
        let whole = number
            .parse::<Decimal>()
            .ok()
            .and_then(|number| number.checked_mul(Decimal::from(nanos)))
            .filter(|nanos| nanos.is_integer())
            .and_then(|nanos| u64::try_from(nanos).ok());
        let place = start..start + letters;
        let Some(part) = whole else {
            return Err(misread(
                place,
                "out-of-range",
                format!("`{number}` cannot be read in `{unit}`"),
                DURATION_FORM,
            ));
        };
        total = total.plus(Duration::from_nanos(part));
        if total > DURATION_MAX {
            return Err(misread(
                place,
                "out-of-range",
                format!("`{text}` is longer than ten years"),
                DURATION_FORM,
            ));
        }
        at = start + letters;
        parts += 1;
    }
    if parts == 0 {
        return Err(misread(0..0, "wrong-unit", "a length of time is empty".to_owned(), DURATION_FORM));
    }
    Ok(total)
}

/// As [`duration`], but not zero.
///
/// # Errors
/// As [`duration`], and zero.
pub fn positive_duration(text: &str) -> Result<Duration, Misread> {
    match duration(text)? {
        Duration::ZERO => Err(misread(
            0..text.len(),
            "out-of-range",
            "a length of time must not be zero here".to_owned(),
            DURATION_FORM,
        )),
        length => Ok(length),
    }
}

const SHARE_FORM: &str = "write a share of the whole from `0%` to `100%`, such as `2.0%` or `0.05%`";

/// `2.0%`, in parts per million: four digits after the point at most.
///
/// # Errors
/// No percent sign, a negative share, one over 100 %, more digits than are kept.
pub fn share(text: &str) -> Result<u32, Misread> {
    let trimmed = text.trim();
    let all = 0..text.len();
    let Some(number) = trimmed.strip_suffix('%') else {
        return Err(misread(all, "wrong-unit", format!("`{text}` has no percent sign"), SHARE_FORM));
    };
    let at = 0..text.trim_end().len() - 1;
    let number = number.trim();
    let unreadable = |code, cause: String| misread(at.clone(), code, cause, SHARE_FORM);
    if number.starts_with('-') {
        return Err(unreadable("negative", format!("`{text}` is negative")));
    }
    let percent = plain_decimal(number)
        .ok_or_else(|| unreadable("not-a-number", format!("`{number}` is not a number")))?;
    if percent > Decimal::ONE_HUNDRED {
        return Err(unreadable("over-100-percent", format!("`{text}` is over 100 %")));
    }
    let millionths = percent * Decimal::from(10_000);
    if !millionths.is_integer() {
        return Err(unreadable("too-precise", format!("`{text}` is finer than one in a million")));
    }
    Ok(u32::try_from(millionths).expect("at most a million"))
}

/// `20%` as 0.20: a rate of tax, of any precision that a decimal keeps.
///
/// # Errors
/// As [`share`], but for the precision.
pub fn rate_of_tax(text: &str) -> Result<Decimal, Misread> {
    let number = text.trim().strip_suffix('%').map(str::trim);
    let percent = number.and_then(plain_decimal).filter(|percent| *percent <= Decimal::ONE_HUNDRED);
    let hundredth = Decimal::new(1, 2);
    percent.and_then(|percent| percent.checked_mul(hundredth)).map(|rate| rate.normalize()).ok_or_else(|| {
        misread(
            0..text.len(),
            "not-a-rate",
            format!("`{text}` is not a rate"),
            "write a percentage, such as `20%` or `8.875%`",
        )
    })
}

/// `0.8612`: one unit of a currency in another. Positive.
///
/// # Errors
/// Anything that is no positive decimal number.
pub fn exchange_rate(text: &str) -> Result<Decimal, Misread> {
    plain_decimal(text.trim()).filter(|rate| !rate.is_zero()).ok_or_else(|| {
        misread(
            0..text.len(),
            "not-a-rate",
            format!("`{text}` is not a rate of exchange"),
            "write a positive number, such as `0.8612`",
        )
    })
}

const FACTOR_FORM: &str =
    "write `x` and a number from 1 to 1000 with two decimals at most, such as `x8` or `x1.5`";

/// `x8` or `x1.5`, in percent.
///
/// # Errors
/// No `x`; a factor under 1 or over 1000; more than two decimals.
pub fn factor(text: &str) -> Result<u32, Misread> {
    let refuse =
        |cause: &str| misread(0..text.len(), "not-a-factor", format!("`{text}` {cause}"), FACTOR_FORM);
    let number = text.trim().strip_prefix('x').ok_or_else(|| refuse("does not begin with `x`"))?;
    let factor = plain_decimal(number).ok_or_else(|| refuse("is not a factor"))?;
    let percent = factor.checked_mul(Decimal::ONE_HUNDRED).ok_or_else(|| refuse("is beyond the range"))?;
    if !percent.is_integer() || percent < Decimal::ONE_HUNDRED || percent > Decimal::from(100_000) {
        return Err(refuse("is beyond the range"));
    }
    Ok(u32::try_from(percent).expect("at most a hundred thousand"))
}

/// A moment of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The clock on the wall, on the first day or the day after.
    Clock(civil::Time),
    AfterStart(Duration),
}

const MOMENT_FORM: &str = "write a time of day such as `12:05`, or a length after the start such as `90m`";

/// `12:05`, `12:05:30`, or a length of time after the start.
///
/// # Errors
/// Neither of the two.
pub fn moment(text: &str) -> Result<Moment, Misread> {
    if !text.contains(':') {
        return duration(text)
            .map(Moment::AfterStart)
            .map_err(|error| Misread { remedy: MOMENT_FORM.to_owned(), ..error });
    }
    let mut fields = [0_i8; 3];
    let parts: Vec<&str> = text.trim().split(':').collect();
    let two_digits = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if (2..=3).contains(&parts.len()) && parts.iter().all(two_digits) {
        for (field, part) in fields.iter_mut().zip(&parts) {
            *field = part.parse().expect("two digits fit");
        }
        if let Ok(time) = civil::Time::new(fields[0], fields[1], fields[2], 0) {
            return Ok(Moment::Clock(time));
        }
    }
    Err(misread(0..text.len(), "not-a-time", format!("`{text}` is not a time of day"), MOMENT_FORM))
}

/// `2026-11-27T00:00:00[America/New_York]`: a local clock reading and its zone.
///
/// # Errors
/// No zone in brackets, an unknown zone, no such date or time.
pub fn start(text: &str) -> Result<(Timestamp, Zone), Misread> {
    const FORM: &str = "write date, time and zone, such as `2026-11-27T00:00:00[Europe/London]`";
    let split = text.trim().strip_suffix(']').and_then(|text| text.split_once('['));
    let Some((local, name)) = split else {
        return Err(misread(0..text.len(), "no-zone", format!("`{text}` names no zone"), FORM));
    };
    let at = local.len() + 1;
    let zone = zone_named(name, at)?;
    let local_time: civil::DateTime = local.parse().map_err(|_| {
        misread(0..local.len(), "not-a-time", format!("`{local}` is not a date and time"), FORM)
    })?;
    let instant = zone
        .instant(local_time)
        .map_err(|error| misread(0..local.len(), "not-a-time", error.to_string(), FORM))?;
    Ok((instant, zone))
}

/// `Europe/London`.
///
/// # Errors
/// The zone database has no such name.
pub fn zone(text: &str) -> Result<Zone, Misread> {
    zone_named(text, 0)
}

fn zone_named(name: &str, at: usize) -> Result<Zone, Misread> {
    Zone::named(name).map_err(|error| {
        misread(
            at..at + name.len(),
            "unknown-zone",
            error.to_string(),
            "write a name of the zone database, such as `Europe/London`",
        )
    })
}

/// `GBP`.
///
/// # Errors
/// Not a currency that this program can book.
pub fn currency(text: &str) -> Result<Currency, Misread> {
    text.parse().map_err(|error: crate::domain::currency::UnknownCurrency| {
        let remedy = match super::document::nearest(text, Currency::all().map(Currency::code)) {
            Some(code) => format!("did you mean `{code}`?"),
            None => "write an ISO 4217 code in capitals, such as `GBP`".to_owned(),
        };
        Misread { at: 0..text.len(), cause: error.to_string(), remedy, code: "unknown-currency" }
    })
}

/// `59.90 USD`.
///
/// # Errors
/// No currency, an unknown one, excess digits, an amount beyond the range.
pub fn money(text: &str) -> Result<Money, Misread> {
    text.parse().map_err(|cause: String| {
        misread(0..text.len(), "not-an-amount", cause, "write amount and currency, such as `59.90 USD`")
    })
}

/// As [`money`], but not negative.
///
/// # Errors
/// As [`money`], and a negative amount.
pub fn amount(text: &str) -> Result<Money, Misread> {
    let amount = money(text)?;
    if amount.minor() < 0 {
        return Err(misread(
            0..text.len(),
            "negative",
            format!("`{text}` is negative"),
            "write what is paid or charged, zero or more",
        ));
    }
    Ok(amount)
}

/// `2026-11-27`.
///
/// # Errors
/// No such day.
pub fn date(text: &str) -> Result<BookDate, Misread> {
    text.parse().map_err(|error: crate::domain::time::NotADate| {
        misread(
            0..text.len(),
            "not-a-date",
            error.to_string(),
            "write year, month and day, such as `2026-11-27`",
        )
    })
}

/// `fr`.
///
/// # Errors
/// Not a short key.
pub fn shop_key(text: &str) -> Result<ShopKey, Misread> {
    text.parse().map_err(|error: crate::domain::ids::NotAKey| not_a_key(text, &error))
}

/// `harbour`.
///
/// # Errors
/// Not a short key.
pub fn merchant_key(text: &str) -> Result<MerchantKey, Misread> {
    text.parse().map_err(|error: crate::domain::ids::NotAKey| not_a_key(text, &error))
}

fn not_a_key(text: &str, error: &crate::domain::ids::NotAKey) -> Misread {
    misread(
        0..text.len(),
        "not-a-key",
        error.to_string(),
        "keys become part of external ids: keep them short and for good",
    )
}

/// `<= 15m`: the text after the sign and where it begins. `= 0` is the same as `<= 0`.
///
/// # Errors
/// Another sign.
pub fn at_most(text: &str) -> Result<(&str, usize), Misread> {
    let trimmed = text.trim_start();
    let lead = text.len() - trimmed.len();
    for sign in ["<=", "="] {
        let Some(rest) = trimmed.strip_prefix(sign) else { continue };
        let value = rest.trim();
        if sign == "=" && value != "0" {
            break;
        }
        return Ok((value, lead + sign.len() + rest.len() - rest.trim_start().len()));
    }
    let cause = format!("`{text}` is not a limit");
    Err(misread(
        0..text.len(),
        "not-a-limit",
        cause,
        "write `<=` and the most that may be, such as `<= 15m`, or `= 0`",
    ))
}

/// A limit whose value is read by another grammar, e.g. `at_most_of(text, duration)`.
///
/// # Errors
/// As [`at_most`] and the other grammar.
pub fn at_most_of<T>(text: &str, value: impl FnOnce(&str) -> Result<T, Misread>) -> Result<T, Misread> {
    let (inner, at) = at_most(text)?;
    value(inner).map_err(|error| Misread { at: error.at.start + at..error.at.end + at, ..error })
}

/// `40`: a count.
///
/// # Errors
/// Anything but digits.
pub fn count(text: &str) -> Result<u64, Misread> {
    text.parse().map_err(|_| {
        misread(
            0..text.len(),
            "not-a-number",
            format!("`{text}` is not a whole number"),
            "write digits, such as `40`",
        )
    })
}

/// Part of the orders at a moment, in a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    pub share_ppm: u32,
    pub at: Moment,
    pub over: Duration,
}

/// `8% at 12:00, spread over 5m`.
///
/// # Errors
/// Another form, or parts that do not read.
pub fn burst(text: &str) -> Result<Burst, Misread> {
    const FORM: &str = "write share, moment and length, such as `8% at 12:00, spread over 5m`";
    let parts = text
        .split_once(" at ")
        .and_then(|(part, rest)| rest.split_once(", spread over ").map(|(at, over)| (part, at, over)));
    let Some((part, at, over)) = parts else {
        return Err(misread(
            0..text.len(),
            "not-a-burst",
            format!("`{text}` is not a burst of orders"),
            FORM,
        ));
    };
    let shifted =
        |by: usize| move |error: Misread| Misread { at: error.at.start + by..error.at.end + by, ..error };
    let at_start = part.len() + " at ".len();
    let over_start = at_start + at.len() + ", spread over ".len();
    Ok(Burst {
        share_ppm: share(part)?,
        at: moment(at).map_err(shifted(at_start))?,
        over: positive_duration(over).map_err(shifted(over_start))?,
    })
}

/// Digits with at most one point between them: no sign, no exponent.
fn plain_decimal(text: &str) -> Option<Decimal> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let outer = text.bytes().next()?.is_ascii_digit() && text.bytes().next_back()?.is_ascii_digit();
    if plain && outer { Decimal::from_str_exact(text).ok() } else { None }
}

#[cfg(test)]
mod tests;
