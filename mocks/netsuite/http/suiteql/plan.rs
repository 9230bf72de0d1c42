//! A statement with its names resolved: every column is a place in a source, every error of a name is found before a row
//! is read.
//!
//! Source: netsuite.md §11.4 (texts of unknown tables and columns).

use super::functions::Function;
use super::syntax::{Arithmetic, Comparison, Join, Summary};
use super::tables::{Column, Table};
use super::value::Value;

mod binder;

pub(super) use binder::plan;

#[derive(Debug)]
pub(super) struct Plan {
    pub columns: Vec<String>,
    pub is_distinct: bool,
    pub sources: Vec<PlannedSource>,
    /// Parts that all must hold.
    pub filter: Vec<Node>,
    /// Rows that are taken at the most before they are sorted: `ROWNUM <= n`.
    pub taken: Option<u64>,
    pub outputs: Vec<Node>,
    pub group: Option<Vec<Node>>,
    pub summaries: Vec<PlannedSummary>,
    pub having: Option<Node>,
    pub order: Vec<PlannedOrder>,
    pub first: Option<u64>,
    /// How many levels of queries around this one it reads from.
    pub reaches: usize,
}

#[derive(Debug)]
pub(super) struct PlannedSource {
    pub rows: Rows,
    pub join: Join,
    pub on: Vec<Node>,
}

#[derive(Debug)]
pub(super) enum Rows {
    Table(&'static Table),
    Query(Box<Plan>),
    /// All of as many columns.
    Union(Vec<PlannedBranch>),
}

#[derive(Debug)]
pub(super) struct PlannedBranch {
    pub plan: Plan,
    pub keeps_doubles: bool,
}

#[derive(Debug)]
pub(super) struct PlannedSummary {
    pub of: Summary,
    pub is_distinct: bool,
    pub arg: Option<Node>,
}

#[derive(Debug)]
pub(super) struct PlannedOrder {
    pub by: Node,
    pub is_descending: bool,
    pub nulls_first: Option<bool>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Column(&'static Column),
    Position(usize),
}

#[derive(Debug)]
pub(super) enum Node {
    Constant(Value),
    /// `up` levels of queries around this one.
    Field {
        up: usize,
        source: usize,
        place: Place,
    },
    /// Of the rows of a group.
    Summary(usize),
    /// Of what this query gives.
    Output(usize),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Concat(Box<Node>, Box<Node>),
    IsNull(Box<Node>),
    In(Box<Node>, Vec<Node>),
    InQuery(Box<Node>, Box<Plan>),
    Exists(Box<Plan>),
    Like {
        text: Box<Node>,
        pattern: Box<Node>,
        escape: Option<Box<Node>>,
    },
    Case {
        whens: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
    },
    Call(Function, Vec<Node>),
    /// The name that a reference shows: `BUILTIN.DF`.
    Display {
        up: usize,
        source: usize,
        column: &'static Column,
    },
    Query(Box<Plan>),
}

impl Node {
    /// The last source of the query at hand that it reads; `None` if it reads none. `up` levels further in.
    pub fn last_source(&self, up: usize) -> Option<usize> {
        let all = |nodes: &[Node]| nodes.iter().filter_map(|node| node.last_source(up)).max();
        match self {
            Node::Field { up: of, source, .. } | Node::Display { up: of, source, .. } => {
                (*of == up).then_some(*source)
            }
            Node::Constant(_) | Node::Summary(_) | Node::Output(_) => None,
            Node::Not(inside) | Node::IsNull(inside) => inside.last_source(up),
            Node::And(parts) | Node::Or(parts) | Node::Call(_, parts) => all(parts),
            Node::Compare(_, left, right) | Node::Arithmetic(_, left, right) | Node::Concat(left, right) => {
                left.last_source(up).max(right.last_source(up))
            }
            Node::In(value, list) => value.last_source(up).max(all(list)),
            Node::InQuery(value, plan) => value.last_source(up).max(plan.last_source(up + 1)),
            Node::Exists(plan) | Node::Query(plan) => plan.last_source(up + 1),
            Node::Like { text, pattern, escape } => {
                let escape = escape.as_ref().and_then(|escape| escape.last_source(up));
                text.last_source(up).max(pattern.last_source(up)).max(escape)
            }
            Node::Case { whens, otherwise } => {
                let whens = whens.iter().map(|(when, then)| when.last_source(up).max(then.last_source(up)));
                whens.max().flatten().max(otherwise.as_ref().and_then(|node| node.last_source(up)))
            }
        }
    }
}

impl Plan {
    /// Whether it reads that source of the query around it, or a later one.
    pub fn reads_from(&self, at: usize) -> bool {
        self.last_source(1).is_some_and(|last| last >= at)
    }

    fn last_source(&self, up: usize) -> Option<usize> {
        let inside = |rows: &Rows| match rows {
            // It stands beside the query that it is a source of.
            Rows::Query(plan) => plan.last_source(up),
            Rows::Union(branches) => branches.iter().filter_map(|branch| branch.plan.last_source(up)).max(),
            Rows::Table(_) => None,
        };
        let sources = self.sources.iter().filter_map(|source| inside(&source.rows)).max();
        let on = self.sources.iter().flat_map(|source| &source.on);
        let nodes = on
            .chain(&self.filter)
            .chain(&self.outputs)
            .chain(self.group.iter().flatten())
            .chain(&self.having)
            .chain(self.summaries.iter().filter_map(|summary| summary.arg.as_ref()))
            .chain(self.order.iter().map(|order| &order.by));
        sources.max(nodes.filter_map(|node| node.last_source(up)).max())
    }
}
