use super::*;
use crate::report::tests::{broken, certification, held, outcome, reader, subject};

#[test]
fn a_run_is_one_document() {
    let mut findings = crate::report::finding::Findings::default();
    let (subject, run) = (subject("lost/answers"), broken(1207));
    findings.add(0, &subject, &run, &reader);
    let effort = outcome("lost/answers", vec![held(1)]).efforts[0];
    let document = RunDocument::new(&subject, &run, &effort, "typed", findings.all());
    insta::with_settings!({filters => vec![(r#""version": "[^"]+""#, r#""version": "[version]""#)]}, {
        insta::assert_snapshot!(text(&document));
    });
}

#[test]
fn the_run_holds_every_promised_key() {
    let effort = Effort::default();
    let document = RunDocument::new(&subject("lost/answers"), &held(7), &effort, "typed", &[]);
    let value: serde_json::Value = serde_json::from_str(&text(&document)).unwrap();
    // The keys of design.md §10, which scripts rely on.
    for key in [
        "plimsoll",
        "scenario",
        "seed",
        "orders",
        "calls",
        "wall_seconds",
        "virtual_seconds",
        "peak_rss_bytes",
        "trace_hash",
        "ledger_hash",
        "invariants",
        "exceptions",
        "lag_seconds",
        "policy_hash",
        "cpu_seconds",
        "promises",
        "expectations",
        "faults",
        "weather",
        "refusals",
        "not_played",
        "load_average",
    ] {
        assert!(value.get(key).is_some(), "{key}");
    }
    assert_eq!(value["lag_seconds"]["orders"]["p50"], 2.25);
    assert_eq!(value["calls"], 3_221);
    assert_eq!(value["exceptions"][0]["at_risk"]["amount"], "42.50");
}

#[test]
fn a_certification_holds_each_run_and_each_finding_once() {
    let certification =
        certification(vec![outcome("a", vec![broken(1), broken(2)]), outcome("b", vec![held(3)])]);
    let value: serde_json::Value =
        serde_json::from_str(&text(&CertificationDocument::new(&certification))).unwrap();
    assert_eq!(value["plimsoll"], 1);
    assert_eq!(value["verdict"], "broken");
    assert_eq!(value["scenarios"][0]["runs"].as_array().unwrap().len(), 2);
    assert_eq!(value["findings"].as_array().unwrap().len(), 2);
    assert_eq!(value["findings"][0]["seeds"], serde_json::json!([1, 2]));
    assert_eq!(value["findings"][1]["line"], 25);
    assert_eq!(value["scenarios"][1]["verdict"], "held");
}
