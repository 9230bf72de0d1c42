//! Expressions read, the loosest binding first.

use rust_decimal::Decimal;

use super::Parser;
use crate::mocks::netsuite::http::suiteql::Fault;
use crate::mocks::netsuite::http::suiteql::lex::Token;
use crate::mocks::netsuite::http::suiteql::syntax::{Arithmetic, Comparison, Expr, Summary};
use crate::mocks::netsuite::http::suiteql::value::Value;

/// Signs of arithmetic in one statement: each puts what stands before it one level deeper.
const OPERATORS_MAX: usize = 400;

impl Parser {
    pub(super) fn list(&mut self) -> Result<Vec<Expr>, Fault> {
        let mut list = vec![self.expr()?];
        while self.take_sign(",") {
            list.push(self.expr()?);
        }
        Ok(list)
    }

    pub(super) fn expr(&mut self) -> Result<Expr, Fault> {
        self.deeper(|parser| {
            let mut branches = vec![parser.conjunction()?];
            while parser.take("or") {
                branches.push(parser.conjunction()?);
            }
            Ok(if branches.len() == 1 { branches.remove(0) } else { Expr::Or(branches) })
        })
    }

    pub(super) fn conjunction(&mut self) -> Result<Expr, Fault> {
        let mut parts = vec![self.negation()?];
        while self.take("and") {
            parts.push(self.negation()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    pub(super) fn negation(&mut self) -> Result<Expr, Fault> {
        if self.take("not") {
            return self.deeper(|parser| Ok(Expr::Not(Box::new(parser.negation()?))));
        }
        self.predicate()
    }

    pub(super) fn predicate(&mut self) -> Result<Expr, Fault> {
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
            let found = if self.is_query() {
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

    pub(super) fn operator(&mut self, sign: &str) -> Result<bool, Fault> {
        let is = self.take_sign(sign);
        self.operators += usize::from(is);
        if self.operators > OPERATORS_MAX {
            return Err(Fault::syntax("the statement has too many operators"));
        }
        Ok(is)
    }

    pub(super) fn sum(&mut self) -> Result<Expr, Fault> {
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

    pub(super) fn product(&mut self) -> Result<Expr, Fault> {
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

    pub(super) fn unary(&mut self) -> Result<Expr, Fault> {
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

    pub(super) fn primary(&mut self) -> Result<Expr, Fault> {
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
                let inside =
                    if self.is_query() { Expr::Query(Box::new(self.select()?)) } else { self.expr()? };
                self.expect_sign(")")?;
                Ok(inside)
            }
            Some(Token::Word(word)) => self.word(&word.to_ascii_lowercase()),
            Some(Token::Quoted(_)) => self.column(),
            _ => Err(self.unexpected("an expression")),
        }
    }

    pub(super) fn word(&mut self, word: &str) -> Result<Expr, Fault> {
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

    pub(super) fn column(&mut self) -> Result<Expr, Fault> {
        let first = self.name()?;
        if !self.take_sign(".") {
            return Ok(Expr::Column(None, first));
        }
        Ok(Expr::Column(Some(first), self.name()?))
    }

    pub(super) fn call(&mut self, name: String) -> Result<Expr, Fault> {
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

    pub(super) fn case(&mut self) -> Result<Expr, Fault> {
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
