//! Functions of one row.
//!
//! Source: netsuite.md §11.2 (usable functions), §11.3 (`SYSDATE` is US Pacific).

use std::cmp::Ordering;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::tables::Data;
use super::value::{Value, compare};
use super::{Fault, moments};
use crate::domain::Zone;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Nvl,
    Nvl2,
    Coalesce,
    NullIf,
    Decode,
    Upper,
    Lower,
    Trim,
    Length,
    Substr,
    Instr,
    Replace,
    Concat,
    Abs,
    Sign,
    Round,
    Trunc,
    Floor,
    Ceil,
    Mod,
    Greatest,
    Least,
    ToNumber,
    ToChar,
    ToDate,
    ToTimestamp,
    ToTimestampTz,
    AddMonths,
    LastDay,
    Sysdate,
}

/// Name, and how many arguments it takes.
const FUNCTIONS: [(&str, Function, usize, usize); 32] = [
    ("nvl", Function::Nvl, 2, 2),
    ("nvl2", Function::Nvl2, 3, 3),
    ("coalesce", Function::Coalesce, 1, 100),
    ("nullif", Function::NullIf, 2, 2),
    ("decode", Function::Decode, 3, 100),
    ("upper", Function::Upper, 1, 1),
    ("lower", Function::Lower, 1, 1),
    ("trim", Function::Trim, 1, 1),
    ("length", Function::Length, 1, 1),
    ("substr", Function::Substr, 2, 3),
    ("instr", Function::Instr, 2, 2),
    ("replace", Function::Replace, 3, 3),
    ("concat", Function::Concat, 2, 2),
    ("abs", Function::Abs, 1, 1),
    ("sign", Function::Sign, 1, 1),
    ("round", Function::Round, 1, 2),
    ("trunc", Function::Trunc, 1, 2),
    ("floor", Function::Floor, 1, 1),
    ("ceil", Function::Ceil, 1, 1),
    ("mod", Function::Mod, 2, 2),
    ("greatest", Function::Greatest, 1, 100),
    ("least", Function::Least, 1, 100),
    ("to_number", Function::ToNumber, 1, 1),
    ("to_char", Function::ToChar, 1, 2),
    ("to_date", Function::ToDate, 1, 2),
    ("to_timestamp", Function::ToTimestamp, 1, 2),
    ("to_timestamp_tz", Function::ToTimestampTz, 2, 2),
    ("add_months", Function::AddMonths, 2, 2),
    ("last_day", Function::LastDay, 1, 1),
    ("sysdate", Function::Sysdate, 0, 0),
    ("ifnull", Function::Nvl, 2, 2),
    ("ceiling", Function::Ceil, 1, 1),
];

/// Longer texts are not built.
const TEXT_MAX: usize = 1_000_000;
const DAY: i64 = 86_400;

impl Function {
    pub fn named(name: &str, args: usize) -> Result<Function, Fault> {
        let known = FUNCTIONS.iter().find(|(known, ..)| *known == name);
        let (_, function, from, to) = known.ok_or_else(|| Fault::unsupported("function", name))?;
        if (*from..=*to).contains(&args) {
            Ok(*function)
        } else {
            Err(Fault::execution(&format!("invalid number of arguments of {name}")))
        }
    }

    pub fn call(self, args: &[Value], data: &Data<'_>) -> Result<Value, Fault> {
        let format = data.format;
        let arg = |at: usize| args.get(at).unwrap_or(&Value::Null);
        let text = |at: usize| arg(at).printed(format);
        let number = |at: usize| arg(at).to_number();
        let whole = |at: usize| -> Result<Option<i64>, Fault> {
            Ok(number(at)?.and_then(|number| number.trunc().to_i64()))
        };
        let numeric = |of: fn(Decimal) -> Decimal| -> Result<Value, Fault> {
            Ok(Value::maybe_number(number(0)?.map(of)))
        };
        let spelled = |of: fn(&str) -> String| Ok(Value::maybe_text(text(0).map(|text| of(&text))));
        match self {
            Function::Nvl => Ok(if arg(0).is_null() { arg(1).clone() } else { arg(0).clone() }),
            Function::Nvl2 => Ok(if arg(0).is_null() { arg(2).clone() } else { arg(1).clone() }),
            Function::Coalesce => Ok(args.iter().find(|arg| !arg.is_null()).cloned().unwrap_or(Value::Null)),
            Function::NullIf => {
                let is_same = compare(arg(0), arg(1), format)? == Some(Ordering::Equal);
                Ok(if is_same { Value::Null } else { arg(0).clone() })
            }
            Function::Decode => {
                let mut pairs = args[1..].chunks_exact(2);
                for pair in &mut pairs {
                    let are_null = arg(0).is_null() && pair[0].is_null();
                    if are_null || compare(arg(0), &pair[0], format)? == Some(Ordering::Equal) {
                        return Ok(pair[1].clone());
                    }
                }
                Ok(pairs.remainder().first().cloned().unwrap_or(Value::Null))
            }
            Function::Upper => spelled(str::to_uppercase),
            Function::Lower => spelled(str::to_lowercase),
            Function::Trim => spelled(|text| text.trim().to_owned()),
            Function::Length => Ok(Value::maybe_number(text(0).map(|text| text.chars().count()))),
            Function::Substr => {
                let (Some(text), Some(from)) = (text(0), whole(1)?) else { return Ok(Value::Null) };
                let signs = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
                let skipped = if from < 0 { signs.saturating_add(from) } else { (from - 1).max(0) };
                let length = if args.len() > 2 { whole(2)?.unwrap_or(0) } else { signs };
                if skipped < 0 {
                    return Ok(Value::Null);
                }
                let (skipped, length) =
                    (usize::try_from(skipped).unwrap_or(usize::MAX), usize::try_from(length).unwrap_or(0));
                Ok(Value::text(text.chars().skip(skipped).take(length).collect::<String>()))
            }
            Function::Instr => {
                let (Some(text), Some(wanted)) = (text(0), text(1)) else { return Ok(Value::Null) };
                let at = text.find(&wanted).map_or(0, |at| text[..at].chars().count() + 1);
                Ok(Value::number(at))
            }
            Function::Replace => {
                let Some(whole) = text(0) else { return Ok(Value::Null) };
                let Some(from) = text(1) else { return Ok(Value::text(whole)) };
                bounded(whole.replace(&from, &text(2).unwrap_or_default()))
            }
            Function::Concat => bounded(text(0).unwrap_or_default() + &text(1).unwrap_or_default()),
            Function::Abs => numeric(|number| number.abs()),
            Function::Sign => numeric(|number| match number.cmp(&Decimal::ZERO) {
                Ordering::Less => Decimal::NEGATIVE_ONE,
                Ordering::Equal => Decimal::ZERO,
                Ordering::Greater => Decimal::ONE,
            }),
            Function::Floor => numeric(|number| number.floor()),
            Function::Ceil => numeric(|number| number.ceil()),
            Function::Round | Function::Trunc => {
                if let Value::Moment(at) = arg(0) {
                    if args.len() > 1 {
                        return Err(Fault::unsupported("function", "TRUNC of a date to a unit"));
                    }
                    return Ok(Value::Moment(at.div_euclid(DAY) * DAY));
                }
                let digits = if args.len() > 1 { whole(1)?.unwrap_or(0) } else { 0 };
                let digits = u32::try_from(digits.clamp(0, 20)).unwrap_or(0);
                let how = if self == Function::Round {
                    RoundingStrategy::MidpointAwayFromZero
                } else {
                    RoundingStrategy::ToZero
                };
                Ok(Value::maybe_number(number(0)?.map(|number| number.round_dp_with_strategy(digits, how))))
            }
            Function::Mod => {
                let (Some(left), Some(right)) = (number(0)?, number(1)?) else { return Ok(Value::Null) };
                Ok(Value::number(left.checked_rem(right).unwrap_or(left)))
            }
            Function::Greatest | Function::Least => {
                let wanted = if self == Function::Greatest { Ordering::Greater } else { Ordering::Less };
                let mut best = arg(0).clone();
                for other in args {
                    match compare(other, &best, format)? {
                        None => return Ok(Value::Null),
                        Some(order) if order == wanted => best = other.clone(),
                        Some(_) => {}
                    }
                }
                Ok(best)
            }
            Function::ToNumber => Ok(Value::maybe_number(number(0)?)),
            Function::ToChar => match (arg(0), text(1)) {
                (value, _) if value.is_null() => Ok(Value::Null),
                (Value::Moment(at), Some(picture)) => moments::printed(*at, &picture).map(Value::text),
                (value, None) => Ok(Value::maybe_text(value.printed(format))),
                (Value::Text(text), Some(picture)) => {
                    moments::printed(moments::read(text, format.picture())?, &picture).map(Value::text)
                }
                _ => Err(Fault::unsupported("function", "TO_CHAR of a number with a picture")),
            },
            Function::ToDate | Function::ToTimestamp => {
                let picture = text(1).unwrap_or_else(|| format.picture().to_owned());
                match (arg(0), text(0)) {
                    (Value::Moment(at), _) => Ok(Value::Moment(*at)),
                    (_, Some(text)) => moments::read(&text, &picture).map(Value::Moment),
                    (_, None) => Ok(Value::Null),
                }
            }
            Function::ToTimestampTz => {
                let (Some(text), Some(picture)) = (text(0), text(1)) else { return Ok(Value::Null) };
                let (at, zone) = moments::read_with_zone(&text, &picture)?;
                Ok(Value::Moment(zone.map_or(at, |zone| data.local(at - zone))))
            }
            Function::AddMonths => {
                let (Some(at), Some(months)) = (arg(0).to_moment(format)?, whole(1)?) else {
                    return Ok(Value::Null);
                };
                moments::add_months(at, months).map(Value::Moment)
            }
            Function::LastDay => {
                let Some(at) = arg(0).to_moment(format)? else { return Ok(Value::Null) };
                let month = moments::printed(at, "YYYY-MM")?;
                let next = moments::add_months(moments::read(&format!("{month}-01"), "YYYY-MM-DD")?, 1)?;
                Ok(Value::Moment(next - DAY + at.rem_euclid(DAY)))
            }
            Function::Sysdate => {
                let pacific = Zone::named("America/Los_Angeles").expect("the zone database is bundled");
                let seconds = data.now.seconds();
                Ok(Value::Moment(seconds + i64::from(pacific.offset_seconds(data.now))))
            }
        }
    }
}

pub(super) fn bounded(text: String) -> Result<Value, Fault> {
    if text.len() > TEXT_MAX {
        return Err(Fault::execution("result of string concatenation is too long"));
    }
    Ok(Value::text(text))
}
