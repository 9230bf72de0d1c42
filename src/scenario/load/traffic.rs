//! From habits, curves and overrides to drawn traffic.

use super::super::file::traffic::Orders;
use super::super::{DrawnTraffic, Profile, Spike};
use super::Clock;
use crate::domain::Duration;
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::{grammar, load};

/// Orders by local hour, in tenths of a percent.
///
/// Source: traits.md §2; `olist` and `ukb2b` are measured, the others assumptions calibrated to published
/// hours.
const CURVES: [(&str, [u32; 24]); 6] = [
    ("normal", [16, 9, 6, 5, 5, 9, 19, 32, 44, 52, 56, 58, 61, 57, 53, 52, 54, 57, 60, 66, 74, 72, 52, 31]),
    ("bf", [52, 36, 26, 22, 22, 26, 34, 44, 52, 56, 60, 63, 61, 54, 50, 48, 46, 44, 43, 43, 41, 34, 25, 18]),
    ("cybmon", [22, 14, 9, 7, 7, 10, 19, 30, 38, 42, 45, 47, 50, 48, 46, 46, 48, 52, 60, 72, 86, 88, 70, 44]),
    ("olist", [24, 12, 5, 3, 2, 2, 4, 12, 30, 51, 64, 70, 60, 69, 67, 60, 65, 62, 55, 59, 62, 64, 56, 42]),
    ("ukb2b", [0, 0, 0, 0, 0, 0, 0, 2, 28, 74, 118, 120, 161, 138, 123, 117, 67, 34, 10, 7, 1, 0, 0, 0]),
    ("drop", [6, 4, 3, 2, 2, 4, 9, 16, 30, 240, 140, 80, 60, 50, 44, 40, 38, 38, 40, 44, 46, 36, 20, 8]),
];

/// The most orders of one run: what a run keeps of an order grows with them.
const TOTAL_MAX: u64 = 100_000_000;

/// What a merchant's shoppers do when the file does not say otherwise.
///
/// Source: traits.md §3, column M, on a peak day where it tells the two apart. Without a source, so assumed:
/// guests, returning buyers, typing errors, the heaviest basket.
fn mid_size() -> DrawnTraffic {
    DrawnTraffic {
        total: 0,
        curve: CURVES[0].1,
        spikes: Vec::new(),
        tenders: Vec::new(),
        lines_typical: 2,
        lines_heaviest: 30,
        units_typical: 1,
        discounted_ppm: 350_000,
        stacked_ppm: 80_000,
        split_tender_ppm: 40_000,
        guest_ppm: 250_000,
        returning_ppm: 400_000,
        b2b_ppm: 15_000,
        typo_ppm: 2_000,
        repeated_sku_ppm: 30_000,
        late_capture_ppm: 50_000,
        capture_delay_median: Duration::from_mins(17),
        edit_ppm: 20_000,
        edit_within: Duration::from_hours(2),
    }
}

/// Source: traits.md §3, column L, with the same assumptions.
fn large() -> DrawnTraffic {
    DrawnTraffic { b2b_ppm: 5_000, edit_ppm: 25_000, lines_heaviest: 60, ..mid_size() }
}

/// `None` if the file draws no orders. `total` of the command line replaces the file's.
pub(super) fn drawn(
    sources: &Sources,
    clock: &Clock,
    profile: &Profile,
    keys: &Orders,
    total: Option<u64>,
) -> Result<Option<DrawnTraffic>, Refused> {
    let Some(written) = &keys.total else { return Ok(None) };
    let mut drawn = match &keys.habits {
        None => mid_size(),
        Some(name) => [mid_size(), large()][load::choice(sources, name, &["mid-size", "large"])?].clone(),
    };
    drawn.total = total.unwrap_or(*written.get());
    if drawn.total > TOTAL_MAX {
        return Err(sources
            .error(
                written.span(),
                "out-of-range",
                format!("{} orders are more than a run can hold", drawn.total),
            )
            .remedy(format!("write at most {TOTAL_MAX}")));
    }
    if let Some(curve) = curve(sources, keys)? {
        drawn.curve = curve;
    }
    drawn.spikes = spikes(sources, clock, keys)?;
    drawn.tenders = tenders(sources, profile, keys)?;
    if profile.shops.iter().all(|shop| shop.weight == 0) {
        return Err(sources
            .error(written.span(), "no-traffic", "every shop has the weight zero, so no order has a shop")
            .remedy("give at least one shop a weight"));
    }
    if let Some(lines) = &keys.lines {
        let (typical, heaviest) = (lines.get().typical, lines.get().heaviest);
        if typical == 0 || heaviest < typical || heaviest > 2_000 {
            return Err(sources
                .error(lines.span(), "out-of-range", "these are no sizes of a basket")
                .remedy("`typical` is 1 or more, `heaviest` from there to 2000"));
        }
        (drawn.lines_typical, drawn.lines_heaviest) = (typical, heaviest);
    }
    if let Some(units) = &keys.units {
        drawn.units_typical = load::at_least_one(sources, units, "units")?;
    }
    shares(sources, keys, &mut drawn)?;
    Ok(Some(drawn))
}

fn shares(sources: &Sources, keys: &Orders, drawn: &mut DrawnTraffic) -> Result<(), Refused> {
    for (slot, text) in [
        (&mut drawn.discounted_ppm, &keys.discounted),
        (&mut drawn.stacked_ppm, &keys.stacked),
        (&mut drawn.split_tender_ppm, &keys.split_tender),
        (&mut drawn.guest_ppm, &keys.guests),
        (&mut drawn.returning_ppm, &keys.returning),
        (&mut drawn.b2b_ppm, &keys.b2b),
        (&mut drawn.typo_ppm, &keys.typos),
        (&mut drawn.repeated_sku_ppm, &keys.repeated_sku),
        (&mut drawn.late_capture_ppm, &keys.late_capture),
        (&mut drawn.edit_ppm, &keys.edited),
    ] {
        if let Some(text) = text {
            *slot = sources.read(text, grammar::share)?;
        }
    }
    for (slot, text) in [
        (&mut drawn.capture_delay_median, &keys.capture_delay),
        (&mut drawn.edit_within, &keys.edited_within),
    ] {
        if let Some(text) = text {
            *slot = sources.read(text, grammar::positive_duration)?;
        }
    }
    let buyers = [(&keys.guests, drawn.guest_ppm), (&keys.b2b, drawn.b2b_ppm)];
    if let Some((text, _)) = buyers.iter().find(|(text, _)| text.is_some())
        && drawn.guest_ppm + drawn.b2b_ppm > 1_000_000
    {
        let place = text.as_ref().expect("found as present").span();
        return Err(sources
            .error(place, "over-100-percent", "guests and companies together are over 100 % of the orders")
            .remedy("lower one of the two"));
    }
    Ok(())
}

fn curve(sources: &Sources, keys: &Orders) -> Result<Option<[u32; 24]>, Refused> {
    if let Some(written) = &keys.curve_weights {
        let weights: Option<[u32; 24]> = written.get().as_slice().try_into().ok();
        let sum = written.get().iter().map(|weight| u64::from(*weight)).sum::<u64>();
        return match weights {
            Some(weights) if sum > 0 && sum <= u64::from(u32::MAX) => Ok(Some(weights)),
            _ => Err(sources
                .error(written.span(), "not-a-curve", "these are no weights of the hours of a day")
                .remedy("write 24 weights, one per local hour from midnight on, not all of them zero")),
        };
    }
    let Some(name) = &keys.curve else { return Ok(None) };
    Ok(Some(CURVES[load::choice(sources, name, &CURVES.map(|(name, _)| name))?].1))
}

fn spikes(sources: &Sources, clock: &Clock, keys: &Orders) -> Result<Vec<Spike>, Refused> {
    let mut spikes = Vec::new();
    let mut sum = 0;
    for text in &keys.spikes {
        let burst = sources.read(text, grammar::burst)?;
        let at = clock.after_start(burst.at);
        sum += burst.share_ppm;
        if at.plus(burst.over) > clock.lasts {
            return Err(sources
                .error(text.span(), "after-the-end", "the burst is not over before traffic ends")
                .remedy(format!("let it end within `lasts`, {} after the start", clock.lasts)));
        }
        if sum > 1_000_000 {
            return Err(sources
                .error(text.span(), "over-100-percent", "the bursts hold more than all orders")
                .remedy("lower their shares: the rest follows the curve"));
        }
        spikes.push(Spike { at, lasts: burst.over, share_ppm: burst.share_ppm });
    }
    Ok(spikes)
}

/// Tenders that are no gateways.
pub(super) const LIABILITY_TENDERS: [&str; 2] = ["gift-card", "store-credit"];

/// Gateways that every shop has a clearing account for, evenly, unless the file says otherwise.
fn tenders(sources: &Sources, profile: &Profile, keys: &Orders) -> Result<Vec<(Box<str>, u32)>, Refused> {
    let everywhere = |name: &str| {
        profile.shops.iter().all(|shop| shop.clearing.iter().any(|(gateway, _)| gateway.as_ref() == name))
    };
    let Some(mix) = &keys.mix else {
        let first = &profile.shops[0].clearing;
        return Ok(first
            .iter()
            .filter(|(name, _)| everywhere(name))
            .map(|(name, _)| (name.clone(), 1))
            .collect());
    };
    let mut tenders = Vec::new();
    for (name, weight) in &mix.get().0 {
        if !LIABILITY_TENDERS.contains(&name.get().as_str()) && !everywhere(name.get()) {
            return Err(unknown_gateway(sources, name, profile));
        }
        tenders.push((name.get().as_str().into(), *weight));
    }
    let sum = tenders.iter().map(|(_, weight)| u64::from(*weight)).sum::<u64>();
    match sum {
        1..=0xFFFF_FFFF => Ok(tenders),
        _ => Err(sources
            .error(mix.span(), "out-of-range", "the weights of the tenders come to nothing")
            .remedy("give at least one tender a weight")),
    }
}

pub(super) fn unknown_gateway(sources: &Sources, name: &Placed<String>, profile: &Profile) -> Refused {
    let known =
        profile.shops.iter().flat_map(|shop| shop.clearing.iter().map(|(gateway, _)| gateway.as_ref()));
    let nearest = crate::policy::document::nearest(name.get(), known.chain(LIABILITY_TENDERS));
    let cause = format!("no clearing account of the gateway `{}` is known", name.get());
    sources.error(name.span(), "unknown-reference", cause).remedy(match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "name it under `clearing` of every shop that takes it".to_owned(),
    })
}

#[cfg(test)]
mod tests;
