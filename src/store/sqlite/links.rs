//! Links between Shopify's records and NetSuite's.
//!
//! A link is identified by kind and external id. Writing it again brings all else to the new values. Where the
//! external id follows from the record, parent and record identify it as well, and spare an index of their own.

use rusqlite::{OptionalExtension, Row, params};

use super::{Core, EntityRow, unreadable};
use crate::domain::{ExternalId, InternalId, MerchantKey, ShopKey, Timestamp};
use crate::ports::store::{Link, LinkKind, StoreError};
use crate::store::migrate::FORMAT;

const UPSERT_UNDER_ORDER: &str = "
    INSERT INTO link (merchant, shop, kind, parent, record, external_id, internal_id, version, read_at,
        digest, policy, format)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (merchant, shop, kind, parent, record, external_id) DO UPDATE SET
        internal_id = excluded.internal_id, version = excluded.version, read_at = excluded.read_at,
        digest = excluded.digest, policy = excluded.policy, format = excluded.format";

const UPSERT: &str = "
    INSERT INTO link (merchant, shop, kind, parent, record, external_id, internal_id, version, read_at,
        digest, policy, format)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (merchant, shop, kind, external_id) WHERE kind NOT BETWEEN 2 AND 9 DO UPDATE SET
        parent = excluded.parent, record = excluded.record, internal_id = excluded.internal_id,
        version = excluded.version, read_at = excluded.read_at, digest = excluded.digest,
        policy = excluded.policy, format = excluded.format";

impl Core {
    pub(super) fn write_link(
        &mut self,
        owner: EntityRow,
        link: &Link,
        policy: i64,
    ) -> Result<(), StoreError> {
        let upsert = if hangs_under_order(link.kind) { UPSERT_UNDER_ORDER } else { UPSERT };
        self.statement(upsert)?.execute(params![
            owner.merchant,
            owner.shop,
            link.kind as i64,
            link.parent.cast_signed(),
            link.record.cast_signed(),
            link.external_id.as_str(),
            link.internal_id.get().cast_signed(),
            link.version.nanos(),
            link.read_at.nanos(),
            link.digest.cast_signed(),
            policy,
            FORMAT
        ])?;
        Ok(())
    }

    pub(super) fn own_link(&self, entity: EntityRow, kind: LinkKind) -> Result<Option<Link>, StoreError> {
        self.statement(
            "SELECT kind, record, parent, external_id, internal_id, version, read_at, digest FROM link
             WHERE merchant = ?1 AND shop = ?2 AND kind = ?3 AND parent = ?4 AND record = ?4",
        )?
        .query_row(params![entity.merchant, entity.shop, kind as i64, entity.record], |row| Ok(read(row)))
        .optional()?
        .transpose()
    }

    /// See [`crate::ports::Store::link`].
    pub fn link(
        &mut self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        external_id: &ExternalId,
    ) -> Result<Option<Link>, StoreError> {
        let Some((merchant, shop)) = self.find_shop(merchant, shop)? else { return Ok(None) };
        let select = if hangs_under_order(kind) {
            "SELECT kind, record, parent, external_id, internal_id, version, read_at, digest FROM link
             WHERE merchant = ?1 AND shop = ?2 AND kind = ?3 AND external_id = ?4"
        } else {
            // Said again, so that SQLite knows that the partial index holds the row.
            "SELECT kind, record, parent, external_id, internal_id, version, read_at, digest FROM link
             WHERE merchant = ?1 AND shop = ?2 AND kind = ?3 AND external_id = ?4 AND kind NOT BETWEEN 2 AND 9"
        };
        self.statement(select)?
            .query_row(params![merchant, shop, kind as i64, external_id.as_str()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// See [`crate::ports::Store::links_under`].
    pub fn links_under(
        &mut self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        parent: u64,
    ) -> Result<Vec<Link>, StoreError> {
        let Some((merchant, shop)) = self.find_shop(merchant, shop)? else { return Ok(Vec::new()) };
        let mut statement = self.statement(
            "SELECT kind, record, parent, external_id, internal_id, version, read_at, digest FROM link
             WHERE merchant = ?1 AND shop = ?2 AND kind = ?3 AND parent = ?4 ORDER BY record",
        )?;
        let mut rows = statement.query(params![merchant, shop, kind as i64, parent.cast_signed()])?;
        let mut links = Vec::new();
        while let Some(row) = rows.next()? {
            links.push(read(row)?);
        }
        Ok(links)
    }
}

/// As the partial index on external ids has it.
fn hangs_under_order(kind: LinkKind) -> bool {
    (2..=9).contains(&(kind as u8))
}

fn read(row: &Row<'_>) -> Result<Link, StoreError> {
    let number: i64 = row.get(0)?;
    let kind = u8::try_from(number).ok().and_then(LinkKind::from_number);
    let external_id = row.get_ref(3)?.as_str().map_err(|error| unreadable("external_id", error))?;
    Ok(Link {
        kind: kind.ok_or_else(|| unreadable("kind", number))?,
        record: row.get::<_, i64>(1)?.cast_unsigned(),
        parent: row.get::<_, i64>(2)?.cast_unsigned(),
        external_id: ExternalId::from_netsuite(external_id),
        internal_id: InternalId::new(row.get::<_, i64>(4)?.cast_unsigned()),
        version: Timestamp::from_nanos(row.get(5)?),
        read_at: Timestamp::from_nanos(row.get(6)?),
        digest: row.get::<_, i64>(7)?.cast_unsigned(),
    })
}
