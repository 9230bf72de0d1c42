//! Exceptions: how each stands now, and how it came to that.
//!
//! An exception is identified by its entity and cause code. Each change is appended to its history; raising it
//! again unchanged is no change.

use rusqlite::{Row, params};

use super::{Core, EntityRow, unreadable};
use crate::domain::{CauseCode, Currency, MerchantKey, Money, Timestamp};
use crate::ports::Entity;
use crate::ports::store::{Exception, ExceptionKey, ExceptionState, StoreError};
use crate::store::migrate::FORMAT;

/// One line of an exception's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionChange {
    pub changed_at: Timestamp,
    /// How it stood from then on.
    pub exception: Exception,
}

// All three name the same columns in the same order, for `read`; the last one is each query's own.
const OF_ENTITY: &str = "
    SELECT shop, flow, record, code, state, raised_at, owner, deadline, at_risk_minor, at_risk_currency,
        detail, next_step, changes
    FROM exception WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4 ORDER BY raised_at, code";
const OPEN: &str = "
    SELECT shop, flow, record, code, state, raised_at, owner, deadline, at_risk_minor, at_risk_currency,
        detail, next_step, changes
    FROM exception WHERE merchant = ?1 AND state <> 3 ORDER BY raised_at, shop, flow, record, code";
const HISTORY: &str = "
    SELECT shop, flow, record, code, state, raised_at, owner, deadline, at_risk_minor, at_risk_currency,
        detail, next_step, changed_at
    FROM exception_history
    WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4 AND code = ?5 ORDER BY change";

const WRITE: &str = "
    INSERT INTO exception (merchant, shop, flow, record, code, state, raised_at, owner, deadline,
        at_risk_minor, at_risk_currency, detail, next_step, changes, policy, format)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
    ON CONFLICT (merchant, shop, flow, record, code) DO UPDATE SET
        state = excluded.state, raised_at = excluded.raised_at, owner = excluded.owner,
        deadline = excluded.deadline, at_risk_minor = excluded.at_risk_minor,
        at_risk_currency = excluded.at_risk_currency, detail = excluded.detail,
        next_step = excluded.next_step, changes = excluded.changes, policy = excluded.policy,
        format = excluded.format";
const APPEND: &str = "
    INSERT INTO exception_history (merchant, shop, flow, record, code, change, changed_at, state, raised_at,
        owner, deadline, at_risk_minor, at_risk_currency, detail, next_step, policy, format)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";

impl Core {
    /// Opens an exception, or updates the one of that identity. While it is open, its owner, its deadline and
    /// the time of its raising stay those of the first raise.
    pub(super) fn raise(
        &mut self,
        raised: &Exception,
        policy: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (_, entity) = self.entity(raised.key.entity)?;
        let before = self.exceptions_of(raised.key.entity)?;
        let before = before.into_iter().find(|(known, _)| known.key.code == raised.key.code);
        let Some((known, changes)) = before else {
            return self.write_exception(entity, raised, 1, policy, now);
        };
        let mut after = raised.clone();
        after.state = state_after(known.state, raised.state);
        if known.state.is_open() {
            after.raised_at = known.raised_at;
            after.owner = known.owner.clone();
            after.deadline = known.deadline;
        }
        if after == known {
            return Ok(());
        }
        self.write_exception(entity, &after, changes + 1, policy, now)
    }

    /// Closes an open exception, because its invariant holds again. One that is not open stays as it is.
    pub(super) fn converge(
        &mut self,
        key: ExceptionKey,
        row: EntityRow,
        policy: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (mut known, changes) in self.exceptions_of(key.entity)? {
            if known.key == key && known.state.is_open() {
                known.state = ExceptionState::Converged;
                self.write_exception(row, &known, changes + 1, policy, now)?;
            }
        }
        Ok(())
    }

    fn write_exception(
        &mut self,
        row: EntityRow,
        exception: &Exception,
        change: i64,
        policy: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (code, state) = (exception.key.code as i64, exception.state as i64);
        let (raised_at, deadline) = (exception.raised_at.nanos(), exception.deadline.nanos());
        let minor = exception.at_risk.map(Money::minor);
        let currency = exception.at_risk.map(|money| money.currency().code());
        let Exception { owner, detail, next_step, .. } = exception;
        let EntityRow { merchant, shop, flow, record } = row;
        self.statement(WRITE)?.execute(params![
            merchant, shop, flow, record, code, state, raised_at, owner, deadline, minor, currency, detail,
            next_step, change, policy, FORMAT
        ])?;
        self.statement(APPEND)?.execute(params![
            merchant,
            shop,
            flow,
            record,
            code,
            change,
            now.nanos(),
            state,
            raised_at,
            owner,
            deadline,
            minor,
            currency,
            detail,
            next_step,
            policy,
            FORMAT
        ])?;
        self.touched = true;
        Ok(())
    }

    /// All exceptions that an entity ever had, with the number of their changes.
    fn exceptions_of(&mut self, entity: Entity) -> Result<Vec<(Exception, i64)>, StoreError> {
        let Some(row) = self.find_entity(entity)? else { return Ok(Vec::new()) };
        self.read_exceptions(
            entity.merchant,
            OF_ENTITY,
            params![row.merchant, row.shop, row.flow, row.record],
        )
    }

    /// See [`crate::ports::Store::open_exceptions_of`].
    pub fn open_exceptions_of(&mut self, entity: Entity) -> Result<Vec<Exception>, StoreError> {
        let all = self.exceptions_of(entity)?;
        Ok(all.into_iter().map(|(exception, _)| exception).filter(|known| known.state.is_open()).collect())
    }

    /// See [`crate::ports::Store::open_exceptions`].
    pub fn open_exceptions(&mut self, merchant: MerchantKey) -> Result<Vec<Exception>, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(Vec::new()) };
        let number = self.merchants[at].number;
        let open = self.read_exceptions(merchant, OPEN, params![number])?;
        Ok(open.into_iter().map(|(exception, _)| exception).collect())
    }

    /// How many exceptions are open. Reads their index alone.
    pub fn open_exceptions_count(&mut self, merchant: MerchantKey) -> Result<u64, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(0) };
        let count: i64 = self
            .statement("SELECT count(*) FROM exception WHERE merchant = ?1 AND state <> 3")?
            .query_row([self.merchants[at].number], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// How an exception came to stand as it does, oldest change first.
    pub fn exception_history(&mut self, key: ExceptionKey) -> Result<Vec<ExceptionChange>, StoreError> {
        let Some(row) = self.find_entity(key.entity)? else { return Ok(Vec::new()) };
        let changes = self.read_exceptions(
            key.entity.merchant,
            HISTORY,
            params![row.merchant, row.shop, row.flow, row.record, key.code as i64],
        )?;
        let change = |(exception, changed_at)| ExceptionChange {
            changed_at: Timestamp::from_nanos(changed_at),
            exception,
        };
        Ok(changes.into_iter().map(change).collect())
    }

    /// Exceptions with the last column of the query.
    fn read_exceptions(
        &mut self,
        merchant: MerchantKey,
        sql: &'static str,
        parameters: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<(Exception, i64)>, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(Vec::new()) };
        let merchant = &self.merchants[at];
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(parameters)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let entity = merchant.entity(EntityRow {
                merchant: merchant.number,
                shop: row.get(0)?,
                flow: row.get(1)?,
                record: row.get(2)?,
            })?;
            found.push((read(entity, row)?, row.get(12)?));
        }
        Ok(found)
    }
}

/// How a known exception stands after the engine raised it. A person's hold outlasts that: only convergence
/// or a person ends it.
fn state_after(known: ExceptionState, raised: ExceptionState) -> ExceptionState {
    use ExceptionState::{Converged, Held, Open, Reopened, Retrying};
    match (known, raised) {
        (Converged, Open | Retrying) | (Reopened, Open) => Reopened,
        (Held, Open | Retrying | Reopened) => Held,
        (_, raised) => raised,
    }
}

fn read(entity: Entity, row: &Row<'_>) -> Result<Exception, StoreError> {
    let text = |column| -> Result<Box<str>, StoreError> {
        Ok(row.get_ref(column)?.as_str().map_err(|error| unreadable("exception", error))?.into())
    };
    let code: i64 = row.get(3)?;
    let state: i64 = row.get(4)?;
    let at_risk = match (row.get::<_, Option<i64>>(8)?, row.get::<_, Option<String>>(9)?) {
        (Some(minor), Some(currency)) => {
            let currency: Currency =
                currency.parse().map_err(|error| unreadable("at_risk_currency", error))?;
            Some(Money::new(minor, currency))
        }
        _ => None,
    };
    Ok(Exception {
        key: ExceptionKey {
            entity,
            code: u8::try_from(code)
                .ok()
                .and_then(CauseCode::from_number)
                .ok_or_else(|| unreadable("code", code))?,
        },
        state: read_state(state)?,
        raised_at: Timestamp::from_nanos(row.get(5)?),
        owner: text(6)?,
        deadline: Timestamp::from_nanos(row.get(7)?),
        at_risk,
        detail: text(10)?,
        next_step: text(11)?,
    })
}

fn read_state(number: i64) -> Result<ExceptionState, StoreError> {
    use ExceptionState::{Converged, Held, Open, Reopened, Retrying};
    [Open, Retrying, Converged, Reopened, Held]
        .into_iter()
        .find(|state| *state as i64 == number)
        .ok_or_else(|| unreadable("state", number))
}

#[cfg(test)]
mod tests;
