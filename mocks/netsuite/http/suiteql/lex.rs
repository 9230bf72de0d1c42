//! A statement cut into words, literals and signs.

use super::Fault;
use crate::platforms::netsuite::operation::suiteql::read_literal;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// As written; keywords are matched without regard to case.
    Word(String),
    /// In double quotes: never a keyword.
    Quoted(String),
    Number(String),
    Text(String),
    Sign(&'static str),
}

/// Longer statements are refused unread. Assumption: the platform's own limit is somewhere there.
pub(super) const LENGTH_MAX: usize = 1_000_000;

const SIGNS: [&str; 18] =
    ["||", "<>", "!=", "^=", "<=", ">=", "(", ")", ",", ".", "*", "+", "-", "/", "=", "<", ">", "?"];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    if text.len() > LENGTH_MAX {
        return Err(Fault::syntax("the statement is too long"));
    }
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").ok_or_else(|| Fault::syntax("a comment has no end"))?.1;
        } else if first == '\'' {
            let (value, after) =
                read_literal(rest).ok_or_else(|| Fault::syntax("a text has no closing quote"))?;
            tokens.push(Token::Text(value));
            rest = after;
        } else if let Some(quoted) = rest.strip_prefix('"') {
            let (name, after) =
                quoted.split_once('"').ok_or_else(|| Fault::syntax("a name has no closing quote"))?;
            tokens.push(Token::Quoted(name.to_owned()));
            rest = after;
        } else if first.is_ascii_digit()
            || first == '.' && rest[1..].starts_with(|sign: char| sign.is_ascii_digit())
        {
            let (number, after) = cut(rest, |sign| sign.is_ascii_digit() || sign == '.');
            tokens.push(Token::Number(number.to_owned()));
            rest = after;
        } else if first.is_alphabetic() || first == '_' {
            let (word, after) =
                cut(rest, |sign| sign.is_alphanumeric() || sign == '_' || sign == '$' || sign == '#');
            tokens.push(Token::Word(word.to_owned()));
            rest = after;
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| Fault::syntax(&format!("unexpected `{first}`")))?;
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

fn cut(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|sign| !belongs(sign)).unwrap_or(text.len()))
}
