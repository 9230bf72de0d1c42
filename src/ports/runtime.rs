//! Clock, sleep and spawn: the executor of the simulation, or tokio.

use std::future::Future;

use crate::domain::{Duration, Timestamp};

pub trait Runtime: Clone + Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Resolves at that instant; at once if it has passed.
    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send + 'static;

    fn sleep(&self, length: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.sleep_until(self.now().plus(length))
    }

    /// Runs the task beside its parent. It ends by itself, or with the engine.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
}
