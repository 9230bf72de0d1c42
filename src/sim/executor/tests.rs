use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::domain::Duration;

const START: Timestamp = Timestamp::from_seconds(1_795_755_600);

fn after(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

type Log<T> = Arc<Mutex<Vec<T>>>;

fn log<T>() -> Log<T> {
    Arc::new(Mutex::new(Vec::new()))
}

/// The order in which twenty tasks that share their instants take ten turns each.
fn schedule(seed: u64) -> Vec<(u32, i64)> {
    let mut executor = Executor::new(seed, START);
    let runtime = executor.runtime(Group::World);
    let seen = log();
    for task in 0..20 {
        let (own, seen) = (runtime.clone(), Arc::clone(&seen));
        runtime.spawn(async move {
            for turn in 1..=10 {
                own.sleep_until(after(turn)).await;
                seen.lock().unwrap().push((task, own.now().nanos()));
            }
        });
    }
    assert_eq!(executor.run_until_idle_or(Timestamp::END).unwrap(), Stopped::Idle);
    let seen = seen.lock().unwrap();
    seen.clone()
}

#[test]
fn same_seed_same_schedule_and_another_seed_another() {
    assert_eq!(schedule(1), schedule(1));
    assert_ne!(schedule(1), schedule(2));
    assert!(schedule(3).is_sorted_by_key(|(_, at)| *at));
    assert_eq!(schedule(3).len(), 200);
}

#[test]
fn clock_moves_only_to_timers_and_to_the_end_of_a_run() {
    let mut executor = Executor::new(0, START);
    let runtime = executor.runtime(Group::World);
    let (own, seen) = (runtime.clone(), log());
    let write = Arc::clone(&seen);
    runtime.spawn(async move {
        own.sleep(Duration::from_secs(5)).await;
        write.lock().unwrap().push(own.now());
        own.sleep_until(START).await;
        write.lock().unwrap().push(own.now());
    });
    assert_eq!(executor.run_until(after(4)).unwrap(), Stopped::Reached);
    assert_eq!((executor.now(), executor.next_timer()), (after(4), Some(after(5))));
    assert_eq!(executor.run_until_idle_or(after(100)).unwrap(), Stopped::Idle);
    assert_eq!((executor.now(), executor.tasks()), (after(5), 0));
    assert_eq!(*seen.lock().unwrap(), [after(5), after(5)]);
    assert_eq!(executor.run_until(after(100)).unwrap(), Stopped::Reached);
    assert_eq!(executor.now(), after(100));
}

#[test]
fn instants_before_1970_come_first() {
    let mut executor = Executor::new(0, Timestamp::from_nanos(-10));
    let runtime = executor.runtime(Group::World);
    let seen = log();
    for at in [5, -5, 0] {
        let (own, seen) = (runtime.clone(), Arc::clone(&seen));
        runtime.spawn(async move {
            own.sleep_until(Timestamp::from_nanos(at)).await;
            seen.lock().unwrap().push(at);
        });
    }
    executor.run_until(Timestamp::from_nanos(10)).unwrap();
    assert_eq!(*seen.lock().unwrap(), [-5, 0, 5]);
}

#[test]
fn a_timer_that_was_taken_back_does_not_move_the_clock() {
    let mut executor = Executor::new(0, START);
    let runtime = executor.runtime(Group::World);
    let own = runtime.clone();
    runtime.spawn(async move {
        for _ in 0..5_000 {
            let mut timeout = Box::pin(own.sleep(Duration::from_hours(24)));
            // Polled once, so that it is set, then dropped.
            std::future::poll_fn(|context| {
                assert!(timeout.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
        }
    });
    assert_eq!(executor.run_until_idle_or(Timestamp::END).unwrap(), Stopped::Idle);
    assert_eq!((executor.now(), executor.next_timer()), (START, None));
}

/// Says when it is dropped.
struct Dropped(Arc<AtomicU32>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn crash_drops_the_group_and_nothing_else() {
    let mut executor = Executor::new(9, START);
    let (world, engine) = (executor.runtime(Group::World), executor.runtime(Group::Engine(1)));
    let (lost, kept) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    for (runtime, count) in [(&world, &kept), (&engine, &lost)] {
        for _ in 0..10 {
            let (own, held) = (runtime.clone(), Dropped(Arc::clone(count)));
            runtime.spawn(async move {
                own.sleep(Duration::from_secs(10)).await;
                drop(held);
            });
        }
    }
    executor.run_until(after(1)).unwrap();
    // One that was spawned and never polled is dropped as well.
    let held = Dropped(Arc::clone(&lost));
    engine.spawn(async move { drop(held) });
    executor.crash(Group::Engine(1));
    assert_eq!((lost.load(Ordering::Relaxed), kept.load(Ordering::Relaxed)), (11, 0));
    assert_eq!(executor.tasks(), 10);
    // The dead incarnation takes in nothing more; the next one does.
    let held = Dropped(Arc::clone(&lost));
    engine.spawn(async move {
        std::future::pending::<()>().await;
        drop(held);
    });
    let restarted = executor.runtime(Group::Engine(2));
    let seen = log();
    let (own, write) = (restarted.clone(), Arc::clone(&seen));
    restarted.spawn(async move {
        own.sleep(Duration::from_secs(1)).await;
        write.lock().unwrap().push(own.now());
    });
    assert_eq!(executor.run_until_idle_or(Timestamp::END).unwrap(), Stopped::Idle);
    assert_eq!((lost.load(Ordering::Relaxed), kept.load(Ordering::Relaxed)), (12, 10));
    assert_eq!(*seen.lock().unwrap(), [after(2)]);
}

#[test]
fn an_ordered_crash_comes_after_exactly_that_poll() {
    for ordered in 1..=30 {
        let mut executor = Executor::new(ordered, START);
        let engine = executor.runtime(Group::Engine(1));
        let world = executor.runtime(Group::World);
        for runtime in [&engine, &world] {
            for _ in 0..5 {
                let own = runtime.clone();
                runtime.spawn(async move {
                    for _ in 0..10 {
                        own.sleep(Duration::from_secs(1)).await;
                    }
                });
            }
        }
        executor.crash_at_poll(Group::Engine(1), ordered);
        let stopped = executor.run_until(after(100)).unwrap();
        assert_eq!(stopped, Stopped::Crashed(Group::Engine(1)));
        assert_eq!((executor.polls_of(Group::Engine(1)), executor.tasks()), (ordered, 5));
        assert_eq!(executor.run_until(after(100)).unwrap(), Stopped::Reached);
        assert_eq!(executor.polls_of(Group::World), 55);
    }
}

#[test]
fn a_waker_may_outlive_its_task_and_the_executor() {
    let mut executor = Executor::new(0, START);
    let runtime = executor.runtime(Group::Engine(1));
    let wakers: Log<Waker> = log();
    let keep = Arc::clone(&wakers);
    runtime.spawn(std::future::poll_fn(move |context| {
        keep.lock().unwrap().push(context.waker().clone());
        Poll::<()>::Pending
    }));
    executor.run_until(after(1)).unwrap();
    executor.crash(Group::Engine(1));
    // The slot has a new tenant, who is not to be woken by the old waker.
    let tenant = executor.runtime(Group::Engine(2));
    let polls = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&polls);
    tenant.spawn(std::future::poll_fn(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        Poll::<()>::Pending
    }));
    executor.run_until(after(2)).unwrap();
    wakers.lock().unwrap()[0].wake_by_ref();
    executor.run_until(after(3)).unwrap();
    assert_eq!(polls.load(Ordering::Relaxed), 1);
    drop(executor);
    wakers.lock().unwrap()[0].wake_by_ref();
    runtime.spawn(async {});
}

#[test]
fn a_sleep_follows_the_task_that_polls_it() {
    let mut executor = Executor::new(0, START);
    let runtime = executor.runtime(Group::World);
    let handed: Arc<Mutex<Option<Pin<Box<Sleep>>>>> = Arc::default();
    let (own, give) = (runtime.clone(), Arc::clone(&handed));
    runtime.spawn(async move {
        let mut sleep = Box::pin(Sleep::new(Arc::clone(&own.shared), after(5)));
        std::future::poll_fn(|context| {
            assert!(sleep.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        *give.lock().unwrap() = Some(sleep);
    });
    let (own, seen) = (runtime.clone(), log());
    let write = Arc::clone(&seen);
    runtime.spawn(async move {
        own.sleep(Duration::from_secs(1)).await;
        let sleep = handed.lock().unwrap().take().unwrap();
        sleep.await;
        write.lock().unwrap().push(own.now());
    });
    executor.run_until(after(10)).unwrap();
    assert_eq!(*seen.lock().unwrap(), [after(5)]);
}

#[test]
fn a_task_that_never_lets_time_pass_is_named() {
    let mut executor = Executor::new(0, START);
    executor.limit_polls_at_one_instant(1_000);
    let runtime = executor.runtime(Group::Engine(4));
    async fn spins_for_ever() {
        loop {
            yield_now().await;
        }
    }
    runtime.spawn(async {});
    runtime.spawn(spins_for_ever());
    let Err(ExecutorError::Stuck { task, group, polls_of_task, .. }) = executor.run_until(after(1)) else {
        panic!("a spinning task ended");
    };
    assert!(task.contains("spins_for_ever"), "{task}");
    assert_eq!((group, polls_of_task), (Group::Engine(4), 1_000));
}

#[test]
fn a_future_runs_to_its_end_or_is_known_never_to_end() {
    let mut executor = Executor::new(0, START);
    let own = executor.runtime(Group::World);
    let waits = async move {
        own.sleep(Duration::from_secs(3)).await;
        own.now()
    };
    assert_eq!(executor.complete(Group::World, waits).unwrap(), after(3));
    let never = executor.complete(Group::World, std::future::pending::<()>());
    assert!(matches!(never, Err(ExecutorError::NeverEnds { .. })));
}

/// Hundreds of tasks that sleep, spawn, take timeouts back and crash: nothing may panic, deadlock or leak.
#[test]
fn destructors_may_spawn_sleep_and_wake_while_the_engine_crashes() {
    struct Unruly(SimRuntime, Option<Waker>);
    impl Drop for Unruly {
        fn drop(&mut self) {
            let own = self.0.clone();
            self.0.spawn(async move { own.sleep(Duration::from_secs(1)).await });
            self.1.take().into_iter().for_each(Waker::wake);
        }
    }
    for seed in 0..50 {
        let mut executor = Executor::new(seed, START);
        let world = executor.runtime(Group::World);
        for incarnation in 0..4 {
            let engine = executor.runtime(Group::Engine(incarnation));
            for task in 0..20 {
                let (own, world) = (engine.clone(), world.clone());
                engine.spawn(async move {
                    let waker = std::future::poll_fn(|context| Poll::Ready(context.waker().clone())).await;
                    let _unruly = Unruly(if task % 2 == 0 { own.clone() } else { world }, Some(waker));
                    loop {
                        own.sleep(Duration::from_millis(task + 1)).await;
                        yield_now().await;
                    }
                });
            }
            executor.crash_at_poll(Group::Engine(incarnation), 1 + seed * 7);
            let stopped = executor.run_until(executor.now().plus(Duration::from_secs(60))).unwrap();
            assert_eq!(stopped, Stopped::Crashed(Group::Engine(incarnation)));
        }
        assert_eq!(executor.run_until_idle_or(Timestamp::END).unwrap(), Stopped::Idle);
        assert_eq!(executor.tasks(), 0);
        let shared = Arc::downgrade(&executor.shared);
        drop((executor, world));
        assert_eq!(shared.strong_count(), 0);
    }
}
