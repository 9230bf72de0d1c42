//! Records of a source that a condition names by key, so that not all of them need to be looked at.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Env, Given, Index, Runner};
use crate::mocks::netsuite::http::suiteql::Fault;
use crate::mocks::netsuite::http::suiteql::plan::{Node, Place, Plan};
use crate::mocks::netsuite::http::suiteql::syntax::Comparison;
use crate::mocks::netsuite::http::suiteql::tables::{Column, Handle, Table};
use crate::mocks::netsuite::http::suiteql::value::Value;

impl Runner<'_, '_> {
    /// The records that one of the conditions leaves, if it names them by key.
    pub(super) fn by_key(
        &self,
        table: &'static Table,
        at: usize,
        conditions: &[&Node],
        env: &Env<'_>,
        is_direct: bool,
    ) -> Result<Option<Vec<Handle>>, Fault> {
        for condition in conditions {
            if let Some(mut found) = self.access(table, at, condition, env, is_direct)? {
                found.sort_unstable();
                found.dedup();
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    pub(super) fn access(
        &self,
        table: &'static Table,
        at: usize,
        condition: &Node,
        env: &Env<'_>,
        is_direct: bool,
    ) -> Result<Option<Vec<Handle>>, Fault> {
        let is_settled = |node: &Node| node.last_source(0).is_none_or(|last| last < at);
        let key = |node: &Node| match node {
            Node::Field { up: 0, source, place: Place::Column(column) } if *source == at => Some(*column),
            _ => None,
        };
        let usable = |column: &'static Column| !is_direct || table.key(column.name).is_some();
        match condition {
            Node::Compare(Comparison::Equal, left, right) => {
                for (field, other) in [(left, right), (right, left)] {
                    if let Some(column) = key(field).filter(|column| usable(column))
                        && is_settled(other)
                    {
                        let wanted = self.value(other, env)?;
                        return self.lookup(table, column, &wanted).map(Some);
                    }
                }
                Ok(None)
            }
            Node::In(value, list) if list.iter().all(is_settled) => {
                let Some(column) = key(value).filter(|column| usable(column)) else { return Ok(None) };
                let mut found = Vec::new();
                for node in list {
                    found.extend(self.lookup(table, column, &self.value(node, env)?)?);
                }
                Ok(Some(found))
            }
            // What a query reads of this row is not known yet.
            Node::InQuery(value, plan) if !plan.reads_from(at) => {
                let Some(column) = key(value).filter(|column| usable(column)) else { return Ok(None) };
                let mut found = Vec::new();
                for row in self.given(plan, Some(env))?.iter() {
                    found.extend(self.lookup(table, column, &row[0])?);
                }
                Ok(Some(found))
            }
            Node::Or(branches) => {
                let mut found = Vec::new();
                for branch in branches {
                    match self.access(table, at, branch, env, is_direct)? {
                        Some(of_branch) => found.extend(of_branch),
                        None => return Ok(None),
                    }
                }
                Ok(Some(found))
            }
            Node::And(parts) => {
                for part in parts {
                    if let Some(found) = self.access(table, at, part, env, is_direct)? {
                        return Ok(Some(found));
                    }
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    pub(super) fn lookup(
        &self,
        table: &'static Table,
        column: &'static Column,
        wanted: &Value,
    ) -> Result<Vec<Handle>, Fault> {
        self.step()?;
        if wanted.is_null() {
            return Ok(Vec::new());
        }
        if let Some(find) = table.key(column.name) {
            return Ok(find(self.data, wanted));
        }
        let name = (table.name, column.name);
        let known = self.indexes.borrow().get(&name).cloned();
        let index = match known {
            Some(index) => index,
            None => {
                let mut index = Index { sample: Value::Null, records: BTreeMap::new() };
                for record in (table.records)(self.data) {
                    self.step()?;
                    let value = (column.value)(self.data, record);
                    if !value.is_null() {
                        index.records.entry(value.key()).or_default().push(record);
                        index.sample = value;
                    }
                }
                let index = Rc::new(index);
                self.indexes.borrow_mut().insert(name, Rc::clone(&index));
                index
            }
        };
        let wanted = wanted.alike(&index.sample, self.data.format);
        Ok(wanted.and_then(|wanted| index.records.get(&wanted.key())).cloned().unwrap_or_default())
    }

    /// Places of the rows of a query in FROM that one of the conditions names by the value of a column.
    pub(super) fn by_position(
        &self,
        query: &Plan,
        given: &Given,
        at: usize,
        conditions: &[Node],
        env: &Env<'_>,
    ) -> Result<Option<Vec<usize>>, Fault> {
        if query.reaches > 0 {
            return Ok(None);
        }
        for condition in conditions {
            let Node::Compare(Comparison::Equal, left, right) = condition else { continue };
            for (field, other) in [(left, right), (right, left)] {
                let Node::Field { up: 0, source, place: Place::Position(column) } = &**field else {
                    continue;
                };
                if *source != at || other.last_source(0).is_some_and(|last| last >= at) {
                    continue;
                }
                let wanted = self.value(other, env)?;
                let index = self.places_of(query, given, *column)?;
                let wanted =
                    if wanted.is_null() { None } else { wanted.alike(&index.sample, self.data.format) };
                let found = wanted.and_then(|wanted| index.records.get(&wanted.key()).cloned());
                return Ok(Some(found.unwrap_or_default()));
            }
        }
        Ok(None)
    }

    fn places_of(&self, query: &Plan, given: &Given, column: usize) -> Result<Rc<Index<usize>>, Fault> {
        let name = (std::ptr::from_ref(query) as usize, column);
        if let Some(known) = self.places.borrow().get(&name) {
            return Ok(Rc::clone(known));
        }
        let mut index = Index { sample: Value::Null, records: BTreeMap::new() };
        for (place, row) in given.iter().enumerate() {
            self.step()?;
            let value = row[column].clone();
            if !value.is_null() {
                index.records.entry(value.key()).or_insert_with(Vec::new).push(place);
                index.sample = value;
            }
        }
        let index = Rc::new(index);
        self.places.borrow_mut().insert(name, Rc::clone(&index));
        Ok(index)
    }
}
