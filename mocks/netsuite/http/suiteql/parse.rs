//! Statements read: the part of SuiteQL that the twin answers. What it does not answer is refused by name.
//!
//! Source: netsuite.md §11.2 (dialect), §23.10 (subset).

use super::Fault;
use super::lex::{Token, tokens};
use super::syntax::{Branch, Expr, From, Item, Join, Order, Select, Source};
use super::value::Value;

mod expressions;

/// Brackets and queries inside each other.
const DEPTH_MAX: usize = 60;

/// Words that end an expression or a name without `AS`.
const RESERVED: [&str; 39] = [
    "select",
    "from",
    "where",
    "group",
    "by",
    "having",
    "order",
    "fetch",
    "and",
    "or",
    "not",
    "in",
    "like",
    "between",
    "is",
    "null",
    "case",
    "when",
    "then",
    "else",
    "end",
    "join",
    "inner",
    "left",
    "right",
    "full",
    "outer",
    "cross",
    "on",
    "as",
    "union",
    "escape",
    "asc",
    "desc",
    "limit",
    "offset",
    "minus",
    "intersect",
    "with",
];

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    operators: usize,
    parameters: std::vec::IntoIter<Value>,
    /// Queries that `WITH` has named, innermost last.
    named: Vec<Named>,
    /// Times that one of them was put in the place of its name, those inside it included.
    copies: usize,
}

struct Named {
    name: String,
    select: Select,
    copies: usize,
}

/// Names of `WITH` can double a statement with each: beyond this it is refused.
const COPIES_MAX: usize = 200;

/// Reads a whole statement. `parameters` stand for its question marks, in their order.
pub(super) fn statement(text: &str, parameters: Vec<Value>) -> Result<Select, Fault> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        operators: 0,
        parameters: parameters.into_iter(),
        named: Vec::new(),
        copies: 0,
    };
    let select = parser.select()?;
    match parser.tokens.get(parser.at) {
        None => Ok(select),
        Some(Token::Word(word)) if ["minus", "intersect"].contains(&&*word.to_ascii_lowercase()) => {
            Err(Fault::unsupported("syntax", word))
        }
        Some(token) => Err(Fault::syntax(&format!("unexpected {token:?}"))),
    }
}

impl Parser {
    fn is_word(&self, ahead: usize, wanted: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted))
    }

    /// Whether a query begins here, and not another expression.
    fn is_query(&self) -> bool {
        self.is_word(0, "select") || self.is_word(0, "with")
    }

    fn take(&mut self, wanted: &str) -> bool {
        let is = self.is_word(0, wanted);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Fault> {
        if self.take(wanted) { Ok(()) } else { Err(self.unexpected(wanted)) }
    }

    fn is_sign(&self, ahead: usize, wanted: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token::Sign(sign)) if *sign == wanted)
    }

    fn take_sign(&mut self, wanted: &str) -> bool {
        let is = self.is_sign(0, wanted);
        self.at += usize::from(is);
        is
    }

    fn expect_sign(&mut self, wanted: &str) -> Result<(), Fault> {
        if self.take_sign(wanted) { Ok(()) } else { Err(self.unexpected(wanted)) }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        match self.tokens.get(self.at) {
            Some(token) => Fault::syntax(&format!("{wanted} expected, {token:?} found")),
            None => Fault::syntax(&format!("{wanted} expected at the end")),
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Parser) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Fault::syntax("the statement is nested too deeply"));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn name(&mut self) -> Result<String, Fault> {
        let name = match self.tokens.get(self.at) {
            Some(Token::Word(word)) if !RESERVED.contains(&&*word.to_ascii_lowercase()) => {
                word.to_ascii_lowercase()
            }
            Some(Token::Quoted(name)) => name.to_ascii_lowercase(),
            _ => return Err(self.unexpected("a name")),
        };
        self.at += 1;
        Ok(name)
    }

    fn select(&mut self) -> Result<Select, Fault> {
        self.deeper(Parser::select_inside)
    }

    fn select_inside(&mut self) -> Result<Select, Fault> {
        let outside = self.named.len();
        if self.take("with") {
            self.named()?;
        }
        let select = self.united();
        self.named.truncate(outside);
        select
    }

    /// `WITH name AS (query), …`
    fn named(&mut self) -> Result<(), Fault> {
        loop {
            let name = self.name()?;
            if self.is_sign(0, "(") {
                return Err(Fault::unsupported("syntax", "columns named in WITH"));
            }
            self.expect("as")?;
            self.expect_sign("(")?;
            let before = self.copies;
            let select = self.select()?;
            self.expect_sign(")")?;
            let copies = 1 + self.copies - before;
            self.named.push(Named { name, select, copies });
            if !self.take_sign(",") {
                return Ok(());
            }
        }
    }

    /// Queries put together by `UNION`, with the order of all of them.
    fn united(&mut self) -> Result<Select, Fault> {
        let first = self.branch()?;
        if !self.is_word(0, "union") {
            return self.ordered(first);
        }
        let mut branches = vec![Branch { select: first, keeps_doubles: true }];
        while self.take("union") {
            let keeps_doubles = self.take("all");
            branches.push(Branch { select: self.branch()?, keeps_doubles });
        }
        let all = From { source: Source::Union(branches), alias: String::new(), join: Join::Inner, on: None };
        self.ordered(Select {
            is_distinct: false,
            items: vec![Item::All(None)],
            from: vec![all],
            filter: None,
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            first: None,
        })
    }

    fn branch(&mut self) -> Result<Select, Fault> {
        if self.take_sign("(") {
            let select = self.select()?;
            self.expect_sign(")")?;
            return Ok(select);
        }
        self.core()
    }

    fn core(&mut self) -> Result<Select, Fault> {
        self.expect("select")?;
        let mut first = None;
        if self.is_word(0, "top") && matches!(self.tokens.get(self.at + 1), Some(Token::Number(_))) {
            self.at += 1;
            first = Some(self.count()?);
        }
        let is_distinct = self.take("distinct");
        if !is_distinct {
            self.take("all");
        }
        let mut items = Vec::new();
        loop {
            let place = items.len();
            items.push(self.item(place)?);
            if !self.take_sign(",") {
                break;
            }
        }
        self.expect("from")?;
        let mut from = vec![self.source(Join::Inner)?];
        self.joins(&mut from)?;
        let filter = if self.take("where") { Some(self.expr()?) } else { None };
        let mut group = Vec::new();
        if self.take("group") {
            self.expect("by")?;
            group = self.list()?;
        }
        let having = if self.take("having") { Some(self.expr()?) } else { None };
        Ok(Select { is_distinct, items, from, filter, group, having, order: Vec::new(), first })
    }

    /// What may follow a query: its order, and how many rows of it are wanted.
    fn ordered(&mut self, mut select: Select) -> Result<Select, Fault> {
        if self.take("order") {
            self.expect("by")?;
            select.order = self.order()?;
        }
        if self.take("fetch") {
            if !self.take("first") {
                self.expect("next")?;
            }
            select.first = Some(self.count()?);
            if !self.take("rows") {
                self.expect("row")?;
            }
            self.expect("only")?;
        }
        for word in ["limit", "offset"] {
            if self.is_word(0, word) {
                return Err(Fault::unsupported("syntax", word));
            }
        }
        Ok(select)
    }

    fn count(&mut self) -> Result<u64, Fault> {
        let Some(Token::Number(number)) = self.tokens.get(self.at) else {
            return Err(self.unexpected("a number"));
        };
        let count = number.parse().map_err(|_| self.unexpected("a whole number"))?;
        self.at += 1;
        Ok(count)
    }

    fn item(&mut self, place: usize) -> Result<Item, Fault> {
        if self.take_sign("*") {
            return Ok(Item::All(None));
        }
        if self.is_sign(1, ".") && self.is_sign(2, "*") {
            let alias = self.name()?;
            self.at += 2;
            return Ok(Item::All(Some(alias)));
        }
        let expr = self.expr()?;
        let has_as = self.take("as");
        let is_name = match self.tokens.get(self.at) {
            Some(Token::Word(word)) => !RESERVED.contains(&&*word.to_ascii_lowercase()),
            Some(Token::Quoted(_)) => true,
            _ => false,
        };
        let name = match &expr {
            _ if has_as || is_name => self.name()?,
            Expr::Column(_, name) => name.clone(),
            // What has no name is numbered. Source: practice of SuiteQL answers (`expr1`).
            _ => format!("expr{}", place + 1),
        };
        Ok(Item::One { expr, name })
    }

    fn source(&mut self, join: Join) -> Result<From, Fault> {
        let mut own = String::new();
        let source = if self.take_sign("(") {
            let query = self.select()?;
            self.expect_sign(")")?;
            Source::Query(Box::new(query))
        } else {
            own = self.name()?;
            self.copy(&own)?
                .map_or_else(|| Source::Table(own.clone()), |query| Source::Query(Box::new(query)))
        };
        self.take("as");
        let alias = self.name().unwrap_or(own);
        Ok(From { source, alias, join, on: None })
    }

    /// The query that `WITH` gave this name.
    fn copy(&mut self, name: &str) -> Result<Option<Select>, Fault> {
        let Some(named) = self.named.iter().rev().find(|named| named.name == name) else { return Ok(None) };
        self.copies += named.copies;
        match self.copies > COPIES_MAX {
            true => Err(Fault::syntax("WITH names too many queries inside each other")),
            false => Ok(Some(named.select.clone())),
        }
    }

    fn joins(&mut self, from: &mut Vec<From>) -> Result<(), Fault> {
        loop {
            if self.take_sign(",") {
                from.push(self.source(Join::Inner)?);
                continue;
            }
            if self.is_word(0, "right") || self.is_word(0, "full") {
                return Err(Fault::unsupported("syntax", "RIGHT JOIN"));
            }
            let join = if self.take("cross") {
                self.expect("join")?;
                from.push(self.source(Join::Inner)?);
                continue;
            } else if self.take("left") {
                self.take("outer");
                Join::Left
            } else if self.take("inner") || self.is_word(0, "join") {
                Join::Inner
            } else {
                return Ok(());
            };
            self.expect("join")?;
            let mut source = self.source(join)?;
            self.expect("on")?;
            source.on = Some(self.expr()?);
            from.push(source);
        }
    }

    fn order(&mut self) -> Result<Vec<Order>, Fault> {
        let mut order = Vec::new();
        loop {
            let by = self.expr()?;
            let is_descending = self.take("desc");
            if !is_descending {
                self.take("asc");
            }
            let mut nulls_first = None;
            if self.take("nulls") {
                nulls_first = Some(self.take("first"));
                if nulls_first == Some(false) {
                    self.expect("last")?;
                }
            }
            order.push(Order { by, is_descending, nulls_first });
            if !self.take_sign(",") {
                return Ok(order);
            }
        }
    }
}
