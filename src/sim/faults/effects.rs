//! What really happened, by kind of fault and by entry of the weather.
//!
//! Weather that is scheduled and never takes effect over all seeds of a run makes the run inconclusive;
//! faults of the profile are reported and never demanded.

/// A kind of fault, as reports count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(usize)]
pub enum FaultKind {
    WebhookLost,
    WebhookDuplicated,
    WebhookReordered,
    WebhookLate,
    SubscriptionDeleted,
    ReceiverDown,
    ShopifyThrottled,
    ShopifyFailed,
    ShopifySlow,
    NetSuiteThrottled,
    NetSuiteSlow,
    NetSuiteDown,
    OthersBusy,
    LostBefore,
    LostAfter,
    RecordChanged,
    RecordLocked,
    PeriodLocked,
    ItemInactive,
    SearchLags,
    EngineKilled,
    LockLate,
}

impl FaultKind {
    pub const ALL: [FaultKind; 22] = [
        FaultKind::WebhookLost,
        FaultKind::WebhookDuplicated,
        FaultKind::WebhookReordered,
        FaultKind::WebhookLate,
        FaultKind::SubscriptionDeleted,
        FaultKind::ReceiverDown,
        FaultKind::ShopifyThrottled,
        FaultKind::ShopifyFailed,
        FaultKind::ShopifySlow,
        FaultKind::NetSuiteThrottled,
        FaultKind::NetSuiteSlow,
        FaultKind::NetSuiteDown,
        FaultKind::OthersBusy,
        FaultKind::LostBefore,
        FaultKind::LostAfter,
        FaultKind::RecordChanged,
        FaultKind::RecordLocked,
        FaultKind::PeriodLocked,
        FaultKind::ItemInactive,
        FaultKind::SearchLags,
        FaultKind::EngineKilled,
        FaultKind::LockLate,
    ];

    pub fn name(self) -> &'static str {
        match self {
            FaultKind::WebhookLost => "webhook-lost",
            FaultKind::WebhookDuplicated => "webhook-duplicated",
            FaultKind::WebhookReordered => "webhook-reordered",
            FaultKind::WebhookLate => "webhook-late",
            FaultKind::SubscriptionDeleted => "subscription-deleted",
            FaultKind::ReceiverDown => "receiver-down",
            FaultKind::ShopifyThrottled => "shopify-throttled",
            FaultKind::ShopifyFailed => "shopify-failed",
            FaultKind::ShopifySlow => "shopify-slow",
            FaultKind::NetSuiteThrottled => "netsuite-throttled",
            FaultKind::NetSuiteSlow => "netsuite-slow",
            FaultKind::NetSuiteDown => "netsuite-down",
            FaultKind::OthersBusy => "others-busy",
            FaultKind::LostBefore => "request-lost",
            FaultKind::LostAfter => "answer-lost",
            FaultKind::RecordChanged => "record-changed",
            FaultKind::RecordLocked => "record-locked",
            FaultKind::PeriodLocked => "period-locked",
            FaultKind::ItemInactive => "item-inactive",
            FaultKind::SearchLags => "search-lags",
            FaultKind::EngineKilled => "engine-killed",
            FaultKind::LockLate => "lock-late",
        }
    }
}

/// Counts of what took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effects {
    by_kind: [u64; FaultKind::ALL.len()],
    by_weather: Vec<u64>,
}

impl Effects {
    /// For a scenario with that many entries of weather.
    pub fn new(weather: usize) -> Effects {
        Effects { by_kind: [0; FaultKind::ALL.len()], by_weather: vec![0; weather] }
    }

    pub(super) fn add(&mut self, kind: FaultKind, weather: Option<usize>) {
        self.by_kind[kind as usize] += 1;
        if let Some(count) = weather.and_then(|weather| self.by_weather.get_mut(weather)) {
            *count += 1;
        }
    }

    pub fn of(&self, kind: FaultKind) -> u64 {
        self.by_kind[kind as usize]
    }

    /// Kinds that took effect at least once, with how often.
    pub fn kinds(&self) -> impl Iterator<Item = (FaultKind, u64)> {
        FaultKind::ALL.into_iter().map(|kind| (kind, self.of(kind))).filter(|(_, count)| *count > 0)
    }

    /// How often the weather at that position of the scenario took effect.
    pub fn of_weather(&self, weather: usize) -> u64 {
        self.by_weather.get(weather).copied().unwrap_or(0)
    }

    /// Positions of weather that never took effect.
    pub fn idle_weather(&self) -> impl Iterator<Item = usize> {
        self.by_weather.iter().enumerate().filter(|(_, count)| **count == 0).map(|(weather, _)| weather)
    }

    /// Adds the counts of another seed of the same scenario.
    pub fn merge(&mut self, other: &Effects) {
        self.by_kind.iter_mut().zip(other.by_kind).for_each(|(sum, count)| *sum += count);
        self.by_weather.iter_mut().zip(&other.by_weather).for_each(|(sum, count)| *sum += count);
    }
}
