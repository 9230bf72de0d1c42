//! Where the time of a run goes, by room: the store, the twins, the engine, the oracle, and the world with all else.
//!
//! Lives here: an account of the thread that runs, kept as it passes from room to room. It reads the clock that it is
//! given and nothing is decided by what it says, so a run with it is the run without it. Not here: the clock itself
//! (the commands have it), what people are shown (`report`).
//!
//! Off, an entry costs the look at one cell.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

/// Nanoseconds since some instant of its own.
pub type Clock = fn() -> u64;

/// Whose time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// SQLite and what stands around it.
    Store,
    /// Both platforms, while they answer the engine.
    Twins,
    /// The engine with its clients.
    Engine,
    /// The books as they must be, and the audit at rest.
    Oracle,
    /// Shoppers, staff and the warehouse with what they do on the platforms; transport, weather, the executor.
    World,
}

impl Room {
    pub const ALL: [Room; 5] = [Room::Store, Room::Twins, Room::Engine, Room::Oracle, Room::World];

    pub const fn name(self) -> &'static str {
        match self {
            Room::Store => "store",
            Room::Twins => "twins",
            Room::Engine => "engine",
            Room::Oracle => "oracle",
            Room::World => "world",
        }
    }
}

/// What each room took, in nanoseconds of the thread that ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent([u64; Room::ALL.len()]);

impl Spent {
    pub fn of(&self, room: Room) -> u64 {
        self.0[room as usize]
    }

    pub fn all(&self) -> u64 {
        self.0.iter().sum()
    }
}

thread_local! {
    static ACCOUNT: Cell<Option<Account>> = const { Cell::new(None) };
}

#[derive(Clone, Copy)]
struct Account {
    clock: Clock,
    room: Room,
    since: u64,
    spent: Spent,
}

impl Account {
    /// The room to come takes over; the one before it is handed out.
    fn pass(&mut self, to: Room) -> Room {
        let now = (self.clock)();
        self.spent.0[self.room as usize] += now.saturating_sub(self.since);
        self.since = now;
        std::mem::replace(&mut self.room, to)
    }
}

/// The account of this thread is open as long as this lives.
#[derive(Debug)]
pub struct Metering(());

/// Opens the account of this thread, which stands in the world.
pub fn start(clock: Clock) -> Metering {
    ACCOUNT.set(Some(Account { clock, room: Room::World, since: clock(), spent: Spent::default() }));
    Metering(())
}

impl Metering {
    /// Closes the account and says what it came to.
    pub fn finish(self) -> Spent {
        let account = ACCOUNT.take();
        account.map_or(Spent::default(), |mut account| {
            account.pass(Room::World);
            account.spent
        })
    }
}

impl Drop for Metering {
    fn drop(&mut self) {
        ACCOUNT.set(None);
    }
}

/// Time is the room's as long as this lives.
#[derive(Debug)]
pub struct Entered(Option<Room>);

pub fn enter(room: Room) -> Entered {
    Entered(pass(room))
}

fn pass(to: Room) -> Option<Room> {
    let mut account = ACCOUNT.get()?;
    let before = account.pass(to);
    ACCOUNT.set(Some(account));
    Some(before)
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            pass(before);
        }
    }
}

/// The future, whose turns are the room's.
pub fn within<T>(room: Room, mut future: Pin<&mut impl Future<Output = T>>) -> impl Future<Output = T> {
    std::future::poll_fn(move |context| {
        let _entered = enter(room);
        future.as_mut().poll(context)
    })
}

#[cfg(test)]
mod tests;
