//! What the intake counts, and its text for Prometheus.
//!
//! Counters only: which delivery it was stands in the store, never in a label.

use std::fmt::{self, Write};
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::domain::{Duration, Lane, Timestamp};

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryResult {
    Kept,
    Repeated,
    SetAside,
    Contradicts,
    BadSignature,
    BadType,
    TooLarge,
    TooSlow,
    Broken,
    /// 503: more wait for their commit, or take memory, than may.
    Busy,
    /// 503: the store could not keep it.
    StoreFailed,
}

impl DeliveryResult {
    pub const ALL: [DeliveryResult; 11] = [
        DeliveryResult::Kept,
        DeliveryResult::Repeated,
        DeliveryResult::SetAside,
        DeliveryResult::Contradicts,
        DeliveryResult::BadSignature,
        DeliveryResult::BadType,
        DeliveryResult::TooLarge,
        DeliveryResult::TooSlow,
        DeliveryResult::Broken,
        DeliveryResult::Busy,
        DeliveryResult::StoreFailed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            DeliveryResult::Kept => "kept",
            DeliveryResult::Repeated => "repeated",
            DeliveryResult::SetAside => "set-aside",
            DeliveryResult::Contradicts => "contradicts",
            DeliveryResult::BadSignature => "bad-signature",
            DeliveryResult::BadType => "bad-type",
            DeliveryResult::TooLarge => "too-large",
            DeliveryResult::TooSlow => "too-slow",
            DeliveryResult::Broken => "broken",
            DeliveryResult::Busy => "busy",
            DeliveryResult::StoreFailed => "store-failed",
        }
    }
}

/// Upper bounds of the latency buckets, with their labels in seconds.
const BUCKETS: [(Duration, &str); 11] = [
    (Duration::from_millis(1), "0.001"),
    (Duration::from_micros(2_500), "0.0025"),
    (Duration::from_millis(5), "0.005"),
    (Duration::from_millis(10), "0.01"),
    (Duration::from_millis(25), "0.025"),
    (Duration::from_millis(50), "0.05"),
    (Duration::from_millis(100), "0.1"),
    (Duration::from_millis(250), "0.25"),
    (Duration::from_millis(500), "0.5"),
    (Duration::from_secs(1), "1"),
    (Duration::from_secs(5), "5"),
];

/// When the store has never failed.
const NEVER: i64 = i64::MIN;

/// What others of the same process count, shown behind the intake's own figures.
pub trait Beside: Send + Sync {
    /// Prometheus text, each line ended.
    fn text(&self) -> Pin<Box<dyn Future<Output = String> + Send + '_>>;
}

pub struct Metrics {
    beside: OnceLock<Box<dyn Beside>>,
    results: [AtomicU64; DeliveryResult::ALL.len()],
    /// Each commit counts in the first bucket that holds it; the last takes those beyond all bounds.
    commits: [AtomicU64; BUCKETS.len() + 1],
    commit_nanos: AtomicU64,
    connections: AtomicU64,
    connections_refused: AtomicU64,
    store_failed_at: AtomicI64,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            beside: OnceLock::new(),
            results: Default::default(),
            commits: Default::default(),
            commit_nanos: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            connections_refused: AtomicU64::new(0),
            store_failed_at: AtomicI64::new(NEVER),
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("results", &self.results).finish_non_exhaustive()
    }
}

impl Metrics {
    /// Shows these figures too. Only the first ones that are given are shown.
    pub fn show(&self, beside: Box<dyn Beside>) {
        self.beside.get_or_init(|| beside);
    }

    /// What is shown behind the intake's own figures.
    pub(super) async fn others(&self) -> String {
        match self.beside.get() {
            Some(beside) => beside.text().await,
            None => String::new(),
        }
    }

    pub fn count(&self, result: DeliveryResult) -> u64 {
        self.results[result as usize].load(Ordering::Relaxed)
    }

    pub(super) fn note(&self, result: DeliveryResult) {
        self.results[result as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_commit(&self, took: Duration) {
        let at = BUCKETS.iter().position(|(bound, _)| took <= *bound).unwrap_or(BUCKETS.len());
        self.commits[at].fetch_add(1, Ordering::Relaxed);
        self.commit_nanos.fetch_add(took.nanos(), Ordering::Relaxed);
    }

    pub(super) fn note_store(&self, failed: bool, now: Timestamp) {
        self.store_failed_at.store(if failed { now.nanos() } else { NEVER }, Ordering::Relaxed);
    }

    /// Whether the latest commit failed, and that less than so long ago.
    pub(super) fn store_fails(&self, within: Duration, now: Timestamp) -> bool {
        let at = self.store_failed_at.load(Ordering::Relaxed);
        at != NEVER && now.since(Timestamp::from_nanos(at)) < within
    }

    pub(super) fn connections_now(&self, open: usize) {
        self.connections.store(open as u64, Ordering::Relaxed);
    }

    pub(super) fn note_refused_connection(&self) {
        self.connections_refused.fetch_add(1, Ordering::Relaxed);
    }

    /// The text that Prometheus reads.
    pub(super) fn text(&self, waiting: &[u64; Lane::ALL.len()]) -> String {
        let mut text = String::with_capacity(4_096);
        self.write(&mut text, waiting).expect("a String takes any text");
        text
    }

    fn write(&self, text: &mut String, waiting: &[u64; Lane::ALL.len()]) -> std::fmt::Result {
        let head = |text: &mut String, name, kind, help| {
            writeln!(text, "# HELP plimsoll_{name} {help}\n# TYPE plimsoll_{name} {kind}")
        };
        head(text, "intake_deliveries_total", "counter", "Requests to the webhook path by how they ended.")?;
        for result in DeliveryResult::ALL {
            let (name, count) = (result.name(), self.count(result));
            writeln!(text, "plimsoll_intake_deliveries_total{{result=\"{name}\"}} {count}")?;
        }
        head(text, "queue_depth", "gauge", "Entities that wait, by lane.")?;
        for (lane, waiting) in Lane::ALL.into_iter().zip(waiting) {
            writeln!(text, "plimsoll_queue_depth{{lane=\"{}\"}} {waiting}", lane.name())?;
        }
        head(
            text,
            "intake_commit_seconds",
            "histogram",
            "From a delivery's verification to its durable commit.",
        )?;
        let mut below = 0;
        for (at, (_, label)) in BUCKETS.iter().enumerate() {
            below += self.commits[at].load(Ordering::Relaxed);
            writeln!(text, "plimsoll_intake_commit_seconds_bucket{{le=\"{label}\"}} {below}")?;
        }
        below += self.commits[BUCKETS.len()].load(Ordering::Relaxed);
        let nanos = self.commit_nanos.load(Ordering::Relaxed);
        writeln!(text, "plimsoll_intake_commit_seconds_bucket{{le=\"+Inf\"}} {below}")?;
        let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        writeln!(text, "plimsoll_intake_commit_seconds_sum {seconds}.{rest:09}")?;
        writeln!(text, "plimsoll_intake_commit_seconds_count {below}")?;
        head(text, "intake_connections", "gauge", "Connections that are open.")?;
        writeln!(text, "plimsoll_intake_connections {}", self.connections.load(Ordering::Relaxed))?;
        head(text, "intake_connections_refused_total", "counter", "Connections closed at the cap.")?;
        let refused = self.connections_refused.load(Ordering::Relaxed);
        writeln!(text, "plimsoll_intake_connections_refused_total {refused}")
    }
}
