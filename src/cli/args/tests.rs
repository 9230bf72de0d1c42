use super::*;

fn parses(line: &str) -> bool {
    Arguments::try_parse_from(line.split_whitespace()).is_ok()
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    for (line, accepted) in [
        ("plimsoll certify", true),
        ("plimsoll certify scenarios/lost scenarios/peak --seeds 200 --fail-fast", true),
        ("plimsoll certify --seed 7", true),
        ("plimsoll --json run a.toml --seed 7 --orders 10 --fidelity bytes --quiet", true),
        ("plimsoll certify --seed 7 --seeds 200", false),
        ("plimsoll certify --full --orders 10", false),
        ("plimsoll run a.toml --orders 0", false),
        ("plimsoll run", false),
        ("plimsoll import a.csv", false),
        ("plimsoll replay a.toml --seed 7", true),
    ] {
        assert_eq!(parses(line), accepted, "{line}");
    }
}

#[test]
fn days_are_one_or_a_range_in_order() {
    assert_eq!(span_of_days("2011-03-27").map(|(first, last)| first == last), Ok(true));
    assert!(span_of_days("2011-03-27..2011-03-28").is_ok());
    assert_eq!(span_of_days("2011-03-28..2011-03-27"), Err("2011-03-28 is after 2011-03-27".into()));
    assert!(span_of_days("yesterday").is_err());
}
