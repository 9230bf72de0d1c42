//! From habits and shares to what drawn buyers do after the purchase.

use super::super::file::afterwards::AfterPurchase as Keys;
use super::super::{AfterPurchase, Latency};
use super::faults;
use crate::domain::Duration;
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::{grammar, load};

/// Source: traits.md §3, column M: cancellations, changes of address, returns by value and their kinds, the lag
/// of returns (median 11 d, p95 35 d, hence p99 56 d; 7 % within the hour), cards sold. Without a source, so
/// assumed: the spread of changes of address, fees, goodwill, goods that are not put back, refunds that fail.
fn mid_size() -> AfterPurchase {
    AfterPurchase {
        cancelled_ppm: 18_000,
        cancelled_within: Duration::from_hours(24),
        readdressed_ppm: 12_000,
        readdressed: Latency { median: Duration::from_mins(9), p99: Duration::from_hours(6) },
        returned_ppm: 190_000,
        return_lag: Latency { median: Duration::from_hours(11 * 24), p99: Duration::from_hours(56 * 24) },
        at_once_ppm: 70_000,
        exchanged_ppm: 60_000,
        store_credit_ppm: 120_000,
        partial_ppm: 350_000,
        shipping_only_ppm: 30_000,
        fee_ppm: 50_000,
        fee_share_ppm: 100_000,
        goodwill_ppm: 20_000,
        not_restocked_ppm: 100_000,
        refund_fails_ppm: 1_000,
        gift_card_ppm: 15_000,
    }
}

/// Source: traits.md §3, column L, with the same assumptions.
fn large() -> AfterPurchase {
    AfterPurchase { cancelled_ppm: 22_000, returned_ppm: 240_000, exchanged_ppm: 170_000, ..mid_size() }
}

/// `None` if the file does not say that anything happens after the purchase.
pub(super) fn after_purchase(
    sources: &Sources,
    written: Option<&Placed<Keys>>,
) -> Result<Option<AfterPurchase>, Refused> {
    let Some(written) = written else { return Ok(None) };
    let keys = written.get();
    let mut habits = match &keys.habits {
        None => mid_size(),
        Some(name) => [mid_size(), large()][load::choice(sources, name, &["mid-size", "large"])?].clone(),
    };
    for (slot, text) in [
        (&mut habits.cancelled_ppm, &keys.cancelled),
        (&mut habits.readdressed_ppm, &keys.addresses_changed),
        (&mut habits.returned_ppm, &keys.returned),
        (&mut habits.exchanged_ppm, &keys.exchanged),
        (&mut habits.store_credit_ppm, &keys.store_credit),
        (&mut habits.partial_ppm, &keys.partial),
        (&mut habits.shipping_only_ppm, &keys.shipping_only),
        (&mut habits.fee_ppm, &keys.restocking_fee),
        (&mut habits.fee_share_ppm, &keys.fee_share),
        (&mut habits.goodwill_ppm, &keys.goodwill),
        (&mut habits.not_restocked_ppm, &keys.not_restocked),
        (&mut habits.refund_fails_ppm, &keys.refunds_fail),
        (&mut habits.gift_card_ppm, &keys.gift_cards_sold),
    ] {
        if let Some(text) = text {
            *slot = sources.read(text, grammar::share)?;
        }
    }
    if let Some(text) = &keys.cancelled_within {
        habits.cancelled_within = sources.read(text, grammar::positive_duration)?;
    }
    for (slot, text) in
        [(&mut habits.readdressed, &keys.address_change), (&mut habits.return_lag, &keys.return_lag)]
    {
        if let Some(text) = text {
            *slot = faults::latency_of(sources, text)?;
        }
    }
    if let Some(text) = &keys.sooner {
        let percent = u64::from(sources.read(text, grammar::factor)?);
        for length in [&mut habits.return_lag.median, &mut habits.return_lag.p99] {
            *length = Duration::from_nanos(length.nanos() / percent * 100);
        }
    }
    let kinds = habits.exchanged_ppm + habits.store_credit_ppm + habits.shipping_only_ppm;
    if kinds > 1_000_000 {
        return Err(sources
            .error(
                written.span(),
                "over-100-percent",
                "exchanges, store credit and refunds of the delivery alone are over 100 % of the returns",
            )
            .remedy("lower one of them: the rest is paid back by the tender that paid"));
    }
    Ok(Some(habits))
}
