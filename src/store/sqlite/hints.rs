//! Hints as they arrive, the watermark that travels with them, and how much work there is.

use rusqlite::{OptionalExtension, params};

use super::leases::FIRST_LEASE_END;
use super::{Core, EntityRow};
use crate::domain::{Duration, Flow, Lane, MerchantKey, ShopKey, Timestamp};
use crate::ports::Entity;
use crate::ports::store::{Depth, Feed, Hint, LinkKind, StoreError, Watermark};
use crate::store::migrate::FORMAT;

/// What the store holds of a hinted entity.
struct Known {
    fencing: i64,
    lane: i64,
    due_at: i64,
    version: i64,
    /// Lane and version of the next piece of work, if it is dirty.
    next: Option<(i64, i64)>,
}

impl Core {
    /// See [`crate::ports::Store::record`].
    pub fn record(
        &mut self,
        hints: &[Hint],
        watermark: Option<Watermark>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for hint in hints {
            self.record_one(hint, now)?;
        }
        if let Some(watermark) = watermark {
            self.advance(watermark)?;
        }
        Ok(())
    }

    pub(super) fn record_one(&mut self, hint: &Hint, now: Timestamp) -> Result<(), StoreError> {
        let (at, entity) = self.entity(hint.entity)?;
        let known = self.known(entity)?;
        let (lane, version, now) = (hint.lane as i64, hint.version.nanos(), now.nanos());
        let tells_nothing = |known: &Known| {
            known.fencing == 0 && known.lane <= lane && known.due_at <= now && known.version >= version
        };
        if known.as_ref().is_some_and(tells_nothing) || self.is_covered(entity, hint)? {
            return Ok(());
        }
        match known {
            None => {
                self.statement(
                    "INSERT INTO hint (merchant, shop, flow, record, lane, fencing, due_at, version,
                        recorded_at, cause, attempt, format)
                     VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?6, ?8, 0, ?9)",
                )?
                .execute(params![
                    entity.merchant,
                    entity.shop,
                    entity.flow,
                    entity.record,
                    lane,
                    now,
                    version,
                    hint.cause as i64,
                    FORMAT
                ])?;
                self.merchants[at].waits(hint.lane.index());
                self.touched = true;
            }
            Some(known) if known.fencing == 0 => self.hasten(at, entity, &known, lane, version, now)?,
            Some(known) => {
                let (next_lane, next_version) = match known.next {
                    None => (lane, version),
                    Some((next_lane, next_version)) => (next_lane.min(lane), next_version.max(version)),
                };
                if known.next != Some((next_lane, next_version)) {
                    self.statement(
                        "UPDATE hint SET next_lane = ?5, next_version = ?6,
                            next_recorded = coalesce(next_recorded, ?7), next_cause = coalesce(next_cause, ?8)
                         WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4",
                    )?
                    .execute(params![
                        entity.merchant,
                        entity.shop,
                        entity.flow,
                        entity.record,
                        next_lane,
                        next_version,
                        now,
                        hint.cause as i64
                    ])?;
                    self.touched = true;
                }
            }
        }
        Ok(())
    }

    fn known(&self, entity: EntityRow) -> Result<Option<Known>, StoreError> {
        let known = self
            .statement(
                "SELECT fencing, lane, due_at, version, next_lane, next_version FROM hint
                 WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4",
            )?
            .query_row(params![entity.merchant, entity.shop, entity.flow, entity.record], |row| {
                Ok(Known {
                    fencing: row.get(0)?,
                    lane: row.get(1)?,
                    due_at: row.get(2)?,
                    version: row.get(3)?,
                    next: row.get::<_, Option<i64>>(4)?.zip(row.get(5)?),
                })
            })
            .optional()?;
        Ok(known)
    }

    /// Whether the hint's version was brought over by a read that began after the version's second had ended:
    /// Shopify states instants in whole seconds ([`Timestamp::floor_second`]), so an earlier read may have
    /// missed a later change of the same version.
    fn is_covered(&self, entity: EntityRow, hint: &Hint) -> Result<bool, StoreError> {
        if hint.version == Timestamp::ORIGIN {
            return Ok(false);
        }
        let second_ended = hint.version.floor_second().plus(Duration::from_secs(1));
        // A flow's own link is one row, because its external id is a function of its record.
        let covered = self
            .statement(
                "SELECT version >= ?5 AND read_at >= ?6 FROM link
                 WHERE merchant = ?1 AND shop = ?2 AND kind = ?3 AND parent = ?4 AND record = ?4",
            )?
            .query_row(
                params![
                    entity.merchant,
                    entity.shop,
                    LinkKind::of_flow(hint.entity.flow) as i64,
                    entity.record,
                    hint.version.nanos(),
                    second_ended.nanos()
                ],
                |row| row.get(0),
            )
            .optional()?;
        Ok(covered.unwrap_or(false))
    }

    /// One more hint for an entity that waits. Most often it waits already in that lane and is due: then its
    /// place in the queue, and with it the index, stays.
    fn hasten(
        &mut self,
        at: usize,
        entity: EntityRow,
        known: &Known,
        lane: i64,
        version: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let version = known.version.max(version);
        if known.lane <= lane && known.due_at <= now {
            if version > known.version {
                self.statement(
                    "UPDATE hint SET version = ?5
                     WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4",
                )?
                .execute(params![
                    entity.merchant,
                    entity.shop,
                    entity.flow,
                    entity.record,
                    version
                ])?;
                self.touched = true;
            }
            return Ok(());
        }
        let urgent = known.lane.min(lane);
        self.statement(
            "UPDATE hint SET version = ?5, lane = ?6, due_at = ?7
             WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4",
        )?
        .execute(params![
            entity.merchant,
            entity.shop,
            entity.flow,
            entity.record,
            version,
            urgent,
            known.due_at.min(now)
        ])?;
        self.touched = true;
        self.merchants[at].waits_no_longer(lane_position(known.lane));
        self.merchants[at].waits(lane_position(urgent));
        Ok(())
    }

    /// A feed that was read for good up to an instant stays read: an older watermark changes nothing.
    fn advance(&mut self, watermark: Watermark) -> Result<(), StoreError> {
        let at = self.merchant(watermark.merchant)?;
        let shop = self.shop(at, watermark.shop)?;
        self.statement(
            "INSERT INTO watermark (merchant, shop, feed, at, format) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (merchant, shop, feed) DO UPDATE SET at = excluded.at WHERE excluded.at > at",
        )?
        .execute(params![
            self.merchants[at].number,
            shop,
            watermark.feed as i64,
            watermark.at.nanos(),
            FORMAT
        ])?;
        self.touched = true;
        Ok(())
    }

    /// See [`crate::ports::Store::watermark`].
    pub fn watermark(
        &mut self,
        merchant: MerchantKey,
        shop: ShopKey,
        feed: Feed,
    ) -> Result<Option<Watermark>, StoreError> {
        let Some((merchant_number, shop_number)) = self.find_shop(merchant, shop)? else { return Ok(None) };
        let at = self
            .statement("SELECT at FROM watermark WHERE merchant = ?1 AND shop = ?2 AND feed = ?3")?
            .query_row(params![merchant_number, shop_number, feed as i64], |row| row.get(0))
            .optional()?;
        Ok(at.map(|at| Watermark { merchant, shop, feed, at: Timestamp::from_nanos(at) }))
    }

    /// See [`crate::ports::Store::depth`]. Costs as many index entries as are leased or wait for a later time.
    pub fn depth(&mut self, merchant: MerchantKey, now: Timestamp) -> Result<Depth, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(Depth::default()) };
        let counts = self.counts(at)?;
        let merchant = &self.merchants[at];
        let (leased, expired): (i64, i64) = self
            .statement(
                "SELECT count(*) FILTER (WHERE due_at > ?2), count(*) FILTER (WHERE due_at <= ?2)
                 FROM hint WHERE merchant = ?1 AND fencing > 0",
            )?
            .query_row(params![merchant.number, now.nanos()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut later = 0;
        let mut statement = self.statement(
            "SELECT count(*) FROM hint WHERE merchant = ?1 AND lane = ?2 AND due_at > ?3 AND fencing = 0",
        )?;
        for (lane, _) in (1i64..).zip(counts.waiting).filter(|(_, waiting)| *waiting > 0) {
            later += statement
                .query_row(params![merchant.number, lane, now.nanos()], |row| row.get::<_, i64>(0))?;
        }
        let waiting = counts.waiting.iter().sum::<u64>();
        let later = later.cast_unsigned();
        Ok(Depth {
            due: waiting - later + expired.cast_unsigned(),
            waiting: later,
            leased: leased.cast_unsigned(),
        })
    }

    /// How many entities there are whose work has not ended. Costs nothing, however many they are.
    pub fn unfinished_count(&mut self, merchant: MerchantKey) -> Result<u64, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(0) };
        let counts = self.counts(at)?;
        Ok(counts.waiting.iter().sum::<u64>() + counts.leased)
    }

    /// Entities whose work has not ended, in order of their keys.
    pub fn unfinished(&mut self, merchant: MerchantKey) -> Result<Vec<Entity>, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(vec![]) };
        let number = self.merchants[at].number;
        let mut statement = self.statement(
            "SELECT shop.key, hint.flow, hint.record FROM hint
             JOIN shop ON shop.merchant = hint.merchant AND shop.number = hint.shop
             WHERE hint.merchant = ?1 ORDER BY hint.shop, hint.flow, hint.record",
        )?;
        let rows = statement.query_map([number], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u8>(1)?, row.get::<_, i64>(2)?))
        })?;
        let mut entities = Vec::new();
        for row in rows {
            let (shop, flow, record) = row?;
            let unreadable =
                || StoreError::Failed { reason: format!("unreadable hint of {shop}, flow {flow}") };
            entities.push(Entity {
                merchant,
                shop: shop.parse().map_err(|_| unreadable())?,
                flow: Flow::from_number(flow).ok_or_else(unreadable)?,
                record: record.cast_unsigned(),
            });
        }
        Ok(entities)
    }

    /// See [`crate::ports::Store::next_due`]. The end of a lease counts: its worker may be gone.
    pub fn next_due(&mut self, merchant: MerchantKey) -> Result<Option<Timestamp>, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(None) };
        let merchant = &self.merchants[at];
        if merchant.leases_end.get() == 0 {
            let first: Option<i64> =
                self.statement(FIRST_LEASE_END)?.query_row([merchant.number], |row| row.get(0))?;
            merchant.leases_end.set(first.unwrap_or(i64::MAX));
        }
        // Early at worst, when that lease ended before its time: whoever comes then finds out which is the next.
        let mut next = Some(merchant.leases_end.get()).filter(|end| *end < i64::MAX);
        let mut statement =
            self.statement("SELECT min(due_at) FROM hint WHERE merchant = ?1 AND lane = ?2 AND fencing = 0")?;
        for lane in (1i64..).take(Lane::ALL.len()).filter(|lane| merchant.may_wait(lane_position(*lane))) {
            let due_at: Option<i64> =
                statement.query_row(params![merchant.number, lane], |row| row.get(0))?;
            next = next.into_iter().chain(due_at).min();
        }
        Ok(next.map(Timestamp::from_nanos))
    }
}

/// Position of a lane's number, as [`crate::domain::Lane::index`].
pub(super) fn lane_position(number: i64) -> usize {
    usize::try_from(number - 1).expect("lanes are numbered from 1")
}
