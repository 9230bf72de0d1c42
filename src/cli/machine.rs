//! What a run takes of this machine: the wall clock, CPU time, memory, load. The only clock of the commands.
//!
//! All but the wall clock is read from Linux's `/proc`; elsewhere it is `None`.

use std::fs;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::domain::Timestamp;
use crate::report::Effort;
use crate::runtime::tokio::wall_clock;

/// Clock ticks per second in `/proc/self/stat`.
///
/// Source: proc(5), fields 14 and 15, in units of `sysconf(_SC_CLK_TCK)`, which Linux fixes at 100 for user space
/// on every platform that Rust's standard library supports at its first tier.
const TICKS_PER_SECOND: u64 = 100;

/// Runs from when it was made.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    started: Instant,
    cpu_before: Option<Duration>,
}

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "people are told how long a run took; nothing is decided by it"
    )]
    pub fn start() -> Stopwatch {
        Stopwatch { started: Instant::now(), cpu_before: cpu_time() }
    }

    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// What the process took since the start; memory is the most that it ever held.
    pub fn effort(&self) -> Effort {
        let cpu = cpu_time().zip(self.cpu_before).map(|(after, before)| after.saturating_sub(before));
        Effort { wall: self.elapsed(), cpu, peak_rss_bytes: peak_rss_bytes(), load_average: load_average() }
    }
}

/// What the machine's clock shows, in whole seconds.
pub fn now() -> Timestamp {
    wall_clock().floor_second()
}

/// Nanoseconds since it was first asked: the clock by which a run's time is shared out among its rooms.
#[expect(
    clippy::disallowed_methods,
    reason = "people are told where the time of a run went; nothing is decided by it"
)]
pub fn nanoseconds() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let elapsed = FIRST.get_or_init(Instant::now).elapsed();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

/// User and system time of the process.
fn cpu_time() -> Option<Duration> {
    cpu_time_in(&fs::read_to_string("/proc/self/stat").ok()?)
}

fn cpu_time_in(stat: &str) -> Option<Duration> {
    // The second field is the program's name in parentheses, and may itself hold blanks and parentheses.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 1_000 / TICKS_PER_SECOND))
}

fn peak_rss_bytes() -> Option<u64> {
    peak_rss_in(&fs::read_to_string("/proc/self/status").ok()?)
}

/// Source: proc(5), `VmHWM`: peak resident set size, in kibibytes.
fn peak_rss_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

fn load_average() -> Option<[f64; 3]> {
    load_average_in(&fs::read_to_string("/proc/loadavg").ok()?)
}

fn load_average_in(loadavg: &str) -> Option<[f64; 3]> {
    let mut fields = loadavg.split_ascii_whitespace().map(|field| field.parse().ok());
    Some([fields.next()??, fields.next()??, fields.next()??])
}

#[cfg(test)]
mod tests;
