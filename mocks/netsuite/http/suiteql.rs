//! SuiteQL from any client: a statement in, one page of rows out.
//!
//! In reading order: `lex` and `parse` (text to a tree, `syntax`), `plan` (names resolved), `run` (rows), `tables` (what the
//! rows are), `functions`, `value` and `moments`.
//!
//! Source: netsuite.md §11.1 (pages), §11.2 (dialect), §11.3 (time), §11.4 (errors).

use std::fmt::Write;
use std::rc::Rc;

use rust_decimal::Decimal;

use super::address::Address;
use super::json::{Json, string};
use super::problem::{self, Place, Problem};
use crate::domain::{Timestamp, Zone};
use crate::mocks::http::{Asked, Told};
use crate::mocks::netsuite::NetsuiteTwin;
use tables::Data;
use value::Value;

mod functions;
mod lex;
mod moments;
mod parse;
mod plan;
mod run;
mod syntax;
pub(super) mod tables;
pub(super) mod value;

/// How an account writes dates: a user preference. Source: netsuite.md §5.3, §20.20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateFormat {
    /// `11/23/2026`
    #[default]
    MonthDayYear,
    /// `23/11/2026`
    DayMonthYear,
    /// `2026-11-23`
    YearMonthDay,
}

impl DateFormat {
    fn picture(self) -> &'static str {
        match self {
            DateFormat::MonthDayYear => "MM/DD/YYYY",
            DateFormat::DayMonthYear => "DD/MM/YYYY",
            DateFormat::YearMonthDay => "YYYY-MM-DD",
        }
    }

    /// The day that a text means, in days since 1970.
    pub(super) fn day(self, text: &str) -> Option<i64> {
        moments::read(text, self.picture()).ok().map(|at| at.div_euclid(86_400))
    }
}

/// Why a statement is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    UnknownTable(String),
    UnknownColumn {
        name: String,
        /// Aliases with their tables: `c=customer`.
        available: String,
    },
    /// The platform may know it, the twin does not: what kind of thing, and its name.
    Unsupported(&'static str, String),
    Syntax(String),
    Execution(String),
    TooMuch,
}

impl Fault {
    fn unsupported(kind: &'static str, name: &str) -> Fault {
        Fault::Unsupported(kind, name.to_ascii_lowercase())
    }

    fn syntax(reason: &str) -> Fault {
        Fault::Syntax(reason.to_owned())
    }

    fn execution(reason: &str) -> Fault {
        Fault::Execution(reason.to_owned())
    }

    fn problem(&self) -> Problem {
        let text = match self {
            Fault::UnknownTable(name) => format!("Invalid search type: {name}."),
            Fault::UnknownColumn { name, available } => {
                format!(
                    "Search error occurred: Unknown identifier '{name}'. Available identifiers are: {{{available}}}"
                )
            }
            Fault::Unsupported(kind, name) => {
                format!("Search error occurred: Invalid or unsupported search: {kind} {name}")
            }
            Fault::Syntax(reason) => format!("Invalid query syntax: {reason}"),
            Fault::Execution(reason) => format!("Search error occurred: {reason}"),
            Fault::TooMuch => {
                let text = "An unexpected error occurred. Error ID: 00000000000000000000";
                return Problem::new(500, "UNEXPECTED_ERROR", text);
            }
        };
        let text = format!("Invalid search query. Detailed unprocessed description follows. {text}");
        Problem::new(400, "INVALID_PARAMETER", text).at(Place::QueryParameter("q".to_owned()))
    }

    /// What is to be counted as not done by the twin.
    fn missing(&self) -> Option<String> {
        match self {
            Fault::UnknownTable(name) => Some(format!("suiteql table {name}")),
            Fault::UnknownColumn { name, .. } => Some(format!("suiteql column {name}")),
            Fault::Unsupported(kind, name) => Some(format!("suiteql {kind} {name}")),
            _ => None,
        }
    }
}

/// Rows of one page at the most. Source: netsuite.md §11.1.
const PAGE_MAX: usize = 1_000;
/// Rows behind this one are never given.
const ROWS_MAX: usize = 100_000;

/// Answers `POST /services/rest/query/v1/suiteql`; an error comes with what is to be counted.
pub(super) fn answer(
    twin: &NetsuiteTwin,
    asked: &Asked,
    address: &Address,
    format: DateFormat,
    zone: Option<&Zone>,
    now: Timestamp,
) -> Result<Told, (Problem, Option<String>)> {
    let refused = |problem: Problem| (problem, None);
    // Required by the documentation on every query.
    let is_transient = asked.headers.iter().any(|(name, value)| {
        name == "prefer" && value.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case("transient"))
    });
    if !is_transient {
        let text = "The required request header 'Prefer: transient' is missing.";
        return Err(refused(Problem::new(400, "INVALID_HEADER", text).at(Place::Header("Prefer"))));
    }
    let (limit, offset) = page(address, PAGE_MAX).map_err(refused)?;
    let body = Json::read(&asked.body).map_err(|reason| refused(problem::invalid_content(&reason)))?;
    let Some(Json::Text(statement)) = body.get("q") else {
        return Err(refused(problem::invalid_content("The property 'q' is missing.")));
    };
    let parameters = match body.get("params") {
        Some(Json::List(values)) => values.iter().map(parameter).collect::<Option<Vec<_>>>(),
        None => Some(Vec::new()),
        Some(_) => None,
    };
    let parameters = parameters
        .ok_or_else(|| refused(problem::invalid_content("The property 'params' is no list of values.")))?;
    let (columns, rows) = rows(twin, statement, parameters, format, zone, now)
        .map_err(|fault| (fault.problem(), fault.missing()))?;
    Ok(told(&columns, &rows, address, format, (limit, offset)))
}

fn parameter(value: &Json) -> Option<Value> {
    match value {
        Json::Null => Some(Value::Null),
        Json::Text(text) => Some(Value::text(&**text)),
        Json::Bool(is) => Some(Value::truth(*is)),
        Json::Number(number) => number.parse::<Decimal>().ok().map(Value::Number),
        _ => None,
    }
}

type Given = (Vec<String>, Vec<Rc<[Value]>>);

fn rows(
    twin: &NetsuiteTwin,
    statement: &str,
    parameters: Vec<Value>,
    format: DateFormat,
    zone: Option<&Zone>,
    now: Timestamp,
) -> Result<Given, Fault> {
    let select = parse::statement(statement, parameters)?;
    let plan = plan::plan(&select)?;
    let mut rows = run::run(&plan, &Data::new(twin, format, zone, now))?;
    rows.truncate(ROWS_MAX);
    Ok((plan.columns, rows))
}

/// Limit and offset of a page. Source: netsuite.md §5.2, §11.1.
pub(super) fn page(address: &Address, limit_max: usize) -> Result<(usize, usize), Problem> {
    let number = |name: &str, default: usize, range: std::ops::RangeInclusive<usize>| {
        let Some(text) = address.parameter(name) else { return Ok(default) };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            let text = format!(
                "The parameter '{name}' has to be a number from {} to {}.",
                range.start(),
                range.end()
            );
            Problem::new(400, "INVALID_PARAMETER", text).at(Place::QueryParameter(name.to_owned()))
        })
    };
    let limit = number("limit", limit_max, 1..=limit_max)?;
    let offset = number("offset", 0, 0..=usize::MAX)?;
    if !offset.is_multiple_of(limit) {
        let text = format!("Invalid offset: {offset} is not divisible by the limit {limit}.");
        return Err(
            Problem::new(400, "INVALID_PARAMETER", text).at(Place::QueryParameter("offset".to_owned()))
        );
    }
    Ok((limit, offset))
}

/// Links of a page, then its counts, as both kinds of collections have them.
pub(super) fn page_links(
    address: &Address,
    path: &str,
    (limit, offset): (usize, usize),
    count: usize,
    total: usize,
) -> String {
    let (origin, others) = (&address.origin, address.other_parameters());
    let link = |rel: &str, offset: usize| {
        let href = string(&format!("{origin}{path}?limit={limit}&offset={offset}{others}"));
        format!("{{\"rel\":\"{rel}\",\"href\":{href}}}")
    };
    let mut links = Vec::new();
    if offset > 0 {
        links.push(link("previous", offset.saturating_sub(limit)));
        links.push(link("first", 0));
    }
    if offset + count < total {
        links.push(link("next", offset + limit));
        links.push(link("last", (total - 1) / limit * limit));
    }
    links.push(link("self", offset));
    links.join(",")
}

fn told(
    columns: &[String],
    rows: &[Rc<[Value]>],
    address: &Address,
    format: DateFormat,
    (limit, offset): (usize, usize),
) -> Told {
    let of_page: Vec<_> = rows.iter().skip(offset).take(limit).collect();
    let path = format!("/{}", address.parts.join("/"));
    let links = page_links(address, &path, (limit, offset), of_page.len(), rows.len());
    let has_more = offset + of_page.len() < rows.len();
    let mut body =
        format!("{{\"links\":[{links}],\"count\":{},\"hasMore\":{has_more},\"items\":[", of_page.len());
    for (at, row) in of_page.into_iter().enumerate() {
        body.push_str(if at > 0 { ",{\"links\":[]" } else { "{\"links\":[]" });
        for (column, value) in columns.iter().zip(row.iter()) {
            // Assumption: nulls are absent.
            if let Some(text) = value.printed(format) {
                write!(body, ",{}:{}", string(column), string(&text)).expect("a String takes any text");
            }
        }
        body.push('}');
    }
    write!(body, "],\"offset\":{offset},\"totalResults\":{}}}", rows.len()).expect("a String takes any text");
    let content = "application/vnd.oracle.resource+json; type=collection".to_owned();
    Told { status: 200, headers: vec![("Content-Type", content)], body: body.into_bytes() }
}

#[cfg(test)]
mod own;
#[cfg(test)]
mod tests;
