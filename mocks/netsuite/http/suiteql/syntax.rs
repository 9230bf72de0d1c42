//! A statement as a tree, names not yet resolved.

use super::value::Value;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Select {
    pub is_distinct: bool,
    pub items: Vec<Item>,
    pub from: Vec<From>,
    pub filter: Option<Expr>,
    pub group: Vec<Expr>,
    pub having: Option<Expr>,
    pub order: Vec<Order>,
    /// Rows that are given at the most, after sorting.
    pub first: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// `*`, or `t.*`.
    All(Option<String>),
    One {
        expr: Expr,
        name: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct From {
    pub source: Source,
    /// In lower case.
    pub alias: String,
    pub join: Join,
    pub on: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Source {
    Table(String),
    Query(Box<Select>),
    Union(Vec<Branch>),
}

/// One query of a union.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Branch {
    pub select: Select,
    /// `UNION ALL`, towards the branch before it: rows that are there already are given again.
    pub keeps_doubles: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    Inner,
    Left,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub by: Expr,
    pub is_descending: bool,
    pub nulls_first: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Summary {
    Count,
    Sum,
    Min,
    Max,
    Average,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Constant(Value),
    /// Names in lower case.
    Column(Option<String>, String),
    RowNumber,
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    IsNull(Box<Expr>),
    In(Box<Expr>, Vec<Expr>),
    InQuery(Box<Expr>, Box<Select>),
    Exists(Box<Select>),
    Like {
        text: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
    },
    Case {
        whens: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    /// Name in lower case, `builtin.df` included.
    Call(String, Vec<Expr>),
    /// Without an argument: of rows.
    Summary {
        of: Summary,
        is_distinct: bool,
        arg: Option<Box<Expr>>,
    },
    Query(Box<Select>),
}
