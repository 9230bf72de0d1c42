use super::*;

#[test]
fn only_stable_versions_are_versions() {
    for (text, is_stable) in [
        ("2026-10", true),
        ("2027-01", true),
        ("2026-11", false),
        ("unstable", false),
        ("26-10", false),
        ("2026-10-01", false),
        ("202x-10", false),
    ] {
        assert_eq!(text.parse::<ApiVersion>().is_ok(), is_stable, "{text}");
    }
}

#[test]
fn a_wait_is_read_with_or_without_a_fraction() {
    for (text, wait) in [("2", Some(2)), ("2.0", Some(2)), (" 1.5", Some(2)), ("soon", None), ("-1", None)] {
        assert_eq!(seconds(text), wait.map(Duration::from_secs), "{text}");
    }
}
