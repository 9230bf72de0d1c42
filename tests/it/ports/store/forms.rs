//! The two forms of the store, made ready for a case, and what is promised by one of them only.

use std::future::Future;
use std::path::{Path, PathBuf};

use plimsoll::domain::{Duration, Timestamp};
use plimsoll::ports::Runtime;
use plimsoll::ports::store::{Depth, ExceptionKey, Outcome, Store, StoreError};
use plimsoll::store::{ExceptionChange, FileStore, GroupLimits, InlineStore, OpenError};

use super::{at, claim_all, claim_one, merchant, records, step, unversioned};

/// What the cases ask of a form beside the port.
pub trait Form: Store + Clone + 'static {
    fn history(&self, key: ExceptionKey) -> impl Future<Output = Vec<ExceptionChange>> + Send;
}

impl<R: Runtime> Form for InlineStore<R> {
    async fn history(&self, key: ExceptionKey) -> Vec<ExceptionChange> {
        self.exception_history(key).unwrap()
    }
}

impl Form for FileStore {
    async fn history(&self, key: ExceptionKey) -> Vec<ExceptionChange> {
        self.exception_history(key).await.unwrap()
    }
}

/// Paused tokio: time moves on when every task waits.
#[derive(Clone)]
pub struct Paused {
    began: tokio::time::Instant,
}

impl Runtime for Paused {
    fn now(&self) -> Timestamp {
        at(0).plus(Duration::from_nanos(self.began.elapsed().as_nanos() as u64))
    }

    fn sleep_until(&self, until: Timestamp) -> impl Future<Output = ()> + Send + 'static {
        let until = self.began + until.since(at(0)).to_std();
        #[expect(clippy::disallowed_methods, reason = "this is the Runtime port")]
        tokio::time::sleep_until(until)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        #[expect(clippy::disallowed_methods, reason = "this is the Runtime port")]
        tokio::spawn(task);
    }
}

fn block_on<T>(task: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap().block_on(task)
}

fn inline(operations_max: u32) -> InlineStore<Paused> {
    let limits = GroupLimits { operations_max, wait_max: Duration::from_millis(10) };
    InlineStore::in_memory(Paused { began: tokio::time::Instant::now() }, limits).unwrap()
}

pub fn on_inline<F: Future<Output = ()>>(case: impl FnOnce(InlineStore<Paused>) -> F) {
    block_on(async { case(inline(4)).await });
}

pub fn on_file<F: Future<Output = ()>>(name: &str, case: impl FnOnce(FileStore) -> F) {
    let folder = Folder::new(name);
    block_on(case(FileStore::open(&folder.store()).unwrap()));
}

/// A folder of one test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("store-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn store(&self) -> PathBuf {
        self.0.join("plimsoll.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn a_full_group_is_durable_at_once_and_an_open_one_when_its_time_is_up() {
    block_on(async {
        let store = inline(2);
        let began = tokio::time::Instant::now();
        let (one, two) = (unversioned(1), unversioned(2));
        let (one, two) = ([one], [two]);
        let (first, second) = tokio::join!(store.record(&one, None, at(0)), store.record(&two, None, at(0)));
        first.unwrap();
        second.unwrap();
        assert!(began.elapsed().is_zero());
        store.record(&[unversioned(3)], None, at(0)).await.unwrap();
        assert_eq!(began.elapsed().as_millis(), 10);
    });
}

#[test]
fn a_discarded_group_leaves_no_trace_and_tells_those_who_waited() {
    block_on(async {
        let store = inline(100);
        store.record(&[unversioned(1)], None, at(0)).await.unwrap();
        let claim = claim_one(&store, at(0)).await;
        let crash = async {
            tokio::task::yield_now().await;
            assert_eq!(store.depth(merchant(), at(0)).await.unwrap().leased, 0, "reads see the open group");
            store.discard_open_group();
        };
        let committed = store.commit(step(&claim, Outcome::Done), at(0));
        let (committed, ()) = tokio::join!(committed, crash);
        assert!(matches!(committed, Err(StoreError::Failed { .. })), "{committed:?}");

        let reborn = store.with_runtime(Paused { began: tokio::time::Instant::now() });
        assert_eq!(reborn.audit(merchant(), 1, 10).await.unwrap(), []);
        assert_eq!(reborn.depth(merchant(), at(0)).await.unwrap(), Depth { due: 0, waiting: 0, leased: 1 });
        let again = claim_one(&reborn, at(60)).await;
        assert!(again.lease.fencing > claim.lease.fencing);
        reborn.commit(step(&again, Outcome::Done), at(61)).await.unwrap();
        assert_eq!(reborn.verify_audit(merchant()).await.unwrap().entries, 1);
    });
}

#[test]
fn a_damaged_audit_entry_is_located() {
    block_on(async {
        let store = inline(1);
        store.record(&[unversioned(1), unversioned(2), unversioned(3)], None, at(0)).await.unwrap();
        for claim in claim_all(&store, at(0)).await {
            store.commit(step(&claim, Outcome::Done), at(1)).await.unwrap();
        }
        assert_eq!(store.verify_audit(merchant()).await.unwrap().broken_at, None);
        store.damage_audit_entry(merchant(), 2).unwrap();
        assert_eq!(store.verify_audit(merchant()).await.unwrap().broken_at, Some(2));
    });
}

#[test]
fn a_file_survives_being_closed_and_shuts_others_out_while_open() {
    let folder = Folder::new("reopen");
    block_on(async {
        let store = FileStore::open(&folder.store()).unwrap();
        assert!(matches!(FileStore::open(&folder.store()), Err(OpenError::InUse { .. })));
        store.record(&[unversioned(1), unversioned(2)], None, at(0)).await.unwrap();
        let claims = claim_all(&store, at(0)).await;
        store.commit(step(&claims[0], Outcome::Done), at(1)).await.unwrap();
        drop(store);

        let store = FileStore::open(&folder.store()).unwrap();
        assert_eq!(store.depth(merchant(), at(1)).await.unwrap(), Depth { due: 0, waiting: 0, leased: 1 });
        let again = claim_all(&store, at(60)).await;
        assert_eq!(records(&again), [2]);
        assert!(again[0].lease.fencing > claims[1].lease.fencing);
        store.commit(step(&again[0], Outcome::Done), at(61)).await.unwrap();
        assert_eq!(store.verify_audit(merchant()).await.unwrap().entries, 2);
    });
}

#[test]
fn an_audit_chain_that_was_tampered_with_on_disk_is_found_broken() {
    for (case, sql, broken_at) in [
        ("altered", "UPDATE audit SET actions = 'nothing' WHERE sequence = 2", 2),
        ("forged", "UPDATE audit SET hash = zeroblob(32) WHERE sequence = 1", 1),
        ("removed", "DELETE FROM audit WHERE sequence = 2", 2),
        ("cut", "DELETE FROM audit WHERE sequence = 3", 3),
        ("moved", "UPDATE audit SET record = 9 WHERE sequence = 3", 3),
    ] {
        let folder = Folder::new(case);
        block_on(async {
            let store = FileStore::open(&folder.store()).unwrap();
            store.record(&[unversioned(1), unversioned(2), unversioned(3)], None, at(0)).await.unwrap();
            for claim in claim_all(&store, at(0)).await {
                store.commit(step(&claim, Outcome::Done), at(1)).await.unwrap();
            }
        });
        rusqlite::Connection::open(folder.store()).unwrap().execute(sql, []).unwrap();
        block_on(async {
            let store = FileStore::open(&folder.store()).unwrap();
            assert_eq!(store.verify_audit(merchant()).await.unwrap().broken_at, Some(broken_at), "{case}");
        });
    }
}

#[test]
fn a_full_disk_fails_what_waited_and_harms_nothing_that_was_durable() {
    block_on(async {
        let store = inline(1);
        store.record(&[unversioned(1)], None, at(0)).await.unwrap();
        store.limit_pages(1).unwrap();
        let flood: Vec<_> = (2..2_000).map(unversioned).collect();
        let refused = store.record(&flood, None, at(0)).await;
        assert!(matches!(refused, Err(StoreError::Failed { .. })), "{refused:?}");
        assert_eq!(store.depth(merchant(), at(0)).await.unwrap().due, 1);
        store.limit_pages(u32::MAX).unwrap();
        store.record(&flood, None, at(0)).await.unwrap();
        assert_eq!(store.depth(merchant(), at(0)).await.unwrap().due, 1_999);
    });
}
