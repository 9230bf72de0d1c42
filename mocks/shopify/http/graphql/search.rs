//! What a search text asks of a listing of orders, as far as the twin models it.
//!
//! Source: shopify.md §d.3: fields, comparators; an unknown field drops its term with a warning and matches everything.
//! A term that Shopify knows and the twin does not is refused, because matching everything would be worse.

use super::super::super::answer::unknown_fields;
use super::super::super::index::KNOWN_FIELDS;
use super::super::super::rows::BuyerRow;
use super::super::super::{Shop, ids, render};
use super::refusal::Refusal;
use crate::domain::Timestamp;
use crate::platforms::shopify::operation::SearchReport;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Orders {
    terms: Vec<Term>,
    unknown: Vec<Box<str>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Term {
    /// Seconds from which, and up to which, an instant counts.
    Instant {
        field: Instant,
        from: i64,
        until: i64,
    },
    Number(u64),
    Customer(u64),
    Name(Box<str>),
    Email(Box<str>),
    IsCancelled(bool),
    Tag(Box<str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instant {
    Created,
    Processed,
    Updated,
}

impl Orders {
    /// # Errors
    /// A term that the twin does not model.
    pub(super) fn parse(text: &str) -> Result<Orders, Refusal> {
        let mut search = Orders { terms: Vec::new(), unknown: Vec::new() };
        for term in text.split_whitespace().filter(|term| *term != "AND") {
            let not_modelled = || Refusal::not_modelled(&format!("search term `{term}`"));
            let (field, value) = term.split_once(':').ok_or_else(not_modelled)?;
            if !KNOWN_FIELDS.contains(&field) {
                search.unknown.push(field.into());
                continue;
            }
            let bare = value.trim_matches(['\'', '"']);
            let number = || bare.parse().ok();
            let parsed = match field {
                "created_at" => instant(Instant::Created, value),
                "processed_at" => instant(Instant::Processed, value),
                "updated_at" => instant(Instant::Updated, value),
                "id" => number().map(Term::Number),
                "customer_id" => number().map(Term::Customer),
                "name" => Some(Term::Name(bare.trim_start_matches('#').into())),
                "email" => Some(Term::Email(bare.to_lowercase().into())),
                "tag" => Some(Term::Tag(bare.to_lowercase().into())),
                "status" if bare == "cancelled" => Some(Term::IsCancelled(true)),
                "status" if bare == "any" => continue,
                _ => None,
            };
            search.terms.push(parsed.ok_or_else(not_modelled)?);
        }
        Ok(search)
    }

    /// Whether nothing but the instant of the last change, bounded from below, is asked for.
    pub(super) fn is_by_update_only(&self) -> bool {
        let is_since =
            |term: &Term| matches!(term, Term::Instant { field: Instant::Updated, until: i64::MAX, .. });
        self.terms.iter().all(is_since)
    }

    /// The second from which a change counts.
    pub(super) fn since(&self) -> i64 {
        let bound = |term: &Term| match term {
            Term::Instant { field: Instant::Updated, from, .. } => *from,
            _ => i64::MIN,
        };
        self.terms.iter().map(bound).max().unwrap_or(i64::MIN)
    }

    pub(super) fn fits(&self, shop: &Shop, n: usize, updated: i64) -> bool {
        let row = shop.orders.get(n);
        let email = || match row.buyer {
            BuyerRow::Guest(at) => shop.people.guests[at as usize].email.clone(),
            buyer => render::contact(shop, buyer).and_then(|record| record.email.clone()),
        };
        let customer = || match row.buyer {
            BuyerRow::Customer(at) => Some(at),
            BuyerRow::Company(at) => Some(shop.people.companies[at as usize].contact),
            BuyerRow::Guest(_) | BuyerRow::Nobody => None,
        };
        self.terms.iter().all(|term| match term {
            Term::Instant { field, from, until } => {
                let second = match field {
                    Instant::Created => row.created,
                    Instant::Processed => row.processed,
                    Instant::Updated => updated,
                };
                (*from..=*until).contains(&second)
            }
            Term::Number(number) => ids::order(shop.ordinal, n).get() == *number,
            Term::Customer(number) => {
                customer().is_some_and(|at| ids::customer(shop.ordinal, at as usize).get() == *number)
            }
            Term::Name(name) => render::name(shop, n).trim_start_matches('#') == &**name,
            Term::Email(wanted) => email().is_some_and(|email| email.to_lowercase() == **wanted),
            Term::Tag(tag) => {
                let tags = row.noted().map_or(&[][..], |noted| &noted.tags);
                tags.iter().any(|known| known.to_lowercase() == **tag)
            }
            Term::IsCancelled(wanted) => row.cancelled().is_some() == *wanted,
        })
    }

    pub(super) fn reports(&self, query: &str) -> Vec<SearchReport> {
        unknown_fields(&["orders"], query, &self.unknown)
    }
}

/// A listing has whole seconds: at or after an instant is at or after the next whole second.
fn instant(field: Instant, value: &str) -> Option<Term> {
    let operators = [">=", "<=", ">", "<"];
    let operator = operators.into_iter().find(|operator| value.starts_with(operator)).unwrap_or_default();
    let at: Timestamp = value[operator.len()..].trim_matches(['\'', '"']).parse().ok()?;
    let (floor, is_whole) = (at.seconds(), at == at.floor_second());
    let ceiling = floor + i64::from(!is_whole);
    let (from, until) = match operator {
        ">=" => (ceiling, i64::MAX),
        ">" => (floor + 1, i64::MAX),
        "<=" => (i64::MIN, floor),
        "<" => (i64::MIN, ceiling - 1),
        _ => (ceiling, floor),
    };
    Some(Term::Instant { field, from, until })
}

/// Fields and values of a search text, a quoted value as one.
///
/// # Errors
/// A word without a field.
pub(super) fn terms(text: &str) -> Result<Vec<(&str, &str)>, Refusal> {
    let mut terms = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let not_modelled = || Refusal::not_modelled(&format!("search term `{rest}`"));
        if let Some(behind) = rest.strip_prefix("AND ") {
            rest = behind.trim_start();
            continue;
        }
        let (field, behind) = rest.split_once(':').ok_or_else(not_modelled)?;
        let quote = behind.chars().next().filter(|letter| matches!(letter, '\'' | '"'));
        let (value, behind) = match quote {
            Some(quote) => behind[1..].split_once(quote).ok_or_else(not_modelled)?,
            None => behind.split_once(char::is_whitespace).unwrap_or((behind, "")),
        };
        if field.contains(char::is_whitespace) {
            return Err(not_modelled());
        }
        terms.push((field, value));
        rest = behind.trim_start();
    }
    Ok(terms)
}

/// The lower bound that a search text gives an instant; none for an empty text.
///
/// # Errors
/// Anything else: the listing has no other field that the twin models.
pub(super) fn since(text: &str, field: &str) -> Result<i64, Refusal> {
    let mut since = i64::MIN;
    for term in text.split_whitespace().filter(|term| *term != "AND") {
        let bound = term.strip_prefix(field).and_then(|rest| rest.strip_prefix(':'));
        let bound = bound.and_then(|value| instant(Instant::Created, value));
        match bound {
            Some(Term::Instant { from, until: i64::MAX, .. }) => since = since.max(from),
            _ => return Err(Refusal::not_modelled(&format!("search term `{term}`"))),
        }
    }
    Ok(since)
}
