//! Names resolved against the sources of a query and of those around it.

use super::{Node, Place, Plan, PlannedBranch, PlannedOrder, PlannedSource, PlannedSummary, Rows};
use crate::mocks::netsuite::http::suiteql::Fault;
use crate::mocks::netsuite::http::suiteql::functions::Function;
use crate::mocks::netsuite::http::suiteql::syntax::{
    Branch, Comparison, Expr, From, Item, Order, Select, Source,
};
use crate::mocks::netsuite::http::suiteql::tables::{self, Table};
use crate::mocks::netsuite::http::suiteql::value::Value;

/// What names mean in one query.
struct Level {
    /// Alias, name of the table (or nothing), and columns by name.
    sources: Vec<(String, String, Columns)>,
}

enum Columns {
    Table(&'static Table),
    Query(Vec<String>),
}

impl Columns {
    fn find(&self, name: &str) -> Option<Place> {
        match self {
            Columns::Table(table) => table.column(name).map(Place::Column),
            Columns::Query(names) => names.iter().position(|known| known == name).map(Place::Position),
        }
    }
}

/// Resolves the names of a statement.
pub(in crate::mocks::netsuite::http::suiteql) fn plan(select: &Select) -> Result<Plan, Fault> {
    Binder { levels: Vec::new(), reaches: 0, summaries: None }.select(select)
}

struct Binder {
    /// Outermost first.
    levels: Vec<Level>,
    /// The furthest level that the query at hand reads from, counted outwards.
    reaches: usize,
    /// Of the query at hand; `None` where summaries may not stand.
    summaries: Option<Vec<PlannedSummary>>,
}

impl Binder {
    fn select(&mut self, select: &Select) -> Result<Plan, Fault> {
        let reaches_outside = std::mem::take(&mut self.reaches);
        let summaries_outside = self.summaries.take();
        self.levels.push(Level { sources: Vec::new() });
        let plan = self.inside(select);
        self.levels.pop();
        self.summaries = summaries_outside;
        let reaches = self.reaches;
        self.reaches = reaches_outside.max(reaches.saturating_sub(1));
        plan.map(|plan| Plan { reaches, ..plan })
    }

    fn inside(&mut self, select: &Select) -> Result<Plan, Fault> {
        let mut sources = Vec::with_capacity(select.from.len());
        for from in &select.from {
            sources.push(self.source(from)?);
        }
        let (mut filter, mut taken) = (Vec::new(), None);
        for part in select.filter.iter().flat_map(parts) {
            match row_limit(part) {
                Some(limit) => taken = Some(taken.map_or(limit, |known: u64| known.min(limit))),
                None => filter.push(self.node(part)?),
            }
        }
        let group = if select.group.is_empty() {
            None
        } else {
            Some(select.group.iter().map(|expr| self.node(expr)).collect::<Result<Vec<_>, _>>()?)
        };
        self.summaries = Some(Vec::new());
        let (mut columns, mut outputs, mut exprs) = (Vec::new(), Vec::new(), Vec::new());
        for item in &select.items {
            match item {
                Item::All(alias) => {
                    for (name, node) in self.all(alias.as_deref())? {
                        columns.push(name);
                        outputs.push(node);
                        exprs.push(None);
                    }
                }
                Item::One { expr, name } => {
                    columns.push(name.clone());
                    outputs.push(self.node(expr)?);
                    exprs.push(Some(expr));
                }
            }
        }
        let having = select.having.as_ref().map(|expr| self.node(expr)).transpose()?;
        let mut order = Vec::with_capacity(select.order.len());
        for Order { by, is_descending, nulls_first } in &select.order {
            let by = self.order_by(by, &columns, &exprs)?;
            order.push(PlannedOrder { by, is_descending: *is_descending, nulls_first: *nulls_first });
        }
        let summaries = self.summaries.take().unwrap_or_default();
        let group = group.or(if summaries.is_empty() { None } else { Some(Vec::new()) });
        if group.is_some() {
            let stands = |expr: &Option<&Expr>| expr.is_some_and(|expr| is_of_group(expr, &select.group));
            if !exprs.iter().all(stands) || !select.having.iter().all(|expr| is_of_group(expr, &select.group))
            {
                return Err(Fault::execution("not a GROUP BY expression"));
            }
        }
        Ok(Plan {
            columns,
            is_distinct: select.is_distinct,
            sources,
            filter,
            taken,
            outputs,
            group,
            summaries,
            having,
            order,
            first: select.first,
            reaches: 0,
        })
    }

    fn source(&mut self, from: &From) -> Result<PlannedSource, Fault> {
        let (rows, columns, table) = match &from.source {
            Source::Table(name) => {
                let table = tables::find(name).ok_or_else(|| Fault::UnknownTable(name.clone()))?;
                (Rows::Table(table), Columns::Table(table), name.clone())
            }
            Source::Query(select) => {
                let planned = self.beside(select)?;
                let names = planned.columns.clone();
                (Rows::Query(Box::new(planned)), Columns::Query(names), String::new())
            }
            Source::Union(branches) => {
                let mut planned = Vec::with_capacity(branches.len());
                for Branch { select, keeps_doubles } in branches {
                    let plan = self.beside(select)?;
                    planned.push(PlannedBranch { plan, keeps_doubles: *keeps_doubles });
                }
                let names = planned.first().map_or(Vec::new(), |first| first.plan.columns.clone());
                if planned.iter().any(|branch| branch.plan.columns.len() != names.len()) {
                    return Err(Fault::execution("query block has incorrect number of result columns"));
                }
                (Rows::Union(planned), Columns::Query(names), String::new())
            }
        };
        let level = self.levels.last_mut().expect("a level was pushed for this query");
        if level.sources.iter().any(|(alias, ..)| *alias == from.alias) {
            return Err(Fault::execution(&format!("ambiguous alias '{}'", from.alias)));
        }
        level.sources.push((from.alias.clone(), table, columns));
        let mut on = Vec::new();
        for part in from.on.iter().flat_map(parts) {
            on.push(self.node(part)?);
        }
        Ok(PlannedSource { rows, join: from.join, on })
    }

    /// A query in FROM, which does not see the sources beside it.
    fn beside(&mut self, select: &Select) -> Result<Plan, Fault> {
        let level = self.levels.pop();
        let planned = self.select(select);
        self.levels.extend(level);
        let planned = planned?;
        // What it reads from outside, this query reads from there as well.
        self.reaches = self.reaches.max(planned.reaches);
        Ok(planned)
    }

    fn all(&mut self, alias: Option<&str>) -> Result<Vec<(String, Node)>, Fault> {
        let level = self.levels.last().expect("a level was pushed for this query");
        let mut fields = Vec::new();
        for (source, (known, _, columns)) in level.sources.iter().enumerate() {
            if alias.is_some_and(|alias| alias != known) {
                continue;
            }
            let field = |place| Node::Field { up: 0, source, place };
            match columns {
                Columns::Table(table) => fields.extend(
                    table.columns.iter().map(|column| (column.name.to_owned(), field(Place::Column(column)))),
                ),
                Columns::Query(names) => {
                    fields.extend(
                        names.iter().enumerate().map(|(at, name)| (name.clone(), field(Place::Position(at)))),
                    );
                }
            }
        }
        match (fields.is_empty(), alias) {
            (true, Some(alias)) => Err(self.unknown(None, alias)),
            _ => Ok(fields),
        }
    }

    /// A position, the name of an output, or an expression.
    fn order_by(&mut self, by: &Expr, columns: &[String], exprs: &[Option<&Expr>]) -> Result<Node, Fault> {
        if let Expr::Constant(Value::Number(number)) = by {
            let at = u64::try_from(*number).ok().and_then(|at| usize::try_from(at).ok());
            let at = at.filter(|at| (1..=columns.len()).contains(at));
            return at.map(|at| Node::Output(at - 1)).ok_or_else(|| {
                Fault::execution("ORDER BY item must be the number of a SELECT-list expression")
            });
        }
        if let Some(at) = exprs.iter().position(|known| *known == Some(by)) {
            return Ok(Node::Output(at));
        }
        if let Expr::Column(None, name) = by
            && let Some(at) = columns.iter().position(|known| known == name)
        {
            return Ok(Node::Output(at));
        }
        self.node(by)
    }

    fn unknown(&self, table: Option<&str>, name: &str) -> Fault {
        let level = self.levels.last().expect("a level was pushed for this query");
        let known = level.sources.iter().map(|(alias, table, _)| format!("{alias}={table}"));
        Fault::UnknownColumn {
            name: table.map_or_else(|| name.to_owned(), |table| format!("{table}.{name}")),
            available: known.collect::<Vec<_>>().join(", "),
        }
    }

    fn column(&mut self, table: Option<&str>, name: &str) -> Result<Node, Fault> {
        for (up, level) in self.levels.iter().rev().enumerate() {
            let mut found = None;
            for (source, (alias, of, columns)) in level.sources.iter().enumerate() {
                if table.is_some_and(|table| table != alias && (table != of || of.is_empty())) {
                    continue;
                }
                match columns.find(name) {
                    Some(_) if found.is_some() => {
                        return Err(Fault::execution(&format!("ambiguous column '{name}'")));
                    }
                    Some(place) => found = Some(Node::Field { up, source, place }),
                    // An alias that is known here is meant here.
                    None if table.is_some() => return Err(self.unknown(table, name)),
                    None => {}
                }
            }
            if let Some(field) = found {
                self.reaches = self.reaches.max(up);
                return Ok(field);
            }
        }
        Err(self.unknown(table, name))
    }

    fn boxed(&mut self, expr: &Expr) -> Result<Box<Node>, Fault> {
        self.node(expr).map(Box::new)
    }

    fn nodes(&mut self, exprs: &[Expr]) -> Result<Vec<Node>, Fault> {
        exprs.iter().map(|expr| self.node(expr)).collect()
    }

    fn node(&mut self, expr: &Expr) -> Result<Node, Fault> {
        Ok(match expr {
            Expr::Constant(value) => Node::Constant(value.clone()),
            Expr::Column(table, name) => self.column(table.as_deref(), name)?,
            Expr::RowNumber => return Err(Fault::unsupported("syntax", "ROWNUM outside a limit")),
            Expr::Not(inside) => Node::Not(self.boxed(inside)?),
            Expr::And(parts) => Node::And(self.nodes(parts)?),
            Expr::Or(parts) => Node::Or(self.nodes(parts)?),
            Expr::Compare(how, left, right) => Node::Compare(*how, self.boxed(left)?, self.boxed(right)?),
            Expr::Arithmetic(how, left, right) => {
                Node::Arithmetic(*how, self.boxed(left)?, self.boxed(right)?)
            }
            Expr::Concat(left, right) => Node::Concat(self.boxed(left)?, self.boxed(right)?),
            Expr::IsNull(inside) => Node::IsNull(self.boxed(inside)?),
            Expr::In(value, list) => Node::In(self.boxed(value)?, self.nodes(list)?),
            Expr::InQuery(value, query) => {
                let value = self.boxed(value)?;
                Node::InQuery(value, Box::new(self.one_column(query)?))
            }
            Expr::Exists(query) => Node::Exists(Box::new(self.select(query)?)),
            Expr::Like { text, pattern, escape } => Node::Like {
                text: self.boxed(text)?,
                pattern: self.boxed(pattern)?,
                escape: escape.as_ref().map(|escape| self.boxed(escape)).transpose()?,
            },
            Expr::Case { whens, otherwise } => {
                let mut planned = Vec::with_capacity(whens.len());
                for (when, then) in whens {
                    planned.push((self.node(when)?, self.node(then)?));
                }
                let otherwise = otherwise.as_ref().map(|expr| self.boxed(expr)).transpose()?;
                Node::Case { whens: planned, otherwise }
            }
            Expr::Call(name, args) => self.call(name, args)?,
            Expr::Summary { of, is_distinct, arg } => {
                // Its argument is of single rows, where no summary may stand.
                let mut known = self
                    .summaries
                    .take()
                    .ok_or_else(|| Fault::execution("group function is not allowed here"))?;
                let arg = arg.as_ref().map(|arg| self.node(arg)).transpose();
                let at = known.len();
                known.push(PlannedSummary { of: *of, is_distinct: *is_distinct, arg: arg? });
                self.summaries = Some(known);
                Node::Summary(at)
            }
            Expr::Query(query) => Node::Query(Box::new(self.one_column(query)?)),
        })
    }

    fn one_column(&mut self, query: &Select) -> Result<Plan, Fault> {
        let plan = self.select(query)?;
        if plan.columns.len() == 1 { Ok(plan) } else { Err(Fault::execution("too many values")) }
    }

    fn call(&mut self, name: &str, args: &[Expr]) -> Result<Node, Fault> {
        if name == "builtin.df" {
            let [Expr::Column(table, column)] = args else {
                return Err(Fault::unsupported("function", "BUILTIN.DF of an expression"));
            };
            return Ok(match self.column(table.as_deref(), column)? {
                Node::Field { up, source, place: Place::Column(column) } if column.display.is_some() => {
                    Node::Display { up, source, column }
                }
                plain => plain,
            });
        }
        let function = Function::named(name, args.len())?;
        Ok(Node::Call(function, self.nodes(args)?))
    }
}

/// What all must hold.
fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::And(parts) => parts.iter().flat_map(self::parts).collect(),
        expr => vec![expr],
    }
}

/// `ROWNUM <= n` and `ROWNUM < n`.
fn row_limit(expr: &Expr) -> Option<u64> {
    let Expr::Compare(how, left, right) = expr else { return None };
    let (Expr::RowNumber, Expr::Constant(Value::Number(number))) = (&**left, &**right) else { return None };
    let number = u64::try_from(number.trunc().max(rust_decimal::Decimal::ZERO)).ok()?;
    match how {
        Comparison::LessOrEqual => Some(number),
        Comparison::Less => Some(number.saturating_sub(1)),
        Comparison::Equal if number == 1 => Some(1),
        _ => None,
    }
}

/// Whether an expression has one value for each group.
fn is_of_group(expr: &Expr, group: &[Expr]) -> bool {
    if group.contains(expr) {
        return true;
    }
    let all = |exprs: &[&Expr]| exprs.iter().all(|expr| is_of_group(expr, group));
    match expr {
        Expr::Constant(_) | Expr::Summary { .. } | Expr::RowNumber => true,
        // What a query inside reads from outside is not looked into.
        Expr::Query(_) | Expr::Exists(_) => true,
        Expr::Column(..) => false,
        Expr::Not(inside) | Expr::IsNull(inside) | Expr::InQuery(inside, _) => is_of_group(inside, group),
        Expr::And(parts) | Expr::Or(parts) | Expr::Call(_, parts) => all(&parts.iter().collect::<Vec<_>>()),
        Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right) | Expr::Concat(left, right) => {
            all(&[left, right])
        }
        Expr::In(value, list) => is_of_group(value, group) && all(&list.iter().collect::<Vec<_>>()),
        Expr::Like { text, pattern, escape } => {
            all(&[text, pattern]) && escape.iter().all(|escape| is_of_group(escape, group))
        }
        Expr::Case { whens, otherwise } => {
            whens.iter().all(|(when, then)| all(&[when, then]))
                && otherwise.iter().all(|expr| is_of_group(expr, group))
        }
    }
}
