//! What tasks hold of the executor: its clock, their runtime and their wakers.
//!
//! Not here: who is polled when ([`super::Executor`]).

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Wake;

use super::timers::{Sleep, Timers};
use crate::domain::Timestamp;
use crate::ports::Runtime;

pub(super) type BoxedTask = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The clock, what is ready, and the timers: what tasks reach through their handles and wakers.
pub(super) struct Shared {
    now: AtomicI64,
    ready: Mutex<Ready>,
    timers: Mutex<Timers>,
}

#[derive(Default)]
pub(super) struct Ready {
    pub(super) queue: Vec<u32>,
    pub(super) slots: Vec<ReadySlot>,
    /// Tasks that were spawned and have no slot yet.
    pub(super) spawned: Vec<Spawned>,
    /// The executor is gone: nothing is taken in any more.
    pub(super) closed: bool,
}

#[derive(Default)]
pub(super) struct ReadySlot {
    pub(super) generation: u32,
    pub(super) queued: bool,
}

pub(super) struct Spawned {
    pub(super) group: u32,
    pub(super) name: &'static str,
    pub(super) task: BoxedTask,
}

impl Shared {
    pub(super) fn new(starts: Timestamp) -> Shared {
        Shared { now: AtomicI64::new(starts.nanos()), ready: Mutex::default(), timers: Mutex::default() }
    }

    pub(super) fn set_now(&self, at: Timestamp) {
        self.now.store(at.nanos(), Ordering::Relaxed);
    }

    pub(super) fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().expect("nothing panics while it holds this lock")
    }

    pub(super) fn timers(&self) -> MutexGuard<'_, Timers> {
        self.timers.lock().expect("nothing panics while it holds this lock")
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.now.load(Ordering::Relaxed))
    }

    pub(super) fn wake(&self, task: u32, generation: u32) {
        let mut ready = self.ready();
        let slot = &mut ready.slots[task as usize];
        // A waker may outlive its task: its slot then has another generation.
        if slot.generation == generation && !slot.queued {
            slot.queued = true;
            ready.queue.push(task);
        }
    }
}

/// A task's waker: made once for a task, cloned by counting.
pub(super) struct Waking {
    pub(super) shared: Arc<Shared>,
    pub(super) task: u32,
    pub(super) generation: u32,
}

impl Wake for Waking {
    fn wake(self: Arc<Self>) {
        self.shared.wake(self.task, self.generation);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.shared.wake(self.task, self.generation);
    }
}

/// Clock, sleep and spawn of one group.
#[derive(Clone)]
pub struct SimRuntime {
    pub(super) shared: Arc<Shared>,
    pub(super) group: u32,
}

impl Runtime for SimRuntime {
    fn now(&self) -> Timestamp {
        self.shared.now()
    }

    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send + 'static {
        Sleep::new(Arc::clone(&self.shared), at)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let name = std::any::type_name_of_val(&task);
        let task: BoxedTask = Box::pin(task);
        let mut ready = self.shared.ready();
        if ready.closed {
            drop(ready);
            drop(task);
        } else {
            ready.spawned.push(Spawned { group: self.group, name, task });
        }
    }
}

impl fmt::Debug for SimRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimRuntime").field("now", &self.now()).finish_non_exhaustive()
    }
}
