//! Documents, parsed and validated once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use apollo_compiler::parser::Parser;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema, ast};
use serde_json::json;

use super::check;
use super::refusal::Invalid;

/// The part of the Admin schema that the twin serves.
pub(super) fn schema() -> &'static Valid<Schema> {
    static SCHEMA: OnceLock<Valid<Schema>> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        Schema::parse_and_validate(include_str!("schema.graphql"), "schema.graphql")
            .expect("a test reads the checked-in schema")
    })
}

/// More than any client sends; what is kept is dropped when it is reached.
const DOCUMENTS_MAX: usize = 1_000;
/// Levels and tokens of a document: beyond what a query of 1,000 points can have.
const LEVELS_MAX: usize = 100;
const TOKENS_MAX: usize = 50_000;

/// A document that may run, or everything that is wrong with it.
pub(super) type Compiled = Result<Arc<Valid<ExecutableDocument>>, Arc<[Invalid]>>;

#[derive(Debug, Default)]
pub(super) struct Documents {
    kept: BTreeMap<Box<str>, Compiled>,
    pub(super) hits: u64,
    pub(super) misses: u64,
}

impl Documents {
    pub(super) fn compile(&mut self, source: &str) -> Compiled {
        if let Some(known) = self.kept.get(source) {
            self.hits += 1;
            return known.clone();
        }
        self.misses += 1;
        let compiled = compile(source);
        if self.kept.len() == DOCUMENTS_MAX {
            self.kept.clear();
        }
        self.kept.insert(source.into(), compiled.clone());
        compiled
    }
}

/// # Errors
/// Text that is no document.
pub(super) fn parse(source: &str) -> Result<ast::Document, Invalid> {
    let mut parser = Parser::new().recursion_limit(LEVELS_MAX).token_limit(TOKENS_MAX);
    parser.parse_ast(source, "document.graphql").map_err(|broken| {
        let first = broken.errors.iter().next().map(|error| error.to_json());
        let at = first.and_then(|error| error.locations.first().map(|at| (at.line, at.column)));
        syntax_error(source, at.unwrap_or((1, 1)))
    })
}

pub(super) fn compile(source: &str) -> Compiled {
    let document = parse(source).map_err(|error| Arc::from([error]))?;
    let refused = check::check(schema(), &document);
    if !refused.is_empty() {
        return Err(refused.into());
    }
    match document.to_executable_validate(schema()) {
        Ok(document) => Ok(Arc::new(document)),
        Err(broken) => Err(broken.errors.iter().map(|error| of_compiler(&error.to_json())).collect()),
    }
}

/// What only the compiler found, in its words: Shopify's are not recorded for it.
fn of_compiler(error: &apollo_compiler::response::GraphQLError) -> Invalid {
    let place = error.locations.first().map(|at| (at.line, at.column));
    Invalid { place, ..Invalid::plain(error.message.clone()) }
}

/// Source: shopify.md §b.3: `syntax error, unexpected end of file at [3, 5]`. The wording for a token is an
/// assumption by the same parser's habit.
fn syntax_error(source: &str, (line, column): (usize, usize)) -> Invalid {
    let rest = source.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let rest: String = rest.chars().skip(column.saturating_sub(1)).collect();
    let is_last = source.lines().skip(line).all(|line| line.trim().is_empty());
    let unexpected = match rest.split_whitespace().next() {
        None if is_last => "end of file".to_owned(),
        None => "end of line".to_owned(),
        Some(token) => format!("invalid token (\"{token}\")"),
    };
    let message = format!("syntax error, unexpected {unexpected} at [{line}, {column}]");
    let mut error = Invalid::plain(message);
    error.place = Some((line, column));
    error.extensions.insert("code".into(), json!("PARSE_ERROR"));
    error
}
