//! Which version of the API answers.
//!
//! Source: shopify.md §a: quarterly, from 17:00 UTC of the first day, each for at least a year; a retired, unknown or
//! missing version is no error, the oldest supported one answers instead.

use crate::domain::Timestamp;

/// A stable version lives four quarters (shopify.md §a: at least twelve months).
const QUARTERS_SUPPORTED: i64 = 4;
/// The hour of the first day at which a version comes out.
const RELEASE_HOUR: i64 = 17;
/// Of a common civil calendar that counts quarters since year 0.
const QUARTERS_PER_YEAR: i64 = 4;

/// The version that answers a request for `asked`: that one if it is supported at `now`, else the oldest that is.
///
/// `unstable` and the release candidate are always reachable.
pub(super) fn served(asked: &str, now: Timestamp) -> Box<str> {
    let newest = newest_quarter(now);
    let is_supported = |quarter: i64| newest - quarter < QUARTERS_SUPPORTED && quarter <= newest + 1;
    match quarter_of(asked) {
        Some(quarter) if is_supported(quarter) => asked.into(),
        _ if asked == "unstable" => asked.into(),
        _ => name_of(newest - QUARTERS_SUPPORTED + 1).into(),
    }
}

/// Quarters since year 0 of the newest stable version.
fn newest_quarter(now: Timestamp) -> i64 {
    let text = now.minus(crate::domain::Duration::from_hours(RELEASE_HOUR as u64)).to_string();
    let year: i64 = text.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    let month: i64 = text.get(5..7).and_then(|month| month.parse().ok()).unwrap_or(1);
    year * QUARTERS_PER_YEAR + (month - 1) / 3
}

fn quarter_of(version: &str) -> Option<i64> {
    let (year, month) = version.split_once('-')?;
    let first_months = ["01", "04", "07", "10"];
    let quarter = first_months.iter().position(|first| *first == month)?;
    let year: i64 = (year.len() == 4).then(|| year.parse().ok())??;
    Some(year * QUARTERS_PER_YEAR + quarter as i64)
}

fn name_of(quarter: i64) -> String {
    format!(
        "{:04}-{:02}",
        quarter.div_euclid(QUARTERS_PER_YEAR),
        quarter.rem_euclid(QUARTERS_PER_YEAR) * 3 + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_is_not_served_falls_forward_to_the_oldest_that_is() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let november = at("2026-11-23T12:00:00Z");
        for (asked, expected) in [
            ("2026-10", "2026-10"),
            ("2026-01", "2026-01"),
            ("2025-10", "2026-01"),
            ("2019-04", "2026-01"),
            ("2026-05", "2026-01"),
            ("", "2026-01"),
            ("2027-01", "2027-01"),
            ("2027-04", "2026-01"),
            ("unstable", "unstable"),
        ] {
            assert_eq!(&*served(asked, november), expected, "asked for {asked:?}");
        }
        assert_eq!(&*served("2025-10", at("2026-10-01T16:59:59Z")), "2025-10");
        assert_eq!(&*served("2025-10", at("2026-10-01T17:00:00Z")), "2026-01");
    }
}
