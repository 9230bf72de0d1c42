//! How far it has come: one block that redraws itself on a terminal, plain lines elsewhere.
//!
//! On a terminal at most six lines and eight updates a second; on a pipe one line at the start, one every ten
//! seconds, one for each finding. Findings are written above the block and stay.

use std::time::Duration;

use super::console::Console;
use super::interrupt::Interrupt;
use super::machine::Stopwatch;
use crate::report::figures::{self, grouped};
use crate::sim::result::Progress;

const REDRAW_EVERY: Duration = Duration::from_millis(125);
const LINE_EVERY: Duration = Duration::from_secs(10);
/// An estimate before that is a guess.
const ESTIMATE_AFTER: Duration = Duration::from_secs(2);
const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const SPARKS_MAX: usize = 12;

/// What is being run, beside what the run itself says.
#[derive(Debug, Clone, Default)]
pub struct Phase {
    pub scenario: String,
    /// Of all scenarios.
    pub seeds_done: usize,
    pub seeds: usize,
    pub findings: usize,
    /// Orders of all runs that are done, and of all that are to be run: what an estimate goes by.
    pub work_done: u64,
    pub work: u64,
    pub work_of_run: u64,
}

/// Watches one command.
pub struct Live<'c, 'w> {
    console: &'c mut Console<'w>,
    interrupt: Interrupt,
    interrupt_told: bool,
    stopwatch: Stopwatch,
    run_started: Duration,
    told: Option<Duration>,
    drawn_lines: usize,
    queue: Vec<u64>,
    pub phase: Phase,
}

impl<'c, 'w> Live<'c, 'w> {
    pub fn new(console: &'c mut Console<'w>, interrupt: Interrupt, phase: Phase) -> Live<'c, 'w> {
        Live {
            console,
            interrupt,
            interrupt_told: false,
            stopwatch: Stopwatch::start(),
            run_started: Duration::ZERO,
            told: None,
            drawn_lines: 0,
            queue: Vec::new(),
            phase,
        }
    }

    /// A run begins.
    pub fn begin(&mut self, scenario: &str, orders: u64) {
        self.phase.scenario.clear();
        self.phase.scenario.push_str(scenario);
        self.phase.work_of_run = orders;
        self.run_started = self.stopwatch.elapsed();
        self.queue.clear();
    }

    /// The run that began last has ended.
    pub fn end(&mut self) {
        self.phase.seeds_done += 1;
        self.phase.work_done += self.phase.work_of_run;
    }

    /// Called by the run, more often than anything is drawn.
    pub fn tick(&mut self, progress: Progress) {
        let now = self.stopwatch.elapsed();
        if self.interrupt.asked() && !self.interrupt_told {
            self.interrupt_told = true;
            self.above("finishing this seed and writing what there is; Ctrl-C again ends at once\n");
        }
        let every = if self.console.redraws { REDRAW_EVERY } else { LINE_EVERY };
        if self.console.quiet || now < self.told.unwrap_or_default() + every {
            return;
        }
        self.told = Some(now);
        if self.queue.len() == SPARKS_MAX {
            self.queue.remove(0);
        }
        self.queue.push(progress.waiting);
        let seen = Seen { progress, now, of_run: now.saturating_sub(self.run_started), queue: &self.queue };
        if self.console.redraws {
            let lines = block(&self.phase, &seen);
            let text = self.erasure() + &lines.join("\n") + "\n";
            self.drawn_lines = lines.len();
            self.console.talk(&text);
        } else {
            let line = plain(&self.phase, &seen) + "\n";
            self.console.talk(&line);
        }
    }

    /// Writes text that stays, above the block.
    pub fn above(&mut self, text: &str) {
        let erasure = self.erasure();
        self.drawn_lines = 0;
        self.told = self.told.filter(|_| !self.console.redraws);
        self.console.talk(&(erasure + text));
    }

    /// Takes the block from the screen.
    pub fn finish(mut self) {
        let erasure = self.erasure();
        self.drawn_lines = 0;
        self.console.talk(&erasure);
    }

    /// Moves to the block's first line and clears from there on.
    fn erasure(&self) -> String {
        match self.drawn_lines {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\x1b[J"),
        }
    }
}

/// One moment of a run.
struct Seen<'q> {
    progress: Progress,
    /// Since the command began, and since the run did.
    now: Duration,
    of_run: Duration,
    queue: &'q [u64],
}

/// At most six lines.
fn block(phase: &Phase, seen: &Seen<'_>) -> Vec<String> {
    let progress = &seen.progress;
    let findings = match phase.findings {
        0 => "nothing broke yet".to_owned(),
        findings => figures::counted(findings as u64, "finding"),
    };
    let in_flight = progress.orders.saturating_sub(progress.done);
    let mut lines = vec![
        format!(
            "{}  {} of {}{}   seed {} of {}   {findings}",
            phase.scenario,
            hours(progress.elapsed.seconds()),
            hours(progress.lasts.seconds()),
            speed(seen).map_or(String::new(), |speed| format!(" (×{})", grouped(speed))),
            (phase.seeds_done + 1).min(phase.seeds.max(1)),
            phase.seeds.max(1),
        ),
        format!(
            "orders   {} in · {} done · {} in flight   queue {} {}",
            grouped(progress.orders),
            grouped(progress.done),
            grouped(in_flight),
            sparks(seen.queue),
            grouped(progress.waiting),
        ),
        format!(
            "budgets  shopify {} % · netsuite {} of {} slots",
            progress.shopify_used_percent, progress.netsuite_slots_used, progress.netsuite_slots
        ),
    ];
    let left = left(phase, seen).map_or("not known yet".to_owned(), |(low, high)| about(low, high));
    lines.push(format!("left     {left}   Ctrl-C: finish the seed and write the report"));
    lines
}

fn plain(phase: &Phase, seen: &Seen<'_>) -> String {
    let progress = &seen.progress;
    let left = left(phase, seen).map_or(String::new(), |(low, high)| format!(", left {}", about(low, high)));
    format!(
        "{}: {} of {} simulated, seed {} of {}, {} in, {} done, {} waiting, {}{left}",
        phase.scenario,
        hours(progress.elapsed.seconds()),
        hours(progress.lasts.seconds()),
        (phase.seeds_done + 1).min(phase.seeds.max(1)),
        phase.seeds.max(1),
        figures::counted(progress.orders, "order"),
        grouped(progress.done),
        grouped(progress.waiting),
        figures::counted(phase.findings as u64, "finding"),
    )
}

/// `14:22`: hours may pass a day.
fn hours(seconds: u64) -> String {
    format!("{:02}:{:02}", seconds / 3_600, seconds / 60 % 60)
}

/// Simulated time per real time.
fn speed(seen: &Seen<'_>) -> Option<u64> {
    let real = seen.of_run.as_millis();
    if real < 100 {
        return None;
    }
    u64::try_from(u128::from(seen.progress.elapsed.millis()) / real).ok()
}

/// What remains at the pace so far, from a little less to half as much again: later seeds and the settling of
/// backlogs take longer than orders tell.
fn left(phase: &Phase, seen: &Seen<'_>) -> Option<(Duration, Duration)> {
    let progress = &seen.progress;
    let of_run = phase.work_of_run.min(progress.done.max(1));
    let done = phase.work_done + of_run;
    let remaining = phase.work.checked_sub(done)?;
    if seen.now < ESTIMATE_AFTER || done == 0 {
        return None;
    }
    let milliseconds = seen.now.as_millis() * u128::from(remaining) / u128::from(done);
    let expected = Duration::from_millis(u64::try_from(milliseconds).ok()?);
    Some((expected * 9 / 10, expected * 3 / 2))
}

/// `about 6–9 min`, `about 20–40 s`.
fn about(low: Duration, high: Duration) -> String {
    match high.as_secs() {
        0..120 => format!("about {}–{} s", low.as_secs(), high.as_secs().max(1)),
        120..7_200 => format!("about {}–{} min", low.as_secs() / 60, high.as_secs().div_ceil(60)),
        seconds => format!("about {}–{} h", low.as_secs() / 3_600, seconds.div_ceil(3_600)),
    }
}

/// The queue's depth over the last updates, against its deepest.
fn sparks(queue: &[u64]) -> String {
    let deepest = queue.iter().copied().max().unwrap_or(0).max(1);
    queue.iter().map(|depth| SPARKS[(u128::from(*depth) * 7 / u128::from(deepest)) as usize]).collect()
}

#[cfg(test)]
mod tests;
