//! A scenario with what it builds on: read whole, or refused with its place. Files stand one after the other, with a
//! zero byte between them: the scenario, then what every path unknown to this target holds.

#![no_main]

use std::io;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use plimsoll::policy::Policy;
use plimsoll::scenario::Scenario;
use plimsoll::scenario::load::LoadOptions;

const FILES: [(&str, &str); 4] = [
    ("shops/harbour.toml", include_str!("../../scenarios/shops/harbour.toml")),
    ("shops/harbour-settles.toml", include_str!("../../scenarios/shops/harbour-settles.toml")),
    ("policies/harbour.toml", include_str!("../../scenarios/policies/harbour.toml")),
    ("policies/harbour-settles.toml", include_str!("../../scenarios/policies/harbour-settles.toml")),
];

fuzz_target!(|data: &[u8]| {
    let cut = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (scenario, other) = (&data[..cut], data.get(cut + 1..).unwrap_or(&[]));
    let read = |path: &Path| -> io::Result<Vec<u8>> {
        if path.ends_with("try/fuzzed.toml") {
            return Ok(scenario.to_vec());
        }
        let known = FILES.iter().find(|(name, _)| path.ends_with(name));
        Ok(known.map_or(other, |(_, text)| text.as_bytes()).to_vec())
    };
    let path = Path::new("scenarios/try/fuzzed.toml");
    if let Err(error) = Scenario::load_with(path, LoadOptions::default(), &read) {
        assert!(!error.to_string().is_empty());
    }
    if let Ok(text) = std::str::from_utf8(other)
        && let Err(error) = Policy::parse("policy.toml", text)
    {
        assert!(!error.to_string().is_empty());
    }
});
