//! Rows brought into groups, and what is said of each.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::values::overflow;
use super::{Env, Row, Runner};
use crate::mocks::netsuite::http::suiteql::Fault;
use crate::mocks::netsuite::http::suiteql::plan::{Node, PlannedSummary};
use crate::mocks::netsuite::http::suiteql::syntax::Summary;
use crate::mocks::netsuite::http::suiteql::value::{self, Value};

impl Runner<'_, '_> {
    /// Positions of the rows of each group, in the order in which groups begin.
    pub(super) fn groups(
        &self,
        group: &[Node],
        tuples: &[Vec<Row>],
        outer: Option<&Env<'_>>,
    ) -> Result<Vec<Vec<usize>>, Fault> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        if group.is_empty() {
            return Ok(vec![(0..tuples.len()).collect()]);
        }
        let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for (at, rows) in tuples.iter().enumerate() {
            let env = Env { rows, summaries: &[], outputs: &[], outer };
            let mut key = Vec::with_capacity(group.len());
            for node in group {
                key.push(self.value(node, &env)?.key());
            }
            let place = *known.entry(key).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[place].push(at);
        }
        Ok(groups)
    }

    pub(super) fn summary(
        &self,
        summary: &PlannedSummary,
        members: &[usize],
        tuples: &[Vec<Row>],
        outer: Option<&Env<'_>>,
    ) -> Result<Value, Fault> {
        let Some(arg) = &summary.arg else { return Ok(Value::number(members.len())) };
        let mut values = Vec::with_capacity(members.len());
        let mut seen = BTreeSet::new();
        for at in members {
            self.step()?;
            let env = Env { rows: &tuples[*at], summaries: &[], outputs: &[], outer };
            let value = self.value(arg, &env)?;
            if !value.is_null() && (!summary.is_distinct || seen.insert(value.key())) {
                values.push(value);
            }
        }
        let best = |wanted: Ordering| {
            values.iter().cloned().reduce(
                |best, value| {
                    if value::sorted(&value, &best) == wanted { value } else { best }
                },
            )
        };
        match summary.of {
            Summary::Count => Ok(Value::number(values.len())),
            Summary::Min => Ok(best(Ordering::Less).unwrap_or(Value::Null)),
            Summary::Max => Ok(best(Ordering::Greater).unwrap_or(Value::Null)),
            Summary::Sum | Summary::Average => {
                let mut sum = Decimal::ZERO;
                for value in &values {
                    let number = value.to_number()?.unwrap_or_default();
                    sum = sum.checked_add(number).ok_or_else(overflow)?;
                }
                if values.is_empty() {
                    return Ok(Value::Null);
                }
                if summary.of == Summary::Average {
                    sum /= Decimal::from(values.len());
                }
                Ok(Value::Number(sum))
            }
        }
    }
}
