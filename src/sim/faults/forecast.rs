//! Scheduled weather over time: what holds at an instant, when it turns, and when the engine is killed.
//!
//! Not here: chances and counts ([`super::Faults`]).

use crate::domain::{Duration, Timestamp};
use crate::scenario::{Weather, WeatherKind};
use crate::sim::random::{Domain, draws};

/// What the weather makes of platforms, receiver and neighbours at one instant. The last number of each entry is
/// the position of its cause in the scenario. Of two entries of a kind, the later one in the file rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    pub webhooks: Option<(Webhooks, usize)>,
    pub receiver_down: Option<usize>,
    /// Percent of the usual latency.
    pub netsuite_latency: Option<(u32, usize)>,
    /// Slots that are left of the account's.
    pub netsuite_slots: Option<(u32, usize)>,
    pub netsuite_down: Option<usize>,
    /// Chances in ppm that the answer is lost after, and the request before the work.
    pub answers_lost: Option<(u32, u32, usize)>,
    /// Percent of the usual restore rate.
    pub shopify_restore: Option<(u32, usize)>,
    /// Slots that other integrations hold.
    pub others_busy: Option<(u32, usize)>,
    /// Share of sales orders that a workflow holds, in ppm.
    pub records_locked: Option<(u32, usize)>,
    pub search_lag: Option<(Duration, usize)>,
    pub lock_late: Option<(Duration, usize)>,
}

/// Chances of a webhook in ppm, and by how much all are late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Webhooks {
    pub lost_ppm: u32,
    pub duplicated_ppm: u32,
    pub reordered_ppm: u32,
    pub late_up_to: Duration,
}

/// One death of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kill {
    pub at: Timestamp,
    /// So many polls of the engine after that instant: it dies in the middle of whatever it does.
    pub polls_later: u64,
    /// Position in the scenario.
    pub weather: usize,
}

/// Beginning or end of one entry of the weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    pub at: Timestamp,
    /// Position in the scenario.
    pub weather: usize,
    pub begins: bool,
}

/// Polls among which the moment of a kill is drawn: about as many as one order takes, with the sweeps around it
/// (twenty orders in four hours take some 1,200).
const KILL_WITHIN_POLLS: u64 = 64;

const BEGINNING: Timestamp = Timestamp::from_nanos(i64::MIN);

#[derive(Debug, Clone)]
pub struct Forecast {
    weather: Vec<Weather>,
    /// In order of time.
    turns: Vec<Turn>,
    kills: Vec<Kill>,
    /// No fault begins from here on.
    ends: Timestamp,
    /// What holds from `since` until `until`, kept because most questions are about the same stretch.
    current: Conditions,
    since: Timestamp,
    until: Timestamp,
}

impl Forecast {
    pub(super) fn new(seed: u64, entries: &[Weather], starts: Timestamp, ends: Timestamp) -> Forecast {
        let mut turns = Vec::new();
        let mut kills = Vec::new();
        for (weather, entry) in entries.iter().enumerate() {
            let begins = starts.plus(entry.at);
            if begins >= ends {
                continue;
            }
            turns.push(Turn { at: begins, weather, begins: true });
            if entry.lasts > Duration::ZERO {
                turns.push(Turn { at: begins.plus(entry.lasts).min(ends), weather, begins: false });
            }
            if let WeatherKind::EngineKilled { times, every } = entry.what {
                kills.extend(kills_of(seed, weather, begins, times, every).filter(|kill| kill.at < ends));
            }
        }
        turns.sort_by_key(|turn| (turn.at, turn.begins));
        kills.sort_by_key(|kill| kill.at);
        Forecast {
            weather: entries.to_vec(),
            turns,
            kills,
            ends,
            current: Conditions::default(),
            since: Timestamp::END,
            until: Timestamp::END,
        }
    }

    /// Beginnings and ends in order of time; an end comes before a beginning of the same instant.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// Deaths of the engine in order of time.
    pub fn kills(&self) -> &[Kill] {
        &self.kills
    }

    /// The entry of the scenario at that position.
    pub fn entry(&self, weather: usize) -> &Weather {
        &self.weather[weather]
    }

    /// Whether the day is over: nothing new goes wrong.
    pub fn is_over(&self, at: Timestamp) -> bool {
        at >= self.ends
    }

    /// What holds at that instant.
    pub fn at(&mut self, at: Timestamp) -> &Conditions {
        if at < self.since || at >= self.until {
            self.since =
                self.turns.iter().rev().map(|turn| turn.at).find(|turn| *turn <= at).unwrap_or(BEGINNING);
            self.until =
                self.turns.iter().map(|turn| turn.at).find(|turn| *turn > at).unwrap_or(Timestamp::END);
            self.current = self.conditions(at);
        }
        &self.current
    }

    fn conditions(&self, at: Timestamp) -> Conditions {
        let mut now = Conditions::default();
        let holding = |weather: &usize| {
            let begun =
                self.turns.iter().any(|turn| turn.weather == *weather && turn.begins && turn.at <= at);
            let ended =
                self.turns.iter().any(|turn| turn.weather == *weather && !turn.begins && turn.at <= at);
            begun && !ended && self.weather[*weather].lasts > Duration::ZERO
        };
        for weather in (0..self.weather.len()).filter(holding) {
            now.add(&self.weather[weather].what, weather);
        }
        now
    }
}

impl Conditions {
    fn add(&mut self, what: &WeatherKind, by: usize) {
        match *what {
            WeatherKind::Webhooks { lost_ppm, duplicated_ppm, reordered_ppm, late_up_to, .. } => {
                let webhooks = Webhooks { lost_ppm, duplicated_ppm, reordered_ppm, late_up_to };
                self.webhooks = Some((webhooks, by));
            }
            WeatherKind::ReceiverDown => self.receiver_down = Some(by),
            WeatherKind::NetSuiteSlow { latency_percent, slots } => {
                self.netsuite_latency = Some((latency_percent, by));
                self.netsuite_slots = slots.map(|slots| (slots, by)).or(self.netsuite_slots);
            }
            WeatherKind::NetSuiteDown => self.netsuite_down = Some(by),
            WeatherKind::AnswersLost { after_ppm, before_ppm } => {
                self.answers_lost = Some((after_ppm, before_ppm, by));
            }
            WeatherKind::ShopifySlow { restore_percent } => {
                self.shopify_restore = Some((restore_percent, by))
            }
            WeatherKind::OthersBusy { slots } => self.others_busy = Some((slots, by)),
            WeatherKind::RecordsLocked { ppm } => self.records_locked = Some((ppm, by)),
            WeatherKind::SearchLags { by: lag } => self.search_lag = Some((lag, by)),
            WeatherKind::LockLate { by: delay } => self.lock_late = Some((delay, by)),
            // Done once at their turns, by whoever owns what they change.
            WeatherKind::SubscriptionDeleted { .. }
            | WeatherKind::PeriodLocked { .. }
            | WeatherKind::ItemInactive { .. }
            | WeatherKind::EngineKilled { .. } => {}
        }
    }
}

fn kills_of(
    seed: u64,
    weather: usize,
    begins: Timestamp,
    times: u32,
    every: Duration,
) -> impl Iterator<Item = Kill> {
    (0..times).map(move |number| Kill {
        at: begins.plus(every.times(u64::from(number))),
        polls_later: draws(seed, Domain::Crash, weather as u64, u64::from(number), 0)
            .below(KILL_WITHIN_POLLS),
        weather,
    })
}
