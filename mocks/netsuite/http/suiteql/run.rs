//! A planned statement carried out: sources joined one after the other, each read by a key where a condition names one.
//!
//! Work is counted and bounded: a statement that reads too much ends as the platform ends one that takes too long.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Fault;
use super::plan::{Node, Plan, PlannedBranch, PlannedSource, Rows};
use super::syntax::Join;
use super::tables::{Data, Handle};
use super::value::{self, Value};

mod access;
mod groups;
mod values;

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
struct Index<T> {
    sample: Value,
    records: BTreeMap<String, Vec<T>>,
}

struct Env<'e> {
    rows: &'e [Row],
    summaries: &'e [Value],
    outputs: &'e [Value],
    outer: Option<&'e Env<'e>>,
}

/// Shared, so that one is kept while others are made.
type Indexes<K, T> = BTreeMap<K, Rc<Index<T>>>;

struct Runner<'a, 'd> {
    data: &'a Data<'d>,
    steps: Cell<u64>,
    indexes: RefCell<Indexes<(&'static str, &'static str), Handle>>,
    /// Rows of queries in FROM, by the query's place in memory and a column.
    places: RefCell<Indexes<(usize, usize), usize>>,
    /// What queries gave that read nothing from outside, by their place in memory.
    given: RefCell<BTreeMap<usize, Given>>,
}

/// Runs a statement; its rows in their order.
pub(super) fn run(plan: &Plan, data: &Data<'_>) -> Result<Vec<Rc<[Value]>>, Fault> {
    let runner = Runner {
        data,
        steps: Cell::new(0),
        indexes: RefCell::new(BTreeMap::new()),
        places: RefCell::new(BTreeMap::new()),
        given: RefCell::new(BTreeMap::new()),
    };
    runner.rows(plan, None)
}

/// Keeps the first of rows that are equal.
fn drop_doubles<T>(rows: &mut Vec<T>, values: impl Fn(&T) -> &Rc<[Value]>) {
    let mut seen = BTreeSet::new();
    rows.retain(|row| seen.insert(values(row).iter().map(Value::key).collect::<Vec<_>>()));
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
            drop_doubles(&mut outputs, |(_, row)| row);
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

    fn union(&self, branches: &[PlannedBranch], outer: Option<&Env<'_>>) -> Result<Vec<Rc<[Value]>>, Fault> {
        let mut rows: Vec<Rc<[Value]>> = Vec::new();
        for PlannedBranch { plan, keeps_doubles } in branches {
            rows.extend(self.given(plan, outer)?.iter().cloned());
            if rows.len() > TUPLES_MAX {
                return Err(Fault::TooMuch);
            }
            if !keeps_doubles {
                drop_doubles(&mut rows, |row| row);
            }
        }
        Ok(rows)
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
                let given = self.given(query, outer)?;
                let env = Env { rows: &rows, summaries: &[], outputs: &[], outer };
                let found = self.by_position(query, &given, at, &source.on, &env)?;
                let row = |place: usize| Row::Values(Rc::clone(&given[place]));
                match found {
                    Some(places) => places.into_iter().map(row).collect(),
                    None => (0..given.len()).map(row).collect(),
                }
            }
            Rows::Union(branches) => self.union(branches, outer)?.into_iter().map(Row::Values).collect(),
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
}
