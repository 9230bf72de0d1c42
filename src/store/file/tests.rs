use std::path::PathBuf;

use super::FileStore;
use crate::domain::{Flow, Lane, Timestamp};
use crate::ports::Entity;
use crate::ports::store::{Cause, Hint, Store, StoreError};

fn hint(record: u64) -> Hint {
    let entity =
        Entity { merchant: "acme".parse().unwrap(), shop: "fr".parse().unwrap(), flow: Flow::Order, record };
    Hint { entity, lane: Lane::Orders, version: Timestamp::ORIGIN, cause: Cause::Delivery }
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn w10_a_disk_that_runs_full_fails_the_operation_and_the_writer_goes_on() {
    let folder = Folder(std::env::temp_dir().join(format!("plimsoll-full-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let now = Timestamp::from_seconds(1_000);
        let store = FileStore::open(&folder.0.join("plimsoll.db")).unwrap();
        store.record(&[hint(1)], None, now).await.unwrap();
        store.run(|core| core.limit_pages(1)).await.unwrap();
        let flood: Vec<_> = (2..2_000).map(hint).collect();
        let refused = store.record(&flood, None, now).await;
        assert!(matches!(refused, Err(StoreError::Failed { .. })), "{refused:?}");
        assert_eq!(store.depth(hint(1).entity.merchant, now).await.unwrap().due, 1);
        store.run(|core| core.limit_pages(u32::MAX)).await.unwrap();
        store.record(&flood, None, now).await.unwrap();
        assert_eq!(store.depth(hint(1).entity.merchant, now).await.unwrap().due, 1_999);
    });
}
