//! Expressions worked out for one row: whether a condition holds, and what a value is.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{Env, Row, Runner};
use crate::mocks::netsuite::http::suiteql::Fault;
use crate::mocks::netsuite::http::suiteql::functions::bounded;
use crate::mocks::netsuite::http::suiteql::plan::{Node, Place};
use crate::mocks::netsuite::http::suiteql::syntax::{Arithmetic, Comparison};
use crate::mocks::netsuite::http::suiteql::value::{self, Value, compare};

impl Runner<'_, '_> {
    /// Whether a condition is true; unknown is not.
    pub(super) fn holds(&self, node: &Node, env: &Env<'_>) -> Result<bool, Fault> {
        self.truth(node, env).map(|truth| truth == Some(true))
    }

    pub(super) fn truth(&self, node: &Node, env: &Env<'_>) -> Result<Option<bool>, Fault> {
        self.step()?;
        match node {
            Node::Not(inside) => Ok(self.truth(inside, env)?.map(|is| !is)),
            Node::And(parts) => {
                let mut all = Some(true);
                for part in parts {
                    match self.truth(part, env)? {
                        Some(false) => return Ok(Some(false)),
                        None => all = None,
                        Some(true) => {}
                    }
                }
                Ok(all)
            }
            Node::Or(parts) => {
                let mut any = Some(false);
                for part in parts {
                    match self.truth(part, env)? {
                        Some(true) => return Ok(Some(true)),
                        None => any = None,
                        Some(false) => {}
                    }
                }
                Ok(any)
            }
            Node::Compare(how, left, right) => {
                let order = compare(&self.value(left, env)?, &self.value(right, env)?, self.data.format)?;
                Ok(order.map(|order| match how {
                    Comparison::Equal => order == Ordering::Equal,
                    Comparison::Unequal => order != Ordering::Equal,
                    Comparison::Less => order == Ordering::Less,
                    Comparison::LessOrEqual => order != Ordering::Greater,
                    Comparison::Greater => order == Ordering::Greater,
                    Comparison::GreaterOrEqual => order != Ordering::Less,
                }))
            }
            Node::IsNull(inside) => Ok(Some(self.value(inside, env)?.is_null())),
            Node::In(value, list) => {
                let value = self.value(value, env)?;
                let mut any = Some(false);
                for node in list {
                    match compare(&value, &self.value(node, env)?, self.data.format)? {
                        Some(Ordering::Equal) => return Ok(Some(true)),
                        None => any = None,
                        Some(_) => {}
                    }
                }
                Ok(any)
            }
            Node::InQuery(value, plan) => {
                let value = self.value(value, env)?;
                let mut any = Some(false);
                for row in self.given(plan, Some(env))?.iter() {
                    self.step()?;
                    match compare(&value, &row[0], self.data.format)? {
                        Some(Ordering::Equal) => return Ok(Some(true)),
                        None => any = None,
                        Some(_) => {}
                    }
                }
                Ok(any)
            }
            Node::Exists(plan) => Ok(Some(!self.given(plan, Some(env))?.is_empty())),
            Node::Like { text, pattern, escape } => {
                let format = self.data.format;
                let text = self.value(text, env)?.printed(format);
                let pattern = self.value(pattern, env)?.printed(format);
                let escape = match escape {
                    Some(escape) => {
                        self.value(escape, env)?.printed(format).and_then(|text| text.chars().next())
                    }
                    None => None,
                };
                let (Some(text), Some(pattern)) = (text, pattern) else { return Ok(None) };
                value::is_like(&text, &pattern, escape).map(Some)
            }
            _ => Err(Fault::execution("invalid relational operator")),
        }
    }

    pub(super) fn value(&self, node: &Node, env: &Env<'_>) -> Result<Value, Fault> {
        self.step()?;
        match node {
            Node::Constant(value) => Ok(value.clone()),
            Node::Field { up, source, place } => Ok(match (&up_from(env, *up).rows[*source], place) {
                (Row::Record(record), Place::Column(column)) => (column.value)(self.data, *record),
                (Row::Values(values), Place::Position(at)) => values[*at].clone(),
                _ => Value::Null,
            }),
            Node::Display { up, source, column } => {
                Ok(match (&up_from(env, *up).rows[*source], column.display) {
                    (Row::Record(record), Some(display)) => display(self.data, *record),
                    _ => Value::Null,
                })
            }
            Node::Summary(at) => Ok(env.summaries.get(*at).cloned().unwrap_or(Value::Null)),
            Node::Output(at) => Ok(env.outputs.get(*at).cloned().unwrap_or(Value::Null)),
            Node::Arithmetic(how, left, right) => self.arithmetic(*how, left, right, env),
            Node::Concat(left, right) => {
                let text = |node| Ok(self.value(node, env)?.printed(self.data.format).unwrap_or_default());
                bounded(text(left)? + &text(right)?)
            }
            Node::Case { whens, otherwise } => {
                for (when, then) in whens {
                    if self.holds(when, env)? {
                        return self.value(then, env);
                    }
                }
                otherwise.as_ref().map_or(Ok(Value::Null), |otherwise| self.value(otherwise, env))
            }
            Node::Call(function, args) => {
                let args = args.iter().map(|arg| self.value(arg, env)).collect::<Result<Vec<_>, _>>()?;
                function.call(&args, self.data)
            }
            Node::Query(plan) => {
                let given = self.given(plan, Some(env))?;
                match &given[..] {
                    [] => Ok(Value::Null),
                    [row] => Ok(row[0].clone()),
                    _ => Err(Fault::execution("single-row subquery returns more than one row")),
                }
            }
            _ => Err(Fault::execution("a condition is no value")),
        }
    }

    pub(super) fn arithmetic(
        &self,
        how: Arithmetic,
        left: &Node,
        right: &Node,
        env: &Env<'_>,
    ) -> Result<Value, Fault> {
        let (left, right) = (self.value(left, env)?, self.value(right, env)?);
        if left.is_null() || right.is_null() {
            return Ok(Value::Null);
        }
        if let (Value::Moment(at), Arithmetic::Add | Arithmetic::Subtract) = (&left, how) {
            let days = |value: &Value| -> Result<Option<i64>, Fault> {
                let seconds = value.to_number()?.and_then(|days| days.checked_mul(Decimal::from(86_400)));
                Ok(seconds.and_then(|seconds| i64::try_from(seconds.round()).ok()))
            };
            let sum = match (&right, how) {
                (Value::Moment(other), Arithmetic::Subtract) => {
                    let days = Decimal::from(at.saturating_sub(*other)) / Decimal::from(86_400);
                    return Ok(Value::Number(days));
                }
                (right, Arithmetic::Add) => days(right)?.and_then(|seconds| at.checked_add(seconds)),
                (right, _) => days(right)?.and_then(|seconds| at.checked_sub(seconds)),
            };
            return sum.map(Value::Moment).ok_or_else(overflow);
        }
        let (Some(left), Some(right)) = (left.to_number()?, right.to_number()?) else {
            return Ok(Value::Null);
        };
        let result = match how {
            Arithmetic::Add => left.checked_add(right),
            Arithmetic::Subtract => left.checked_sub(right),
            Arithmetic::Multiply => left.checked_mul(right),
            Arithmetic::Divide if right.is_zero() => {
                return Err(Fault::execution("divisor is equal to zero"));
            }
            Arithmetic::Divide => left.checked_div(right),
        };
        result.map(Value::Number).ok_or_else(overflow)
    }
}

pub(super) fn overflow() -> Fault {
    Fault::execution("numeric overflow")
}

fn up_from<'e>(env: &'e Env<'e>, up: usize) -> &'e Env<'e> {
    (0..up).fold(env, |env, _| env.outer.unwrap_or(env))
}
