//! Statements read: the part of SuiteQL that the twin answers. What it does not answer is refused by name.
//!
//! Source: netsuite.md §11.2 (dialect), §23.10 (subset).

use rust_decimal::Decimal;

use super::Fault;
use super::lex::{Token, tokens};
use super::syntax::{Arithmetic, Comparison, Expr, From, Item, Join, Order, Select, Source, Summary};
use super::value::Value;

/// Brackets and queries inside each other.
const DEPTH_MAX: usize = 60;
/// Signs of arithmetic in one statement: each puts what stands before it one level deeper.
const OPERATORS_MAX: usize = 400;

/// Words that end an expression or a name without `AS`.
const RESERVED: [&str; 36] = [
    "select", "from", "where", "group", "by", "having", "order", "fetch", "and", "or", "not", "in", "like",
    "between", "is", "null", "case", "when", "then", "else", "end", "join", "inner", "left", "right", "full",
    "outer", "cross", "on", "as", "union", "escape", "asc", "desc", "limit", "offset",
];

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    operators: usize,
    parameters: std::vec::IntoIter<Value>,
}

/// Reads a whole statement. `parameters` stand for its question marks, in their order.
pub(super) fn statement(text: &str, parameters: Vec<Value>) -> Result<Select, Fault> {
    let mut parser =
        Parser { tokens: tokens(text)?, at: 0, depth: 0, operators: 0, parameters: parameters.into_iter() };
    let select = parser.select()?;
    match parser.tokens.get(parser.at) {
        None => Ok(select),
        Some(Token::Word(word)) if ["union", "minus", "intersect"].contains(&&*word.to_ascii_lowercase()) => {
            Err(Fault::unsupported("syntax", word))
        }
        Some(token) => Err(Fault::syntax(&format!("unexpected {token:?}"))),
    }
}

impl Parser {
    fn is_word(&self, ahead: usize, wanted: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted))
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
        if self.is_word(0, "with") {
            return Err(Fault::unsupported("syntax", "WITH"));
        }
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
        let mut order = Vec::new();
        if self.take("order") {
            self.expect("by")?;
            order = self.order()?;
        }
        if self.take("fetch") {
            if !self.take("first") {
                self.expect("next")?;
            }
            first = Some(self.count()?);
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
        Ok(Select { is_distinct, items, from, filter, group, having, order, first })
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
        let source = if self.take_sign("(") {
            let query = self.select()?;
            self.expect_sign(")")?;
            Source::Query(Box::new(query))
        } else {
            Source::Table(self.name()?)
        };
        self.take("as");
        let alias = match (&source, self.name()) {
            (_, Ok(alias)) => alias,
            (Source::Table(name), Err(_)) => name.clone(),
            (Source::Query(_), Err(_)) => String::new(),
        };
        Ok(From { source, alias, join, on: None })
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

    fn list(&mut self) -> Result<Vec<Expr>, Fault> {
        let mut list = vec![self.expr()?];
        while self.take_sign(",") {
            list.push(self.expr()?);
        }
        Ok(list)
    }

    fn expr(&mut self) -> Result<Expr, Fault> {
        self.deeper(|parser| {
            let mut branches = vec![parser.conjunction()?];
            while parser.take("or") {
                branches.push(parser.conjunction()?);
            }
            Ok(if branches.len() == 1 { branches.remove(0) } else { Expr::Or(branches) })
        })
    }

    fn conjunction(&mut self) -> Result<Expr, Fault> {
        let mut parts = vec![self.negation()?];
        while self.take("and") {
            parts.push(self.negation()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    fn negation(&mut self) -> Result<Expr, Fault> {
        if self.take("not") {
            return self.deeper(|parser| Ok(Expr::Not(Box::new(parser.negation()?))));
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Result<Expr, Fault> {
        let left = self.sum()?;
        let comparisons = [
            ("=", Comparison::Equal),
            ("<>", Comparison::Unequal),
            ("!=", Comparison::Unequal),
            ("^=", Comparison::Unequal),
            ("<=", Comparison::LessOrEqual),
            ("<", Comparison::Less),
            (">=", Comparison::GreaterOrEqual),
            (">", Comparison::Greater),
        ];
        for (sign, comparison) in comparisons {
            if self.take_sign(sign) {
                return Ok(Expr::Compare(comparison, Box::new(left), Box::new(self.sum()?)));
            }
        }
        if self.take("is") {
            let is_not = self.take("not");
            self.expect("null")?;
            return Ok(negated(Expr::IsNull(Box::new(left)), is_not));
        }
        let is_not = self.take("not");
        if self.take("in") {
            self.expect_sign("(")?;
            let found = if self.is_word(0, "select") {
                Expr::InQuery(Box::new(left), Box::new(self.select()?))
            } else {
                Expr::In(Box::new(left), self.list()?)
            };
            self.expect_sign(")")?;
            return Ok(negated(found, is_not));
        }
        if self.take("between") {
            let low = self.sum()?;
            self.expect("and")?;
            let high = self.sum()?;
            let above = Expr::Compare(Comparison::GreaterOrEqual, Box::new(left.clone()), Box::new(low));
            let below = Expr::Compare(Comparison::LessOrEqual, Box::new(left), Box::new(high));
            return Ok(negated(Expr::And(vec![above, below]), is_not));
        }
        if self.take("like") {
            let pattern = Box::new(self.sum()?);
            let escape = if self.take("escape") { Some(Box::new(self.sum()?)) } else { None };
            return Ok(negated(Expr::Like { text: Box::new(left), pattern, escape }, is_not));
        }
        if is_not { Err(self.unexpected("IN, BETWEEN or LIKE")) } else { Ok(left) }
    }

    fn operator(&mut self, sign: &str) -> Result<bool, Fault> {
        let is = self.take_sign(sign);
        self.operators += usize::from(is);
        if self.operators > OPERATORS_MAX {
            return Err(Fault::syntax("the statement has too many operators"));
        }
        Ok(is)
    }

    fn sum(&mut self) -> Result<Expr, Fault> {
        let mut left = self.product()?;
        loop {
            if self.operator("||")? {
                left = Expr::Concat(Box::new(left), Box::new(self.product()?));
            } else if self.operator("+")? {
                left = Expr::Arithmetic(Arithmetic::Add, Box::new(left), Box::new(self.product()?));
            } else if self.operator("-")? {
                left = Expr::Arithmetic(Arithmetic::Subtract, Box::new(left), Box::new(self.product()?));
            } else {
                return Ok(left);
            }
        }
    }

    fn product(&mut self) -> Result<Expr, Fault> {
        let mut left = self.unary()?;
        loop {
            if self.operator("*")? {
                left = Expr::Arithmetic(Arithmetic::Multiply, Box::new(left), Box::new(self.unary()?));
            } else if self.operator("/")? {
                left = Expr::Arithmetic(Arithmetic::Divide, Box::new(left), Box::new(self.unary()?));
            } else {
                return Ok(left);
            }
        }
    }

    fn unary(&mut self) -> Result<Expr, Fault> {
        if self.take_sign("-") {
            return self.deeper(|parser| {
                let zero = Box::new(Expr::Constant(Value::number(0)));
                Ok(Expr::Arithmetic(Arithmetic::Subtract, zero, Box::new(parser.unary()?)))
            });
        }
        if self.take_sign("+") {
            return self.deeper(Parser::unary);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expr, Fault> {
        match self.tokens.get(self.at).cloned() {
            Some(Token::Number(number)) => {
                let number: Decimal = number.parse().map_err(|_| self.unexpected("a number"))?;
                self.at += 1;
                Ok(Expr::Constant(Value::Number(number)))
            }
            Some(Token::Text(text)) => {
                self.at += 1;
                Ok(Expr::Constant(Value::text(text)))
            }
            Some(Token::Sign("?")) => {
                self.at += 1;
                let value =
                    self.parameters.next().ok_or_else(|| Fault::syntax("a parameter has no value"))?;
                Ok(Expr::Constant(value))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inside = if self.is_word(0, "select") {
                    Expr::Query(Box::new(self.select()?))
                } else {
                    self.expr()?
                };
                self.expect_sign(")")?;
                Ok(inside)
            }
            Some(Token::Word(word)) => self.word(&word.to_ascii_lowercase()),
            Some(Token::Quoted(_)) => self.column(),
            _ => Err(self.unexpected("an expression")),
        }
    }

    fn word(&mut self, word: &str) -> Result<Expr, Fault> {
        match word {
            "null" => {
                self.at += 1;
                Ok(Expr::Constant(Value::Null))
            }
            "rownum" => {
                self.at += 1;
                Ok(Expr::RowNumber)
            }
            "sysdate" => {
                self.at += 1;
                Ok(Expr::Call("sysdate".to_owned(), Vec::new()))
            }
            "case" => self.deeper(Parser::case),
            "exists" => {
                self.at += 1;
                self.expect_sign("(")?;
                let query = self.select()?;
                self.expect_sign(")")?;
                Ok(Expr::Exists(Box::new(query)))
            }
            "builtin" if self.is_sign(1, ".") => {
                self.at += 2;
                let name = format!("builtin.{}", self.name()?);
                self.call(name)
            }
            _ if self.is_sign(1, "(") => {
                let name = self.name()?;
                self.call(name)
            }
            _ => self.column(),
        }
    }

    fn column(&mut self) -> Result<Expr, Fault> {
        let first = self.name()?;
        if !self.take_sign(".") {
            return Ok(Expr::Column(None, first));
        }
        Ok(Expr::Column(Some(first), self.name()?))
    }

    fn call(&mut self, name: String) -> Result<Expr, Fault> {
        self.expect_sign("(")?;
        let of = match name.as_str() {
            "count" => Some(Summary::Count),
            "sum" => Some(Summary::Sum),
            "min" => Some(Summary::Min),
            "max" => Some(Summary::Max),
            "avg" => Some(Summary::Average),
            _ => None,
        };
        if let Some(of) = of {
            let is_distinct = self.take("distinct");
            let arg =
                if of == Summary::Count && self.take_sign("*") { None } else { Some(Box::new(self.expr()?)) };
            self.expect_sign(")")?;
            if self.is_word(0, "over") {
                return Err(Fault::unsupported("syntax", "OVER"));
            }
            return Ok(Expr::Summary { of, is_distinct, arg });
        }
        let args = if self.is_sign(0, ")") { Vec::new() } else { self.list()? };
        self.expect_sign(")")?;
        Ok(Expr::Call(name, args))
    }

    fn case(&mut self) -> Result<Expr, Fault> {
        self.expect("case")?;
        let subject = if self.is_word(0, "when") { None } else { Some(self.expr()?) };
        let mut whens = Vec::new();
        while self.take("when") {
            let when = self.expr()?;
            let when = match &subject {
                Some(subject) => Expr::Compare(Comparison::Equal, Box::new(subject.clone()), Box::new(when)),
                None => when,
            };
            self.expect("then")?;
            whens.push((when, self.expr()?));
        }
        let otherwise = if self.take("else") { Some(Box::new(self.expr()?)) } else { None };
        self.expect("end")?;
        if whens.is_empty() {
            return Err(Fault::syntax("a CASE has no WHEN"));
        }
        Ok(Expr::Case { whens, otherwise })
    }
}

fn negated(expr: Expr, is_not: bool) -> Expr {
    if is_not { Expr::Not(Box::new(expr)) } else { expr }
}
