//! When drawn orders arrive: the inverse of the cumulative load curve.
//!
//! Arrival `i` of `n` lies where the curve has delivered the share `(i + jitter) / n` of the day, with a jitter
//! keyed by `i`. It is never a sum of gaps: any arrival is known without the others, and moving one moves
//! no other. Not here: what arrives ([`super::world`]).

use super::random::{Domain, draws};
use crate::domain::{Duration, Timestamp, Zone};
use crate::scenario::Spike;

/// A piecewise constant rate of arrivals over the time that a scenario lasts.
#[derive(Debug, Clone)]
pub struct Curve {
    seed: u64,
    arrivals: u64,
    starts: Timestamp,
    /// Where each piece begins and what the curve has delivered by then, in order; the last one is the end.
    knots: Vec<Knot>,
}

#[derive(Debug, Clone, Copy)]
struct Knot {
    /// After the start, in nanoseconds.
    at: u64,
    delivered: u128,
}

/// The share of a spike is stated in these.
const PPM: u128 = 1_000_000;

/// What the whole day comes to, before rounding. Its product with a count of orders in 32-bit fixed point, or
/// with a length of a hundred days, fits into 128 bits.
const WHOLE: u128 = 1 << 62;

impl Curve {
    /// `weights` are orders per local hour of `zone`, in any scale, repeated on each day that the scenario
    /// touches; all zero means evenly. Each spike takes its share out of the day and spreads it evenly over its
    /// length; what reaches beyond the end is cut off.
    ///
    /// `lasts` is at least one nanosecond.
    pub fn new(
        seed: u64,
        arrivals: u64,
        (starts, lasts): (Timestamp, Duration),
        zone: &Zone,
        weights: &[u32; 24],
        spikes: &[Spike],
    ) -> Curve {
        let end = lasts.nanos().max(1);
        let hours = hours(starts, end, zone, weights);
        let bursts: Vec<Burst> = spikes.iter().filter_map(|spike| Burst::within(spike, end)).collect();
        let mut cuts: Vec<u64> = hours.iter().map(|hour| hour.at).collect();
        cuts.extend(bursts.iter().flat_map(|burst| [burst.at, burst.at + burst.length]));
        cuts.push(end);
        cuts.sort_unstable();
        cuts.dedup();

        let burst_ppm: u128 = bursts.iter().map(|burst| u128::from(burst.share_ppm)).sum();
        let hours_ppm = PPM.saturating_sub(burst_ppm);
        let of = (burst_ppm + hours_ppm).max(1);
        let all_hours: u128 = hours.iter().map(|hour| hour.mass(hour.length)).sum();
        let mut delivered = 0;
        let mut knots = vec![Knot { at: 0, delivered }];
        let mut hour = 0;
        for (from, to) in cuts.iter().zip(&cuts[1..]) {
            while hour + 1 < hours.len() && hours[hour + 1].at <= *from {
                hour += 1;
            }
            delivered += WHOLE * hours_ppm / of * hours[hour].mass(to - from) / all_hours.max(1);
            for burst in bursts.iter().filter(|burst| burst.at <= *from && *from < burst.at + burst.length) {
                delivered +=
                    WHOLE * burst.share_ppm as u128 / of * u128::from(to - from) / u128::from(burst.length);
            }
            knots.push(Knot { at: *to, delivered });
        }
        Curve { seed, arrivals, starts, knots }
    }

    /// Orders of the whole day.
    pub fn arrivals(&self) -> u64 {
        self.arrivals
    }

    /// When order `number` of the day arrives, counted from 0; never before an earlier number's arrival.
    ///
    /// # Panics
    /// There is no such order.
    pub fn arrival(&self, number: u64) -> Timestamp {
        assert!(number < self.arrivals, "order {number} of {}", self.arrivals);
        let jitter = draws(self.seed, Domain::Arrival, number, 0, 0).word() >> 32;
        let whole = self.knots.last().map_or(0, |end| end.delivered);
        let part = (u128::from(number) << 32) | u128::from(jitter);
        self.instant_of(whole * part / (u128::from(self.arrivals) << 32))
    }

    fn instant_of(&self, delivered: u128) -> Timestamp {
        let after = self.knots.partition_point(|knot| knot.delivered <= delivered);
        let after = after.clamp(1, self.knots.len() - 1);
        let (from, to) = (self.knots[after - 1], self.knots[after]);
        // Rounded down within the piece, so the end of the day itself is never reached.
        let into = u128::from(to.at - from.at) * (delivered - from.delivered)
            / (to.delivered - from.delivered).max(1);
        self.starts.plus(Duration::from_nanos(from.at + into as u64))
    }
}

/// An hour of the local clock, or what of it the scenario touches.
struct Hour {
    at: u64,
    length: u64,
    weight: u32,
}

impl Hour {
    /// Length times weight. The length counts in units of 65 microseconds, which keeps its product with
    /// [`WHOLE`] within 128 bits.
    fn mass(&self, length: u64) -> u128 {
        (u128::from(length) * u128::from(self.weight)) >> 16
    }
}

const NANOS_PER_SECOND: u64 = 1_000_000_000;
const NANOS_PER_HOUR: u64 = 3_600 * NANOS_PER_SECOND;

/// The local hours between the start and the end. A change of the clock repeats an hour or leaves one out.
fn hours(starts: Timestamp, end: u64, zone: &Zone, weights: &[u32; 24]) -> Vec<Hour> {
    let even = weights.iter().all(|weight| *weight == 0);
    let mut hours = Vec::new();
    let mut at = 0;
    while at < end {
        let instant = starts.plus(Duration::from_nanos(at));
        let offset = i64::from(zone.offset_seconds(instant)) * NANOS_PER_SECOND as i64;
        let local = i128::from(instant.nanos()) + i128::from(offset);
        let of_day = local.rem_euclid(24 * i128::from(NANOS_PER_HOUR)) as u64;
        let left = NANOS_PER_HOUR - of_day % NANOS_PER_HOUR;
        let hour = (of_day / NANOS_PER_HOUR) as usize;
        let weight = if even { 1 } else { weights[hour] };
        hours.push(Hour { at, length: left.min(end - at), weight });
        at += left;
    }
    hours
}

struct Burst {
    at: u64,
    length: u64,
    share_ppm: u32,
}

impl Burst {
    /// `None` for a spike after the end.
    fn within(spike: &Spike, end: u64) -> Option<Burst> {
        let at = spike.at.nanos();
        let left = end.checked_sub(at).filter(|left| *left > 0)?;
        Some(Burst { at, length: spike.lasts.nanos().clamp(1, left), share_ppm: spike.share_ppm })
    }
}

#[cfg(test)]
mod tests;
