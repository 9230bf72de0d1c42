//! Timers of the simulation's executor: a heap of instants, and the future that waits for one.
//!
//! Not here: when they are looked at ([`super::Executor::step`]).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::handle::Shared;
use crate::domain::Timestamp;

/// Instant, sequence number and slot in one word that orders as they do: 64, 40 and 24 bits.
///
/// 2^40 timers last for a hundred thousand days of a million orders; 2^24 pending ones are four gigabytes of
/// tasks.
type Entry = u128;

const SLOT_BITS: u32 = 24;
const SEQUENCE_BITS: u32 = 40;

#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
    slots: Vec<TimerSlot>,
    free: Vec<u32>,
    sequence: u64,
    /// Entries of the heap whose sleeper is gone.
    stale: usize,
    closed: bool,
}

struct TimerSlot {
    /// The timer that holds the slot; 0 when it is free.
    sequence: u64,
    waker: Option<Waker>,
}

fn entry(at: Timestamp, sequence: u64, slot: u32) -> Entry {
    // Flipping the sign bit makes negative instants sort first as unsigned numbers.
    let at = at.nanos() as u64 ^ (1 << 63);
    (u128::from(at) << 64) | (u128::from(sequence) << SLOT_BITS) | u128::from(slot)
}

fn instant_of(entry: Entry) -> Timestamp {
    Timestamp::from_nanos(((entry >> 64) as u64 ^ (1 << 63)) as i64)
}

fn slot_and_sequence_of(entry: Entry) -> (usize, u64) {
    let low = entry as u64;
    ((low & ((1 << SLOT_BITS) - 1)) as usize, low >> SLOT_BITS)
}

impl Timers {
    pub(super) fn next_at(&mut self) -> Option<Timestamp> {
        while let Some(Reverse(first)) = self.heap.peek().copied() {
            if self.holds(first) {
                return Some(instant_of(first));
            }
            self.heap.pop();
            self.stale -= 1;
        }
        None
    }

    /// Moves the wakers of all timers due at `at` into `due`, in the order in which they were set.
    pub(super) fn take_due(&mut self, at: Timestamp, due: &mut Vec<Waker>) {
        while let Some(Reverse(first)) = self.heap.peek().copied() {
            if instant_of(first) > at {
                return;
            }
            self.heap.pop();
            let (slot, _) = slot_and_sequence_of(first);
            if self.holds(first) {
                due.extend(self.free_slot(slot));
            } else {
                self.stale -= 1;
            }
        }
    }

    /// Ends all timers; their wakers are handed out to be dropped without the lock.
    pub(super) fn close(&mut self) -> Vec<Waker> {
        self.closed = true;
        self.heap.clear();
        self.free.clear();
        std::mem::take(&mut self.slots).into_iter().filter_map(|slot| slot.waker).collect()
    }

    fn set(&mut self, at: Timestamp, waker: Waker) -> Option<(u32, u64)> {
        if self.closed {
            return None;
        }
        self.sequence += 1;
        assert!(self.sequence < 1 << SEQUENCE_BITS, "a run sets fewer than 2^40 timers");
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(TimerSlot { sequence: 0, waker: None });
            (self.slots.len() - 1) as u32
        });
        assert!(slot < 1 << SLOT_BITS, "fewer than 2^24 timers are pending");
        self.slots[slot as usize] = TimerSlot { sequence: self.sequence, waker: Some(waker) };
        self.heap.push(Reverse(entry(at, self.sequence, slot)));
        Some((slot, self.sequence))
    }

    /// The waker of a timer that is pending.
    fn waker_of(&mut self, slot: u32, sequence: u64) -> Option<&mut Option<Waker>> {
        self.slots.get_mut(slot as usize).filter(|held| held.sequence == sequence).map(|held| &mut held.waker)
    }

    /// Takes a timer back; its waker is handed out to be dropped without the lock.
    fn cancel(&mut self, slot: u32, sequence: u64) -> Option<Waker> {
        self.waker_of(slot, sequence)?;
        let waker = self.free_slot(slot as usize);
        self.stale += 1;
        // Timeouts are mostly cancelled: without this, each would stay in the heap until its instant.
        if self.stale > 1_024 && self.stale > self.heap.len() / 2 {
            let slots = &self.slots;
            self.heap.retain(|Reverse(entry)| holds(slots, *entry));
            self.stale = 0;
        }
        waker
    }

    fn free_slot(&mut self, slot: usize) -> Option<Waker> {
        let held = &mut self.slots[slot];
        held.sequence = 0;
        self.free.push(slot as u32);
        held.waker.take()
    }

    fn holds(&self, entry: Entry) -> bool {
        holds(&self.slots, entry)
    }
}

fn holds(slots: &[TimerSlot], entry: Entry) -> bool {
    let (slot, sequence) = slot_and_sequence_of(entry);
    slots[slot].sequence == sequence
}

/// Waits for an instant of virtual time.
pub struct Sleep {
    shared: Arc<Shared>,
    at: Timestamp,
    set: Option<(u32, u64)>,
}

impl Sleep {
    pub(super) fn new(shared: Arc<Shared>, at: Timestamp) -> Sleep {
        Sleep { shared, at, set: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.shared.now() >= self.at {
            return Poll::Ready(());
        }
        let mut replaced = None;
        let mut timers = self.shared.timers();
        let set = match self.set {
            None => timers.set(self.at, context.waker().clone()),
            Some((slot, sequence)) => {
                if let Some(Some(waker)) = timers.waker_of(slot, sequence)
                    && !waker.will_wake(context.waker())
                {
                    replaced = Some(std::mem::replace(waker, context.waker().clone()));
                }
                self.set
            }
        };
        drop(timers);
        drop(replaced);
        self.set = set;
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some((slot, sequence)) = self.set
            && self.shared.now() < self.at
        {
            let waker = self.shared.timers().cancel(slot, sequence);
            drop(waker);
        }
    }
}
