//! Deliveries: kept once, set aside, forgotten; and the erasure of personal data.
//!
//! Personal data stands in the table `personal` and nowhere else. Who erases it leaves an entry in the audit
//! chain, which holds numbers and digests only and so verifies before and after.

use rusqlite::{OptionalExtension, params};

use super::{Core, EntityRow, unreadable};
use crate::domain::{Flow, Lane, MerchantKey, Timestamp};
use crate::ports::Entity;
use crate::ports::inbox::{Aside, AsideReason, Matter, Privacy, Receipt, Received, SetAside};
use crate::ports::store::{Hint, LinkKind, StoreError};
use crate::store::migrate::FORMAT;

impl Core {
    /// See [`crate::ports::Inbox::keep`].
    pub fn keep(
        &mut self,
        receipt: &Receipt,
        matter: &Matter,
        now: Timestamp,
    ) -> Result<Received, StoreError> {
        let at = self.merchant(receipt.merchant)?;
        if let Some(seen) = self.seen(at, receipt)? {
            return Ok(seen);
        }
        match matter {
            Matter::Hint(hint) => {
                if self.belongs_elsewhere(at, hint)? {
                    return Ok(Received::Foreign);
                }
                self.record_one(hint, now)?;
            }
            Matter::DataRequest(privacy) => self.note_privacy(privacy, 0, now)?,
            Matter::Redact(privacy) => {
                let erased = self.erase(privacy.entity)?;
                self.note_privacy(privacy, erased, now)?;
            }
        }
        self.acknowledge(at, receipt, now)?;
        Ok(Received::Kept)
    }

    /// See [`crate::ports::Inbox::set_aside`].
    pub fn set_aside(&mut self, aside: &Aside, now: Timestamp) -> Result<Received, StoreError> {
        let receipt = &aside.receipt;
        let at = self.merchant(receipt.merchant)?;
        let merchant = self.merchants[at].number;
        let contradicts = aside.reason == AsideReason::Contradicts;
        match self.seen(at, receipt)? {
            Some(Received::Contradicts { .. }) if contradicts => {}
            Some(seen) => return Ok(seen),
            None => self.acknowledge(at, receipt, now)?,
        }
        if let Some(exception) = &aside.exception {
            let policy = self.policy(&aside.policy_hash)?;
            self.raise(exception, policy, now)?;
        }
        let shop = receipt.shop.map(|shop| self.shop(at, shop)).transpose()?;
        let number: i64 = self
            .statement("SELECT coalesce(max(number), 0) + 1 FROM aside WHERE merchant = ?1")?
            .query_row([merchant], |row| row.get(0))?;
        let delivery = receipt.delivery.map(u128::to_be_bytes);
        let added = self
            .statement(
                "INSERT INTO aside (merchant, digest, reason, number, shop, shop_domain, topic, delivery,
                    received_at, format)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (merchant, digest, reason) DO NOTHING",
            )?
            .execute(params![
                merchant,
                receipt.digest,
                aside.reason as i64,
                number,
                shop,
                aside.shop_domain,
                aside.topic,
                delivery,
                now.nanos(),
                FORMAT
            ])?;
        self.touched = true;
        if added == 0 {
            return Ok(Received::Repeated);
        }
        self.statement(
            "INSERT INTO personal (merchant, number, shop, customer, body, received_at, format)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            merchant,
            number,
            shop,
            aside.customer.map(u64::cast_signed),
            aside.body,
            now.nanos(),
            FORMAT
        ])?;
        Ok(Received::Kept)
    }

    /// See [`crate::ports::Inbox::aside`].
    pub fn aside(
        &mut self,
        merchant: MerchantKey,
        from: u64,
        limit: u32,
    ) -> Result<Vec<SetAside>, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(Vec::new()) };
        let mut statement = self.statement(
            "SELECT a.number, a.reason, a.shop_domain, a.topic, a.digest, a.received_at, p.body
             FROM aside a LEFT JOIN personal p ON p.merchant = a.merchant AND p.number = a.number
             WHERE a.merchant = ?1 AND a.number >= ?2 ORDER BY a.number LIMIT ?3",
        )?;
        let mut rows = statement.query(params![self.merchants[at].number, from.cast_signed(), limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let reason: u8 = row.get(1)?;
            found.push(SetAside {
                number: row.get::<_, i64>(0)?.cast_unsigned(),
                reason: AsideReason::from_number(reason).ok_or_else(|| unreadable("reason", reason))?,
                shop_domain: row.get::<_, String>(2)?.into(),
                topic: row.get::<_, String>(3)?.into(),
                digest: row.get(4)?,
                received_at: Timestamp::from_nanos(row.get(5)?),
                body: row.get::<_, Option<Vec<u8>>>(6)?.map(Vec::into_boxed_slice),
            });
        }
        Ok(found)
    }

    /// See [`crate::ports::Inbox::forget`].
    pub fn forget_deliveries(
        &mut self,
        merchant: MerchantKey,
        deliveries_before: Timestamp,
        bodies_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let Some(at) = self.find_merchant(merchant)? else { return Ok(0) };
        let number = self.merchants[at].number;
        let deliveries = self
            .statement(
                "DELETE FROM delivery WHERE merchant = ?1 AND id IN (
                    SELECT id FROM delivery WHERE merchant = ?1 AND received_at < ?2
                    ORDER BY received_at LIMIT ?3)",
            )?
            .execute(params![number, deliveries_before.nanos(), limit])?;
        let bodies = self
            .statement(
                "DELETE FROM personal WHERE merchant = ?1 AND number IN (
                    SELECT number FROM personal WHERE merchant = ?1 AND received_at < ?2
                    ORDER BY received_at LIMIT ?3)",
            )?
            .execute(params![number, bodies_before.nanos(), limit])?;
        self.touched |= deliveries + bodies > 0;
        self.erased |= bodies > 0;
        Ok((deliveries + bodies) as u64)
    }

    /// See [`crate::ports::Inbox::waiting_by_lane`].
    pub fn waiting_by_lane(&mut self, merchant: MerchantKey) -> Result<[u64; Lane::ALL.len()], StoreError> {
        match self.find_merchant(merchant)? {
            Some(at) => Ok(self.counts(at)?.waiting),
            None => Ok([0; Lane::ALL.len()]),
        }
    }

    /// What the store knows of a delivery with this id.
    fn seen(&self, at: usize, receipt: &Receipt) -> Result<Option<Received>, StoreError> {
        let Some(delivery) = receipt.delivery else { return Ok(None) };
        let first: Option<[u8; 32]> = self
            .statement("SELECT digest FROM delivery WHERE merchant = ?1 AND id = ?2")?
            .query_row(params![self.merchants[at].number, delivery.to_be_bytes()], |row| row.get(0))
            .optional()?;
        Ok(first.map(|first| {
            if first == receipt.digest { Received::Repeated } else { Received::Contradicts { first } }
        }))
    }

    fn acknowledge(&mut self, at: usize, receipt: &Receipt, now: Timestamp) -> Result<(), StoreError> {
        let Some(delivery) = receipt.delivery else { return Ok(()) };
        let shop = receipt.shop.map(|shop| self.shop(at, shop)).transpose()?;
        self.statement(
            "INSERT INTO delivery (merchant, id, shop, digest, received_at, format)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            self.merchants[at].number,
            delivery.to_be_bytes(),
            shop,
            receipt.digest,
            now.nanos(),
            FORMAT
        ])?;
        self.touched = true;
        Ok(())
    }

    /// Whether an order is known as another shop's. The header that names the shop is not signed, and Shopify
    /// numbers orders across shops, so such a delivery was replayed under a false name.
    fn belongs_elsewhere(&self, at: usize, hint: &Hint) -> Result<bool, StoreError> {
        let merchant = &self.merchants[at];
        for shop in 0..merchant.shops.len() {
            if merchant.shops[shop] == hint.entity.shop {
                continue;
            }
            let known: bool = self
                .statement(
                    "SELECT EXISTS (SELECT 1 FROM hint
                            WHERE merchant = ?1 AND shop = ?2 AND flow = ?3 AND record = ?4)
                         OR EXISTS (SELECT 1 FROM link
                            WHERE merchant = ?1 AND shop = ?2 AND kind = ?5 AND parent = ?4 AND record = ?4)",
                )?
                .query_row(
                    params![
                        merchant.number,
                        shop as i64,
                        hint.entity.flow as i64,
                        hint.entity.record.cast_signed(),
                        LinkKind::of_flow(hint.entity.flow) as i64
                    ],
                    |row| row.get(0),
                )?;
            if known {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Erases bodies of a customer, or of the whole shop if the entity's record is 0. A body that does not tell
    /// whose it is, or of which shop, may be this customer's: it goes as well.
    fn erase(&mut self, entity: Entity) -> Result<u64, StoreError> {
        let (_, row) = self.entity(entity)?;
        let erased = self
            .statement(
                "DELETE FROM personal WHERE merchant = ?1 AND (shop = ?2 OR shop IS NULL)
                    AND (?3 = 0 OR customer = ?3 OR customer IS NULL)",
            )?
            .execute(params![row.merchant, row.shop, row.record])?;
        self.erased |= erased > 0;
        Ok(erased as u64)
    }

    fn note_privacy(&mut self, privacy: &Privacy, erased: u64, now: Timestamp) -> Result<(), StoreError> {
        let (at, row) = self.entity(privacy.entity)?;
        let policy = self.policy(&privacy.audit.policy_hash)?;
        let known = self.knows(row, privacy)?;
        if known {
            self.raise(&privacy.exception, policy, now)?;
        }
        let mut audit = privacy.audit.clone();
        let records = if known { "records in NetSuite" } else { "no record in NetSuite" };
        audit.outcome = format!("{}; {erased} bodies erased; {records}", privacy.audit.outcome).into();
        self.append_audit(at, row, privacy.entity, &audit, policy)?;
        self.touched = true;
        Ok(())
    }

    fn knows(&self, row: EntityRow, privacy: &Privacy) -> Result<bool, StoreError> {
        if row.record == 0 {
            return Ok(self
                .statement("SELECT EXISTS (SELECT 1 FROM link WHERE merchant = ?1 AND shop = ?2)")?
                .query_row(params![row.merchant, row.shop], |row| row.get(0))?);
        }
        let flow = privacy.entity.flow;
        if self.own_link(row, LinkKind::of_flow(flow))?.is_some() {
            return Ok(true);
        }
        for order in &privacy.orders {
            let order = EntityRow { flow: Flow::Order as i64, record: order.cast_signed(), ..row };
            if self.own_link(order, LinkKind::SalesOrder)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests;
