//! Who works on what: claims, renewals and releases.
//!
//! An entity in progress carries the fencing number of its latest claim. Numbers only grow, merchant by
//! merchant, so a worker that was overtaken can never pass for the current one.

use rusqlite::{OptionalExtension, Row, params};

use super::hints::lane_position;
use super::{Core, EntityRow, lane, unreadable};
use crate::domain::{Lane, MerchantKey, Timestamp};
use crate::ports::Entity;
use crate::ports::store::{Cause, Claim, LaneRoom, Lease, LinkKind, Step, StoreError};

/// Expired leases, longest expired first. Seldom any: a worker died or stalled.
const EXPIRED: &str = "
    SELECT shop, flow, record, lane, version, recorded_at, cause, attempt, next_lane, next_version
    FROM hint WHERE merchant = ?1 AND due_at <= ?2 AND fencing > 0 ORDER BY due_at";

const WAITING: &str = "
    SELECT shop, flow, record, lane, version, recorded_at, cause, attempt, next_lane, next_version
    FROM hint WHERE merchant = ?1 AND lane = ?2 AND due_at <= ?3 AND fencing = 0 ORDER BY due_at LIMIT ?4";

pub(super) const FIRST_LEASE_END: &str = "SELECT min(due_at) FROM hint WHERE merchant = ?1 AND fencing > 0";

/// Hands over. What made an expired claim dirty becomes part of the same piece of work.
const LEASE: &str = "
    UPDATE hint SET fencing = ?5, due_at = ?6, attempt = attempt + 1
    WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4";
const LEASE_ANEW: &str = "
    UPDATE hint SET fencing = ?5, due_at = ?6, attempt = attempt + 1, version = ?7,
        next_lane = NULL, next_version = NULL, next_recorded = NULL, next_cause = NULL
    WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4";

struct Found {
    entity: EntityRow,
    lane: Lane,
    version: i64,
    recorded_at: i64,
    cause: Cause,
    attempt: u32,
    was_leased: bool,
}

impl Core {
    /// See [`crate::ports::Store::claim`].
    pub fn claim(
        &mut self,
        merchant: MerchantKey,
        lanes: &[LaneRoom],
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Vec<Claim>, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(Vec::new()) };
        let mut room = [0u32; Lane::ALL.len()];
        for lane in lanes {
            room[lane.lane.index()] += lane.room;
        }
        let found = self.find_due(at, room, now)?;
        let mut claims = Vec::with_capacity(found.len());
        for found in found {
            let merchant = &mut self.merchants[at];
            merchant.fencing += 1;
            merchant.moved = true;
            if !found.was_leased {
                merchant.waits_no_longer(found.lane.index());
                merchant.leases();
            }
            let fencing = merchant.fencing;
            let entity = merchant.entity(found.entity)?;
            self.touched = true;
            let EntityRow { merchant, shop, flow, record } = found.entity;
            let until = lease_until.nanos();
            let leases_end = &self.merchants[at].leases_end;
            leases_end.set(leases_end.get().min(until));
            if found.was_leased {
                self.statement(LEASE_ANEW)?.execute(params![
                    merchant,
                    shop,
                    flow,
                    record,
                    fencing,
                    until,
                    found.version
                ])?;
            } else {
                self.statement(LEASE)?.execute(params![merchant, shop, flow, record, fencing, until])?;
            }
            claims.push(Claim {
                entity,
                lane: found.lane,
                version: Timestamp::from_nanos(found.version),
                recorded_at: Timestamp::from_nanos(found.recorded_at),
                cause: found.cause,
                attempt: found.attempt,
                lease: Lease { fencing: fencing.cast_unsigned(), until: lease_until },
                link: self.own_link(found.entity, LinkKind::of_flow(entity.flow))?,
            });
        }
        Ok(claims)
    }

    /// What may be claimed now, most urgent lane first; within a lane expired leases, then what waits longest.
    fn find_due(
        &self,
        at: usize,
        mut room: [u32; Lane::ALL.len()],
        now: Timestamp,
    ) -> Result<Vec<Found>, StoreError> {
        let merchant = &self.merchants[at];
        let mut found = Vec::new();
        if merchant.leases_end.get() <= now.nanos() {
            let mut statement = self.statement(EXPIRED)?;
            let mut rows = statement.query(params![merchant.number, now.nanos()])?;
            while let Some(row) = rows.next()? {
                let expired = Found::read(merchant.number, row, true)?;
                let room = &mut room[expired.lane.index()];
                if *room > 0 {
                    *room -= 1;
                    found.push(expired);
                }
            }
            let next: Option<i64> =
                self.statement(FIRST_LEASE_END)?.query_row([merchant.number], |row| row.get(0))?;
            merchant.leases_end.set(next.unwrap_or(i64::MAX));
        }
        let mut statement = self.statement(WAITING)?;
        for lane in Lane::ALL {
            let room = room[lane.index()];
            if room == 0 || !merchant.may_wait(lane.index()) {
                continue;
            }
            let mut rows = statement.query(params![merchant.number, lane as i64, now.nanos(), room])?;
            while let Some(row) = rows.next()? {
                found.push(Found::read(merchant.number, row, false)?);
            }
        }
        found.sort_by_key(|found| found.lane);
        Ok(found)
    }

    /// See [`crate::ports::Store::renew`].
    pub fn renew(&mut self, entity: Entity, lease: Lease, until: Timestamp) -> Result<Lease, StoreError> {
        let (_, row) = self.leased_entity(entity)?;
        let renewed = self
            .statement(
                "UPDATE hint SET due_at = ?6
                 WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4 AND fencing = ?5",
            )?
            .execute(params![
                row.merchant,
                row.shop,
                row.flow,
                row.record,
                held(lease, entity)?,
                until.nanos()
            ])?;
        if renewed == 0 {
            return Err(StoreError::LeaseLost { entity });
        }
        self.touched = true;
        Ok(Lease { until, ..lease })
    }

    /// See [`crate::ports::Store::release`].
    pub fn release(&mut self, entity: Entity, lease: Lease, now: Timestamp) -> Result<(), StoreError> {
        self.wait_again(entity, lease, now, now).map(|_| ())
    }

    /// As [`Core::entity`], without giving out numbers: what was never hinted at is leased to nobody, and a
    /// refused lease must leave nothing written.
    fn leased_entity(&mut self, entity: Entity) -> Result<(usize, EntityRow), StoreError> {
        let found = self.find_merchant(entity.merchant)?.zip(self.find_entity(entity)?);
        found.ok_or(StoreError::LeaseLost { entity })
    }

    /// The piece of work goes on at `at`, or now if it was made dirty: a hint for an entity that waits makes
    /// it due, whether it came before or after the worker gave up. True if it is due now.
    pub(super) fn wait_again(
        &mut self,
        entity: Entity,
        lease: Lease,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (position, row) = self.leased_entity(entity)?;
        let waits: Option<(i64, i64)> = self
            .statement(
                "UPDATE hint SET fencing = 0,
                    due_at = CASE WHEN next_lane IS NULL OR ?6 < ?7 THEN ?6 ELSE ?7 END,
                    lane = CASE WHEN next_lane < lane THEN next_lane ELSE lane END,
                    version = CASE WHEN next_version > version THEN next_version ELSE version END,
                    next_lane = NULL, next_version = NULL, next_recorded = NULL, next_cause = NULL
                 WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4 AND fencing = ?5
                 RETURNING lane, due_at",
            )?
            .query_row(
                params![
                    row.merchant,
                    row.shop,
                    row.flow,
                    row.record,
                    held(lease, entity)?,
                    at.nanos(),
                    now.nanos()
                ],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let (lane, due_at) = waits.ok_or(StoreError::LeaseLost { entity })?;
        let merchant = &mut self.merchants[position];
        merchant.waits(lane_position(lane));
        merchant.leases_no_longer();
        self.touched = true;
        Ok(due_at <= now.nanos())
    }

    /// The piece of work is over: the hint goes, or what made it dirty becomes the next piece, due now. A version
    /// that this very step brought over makes nothing dirty. True if there is a next piece.
    pub(super) fn finish(&mut self, step: &Step, now: Timestamp) -> Result<bool, StoreError> {
        let entity = step.entity;
        let (position, row) = self.leased_entity(entity)?;
        let fencing = held(step.lease, entity)?;
        let kind = LinkKind::of_flow(entity.flow);
        let own = step.links.iter().find(|link| link.kind == kind && link.record == entity.record);
        // Shopify states versions in whole seconds: see `is_covered`.
        let (version, read_second) =
            own.map_or((0, 0), |link| (link.version.nanos(), link.read_at.floor_second().nanos()));
        let ended = self
            .statement(
                "DELETE FROM hint WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4
                 AND fencing = ?5
                 AND (next_lane IS NULL OR (next_version > 0 AND next_version <= ?6 AND next_version < ?7))",
            )?
            .execute(params![row.merchant, row.shop, row.flow, row.record, fencing, version, read_second])?;
        if ended == 0 {
            let lane: Option<i64> = self
                .statement(
                    "UPDATE hint SET fencing = 0, due_at = ?6, attempt = 0,
                        lane = next_lane, version = next_version, recorded_at = next_recorded,
                        cause = next_cause,
                        next_lane = NULL, next_version = NULL, next_recorded = NULL, next_cause = NULL
                     WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4 AND fencing = ?5
                     RETURNING lane",
                )?
                .query_row(
                    params![row.merchant, row.shop, row.flow, row.record, fencing, now.nanos()],
                    |row| row.get(0),
                )
                .optional()?;
            let lane = lane.ok_or(StoreError::LeaseLost { entity })?;
            self.merchants[position].waits(lane_position(lane));
        }
        self.merchants[position].leases_no_longer();
        self.touched = true;
        Ok(ended == 0)
    }
}

impl Found {
    fn read(merchant: i64, row: &Row<'_>, was_leased: bool) -> Result<Found, StoreError> {
        let next_lane: Option<i64> = row.get(8)?;
        let next_version: Option<i64> = row.get(9)?;
        let version: i64 = row.get(4)?;
        let cause: i64 = row.get(6)?;
        // The lane stays: moving it would move the hint in an order that room has been shared out by already.
        debug_assert!(was_leased || next_lane.is_none(), "only work in progress is dirty");
        Ok(Found {
            entity: EntityRow { merchant, shop: row.get(0)?, flow: row.get(1)?, record: row.get(2)? },
            lane: lane(row, 3)?,
            version: version.max(next_version.unwrap_or(version)),
            recorded_at: row.get(5)?,
            cause: read_cause(cause)?,
            attempt: row.get(7)?,
            was_leased,
        })
    }
}

pub(super) fn read_cause(number: i64) -> Result<Cause, StoreError> {
    [Cause::Delivery, Cause::Sweep, Cause::FollowUp, Cause::Person]
        .into_iter()
        .find(|cause| *cause as i64 == number)
        .ok_or_else(|| unreadable("cause", number))
}

/// The fencing number that the row must carry. Zero is the mark of a hint that waits, never of a lease.
fn held(lease: Lease, entity: Entity) -> Result<i64, StoreError> {
    match lease.fencing.cast_signed() {
        fencing if fencing > 0 => Ok(fencing),
        _ => Err(StoreError::LeaseLost { entity }),
    }
}
