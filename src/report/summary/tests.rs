use super::*;
use crate::report::tests::{broken, certification, held, outcome};

#[test]
fn the_summary_says_what_broke_first() {
    let certification = certification(vec![
        outcome("duplicates/customers", vec![held(1)]),
        outcome("lost/answers", vec![broken(1207)]),
    ]);
    insta::with_settings!({filters => vec![(r"plimsoll \d+\.\d+\.\d+", "plimsoll [version]")]}, {
        insta::assert_snapshot!(markdown(&certification));
    });
}

#[test]
fn a_hundred_broken_scenarios_fit_forty_lines() {
    let outcomes = (0..100).map(|number| {
        let mut run = broken(number);
        run.weather[0].took_effect = 0;
        outcome(&format!("s{number}"), vec![run])
    });
    let text = markdown(&certification(outcomes.collect()));
    assert!(text.lines().count() <= LINES_MAX, "{}\n{text}", text.lines().count());
    assert!(text.contains("and 87 more scenarios, in report.json"), "{text}");
}
