//! A recorded day, read back into events at its own local times.
//!
//! Lives here: the file, and what of it is not played. One order or refund is in [`event`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::file::traffic::Recorded;
use super::super::recording::{self, Entry, RecordedBuyer, RecordedOrder, RecordedReturn};
use super::super::{Profile, RecordedTraffic};
use super::traffic::LIABILITY_TENDERS;
use super::{Clock, missing_file};
use crate::domain::{Money, MoneyError, Zone};
use crate::policy::document::{Reader, Refused, Sources};

mod event;

use event::Day;

pub(super) fn recorded(
    sources: &Sources,
    clock: &Clock,
    profile: &Profile,
    keys: &Recorded,
    reader: Reader<'_>,
) -> Result<RecordedTraffic, Refused> {
    let shop_at = sources.refer(&keys.shop, "shop", profile.shops.iter().map(|shop| shop.key.as_str()))?;
    let shop = &profile.shops[shop_at];
    let path = sources.beside(&keys.file);
    let bytes =
        reader(&path).map_err(|error| missing_file(sources, &keys.file, &path, &error.to_string()))?;
    let refuse = |cause: String| {
        sources.error(keys.file.span(), "bad-recording", format!("`{}`: {cause}", path.display())).remedy(
            "import the day again with `plimsoll import`, or record it again with `plimsoll serve --record`",
        )
    };
    let recording = recording::read(&bytes).map_err(|error| refuse(error.to_string()))?;
    for gateway in gateways(&recording.entries) {
        let known = shop.clearing.iter().any(|(known, _)| known.as_ref() == gateway);
        if !(known || LIABILITY_TENDERS.contains(&gateway)) {
            let cause = format!("shop `{}` has no clearing account for `{gateway}`", shop.key);
            return Err(sources
                .error(keys.shop.span(), "unknown-reference", cause)
                .remedy("recorded orders are paid by it: name an account for it under `clearing`"));
        }
    }
    let zone = Zone::named(&recording.zone).map_err(|error| refuse(error.to_string()))?;
    let day = Day { clock, profile, shop, zone: &zone };
    let mut orders = Vec::with_capacity(recording.entries.len());
    let (mut not_played, mut returns) = (Vec::new(), Vec::new());
    for entry in recording.entries {
        match entry {
            Entry::Order(order) => orders.push(day.placed(order).map_err(&refuse)?),
            Entry::Return(back) => returns.push(back),
            Entry::Carried { kind, lines, sum } => {
                let sum = sum.parse().map_err(|error: rust_decimal::Error| refuse(error.to_string()))?;
                let sum =
                    Money::round_half_up(sum, shop.currency).map_err(|error| refuse(error.to_string()))?;
                left_out(&mut not_played, &kind, lines, sum).map_err(|error| refuse(error.to_string()))?;
            }
            Entry::Left { kind, sum, .. } => {
                let sum = Money::parse(&sum, shop.currency).map_err(|error| refuse(error.to_string()))?;
                left_out(&mut not_played, &kind, 1, sum).map_err(|error| refuse(error.to_string()))?;
            }
        }
    }
    let returned = returns.iter().map(|back| day.returned(&orders, back));
    let returned = returned.collect::<Result<Vec<_>, String>>().map_err(&refuse)?;
    orders.extend(returned);
    orders.sort_by_key(|event| event.at);
    Ok(RecordedTraffic { orders: Arc::new(orders), not_played })
}

/// Adds to what is not played of a kind.
fn left_out(
    not_played: &mut Vec<(Box<str>, u64, Money)>,
    kind: &str,
    lines: u64,
    sum: Money,
) -> Result<(), MoneyError> {
    match not_played.iter_mut().find(|(known, ..)| **known == *kind) {
        None => not_played.push((kind.into(), lines, sum)),
        Some((_, count, whole)) => {
            *count += lines;
            *whole = whole.checked_add(sum)?;
        }
    }
    Ok(())
}

/// Every tender that the file names or means.
fn gateways(entries: &[Entry]) -> BTreeSet<&str> {
    let mut named = BTreeSet::new();
    for entry in entries {
        let payments = match entry {
            Entry::Order(RecordedOrder { payments: None, buyer, .. }) => {
                named.insert(usual_gateway(buyer));
                continue;
            }
            Entry::Order(RecordedOrder { payments, .. }) | Entry::Return(RecordedReturn { payments, .. }) => {
                payments
            }
            Entry::Carried { .. } | Entry::Left { .. } => continue,
        };
        named.extend(payments.iter().flatten().map(|payment| payment.gateway.as_str()));
    }
    named
}

/// By which a buyer pays where the file does not say it.
const fn usual_gateway(buyer: &RecordedBuyer) -> &'static str {
    match buyer {
        RecordedBuyer::Guest | RecordedBuyer::Customer(_) => recording::RETAIL_GATEWAY,
        RecordedBuyer::Company(_) => recording::WHOLESALE_GATEWAY,
    }
}
