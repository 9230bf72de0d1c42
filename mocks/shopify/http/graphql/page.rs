//! Connections: which rows a page shows, its cursors, and what its arguments may be.
//!
//! Source: shopify.md §b.1, §b.3, §b.5, and recorded exchanges.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::super::super::answer::malformed_cursor;
use super::super::super::cursor::Cursor;
use super::refusal::Refusal;
use crate::platforms::shopify::operation::PAGE_SIZE_MAX;

/// Cursors of a page, kept beside its nodes until edges are asked for.
pub(super) const CURSORS: &str = " cursors";

/// The arguments of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    first: Option<usize>,
    last: Option<usize>,
    after: Option<Cursor>,
    before: Option<Cursor>,
    pub(super) is_reversed: bool,
}

impl Window {
    /// Every row: a bulk operation takes no notice of page sizes. Source: shopify.md §d.5.
    pub(super) const ALL: Window =
        Window { first: Some(usize::MAX), last: None, after: None, before: None, is_reversed: false };

    /// # Errors
    /// As Shopify refuses them: neither or both ends, a page too large, a cursor that is none.
    pub(super) fn read(arguments: &Map<String, Value>) -> Result<Window, Refusal> {
        let size = |name: &str| match arguments.get(name).and_then(Value::as_i64) {
            None => Ok(None),
            Some(size) if size < 0 => {
                Err(Refusal::bad_request(format!("{name} must be greater than or equal to 0")))
            }
            Some(size) if size > i64::from(PAGE_SIZE_MAX) => Err(Refusal::bad_request(format!(
                "{name} cannot exceed {PAGE_SIZE_MAX}: {size} was asked for"
            ))),
            Some(size) => Ok(usize::try_from(size).ok()),
        };
        let cursor = |name: &str| match arguments.get(name).and_then(Value::as_str) {
            None => Ok(None),
            Some(text) => Cursor::decode(text).map(Some).ok_or_else(|| Refusal::from(malformed_cursor())),
        };
        let (first, last) = (size("first")?, size("last")?);
        match (first, last) {
            (None, None) => return Err(Refusal::bad_request("you must provide one of first or last")),
            (Some(_), Some(_)) => {
                return Err(Refusal::bad_request("providing both first and last is not supported"));
            }
            _ => {}
        }
        let is_reversed = arguments.get("reverse").and_then(Value::as_bool).unwrap_or_default();
        Ok(Window { first, last, after: cursor("after")?, before: cursor("before")?, is_reversed })
    }

    /// A page of an index that only goes forward: its size and where it begins, if that is all that is asked for.
    pub(super) fn forward(&self) -> Option<(usize, Option<Cursor>)> {
        let size = self.first.filter(|_| self.before.is_none() && !self.is_reversed)?;
        Some((size, self.after))
    }

    /// Rows that are shown, of all in the order asked for.
    fn range(&self, keys: &[Cursor]) -> Range<usize> {
        let place = |cursor: Cursor| keys.iter().position(|key| key.last_id == cursor.last_id);
        let sort_key = |cursor: &Cursor| (cursor.last_value, cursor.last_id);
        // A row that is gone: the first one that would stand behind it.
        let behind = |cursor: Cursor| {
            let is_behind = |key: &&Cursor| match self.is_reversed {
                true => sort_key(key) < sort_key(&cursor),
                false => sort_key(key) > sort_key(&cursor),
            };
            keys.iter().position(|key| is_behind(&key)).unwrap_or(keys.len())
        };
        let mut from = self.after.map_or(0, |after| place(after).map_or_else(|| behind(after), |at| at + 1));
        let mut until =
            self.before.map_or(keys.len(), |before| place(before).unwrap_or_else(|| behind(before)));
        until = until.max(from);
        if let Some(first) = self.first {
            until = until.min(from.saturating_add(first));
        }
        if let Some(last) = self.last {
            from = from.max(until.saturating_sub(last));
        }
        from..until
    }

    /// The page of rows with these cursors, oldest first; `node` renders the row at a position.
    pub(super) fn page(&self, mut keys: Vec<Cursor>, node: impl Fn(usize) -> Value) -> Value {
        let count = keys.len();
        if self.is_reversed {
            keys.reverse();
        }
        let range = self.range(&keys);
        let position = |shown: usize| if self.is_reversed { count - 1 - shown } else { shown };
        let nodes = range.clone().map(|shown| node(position(shown))).collect();
        connection(nodes, &keys[range.clone()], range.start > 0, range.end < count)
    }
}

/// A page as the schema spells it.
pub(super) fn connection(nodes: Vec<Value>, keys: &[Cursor], has_previous: bool, has_next: bool) -> Value {
    let cursors: Vec<Box<str>> = keys.iter().map(|key| key.encode()).collect();
    json!({
        "nodes": nodes,
        "pageInfo": {
            "hasNextPage": has_next,
            "hasPreviousPage": has_previous,
            "startCursor": cursors.first(),
            "endCursor": cursors.last(),
        },
        CURSORS: cursors,
    })
}

/// Cursors of nodes that were rendered whole: by the number of their id, or by their place.
pub(super) fn keys(nodes: &[Value]) -> Vec<Cursor> {
    let key = |(at, node): (usize, &Value)| {
        let id = node.get("id").and_then(Value::as_str).and_then(number_of).unwrap_or(at as u64 + 1);
        Cursor { last_id: id, last_value: i64::try_from(id).unwrap_or(i64::MAX) }
    };
    nodes.iter().enumerate().map(key).collect()
}

/// The number of a global id; what stands behind a question mark is left out.
pub(super) fn number_of(id: &str) -> Option<u64> {
    let (_, number) = id.rsplit_once('/')?;
    number.split('?').next()?.parse().ok()
}

/// The record type of a global id.
pub(super) fn kind_of(id: &str) -> Option<&str> {
    let (kind, number) = id.strip_prefix("gid://shopify/")?.split_once('/')?;
    (!number.is_empty()).then_some(kind)
}
