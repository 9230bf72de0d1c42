use crate::cli::exit::Exit;
use crate::cli::tests::{MadeUp, Scratch, command};
use crate::report::tests::{broken, held};

#[test]
fn a_certification_ends_with_its_verdict_and_says_how_to_replay() {
    let simulator = MadeUp::new(|scenario, seed| {
        Ok(if &*scenario.name == "lost/answers" { broken(seed) } else { held(seed) })
    });
    let (exit, out, err) = command(&simulator, "plimsoll certify scenarios/lost");
    assert_eq!(exit, Exit::Broken);
    insta::assert_snapshot!(out);
    assert!(err.contains("✗ lost/answers seed 1: orders-complete: 2 of 300 checks broke"), "{err}");
}

#[test]
fn what_holds_exits_with_zero_and_what_was_not_exercised_with_four_unless_allowed() {
    assert_eq!(command(&MadeUp::holding(), "plimsoll certify scenarios/lost").0, Exit::Held);
    let unmeasured = || {
        MadeUp::new(|_, seed| {
            let mut run = held(seed);
            run.weather[0].took_effect = 0;
            Ok(run)
        })
    };
    let (exit, out, _) = command(&unmeasured(), "plimsoll certify scenarios/lost/webhooks.toml");
    assert_eq!(exit, Exit::Inconclusive);
    assert!(out.contains("lost/webhooks: the weather `09:30 answers are lost` never took effect"), "{out}");
    let line = "plimsoll certify scenarios/lost/webhooks.toml --allow-inconclusive";
    assert_eq!(command(&unmeasured(), line).0, Exit::Held);
}

#[test]
fn weather_counts_over_all_seeds() {
    let simulator = MadeUp::new(|_, seed| {
        let mut run = held(seed);
        run.weather[0].took_effect = seed % 2;
        Ok(run)
    });
    assert_eq!(command(&simulator, "plimsoll certify scenarios/lost/answers.toml --seeds 2").0, Exit::Held);
}

#[test]
fn load_scenarios_run_at_one_percent_unless_in_full() {
    for (flags, orders) in [("", 10_000), (" --full", 1_000_000), (" --orders 500", 500)] {
        let simulator = MadeUp::holding();
        let line = format!("plimsoll certify scenarios/peak/million.toml --seed 3{flags}");
        let (_, _, err) = command(&simulator, &line);
        assert_eq!(*simulator.ran.borrow(), [("peak/million".to_owned(), 3, orders)], "{flags}");
        assert_eq!(err.contains("1 % of its orders, 10,000 of 1,000,000"), flags.is_empty(), "{err}");
    }
}

#[test]
fn fail_fast_stops_at_the_first_broken_seed() {
    let simulator = MadeUp::new(|_, seed| Ok(broken(seed)));
    let (exit, out, _) = command(&simulator, "plimsoll certify scenarios/lost --fail-fast");
    assert_eq!((exit, simulator.ran.borrow().len()), (Exit::Broken, 1));
    assert!(out.contains("PARTIAL") && out.contains("not run: "), "{out}");
}

#[test]
fn a_simulation_that_fails_is_our_fault_and_what_ran_is_still_told() {
    let simulator =
        MadeUp::new(|_, seed| if seed == 1 { Ok(held(seed)) } else { Err("lost its place".into()) });
    let (exit, out, _) = command(&simulator, "plimsoll certify scenarios/lost/answers.toml");
    assert_eq!(exit, Exit::Failed);
    assert!(out.contains("1 of 2"), "{out}");
    assert!(
        out.ends_with("✗ FAILED   the run of lost/answers with seed 1207 failed: lost its place\n"),
        "{out}"
    );
}

#[test]
fn json_is_all_there_is_on_stdout() {
    let (exit, out, err) = command(&MadeUp::holding(), "plimsoll certify scenarios/lost --json --quiet");
    assert_eq!((exit, err.as_str()), (Exit::Held, ""));
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&document["document"], &document["verdict"]), (&"certification".into(), &"held".into()));
}

#[test]
fn an_unwritable_folder_is_refused_before_anything_runs() {
    let simulator = MadeUp::holding();
    let (exit, _, err) = command(&simulator, "plimsoll certify scenarios/lost --out Cargo.toml");
    assert_eq!((exit, simulator.ran.borrow().len()), (Exit::Refused, 0));
    assert!(err.contains("`Cargo.toml` cannot be written"), "{err}");
}

#[test]
fn a_case_that_was_written_replays_and_another_trace_is_told_apart() {
    let scratch = Scratch::new("case");
    let out_folder = scratch.0.display();
    let simulator = MadeUp::new(|_, seed| Ok(broken(seed)));
    let line = format!("plimsoll certify scenarios/lost/answers.toml --seed 1207 --out {out_folder}");
    let (_, out, _) = command(&simulator, &line);
    let case = format!("{out_folder}/cases/lost-answers-1207.json");
    assert!(out.contains(&format!("plimsoll replay {case}")), "{out}");
    let (exit, _, err) = command(&simulator, &format!("plimsoll replay {case}"));
    assert_eq!(exit, Exit::Broken);
    assert!(err.contains("✓ the same run"), "{err}");
    let other = MadeUp::new(|_, seed| {
        let mut run = broken(seed);
        run.trace_hash = "0".repeat(32);
        Ok(run)
    });
    let (exit, _, err) = command(&other, &format!("plimsoll replay {case}"));
    assert_eq!(exit, Exit::NotDeterministic);
    assert!(err.contains("✗ NOT THE SAME RUN"), "{err}");
}
