//! The synchronous core over one SQLite connection: every operation of the port as plain calls inside a
//! transaction that the caller opened.
//!
//! Lives here: the transaction, and what is kept in memory beside the tables (numbers of merchants, shops and
//! policies; the head of each audit chain; how many hints wait). All of it can be read back from the tables,
//! and is, after a rollback. Not here: who shares a transaction and when it ends ([`super::inline`],
//! [`super::file`]).

mod audit;
mod deliveries;
mod exceptions;
mod hints;
mod leases;
mod links;
mod steps;

use std::cell::Cell;

use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use super::migrate::{self, MIGRATIONS, OpenError};
use crate::domain::{Flow, Lane, MerchantKey, ShopKey};
use crate::ports::Entity;
use crate::ports::store::StoreError;

pub use exceptions::ExceptionChange;

/// Statements kept prepared: more than there are, so that none is ever compiled twice.
const STATEMENTS_MAX: usize = 64;

pub(super) struct Core {
    connection: Connection,
    merchants: Vec<Merchant>,
    policies: Vec<([u8; 32], i64)>,
    /// Whether the open transaction has written anything.
    touched: bool,
    /// Whether personal data was erased that may still stand in the write-ahead log.
    erased: bool,
    /// The bytes of the audit entry that is being hashed.
    scratch: Vec<u8>,
}

/// What is known of one merchant without asking the tables.
struct Merchant {
    key: MerchantKey,
    number: i64,
    /// A shop's number is its position.
    shops: Vec<ShopKey>,
    fencing: i64,
    audit_sequence: i64,
    audit_hash: [u8; 32],
    /// `None` until somebody asks, when there are too many to be counted before the first delivery is acknowledged.
    counts: Option<Counts>,
    /// No lease ends before this instant: until then there is no need to look for one that did.
    leases_end: Cell<i64>,
    /// Whether `fencing` or the head of the chain moved in the open transaction.
    moved: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// Hints that wait, by lane, due or not: an empty lane need not be asked.
    waiting: [u64; Lane::ALL.len()],
    /// Entities in progress, whether or not their lease has ended.
    leased: u64,
}

/// Hints that are counted when a merchant is first met; a million would keep deliveries waiting.
const COUNTED_AT_ONCE: i64 = 10_000;

impl Merchant {
    /// One hint more waits in the lane at that position.
    fn waits(&mut self, lane: usize) {
        if let Some(counts) = &mut self.counts {
            counts.waiting[lane] += 1;
        }
    }

    fn waits_no_longer(&mut self, lane: usize) {
        if let Some(counts) = &mut self.counts {
            counts.waiting[lane] -= 1;
        }
    }

    fn leases(&mut self) {
        if let Some(counts) = &mut self.counts {
            counts.leased += 1;
        }
    }

    fn leases_no_longer(&mut self) {
        if let Some(counts) = &mut self.counts {
            counts.leased -= 1;
        }
    }

    /// False only where it is known that nothing waits.
    fn may_wait(&self, lane: usize) -> bool {
        self.counts.is_none_or(|counts| counts.waiting[lane] > 0)
    }
}

/// An entity by the numbers that rows carry.
#[derive(Debug, Clone, Copy)]
struct EntityRow {
    merchant: i64,
    shop: i64,
    flow: i64,
    record: i64,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Failed { reason: error.to_string() }
    }
}

impl Core {
    /// Migrates the database and takes it over.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn open(mut connection: Connection) -> Result<Core, OpenError> {
        migrate::migrate(&mut connection, MIGRATIONS)?;
        Core::over(connection)
    }

    /// Takes over a database of exactly this schema, to be read only.
    ///
    /// # Errors
    /// As [`OpenError`] says.
    pub fn reading(connection: Connection) -> Result<Core, OpenError> {
        migrate::expect(&connection)?;
        Core::over(connection)
    }

    fn over(connection: Connection) -> Result<Core, OpenError> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        // Without it SQLite compiles a statement anew whenever a parameter changes that it compared with the
        // condition of a partial index: several times the cost of running it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Core {
            connection,
            merchants: Vec::new(),
            policies: Vec::new(),
            touched: false,
            erased: false,
            scratch: Vec::with_capacity(512),
        })
    }

    /// Opens the transaction that the operations to come share.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn begin(&mut self) -> Result<(), StoreError> {
        self.touched = false;
        self.statement("BEGIN")?.execute([])?;
        Ok(())
    }

    /// Makes durable what was written since [`Core::begin`].
    ///
    /// # Errors
    /// SQLite refused, such as on a full disk: then everything since `begin` is gone.
    pub fn seal(&mut self) -> Result<(), StoreError> {
        let sealed = self.write_heads().and_then(|()| Ok(self.statement("COMMIT")?.execute([])?));
        match sealed {
            Ok(_) => Ok(()),
            Err(error) => {
                self.discard();
                Err(error)
            }
        }
    }

    /// Forgets what was written since [`Core::begin`]. Does nothing outside a transaction.
    pub fn discard(&mut self) {
        // After some failures SQLite has rolled back already, and a second rollback is an error of no meaning.
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK").ok();
        }
        self.forget();
    }

    /// Runs one operation so that its failure leaves the others of the transaction untouched.
    ///
    /// # Errors
    /// Those of the operation, and of the savepoint itself.
    pub fn alone<T>(
        &mut self,
        operation: impl FnOnce(&mut Core) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write_heads()?;
        self.statement("SAVEPOINT operation")?.execute([])?;
        let outcome = operation(self);
        if let Err(StoreError::Failed { .. }) = &outcome {
            self.statement("ROLLBACK TO operation")?.execute([])?;
            self.forget();
        }
        self.statement("RELEASE operation")?.execute([])?;
        outcome
    }

    /// After an erasure: moves the overwritten pages to the file and cuts the write-ahead log, which still holds what
    /// was erased. A reader in its way puts that off to the next call.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn scrub(&mut self) -> Result<(), StoreError> {
        if self.erased {
            let busy: bool =
                self.statement("PRAGMA wal_checkpoint(TRUNCATE)")?.query_row([], |row| row.get(0))?;
            self.erased = busy;
        }
        Ok(())
    }

    /// Lets the database grow to so many pages and no further, as a full disk does; never below its present
    /// size.
    ///
    /// # Errors
    /// SQLite refused.
    pub fn limit_pages(&mut self, pages: u32) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update(None, "max_page_count", pages)?)
    }

    /// Whether the open transaction has written anything.
    pub fn touched(&self) -> bool {
        self.touched
    }

    fn statement(&self, sql: &'static str) -> rusqlite::Result<CachedStatement<'_>> {
        self.connection.prepare_cached(sql)
    }

    /// Drops what memory holds beside the tables, to be read from them again.
    fn forget(&mut self) {
        self.merchants.clear();
        self.policies.clear();
    }

    fn write_heads(&mut self) -> Result<(), StoreError> {
        for merchant in self.merchants.iter_mut().filter(|merchant| merchant.moved) {
            self.connection
                .prepare_cached(
                    "UPDATE merchant SET fencing = ?2, audit_sequence = ?3, audit_hash = ?4 WHERE number = ?1",
                )?
                .execute(params![
                    merchant.number,
                    merchant.fencing,
                    merchant.audit_sequence,
                    merchant.audit_hash
                ])?;
            merchant.moved = false;
        }
        Ok(())
    }

    /// Position of a merchant in `merchants`, if the store has ever heard of it.
    fn find_merchant(&mut self, key: MerchantKey) -> Result<Option<usize>, StoreError> {
        if let Some(at) = self.merchants.iter().position(|merchant| merchant.key == key) {
            return Ok(Some(at));
        }
        let Some(merchant) = self.load_merchant(key)? else { return Ok(None) };
        self.merchants.push(merchant);
        Ok(Some(self.merchants.len() - 1))
    }

    fn merchant(&mut self, key: MerchantKey) -> Result<usize, StoreError> {
        if let Some(at) = self.find_merchant(key)? {
            return Ok(at);
        }
        self.statement(
            "INSERT INTO merchant (key, fencing, audit_sequence, audit_hash) VALUES (?1, 0, 0, ?2)",
        )?
        .execute(params![key.as_str(), [0u8; 32]])?;
        self.touched = true;
        Ok(self.find_merchant(key)?.expect("its row was just written"))
    }

    fn count(&self, merchant: i64) -> Result<Counts, StoreError> {
        let mut counts = Counts::default();
        let mut statement = self
            .statement("SELECT lane, count(*) FROM hint WHERE merchant = ?1 AND fencing = 0 GROUP BY lane")?;
        let mut rows = statement.query([merchant])?;
        while let Some(row) = rows.next()? {
            counts.waiting[lane(row, 0)?.index()] = row.get::<_, i64>(1)?.cast_unsigned();
        }
        let leased: i64 = self
            .statement("SELECT count(*) FROM hint WHERE merchant = ?1 AND fencing > 0")?
            .query_row([merchant], |row| row.get(0))?;
        counts.leased = leased.cast_unsigned();
        Ok(counts)
    }

    /// The counts of the merchant at that position, kept from now on.
    fn counts(&mut self, at: usize) -> Result<Counts, StoreError> {
        if let Some(counts) = self.merchants[at].counts {
            return Ok(counts);
        }
        let counts = self.count(self.merchants[at].number)?;
        self.merchants[at].counts = Some(counts);
        Ok(counts)
    }

    fn load_merchant(&self, key: MerchantKey) -> Result<Option<Merchant>, StoreError> {
        let row = self
            .statement("SELECT number, fencing, audit_sequence, audit_hash FROM merchant WHERE key = ?1")?
            .query_row([key.as_str()], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((number, fencing, audit_sequence, audit_hash)) = row else { return Ok(None) };
        let mut shops = Vec::new();
        let mut statement = self.statement("SELECT key FROM shop WHERE merchant = ?1 ORDER BY number")?;
        let mut rows = statement.query([number])?;
        while let Some(row) = rows.next()? {
            let text = row.get_ref(0)?.as_str().map_err(|error| unreadable("shop", error))?;
            shops.push(text.parse().map_err(|error| unreadable("shop", error))?);
        }
        let some: i64 = self
            .statement("SELECT count(*) FROM (SELECT 1 FROM hint WHERE merchant = ?1 LIMIT ?2)")?
            .query_row([number, COUNTED_AT_ONCE + 1], |row| row.get(0))?;
        let counts = if some > COUNTED_AT_ONCE { None } else { Some(self.count(number)?) };
        Ok(Some(Merchant {
            key,
            number,
            shops,
            fencing,
            audit_sequence,
            audit_hash,
            counts,
            leases_end: Cell::new(0),
            moved: false,
        }))
    }

    /// The numbers of merchant and shop, if the store has ever heard of both.
    fn find_shop(&mut self, merchant: MerchantKey, shop: ShopKey) -> Result<Option<(i64, i64)>, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(None) };
        let merchant = &self.merchants[at];
        Ok(merchant.shop_number(shop).map(|shop| (merchant.number, shop)))
    }

    fn find_entity(&mut self, entity: Entity) -> Result<Option<EntityRow>, StoreError> {
        let found = self.find_shop(entity.merchant, entity.shop)?;
        Ok(found.map(|(merchant, shop)| EntityRow::new(merchant, shop, entity)))
    }

    /// The entity's numbers, given out now if it is the first of its merchant or shop, and where its merchant
    /// stands in `merchants`.
    fn entity(&mut self, entity: Entity) -> Result<(usize, EntityRow), StoreError> {
        let at = self.merchant(entity.merchant)?;
        let shop = self.shop(at, entity.shop)?;
        Ok((at, EntityRow::new(self.merchants[at].number, shop, entity)))
    }

    fn shop(&mut self, at: usize, shop: ShopKey) -> Result<i64, StoreError> {
        let merchant = &mut self.merchants[at];
        if let Some(number) = merchant.shop_number(shop) {
            return Ok(number);
        }
        let number = merchant.shops.len() as i64;
        self.connection
            .prepare_cached("INSERT INTO shop (merchant, number, key) VALUES (?1, ?2, ?3)")?
            .execute(params![merchant.number, number, shop.as_str()])?;
        self.touched = true;
        merchant.shops.push(shop);
        Ok(number)
    }

    /// The number of a policy, given out now if it is new.
    fn policy(&mut self, hash: &[u8; 32]) -> Result<i64, StoreError> {
        if let Some((_, number)) = self.policies.iter().find(|(known, _)| known == hash) {
            return Ok(*number);
        }
        self.statement("INSERT INTO policy (hash) VALUES (?1) ON CONFLICT (hash) DO NOTHING")?
            .execute([hash])?;
        let number: i64 = self
            .statement("SELECT number FROM policy WHERE hash = ?1")?
            .query_row([hash], |row| row.get(0))?;
        self.policies.push((*hash, number));
        Ok(number)
    }
}

impl Merchant {
    fn shop_number(&self, shop: ShopKey) -> Option<i64> {
        self.shops.iter().position(|known| *known == shop).map(|at| at as i64)
    }

    fn entity(&self, row: EntityRow) -> Result<Entity, StoreError> {
        let shop = usize::try_from(row.shop).ok().and_then(|at| self.shops.get(at));
        Ok(Entity {
            merchant: self.key,
            shop: *shop.ok_or_else(|| unreadable("shop", row.shop))?,
            flow: u8::try_from(row.flow)
                .ok()
                .and_then(Flow::from_number)
                .ok_or_else(|| unreadable("flow", row.flow))?,
            record: row.record.cast_unsigned(),
        })
    }
}

impl EntityRow {
    fn new(merchant: i64, shop: i64, entity: Entity) -> EntityRow {
        EntityRow { merchant, shop, flow: entity.flow as i64, record: entity.record.cast_signed() }
    }
}

/// A column holds what this program never writes.
fn unreadable(column: &str, found: impl std::fmt::Display) -> StoreError {
    StoreError::Failed { reason: format!("column {column} holds {found}") }
}

fn lane(row: &Row<'_>, column: usize) -> Result<Lane, StoreError> {
    let number: i64 = row.get(column)?;
    u8::try_from(number).ok().and_then(Lane::from_number).ok_or_else(|| unreadable("lane", number))
}

#[cfg(test)]
mod tests;
