//! The engine's store as a run with a planted defect sees it. Without a defect, every call passes as it is.

use std::pin::pin;

use crate::domain::{ExternalId, MerchantKey, ShopKey, Timestamp};
use crate::ports::store::{
    ChainReport, ChainedEntry, Claim, Depth, Exception, Feed, Hint, LaneRoom, Lease, Link, LinkKind, Step,
    StoreError, Watermark,
};
use crate::ports::{Entity, Runtime, Store};
use crate::sim::defect::Planted;
use crate::sim::meter::{Room, within};
use crate::store::InlineStore;

#[derive(Clone)]
pub struct PlantedStore<R> {
    pub store: InlineStore<R>,
    pub planted: Planted,
    pub runtime: R,
}

impl<R: Runtime> Store for PlantedStore<R> {
    async fn record(
        &self,
        hints: &[Hint],
        watermark: Option<Watermark>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let watermark = watermark.map(|watermark| self.planted.kept_watermark(watermark, now));
        match self.planted.hints(hints) {
            Some(kept) => within(Room::Store, pin!(self.store.record(&kept, watermark, now))).await,
            None => within(Room::Store, pin!(self.store.record(hints, watermark, now))).await,
        }
    }

    async fn claim(
        &self,
        merchant: MerchantKey,
        lanes: &[LaneRoom],
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Vec<Claim>, StoreError> {
        within(Room::Store, pin!(self.store.claim(merchant, lanes, now, lease_until))).await
    }

    async fn commit(&self, mut step: Step, now: Timestamp) -> Result<bool, StoreError> {
        self.planted.step(&mut step, now);
        within(Room::Store, pin!(self.store.commit(step, now))).await
    }

    async fn announce(&self, entity: Entity, link: Link, policy_hash: [u8; 32]) -> Result<(), StoreError> {
        within(Room::Store, pin!(self.store.announce(entity, link, policy_hash))).await
    }

    async fn renew(&self, entity: Entity, lease: Lease, until: Timestamp) -> Result<Lease, StoreError> {
        within(Room::Store, pin!(self.store.renew(entity, lease, until))).await
    }

    async fn release(&self, entity: Entity, lease: Lease, now: Timestamp) -> Result<(), StoreError> {
        within(Room::Store, pin!(self.store.release(entity, lease, now))).await
    }

    async fn watermark(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        feed: Feed,
    ) -> Result<Option<Watermark>, StoreError> {
        let watermark = within(Room::Store, pin!(self.store.watermark(merchant, shop, feed))).await?;
        Ok(watermark.map(|watermark| self.planted.read_watermark(watermark, self.runtime.now())))
    }

    async fn link(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        external_id: &ExternalId,
    ) -> Result<Option<Link>, StoreError> {
        within(Room::Store, pin!(self.store.link(merchant, shop, kind, external_id))).await
    }

    async fn links_under(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        parent: u64,
    ) -> Result<Vec<Link>, StoreError> {
        within(Room::Store, pin!(self.store.links_under(merchant, shop, kind, parent))).await
    }

    async fn open_exceptions_of(&self, entity: Entity) -> Result<Vec<Exception>, StoreError> {
        within(Room::Store, pin!(self.store.open_exceptions_of(entity))).await
    }

    async fn open_exceptions(&self, merchant: MerchantKey) -> Result<Vec<Exception>, StoreError> {
        within(Room::Store, pin!(self.store.open_exceptions(merchant))).await
    }

    async fn depth(&self, merchant: MerchantKey, now: Timestamp) -> Result<Depth, StoreError> {
        within(Room::Store, pin!(self.store.depth(merchant, now))).await
    }

    async fn next_due(&self, merchant: MerchantKey) -> Result<Option<Timestamp>, StoreError> {
        within(Room::Store, pin!(self.store.next_due(merchant))).await
    }

    async fn audit(
        &self,
        merchant: MerchantKey,
        from: u64,
        limit: u32,
    ) -> Result<Vec<ChainedEntry>, StoreError> {
        within(Room::Store, pin!(self.store.audit(merchant, from, limit))).await
    }

    async fn verify_audit(&self, merchant: MerchantKey) -> Result<ChainReport, StoreError> {
        within(Room::Store, pin!(self.store.verify_audit(merchant))).await
    }
}
