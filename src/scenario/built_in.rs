//! The scenario that the program carries with it, so that `try` needs no files.

use std::io;
use std::path::Path;

use super::Scenario;
use super::load::LoadOptions;
use crate::domain::Timestamp;

const BAD_FRIDAY: &str = "scenarios/try/bad-friday.toml";

const HARBOUR_POLICY: &str = include_str!("../../scenarios/policies/harbour.toml");

/// Not among the scenarios that are certified: it claims nothing.
const QUIET_TEXT: &str = r#"
plimsoll = 1
use = ["../shops/harbour.toml"]
faults = "none"

[scenario]
title = "Quiet shops"

[run]
starts = "2026-11-02T00:00:00[Europe/London]"
lasts = "720h"
settle = "6h"
seeds = { pinned = [1], sweep = 0 }

[traffic.orders]
total = 720
"#;

/// The scenario and what it builds on, by the end of the path that names each.
const FILES: [(&str, &str); 4] = [
    ("try/bad-friday.toml", include_str!("../../scenarios/try/bad-friday.toml")),
    ("shops/harbour.toml", include_str!("../../scenarios/shops/harbour.toml")),
    ("policies/harbour.toml", HARBOUR_POLICY),
    ("try/quiet.toml", QUIET_TEXT),
];

/// A Black Friday at Harbour: 200 orders, lost and doubled webhooks, lost answers, a deleted subscription.
pub fn bad_friday() -> Scenario {
    Scenario::load_with(Path::new(BAD_FRIDAY), LoadOptions::default(), &from_memory)
        .expect("the built-in scenario is valid, as its test shows")
}

const QUIET: &str = "scenarios/try/quiet.toml";

/// Three shops, in which somebody buys about once an hour and nothing goes wrong, from that instant on.
///
/// The text of the policy comes with it.
pub fn quiet(starts: Timestamp) -> (Scenario, &'static str) {
    let mut scenario = Scenario::load_with(Path::new(QUIET), LoadOptions::default(), &from_memory)
        .expect("the built-in scenario is valid, as its test shows");
    scenario.starts = starts;
    (scenario, HARBOUR_POLICY)
}

fn from_memory(path: &Path) -> io::Result<Vec<u8>> {
    let known = FILES.iter().find(|(name, _)| path.ends_with(name));
    known.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests;
