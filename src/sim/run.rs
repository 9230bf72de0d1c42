//! Runs one scenario with one seed on our own executor: moves the clock, kills and restarts the engine (or what
//! stands in its place), finds out when there is rest, and has the books audited.

use crate::domain::{Duration, Timestamp};
use crate::ledger::books::Books;
use crate::mocks::netsuite::Balance;
use crate::ports::store::StoreError;
use crate::reconcile::close::items::Statement;
use crate::scenario::{Latency, Scenario};
use crate::sim::audit::{Ended, audit};
use crate::sim::executor::{Executor, ExecutorError, Group, SimRuntime, Stopped};
use crate::sim::faults::FaultKind;
use crate::sim::meter::{self, Metering, Room};
use crate::sim::rehearsal::{NotStaged, Rehearsal, RunOptions};
use crate::sim::result::{Progress, RunResult};
use crate::sim::snapshot;
use crate::sim::stage::kind;
use crate::sim::subject::{Engine, Subject};

/// The run itself failed: a fault of this program, not of what it rehearses.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("the simulation cannot go on: {0}")]
    Executor(#[from] ExecutorError),
    #[error(transparent)]
    Staged(#[from] NotStaged),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// From death to restart: a supervisor notices and starts the process anew.
const RESTART: Duration = Duration::from_secs(3);

/// How often the run is looked at from outside: for progress, and for rest after the day.
pub(super) const LOOK: Duration = Duration::from_mins(1);

/// Plays the scenario to rest and audits it.
///
/// # Errors
/// The simulation itself failed.
pub fn run(
    scenario: &Scenario,
    options: &RunOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<RunResult, RunError> {
    run_subject(scenario, options, &Engine, progress)
}

/// As [`run`], with NetSuite's ledger as it stands at rest, and the twin's own balances of it.
///
/// # Errors
/// The simulation itself failed.
pub fn run_with_books(
    scenario: &Scenario,
    options: &RunOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<(RunResult, Books, Vec<Balance>), RunError> {
    let mut run = Running::new(scenario, options, &Engine)?;
    let ended = run.play(progress)?;
    let result = audit(&run.rehearsal, scenario, options.seed, ended)?;
    let scene = run.rehearsal.stage.scene();
    Ok((result, snapshot::books(&scene.netsuite), scene.netsuite.balances().collect()))
}

/// As [`run_with_books`], with what the processor's accounts say at rest: all that the close of a month reads.
///
/// # Errors
/// The simulation itself failed.
pub fn run_to_close(
    scenario: &Scenario,
    options: &RunOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<(RunResult, Books, Vec<Statement>), RunError> {
    let mut run = Running::new(scenario, options, &Engine)?;
    let ended = run.play(progress)?;
    let result = audit(&run.rehearsal, scenario, options.seed, ended)?;
    let scene = run.rehearsal.stage.scene();
    let statements = snapshot::statements(&scene.shopify, &scenario.profile);
    Ok((result, snapshot::books(&scene.netsuite), statements))
}

/// As [`run`], with something else than the engine between the platforms.
///
/// # Errors
/// The simulation itself failed.
pub fn run_subject(
    scenario: &Scenario,
    options: &RunOptions,
    subject: &dyn Subject,
    progress: &mut dyn FnMut(Progress),
) -> Result<RunResult, RunError> {
    let metering = options.clock.map(meter::start);
    let mut run = Running::new(scenario, options, subject)?;
    let ended = run.play(progress)?;
    let mut result = {
        let _entered = meter::enter(Room::Oracle);
        audit(&run.rehearsal, scenario, options.seed, ended)?
    };
    result.spent = metering.map(Metering::finish);
    Ok(result)
}

struct Running<'a> {
    scenario: &'a Scenario,
    subject: &'a dyn Subject,
    executor: Executor,
    rehearsal: Rehearsal<SimRuntime>,
    incarnation: u32,
    crashes: u32,
    /// Why the engine will be killed next, if a kill is ordered.
    doom: Option<Option<usize>>,
}

impl<'a> Running<'a> {
    fn new(
        scenario: &'a Scenario,
        options: &RunOptions,
        subject: &'a dyn Subject,
    ) -> Result<Running<'a>, RunError> {
        let mut executor = Executor::new(options.seed, scenario.starts);
        let world = executor.runtime(Group::World);
        let engine = executor.runtime(Group::Engine(0));
        let rehearsal = Rehearsal::new(scenario, options, world, engine.clone())?;
        subject.start(&rehearsal, engine);
        let mut run =
            Running { scenario, subject, executor, rehearsal, incarnation: 0, crashes: 0, doom: None };
        if let Some(poll) = options.kill_at_poll {
            run.executor.crash_at_poll(Group::Engine(0), poll);
            run.doom = Some(None);
        }
        Ok(run)
    }

    fn play(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<Ended, RunError> {
        let starts = self.scenario.starts;
        let ends = starts.plus(self.scenario.lasts);
        let latest = ends.plus(self.scenario.settle);
        let kills = self.rehearsal.stage.scene().faults.forecast().kills().to_vec();
        let mut kills = kills.into_iter().peekable();
        let mut look = starts.plus(LOOK);
        let mut left_at_end = None;
        let mut drained_at = None;
        loop {
            let kill = kills.peek().map_or(Timestamp::END, |kill| kill.at);
            self.run_until(look.min(kill).min(latest))?;
            let now = self.executor.now();
            let kill = kills.next_if(|kill| kill.at <= now);
            if (kill.is_some() || now >= ends) && matches!(self.doom, Some(Some(_))) {
                // The engine has had too little to do to come to the poll it was to die at: it dies idle.
                self.executor.crash(Group::Engine(self.incarnation));
                self.bury()?;
            }
            if let Some(kill) = kill {
                let group = Group::Engine(self.incarnation);
                let polls = self.executor.polls_of(group) + 1 + kill.polls_later;
                self.executor.crash_at_poll(group, polls);
                self.doom = Some(Some(kill.weather));
            }
            if now >= look {
                look = look.plus(LOOK);
                progress(self.progress(now)?);
            }
            if now >= ends {
                let left = self.subject.left(&self.rehearsal, now)?;
                left_at_end.get_or_insert(left);
                if drained_at.is_none() && self.subject.is_at_rest(&self.rehearsal, left, ends)? {
                    drained_at = Some(now);
                }
                let quiet = drained_at.is_some() && self.rehearsal.stage.scene().deliveries_open == 0;
                if quiet || now >= latest {
                    break;
                }
            }
        }
        let now = self.executor.now();
        let drained_at = drained_at.unwrap_or(now);
        let bound = ends.plus(self.longest(left_at_end.unwrap_or_default()));
        Ok(Ended { now, crashes: self.crashes, drained_at, bound })
    }

    /// Runs to that instant, restarting the engine whenever it dies on the way.
    fn run_until(&mut self, at: Timestamp) -> Result<(), RunError> {
        while let Stopped::Crashed(_) = self.executor.run_until(at)? {
            self.bury()?;
        }
        Ok(())
    }

    /// Notes the death of the engine and starts its successor.
    fn bury(&mut self) -> Result<(), RunError> {
        let now = self.executor.now();
        self.rehearsal.engine_died();
        self.crashes += 1;
        {
            let mut scene = self.rehearsal.stage.scene();
            scene.trace.event(kind::KILLED, now, u64::from(self.incarnation), 0);
            scene.tell(now, || "the engine was killed".to_owned());
            if let Some(weather) = self.doom.take() {
                scene.faults.took_effect(FaultKind::EngineKilled, weather);
            }
        }
        self.incarnation += 1;
        self.executor.run_until(now.plus(RESTART))?;
        let runtime = self.executor.runtime(Group::Engine(self.incarnation));
        self.subject.start(&self.rehearsal, runtime);
        Ok(())
    }

    /// How long the backlog may last after the day: its calls divided by the slots, and every pause that policy and
    /// platforms permit once.
    fn longest(&self, left: u64) -> Duration {
        let scene = self.rehearsal.stage.scene();
        let rates = scene.faults.rates();
        let settings = &self.rehearsal.policy.engine;
        let mean = |latency: Latency| latency.median.plus(Duration::from_nanos(latency.p99.nanos() / 4));
        let of_one = mean(rates.netsuite_write).times(4).plus(mean(rates.netsuite_read).times(2));
        let slots = u64::from(self.scenario.limits.netsuite_slots.max(1));
        let work = Duration::from_nanos(of_one.times(left).nanos() / slots);
        // A lost webhook waits for the sweep after next; a late write is looked at again.
        let pauses = settings.sweep_every.times(2).plus(settings.backoff_max.times(8)).plus(settings.lease);
        let waits = Duration::from_mins(15).times(2).plus(settings.patience);
        work.plus(pauses).plus(waits).plus(rates.search_lag.p99)
    }

    fn progress(&self, now: Timestamp) -> Result<Progress, RunError> {
        let waiting = self.rehearsal.unfinished()?;
        let scene = self.rehearsal.stage.scene();
        let scripted = self.rehearsal.world.scripted().count() as u64;
        Ok(Progress {
            elapsed: now.since(self.scenario.starts),
            lasts: self.scenario.lasts.plus(self.scenario.settle),
            orders: scene.orders,
            orders_total: self.rehearsal.world.orders() + scripted,
            done: scene.steps_done,
            waiting,
            netsuite_slots_used: scene.netsuite.slots_in_use(),
            netsuite_slots: scene.contract_slots,
            shopify_used_percent: 0,
        })
    }
}
