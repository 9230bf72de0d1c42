//! The production form of the store: a file in WAL mode with full synchronisation, and one thread that alone
//! writes and reads it.
//!
//! Whatever waits when the thread comes round shares one durable commit; each operation is a savepoint of its
//! own, so one that fails does not harm the others. Answers leave after the commit, those of reads too: nobody
//! learns what could still be lost.

use std::fs::{File, OpenOptions, TryLockError};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use super::migrate::{self, OpenError};
use super::sqlite::{Core, ExceptionChange};
use crate::domain::{ExternalId, Lane, MerchantKey, ShopKey, Timestamp};
use crate::ports::inbox::{Aside, Matter, Receipt, Received, SetAside};
use crate::ports::store::{
    ChainReport, ChainedEntry, Claim, Depth, Exception, ExceptionKey, Feed, Hint, LaneRoom, Lease, Link,
    LinkKind, Step, Store, StoreError, Watermark,
};
use crate::ports::{Entity, Inbox};

/// Operations that share one commit at most, so that the first of a flood is not kept waiting by the last.
const GROUP_MAX: usize = 256;

/// How long SQLite waits for a reader of another process, such as a backup, that is in its way.
const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Clones share one writer. It ends, and the file is free again, when the last clone is dropped.
#[derive(Clone)]
pub struct FileStore {
    writer: Arc<Writer>,
}

struct Writer {
    /// `None` once the writer is told to end.
    operations: Option<mpsc::Sender<Box<dyn Operation>>>,
    thread: Option<JoinHandle<()>>,
}

/// One operation on its way through the writer: run inside the group, answered after its commit.
trait Operation: Send {
    fn run(&mut self, core: &mut Core);
    fn answer(self: Box<Self>, durable: &Result<(), StoreError>);
}

struct Pending<F, T> {
    operation: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Operation for Pending<F, T>
where
    F: FnOnce(&mut Core) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, core: &mut Core) {
        self.outcome = self.operation.take().map(|operation| core.alone(operation));
    }

    fn answer(self: Box<Self>, durable: &Result<(), StoreError>) {
        let outcome = match (durable, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Err(error), _) => Err(error.clone()),
            (Ok(()), None) => Err(StoreError::Failed { reason: "the operation never ran".to_owned() }),
        };
        // Whoever no longer waits needs no answer.
        self.reply.send(outcome).ok();
    }
}

impl FileStore {
    /// Opens the store in this file, and makes it if there is none. `<path>.lock` beside it keeps other
    /// processes out.
    ///
    /// # Errors
    /// [`OpenError::InUse`] while another process, or another store of this one, has it open; else as
    /// [`OpenError`] says.
    pub fn open(path: &Path) -> Result<FileStore, OpenError> {
        let lock = lock(path)?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // What is erased is overwritten with zeros, not left on a free page.
        connection.pragma_update(None, "secure_delete", "ON")?;
        migrate::back_up(&connection, path)?;
        let core = Core::open(connection)?;
        let (operations, arriving) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                write_groups(core, &arriving);
                // Held to here: the file is free only when its connection is closed.
                drop(lock);
            })
            .map_err(|error| file_error(path, &error))?;
        Ok(FileStore { writer: Arc::new(Writer { operations: Some(operations), thread: Some(thread) }) })
    }

    /// Opens the store as [`FileStore::open`] does, and refuses one that another merchant works on.
    ///
    /// # Errors
    /// [`OpenError::Foreign`] before anything is written; else as [`FileStore::open`].
    pub fn open_of(path: &Path, merchant: MerchantKey) -> Result<FileStore, OpenError> {
        refuse_foreign(path, merchant)?;
        FileStore::open(path)
    }

    /// How an exception came to stand as it does, oldest change first.
    ///
    /// # Errors
    /// SQLite failed.
    pub async fn exception_history(&self, key: ExceptionKey) -> Result<Vec<ExceptionChange>, StoreError> {
        self.run(move |core| core.exception_history(key)).await
    }

    /// Hands the operation to the writer now, and resolves after its commit.
    fn run<T, F>(&self, operation: F) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut Core) -> Result<T, StoreError> + Send + 'static,
    {
        let gone = || StoreError::Failed { reason: "the store's writer has ended".to_owned() };
        let (reply, answer) = oneshot::channel();
        let pending = Pending { operation: Some(operation), outcome: None, reply };
        let sent = self.writer.operations.as_ref().is_some_and(|to| to.send(Box::new(pending)).is_ok());
        async move { if sent { answer.await.unwrap_or_else(|_| Err(gone())) } else { Err(gone()) } }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.operations = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has told so itself, and every caller got an error.
            thread.join().ok();
        }
    }
}

fn write_groups(mut core: Core, arriving: &mpsc::Receiver<Box<dyn Operation>>) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    while let Ok(first) = arriving.recv() {
        group.push(first);
        let durable = core.begin().and_then(|()| {
            let mut at = 0;
            while at < group.len() {
                group[at].run(&mut core);
                at += 1;
                if at == group.len() && at < GROUP_MAX {
                    group.extend(arriving.try_recv());
                }
            }
            core.seal()
        });
        // It is put off, not lost, when it fails: the erasure itself is committed.
        core.scrub().ok();
        for operation in group.drain(..) {
            operation.answer(&durable);
        }
    }
}

/// The open exceptions of a store that another process may be working on; none if there is no store yet.
///
/// # Errors
/// A store of another merchant or another schema, or one that cannot be read.
pub fn read_exceptions(path: &Path, merchant: MerchantKey) -> Result<Vec<Exception>, OpenError> {
    if !path.exists() {
        return Ok(vec![]);
    }
    refuse_foreign(path, merchant)?;
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let mut core = Core::reading(connection)?;
    core.open_exceptions(merchant)
        .map_err(|error| OpenError::File { path: path.display().to_string(), reason: error.to_string() })
}

/// Looks without changing anything: the store of another merchant is not even migrated.
fn refuse_foreign(path: &Path, merchant: MerchantKey) -> Result<(), OpenError> {
    if !path.exists() {
        return Ok(());
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let has_merchants: bool = connection.query_row(
        "SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = 'merchant'",
        [],
        |row| row.get(0),
    )?;
    if !has_merchants {
        return Ok(());
    }
    let mut known = connection.prepare("SELECT key FROM merchant ORDER BY number")?;
    let keys = known.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    match keys.iter().find(|key| **key != *merchant.as_str()) {
        Some(found) => Err(OpenError::Foreign { found: found.clone(), merchant: merchant.to_string() }),
        None => Ok(()),
    }
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&beside)
        .map_err(|error| file_error(&beside, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(file_error(&beside, &error)),
    }
}

fn file_error(path: &Path, error: &std::io::Error) -> OpenError {
    OpenError::File { path: path.display().to_string(), reason: error.to_string() }
}

impl Store for FileStore {
    fn record(
        &self,
        hints: &[Hint],
        watermark: Option<Watermark>,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        let hints = hints.to_vec();
        self.run(move |core| core.record(&hints, watermark, now))
    }

    fn claim(
        &self,
        merchant: MerchantKey,
        lanes: &[LaneRoom],
        now: Timestamp,
        lease_until: Timestamp,
    ) -> impl Future<Output = Result<Vec<Claim>, StoreError>> + Send {
        let lanes = lanes.to_vec();
        self.run(move |core| core.claim(merchant, &lanes, now, lease_until))
    }

    async fn commit(&self, step: Step, now: Timestamp) -> Result<bool, StoreError> {
        self.run(move |core| core.commit(&step, now)).await
    }

    async fn announce(&self, entity: Entity, link: Link, policy_hash: [u8; 32]) -> Result<(), StoreError> {
        self.run(move |core| core.announce(entity, &link, &policy_hash)).await
    }

    async fn renew(&self, entity: Entity, lease: Lease, until: Timestamp) -> Result<Lease, StoreError> {
        self.run(move |core| core.renew(entity, lease, until)).await
    }

    async fn release(&self, entity: Entity, lease: Lease, now: Timestamp) -> Result<(), StoreError> {
        self.run(move |core| core.release(entity, lease, now)).await
    }

    async fn watermark(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        feed: Feed,
    ) -> Result<Option<Watermark>, StoreError> {
        self.run(move |core| core.watermark(merchant, shop, feed)).await
    }

    async fn link(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        external_id: &ExternalId,
    ) -> Result<Option<Link>, StoreError> {
        let external_id = external_id.clone();
        self.run(move |core| core.link(merchant, shop, kind, &external_id)).await
    }

    async fn links_under(
        &self,
        merchant: MerchantKey,
        shop: ShopKey,
        kind: LinkKind,
        parent: u64,
    ) -> Result<Vec<Link>, StoreError> {
        self.run(move |core| core.links_under(merchant, shop, kind, parent)).await
    }

    async fn open_exceptions_of(&self, entity: Entity) -> Result<Vec<Exception>, StoreError> {
        self.run(move |core| core.open_exceptions_of(entity)).await
    }

    async fn open_exceptions(&self, merchant: MerchantKey) -> Result<Vec<Exception>, StoreError> {
        self.run(move |core| core.open_exceptions(merchant)).await
    }

    async fn depth(&self, merchant: MerchantKey, now: Timestamp) -> Result<Depth, StoreError> {
        self.run(move |core| core.depth(merchant, now)).await
    }

    async fn next_due(&self, merchant: MerchantKey) -> Result<Option<Timestamp>, StoreError> {
        self.run(move |core| core.next_due(merchant)).await
    }

    async fn audit(
        &self,
        merchant: MerchantKey,
        from: u64,
        limit: u32,
    ) -> Result<Vec<ChainedEntry>, StoreError> {
        self.run(move |core| core.audit(merchant, from, limit)).await
    }

    async fn verify_audit(&self, merchant: MerchantKey) -> Result<ChainReport, StoreError> {
        self.run(move |core| core.verify_audit(merchant)).await
    }
}

impl Inbox for FileStore {
    async fn keep(&self, receipt: Receipt, matter: Matter, now: Timestamp) -> Result<Received, StoreError> {
        self.run(move |core| core.keep(&receipt, &matter, now)).await
    }

    async fn set_aside(&self, aside: Aside, now: Timestamp) -> Result<Received, StoreError> {
        self.run(move |core| core.set_aside(&aside, now)).await
    }

    async fn aside(&self, merchant: MerchantKey, from: u64, limit: u32) -> Result<Vec<SetAside>, StoreError> {
        self.run(move |core| core.aside(merchant, from, limit)).await
    }

    async fn forget(
        &self,
        merchant: MerchantKey,
        deliveries_before: Timestamp,
        bodies_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.run(move |core| core.forget_deliveries(merchant, deliveries_before, bodies_before, limit)).await
    }

    async fn waiting_by_lane(&self, merchant: MerchantKey) -> Result<[u64; Lane::ALL.len()], StoreError> {
        self.run(move |core| core.waiting_by_lane(merchant)).await
    }
}

#[cfg(test)]
mod tests;
