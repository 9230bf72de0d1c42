//! The table of attacks, and that each has its tests.
//!
//! A test of an attack begins with the attack's number: `w7_…` wherever it stands, here, among the tests of the intake
//! and of the real transports, or beside the code. Here are those that need no house of their own.

mod amounts;
mod json;
mod outbound;
mod text;

use std::path::Path;

/// Numbers, and what each attack is. The console's (C1 to C11) and those on files of configuration (K2, K3) stand with
/// the console and the configuration.
const ATTACKS: [(&str, &str); 33] = [
    ("w1", "signatures that are missing, malformed or wrong"),
    ("w2", "the secret before, while it is being changed"),
    ("w3", "a right body under a false shop, topic or time"),
    ("w4", "a replay, minutes or months later"),
    ("w5", "one id, two bodies"),
    ("w6", "one event twice, and older versions late"),
    ("w7", "bodies too large, without end, or of two lengths"),
    ("w8", "peers that are slow, idle or too many"),
    ("w9", "floods of genuine deliveries and of forgeries"),
    ("w10", "a store that is full, locked or broken"),
    ("w11", "wrong path, verb and type; unknown topic, version and shop"),
    ("w12", "what privacy law asks for: forged, unknown, twice"),
    ("w13", "the process is killed between commit and answer"),
    ("j1", "nesting"),
    ("j2", "bodies that grow in memory"),
    ("j3", "amounts that are floats, huge or no numbers"),
    ("j4", "a key twice, in another case, in letters that look alike"),
    ("j5", "text that is no text"),
    ("j6", "ids beyond a float"),
    ("t1", "names that mislead or do not fit"),
    ("t2", "SKUs that are nearly the same"),
    ("m1", "amounts at the end of their range"),
    ("m2", "orders of nothing, refunds of more than was paid"),
    ("m3", "currencies of 0, 2 and 3 digits, and unknown ones"),
    ("m4", "shares of a penny"),
    ("m5", "payouts with everything in them"),
    ("d1", "clocks that jump, days that are missing"),
    ("d2", "events of 1970, of 9999, and a clock that is set"),
    ("q1", "values that would change a statement"),
    ("q2", "ids that would change a path"),
    ("q3", "values that would change a GraphQL document"),
    ("q4", "hostile answers"),
    ("q5", "keys used again, answers lost"),
];

/// Of secrets and stores; the rest of K stands with the configuration.
const KEPT: [(&str, &str); 2] = [
    ("k1", "secrets in anything that is shown or kept"),
    ("k4", "a store of another program, or of another time"),
];

#[test]
fn every_attack_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = Vec::new();
    for folder in ["src", "mocks", "tests"] {
        collect(&root.join(folder), &mut tests);
    }
    assert!(tests.len() > 500, "the sources were not found: {} tests", tests.len());
    for (number, what) in ATTACKS.iter().chain(&KEPT) {
        let prefix = format!("{number}_");
        assert!(tests.iter().any(|test| test.starts_with(&prefix)), "{number} ({what}) has no test");
    }
    let known =
        |test: &str| ATTACKS.iter().chain(&KEPT).any(|(number, _)| test.starts_with(&format!("{number}_")));
    let numbered = |test: &&String| {
        let (letter, rest) = test.split_at(1);
        let digits = rest.split('_').next().unwrap_or("");
        "wjtmdqk".contains(letter) && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    // Of files of configuration, which have a table of their own.
    let elsewhere = |test: &str| test.starts_with("k2_") || test.starts_with("k3_");
    for test in tests.iter().filter(numbered) {
        assert!(known(test) || elsewhere(test), "{test} names no attack");
    }
}

/// Names of functions that are tests: the line behind `#[test]`, attributes aside.
fn collect(path: &Path, tests: &mut Vec<String>) {
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| collect(&entry.unwrap().path(), tests));
        return;
    }
    if path.extension().is_none_or(|extension| extension != "rs") {
        return;
    }
    let text = std::fs::read_to_string(path).unwrap();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        is_test |= line == "#[test]";
        if let Some(name) = line.strip_prefix("fn ").filter(|_| is_test) {
            tests.extend(name.split('(').next().map(str::to_owned));
            is_test = false;
        }
    }
}
