//! The filter language of collections: `q=email IS "a@b.example" AND isInactive IS false`.
//!
//! Source: netsuite.md §5.3 (operators, dates in the account's format and zone).

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::json::Json;
use super::problem::{Place, Problem};
use super::render::{Properties, Property};
use super::suiteql::DateFormat;
use crate::domain::{BookDate, Timestamp, Zone};

#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    One { field: String, operator: Operator, is_not: bool, values: Vec<String> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Empty,
    Is,
    Contain,
    StartWith,
    EndWith,
    AnyOf,
    Between,
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    After,
    Before,
    On,
    OnOrAfter,
    OnOrBefore,
}

/// Name, and how many values it takes; 9 stands for a list.
const OPERATORS: [(&str, Operator, usize); 18] = [
    ("EMPTY", Operator::Empty, 0),
    ("IS", Operator::Is, 1),
    ("CONTAIN", Operator::Contain, 1),
    ("START_WITH", Operator::StartWith, 1),
    ("ENDWITH", Operator::EndWith, 1),
    ("END_WITH", Operator::EndWith, 1),
    ("ANY_OF", Operator::AnyOf, 9),
    ("BETWEEN", Operator::Between, 9),
    ("EQUAL", Operator::Equal, 1),
    ("GREATER_OR_EQUAL", Operator::GreaterOrEqual, 1),
    ("GREATER", Operator::Greater, 1),
    ("LESS_OR_EQUAL", Operator::LessOrEqual, 1),
    ("LESS", Operator::Less, 1),
    ("AFTER", Operator::After, 1),
    ("BEFORE", Operator::Before, 1),
    ("ON_OR_AFTER", Operator::OnOrAfter, 1),
    ("ON_OR_BEFORE", Operator::OnOrBefore, 1),
    ("ON", Operator::On, 1),
];

const DEPTH_MAX: usize = 30;

pub(super) fn invalid(reason: &str) -> Problem {
    let text = format!("Invalid search query. Detailed unprocessed description follows. {reason}");
    Problem::new(400, "INVALID_PARAMETER", text).at(Place::QueryParameter("q".to_owned()))
}

/// Words, quoted texts without their quotes, and the signs `(`, `)`, `[`, `]`, `,`.
fn tokens(text: &str) -> Result<Vec<(String, bool)>, Problem> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (value, after) = quoted.split_once('"').ok_or_else(|| invalid("A quote is not closed."))?;
            tokens.push((value.to_owned(), true));
            rest = after;
        } else if "()[],".contains(first) {
            tokens.push((first.to_string(), false));
            rest = &rest[1..];
        } else {
            let end = rest
                .find(|sign: char| sign.is_whitespace() || "()[],\"".contains(sign))
                .unwrap_or(rest.len());
            tokens.push((rest[..end].to_owned(), false));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<(String, bool)>,
    at: usize,
}

impl Parser {
    fn is(&self, word: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|(text, quoted)| !quoted && text.eq_ignore_ascii_case(word))
    }

    fn take(&mut self, word: &str) -> bool {
        let is = self.is(word);
        self.at += usize::from(is);
        is
    }

    fn next(&mut self) -> Result<String, Problem> {
        let (text, _) = self.tokens.get(self.at).ok_or_else(|| invalid("The filter ends early."))?;
        self.at += 1;
        Ok(text.clone())
    }

    fn any(&mut self, depth: usize) -> Result<Filter, Problem> {
        if depth > DEPTH_MAX {
            return Err(invalid("The filter is nested too deeply."));
        }
        let mut branches = vec![self.all(depth)?];
        while self.take("OR") {
            branches.push(self.all(depth)?);
        }
        Ok(Filter::Any(branches))
    }

    fn all(&mut self, depth: usize) -> Result<Filter, Problem> {
        let mut parts = vec![self.one(depth)?];
        while self.take("AND") {
            parts.push(self.one(depth)?);
        }
        Ok(Filter::All(parts))
    }

    fn one(&mut self, depth: usize) -> Result<Filter, Problem> {
        if self.take("(") {
            let inside = self.any(depth + 1)?;
            return if self.take(")") { Ok(inside) } else { Err(invalid("`)` is missing.")) };
        }
        let field = self.next()?;
        let written = self.next()?.to_ascii_uppercase();
        let (name, is_not) =
            written.strip_suffix("_NOT").map_or((written.as_str(), false), |name| (name, true));
        let known = OPERATORS.iter().find(|(known, ..)| *known == name);
        let (_, operator, count) = known.ok_or_else(|| invalid(&format!("Invalid operator: {written}.")))?;
        let mut values = Vec::new();
        if *count == 9 {
            let closing = if self.take("[") {
                "]"
            } else if self.take("(") {
                ")"
            } else {
                ""
            };
            values.push(self.next()?);
            while self.take(",") {
                values.push(self.next()?);
            }
            if !closing.is_empty() && !self.take(closing) {
                return Err(invalid(&format!("`{closing}` is missing.")));
            }
        } else if *count == 1 {
            values.push(self.next()?);
        }
        if *operator == Operator::Between && values.len() != 2 {
            return Err(invalid("BETWEEN takes two values."));
        }
        Ok(Filter::One { field, operator: *operator, is_not, values })
    }
}

pub(super) fn read(text: &str) -> Result<Filter, Problem> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let filter = parser.any(0)?;
    if parser.at == parser.tokens.len() {
        Ok(filter)
    } else {
        Err(invalid("The filter goes on where it should end."))
    }
}

impl Filter {
    /// Names of the fields that it asks for.
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Filter::All(parts) | Filter::Any(parts) => parts.iter().flat_map(Filter::fields).collect(),
            Filter::One { field, .. } => vec![field],
        }
    }

    /// # Errors
    /// A value that is no number or date where one belongs.
    pub fn holds(&self, record: &Properties, format: DateFormat, zone: &Zone) -> Result<bool, Problem> {
        match self {
            Filter::All(parts) => {
                for part in parts {
                    if !part.holds(record, format, zone)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Filter::Any(parts) => {
                for part in parts {
                    if part.holds(record, format, zone)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Filter::One { field, operator, is_not, values } => {
                let known = record.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
                let value = known.and_then(|(_, property)| plain(property));
                Ok(one(value.as_deref(), *operator, values, format, zone)? != *is_not)
            }
        }
    }
}

fn plain(property: &Property) -> Option<String> {
    match property {
        Property::Plain(Json::Text(text) | Json::Number(text)) => Some(text.clone()),
        Property::Plain(Json::Bool(is)) => Some(is.to_string()),
        Property::Reference { id, .. } | Property::Choice(id, _) => Some(id.clone()),
        _ => None,
    }
}

fn one(
    value: Option<&str>,
    operator: Operator,
    values: &[String],
    format: DateFormat,
    zone: &Zone,
) -> Result<bool, Problem> {
    let wanted = values.first().map_or("", String::as_str);
    let is_of_days = matches!(
        operator,
        Operator::After | Operator::Before | Operator::On | Operator::OnOrAfter | Operator::OnOrBefore
    );
    if is_of_days && format.day(wanted).is_none() {
        return Err(invalid(&format!("'{wanted}' is no date in the format of the account.")));
    }
    let Some(value) = value else { return Ok(operator == Operator::Empty) };
    let number =
        |text: &str| text.parse::<Decimal>().map_err(|_| invalid(&format!("'{text}' is no number.")));
    let order = |wanted: &str| Ok(number(value)?.cmp(&number(wanted)?));
    let folded = |text: &str| text.to_lowercase();
    let days = || -> Result<Ordering, Problem> {
        let known = day(value, zone).ok_or_else(|| invalid("The field is no date."))?;
        Ok(Some(known).cmp(&format.day(wanted)))
    };
    Ok(match operator {
        Operator::Empty => value.is_empty(),
        Operator::Is => folded(value) == folded(wanted),
        Operator::Contain => folded(value).contains(&folded(wanted)),
        Operator::StartWith => folded(value).starts_with(&folded(wanted)),
        Operator::EndWith => folded(value).ends_with(&folded(wanted)),
        Operator::AnyOf => values.iter().any(|wanted| wanted == value),
        Operator::Between => order(&values[0])? != Ordering::Less && order(&values[1])? != Ordering::Greater,
        Operator::Equal => order(wanted)? == Ordering::Equal,
        Operator::Greater => order(wanted)? == Ordering::Greater,
        Operator::GreaterOrEqual => order(wanted)? != Ordering::Less,
        Operator::Less => order(wanted)? == Ordering::Less,
        Operator::LessOrEqual => order(wanted)? != Ordering::Greater,
        Operator::After => days()? == Ordering::Greater,
        Operator::Before => days()? == Ordering::Less,
        Operator::On => days()? == Ordering::Equal,
        Operator::OnOrAfter => days()? != Ordering::Less,
        Operator::OnOrBefore => days()? != Ordering::Greater,
    })
}

/// The account's day of a date or an instant, counted from 1970.
fn day(text: &str, zone: &Zone) -> Option<i64> {
    let date = text.parse::<BookDate>().ok();
    let date = date.or_else(|| text.parse::<Timestamp>().ok().map(|at| zone.book_date(at)))?;
    Some(i64::from(date.epoch_days()))
}
