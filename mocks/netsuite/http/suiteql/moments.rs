//! Dates and times as text, by Oracle's pictures: `YYYY-MM-DD HH24:MI:SS`.
//!
//! Source: netsuite.md §11.2 (functions), §11.3 (pictures in use), §5.3 (date formats of accounts).

use std::fmt::Write;

use super::Fault;
use crate::domain::BookDate;

const DAY: i64 = 86_400;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part<'a> {
    Year,
    ShortYear,
    Month,
    MonthName,
    MonthShort,
    Day,
    Hour24,
    Hour12,
    Minute,
    Second,
    HalfDay,
    ZoneHour,
    ZoneMinute,
    Literal(&'a str),
}

const PARTS: [(&str, Part<'static>); 15] = [
    ("YYYY", Part::Year),
    ("RRRR", Part::Year),
    ("YY", Part::ShortYear),
    ("HH24", Part::Hour24),
    ("HH12", Part::Hour12),
    ("HH", Part::Hour12),
    ("MONTH", Part::MonthName),
    ("MON", Part::MonthShort),
    ("MM", Part::Month),
    ("MI", Part::Minute),
    ("DD", Part::Day),
    ("SS", Part::Second),
    ("AM", Part::HalfDay),
    ("PM", Part::HalfDay),
    ("TZH", Part::ZoneHour),
];

fn parts(picture: &str) -> Result<Vec<Part<'_>>, Fault> {
    let unknown = || Fault::execution("date format not recognized");
    let mut parts = Vec::new();
    let mut rest = picture;
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (text, after) = quoted.split_once('"').ok_or_else(unknown)?;
            parts.push(Part::Literal(text));
            rest = after;
        } else if !first.is_alphanumeric() {
            let (text, after) = rest.split_at(first.len_utf8());
            parts.push(Part::Literal(text));
            rest = after;
        } else if begins(rest, "TZM") {
            parts.push(Part::ZoneMinute);
            rest = &rest[3..];
        } else {
            let (name, part) = PARTS.iter().find(|(name, _)| begins(rest, name)).ok_or_else(unknown)?;
            parts.push(*part);
            rest = &rest[name.len()..];
        }
    }
    Ok(parts)
}

fn begins(text: &str, name: &str) -> bool {
    text.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
}

/// `at` in seconds since midnight of 1970, by the clock that is meant.
pub(super) fn printed(at: i64, picture: &str) -> Result<String, Fault> {
    let out_of_range = || Fault::execution("date is out of range");
    let days = i32::try_from(at.div_euclid(DAY)).map_err(|_| out_of_range())?;
    if !(-700_000..2_900_000).contains(&days) {
        return Err(out_of_range());
    }
    let (year, month, day) = BookDate::from_epoch_days(days).year_month_day();
    let second = at.rem_euclid(DAY);
    let hour = second / 3_600;
    let name = MONTHS[usize::try_from(month - 1).map_err(|_| out_of_range())?];
    let mut text = String::new();
    for part in parts(picture)? {
        match part {
            Part::Year => write!(text, "{year:04}"),
            Part::ShortYear => write!(text, "{:02}", year.rem_euclid(100)),
            Part::Month => write!(text, "{month:02}"),
            Part::MonthName => write!(text, "{name:<9}"),
            Part::MonthShort => write!(text, "{}", &name[..3]),
            Part::Day => write!(text, "{day:02}"),
            Part::Hour24 => write!(text, "{hour:02}"),
            Part::Hour12 => write!(text, "{:02}", (hour + 11) % 12 + 1),
            Part::Minute => write!(text, "{:02}", second / 60 % 60),
            Part::Second => write!(text, "{:02}", second % 60),
            Part::HalfDay => write!(text, "{}", if hour < 12 { "AM" } else { "PM" }),
            Part::ZoneHour | Part::ZoneMinute => return Err(Fault::execution("date format not recognized")),
            Part::Literal(literal) => write!(text, "{literal}"),
        }
        .expect("a String takes any text");
    }
    Ok(text)
}

/// What a text says, with its distance from Greenwich in seconds if the picture has one.
pub(super) fn read_with_zone(text: &str, picture: &str) -> Result<(i64, Option<i64>), Fault> {
    let (mut year, mut month, mut day) = (1970_i64, 1_i64, 1_i64);
    let (mut hour, mut minute, mut second) = (0_i64, 0_i64, 0_i64);
    let (mut afternoon, mut zone) = (None, None);
    let mut rest = text.trim();
    for part in parts(picture)? {
        if rest.is_empty() {
            // Oracle takes a text that ends early: what is missing is midnight.
            break;
        }
        match part {
            Part::Year => year = number(&mut rest, 4, 0, 9_999)?,
            Part::ShortYear => year = 2_000 + number(&mut rest, 2, 0, 99)?,
            Part::Month => month = number(&mut rest, 2, 1, 12)?,
            Part::MonthName | Part::MonthShort => month = named(&mut rest)?,
            Part::Day => day = number(&mut rest, 2, 1, 31)?,
            Part::Hour24 => hour = number(&mut rest, 2, 0, 23)?,
            Part::Hour12 => hour = number(&mut rest, 2, 1, 12)?,
            Part::Minute => minute = number(&mut rest, 2, 0, 59)?,
            Part::Second => second = number(&mut rest, 2, 0, 59)?,
            Part::HalfDay => {
                let (half, after) = rest.split_at_checked(2).ok_or_else(mismatch)?;
                afternoon = Some(match half.to_ascii_uppercase().as_str() {
                    "AM" => false,
                    "PM" => true,
                    _ => return Err(mismatch()),
                });
                rest = after;
            }
            Part::ZoneHour => {
                // `Z` is read as Greenwich; that Oracle does so is to be checked on a real account.
                if let Some(after) = rest.strip_prefix('Z') {
                    (zone, rest) = (Some(0), after);
                } else {
                    let sign = if rest.starts_with('-') { -1 } else { 1 };
                    rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
                    zone = Some(sign * 3_600 * number(&mut rest, 2, 0, 14)?);
                }
            }
            Part::ZoneMinute => {
                let minutes = 60 * number(&mut rest, 2, 0, 59)?;
                zone = zone.map(|zone| if zone < 0 { zone - minutes } else { zone + minutes });
            }
            Part::Literal(literal) => {
                let after = rest.strip_prefix(literal);
                // Any punctuation stands for any other.
                let other = || rest.chars().next().filter(|sign| sign.is_ascii_punctuation() || *sign == ' ');
                rest = match after {
                    Some(after) => after,
                    None if literal.chars().all(|sign| !sign.is_alphanumeric()) => {
                        &rest[other().ok_or_else(mismatch)?.len_utf8()..]
                    }
                    None => return Err(mismatch()),
                };
            }
        }
    }
    if !rest.is_empty() {
        return Err(Fault::execution("date format picture ends before converting entire input string"));
    }
    if let Some(afternoon) = afternoon {
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    let date: BookDate = format!("{year:04}-{month:02}-{day:02}").parse().map_err(|_| mismatch())?;
    Ok((i64::from(date.epoch_days()) * DAY + hour * 3_600 + minute * 60 + second, zone))
}

pub(super) fn read(text: &str, picture: &str) -> Result<i64, Fault> {
    read_with_zone(text, picture).map(|(at, _)| at)
}

/// So many months later, on the same day or the last of its month.
pub(super) fn add_months(at: i64, months: i64) -> Result<i64, Fault> {
    let out_of_range = || Fault::execution("date is out of range");
    let days = i32::try_from(at.div_euclid(DAY)).map_err(|_| out_of_range())?;
    let (year, month, day) = BookDate::from_epoch_days(days).year_month_day();
    let sum = i64::from(year) * 12 + i64::from(month) - 1;
    let sum = sum.checked_add(months).ok_or_else(out_of_range)?;
    let (year, month) = (sum.div_euclid(12), sum.rem_euclid(12) + 1);
    if !(1..=9_999).contains(&year) {
        return Err(out_of_range());
    }
    let first: BookDate = format!("{year:04}-{month:02}-01").parse().map_err(|_| out_of_range())?;
    let last = i64::from(first.first_of_next_month().epoch_days()) - 1;
    let wanted = i64::from(first.epoch_days()) + i64::from(day) - 1;
    Ok(wanted.min(last) * DAY + at.rem_euclid(DAY))
}

fn mismatch() -> Fault {
    Fault::execution("the text does not match the date format")
}

fn number(rest: &mut &str, digits: usize, from: i64, to: i64) -> Result<i64, Fault> {
    let length = rest.bytes().take(digits).take_while(u8::is_ascii_digit).count();
    let (text, after) = rest.split_at(length);
    let value: i64 = text.parse().map_err(|_| mismatch())?;
    *rest = after;
    if (from..=to).contains(&value) { Ok(value) } else { Err(mismatch()) }
}

fn named(rest: &mut &str) -> Result<i64, Fault> {
    for (number, name) in (1..).zip(MONTHS) {
        for length in [name.len(), 3] {
            if begins(rest, &name[..length]) {
                *rest = &rest[length..];
                return Ok(number);
            }
        }
    }
    Err(mismatch())
}
