//! A store that fails, or takes its time, when it is told to.

use std::sync::{Arc, Mutex};

use plimsoll::domain::{Lane, MerchantKey, Timestamp};
use plimsoll::ports::Inbox;
use plimsoll::ports::inbox::{Aside, Matter, Receipt, Received, SetAside};
use plimsoll::ports::store::StoreError;
use tokio::sync::Semaphore;

#[derive(Clone)]
pub struct Moody {
    failing: Arc<Mutex<bool>>,
    /// One commit ends for each permit.
    pub gate: Arc<Semaphore>,
    pub kept: Arc<Mutex<Vec<Receipt>>>,
}

impl Moody {
    pub fn new(permits: usize) -> Moody {
        Moody { failing: Arc::default(), gate: Arc::new(Semaphore::new(permits)), kept: Arc::default() }
    }

    pub fn fail(&self, failing: bool) {
        *self.failing.lock().unwrap() = failing;
    }

    fn outcome<T>(&self, value: T) -> Result<T, StoreError> {
        if *self.failing.lock().unwrap() {
            return Err(StoreError::Failed { reason: "database or disk is full".to_owned() });
        }
        Ok(value)
    }
}

impl Inbox for Moody {
    async fn keep(&self, receipt: Receipt, _: Matter, _: Timestamp) -> Result<Received, StoreError> {
        self.gate.acquire().await.unwrap().forget();
        let kept = self.outcome(Received::Kept)?;
        self.kept.lock().unwrap().push(receipt);
        Ok(kept)
    }

    async fn set_aside(&self, _: Aside, _: Timestamp) -> Result<Received, StoreError> {
        self.outcome(Received::Kept)
    }

    async fn aside(&self, _: MerchantKey, _: u64, _: u32) -> Result<Vec<SetAside>, StoreError> {
        self.outcome(vec![])
    }

    async fn forget(&self, _: MerchantKey, _: Timestamp, _: Timestamp, _: u32) -> Result<u64, StoreError> {
        self.outcome(0)
    }

    async fn waiting_by_lane(&self, _: MerchantKey) -> Result<[u64; Lane::ALL.len()], StoreError> {
        Ok([0; Lane::ALL.len()])
    }
}
