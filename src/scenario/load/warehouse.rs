//! From short strings to the warehouse.

use jiff::civil;

use super::super::file::afterwards::Warehouse as Keys;
use super::super::warehouse::{Warehouse, Waves};
use super::super::{Latency, Profile};
use super::{Clock, faults};
use crate::domain::{Duration, InternalId};
use crate::policy::document::{Placed, Refused, Sources};
use crate::policy::grammar::{self, Misread, Moment};

/// `None` if the file has no warehouse.
///
/// What it does not say is an assumption: pick lists each half hour of a long shift, parcels two hours later, a
/// lock that others see within seconds.
pub(super) fn warehouse(
    sources: &Sources,
    clock: &Clock,
    profile: &Profile,
    written: Option<&Placed<Keys>>,
) -> Result<Option<Warehouse>, Refused> {
    let Some(written) = written else { return Ok(None) };
    let keys = written.get();
    let share = |text: &Option<Placed<String>>| match text {
        Some(text) => sources.read(text, grammar::share),
        None => Ok(0),
    };
    let (every, from, to) = match &keys.waves {
        Some(text) => sources.read(text, waves)?,
        None => (Duration::from_mins(30), civil::time(6, 0, 0, 0), civil::time(20, 0, 0, 0)),
    };
    let latency = |text: &Option<super::super::file::LatencyText>, default: Latency| match text {
        Some(text) => faults::latency_of(sources, text),
        None => Ok(default),
    };
    let minutes =
        |median, p99| Latency { median: Duration::from_mins(median), p99: Duration::from_mins(p99) };
    let seconds =
        |median, p99| Latency { median: Duration::from_secs(median), p99: Duration::from_secs(p99) };
    let mut further_locations = Vec::new();
    for (key, locations) in &keys.locations.0 {
        let at = sources.refer(
            key,
            "subsidiary",
            profile.subsidiaries.iter().map(|subsidiary| subsidiary.key.as_str()),
        )?;
        further_locations.extend(locations.iter().map(|location| (at, InternalId::new(*location))));
    }
    let carriers: Vec<(Box<str>, u32)> =
        keys.carriers.0.iter().map(|(name, weight)| (name.get().as_str().into(), *weight)).collect();
    Ok(Some(Warehouse {
        waves: Waves { every, from, to, zone: clock.zone.clone() },
        picks_for: latency(&keys.picks_for, minutes(120, 480))?,
        lock_delay: latency(&keys.lock_delay, seconds(5, 30))?,
        split_ppm: share(&keys.split)?,
        substituted_ppm: share(&keys.substitutes)?,
        held_ppm: share(&keys.holds)?,
        held_for: match &keys.held_for {
            Some(text) => sources.read(text, grammar::positive_duration)?,
            None => Duration::from_hours(1),
        },
        carriers: match carriers.iter().any(|(_, weight)| *weight > 0) {
            true => carriers,
            false => vec![("DHL".into(), 1)],
        },
        further_locations,
    }))
}

/// `every 30m from 06:00 to 20:00`.
fn waves(text: &str) -> Result<(Duration, civil::Time, civil::Time), Misread> {
    let refuse = || Misread {
        at: 0..text.len(),
        cause: format!("`{text}` does not say when pick lists are printed"),
        remedy: "write interval, first and last time, such as `every 30m from 06:00 to 20:00`".to_owned(),
        code: "not-waves",
    };
    let parts = text
        .strip_prefix("every ")
        .and_then(|rest| rest.split_once(" from "))
        .and_then(|(every, rest)| rest.split_once(" to ").map(|(from, to)| (every, from, to)));
    let (every, from, to) = parts.ok_or_else(refuse)?;
    let time = |text: &str| match grammar::moment(text) {
        Ok(Moment::Clock(time)) => Ok(time),
        _ => Err(refuse()),
    };
    let (every, from, to) =
        (grammar::positive_duration(every).map_err(|_| refuse())?, time(from)?, time(to)?);
    if from > to || every < Duration::from_secs(1) {
        return Err(refuse());
    }
    Ok((every, from, to))
}
