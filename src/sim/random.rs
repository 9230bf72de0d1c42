//! Keyed randomness: a draw is a function of (seed, domain, entity, call, attempt, number of the draw).
//!
//! Nothing is drawn from a shared stream, so removing one order leaves the luck of all others alone. Mixer and
//! sampling are frozen: a seed printed on a certificate means the same run in years to come. Integers and
//! tables only; the float functions of a platform may differ in the last bit.
//!
//! Not here: what the draws decide ([`super::faults`], [`super::world`], [`super::curve`]).

mod tables;

use crate::domain::Duration;
use crate::scenario::Latency;
use tables::{EXP2, LOG2, NORMAL_BY_TAIL};

/// For what is drawn, so that two subjects with the same number have unrelated luck.
///
/// The discriminant is part of the frozen key: never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Domain {
    /// Which ready task is polled first.
    Schedule = 1,
    /// When a drawn order is placed.
    Arrival = 2,
    /// Who buys.
    Buyer = 3,
    /// What is bought, and how it is paid.
    Basket = 4,
    /// What becomes of the order later.
    Afterwards = 5,
    ShopifyCall = 6,
    NetSuiteCall = 7,
    Delivery = 8,
    /// Which faults a seed switches off or makes extreme.
    Swarm = 9,
    /// Where the engine is killed.
    Crash = 10,
    /// A record held by a workflow.
    RecordLock = 11,
    SearchIndex = 12,
    /// A property of a SKU, such as its price.
    Item = 13,
    /// For tests and drivers of their own.
    Other = 14,
    /// What the warehouse does with an order.
    Warehouse = 21,
    /// Second thoughts before the parcel leaves, and cards bought beside the goods.
    SecondThoughts = 22,
    /// What comes back.
    Return = 23,
    /// What becomes of a payout.
    Payout = 31,
    /// Whether a charge is disputed, and how that ends.
    Dispute = 32,
    /// When a bank books, and how soon it answers.
    Bank = 33,
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Bijective; each input bit changes each output bit with probability near a half.
///
/// Source: the finaliser of `SplitMix64`, variant 13 of Stafford's list.
const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

const fn absorb(state: u64, word: u64) -> u64 {
    mix(state.rotate_left(23).wrapping_add(GOLDEN) ^ mix(word.wrapping_add(GOLDEN)))
}

/// The draws of one key, in order. Two equal keys give equal draws.
pub const fn draws(seed: u64, domain: Domain, entity: u64, call: u64, attempt: u32) -> Draws {
    let state = absorb(mix(seed.wrapping_add(GOLDEN)), domain as u64);
    let state = absorb(absorb(state, entity), (call << 8) ^ (call >> 56));
    Draws { state: absorb(state, attempt as u64) }
}

/// A sequence of draws that one key determines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draws {
    state: u64,
}

/// Fractional bits of fixed-point numbers in this file.
const FRACTION: u32 = 32;
const ONE: u64 = 1 << FRACTION;
/// ln 2, rounded.
const LN_2: u64 = 2_977_044_472;
/// The standard normal value exceeded with probability 1 %: 2.326347874.
const NORMAL_P99: u64 = 9_991_588_036;

const PPM: u64 = 1_000_000;

impl Draws {
    /// All 64 bits uniform.
    pub const fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform in `0..bound`; 0 for a bound of 0. The bias is below bound / 2^64.
    pub const fn below(&mut self, bound: u64) -> u64 {
        ((self.word() as u128 * bound as u128) >> 64) as u64
    }

    /// Uniform in `low..=high`; `low` when the bounds are reversed.
    pub const fn between(&mut self, low: i64, high: i64) -> i64 {
        if low >= high {
            return low;
        }
        let span = high.abs_diff(low).saturating_add(1);
        low.wrapping_add_unsigned(self.below(span))
    }

    /// True in `ppm` of a million draws: never for 0, always from 1,000,000 on.
    pub const fn chance(&mut self, ppm: u32) -> bool {
        self.below(PPM) < ppm as u64
    }

    /// A position, each as often as its weight says; `None` when there is no weight at all.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> Option<usize> {
        let total: u64 = weights.clone().map(u64::from).sum();
        if total == 0 {
            return None;
        }
        let mut left = self.below(total);
        for (at, weight) in weights.enumerate() {
            match left.checked_sub(u64::from(weight)) {
                Some(rest) => left = rest,
                None => return Some(at),
            }
        }
        unreachable!("a draw below the sum of the weights falls on one of them")
    }

    /// Uniform between nothing and `length`, `length` excluded.
    pub const fn within(&mut self, length: Duration) -> Duration {
        Duration::from_nanos(self.below(length.nanos()))
    }

    /// Exponential: memoryless, with this mean. At most some 44 times the mean.
    pub fn exponential(&mut self, mean: Duration) -> Duration {
        let nats = (u128::from(self.bits()) * u128::from(LN_2)) >> FRACTION;
        Duration::from_nanos(saturate((nats * u128::from(mean.nanos())) >> FRACTION))
    }

    /// Log-normal by its median and its 99th percentile; a constant when the latter is not the larger.
    pub fn latency(&mut self, latency: Latency) -> Duration {
        let median = latency.median.nanos();
        if median == 0 || latency.p99 <= latency.median {
            return latency.median;
        }
        let (tail, above) = self.normal();
        let median = log2(median);
        // Standard deviations in octaves: log2(p99 / median) / 2.326….
        let octaves_at_p99 = log2(latency.p99.nanos()) - median;
        let octaves = saturate(u128::from(octaves_at_p99) * u128::from(tail) / u128::from(NORMAL_P99));
        let exponent = if above { median.saturating_add(octaves) } else { median.saturating_sub(octaves) };
        Duration::from_nanos(exp2(exponent))
    }

    /// A rank in `0..n` by a Zipf law of exponent one: rank r has the chance log(1 + 1/(r+1)) / log(n+1),
    /// so that the first tenth of 1,000 variants sells two thirds. 0 when there is but one.
    ///
    /// Source: traits.md §1, "Concentration": the top fifth of SKUs makes 79 % of sales; here it is 80 % for
    /// 3,000 variants. This law needs no table, whatever the number of variants.
    pub fn zipf(&mut self, n: u32) -> u32 {
        if n <= 1 {
            return 0;
        }
        let exponent = (u128::from(log2(u64::from(n) + 1)) * u128::from(self.word())) >> 64;
        // 32 fractional bits keep neighbours apart for large ranks.
        let rank = exp2_fixed(exponent as u64) >> FRACTION;
        (rank as u32 - 1).min(n - 1)
    }

    /// A count from 1 on with mean `typical`, falling geometrically, at most `heaviest`.
    pub fn count(&mut self, typical: u32, heaviest: u32) -> u32 {
        let heaviest = heaviest.max(1);
        if typical <= 1 {
            return 1;
        }
        // Another try follows with probability 1 - 1/typical.
        let per_try = log2(u64::from(typical)) - log2(u64::from(typical - 1));
        let further = self.bits() / per_try.max(1);
        u32::try_from(further).unwrap_or(u32::MAX).saturating_add(1).min(heaviest)
    }

    /// -log2 of a uniform number in (0, 1): exponential with mean 1/ln 2, fixed point.
    fn bits(&mut self) -> u64 {
        (64 << FRACTION) - log2(self.word() | 1)
    }

    /// A standard normal value as its magnitude, fixed point, and whether it is above zero.
    fn normal(&mut self) -> (u64, bool) {
        let word = self.word();
        // The top bit is the side, the others the probability of the tail in (0, 1/2].
        let octaves = (64 << FRACTION) - log2((word & (u64::MAX >> 1)) | 1);
        // Steps of an eighth of an octave from 2^-1 on; beyond 2^-33 the last value stands.
        let steps = (octaves - ONE) << 3;
        let at = ((steps >> FRACTION) as usize).min(NORMAL_BY_TAIL.len() - 2);
        let part = (steps - ((at as u64) << FRACTION)).min(ONE);
        (interpolate(NORMAL_BY_TAIL[at], NORMAL_BY_TAIL[at + 1], part), word >> 63 == 1)
    }
}

const fn interpolate(low: u64, high: u64, part: u64) -> u64 {
    low + (((high - low) as u128 * part as u128) >> FRACTION) as u64
}

fn saturate(word: u128) -> u64 {
    u64::try_from(word).unwrap_or(u64::MAX)
}

/// log2, fixed point; 0 for 0. Exact to about 3·10⁻⁶.
const fn log2(number: u64) -> u64 {
    if number == 0 {
        return 0;
    }
    let whole = number.ilog2();
    // The digits behind the leading one, as a fraction with 63 bits.
    let fraction = (number << (63 - whole)) & (u64::MAX >> 1);
    let at = (fraction >> 55) as usize;
    let part = (fraction >> 23) & (ONE - 1);
    ((whole as u64) << FRACTION) + interpolate(LOG2[at], LOG2[at + 1], part)
}

/// 2 to a fixed-point power, as a whole number; the largest from 64 on.
const fn exp2(exponent: u64) -> u64 {
    let value = exp2_fixed(exponent) >> FRACTION;
    if value > u64::MAX as u128 { u64::MAX } else { value as u64 }
}

/// 2 to a fixed-point power below 94, itself fixed point.
const fn exp2_fixed(exponent: u64) -> u128 {
    let whole = exponent >> FRACTION;
    let whole = if whole > 94 { 94 } else { whole };
    let fraction = exponent & (ONE - 1);
    let at = (fraction >> 24) as usize;
    let part = (fraction & 0xFF_FFFF) << 8;
    (interpolate(EXP2[at], EXP2[at + 1], part) as u128) << whole
}

#[cfg(test)]
mod tests;
