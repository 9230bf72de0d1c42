//! Orders that the warehouse has and nothing was shipped of yet. Every call about them was green: only time tells that
//! one of them was forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use crate::domain::Timestamp;
use crate::ports::Entity;

#[derive(Default)]
pub struct Silences(Mutex<Watched>);

#[derive(Default)]
struct Watched {
    until: BTreeMap<Entity, Timestamp>,
    by_time: BTreeSet<(Timestamp, Entity)>,
}

impl Silences {
    /// Watches an order until a time, or no longer.
    pub fn watch(&self, entity: Entity, until: Option<Timestamp>) {
        let mut watched = self.0.lock().expect("no code panics while it holds the watched orders");
        let known = watched.until.get(&entity).copied();
        if known == until {
            return;
        }
        if let Some(known) = known {
            watched.until.remove(&entity);
            watched.by_time.remove(&(known, entity));
        }
        if let Some(until) = until {
            watched.until.insert(entity, until);
            watched.by_time.insert((until, entity));
        }
    }

    /// Those whose time has come, which are no longer watched.
    pub fn due(&self, now: Timestamp) -> Vec<Entity> {
        let mut watched = self.0.lock().expect("no code panics while it holds the watched orders");
        let mut due = Vec::new();
        while let Some((until, entity)) = watched.by_time.first().copied().filter(|(until, _)| *until <= now)
        {
            watched.by_time.remove(&(until, entity));
            watched.until.remove(&entity);
            due.push(entity);
        }
        due
    }
}
