//! The simulation's form of the store: SQLite in memory, called on the caller's own turn.
//!
//! One open transaction collects operations until the group is full or its time is up; each writing method
//! resolves when its group is durable, and reads see the open group. A crash discards what is open. No thread,
//! no clock of its own: the same calls in the same order end in the same database.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use super::migrate::OpenError;
use super::sqlite::{Core, ExceptionChange};
use crate::domain::{Duration, ExternalId, Lane, MerchantKey, ShopKey, Timestamp};
use crate::ports::inbox::{Aside, Matter, Receipt, Received, SetAside};
use crate::ports::store::{
    ChainReport, ChainedEntry, Claim, Depth, Exception, ExceptionKey, Feed, Hint, LaneRoom, Lease, Link,
    LinkKind, Step, Store, StoreError, Watermark,
};
use crate::ports::{Entity, Inbox, Runtime};

/// At a million orders, 8 KiB cost less CPU than 4 or 16: with smaller pages SQLite clears a longer table of pages at
/// a commit after a split, with larger ones it copies more into its journal.
const PAGE_BYTES: u32 = 8_192;

/// When a commit group closes: whichever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupLimits {
    /// At least 1; with 1 each operation is a commit of its own.
    pub operations_max: u32,
    /// Counted from the group's first operation.
    pub wait_max: Duration,
}

/// Clones share one database, as the workers of one engine do.
#[derive(Clone)]
pub struct InlineStore<R> {
    shared: Arc<Mutex<Shared>>,
    limits: GroupLimits,
    runtime: R,
}

struct Shared {
    core: Core,
    open: Option<Group>,
    /// Groups opened so far: tells a timer whether its group is still the open one.
    groups: u64,
}

#[derive(Default)]
struct Group {
    operations: u32,
    waiting: Vec<oneshot::Sender<Result<(), StoreError>>>,
}

impl<R: Runtime> InlineStore<R> {
    /// A fresh, empty store.
    ///
    /// # Errors
    /// SQLite has no memory left.
    pub fn in_memory(runtime: R, limits: GroupLimits) -> Result<InlineStore<R>, OpenError> {
        // The lock of this store stands in for SQLite's own mutexes.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_in_memory_with_flags(flags)?;
        connection.pragma_update(None, "page_size", PAGE_BYTES)?;
        let core = Core::open(connection)?;
        let shared = Shared { core, open: None, groups: 0 };
        Ok(InlineStore { shared: Arc::new(Mutex::new(shared)), limits, runtime })
    }

    /// The same database for an engine on another runtime, such as the one that starts after a crash.
    pub fn with_runtime<S: Runtime>(&self, runtime: S) -> InlineStore<S> {
        InlineStore { shared: Arc::clone(&self.shared), limits: self.limits, runtime }
    }

    /// What a crash does: everything that was not durable yet is gone, and whoever waited for it gets
    /// [`StoreError::Failed`].
    pub fn discard_open_group(&self) {
        let mut shared = self.lock();
        if let Some(group) = shared.open.take() {
            shared.core.discard();
            group.answer(&Err(StoreError::Failed { reason: "the commit group was discarded".to_owned() }));
        }
    }

    /// Makes the open group durable now, as a shutdown in good order does.
    pub fn close_open_group(&self) {
        self.lock().close();
    }

    /// How an exception came to stand as it does, oldest change first.
    ///
    /// # Errors
    /// SQLite failed.
    pub fn exception_history(&self, key: ExceptionKey) -> Result<Vec<ExceptionChange>, StoreError> {
        self.lock().core.exception_history(key)
    }

    /// Changes what one stored audit entry says and leaves its hash, as somebody would who rewrites history.
    /// Only for the simulation, which plants this defect to prove that `audit-chain` can fail.
    ///
    /// # Errors
    /// SQLite failed.
    pub fn damage_audit_entry(&self, merchant: MerchantKey, sequence: u64) -> Result<(), StoreError> {
        self.lock().core.damage_audit_entry(merchant, sequence)
    }

    /// Entities whose work has not ended, waiting and in progress alike, in order of their keys.
    ///
    /// # Errors
    /// SQLite failed.
    pub fn unfinished(&self, merchant: MerchantKey) -> Result<Vec<Entity>, StoreError> {
        self.lock().core.unfinished(merchant)
    }

    /// How many [`InlineStore::unfinished`] would name, without naming them.
    ///
    /// # Errors
    /// SQLite failed.
    pub fn unfinished_count(&self, merchant: MerchantKey) -> Result<u64, StoreError> {
        self.lock().core.unfinished_count(merchant)
    }

    /// How many exceptions are open.
    ///
    /// # Errors
    /// SQLite failed.
    pub fn open_exceptions_count(&self, merchant: MerchantKey) -> Result<u64, StoreError> {
        self.lock().core.open_exceptions_count(merchant)
    }

    /// The fault of a full disk: the database keeps its present size, or grows to so many pages and no further.
    /// `u32::MAX` lifts it.
    ///
    /// # Errors
    /// SQLite failed.
    pub fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        self.lock().core.limit_pages(pages)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // A panic in the core is a bug that ends its run; whoever looks at the store after it sees what it left.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, read: impl FnOnce(&mut Core) -> Result<T, StoreError>) -> Result<T, StoreError> {
        read(&mut self.lock().core)
    }

    /// Runs a write in the open group, and resolves when the group is durable. `depends` tells from the result
    /// whether it rests on the group: an empty claim need not wait.
    async fn write<T: Send>(
        &self,
        depends: fn(&T) -> bool,
        operation: impl FnOnce(&mut Core) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        let (value, durable) = match self.enter(depends, operation)? {
            (value, None) => return Ok(value),
            (value, Some(durable)) => (value, durable),
        };
        match durable.await {
            Ok(outcome) => outcome.map(|()| value),
            Err(_) => Err(StoreError::Failed { reason: "the store was dropped".to_owned() }),
        }
    }

    #[expect(clippy::type_complexity, reason = "named here and nowhere else")]
    fn enter<T>(
        &self,
        depends: fn(&T) -> bool,
        operation: impl FnOnce(&mut Core) -> Result<T, StoreError>,
    ) -> Result<(T, Option<oneshot::Receiver<Result<(), StoreError>>>), StoreError> {
        let mut shared = self.lock();
        let opened = shared.open.is_none();
        if opened {
            shared.core.begin()?;
            shared.open = Some(Group::default());
            shared.groups += 1;
        }
        let outcome = operation(&mut shared.core);
        if let Err(StoreError::Failed { .. }) = outcome {
            // The transaction may hold half of this operation: the whole group goes, and everybody in it is told.
            let group = shared.open.take().expect("it was opened above");
            shared.core.discard();
            group.answer(&outcome.as_ref().map(|_| ()).map_err(Clone::clone));
            return outcome.map(|value| (value, None));
        }
        if opened && !shared.core.touched() {
            shared.close();
            return outcome.map(|value| (value, None));
        }
        let number = shared.groups;
        let entered = outcome.map(|value| {
            let durable = depends(&value).then(|| shared.join(self.limits.operations_max));
            (value, durable)
        });
        let still_open = shared.open.is_some();
        drop(shared);
        if opened && still_open {
            self.close_in_time(number);
        }
        entered
    }

    fn close_in_time(&self, number: u64) {
        let shared = Arc::downgrade(&self.shared);
        let elapsed = self.runtime.sleep(self.limits.wait_max);
        self.runtime.spawn(async move {
            elapsed.await;
            let Some(shared) = shared.upgrade() else { return };
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if shared.groups == number {
                shared.close();
            }
        });
    }
}

impl Shared {
    /// One more operation of the open group, which closes if that fills it.
    fn join(&mut self, operations_max: u32) -> oneshot::Receiver<Result<(), StoreError>> {
        let group = self.open.as_mut().expect("an operation runs in an open group");
        group.operations += 1;
        let (answer, durable) = oneshot::channel();
        group.waiting.push(answer);
        if group.operations >= operations_max {
            self.close();
        }
        durable
    }

    fn close(&mut self) {
        if let Some(group) = self.open.take() {
            let sealed = self.core.seal();
            group.answer(&sealed);
        }
    }
}

impl Group {
    fn answer(self, outcome: &Result<(), StoreError>) {
        for waiting in self.waiting {
            // Whoever no longer waits needs no answer.
            waiting.send(outcome.clone()).ok();
        }
    }
}

fn always<T>(_: &T) -> bool {
    true
}

impl<R: Runtime> Store for InlineStore<R> {
    async fn record(
        &self,
        hints: &[Hint],
        watermark: Option<Watermark>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Waits even if every hint was dropped or merged: what they were merged with may be in the open group.
        self.write(always, |core| core.record(hints, watermark, now)).await
    }

    async fn claim(
        &self,
        merchant: MerchantKey,
        lanes: &[LaneRoom],
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Vec<Claim>, StoreError> {
        self.write(
            |claims: &Vec<Claim>| !claims.is_empty(),
            |core| core.claim(merchant, lanes, now, lease_until),
        )
        .await
    }

    async fn commit(&self, step: Step, now: Timestamp) -> Result<bool, StoreError> {
        self.write(always, |core| core.commit(&step, now)).await
    }

    async fn announce(&self, entity: Entity, link: Link, policy_hash: [u8; 32]) -> Result<(), StoreError> {
        self.write(always, |core| core.announce(entity, &link, &policy_hash)).await
    }

    async fn renew(&self, entity: Entity, lease: Lease, until: Timestamp) -> Result<Lease, StoreError> {
        self.write(always, |core| core.renew(entity, lease, until)).await
    }

    async fn release(&self, entity: Entity, lease: Lease, now: Timestamp) -> Result<(), StoreError> {
        self.write(always, |core| core.release(entity, lease, now)).await
    }

    async fn watermark(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        feed: Feed,
    ) -> Result<Option<Watermark>, StoreError> {
        self.read(|core| core.watermark(merchant, shop, feed))
    }

    async fn link(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        external_id: &ExternalId,
    ) -> Result<Option<Link>, StoreError> {
        self.read(|core| core.link(merchant, shop, kind, external_id))
    }

    async fn links_under(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        parent: u64,
    ) -> Result<Vec<Link>, StoreError> {
        self.read(|core| core.links_under(merchant, shop, kind, parent))
    }

    async fn open_exceptions_of(&self, entity: Entity) -> Result<Vec<Exception>, StoreError> {
        self.read(|core| core.open_exceptions_of(entity))
    }

    async fn open_exceptions(&self, merchant: MerchantKey) -> Result<Vec<Exception>, StoreError> {
        self.read(|core| core.open_exceptions(merchant))
    }

    async fn depth(&self, merchant: MerchantKey, now: Timestamp) -> Result<Depth, StoreError> {
        self.read(|core| core.depth(merchant, now))
    }

    async fn next_due(&self, merchant: MerchantKey) -> Result<Option<Timestamp>, StoreError> {
        self.read(|core| core.next_due(merchant))
    }

    async fn audit(
        &self,
        merchant: MerchantKey,
        from: u64,
        limit: u32,
    ) -> Result<Vec<ChainedEntry>, StoreError> {
        self.read(|core| core.audit(merchant, from, limit))
    }

    async fn verify_audit(&self, merchant: MerchantKey) -> Result<ChainReport, StoreError> {
        self.read(|core| core.verify_audit(merchant))
    }
}

impl<R: Runtime> Inbox for InlineStore<R> {
    async fn keep(&self, receipt: Receipt, matter: Matter, now: Timestamp) -> Result<Received, StoreError> {
        // A repetition waits as well: the first of its kind may be in the open group.
        self.write(always, |core| core.keep(&receipt, &matter, now)).await
    }

    async fn set_aside(&self, aside: Aside, now: Timestamp) -> Result<Received, StoreError> {
        self.write(always, |core| core.set_aside(&aside, now)).await
    }

    async fn aside(&self, merchant: MerchantKey, from: u64, limit: u32) -> Result<Vec<SetAside>, StoreError> {
        self.read(|core| core.aside(merchant, from, limit))
    }

    async fn forget(
        &self,
        merchant: MerchantKey,
        deliveries_before: Timestamp,
        bodies_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.write(always, |core| core.forget_deliveries(merchant, deliveries_before, bodies_before, limit))
            .await
    }

    async fn waiting_by_lane(&self, merchant: MerchantKey) -> Result<[u64; Lane::ALL.len()], StoreError> {
        self.read(|core| core.waiting_by_lane(merchant))
    }
}
