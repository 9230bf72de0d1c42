//! The simulation's own executor: one thread, virtual nanoseconds, seeded choice among ready tasks.
//!
//! Lives here: tasks and their groups, the order in which they are polled, and crashes. What tasks hold of it,
//! their runtime and their wakers, is in [`handle`]; timers are in [`timers`]. Not here: who runs in it, and what a crash means for the store (the driver restarts the
//! engine from it).
//!
//! Everything happens on the thread that steps. The handles are `Send` because the engine's futures must be
//! so for production; their locks are never contended and never held across a poll.

mod handle;
mod timers;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::meter::{self, Room};
use super::random::{Domain, Draws, draws};
use crate::domain::Timestamp;
use crate::ports::Runtime;
use handle::{BoxedTask, ReadySlot, Shared, Spawned, Waking};

pub use handle::SimRuntime;
pub use timers::Sleep;

/// Tasks that live and die together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Shoppers, twins, webhook deliveries, weather: what no crash of ours touches.
    World,
    /// One life of the engine. A restart is a new incarnation.
    Engine(u32),
}

/// What one [`Executor::step`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A ready task was polled.
    Polled,
    /// Nothing was ready: the clock moved to the earliest timer.
    Advanced(Timestamp),
    /// The crash that was ordered took place, after the poll that it was ordered for.
    Crashed(Group),
    /// No ready task and no timer: nothing can happen any more.
    Idle,
}

/// Why a run returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// No ready task and no timer is left.
    Idle,
    /// All that is due by the given instant has happened.
    Reached,
    /// An ordered crash dropped the group's tasks. Restart what has to live on, then run again.
    Crashed(Group),
}

/// The run cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecutorError {
    /// Virtual time stands still while tasks wake each other without end.
    #[error("{polls} polls at {at} without end; {task} of {group} was polled most, {polls_of_task} times")]
    Stuck { at: Timestamp, polls: u64, task: &'static str, group: Group, polls_of_task: u64 },
    /// A task that had to end waits for something that nobody will do.
    #[error("{task} waits at {at} for something that never happens")]
    NeverEnds { at: Timestamp, task: &'static str },
}

/// Polls that one instant may hold. A million orders that all wake at once take a few polls each.
const POLLS_AT_ONE_INSTANT_MAX: u64 = 50_000_000;

/// A running task and what is known of it.
struct Running {
    task: BoxedTask,
    waker: Waker,
    group: u32,
    name: &'static str,
    /// Whose time its turns are.
    room: Room,
    /// Polls since the clock last moved; valid while `instant` is the executor's.
    polls: u64,
    instant: u64,
}

struct GroupState {
    group: Group,
    polls: u64,
    crashed: bool,
}

/// Runs tasks to the end of a simulated day. Dropping it drops every task.
pub struct Executor {
    shared: Arc<Shared>,
    tasks: Vec<Option<Running>>,
    free: Vec<u32>,
    groups: Vec<GroupState>,
    choices: Draws,
    polls: u64,
    polls_at_instant: u64,
    polls_at_instant_max: u64,
    /// Counts movements of the clock.
    instant: u64,
    /// Group and the number of its polls after which it crashes.
    crash_ordered: Option<(u32, u64)>,
    due: Vec<Waker>,
}

impl Executor {
    /// The seed decides which of several ready tasks is polled first; `starts` is where the clock stands.
    pub fn new(seed: u64, starts: Timestamp) -> Executor {
        Executor {
            shared: Arc::new(Shared::new(starts)),
            tasks: Vec::new(),
            free: Vec::new(),
            groups: Vec::new(),
            choices: draws(seed, Domain::Schedule, 0, 0, 0),
            polls: 0,
            polls_at_instant: 0,
            polls_at_instant_max: POLLS_AT_ONE_INSTANT_MAX,
            instant: 0,
            crash_ordered: None,
            due: Vec::new(),
        }
    }

    /// The handle by which a group's tasks sleep, read the clock and spawn. After the group has crashed,
    /// what is spawned through it is dropped.
    pub fn runtime(&mut self, group: Group) -> SimRuntime {
        SimRuntime { shared: Arc::clone(&self.shared), group: self.group_index(group) }
    }

    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// Polls since the start, of all groups.
    pub fn polls(&self) -> u64 {
        self.polls
    }

    /// Polls of one group's tasks since the start: the range from which a crash point is drawn.
    pub fn polls_of(&self, group: Group) -> u64 {
        self.groups.iter().find(|known| known.group == group).map_or(0, |known| known.polls)
    }

    /// Tasks that have not ended.
    pub fn tasks(&self) -> usize {
        self.tasks.len() - self.free.len() + self.shared.ready().spawned.len()
    }

    /// The instant of the earliest timer, if there is one.
    pub fn next_timer(&self) -> Option<Timestamp> {
        self.shared.timers().next_at()
    }

    /// How many polls one instant may hold before a run ends as stuck. Default 50 million.
    pub fn limit_polls_at_one_instant(&mut self, polls_max: u64) {
        self.polls_at_instant_max = polls_max;
    }

    /// Orders a crash of the group right after its tasks' `polls`-th poll, counted from the start as
    /// [`Executor::polls_of`] counts. A later order replaces an earlier one.
    pub fn crash_at_poll(&mut self, group: Group, polls: u64) {
        self.crash_ordered = Some((self.group_index(group), polls));
    }

    /// Drops every task of the group, and all that it may still spawn.
    pub fn crash(&mut self, group: Group) {
        let group = self.group_index(group);
        self.groups[group as usize].crashed = true;
        // Destructors may wake, sleep and spawn: they run when no lock is held and the slots are free.
        let mut dropped = Vec::new();
        for index in 0..self.tasks.len() {
            if self.tasks[index].as_ref().is_some_and(|running| running.group == group) {
                dropped.push(self.release(index as u32));
            }
        }
        let (gone, kept) =
            std::mem::take(&mut self.shared.ready().spawned).into_iter().partition(|new| new.group == group);
        self.shared.ready().spawned = kept;
        let gone: Vec<Spawned> = gone;
        drop((dropped, gone));
    }

    /// Polls one ready task, or else moves the clock to the earliest timer.
    ///
    /// # Errors
    /// The bound of polls at one instant is reached.
    pub fn step(&mut self) -> Result<Step, ExecutorError> {
        self.step_until(Timestamp::END).map(|step| step.unwrap_or(Step::Idle))
    }

    /// Lets everything happen that is due up to and including `at`; the clock then shows `at`.
    ///
    /// # Errors
    /// As [`Executor::step`].
    pub fn run_until(&mut self, at: Timestamp) -> Result<Stopped, ExecutorError> {
        match self.run_until_idle_or(at)? {
            Stopped::Crashed(group) => Ok(Stopped::Crashed(group)),
            Stopped::Idle | Stopped::Reached => {
                self.move_clock(at);
                Ok(Stopped::Reached)
            }
        }
    }

    /// As [`Executor::run_until`], but returns when nothing is left to happen, with the clock where it is.
    ///
    /// # Errors
    /// As [`Executor::step`].
    pub fn run_until_idle_or(&mut self, at: Timestamp) -> Result<Stopped, ExecutorError> {
        loop {
            match self.step_until(at)? {
                Some(Step::Polled | Step::Advanced(_)) => {}
                Some(Step::Crashed(group)) => return Ok(Stopped::Crashed(group)),
                Some(Step::Idle) => return Ok(Stopped::Idle),
                None => {
                    self.move_clock(at);
                    return Ok(Stopped::Reached);
                }
            }
        }
    }

    /// Runs one future to its end, with everything else that happens meanwhile.
    ///
    /// # Errors
    /// As [`Executor::step`]; or nothing is left to happen and the future waits still, or its group crashed.
    pub fn complete<T: Send + 'static>(
        &mut self,
        group: Group,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, ExecutorError> {
        let task = std::any::type_name_of_val(&future);
        let result = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&result);
        self.runtime(group).spawn(async move {
            let value = future.await;
            *slot.lock().expect("nothing panics while it holds this lock") = Some(value);
        });
        loop {
            let step = self.step()?;
            if let Some(value) = result.lock().expect("nothing panics while it holds this lock").take() {
                return Ok(value);
            }
            if matches!(step, Step::Idle | Step::Crashed(_)) {
                return Err(ExecutorError::NeverEnds { at: self.now(), task });
            }
        }
    }

    /// `None` when the next timer is later than `at`.
    fn step_until(&mut self, at: Timestamp) -> Result<Option<Step>, ExecutorError> {
        if let Some(index) = self.choose() {
            self.poll(index)?;
            return Ok(Some(self.crash_if_ordered().map_or(Step::Polled, Step::Crashed)));
        }
        let Some(next) = self.next_timer() else { return Ok(Some(Step::Idle)) };
        if next > at {
            return Ok(None);
        }
        self.move_clock(next);
        // All timers of the instant fire together, so that the seed decides among their tasks.
        self.shared.timers().take_due(next, &mut self.due);
        for waker in self.due.drain(..) {
            waker.wake();
        }
        Ok(Some(Step::Advanced(next)))
    }

    fn choose(&mut self) -> Option<u32> {
        let mut ready = self.shared.ready();
        if !ready.spawned.is_empty() {
            let spawned = std::mem::take(&mut ready.spawned);
            drop(ready);
            spawned.into_iter().for_each(|new| self.install(new));
            ready = self.shared.ready();
        }
        let index = match ready.queue.len() {
            0 => return None,
            1 => ready.queue.pop()?,
            many => ready.queue.swap_remove(self.choices.below(many as u64) as usize),
        };
        ready.slots[index as usize].queued = false;
        Some(index)
    }

    fn install(&mut self, new: Spawned) {
        if self.groups[new.group as usize].crashed {
            return;
        }
        let mut ready = self.shared.ready();
        let index = self.free.pop().unwrap_or_else(|| {
            ready.slots.push(ReadySlot::default());
            self.tasks.push(None);
            u32::try_from(self.tasks.len() - 1).expect("memory holds fewer than 2^32 tasks")
        });
        let slot = &mut ready.slots[index as usize];
        slot.queued = true;
        let generation = slot.generation;
        ready.queue.push(index);
        let waking = Waking { shared: Arc::clone(&self.shared), task: index, generation };
        self.tasks[index as usize] = Some(Running {
            task: new.task,
            waker: Waker::from(Arc::new(waking)),
            group: new.group,
            name: new.name,
            room: room_of(self.groups[new.group as usize].group, new.name),
            polls: 0,
            instant: self.instant,
        });
    }

    fn poll(&mut self, index: u32) -> Result<(), ExecutorError> {
        let running = self.tasks[index as usize].as_mut().expect("a queued slot holds a task");
        if running.instant != self.instant {
            running.instant = self.instant;
            running.polls = 0;
        }
        running.polls += 1;
        self.polls += 1;
        self.groups[running.group as usize].polls += 1;
        {
            let _entered = meter::enter(running.room);
            let done = running.task.as_mut().poll(&mut Context::from_waker(&running.waker)).is_ready();
            if done {
                drop(self.release(index));
            }
        }
        self.polls_at_instant += 1;
        if self.polls_at_instant > self.polls_at_instant_max {
            return Err(self.stuck());
        }
        Ok(())
    }

    fn stuck(&self) -> ExecutorError {
        let here = self.tasks.iter().flatten().filter(|running| running.instant == self.instant);
        let worst = here.max_by_key(|running| running.polls);
        ExecutorError::Stuck {
            at: self.now(),
            polls: self.polls_at_instant,
            task: worst.map_or("tasks that spawn others", |running| running.name),
            group: worst.map_or(Group::World, |running| self.groups[running.group as usize].group),
            polls_of_task: worst.map_or(0, |running| running.polls),
        }
    }

    /// Frees the slot and hands out what was in it, to be dropped when nothing is borrowed.
    fn release(&mut self, index: u32) -> Running {
        let mut ready = self.shared.ready();
        let slot = &mut ready.slots[index as usize];
        slot.generation = slot.generation.wrapping_add(1);
        if std::mem::take(&mut slot.queued) {
            ready.queue.retain(|queued| *queued != index);
        }
        drop(ready);
        self.free.push(index);
        self.tasks[index as usize].take().expect("a slot is released once")
    }

    fn crash_if_ordered(&mut self) -> Option<Group> {
        let (index, polls) = self.crash_ordered?;
        let state = &self.groups[index as usize];
        if state.polls < polls {
            return None;
        }
        let group = state.group;
        self.crash_ordered = None;
        self.crash(group);
        Some(group)
    }

    fn move_clock(&mut self, at: Timestamp) {
        if at > self.now() {
            self.shared.set_now(at);
            self.instant += 1;
            self.polls_at_instant = 0;
        }
    }

    fn group_index(&mut self, group: Group) -> u32 {
        let at = self.groups.iter().position(|known| known.group == group).unwrap_or_else(|| {
            self.groups.push(GroupState { group, polls: 0, crashed: false });
            self.groups.len() - 1
        });
        u32::try_from(at).expect("a run has fewer than 2^32 incarnations")
    }
}

/// The store closes its groups in tasks of the engine.
fn room_of(group: Group, task: &str) -> Room {
    match group {
        Group::World => Room::World,
        Group::Engine(_) if task.starts_with(STORE) => Room::Store,
        Group::Engine(_) => Room::Engine,
    }
}

/// What the names of the store's tasks begin with.
const STORE: &str = concat!(env!("CARGO_CRATE_NAME"), "::store::");

impl Drop for Executor {
    fn drop(&mut self) {
        // Timers hold wakers and spawned tasks hold handles, which hold what they are kept in.
        let mut ready = self.shared.ready();
        ready.closed = true;
        let spawned = std::mem::take(&mut ready.spawned);
        drop(ready);
        let wakers = self.shared.timers().close();
        drop((spawned, wakers));
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Group::World => f.write_str("the world"),
            Group::Engine(incarnation) => write!(f, "engine {incarnation}"),
        }
    }
}

/// Lets every other ready task have its turn first.
pub fn yield_now() -> impl Future<Output = ()> + Send + 'static {
    let mut yielded = false;
    std::future::poll_fn(move |context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

#[cfg(test)]
mod tests;
