use super::*;
use crate::report::tests::{broken, certification, held, outcome};

#[test]
fn every_scenario_is_a_row_and_its_verdict_comes_last() {
    let mut unmeasured = held(1);
    unmeasured.weather[0].took_effect = 0;
    let mut load = outcome("peak/million", vec![held(3)]);
    load.subject.share = Some((10_000, 1_000_000));
    let certification = certification(vec![
        outcome("lost/answers", vec![held(1), broken(1207)]),
        outcome("lost/webhooks", vec![unmeasured]),
        load,
    ]);
    insta::assert_snapshot!(super::certification(&certification, Ink::PLAIN));
}

#[test]
fn columns_are_aligned_by_characters_not_bytes() {
    let rows = [vec!["Zoë".to_owned(), "1".to_owned()], vec!["Al".to_owned(), "20".to_owned()]];
    let lines = columns(&[("name", Align::Left), ("n", Align::Right)], &rows);
    assert_eq!(lines, ["name   n", "Zoë    1", "Al    20"]);
}

#[test]
fn colour_changes_no_letter() {
    let certification = certification(vec![outcome("lost/answers", vec![broken(7)])]);
    let coloured = super::certification(&certification, Ink { coloured: true });
    assert!(coloured.contains("\x1b[31;1m✗ BROKEN\x1b[0m"), "{coloured}");
}
