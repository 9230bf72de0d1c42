//! One step of an engine, committed together: the end or the continuation of its hint, links, follow-up hints,
//! exceptions and the audit entry; and what is kept of it beforehand.

use super::Core;
use crate::domain::Timestamp;
use crate::ports::Entity;
use crate::ports::store::{Link, Outcome, Step, StoreError};

impl Core {
    /// See [`crate::ports::Store::commit`].
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] before anything is written.
    pub fn commit(&mut self, step: &Step, now: Timestamp) -> Result<bool, StoreError> {
        let due_again = match step.outcome {
            Outcome::Done | Outcome::Parked => self.finish(step, now)?,
            Outcome::Retry { at } => self.wait_again(step.entity, step.lease, at, now)?,
        };
        let (at, entity) = self.entity(step.entity)?;
        let policy = self.policy(&step.audit.policy_hash)?;
        for link in &step.links {
            self.write_link(entity, link, policy)?;
        }
        for exception in &step.raise {
            self.raise(exception, policy, now)?;
        }
        for key in &step.converged {
            let (_, row) = self.entity(key.entity)?;
            self.converge(*key, row, policy, now)?;
        }
        self.append_audit(at, entity, step.entity, &step.audit, policy)?;
        // Last, so that a follow-up that this step's own links cover is dropped like any other hint.
        for hint in &step.follow_ups {
            self.record_one(hint, now)?;
        }
        Ok(due_again)
    }

    /// See [`crate::ports::Store::announce`].
    ///
    /// # Errors
    /// SQLite failed.
    pub fn announce(
        &mut self,
        entity: Entity,
        link: &Link,
        policy_hash: &[u8; 32],
    ) -> Result<(), StoreError> {
        let (_, row) = self.entity(entity)?;
        let policy = self.policy(policy_hash)?;
        self.write_link(row, link, policy)?;
        self.touched = true;
        Ok(())
    }
}
