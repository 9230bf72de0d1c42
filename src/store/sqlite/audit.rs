//! The audit chain: one entry for each step, each sealed with the hash of the one before it, per merchant.
//!
//! The hash covers names and numbers as the port knows them, not the numbers that tables use for them, so a
//! chain can be carried to another store and still verifies.

use ring::digest;
use rusqlite::{Row, params};

use super::leases::read_cause;
use super::{Core, EntityRow, unreadable};
use crate::domain::{MerchantKey, Timestamp};
use crate::ports::Entity;
use crate::ports::store::{AuditEntry, ChainReport, ChainedEntry, StoreError};
use crate::store::migrate::FORMAT;

/// Names the encoding, so that another one can never be mistaken for it.
const ENCODING: &[u8] = b"plimsoll audit 1";

const SELECT: &str = "
    SELECT a.sequence, a.shop, a.flow, a.record, a.at, a.cause, a.read_version, p.hash, a.actions, a.outcome,
        a.hash
    FROM audit a LEFT JOIN policy p ON p.number = a.policy
    WHERE a.merchant = ?1 AND a.sequence >= ?2 ORDER BY a.sequence LIMIT ?3";

impl Core {
    pub(super) fn append_audit(
        &mut self,
        at: usize,
        row: EntityRow,
        entity: Entity,
        entry: &AuditEntry,
        policy: i64,
    ) -> Result<(), StoreError> {
        let merchant = &mut self.merchants[at];
        let sequence = merchant.audit_sequence + 1;
        let hash = chain(&mut self.scratch, &merchant.audit_hash, sequence.cast_unsigned(), entity, entry);
        self.connection
            .prepare_cached(
                "INSERT INTO audit (merchant, sequence, shop, flow, record, at, cause, read_version, policy,
                    actions, outcome, hash, format)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                row.merchant,
                sequence,
                row.shop,
                row.flow,
                row.record,
                entry.at.nanos(),
                entry.cause as i64,
                entry.read_version.nanos(),
                policy,
                entry.actions,
                entry.outcome,
                hash,
                FORMAT
            ])?;
        merchant.audit_sequence = sequence;
        merchant.audit_hash = hash;
        merchant.moved = true;
        Ok(())
    }

    /// See [`crate::ports::Store::audit`].
    pub fn audit(
        &mut self,
        merchant: MerchantKey,
        from: u64,
        limit: u32,
    ) -> Result<Vec<ChainedEntry>, StoreError> {
        let mut entries = Vec::new();
        self.each_entry(merchant, from, i64::from(limit), |entry| {
            entries.push(entry);
            true
        })?;
        Ok(entries)
    }

    /// See [`crate::ports::Store::verify_audit`].
    ///
    /// An entry that was altered breaks at itself, one that was taken out at its number, and a chain that was
    /// cut short at the first number that is missing.
    pub fn verify_audit(&mut self, merchant: MerchantKey) -> Result<ChainReport, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else {
            return Ok(ChainReport { entries: 0, broken_at: None });
        };
        let (head, head_hash) =
            (self.merchants[at].audit_sequence.cast_unsigned(), self.merchants[at].audit_hash);
        let mut scratch = Vec::with_capacity(512);
        let mut previous = [0; 32];
        let mut entries = 0;
        let mut broken_at = None;
        let walked = self.each_entry(merchant, 0, i64::MAX, |found| {
            let expected = entries + 1;
            let hash = chain(&mut scratch, &previous, expected, found.entity, &found.entry);
            if found.sequence != expected || hash != found.hash {
                broken_at = Some(expected);
                return false;
            }
            entries = expected;
            previous = hash;
            true
        });
        match walked {
            Err(StoreError::Failed { .. }) if broken_at.is_none() => broken_at = Some(entries + 1),
            other => other?,
        }
        if broken_at.is_none() && (entries != head || previous != head_hash) {
            broken_at = Some(if entries < head { entries + 1 } else { entries });
        }
        Ok(ChainReport { entries: head, broken_at })
    }

    /// Changes what one stored entry says and leaves its hash, as somebody would who rewrites history. Only for
    /// the simulation, which plants this defect to prove that `audit-chain` can fail.
    pub fn damage_audit_entry(&mut self, merchant: MerchantKey, sequence: u64) -> Result<(), StoreError> {
        if let Some(at) = self.find_merchant(merchant)? {
            self.statement(
                "UPDATE audit SET outcome = outcome || ' ' WHERE merchant = ?1 AND sequence = ?2",
            )?
            .execute(params![self.merchants[at].number, sequence.cast_signed()])?;
            self.touched = true;
        }
        Ok(())
    }

    /// Walks the chain until `take` has had enough.
    fn each_entry(
        &mut self,
        merchant: MerchantKey,
        from: u64,
        limit: i64,
        mut take: impl FnMut(ChainedEntry) -> bool,
    ) -> Result<(), StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(()) };
        let number = self.merchants[at].number;
        let mut statement = self.statement(SELECT)?;
        let mut rows = statement.query(params![number, from.cast_signed(), limit])?;
        while let Some(row) = rows.next()? {
            if !take(self.read_entry(at, row)?) {
                break;
            }
        }
        Ok(())
    }

    fn read_entry(&self, at: usize, row: &Row<'_>) -> Result<ChainedEntry, StoreError> {
        let merchant = &self.merchants[at];
        let entity = merchant.entity(EntityRow {
            merchant: merchant.number,
            shop: row.get(1)?,
            flow: row.get(2)?,
            record: row.get(3)?,
        })?;
        let text = |column| -> Result<Box<str>, StoreError> {
            Ok(row.get_ref(column)?.as_str().map_err(|error| unreadable("audit", error))?.into())
        };
        Ok(ChainedEntry {
            sequence: row.get::<_, i64>(0)?.cast_unsigned(),
            entity,
            entry: AuditEntry {
                at: Timestamp::from_nanos(row.get(4)?),
                cause: read_cause(row.get(5)?)?,
                read_version: Timestamp::from_nanos(row.get(6)?),
                policy_hash: row.get(7)?,
                actions: text(8)?,
                outcome: text(9)?,
            },
            hash: row.get(10)?,
        })
    }
}

/// Hash of an entry in its place. Numbers are big-endian, texts follow their length: no two entries share an
/// encoding.
fn chain(
    scratch: &mut Vec<u8>,
    previous: &[u8; 32],
    sequence: u64,
    entity: Entity,
    entry: &AuditEntry,
) -> [u8; 32] {
    scratch.clear();
    scratch.extend_from_slice(ENCODING);
    scratch.extend_from_slice(previous);
    scratch.extend_from_slice(&sequence.to_be_bytes());
    push_text(scratch, entity.merchant.as_str());
    push_text(scratch, entity.shop.as_str());
    scratch.push(entity.flow as u8);
    scratch.extend_from_slice(&entity.record.to_be_bytes());
    scratch.extend_from_slice(&entry.at.nanos().to_be_bytes());
    scratch.push(entry.cause as u8);
    scratch.extend_from_slice(&entry.read_version.nanos().to_be_bytes());
    scratch.extend_from_slice(&entry.policy_hash);
    push_text(scratch, &entry.actions);
    push_text(scratch, &entry.outcome);
    digest::digest(&digest::SHA256, scratch).as_ref().try_into().expect("a SHA-256 digest has 32 bytes")
}

fn push_text(scratch: &mut Vec<u8>, text: &str) {
    scratch.extend_from_slice(&(text.len() as u64).to_be_bytes());
    scratch.extend_from_slice(text.as_bytes());
}
