use crate::cli::exit::Exit;
use crate::cli::tests::{MadeUp, command};
use crate::report::tests::broken;

#[test]
fn the_naive_connectors_harm_is_named_and_ours_ties_out() {
    let (exit, out, _) = command(&MadeUp::holding(), "plimsoll try");
    assert_eq!(exit, Exit::Held);
    insta::assert_snapshot!(out);
}

#[test]
fn an_engine_that_breaks_is_shown_as_such() {
    let simulator = MadeUp::new(|_, seed| Ok(broken(seed)));
    let (exit, out, _) = command(&simulator, "plimsoll try --seed 9");
    assert_eq!(exit, Exit::Broken);
    assert!(out.contains("replay    plimsoll try --seed 9"), "{out}");
}

#[test]
fn json_holds_both_runs() {
    let (_, out, _) = command(&MadeUp::holding(), "plimsoll try --json");
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&document["naive"]["verdict"], &document["engine"]["verdict"]),
        (&"broken".into(), &"held".into())
    );
}
