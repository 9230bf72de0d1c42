use crate::cli::exit::Exit;
use crate::cli::tests::{MadeUp, Scratch, command};

#[test]
fn a_scenario_needs_its_seed() {
    let (exit, _, err) = command(&MadeUp::holding(), "plimsoll replay scenarios/lost/answers.toml");
    assert_eq!(exit, Exit::Refused);
    assert!(err.contains("plimsoll replay scenarios/lost/answers.toml --seed S"), "{err}");
}

#[test]
fn what_is_no_case_is_refused_with_what_a_case_is() {
    let scratch = Scratch::new("no-case");
    let path = scratch.0.join("case.json");
    for text in
        ["", "{}", r#"{"plimsoll": 2, "scenario": "a", "seed": 1, "fidelity": "typed", "trace_hash": ""}"#]
    {
        std::fs::write(&path, text).unwrap();
        let (exit, _, err) = command(&MadeUp::holding(), &format!("plimsoll replay {}", path.display()));
        assert_eq!(exit, Exit::Refused, "{text}");
        assert!(err.contains("is not a case that this program can replay"), "{err}");
    }
}

#[test]
fn a_case_takes_no_seed_beside_its_own() {
    let (exit, _, err) = command(&MadeUp::holding(), "plimsoll replay case.json --seed 7");
    assert_eq!(exit, Exit::Refused);
    assert!(err.contains("a case states its own seed"), "{err}");
}
