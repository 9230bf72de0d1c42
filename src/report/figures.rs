//! How numbers, lengths and clock faces are written for people.

use std::time;

use crate::domain::{Currency, Duration, Money, Sum, Timestamp, Zone};

/// `31,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `-1,204.11 USD`, of a total that may be beyond the range of one amount.
pub fn amount(minor: i128, currency: Currency) -> String {
    let plain = plain_amount(minor, currency);
    let (sign, unsigned) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(w, f)| (w, Some(f)));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text.push(' ');
    text.push_str(currency.code());
    text
}

/// `-1204.11`: for files and other programs.
pub fn plain_amount(minor: i128, currency: Currency) -> String {
    let digits = currency.minor_digits();
    let sign = if minor < 0 { "-" } else { "" };
    let (magnitude, unit) = (minor.unsigned_abs(), 10u128.pow(digits));
    if digits == 0 {
        return format!("{sign}{magnitude}");
    }
    format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit, width = digits as usize)
}

/// `1 order`, `31,204 orders`.
pub fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// `11.40`: how many of them there are for each of so many.
pub fn per(number: u64, each: u64) -> String {
    let hundredths = (number * 100).checked_div(each).unwrap_or_default();
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// `1 thing was`, `2 things were`.
pub fn were(number: u64, noun: &str) -> String {
    format!("{} {}", counted(number, noun), if number == 1 { "was" } else { "were" })
}

/// Wall-clock time as a person says it: `0.4 s`, `12.4 s`, `3 min 20 s`.
pub fn wall(length: time::Duration) -> String {
    match length.as_secs() {
        seconds @ 0..60 => format!("{seconds}.{} s", length.subsec_millis() / 100),
        seconds @ 60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

/// `312 MiB`.
pub fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", grouped(bytes >> 20))
}

/// Seconds with milliseconds, for machines. Never for money.
pub fn seconds(length: Duration) -> f64 {
    length.millis() as f64 / 1_000.0
}

/// The local reading of an instant: `14:22:07`, or with its date on another day than that of `starts`.
pub fn clock(at: Timestamp, starts: Timestamp, zone: &Zone) -> String {
    let local = at.seconds() + i64::from(zone.offset_seconds(at));
    let of_day = local.rem_euclid(86_400);
    let face = format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60);
    match zone.book_date(at) {
        date if date == zone.book_date(starts) => face,
        date => format!("{date} {face}"),
    }
}

/// Totals by currency, in order of their codes, without regard to sign: what is too much somewhere is too little
/// elsewhere. A total beyond the range of an amount is left out, never shown wrong.
pub fn totals(amounts: impl IntoIterator<Item = Money>) -> Vec<Money> {
    let mut by_currency: Vec<(Currency, Sum)> = Vec::new();
    for amount in amounts {
        let Ok(size) = (if amount.minor() < 0 { amount.checked_neg() } else { Ok(amount) }) else { continue };
        let at = by_currency.binary_search_by_key(&size.currency(), |(currency, _)| *currency);
        let at = at.unwrap_or_else(|at| {
            by_currency.insert(at, (size.currency(), Sum::new(size.currency())));
            at
        });
        by_currency[at].1.add(size).expect("the sum is of this currency");
    }
    by_currency.into_iter().filter_map(|(_, sum)| sum.total().ok()).filter(|sum| !sum.is_zero()).collect()
}

/// `12.00 EUR and 184.20 USD`, or nothing.
pub fn listed(amounts: &[Money]) -> String {
    let texts: Vec<String> = amounts.iter().map(Money::to_string).collect();
    match texts.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests;
