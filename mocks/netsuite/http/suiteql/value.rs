//! Values inside a query, and how they compare, turn into each other and are printed.
//!
//! Source: netsuite.md §11.1 (everything is printed as text), §11.2 (a text against a date is read in the account's date
//! format), §11.3 (a bare time prints its date only), §11.6 (quoted numbers).

use std::cmp::Ordering;
use std::rc::Rc;

use rust_decimal::Decimal;

use super::moments;
use super::{DateFormat, Fault};

#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::mocks::netsuite::http) enum Value {
    #[default]
    Null,
    Number(Decimal),
    Text(Rc<str>),
    /// The reading of a clock in the session's zone: seconds since midnight of 1970 there.
    Moment(i64),
}

impl Value {
    pub fn text(text: impl Into<Rc<str>>) -> Value {
        Value::Text(text.into())
    }

    pub fn maybe_text(text: Option<impl Into<Rc<str>>>) -> Value {
        text.map_or(Value::Null, Value::text)
    }

    pub fn truth(is: bool) -> Value {
        Value::text(if is { "T" } else { "F" })
    }

    pub fn number(number: impl Into<Decimal>) -> Value {
        Value::Number(number.into())
    }

    pub fn maybe_number(number: Option<impl Into<Decimal>>) -> Value {
        number.map_or(Value::Null, Value::number)
    }

    pub fn is_null(&self) -> bool {
        // Oracle knows no empty text.
        match self {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    pub fn to_number(&self) -> Result<Option<Decimal>, Fault> {
        match self {
            value if value.is_null() => Ok(None),
            Value::Number(number) => Ok(Some(*number)),
            Value::Text(text) => {
                text.trim().parse().map(Some).map_err(|_| Fault::execution("invalid number"))
            }
            _ => Err(Fault::execution("inconsistent datatypes")),
        }
    }

    pub fn to_moment(&self, format: DateFormat) -> Result<Option<i64>, Fault> {
        match self {
            value if value.is_null() => Ok(None),
            Value::Moment(at) => Ok(Some(*at)),
            Value::Text(text) => moments::read(text, format.picture()).map(Some),
            _ => Err(Fault::execution("inconsistent datatypes")),
        }
    }

    /// As a cell of an answer; `None` for null.
    pub fn printed(&self, format: DateFormat) -> Option<String> {
        match self {
            value if value.is_null() => None,
            Value::Null => None,
            // Source: netsuite.md §11.1, whose sample has `129.5` for an amount.
            Value::Number(number) => Some(number.normalize().to_string()),
            Value::Text(text) => Some(text.to_string()),
            Value::Moment(at) => moments::printed(*at, format.picture()).ok(),
        }
    }

    /// A key under which equal values of one column are found.
    pub fn key(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Number(number) => format!("n{}", number.normalize()),
            Value::Text(text) => format!("t{text}"),
            Value::Moment(at) => format!("m{at}"),
        }
    }

    /// The value as one of the kind that `like` has, so that both have one key; `None` if it can be none.
    pub fn alike(&self, like: &Value, format: DateFormat) -> Option<Value> {
        match like {
            Value::Number(_) => self.to_number().ok().flatten().map(Value::Number),
            Value::Moment(_) => self.to_moment(format).ok().flatten().map(Value::Moment),
            _ => self.printed(format).map(Value::text),
        }
    }
}

/// `None` if either is null.
pub(super) fn compare(left: &Value, right: &Value, format: DateFormat) -> Result<Option<Ordering>, Fault> {
    if left.is_null() || right.is_null() {
        return Ok(None);
    }
    let order = match (left, right) {
        (Value::Moment(_), _) | (_, Value::Moment(_)) => {
            left.to_moment(format)?.cmp(&right.to_moment(format)?)
        }
        (Value::Number(_), _) | (_, Value::Number(_)) => left.to_number()?.cmp(&right.to_number()?),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Null, _) | (_, Value::Null) => return Ok(None),
    };
    Ok(Some(order))
}

/// The order of sorting: nulls come last.
pub(super) fn sorted(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (left, right) if left.is_null() || right.is_null() => left.is_null().cmp(&right.is_null()),
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::Moment(left), Value::Moment(right)) => left.cmp(right),
        (left, right) => left.key().cmp(&right.key()),
    }
}

/// `%` is any text, `_` any sign, what follows the escape is itself.
pub(super) fn is_like(text: &str, pattern: &str, escape: Option<char>) -> Result<bool, Fault> {
    #[derive(Clone, Copy, PartialEq)]
    enum Sign {
        Any,
        One,
        Itself(char),
    }
    let mut signs = Vec::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(sign) = rest.next() {
        signs.push(match sign {
            sign if Some(sign) == escape => Sign::Itself(rest.next().ok_or_else(|| {
                Fault::execution("missing or illegal character following the escape character")
            })?),
            '%' => Sign::Any,
            '_' => Sign::One,
            sign => Sign::Itself(sign),
        });
    }
    let text: Vec<char> = text.chars().collect();
    // The place after the last `%`, and how far the text was when it was met: to come back to.
    let (mut at, mut sign, mut back) = (0, 0, None);
    while at < text.len() {
        match signs.get(sign) {
            Some(Sign::Any) => {
                back = Some((sign + 1, at));
                sign += 1;
            }
            Some(Sign::One) => (at, sign) = (at + 1, sign + 1),
            Some(Sign::Itself(wanted)) if *wanted == text[at] => (at, sign) = (at + 1, sign + 1),
            _ => {
                let Some((after, from)) = back else { return Ok(false) };
                back = Some((after, from + 1));
                (sign, at) = (after, from + 1);
            }
        }
    }
    Ok(signs[sign..].iter().all(|sign| *sign == Sign::Any))
}
