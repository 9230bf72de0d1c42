//! A planned statement carried out: sources joined one after the other, each read by a key where a condition names one.
//!
//! Work is counted and bounded: a statement that reads too much ends as the platform ends one that takes too long.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rust_decimal::Decimal;

use super::Fault;
use super::functions::bounded;
use super::plan::{Node, Place, Plan, PlannedSource, PlannedSummary, Rows};
use super::syntax::{Arithmetic, Comparison, Join, Summary};
use super::tables::{Column, Data, Handle, Table};
use super::value::{self, Value, compare};

/// Rows looked at and values worked out, of one statement.
const STEPS_MAX: u64 = 30_000_000;

/// Rows of sources brought together that are held at once.
const TUPLES_MAX: usize = 1_000_000;

/// One source's part of a row.
#[derive(Debug, Clone)]
enum Row {
    /// Nothing was joined: every column is null.
    Missing,
    Record(Handle),
    Values(Rc<[Value]>),
}

type Given = Rc<Vec<Rc<[Value]>>>;

/// Records by the key of one column, and a value that shows of which kind the column is.
#[derive(Debug)]
struct Index {
    sample: Value,
    records: BTreeMap<String, Vec<Handle>>,
}

struct Env<'e> {
    rows: &'e [Row],
    summaries: &'e [Value],
    outputs: &'e [Value],
    outer: Option<&'e Env<'e>>,
}

struct Runner<'a, 'd> {
    data: &'a Data<'d>,
    steps: Cell<u64>,
    indexes: RefCell<BTreeMap<(&'static str, &'static str), Rc<Index>>>,
    /// What queries gave that read nothing from outside, by their place in memory.
    given: RefCell<BTreeMap<usize, Given>>,
}

/// Runs a statement; its rows in their order.
pub(super) fn run(plan: &Plan, data: &Data<'_>) -> Result<Vec<Rc<[Value]>>, Fault> {
    let runner = Runner {
        data,
        steps: Cell::new(0),
        indexes: RefCell::new(BTreeMap::new()),
        given: RefCell::new(BTreeMap::new()),
    };
    runner.rows(plan, None)
}

impl Runner<'_, '_> {
    fn step(&self) -> Result<(), Fault> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > STEPS_MAX { Err(Fault::TooMuch) } else { Ok(()) }
    }

    /// As [`Runner::rows`], once for all where nothing from outside is read.
    fn given(&self, plan: &Plan, outer: Option<&Env<'_>>) -> Result<Given, Fault> {
        if plan.reaches > 0 {
            return self.rows(plan, outer).map(Rc::new);
        }
        let place = std::ptr::from_ref(plan) as usize;
        if let Some(known) = self.given.borrow().get(&place) {
            return Ok(Rc::clone(known));
        }
        let given = Rc::new(self.rows(plan, outer)?);
        self.given.borrow_mut().insert(place, Rc::clone(&given));
        Ok(given)
    }

    fn rows(&self, plan: &Plan, outer: Option<&Env<'_>>) -> Result<Vec<Rc<[Value]>>, Fault> {
        let tuples = self.joined(plan, outer)?;
        let mut outputs: Vec<(Vec<Value>, Rc<[Value]>)> = Vec::new();
        match &plan.group {
            None => {
                for rows in &tuples {
                    self.output(plan, &Env { rows, summaries: &[], outputs: &[], outer }, &mut outputs)?;
                }
            }
            Some(group) => {
                for members in self.groups(group, &tuples, outer)? {
                    let missing = vec![Row::Missing; plan.sources.len()];
                    let rows = members.first().map_or(&missing, |at| &tuples[*at]);
                    let mut summaries = Vec::with_capacity(plan.summaries.len());
                    for summary in &plan.summaries {
                        summaries.push(self.summary(summary, &members, &tuples, outer)?);
                    }
                    let env = Env { rows, summaries: &summaries, outputs: &[], outer };
                    if plan.having.as_ref().map_or(Ok(true), |having| self.holds(having, &env))? {
                        self.output(plan, &env, &mut outputs)?;
                    }
                }
            }
        }
        if plan.is_distinct {
            let mut seen = BTreeSet::new();
            outputs.retain(|(_, row)| seen.insert(row.iter().map(Value::key).collect::<Vec<_>>()));
        }
        outputs.sort_by(|(left, _), (right, _)| {
            let keys = plan.order.iter().zip(left.iter().zip(right));
            let orders = keys.map(|(order, (left, right))| {
                let nulls = left.is_null().cmp(&right.is_null());
                let nulls_first = order.nulls_first.unwrap_or(order.is_descending);
                match (nulls, order.is_descending) {
                    (Ordering::Equal, true) => value::sorted(right, left),
                    (Ordering::Equal, false) => value::sorted(left, right),
                    (nulls, _) => {
                        if nulls_first {
                            nulls.reverse()
                        } else {
                            nulls
                        }
                    }
                }
            });
            orders.into_iter().find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
        });
        let first = plan.first.and_then(|first| usize::try_from(first).ok()).unwrap_or(usize::MAX);
        Ok(outputs.into_iter().take(first).map(|(_, row)| row).collect())
    }

    fn output(
        &self,
        plan: &Plan,
        env: &Env<'_>,
        into: &mut Vec<(Vec<Value>, Rc<[Value]>)>,
    ) -> Result<(), Fault> {
        self.step()?;
        let outputs = plan.outputs.iter().map(|node| self.value(node, env));
        let outputs: Rc<[Value]> = outputs.collect::<Result<Vec<_>, _>>()?.into();
        let env = Env { rows: env.rows, summaries: env.summaries, outputs: &outputs, outer: env.outer };
        let keys =
            plan.order.iter().map(|order| self.value(&order.by, &env)).collect::<Result<Vec<_>, _>>()?;
        into.push((keys, outputs));
        Ok(())
    }

    fn joined(&self, plan: &Plan, outer: Option<&Env<'_>>) -> Result<Vec<Vec<Row>>, Fault> {
        let decided: Vec<(usize, &Node)> =
            plan.filter.iter().map(|node| (node.last_source(0).unwrap_or(0), node)).collect();
        let mut tuples = vec![vec![Row::Missing; plan.sources.len()]];
        for (at, source) in plan.sources.iter().enumerate() {
            let is_last = at + 1 == plan.sources.len();
            let limit = plan.taken.filter(|_| is_last).and_then(|taken| usize::try_from(taken).ok());
            let filter: Vec<&Node> =
                decided.iter().filter(|(last, _)| *last == at).map(|(_, node)| *node).collect();
            let mut next = Vec::new();
            for rows in tuples {
                if limit.is_some_and(|limit| next.len() >= limit) {
                    break;
                }
                self.join(source, at, &filter, rows, outer, &mut next)?;
                if next.len() > TUPLES_MAX {
                    return Err(Fault::TooMuch);
                }
            }
            if let Some(limit) = limit {
                next.truncate(limit);
            }
            tuples = next;
        }
        Ok(tuples)
    }

    fn join(
        &self,
        source: &PlannedSource,
        at: usize,
        filter: &[&Node],
        mut rows: Vec<Row>,
        outer: Option<&Env<'_>>,
        into: &mut Vec<Vec<Row>>,
    ) -> Result<(), Fault> {
        let passes = |rows: &[Row], nodes: &mut dyn Iterator<Item = &Node>| -> Result<bool, Fault> {
            let env = Env { rows, summaries: &[], outputs: &[], outer };
            for node in nodes {
                if !self.holds(node, &env)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        let candidates: Vec<Row> = match &source.rows {
            Rows::Query(query) => {
                // A query in FROM stands beside this one, not inside it.
                self.given(query, outer)?.iter().map(|row| Row::Values(Rc::clone(row))).collect()
            }
            Rows::Table(table) => {
                let env = Env { rows: &rows, summaries: &[], outputs: &[], outer };
                let of_filter = filter.iter().copied().filter(|_| source.join == Join::Inner);
                let conditions: Vec<&Node> = source.on.iter().chain(of_filter).collect();
                let found = match self.by_key(table, at, &conditions, &env, true)? {
                    Some(found) => Some(found),
                    None => self.by_key(table, at, &conditions, &env, false)?,
                };
                found.unwrap_or_else(|| (table.records)(self.data)).into_iter().map(Row::Record).collect()
            }
        };
        let mut is_met = false;
        for candidate in candidates {
            self.step()?;
            rows[at] = candidate;
            if passes(&rows, &mut source.on.iter())? {
                is_met = true;
                if passes(&rows, &mut filter.iter().copied())? {
                    into.push(rows.clone());
                }
            }
        }
        if !is_met && source.join == Join::Left {
            rows[at] = Row::Missing;
            if passes(&rows, &mut filter.iter().copied())? {
                into.push(rows);
            }
        }
        Ok(())
    }

    /// The records that one of the conditions leaves, if it names them by key.
    fn by_key(
        &self,
        table: &'static Table,
        at: usize,
        conditions: &[&Node],
        env: &Env<'_>,
        is_direct: bool,
    ) -> Result<Option<Vec<Handle>>, Fault> {
        for condition in conditions {
            if let Some(mut found) = self.access(table, at, condition, env, is_direct)? {
                found.sort_unstable();
                found.dedup();
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn access(
        &self,
        table: &'static Table,
        at: usize,
        condition: &Node,
        env: &Env<'_>,
        is_direct: bool,
    ) -> Result<Option<Vec<Handle>>, Fault> {
        let is_settled = |node: &Node| node.last_source(0).is_none_or(|last| last < at);
        let key = |node: &Node| match node {
            Node::Field { up: 0, source, place: Place::Column(column) } if *source == at => Some(*column),
            _ => None,
        };
        let usable = |column: &'static Column| !is_direct || table.key(column.name).is_some();
        match condition {
            Node::Compare(Comparison::Equal, left, right) => {
                for (field, other) in [(left, right), (right, left)] {
                    if let Some(column) = key(field).filter(|column| usable(column))
                        && is_settled(other)
                    {
                        let wanted = self.value(other, env)?;
                        return self.lookup(table, column, &wanted).map(Some);
                    }
                }
                Ok(None)
            }
            Node::In(value, list) if list.iter().all(is_settled) => {
                let Some(column) = key(value).filter(|column| usable(column)) else { return Ok(None) };
                let mut found = Vec::new();
                for node in list {
                    found.extend(self.lookup(table, column, &self.value(node, env)?)?);
                }
                Ok(Some(found))
            }
            // What a query reads of this row is not known yet.
            Node::InQuery(value, plan) if !plan.reads_from(at) => {
                let Some(column) = key(value).filter(|column| usable(column)) else { return Ok(None) };
                let mut found = Vec::new();
                for row in self.given(plan, Some(env))?.iter() {
                    found.extend(self.lookup(table, column, &row[0])?);
                }
                Ok(Some(found))
            }
            Node::Or(branches) => {
                let mut found = Vec::new();
                for branch in branches {
                    match self.access(table, at, branch, env, is_direct)? {
                        Some(of_branch) => found.extend(of_branch),
                        None => return Ok(None),
                    }
                }
                Ok(Some(found))
            }
            Node::And(parts) => {
                for part in parts {
                    if let Some(found) = self.access(table, at, part, env, is_direct)? {
                        return Ok(Some(found));
                    }
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    fn lookup(
        &self,
        table: &'static Table,
        column: &'static Column,
        wanted: &Value,
    ) -> Result<Vec<Handle>, Fault> {
        self.step()?;
        if wanted.is_null() {
            return Ok(Vec::new());
        }
        if let Some(find) = table.key(column.name) {
            return Ok(find(self.data, wanted));
        }
        let name = (table.name, column.name);
        let known = self.indexes.borrow().get(&name).cloned();
        let index = match known {
            Some(index) => index,
            None => {
                let mut index = Index { sample: Value::Null, records: BTreeMap::new() };
                for record in (table.records)(self.data) {
                    self.step()?;
                    let value = (column.value)(self.data, record);
                    if !value.is_null() {
                        index.records.entry(value.key()).or_default().push(record);
                        index.sample = value;
                    }
                }
                let index = Rc::new(index);
                self.indexes.borrow_mut().insert(name, Rc::clone(&index));
                index
            }
        };
        let wanted = wanted.alike(&index.sample, self.data.format);
        Ok(wanted.and_then(|wanted| index.records.get(&wanted.key())).cloned().unwrap_or_default())
    }

    /// Positions of the rows of each group, in the order in which groups begin.
    fn groups(
        &self,
        group: &[Node],
        tuples: &[Vec<Row>],
        outer: Option<&Env<'_>>,
    ) -> Result<Vec<Vec<usize>>, Fault> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        if group.is_empty() {
            return Ok(vec![(0..tuples.len()).collect()]);
        }
        let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for (at, rows) in tuples.iter().enumerate() {
            let env = Env { rows, summaries: &[], outputs: &[], outer };
            let mut key = Vec::with_capacity(group.len());
            for node in group {
                key.push(self.value(node, &env)?.key());
            }
            let place = *known.entry(key).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[place].push(at);
        }
        Ok(groups)
    }

    fn summary(
        &self,
        summary: &PlannedSummary,
        members: &[usize],
        tuples: &[Vec<Row>],
        outer: Option<&Env<'_>>,
    ) -> Result<Value, Fault> {
        let Some(arg) = &summary.arg else { return Ok(Value::number(members.len())) };
        let mut values = Vec::with_capacity(members.len());
        let mut seen = BTreeSet::new();
        for at in members {
            self.step()?;
            let env = Env { rows: &tuples[*at], summaries: &[], outputs: &[], outer };
            let value = self.value(arg, &env)?;
            if !value.is_null() && (!summary.is_distinct || seen.insert(value.key())) {
                values.push(value);
            }
        }
        let best = |wanted: Ordering| {
            values.iter().cloned().reduce(
                |best, value| {
                    if value::sorted(&value, &best) == wanted { value } else { best }
                },
            )
        };
        match summary.of {
            Summary::Count => Ok(Value::number(values.len())),
            Summary::Min => Ok(best(Ordering::Less).unwrap_or(Value::Null)),
            Summary::Max => Ok(best(Ordering::Greater).unwrap_or(Value::Null)),
            Summary::Sum | Summary::Average => {
                let mut sum = Decimal::ZERO;
                for value in &values {
                    let number = value.to_number()?.unwrap_or_default();
                    sum = sum.checked_add(number).ok_or_else(overflow)?;
                }
                if values.is_empty() {
                    return Ok(Value::Null);
                }
                if summary.of == Summary::Average {
                    sum /= Decimal::from(values.len());
                }
                Ok(Value::Number(sum))
            }
        }
    }

    /// Whether a condition is true; unknown is not.
    fn holds(&self, node: &Node, env: &Env<'_>) -> Result<bool, Fault> {
        self.truth(node, env).map(|truth| truth == Some(true))
    }

    fn truth(&self, node: &Node, env: &Env<'_>) -> Result<Option<bool>, Fault> {
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

    fn value(&self, node: &Node, env: &Env<'_>) -> Result<Value, Fault> {
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

    fn arithmetic(&self, how: Arithmetic, left: &Node, right: &Node, env: &Env<'_>) -> Result<Value, Fault> {
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

fn overflow() -> Fault {
    Fault::execution("numeric overflow")
}

fn up_from<'e>(env: &'e Env<'e>, up: usize) -> &'e Env<'e> {
    (0..up).fold(env, |env, _| env.outer.unwrap_or(env))
}
