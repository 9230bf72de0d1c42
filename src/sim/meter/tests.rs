use std::cell::Cell;
use std::pin::pin;

use super::{Room, enter, start, within};
use crate::sim::rehearsal::at_once;

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
}

fn clock() -> u64 {
    NOW.get()
}

fn pass_time(nanoseconds: u64) {
    NOW.set(NOW.get() + nanoseconds);
}

#[test]
fn time_is_the_innermost_rooms() {
    let metering = start(clock);
    pass_time(1);
    {
        let _engine = enter(Room::Engine);
        pass_time(10);
        at_once(within(Room::Store, pin!(async { pass_time(100) })));
        pass_time(1_000);
    }
    pass_time(2);
    let spent = metering.finish();
    let told = Room::ALL.map(|room| (room.name(), spent.of(room)));
    assert_eq!(told, [("store", 100), ("twins", 0), ("engine", 1_010), ("oracle", 0), ("world", 3)]);
    assert_eq!(spent.all(), 1_113);
}

#[test]
fn nothing_is_kept_when_nobody_asked() {
    drop(start(clock));
    let _twins = enter(Room::Twins);
    pass_time(5);
    assert_eq!(start(clock).finish().all(), 0);
}
