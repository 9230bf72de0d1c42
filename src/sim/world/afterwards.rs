//! What becomes of an order after the purchase: how the warehouse handles it, second thoughts of the buyer, and what
//! comes back. Each is a function of (scenario, seed, order).

use super::World;
use crate::domain::{Duration, Timestamp};
use crate::scenario::{AfterPurchase, Warehouse};
use crate::sim::random::{Domain, draws};

/// How one order goes through the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handling {
    /// From the pick list until others can read that the order is locked.
    pub lock_delay: Duration,
    /// From the pick list to the first parcel, and from there to the second.
    pub picks_for: Duration,
    pub second_after: Option<Duration>,
    pub is_substituted: bool,
    /// Position in [`Warehouse::carriers`].
    pub carrier: usize,
}

/// Second thoughts before the parcel leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SecondThoughts {
    pub cancels: Option<Timestamp>,
    pub moves: Option<Timestamp>,
    /// Somebody holds the order in Shopify from then until then.
    pub held: Option<(Timestamp, Timestamp)>,
    /// Once the warehouse has the order, customer service is talked into changing it all the same.
    pub insists: bool,
    /// Face value of a card bought beside the goods, in minor units.
    pub gift_card_minor: Option<i64>,
}

/// What a buyer wants after the parcel has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Return {
    pub lag: Duration,
    pub kind: ReturnKind,
    /// Some of the units only.
    pub is_partial: bool,
    pub is_restocked: bool,
    pub keeps_fee: bool,
    pub goodwill: bool,
    /// The processor takes back its word on the money.
    pub fails_later: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnKind {
    Money,
    StoreCredit,
    Exchange,
    /// Nothing comes back.
    ShippingOnly,
}

/// Face values by weight, in hundredths of a unit of currency. Assumption.
const FACE_VALUES: [(i64, u32); 4] = [(2_500, 40), (5_000, 40), (10_000, 15), (20_000, 5)];

/// Changes that are made although the order is locked.
///
/// Source: traits.md §3: a fifth of the changes of address comes after the release. For edits and cancellations assumed.
const INSISTS_PPM: u32 = 200_000;

/// A cancellation within minutes. Source: traits.md §3: half within ten minutes.
const SOON: Duration = Duration::from_mins(10);

impl World {
    pub fn warehouse(&self) -> Option<&Warehouse> {
        self.warehouse.as_ref()
    }

    pub fn after_purchase(&self) -> Option<&AfterPurchase> {
        self.after_purchase.as_ref()
    }

    /// `order` is Shopify's number. Without a warehouse, how a script's own releases show.
    pub fn handling(&self, order: u64) -> Handling {
        let mut luck = draws(self.seed, Domain::Warehouse, order, 0, 0);
        let Some(warehouse) = &self.warehouse else {
            return Handling {
                lock_delay: Duration::from_secs(5),
                picks_for: Duration::ZERO,
                second_after: None,
                is_substituted: false,
                carrier: 0,
            };
        };
        let lock_delay = luck.latency(warehouse.lock_delay);
        let (picks_for, again) = (luck.latency(warehouse.picks_for), luck.latency(warehouse.picks_for));
        let is_split = luck.chance(warehouse.split_ppm);
        Handling {
            lock_delay,
            picks_for,
            second_after: is_split.then_some(again),
            is_substituted: luck.chance(warehouse.substituted_ppm),
            carrier: luck.weighted(warehouse.carriers.iter().map(|(_, weight)| *weight)).unwrap_or(0),
        }
    }

    /// `number` is that of the drawn order, placed at that instant.
    pub fn second_thoughts(&self, number: u64, placed: Timestamp) -> SecondThoughts {
        let mut luck = draws(self.seed, Domain::SecondThoughts, number, 0, 0);
        let mut thoughts = SecondThoughts::default();
        if let Some(habits) = &self.after_purchase {
            let (cancels, soon) = (luck.chance(habits.cancelled_ppm), luck.chance(500_000));
            let later = luck.within(habits.cancelled_within);
            let at = placed.plus(if soon { luck.within(SOON) } else { later });
            thoughts.cancels = Some(at).filter(|at| cancels && *at < self.ends);
            let moves = luck.chance(habits.readdressed_ppm);
            let at = placed.plus(luck.latency(habits.readdressed));
            thoughts.moves = Some(at).filter(|at| moves && *at < self.ends);
            thoughts.insists = luck.chance(INSISTS_PPM);
            let buys_card = luck.chance(habits.gift_card_ppm);
            let value = luck.weighted(FACE_VALUES.iter().map(|(_, weight)| *weight)).unwrap_or(0);
            thoughts.gift_card_minor = buys_card.then_some(FACE_VALUES[value].0);
        }
        if let Some(warehouse) = &self.warehouse {
            let until = placed.plus(warehouse.held_for);
            let held = luck.chance(warehouse.held_ppm) && until < self.ends;
            thoughts.held = held.then_some((placed, until));
        }
        thoughts
    }

    /// What comes back of an order, by Shopify's number.
    ///
    /// Returns are stated by value: some bring back half of an order or nothing of it, so that more orders come back
    /// than their share of the value.
    pub fn comes_back(&self, order: u64) -> Option<Return> {
        let habits = self.after_purchase.as_ref()?;
        let mut luck = draws(self.seed, Domain::Return, order, 0, 0);
        let of_value = 1_000_000 - u64::from(habits.partial_ppm) / 2 - u64::from(habits.shipping_only_ppm);
        let of_orders = u64::from(habits.returned_ppm) * 1_000_000 / of_value.max(1);
        if !luck.chance(u32::try_from(of_orders).unwrap_or(u32::MAX)) {
            return None;
        }
        let at_once = luck.chance(habits.at_once_ppm);
        let (within_hour, lag) = (luck.within(Duration::from_hours(1)), luck.latency(habits.return_lag));
        let kinds = [habits.exchanged_ppm, habits.store_credit_ppm, habits.shipping_only_ppm];
        let rest = 1_000_000u32.saturating_sub(kinds.iter().sum());
        let kind = luck.weighted(kinds.into_iter().chain([rest]));
        Some(Return {
            lag: if at_once { within_hour } else { lag },
            kind: match kind {
                Some(0) => ReturnKind::Exchange,
                Some(1) => ReturnKind::StoreCredit,
                Some(2) => ReturnKind::ShippingOnly,
                _ => ReturnKind::Money,
            },
            is_partial: luck.chance(habits.partial_ppm),
            is_restocked: !luck.chance(habits.not_restocked_ppm),
            keeps_fee: luck.chance(habits.fee_ppm),
            goodwill: luck.chance(habits.goodwill_ppm),
            fails_later: luck.chance(habits.refund_fails_ppm),
        })
    }
}
