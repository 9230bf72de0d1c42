use crate::cli::exit::Exit;
use crate::cli::tests::{MadeUp, command};
use crate::report::tests::held;

#[test]
fn a_run_is_told_on_one_page() {
    let (exit, out, err) = command(&MadeUp::holding(), "plimsoll run scenarios/lost/answers.toml");
    assert_eq!(exit, Exit::Held);
    let filters = vec![(r"simulated in .*", "simulated in [machine]")];
    insta::with_settings!({filters => filters}, { insta::assert_snapshot!(out) });
    assert!(err.starts_with("plimsoll ") && err.contains("lost/answers, seed 1, typed calls"), "{err}");
}

#[test]
fn a_run_draws_the_orders_that_were_asked_for_and_its_replay_says_so() {
    let simulator = MadeUp::holding();
    let (_, out, _) =
        command(&simulator, "plimsoll run scenarios/lost/answers.toml --orders 40 --seed 9 --json --quiet");
    assert_eq!(*simulator.ran.borrow(), [("lost/answers".to_owned(), 9, 40)]);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["replay"], "plimsoll replay scenarios/lost/answers.toml --seed 9 --orders 40");
}

#[test]
fn a_run_in_which_something_was_never_exercised_names_it() {
    let simulator = MadeUp::new(|_, seed| {
        let mut run = held(seed);
        run.promises[0].held = None;
        Ok(run)
    });
    let (exit, out, _) = command(&simulator, "plimsoll run scenarios/lost/answers.toml");
    assert_eq!(exit, Exit::Inconclusive);
    assert!(out.ends_with("nothing broke, but the promise `lag-max` was never measured\n"), "{out}");
}

#[test]
fn a_wrong_file_is_shown_with_its_place() {
    let (exit, out, err) = command(&MadeUp::holding(), "plimsoll run scenarios/shops/harbour.toml");
    assert_eq!((exit, out.as_str()), (Exit::Refused, ""));
    assert!(err.contains("scenarios/shops/harbour.toml"), "{err}");
}
