//! Times as SuiteQL states them: the reading of a clock, in whole seconds, without its zone.
//!
//! Source: netsuite.md §11.3.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::{BookDate, Timestamp, Zone};

/// `2026-11-23 01:00:00`, kept as seconds since midnight of 1970 by the same clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(i64);

/// The text is not the reading of a clock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time such as `2026-11-23 01:00:00`")]
pub struct NotALocalTime(pub String);

const DAY: i64 = 86_400;

impl LocalTime {
    pub fn of(at: Timestamp, zone: &Zone) -> LocalTime {
        LocalTime(at.seconds() + i64::from(zone.offset_seconds(at)))
    }

    /// The instant of this reading; the later one where an autumn fold repeats it, so that whoever asks whether
    /// something was read after a change errs on the side of reading again.
    pub fn latest(self, zone: &Zone) -> Timestamp {
        let at = |offset: i32| Timestamp::from_seconds(self.0 - i64::from(offset));
        let around = [self.0 - DAY, self.0 + DAY]
            .map(|seconds| at(zone.offset_seconds(Timestamp::from_seconds(seconds))));
        let exact = around.into_iter().filter(|at| LocalTime::of(*at, zone) == self).max();
        exact.unwrap_or(around[0].max(around[1]))
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = i32::try_from(self.0.div_euclid(DAY)).expect("times lie within the years of an instant");
        let second = self.0.rem_euclid(DAY);
        let date = BookDate::from_epoch_days(days);
        write!(f, "{date} {:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
    }
}

impl FromStr for LocalTime {
    type Err = NotALocalTime;

    fn from_str(text: &str) -> Result<LocalTime, NotALocalTime> {
        let read = || -> Option<LocalTime> {
            let (date, time) = text.split_once(' ')?;
            let date: BookDate = date.parse().ok()?;
            let mut parts = time.split(':').map(|part| part.parse::<i64>().ok());
            let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
            let in_range = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
            (in_range && parts.next().is_none())
                .then(|| LocalTime(i64::from(date.epoch_days()) * DAY + hour * 3_600 + minute * 60 + second))
        };
        read().ok_or_else(|| NotALocalTime(text.to_owned()))
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
